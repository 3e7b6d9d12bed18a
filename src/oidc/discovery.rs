//! What the realm can do, for clients that ask (OIDC Discovery §3, RFC 8414 §2,
//! RFC 9207 §3). Only what exists is advertised.
use crate::crypto::jwk::to_published;
use crate::platform::row::StoreError;
use crate::realm::context::RealmContext;
use serde_json::{Value, json};

/// The discovery document.
#[must_use]
pub fn document(context: &RealmContext<'_>) -> Value {
    let endpoint = |name: &str| context.url(&format!("/protocol/openid-connect/{name}"));
    json!({
        "issuer": context.issuer(),
        "authorization_endpoint": endpoint("auth"),
        "token_endpoint": endpoint("token"),
        "userinfo_endpoint": endpoint("userinfo"),
        "end_session_endpoint": endpoint("logout"),
        "jwks_uri": endpoint("certs"),
        "grant_types_supported":
            ["authorization_code", "client_credentials", "password", "refresh_token"],
        "response_types_supported": ["code"],
        "response_modes_supported": ["query"],
        "subject_types_supported": ["public"],
        "prompt_values_supported": ["none", "login", "consent", "select_account"],
        "id_token_signing_alg_values_supported":
            [context.realm.settings.signing_algorithm.as_str()],
        "token_endpoint_auth_methods_supported":
            ["client_secret_basic", "client_secret_post", "none"],
        "claims_supported": [
            "iss", "sub", "aud", "exp", "iat", "auth_time", "nonce", "azp", "sid", "at_hash",
            "name", "given_name", "family_name", "preferred_username", "email", "email_verified",
            "organization",
        ],
        "claim_types_supported": ["normal"],
        "claims_parameter_supported": false,
        "scopes_supported": ["openid", "profile", "email", "organization"],
        "request_parameter_supported": false,
        "request_uri_parameter_supported": false,
        "code_challenge_methods_supported": ["S256"],
        "authorization_response_iss_parameter_supported": true,
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
