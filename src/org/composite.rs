//! Roles that include others of the organization, and the default role, whose contents
//! every member holds.
//!
//! The default role is none that can be granted: it has no row of its own, its key is
//! the organization's, and Phase Two's lists do not have it.
use super::error::OrgError;
use super::organization::Organization;
use super::record::{Scene, record};
use super::role::{OrganizationRole, RoleName};
use super::store;
use crate::event::audit::{Change, Operation};
use crate::kernel::id::{GroupId, RoleId, UserId};
use crate::platform::row::StoreError;
use crate::platform::sql::{Sql, in_transaction};
use serde_json::json;
use std::collections::{BTreeMap, BTreeSet};

/// Most steps from a role down to what it includes. Each is read when a token is made.
pub const MAX_COMPOSITE_DEPTH: i64 = 16;

/// Most roles that one role itself includes.
pub const MAX_ROLE_COMPOSITES: i64 = 1000;

/// A role that includes others.
#[derive(Clone, Debug)]
pub enum Parent {
    /// One of the organization's.
    Role(OrganizationRole),
    /// The one that every member holds.
    Default(OrganizationRole),
}

impl Parent {
    /// The role.
    #[must_use]
    pub const fn role(&self) -> &OrganizationRole {
        match self {
            Self::Role(role) | Self::Default(role) => role,
        }
    }
}

/// The default role of `organization`.
///
/// # Errors
/// `Refused` when the organization's key is none of a role, which cannot be.
pub fn default_of(organization: &Organization) -> Result<OrganizationRole, StoreError> {
    let id = organization.id.as_str().parse::<RoleId>();
    Ok(OrganizationRole {
        id: id.map_err(|bad| StoreError::Refused(bad.to_string()))?,
        name: format!("default-roles-{}", organization.alias),
        description: Some("What every member holds".to_owned()),
    })
}

/// What `parent` itself includes, by name.
///
/// # Errors
/// `Refused` when SQLite fails.
pub fn list(sql: &dyn Sql, parent: &Parent) -> Result<Vec<OrganizationRole>, StoreError> {
    match parent {
        Parent::Role(role) => store::role_composite::list_children(sql, &role.id),
        Parent::Default(_) => store::role_composite::list_defaults(sql),
    }
}

/// Those of `roles` that include others.
///
/// # Errors
/// `Refused` when SQLite fails.
pub fn list_parents(sql: &dyn Sql, roles: &[&RoleId]) -> Result<Vec<RoleId>, StoreError> {
    store::role_composite::list_parents(sql, roles)
}

/// What the member holds, however, by name.
///
/// # Errors
/// `Refused` when SQLite fails.
pub fn list_held(sql: &dyn Sql, user: &UserId) -> Result<Vec<OrganizationRole>, StoreError> {
    store::role_composite::list_held(sql, user)
}

/// What the members of the group hold through it, by name.
///
/// # Errors
/// `Refused` when SQLite fails.
pub fn list_held_by_group(
    sql: &dyn Sql,
    group: &GroupId,
) -> Result<Vec<OrganizationRole>, StoreError> {
    store::role_composite::list_held_by_group(sql, group)
}

/// Makes `parent` include `children`. Twice is once.
///
/// # Errors
/// `Field` when it would include itself, too much, or too deep; `Dangling` when one is
/// gone.
pub fn add(
    scene: &Scene<'_>,
    parent: &Parent,
    children: &[OrganizationRole],
) -> Result<(), OrgError> {
    in_transaction(scene.sql, || {
        let ids = ids(children);
        let added = match parent {
            Parent::Role(role) => include(scene.sql, &role.id, &ids)?,
            Parent::Default(_) => store::role_composite::insert_default(scene.sql, &ids)?,
        };
        Ok(changed(scene, Operation::Create, parent, (children, &added))?)
    })
}

