//! The organization's SCIM configuration (reference phasetwo.md §8.1).
use super::credential::StoredSecret;
use serde::{Deserialize, Serialize};

/// How the organization's directory may talk to us.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Config {
    /// Whether the endpoint answers at all.
    pub enabled: bool,
    /// Whether a person's e-mail address is the `userName`, when that is one.
    pub email_as_username: bool,
    /// Whether to link pushed people with the organization's identity provider.
    /// Kept for Phase Two's clients; there is nothing to link with yet.
    pub link_idp: bool,
    /// What the directory must present.
    pub auth: Auth,
}

/// What the directory must present. The kinds that are missing here (KEYCLOAK,
/// `EXTERNAL_JWT`) cannot be configured before they are enforced.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type")]
pub enum Auth {
    /// A bearer secret.
    #[serde(rename = "EXTERNAL_SECRET")]
    Secret {
        /// The secret.
        secret: StoredSecret,
    },
    /// HTTP Basic.
    #[serde(rename = "EXTERNAL_BASIC")]
    Basic {
        /// The username.
        username: String,
        /// The password.
        password: StoredSecret,
    },
}
