//! A realm's keys as Keycloak's administration API writes them (reference
//! keycloak.md §3.8, `KeysMetadataRepresentation`).
use super::component;
use super::key::{PREPUBLISH, RealmKey, RealmKeys};
use crate::crypto::spki;
use crate::kernel::time::{Seconds, Timestamp};
use crate::platform::keys::SigningAlgorithm;
use serde_json::{Map, Value, json};

/// All keys; the one that signs each algorithm is named in `active`. A key that
/// would sign if that one did not is `ACTIVE` too; one that waits until it is
/// known, signed before or shall not sign is `PASSIVE`; one that nobody needs any
/// more is `DISABLED`. `providerId` is the component that the key is.
#[must_use]
pub fn keys(keys: &RealmKeys, token_life: Seconds, now: Timestamp) -> Value {
    let signing: Vec<&RealmKey> = SigningAlgorithm::ALL
        .into_iter()
        .filter_map(|algorithm| keys.signing(algorithm, now))
        .collect();
    let published: Vec<&str> =
        keys.published(token_life, now).map(|key| key.kid.as_str()).collect();
    let active: Map<String, Value> = signing
        .iter()
        .map(|key| (key.algorithm.as_str().to_owned(), key.kid.as_str().into()))
        .collect();
    let all: Vec<Value> = keys
        .all()
        .iter()
        .map(|key| {
            let signs = signing.iter().any(|signs| signs.kid == key.kid);
            let would = key.is_in_use() && key.created_at + PREPUBLISH <= now;
            let status = if signs || would {
                "ACTIVE"
            } else if published.contains(&key.kid.as_str()) {
                "PASSIVE"
            } else {
                "DISABLED"
            };
            metadata(key, status)
        })
        .collect();
    json!({ "active": active, "keys": all })
}

fn metadata(key: &RealmKey, status: &str) -> Value {
    let kind = match key.algorithm {
        SigningAlgorithm::Es256 => "EC",
        SigningAlgorithm::Rs256 | SigningAlgorithm::Ps256 => "RSA",
        SigningAlgorithm::EdDsa => "OKP",
    };
    let mut body = json!({
        "kid": key.kid,
        "status": status,
        "type": kind,
        "algorithm": key.algorithm.as_str(),
        "use": "SIG",
        "providerId": component::id_of(key),
        "providerPriority": key.settings.priority,
    });
    if let Some(public) = spki::to_text(&key.public_jwk) {
        body["publicKey"] = public.into();
    }
    body
}
