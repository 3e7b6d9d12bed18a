-- Groups of a realm: a tree, whose members hold the roles of their groups and of
-- all groups above those.
--
-- Who holds a role is asked with every request of an administrator, and groups
-- are moved rarely. So each group knows all that are above it (`group_above`):
-- inherited roles, paths and subtrees are joins, without recursion, and that no
-- group is inside itself is a constraint. Moving a group rewrites the rows of
-- its subtree, in the statement that moves it. Paths are not stored: a name
-- would be in the row of every group below.
--
-- Who deletes a row deletes what refers to it, by the foreign keys. A later
-- migration must therefore not rebuild `user`, `role` or `realm_group` by
-- dropping them.
CREATE TABLE realm_group (
    id          TEXT PRIMARY KEY,
    realm_id    TEXT NOT NULL,
    parent_id   TEXT REFERENCES realm_group (id) ON DELETE CASCADE, -- NULL at the top
    name        TEXT NOT NULL,
    description TEXT NOT NULL,
    attributes  TEXT NOT NULL -- JSON, name -> [value]
) STRICT;

-- Siblings have different names.
CREATE UNIQUE INDEX realm_group_place ON realm_group (realm_id, coalesce(parent_id, ''), name);
CREATE INDEX realm_group_children ON realm_group (parent_id, name);
CREATE INDEX realm_group_by_name ON realm_group (realm_id, name, id);

-- Every group above a group, and the group itself; kept by triggers. The bound is
-- realm::group::MAX_GROUP_DEPTH.
CREATE TABLE group_above (
    group_id TEXT NOT NULL REFERENCES realm_group (id) ON DELETE CASCADE,
    above_id TEXT NOT NULL REFERENCES realm_group (id) ON DELETE CASCADE,
    distance INTEGER NOT NULL, -- steps up; 0 to itself
    PRIMARY KEY (group_id, above_id),
    CONSTRAINT group_in_itself CHECK ((group_id = above_id) = (distance = 0)),
    CONSTRAINT group_too_deep CHECK (distance < 16)
) STRICT, WITHOUT ROWID;

CREATE INDEX group_above_below ON group_above (above_id);

-- `realm_group.attributes`, a row per value; kept by triggers.
CREATE TABLE group_attribute (
    realm_id TEXT NOT NULL,
    name     TEXT NOT NULL,
    value    TEXT NOT NULL,
    group_id TEXT NOT NULL REFERENCES realm_group (id) ON DELETE CASCADE,
    PRIMARY KEY (realm_id, name, value, group_id)
) STRICT, WITHOUT ROWID;

CREATE INDEX group_attribute_of_group ON group_attribute (group_id);

-- A copy of the username, kept by triggers, so that a page of many members is
-- read in its order.
CREATE TABLE group_member (
    user_id  TEXT NOT NULL REFERENCES user (id) ON DELETE CASCADE,
    group_id TEXT NOT NULL REFERENCES realm_group (id) ON DELETE CASCADE,
    username TEXT NOT NULL,
    PRIMARY KEY (user_id, group_id)
) STRICT, WITHOUT ROWID;

CREATE INDEX group_member_of_group ON group_member (group_id, username);

CREATE TABLE group_role (
    group_id TEXT NOT NULL REFERENCES realm_group (id) ON DELETE CASCADE,
    role_id  TEXT NOT NULL REFERENCES role (id) ON DELETE CASCADE,
    PRIMARY KEY (group_id, role_id)
) STRICT, WITHOUT ROWID;

CREATE INDEX group_role_holders ON group_role (role_id);

-- The groups that new people join.
CREATE TABLE default_group (
    realm_id TEXT NOT NULL,
    group_id TEXT NOT NULL REFERENCES realm_group (id) ON DELETE CASCADE,
    PRIMARY KEY (realm_id, group_id)
) STRICT, WITHOUT ROWID;

CREATE INDEX default_group_of_group ON default_group (group_id);

-- How many groups a realm has, how many of them at the top, and how many that new
-- people join; kept by triggers. The bounds are realm::group::MAX_GROUPS and
-- MAX_DEFAULT_GROUPS.
CREATE TABLE group_tally (
    realm_id TEXT PRIMARY KEY,
    total    INTEGER NOT NULL CONSTRAINT too_many_groups CHECK (total <= 10000),
    top      INTEGER NOT NULL,
    defaults INTEGER NOT NULL CONSTRAINT too_many_default_groups CHECK (defaults <= 100)
) STRICT, WITHOUT ROWID;

