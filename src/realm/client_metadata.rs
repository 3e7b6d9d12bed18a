//! What a client says of itself when it registers (RFC 7591 §2, OIDC Dynamic Client
//! Registration 1.0 §2, and the logout specifications), and what we make of it.
use super::client::{Client, Grant};
use serde::Deserialize;
use serde_json::{Map, Value, json};

/// Longest text of a member, in bytes.
const MAX_TEXT_BYTES: usize = 2048;

/// Most entries of a list.
const MAX_ENTRIES: usize = 50;

/// Longest key set, in bytes of JSON.
const MAX_JWKS_BYTES: usize = 8 * 1024;

const DEVICE_CODE: &str = "urn:ietf:params:oauth:grant-type:device_code";

/// What a client says. Members that we do not know are passed over, as RFC 7591 §2
/// wants it.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub struct ClientMetadata {
    /// Only in a change: the name it has.
    pub client_id: Option<String>,
    /// Only in a change: the secret it has.
    pub client_secret: Option<String>,
    redirect_uris: Vec<String>,
    token_endpoint_auth_method: Option<String>,
    grant_types: Option<Vec<String>>,
    response_types: Option<Vec<String>>,
    client_name: Option<String>,
    client_uri: Option<String>,
    logo_uri: Option<String>,
    tos_uri: Option<String>,
    policy_uri: Option<String>,
    contacts: Vec<String>,
    /// What it wants to ask for.
    pub scope: Option<String>,
    jwks_uri: Option<String>,
    jwks: Option<Value>,
    software_id: Option<String>,
    software_version: Option<String>,
    software_statement: Option<String>,
    application_type: Option<String>,
    subject_type: Option<String>,
    id_token_signed_response_alg: Option<String>,
    token_endpoint_auth_signing_alg: Option<String>,
    post_logout_redirect_uris: Vec<String>,
    backchannel_logout_uri: Option<String>,
    backchannel_logout_session_required: Option<bool>,
    frontchannel_logout_uri: Option<String>,
    frontchannel_logout_session_required: Option<bool>,
}

impl ClientMetadata {
    /// What a client is registered as: the inverse of [`Self::to_representation`].
    #[must_use]
    pub fn of(client: &Client) -> Self {
        let settings = &client.settings;
        let text = |name: &str| settings.attributes.get(name).cloned();
        let flag = |name: &str| text(name).map(|value| value == "true");
        let list = |name: &str| {
            let joined = text(name).filter(|joined| joined != "-").unwrap_or_default();
            let parts = joined.split("##").filter(|part| !part.is_empty());
            parts.map(str::to_owned).collect::<Vec<String>>()
        };
        let grants = [
            ("authorization_code", client.may(Grant::AuthorizationCode)),
            ("refresh_token", client.may(Grant::RefreshToken)),
            ("client_credentials", client.service_account.is_some()),
            (DEVICE_CODE, flag("oauth2.device.authorization.grant.enabled") == Some(true)),
        ];
        let grants = grants.iter().filter(|(_, on)| *on).map(|(name, _)| (*name).to_owned());
        let method = match text("token.endpoint.auth.method") {
            _ if client.is_public() => "none".to_owned(),
            Some(method) if method != "none" => method,
            _ => "client_secret_basic".to_owned(),
        };
        Self {
            client_id: None,
            client_secret: None,
            redirect_uris: settings.redirect_uris.clone(),
            token_endpoint_auth_method: Some(method),
            grant_types: Some(grants.collect()),
            response_types: None,
            client_name: Some(settings.name.clone()).filter(|name| !name.is_empty()),
            client_uri: text("clientUri"),
            logo_uri: text("logoUri"),
            tos_uri: text("tosUri"),
            policy_uri: text("policyUri"),
            contacts: list("contacts"),
            scope: text("registeredScope"),
            jwks_uri: text("jwks.url"),
            jwks: text("jwks.string").and_then(|keys| serde_json::from_str(&keys).ok()),
            software_id: text("softwareId"),
            software_version: text("softwareVersion"),
            software_statement: None,
            application_type: text("applicationType"),
            subject_type: None,
            id_token_signed_response_alg: text("id.token.signed.response.alg"),
            token_endpoint_auth_signing_alg: text("token.endpoint.auth.signing.alg"),
            post_logout_redirect_uris: list("post.logout.redirect.uris"),
            backchannel_logout_uri: text("backchannel.logout.url"),
            backchannel_logout_session_required: flag("backchannel.logout.session.required"),
            frontchannel_logout_uri: text("frontchannel.logout.url"),
            frontchannel_logout_session_required: flag("frontchannel.logout.session.required"),
        }
    }
}

