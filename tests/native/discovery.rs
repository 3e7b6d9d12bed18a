//! The discovery document (OIDC Discovery §3, RFC 8414 §2): everything in it is
//! tried, and everything that is there is in it.
use crate::authorization_setup::{error_of, is_login};
use crate::harness::browser::{Answer, Browser};
use crate::harness::relying_party::{RelyingParty, get_with, issuer, travel0, travel0_world};
use crate::harness::world::World;
use guildhall::app::routes;
use http::Method;
use serde_json::Value;

fn document(world: &World) -> Value {
    world.get(&travel0("/.well-known/openid-configuration"), "").json()
}

fn list<'a>(document: &'a Value, name: &str) -> Vec<&'a str> {
    let list = document[name].as_array().unwrap_or_else(|| panic!("no {name}"));
    list.iter().map(|one| one.as_str().unwrap()).collect()
}

fn ask(world: &World, extra: &str) -> Answer {
    Browser::new(world).open(&RelyingParty::web(world).authorization_path("openid", extra))
}

#[test]
fn every_form_of_the_metadata_is_the_same_document() {
    let world = travel0_world();
    let document = document(&world);
    assert_eq!(document["issuer"], issuer());
    for path in [
        "/.well-known/oauth-authorization-server/realms/travel0",
        "/realms/travel0/.well-known/oauth-authorization-server",
        "/auth/realms/travel0/.well-known/openid-configuration",
    ] {
        let answer = get_with(&world, path, &[]);
        assert_eq!(answer.json(), document, "{path}");
        assert_eq!(answer.header("access-control-allow-origin"), "*", "{path}");
    }
    let nowhere = "/.well-known/oauth-authorization-server/realms/no-such";
    assert_eq!(get_with(&world, nowhere, &[]).status, 404);
}

/// Both ways: an endpoint that is advertised is there, and one of these paths that
/// is there is advertised.
#[test]
fn the_endpoints_are_those_that_exist() {
    let world = travel0_world();
    let document = document(&world);
    let base = issuer();
    let advertised: Vec<&str> = document
        .as_object()
        .unwrap()
        .iter()
        .filter(|(name, _)| name.ends_with("_endpoint") || *name == "jwks_uri")
        .filter_map(|(_, url)| url.as_str()?.strip_prefix(base.as_str()))
        .collect();
    let protocol = "/protocol/openid-connect";
    let there: Vec<String> = routes::table()
        .into_iter()
        .filter(|route| route.method != Method::OPTIONS)
        .filter_map(|route| Some(route.path.strip_prefix("/realms/{realm}")?.to_owned()))
        .collect();
    // Pages of keycloak-js's, which no metadata knows.
    let is_endpoint = |path: &&String| path.starts_with(protocol) && !path.contains("/3p-cookies/");
    for path in there.iter().filter(is_endpoint) {
        assert!(advertised.contains(&path.as_str()), "{path} is not advertised");
    }
    for path in advertised {
        assert!(there.iter().any(|known| known == path), "{path} is not there");
    }
}

#[test]
fn every_way_to_ask_that_is_advertised_is_taken() {
    let world = travel0_world();
    let document = document(&world);
    for mode in list(&document, "response_modes_supported") {
        assert!(is_login(&ask(&world, &format!("&response_mode={mode}"))), "{mode}");
    }
    for prompt in list(&document, "prompt_values_supported") {
        let answer = ask(&world, &format!("&prompt={prompt}"));
        let is_silent = prompt == "none";
        assert_eq!(is_login(&answer), !is_silent, "{prompt}");
    }
    for level in list(&document, "acr_values_supported") {
        let claims = format!(
            "&claims=%7B%22id_token%22:%7B%22acr%22:%7B%22essential%22:true,%22value%22:%22{level}%22%7D%7D%7D"
        );
        assert!(is_login(&ask(&world, &claims)), "{level}");
    }
    assert_eq!(list(&document, "response_types_supported"), ["code"]);
    assert_eq!(list(&document, "code_challenge_methods_supported"), ["S256"]);
    assert_eq!(document["claims_parameter_supported"], true);
    assert_eq!(document["request_parameter_supported"], true);
    assert_eq!(error_of(&ask(&world, "&request=e30")), "invalid_request_object");
    assert_eq!(document["request_uri_parameter_supported"], false);
    let foreign = ask(&world, "&request_uri=https://app.example/r");
    assert_eq!(error_of(&foreign), "request_uri_not_supported");
    assert_eq!(document["authorization_response_iss_parameter_supported"], true);
}
