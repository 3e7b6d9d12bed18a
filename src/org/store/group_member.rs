//! Who is in which group.
use super::to_json;
use crate::kernel::id::{GroupId, UserId};
use crate::platform::row::StoreError;
use crate::platform::sql::{Sql, Statement};
use crate::realm::page::Page;

const INSERT: &str = "
    INSERT INTO group_member (group_id, user_id) VALUES (?, ?)
    ON CONFLICT DO NOTHING
    RETURNING user_id";

const DELETE: &str = "
    DELETE FROM group_member WHERE group_id = ? AND user_id = ? RETURNING user_id";

const INSERT_MANY: &str = "
    INSERT INTO group_member (group_id, user_id)
    SELECT ?, value FROM json_each(?) WHERE true
    ON CONFLICT DO NOTHING
    RETURNING user_id";

const DELETE_MANY: &str = "
    DELETE FROM group_member
     WHERE group_id = ? AND user_id IN (SELECT value FROM json_each(?))
    RETURNING user_id";

const LIST: &str = "
    SELECT user_id FROM group_member WHERE group_id = ? ORDER BY user_id LIMIT ? OFFSET ?";

const LIST_ALL: &str = "
    SELECT group_id, user_id FROM group_member
     WHERE group_id > '' ORDER BY group_id, user_id LIMIT ?";

/// `false` when the member is in it already; `Dangling` when the group or the
/// member is gone.
pub fn insert(sql: &dyn Sql, group: &GroupId, user: &UserId) -> Result<bool, StoreError> {
    let statement = Statement::new(INSERT).bind(group.as_str()).bind(user.as_str());
    Ok(!sql.run(statement)?.is_empty())
}

/// `false` when the member was not in it.
pub fn delete(sql: &dyn Sql, group: &GroupId, user: &UserId) -> Result<bool, StoreError> {
    let statement = Statement::new(DELETE).bind(group.as_str()).bind(user.as_str());
    Ok(!sql.run(statement)?.is_empty())
}

/// Who of `users` was not in it, and is now; `Dangling` when the group or one of them
/// is gone.
pub fn insert_many(
    sql: &dyn Sql,
    group: &GroupId,
    users: &[UserId],
) -> Result<Vec<UserId>, StoreError> {
    let statement = Statement::new(INSERT_MANY).bind(group.as_str()).bind(to_json(&users)?);
    users_of(sql, statement)
}

/// Who of `users` was in it, and is no more.
pub fn delete_many(
    sql: &dyn Sql,
    group: &GroupId,
    users: &[UserId],
) -> Result<Vec<UserId>, StoreError> {
    let statement = Statement::new(DELETE_MANY).bind(group.as_str()).bind(to_json(&users)?);
    users_of(sql, statement)
}

/// A page of those who are in the group itself, by user id: the order of the index.
pub fn list(sql: &dyn Sql, group: &GroupId, page: Page) -> Result<Vec<UserId>, StoreError> {
    let statement = Statement::new(LIST).bind(group.as_str()).bind(page.max).bind(page.first);
    users_of(sql, statement)
}

/// Who is in which group, by group and user, at most `limit`.
pub fn list_all(sql: &dyn Sql, limit: i64) -> Result<Vec<(GroupId, UserId)>, StoreError> {
    let rows = sql.run(Statement::new(LIST_ALL).bind(limit))?;
    rows.iter().map(|row| Ok((row.parse("group_id")?, row.parse("user_id")?))).collect()
}

fn users_of(sql: &dyn Sql, statement: Statement) -> Result<Vec<UserId>, StoreError> {
    sql.run(statement)?.iter().map(|row| row.parse("user_id")).collect()
}
