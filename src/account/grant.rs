//! What a person allowed a client, however the client then asks for tokens.
use crate::kernel::id::OrgId;
use crate::kernel::time::Timestamp;
use serde::{Deserialize, Serialize};

/// One permission, as a code or a refresh family carries it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Granted {
    /// The client.
    pub client_id: String,
    /// The scope, as the token endpoint will repeat it (RFC 6749 §3.3).
    pub scope: String,
    /// The organizations it speaks for; refreshing never adds to them
    /// (reference keycloak.md §4.4).
    pub orgs: Vec<OrgId>,
    /// When the person proved who they are (`auth_time`).
    pub authenticated_at: Timestamp,
}

impl Granted {
    /// Whether it outlives the session (OIDC Core §11).
    #[must_use]
    pub fn is_offline(&self) -> bool {
        self.scope.split(' ').any(|word| word == "offline_access")
    }
}
