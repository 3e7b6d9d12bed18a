//! What an administrator may make of a client: from a representation to the
//! client, checked.
use super::built_in_scope::OPENID_CONNECT;
use super::client::{
    Authenticator, BACKCHANNEL_LOGOUT_URL, Client, ClientSettings, DEVICE_GRANT,
    FRONTCHANNEL_LOGOUT_URL, Grant, NO_PKCE, PKCE_METHOD, POST_LOGOUT_URIS, SAME_SESSION,
    TOKEN_EXCHANGE, TOKEN_EXCHANGE_REFRESH,
};
use super::client_organizations;
use super::error::AdminError;
use super::kept::{self, Kept};
use super::mapper_parent::{MAX_CONFIG_BYTES, check_size};
use super::redirect_uri;
use super::store::client::StoredClient;
use super::wire_keycloak_client::{ClientChangeJson, KEPT};
use super::wire_keycloak_scope::text_of;
use crate::platform::keys::SigningAlgorithm;
use serde_json::Value;
use std::collections::BTreeMap;

/// Longest `client_id`, in bytes: Keycloak's column.
const MAX_CLIENT_ID_BYTES: usize = 255;

/// Most redirect URIs, and most web origins, of one client.
const MAX_URIS: usize = 200;

/// Longest redirect URI or web origin, in bytes; browsers bound addresses at
/// about this.
const MAX_URI_BYTES: usize = 2048;

/// The attribute by which refresh tokens are switched off.
const USE_REFRESH_TOKENS: &str = "use.refresh.tokens";

/// The attributes that name what signs a client's tokens.
const ALGORITHMS: [&str; 3] = [
    "access.token.signed.response.alg",
    "id.token.signed.response.alg",
    "user.info.response.signature.alg",
];

/// What a client shall be.
pub struct Wanted {
    /// Its public name.
    pub client_id: String,
    /// Its settings.
    pub settings: ClientSettings,
    /// Whether it has no secret.
    pub is_public: bool,
    /// Whether it acts for itself.
    pub has_account: bool,
    /// The fields that are kept.
    pub kept: Kept,
}

/// As Keycloak tells what breaks a rule for clients.
fn invalid(why: impl Into<String>) -> AdminError {
    AdminError::Rejected { error: "invalid_input", description: why.into() }
}

/// What `asked` makes of `old`, or of nothing. A field that is not named stays;
/// in a new client it has Keycloak's default, but for the password grant, which
/// is off unless asked for (RFC 9700 §2.4).
///
/// # Errors
/// `Rejected` says which part cannot be.
pub fn change(
    asked: &mut ClientChangeJson,
    old: Option<&StoredClient>,
) -> Result<Wanted, AdminError> {
    let was = old.map(|old| &old.client);
    check_unsupported(asked)?;
    let has_account = asked
        .service_accounts_enabled
        .unwrap_or_else(|| was.is_some_and(|was| was.service_account.is_some()));
    let is_public = asked.public_client.unwrap_or_else(|| match was {
        Some(was) => was.is_public(),
        None => false,
    });
    if is_public && has_account {
        return Err(invalid("a public client cannot have a service account"));
    }
    let none = Kept::new();
    let kept =
        kept::keep(old.map_or(&none, |old| &old.kept), std::mem::take(&mut asked.rest), KEPT)?;
    let client_id = asked.client_id.take().or_else(|| was.map(|was| was.client_id.clone()));
    let old = was.map(|was| &was.settings).cloned().unwrap_or_default();
    let settings = settings(asked, old, was, is_public)?;
    Ok(Wanted {
        client_id: checked_client_id(client_id.unwrap_or_default())?,
        settings,
        is_public,
        has_account,
        kept,
    })
}

