//! What the realm can do, for clients that ask (OIDC Discovery §3, RFC 8414 §2,
//! RFC 7009, RFC 7662, RFC 9207 §3, RFC 9126 §5, RFC 8628 §4, RFC 9449 §5.1). Only what exists is advertised: each part of the
//! provider says its own, and `tests/native/discovery.rs` tries it.
use super::authorization::LEVELS;
use super::device;
use super::grant_token_exchange;
use super::prompt;
use super::response_mode::ResponseMode;
use crate::crypto::foreign::{ASYMMETRIC, SYMMETRIC};
use crate::crypto::jwk::to_published;
use crate::platform::keys::SigningAlgorithm;
use crate::platform::row::StoreError;
use crate::realm::client_document;
use crate::realm::context::RealmContext;
use serde_json::{Map, Value, json};

/// What one part of the provider has to say: an object whose members nobody else
/// says, but for lists, which are joined.
type Part = fn(&RealmContext<'_>) -> Value;

/// Who says something, in the order of the document.
const PARTS: &[Part] = &[
    realm,
    authorization,
    request_objects,
    pushed_requests,
    tokens,
    devices,
    clients,
    claims,
    leaving,
];

/// The discovery document.
///
/// # Errors
/// `Refused` when the directory fails.
pub async fn document(context: &RealmContext<'_>) -> Result<Value, StoreError> {
    let mut document = abilities(context);
    document["scopes_supported"] = json!(scopes(context).await?);
    Ok(document)
}

/// What of it is the same for every realm, but for addresses.
#[must_use]
pub fn abilities(context: &RealmContext<'_>) -> Value {
    let mut document = Map::new();
    for part in PARTS {
        if let Value::Object(members) = part(context) {
            members.into_iter().for_each(|(name, value)| add(&mut document, name, value));
        }
    }
    Value::Object(document)
}

/// What a new client of the realm may ask for.
///
/// # Errors
/// `Refused` when the directory fails.
pub async fn scopes(context: &RealmContext<'_>) -> Result<Vec<String>, StoreError> {
    let names = context.scopes().await?;
    Ok(std::iter::once("openid".to_owned()).chain(names.iter().cloned()).collect())
}

fn add(document: &mut Map<String, Value>, name: String, value: Value) {
    match (document.get_mut(&name), value) {
        (Some(Value::Array(list)), Value::Array(more)) => list.extend(more),
        (_, value) => {
            document.insert(name, value);
        }
    }
}

fn endpoint(context: &RealmContext<'_>, name: &str) -> String {
    context.url(&format!("/protocol/openid-connect/{name}"))
}

fn realm(context: &RealmContext<'_>) -> Value {
    json!({ "issuer": context.issuer(), "jwks_uri": endpoint(context, "certs") })
}

fn authorization(context: &RealmContext<'_>) -> Value {
    json!({
        "authorization_endpoint": endpoint(context, "auth"),
        "response_types_supported": ["code"],
        "response_modes_supported": ResponseMode::ALL.map(ResponseMode::as_str),
        "prompt_values_supported": prompt::supported(&context.realm.settings),
        "acr_values_supported": LEVELS,
        "code_challenge_methods_supported": ["S256"],
        "authorization_response_iss_parameter_supported": true,
        "claims_parameter_supported": true,
        "ui_locales_supported": ["en"],
    })
}

fn request_objects(_context: &RealmContext<'_>) -> Value {
    json!({
        "request_parameter_supported": true,
        "request_object_signing_alg_values_supported": ASYMMETRIC,
        // Ours alone: one that a pushed request was answered with.
        "request_uri_parameter_supported": false,
        "require_signed_request_object": false,
    })
}

fn pushed_requests(context: &RealmContext<'_>) -> Value {
    json!({
        "pushed_authorization_request_endpoint": endpoint(context, "ext/par/request"),
        "require_pushed_authorization_requests": false,
    })
}

fn tokens(context: &RealmContext<'_>) -> Value {
    let ours = SigningAlgorithm::ALL.map(SigningAlgorithm::as_str);
    json!({
        "token_endpoint": endpoint(context, "token"),
        "grant_types_supported":
            ["authorization_code", "client_credentials", "password", "refresh_token",
             grant_token_exchange::GRANT_TYPE],
        "id_token_signing_alg_values_supported": ours,
        "dpop_signing_alg_values_supported": ASYMMETRIC,
    })
}

fn devices(context: &RealmContext<'_>) -> Value {
    json!({
        "device_authorization_endpoint": endpoint(context, "auth/device"),
        "grant_types_supported": [device::GRANT_TYPE],
    })
}

/// How a client proves who it is, at each endpoint where it does.
fn clients(context: &RealmContext<'_>) -> Value {
    let secret =
        ["client_secret_basic", "client_secret_post", "private_key_jwt", "client_secret_jwt"];
    let any: Vec<&str> = secret.into_iter().chain(["none"]).collect();
    let algorithms: Vec<&str> = ASYMMETRIC.iter().copied().chain([SYMMETRIC]).collect();
    json!({
        "token_endpoint_auth_methods_supported": any,
        "token_endpoint_auth_signing_alg_values_supported": algorithms,
        "introspection_endpoint": endpoint(context, "token/introspect"),
        "introspection_endpoint_auth_methods_supported": secret,
        "introspection_endpoint_auth_signing_alg_values_supported": algorithms,
        "revocation_endpoint": endpoint(context, "revoke"),
        "revocation_endpoint_auth_methods_supported": any,
        "revocation_endpoint_auth_signing_alg_values_supported": algorithms,
        "registration_endpoint": context.url("/clients-registrations/openid-connect"),
        "client_id_metadata_document_supported": client_document::is_on(&context.realm),
    })
}

fn claims(context: &RealmContext<'_>) -> Value {
    let ours = SigningAlgorithm::ALL.map(SigningAlgorithm::as_str);
    json!({
        "userinfo_endpoint": endpoint(context, "userinfo"),
        "userinfo_signing_alg_values_supported": ours,
        "subject_types_supported": ["public"],
        "claim_types_supported": ["normal"],
        "claims_supported": [
            "iss", "sub", "aud", "exp", "iat", "auth_time", "nonce", "acr", "azp", "sid",
            "at_hash", "name", "given_name", "family_name", "middle_name", "nickname",
            "preferred_username", "profile", "picture", "website", "gender", "birthdate",
            "zoneinfo", "locale", "updated_at", "email", "email_verified", "address",
            "phone_number", "phone_number_verified", "organization",
        ],
    })
}

/// OIDC RP-Initiated Logout §2.1, Front-Channel Logout §3, Back-Channel Logout §2.1.
fn leaving(context: &RealmContext<'_>) -> Value {
    json!({
        "end_session_endpoint": endpoint(context, "logout"),
        "frontchannel_logout_supported": true,
        "frontchannel_logout_session_supported": true,
        "backchannel_logout_supported": true,
        "backchannel_logout_session_supported": true,
    })
}

/// The realm's public keys (RFC 7517 §5): those that sign, will sign, or signed
/// a token that may still live.
///
/// # Errors
/// `Refused` when the directory fails.
pub async fn key_set(context: &RealmContext<'_>) -> Result<Value, StoreError> {
    let keys = context.keys().await?;
    let token_life = context.realm.settings.access_token_lifespan;
    let published: Vec<Value> = keys
        .published(token_life, context.now)
        .map(|key| to_published(&key.public_jwk, &key.kid, key.algorithm.as_str()))
        .collect();
    Ok(json!({ "keys": published }))
}
