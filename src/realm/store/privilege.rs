//! Which administration roles some users hold that another does not.
use super::to_json;
use crate::kernel::id::{RealmId, UserId};
use crate::platform::directory::Directory;
use crate::platform::row::StoreError;
use crate::platform::sql::Statement;

/// From what each holds, directly or through groups, down through the composites.
/// All are users of the one realm; its administration clients are
/// `realm-management`, and in `master` one per realm.
const FIND_MISSING: &str = "
    WITH RECURSIVE held (role_id) AS (
        SELECT user_role.role_id
          FROM json_each(?) AS target
          JOIN user_role ON user_role.user_id = target.value
         UNION
        SELECT group_grant.role_id
          FROM json_each(?) AS target
          JOIN group_grant ON group_grant.user_id = target.value
         UNION
        SELECT role_composite.child_id
          FROM held
          JOIN role_composite ON role_composite.parent_id = held.role_id
    ), mine (role_id) AS (
        SELECT role_id FROM user_role WHERE user_id = ?
         UNION
        SELECT role_id FROM group_grant WHERE user_id = ?
         UNION
        SELECT role_composite.child_id
          FROM mine
          JOIN role_composite ON role_composite.parent_id = mine.role_id
    )
    SELECT role.name
      FROM held
      JOIN role ON role.id = held.role_id
      JOIN client ON client.id = role.client_uuid
     WHERE client.realm_id = ?
       AND (client.client_id = 'realm-management' OR client.client_id LIKE '%-realm')
       AND held.role_id NOT IN (SELECT role_id FROM mine)
     LIMIT 1";

/// Whether one of `users` of the realm holds an administration role.
///
/// # Errors
/// `Refused` when the directory fails.
pub async fn has_administrator(
    directory: &dyn Directory,
    realm: &RealmId,
    users: &[&UserId],
) -> Result<bool, StoreError> {
    let statement = Statement::new(FIND_MISSING)
        .bind(to_json(&users)?)
        .bind(to_json(&users)?)
        // Nobody holds nothing.
        .bind("")
        .bind("")
        .bind(realm.as_str());
    Ok(!directory.run(statement).await?.is_empty())
}

/// An administration role of one of `targets` that `caller`, of the same realm,
/// lacks.
///
/// # Errors
/// `Refused` when the directory fails.
pub async fn find_missing(
    directory: &dyn Directory,
    realm: &RealmId,
    targets: &[&UserId],
    caller: &UserId,
) -> Result<Option<String>, StoreError> {
    let statement = Statement::new(FIND_MISSING)
        .bind(to_json(&targets)?)
        .bind(to_json(&targets)?)
        .bind(caller.as_str())
        .bind(caller.as_str())
        .bind(realm.as_str());
    let rows = directory.run(statement).await?;
    rows.first().map(|row| row.text("name").map(str::to_owned)).transpose()
}