/// Makes it include them no more. What it does not include, it does not.
///
/// # Errors
/// `Refused` when SQLite fails.
pub fn remove(
    scene: &Scene<'_>,
    parent: &Parent,
    children: &[OrganizationRole],
) -> Result<(), StoreError> {
    in_transaction(scene.sql, || {
        let ids = ids(children);
        let removed = match parent {
            Parent::Role(role) => store::role_composite::delete(scene.sql, &role.id, &ids)?,
            Parent::Default(_) => store::role_composite::delete_default(scene.sql, &ids)?,
        };
        changed(scene, Operation::Delete, parent, (children, &removed))
    })
}

/// Writes that `parent` includes `children`, within the bounds: call it in a
/// transaction. Those that it did not include.
///
/// # Errors
/// As [`add`].
pub fn include(
    sql: &dyn Sql,
    parent: &RoleId,
    children: &[RoleId],
) -> Result<Vec<RoleId>, OrgError> {
    if store::role_composite::reaches(sql, children, parent)? {
        return Err(OrgError::Field("a role cannot include itself".to_owned()));
    }
    let above = store::role_composite::depth_above(sql, parent, MAX_COMPOSITE_DEPTH)?;
    let below = store::role_composite::depth_below(sql, children, MAX_COMPOSITE_DEPTH)?;
    if !children.is_empty() && above + 1 + below > MAX_COMPOSITE_DEPTH {
        return Err(too_deep());
    }
    let added = store::role_composite::insert(sql, parent, children)?;
    if store::role_composite::count(sql, parent)? > MAX_ROLE_COMPOSITES {
        return Err(too_much());
    }
    Ok(added)
}

/// Passes pairs of a role and one that it includes, none of which includes itself, too
/// much, or too deep.
///
/// # Errors
/// `Field`.
pub fn check(pairs: &[(RoleName, RoleName)]) -> Result<(), OrgError> {
    let mut children: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for (parent, child) in pairs {
        children.entry(parent).or_default().push(child);
    }
    let too_many = |of_one: &Vec<&str>| {
        i64::try_from(of_one.len()).map_or(true, |count| count > MAX_ROLE_COMPOSITES)
    };
    if children.values().any(too_many) {
        return Err(too_much());
    }
    // Layer by layer from everything down: whatever includes nothing more is done.
    let mut left: BTreeSet<&str> = children.keys().copied().collect();
    for _ in 0..MAX_COMPOSITE_DEPTH {
        let deeper = |parent: &&str| {
            children.get(parent).is_some_and(|below| below.iter().any(|one| left.contains(one)))
        };
        left = left.iter().copied().filter(deeper).collect();
    }
    if left.is_empty() { Ok(()) } else { Err(too_deep()) }
}

fn too_deep() -> OrgError {
    OrgError::Field(format!(
        "roles include each other at most {MAX_COMPOSITE_DEPTH} deep, and never themselves \
         (MAX_COMPOSITE_DEPTH)"
    ))
}

fn too_much() -> OrgError {
    OrgError::Field(format!(
        "a role includes at most {MAX_ROLE_COMPOSITES} others (MAX_ROLE_COMPOSITES)"
    ))
}

fn ids(roles: &[OrganizationRole]) -> Vec<RoleId> {
    roles.iter().map(|role| role.id.clone()).collect()
}

/// Records what changed, if anything did.
fn changed(
    scene: &Scene<'_>,
    operation: Operation,
    parent: &Parent,
    (roles, changed): (&[OrganizationRole], &[RoleId]),
) -> Result<(), StoreError> {
    if changed.is_empty() {
        return Ok(());
    }
    let path = format!("organizations/{}/roles/{}/composites", scene.org, parent.role().id);
    let named = roles.iter().filter(|role| changed.contains(&role.id));
    let representation = Some(json!(named.collect::<Vec<_>>()));
    record(scene, Change { resource_type: "ORGANIZATION_ROLE", operation, path, representation })
}
