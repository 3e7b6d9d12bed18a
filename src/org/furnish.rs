//! Putting groups, members and roles into an organization in one go: how the
//! demonstration data comes in. No route leads here.
use super::group;
use super::join::{NewMember, join};
use super::member::Source;
use super::organization::Organization;
use super::record::Scene;
use super::store;
use crate::event::audit;
use crate::kernel::id::UserId;
use crate::kernel::time::Timestamp;
use crate::platform::ObjectPorts;
use crate::platform::object::Call;
use crate::platform::row::StoreError;
use crate::platform::sql::in_transaction;
use serde::{Deserialize, Serialize};

/// A person to put into the organization.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Seat {
    /// The person.
    pub user: UserId,
    /// With which roles.
    pub roles: Vec<String>,
    /// In which groups, by path.
    pub groups: Vec<String>,
}

/// "Have these members." Twice is once.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct FurnishOrg {
    /// Who.
    pub seats: Vec<Seat>,
}

impl Call for FurnishOrg {
    const NAME: &'static str = "org.furnish";
    type Answer = ();
}

/// Answers [`FurnishOrg`], in one transaction.
///
/// # Errors
/// `Refused` when SQLite fails; nothing is changed then.
pub fn answer(
    object: &ObjectPorts<'_>,
    organization: &Organization,
    asked: &FurnishOrg,
    now: Timestamp,
) -> Result<(), StoreError> {
    let scene = Scene::inside(object, organization, now, audit::Actor::default());
    in_transaction(object.sql, || asked.seats.iter().try_for_each(|seat| take(&scene, seat)))
}

fn take(scene: &Scene<'_>, seat: &Seat) -> Result<(), StoreError> {
    for role in &seat.roles {
        super::role::ensure(scene.sql, scene.random, role)?;
    }
    join(scene, &NewMember { user: &seat.user, source: Source::Admin, roles: &seat.roles })?;
    for path in &seat.groups {
        if let Some(group) = group::ensure_path(scene.sql, scene.random, path)? {
            store::group_member::insert(scene.sql, &group, &seat.user)?;
        }
    }
    Ok(())
}
