//! Which roles that administer realms are within others, within what users hold,
//! or within what groups give.
use super::to_json;
use crate::kernel::id::{GroupId, RealmId, RoleId, UserId};
use crate::platform::directory::Directory;
use crate::platform::row::{Row, StoreError};
use crate::platform::sql::Statement;
use crate::realm::role::{ADMIN, CREATE_REALM, MASTER_CLIENT_END, REALM_MANAGEMENT};
use crate::realm::stored_role::AdministrativeRole;

const LIST_WITHIN_ROLES: &str = "
    WITH RECURSIVE held (user_id, role_id) AS (
        SELECT '', value FROM json_each(?)
         UNION
        SELECT held.user_id, role_composite.child_id
          FROM held
          JOIN role_composite ON role_composite.parent_id = held.role_id
    )";

const LIST_WITHIN_USERS: &str = "
    WITH RECURSIVE held (user_id, role_id) AS (
        SELECT user_role.user_id, user_role.role_id
          FROM json_each(?) AS asked
          JOIN user_role ON user_role.user_id = asked.value
         UNION
        SELECT group_grant.user_id, group_grant.role_id
          FROM json_each(?) AS asked
          JOIN group_grant ON group_grant.user_id = asked.value
         UNION
        SELECT held.user_id, role_composite.child_id
          FROM held
          JOIN role_composite ON role_composite.parent_id = held.role_id
    )";

/// What a member of one of several groups holds through it.
const LIST_WITHIN_GROUPS: &str = "
    WITH RECURSIVE held (user_id, role_id) AS (
        SELECT '', group_role.role_id
          FROM json_each(?) AS asked
          JOIN group_above ON group_above.group_id = asked.value
          JOIN group_role ON group_role.group_id = group_above.above_id
         UNION
        SELECT held.user_id, role_composite.child_id
          FROM held
          JOIN role_composite ON role_composite.parent_id = held.role_id
    )";

/// The same, and what members of the groups below hold.
const LIST_WITHIN_TREES: &str = "
    WITH RECURSIVE held (user_id, role_id) AS (
        SELECT '', group_role.role_id
          FROM json_each(?) AS asked
          JOIN group_above ON group_above.group_id = asked.value
          JOIN group_role ON group_role.group_id = group_above.above_id
         UNION
        SELECT '', group_role.role_id
          FROM json_each(?) AS asked
          JOIN group_above ON group_above.above_id = asked.value
          JOIN group_role ON group_role.group_id = group_above.group_id
         UNION
        SELECT held.user_id, role_composite.child_id
          FROM held
          JOIN role_composite ON role_composite.parent_id = held.role_id
    )";

const THAT_ADMINISTER: &str = "
    SELECT held.user_id, role.id, role.realm_id, client.client_id, role.name
      FROM held
      JOIN role ON role.id = held.role_id
      LEFT JOIN client ON client.id = role.client_uuid
     WHERE client.client_id = ? OR substr(client.client_id, -length(?)) = ?
        OR (role.client_uuid IS NULL AND role.name IN (?, ?))";

const HOLDS_REALM_ROLE: &str = "
    WITH RECURSIVE above (role_id) AS (
        SELECT id FROM role
         WHERE realm_id = ? AND coalesce(client_uuid, '') = '' AND name = ?
         UNION
        SELECT role_composite.parent_id
          FROM above
          JOIN role_composite ON role_composite.child_id = above.role_id
    )
    SELECT above.role_id
      FROM above
     WHERE EXISTS (SELECT 1 FROM user_role WHERE user_id = ? AND role_id = above.role_id)
        OR above.role_id IN (SELECT role_id FROM group_grant WHERE user_id = ?)
     LIMIT 1";

/// The roles that administer a realm among `roles` and all that these include.
///
/// # Errors
/// `Refused` when the directory fails.
pub async fn list_within_roles(
    directory: &dyn Directory,
    roles: &[RoleId],
) -> Result<Vec<AdministrativeRole>, StoreError> {
    let statement = Statement::new(LIST_WITHIN_ROLES).bind(to_json(&roles)?);
    let rows = directory.run(that_administer(statement)).await?;
    rows.iter().map(role_from_row).collect()
}

/// The roles that administer a realm among all that each of `users` holds.
///
/// # Errors
/// `Refused` when the directory fails.
pub async fn list_within_users(
    directory: &dyn Directory,
    users: &[&UserId],
) -> Result<Vec<(UserId, AdministrativeRole)>, StoreError> {
    let users = to_json(&users)?;
    let statement = Statement::new(LIST_WITHIN_USERS).bind(users.as_str()).bind(users);
    let rows = directory.run(that_administer(statement)).await?;
    rows.iter().map(|row| Ok((row.parse("user_id")?, role_from_row(row)?))).collect()
}

/// The roles that administer a realm among what membership of `groups` gives.
///
/// # Errors
/// `Refused` when the directory fails.
pub async fn list_within_groups(
    directory: &dyn Directory,
    groups: &[&GroupId],
) -> Result<Vec<AdministrativeRole>, StoreError> {
    let statement = Statement::new(LIST_WITHIN_GROUPS).bind(to_json(&groups)?);
    let rows = directory.run(that_administer(statement)).await?;
    rows.iter().map(role_from_row).collect()
}

/// The roles that administer a realm among what membership of `groups`, or of those
/// below them, gives.
///
/// # Errors
/// `Refused` when the directory fails.
pub async fn list_within_trees(
    directory: &dyn Directory,
    groups: &[&GroupId],
) -> Result<Vec<AdministrativeRole>, StoreError> {
    let groups = to_json(&groups)?;
    let statement = Statement::new(LIST_WITHIN_TREES).bind(groups.as_str()).bind(groups);
    let rows = directory.run(that_administer(statement)).await?;
    rows.iter().map(role_from_row).collect()
}

/// Whether `user` holds the realm role called `name`, directly, through groups or
/// through composites.
///
/// # Errors
/// `Refused` when the directory fails.
pub async fn holds_realm_role(
    directory: &dyn Directory,
    realm: &RealmId,
    user: &UserId,
    name: &str,
) -> Result<bool, StoreError> {
    let statement = Statement::new(HOLDS_REALM_ROLE)
        .bind(realm.as_str())
        .bind(name)
        .bind(user.as_str())
        .bind(user.as_str());
    Ok(!directory.run(statement).await?.is_empty())
}

fn that_administer(statement: Statement) -> Statement {
    statement
        .push(THAT_ADMINISTER)
        .bind(REALM_MANAGEMENT)
        .bind(MASTER_CLIENT_END)
        .bind(MASTER_CLIENT_END)
        .bind(ADMIN)
        .bind(CREATE_REALM)
}

fn role_from_row(row: &Row) -> Result<AdministrativeRole, StoreError> {
    Ok(AdministrativeRole {
        id: row.parse("id")?,
        realm: row.parse("realm_id")?,
        client_id: row.text_or_null("client_id")?.map(str::to_owned),
        name: row.text("name")?.to_owned(),
    })
}
