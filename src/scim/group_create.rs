//! `POST /Groups`: makes a group of the organization, at the top.
use super::error::Refusal;
use super::group::ScimGroup;
use super::group_change::{apply, read, refused};
use super::group_document::GroupDocument;
use super::group_patch::Step;
use super::record;
use crate::event::audit::Operation;
use crate::org::group::{self, GroupDraft};
use crate::org::record::Scene;
use crate::platform::sql::in_transaction;

/// Creates a group from what the organization's directory pushed.
///
/// # Errors
/// `Sibling` when a group at the top is called so; `Value` for what no group can be.
pub fn create(scene: &Scene<'_>, document: GroupDocument) -> Result<ScimGroup, Refusal> {
    let GroupDocument { name, external_id, members } = document;
    in_transaction(scene.sql, || {
        let draft = GroupDraft { name: Some(name), ..GroupDraft::default() };
        let made = group::create_within(scene, draft, None).map_err(refused)?;
        let id = made.id.clone();
        apply(scene, made, &[Step::ExternalId(external_id), Step::Add(members)])?;
        record::group_changed(scene, Operation::Create, &read(scene.sql, &id)?)?;
        read(scene.sql, &id)
    })
}
