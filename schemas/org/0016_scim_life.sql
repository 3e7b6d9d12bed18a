-- What the SCIM service still owes to other stores: written in the transaction that
-- decides it, gone when it is done.
CREATE TABLE scim_errand (
    kind     TEXT NOT NULL, -- 'account', 'sign_out', 'link' or 'forget'
    user_id  TEXT NOT NULL, -- about whom
    asked_at INTEGER NOT NULL, -- when it was last asked for
    ip       TEXT, -- from where, for the audit trail; NULL: the object asked by itself
    version  INTEGER NOT NULL, -- grows each time: what is asked for meanwhile is done too
    PRIMARY KEY (kind, user_id)
) STRICT, WITHOUT ROWID;

CREATE INDEX scim_errand_by_age ON scim_errand (kind, asked_at);