/// Why metadata is not taken (RFC 7591 §3.2.2).
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BadMetadata {
    /// A redirect URI cannot be one.
    #[error("redirect_uris: {0}")]
    RedirectUri(String),
    /// Something else cannot be.
    #[error("{0}")]
    Value(String),
    /// We trust nobody's statements.
    #[error("software statements are not accepted")]
    SoftwareStatement,
}

impl BadMetadata {
    /// The code.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::RedirectUri(_) => "invalid_redirect_uri",
            Self::Value(_) => "invalid_client_metadata",
            Self::SoftwareStatement => "unapproved_software_statement",
        }
    }
}

fn bad(why: impl Into<String>) -> BadMetadata {
    BadMetadata::Value(why.into())
}

type Rule = fn(&ClientMetadata, &Value) -> Result<(), BadMetadata>;

/// RFC 7591 §2, in the order they run. Each knows what discovery advertises: nothing
/// else can be registered.
const RULES: &[Rule] = &[
    no_statement,
    grants_are_ours,
    responses_fit_the_grants,
    redirects_are_addresses,
    method_is_ours,
    keys_are_told_once,
    algorithms_are_ours,
    addresses_are_https,
    frame_is_of_the_app,
    texts_are_short,
];

/// Passes metadata that can be, by the discovery document `offered`.
///
/// # Errors
/// The first rule that it breaks.
pub fn check(metadata: &ClientMetadata, offered: &Value) -> Result<(), BadMetadata> {
    RULES.iter().try_for_each(|rule| rule(metadata, offered))
}

fn offers(offered: &Value, name: &str, value: &str) -> bool {
    offered[name].as_array().is_some_and(|list| list.iter().any(|one| one == value))
}

fn no_statement(metadata: &ClientMetadata, _: &Value) -> Result<(), BadMetadata> {
    if metadata.software_statement.is_none() { Ok(()) } else { Err(BadMetadata::SoftwareStatement) }
}

/// Never the password grant: who registers a client by itself is not trusted with
/// passwords (RFC 9700 §2.4).
fn grants_are_ours(metadata: &ClientMetadata, offered: &Value) -> Result<(), BadMetadata> {
    const KNOWN: [&str; 4] =
        ["authorization_code", "refresh_token", "client_credentials", DEVICE_CODE];
    let strange = metadata.grants().into_iter().find(|grant| {
        !KNOWN.contains(&grant.as_str()) || !offers(offered, "grant_types_supported", grant)
    });
    if let Some(grant) = strange {
        return Err(bad(format!("grant_types: {grant} is not available")));
    }
    if metadata.grants().is_empty() {
        return Err(bad("grant_types: one at least is needed"));
    }
    if metadata.is_public() && metadata.has_grant("client_credentials") {
        return Err(bad("grant_types: client_credentials needs a client that authenticates"));
    }
    Ok(())
}

/// §2.1: `code` and `authorization_code` go together.
fn responses_fit_the_grants(metadata: &ClientMetadata, offered: &Value) -> Result<(), BadMetadata> {
    let responses = metadata.responses();
    let strange =
        responses.iter().find(|response| !offers(offered, "response_types_supported", response));
    if let Some(response) = strange {
        return Err(bad(format!("response_types: {response} is not available")));
    }
    if metadata.has_grant("authorization_code") == responses.is_empty() {
        return Err(bad("response_types and grant_types do not fit"));
    }
    Ok(())
}

fn redirects_are_addresses(metadata: &ClientMetadata, _: &Value) -> Result<(), BadMetadata> {
    let uris = &metadata.redirect_uris;
    if uris.len() > MAX_ENTRIES {
        return Err(BadMetadata::RedirectUri(format!("at most {MAX_ENTRIES}")));
    }
    if uris.is_empty() && metadata.has_grant("authorization_code") {
        return Err(BadMetadata::RedirectUri("one at least is needed".to_owned()));
    }
    let may_be_native = metadata.application_type.as_deref() != Some("web");
    uris.iter().try_for_each(|uri| {
        check_address(uri, may_be_native)
            .map_err(|why| BadMetadata::RedirectUri(format!("{uri} {why}")))
    })
}

