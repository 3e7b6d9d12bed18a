//! `DELETE` of a group: the organization's group goes, as by the groups API, with all
//! groups below it. Its members stay members of the organization.
use super::change::Precondition;
use super::error::Refusal;
use super::group_change::read_version;
use super::record;
use crate::event::audit::Operation;
use crate::kernel::id::GroupId;
use crate::org::group;
use crate::org::record::Scene;
use crate::platform::sql::in_transaction;

/// Deletes the group.
///
/// # Errors
/// `Unknown` when this organization has no such group, `Precondition`.
pub fn remove(scene: &Scene<'_>, id: &GroupId, precondition: &Precondition) -> Result<(), Refusal> {
    in_transaction(scene.sql, || {
        let shown = read_version(scene.sql, id, precondition)?;
        let gone = group::find(scene.sql, id)?.ok_or(Refusal::Unknown)?;
        group::delete_within(scene, &gone)?;
        Ok(record::group_changed(scene, Operation::Delete, &shown)?)
    })
}
