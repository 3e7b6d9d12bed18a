//! What a realm is furnished with: roles that administer it, client scopes and
//! their mappers. Each statement adds what is missing and changes nothing else.
use super::to_json;
use crate::kernel::id::{RealmId, UserId};
use crate::platform::row::StoreError;
use crate::platform::sql::Statement;
use serde::Serialize;

const INSERT_ROLES: &str = "
    INSERT INTO role (id, realm_id, client_uuid, name, description)
    SELECT new.value ->> 'id', client.realm_id, client.id, new.value ->> 'name', ''
      FROM client, json_each(?) AS new
     WHERE client.realm_id = ? AND client.client_id = ?
    ON CONFLICT DO NOTHING";

const INSERT_COMPOSITES: &str = "
    INSERT INTO role_composite (parent_id, child_id)
    SELECT parent.id, child.id
      FROM client, json_each(?) AS pair, role AS parent, role AS child
     WHERE client.realm_id = ? AND client.client_id = ?
       AND parent.realm_id = client.realm_id AND coalesce(parent.client_uuid, '') = client.id
       AND parent.name = pair.value ->> 0
       AND child.realm_id = client.realm_id AND coalesce(child.client_uuid, '') = client.id
       AND child.name = pair.value ->> 1
    ON CONFLICT DO NOTHING";

const INSERT_INTO_REALM_ROLE: &str = "
    INSERT INTO role_composite (parent_id, child_id)
    SELECT parent.id, child.id
      FROM role AS parent, client, json_each(?) AS name, role AS child
     WHERE parent.realm_id = ? AND coalesce(parent.client_uuid, '') = '' AND parent.name = ?
       AND client.realm_id = parent.realm_id AND client.client_id = ?
       AND child.realm_id = client.realm_id AND coalesce(child.client_uuid, '') = client.id
       AND child.name = name.value
    ON CONFLICT DO NOTHING";

const INSERT_REALM_ROLE_INTO_ANOTHER: &str = "
    INSERT INTO role_composite (parent_id, child_id)
    SELECT parent.id, child.id
      FROM role AS parent, role AS child
     WHERE parent.realm_id = ? AND coalesce(parent.client_uuid, '') = '' AND parent.name = ?
       AND child.realm_id = parent.realm_id AND coalesce(child.client_uuid, '') = ''
       AND child.name = ?
    ON CONFLICT DO NOTHING";

const MOVE_ROLE_TO_CLIENT: &str = "
    UPDATE OR IGNORE role
       SET client_uuid = (SELECT id FROM client WHERE realm_id = ? AND client_id = ?)
     WHERE realm_id = ? AND coalesce(client_uuid, '') = '' AND name = ?";

const INSERT_SCOPES: &str = "
    INSERT INTO client_scope (id, realm_id, name, description, protocol, attributes, place)
    SELECT value ->> 'id', ?, value ->> 'name', value ->> 'description', value ->> 'protocol',
           value ->> 'attributes', value ->> 'place'
      FROM json_each(?)
     WHERE true
    ON CONFLICT DO NOTHING";

const INSERT_MAPPERS: &str = "
    INSERT INTO protocol_mapper (id, realm_id, parent_id, name, protocol, mapper, config)
    SELECT new.value ->> 'id', client_scope.realm_id, client_scope.id, new.value ->> 'name',
           client_scope.protocol, new.value ->> 'mapper', new.value ->> 'config'
      FROM json_each(?) AS new, client_scope
     WHERE client_scope.realm_id = ? AND client_scope.name = new.value ->> 'scope'
    ON CONFLICT DO NOTHING";

const TELL_ORGANIZATION_IDS: &str = r#"
    UPDATE protocol_mapper
       SET config = json_set(config, '$.addOrganizationId', 'true', '$."jsonType.label"', 'JSON')
     WHERE parent_id IN (SELECT id FROM client_scope WHERE realm_id = ? AND name = ?)
       AND mapper = 'oidc-organization-membership-mapper'
       AND json_extract(config, '$.addOrganizationId') IS NULL"#;

