-- Tokens that are over before their time: assertions of clients (RFC 7523 §3) and
-- DPoP proofs (RFC 9449 §11.1), which work once, and access tokens that were
-- revoked (RFC 7009). Kept until they would be over anyway.
CREATE TABLE spent_token (
    hash       TEXT PRIMARY KEY, -- SHA-256 of what it is, whose, and its jti, base64url
    expires_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE INDEX spent_token_by_end ON spent_token (expires_at);

-- How a client proves who it is was kept without effect. It has one now.
UPDATE client
   SET settings = json_set(settings, '$.authenticator', json_extract(kept, '$.clientAuthenticatorType')),
       kept = json_remove(kept, '$.clientAuthenticatorType')
 WHERE json_extract(kept, '$.clientAuthenticatorType') IS NOT NULL;

-- So were the lengths of offline sessions.
UPDATE realm
   SET settings = json_set(settings, '$.offline_session_idle_timeout',
                           json_extract(kept, '$.offlineSessionIdleTimeout')),
       kept = json_remove(kept, '$.offlineSessionIdleTimeout')
 WHERE json_extract(kept, '$.offlineSessionIdleTimeout') BETWEEN 1 AND 31536000;

UPDATE realm
   SET settings = json_set(settings, '$.offline_session_max_lifespan',
                           json_extract(kept, '$.offlineSessionMaxLifespan')),
       kept = json_remove(kept, '$.offlineSessionMaxLifespan')
 WHERE json_extract(kept, '$.offlineSessionMaxLifespan') BETWEEN 1 AND 31536000;

UPDATE realm
   SET settings = json_set(settings, '$.offline_session_max_lifespan_enabled',
                           json(iif(json_extract(kept, '$.offlineSessionMaxLifespanEnabled'), 'true', 'false'))),
       kept = json_remove(kept, '$.offlineSessionMaxLifespanEnabled')
 WHERE json_type(kept, '$.offlineSessionMaxLifespanEnabled') IN ('true', 'false');
