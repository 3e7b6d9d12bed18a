//! Roles of the organization that were granted to groups.
use crate::kernel::id::GroupId;
use crate::platform::row::StoreError;
use crate::platform::sql::{Sql, Statement};

const INSERT: &str = "
    INSERT INTO group_role (group_id, role_id)
    SELECT ?, id FROM role WHERE name = ?
    ON CONFLICT DO NOTHING";

const LIST_ALL: &str = "
    SELECT group_role.group_id, role.name
      FROM group_role
      JOIN role ON role.id = group_role.role_id
     WHERE group_role.group_id > ''
     ORDER BY group_role.group_id, role.name
     LIMIT ?";

/// Grants the role called `name`, if there is one; `Dangling` when the group is gone.
pub fn insert(sql: &dyn Sql, group: &GroupId, name: &str) -> Result<(), StoreError> {
    sql.run(Statement::new(INSERT).bind(group.as_str()).bind(name)).map(|_| ())
}

/// What was granted to which group, by group and name, at most `limit`.
pub fn list_all(sql: &dyn Sql, limit: i64) -> Result<Vec<(GroupId, String)>, StoreError> {
    let rows = sql.run(Statement::new(LIST_ALL).bind(limit))?;
    rows.iter().map(|row| Ok((row.parse("group_id")?, row.text("name")?.to_owned()))).collect()
}
