-- How many rows a list has in all, kept up to date by triggers: a list that
-- says its total must not read every row for it.
CREATE TABLE tally (
    kind  TEXT PRIMARY KEY, -- the table that is counted
    total INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- A push that is still provisioning is not listed, so it does not count.
INSERT INTO tally (kind, total)
SELECT 'scim_user', count(*) FROM scim_user WHERE stage <> 'provisioning';

CREATE TRIGGER scim_user_listed AFTER INSERT ON scim_user
WHEN NEW.stage <> 'provisioning'
BEGIN
    UPDATE tally SET total = total + 1 WHERE kind = 'scim_user';
END;

CREATE TRIGGER scim_user_settled AFTER UPDATE OF stage ON scim_user
WHEN (NEW.stage = 'provisioning') <> (OLD.stage = 'provisioning')
BEGIN
    UPDATE tally
       SET total = total + CASE WHEN OLD.stage = 'provisioning' THEN 1 ELSE -1 END
     WHERE kind = 'scim_user';
END;

CREATE TRIGGER scim_user_forgotten AFTER DELETE ON scim_user
WHEN OLD.stage <> 'provisioning'
BEGIN
    UPDATE tally SET total = total - 1 WHERE kind = 'scim_user';
END;

-- The list of who is active, or not, in the order of the list.
CREATE INDEX scim_user_by_activity ON scim_user (active, created_at, id)
 WHERE stage <> 'provisioning';
