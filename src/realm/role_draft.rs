//! A role as an administrator wants it: checked, and not written yet.
use super::error::AdminError;
use super::hand_out::is_administrative;
use super::registry::Attributes;
use super::role::{ADMIN, CREATE_REALM};
use super::settings::Realm;
use super::stored_role::{Container, MAX_ROLE_NAME_BYTES, Role};
use super::wire_keycloak_role::{RoleChangeJson, RoleJson};
use crate::event::audit::{Change, Operation};
use crate::kernel::id::{RealmId, RoleId};

/// Longest attributes of a role, in bytes of JSON.
const MAX_ATTRIBUTE_BYTES: usize = 64 * 1024;

/// The role that `asked` describes; what it leaves out is empty. What it shall
/// include is not looked at.
///
/// # Errors
/// `Invalid` says which part cannot be, `Told` that the name is missing.
pub fn role(
    id: RoleId,
    container: &Container,
    asked: &mut RoleChangeJson,
) -> Result<Role, AdminError> {
    Ok(Role {
        id,
        client: container.client().cloned(),
        name: checked_name(asked.name.take().ok_or_else(nameless)?)?,
        description: asked.description.take().unwrap_or_default(),
        attributes: checked_attributes(asked.attributes.take().unwrap_or_default())?,
        is_composite: false,
    })
}

/// In Keycloak's words.
fn nameless() -> AdminError {
    AdminError::Told("role has no name".to_owned())
}

/// A name that a role can have.
///
/// # Errors
/// `Invalid`.
pub fn checked_name(name: String) -> Result<String, AdminError> {
    let usable = !name.trim().is_empty() && name.len() <= MAX_ROLE_NAME_BYTES;
    if usable && !name.chars().any(char::is_control) {
        return Ok(name);
    }
    let why = format!("a role's name has 1 to {MAX_ROLE_NAME_BYTES} bytes");
    Err(AdminError::Invalid(why))
}

/// Attributes that a role can have.
///
/// # Errors
/// `Invalid`.
pub fn checked_attributes(attributes: Attributes) -> Result<Attributes, AdminError> {
    let bytes = serde_json::to_vec(&attributes).map_or(usize::MAX, |json| json.len());
    if bytes <= MAX_ATTRIBUTE_BYTES {
        return Ok(attributes);
    }
    let why = format!("attributes have at most {MAX_ATTRIBUTE_BYTES} bytes");
    Err(AdminError::Invalid(why))
}

/// Whether the name and the being of the role called `name`, of the client called
/// `client_id` or of the realm, are ours.
#[must_use]
pub fn is_ours(realm: &Realm, client_id: Option<&str>, name: &str) -> bool {
    match client_id {
        Some(client_id) => is_administrative(realm, client_id),
        None => realm.is_master() && [ADMIN, CREATE_REALM].contains(&name),
    }
}

/// A role in the audit trail.
#[must_use]
pub fn change_of(operation: Operation, path: String, role: &Role, realm: &RealmId) -> Change {
    let resource_type = resource_type(&role.container());
    let told = serde_json::to_value(RoleJson::full(role, realm)).ok();
    Change { resource_type, operation, path, representation: told }
}

/// What the audit trail calls the roles of a container.
#[must_use]
pub const fn resource_type(container: &Container) -> &'static str {
    match container {
        Container::Realm => "REALM_ROLE",
        Container::Client(_) => "CLIENT_ROLE",
    }
}
