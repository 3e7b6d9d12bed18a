//! Client scopes: what clients may ask for, with the mappers that say what it
//! puts into tokens.
use crate::kernel::id::ClientScopeId;
use std::collections::BTreeMap;

/// A client scope.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ClientScope {
    /// The key.
    pub id: ClientScopeId,
    /// Unique in the realm; what a client asks for.
    pub name: String,
    /// For administrators.
    pub description: String,
    /// `openid-connect` or `saml`.
    pub protocol: String,
    /// Such as `include.in.token.scope`.
    pub attributes: BTreeMap<String, String>,
}

/// The attribute of a scope that keeps its name out of the `scope` of tokens.
const IN_TOKEN_SCOPE: &str = "include.in.token.scope";

impl ClientScope {
    /// Whether the `scope` of a token names it; so when nothing is said.
    #[must_use]
    pub fn is_told(&self) -> bool {
        self.attributes.get(IN_TOKEN_SCOPE).is_none_or(|told| told == "true")
    }
}

/// How a client has a scope, or a realm gives it to new clients.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    /// In every token.
    Default,
    /// In a token that was asked for with it.
    Optional,
}

impl Place {
    /// The place as the database keeps it.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Default => "default",
            Self::Optional => "optional",
        }
    }
}

/// Text that is not a place.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
#[error("not a place of a client scope")]
pub struct UnknownPlace;

impl std::str::FromStr for Place {
    type Err = UnknownPlace;

    fn from_str(text: &str) -> Result<Self, UnknownPlace> {
        [Self::Default, Self::Optional]
            .into_iter()
            .find(|place| place.as_str() == text)
            .ok_or(UnknownPlace)
    }
}
