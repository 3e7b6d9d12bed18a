-- Logins on devices that have no browser (RFC 8628): what a device asked for, and
-- what came of it (docs/decisions/0006-device-requests.md). Known by the hash of the
-- device's code, and by a keyed hash of what the person types.
CREATE TABLE device_request (
    hash           TEXT PRIMARY KEY,
    user_code_hash TEXT NOT NULL UNIQUE,
    client_uuid    TEXT NOT NULL,
    request        TEXT NOT NULL, -- what is asked for, JSON
    expires_at     INTEGER NOT NULL,
    poll_interval  INTEGER NOT NULL, -- seconds; grows when the device hurries
    polled_at      INTEGER,
    is_hurried     INTEGER NOT NULL DEFAULT 0, -- whether the last poll came too early
    denied_at      INTEGER,
    user_id        TEXT, -- who approved it
    code_hash      TEXT, -- by what their account knows the permission
    CHECK ((user_id IS NULL) = (code_hash IS NULL)),
    CHECK (denied_at IS NULL OR code_hash IS NULL)
) STRICT, WITHOUT ROWID;

CREATE INDEX device_request_by_end ON device_request (expires_at);

-- Kept without effect until now.
UPDATE realm
   SET settings = json_set(settings, '$.device_code_lifespan',
                           json_extract(kept, '$.oauth2DeviceCodeLifespan'))
 WHERE json_type(kept, '$.oauth2DeviceCodeLifespan') = 'integer'
   AND json_extract(kept, '$.oauth2DeviceCodeLifespan') BETWEEN 10 AND 86400;

UPDATE realm
   SET settings = json_set(settings, '$.device_polling_interval',
                           json_extract(kept, '$.oauth2DevicePollingInterval'))
 WHERE json_type(kept, '$.oauth2DevicePollingInterval') = 'integer'
   AND json_extract(kept, '$.oauth2DevicePollingInterval') BETWEEN 1 AND 600;

UPDATE realm
   SET kept = json_remove(kept, '$.oauth2DeviceCodeLifespan', '$.oauth2DevicePollingInterval')
 WHERE json_type(kept, '$.oauth2DeviceCodeLifespan') IS NOT NULL
    OR json_type(kept, '$.oauth2DevicePollingInterval') IS NOT NULL;
