//! Groups and who is in them.
use crate::kernel::id::{GroupId, UserId};
use crate::org::content::GroupContent;
use crate::platform::row::StoreError;
use crate::platform::sql::{Sql, Statement};

const FIND_CHILD: &str = "
    SELECT id FROM org_group WHERE coalesce(parent_id, '') = ? AND name = ?";

const INSERT: &str = "INSERT INTO org_group (id, parent_id, name) VALUES (?, ?, ?)";

const INSERT_MEMBER: &str = "
    INSERT INTO group_member (group_id, user_id) VALUES (?, ?) ON CONFLICT DO NOTHING";

const LIST: &str = "
    SELECT id, parent_id, name FROM org_group WHERE id > '' ORDER BY id LIMIT ?";

const LIST_MEMBERS: &str = "
    SELECT group_id, user_id FROM group_member
     WHERE group_id > '' ORDER BY group_id, user_id LIMIT ?";

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

/// Every group, without its members, by id, at most `limit`.
pub fn list(sql: &dyn Sql, limit: i64) -> Result<Vec<GroupContent>, StoreError> {
    let rows = sql.run(Statement::new(LIST).bind(limit))?;
    rows.iter()
        .map(|row| {
            Ok(GroupContent {
                id: row.parse("id")?,
                parent: row.parse_or_null("parent_id")?,
                name: row.text("name")?.to_owned(),
                members: Vec::new(),
            })
        })
        .collect()
}

/// Who is in which group, by group and user, at most `limit`.
pub fn list_members(sql: &dyn Sql, limit: i64) -> Result<Vec<(GroupId, UserId)>, StoreError> {
    let rows = sql.run(Statement::new(LIST_MEMBERS).bind(limit))?;
    rows.iter().map(|row| Ok((row.parse("group_id")?, row.parse("user_id")?))).collect()
}

pub fn list_paths(sql: &dyn Sql, user: &UserId) -> Result<Vec<String>, StoreError> {
    let rows = sql.run(Statement::new(LIST_PATHS).bind(user.as_str()))?;
    rows.iter().map(|row| row.text("path").map(str::to_owned)).collect()
}