/// What we would have to act on, and cannot.
fn check_unsupported(asked: &ClientChangeJson) -> Result<(), AdminError> {
    if asked.protocol.as_ref().is_some_and(|protocol| protocol != OPENID_CONNECT) {
        return Err(invalid("protocol must be openid-connect"));
    }
    if asked.authorization_services_enabled == Some(true) {
        return Err(invalid("authorizationServicesEnabled is not supported"));
    }
    Ok(())
}

fn checked_client_id(client_id: String) -> Result<String, AdminError> {
    let usable = (1..=MAX_CLIENT_ID_BYTES).contains(&client_id.len());
    let odd = |c: char| c.is_control() || c.is_whitespace();
    if usable && !client_id.contains(odd) {
        return Ok(client_id);
    }
    let why = format!("clientId is missing, has spaces or more than {MAX_CLIENT_ID_BYTES} bytes");
    Err(invalid(why))
}

fn settings(
    asked: &mut ClientChangeJson,
    old: ClientSettings,
    was: Option<&Client>,
    is_public: bool,
) -> Result<ClientSettings, AdminError> {
    let given = asked.attributes.take().unwrap_or_default();
    let attributes = attributes(given, old.attributes, is_public)?;
    let refreshes = attributes.get(USE_REFRESH_TOKENS).is_none_or(|value| value != "false");
    let may = |grant, default| was.map_or(default, |was| was.may(grant));
    let code = asked.standard_flow_enabled.unwrap_or_else(|| may(Grant::AuthorizationCode, true));
    let password =
        asked.direct_access_grants_enabled.unwrap_or_else(|| may(Grant::Password, false));
    let is = |name: &str, wanted: &str| attributes.get(name).is_some_and(|value| value == wanted);
    let device = is(DEVICE_GRANT, "true");
    let exchange =
        !is_public && is(TOKEN_EXCHANGE, "true") && is(TOKEN_EXCHANGE_REFRESH, SAME_SESSION);
    let granted = [
        (Grant::AuthorizationCode, code),
        (Grant::Password, password),
        (Grant::RefreshToken, refreshes && (code || password || device || exchange)),
    ];
    let texts = [&asked.name, &asked.description].into_iter().flatten();
    if texts.into_iter().any(|text| text.len() > MAX_CONFIG_BYTES) {
        return Err(invalid("name or description is too long"));
    }
    Ok(ClientSettings {
        name: asked.name.take().unwrap_or(old.name),
        description: asked.description.take().unwrap_or(old.description),
        enabled: asked.enabled.unwrap_or(old.enabled),
        grants: granted.into_iter().filter(|(_, on)| *on).map(|(grant, _)| grant).collect(),
        authenticator: match asked.client_authenticator_type.take() {
            Some(name) => authenticator(name)?,
            None => old.authenticator,
        },
        redirect_uris: asked.redirect_uris.take().map_or(Ok(old.redirect_uris), |uris| {
            checked_list("redirectUris", uris, redirect_uri::check)
        })?,
        web_origins: asked.web_origins.take().map_or(Ok(old.web_origins), |origins| {
            checked_list("webOrigins", origins, check_origin)
        })?,
        attributes,
        full_scope_allowed: asked.full_scope_allowed.unwrap_or(old.full_scope_allowed),
        consent_required: asked.consent_required.unwrap_or(old.consent_required),
    })
}

fn authenticator(name: String) -> Result<Authenticator, AdminError> {
    if name.len() > MAX_CLIENT_ID_BYTES {
        return Err(invalid("clientAuthenticatorType is too long"));
    }
    Ok(Authenticator::from(name))
}

