//! Roles, as they are administered: found, listed, made, changed, deleted.
use super::to_json;
use crate::kernel::id::{RealmId, RoleId, UserId};
use crate::platform::directory::Directory;
use crate::platform::row::{Row, StoreError};
use crate::platform::sql::Statement;
use crate::realm::page::Page;
use crate::realm::stored_role::{Container, Role, RoleName};

/// A role, of whatever follows.
const ROLE: &str = "
    SELECT role.id, role.client_uuid, role.name, role.description, role.attributes,
           EXISTS (SELECT 1 FROM role_composite WHERE parent_id = role.id) AS composite";

/// The roles of a realm that a recursion has found.
const HELD: &str = "
      FROM held
      JOIN role ON role.id = held.role_id
     WHERE role.realm_id = ?";

const FIND_BY_ID: &str = "
      FROM role
     WHERE role.id = ? AND role.realm_id = ?";

const FIND_BY_NAME: &str = "
      FROM role
     WHERE role.realm_id = ? AND coalesce(role.client_uuid, '') = ? AND role.name = ?";

const LIST_BY_IDS: &str = "
      FROM json_each(?) AS asked
      JOIN role ON role.id = asked.value
     WHERE role.realm_id = ?";

/// Who is named without a client is a role of the realm, and who is named with
/// one that there is not is nobody.
const LIST_NAMED: &str = ",
           named.value ->> 0 AS client_id
      FROM json_each(?) AS named
      LEFT JOIN client ON client.realm_id = ? AND client.client_id = named.value ->> 0
      JOIN role ON role.realm_id = ? AND coalesce(role.client_uuid, '') = coalesce(client.id, '')
                   AND role.name = named.value ->> 1
     WHERE (named.value ->> 0 IS NULL) = (client.id IS NULL)";

pub(super) const LIST: &str = "
      FROM role
     WHERE role.realm_id = ? AND coalesce(role.client_uuid, '') = ?";

const LIST_DEFAULTS: &str = ",
           role.realm_id
      FROM json_each(?) AS asked
      JOIN realm ON realm.id = asked.value
      JOIN role ON role.id = realm.default_role";

const LIST_CHILDREN: &str = "
      FROM role_composite AS link
      JOIN role ON role.id = link.child_id
     WHERE link.parent_id = ?";

const LIST_GRANTED: &str = "
      FROM user_role
      JOIN role ON role.id = user_role.role_id
     WHERE user_role.user_id = ? AND role.realm_id = ?";

/// What a user holds directly or through groups, down through the composites.
pub(super) const HELD_BY_USER: &str = "
    WITH RECURSIVE held (role_id) AS (
        SELECT role_id FROM user_role WHERE user_id = ?
         UNION
        SELECT role_id FROM group_grant WHERE user_id = ?
         UNION
        SELECT role_composite.child_id
          FROM held
          JOIN role_composite ON role_composite.parent_id = held.role_id
    )";

/// Those of the realm itself first: in the order of the index of names.
const LIST_OF_REALM: &str = "
      FROM role
     WHERE role.realm_id = ?
     ORDER BY coalesce(role.client_uuid, ''), role.name LIMIT ?";

const LIST_INCLUSIONS: &str = "
    SELECT link.parent_id AS holder, client.client_id, child.name
      FROM role AS parent
      JOIN role_composite AS link ON link.parent_id = parent.id
      JOIN role AS child ON child.id = link.child_id
      LEFT JOIN client ON client.id = child.client_uuid
     WHERE parent.realm_id = ? LIMIT ?";

const LIST_GRANTS_OF_SERVICES: &str = "
    SELECT user_role.user_id AS holder, owner.client_id, role.name
      FROM client
      JOIN user_role ON user_role.user_id = client.service_account_user_id
      JOIN role ON role.id = user_role.role_id
      LEFT JOIN client AS owner ON owner.id = role.client_uuid
     WHERE client.realm_id = ? LIMIT ?";

const IN_CONTAINER: &str = " AND coalesce(role.client_uuid, '') = ?";

const NOT_GRANTED: &str = "
       AND NOT EXISTS (SELECT 1 FROM user_role
                        WHERE user_role.user_id = ? AND user_role.role_id = role.id)";

const NAMED_LIKE: &str = " AND instr(lower(role.name), lower(?)) > 0";

