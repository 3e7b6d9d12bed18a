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
