-- One organization's database. Times are Unix seconds.

-- Exactly one row, once the organization exists.
CREATE TABLE organization (
    id           TEXT PRIMARY KEY,
    realm_id     TEXT NOT NULL,
    name         TEXT NOT NULL,
    alias        TEXT NOT NULL,
    display_name TEXT,
    url          TEXT,
    logo_url     TEXT,
    attributes   TEXT NOT NULL, -- JSON, name -> [value]
    domains      TEXT NOT NULL, -- JSON, [domain]
    stage        TEXT NOT NULL, -- 'pending', 'active' or 'deleted'
    created_at   INTEGER NOT NULL
) STRICT;

CREATE TABLE member (
    user_id   TEXT PRIMARY KEY,
    source    TEXT NOT NULL,    -- 'admin', 'invitation' or 'scim'
    active    INTEGER NOT NULL, -- 0: kept, but without access (SCIM active=false)
    joined_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE INDEX member_by_age ON member (joined_at, user_id);

CREATE TABLE role (
    id          TEXT PRIMARY KEY,
    name        TEXT NOT NULL UNIQUE,
    description TEXT,
    built_in    INTEGER NOT NULL -- 1: one of the default roles, never deleted
) STRICT, WITHOUT ROWID;

CREATE TABLE member_role (
    user_id TEXT NOT NULL REFERENCES member (user_id) ON DELETE CASCADE,
    role_id TEXT NOT NULL REFERENCES role (id) ON DELETE CASCADE,
    PRIMARY KEY (user_id, role_id)
) STRICT, WITHOUT ROWID;

CREATE INDEX member_role_holders ON member_role (role_id);

-- `group` is a keyword of SQL.
CREATE TABLE org_group (
    id        TEXT PRIMARY KEY,
    parent_id TEXT REFERENCES org_group (id) ON DELETE CASCADE,
    name      TEXT NOT NULL
) STRICT, WITHOUT ROWID;

CREATE UNIQUE INDEX org_group_sibling ON org_group (coalesce(parent_id, ''), name);
CREATE INDEX org_group_children ON org_group (parent_id);

CREATE TABLE group_member (
    group_id TEXT NOT NULL REFERENCES org_group (id) ON DELETE CASCADE,
    user_id  TEXT NOT NULL REFERENCES member (user_id) ON DELETE CASCADE,
    PRIMARY KEY (group_id, user_id)
) STRICT, WITHOUT ROWID;

CREATE INDEX group_member_groups ON group_member (user_id);

-- The audit trail: written in the transaction of the change it tells of.
CREATE TABLE event (
    id       TEXT PRIMARY KEY,
    at       INTEGER NOT NULL,
    document TEXT NOT NULL -- JSON of event::audit::AuditEvent
) STRICT;

CREATE INDEX event_by_time ON event (at);

-- What the rest of the world must still be told, in order.
CREATE TABLE outbox (
    number INTEGER PRIMARY KEY AUTOINCREMENT,
    lane   TEXT NOT NULL, -- 'directory' or 'queue'
    body   TEXT NOT NULL  -- JSON
) STRICT;
