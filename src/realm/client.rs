//! OAuth clients.
use super::redirect_uri::{PLACE, differs_in_loopback_port};
use crate::kernel::id::{ClientUuid, UserId};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// The attribute that says where a logout may lead: URIs joined by `##`, `+` for
/// the redirect URIs, `-` for nowhere. As if `+` when it is absent.
pub const POST_LOGOUT_URIS: &str = "post.logout.redirect.uris";

/// The attribute that says where a client is told that a session has ended (OIDC
/// Back-Channel Logout 1.0 §2.2).
pub const BACKCHANNEL_LOGOUT_URL: &str = "backchannel.logout.url";

/// The attribute that says what a browser loads when it signs out (OIDC
/// Front-Channel Logout 1.0 §2).
pub const FRONTCHANNEL_LOGOUT_URL: &str = "frontchannel.logout.url";

/// The attribute that names the PKCE method: `S256`, as when it is absent, or
/// `none` for a confidential client that need not use it.
pub const PKCE_METHOD: &str = "pkce.code.challenge.method";

/// What [`PKCE_METHOD`] says of a client that need not use it.
pub const NO_PKCE: &str = "none";

/// The attribute that lets a client be used on devices without a browser (RFC 8628):
/// `true`. Keycloak's.
pub const DEVICE_GRANT: &str = "oauth2.device.authorization.grant.enabled";

/// The attribute that lets a confidential client exchange tokens (RFC 8693): `true`.
/// Keycloak's.
pub const TOKEN_EXCHANGE: &str = "standard.token.exchange.enabled";

/// The attribute that lets such a client have refresh tokens in exchange:
/// [`SAME_SESSION`]. Keycloak's.
pub const TOKEN_EXCHANGE_REFRESH: &str = "standard.token.exchange.enableRefreshRequestedTokenType";

/// What [`TOKEN_EXCHANGE_REFRESH`] says of a client that may: they end with the session
/// of the subject token. Anything else is `NO`, as when it is absent.
pub const SAME_SESSION: &str = "SAME_SESSION";

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
    /// RFC 6749 §4.1, with PKCE unless an administrator let it go without.
    AuthorizationCode,
    /// RFC 6749 §6.
    RefreshToken,
    /// RFC 6749 §4.3. Only for Keycloak's admin tools.
    Password,
}

/// How a confidential client proves who it is, by Keycloak's names.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(from = "String", into = "String")]
pub enum Authenticator {
    /// By its secret, in the header or in the form (RFC 6749 §2.3.1).
    #[default]
    Secret,
    /// By an assertion that it signs with a key of its own (OIDC Core §9,
    /// `private_key_jwt`).
    SignedJwt,
    /// By an assertion under its secret (OIDC Core §9, `client_secret_jwt`).
    SecretJwt,
    /// In a way that we do not know: nobody can be it.
    Unknown(String),
}

impl From<String> for Authenticator {
    fn from(name: String) -> Self {
        match name.as_str() {
            "client-secret" => Self::Secret,
            "client-jwt" => Self::SignedJwt,
            "client-secret-jwt" => Self::SecretJwt,
            _ => Self::Unknown(name),
        }
    }
}

impl From<Authenticator> for String {
    fn from(way: Authenticator) -> Self {
        match way {
            Authenticator::Secret => "client-secret".to_owned(),
            Authenticator::SignedJwt => "client-jwt".to_owned(),
            Authenticator::SecretJwt => "client-secret-jwt".to_owned(),
            Authenticator::Unknown(name) => name,
        }
    }
}

/// What an administrator can set for a client.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct ClientSettings {
    /// The name for people.
    pub name: String,
    /// For administrators.
    pub description: String,
    /// Whether it may do anything at all.
    pub enabled: bool,
    /// What it may use at the token endpoint.
    pub grants: Vec<Grant>,
    /// How it proves who it is, unless it is public.
    pub authenticator: Authenticator,
    /// Where an authorization answer may go; compared exactly (RFC 9700 §2.1), with
    /// the name of an organization in its place where there is one.
    pub redirect_uris: Vec<String>,
    /// Browser origins that may call the token endpoint.
    pub web_origins: Vec<String>,
    /// Keycloak's attributes; docs/api.md lists those we act on.
    pub attributes: BTreeMap<String, String>,
    /// Whether its tokens may carry every role that their subject holds
    /// ([`super::role_scope`]).
    pub full_scope_allowed: bool,
    /// Whether a person is asked before it gets their tokens.
    pub consent_required: bool,
}

