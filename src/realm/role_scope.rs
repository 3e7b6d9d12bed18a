//! Which roles a client's scope lets through: a token carries a role when its
//! subject holds it and the scope of the client that asked for the token has it
//! (Keycloak's scope mappings, reference keycloak.md §3.4).
//!
//! Not done: tokens carry no roles of realms and clients yet; [`let_through`] is
//! for whoever puts them there.
use super::client::Client;
use super::store::scope_mapping;
use crate::kernel::id::{ClientScopeId, ClientUuid, RoleId};
use crate::platform::directory::Directory;
use crate::platform::row::StoreError;
use std::collections::HashSet;

/// What has roles in its scope.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Holder {
    /// A client, and whether its scope is every role.
    Client {
        /// The client.
        uuid: ClientUuid,
        /// `fullScopeAllowed`.
        is_full: bool,
    },
    /// A client scope.
    Scope(ClientScopeId),
}

impl Holder {
    /// Its key.
    #[must_use]
    pub fn key(&self) -> &str {
        match self {
            Self::Client { uuid, .. } => uuid.as_str(),
            Self::Scope(scope) => scope.as_str(),
        }
    }

    /// Whether every role is in its scope, whatever was mapped.
    #[must_use]
    pub const fn is_full(&self) -> bool {
        matches!(self, Self::Client { is_full: true, .. })
    }
}

/// The roles that a token may carry.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum LetThrough {
    /// Whatever its subject holds.
    Everything,
    /// These, if the subject holds them.
    Only(HashSet<RoleId>),
}

impl LetThrough {
    /// Whether a token may carry `role`.
    #[must_use]
    pub fn passes(&self, role: &RoleId) -> bool {
        match self {
            Self::Everything => true,
            Self::Only(roles) => roles.contains(role),
        }
    }
}

/// What `client`'s scope lets through when a token is made with `scopes`: the
/// client's own roles, those in its scope and in these client scopes, and what
/// all of them include. One query; none when the client's scope is full.
///
/// # Errors
/// `Refused` when the directory fails.
pub async fn let_through(
    directory: &dyn Directory,
    client: &Client,
    scopes: &[ClientScopeId],
) -> Result<LetThrough, StoreError> {
    if client.settings.full_scope_allowed {
        return Ok(LetThrough::Everything);
    }
    let roles = scope_mapping::list_reached(directory, &client.uuid, scopes).await?;
    Ok(LetThrough::Only(roles.into_iter().collect()))
}