pub(super) const BY_NAME: &str = " ORDER BY role.name, role.id";

const PAGE: &str = " ORDER BY role.name, role.id LIMIT ? OFFSET ?";

const LIST_HOLDERS: &str = "
    SELECT user.id
      FROM user_role
      JOIN user ON user.id = user_role.user_id
     WHERE user_role.role_id = ? AND user.realm_id = ?
     ORDER BY user.username LIMIT ? OFFSET ?";

const INSERT: &str = "
    INSERT INTO role (id, realm_id, client_uuid, name, description, attributes)
    VALUES (?, ?, ?, ?, ?, ?)";

const UPDATE: &str = "
    UPDATE role SET name = ?, description = ?, attributes = ?
     WHERE id = ? AND realm_id = ?";

const DELETE: &str = "DELETE FROM role WHERE id = ? AND realm_id = ?";

const DELETE_GRANTS: &str = "DELETE FROM user_role WHERE role_id = ?";

const DELETE_CHILDREN: &str = "DELETE FROM role_composite WHERE parent_id = ?";

const DELETE_PARENTS: &str = "DELETE FROM role_composite WHERE child_id = ?";

const ADD_CHILDREN: &str = "
    INSERT INTO role_composite (parent_id, child_id)
    SELECT ?, value FROM json_each(?) WHERE true
    ON CONFLICT DO NOTHING";

const ADD_NAMED_CHILDREN: &str = "
    INSERT INTO role_composite (parent_id, child_id)";

/// To a holder, what the realm has under the names; of clients as in [`LIST_NAMED`].
const TO_HOLDER_BY_NAME: &str = "
    SELECT ?, role.id
      FROM json_each(?) AS named
      LEFT JOIN client ON client.realm_id = ? AND client.client_id = named.value ->> 0
      JOIN role ON role.realm_id = ? AND coalesce(role.client_uuid, '') = coalesce(client.id, '')
                   AND role.name = named.value ->> 1
     WHERE (named.value ->> 0 IS NULL) = (client.id IS NULL)
    ON CONFLICT DO NOTHING";

const REMOVE_CHILDREN: &str = "
    DELETE FROM role_composite
     WHERE parent_id = ? AND child_id IN (SELECT value FROM json_each(?))";

const GRANT: &str = "
    INSERT INTO user_role (user_id, role_id)
    SELECT ?, value FROM json_each(?) WHERE true
    ON CONFLICT DO NOTHING";

const GRANT_NAMED: &str = "
    INSERT INTO user_role (user_id, role_id)";

const REVOKE_ALL: &str = "DELETE FROM user_role WHERE user_id = ?";

const REVOKE: &str = "
    DELETE FROM user_role
     WHERE user_id = ? AND role_id IN (SELECT value FROM json_each(?))";

/// The realm's role whose key is `role`.
///
/// # Errors
/// `Refused` when the directory fails.
pub async fn find_by_id(
    directory: &dyn Directory,
    realm: &RealmId,
    role: &RoleId,
) -> Result<Option<Role>, StoreError> {
    let statement = selecting(FIND_BY_ID).bind(role.as_str()).bind(realm.as_str());
    directory.run(statement).await?.first().map(role_from_row).transpose()
}

/// The role of the realm, or of its client, that is called `name`.
///
/// # Errors
/// `Refused` when the directory fails.
pub async fn find_by_name(
    directory: &dyn Directory,
    realm: &RealmId,
    container: &Container,
    name: &str,
) -> Result<Option<Role>, StoreError> {
    let statement = selecting(FIND_BY_NAME).bind(realm.as_str()).bind(container.key()).bind(name);
    directory.run(statement).await?.first().map(role_from_row).transpose()
}

/// Those of `roles` that the realm has, in no particular order.
///
/// # Errors
/// `Refused` when the directory fails.
pub async fn list_by_ids(
    directory: &dyn Directory,
    realm: &RealmId,
    roles: &[RoleId],
) -> Result<Vec<Role>, StoreError> {
    let statement = selecting(LIST_BY_IDS).bind(to_json(&roles)?).bind(realm.as_str());
    roles_of(directory, statement).await
}

