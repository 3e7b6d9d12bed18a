-- What the directory's index of sessions is told of this account's.

ALTER TABLE session ADD COLUMN version INTEGER NOT NULL DEFAULT 0;      -- grows with each state to be told; 0 for a session that no client knows
ALTER TABLE session ADD COLUMN told_version INTEGER NOT NULL DEFAULT 0; -- the last that was
ALTER TABLE session ADD COLUMN shown_until INTEGER NOT NULL DEFAULT 0;  -- how long the index shows it

CREATE INDEX session_untold ON session (id) WHERE version > told_version;

-- To which clients something was granted in a session.
CREATE TABLE session_client (
    session_id TEXT NOT NULL,
    client_id  TEXT NOT NULL,
    PRIMARY KEY (session_id, client_id)
) STRICT, WITHOUT ROWID;

CREATE TRIGGER session_gone AFTER DELETE ON session
BEGIN
    DELETE FROM session_client WHERE session_id = OLD.id;
END;

-- What was there before.
INSERT INTO session_client (session_id, client_id)
SELECT DISTINCT session.id, family.client_id
  FROM family
  JOIN session ON session.id = family.session_id;

UPDATE session SET version = 1
 WHERE ended_at IS NULL AND id IN (SELECT session_id FROM session_client);
