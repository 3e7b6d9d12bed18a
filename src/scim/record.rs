//! The audit trail of an organization's directory.
use super::group::ScimGroup;
use super::user::{ScimUser, Stage};
use crate::event::audit::{Actor, Change, Operation};
use crate::kernel::time::Timestamp;
use crate::org::organization::Organization;
use crate::org::record::{Scene, record};
use crate::platform::ObjectPorts;
use crate::platform::row::StoreError;
use serde_json::json;

/// The client that the audit trail names for a change by SCIM.
pub const SCIM_CLIENT: &str = "scim";

/// The scene of a change that the organization's directory makes.
#[must_use]
pub fn scene<'a>(
    object: &'a ObjectPorts<'a>,
    organization: &'a Organization,
    now: Timestamp,
    ip: Option<String>,
) -> Scene<'a> {
    Scene::inside(
        object,
        organization,
        now,
        Actor {
            realm_id: Some(organization.realm.clone()),
            client_id: Some(SCIM_CLIENT.to_owned()),
            ip_address: ip,
            ..Actor::default()
        },
    )
}

/// Records what was done to a resource: call it in the change's transaction. Of
/// the person, no more is told than what tells resources apart.
///
/// # Errors
/// `Refused` when SQLite fails.
pub fn user_changed(
    scene: &Scene<'_>,
    operation: Operation,
    user: &ScimUser,
) -> Result<(), StoreError> {
    // Who was not asked is not named: whether an address is somebody's, the
    // organization must not learn from its own trail.
    let linked = (user.stage == Stage::Linked).then_some(&user.user);
    let change = Change {
        resource_type: "SCIM_USER",
        operation,
        path: format!("orgs/{}/scim/users/{}", scene.org, user.id),
        representation: Some(json!({
            "id": user.id,
            "userName": user.document.user_name(),
            "externalId": user.document.external_id(),
            "active": user.is_active(),
            "userId": linked,
        })),
    };
    record(scene, change)
}

/// Records what was done to a group: call it in the change's transaction. Who came
/// and who left, and what the group is to the organization, has events of its own.
///
/// # Errors
/// `Refused` when SQLite fails.
pub fn group_changed(
    scene: &Scene<'_>,
    operation: Operation,
    group: &ScimGroup,
) -> Result<(), StoreError> {
    let change = Change {
        resource_type: "SCIM_GROUP",
        operation,
        path: format!("orgs/{}/scim/groups/{}", scene.org, group.id),
        representation: Some(json!({
            "id": group.id,
            "displayName": group.name,
            "externalId": group.external_id,
        })),
    };
    record(scene, change)
}

/// Records that a membership was suspended or restored: call it in the change's
/// transaction.
///
/// # Errors
/// `Refused` when SQLite fails.
pub fn membership_changed(scene: &Scene<'_>, user: &ScimUser) -> Result<(), StoreError> {
    let change = Change {
        resource_type: "ORGANIZATION_MEMBERSHIP",
        operation: Operation::Update,
        path: format!("orgs/{}/members/{}", scene.org, user.user),
        representation: Some(json!({ "id": user.user, "active": user.is_active() })),
    };
    record(scene, change)
}
