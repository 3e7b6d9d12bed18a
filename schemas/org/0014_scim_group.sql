-- What SCIM says of the organization's groups besides what they are (RFC 7643 §4.2).
--
-- A group is changed by more than SCIM, and its version must tell of every change.
-- So triggers keep a row for each group, whoever makes, changes or deletes it. Time
-- is not SQL's to tell: the audit event that is written in the transaction of a change
-- says when it was. Until then, the time of the last event stands there.
CREATE TABLE scim_group (
    group_id    TEXT PRIMARY KEY REFERENCES org_group (id) ON DELETE CASCADE,
    external_id TEXT,
    name_folded TEXT,    -- folded as Rust does; NULL: SQL cannot, the next list does
    version     INTEGER NOT NULL DEFAULT 1,
    created_at  INTEGER NOT NULL,
    updated_at  INTEGER NOT NULL,
    awaits      INTEGER NOT NULL DEFAULT 0 -- the event of a change: 1, of the creation: 2
) STRICT, WITHOUT ROWID;

CREATE INDEX scim_group_by_age ON scim_group (created_at, group_id);
CREATE INDEX scim_group_by_name ON scim_group (name_folded, group_id);
CREATE INDEX scim_group_by_external_id ON scim_group (external_id);
CREATE INDEX scim_group_unfolded ON scim_group (group_id) WHERE name_folded IS NULL;
CREATE INDEX scim_group_awaiting ON scim_group (group_id) WHERE awaits > 0;

-- Whom the directory put into a group who is no member (yet): they become one of the
-- group with the membership.
CREATE TABLE scim_group_pending (
    group_id TEXT NOT NULL REFERENCES org_group (id) ON DELETE CASCADE,
    scim_id  TEXT NOT NULL REFERENCES scim_user (id) ON DELETE CASCADE,
    PRIMARY KEY (group_id, scim_id)
) STRICT, WITHOUT ROWID;

CREATE INDEX scim_group_pending_of_user ON scim_group_pending (scim_id);

-- Groups from before: as old as the organization, changed with the last change there
-- at the latest.
INSERT INTO scim_group (group_id, name_folded, created_at, updated_at)
SELECT id,
       CASE WHEN length(name) = length(CAST(name AS BLOB)) THEN lower(name) END,
       coalesce((SELECT created_at FROM organization), 0),
       coalesce((SELECT max(at) FROM event), (SELECT created_at FROM organization), 0)
  FROM org_group;

CREATE TRIGGER scim_group_added AFTER INSERT ON org_group
BEGIN
    INSERT INTO scim_group (group_id, name_folded, created_at, updated_at, awaits)
    SELECT NEW.id,
           CASE WHEN length(NEW.name) = length(CAST(NEW.name AS BLOB)) THEN lower(NEW.name) END,
           latest.at, latest.at, 2
      FROM (SELECT coalesce((SELECT max(at) FROM event), (SELECT created_at FROM organization), 0)
                AS at) AS latest;
    UPDATE scim_group SET version = version + 1, awaits = max(awaits, 1) WHERE group_id = NEW.parent_id;
END;

CREATE TRIGGER scim_group_renamed AFTER UPDATE OF name ON org_group
WHEN NEW.name IS NOT OLD.name
BEGIN
    UPDATE scim_group
       SET name_folded =
               CASE WHEN length(NEW.name) = length(CAST(NEW.name AS BLOB)) THEN lower(NEW.name) END,
           version = version + 1,
           awaits = max(awaits, 1)
     WHERE group_id = NEW.id;
END;

-- A group is a member of the one above it.
CREATE TRIGGER scim_group_moved AFTER UPDATE OF parent_id ON org_group
WHEN NEW.parent_id IS NOT OLD.parent_id
BEGIN
    UPDATE scim_group SET version = version + 1, awaits = max(awaits, 1)
     WHERE group_id IN (OLD.parent_id, NEW.parent_id);
