//! Roles of the organization that were granted to groups.
use crate::kernel::id::{GroupId, RoleId};
use crate::org::role::OrganizationRole;
use crate::platform::row::StoreError;
use crate::platform::sql::{Sql, Statement};

const INSERT: &str = "
    INSERT INTO group_role (group_id, role_id)
    SELECT ?, id FROM role WHERE name = ?
    ON CONFLICT DO NOTHING
    RETURNING group_id";

const DELETE: &str = "
    DELETE FROM group_role WHERE group_id = ? AND role_id = ? RETURNING group_id";

const LIST: &str = "
    SELECT role.id, role.name, role.description
      FROM group_role
      JOIN role ON role.id = group_role.role_id
     WHERE group_role.group_id = ?
     ORDER BY role.name";

/// The group's own and those of all above it.
const LIST_INHERITED: &str = "
    SELECT DISTINCT role.id, role.name, role.description
      FROM group_above
      JOIN group_role ON group_role.group_id = group_above.above_id
      JOIN role ON role.id = group_role.role_id
     WHERE group_above.group_id = ?
     ORDER BY role.name";

const LIST_ALL: &str = "
    SELECT group_role.group_id, role.name
      FROM group_role
      JOIN role ON role.id = group_role.role_id
     WHERE group_role.group_id > ''
     ORDER BY group_role.group_id, role.name
     LIMIT ?";

/// Grants the role called `name`, if there is one; `false` when there is none or
/// the group has it already. `Dangling` when the group is gone.
pub fn insert(sql: &dyn Sql, group: &GroupId, name: &str) -> Result<bool, StoreError> {
    Ok(!sql.run(Statement::new(INSERT).bind(group.as_str()).bind(name))?.is_empty())
}

/// `false` when the group did not have it.
pub fn delete(sql: &dyn Sql, group: &GroupId, role: &RoleId) -> Result<bool, StoreError> {
    let statement = Statement::new(DELETE).bind(group.as_str()).bind(role.as_str());
    Ok(!sql.run(statement)?.is_empty())
}

/// What was granted to the group itself, by name.
pub fn list(sql: &dyn Sql, group: &GroupId) -> Result<Vec<OrganizationRole>, StoreError> {
    let rows = sql.run(Statement::new(LIST).bind(group.as_str()))?;
    rows.iter().map(super::role::role_from_row).collect()
}

/// What its members hold through it, by name.
pub fn list_inherited(sql: &dyn Sql, group: &GroupId) -> Result<Vec<OrganizationRole>, StoreError> {
    let rows = sql.run(Statement::new(LIST_INHERITED).bind(group.as_str()))?;
    rows.iter().map(super::role::role_from_row).collect()
}

/// What was granted to which group, by group and name, at most `limit`.
pub fn list_all(sql: &dyn Sql, limit: i64) -> Result<Vec<(GroupId, String)>, StoreError> {
    let rows = sql.run(Statement::new(LIST_ALL).bind(limit))?;
    rows.iter().map(|row| Ok((row.parse("group_id")?, row.text("name")?.to_owned()))).collect()
}
