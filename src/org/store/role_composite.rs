//! Roles that include others, and what is held through them.
use super::role::role_from_row;
use super::to_json;
use crate::kernel::id::{GroupId, RoleId, UserId};
use crate::org::role::{OrganizationRole, RoleName};
use crate::platform::row::{Row, StoreError};
use crate::platform::sql::{Sql, Statement};

const LIST_CHILDREN: &str = "
    SELECT role.id, role.name, role.description
      FROM role_composite AS link
      JOIN role ON role.id = link.child_id
     WHERE link.parent_id = ?
     ORDER BY role.name";

const LIST_DEFAULTS: &str = "
    SELECT role.id, role.name, role.description
      FROM default_role
      JOIN role ON role.id = default_role.role_id
     WHERE default_role.role_id > ''
     ORDER BY role.name";

const LIST_PARENTS: &str = "
    SELECT DISTINCT link.parent_id AS id
      FROM json_each(?) AS asked
      JOIN role_composite AS link ON link.parent_id = asked.value";

const INSERT: &str = "
    INSERT INTO role_composite (parent_id, child_id)
    SELECT ?, value FROM json_each(?) WHERE true
    ON CONFLICT DO NOTHING
    RETURNING child_id AS id";

const DELETE: &str = "
    DELETE FROM role_composite
     WHERE parent_id = ? AND child_id IN (SELECT value FROM json_each(?))
    RETURNING child_id AS id";

const INSERT_DEFAULT: &str = "
    INSERT INTO default_role (role_id)
    SELECT value FROM json_each(?) WHERE true
    ON CONFLICT DO NOTHING
    RETURNING role_id AS id";

const DELETE_DEFAULT: &str = "
    DELETE FROM default_role
     WHERE role_id IN (SELECT value FROM json_each(?))
    RETURNING role_id AS id";

const COUNT: &str = "SELECT count(*) AS total FROM role_composite WHERE parent_id = ?";

/// How many steps there are at most down from some roles; one that was reached by
/// another number of steps is followed again, so a bound is needed where there may be a
/// circle.
const DEPTH_BELOW: &str = "
    WITH RECURSIVE below (role_id, depth) AS (
        SELECT value, 0 FROM json_each(?)
         UNION
        SELECT link.child_id, below.depth + 1
          FROM below
          JOIN role_composite AS link ON link.parent_id = below.role_id
         WHERE below.depth < ?
    )
    SELECT coalesce(max(depth), 0) AS depth FROM below";

/// The same up.
const DEPTH_ABOVE: &str = "
    WITH RECURSIVE above (role_id, depth) AS (
        SELECT value, 0 FROM json_each(?)
         UNION
        SELECT link.parent_id, above.depth + 1
          FROM above
          JOIN role_composite AS link ON link.child_id = above.role_id
         WHERE above.depth < ?
    )
    SELECT coalesce(max(depth), 0) AS depth FROM above";

/// Whether some roles include another, however deep, or are it.
const REACHES: &str = "
    WITH RECURSIVE held (role_id) AS (
        SELECT value FROM json_each(?)
         UNION
        SELECT link.child_id
          FROM held
          JOIN role_composite AS link ON link.parent_id = held.role_id
    )
    SELECT role_id FROM held WHERE role_id = ?";

/// What a member holds: granted to them, to a group that they are in or that is above
/// it, or to every member, down through what roles include.
pub(super) const HELD_BY_MEMBER: &str = "
    WITH RECURSIVE held (role_id) AS (
        SELECT role_id FROM member_role WHERE user_id = ?
         UNION
        SELECT group_role.role_id
          FROM group_member
          JOIN group_above ON group_above.group_id = group_member.group_id
          JOIN group_role ON group_role.group_id = group_above.above_id
         WHERE group_member.user_id = ?
         UNION
        SELECT default_role.role_id
          FROM member
          JOIN default_role ON default_role.role_id > ''
         WHERE member.user_id = ?
         UNION
        SELECT link.child_id
          FROM held
          JOIN role_composite AS link ON link.parent_id = held.role_id
    )";

