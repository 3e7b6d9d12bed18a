//! Client scopes, and which clients have them.
use super::to_json;
use crate::kernel::id::{ClientScopeId, ClientUuid, RealmId};
use crate::platform::directory::Directory;
use crate::platform::row::{Row, StoreError};
use crate::platform::sql::Statement;
use crate::realm::built_in_scope::{OPENID_CONNECT, SERVICE_ACCOUNT};
use crate::realm::client_scope::{ClientScope, Place};

const FIND: &str = "
    SELECT id, name, description, protocol, attributes
      FROM client_scope
     WHERE id = ? AND realm_id = ?";

const LIST: &str = "
    SELECT id, name, description, protocol, attributes
      FROM client_scope
     WHERE realm_id = ?
     ORDER BY name";

const LIST_OF_REALM: &str = "
    SELECT id, name, description, protocol, attributes
      FROM client_scope
     WHERE realm_id = ? AND place = ?
     ORDER BY name";

const LIST_OF_CLIENT: &str = "
    SELECT client_scope.id, client_scope.name, client_scope.description, client_scope.protocol,
           client_scope.attributes
      FROM scope_of_client
      JOIN client_scope ON client_scope.id = scope_of_client.scope_id
     WHERE scope_of_client.client_uuid = ? AND scope_of_client.place = ?
     ORDER BY client_scope.name";

const LIST_NAMES_OF_CLIENTS: &str = "
    SELECT scope_of_client.client_uuid, scope_of_client.place, client_scope.name
      FROM json_each(?) AS client
      JOIN scope_of_client ON scope_of_client.client_uuid = client.value
      JOIN client_scope ON client_scope.id = scope_of_client.scope_id
     ORDER BY client_scope.name";

const INSERT: &str = "
    INSERT INTO client_scope (id, realm_id, name, description, protocol, attributes)
    VALUES (?, ?, ?, ?, ?, ?)";

const UPDATE: &str = "
    UPDATE client_scope SET name = ?, description = ?, protocol = ?, attributes = ?
     WHERE id = ? AND realm_id = ?";

const DELETE: &str = "DELETE FROM client_scope WHERE id = ? AND realm_id = ?";

const DELETE_HOLDERS: &str = "DELETE FROM scope_of_client WHERE scope_id = ?";

const DELETE_MAPPERS: &str = "DELETE FROM protocol_mapper WHERE parent_id = ?";

const SET_PLACE: &str = "UPDATE client_scope SET place = ? WHERE id = ? AND realm_id = ?";

const CLEAR_PLACE: &str =
    "UPDATE client_scope SET place = NULL WHERE id = ? AND realm_id = ? AND place = ?";

/// New clients get those of these names as a place, and no others.
const PLACE_NAMED: &str = "
    UPDATE client_scope
       SET place = CASE WHEN name IN (SELECT value FROM json_each(?)) THEN ? END
     WHERE realm_id = ?
       AND (place = ? OR name IN (SELECT value FROM json_each(?)))";

const ATTACH: &str = "
    INSERT INTO scope_of_client (client_uuid, scope_id, place)
    VALUES (?, ?, ?)
    ON CONFLICT (client_uuid, scope_id) DO UPDATE SET place = excluded.place";

const DETACH: &str =
    "DELETE FROM scope_of_client WHERE client_uuid = ? AND scope_id = ? AND place = ?";

const DETACH_ALL: &str = "DELETE FROM scope_of_client WHERE client_uuid = ?";

const GIVE: &str = "
    INSERT INTO scope_of_client (client_uuid, scope_id, place)
    SELECT client.id, client_scope.id, client_scope.place
      FROM client, client_scope
     WHERE client.id = ? AND client_scope.realm_id = ? AND client_scope.protocol = ?
       AND client_scope.place IS NOT NULL
    ON CONFLICT DO NOTHING";

