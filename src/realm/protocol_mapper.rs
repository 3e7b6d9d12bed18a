//! Protocol mappers: what a client or a client scope puts into tokens.
use crate::kernel::id::ProtocolMapperId;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// A protocol mapper.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ProtocolMapper {
    /// The key.
    pub id: ProtocolMapperId,
    /// Unique in its client or scope.
    pub name: String,
    /// `openid-connect` or `saml`.
    pub protocol: String,
    /// The kind, such as `oidc-full-name-mapper`.
    pub mapper: String,
    /// What the kind is told.
    pub config: BTreeMap<String, String>,
}