/// What the members of a group hold through it.
const HELD_BY_GROUP: &str = "
    WITH RECURSIVE held (role_id) AS (
        SELECT group_role.role_id
          FROM group_above
          JOIN group_role ON group_role.group_id = group_above.above_id
         WHERE group_above.group_id = ?
         UNION
        SELECT link.child_id
          FROM held
          JOIN role_composite AS link ON link.parent_id = held.role_id
    )";

const LIST_HELD: &str = "
    SELECT role.id, role.name, role.description
      FROM held
      JOIN role ON role.id = held.role_id
     ORDER BY role.name";

/// Which of what a member holds includes which.
const LIST_LINKS_HELD: &str = "
    SELECT link.parent_id, link.child_id
      FROM held
      JOIN role_composite AS link ON link.parent_id = held.role_id
     LIMIT ?";

const LIST_ALL: &str = "
    SELECT parent.name AS parent, child.name AS child
      FROM role_composite AS link
      JOIN role AS parent ON parent.id = link.parent_id
      JOIN role AS child ON child.id = link.child_id
     WHERE link.parent_id > ''
     ORDER BY parent.name, child.name";

const INSERT_CALLED: &str = "
    INSERT INTO role_composite (parent_id, child_id)
    SELECT parent.id, child.id
      FROM role AS parent
      JOIN role AS child ON child.name = ?
     WHERE parent.name = ?
    ON CONFLICT DO NOTHING";

const INSERT_DEFAULT_CALLED: &str = "
    INSERT INTO default_role (role_id) SELECT id FROM role WHERE name = ?
    ON CONFLICT DO NOTHING";

/// What the role itself includes, by name.
pub fn list_children(sql: &dyn Sql, parent: &RoleId) -> Result<Vec<OrganizationRole>, StoreError> {
    roles(sql, Statement::new(LIST_CHILDREN).bind(parent.as_str()))
}

/// What every member holds, by name, before what it includes.
pub fn list_defaults(sql: &dyn Sql) -> Result<Vec<OrganizationRole>, StoreError> {
    roles(sql, Statement::new(LIST_DEFAULTS))
}

/// Those of `roles` that include others.
pub fn list_parents(sql: &dyn Sql, roles: &[&RoleId]) -> Result<Vec<RoleId>, StoreError> {
    ids(sql, Statement::new(LIST_PARENTS).bind(to_json(&roles)?))
}

/// Makes the role include `children`; those that it did not before. `Dangling` when one
/// is gone.
pub fn insert(
    sql: &dyn Sql,
    parent: &RoleId,
    children: &[RoleId],
) -> Result<Vec<RoleId>, StoreError> {
    ids(sql, Statement::new(INSERT).bind(parent.as_str()).bind(to_json(&children)?))
}

/// Makes it include them no more; those that it did.
pub fn delete(
    sql: &dyn Sql,
    parent: &RoleId,
    children: &[RoleId],
) -> Result<Vec<RoleId>, StoreError> {
    ids(sql, Statement::new(DELETE).bind(parent.as_str()).bind(to_json(&children)?))
}

/// Gives `roles` to every member; those that were not before.
pub fn insert_default(sql: &dyn Sql, roles: &[RoleId]) -> Result<Vec<RoleId>, StoreError> {
    ids(sql, Statement::new(INSERT_DEFAULT).bind(to_json(&roles)?))
}

/// Takes them back; those that were.
pub fn delete_default(sql: &dyn Sql, roles: &[RoleId]) -> Result<Vec<RoleId>, StoreError> {
    ids(sql, Statement::new(DELETE_DEFAULT).bind(to_json(&roles)?))
}

