//! Roles of realms and clients, and who holds them.
use super::spent;
use crate::crypto::token::TokenHash;
use crate::kernel::id::{RealmId, UserId};
use crate::platform::directory::Directory;
use crate::platform::row::StoreError;
use crate::platform::sql::Statement;

/// From the roles of one client up through the composites that include them, to
/// those the user holds, directly or through groups: few steps, however many roles
/// the user holds elsewhere.
const LIST_HELD: &str = "
    WITH RECURSIVE asked (role_id, name) AS (
        SELECT role.id, role.name
          FROM client
          JOIN role ON role.client_uuid = client.id
         WHERE client.realm_id = ? AND client.client_id = ?
    ), reach (name, role_id) AS (
        SELECT name, role_id FROM asked
         UNION
        SELECT reach.name, role_composite.parent_id
          FROM reach
          JOIN role_composite ON role_composite.child_id = reach.role_id
    )
    SELECT DISTINCT reach.name
      FROM reach
     WHERE EXISTS (SELECT 1 FROM user_role WHERE user_id = ? AND role_id = reach.role_id)
        OR reach.role_id IN (SELECT role_id FROM group_grant WHERE user_id = ?)";

const INSERT_REALM_ROLE: &str = "
    INSERT INTO role (id, realm_id, client_uuid, name, description)
    VALUES (?, ?, NULL, ?, ?)
    ON CONFLICT DO NOTHING";

const GRANT_REALM_ROLE: &str = "
    INSERT INTO user_role (user_id, role_id)
    SELECT ?, role.id
      FROM role
     WHERE role.realm_id = ? AND coalesce(role.client_uuid, '') = '' AND role.name = ?
    ON CONFLICT DO NOTHING";

const GRANT_CLIENT_ROLE: &str = "
    INSERT INTO user_role (user_id, role_id)
    SELECT ?, role.id
      FROM client
      JOIN role ON role.client_uuid = client.id
     WHERE client.realm_id = ? AND client.client_id = ? AND role.name = ?
    ON CONFLICT DO NOTHING";

/// The names of the roles of a client that `user` holds, directly, through groups or
/// through composites; `None` when the `token` by which they ask is spent.
///
/// # Errors
/// `Refused` when the directory fails.
pub async fn list_held(
    directory: &dyn Directory,
    (realm, client_id): (&RealmId, &str),
    user: &UserId,
    token: &TokenHash,
) -> Result<Option<Vec<String>>, StoreError> {
    let statement = Statement::new(LIST_HELD)
        .bind(realm.as_str())
        .bind(client_id)
        .bind(user.as_str())
        .bind(user.as_str());
    let answers = directory.batch(vec![statement, spent::finding(token)]).await?;
    let [held, spent] = answers.as_slice() else {
        return Err(StoreError::Refused("two statements have two answers".to_owned()));
    };
    if !spent.is_empty() {
        return Ok(None);
    }
    let names = held.iter().map(|row| row.text("name").map(str::to_owned));
    names.collect::<Result<_, _>>().map(Some)
}

/// A role's name in its client.
#[derive(Clone, Copy, Debug)]
pub struct ClientRole<'a> {
    /// The client's realm.
    pub realm: &'a RealmId,
    /// The client.
    pub client_id: &'a str,
    /// The role.
    pub name: &'a str,
}

/// The statement that adds a role to a realm, unless it is there.
#[must_use]
pub fn realm_role_insertion(id: &str, realm: &RealmId, name: &str, description: &str) -> Statement {
    Statement::new(INSERT_REALM_ROLE).bind(id).bind(realm.as_str()).bind(name).bind(description)
}

/// The statement that grants a realm role to a user.
#[must_use]
pub fn realm_role_grant(realm: &RealmId, name: &str, user: &UserId) -> Statement {
    Statement::new(GRANT_REALM_ROLE).bind(user.as_str()).bind(realm.as_str()).bind(name)
}

/// The statement that grants a client role to a user.
#[must_use]
pub fn client_role_grant(role: ClientRole<'_>, user: &UserId) -> Statement {
    Statement::new(GRANT_CLIENT_ROLE)
        .bind(user.as_str())
        .bind(role.realm.as_str())
        .bind(role.client_id)
        .bind(role.name)
}
