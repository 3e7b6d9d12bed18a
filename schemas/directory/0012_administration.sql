-- Signing keys that administrators manage, and the profile of a realm's users.

-- What people call the key; NULL for the name of what made it.
ALTER TABLE signing_key ADD COLUMN name TEXT;
-- Of the keys that may sign, the one with the highest number does.
ALTER TABLE signing_key ADD COLUMN priority INTEGER NOT NULL DEFAULT 100;
-- 0: it signs nothing any more, and is published all the same.
ALTER TABLE signing_key ADD COLUMN active INTEGER NOT NULL DEFAULT 1;
-- 0: neither.
ALTER TABLE signing_key ADD COLUMN enabled INTEGER NOT NULL DEFAULT 1;

-- Several keys of one algorithm may be in use: the statements that add one look.
DROP INDEX signing_key_in_use;

-- Which fields users have, and what may stand in them; a realm without a row has
-- the built-in profile.
CREATE TABLE user_profile (
    realm_id TEXT PRIMARY KEY,
    document TEXT NOT NULL -- JSON of account::wire_profile::ProfileJson
) STRICT;
