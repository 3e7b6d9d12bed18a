//! Deleting an organization. The commit point is here, in its object: from then
//! on nobody gets a claim, a page or an answer from it. The accounts that it manages
//! and the registry follow, and last of all the object's own storage goes.
use super::dialect::Dialect;
use super::organization::{Organization, Stage};
use super::record::{Scene, record};
use super::visit::Visit;
use super::{admin_user, manage, project, store};
use crate::platform::ObjectPorts;
use crate::platform::row::StoreError;
use crate::platform::sql::in_transaction;
use crate::realm::store as directory;

/// Marks the organization deleted.
///
/// # Errors
/// `Refused` when SQLite fails; it lives on then.
pub fn delete(scene: &Scene<'_>, dialect: Dialect) -> Result<(), StoreError> {
    in_transaction(scene.sql, || {
        store::organization::set_stage(scene.sql, Stage::Deleted)?;
        record(scene, dialect.deletion(scene.org))
    })
}

/// Deletes the organization that is visited. What cannot be finished now, the alarm
/// finishes.
///
/// # Errors
/// As [`delete`].
pub async fn delete_visited(visit: &Visit<'_>, dialect: Dialect) -> Result<(), StoreError> {
    delete(&Scene::of(visit), dialect)?;
    if let Err(error) = finish(visit.object, &visit.organization).await {
        tracing::warn!(org.id = %visit.organization.id, "A deletion finishes later: {error}");
    }
    Ok(())
}

/// Finishes a deletion, from wherever it was interrupted.
///
/// # Errors
/// When a database fails; the alarm tries again.
pub async fn finish(
    object: &ObjectPorts<'_>,
    organization: &Organization,
) -> Result<(), StoreError> {
    object.ports.faults.reach("org.delete.after_object").await;
    // The audit trail first: it must outlive the storage.
    project::drain_all(object, organization).await?;
    end_memberships(object, organization).await?;
    manage::delete_all_accounts(object, organization).await?;
    let registry = &*object.ports.directory;
    let admin = admin_user::username_of(&organization.id);
    directory::organization::delete(registry, &organization.realm, &organization.id, &admin)
        .await?;
    object.ports.faults.reach("org.delete.after_directory").await;
    object.alarm.delete_all().await
}

/// Members who are told of in one call of the queue, which takes a hundred.
const MEMBERS: i64 = 100;

/// Ends what was granted to apps for the organization. Before the registry lets it
/// go: what was interrupted begins again, and twice is once.
async fn end_memberships(
    object: &ObjectPorts<'_>,
    organization: &Organization,
) -> Result<(), StoreError> {
    let mut after = None;
    loop {
        let users = store::member::list_ids_after(object.sql, after.as_ref(), MEMBERS)?;
        let Some(last) = users.last() else { return Ok(()) };
        let messages =
            users.iter().map(|user| project::membership_ended(object, organization, user));
        object.ports.queue.send(messages.collect::<Result<_, _>>()?).await?;
        after = Some(last.clone());
    }
}
