//! Which roles are in the scope of clients and of client scopes.
use super::role_list::{BY_NAME, LIST, held, role_from_row, selecting, within};
use super::to_json;
use crate::kernel::id::{RealmId, RoleId};
use crate::platform::directory::Directory;
use crate::platform::row::StoreError;
use crate::platform::sql::Statement;
use crate::realm::page::MAX_PAGE_ROWS;
use crate::realm::role_scope::Holder;
use crate::realm::stored_role::{Container, Role};

const LIST_MAPPED: &str = "
      FROM scope_mapping
      JOIN role ON role.id = scope_mapping.role_id
     WHERE scope_mapping.holder_id = ? AND role.realm_id = ?";

/// A client's own roles are in its scope without being mapped.
const NOT_IN_SCOPE: &str = "
       AND coalesce(role.client_uuid, '') <> ?
       AND NOT EXISTS (SELECT 1 FROM scope_mapping
                        WHERE scope_mapping.holder_id = ?
                          AND scope_mapping.role_id = role.id)";

/// From what is mapped, and a client's own roles, down through the composites.
const LIST_EFFECTIVE: &str = "
    WITH RECURSIVE held (role_id) AS (
        SELECT role_id FROM scope_mapping WHERE holder_id = ?
         UNION
        SELECT id FROM role WHERE client_uuid = ?
         UNION
        SELECT role_composite.child_id
          FROM held
          JOIN role_composite ON role_composite.parent_id = held.role_id
    )";

const AT_MOST: &str = " LIMIT ?";

/// Only while both ends are there: a mapping of nothing would never go away.
const MAP: &str = "
    INSERT INTO scope_mapping (holder_id, role_id)
    SELECT holder.id, role.id
      FROM (SELECT id, realm_id FROM client WHERE id = ?
             UNION ALL
            SELECT id, realm_id FROM client_scope WHERE id = ?) AS holder,
           json_each(?) AS asked
      JOIN role ON role.id = asked.value AND role.realm_id = holder.realm_id
     WHERE true
    ON CONFLICT DO NOTHING";

const UNMAP: &str = "
    DELETE FROM scope_mapping
     WHERE holder_id = ? AND role_id IN (SELECT value FROM json_each(?))";

/// The roles that were put into the scope itself, by name; of one container when
/// that is given. One more than an answer holds tells that there are more.
///
/// # Errors
/// `Refused` when the directory fails.
pub async fn list_mapped(
    directory: &dyn Directory,
    realm: &RealmId,
    holder: &Holder,
    container: Option<&Container>,
) -> Result<Vec<Role>, StoreError> {
    let statement = selecting(LIST_MAPPED).bind(holder.key()).bind(realm.as_str());
    roles_of(directory, within(statement, container)).await
}

/// The roles of `container` that are not in the scope and may be put there, by
/// name, likewise.
///
/// # Errors
/// `Refused` when the directory fails.
pub async fn list_available(
    directory: &dyn Directory,
    realm: &RealmId,
    holder: &Holder,
    container: &Container,
) -> Result<Vec<Role>, StoreError> {
    let statement = selecting(LIST)
        .bind(realm.as_str())
        .bind(container.key())
        .push(NOT_IN_SCOPE)
        .bind(holder.key())
        .bind(holder.key());
    roles_of(directory, statement).await
}

/// The roles of `container` that the scope has in the end, by name, likewise.
///
/// # Errors
/// `Refused` when the directory fails.
pub async fn list_effective(
    directory: &dyn Directory,
    realm: &RealmId,
    holder: &Holder,
    container: &Container,
) -> Result<Vec<Role>, StoreError> {
    let statement = if holder.is_full() {
        selecting(LIST).bind(realm.as_str()).bind(container.key())
    } else {
        let reached = Statement::new(LIST_EFFECTIVE).bind(holder.key()).bind(holder.key());
        within(held(reached, realm), Some(container))
    };
    roles_of(directory, statement).await
}

/// The statement that puts `roles` into the scope, those that are there already
/// too.
///
/// # Errors
/// `Refused` when the list cannot be written as JSON.
pub fn insertion(holder: &Holder, roles: &[RoleId]) -> Result<Statement, StoreError> {
    Ok(Statement::new(MAP).bind(holder.key()).bind(holder.key()).bind(to_json(&roles)?))
}

/// The statement that takes `roles` out of the scope.
///
/// # Errors
/// `Refused` when the list cannot be written as JSON.
pub fn removal(holder: &Holder, roles: &[RoleId]) -> Result<Statement, StoreError> {
    Ok(Statement::new(UNMAP).bind(holder.key()).bind(to_json(&roles)?))
}

async fn roles_of(
    directory: &dyn Directory,
    statement: Statement,
) -> Result<Vec<Role>, StoreError> {
    let statement = statement.push(BY_NAME).push(AT_MOST).bind(MAX_PAGE_ROWS + 1);
    directory.run(statement).await?.iter().map(role_from_row).collect()
}
