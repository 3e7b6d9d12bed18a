//! Ceasing to be a member.
use super::record::{Scene, record};
use super::{project, store};
use crate::event::audit::{Change, Operation};
use crate::kernel::id::UserId;
use crate::platform::row::StoreError;

/// Removes a member with all roles and groups: call it in a transaction. `false`
/// when there is no such member. Effective at once: the next token, refresh or
/// request asks this database.
///
/// # Errors
/// `Refused` when SQLite fails.
pub fn leave(scene: &Scene<'_>, user: &UserId) -> Result<bool, StoreError> {
    // Roles and groups go with the row (ON DELETE CASCADE).
    if !store::member::delete(scene.sql, user)? {
        return Ok(false);
    }
    project::membership(scene.sql, user, false)?;
    record(
        scene,
        Change {
            resource_type: "ORGANIZATION_MEMBERSHIP",
            operation: Operation::Delete,
            path: format!("orgs/{}/members/{user}", scene.org),
            representation: Some(user.as_str().into()),
        },
    )?;
    Ok(true)
}
