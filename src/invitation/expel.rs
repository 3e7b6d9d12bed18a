//! Removing a member for good: whoever holds an invitation to the same address
//! would be back with a click.
use super::revoke::revoke_within;
use super::store;
use crate::kernel::email::EmailAddress;
use crate::kernel::id::UserId;
use crate::org::leave::leave;
use crate::org::record::Scene;
use crate::platform::row::StoreError;
use crate::platform::sql::in_transaction;

/// Removes a member with all roles, and takes back the open invitation to their
/// address, in one transaction. `false` when there is no such member; then
/// nothing happens.
///
/// # Errors
/// `Refused` when SQLite fails.
pub fn expel(
    scene: &Scene<'_>,
    user: &UserId,
    email: Option<&EmailAddress>,
) -> Result<bool, StoreError> {
    in_transaction(scene.sql, || {
        if !leave(scene, user)? {
            return Ok(false);
        }
        if let Some(email) = email
            && let Some(invitation) = store::find_open(scene.sql, email)?
        {
            revoke_within(scene, &invitation)?;
        }
        Ok(true)
    })
}
