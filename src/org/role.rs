//! Roles of an organization: flat names, the first eleven given with it.
use super::store;
use crate::kernel::id::{RoleId, UserId};
use crate::platform::random::Random;
use crate::platform::row::StoreError;
use crate::platform::sql::Sql;
use crate::realm::page::Page;
use serde::{Deserialize, Serialize};
use std::collections::HashMap;

/// A role's name: unique in its organization.
pub type RoleName = String;

/// A role, as a list shows it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct OrganizationRole {
    /// The key inside the organization.
    pub id: RoleId,
    /// The name.
    pub name: RoleName,
    /// What it is for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
}

/// A role that every organization has and that our own endpoints ask for
/// (reference phasetwo.md §3.1). `manage-x` does not imply `view-x`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BuiltIn {
    /// View this organization.
    ViewOrganization,
    /// Delete this organization.
    DeleteOrganization,
    /// Manage this organization.
    ManageOrganization,
    /// View members of this organization.
    ViewMembers,
    /// Add and manage members of this organization.
    ManageMembers,
    /// View roles of this organization.
    ViewRoles,
    /// Create and manage roles and their assignment.
    ManageRoles,
    /// View invitations to this organization.
    ViewInvitations,
    /// Create and manage invitations to this organization.
    ManageInvitations,
    /// View the organization's identity providers and SCIM configuration.
    ViewIdentityProviders,
    /// Manage the organization's identity providers and SCIM configuration.
    ManageIdentityProviders,
}

impl BuiltIn {
    /// All eleven, in Phase Two's order, with name and description.
    pub const ALL: [(Self, &'static str, &'static str); 11] = [
        (Self::ViewOrganization, "view-organization", "See the organization"),
        (Self::DeleteOrganization, "delete-organization", "Delete the organization"),
        (Self::ManageOrganization, "manage-organization", "Change the organization"),
        (Self::ViewMembers, "view-members", "See who belongs to the organization"),
        (Self::ManageMembers, "manage-members", "Add and remove members"),
        (Self::ViewRoles, "view-roles", "See the organization's roles"),
        (Self::ManageRoles, "manage-roles", "Define roles and grant them"),
        (Self::ViewInvitations, "view-invitations", "See who is invited"),
        (Self::ManageInvitations, "manage-invitations", "Invite people"),
        (Self::ViewIdentityProviders, "view-identity-providers", "See how members sign in"),
        (Self::ManageIdentityProviders, "manage-identity-providers", "Decide how members sign in"),
    ];

    /// The role's name.
    #[must_use]
    pub fn name(self) -> &'static str {
        Self::ALL.iter().find(|(role, ..)| *role == self).map_or("", |(_, name, _)| name)
    }

    /// The names of all eleven.
    pub fn names() -> impl Iterator<Item = RoleName> {
        Self::ALL.iter().map(|(_, name, _)| (*name).to_owned())
    }
}

/// Gives a new organization its eleven roles.
///
/// # Errors
/// `Refused` when SQLite fails.
pub fn insert_built_in(sql: &dyn Sql, random: &dyn Random) -> Result<(), StoreError> {
    for (_, name, description) in BuiltIn::ALL {
        let role = OrganizationRole {
            id: RoleId::from(random.uuid()),
            name: name.to_owned(),
            description: Some(description.to_owned()),
        };
        store::role::insert_built_in(sql, &role)?;
    }
    Ok(())
}

/// Makes sure that the organization has a role called `name`.
///
/// # Errors
/// `Refused` when SQLite fails.
pub fn ensure(sql: &dyn Sql, random: &dyn Random, name: &str) -> Result<(), StoreError> {
    store::role::insert_if_absent(sql, &RoleId::from(random.uuid()), name)
}

/// The organization's roles, built-in ones first in their order, then by name.
///
/// # Errors
/// `Refused` when SQLite fails.
pub fn list(sql: &dyn Sql) -> Result<Vec<OrganizationRole>, StoreError> {
    store::role::list(sql).map(in_order)
}

/// The roles that `user` holds, in the same order.
///
/// # Errors
/// `Refused` when SQLite fails.
pub fn list_of(sql: &dyn Sql, user: &UserId) -> Result<Vec<OrganizationRole>, StoreError> {
    store::role::list_of(sql, user).map(in_order)
}

/// The roles that each of `users` holds.
///
/// # Errors
/// `Refused` when SQLite fails.
pub fn list_of_many(
    sql: &dyn Sql,
    users: &[UserId],
) -> Result<HashMap<UserId, Vec<OrganizationRole>>, StoreError> {
    let mut held: HashMap<UserId, Vec<OrganizationRole>> = HashMap::new();
    for (user, role) in store::role::list_of_many(sql, users)? {
        held.entry(user).or_default().push(role);
    }
    Ok(held.into_iter().map(|(user, roles)| (user, in_order(roles))).collect())
}

fn in_order(mut roles: Vec<OrganizationRole>) -> Vec<OrganizationRole> {
    let place = |role: &OrganizationRole| {
        BuiltIn::ALL.iter().position(|(_, name, _)| *name == role.name).unwrap_or(usize::MAX)
    };
    roles.sort_by_key(place);
    roles
}

/// The role called `name`.
///
/// # Errors
/// `Refused` when SQLite fails.
pub fn find(sql: &dyn Sql, name: &str) -> Result<Option<OrganizationRole>, StoreError> {
    store::role::find(sql, name)
}

/// The role whose key is `id`.
///
/// # Errors
/// `Refused` when SQLite fails.
pub fn find_by_id(sql: &dyn Sql, id: &RoleId) -> Result<Option<OrganizationRole>, StoreError> {
    store::role::find_by_id(sql, id)
}

/// A page of the roles whose name has `part` in it, whatever the case, by name.
///
/// # Errors
/// `Refused` when SQLite fails.
pub fn page(sql: &dyn Sql, part: &str, page: Page) -> Result<Vec<OrganizationRole>, StoreError> {
    store::role::page(sql, part, page)
}

/// How many these are.
///
/// # Errors
/// `Refused` when SQLite fails.
pub fn count(sql: &dyn Sql, part: &str) -> Result<i64, StoreError> {
    store::role::count(sql, part)
}

/// The first of `names` that the organization does not have, if any.
///
/// # Errors
/// `Refused` when SQLite fails.
pub fn find_unknown<'a>(
    sql: &dyn Sql,
    names: &'a [RoleName],
) -> Result<Option<&'a RoleName>, StoreError> {
    for name in names {
        if store::role::find(sql, name)?.is_none() {
            return Ok(Some(name));
        }
    }
    Ok(None)
}