const GIVE_NAMED: &str = "
    INSERT INTO scope_of_client (client_uuid, scope_id, place)
    SELECT client.id, client_scope.id, ?
      FROM client, client_scope
     WHERE client.id = ? AND client_scope.realm_id = ?
       AND client_scope.name IN (SELECT value FROM json_each(?))
    ON CONFLICT DO NOTHING";

/// The realm's scope whose key is `scope`.
///
/// # Errors
/// `Refused` when the directory fails.
pub async fn find(
    directory: &dyn Directory,
    realm: &RealmId,
    scope: &ClientScopeId,
) -> Result<Option<ClientScope>, StoreError> {
    let statement = Statement::new(FIND).bind(scope.as_str()).bind(realm.as_str());
    directory.run(statement).await?.first().map(scope_from_row).transpose()
}

/// Every scope of the realm, by name.
///
/// # Errors
/// `Refused` when the directory fails.
pub async fn list(
    directory: &dyn Directory,
    realm: &RealmId,
) -> Result<Vec<ClientScope>, StoreError> {
    let statement = Statement::new(LIST).bind(realm.as_str());
    directory.run(statement).await?.iter().map(scope_from_row).collect()
}

/// The scopes that new clients of the realm get as `place`, by name.
///
/// # Errors
/// `Refused` when the directory fails.
pub async fn list_of_realm(
    directory: &dyn Directory,
    realm: &RealmId,
    place: Place,
) -> Result<Vec<ClientScope>, StoreError> {
    let statement = Statement::new(LIST_OF_REALM).bind(realm.as_str()).bind(place.as_str());
    directory.run(statement).await?.iter().map(scope_from_row).collect()
}

/// The scopes that the client has as `place`, by name.
///
/// # Errors
/// `Refused` when the directory fails.
pub async fn list_of_client(
    directory: &dyn Directory,
    client: &ClientUuid,
    place: Place,
) -> Result<Vec<ClientScope>, StoreError> {
    let statement = Statement::new(LIST_OF_CLIENT).bind(client.as_str()).bind(place.as_str());
    directory.run(statement).await?.iter().map(scope_from_row).collect()
}

/// A scope that a client has.
pub struct Attachment {
    /// The client.
    pub client: ClientUuid,
    /// How it has it.
    pub place: Place,
    /// The scope's name.
    pub name: String,
}

/// The names of the scopes that each of `clients` has, by name.
///
/// # Errors
/// `Refused` when the directory fails.
pub async fn list_names_of_clients(
    directory: &dyn Directory,
    clients: &[&ClientUuid],
) -> Result<Vec<Attachment>, StoreError> {
    let statement = Statement::new(LIST_NAMES_OF_CLIENTS).bind(to_json(&clients)?);
    let rows = directory.run(statement).await?;
    let attachment = |row: &Row| {
        Ok(Attachment {
            client: row.parse("client_uuid")?,
            place: row.parse("place")?,
            name: row.text("name")?.to_owned(),
        })
    };
    rows.iter().map(attachment).collect()
}

/// The statement that adds a scope; `Conflict` when its name is taken.
///
/// # Errors
/// `Refused` when the attributes cannot be written.
pub fn insertion(realm: &RealmId, scope: &ClientScope) -> Result<Statement, StoreError> {
    Ok(Statement::new(INSERT)
        .bind(scope.id.as_str())
        .bind(realm.as_str())
        .bind(scope.name.as_str())
        .bind(scope.description.as_str())
        .bind(scope.protocol.as_str())
        .bind(to_json(&scope.attributes)?))
}

/// The statement that changes a scope; `Conflict` when its name is taken.
///
/// # Errors
/// `Refused` when the attributes cannot be written.
pub fn update(realm: &RealmId, scope: &ClientScope) -> Result<Statement, StoreError> {
    Ok(Statement::new(UPDATE)
        .bind(scope.name.as_str())
        .bind(scope.description.as_str())
        .bind(scope.protocol.as_str())
        .bind(to_json(&scope.attributes)?)
        .bind(scope.id.as_str())
        .bind(realm.as_str()))
}

