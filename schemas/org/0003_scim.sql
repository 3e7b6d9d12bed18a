-- The organization as a SCIM service provider (RFC 7644).

-- One row at most.
CREATE TABLE scim_config (
    id                INTEGER PRIMARY KEY CHECK (id = 1),
    enabled           INTEGER NOT NULL,
    email_as_username INTEGER NOT NULL,
    link_idp          INTEGER NOT NULL,
    auth              TEXT NOT NULL, -- JSON of scim::config::Auth: hashes, never secrets
    created_at        INTEGER NOT NULL,
    updated_at        INTEGER NOT NULL
) STRICT;

-- The organization's own view of a person, as its directory pushed it.
CREATE TABLE scim_user (
    id               TEXT PRIMARY KEY,
    user_id          TEXT NOT NULL UNIQUE, -- the realm user this is a view of
    stage            TEXT NOT NULL, -- 'provisioning', 'linked' or 'awaiting_consent'
    user_name_folded TEXT NOT NULL UNIQUE,
    external_id      TEXT,
    active           INTEGER NOT NULL,
    document         TEXT NOT NULL, -- JSON: the resource as pushed, without id, meta and secrets
    version          INTEGER NOT NULL,
    created_at       INTEGER NOT NULL,
    updated_at       INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE INDEX scim_user_external_id ON scim_user (external_id);
CREATE INDEX scim_user_by_age ON scim_user (created_at, id);
CREATE INDEX scim_user_provisioning ON scim_user (updated_at) WHERE stage = 'provisioning';

-- Every e-mail address of a pushed resource, to filter by.
CREATE TABLE scim_user_email (
    scim_id TEXT NOT NULL REFERENCES scim_user (id) ON DELETE CASCADE,
    email   TEXT NOT NULL, -- folded to lower case
    kind    TEXT NOT NULL, -- 'work', 'home', ...; folded, empty when not said
    PRIMARY KEY (scim_id, email, kind)
) STRICT, WITHOUT ROWID;

CREATE INDEX scim_user_email_holders ON scim_user_email (email);
