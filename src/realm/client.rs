//! OAuth clients.
use crate::kernel::id::{ClientUuid, UserId};
use serde::{Deserialize, Serialize};

/// An application that may ask for tokens (RFC 6749 §2).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Client {
    /// The key of the admin API.
    pub uuid: ClientUuid,
    /// The public name, as in RFC 6749 §2.2.
    pub client_id: String,
    /// SHA-256 of the secret, base64url; `None` for a public client.
    pub secret_hash: Option<String>,
    /// The user whose roles the client has when it acts for itself; `None` when
    /// it may not.
    pub service_account: Option<UserId>,
    /// Everything else.
    pub settings: ClientSettings,
}

/// A grant that a client may use at the token endpoint, besides
/// `client_credentials`, which having a service account switches on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Grant {
    /// RFC 6749 §4.1, always with PKCE.
    AuthorizationCode,
    /// RFC 6749 §6.
    RefreshToken,
    /// RFC 6749 §4.3. Only for Keycloak's admin tools.
    Password,
}

/// What an administrator can set for a client.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct ClientSettings {
    /// The name for people.
    pub name: String,
    /// What it may use at the token endpoint.
    pub grants: Vec<Grant>,
    /// Where an authorization answer may go; compared exactly (RFC 9700 §2.1).
    pub redirect_uris: Vec<String>,
    /// Browser origins that may call the token endpoint.
    pub web_origins: Vec<String>,
}

impl Client {
    /// Whether the client cannot keep a secret (RFC 6749 §2.1).
    #[must_use]
    pub const fn is_public(&self) -> bool {
        self.secret_hash.is_none()
    }

    /// Whether the client may use `grant`.
    #[must_use]
    pub fn may(&self, grant: Grant) -> bool {
        self.settings.grants.contains(&grant)
    }

    /// Whether `uri` is, to the letter, one of the client's redirect URIs.
    #[must_use]
    pub fn has_redirect_uri(&self, uri: &str) -> bool {
        self.settings.redirect_uris.iter().any(|known| known == uri)
    }
}
