//! Groups and who is in them.
use crate::kernel::id::{GroupId, UserId};
use crate::platform::row::StoreError;
use crate::platform::sql::{Sql, Statement};

const FIND_CHILD: &str = "
    SELECT id FROM org_group WHERE coalesce(parent_id, '') = ? AND name = ?";

const INSERT: &str = "INSERT INTO org_group (id, parent_id, name) VALUES (?, ?, ?)";

const INSERT_MEMBER: &str = "
    INSERT INTO group_member (group_id, user_id) VALUES (?, ?) ON CONFLICT DO NOTHING";

/// From each of the person's groups up to the top: as many steps as the tree is
/// deep, however wide it is.
const LIST_PATHS: &str = "
    WITH RECURSIVE up (path, parent_id) AS (
        SELECT '/' || org_group.name, org_group.parent_id
          FROM group_member
          JOIN org_group ON org_group.id = group_member.group_id
         WHERE group_member.user_id = ?
         UNION ALL
        SELECT '/' || org_group.name || up.path, org_group.parent_id
          FROM up
          JOIN org_group ON org_group.id = up.parent_id
    )
    SELECT path FROM up WHERE parent_id IS NULL ORDER BY path";

pub fn find_child(
    sql: &dyn Sql,
    parent: Option<&GroupId>,
    name: &str,
) -> Result<Option<GroupId>, StoreError> {
    let statement =
        Statement::new(FIND_CHILD).bind(parent.map_or("", |group| group.as_str())).bind(name);
    sql.run(statement)?.first().map(|row| row.parse("id")).transpose()
}

pub fn insert(
    sql: &dyn Sql,
    group: &GroupId,
    parent: Option<&GroupId>,
    name: &str,
) -> Result<(), StoreError> {
    let statement =
        Statement::new(INSERT).bind(group.as_str()).bind(parent.map(GroupId::as_str)).bind(name);
    sql.run(statement).map(|_| ())
}

pub fn insert_member(sql: &dyn Sql, group: &GroupId, user: &UserId) -> Result<(), StoreError> {
    let statement = Statement::new(INSERT_MEMBER).bind(group.as_str()).bind(user.as_str());
    sql.run(statement).map(|_| ())
}

pub fn list_paths(sql: &dyn Sql, user: &UserId) -> Result<Vec<String>, StoreError> {
    let rows = sql.run(Statement::new(LIST_PATHS).bind(user.as_str()))?;
    rows.iter().map(|row| row.text("path").map(str::to_owned)).collect()
}
