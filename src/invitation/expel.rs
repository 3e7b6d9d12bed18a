//! Removing a member for good: whoever holds an invitation to the same address
//! would be back with a click.
use super::revoke::revoke_within;
use super::store;
use crate::kernel::email::EmailAddress;
use crate::kernel::id::UserId;
use crate::org::dialect::Dialect;
use crate::org::leave::leave_told;
use crate::org::record::Scene;
use crate::platform::row::StoreError;
use crate::platform::sql::in_transaction;
use serde_json::Value;

/// Removes a member with all roles, and takes back the open invitation to their
/// address, in one transaction; `details` as for [`leave_told`]. `false` when there is no such member; then
/// nothing happens.
///
/// # Errors
/// `Refused` when SQLite fails.
pub fn expel(
    scene: &Scene<'_>,
    user: &UserId,
    email: Option<&EmailAddress>,
    details: Option<&Value>,
) -> Result<bool, StoreError> {
    in_transaction(scene.sql, || {
        if !leave_told(scene, user, details)? {
            return Ok(false);
        }
        if let Some(email) = email
            && let Some(invitation) = store::find_open(scene.sql, email)?
        {
            let dialect = if details.is_some() { Dialect::Keycloak } else { Dialect::PhaseTwo };
            revoke_within(scene, &invitation, dialect)?;
        }
        Ok(true)
    })
}