/// The statements that delete a scope, take it from every client and delete its
/// mappers.
#[must_use]
pub fn deletion(realm: &RealmId, scope: &ClientScopeId) -> Vec<Statement> {
    vec![
        Statement::new(DELETE_HOLDERS).bind(scope.as_str()),
        Statement::new(DELETE_MAPPERS).bind(scope.as_str()),
        Statement::new(DELETE).bind(scope.as_str()).bind(realm.as_str()),
    ]
}

/// The statement after which new clients get the scope as `place`.
#[must_use]
pub fn placing(realm: &RealmId, scope: &ClientScopeId, place: Place) -> Statement {
    Statement::new(SET_PLACE).bind(place.as_str()).bind(scope.as_str()).bind(realm.as_str())
}

/// The statement after which new clients do not get the scope as `place`.
#[must_use]
pub fn displacing(realm: &RealmId, scope: &ClientScopeId, place: Place) -> Statement {
    Statement::new(CLEAR_PLACE).bind(scope.as_str()).bind(realm.as_str()).bind(place.as_str())
}

/// The statement after which new clients get the scopes called `names` as `place`,
/// and no others.
///
/// # Errors
/// `Refused` when the names cannot be written as JSON.
pub fn placing_of(
    realm: &RealmId,
    names: &[String],
    place: Place,
) -> Result<Statement, StoreError> {
    let names = to_json(&names)?;
    Ok(Statement::new(PLACE_NAMED)
        .bind(names.as_str())
        .bind(place.as_str())
        .bind(realm.as_str())
        .bind(place.as_str())
        .bind(names.as_str()))
}

/// The statement that gives a client a scope as `place`, and as nothing else.
#[must_use]
pub fn attachment(client: &ClientUuid, scope: &ClientScopeId, place: Place) -> Statement {
    Statement::new(ATTACH).bind(client.as_str()).bind(scope.as_str()).bind(place.as_str())
}

/// The statement that takes from a client a scope that it has as `place`.
#[must_use]
pub fn detachment(client: &ClientUuid, scope: &ClientScopeId, place: Place) -> Statement {
    Statement::new(DETACH).bind(client.as_str()).bind(scope.as_str()).bind(place.as_str())
}

/// The statement that takes every scope from a client.
#[must_use]
pub fn clearing(client: &ClientUuid) -> Statement {
    Statement::new(DETACH_ALL).bind(client.as_str())
}

/// The statement that gives a new client what the realm gives to new ones.
#[must_use]
pub fn gift(realm: &RealmId, client: &ClientUuid) -> Statement {
    Statement::new(GIVE).bind(client.as_str()).bind(realm.as_str()).bind(OPENID_CONNECT)
}

/// The statement that gives a client those of the scopes called `names` that
/// the realm has and the client has not.
///
/// # Errors
/// `Refused` when the names cannot be written as JSON.
pub fn gift_of(
    realm: &RealmId,
    client: &ClientUuid,
    names: &[&str],
    place: Place,
) -> Result<Statement, StoreError> {
    Ok(Statement::new(GIVE_NAMED)
        .bind(place.as_str())
        .bind(client.as_str())
        .bind(realm.as_str())
        .bind(to_json(&names)?))
}

/// The statement that gives a client the scope of clients with a service
/// account.
///
/// # Errors
/// As [`gift_of`].
pub fn service_gift(realm: &RealmId, client: &ClientUuid) -> Result<Statement, StoreError> {
    gift_of(realm, client, &[SERVICE_ACCOUNT], Place::Default)
}

/// A scope, from a row with all columns.
pub(super) fn scope_from_row(row: &Row) -> Result<ClientScope, StoreError> {
    Ok(ClientScope {
        id: row.parse("id")?,
        name: row.text("name")?.to_owned(),
        description: row.text("description")?.to_owned(),
        protocol: row.text("protocol")?.to_owned(),
        attributes: row.json("attributes")?,
    })
}
