//! Who may change whom: an administrator has no power over one who may do what
//! they may not, or changing that one's password or address would be a way up.
use super::error::AdminError;
use super::inquiry::Inquiry;
use super::role::{self, AdminRole};
use super::store;
use crate::kernel::id::UserId;

/// Passes a caller who may change users, and holds every administration role
/// that `target`, a user of the realm, holds. One query.
///
/// # Errors
/// `Forbidden`; `Store` when the directory fails.
pub async fn require_over(inquiry: &Inquiry<'_>, target: &UserId) -> Result<(), AdminError> {
    inquiry.require(&[AdminRole::ManageUsers])?;
    let (context, actor) = (inquiry.context, inquiry.actor);
    if actor.realm == context.realm.id {
        let directory = inquiry.directory();
        let missing =
            store::privilege::find_missing(directory, &actor.realm, target, &actor.user).await?;
        return if missing.is_none() { Ok(()) } else { Err(AdminError::Forbidden) };
    }
    // The caller is of `master`: what both may do is compared by name.
    let held = role::list_admin_roles(context, &context.realm, target).await?;
    let covered = held.iter().all(|role| actor.admin_roles.contains(role));
    if covered { Ok(()) } else { Err(AdminError::Forbidden) }
}
