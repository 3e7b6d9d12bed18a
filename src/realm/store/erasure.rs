//! Users who are deleted in the directory and may not be everywhere yet.
use crate::kernel::id::{OrgId, RealmId, UserId};
use crate::kernel::time::Timestamp;
use crate::platform::directory::Directory;
use crate::platform::row::StoreError;
use crate::platform::sql::Statement;

const INSERT: &str = "
    INSERT INTO user_erasure (user_id, realm_id, started_at)
    SELECT id, realm_id, ? FROM user WHERE id = ? AND realm_id = ?
    ON CONFLICT (user_id) DO NOTHING";

const LIST: &str = "
    SELECT user_id, realm_id
      FROM user_erasure
     WHERE started_at <= ?
     ORDER BY started_at
     LIMIT ?";

const DELETE: &str = "DELETE FROM user_erasure WHERE user_id = ?";

const LIST_ORGS: &str = "
    SELECT org_id FROM membership
     WHERE realm_id = ? AND user_id = ? AND present = 1
     LIMIT ?";

/// The statement that notes that `user` goes: in the batch that deletes the row,
/// before it.
#[must_use]
pub fn insertion(realm: &RealmId, user: &UserId, now: Timestamp) -> Statement {
    Statement::new(INSERT).bind(now).bind(user.as_str()).bind(realm.as_str())
}

/// Users whose deletion began at `then` or before, oldest first.
///
/// # Errors
/// `Refused` when the directory fails.
pub async fn list(
    directory: &dyn Directory,
    then: Timestamp,
    limit: i64,
) -> Result<Vec<(RealmId, UserId)>, StoreError> {
    let rows = directory.run(Statement::new(LIST).bind(then).bind(limit)).await?;
    rows.iter().map(|row| Ok((row.parse("realm_id")?, row.parse("user_id")?))).collect()
}

/// Forgets that `user` is going: they are gone.
///
/// # Errors
/// `Refused` when the directory fails.
pub async fn delete(directory: &dyn Directory, user: &UserId) -> Result<(), StoreError> {
    directory.run(Statement::new(DELETE).bind(user.as_str())).await.map(|_| ())
}

/// Organizations that still count `user` among their members.
///
/// # Errors
/// `Refused` when the directory fails.
pub async fn list_orgs(
    directory: &dyn Directory,
    realm: &RealmId,
    user: &UserId,
    limit: i64,
) -> Result<Vec<OrgId>, StoreError> {
    let statement = Statement::new(LIST_ORGS).bind(realm.as_str()).bind(user.as_str()).bind(limit);
    directory.run(statement).await?.iter().map(|row| row.parse("org_id")).collect()
}
