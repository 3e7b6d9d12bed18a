//! Which roles a client's scope lets through: a token carries a role when its
//! subject holds it and the scope of the client that asked for the token has it
//! (Keycloak's scope mappings, reference keycloak.md §3.4). What tokens are made
//! with says it to whoever makes them ([`super::recipe`]).
use crate::kernel::id::{ClientScopeId, ClientUuid};

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
