//! Defining roles: making, describing and deleting them, each in a transaction
//! of its own.
use super::error::OrgError;
use super::record::{Scene, record};
use super::role::{BuiltIn, OrganizationRole, RoleName};
use super::store;
use crate::event::audit::{Change, Operation};
use crate::kernel::id::RoleId;
use crate::platform::row::StoreError;
use crate::platform::sql::in_transaction;

/// Longest name or description of a role, in bytes: Phase Two's columns.
pub const MAX_ROLE_BYTES: usize = 255;

/// In which tree of paths a role is defined. The event has the path of the request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tree {
    /// Keycloak's, by key.
    Keycloak,
    /// Phase Two's, by name.
    PhaseTwo,
}

impl Tree {
    fn path(self, scene: &Scene<'_>, role: &OrganizationRole) -> String {
        match self {
            Self::Keycloak => format!("organizations/{}/roles/{}", scene.org, role.id),
            Self::PhaseTwo => format!("orgs/{}/roles/{}", scene.org, role.name),
        }
    }

    /// The path of a change to one that there is. Phase Two appends the name to a path
    /// that ends in it (reference phasetwo.md §6.1); who reads these events knows it so.
    fn path_of_known(self, scene: &Scene<'_>, role: &OrganizationRole) -> String {
        match self {
            Self::Keycloak => self.path(scene, role),
            Self::PhaseTwo => format!("{}/{}", self.path(scene, role), role.name),
        }
    }
}

/// What a role is to be.
#[derive(Clone, Debug)]
pub struct RoleDefinition {
    /// The name.
    pub name: Option<RoleName>,
    /// What it is for.
    pub description: Option<String>,
}

/// Makes a role.
///
/// # Errors
/// `Duplicate` when there is one of this name; `Field` without a usable name.
pub fn create(
    scene: &Scene<'_>,
    definition: RoleDefinition,
    tree: Tree,
) -> Result<OrganizationRole, OrgError> {
    let role = OrganizationRole {
        id: RoleId::from(scene.random.uuid()),
        name: usable_name(definition.name)?,
        description: usable_description(definition.description)?,
    };
    in_transaction(scene.sql, || {
        add(scene, &role, tree).map_err(duplicate)?;
        Ok(role)
    })
}

/// Describes the role called `name` anew; nothing else of a role can change.
///
/// # Errors
/// `Unknown` when there is none; `Field` for a description that is too long.
pub fn describe(
    scene: &Scene<'_>,
    name: &str,
    description: Option<String>,
    tree: Tree,
) -> Result<(), OrgError> {
    let description = usable_description(description)?;
    in_transaction(scene.sql, || {
        if !store::role::set_description(scene.sql, name, description.as_deref())? {
            return Err(OrgError::Unknown("role"));
        }
        let role = store::role::find(scene.sql, name)?.ok_or(OrgError::Unknown("role"))?;
        let path = tree.path_of_known(scene, &role);
        Ok(changed(scene, Operation::Update, path, serde_json::to_value(&role).ok())?)
    })
}

/// Deletes the role called `name`, and takes it from whoever holds it.
///
/// # Errors
/// `Unknown` when there is none; `BuiltIn` for one that every organization has.
pub fn delete(scene: &Scene<'_>, name: &str, tree: Tree) -> Result<(), OrgError> {
    if BuiltIn::names().any(|known| known == name) {
        return Err(OrgError::BuiltIn(name.to_owned()));
    }
    in_transaction(scene.sql, || {
        let role = store::role::find(scene.sql, name)?.ok_or(OrgError::Unknown("role"))?;
        if !store::role::delete(scene.sql, name)? {
            return Err(OrgError::Unknown("role"));
        }
        let path = tree.path_of_known(scene, &role);
        Ok(changed(scene, Operation::Delete, path, Some(name.into()))?)
    })
}

/// Makes a role that is checked: call it in a transaction.
///
/// # Errors
/// `Conflict` when there is one of this name.
pub fn add(scene: &Scene<'_>, role: &OrganizationRole, tree: Tree) -> Result<(), StoreError> {
    store::role::insert(scene.sql, role)?;
    changed(scene, Operation::Create, tree.path(scene, role), serde_json::to_value(role).ok())
}

fn changed(
    scene: &Scene<'_>,
    operation: Operation,
    path: String,
    representation: Option<serde_json::Value>,
) -> Result<(), StoreError> {
    record(scene, Change { resource_type: "ORGANIZATION_ROLE", operation, path, representation })
}

/// Passes a name that a role can have.
///
/// # Errors
/// `Field`.
pub fn usable_name(name: Option<RoleName>) -> Result<RoleName, OrgError> {
    let name = name.unwrap_or_default();
    let fits = (1..=MAX_ROLE_BYTES).contains(&name.len());
    if fits && !name.trim().is_empty() && !name.chars().any(char::is_control) {
        Ok(name)
    } else {
        Err(OrgError::Field(format!("a role's name has 1 to {MAX_ROLE_BYTES} bytes")))
    }
}

/// Passes a description that a role can have.
///
/// # Errors
/// `Field`.
pub fn usable_description(description: Option<String>) -> Result<Option<String>, OrgError> {
    if description.as_ref().is_some_and(|text| text.len() > MAX_ROLE_BYTES) {
        return Err(OrgError::Field(format!(
            "a role's description has at most {MAX_ROLE_BYTES} bytes"
        )));
    }
    Ok(description)
}

fn duplicate(error: StoreError) -> OrgError {
    if error.is_conflict_on("role.name") { OrgError::Duplicate } else { OrgError::Store(error) }
}
