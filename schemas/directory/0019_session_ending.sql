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
