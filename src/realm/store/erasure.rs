//! Users who are deleted in the directory and may not be everywhere yet.
use super::provisioned;
use crate::event::audit::AuditEvent;
use crate::event::store::audit;
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
     WHERE realm_id = ? AND user_id = ? AND belongs = 1
     LIMIT ?";

/// Whom an organization manages, and no other has.
const INSERT_MANAGED: &str = "
    INSERT INTO user_erasure (user_id, realm_id, started_at)
    SELECT user.id, user.realm_id, ?
      FROM json_each(?) AS gone
      JOIN membership ON membership.realm_id = ? AND membership.user_id = gone.value
                     AND membership.org_id = ? AND membership.managed = 1
      JOIN user ON user.id = gone.value AND user.realm_id = membership.realm_id
     WHERE user.service_account_for IS NULL
       AND NOT EXISTS (SELECT 1 FROM membership AS other
                        WHERE other.realm_id = membership.realm_id
                          AND other.user_id = membership.user_id
                          AND other.belongs = 1
                          AND other.org_id <> membership.org_id)
    ON CONFLICT (user_id) DO NOTHING
    RETURNING user_id";

/// Whom an organization's directory made, and no other has ([`provisioned::made_here`]).
const INSERT_MADE: &str = "
    INSERT INTO user_erasure (user_id, realm_id, started_at)
    SELECT user.id, user.realm_id, ?";

const NOTED: &str = "
    ON CONFLICT (user_id) DO NOTHING
    RETURNING user_id";

const IS_GOING: &str = "
    EXISTS (SELECT 1 FROM user
              JOIN user_erasure ON user_erasure.user_id = user.id
             WHERE user.id = ?)";

const DELETE_GOING: &str = "
    DELETE FROM user
     WHERE realm_id = ?
       AND id IN (SELECT user_erasure.user_id
                    FROM json_each(?) AS gone
                    JOIN user_erasure ON user_erasure.user_id = gone.value)";

/// By what right an organization's users go with their membership.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Right {
    /// It manages their accounts.
    Manages,
    /// Its directory made them.
    Made,
}

/// Accounts that may go with their membership.
#[derive(Clone, Copy, Debug)]
pub struct Owned<'a> {
    /// The realm.
    pub realm: &'a RealmId,
    /// The organization.
    pub org: &'a OrgId,
    /// By what right.
    pub right: Right,
    /// Whose they are.
    pub users: &'a [UserId],
}

/// Deletes the users of `owned`, except those who belong to another organization
/// too or over whom this one has not that right; answers who is gone. `events` tell of
/// each deletion, and are written down of those who go. One transaction.
///
/// # Errors
/// `Refused` when the directory fails; nobody is deleted then.
pub async fn delete_owned(
    directory: &dyn Directory,
    owned: Owned<'_>,
    events: &[(&UserId, AuditEvent)],
    now: Timestamp,
) -> Result<Vec<UserId>, StoreError> {
    let users = super::to_json(&owned.users)?;
    let (realm, org) = (owned.realm.as_str(), owned.org.as_str());
    let noting = match owned.right {
        Right::Manages => {
            Statement::new(INSERT_MANAGED).bind(now).bind(users.as_str()).bind(realm).bind(org)
        }
        Right::Made => {
            let noting = Statement::new(INSERT_MADE).bind(now);
            provisioned::made_here(noting, (owned.realm, owned.org), users.clone()).push(NOTED)
        }
    };
    let mut statements = vec![noting];
    for (user, event) in events {
        let is_going = Statement::new(IS_GOING).bind(user.as_str());
        statements.push(audit::insertion_where(event, is_going)?);
    }
    statements.push(Statement::new(DELETE_GOING).bind(realm).bind(users));
    let answers = directory.batch(statements).await?;
    answers.first().into_iter().flatten().map(|row| row.parse("user_id")).collect()
}

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
