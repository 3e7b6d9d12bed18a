//! Becoming a member.
use super::member::Source;
use super::record::{Scene, record};
use super::role::RoleName;
use super::{project, store};
use crate::event::audit::{Change, Operation};
use crate::kernel::id::UserId;
use crate::platform::row::StoreError;

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
    let joined = store::member::insert(scene.sql, new.user, new.source, scene.now)?;
    for role in new.roles {
        store::role::grant(scene.sql, new.user, role)?;
    }
    if joined {
        project::membership(scene.sql, new.user, true)?;
        record(
            scene,
            Change {
                resource_type: "ORGANIZATION_MEMBERSHIP",
                operation: Operation::Create,
                path: format!("orgs/{}/members/{}", scene.org, new.user),
                representation: Some(new.user.as_str().into()),
            },
        )?;
    }
    Ok(joined)
}