const GIVE_SCOPES_TO_ALL: &str = "
    INSERT INTO scope_of_client (client_uuid, scope_id, place)
    SELECT client.id, client_scope.id, client_scope.place
      FROM client, client_scope
     WHERE client.realm_id = ? AND client_scope.realm_id = client.realm_id
       AND client_scope.protocol = ? AND client_scope.place IS NOT NULL
    ON CONFLICT DO NOTHING";

const GIVE_SCOPE_TO_SERVICES: &str = "
    INSERT INTO scope_of_client (client_uuid, scope_id, place)
    SELECT client.id, client_scope.id, 'default'
      FROM client, client_scope
     WHERE client.realm_id = ? AND client.service_account_user_id IS NOT NULL
       AND client_scope.realm_id = client.realm_id AND client_scope.name = ?
    ON CONFLICT DO NOTHING";

const GRANT_ALL: &str = "
    INSERT INTO user_role (user_id, role_id)
    SELECT ?, role.id
      FROM client
      JOIN role ON role.client_uuid = client.id
     WHERE client.realm_id = ? AND client.client_id = ?
    ON CONFLICT DO NOTHING";

const SET_DEFAULT_ROLE: &str = "
    UPDATE realm
       SET default_role = (SELECT id FROM role
                            WHERE realm_id = ? AND coalesce(client_uuid, '') = '' AND name = ?)
     WHERE id = ? AND default_role IS NULL";

const GRANT_DEFAULT_ROLE: &str = "
    INSERT INTO user_role (user_id, role_id)
    SELECT user.id, realm.default_role
      FROM realm
      JOIN user ON user.realm_id = realm.id
     WHERE realm.id = ? AND realm.default_role IS NOT NULL
    ON CONFLICT DO NOTHING";

const SET_EDITION: &str = "UPDATE realm SET edition = ? WHERE id = ? AND edition < ?";

/// A client that administers a realm, by the realm it is of and its name.
#[derive(Clone, Copy)]
pub struct AdminClient<'a> {
    /// The realm it belongs to.
    pub realm: &'a RealmId,
    /// Its name.
    pub client_id: &'a str,
}

/// A role to add.
#[derive(Serialize)]
pub struct NewRole<'a> {
    /// Its key, if it is new.
    pub id: String,
    /// Its name.
    pub name: &'a str,
}

/// A client scope to add; JSON within JSON is text.
#[derive(Serialize)]
pub struct NewScope<'a> {
    /// Its key, if it is new.
    pub id: String,
    /// Its name.
    pub name: &'a str,
    /// For administrators.
    pub description: &'a str,
    /// Its protocol.
    pub protocol: &'a str,
    /// JSON.
    pub attributes: String,
    /// Where new clients get it.
    pub place: Option<&'static str>,
}

/// A mapper to add to a scope.
#[derive(Serialize)]
pub struct NewMapper<'a> {
    /// Its key, if it is new.
    pub id: String,
    /// The name of its scope.
    pub scope: &'a str,
    /// Its name.
    pub name: &'a str,
    /// Its kind.
    pub mapper: &'a str,
    /// JSON.
    pub config: String,
}