END;

CREATE TRIGGER scim_group_removed AFTER DELETE ON org_group
BEGIN
    UPDATE scim_group SET version = version + 1, awaits = max(awaits, 1) WHERE group_id = OLD.parent_id;
END;

-- Who was pending is shown already: nothing changes for the directory.
CREATE TRIGGER scim_group_joined AFTER INSERT ON group_member
WHEN NOT EXISTS (SELECT 1
                   FROM scim_user
                   JOIN scim_group_pending ON scim_group_pending.scim_id = scim_user.id
                  WHERE scim_user.user_id = NEW.user_id
                    AND scim_group_pending.group_id = NEW.group_id)
BEGIN
    UPDATE scim_group SET version = version + 1, awaits = max(awaits, 1) WHERE group_id = NEW.group_id;
END;

CREATE TRIGGER scim_group_left AFTER DELETE ON group_member
BEGIN
    UPDATE scim_group SET version = version + 1, awaits = max(awaits, 1) WHERE group_id = OLD.group_id;
END;

CREATE TRIGGER scim_group_awaited AFTER INSERT ON scim_group_pending
BEGIN
    UPDATE scim_group SET version = version + 1, awaits = max(awaits, 1) WHERE group_id = NEW.group_id;
END;

CREATE TRIGGER scim_group_given_up AFTER DELETE ON scim_group_pending
WHEN NOT EXISTS (SELECT 1
                   FROM scim_user
                   JOIN group_member ON group_member.user_id = scim_user.user_id
                  WHERE scim_user.id = OLD.scim_id
                    AND group_member.group_id = OLD.group_id)
BEGIN
    UPDATE scim_group SET version = version + 1, awaits = max(awaits, 1) WHERE group_id = OLD.group_id;
END;

-- A member shows in groups with the resource.
CREATE TRIGGER scim_group_shows AFTER UPDATE OF stage ON scim_user
WHEN OLD.stage = 'provisioning' AND NEW.stage <> 'provisioning'
BEGIN
    UPDATE scim_group SET version = version + 1, awaits = max(awaits, 1)
     WHERE group_id IN (SELECT group_id FROM group_member WHERE user_id = NEW.user_id);
END;

CREATE TRIGGER scim_group_hides AFTER DELETE ON scim_user
WHEN OLD.stage <> 'provisioning'
BEGIN
    UPDATE scim_group SET version = version + 1, awaits = max(awaits, 1)
     WHERE group_id IN (SELECT group_id FROM group_member WHERE user_id = OLD.user_id);
END;

CREATE TRIGGER scim_group_dated AFTER INSERT ON event
BEGIN
    UPDATE scim_group
       SET created_at = CASE awaits WHEN 2 THEN NEW.at ELSE created_at END,
           updated_at = NEW.at,
           awaits = 0
     WHERE awaits > 0;
END;

-- Whom the directory pushed, and who becomes a member (again): as it says they are,
-- where it says they are.
CREATE TRIGGER scim_user_joined AFTER INSERT ON member
BEGIN
    UPDATE member SET active = 0
     WHERE user_id = NEW.user_id
       AND active = 1
       AND EXISTS (SELECT 1 FROM scim_user
                    WHERE user_id = NEW.user_id AND active = 0 AND stage <> 'provisioning');
    INSERT INTO group_member (group_id, user_id)
    SELECT scim_group_pending.group_id, NEW.user_id
      FROM scim_user
      JOIN scim_group_pending ON scim_group_pending.scim_id = scim_user.id
     WHERE scim_user.user_id = NEW.user_id
    ON CONFLICT DO NOTHING;
    DELETE FROM scim_group_pending
     WHERE scim_id IN (SELECT id FROM scim_user WHERE user_id = NEW.user_id);
    UPDATE scim_user SET stage = 'linked'
     WHERE user_id = NEW.user_id AND stage = 'awaiting_consent';
END;
