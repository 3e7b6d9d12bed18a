//! People whom an organization's directory makes, many in one statement.
use super::to_json;
use crate::kernel::email::EmailAddress;
use crate::kernel::id::{OrgId, RealmId, UserId};
use crate::kernel::time::Timestamp;
use crate::platform::directory::Directory;
use crate::platform::row::StoreError;
use crate::platform::sql::Statement;
use crate::realm::user::{RequiredAction, Username};
use serde::Serialize;

/// Whoever has one of these names, addresses or ids keeps it.
const INSERT: &str = "
    INSERT INTO user (id, realm_id, username, email, email_verified, first_name, last_name,
                      enabled, home_org_id, service_account_for, created_at, attributes,
                      required_actions)
    SELECT pushed.value ->> '$.id', ?, pushed.value ->> '$.username',
           pushed.value ->> '$.email', pushed.value ->> '$.email_verified',
           pushed.value ->> '$.first_name', pushed.value ->> '$.last_name',
           1, ?, NULL, ?, '{}', pushed.value -> '$.required_actions'
      FROM json_each(?) AS pushed
     WHERE true
    ON CONFLICT DO NOTHING
    RETURNING id";

/// Its own administration account has a home too, but no directory made it.
const MADE_HERE: &str = "
      FROM json_each(?) AS gone
      JOIN user ON user.id = gone.value
     WHERE user.realm_id = ? AND user.home_org_id = ?
       AND user.service_account_for IS NULL
       AND user.username <> 'org-admin-' || user.home_org_id
       AND NOT EXISTS (SELECT 1 FROM membership AS other
                        WHERE other.realm_id = user.realm_id
                          AND other.user_id = user.id
                          AND other.belongs = 1
                          AND other.org_id <> user.home_org_id)";

/// `statement`, of whichever of `users` the directory of `org` made and no other
/// organization has. `users` is a list of ids in JSON.
pub(super) fn made_here(
    statement: Statement,
    (realm, org): (&RealmId, &OrgId),
    users: String,
) -> Statement {
    statement.push(MADE_HERE).bind(users).bind(realm.as_str()).bind(org.as_str())
}

/// Somebody new.
#[derive(Clone, Debug, Serialize)]
pub struct Newcomer {
    /// The id that they will have.
    pub id: UserId,
    /// The name.
    pub username: Username,
    /// The address.
    pub email: Option<EmailAddress>,
    /// Whether somebody has shown to read that mailbox.
    pub email_verified: bool,
    /// Given name.
    pub first_name: Option<String>,
    /// Family name.
    pub last_name: Option<String>,
    /// What they must do at the first login.
    pub required_actions: Vec<RequiredAction>,
}

/// Makes `newcomers` people of `realm` at home in `org`; answers who was made. The
/// others have a name, an address or an id that somebody has.
///
/// # Errors
/// `Refused` when the directory fails; nobody is made then.
pub async fn insert(
    directory: &dyn Directory,
    (realm, org): (&RealmId, &OrgId),
    newcomers: &[Newcomer],
    now: Timestamp,
) -> Result<Vec<UserId>, StoreError> {
    if newcomers.is_empty() {
        return Ok(Vec::new());
    }
    let statement = Statement::new(INSERT)
        .bind(realm.as_str())
        .bind(org.as_str())
        .bind(now)
        .bind(to_json(&newcomers)?);
    directory.run(statement).await?.iter().map(|row| row.parse("id")).collect()
}
