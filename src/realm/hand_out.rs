//! Nobody hands out what they do not have: who grants a role that administers a
//! realm, puts it into another, or reads the secret of a client that holds it,
//! must hold it too (Keycloak's rule, reference keycloak.md §1.2). So must who
//! grants it to a group, puts somebody into a group that has it, or changes where
//! such a group is, how it is called and whether it is.
use super::context::find_realm;
use super::error::AdminError;
use super::inquiry::Inquiry;
use super::role::{ADMIN, AdminRole, MASTER_CLIENT_END, REALM_ADMIN, REALM_MANAGEMENT};
use super::settings::{MASTER, Realm};
use super::store::administrative;
use super::stored_role::AdministrativeRole;
use crate::kernel::id::{GroupId, RealmId, RoleId, UserId};
use crate::platform::row::StoreError;
use std::collections::HashSet;

/// What a caller may hand out.
pub struct Reach {
    /// What they hold of roles that administer; `None` when they hold all of it,
    /// as an administrator of every realm.
    held: Option<HashSet<RoleId>>,
    /// The realm whose roles may administer others.
    master: RealmId,
}

/// Whether the client called `client_id` administers `realm` or, in `master`,
/// another. Its roles are made by us and stay as they are; a client that will
/// administer a realm to come must not be made by anyone else.
#[must_use]
pub fn is_administrative(realm: &Realm, client_id: &str) -> bool {
    client_id == REALM_MANAGEMENT || (realm.is_master() && client_id.ends_with(MASTER_CLIENT_END))
}

/// What the caller may hand out.
///
/// # Errors
/// `Refused` when the directory fails.
pub async fn reach(inquiry: &Inquiry<'_>) -> Result<Reach, StoreError> {
    let (directory, actor) = (inquiry.directory(), inquiry.actor);
    let master = find_master(inquiry).await?;
    if actor.realm == master
        && administrative::holds_realm_role(directory, &master, &actor.user, ADMIN).await?
    {
        return Ok(Reach { held: None, master });
    }
    let held = administrative::list_within_users(directory, &[&actor.user]).await?;
    Ok(Reach { held: Some(held.into_iter().map(|(_, role)| role.id).collect()), master })
}

impl Reach {
    /// Whether it covers `role`.
    #[must_use]
    pub fn covers(&self, inquiry: &Inquiry<'_>, role: &AdministrativeRole) -> bool {
        let Some(held) = &self.held else { return true };
        // A role that is only called like one of `master` administers nothing.
        let administers =
            role.client_id.as_deref() == Some(REALM_MANAGEMENT) || role.realm == self.master;
        !administers || held.contains(&role.id) || is_held_here(inquiry, role)
    }
}

/// Whether the caller administers this realm in the same way, if from `master`.
fn is_held_here(inquiry: &Inquiry<'_>, role: &AdministrativeRole) -> bool {
    let client_id = role.client_id.as_deref();
    if role.realm != *inquiry.realm_id() || client_id != Some(REALM_MANAGEMENT) {
        return false;
    }
    // What it includes is looked at by itself.
    if role.name == REALM_ADMIN {
        return true;
    }
    match AdminRole::named(&role.name) {
        // In no composite, so whoever may do more may give it.
        Some(AdminRole::CreateOrganization) => inquiry
            .actor
            .holds_any(&[AdminRole::CreateOrganization, AdminRole::ManageOrganizations]),
        Some(role) => inquiry.actor.holds_any(&[role]),
        None => false,
    }
}

async fn find_master(inquiry: &Inquiry<'_>) -> Result<RealmId, StoreError> {
    let lost = || StoreError::Refused("there is no realm master".to_owned());
    let name = MASTER.parse().map_err(|_| lost())?;
    let master = find_realm(inquiry.context.ports, &name, inquiry.context.now).await?;
    Ok(master.ok_or_else(lost)?.id.clone())
}

/// Passes a caller who may hand out `roles` and all that they include.
///
/// # Errors
/// `Forbidden`.
pub async fn require_reach(inquiry: &Inquiry<'_>, roles: &[RoleId]) -> Result<(), AdminError> {
    let needed = administrative::list_within_roles(inquiry.directory(), roles).await?;
    require_all(inquiry, &needed).await
}

/// Passes a caller who may hand out all that members of `groups` hold through them:
/// what they and the groups above have.
///
/// # Errors
/// `Forbidden`.
pub async fn require_reach_of_groups(
    inquiry: &Inquiry<'_>,
    groups: &[&GroupId],
) -> Result<(), AdminError> {
    if groups.is_empty() {
        return Ok(());
    }
    let needed = administrative::list_within_groups(inquiry.directory(), groups).await?;
    require_all(inquiry, &needed).await
}

/// The same for `groups` and all below them.
///
/// # Errors
/// `Forbidden`.
pub async fn require_reach_of_trees(
    inquiry: &Inquiry<'_>,
    groups: &[&GroupId],
) -> Result<(), AdminError> {
    if groups.is_empty() {
        return Ok(());
    }
    let needed = administrative::list_within_trees(inquiry.directory(), groups).await?;
    require_all(inquiry, &needed).await
}

async fn require_all(
    inquiry: &Inquiry<'_>,
    needed: &[AdministrativeRole],
) -> Result<(), AdminError> {
    if needed.is_empty() {
        return Ok(());
    }
    let reach = reach(inquiry).await?;
    let covered = needed.iter().all(|role| reach.covers(inquiry, role));
    if covered { Ok(()) } else { Err(AdminError::Forbidden) }
}

/// Those of `users`, service accounts, that can do what the caller cannot.
///
/// # Errors
/// `Refused` when the directory fails.
pub async fn list_mightier(
    inquiry: &Inquiry<'_>,
    users: &[&UserId],
) -> Result<HashSet<UserId>, StoreError> {
    if users.is_empty() {
        return Ok(HashSet::new());
    }
    let reach = reach(inquiry).await?;
    if reach.held.is_none() {
        return Ok(HashSet::new());
    }
    let held = administrative::list_within_users(inquiry.directory(), users).await?;
    let mightier = held.into_iter().filter(|(_, role)| !reach.covers(inquiry, role));
    Ok(mightier.map(|(user, _)| user).collect())
}
