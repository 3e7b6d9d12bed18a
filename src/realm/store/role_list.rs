//! Roles, as they are administered: found, listed, made, changed, deleted.
use super::to_json;
use crate::kernel::id::{RealmId, RoleId, UserId};
use crate::platform::directory::Directory;
use crate::platform::row::{Row, StoreError};
use crate::platform::sql::Statement;
use crate::realm::page::Page;
use crate::realm::stored_role::{Container, Role};

const FIND_BY_ID: &str = "
    SELECT role.id, role.client_uuid, role.name, role.description, role.attributes,
           EXISTS (SELECT 1 FROM role_composite WHERE parent_id = role.id) AS composite
      FROM role
     WHERE role.id = ? AND role.realm_id = ?";

const FIND_BY_NAME: &str = "
    SELECT role.id, role.client_uuid, role.name, role.description, role.attributes,
           EXISTS (SELECT 1 FROM role_composite WHERE parent_id = role.id) AS composite
      FROM role
     WHERE role.realm_id = ? AND coalesce(role.client_uuid, '') = ? AND role.name = ?";

const LIST_BY_IDS: &str = "
    SELECT role.id, role.client_uuid, role.name, role.description, role.attributes,
           EXISTS (SELECT 1 FROM role_composite WHERE parent_id = role.id) AS composite
      FROM json_each(?) AS asked
      JOIN role ON role.id = asked.value
     WHERE role.realm_id = ?";

pub(super) const LIST: &str = "
    SELECT role.id, role.client_uuid, role.name, role.description, role.attributes,
           EXISTS (SELECT 1 FROM role_composite WHERE parent_id = role.id) AS composite
      FROM role
     WHERE role.realm_id = ? AND coalesce(role.client_uuid, '') = ?";

const LIST_CHILDREN: &str = "
    SELECT role.id, role.client_uuid, role.name, role.description, role.attributes,
           EXISTS (SELECT 1 FROM role_composite AS below WHERE below.parent_id = role.id)
           AS composite
      FROM role_composite AS link
      JOIN role ON role.id = link.child_id
     WHERE link.parent_id = ?";

const LIST_GRANTED: &str = "
    SELECT role.id, role.client_uuid, role.name, role.description, role.attributes,
           EXISTS (SELECT 1 FROM role_composite WHERE parent_id = role.id) AS composite
      FROM user_role
      JOIN role ON role.id = user_role.role_id
     WHERE user_role.user_id = ? AND role.realm_id = ?";

const LIST_EFFECTIVE: &str = "
    WITH RECURSIVE held (role_id) AS (
        SELECT role_id FROM user_role WHERE user_id = ?
         UNION
        SELECT role_id FROM group_grant WHERE user_id = ?
         UNION
        SELECT role_composite.child_id
          FROM held
          JOIN role_composite ON role_composite.parent_id = held.role_id
    )
    SELECT role.id, role.client_uuid, role.name, role.description, role.attributes,
           EXISTS (SELECT 1 FROM role_composite WHERE parent_id = role.id) AS composite
      FROM held
      JOIN role ON role.id = held.role_id
     WHERE role.realm_id = ?";

pub(super) const IN_CONTAINER: &str = " AND coalesce(role.client_uuid, '') = ?";

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

const REMOVE_CHILDREN: &str = "
    DELETE FROM role_composite
     WHERE parent_id = ? AND child_id IN (SELECT value FROM json_each(?))";

const GRANT: &str = "
    INSERT INTO user_role (user_id, role_id)
    SELECT ?, value FROM json_each(?) WHERE true
    ON CONFLICT DO NOTHING";

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
    let statement = Statement::new(FIND_BY_ID).bind(role.as_str()).bind(realm.as_str());
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
    let statement =
        Statement::new(FIND_BY_NAME).bind(realm.as_str()).bind(container.key()).bind(name);
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
    let statement = Statement::new(LIST_BY_IDS).bind(to_json(&roles)?).bind(realm.as_str());
    roles_of(directory, statement).await
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
    let statement = Statement::new(LIST).bind(realm.as_str()).bind(container.key());
    roles_of(directory, paged(searched(statement, search), page)).await
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
    let mut statement = Statement::new(LIST_CHILDREN).bind(parent.as_str());
    if let Some(container) = container {
        statement = statement.push(IN_CONTAINER).bind(container.key());
    }
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
    let mut statement = Statement::new(LIST_GRANTED).bind(user.as_str()).bind(realm.as_str());
    if let Some(container) = container {
        statement = statement.push(IN_CONTAINER).bind(container.key());
    }
    roles_of(directory, statement.push(BY_NAME)).await
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
    let statement = Statement::new(LIST)
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
    let statement = Statement::new(LIST_EFFECTIVE)
        .bind(user.as_str())
        .bind(user.as_str())
        .bind(realm.as_str())
        .push(IN_CONTAINER)
        .bind(container.key());
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

/// The statement that takes `roles` from `user`.
///
/// # Errors
/// `Refused` when the list cannot be written as JSON.
pub fn revocation(user: &UserId, roles: &[RoleId]) -> Result<Statement, StoreError> {
    Ok(Statement::new(REVOKE).bind(user.as_str()).bind(to_json(&roles)?))
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
