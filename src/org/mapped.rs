//! What the mappers of an identity provider make of a member: groups and roles of the
//! organization, in one transaction.
use super::grant::{self, Side};
use super::group;
use super::join::{NewMember, join};
use super::member::{self, Source};
use super::organization::{Organization, Stage};
use super::record::Scene;
use super::role;
use super::store;
use crate::event::audit;
use crate::kernel::id::{RoleId, UserId};
use crate::kernel::time::Timestamp;
use crate::platform::ObjectPorts;
use crate::platform::object::Call;
use crate::platform::row::StoreError;
use crate::platform::sql::in_transaction;
use crate::realm::group::{Group, names_of_path};
use crate::realm::store::administrative;
use serde::{Deserialize, Serialize};
use std::collections::HashSet;

/// Something that a mapper makes of a person in one organization.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum OrgEffect {
    /// They hold a role of the organization.
    GrantRole {
        /// Its name.
        role: String,
        /// Whether who is no member becomes one.
        join: bool,
    },
    /// They do not hold it.
    TakeRole {
        /// Its name.
        role: String,
    },
    /// They are in a group of the organization.
    JoinGroup {
        /// Its path.
        path: String,
    },
    /// They are not in it.
    LeaveGroup {
        /// Its path.
        path: String,
    },
}

/// "Make this of `user`." Twice is once.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct ApplyMapped {
    /// The person.
    pub user: UserId,
    /// What is made of them, in this order.
    pub effects: Vec<OrgEffect>,
}

impl Call for ApplyMapped {
    const NAME: &'static str = "org.member.map";
    /// What was passed over; `None` when the organization is disabled, or not (or no
    /// longer) there. A login goes on all the same.
    type Answer = Option<Vec<PassedOver>>;

    fn of_blank() -> Option<Self::Answer> {
        Some(None)
    }
}

/// An effect that did not come about.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PassedOver {
    /// Which.
    pub effect: OrgEffect,
    /// Why.
    pub why: Why,
}

/// Why an effect did not come about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Why {
    /// The organization has no such group.
    NoGroup,
    /// The organization has no such role.
    NoRole,
    /// The person is no member.
    NoMember,
    /// Who is in the group administers a realm: only an administrator seats people there.
    Administers,
}

/// Answers [`ApplyMapped`].
///
/// # Errors
/// `Refused` when a database fails; nothing is changed then.
pub async fn answer(
    object: &ObjectPorts<'_>,
    organization: &Organization,
    asked: &ApplyMapped,
    now: Timestamp,
) -> Result<Option<Vec<PassedOver>>, StoreError> {
    if organization.stage != Stage::Active || !organization.enabled {
        return Ok(None);
    }
    let harmless = list_harmless(object, asked).await?;
    let scene = Scene::inside(object, organization, now, audit::Actor::default());
    in_transaction(object.sql, || {
        let mut passed_over = Vec::new();
        for effect in &asked.effects {
            if let Some(why) = apply(&scene, &asked.user, effect, &harmless)? {
                passed_over.push(PassedOver { effect: effect.clone(), why });
            }
        }
        Ok(Some(passed_over))
    })
}

/// The roles, mapped to the groups that are to be joined, by which nobody administers a
/// realm. The directory knows; it cannot be asked in the transaction, which therefore
/// takes any other role for one that does.
async fn list_harmless(
    object: &ObjectPorts<'_>,
    asked: &ApplyMapped,
) -> Result<HashSet<RoleId>, StoreError> {
    let mut harmless = HashSet::new();
    for effect in &asked.effects {
        let OrgEffect::JoinGroup { path } = effect else { continue };
        let Some(group) = group::find_by_names(object.sql, &names_of_path(path))? else {
            continue;
        };
        let roles = store::group_mapping::list_inherited(object.sql, &group.id)?;
        if roles.iter().all(|role| harmless.contains(role)) {
            continue;
        }
        let directory = &*object.ports.directory;
        if administrative::list_within_roles(directory, &roles).await?.is_empty() {
            harmless.extend(roles);
        }
    }
    Ok(harmless)
}

/// `None` when it is so now.
fn apply(
    scene: &Scene<'_>,
    user: &UserId,
    effect: &OrgEffect,
    harmless: &HashSet<RoleId>,
) -> Result<Option<Why>, StoreError> {
    match effect {
        OrgEffect::GrantRole { role, join } => grant_role(scene, user, role, *join),
        OrgEffect::TakeRole { role } => {
            let Some(role) = role::find(scene.sql, role)? else { return Ok(Some(Why::NoRole)) };
            grant::take(scene, user, &role, Side::User)?;
            Ok(None)
        }
        OrgEffect::JoinGroup { path } => match find_group(scene, path)? {
            Some(group) => join_group(scene, user, &group, harmless),
            None => Ok(Some(Why::NoGroup)),
        },
        OrgEffect::LeaveGroup { path } => match find_group(scene, path)? {
            Some(group) => group::unseat(scene, &group, user).map(|()| None),
            None => Ok(Some(Why::NoGroup)),
        },
    }
}

fn find_group(scene: &Scene<'_>, path: &str) -> Result<Option<Group>, StoreError> {
    group::find_by_names(scene.sql, &names_of_path(path))
}

fn grant_role(
    scene: &Scene<'_>,
    user: &UserId,
    name: &str,
    may_join: bool,
) -> Result<Option<Why>, StoreError> {
    let Some(role) = role::find(scene.sql, name)? else { return Ok(Some(Why::NoRole)) };
    if member::find(scene.sql, user)?.is_none() {
        if !may_join {
            return Ok(Some(Why::NoMember));
        }
        join(scene, &NewMember { user, source: Source::Provider, roles: &[] })?;
    }
    grant::give(scene, user, &role, Side::User)?;
    Ok(None)
}

fn join_group(
    scene: &Scene<'_>,
    user: &UserId,
    group: &Group,
    harmless: &HashSet<RoleId>,
) -> Result<Option<Why>, StoreError> {
    if member::find(scene.sql, user)?.is_none() {
        return Ok(Some(Why::NoMember));
    }
    let roles = store::group_mapping::list_inherited(scene.sql, &group.id)?;
    if !roles.iter().all(|role| harmless.contains(role)) {
        return Ok(Some(Why::Administers));
    }
    group::seat(scene, group, user)?;
    Ok(None)
}
