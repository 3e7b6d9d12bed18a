//! Roles of realms and of clients, as they are administered.
use super::registry::Attributes;
use crate::kernel::id::{ClientUuid, RealmId, RoleId};

/// Longest name of a role, in bytes: Keycloak's column.
pub const MAX_ROLE_NAME_BYTES: usize = 255;

/// A role.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Role {
    /// The key.
    pub id: RoleId,
    /// The client it belongs to; `None` for a role of the realm.
    pub client: Option<ClientUuid>,
    /// Unique in its client, or among the roles of the realm.
    pub name: String,
    /// For administrators.
    pub description: String,
    /// What the product's team notes about it.
    pub attributes: Attributes,
    /// Whether it includes others.
    pub is_composite: bool,
}

/// A role, by the names that it goes by.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct RoleName {
    /// The `client_id` of the client it belongs to; `None` for a role of the
    /// realm.
    pub client_id: Option<String>,
    /// Its name there.
    pub name: String,
}

impl std::fmt::Display for RoleName {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match &self.client_id {
            Some(client_id) => write!(f, "{} of client {client_id}", self.name),
            None => f.write_str(&self.name),
        }
    }
}

/// Whose roles are meant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Container {
    /// The realm's.
    Realm,
    /// A client's.
    Client(ClientUuid),
}

impl Container {
    /// The client's key; empty for the realm, as the index of names has it.
    #[must_use]
    pub fn key(&self) -> &str {
        match self {
            Self::Realm => "",
            Self::Client(client) => client.as_str(),
        }
    }

    /// The client, if it is one.
    #[must_use]
    pub const fn client(&self) -> Option<&ClientUuid> {
        match self {
            Self::Realm => None,
            Self::Client(client) => Some(client),
        }
    }
}

impl Role {
    /// Whose it is.
    #[must_use]
    pub fn container(&self) -> Container {
        self.client.clone().map_or(Container::Realm, Container::Client)
    }
}

/// A role that, by its name and its client's, may administer a realm: of
/// `realm-management`, of a client called `{realm}-realm`, or called as the roles
/// of `master` that administer. The latter two do so in `master` only.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AdministrativeRole {
    /// The key.
    pub id: RoleId,
    /// The realm it belongs to.
    pub realm: RealmId,
    /// The client it belongs to, by name; `None` for a role of the realm.
    pub client_id: Option<String>,
    /// Its name.
    pub name: String,
}