/// https; http on loopback (RFC 8252 §7.3); or a scheme of the app's own, which is a
/// domain turned round (RFC 8252 §7.1).
fn check_address(uri: &str, may_be_native: bool) -> Result<(), &'static str> {
    if uri.len() > MAX_TEXT_BYTES || uri.contains('*') {
        return Err("is too long, or a pattern");
    }
    let parsed = url::Url::parse(uri).map_err(|_| "is not an absolute URI")?;
    if uri.contains('#') || !parsed.username().is_empty() || parsed.password().is_some() {
        return Err("has a fragment or a user");
    }
    let is_loopback =
        ["localhost", "127.0.0.1", "[::1]"].contains(&parsed.host_str().unwrap_or_default());
    match parsed.scheme() {
        "https" if parsed.has_host() => Ok(()),
        "http" if is_loopback => Ok(()),
        "http" => Err("is not https"),
        scheme if scheme.contains('.') && may_be_native => Ok(()),
        _ => Err("has a scheme that no app can own"),
    }
}

fn method_is_ours(metadata: &ClientMetadata, offered: &Value) -> Result<(), BadMetadata> {
    const KNOWN: [&str; 4] =
        ["none", "client_secret_basic", "client_secret_post", "private_key_jwt"];
    let method = metadata.method();
    if !KNOWN.contains(&method) || !offers(offered, "token_endpoint_auth_methods_supported", method)
    {
        return Err(bad(format!("token_endpoint_auth_method: {method} is not available")));
    }
    if method == "private_key_jwt" && metadata.jwks.is_none() && metadata.jwks_uri.is_none() {
        return Err(bad("private_key_jwt needs jwks or jwks_uri"));
    }
    Ok(())
}

/// §2: "The `jwks_uri` and `jwks` parameters MUST NOT both be present".
fn keys_are_told_once(metadata: &ClientMetadata, _: &Value) -> Result<(), BadMetadata> {
    let Some(jwks) = &metadata.jwks else { return Ok(()) };
    if metadata.jwks_uri.is_some() {
        return Err(bad("jwks and jwks_uri exclude each other"));
    }
    let is_set = jwks["keys"].as_array().is_some_and(|keys| {
        keys.iter().all(|key| key.is_object() && key.get("d").is_none() && key.get("k").is_none())
    });
    if is_set && jwks.to_string().len() <= MAX_JWKS_BYTES {
        return Ok(());
    }
    Err(bad(format!("jwks is not a set of public keys, or has more than {MAX_JWKS_BYTES} bytes")))
}

fn algorithms_are_ours(metadata: &ClientMetadata, offered: &Value) -> Result<(), BadMetadata> {
    let asked = [
        (&metadata.id_token_signed_response_alg, "id_token_signing_alg_values_supported"),
        (
            &metadata.token_endpoint_auth_signing_alg,
            "token_endpoint_auth_signing_alg_values_supported",
        ),
        (&metadata.subject_type, "subject_types_supported"),
    ];
    for (value, list) in asked {
        if let Some(value) = value
            && !offers(offered, list, value)
        {
            return Err(bad(format!("{value} is not among {list}")));
        }
    }
    Ok(())
}

/// What people are shown and what we or browsers go to. Which hosts we go to is
/// decided when we do.
fn addresses_are_https(metadata: &ClientMetadata, _: &Value) -> Result<(), BadMetadata> {
    let addresses = [
        ("client_uri", &metadata.client_uri),
        ("logo_uri", &metadata.logo_uri),
        ("tos_uri", &metadata.tos_uri),
        ("policy_uri", &metadata.policy_uri),
        ("jwks_uri", &metadata.jwks_uri),
        ("backchannel_logout_uri", &metadata.backchannel_logout_uri),
        ("frontchannel_logout_uri", &metadata.frontchannel_logout_uri),
    ];
    for (name, uri) in addresses {
        if let Some(uri) = uri
            && check_address(uri, false).is_err()
        {
            return Err(bad(format!("{name} is not an https URL without a fragment")));
        }
    }
    let strange = metadata
        .post_logout_redirect_uris
        .iter()
        .find(|uri| check_address(uri, true).is_err() || uri.contains("##"));
    match strange {
        Some(uri) => Err(bad(format!("post_logout_redirect_uris: {uri} cannot be one"))),
        None => Ok(()),
    }
}

