-- Roles of the organization that include others of it, and those that every member
-- holds.
--
-- An organization has few roles, and they include each other a step or two deep. So
-- what somebody holds is found by a recursion over these rows, which stops at what it
-- has seen; whoever writes sees to it that nothing includes itself and that it is not
-- too deep (org::composite::MAX_COMPOSITE_DEPTH).
CREATE TABLE role_composite (
    parent_id TEXT NOT NULL REFERENCES role (id) ON DELETE CASCADE,
    child_id  TEXT NOT NULL REFERENCES role (id) ON DELETE CASCADE,
    PRIMARY KEY (parent_id, child_id),
    CONSTRAINT role_in_itself CHECK (parent_id <> child_id)
) STRICT, WITHOUT ROWID;

CREATE INDEX role_composite_parents ON role_composite (child_id);

-- What the default role includes. The role itself has no row: its name is the
-- organization's, and every member holds it.
CREATE TABLE default_role (
    role_id TEXT PRIMARY KEY REFERENCES role (id) ON DELETE CASCADE
) STRICT, WITHOUT ROWID;
