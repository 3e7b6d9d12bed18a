-- What clients leave with us ahead of a login, and what their tokens may be for.

-- Pushed authorization requests (RFC 9126): each is taken once, and over in a
-- minute or so. Known by the hash of what the browser brings.
CREATE TABLE pushed_request (
    hash        TEXT PRIMARY KEY,
    client_uuid TEXT NOT NULL,
    parameters  TEXT NOT NULL, -- urlencoded, without the client's credentials
    expires_at  INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE INDEX pushed_request_by_end ON pushed_request (expires_at);

-- Resource servers (RFC 8707), by the URI in their attribute `resource`.
CREATE INDEX client_of_resource ON client (realm_id, json_extract(settings, '$.attributes.resource'))
 WHERE json_extract(settings, '$.attributes.resource') IS NOT NULL;

-- Kept without effect until now.
UPDATE client
   SET settings = json_set(settings, '$.consent_required',
                           json(CASE WHEN json_extract(kept, '$.consentRequired') THEN 'true'
                                     ELSE 'false' END)),
       kept = json_remove(kept, '$.consentRequired')
 WHERE json_type(kept, '$.consentRequired') IN ('true', 'false');