/// OIDC Front-Channel Logout 1.0 §2: scheme, host and port are those of a redirect URI.
fn frame_is_of_the_app(metadata: &ClientMetadata, _: &Value) -> Result<(), BadMetadata> {
    let Some(frame) = &metadata.frontchannel_logout_uri else { return Ok(()) };
    let origin = |uri: &String| url::Url::parse(uri).ok().map(|uri| uri.origin());
    let is_known = metadata.redirect_uris.iter().any(|known| origin(known) == origin(frame));
    if is_known { Ok(()) } else { Err(bad("frontchannel_logout_uri is not where the app is")) }
}

fn texts_are_short(metadata: &ClientMetadata, _: &Value) -> Result<(), BadMetadata> {
    let texts = [
        &metadata.client_name,
        &metadata.scope,
        &metadata.software_id,
        &metadata.software_version,
        &metadata.application_type,
    ];
    let lists = [&metadata.contacts, &metadata.post_logout_redirect_uris];
    let is_long = texts.into_iter().flatten().any(|text| text.len() > MAX_TEXT_BYTES)
        || lists.iter().any(|list| list.len() > MAX_ENTRIES)
        || metadata.contacts.iter().any(|one| one.len() > MAX_TEXT_BYTES || one.contains("##"));
    if is_long { Err(bad("a text or a list is too long")) } else { Ok(()) }
}

impl ClientMetadata {
    /// §2: `authorization_code` when nothing is said; refreshing goes with it, as
    /// everywhere here.
    fn grants(&self) -> Vec<String> {
        self.grant_types.clone().unwrap_or_else(|| vec!["authorization_code".to_owned()])
    }

    /// Whether the client asks for that grant.
    #[must_use]
    pub fn has_grant(&self, grant: &str) -> bool {
        self.grants().iter().any(|one| one == grant)
    }

    fn responses(&self) -> Vec<String> {
        self.response_types.clone().unwrap_or_else(|| {
            if self.has_grant("authorization_code") { vec!["code".to_owned()] } else { Vec::new() }
        })
    }

    /// §2: `client_secret_basic` when nothing is said.
    fn method(&self) -> &str {
        self.token_endpoint_auth_method.as_deref().unwrap_or("client_secret_basic")
    }

    /// OIDC Dynamic Client Registration §2: RS256 when nothing is said, whatever the
    /// realm prefers, as who says nothing may know nothing else.
    fn id_token_algorithm(&self) -> &str {
        self.id_token_signed_response_alg.as_deref().unwrap_or("RS256")
    }

    /// Whether it authenticates in no way.
    #[must_use]
    pub fn is_public(&self) -> bool {
        self.method() == "none"
    }

    /// Authenticates in no way, unless it says otherwise.
    pub fn become_public(&mut self) {
        self.token_endpoint_auth_method.get_or_insert_with(|| "none".to_owned());
    }

    /// Every address it names that people or browsers are led to.
    pub fn addresses(&self) -> impl Iterator<Item = &str> {
        let lists = self.redirect_uris.iter().chain(&self.post_logout_redirect_uris);
        let singles = [
            &self.client_uri,
            &self.logo_uri,
            &self.tos_uri,
            &self.policy_uri,
            &self.jwks_uri,
            &self.backchannel_logout_uri,
            &self.frontchannel_logout_uri,
        ];
        lists.map(String::as_str).chain(singles.into_iter().flatten().map(String::as_str))
    }