fn attributes(
    given: BTreeMap<String, Value>,
    old: BTreeMap<String, String>,
    is_public: bool,
) -> Result<BTreeMap<String, String>, AdminError> {
    let mut attributes = old;
    for (name, value) in given {
        match text_of(value).filter(|text| !text.is_empty()) {
            Some(text) => attributes.insert(name, text),
            None => attributes.remove(&name),
        };
    }
    check_size(&attributes)?;
    check_proof_key(attributes.get(PKCE_METHOD), is_public)?;
    client_organizations::check(&attributes).map_err(invalid)?;
    for name in ALGORITHMS {
        let known = attributes.get(name).is_none_or(|alg| alg.parse::<SigningAlgorithm>().is_ok());
        if !known {
            let all = SigningAlgorithm::ALL.map(SigningAlgorithm::as_str).join(", ");
            return Err(invalid(format!("{name} must be one of {all}")));
        }
    }
    for name in [BACKCHANNEL_LOGOUT_URL, FRONTCHANNEL_LOGOUT_URL] {
        if attributes.get(name).is_some_and(|url| !is_logout_url(url)) {
            return Err(invalid(format!("{name} must be an https URL without a fragment")));
        }
    }
    if attributes.get(POST_LOGOUT_URIS).is_some_and(|uris| !are_return_uris(uris)) {
        return Err(invalid(format!(
            "{POST_LOGOUT_URIS} must be absolute URIs without a fragment, compared exactly"
        )));
    }
    Ok(attributes)
}

/// OIDC Back-Channel Logout 1.0 §2.2, Front-Channel Logout 1.0 §2. Whether we go to a
/// plain `http` one, where we do, is decided when we do.
fn is_logout_url(text: &str) -> bool {
    text.len() <= MAX_URI_BYTES
        && url::Url::parse(text).is_ok_and(|url| {
            ["https", "http"].contains(&url.scheme())
                && url.has_host()
                && url.fragment().is_none()
                && url.username().is_empty()
        })
}

/// Addresses joined by `##`, or `+` and `-`.
fn are_return_uris(text: &str) -> bool {
    let mut all = text.split("##");
    all.all(|uri| ["", "+", "-"].contains(&uri) || redirect_uri::check(uri).is_ok())
}

/// RFC 9700 §2.1.1: S256 is what is left, and a public client has nothing else to
/// show that a code is its own.
fn check_proof_key(method: Option<&String>, is_public: bool) -> Result<(), AdminError> {
    match method.map(String::as_str) {
        None | Some("S256") => Ok(()),
        Some(NO_PKCE) if !is_public => Ok(()),
        Some(_) => Err(invalid(format!(
            "{PKCE_METHOD} must be S256, or {NO_PKCE} for a confidential client"
        ))),
    }
}

/// A list without its empty texts, which Keycloak's console sends.
fn checked_list(
    name: &str,
    mut texts: Vec<String>,
    check: fn(&str) -> Result<(), String>,
) -> Result<Vec<String>, AdminError> {
    texts.retain(|text| !text.is_empty());
    texts.dedup();
    if texts.len() > MAX_URIS {
        return Err(invalid(format!("{name} has more than {MAX_URIS} entries")));
    }
    for text in &texts {
        if text.len() > MAX_URI_BYTES {
            return Err(invalid(format!("{name} has an entry of more than {MAX_URI_BYTES} bytes")));
        }
        check(text).map_err(|why| invalid(format!("{name}: {text} {why}")))?;
    }
    Ok(texts)
}

/// An origin (RFC 6454 §6.2), or Keycloak's `*` and `+`.
fn check_origin(origin: &str) -> Result<(), String> {
    if origin == "*" || origin == "+" {
        return Ok(());
    }
    let serialized = url::Url::parse(origin).map(|url| url.origin().ascii_serialization());
    if serialized.is_ok_and(|serialized| serialized == origin) {
        return Ok(());
    }
    Err("is not an origin, such as https://app.example".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_origin_has_no_path() {
        for good in ["https://app.example", "http://localhost:5173", "*", "+"] {
            assert_eq!(check_origin(good), Ok(()), "{good}");
        }
        for bad in ["https://app.example/", "app.example", "https://app.example:443", "null"] {
            assert!(check_origin(bad).is_err(), "{bad}");
        }
    }
}
