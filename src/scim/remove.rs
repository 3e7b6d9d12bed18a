//! `DELETE` of a user: resource and membership go at once. So does the person, a moment
//! later, whom this organization's directory made and nobody else has
//! ([`super::errand`]).
use super::change::{Precondition, read_version};
use super::errand::{self, Kind};
use super::error::Refusal;
use super::record;
use super::store;
use crate::event::audit::Operation;
use crate::kernel::id::ScimId;
use crate::org::leave::leave;
use crate::org::record::Scene;
use crate::platform::sql::in_transaction;

/// Removes the resource and ends the membership, effective at once.
///
/// # Errors
/// `Unknown` when this organization has no such user, `Precondition`.
pub fn remove(scene: &Scene<'_>, id: &ScimId, precondition: &Precondition) -> Result<(), Refusal> {
    in_transaction(scene.sql, || {
        let user = read_version(scene.sql, id, precondition)?;
        store::user::delete(scene.sql, id)?;
        leave(scene, &user.user)?;
        errand::owe(scene, Kind::Forget, &user.user)?;
        record::user_changed(scene, Operation::Delete, &user)?;
        Ok(())
    })
}
