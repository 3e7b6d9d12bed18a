-- What the clients of a session are told when it ends.

-- The organizations for which something was last granted to the client in the
-- session, as a JSON list; one that the person left is taken out.
ALTER TABLE session_client ADD COLUMN orgs TEXT NOT NULL DEFAULT '[]';
ALTER TABLE session_client ADD COLUMN granted_at INTEGER NOT NULL DEFAULT 0;

-- When the chain began.
ALTER TABLE family ADD COLUMN granted_at INTEGER NOT NULL DEFAULT 0;

UPDATE family SET granted_at = rotated_at;

UPDATE session_client
   SET orgs = coalesce(
       (SELECT json_extract(family.grant_json, '$.orgs')
          FROM family
         WHERE family.session_id = session_client.session_id
           AND family.client_id = session_client.client_id
         ORDER BY family.rotated_at DESC
         LIMIT 1), '[]');

-- Clients that are to be told that a session ended.
CREATE TABLE farewell (
    session_id TEXT NOT NULL,
    client_id  TEXT NOT NULL,
    ended_at   INTEGER NOT NULL,
    PRIMARY KEY (session_id, client_id)
) STRICT, WITHOUT ROWID;
