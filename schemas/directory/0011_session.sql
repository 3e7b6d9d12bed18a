-- Sessions as administrators see them, and the moment up to which they ended.

-- What began up to this moment is over: sessions, and what was granted in them.
-- It never goes back. 0 when nobody ended anything.
ALTER TABLE realm ADD COLUMN not_before INTEGER NOT NULL DEFAULT 0;

-- Kept without effect until now.
UPDATE realm
   SET not_before = max(0, min(json_extract(kept, '$.notBefore'), unixepoch())),
       kept = json_remove(kept, '$.notBefore')
 WHERE json_type(kept, '$.notBefore') = 'integer';

-- A projection: an account's object says whether a session lives. A row of one
-- that has ended stays for a while, so that a late message does not bring it back.
CREATE TABLE user_session (
    id           TEXT PRIMARY KEY,
    realm_id     TEXT NOT NULL,
    user_id      TEXT NOT NULL,
    started_at   INTEGER NOT NULL,
    last_seen_at INTEGER NOT NULL, -- as the account told last
    shown_until  INTEGER NOT NULL, -- told again before then, or over
    ip_address   TEXT,
    ended        INTEGER NOT NULL,
    version      INTEGER NOT NULL -- the account's number of this state
) STRICT, WITHOUT ROWID;

CREATE INDEX user_session_of_user ON user_session (user_id);
CREATE INDEX user_session_by_end ON user_session (shown_until);

-- To which clients something was granted in a session that has not ended.
CREATE TABLE client_session (
    client_uuid TEXT NOT NULL,
    started_at  INTEGER NOT NULL, -- user_session.started_at
    session_id  TEXT NOT NULL,
    PRIMARY KEY (client_uuid, started_at, session_id)
) STRICT, WITHOUT ROWID;

CREATE INDEX client_session_of_session ON client_session (session_id);

CREATE TRIGGER user_session_ends AFTER UPDATE OF ended ON user_session WHEN NEW.ended
BEGIN
    DELETE FROM client_session WHERE session_id = NEW.id;
END;

CREATE TRIGGER user_session_gone AFTER DELETE ON user_session
BEGIN
    DELETE FROM client_session WHERE session_id = OLD.id;
END;

CREATE TRIGGER user_leaves_sessions AFTER DELETE ON user
BEGIN
    DELETE FROM user_session WHERE user_id = OLD.id;
END;

CREATE TRIGGER client_leaves_sessions AFTER DELETE ON client
BEGIN
    DELETE FROM client_session WHERE client_uuid = OLD.id;
END;
