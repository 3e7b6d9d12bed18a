//! Granting roles of the organization to a member or to a group, many at once, as
//! Keycloak's role mappings do.
use super::composite;
use super::record::{Scene, record};
use super::role::OrganizationRole;
use super::store;
use crate::event::audit::{Change, Operation};
use crate::kernel::id::{GroupId, RoleId, UserId};
use crate::platform::row::StoreError;
use crate::platform::sql::{Sql, in_transaction};
use serde_json::json;

/// Who holds roles.
#[derive(Clone, Copy, Debug)]
pub enum Holder<'a> {
    /// A member.
    Member(&'a UserId),
    /// A group: whoever is in it, or below it.
    Group(&'a GroupId),
}

impl Holder<'_> {
    /// The path of what it was granted, below the realm.
    fn path(self, scene: &Scene<'_>) -> String {
        let org = scene.org;
        match self {
            Self::Member(user) => {
                format!("organizations/{org}/members/{user}/role-mappings/organization")
            }
            Self::Group(group) => {
                format!("organizations/{org}/groups/{group}/role-mappings/organization")
            }
        }
    }
}

/// What was granted to the holder itself, by name.
///
/// # Errors
/// `Refused` when SQLite fails.
pub fn list(sql: &dyn Sql, holder: Holder<'_>) -> Result<Vec<OrganizationRole>, StoreError> {
    store::role_holder::list(sql, holder)
}

/// What was not, by name.
///
/// # Errors
/// `Refused` when SQLite fails.
pub fn list_available(
    sql: &dyn Sql,
    holder: Holder<'_>,
) -> Result<Vec<OrganizationRole>, StoreError> {
    store::role_holder::list_available(sql, holder)
}

/// What it holds, however, by name.
///
/// # Errors
/// `Refused` when SQLite fails.
pub fn list_effective(
    sql: &dyn Sql,
    holder: Holder<'_>,
) -> Result<Vec<OrganizationRole>, StoreError> {
    match holder {
        Holder::Member(user) => composite::list_held(sql, user),
        Holder::Group(group) => composite::list_held_by_group(sql, group),
    }
}

/// Grants `roles`, or takes them back. Twice is once, and only what changes something
/// is recorded.
///
/// # Errors
/// `Dangling` when one of them, or the holder, is gone; `Refused` when SQLite fails.
pub fn change(
    scene: &Scene<'_>,
    operation: Operation,
    holder: Holder<'_>,
    roles: &[OrganizationRole],
) -> Result<(), StoreError> {
    let ids: Vec<RoleId> = roles.iter().map(|role| role.id.clone()).collect();
    in_transaction(scene.sql, || {
        let act = match operation {
            Operation::Delete => store::role_holder::revoke,
            _ => store::role_holder::grant,
        };
        let changed = act(scene.sql, holder, &ids)?;
        if changed.is_empty() {
            return Ok(());
        }
        let named = roles.iter().filter(|role| changed.contains(&role.id));
        let representation = Some(json!(named.collect::<Vec<_>>()));
        let (resource_type, path) = ("ORGANIZATION_ROLE_MAPPING", holder.path(scene));
        record(scene, Change { resource_type, operation, path, representation })
    })
}
