-- One account's database: what proves who somebody is. Times are Unix seconds.

-- Exactly one row, once the account exists.
CREATE TABLE account (
    user_id    TEXT PRIMARY KEY,
    realm_id   TEXT NOT NULL,
    stage      TEXT NOT NULL, -- 'pending' until the directory knows the user, then 'active'
    created_at INTEGER NOT NULL
) STRICT;

-- At most one row.
CREATE TABLE password (
    id         INTEGER PRIMARY KEY CHECK (id = 1),
    phc        TEXT NOT NULL, -- Argon2id, PHC string
    changed_at INTEGER NOT NULL
) STRICT;

-- Failed password attempts since the last success. At most one row.
CREATE TABLE lockout (
    id           INTEGER PRIMARY KEY CHECK (id = 1),
    failures     INTEGER NOT NULL,
    locked_until INTEGER NOT NULL
) STRICT;

CREATE TABLE session (
    id               TEXT PRIMARY KEY,
    secret_hash      TEXT NOT NULL, -- SHA-256 of the cookie's secret, base64url
    authenticated_at INTEGER NOT NULL,
    last_seen_at     INTEGER NOT NULL,
    expires_at       INTEGER NOT NULL, -- absolute
    ended_at         INTEGER           -- NULL while it lives
) STRICT, WITHOUT ROWID;

CREATE INDEX session_by_end ON session (expires_at);
