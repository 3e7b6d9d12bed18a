//! The administrator that comes with an organization: a user without a
//! password, member with all built-in roles (reference phasetwo.md §3.3).
use crate::kernel::id::OrgId;

/// What the username of such a user begins with.
pub const USERNAME_PREFIX: &str = "org-admin-";

/// The username of the administrator that came with `org`, folded as usernames
/// are.
#[must_use]
pub fn username_of(org: &OrgId) -> String {
    format!("{USERNAME_PREFIX}{org}").to_lowercase()
}