/// Those of `names` that the realm has, in no particular order, each with the
/// name of its client.
///
/// # Errors
/// `Refused` when the directory fails.
pub async fn list_named<'a>(
    directory: &dyn Directory,
    realm: &RealmId,
    names: impl Iterator<Item = &'a RoleName>,
) -> Result<Vec<(RoleName, Role)>, StoreError> {
    let statement =
        selecting(LIST_NAMED).bind(names_to_json(names)?).bind(realm.as_str()).bind(realm.as_str());
    let with_name = |row: &Row| {
        let role = role_from_row(row)?;
        let client_id = row.text_or_null("client_id")?.map(str::to_owned);
        Ok((RoleName { client_id, name: role.name.clone() }, role))
    };
    directory.run(statement).await?.iter().map(with_name).collect()
}

/// A page of the roles of the realm or of its client, by name.
///
/// # Errors
/// `Refused` when the directory fails.
pub async fn list(
    directory: &dyn Directory,
    realm: &RealmId,
    container: &Container,
    search: Option<&str>,
    page: Page,
) -> Result<Vec<Role>, StoreError> {
    let statement = selecting(LIST).bind(realm.as_str()).bind(container.key());
    roles_of(directory, paged(searched(statement, search), page)).await
}

/// The roles of the realm and of all of its clients, at most `limit`.
///
/// # Errors
/// `Refused` when the directory fails.
pub async fn list_of_realm(
    directory: &dyn Directory,
    realm: &RealmId,
    limit: i64,
) -> Result<Vec<Role>, StoreError> {
    roles_of(directory, selecting(LIST_OF_REALM).bind(realm.as_str()).bind(limit)).await
}

/// What everybody in each of `realms` holds.
///
/// # Errors
/// `Refused` when the directory fails.
pub async fn list_defaults(
    directory: &dyn Directory,
    realms: &[&RealmId],
) -> Result<Vec<(RealmId, Role)>, StoreError> {
    let rows = directory.run(selecting(LIST_DEFAULTS).bind(to_json(&realms)?)).await?;
    rows.iter().map(|row| Ok((row.parse("realm_id")?, role_from_row(row)?))).collect()
}

/// A role by name, and what holds it: the key of a role or of a user.
pub struct Holding {
    /// What holds it.
    pub holder: String,
    /// What is held.
    pub role: RoleName,
}

/// What each role of the realm includes itself, at most `limit`.
///
/// # Errors
/// `Refused` when the directory fails.
pub async fn list_inclusions(
    directory: &dyn Directory,
    realm: &RealmId,
    limit: i64,
) -> Result<Vec<Holding>, StoreError> {
    holdings(directory, Statement::new(LIST_INCLUSIONS).bind(realm.as_str()).bind(limit)).await
}

/// What was granted to the service accounts of the realm's clients, at most
/// `limit`.
///
/// # Errors
/// `Refused` when the directory fails.
pub async fn list_grants_of_services(
    directory: &dyn Directory,
    realm: &RealmId,
    limit: i64,
) -> Result<Vec<Holding>, StoreError> {
    let statement = Statement::new(LIST_GRANTS_OF_SERVICES).bind(realm.as_str()).bind(limit);
    holdings(directory, statement).await
}

async fn holdings(
    directory: &dyn Directory,
    statement: Statement,
) -> Result<Vec<Holding>, StoreError> {
    let holding = |row: &Row| {
        let client_id = row.text_or_null("client_id")?.map(str::to_owned);
        let role = RoleName { client_id, name: row.text("name")?.to_owned() };
        Ok(Holding { holder: row.text("holder")?.to_owned(), role })
    };
    directory.run(statement).await?.iter().map(holding).collect()
}

/// A page of the roles that `parent` includes itself, by name; of one container
/// when that is given.
///
/// # Errors
/// `Refused` when the directory fails.
pub async fn list_children(
    directory: &dyn Directory,
    parent: &RoleId,
    container: Option<&Container>,
    search: Option<&str>,
    page: Page,
) -> Result<Vec<Role>, StoreError> {
    let statement = selecting(LIST_CHILDREN).bind(parent.as_str());
    let statement = within(statement, container);
    roles_of(directory, paged(searched(statement, search), page)).await
}

