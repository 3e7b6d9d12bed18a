//! What RFC 6750 asks of a resource server, of every resource of ours.
use crate::harness::browser::{Answer, form_request, request};
use crate::harness::relying_party::{RelyingParty, get_with, travel0, travel0_world, userinfo};
use crate::harness::world::World;
use crate::scim_setup::org_id;
use http::Method;
use serde_json::{Value, json};

/// Each resource that takes an access token, one of each kind.
fn resources(world: &World) -> Vec<(Method, String)> {
    let org = org_id(world, "granite-outpost");
    let read = [
        travel0("/protocol/openid-connect/userinfo"),
        travel0("/orgs"),
        travel0("/orgs/me"),
        travel0(&format!("/orgs/{org}")),
        travel0(&format!("/orgs/{org}/members")),
        travel0("/users/active-organization"),
        "/admin/realms/travel0".to_owned(),
        "/admin/realms/travel0/users".to_owned(),
        "/admin/serverinfo".to_owned(),
    ];
    let changed = [
        (Method::POST, travel0("/protocol/openid-connect/userinfo")),
        (Method::PUT, travel0("/users/switch-organization")),
        (Method::POST, "/admin/realms/travel0/users".to_owned()),
    ];
    read.into_iter().map(|path| (Method::GET, path)).chain(changed).collect()
}

fn ask(world: &World, (method, path): &(Method, String), token: &str) -> Answer {
    let body = (*method != Method::GET).then(|| json!({}));
    world.call(method.clone(), path, token, body.as_ref())
}

/// The parameters of a challenge of the scheme Bearer, each once.
fn challenge(answer: &Answer) -> Vec<(&str, &str)> {
    let value = answer.header("www-authenticate");
    let rest = value.strip_prefix("Bearer ").unwrap_or_else(|| panic!("no challenge: {answer:?}"));
    let parameters: Vec<_> = rest
        .split(", ")
        .map(|one| one.split_once('=').unwrap_or_else(|| panic!("{value}")))
        .map(|(name, value)| (name, value.strip_prefix('"').unwrap().strip_suffix('"').unwrap()))
        .collect();
    for (name, value) in &parameters {
        assert_eq!(parameters.iter().filter(|(other, _)| other == name).count(), 1, "{name}");
        assert!(!value.contains(['"', '\\']), "{value}");
    }
    parameters
}

/// §3: whoever brings no token, or none that is good, is told how to bring one.
#[test]
fn every_resource_answers_a_missing_or_bad_token_with_a_challenge() {
    let world = travel0_world();
    let id_token = RelyingParty::web(&world).tokens_for("hiroko", "openid")["id_token"].clone();
    for resource in resources(&world) {
        for token in ["", "garbage", "a.b.c", id_token.as_str().unwrap()] {
            let answer = ask(&world, &resource, token);
            assert_eq!(answer.status, 401, "{resource:?} {token}: {answer:?}");
            let parameters = challenge(&answer);
            assert!(!parameters.is_empty(), "{resource:?}");
            let error = parameters.iter().find(|(name, _)| *name == "error");
            // §3.1: no error for who brought nothing.
            assert!(!token.is_empty() || error.is_none(), "{resource:?}: {parameters:?}");
            if let Some((_, error)) = error {
                assert_eq!(*error, "invalid_token", "{resource:?}");
            }
        }
    }
}

/// §2.1: the header is enough everywhere, and the scheme has no case.
#[test]
fn the_scheme_of_a_token_has_no_case() {
    let world = travel0_world();
    let tokens = RelyingParty::web(&world).tokens_for("hiroko", "openid");
    let token = tokens["access_token"].as_str().unwrap();
    for scheme in ["Bearer", "bearer", "BEARER"] {
        let authorization = format!("{scheme} {token}");
        for path in ["/protocol/openid-connect/userinfo", "/orgs/me"] {
            let answer = get_with(&world, &travel0(path), &[("authorization", &authorization)]);
            assert_eq!(answer.status, 200, "{scheme} {path}: {answer:?}");
        }
    }
}

/// §2.2, §2.3, RFC 9700 §4.3.2: a token in an address is one in a log, and in a body
/// one that a form of another site could carry. Neither is read.
#[test]
fn a_token_is_read_nowhere_but_in_the_header_and_in_the_form_of_userinfo() {
    let world = travel0_world();
    let tokens = RelyingParty::web(&world).tokens_for("hiroko", "openid");
    let token = tokens["access_token"].as_str().unwrap();
    let admin = crate::scim_setup::admin(&world);
    for (path, token) in [
        (travel0("/protocol/openid-connect/userinfo"), token),
        ("/admin/realms/travel0/users".to_owned(), admin.as_str()),
    ] {
        let query = world.get(&format!("{path}?access_token={token}"), "");
        assert_eq!(query.status, 401, "{path}: {query:?}");
        let query = format!("{path}?access_token={token}");
        let form = Answer::new(world.send(form_request(&query, &[])));
        assert_eq!(form.status, 401, "{path}: {form:?}");
    }
    let users = form_request("/admin/realms/travel0/users", &[("access_token", &admin)]);
    assert_eq!(world.send(users).status(), 401);
    let cookie = request(Method::GET, &travel0("/protocol/openid-connect/userinfo"))
        .header("cookie", format!("access_token={token}"));
    let answer = world.send(cookie.body(bytes::Bytes::new()).unwrap());
    assert_eq!(answer.status(), 401);
}

/// §3.1: 400, 401 and 403 each with their own word.
#[test]
fn what_a_token_is_not_granted_is_insufficient_scope() {
    let world = travel0_world();
    let tokens = RelyingParty::web(&world).tokens_for("hiroko", "email");
    let answer = userinfo(&world, &tokens["access_token"]);
    assert_eq!((answer.status.as_u16(), answer.error().as_str()), (403, "insufficient_scope"));
    let told = challenge(&answer);
    assert!(told.contains(&("error", "insufficient_scope")), "{told:?}");
}

/// §5.2: who changes a letter of a token has none.
#[test]
fn no_letter_of_a_token_can_be_changed() {
    let world = travel0_world();
    let tokens = RelyingParty::web(&world).tokens_for("hiroko", "openid");
    let token = tokens["access_token"].as_str().unwrap();
    let places = (0..token.len() - 1).step_by(37);
    for place in places.chain([token.len() - 10]) {
        let old = token.as_bytes()[place];
        let new = if old == b'A' { 'B' } else { 'A' };
        let changed = format!("{}{new}{}", &token[..place], &token[place + 1..]);
        assert_eq!(userinfo(&world, &Value::String(changed)).status, 401, "letter {place}");
    }
}
