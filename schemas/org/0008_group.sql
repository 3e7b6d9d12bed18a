-- Groups get a description, attributes and roles, and are looked for.
--
-- Tokens ask for a person's groups and what is above them with every sign-in, and
-- groups are moved rarely. So each group knows all that are above it
-- (`group_above`), as in a realm (directory/0009_group.sql): paths, subtrees and
-- inherited roles are joins, without recursion. Moving a group rewrites the rows
-- of its subtree, in the statement that moves it.
--
-- Who deletes a row deletes what refers to it, by the foreign keys. A later
-- migration must therefore not rebuild `org_group`, `role` or `member` by dropping
-- them.
ALTER TABLE org_group ADD COLUMN description TEXT NOT NULL DEFAULT '';
ALTER TABLE org_group ADD COLUMN attributes TEXT NOT NULL DEFAULT '{}'; -- JSON, name -> [value]

CREATE INDEX org_group_by_name ON org_group (name, id);

-- Every group above a group, and the group itself; kept by triggers.
CREATE TABLE group_above (
    group_id TEXT NOT NULL REFERENCES org_group (id) ON DELETE CASCADE,
    above_id TEXT NOT NULL REFERENCES org_group (id) ON DELETE CASCADE,
    distance INTEGER NOT NULL, -- steps up; 0 to itself
    PRIMARY KEY (group_id, above_id),
    CONSTRAINT group_in_itself CHECK ((group_id = above_id) = (distance = 0))
) STRICT, WITHOUT ROWID;

CREATE INDEX group_above_below ON group_above (above_id, distance);

INSERT INTO group_above (group_id, above_id, distance)
WITH RECURSIVE up (group_id, above_id, distance) AS (
    SELECT id, id, 0 FROM org_group
     UNION ALL
    SELECT up.group_id, org_group.parent_id, up.distance + 1
      FROM up
      JOIN org_group ON org_group.id = up.above_id
     WHERE org_group.parent_id IS NOT NULL
)
SELECT group_id, above_id, distance FROM up;

-- `org_group.attributes`, a row per value; kept by triggers.
CREATE TABLE group_attribute (
    name     TEXT NOT NULL,
    value    TEXT NOT NULL,
    group_id TEXT NOT NULL REFERENCES org_group (id) ON DELETE CASCADE,
    PRIMARY KEY (name, value, group_id)
) STRICT, WITHOUT ROWID;

CREATE INDEX group_attribute_of_group ON group_attribute (group_id);

-- Roles of the organization that the members of a group hold, and of all below it.
CREATE TABLE group_role (
    group_id TEXT NOT NULL REFERENCES org_group (id) ON DELETE CASCADE,
    role_id  TEXT NOT NULL REFERENCES role (id) ON DELETE CASCADE,
    PRIMARY KEY (group_id, role_id)
) STRICT, WITHOUT ROWID;

CREATE INDEX group_role_holders ON group_role (role_id);

-- Roles of the realm and of its clients that were mapped to groups. The directory
-- keeps these roles (docs/decisions/0007): a row whose role is gone there means
-- nothing.
CREATE TABLE group_mapping (
    group_id    TEXT NOT NULL REFERENCES org_group (id) ON DELETE CASCADE,
    role_id     TEXT NOT NULL,
    client_uuid TEXT, -- whose role it is; none for one of the realm
    PRIMARY KEY (group_id, role_id)
) STRICT, WITHOUT ROWID;

INSERT INTO tally (kind, total) SELECT 'org_group', count(*) FROM org_group WHERE true
    ON CONFLICT (kind) DO UPDATE SET total = excluded.total;

CREATE TRIGGER group_added AFTER INSERT ON org_group
BEGIN
    INSERT INTO group_above (group_id, above_id, distance)
    SELECT NEW.id, NEW.id, 0
     UNION ALL
    SELECT NEW.id, above_id, distance + 1 FROM group_above WHERE group_id = NEW.parent_id;
    INSERT INTO group_attribute (name, value, group_id)
    SELECT DISTINCT attribute.key, item.value, NEW.id
      FROM json_each(NEW.attributes) AS attribute, json_each(attribute.value) AS item;
    UPDATE tally SET total = total + 1 WHERE kind = 'org_group';
END;

-- Everything below leaves what was above, and gets what is above now.
CREATE TRIGGER group_moved AFTER UPDATE OF parent_id ON org_group
WHEN NEW.parent_id IS NOT OLD.parent_id
BEGIN
    DELETE FROM group_above
     WHERE group_id IN (SELECT group_id FROM group_above WHERE above_id = NEW.id)
       AND above_id IN (SELECT above_id FROM group_above WHERE group_id = NEW.id AND distance > 0);
    INSERT INTO group_above (group_id, above_id, distance)
    SELECT below.group_id, over.above_id, below.distance + over.distance + 1
      FROM group_above AS below
      JOIN group_above AS over ON over.group_id = NEW.parent_id
     WHERE below.above_id = NEW.id;
END;

CREATE TRIGGER group_noted AFTER UPDATE OF attributes ON org_group
WHEN NEW.attributes IS NOT OLD.attributes
BEGIN
    DELETE FROM group_attribute WHERE group_id = NEW.id;
    INSERT INTO group_attribute (name, value, group_id)
    SELECT DISTINCT attribute.key, item.value, NEW.id
      FROM json_each(NEW.attributes) AS attribute, json_each(attribute.value) AS item;
END;

CREATE TRIGGER group_removed AFTER DELETE ON org_group
BEGIN
    UPDATE tally SET total = total - 1 WHERE kind = 'org_group';
END;