/// Adds roles to the client.
///
/// # Errors
/// `Refused` when they cannot be written as JSON.
pub fn roles_insertion(
    client: AdminClient<'_>,
    roles: &[NewRole<'_>],
) -> Result<Statement, StoreError> {
    Ok(Statement::new(INSERT_ROLES)
        .bind(to_json(&roles)?)
        .bind(client.realm.as_str())
        .bind(client.client_id))
}

/// Puts roles of the client into others of it: pairs of parent and child.
///
/// # Errors
/// `Refused` when they cannot be written as JSON.
pub fn composites_insertion(
    client: AdminClient<'_>,
    pairs: &[(&str, &str)],
) -> Result<Statement, StoreError> {
    Ok(Statement::new(INSERT_COMPOSITES)
        .bind(to_json(&pairs)?)
        .bind(client.realm.as_str())
        .bind(client.client_id))
}

/// Puts roles of the client into a role of its realm.
///
/// # Errors
/// `Refused` when they cannot be written as JSON.
pub fn realm_role_filling(
    parent: &str,
    client: AdminClient<'_>,
    children: &[&str],
) -> Result<Statement, StoreError> {
    Ok(Statement::new(INSERT_INTO_REALM_ROLE)
        .bind(to_json(&children)?)
        .bind(client.realm.as_str())
        .bind(parent)
        .bind(client.client_id))
}

/// Puts a role of the realm into another.
#[must_use]
pub fn realm_role_nesting(realm: &RealmId, parent: &str, child: &str) -> Statement {
    Statement::new(INSERT_REALM_ROLE_INTO_ANOTHER).bind(realm.as_str()).bind(parent).bind(child)
}

/// Makes a role of the realm one of the client, with who holds it.
#[must_use]
pub fn role_move(client: AdminClient<'_>, name: &str) -> Statement {
    Statement::new(MOVE_ROLE_TO_CLIENT)
        .bind(client.realm.as_str())
        .bind(client.client_id)
        .bind(client.realm.as_str())
        .bind(name)
}

/// Adds client scopes.
///
/// # Errors
/// `Refused` when they cannot be written as JSON.
pub fn scopes_insertion(realm: &RealmId, scopes: &[NewScope<'_>]) -> Result<Statement, StoreError> {
    Ok(Statement::new(INSERT_SCOPES).bind(realm.as_str()).bind(to_json(&scopes)?))
}

/// Adds mappers to client scopes.
///
/// # Errors
/// `Refused` when they cannot be written as JSON.
pub fn mappers_insertion(
    realm: &RealmId,
    mappers: &[NewMapper<'_>],
) -> Result<Statement, StoreError> {
    Ok(Statement::new(INSERT_MAPPERS).bind(to_json(&mappers)?).bind(realm.as_str()))
}

/// Lets the scope called `name` tell the ids of organizations, unless it has been
/// decided whether it does.
#[must_use]
pub fn organization_ids(realm: &RealmId, name: &str) -> Statement {
    Statement::new(TELL_ORGANIZATION_IDS).bind(realm.as_str()).bind(name)
}

/// Gives the realm's default and optional scopes of `protocol` to every client.
#[must_use]
pub fn scopes_for_all(realm: &RealmId, protocol: &str) -> Statement {
    Statement::new(GIVE_SCOPES_TO_ALL).bind(realm.as_str()).bind(protocol)
}

/// Gives the scope called `name` to every client with a service account.
#[must_use]
pub fn scope_for_services(realm: &RealmId, name: &str) -> Statement {
    Statement::new(GIVE_SCOPE_TO_SERVICES).bind(realm.as_str()).bind(name)
}

/// Grants every role of the client to a user.
#[must_use]
pub fn grant_of_all(realm: &RealmId, client_id: &str, user: &UserId) -> Statement {
    Statement::new(GRANT_ALL).bind(user.as_str()).bind(realm.as_str()).bind(client_id)
}

/// Lets everybody in the realm hold its role called `name` from then on, unless there is
/// such a role already.
#[must_use]
pub fn default_role_update(realm: &RealmId, name: &str) -> Statement {
    Statement::new(SET_DEFAULT_ROLE).bind(realm.as_str()).bind(name).bind(realm.as_str())
}

/// Grants it to everybody who is there.
#[must_use]
pub fn default_role_grant(realm: &RealmId) -> Statement {
    Statement::new(GRANT_DEFAULT_ROLE).bind(realm.as_str())
}

/// Notes which edition the realm is furnished with.
#[must_use]
pub fn edition_update(realm: &RealmId, edition: u32) -> Statement {
    Statement::new(SET_EDITION)
        .bind(i64::from(edition))
        .bind(realm.as_str())
        .bind(i64::from(edition))
}