/// The roles that were granted to `user` itself, by name; of one container when
/// that is given.
///
/// # Errors
/// `Refused` when the directory fails.
pub async fn list_granted(
    directory: &dyn Directory,
    realm: &RealmId,
    user: &UserId,
    container: Option<&Container>,
) -> Result<Vec<Role>, StoreError> {
    let statement = selecting(LIST_GRANTED).bind(user.as_str()).bind(realm.as_str());
    roles_of(directory, within(statement, container).push(BY_NAME)).await
}

/// The roles of `container` that were not granted to `user` itself, by name.
///
/// # Errors
/// `Refused` when the directory fails.
pub async fn list_available(
    directory: &dyn Directory,
    realm: &RealmId,
    user: &UserId,
    container: &Container,
) -> Result<Vec<Role>, StoreError> {
    let statement = selecting(LIST)
        .bind(realm.as_str())
        .bind(container.key())
        .push(NOT_GRANTED)
        .bind(user.as_str());
    roles_of(directory, statement.push(BY_NAME)).await
}

/// The roles of `container` that `user` holds, directly, through groups or through
/// composites, by name.
///
/// # Errors
/// `Refused` when the directory fails.
pub async fn list_effective(
    directory: &dyn Directory,
    realm: &RealmId,
    user: &UserId,
    container: &Container,
) -> Result<Vec<Role>, StoreError> {
    let reached = Statement::new(HELD_BY_USER).bind(user.as_str()).bind(user.as_str());
    let statement = within(held(reached, realm), Some(container));
    roles_of(directory, statement.push(BY_NAME)).await
}

/// A page of the users to whom `role` was granted, by username.
///
/// # Errors
/// `Refused` when the directory fails.
pub async fn list_holders(
    directory: &dyn Directory,
    realm: &RealmId,
    role: &RoleId,
    page: Page,
) -> Result<Vec<UserId>, StoreError> {
    let statement = Statement::new(LIST_HOLDERS)
        .bind(role.as_str())
        .bind(realm.as_str())
        .bind(page.max)
        .bind(page.first);
    directory.run(statement).await?.iter().map(|row| row.parse("id")).collect()
}

/// The statement that adds a role; `Conflict` when its name is taken.
///
/// # Errors
/// `Refused` when the attributes cannot be written.
pub fn insertion(realm: &RealmId, role: &Role) -> Result<Statement, StoreError> {
    Ok(Statement::new(INSERT)
        .bind(role.id.as_str())
        .bind(realm.as_str())
        .bind(role.client.as_ref().map(crate::kernel::id::ClientUuid::as_str))
        .bind(role.name.as_str())
        .bind(role.description.as_str())
        .bind(to_json(&role.attributes)?))
}

/// The statement that changes a role; `Conflict` when its name is taken.
///
/// # Errors
/// `Refused` when the attributes cannot be written.
pub fn update(realm: &RealmId, role: &Role) -> Result<Statement, StoreError> {
    Ok(Statement::new(UPDATE)
        .bind(role.name.as_str())
        .bind(role.description.as_str())
        .bind(to_json(&role.attributes)?)
        .bind(role.id.as_str())
        .bind(realm.as_str()))
}

/// The statements that delete a role, whoever holds or includes it.
#[must_use]
pub fn deletion(realm: &RealmId, role: &RoleId) -> Vec<Statement> {
    let of = |sql| Statement::new(sql).bind(role.as_str());
    vec![
        of(DELETE_GRANTS),
        of(DELETE_CHILDREN),
        of(DELETE_PARENTS),
        of(DELETE).bind(realm.as_str()),
    ]
}

/// The statement that puts `children` into `parent`.
///
/// # Errors
/// `Refused` when the list cannot be written as JSON.
pub fn children_insertion(parent: &RoleId, children: &[RoleId]) -> Result<Statement, StoreError> {
    Ok(Statement::new(ADD_CHILDREN).bind(parent.as_str()).bind(to_json(&children)?))
}

/// The statement that begins with `insertion`, a table's, and puts there for `holder`
/// what the realm has under `names` by then.
///
/// # Errors
/// `Refused` when the names cannot be written as JSON.
pub(super) fn to_holder_by_name<'a>(
    insertion: &'static str,
    holder: &str,
    realm: &RealmId,
    names: impl Iterator<Item = &'a RoleName>,
) -> Result<Statement, StoreError> {
    Ok(Statement::new(insertion)
        .push(TO_HOLDER_BY_NAME)
        .bind(holder)
        .bind(names_to_json(names)?)
        .bind(realm.as_str())
        .bind(realm.as_str()))
}