    /// As Keycloak's administration API would be told. What is not said is `null`,
    /// which forgets what was said before (RFC 7592 §2.2).
    #[must_use]
    pub fn to_representation(&self, client_id: &str) -> Value {
        let text = |is: bool| if is { "true" } else { "false" };
        let attributes = json!({
            "logoUri": self.logo_uri,
            "tosUri": self.tos_uri,
            "policyUri": self.policy_uri,
            "clientUri": self.client_uri,
            "contacts": joined(&self.contacts),
            "softwareId": self.software_id,
            "softwareVersion": self.software_version,
            "applicationType": self.application_type,
            "registeredScope": self.scope,
            "token.endpoint.auth.method": self.method(),
            "token.endpoint.auth.signing.alg": self.token_endpoint_auth_signing_alg,
            "id.token.signed.response.alg": self.id_token_algorithm(),
            "id.token.without.typ": "true",
            "use.jwks.url": self.jwks_uri.as_ref().map(|_| "true"),
            "jwks.url": self.jwks_uri,
            "use.jwks.string": self.jwks.as_ref().map(|_| "true"),
            "jwks.string": self.jwks.as_ref().map(Value::to_string),
            "use.refresh.tokens": text(
                self.grant_types.is_none() || self.has_grant("refresh_token")),
            "oauth2.device.authorization.grant.enabled":
                self.has_grant(DEVICE_CODE).then_some("true"),
            // Without one a logout leads nowhere.
            "post.logout.redirect.uris":
                joined(&self.post_logout_redirect_uris).unwrap_or_else(|| "-".to_owned()),
            "backchannel.logout.url": self.backchannel_logout_uri,
            "backchannel.logout.session.required":
                self.backchannel_logout_session_required.map(text),
            "frontchannel.logout.url": self.frontchannel_logout_uri,
            "frontchannel.logout.session.required":
                self.frontchannel_logout_session_required.map(text),
        });
        json!({
            "clientId": client_id,
            "name": self.client_name.clone().unwrap_or_default(),
            "enabled": true,
            "publicClient": self.is_public(),
            "standardFlowEnabled": self.has_grant("authorization_code"),
            "directAccessGrantsEnabled": false,
            "serviceAccountsEnabled": self.has_grant("client_credentials"),
            // What a client may do for a person is what the person may, no more than
            // its scopes say; a registered one is nobody's trusted console.
            "fullScopeAllowed": false,
            "redirectUris": self.redirect_uris,
            "webOrigins": self.origins(),
            "clientAuthenticatorType":
                if self.method() == "private_key_jwt" { "client-jwt" } else { "client-secret" },
            "attributes": attributes,
        })
    }

    /// The origins from which a public client calls: those it is sent back to.
    fn origins(&self) -> Vec<String> {
        let uris = self.redirect_uris.iter().filter_map(|uri| url::Url::parse(uri).ok());
        let web = uris.filter(|uri| ["https", "http"].contains(&uri.scheme()));
        let mut origins: Vec<String> = web.map(|uri| uri.origin().ascii_serialization()).collect();
        origins.sort();
        origins.dedup();
        origins
    }

    /// As the client is told (RFC 7591 §3.2.1): all that was registered.
    #[must_use]
    pub fn to_json(&self) -> Map<String, Value> {
        let told = json!({
            "redirect_uris": self.redirect_uris,
            "token_endpoint_auth_method": self.method(),
            "grant_types": self.grants(),
            "response_types": self.responses(),
            "client_name": self.client_name,
            "client_uri": self.client_uri,
            "logo_uri": self.logo_uri,
            "tos_uri": self.tos_uri,
            "policy_uri": self.policy_uri,
            "contacts": (!self.contacts.is_empty()).then_some(&self.contacts),
            "scope": self.scope,
            "jwks_uri": self.jwks_uri,
            "jwks": self.jwks,
            "software_id": self.software_id,
            "software_version": self.software_version,
            "application_type": self.application_type,
            "subject_type": self.subject_type,
            "id_token_signed_response_alg": self.id_token_signed_response_alg,
            "token_endpoint_auth_signing_alg": self.token_endpoint_auth_signing_alg,
            "post_logout_redirect_uris": (!self.post_logout_redirect_uris.is_empty())
                .then_some(&self.post_logout_redirect_uris),
            "backchannel_logout_uri": self.backchannel_logout_uri,
            "backchannel_logout_session_required": self.backchannel_logout_session_required,
            "frontchannel_logout_uri": self.frontchannel_logout_uri,
            "frontchannel_logout_session_required": self.frontchannel_logout_session_required,
        });
        let Value::Object(told) = told else { return Map::new() };
        told.into_iter().filter(|(_, value)| !value.is_null()).collect()
    }
}

