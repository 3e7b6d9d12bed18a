//! Taking an invitation back.
use super::history::{Entry, Status, note};
use super::state::Stage;
use super::store;
use super::told;
use crate::kernel::id::InvitationId;
use crate::org::dialect::Dialect;
use crate::org::project;
use crate::org::record::{Scene, record};
use crate::platform::row::StoreError;
use crate::platform::sql::in_transaction;

/// Revokes an open invitation; `false` when there is none of this id.
///
/// # Errors
/// `Refused` when SQLite fails.
pub fn revoke(scene: &Scene<'_>, id: &InvitationId, dialect: Dialect) -> Result<bool, StoreError> {
    in_transaction(scene.sql, || revoke_within(scene, id, dialect))
}

/// [`revoke`], to be called in a transaction.
///
/// # Errors
/// `Refused` when SQLite fails.
pub fn revoke_within(
    scene: &Scene<'_>,
    id: &InvitationId,
    dialect: Dialect,
) -> Result<bool, StoreError> {
    let found = store::find(scene.sql, id)?;
    let Some(invitation) = found.filter(|one| matches!(one.stage, Stage::Open { .. })) else {
        return Ok(false);
    };
    store::mark_revoked(scene.sql, id, scene.now)?;
    project::invitation(scene.sql, &invitation.email, None)?;
    let user = scene.actor.user_id.clone();
    note(scene.sql, id, &Entry { at: scene.now, status: Status::Revoked, user })?;
    record(scene, told::revoked(dialect, scene.org, &invitation))?;
    Ok(true)
}