impl Default for ClientSettings {
    fn default() -> Self {
        Self {
            name: String::new(),
            description: String::new(),
            enabled: true,
            grants: Vec::new(),
            authenticator: Authenticator::default(),
            redirect_uris: Vec::new(),
            web_origins: Vec::new(),
            attributes: BTreeMap::new(),
            full_scope_allowed: true,
            consent_required: false,
        }
    }
}

impl Client {
    /// Whether the client cannot keep a secret (RFC 6749 §2.1).
    #[must_use]
    pub const fn is_public(&self) -> bool {
        self.secret_hash.is_none()
    }

    /// The value of an attribute.
    #[must_use]
    pub fn attribute(&self, name: &str) -> Option<&str> {
        self.settings.attributes.get(name).map(String::as_str)
    }

    /// Whether an attribute is `true`.
    #[must_use]
    pub fn has_on(&self, name: &str) -> bool {
        self.attribute(name) == Some("true")
    }

    /// Whether the client may use `grant`.
    #[must_use]
    pub fn may(&self, grant: Grant) -> bool {
        self.settings.grants.contains(&grant)
    }

    /// Whether the client must use PKCE: every public one (RFC 9700 §2.1.1), and
    /// of the others those to which nobody said otherwise.
    #[must_use]
    pub fn requires_proof_key(&self) -> bool {
        let method = self.settings.attributes.get(PKCE_METHOD);
        self.is_public() || method.is_none_or(|method| method != NO_PKCE)
    }

    /// Whether `uri` is, to the letter, one of the client's redirect URIs, but for the
    /// port of a loopback address (RFC 9700 §2.1). One with a place for a name is none
    /// before the place is filled.
    #[must_use]
    pub fn has_redirect_uri(&self, uri: &str) -> bool {
        let is_meant = |known: &String| known == uri || differs_in_loopback_port(known, uri);
        !uri.contains(PLACE) && self.settings.redirect_uris.iter().any(is_meant)
    }

    /// Whether a logout may lead to `uri` (OIDC RP-Initiated Logout 1.0 §3.1).
    #[must_use]
    pub fn may_return_to(&self, uri: &str) -> bool {
        let Some(allowed) = self.settings.attributes.get(POST_LOGOUT_URIS) else {
            return self.has_redirect_uri(uri);
        };
        allowed.split("##").any(|one| match one {
            "+" => self.has_redirect_uri(uri),
            one => one == uri,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const APP: &str = "https://app.example/callback";
    const BYE: &str = "https://app.example/bye";

    fn client(post_logout: Option<&str>) -> Client {
        let attributes = post_logout.map(|value| (POST_LOGOUT_URIS.to_owned(), value.to_owned()));
        Client {
            uuid: "c".parse().unwrap(),
            client_id: "app".to_owned(),
            secret_hash: None,
            service_account: None,
            settings: ClientSettings {
                redirect_uris: vec![APP.to_owned()],
                attributes: attributes.into_iter().collect(),
                ..ClientSettings::default()
            },
        }
    }

    #[test]
    fn a_logout_leads_where_the_attribute_says() {
        let allowed = [
            (None, vec![APP]),
            (Some("+"), vec![APP]),
            (Some("-"), vec![]),
            (Some(BYE), vec![BYE]),
            (Some("+##https://app.example/bye"), vec![APP, BYE]),
        ];
        for (attribute, uris) in allowed {
            for uri in [APP, BYE, "https://evil.example/", ""] {
                assert_eq!(
                    client(attribute).may_return_to(uri),
                    uris.contains(&uri),
                    "{attribute:?}"
                );
            }
        }
    }
}
