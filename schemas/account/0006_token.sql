-- How a refresh family lives.

ALTER TABLE family ADD COLUMN is_offline INTEGER NOT NULL DEFAULT 0; -- 1 when it outlives its session
ALTER TABLE family ADD COLUMN previous_hash TEXT; -- of the token before the newest, while that may come once more
ALTER TABLE family ADD COLUMN jkt TEXT; -- thumbprint of the key that its tokens are bound to (RFC 9449 §5)

CREATE INDEX family_offline ON family (client_id, expires_at) WHERE is_offline = 1;

-- Grants to clients that were revoked (RFC 7009): access tokens made in the session
-- for the client up to then are over. Kept until they would be over anyway.
CREATE TABLE revoked_grant (
    session_id TEXT NOT NULL,
    client_id  TEXT NOT NULL,
    revoked_at INTEGER NOT NULL,
    expires_at INTEGER NOT NULL,
    PRIMARY KEY (session_id, client_id)
) STRICT, WITHOUT ROWID;

CREATE INDEX revoked_grant_by_end ON revoked_grant (expires_at);
