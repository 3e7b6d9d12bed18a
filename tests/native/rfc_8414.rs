//! What RFC 8414 asks of the metadata, besides that what it says is true
//! (`discovery.rs`).
use crate::harness::browser::request;
use crate::harness::relying_party::{get_with, issuer, travel0, travel0_world};
use bytes::Bytes;
use http::Method;
use serde_json::Value;

const PATHS: [&str; 3] = [
    "/.well-known/oauth-authorization-server/realms/travel0",
    "/realms/travel0/.well-known/oauth-authorization-server",
    "/realms/travel0/.well-known/openid-configuration",
];

/// §3.2: JSON by GET, without a list of nothing.
#[test]
fn the_metadata_is_json_without_empty_lists() {
    let world = travel0_world();
    for path in PATHS {
        let answer = get_with(&world, path, &[]);
        assert_eq!(answer.status, 200, "{path}");
        assert_eq!(answer.header("content-type"), "application/json", "{path}");
        for (name, value) in answer.json().as_object().unwrap() {
            let is_nothing = match value {
                Value::Null => true,
                Value::Array(list) => list.is_empty(),
                Value::String(text) => text.is_empty(),
                _ => false,
            };
            assert!(!is_nothing, "{path}: {name}");
        }
        let post = request(Method::POST, path).body(Bytes::new()).unwrap();
        assert_eq!(world.send(post).status(), 405, "{path}");
    }
}

/// §2: what must be there, OpenID Connect Discovery §3 included.
#[test]
fn every_required_member_is_there() {
    let world = travel0_world();
    let document = world.get(PATHS[2], "").json();
    for name in [
        "issuer",
        "authorization_endpoint",
        "token_endpoint",
        "jwks_uri",
        "response_types_supported",
        "subject_types_supported",
        "id_token_signing_alg_values_supported",
        "code_challenge_methods_supported",
        "userinfo_endpoint",
        "registration_endpoint",
        "scopes_supported",
        "claims_supported",
        "grant_types_supported",
    ] {
        assert!(!document[name].is_null(), "{name}");
    }
    for (name, value) in document.as_object().unwrap() {
        let is_address = name.ends_with("_endpoint") || name.ends_with("_uri");
        if let (true, Some(address)) = (is_address, value.as_str()) {
            let parsed = url::Url::parse(address).unwrap();
            assert!(address.starts_with(&issuer()), "{name}: one TLS name for all");
            assert!(parsed.fragment().is_none() && parsed.username().is_empty(), "{name}");
        }
    }
}

/// §2, §3.3: an issuer without query and fragment, the same that tokens and answers name.
#[test]
fn the_issuer_is_the_address_that_the_metadata_was_found_by() {
    let world = travel0_world();
    for path in PATHS {
        let told = get_with(&world, path, &[]).json();
        assert_eq!(told["issuer"], issuer(), "{path}");
    }
    let parsed = url::Url::parse(&issuer()).unwrap();
    assert!(parsed.query().is_none() && parsed.fragment().is_none());
    let tokens =
        crate::harness::relying_party::RelyingParty::web(&world).tokens_for("hiroko", "openid");
    for name in ["access_token", "id_token"] {
        assert_eq!(crate::harness::relying_party::claims_of(&tokens[name])["iss"], issuer());
    }
}

/// §2: signed assertions come with the algorithms that may sign them, `none` never.
#[test]
fn algorithms_are_named_and_none_is_no_algorithm() {
    let world = travel0_world();
    let document = world.get(PATHS[0], "").json();
    for endpoint in ["token", "introspection", "revocation"] {
        let methods = document[format!("{endpoint}_endpoint_auth_methods_supported")].to_string();
        assert!(methods.contains("private_key_jwt"), "{endpoint}: {methods}");
        let name = format!("{endpoint}_endpoint_auth_signing_alg_values_supported");
        assert!(!document[&name].as_array().unwrap().is_empty(), "{name}");
    }
    for (name, value) in document.as_object().unwrap() {
        if name.contains("_alg_values") {
            assert!(!value.to_string().contains("none"), "{name}");
        }
        // RFC 9449 §5.1, RFC 9101 §10.2: no secret signs what a public key should.
        if name.starts_with("dpop_") || name.starts_with("request_object_signing") {
            assert!(!value.to_string().contains("HS"), "{name}");
        }
    }
}

/// §2: each key of the set says what it is for.
#[test]
fn each_published_key_says_what_it_is_for() {
    let world = travel0_world();
    let keys = world.get(&travel0("/protocol/openid-connect/certs"), "").json();
    let keys = keys["keys"].as_array().unwrap();
    let mut names: Vec<&Value> = keys.iter().map(|key| &key["kid"]).collect();
    names.dedup();
    assert_eq!(names.len(), keys.len(), "no two of one name");
    for key in keys {
        assert_eq!(key["use"], "sig");
        assert!(key["alg"].is_string() && key["kid"].is_string() && key["kty"].is_string());
    }
}
