//! Taking an invitation back.
use super::store;
use crate::event::audit::{Change, Operation};
use crate::kernel::id::InvitationId;
use crate::org::record::{Scene, record};
use crate::platform::row::StoreError;
use crate::platform::sql::in_transaction;

/// Revokes an open invitation; `false` when there is none of this id.
///
/// # Errors
/// `Refused` when SQLite fails.
pub fn revoke(scene: &Scene<'_>, id: &InvitationId) -> Result<bool, StoreError> {
    in_transaction(scene.sql, || revoke_within(scene, id))
}

/// [`revoke`], to be called in a transaction.
///
/// # Errors
/// `Refused` when SQLite fails.
pub fn revoke_within(scene: &Scene<'_>, id: &InvitationId) -> Result<bool, StoreError> {
    if !store::mark_revoked(scene.sql, id, scene.now)? {
        return Ok(false);
    }
    record(
        scene,
        Change {
            resource_type: "INVITATION",
            operation: Operation::Delete,
            path: format!("orgs/{}/invitations/{id}", scene.org),
            representation: None,
        },
    )?;
    Ok(true)
}
