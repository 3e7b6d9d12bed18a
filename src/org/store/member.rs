//! Members.
use crate::kernel::id::{RoleId, UserId};
use crate::kernel::time::Timestamp;
use crate::org::content::MemberContent;
use crate::org::member::{Member, Source};
use crate::platform::row::{Row, StoreError};
use crate::platform::sql::{Sql, Statement};
use crate::realm::page::Page;
use crate::realm::registry::Attributes;

const FIND: &str = "SELECT user_id, active, managed, joined_at FROM member WHERE user_id = ?";

const IS_ACTIVE: &str = "SELECT user_id FROM member WHERE user_id = ? AND active = 1";

const LIST: &str = "
    SELECT user_id, active, managed, joined_at
      FROM member
     WHERE source <> 'machine' AND user_id <> ?
     ORDER BY joined_at, user_id LIMIT ? OFFSET ?";

const LIST_IDS: &str = "SELECT user_id FROM member WHERE user_id > ? ORDER BY user_id LIMIT ?";

/// The unary plus keeps SQLite from walking the whole list for its order.
const LIST_AMONG: &str = "
    SELECT user_id, active, managed, joined_at
      FROM member
     WHERE user_id IN (SELECT value FROM json_each(?))
       AND source <> 'machine' AND user_id <> ?
     ORDER BY +joined_at, user_id LIMIT ? OFFSET ?";

const LIST_THESE: &str = "
    SELECT user_id, active, managed, joined_at
      FROM member
     WHERE user_id IN (SELECT value FROM json_each(?))";

const LIST_HOLDERS: &str = "
    SELECT member.user_id, member.active, member.managed, member.joined_at
      FROM member_role
      JOIN member ON member.user_id = member_role.user_id
     WHERE member_role.role_id = ? AND member.source <> 'machine' AND member_role.user_id <> ?
     ORDER BY member_role.user_id LIMIT ? OFFSET ?";

const COUNT: &str = "SELECT total FROM tally WHERE kind = 'member'";

const FIND_ATTRIBUTES: &str = "SELECT attributes FROM member WHERE user_id = ?";

const SET_ATTRIBUTES: &str = "
    UPDATE member SET attributes = ? WHERE user_id = ? RETURNING user_id";

const INSERT: &str = "
    INSERT INTO member (user_id, source, active, joined_at)
    VALUES (?, ?, 1, ?)
    ON CONFLICT (user_id) DO NOTHING
    RETURNING user_id";

const LIST_WHOLE: &str = "
    SELECT user_id, source, active, managed, joined_at, attributes FROM member
     WHERE user_id > '' ORDER BY user_id LIMIT ?";

const INSERT_WHOLE: &str = "
    INSERT INTO member (user_id, source, active, managed, joined_at, attributes)
    VALUES (?, ?, ?, ?, ?, ?)";

const MARK_ACTIVE: &str = "
    UPDATE member SET active = ? WHERE user_id = ? AND active <> ? RETURNING user_id";

const MARK_MANAGED: &str = "
    UPDATE member SET managed = ? WHERE user_id = ? AND managed <> ? RETURNING user_id";

const LIST_MANAGED: &str = "
    SELECT user_id FROM member WHERE managed = 1 AND user_id > ? ORDER BY user_id LIMIT ?";

const DELETE: &str = "DELETE FROM member WHERE user_id = ? RETURNING user_id";

pub fn find(sql: &dyn Sql, user: &UserId) -> Result<Option<Member>, StoreError> {
    let rows = sql.run(Statement::new(FIND).bind(user.as_str()))?;
    rows.first().map(member_from_row).transpose()
}

pub fn is_active(sql: &dyn Sql, user: &UserId) -> Result<bool, StoreError> {
    Ok(!sql.run(Statement::new(IS_ACTIVE).bind(user.as_str()))?.is_empty())
}

/// Oldest membership first, without service accounts and without `except`.
pub fn list(sql: &dyn Sql, except: Option<&UserId>, page: Page) -> Result<Vec<Member>, StoreError> {
    let except = except.map_or("", UserId::as_str);
    let statement = Statement::new(LIST).bind(except).bind(page.max).bind(page.first);
    sql.run(statement)?.iter().map(member_from_row).collect()
}

/// Members by user id, service accounts too, after one.
pub fn list_ids_after(
    sql: &dyn Sql,
    after: Option<&UserId>,
    limit: i64,
) -> Result<Vec<UserId>, StoreError> {
    let statement = Statement::new(LIST_IDS).bind(after.map_or("", UserId::as_str)).bind(limit);
    sql.run(statement)?.iter().map(|row| row.parse("user_id")).collect()
}

