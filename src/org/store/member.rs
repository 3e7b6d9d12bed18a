//! Members.
use crate::kernel::id::UserId;
use crate::kernel::time::Timestamp;
use crate::org::member::{Member, Source};
use crate::platform::row::{Row, StoreError};
use crate::platform::sql::{Sql, Statement};
use crate::realm::page::Page;

const FIND: &str = "SELECT user_id, active, joined_at FROM member WHERE user_id = ?";

const IS_ACTIVE: &str = "SELECT user_id FROM member WHERE user_id = ? AND active = 1";

const LIST: &str = "
    SELECT user_id, active, joined_at FROM member ORDER BY joined_at, user_id LIMIT ? OFFSET ?";

const COUNT: &str = "SELECT count(*) AS members FROM member";

const INSERT: &str = "
    INSERT INTO member (user_id, source, active, joined_at)
    VALUES (?, ?, 1, ?)
    ON CONFLICT (user_id) DO NOTHING
    RETURNING user_id";

const MARK_ACTIVE: &str = "
    UPDATE member SET active = ? WHERE user_id = ? AND active <> ? RETURNING user_id";

const DELETE: &str = "DELETE FROM member WHERE user_id = ? RETURNING user_id";

pub fn find(sql: &dyn Sql, user: &UserId) -> Result<Option<Member>, StoreError> {
    let rows = sql.run(Statement::new(FIND).bind(user.as_str()))?;
    rows.first().map(member_from_row).transpose()
}

pub fn is_active(sql: &dyn Sql, user: &UserId) -> Result<bool, StoreError> {
    Ok(!sql.run(Statement::new(IS_ACTIVE).bind(user.as_str()))?.is_empty())
}

pub fn list(sql: &dyn Sql, page: Page) -> Result<Vec<Member>, StoreError> {
    let statement = Statement::new(LIST).bind(page.max).bind(page.first);
    sql.run(statement)?.iter().map(member_from_row).collect()
}

pub fn count(sql: &dyn Sql) -> Result<i64, StoreError> {
    sql.run(Statement::new(COUNT))?.first().map_or(Ok(0), |row| row.int("members"))
}

/// `false` when the person was a member already.
pub fn insert(
    sql: &dyn Sql,
    user: &UserId,
    source: Source,
    now: Timestamp,
) -> Result<bool, StoreError> {
    let statement = Statement::new(INSERT).bind(user.as_str()).bind(source.as_str()).bind(now);
    Ok(!sql.run(statement)?.is_empty())
}

/// `false` when there is no such member, or it already is so.
pub fn mark_active(sql: &dyn Sql, user: &UserId, active: bool) -> Result<bool, StoreError> {
    let statement = Statement::new(MARK_ACTIVE).bind(active).bind(user.as_str()).bind(active);
    Ok(!sql.run(statement)?.is_empty())
}

/// `false` when there was no such member.
pub fn delete(sql: &dyn Sql, user: &UserId) -> Result<bool, StoreError> {
    Ok(!sql.run(Statement::new(DELETE).bind(user.as_str()))?.is_empty())
}

fn member_from_row(row: &Row) -> Result<Member, StoreError> {
    Ok(Member {
        user: row.parse("user_id")?,
        active: row.truth("active")?,
        joined_at: row.time("joined_at")?,
    })
}
