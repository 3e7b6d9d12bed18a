//! The keys that a client registered (OIDC Core §10.1), by which we know what it
//! signed. Keycloak's attributes.
use crate::crypto::jwk;
use crate::crypto::jwt::PublicKey;
use crate::realm::client::Client;
use serde_json::Value;

/// Whether [`JWKS_STRING`] counts: `true`.
pub const USE_JWKS_STRING: &str = "use.jwks.string";

/// The client's key set (RFC 7517 §5), as text.
pub const JWKS_STRING: &str = "jwks.string";

/// Most keys that are looked at, so that nobody makes us search.
pub const MAX_KEYS: usize = 20;

/// The keys of `client` that verify under an algorithm of ours. A key without a
/// `kid` is called nothing, and found by a token that names none.
///
/// Keys come from what an administrator registered and never from what a token
/// brings: `jwk`, `jku`, `x5c` and `x5u` of a header are not read.
#[must_use]
pub fn registered(client: &Client) -> Vec<PublicKey> {
    let attributes = &client.settings.attributes;
    let counts = attributes.get(USE_JWKS_STRING).is_some_and(|value| value == "true");
    let text = attributes.get(JWKS_STRING).filter(|_| counts);
    let set: Option<Value> = text.and_then(|text| serde_json::from_str(text).ok());
    let keys = set.as_ref().and_then(|set| set.get("keys")?.as_array());
    keys.into_iter().flatten().take(MAX_KEYS).filter_map(read).collect()
}

fn read(key: &Value) -> Option<PublicKey> {
    let text = |name| key.get(name).and_then(Value::as_str);
    let algorithm = match (text("alg"), text("kty")?, text("crv")) {
        (Some("ES256") | None, "EC", Some("P-256")) => "ES256",
        (Some("EdDSA") | None, "OKP", Some("Ed25519")) => "EdDSA",
        (Some("RS256") | None, "RSA", None) => "RS256",
        _ => return None,
    };
    let is_usable = jwk::verifying_key(key, algorithm).is_some();
    is_usable.then(|| PublicKey {
        kid: text("kid").unwrap_or_default().to_owned(),
        algorithm,
        jwk: key.clone(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::realm::client::ClientSettings;
    use serde_json::json;

    fn keys_of(counts: &str, set: &Value) -> Vec<(String, &'static str)> {
        let attributes = [
            (USE_JWKS_STRING.to_owned(), counts.to_owned()),
            (JWKS_STRING.to_owned(), set.to_string()),
        ];
        let client = Client {
            uuid: "c".parse().unwrap(),
            client_id: "app".to_owned(),
            secret_hash: None,
            service_account: None,
            settings: ClientSettings {
                attributes: attributes.into_iter().collect(),
                ..ClientSettings::default()
            },
        };
        registered(&client).into_iter().map(|key| (key.kid, key.algorithm)).collect()
    }

    #[test]
    fn keys_that_verify_are_found_and_others_passed_over() {
        // RFC 8037 A.2.
        let good = json!({
            "kty": "OKP", "crv": "Ed25519", "kid": "k1",
            "x": "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo",
        });
        let with = |name: &str, value: &str| {
            let mut key = good.clone();
            key[name] = json!(value);
            key
        };
        let set = json!({ "keys": [
            good, with("d", "x"), with("alg", "HS256"), with("use", "enc"), with("crv", "P-256"),
            { "kty": "oct", "k": "c2VjcmV0" }, "text",
        ]});
        assert_eq!(keys_of("true", &set), [("k1".to_owned(), "EdDSA")]);
        assert!(keys_of("false", &set).is_empty());
        assert!(keys_of("true", &json!([good])).is_empty());
        let many = json!({ "keys": vec![good.clone(); MAX_KEYS + 1] });
        assert_eq!(keys_of("true", &many).len(), MAX_KEYS);
    }
}
