-- How long what clients were granted in a session is good for was kept without
-- effect. It has one now. 0 is "as long as the session", which is what it was.
UPDATE realm SET settings = json_set(settings, '$.client_sessions', json('{}'));

UPDATE realm
   SET settings = json_set(settings, '$.client_sessions.idle', json_extract(kept, '$.clientSessionIdleTimeout'))
 WHERE json_extract(kept, '$.clientSessionIdleTimeout') BETWEEN 1 AND 31536000;

UPDATE realm
   SET settings = json_set(settings, '$.client_sessions.life', json_extract(kept, '$.clientSessionMaxLifespan'))
 WHERE json_extract(kept, '$.clientSessionMaxLifespan') BETWEEN 1 AND 31536000;

UPDATE realm
   SET settings = json_set(settings, '$.client_sessions.offline_idle', json_extract(kept, '$.clientOfflineSessionIdleTimeout'))
 WHERE json_extract(kept, '$.clientOfflineSessionIdleTimeout') BETWEEN 1 AND 31536000;

UPDATE realm
   SET settings = json_set(settings, '$.client_sessions.offline_life', json_extract(kept, '$.clientOfflineSessionMaxLifespan'))
 WHERE json_extract(kept, '$.clientOfflineSessionMaxLifespan') BETWEEN 1 AND 31536000;

UPDATE realm
   SET kept = json_remove(kept, '$.clientSessionIdleTimeout', '$.clientSessionMaxLifespan',
                          '$.clientOfflineSessionIdleTimeout', '$.clientOfflineSessionMaxLifespan');
