//! Ceasing to be a member.
use super::join::change;
use super::record::{Scene, record};
use super::{project, store};
use crate::event::audit::Operation;
use crate::kernel::id::UserId;
use crate::platform::row::StoreError;
use serde_json::Value;

/// Removes a member with all roles and groups: call it in a transaction. `false`
/// when there is no such member. Effective at once: the next token, refresh or
/// request asks this database.
///
/// # Errors
/// `Refused` when SQLite fails.
pub fn leave(scene: &Scene<'_>, user: &UserId) -> Result<bool, StoreError> {
    leave_told(scene, user, None)
}

/// The same, with what Keycloak tells of the person when it was asked in Keycloak's
/// way.
///
/// # Errors
/// `Refused` when SQLite fails.
pub fn leave_told(
    scene: &Scene<'_>,
    user: &UserId,
    details: Option<&Value>,
) -> Result<bool, StoreError> {
    // Roles and groups go with the row (ON DELETE CASCADE).
    if !store::member::delete(scene.sql, user)? {
        return Ok(false);
    }
    project::membership(scene.sql, user)?;
    record(scene, change(scene, Operation::Delete, user, details))?;
    Ok(true)
}
