-- Invitations to join the organization. The ticket in the mail is signed, not
-- stored; `version` makes older tickets worthless.
CREATE TABLE invitation (
    id           TEXT PRIMARY KEY,
    email        TEXT NOT NULL, -- folded to lower case
    roles        TEXT NOT NULL, -- JSON, [role name]
    inviter_id   TEXT,
    inviter_name TEXT,
    redirect_uri TEXT,
    attributes   TEXT NOT NULL, -- JSON, name -> [value]
    version      INTEGER NOT NULL,
    created_at   INTEGER NOT NULL,
    expires_at   INTEGER NOT NULL,
    user_id      TEXT,    -- who accepts: fixed when acceptance begins
    accepted_at  INTEGER, -- NULL until accepted
    revoked_at   INTEGER  -- NULL unless revoked
) STRICT, WITHOUT ROWID;

-- One open invitation per address.
CREATE UNIQUE INDEX invitation_open ON invitation (email)
    WHERE accepted_at IS NULL AND revoked_at IS NULL;

CREATE INDEX invitation_by_age ON invitation (created_at, id);
