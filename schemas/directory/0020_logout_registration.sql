-- People whose sessions are to be ended in their accounts, so that their clients are
-- told: those who were switched off, and those with sessions at clients that want to
-- know when a realm ends all of its own. A row goes when the account has answered.
CREATE TABLE session_ending (
    user_id  TEXT PRIMARY KEY,
    realm_id TEXT NOT NULL,
    began_by INTEGER NOT NULL -- sessions that began up to this moment
) STRICT, WITHOUT ROWID;

CREATE INDEX session_ending_of_realm ON session_ending (realm_id);

CREATE TRIGGER user_leaves_session_ending AFTER DELETE ON user
BEGIN
    DELETE FROM session_ending WHERE user_id = OLD.id;
END;

-- Tokens with which a program may register clients (RFC 7591 §3).
CREATE TABLE initial_access (
    id         TEXT PRIMARY KEY,
    realm_id   TEXT NOT NULL,
    token_hash TEXT NOT NULL,    -- SHA-256 of its secret, base64url
    created_at INTEGER NOT NULL,
    expires_at INTEGER,          -- NULL for never
    total      INTEGER NOT NULL, -- clients that could be registered
    remaining  INTEGER NOT NULL  -- and can still be
) STRICT, WITHOUT ROWID;

CREATE INDEX initial_access_of_realm ON initial_access (realm_id, created_at, id);

-- Tokens with which a client reads and changes its own registration (RFC 7592).
CREATE TABLE client_registration (
    client_uuid TEXT PRIMARY KEY,
    token_hash  TEXT NOT NULL,             -- SHA-256, base64url
    anonymous   INTEGER NOT NULL DEFAULT 0 -- whether anybody could have registered it
) STRICT, WITHOUT ROWID;

CREATE TRIGGER client_leaves_registration AFTER DELETE ON client
BEGIN
    DELETE FROM client_registration WHERE client_uuid = OLD.id;
END;