/// The same, of those who are among `users`.
pub fn list_among(
    sql: &dyn Sql,
    users: &[UserId],
    except: Option<&UserId>,
    page: Page,
) -> Result<Vec<Member>, StoreError> {
    let statement = Statement::new(LIST_AMONG)
        .bind(super::to_json(&users)?)
        .bind(except.map_or("", UserId::as_str))
        .bind(page.max)
        .bind(page.first);
    sql.run(statement)?.iter().map(member_from_row).collect()
}

/// Those of `users` who are members, in no particular order.
pub fn list_these(sql: &dyn Sql, users: &[UserId]) -> Result<Vec<Member>, StoreError> {
    let statement = Statement::new(LIST_THESE).bind(super::to_json(&users)?);
    sql.run(statement)?.iter().map(member_from_row).collect()
}

/// Who holds the role, by user id: the order of the index.
pub fn list_holders(
    sql: &dyn Sql,
    role: &RoleId,
    except: Option<&UserId>,
    page: Page,
) -> Result<Vec<Member>, StoreError> {
    let statement = Statement::new(LIST_HOLDERS)
        .bind(role.as_str())
        .bind(except.map_or("", UserId::as_str))
        .bind(page.max)
        .bind(page.first);
    sql.run(statement)?.iter().map(member_from_row).collect()
}

/// How many [`list`] lists in all.
pub fn count(sql: &dyn Sql) -> Result<i64, StoreError> {
    sql.run(Statement::new(COUNT))?.first().map_or(Ok(0), |row| row.int("total"))
}

/// `None` when there is no such member.
pub fn find_attributes(sql: &dyn Sql, user: &UserId) -> Result<Option<Attributes>, StoreError> {
    let rows = sql.run(Statement::new(FIND_ATTRIBUTES).bind(user.as_str()))?;
    rows.first().map(|row| row.json("attributes")).transpose()
}

/// `false` when there is no such member.
pub fn set_attributes(
    sql: &dyn Sql,
    user: &UserId,
    attributes: &Attributes,
) -> Result<bool, StoreError> {
    let statement =
        Statement::new(SET_ATTRIBUTES).bind(super::to_json(attributes)?).bind(user.as_str());
    Ok(!sql.run(statement)?.is_empty())
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

/// Every member, service accounts included, without roles, by user, at most
/// `limit`.
pub fn list_whole(sql: &dyn Sql, limit: i64) -> Result<Vec<MemberContent>, StoreError> {
    let rows = sql.run(Statement::new(LIST_WHOLE).bind(limit))?;
    rows.iter()
        .map(|row| {
            Ok(MemberContent {
                user: row.parse("user_id")?,
                source: row.parse("source")?,
                active: row.truth("active")?,
                managed: row.truth("managed")?,
                joined_at: row.time("joined_at")?,
                attributes: row.json("attributes")?,
                roles: Vec::new(),
            })
        })
        .collect()
}

/// A member as they were elsewhere, without roles.
pub fn insert_whole(sql: &dyn Sql, member: &MemberContent) -> Result<(), StoreError> {
    let statement = Statement::new(INSERT_WHOLE)
        .bind(member.user.as_str())
        .bind(member.source.as_str())
        .bind(member.active)
        .bind(member.managed)
        .bind(member.joined_at)
        .bind(super::to_json(&member.attributes)?);
    sql.run(statement).map(|_| ())
}

/// `false` when there is no such member, or it already is so.
pub fn mark_active(sql: &dyn Sql, user: &UserId, active: bool) -> Result<bool, StoreError> {
    let statement = Statement::new(MARK_ACTIVE).bind(active).bind(user.as_str()).bind(active);
    Ok(!sql.run(statement)?.is_empty())
}

/// `false` when there is no such member, or it already is so.
pub fn mark_managed(sql: &dyn Sql, user: &UserId, managed: bool) -> Result<bool, StoreError> {
    let statement = Statement::new(MARK_MANAGED).bind(managed).bind(user.as_str()).bind(managed);
    Ok(!sql.run(statement)?.is_empty())
}

/// Whose accounts the organization manages, by user id, after one.
pub fn list_managed_after(
    sql: &dyn Sql,
    after: Option<&UserId>,
    limit: i64,
) -> Result<Vec<UserId>, StoreError> {
    let statement = Statement::new(LIST_MANAGED).bind(after.map_or("", UserId::as_str)).bind(limit);
    sql.run(statement)?.iter().map(|row| row.parse("user_id")).collect()
}

/// `false` when there was no such member.
pub fn delete(sql: &dyn Sql, user: &UserId) -> Result<bool, StoreError> {
    Ok(!sql.run(Statement::new(DELETE).bind(user.as_str()))?.is_empty())
}

fn member_from_row(row: &Row) -> Result<Member, StoreError> {
    Ok(Member {
        user: row.parse("user_id")?,
        active: row.truth("active")?,
        managed: row.truth("managed")?,
        joined_at: row.time("joined_at")?,
    })
}