/// How many roles the role itself includes.
pub fn count(sql: &dyn Sql, parent: &RoleId) -> Result<i64, StoreError> {
    let rows = sql.run(Statement::new(COUNT).bind(parent.as_str()))?;
    rows.first().map_or(Ok(0), |row| row.int("total"))
}

/// How many steps it is down from the lowest-reaching of `roles`, up to `most`.
pub fn depth_below(sql: &dyn Sql, roles: &[RoleId], most: i64) -> Result<i64, StoreError> {
    depth(sql, Statement::new(DEPTH_BELOW).bind(to_json(&roles)?).bind(most))
}

/// How many it is up from `role`, up to `most`.
pub fn depth_above(sql: &dyn Sql, role: &RoleId, most: i64) -> Result<i64, StoreError> {
    depth(sql, Statement::new(DEPTH_ABOVE).bind(to_json(&[role])?).bind(most))
}

fn depth(sql: &dyn Sql, statement: Statement) -> Result<i64, StoreError> {
    sql.run(statement)?.first().map_or(Ok(0), |row| row.int("depth"))
}

/// Whether one of `roles` is `other`, or includes it.
pub fn reaches(sql: &dyn Sql, roles: &[RoleId], other: &RoleId) -> Result<bool, StoreError> {
    let statement = Statement::new(REACHES).bind(to_json(&roles)?).bind(other.as_str());
    Ok(!sql.run(statement)?.is_empty())
}

/// What the member holds, however, by name.
pub fn list_held(sql: &dyn Sql, user: &UserId) -> Result<Vec<OrganizationRole>, StoreError> {
    roles(sql, held_by(user).push(LIST_HELD))
}

/// Which of that includes which, at most `limit`.
pub fn list_links_held(
    sql: &dyn Sql,
    user: &UserId,
    limit: i64,
) -> Result<Vec<(RoleId, RoleId)>, StoreError> {
    let rows = sql.run(held_by(user).push(LIST_LINKS_HELD).bind(limit))?;
    rows.iter().map(|row| Ok((row.parse("parent_id")?, row.parse("child_id")?))).collect()
}

/// What the members of the group hold through it and those above it, by name.
pub fn list_held_by_group(
    sql: &dyn Sql,
    group: &GroupId,
) -> Result<Vec<OrganizationRole>, StoreError> {
    roles(sql, Statement::new(HELD_BY_GROUP).bind(group.as_str()).push(LIST_HELD))
}

/// Makes the role called `parent` include the one called `child`, if there are both.
pub fn insert_called(sql: &dyn Sql, parent: &str, child: &str) -> Result<(), StoreError> {
    sql.run(Statement::new(INSERT_CALLED).bind(child).bind(parent)).map(|_| ())
}

/// Gives the role called `name`, if there is one, to every member.
pub fn insert_default_called(sql: &dyn Sql, name: &str) -> Result<(), StoreError> {
    sql.run(Statement::new(INSERT_DEFAULT_CALLED).bind(name)).map(|_| ())
}

/// Which role includes which, by name.
pub fn list_all(sql: &dyn Sql) -> Result<Vec<(RoleName, RoleName)>, StoreError> {
    let rows = sql.run(Statement::new(LIST_ALL))?;
    let text = |row: &Row, name| row.text(name).map(str::to_owned);
    rows.iter().map(|row| Ok((text(row, "parent")?, text(row, "child")?))).collect()
}

pub(super) fn held_by(user: &UserId) -> Statement {
    let user = user.as_str();
    Statement::new(HELD_BY_MEMBER).bind(user).bind(user).bind(user)
}

fn roles(sql: &dyn Sql, statement: Statement) -> Result<Vec<OrganizationRole>, StoreError> {
    sql.run(statement)?.iter().map(role_from_row).collect()
}

fn ids(sql: &dyn Sql, statement: Statement) -> Result<Vec<RoleId>, StoreError> {
    sql.run(statement)?.iter().map(|row| row.parse("id")).collect()
}
