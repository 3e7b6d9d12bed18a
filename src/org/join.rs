//! Becoming a member.
use super::content::MemberContent;
use super::member::Source;
use super::record::{Scene, record};
use super::role::RoleName;
use super::{group, project, store};
use crate::event::audit::{Change, Operation};
use crate::kernel::id::UserId;
use crate::platform::row::StoreError;
use serde_json::Value;

/// Somebody who joins.
pub struct NewMember<'a> {
    /// The person.
    pub user: &'a UserId,
    /// How.
    pub source: Source,
    /// With which roles; ones the organization no longer has are passed over.
    pub roles: &'a [RoleName],
}

/// Makes a member, with roles, an audit event and the projection: call it in a
/// transaction. A member who joins again keeps everything and gains the roles;
/// `false` tells of that.
///
/// # Errors
/// `Refused` when SQLite fails.
pub fn join(scene: &Scene<'_>, new: &NewMember<'_>) -> Result<bool, StoreError> {
    join_told(scene, new, None)
}

/// The same, with what Keycloak tells of the person (`details`) when it was asked in
/// Keycloak's way.
///
/// # Errors
/// `Refused` when SQLite fails.
pub fn join_told(
    scene: &Scene<'_>,
    new: &NewMember<'_>,
    details: Option<&Value>,
) -> Result<bool, StoreError> {
    let joined = store::member::insert(scene.sql, new.user, new.source, scene.now)?;
    for role in new.roles {
        store::role::grant(scene.sql, new.user, role)?;
    }
    if joined {
        tell(scene, new.user, details)?;
        group::tell_seats(scene, new.user)?;
    }
    Ok(joined)
}

/// Makes a member as they were elsewhere, likewise. Nobody is one yet.
///
/// # Errors
/// `Refused` when SQLite fails.
pub fn carry(scene: &Scene<'_>, member: &MemberContent) -> Result<(), StoreError> {
    store::member::insert_whole(scene.sql, member)?;
    for role in &member.roles {
        store::role::grant(scene.sql, &member.user, role)?;
    }
    tell(scene, &member.user, None)
}

fn tell(scene: &Scene<'_>, user: &UserId, details: Option<&Value>) -> Result<(), StoreError> {
    project::membership(scene.sql, user)?;
    record(scene, change(scene, Operation::Create, user, details))
}

/// The beginning or the end of a membership, as each dialect tells it.
pub(super) fn change(
    scene: &Scene<'_>,
    operation: Operation,
    user: &UserId,
    details: Option<&Value>,
) -> Change {
    let base = if details.is_some() { "organizations" } else { "orgs" };
    Change {
        resource_type: "ORGANIZATION_MEMBERSHIP",
        operation,
        path: format!("{base}/{}/members/{user}", scene.org),
        representation: Some(details.cloned().unwrap_or_else(|| user.as_str().into())),
    }
}
