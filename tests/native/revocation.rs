//! Revocation (RFC 7009): what a client gives back is over at once, everywhere.
use crate::harness::browser::Answer;
use crate::harness::relying_party::{RelyingParty, travel0, travel0_world, userinfo};
use crate::harness::world::World;
use crate::scim_setup::admin;
use crate::token_setup::{INTROSPECT, MACHINE, REVOKE, TOKEN, post_as, refusal};
use guildhall::app::demo::CLIENT_SECRET;
use guildhall::kernel::time::Seconds;
use serde_json::{Value, json};

fn revoke(world: &World, client_id: &str, token: &Value) -> Answer {
    post_as(world, REVOKE, client_id, &[("token", token.as_str().unwrap())])
}

fn is_active(world: &World, client_id: &str, token: &Value) -> bool {
    let token = token.as_str().unwrap();
    post_as(world, INTROSPECT, client_id, &[("token", token)]).json()["active"] == true
}

#[test]
fn a_refresh_token_takes_its_family_and_its_access_tokens_along() {
    let world = travel0_world();
    let app = RelyingParty::web(&world);
    let first = app.tokens_for("hiroko", "openid");
    let second = app.refresh(first["refresh_token"].as_str().unwrap()).json();
    let answer = revoke(&world, "travel0-web", &second["refresh_token"]);
    assert_eq!((answer.status.as_u16(), &*answer.text), (200, ""));

    let refreshed = app.refresh(second["refresh_token"].as_str().unwrap());
    assert_eq!(refusal(&refreshed), (400, "invalid_grant".to_owned()));
    for tokens in [&first, &second] {
        assert_eq!(userinfo(&world, &tokens["access_token"]).status, 401);
        assert!(!is_active(&world, MACHINE, &tokens["access_token"]));
    }
    assert_eq!(revoke(&world, "travel0-web", &second["refresh_token"]).status, 200, "once more");

    world.advance(Seconds(1));
    let again = app.tokens_for("hiroko", "openid");
    assert_eq!(userinfo(&world, &again["access_token"]).status, 200, "another grant");
}

#[test]
fn an_access_token_is_over_for_userinfo_introspection_and_administration() {
    let world = travel0_world();
    let tokens = RelyingParty::web(&world).tokens_for("hiroko", "openid");
    assert_eq!(userinfo(&world, &tokens["access_token"]).status, 200);
    assert_eq!(revoke(&world, "travel0-web", &tokens["access_token"]).status, 200);
    assert_eq!(userinfo(&world, &tokens["access_token"]).status, 401);
    assert!(!is_active(&world, MACHINE, &tokens["access_token"]));
    let orgs = world.get(&travel0("/orgs/me"), tokens["access_token"].as_str().unwrap());
    assert_eq!(orgs.status, 401);
    let switch =
        world.get(&travel0("/users/active-organization"), tokens["access_token"].as_str().unwrap());
    assert_eq!(switch.status, 401);
    let next = RelyingParty::web(&world).refresh(tokens["refresh_token"].as_str().unwrap());
    assert_eq!(next.status, 200, "the grant goes on");
}

#[test]
fn a_machines_token_is_over_where_it_administers() {
    let world = travel0_world();
    let token = post_as(&world, TOKEN, MACHINE, &[("grant_type", "client_credentials")]).json();
    let token = &token["access_token"];
    let path = travel0("/orgs");
    assert_eq!(world.get(&path, token.as_str().unwrap()).status, 200);
    assert_eq!(revoke(&world, MACHINE, token).status, 200);
    assert_eq!(world.get(&path, token.as_str().unwrap()).status, 401);
    world.run(guildhall::app::schedule::tick(world.app()));
    assert_eq!(world.get(&path, token.as_str().unwrap()).status, 401, "and stays so");
    world.advance(Seconds(300));
    world.run(guildhall::app::schedule::tick(world.app()));
    assert!(!world.dump().contains("spent_token"), "it is forgotten when it has expired");
}

/// RFC 7009 §2.1.
#[test]
fn another_clients_token_stays() {
    let world = travel0_world();
    let app = RelyingParty::web(&world);
    let tokens = app.tokens_for("hiroko", "openid");
    for name in ["access_token", "refresh_token"] {
        let answer = revoke(&world, MACHINE, &tokens[name]);
        assert_eq!(refusal(&answer), (400, "invalid_token".to_owned()), "{name}");
    }
    assert_eq!(userinfo(&world, &tokens["access_token"]).status, 200);
    assert_eq!(app.refresh(tokens["refresh_token"].as_str().unwrap()).status, 200);
}

/// RFC 7009 §2.2: no more is said than that it is over.
#[test]
fn what_is_no_token_is_over() {
    let world = travel0_world();
    let master = json!(admin(&world));
    for token in [json!("x"), json!("a.b.c"), json!("x".repeat(20_000)), master.clone()] {
        let answer = revoke(&world, "travel0-web", &token);
        assert_eq!((answer.status.as_u16(), &*answer.text), (200, ""), "{token}");
    }
    let path = "/admin/realms/travel0";
    assert_eq!(
        world.get(path, master.as_str().unwrap()).status,
        200,
        "master's is not ours to end"
    );
}

#[test]
fn an_id_token_is_not_revoked() {
    let world = travel0_world();
    let tokens = RelyingParty::web(&world).tokens_for("hiroko", "openid");
    let answer = revoke(&world, "travel0-web", &tokens["id_token"]);
    assert_eq!(refusal(&answer), (400, "unsupported_token_type".to_owned()));
}

#[test]
fn a_public_client_gives_its_own_tokens_back_from_its_page() {
    let world = travel0_world();
    let app = RelyingParty::spa(&world);
    let tokens = app.tokens_for("hiroko", "openid");
    let fields = [
        ("client_id", "travel0-spa"),
        ("token", tokens["refresh_token"].as_str().unwrap()),
        ("token_type_hint", "access_token"),
    ];
    let mut request = crate::harness::browser::form_request(&travel0(REVOKE), &fields);
    request.headers_mut().insert("origin", "http://localhost:5173".parse().unwrap());
    let answer = Answer::new(world.send(request));
    assert_eq!(answer.status, 200, "{answer:?}");
    assert_eq!(answer.header("access-control-allow-origin"), "http://localhost:5173");
    assert_eq!(app.refresh(tokens["refresh_token"].as_str().unwrap()).status, 400);
}

#[test]
fn who_asks_must_be_known_and_name_one_token() {
    let world = travel0_world();
    let wrong = [("client_id", MACHINE), ("client_secret", "wrong"), ("token", "x")];
    let answer = world.post_form(&travel0(REVOKE), &wrong);
    assert_eq!(refusal(&answer), (401, "invalid_client".to_owned()));
    let own = [("client_id", MACHINE), ("client_secret", CLIENT_SECRET)];
    for fields in [&own[..], &[own[0], own[1], ("token", "a"), ("token", "a")]] {
        let answer = world.post_form(&travel0(REVOKE), fields);
        assert_eq!(refusal(&answer), (400, "invalid_request".to_owned()));
    }
}
