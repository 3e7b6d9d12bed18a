//! What this server is and has, as programs for Keycloak ask for it before they
//! do anything (its `ServerInfoRepresentation`). True of us, in its words.
use crate::event::user_event::Kind;
use crate::federation::{kind, mapper_type};
use crate::kernel::time::Timestamp;
use crate::platform::keys::SigningAlgorithm;
use crate::realm::built_in_scope::{BUILT_IN_SCOPES, OPENID_CONNECT, SAML};
use crate::realm::component::{KEY_PROVIDER, KEY_PROVIDERS};
use crate::realm::flow::{AUTHENTICATORS, CLIENT_AUTHENTICATORS};
use crate::realm::user::RequiredAction;
use crate::realm::wire_keycloak_component::component_type;
use serde_json::{Map, Value, json};

/// The version of Keycloak whose wire we speak, in the place where its clients
/// look to decide what they may ask (reference keycloak.md §0).
pub const KEYCLOAK_VERSION: &str = "26.7.1";

/// Features of Keycloak's that its clients look for, and whether they are here.
const FEATURES: &[(&str, &str, bool)] = &[
    ("ADMIN_API", "Admin API", true),
    ("ADMIN_FINE_GRAINED_AUTHZ", "Fine-Grained Admin Permissions", false),
    ("ADMIN_FINE_GRAINED_AUTHZ_V2", "Fine-Grained Admin Permissions version 2", false),
    ("AUTHORIZATION", "Authorization Service", false),
    ("CIBA", "OpenID Connect Client Initiated Backchannel Authentication (CIBA)", false),
    ("CLIENT_POLICIES", "Client configuration policies", false),
    ("DECLARATIVE_UI", "declarative ui spi", false),
    ("DEVICE_FLOW", "OAuth 2.0 Device Authorization Grant", true),
    ("DPOP", "OAuth 2.0 Demonstrating Proof-of-Possession at the Application Layer", false),
    ("IMPERSONATION", "Ability for admins to impersonate users", false),
    ("KERBEROS", "Kerberos", false),
    ("ORGANIZATION", "Organization support within realms", true),
    ("PAR", "OAuth 2.0 Pushed Authorization Requests (PAR)", false),
    ("PASSKEYS", "Passkeys", false),
    ("RECOVERY_CODES", "Recovery codes", false),
    ("STEP_UP_AUTHENTICATION", "Step-up Authentication", false),
    ("TOKEN_EXCHANGE", "Token Exchange Service", false),
    ("WEB_AUTHN", "W3C Web Authentication (WebAuthn)", false),
];

/// What admin events are about.
const RESOURCE_TYPES: &[&str] = &[
    "CLIENT",
    "CLIENT_ROLE",
    "CLIENT_ROLE_MAPPING",
    "CLIENT_SCOPE",
    "COMPONENT",
    "DOMAIN",
    "IDENTITY_PROVIDER",
    "IDENTITY_PROVIDER_MAPPER",
    "INVITATION",
    "ORGANIZATION",
    "ORGANIZATION_MEMBERSHIP",
    "ORGANIZATION_ROLE",
    "ORGANIZATION_ROLE_MAPPING",
    "PROTOCOL_MAPPER",
    "REALM",
    "REALM_ROLE",
    "REALM_ROLE_MAPPING",
    "REQUIRED_ACTION",
    "SCIM_USER",
    "USER",
    "USER_LOGIN_FAILURE",
    "USER_PROFILE",
    "USER_SESSION",
];

/// Kinds of provider that are some company's, and not a protocol.
fn is_social(id: &str) -> bool {
    !["oidc", "keycloak-oidc", "saml", "oauth2"].contains(&id)
}

