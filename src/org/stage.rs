//! Holding an organization that an import brings, unseen until the import commits.
//!
//! The object is asked for by its id, which a document may name, so an earlier
//! import that died may have left something there. The directory decides between
//! the two: it keeps the ids of imports that have ended, and an import that was
//! given up there cannot commit any more.
use super::create::{is_registered, settle};
use super::organization::{Organization, Stage};
use super::store;
use crate::kernel::id::ImportId;
use crate::kernel::time::{Seconds, Timestamp};
use crate::platform::ObjectPorts;
use crate::platform::row::StoreError;
use crate::platform::sql::Sql;
use crate::realm::store::organization_import::{self, Asking, End};

/// How long an organization waits for its import to commit before it gives the
/// import up: longer than the largest import takes, which is seconds.
pub const STAGED_LIFE: Seconds = Seconds::minutes(2);

/// Whether an object can take in what an import brings.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Room {
    /// It is blank.
    Free,
    /// It holds it already.
    Taken,
    /// It holds an organization that exists, or that somebody is just creating.
    Occupied,
    /// A later import was given this import's place.
    Overtaken,
}

/// The import that brought the organization of this object; `None` when none did,
/// or there is no organization.
///
/// # Errors
/// `Refused` when SQLite fails.
pub fn find_import(sql: &dyn Sql) -> Result<Option<ImportId>, StoreError> {
    store::organization::find_import(sql)
}

/// Makes room for what `import` brings. What an earlier import left here goes: that
/// one is given up first.
///
/// # Errors
/// When a database fails; the object may be blank then.
pub async fn make_room(object: &ObjectPorts<'_>, import: &ImportId) -> Result<Room, StoreError> {
    let Some(organization) = store::organization::find(object.sql)? else { return Ok(Room::Free) };
    let earlier = find_import(object.sql)?;
    let (Stage::Pending, Some(earlier)) = (organization.stage, earlier) else {
        return Ok(Room::Occupied);
    };
    if earlier == *import {
        return Ok(Room::Taken);
    }
    match end(object, &organization, &earlier, Some(import)).await? {
        End::Overtaken => Ok(Room::Overtaken),
        End::Committed => {
            settle(object, &organization, true).await?;
            Ok(Room::Occupied)
        }
        End::GivenUp => {
            object.ports.faults.reach("org.import.after_give_up").await;
            // Meanwhile a third one may have come.
            if find_import(object.sql)?.as_ref() != Some(&earlier) {
                return Ok(Room::Occupied);
            }
            object.alarm.delete_all().await?;
            Ok(Room::Free)
        }
    }
}

/// Sees to it that the object looks again when the import should long have ended.
///
/// # Errors
/// When the platform refuses.
pub async fn watch(object: &ObjectPorts<'_>, now: Timestamp) -> Result<(), StoreError> {
    object.alarm.wake_at(now + STAGED_LIFE).await
}

/// What the alarm does with a pending organization: finds out whether it is
/// registered, so that this is final. `None` when it must not touch what is here
/// now.
///
/// # Errors
/// When a database fails; the platform rings again.
pub(super) async fn decide(
    object: &ObjectPorts<'_>,
    organization: &Organization,
) -> Result<Option<bool>, StoreError> {
    let Some(import) = find_import(object.sql)? else {
        return is_registered(object, organization).await.map(Some);
    };
    let end = end(object, organization, &import, None).await?;
    let unchanged = find_import(object.sql)?.as_ref() == Some(&import);
    Ok(unchanged.then_some(end == End::Committed))
}

async fn end(
    object: &ObjectPorts<'_>,
    organization: &Organization,
    import: &ImportId,
    by: Option<&ImportId>,
) -> Result<End, StoreError> {
    let (realm, org) = (&organization.realm, &organization.id);
    let asking = by.map_or(Asking::Object(realm, org), |by| Asking::ObjectFor(realm, org, by));
    let now = object.ports.clock.now();
    organization_import::give_up(&*object.ports.directory, import, asking, now).await
}
