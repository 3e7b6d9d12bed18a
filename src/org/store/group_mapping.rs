//! Roles of the realm and of its clients that were mapped to groups. The directory
//! knows what they are.
use super::to_json;
use crate::kernel::id::{GroupId, RoleId, UserId};
use crate::org::content::MappedRole;
use crate::platform::row::{Row, StoreError};
use crate::platform::sql::{Sql, Statement};
use crate::realm::stored_role::Container;

const INSERT: &str = "
    INSERT INTO group_mapping (group_id, role_id, client_uuid)
    SELECT ?, value, ? FROM json_each(?) WHERE true
    ON CONFLICT DO NOTHING";

const DELETE: &str = "
    DELETE FROM group_mapping
     WHERE group_id = ? AND role_id IN (SELECT value FROM json_each(?))";

const LIST: &str = "
    SELECT role_id FROM group_mapping WHERE group_id = ?";

const IN_CONTAINER: &str = " AND coalesce(client_uuid, '') = ?";

/// The group's own and those of all above it.
const LIST_INHERITED: &str = "
    SELECT DISTINCT group_mapping.role_id
      FROM group_above
      JOIN group_mapping ON group_mapping.group_id = group_above.above_id
     WHERE group_above.group_id = ?";

const LIST_OF_MANY: &str = "
    SELECT group_mapping.group_id, group_mapping.role_id
      FROM json_each(?) AS asked
      JOIN group_mapping ON group_mapping.group_id = asked.value";

/// Of the groups that the member is in, and of all above them.
const LIST_HELD: &str = "
    SELECT DISTINCT group_mapping.role_id
      FROM group_member
      JOIN group_above ON group_above.group_id = group_member.group_id
      JOIN group_mapping ON group_mapping.group_id = group_above.above_id
     WHERE group_member.user_id = ?
     ORDER BY group_mapping.role_id
     LIMIT ?";

const LIST_ALL: &str = "
    SELECT group_id, role_id, client_uuid FROM group_mapping
     WHERE group_id > '' ORDER BY group_id, role_id LIMIT ?";

const COUNT: &str = "SELECT count(*) AS total FROM group_mapping WHERE group_id = ?";

/// Maps `roles` of `container`; `Dangling` when the group is gone.
pub fn insert(
    sql: &dyn Sql,
    group: &GroupId,
    container: &Container,
    roles: &[RoleId],
) -> Result<(), StoreError> {
    let client = Some(container.key()).filter(|key| !key.is_empty());
    let statement = Statement::new(INSERT).bind(group.as_str()).bind(client).bind(to_json(&roles)?);
    sql.run(statement).map(|_| ())
}

pub fn delete(sql: &dyn Sql, group: &GroupId, roles: &[RoleId]) -> Result<(), StoreError> {
    let statement = Statement::new(DELETE).bind(group.as_str()).bind(to_json(&roles)?);
    sql.run(statement).map(|_| ())
}

/// What was mapped to the group itself; of one container when that is given.
pub fn list(
    sql: &dyn Sql,
    group: &GroupId,
    container: Option<&Container>,
) -> Result<Vec<RoleId>, StoreError> {
    let mut statement = Statement::new(LIST).bind(group.as_str());
    if let Some(container) = container {
        statement = statement.push(IN_CONTAINER).bind(container.key());
    }
    roles_of(sql, statement)
}

/// What its members hold through the group, before composites.
pub fn list_inherited(sql: &dyn Sql, group: &GroupId) -> Result<Vec<RoleId>, StoreError> {
    roles_of(sql, Statement::new(LIST_INHERITED).bind(group.as_str()))
}

/// What was mapped to each of `groups` itself.
pub fn list_of_many(
    sql: &dyn Sql,
    groups: &[&GroupId],
) -> Result<Vec<(GroupId, RoleId)>, StoreError> {
    let rows = sql.run(Statement::new(LIST_OF_MANY).bind(to_json(&groups)?))?;
    rows.iter().map(|row| Ok((row.parse("group_id")?, role_of(row)?))).collect()
}

/// What the member holds through groups, before composites, at most `limit`.
pub fn list_held(sql: &dyn Sql, user: &UserId, limit: i64) -> Result<Vec<RoleId>, StoreError> {
    roles_of(sql, Statement::new(LIST_HELD).bind(user.as_str()).bind(limit))
}

/// What was mapped to which group, by group and key, at most `limit`.
pub fn list_all(sql: &dyn Sql, limit: i64) -> Result<Vec<(GroupId, MappedRole)>, StoreError> {
    let rows = sql.run(Statement::new(LIST_ALL).bind(limit))?;
    rows.iter()
        .map(|row| {
            let client = row.parse_or_null("client_uuid")?;
            Ok((row.parse("group_id")?, MappedRole { id: role_of(row)?, client }))
        })
        .collect()
}

/// How many were mapped to the group itself.
pub fn count(sql: &dyn Sql, group: &GroupId) -> Result<i64, StoreError> {
    let rows = sql.run(Statement::new(COUNT).bind(group.as_str()))?;
    rows.first().map_or(Ok(0), |row| row.int("total"))
}

fn roles_of(sql: &dyn Sql, statement: Statement) -> Result<Vec<RoleId>, StoreError> {
    sql.run(statement)?.iter().map(role_of).collect()
}

fn role_of(row: &Row) -> Result<RoleId, StoreError> {
    row.parse("role_id")
}
