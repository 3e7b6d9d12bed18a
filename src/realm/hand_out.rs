//! Nobody hands out what they do not have: who grants a role that administers a
//! realm, puts it into another, or reads the secret of a client that holds it,
//! must hold it too (Keycloak's rule, reference keycloak.md §1.2).
use super::context::find_realm;
use super::error::AdminError;
use super::inquiry::Inquiry;
use super::role::{ADMIN, AdminRole, MASTER_CLIENT_END, REALM_ADMIN, REALM_MANAGEMENT};
use super::settings::{MASTER, Realm};
use super::store::administrative;
use super::stored_role::AdministrativeRole;
use crate::kernel::id::{RoleId, UserId};
use crate::platform::row::StoreError;
use std::collections::HashSet;

/// What a caller may hand out.
pub enum Reach {
    /// Everything: an administrator of every realm.
    All,
    /// What they hold.
    Held(HashSet<RoleId>),
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
    if is_of_master(inquiry).await?
        && administrative::holds_realm_role(directory, &actor.realm, &actor.user, ADMIN).await?
    {
        return Ok(Reach::All);
    }
    let held = administrative::list_within_users(directory, &[&actor.user]).await?;
    Ok(Reach::Held(held.into_iter().map(|(_, role)| role.id).collect()))
}

impl Reach {
    /// Whether it covers `role`.
    #[must_use]
    pub fn covers(&self, inquiry: &Inquiry<'_>, role: &AdministrativeRole) -> bool {
        let Self::Held(held) = self else { return true };
        held.contains(&role.id) || is_held_here(inquiry, role)
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

async fn is_of_master(inquiry: &Inquiry<'_>) -> Result<bool, StoreError> {
    let Ok(name) = MASTER.parse() else { return Ok(false) };
    let master = find_realm(inquiry.context.ports, &name, inquiry.context.now).await?;
    Ok(master.is_some_and(|master| master.id == inquiry.actor.realm))
}

/// Passes a caller who may hand out `roles` and all that they include.
///
/// # Errors
/// `Forbidden`.
pub async fn require_reach(inquiry: &Inquiry<'_>, roles: &[RoleId]) -> Result<(), AdminError> {
    let needed = administrative::list_within_roles(inquiry.directory(), roles).await?;
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
    if matches!(reach, Reach::All) {
        return Ok(HashSet::new());
    }
    let held = administrative::list_within_users(inquiry.directory(), users).await?;
    let mightier = held.into_iter().filter(|(_, role)| !reach.covers(inquiry, role));
    Ok(mightier.map(|(user, _)| user).collect())
}
