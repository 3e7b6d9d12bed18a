//! What the tokens of a client are made with: the client scopes it has and their
//! mappers, its own, and the roles in the scope of each. An isolate keeps a copy
//! ([`super::context::RealmContext::recipe`]).
use super::client_scope::{ClientScope, Place};
use super::protocol_mapper::ProtocolMapper;
use crate::kernel::id::RoleId;
use std::collections::HashSet;
use std::rc::Rc;

/// What a client's tokens are made with.
#[derive(Clone, Debug, Default)]
pub struct Recipe {
    /// The client scopes it has, in the order in which they were made.
    pub scopes: Vec<HeldScope>,
    /// Whether tokens are silent on organizations: the realm has none.
    pub is_silent: bool,
    /// The client's own mappers.
    pub mappers: Vec<ProtocolMapper>,
    /// The client's own roles and those in its scope, with what they include.
    pub roles: HashSet<RoleId>,
}

/// A client scope that a client has.
#[derive(Clone, Debug)]
pub struct HeldScope {
    /// Whether it must be asked for.
    pub place: Place,
    /// What it is: an isolate keeps it once, however many clients have it.
    pub content: Rc<ScopeContent>,
}

impl std::ops::Deref for HeldScope {
    type Target = ScopeContent;

    fn deref(&self) -> &ScopeContent {
        &self.content
    }
}

/// A client scope with what belongs to it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ScopeContent {
    /// The scope.
    pub scope: ClientScope,
    /// Its mappers.
    pub mappers: Vec<ProtocolMapper>,
    /// The roles in its scope, with what they include. Who has none of them, if
    /// there are any, does not get the scope (Keycloak's rule).
    pub roles: HashSet<RoleId>,
}

impl ScopeContent {
    /// Whether the `scope` of a token names it; so when nothing is said.
    #[must_use]
    pub fn is_told(&self) -> bool {
        self.scope.is_told()
    }

    /// Whether it has a mapper of this kind.
    #[must_use]
    pub fn has_mapper(&self, kind: &str) -> bool {
        self.mappers.iter().any(|mapper| mapper.mapper == kind)
    }
}

impl Recipe {
    /// Every role in the scope of the client or of a client scope it has.
    pub fn reach(&self) -> impl Iterator<Item = &RoleId> {
        self.roles.iter().chain(self.scopes.iter().flat_map(|held| &held.roles))
    }
}
