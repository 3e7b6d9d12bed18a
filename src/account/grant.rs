//! What a person allowed a client, however the client then asks for tokens.
use crate::crypto::token::TokenHash;
use crate::kernel::id::OrgId;
use crate::kernel::time::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::Value;

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
    /// On what terms.
    #[serde(default)]
    pub terms: Terms,
}

/// What the authorization request asked for besides a scope; refreshing keeps it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Terms {
    /// `acr`: 1 when the person proved who they are for this request, 0 when a
    /// session that was there had to do, as Keycloak numbers them.
    pub level: u8,
    /// The parameter `claims` (OIDC Core §5.5), checked: its members `id_token`
    /// and `userinfo`.
    pub claims: Option<Value>,
    /// Where access tokens may be used (RFC 8707 §2); anywhere when empty.
    pub resources: Vec<String>,
    /// The clients whose roles access tokens tell: those that an exchange named as
    /// its audience (RFC 8693 §2.1); of every client when there is none.
    pub audience: Option<Vec<String>>,
    /// What it was exchanged for; `None` for what the person allowed the client
    /// themselves.
    pub exchanged: Option<Exchanged>,
}

/// Where a grant by exchange (RFC 8693) comes from: it ends with that.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Exchanged {
    /// What the directory knows the subject token by, when it is revoked.
    pub token: TokenHash,
    /// The client to which that was given, and those through which it came there.
    pub through: Vec<String>,
}

impl Granted {
    /// Whether it outlives the session (OIDC Core §11).
    #[must_use]
    pub fn is_offline(&self) -> bool {
        self.scope.split(' ').any(|word| word == "offline_access")
    }
}
