//! The administrator that comes with an organization: a user without a
//! password, member with all built-in roles (reference phasetwo.md §3.3). The
//! directory gets the user and the organization in one transaction; the user's
//! account comes to be when somebody signs in as them, by a portal link.
use crate::kernel::id::{OrgId, UserId};
use crate::platform::row::StoreError;
use crate::realm::context::RealmContext;
use crate::realm::registry::{Attributes, Registration};
use crate::realm::user::User;

/// What the username of such a user begins with.
pub const USERNAME_PREFIX: &str = "org-admin-";

/// Where such a user has no mailbox: a domain that never exists (RFC 2606 §2).
/// Phase Two's is one of its own, to which our mail must not go.
const EMAIL_DOMAIN: &str = "noreply.invalid";

/// The username of the administrator that came with `org`, folded as usernames
/// are.
#[must_use]
pub fn username_of(org: &OrgId) -> String {
    format!("{USERNAME_PREFIX}{org}").to_lowercase()
}

/// An id for the administrator of an organization about to be made; `None` in a
/// realm that wants none.
#[must_use]
pub fn new_id(context: &RealmContext<'_>) -> Option<UserId> {
    let wanted = context.realm.settings.create_admin_user;
    wanted.then(|| UserId::from(context.ports.random.uuid()))
}

/// The administrator that comes with the organization.
///
/// # Errors
/// `Refused` when the id does not make a username, which every id does.
pub fn of(id: UserId, registration: &Registration) -> Result<User, StoreError> {
    let org = &registration.id;
    let unusable = || StoreError::Refused(format!("{org} does not make a username"));
    let name = username_of(org);
    let title = registration.display_name.as_ref().filter(|title| !title.is_empty());
    Ok(User {
        id,
        email: Some(format!("{name}@{EMAIL_DOMAIN}").parse().map_err(|_| unusable())?),
        username: name.parse().map_err(|_| unusable())?,
        email_verified: true,
        first_name: Some(title.unwrap_or(&registration.name).clone()),
        last_name: Some("Org Admin User".to_owned()),
        enabled: true,
        home_org: Some(org.clone()),
        service_account_for: None,
        attributes: Attributes::default(),
        required_actions: Vec::new(),
        manager: None,
        created_at: registration.created_at,
    })
}
