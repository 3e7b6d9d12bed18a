//! The administration roles of a realm, and who holds them.
use super::context::RealmContext;
use super::store;
use crate::crypto::token::TokenHash;
use crate::kernel::id::UserId;
use crate::platform::row::StoreError;
use serde::{Deserialize, Serialize};

/// The client of every realm whose roles administer that realm.
pub const REALM_MANAGEMENT: &str = "realm-management";

/// The role of that client that includes (nearly) all of its others.
pub const REALM_ADMIN: &str = "realm-admin";

/// The beginning of the name of the role that everybody in a realm holds.
const DEFAULT_ROLES: &str = "default-roles-";

/// The roles of every realm that its default role includes, with what Keycloak's
/// console translates. Keycloak's `account` is no client here, and has no roles.
pub const DEFAULTS: [(&str, &str); 2] = [
    ("offline_access", "${role_offline-access}"),
    ("uma_authorization", "${role_uma_authorization}"),
];

/// What Keycloak's console translates for the default role itself.
pub const DEFAULT_DESCRIPTION: &str = "${role_default-roles}";

/// What the role is called that everybody in a new realm called `realm` holds.
#[must_use]
pub fn default_role_of(realm: &str) -> String {
    format!("{DEFAULT_ROLES}{}", realm.to_lowercase())
}

/// The realm role of `master` that administers every realm.
pub const ADMIN: &str = "admin";

/// The realm role of `master` that makes realms.
pub const CREATE_REALM: &str = "create-realm";

/// The end of the names of the clients of `master` that administer a realm.
pub const MASTER_CLIENT_END: &str = "-realm";

/// The client of realm `master` whose roles administer the realm called `realm`.
#[must_use]
pub fn master_client_of(realm: &str) -> String {
    format!("{realm}{MASTER_CLIENT_END}")
}

/// A role that administers a realm. Named as in Keycloak and Phase Two.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum AdminRole {
    /// Read every organization.
    ViewOrganizations,
    /// Find organizations, without reading them.
    QueryOrganizations,
    /// Change every organization.
    ManageOrganizations,
    /// Create an organization and own it; in no composite (reference
    /// phasetwo.md §0).
    CreateOrganization,
    /// Change the realm.
    ManageRealm,
    /// Read the realm.
    ViewRealm,
    /// Change users.
    ManageUsers,
    /// Read users.
    ViewUsers,
    /// Change clients.
    ManageClients,
    /// Read clients.
    ViewClients,
    /// Change identity providers.
    ManageIdentityProviders,
    /// Read identity providers.
    ViewIdentityProviders,
    /// Read events.
    ViewEvents,
    /// Change event settings.
    ManageEvents,
    /// Read the permissions that clients manage; nothing of ours has any.
    ViewAuthorization,
    /// Change them.
    ManageAuthorization,
    /// Find users, without reading them.
    QueryUsers,
    /// Find clients.
    QueryClients,
    /// Find realms.
    QueryRealms,
    /// Find groups.
    QueryGroups,
    /// Register clients.
    CreateClient,
    /// Act as a user.
    Impersonation,
}

impl AdminRole {
    /// Every role, and whether the composite `realm-admin` (in realm `master`:
    /// `admin`) includes it.
    pub const ALL: [(Self, &'static str, bool); 22] = [
        (Self::ViewOrganizations, "view-organizations", true),
        (Self::QueryOrganizations, "query-organizations", true),
        (Self::ManageOrganizations, "manage-organizations", true),
        (Self::CreateOrganization, "create-organization", false),
        (Self::ManageRealm, "manage-realm", true),
        (Self::ViewRealm, "view-realm", true),
        (Self::ManageUsers, "manage-users", true),
        (Self::ViewUsers, "view-users", true),
        (Self::ManageClients, "manage-clients", true),
        (Self::ViewClients, "view-clients", true),
        (Self::ManageIdentityProviders, "manage-identity-providers", true),
        (Self::ViewIdentityProviders, "view-identity-providers", true),
        (Self::ViewEvents, "view-events", true),
        (Self::ManageEvents, "manage-events", true),
        (Self::ViewAuthorization, "view-authorization", true),
        (Self::ManageAuthorization, "manage-authorization", true),
        (Self::QueryUsers, "query-users", true),
        (Self::QueryClients, "query-clients", true),
        (Self::QueryRealms, "query-realms", true),
        (Self::QueryGroups, "query-groups", true),
        (Self::CreateClient, "create-client", true),
        (Self::Impersonation, "impersonation", true),
    ];

    /// Every pair of an administration role and another that it includes, as in
    /// Keycloak.
    pub const COMPOSITES: [(&'static str, &'static str); 4] = [
        ("view-organizations", "query-organizations"),
        ("view-users", "query-users"),
        ("view-users", "query-groups"),
        ("view-clients", "query-clients"),
    ];

    /// The role called `name`, if it is one that administers.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.iter().find(|(_, known, _)| *known == name).map(|(role, ..)| *role)
    }
}

/// The administration roles that `user`, a user of `home`, holds in `target`'s
/// realm; `None` when their access token, which the directory knows as `token`, was
/// revoked. A user of realm `master` may hold roles in any realm, a user of another
/// realm in that one only (reference phasetwo.md §0). One query, whose work grows
/// with the roles of one client, not with the realms there are.
///
/// # Errors
/// `Refused` when the directory fails.
pub async fn list_admin_roles(
    target: &RealmContext<'_>,
    (home, user): (&super::settings::Realm, &UserId),
    token: &TokenHash,
) -> Result<Option<Vec<AdminRole>>, StoreError> {
    let client_id = if home.id == target.realm.id && !home.is_master() {
        REALM_MANAGEMENT.to_owned()
    } else if home.is_master() {
        master_client_of(target.realm.name.as_str())
    } else {
        return Ok(Some(Vec::new()));
    };
    let directory = &*target.ports.directory;
    let held = store::role::list_held(directory, (&home.id, &client_id), user, token).await?;
    Ok(held.map(|names| names.iter().filter_map(|name| AdminRole::named(name)).collect()))
}
