//! Roles that are held outside the directory, by key: those that are mapped to the
//! groups of organizations.
use super::role_list::{BY_NAME, LIST, held, list_by_ids, role_from_row, selecting, within};
use super::to_json;
use crate::kernel::id::{RealmId, RoleId};
use crate::platform::directory::Directory;
use crate::platform::row::StoreError;
use crate::platform::sql::Statement;
use crate::realm::stored_role::{Container, Role, RoleName};
use std::collections::HashMap;

const NOT_AMONG: &str = "
       AND role.id NOT IN (SELECT value FROM json_each(?))";

/// Some roles, down through the composites.
const HELD: &str = "
    WITH RECURSIVE held (role_id) AS (
        SELECT value FROM json_each(?)
         UNION
        SELECT role_composite.child_id
          FROM held
          JOIN role_composite ON role_composite.parent_id = held.role_id
    )";

const LIST_NAMES: &str = "
    SELECT role.id, role.name, client.client_id
      FROM json_each(?) AS asked
      JOIN role ON role.id = asked.value
      LEFT JOIN client ON client.id = role.client_uuid
     WHERE role.realm_id = ?";

/// Those of `roles` that the realm has, by name.
///
/// # Errors
/// `Refused` when the directory fails.
pub async fn list(
    directory: &dyn Directory,
    realm: &RealmId,
    roles: &[RoleId],
) -> Result<Vec<Role>, StoreError> {
    if roles.is_empty() {
        return Ok(Vec::new());
    }
    let mut found = list_by_ids(directory, realm, roles).await?;
    found.sort_by(|one, other| (&one.name, &one.id).cmp(&(&other.name, &other.id)));
    Ok(found)
}

/// The roles of `container` that are not among `roles`, by name.
///
/// # Errors
/// `Refused` when the directory fails.
pub async fn list_available(
    directory: &dyn Directory,
    realm: &RealmId,
    roles: &[RoleId],
    container: &Container,
) -> Result<Vec<Role>, StoreError> {
    let statement = selecting(LIST).bind(realm.as_str()).bind(container.key());
    roles_of(directory, statement.push(NOT_AMONG).bind(to_json(&roles)?)).await
}

/// Those of `roles`, and of what they include, that are of `container`, by name.
///
/// # Errors
/// `Refused` when the directory fails.
pub async fn list_effective(
    directory: &dyn Directory,
    realm: &RealmId,
    roles: &[RoleId],
    container: &Container,
) -> Result<Vec<Role>, StoreError> {
    if roles.is_empty() {
        return Ok(Vec::new());
    }
    let reached = Statement::new(HELD).bind(to_json(&roles)?);
    roles_of(directory, within(held(reached, realm), Some(container))).await
}

/// What those of `roles` that the realm has are called.
///
/// # Errors
/// `Refused` when the directory fails.
pub async fn list_names(
    directory: &dyn Directory,
    realm: &RealmId,
    roles: &[&RoleId],
) -> Result<HashMap<RoleId, RoleName>, StoreError> {
    if roles.is_empty() {
        return Ok(HashMap::new());
    }
    let statement = Statement::new(LIST_NAMES).bind(to_json(&roles)?).bind(realm.as_str());
    let rows = directory.run(statement).await?;
    rows.iter()
        .map(|row| {
            let client_id = row.text_or_null("client_id")?.map(str::to_owned);
            Ok((row.parse("id")?, RoleName { client_id, name: row.text("name")?.to_owned() }))
        })
        .collect()
}

async fn roles_of(
    directory: &dyn Directory,
    statement: Statement,
) -> Result<Vec<Role>, StoreError> {
    directory.run(statement.push(BY_NAME)).await?.iter().map(role_from_row).collect()
}