/// Everything that is told.
#[must_use]
pub fn server_info(now: Timestamp) -> Value {
    json!({
        "systemInfo": { "version": KEYCLOAK_VERSION, "serverTime": format!("{} UTC", now.to_date()) },
        "profileInfo": {
            "name": concat!("guildhall ", env!("CARGO_PKG_VERSION")),
            "disabledFeatures": disabled_features(),
            "previewFeatures": [],
            "experimentalFeatures": [],
        },
        "features": FEATURES.iter().map(feature).collect::<Vec<Value>>(),
        "cryptoInfo": {
            "cryptoProvider": "WebCrypto",
            "supportedKeystoreTypes": [],
            "clientSignatureSymmetricAlgorithms": [],
            "clientSignatureAsymmetricAlgorithms": [],
        },
        "themes": themes(),
        "socialProviders": kinds(true),
        "identityProviders": kinds(false).into_iter().chain(kinds(true)).collect::<Vec<Value>>(),
        "clientImporters": [],
        "clientInstallations": {},
        "providers": providers(),
        "protocolMapperTypes": { OPENID_CONNECT: [], SAML: [] },
        "builtinProtocolMappers": {
            OPENID_CONNECT: mappers(OPENID_CONNECT),
            SAML: mappers(SAML),
        },
        "componentTypes": {
            KEY_PROVIDER: KEY_PROVIDERS.into_iter().map(component_type).collect::<Vec<Value>>(),
        },
        "passwordPolicies": [{
            "id": "length",
            "displayName": "Minimum Length",
            "configType": "int",
            "defaultValue": "8",
            "multipleSupported": false,
        }],
        "enums": {
            "operationType": ["CREATE", "UPDATE", "DELETE", "ACTION"],
            "eventType": Kind::ALL.iter().map(|(_, name)| *name).collect::<Vec<&str>>(),
            "resourceType": RESOURCE_TYPES,
        },
    })
}

fn disabled_features() -> Vec<&'static str> {
    FEATURES.iter().filter(|(_, _, is_on)| !is_on).map(|(name, ..)| *name).collect()
}

fn feature((name, label, is_on): &(&str, &str, bool)) -> Value {
    json!({ "name": name, "label": label, "type": "DEFAULT", "enabled": is_on, "dependencies": [] })
}

/// The pages have one look, which an organization's branding fits.
fn themes() -> Value {
    let ours = json!([{ "name": "guildhall", "locales": ["en"] }]);
    json!({ "login": ours, "email": ours, "account": [], "admin": [], "welcome": [], "common": [] })
}

fn kinds(social: bool) -> Vec<Value> {
    let group = if social { "Social" } else { "User-defined" };
    kind::all()
        .filter(|kind| is_social(kind.id) == social)
        .map(|kind| json!({ "groupName": group, "name": kind.name, "id": kind.id }))
        .collect()
}

/// What does the work, by what it is.
fn providers() -> Value {
    let of = |ids: Vec<&'static str>| {
        let each = ids.into_iter().map(|id| (id.to_owned(), json!({ "order": 0 })));
        json!({ "internal": false, "providers": each.collect::<Map<String, Value>>() })
    };
    let algorithms = SigningAlgorithm::ALL;
    let kinds = |social| kind::all().map(|kind| kind.id).filter(move |id| is_social(id) == social);
    json!({
        "authenticator": of(AUTHENTICATORS.map(|one| one.id).to_vec()),
        "client-authenticator": of(CLIENT_AUTHENTICATORS.map(|one| one.id).to_vec()),
        "identity-provider-mapper": of(mapper_type::all().iter().map(|one| one.id).collect()),
        "identity_provider": of(kinds(false).collect()),
        "keys": of(KEY_PROVIDERS.map(|one| one.id).to_vec()),
        "login-protocol": of(vec![OPENID_CONNECT]),
        "password-hashing": of(vec!["argon2"]),
        "password-policy": of(vec!["length"]),
        "required-action": of(RequiredAction::ALL.map(RequiredAction::as_str).to_vec()),
        "signature": of(algorithms.map(SigningAlgorithm::as_str).to_vec()),
        "social": of(kinds(true).collect()),
    })
}

/// The mappers that every realm begins with, each name once.
fn mappers(protocol: &str) -> Vec<Value> {
    let scopes = BUILT_IN_SCOPES.iter().filter(|scope| scope.protocol == protocol);
    let mut seen = Vec::new();
    let mut told = Vec::new();
    for mapper in scopes.flat_map(|scope| scope.mappers) {
        if !seen.contains(&mapper.name) {
            seen.push(mapper.name);
            told.push(json!({
                "name": mapper.name,
                "protocol": protocol,
                "protocolMapper": mapper.mapper,
                "consentRequired": false,
                "config": mapper.config(),
            }));
        }
    }
    told
}