fn joined(list: &[String]) -> Option<String> {
    (!list.is_empty()).then(|| list.join("##"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn offered() -> Value {
        json!({
            "grant_types_supported":
                ["authorization_code", "client_credentials", "password", "refresh_token"],
            "response_types_supported": ["code"],
            "token_endpoint_auth_methods_supported":
                ["client_secret_basic", "client_secret_post", "none"],
            "id_token_signing_alg_values_supported": ["ES256"],
            "subject_types_supported": ["public"],
        })
    }

    fn verdict(metadata: &Value) -> Result<(), BadMetadata> {
        check(&serde_json::from_value(metadata.clone()).unwrap(), &offered())
    }

    fn with(name: &str, value: Value) -> Value {
        let mut metadata = json!({ "redirect_uris": ["https://app.example/cb"] });
        metadata[name] = value;
        metadata
    }

    #[test]
    fn an_app_can_be_sent_back_where_only_it_is() {
        for uri in [
            "https://app.example/cb?x=1",
            "http://localhost:3000/cb",
            "http://127.0.0.1/cb",
            "http://[::1]:8080/",
            "com.example.app:/cb",
        ] {
            assert_eq!(verdict(&with("redirect_uris", json!([uri]))), Ok(()), "{uri}");
        }
        for uri in [
            "http://app.example/cb",
            "https://app.example/cb#x",
            "https://app.example/cb#",
            "https://user@app.example/",
            "https://*.example/",
            "/cb",
            "javascript:alert(1)",
            "data:text/html,x",
            "file:///etc/passwd",
            "myapp:/cb",
            "http://localhost.evil.example/",
        ] {
            let refused = verdict(&with("redirect_uris", json!([uri])));
            assert_eq!(refused.unwrap_err().code(), "invalid_redirect_uri", "{uri}");
        }
        let native = json!({ "redirect_uris": ["com.example.app:/cb"], "application_type": "web" });
        assert_eq!(verdict(&native).unwrap_err().code(), "invalid_redirect_uri");
    }

    #[test]
    fn only_what_is_offered_can_be_registered() {
        let key = json!({ "keys": [{ "kty": "EC" }] });
        for metadata in [
            with("grant_types", json!(["authorization_code", "refresh_token"])),
            with("response_types", json!(["code"])),
            with("token_endpoint_auth_method", json!("none")),
            with("id_token_signed_response_alg", json!("ES256")),
            with("jwks", key.clone()),
            with("logo_uri", json!("https://app.example/logo.png")),
            with("something_new", json!({ "x": 1 })),
            json!({ "grant_types": ["client_credentials"], "response_types": [] }),
        ] {
            assert_eq!(verdict(&metadata), Ok(()), "{metadata}");
        }
        let mut both_keys = with("jwks", key);
        both_keys["jwks_uri"] = json!("https://app.example/jwks");
        let mut public_machine = with("token_endpoint_auth_method", json!("none"));
        public_machine["grant_types"] = json!(["authorization_code", "client_credentials"]);
        for metadata in [
            with("grant_types", json!(["password"])),
            with("grant_types", json!(["implicit"])),
            with("grant_types", json!([])),
            with("response_types", json!(["token"])),
            with("response_types", json!([])),
            with("token_endpoint_auth_method", json!("private_key_jwt")),
            with("token_endpoint_auth_method", json!("tls_client_auth")),
            with("id_token_signed_response_alg", json!("none")),
            with("subject_type", json!("pairwise")),
            with("jwks", json!({ "keys": [{ "kty": "EC", "d": "private" }] })),
            with("jwks", json!([])),
            with("logo_uri", json!("http://169.254.169.254/")),
            with("jwks_uri", json!("file:///etc/passwd")),
            with("backchannel_logout_uri", json!("http://intranet/")),
            with("frontchannel_logout_uri", json!("https://app.example:8443/out")),
            with("frontchannel_logout_uri", json!("https://evil.example/out")),
            with("post_logout_redirect_uris", json!(["javascript:alert(1)"])),
            with("client_name", json!("x".repeat(MAX_TEXT_BYTES + 1))),
            both_keys,
            public_machine,
        ] {
            let refused = verdict(&metadata).unwrap_err();
            assert_eq!(refused.code(), "invalid_client_metadata", "{metadata}: {refused}");
        }
        let stated = verdict(&with("software_statement", json!("a.b.c"))).unwrap_err();
        assert_eq!(stated.code(), "unapproved_software_statement");
    }
}
