-- What the account granted to clients.

-- An authorization code (RFC 6749 §4.1.2): lives a minute, works once.
CREATE TABLE code (
    hash        TEXT PRIMARY KEY, -- SHA-256 of the code's secret, base64url
    session_id  TEXT NOT NULL,
    grant_json  TEXT NOT NULL,    -- JSON of account::code::CodeGrant
    expires_at  INTEGER NOT NULL,
    redeemed_at INTEGER,          -- NULL while it is live
    family_id   TEXT              -- the refresh family its redemption started
) STRICT, WITHOUT ROWID;

CREATE INDEX code_by_end ON code (expires_at);

-- A chain of refresh tokens: only the newest works, and using an older one ends
-- the chain (RFC 9700 §4.14.2).
CREATE TABLE family (
    id            TEXT PRIMARY KEY,
    session_id    TEXT NOT NULL,
    client_id     TEXT NOT NULL,
    grant_json    TEXT NOT NULL, -- JSON of account::grant::Granted
    current_hash  TEXT NOT NULL, -- SHA-256 of the newest token's id, base64url
    rotated_at    INTEGER NOT NULL,
    expires_at    INTEGER NOT NULL,
    ended_at      INTEGER        -- NULL while it lives
) STRICT, WITHOUT ROWID;

CREATE INDEX family_of_session ON family (session_id);
CREATE INDEX family_by_end ON family (expires_at);
