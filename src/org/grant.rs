//! Granting a role to a member and taking it back. Once is as good as twice;
//! only what changes something is recorded.
use super::record::{Scene, record};
use super::role::OrganizationRole;
use super::store;
use crate::event::audit::{Change, Operation};
use crate::kernel::id::UserId;
use crate::platform::row::StoreError;
use crate::platform::sql::in_transaction;

/// From which side a mapping is changed. The event has the path of the request
/// (reference phasetwo.md §6.1).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Side {
    /// `/orgs/{org}/roles/{role}/users/{user}`.
    Role,
    /// `/users/{user}/orgs/{org}/roles`.
    User,
}

/// Grants `role` to a member.
///
/// # Errors
/// `Refused` when SQLite fails, or when the user is not a member.
pub fn grant(
    scene: &Scene<'_>,
    user: &UserId,
    role: &OrganizationRole,
    side: Side,
) -> Result<(), StoreError> {
    in_transaction(scene.sql, || give(scene, user, role, side))
}

/// The same, in the transaction of the caller.
///
/// # Errors
/// As [`grant`].
pub fn give(
    scene: &Scene<'_>,
    user: &UserId,
    role: &OrganizationRole,
    side: Side,
) -> Result<(), StoreError> {
    if store::role::grant(scene.sql, user, &role.name)? {
        changed(scene, Operation::Create, (user, role), side)?;
    }
    Ok(())
}

/// Takes `role` back.
///
/// # Errors
/// `Refused` when SQLite fails.
pub fn revoke(
    scene: &Scene<'_>,
    user: &UserId,
    role: &OrganizationRole,
    side: Side,
) -> Result<(), StoreError> {
    in_transaction(scene.sql, || take(scene, user, role, side))
}

/// The same, in the transaction of the caller.
///
/// # Errors
/// As [`revoke`].
pub fn take(
    scene: &Scene<'_>,
    user: &UserId,
    role: &OrganizationRole,
    side: Side,
) -> Result<(), StoreError> {
    if store::role::revoke(scene.sql, user, &role.id)? {
        changed(scene, Operation::Delete, (user, role), side)?;
    }
    Ok(())
}

/// Whether `user` holds `role`.
///
/// # Errors
/// `Refused` when SQLite fails.
pub fn holds(
    scene: &Scene<'_>,
    user: &UserId,
    role: &OrganizationRole,
) -> Result<bool, StoreError> {
    store::role::is_held(scene.sql, user, &role.id)
}

fn changed(
    scene: &Scene<'_>,
    operation: Operation,
    (user, role): (&UserId, &OrganizationRole),
    side: Side,
) -> Result<(), StoreError> {
    let (path, representation) = match side {
        Side::Role => {
            (format!("orgs/{}/roles/{}/users/{user}", scene.org, role.name), user.as_str().into())
        }
        // This path does not say which role: Phase Two's event leaves it open,
        // ours has it in the representation.
        Side::User => (
            format!("users/{user}/orgs/{}/roles", scene.org),
            serde_json::json!({ "user": user, "role": role.name }),
        ),
    };
    let representation = Some(representation);
    record(
        scene,
        Change { resource_type: "ORGANIZATION_ROLE_MAPPING", operation, path, representation },
    )
}
