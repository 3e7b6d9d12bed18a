//! What is made of a provider's claims.
use super::provider::Config;
use crate::kernel::id::MapperId;

/// Longest name of a mapper, in bytes: Keycloak's column.
pub const MAX_NAME_BYTES: usize = 255;

/// A mapper of an identity provider.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mapper {
    /// The key.
    pub id: MapperId,
    /// Unique in its provider.
    pub name: String,
    /// What it does, such as `oidc-user-attribute-idp-mapper`.
    pub kind: String,
    /// How it does it.
    pub config: Config,
}