-- What each member of a group holds through it, without what those roles include.
CREATE VIEW group_grant (user_id, role_id) AS
SELECT group_member.user_id, group_role.role_id
  FROM group_member
  JOIN group_above ON group_above.group_id = group_member.group_id
  JOIN group_role ON group_role.group_id = group_above.above_id;

CREATE TRIGGER group_added AFTER INSERT ON realm_group
BEGIN
    INSERT INTO group_above (group_id, above_id, distance)
    SELECT NEW.id, NEW.id, 0
     UNION ALL
    SELECT NEW.id, above_id, distance + 1 FROM group_above WHERE group_id = NEW.parent_id;
    INSERT INTO group_attribute (realm_id, name, value, group_id)
    SELECT DISTINCT NEW.realm_id, attribute.key, item.value, NEW.id
      FROM json_each(NEW.attributes) AS attribute, json_each(attribute.value) AS item;
    INSERT INTO group_tally (realm_id, total, top, defaults)
    VALUES (NEW.realm_id, 1, NEW.parent_id IS NULL, 0)
    ON CONFLICT (realm_id) DO UPDATE SET total = total + 1, top = top + (NEW.parent_id IS NULL);
END;

-- Everything below leaves what was above, and gets what is above now. A pair that
-- is there already means that the group would be inside itself: the first
-- constraint says so when it comes to the group and itself.
CREATE TRIGGER group_moved AFTER UPDATE OF parent_id ON realm_group
WHEN NEW.parent_id IS NOT OLD.parent_id
BEGIN
    DELETE FROM group_above
     WHERE group_id IN (SELECT group_id FROM group_above WHERE above_id = NEW.id)
       AND above_id IN (SELECT above_id FROM group_above WHERE group_id = NEW.id AND distance > 0);
    INSERT INTO group_above (group_id, above_id, distance)
    SELECT below.group_id, over.above_id, below.distance + over.distance + 1
      FROM group_above AS below
      JOIN group_above AS over ON over.group_id = NEW.parent_id
     WHERE below.above_id = NEW.id
    ON CONFLICT DO NOTHING;
    UPDATE group_tally
       SET top = top + (NEW.parent_id IS NULL) - (OLD.parent_id IS NULL)
     WHERE realm_id = NEW.realm_id;
END;

CREATE TRIGGER group_noted AFTER UPDATE OF attributes ON realm_group
WHEN NEW.attributes IS NOT OLD.attributes
BEGIN
    DELETE FROM group_attribute WHERE group_id = NEW.id;
    INSERT INTO group_attribute (realm_id, name, value, group_id)
    SELECT DISTINCT NEW.realm_id, attribute.key, item.value, NEW.id
      FROM json_each(NEW.attributes) AS attribute, json_each(attribute.value) AS item;
END;

CREATE TRIGGER group_removed AFTER DELETE ON realm_group
BEGIN
    UPDATE group_tally
       SET total = total - 1, top = top - (OLD.parent_id IS NULL)
     WHERE realm_id = OLD.realm_id;
END;

CREATE TRIGGER default_group_added AFTER INSERT ON default_group
BEGIN
    UPDATE group_tally SET defaults = defaults + 1 WHERE realm_id = NEW.realm_id;
END;

CREATE TRIGGER default_group_removed AFTER DELETE ON default_group
BEGIN
    UPDATE group_tally SET defaults = defaults - 1 WHERE realm_id = OLD.realm_id;
END;

-- However a person comes to be, they join in the same statement. The account of
-- a client is no person.
CREATE TRIGGER user_joins_groups AFTER INSERT ON user
WHEN NEW.service_account_for IS NULL
BEGIN
    INSERT INTO group_member (user_id, group_id, username)
    SELECT NEW.id, group_id, NEW.username FROM default_group WHERE realm_id = NEW.realm_id;
END;

CREATE TRIGGER member_renamed AFTER UPDATE OF username ON user
WHEN NEW.username IS NOT OLD.username
BEGIN
    UPDATE group_member SET username = NEW.username WHERE user_id = NEW.id;
END;
