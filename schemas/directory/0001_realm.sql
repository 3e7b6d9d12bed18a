-- Realms and what belongs to a whole realm. Times are Unix seconds.

CREATE TABLE realm (
    id           TEXT PRIMARY KEY,
    name         TEXT NOT NULL UNIQUE,
    display_name TEXT NOT NULL,
    enabled      INTEGER NOT NULL,
    settings     TEXT NOT NULL, -- JSON of realm::settings::Settings
    created_at   INTEGER NOT NULL
) STRICT;

-- Private keys, wrapped with the master key. A key signs until it is retired and
-- is published until the last token it signed has expired.
CREATE TABLE signing_key (
    kid        TEXT PRIMARY KEY, -- RFC 7638 thumbprint
    realm_id   TEXT NOT NULL,
    algorithm  TEXT NOT NULL,
    wrapped    TEXT NOT NULL,
    public_jwk TEXT NOT NULL, -- JSON
    created_at INTEGER NOT NULL,
    retired_at INTEGER -- NULL while it signs
) STRICT;

CREATE INDEX signing_key_of_realm ON signing_key (realm_id, created_at);

-- At most one key per realm and algorithm signs, however many isolates rotate.
CREATE UNIQUE INDEX signing_key_in_use ON signing_key (realm_id, algorithm) WHERE retired_at IS NULL;

CREATE TABLE client (
    id                      TEXT PRIMARY KEY,
    realm_id                TEXT NOT NULL,
    client_id               TEXT NOT NULL,
    settings                TEXT NOT NULL, -- JSON of realm::client::ClientSettings
    secret_hash             TEXT,          -- SHA-256, base64url; NULL for a public client
    service_account_user_id TEXT,          -- NULL when client_credentials is off
    created_at              INTEGER NOT NULL,
    UNIQUE (realm_id, client_id)
) STRICT;

-- A realm's roles (client_uuid NULL) and its clients' roles.
CREATE TABLE role (
    id          TEXT PRIMARY KEY,
    realm_id    TEXT NOT NULL,
    client_uuid TEXT,
    name        TEXT NOT NULL,
    description TEXT NOT NULL
) STRICT;

CREATE UNIQUE INDEX role_name ON role (realm_id, coalesce(client_uuid, ''), name);
CREATE INDEX role_of_client ON role (client_uuid);

-- Who holds the parent holds the child.
CREATE TABLE role_composite (
    parent_id TEXT NOT NULL,
    child_id  TEXT NOT NULL,
    PRIMARY KEY (parent_id, child_id)
) STRICT, WITHOUT ROWID;

CREATE INDEX role_composite_parents ON role_composite (child_id);

CREATE TABLE user (
    id                  TEXT PRIMARY KEY,
    realm_id            TEXT NOT NULL,
    username            TEXT NOT NULL, -- folded to lower case
    email               TEXT,          -- folded to lower case
    email_verified      INTEGER NOT NULL,
    first_name          TEXT,
    last_name           TEXT,
    enabled             INTEGER NOT NULL,
    home_org_id         TEXT, -- the organization whose directory created the person
    service_account_for TEXT, -- client.id; NULL for a person
    created_at          INTEGER NOT NULL,
    UNIQUE (realm_id, username),
    UNIQUE (realm_id, email)
) STRICT;

CREATE TABLE user_role (
    user_id TEXT NOT NULL,
    role_id TEXT NOT NULL,
    PRIMARY KEY (user_id, role_id)
) STRICT, WITHOUT ROWID;

CREATE INDEX user_role_holders ON user_role (role_id);
