//! Who may change whom: an administrator has no power over one who may do what
//! they may not, or changing that one's password or address would be a way up.
use super::error::AdminError;
use super::inquiry::Inquiry;
use super::role::{AdminRole, REALM_MANAGEMENT};
use super::store::{self, administrative};
use crate::kernel::id::UserId;

/// Passes a caller who may change users, and holds every administration role
/// that `target`, a user of the realm, holds. One query.
///
/// # Errors
/// `Forbidden`; `Store` when the directory fails.
pub async fn require_over(inquiry: &Inquiry<'_>, target: &UserId) -> Result<(), AdminError> {
    require_over_all(inquiry, &[target]).await
}

/// The same of all of `targets`, still in one query.
///
/// # Errors
/// As [`require_over`].
pub async fn require_over_all(
    inquiry: &Inquiry<'_>,
    targets: &[&UserId],
) -> Result<(), AdminError> {
    inquiry.require(&[AdminRole::ManageUsers])?;
    let (realm, actor, directory) = (inquiry.realm_id(), inquiry.actor, inquiry.directory());
    if actor.realm == *realm {
        let missing =
            store::privilege::find_missing(directory, realm, targets, &actor.user).await?;
        return if missing.is_none() { Ok(()) } else { Err(AdminError::Forbidden) };
    }
    // The caller is of `master`: what both may do is compared by name.
    let held = administrative::list_within_users(directory, targets).await?;
    let administers = held
        .iter()
        .map(|(_, role)| role)
        .filter(|role| role.realm == *realm && role.client_id.as_deref() == Some(REALM_MANAGEMENT));
    let mut named = administers.filter_map(|role| AdminRole::named(&role.name));
    if named.all(|role| actor.admin_roles.contains(&role)) {
        Ok(())
    } else {
        Err(AdminError::Forbidden)
    }
}
