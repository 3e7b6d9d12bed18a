//! People whose sessions are to be ended in their accounts.
use super::provisioned;
use crate::kernel::id::{OrgId, RealmId, UserId};
use crate::kernel::time::Timestamp;
use crate::platform::directory::Directory;
use crate::platform::row::{Row, StoreError};
use crate::platform::sql::Statement;
use crate::realm::client::BACKCHANNEL_LOGOUT_URL;

const INSERT: &str = "
    INSERT INTO session_ending (user_id, realm_id, began_by)
    VALUES (?, ?, ?)
    ON CONFLICT (user_id) DO UPDATE SET began_by = max(began_by, excluded.began_by)";

/// Of those who are signed in to a client that wants to be told, by the index of
/// sessions.
const INSERT_ALL: &str = "
    INSERT INTO session_ending (user_id, realm_id, began_by)
    SELECT DISTINCT user_session.user_id, client.realm_id, ?
      FROM client
      JOIN client_session
        ON client_session.client_uuid = client.id AND client_session.started_at <= ?
      JOIN user_session ON user_session.id = client_session.session_id
     WHERE client.realm_id = ?
       AND EXISTS (SELECT 1 FROM json_each(client.settings, '$.attributes') AS attribute
                    WHERE attribute.key = ?)
    ON CONFLICT (user_id) DO UPDATE SET began_by = max(began_by, excluded.began_by)";

/// Of those whom an organization's directory made, and no other has
/// ([`provisioned::made_here`]).
const INSERT_MADE: &str = "
    INSERT INTO session_ending (user_id, realm_id, began_by)
    SELECT user.id, user.realm_id, ?";

const NOTED: &str = "
    ON CONFLICT (user_id) DO UPDATE SET began_by = max(began_by, excluded.began_by)
    RETURNING user_id, realm_id, began_by";

const LIST: &str =
    "SELECT user_id, realm_id, began_by FROM session_ending WHERE user_id > '' LIMIT ?";

const LIST_OF: &str =
    "SELECT user_id, realm_id, began_by FROM session_ending WHERE realm_id = ? LIMIT ?";

const DELETE: &str = "DELETE FROM session_ending WHERE user_id = ? AND began_by <= ?";

/// Sessions that are to be ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SessionEnding {
    /// The realm.
    pub realm: RealmId,
    /// Whose.
    pub user: UserId,
    /// Those that began up to then.
    pub began_by: Timestamp,
}

/// The statement that notes that sessions are to be ended: in the batch of what
/// ends them.
#[must_use]
pub fn insertion(ending: &SessionEnding) -> Statement {
    Statement::new(INSERT)
        .bind(ending.user.as_str())
        .bind(ending.realm.as_str())
        .bind(ending.began_by)
}

/// The statement that notes the same of everybody in the realm who is signed in to
/// a client that wants to be told.
#[must_use]
pub fn insertion_of_all(realm: &RealmId, began_by: Timestamp) -> Statement {
    Statement::new(INSERT_ALL)
        .bind(began_by)
        .bind(began_by)
        .bind(realm.as_str())
        .bind(BACKCHANNEL_LOGOUT_URL)
}

/// Notes that the sessions of those of `users` are to be ended whom the directory of
/// `org` made and whom no other organization has; answers whose.
///
/// # Errors
/// `Refused` when the directory fails.
pub async fn note_made(
    directory: &dyn Directory,
    (realm, org): (&RealmId, &OrgId),
    users: &[&UserId],
    began_by: Timestamp,
) -> Result<Vec<SessionEnding>, StoreError> {
    let statement = Statement::new(INSERT_MADE).bind(began_by);
    let statement = provisioned::made_here(statement, (realm, org), super::to_json(&users)?);
    let statement = statement.push(NOTED);
    directory.run(statement).await?.iter().map(from_row).collect()
}

/// What is to be ended, at most `limit`; of one realm, or of all.
///
/// # Errors
/// `Refused` when the directory fails.
pub async fn list(
    directory: &dyn Directory,
    realm: Option<&RealmId>,
    limit: i64,
) -> Result<Vec<SessionEnding>, StoreError> {
    let statement = match realm {
        Some(realm) => Statement::new(LIST_OF).bind(realm.as_str()).bind(limit),
        None => Statement::new(LIST).bind(limit),
    };
    directory.run(statement).await?.iter().map(from_row).collect()
}

/// The statement that forgets it, unless there is more by now.
#[must_use]
pub fn deletion(ending: &SessionEnding) -> Statement {
    Statement::new(DELETE).bind(ending.user.as_str()).bind(ending.began_by)
}

fn from_row(row: &Row) -> Result<SessionEnding, StoreError> {
    Ok(SessionEnding {
        realm: row.parse("realm_id")?,
        user: row.parse("user_id")?,
        began_by: row.time("began_by")?,
    })
}
