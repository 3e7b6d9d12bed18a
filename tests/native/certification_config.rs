//! The OpenID Foundation's conformance suite, profile "Config OP"
//! (`oidcc-config-certification-test-plan`), whose one module
//! `oidcc-discovery-endpoint-verification` reads the discovery document and the keys.
use crate::authorization_setup::error_of;
use crate::certification_setup::{Client, REALM, certified, code_of, discovery, endpoint, issuer};
use crate::harness::browser::Browser;
use crate::harness::relying_party::claims_of;
use crate::harness::world::{BASE, World};
use crate::scim_setup::admin;
use http::Method;
use serde_json::{Value, json};

fn list<'a>(document: &'a Value, name: &str) -> Vec<&'a str> {
    let list = document[name].as_array().unwrap_or_else(|| panic!("no {name}"));
    list.iter().map(|one| one.as_str().unwrap()).collect()
}

/// The members that must be there, and what must be in them; those whose absence is
/// warned of; and every endpoint where everything else is, behind https there.
#[test]
fn the_document_has_what_is_demanded() {
    let world = certified();
    let document = discovery(&world);
    assert_eq!(document["issuer"], issuer());
    for (name, values) in [
        ("response_types_supported", &["code"][..]),
        ("subject_types_supported", &["public"]),
        ("id_token_signing_alg_values_supported", &["RS256"]),
        ("request_object_signing_alg_values_supported", &["RS256"]),
        ("grant_types_supported", &["authorization_code", "refresh_token"]),
        ("scopes_supported", &["openid", "profile", "email", "address", "phone"]),
        ("claims_supported", &["sub", "name", "acr", "address", "updated_at"]),
        ("code_challenge_methods_supported", &["S256"]),
        (
            "token_endpoint_auth_methods_supported",
            &["client_secret_basic", "client_secret_post", "private_key_jwt"],
        ),
        ("ui_locales_supported", &["en"]),
    ] {
        let there = list(&document, name);
        assert!(values.iter().all(|value| there.contains(value)), "{name}: {there:?}");
    }
    for name in ["claims_parameter_supported", "request_parameter_supported"] {
        assert_eq!(document[name], true, "{name}");
    }
    for name in [
        "authorization_endpoint",
        "token_endpoint",
        "userinfo_endpoint",
        "registration_endpoint",
        "jwks_uri",
    ] {
        assert!(document[name].is_string(), "{name}");
    }
    let ends = document.as_object().unwrap().iter().filter(|(name, _)| name.ends_with("_endpoint"));
    for (name, url) in ends {
        assert!(url.as_str().unwrap().starts_with(&format!("{BASE}/")), "{name}");
    }
}

/// Keys in unpadded base64url, each with a name of its own, and nothing private.
#[test]
fn the_keys_are_public_and_have_names() {
    let world = certified();
    let answer = world.get(&endpoint("certs"), "");
    let keys = answer.json()["keys"].as_array().unwrap().clone();
    assert!(keys.iter().any(|key| key["kty"] == "RSA" && key["alg"] == "RS256"), "{keys:?}");
    let mut names: Vec<_> = keys.iter().map(|key| key["kid"].as_str().unwrap()).collect();
    names.sort_unstable();
    names.dedup();
    assert_eq!(names.len(), keys.len());
    for key in &keys {
        for (name, value) in key.as_object().unwrap() {
            assert!(!["d", "p", "q", "dp", "dq", "qi", "k"].contains(&name.as_str()), "{name}");
            if ["n", "e", "x", "y"].contains(&name.as_str()) {
                let is_plain = |c: char| c.is_ascii_alphanumeric() || "-_".contains(c);
                assert!(value.as_str().unwrap().chars().all(is_plain), "{name}");
            }
        }
    }
}

fn granted(world: &World, scope: &str) -> String {
    let client = Client::registered(world, &json!({}));
    let browser = Browser::new(world);
    let page = client.ask(&browser, &[("scope", scope)]);
    let code = code_of(&crate::certification_setup::log_in(&browser, &page));
    let tokens = client.redeem(&code).json();
    claims_of(&tokens["access_token"])["scope"].as_str().unwrap().to_owned()
}

/// A scope that is advertised is granted to a client that registers itself; one that
/// the realm gives to nobody is neither.
#[test]
fn the_scopes_are_those_that_can_be_had() {
    let world = certified();
    for scope in list(&discovery(&world), "scopes_supported") {
        let told = granted(&world, &format!("openid {scope}"));
        let is_told = |word: &str| word == scope || word.starts_with(&format!("{scope}:"));
        // Of organizations there is none to speak for.
        assert!(told.split(' ').any(is_told) || scope == "organization", "{scope}: {told}");
    }
    let token = admin(&world);
    let made = json!({ "name": "rivers", "protocol": "openid-connect" });
    let made = world.post(&format!("{REALM}/client-scopes"), &token, &made);
    let id = made.location().rsplit('/').next().unwrap();
    assert!(!list(&discovery(&world), "scopes_supported").contains(&"rivers"));
    let place = format!("{REALM}/default-optional-client-scopes/{id}");
    assert_eq!(world.call(Method::PUT, &place, &token, None).status, 204);
    assert!(list(&discovery(&world), "scopes_supported").contains(&"rivers"));
    assert!(granted(&world, "openid rivers").split(' ').any(|word| word == "rivers"));
}

/// A request object that is not signed is refused in the words of its own.
#[test]
fn what_is_not_advertised_is_refused() {
    let world = certified();
    let client = Client::fixed(&world, "suite-1");
    let ask = |with: &[(&str, &str)]| error_of(&client.ask(&Browser::new(&world), with));
    let unsigned = "eyJhbGciOiJub25lIn0.e30.";
    assert_eq!(ask(&[("request", unsigned)]), "invalid_request_object");
    assert_eq!(ask(&[("request_uri", "https://suite.example/r")]), "request_uri_not_supported");
    assert_eq!(ask(&[("response_type", "id_token")]), "unsupported_response_type");
}
