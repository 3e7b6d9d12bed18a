//! Which roles were granted to the groups of a realm.
use super::role_list::{BY_NAME, LIST, held, role_from_row, selecting, to_holder_by_name, within};
use super::to_json;
use crate::kernel::id::{GroupId, RealmId, RoleId};
use crate::platform::directory::Directory;
use crate::platform::row::StoreError;
use crate::platform::sql::Statement;
use crate::realm::group::GroupRoles;
use crate::realm::stored_role::{Container, Role, RoleName};
use std::collections::HashMap;

const LIST_GRANTED: &str = "
      FROM group_role
      JOIN role ON role.id = group_role.role_id
     WHERE group_role.group_id = ? AND role.realm_id = ?";

const NOT_GRANTED: &str = "
       AND NOT EXISTS (SELECT 1 FROM group_role
                        WHERE group_role.group_id = ? AND group_role.role_id = role.id)";

/// From the roles of the group and of those above it.
const LIST_EFFECTIVE: &str = "
    WITH RECURSIVE held (role_id) AS (
        SELECT group_role.role_id
          FROM group_above
          JOIN group_role ON group_role.group_id = group_above.above_id
         WHERE group_above.group_id = ?
         UNION
        SELECT role_composite.child_id
          FROM held
          JOIN role_composite ON role_composite.parent_id = held.role_id
    )";

const LIST_NAMES: &str = "
    SELECT group_role.group_id, client.client_id, role.name
      FROM json_each(?) AS asked
      JOIN group_role ON group_role.group_id = asked.value
      JOIN role ON role.id = group_role.role_id
      LEFT JOIN client ON client.id = role.client_uuid
     ORDER BY role.name, role.id";

const GRANT: &str = "
    INSERT INTO group_role (group_id, role_id)
    SELECT ?, value FROM json_each(?) WHERE true
    ON CONFLICT DO NOTHING";

const GRANT_NAMED: &str = "
    INSERT INTO group_role (group_id, role_id)";

const CLEAR: &str = "DELETE FROM group_role WHERE group_id = ?";

const REVOKE: &str = "
    DELETE FROM group_role
     WHERE group_id = ? AND role_id IN (SELECT value FROM json_each(?))";

/// The roles that were granted to `group` itself, by name; of one container when
/// that is given.
///
/// # Errors
/// `Refused` when the directory fails.
pub async fn list_granted(
    directory: &dyn Directory,
    realm: &RealmId,
    group: &GroupId,
    container: Option<&Container>,
) -> Result<Vec<Role>, StoreError> {
    let statement = selecting(LIST_GRANTED).bind(group.as_str()).bind(realm.as_str());
    roles_of(directory, within(statement, container)).await
}

/// The roles of `container` that were not granted to `group` itself, by name.
///
/// # Errors
/// `Refused` when the directory fails.
pub async fn list_available(
    directory: &dyn Directory,
    realm: &RealmId,
    group: &GroupId,
    container: &Container,
) -> Result<Vec<Role>, StoreError> {
    let statement = selecting(LIST).bind(realm.as_str()).bind(container.key());
    roles_of(directory, statement.push(NOT_GRANTED).bind(group.as_str())).await
}

/// The roles of `container` that members of `group` hold through it, by name: its
/// own, those of the groups above, and what these include.
///
/// # Errors
/// `Refused` when the directory fails.
pub async fn list_effective(
    directory: &dyn Directory,
    realm: &RealmId,
    group: &GroupId,
    container: &Container,
) -> Result<Vec<Role>, StoreError> {
    let reached = Statement::new(LIST_EFFECTIVE).bind(group.as_str());
    roles_of(directory, within(held(reached, realm), Some(container))).await
}

/// The names of the roles that were granted to each of `groups` itself. A group
/// without any is not in there.
///
/// # Errors
/// `Refused` when the directory fails.
pub async fn list_names(
    directory: &dyn Directory,
    groups: &[&GroupId],
) -> Result<HashMap<GroupId, GroupRoles>, StoreError> {
    let rows = directory.run(Statement::new(LIST_NAMES).bind(to_json(&groups)?)).await?;
    let mut names: HashMap<GroupId, GroupRoles> = HashMap::new();
    for row in &rows {
        let roles = names.entry(row.parse("group_id")?).or_default();
        roles.add(row.text_or_null("client_id")?, row.text("name")?);
    }
    Ok(names)
}

/// The statement that grants `roles` to `group`; `Dangling` when the group or one
/// of them is gone.
///
/// # Errors
/// `Refused` when the list cannot be written as JSON.
pub fn grant(group: &GroupId, roles: &[RoleId]) -> Result<Statement, StoreError> {
    Ok(Statement::new(GRANT).bind(group.as_str()).bind(to_json(&roles)?))
}

/// The statement that grants to `group` what the realm has under `names` by then.
///
/// # Errors
/// `Refused` when the names cannot be written as JSON.
pub fn named_grant<'a>(
    realm: &RealmId,
    group: &GroupId,
    names: impl Iterator<Item = &'a RoleName>,
) -> Result<Statement, StoreError> {
    to_holder_by_name(GRANT_NAMED, group.as_str(), realm, names)
}

/// The statement that takes every role from `group`.
#[must_use]
pub fn clearing(group: &GroupId) -> Statement {
    Statement::new(CLEAR).bind(group.as_str())
}

/// The statement that takes `roles` from `group`.
///
/// # Errors
/// `Refused` when the list cannot be written as JSON.
pub fn revocation(group: &GroupId, roles: &[RoleId]) -> Result<Statement, StoreError> {
    Ok(Statement::new(REVOKE).bind(group.as_str()).bind(to_json(&roles)?))
}

async fn roles_of(
    directory: &dyn Directory,
    statement: Statement,
) -> Result<Vec<Role>, StoreError> {
    directory.run(statement.push(BY_NAME)).await?.iter().map(role_from_row).collect()
}
