//! Who is in which group of a realm. People who come to be join the default groups
//! by a trigger.
use super::to_json;
use super::user::{SELECT, user_from_row};
use crate::kernel::id::{GroupId, RealmId, UserId};
use crate::platform::directory::Directory;
use crate::platform::row::StoreError;
use crate::platform::sql::Statement;
use crate::realm::page::Page;
use crate::realm::user::User;

const IS_MEMBER: &str = "SELECT 1 AS found FROM group_member WHERE user_id = ? AND group_id = ?";

const INSERT: &str = "
    INSERT INTO group_member (user_id, group_id, username)
    SELECT user.id, asked.value, user.username
      FROM user, json_each(?) AS asked
     WHERE user.id = ? AND user.realm_id = ?
    ON CONFLICT DO NOTHING";

const DELETE_ALL: &str = "DELETE FROM group_member WHERE user_id = ?";

const DELETE: &str = "DELETE FROM group_member WHERE user_id = ? AND group_id = ?";

/// The page first, so that who is passed over is not read.
const LIST: &str = "
      FROM user
     WHERE id IN (SELECT user_id FROM group_member
                   WHERE group_id = ? ORDER BY username LIMIT ? OFFSET ?)
       AND realm_id = ?
     ORDER BY username";

/// Whether `user` is in `group` itself.
///
/// # Errors
/// `Refused` when the directory fails.
pub async fn is_member(
    directory: &dyn Directory,
    user: &UserId,
    group: &GroupId,
) -> Result<bool, StoreError> {
    let statement = Statement::new(IS_MEMBER).bind(user.as_str()).bind(group.as_str());
    Ok(!directory.run(statement).await?.is_empty())
}

/// A page of the members of `group` itself, by username.
///
/// # Errors
/// `Refused` when the directory fails.
pub async fn list(
    directory: &dyn Directory,
    realm: &RealmId,
    group: &GroupId,
    page: Page,
) -> Result<Vec<User>, StoreError> {
    let statement = Statement::new(SELECT)
        .push(LIST)
        .bind(group.as_str())
        .bind(page.max)
        .bind(page.first)
        .bind(realm.as_str());
    directory.run(statement).await?.iter().map(user_from_row).collect()
}

/// The statement that puts `user` into `groups`; `Dangling` when one is gone.
///
/// # Errors
/// `Refused` when the list cannot be written as JSON.
pub fn insertion(
    realm: &RealmId,
    user: &UserId,
    groups: &[&GroupId],
) -> Result<Statement, StoreError> {
    Ok(Statement::new(INSERT).bind(to_json(&groups)?).bind(user.as_str()).bind(realm.as_str()))
}

/// The statement that takes `user` out of every group.
#[must_use]
pub fn clearing(user: &UserId) -> Statement {
    Statement::new(DELETE_ALL).bind(user.as_str())
}

/// The statement that takes `user` out of `group`.
#[must_use]
pub fn removal(user: &UserId, group: &GroupId) -> Statement {
    Statement::new(DELETE).bind(user.as_str()).bind(group.as_str())
}