/// The statement that puts into `parent` what the realm has under `names` by then.
///
/// # Errors
/// `Refused` when the names cannot be written as JSON.
pub fn named_children_insertion<'a>(
    realm: &RealmId,
    parent: &RoleId,
    names: impl Iterator<Item = &'a RoleName>,
) -> Result<Statement, StoreError> {
    to_holder_by_name(ADD_NAMED_CHILDREN, parent.as_str(), realm, names)
}

/// The statement that empties `parent`.
#[must_use]
pub fn children_clearing(parent: &RoleId) -> Statement {
    Statement::new(DELETE_CHILDREN).bind(parent.as_str())
}

/// The statement that takes `children` out of `parent`.
///
/// # Errors
/// `Refused` when the list cannot be written as JSON.
pub fn children_removal(parent: &RoleId, children: &[RoleId]) -> Result<Statement, StoreError> {
    Ok(Statement::new(REMOVE_CHILDREN).bind(parent.as_str()).bind(to_json(&children)?))
}

/// The statement that grants `roles` to `user`.
///
/// # Errors
/// `Refused` when the list cannot be written as JSON.
pub fn grant(user: &UserId, roles: &[RoleId]) -> Result<Statement, StoreError> {
    Ok(Statement::new(GRANT).bind(user.as_str()).bind(to_json(&roles)?))
}

/// The statement that grants to `user` what the realm has under `names` by then.
///
/// # Errors
/// `Refused` when the names cannot be written as JSON.
pub fn named_grant<'a>(
    realm: &RealmId,
    user: &UserId,
    names: impl Iterator<Item = &'a RoleName>,
) -> Result<Statement, StoreError> {
    to_holder_by_name(GRANT_NAMED, user.as_str(), realm, names)
}

/// The statement that takes every role from `user`.
#[must_use]
pub fn clearing(user: &UserId) -> Statement {
    Statement::new(REVOKE_ALL).bind(user.as_str())
}

/// The statement that takes `roles` from `user`.
///
/// # Errors
/// `Refused` when the list cannot be written as JSON.
pub fn revocation(user: &UserId, roles: &[RoleId]) -> Result<Statement, StoreError> {
    Ok(Statement::new(REVOKE).bind(user.as_str()).bind(to_json(&roles)?))
}

/// Names as `LIST_NAMED` and its like read them.
fn names_to_json<'a>(names: impl Iterator<Item = &'a RoleName>) -> Result<String, StoreError> {
    to_json(&names.map(|role| (&role.client_id, &role.name)).collect::<Vec<_>>())
}

/// Roles, of what `from` says.
pub(super) fn selecting(from: &'static str) -> Statement {
    Statement::new(ROLE).push(from)
}

/// The roles of the realm that the recursion `reached` has found.
pub(super) fn held(reached: Statement, realm: &RealmId) -> Statement {
    reached.push(ROLE).push(HELD).bind(realm.as_str())
}

/// Those of one container, when that is given.
pub(super) fn within(statement: Statement, container: Option<&Container>) -> Statement {
    match container {
        Some(container) => statement.push(IN_CONTAINER).bind(container.key()),
        None => statement,
    }
}

fn searched(statement: Statement, search: Option<&str>) -> Statement {
    match search {
        Some(search) => statement.push(NAMED_LIKE).bind(search),
        None => statement,
    }
}

fn paged(statement: Statement, page: Page) -> Statement {
    statement.push(PAGE).bind(page.max).bind(page.first)
}

async fn roles_of(
    directory: &dyn Directory,
    statement: Statement,
) -> Result<Vec<Role>, StoreError> {
    directory.run(statement).await?.iter().map(role_from_row).collect()
}

/// A role, from a row with all columns.
pub(super) fn role_from_row(row: &Row) -> Result<Role, StoreError> {
    Ok(Role {
        id: row.parse("id")?,
        client: row.parse_or_null("client_uuid")?,
        name: row.text("name")?.to_owned(),
        description: row.text("description")?.to_owned(),
        attributes: row.json("attributes")?,
        is_composite: row.truth("composite")?,
    })
}
