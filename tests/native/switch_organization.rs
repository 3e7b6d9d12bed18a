//! `PUT /realms/{realm}/users/switch-organization` and `GET .../active-organization`.
use crate::harness::browser::{Answer, json_request};
use crate::harness::relying_party::RelyingParty;
use crate::harness::world::World;
use crate::scim_setup::{admin, org_id, realm, travel0, user};
use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use guildhall::account::session_end::EndSession;
use guildhall::kernel::route::ObjectName;
use guildhall::platform::object::ask;
use http::Method;
use serde_json::{Value, json};

const SWITCH: &str = "/realms/travel0/users/switch-organization";
const ACTIVE: &str = "/realms/travel0/users/active-organization";

pub fn sign_in(world: &World, username: &str, scope: &str) -> Value {
    RelyingParty::web(world).tokens_for(username, scope)
}

pub fn access(tokens: &Value) -> &str {
    tokens["access_token"].as_str().unwrap()
}

pub fn switch(world: &World, token: &str, alias: &str) -> Answer {
    let body = json!({ "id": org_id(world, alias) });
    world.call(Method::PUT, SWITCH, token, Some(&body))
}

fn active(world: &World, token: &str) -> Value {
    world.get(ACTIVE, token).json()["name"].clone()
}

fn claims(token: &str) -> Value {
    let body = token.split('.').nth(1).unwrap();
    serde_json::from_slice(&BASE64_URL_SAFE_NO_PAD.decode(body).unwrap()).unwrap()
}

fn orgs(token: &str) -> Vec<String> {
    let claims = claims(token);
    let orgs = claims["organization"].as_object();
    orgs.map(|orgs| orgs.keys().cloned().collect()).unwrap_or_default()
}

#[test]
fn switching_answers_tokens_for_that_organization_alone() {
    let world = travel0();
    let before = sign_in(&world, "emilio", "openid organization:*");
    assert_eq!(orgs(access(&before)), ["granite-outpost", "rocky-mountain"]);

    let answer = switch(&world, access(&before), "rocky-mountain");

    assert_eq!(answer.status, 200, "{answer:?}");
    assert_eq!(answer.header("cache-control"), "no-store");
    let after = answer.json();
    assert_eq!(orgs(access(&after)), ["rocky-mountain"]);
    assert_eq!(claims(access(&after))["sid"], claims(access(&before))["sid"], "the same session");
    assert_eq!(claims(access(&after))["azp"], json!("travel0-web"));
    assert!(after["id_token"].is_string());
    assert_eq!(after["scope"], json!("openid profile email organization:rocky-mountain"));
    assert_eq!(world.get("/realms/travel0/orgs/me", access(&after)).status, 200);
    // Refreshing stays there; the older chain goes on as it was.
    let app = RelyingParty::web(&world);
    let refreshed = app.refresh(after["refresh_token"].as_str().unwrap()).json();
    assert_eq!(orgs(access(&refreshed)), ["rocky-mountain"]);
    let old = app.refresh(before["refresh_token"].as_str().unwrap()).json();
    assert_eq!(orgs(access(&old)).len(), 2);
}

#[test]
fn the_active_organization_is_of_the_session() {
    let world = travel0();
    let (one, other) = (sign_in(&world, "emilio", "openid"), sign_in(&world, "emilio", "openid"));
    assert_eq!(
        active(&world, access(&one)),
        json!("granite-outpost"),
        "the first, until one switches"
    );

    let switched = switch(&world, access(&one), "rocky-mountain").json();

    for token in [access(&one), access(&switched)] {
        assert_eq!(active(&world, token), json!("rocky-mountain"));
    }
    assert_eq!(active(&world, access(&other)), json!("granite-outpost"), "another window");
    switch(&world, access(&switched), "granite-outpost");
    assert_eq!(active(&world, access(&one)), json!("granite-outpost"));
}

#[test]
fn nobody_switches_to_where_they_do_not_belong() {
    let world = travel0();
    let emilio = sign_in(&world, "emilio", "openid");
    let body = |id: &str| json!({ "id": id });
    assert_eq!(switch(&world, access(&emilio), "adventurez").status, 401);
    for id in ["00000000-0000-4000-8000-000000000000", "no id", ""] {
        let answer = world.call(Method::PUT, SWITCH, access(&emilio), Some(&body(id)));
        assert_eq!(answer.status, 404, "{id}");
    }
    for wrong in [json!({}), json!([]), json!({ "id": 5 }), json!({ "id": "x", "y": 1 })] {
        let answer = world.call(Method::PUT, SWITCH, access(&emilio), Some(&wrong));
        assert_eq!(answer.status, 400, "{wrong}");
    }
    for token in ["", "garbage", &admin(&world)] {
        let answer = switch(&world, token, "rocky-mountain");
        assert_eq!(
            (answer.status.as_u16(), answer.error().as_str()),
            (401, "HTTP 401 Unauthorized")
        );
        assert_eq!(world.get(ACTIVE, token).status, 401);
    }
    let elsewhere = "/realms/master/users/active-organization";
    assert_eq!(world.get(elsewhere, access(&emilio)).status, 401);
    let alternative = json!({ "organizationId": org_id(&world, "rocky-mountain") });
    assert_eq!(world.call(Method::PUT, SWITCH, access(&emilio), Some(&alternative)).status, 200);
}

#[test]
fn a_membership_that_ended_is_not_active_any_more() {
    let world = travel0();
    let emilio = sign_in(&world, "emilio", "openid");
    switch(&world, access(&emilio), "rocky-mountain");
    let id = user(&world, "emilio").unwrap().id;
    let path = format!("/realms/travel0/orgs/{}/members/{id}", org_id(&world, "rocky-mountain"));
    assert_eq!(world.delete(&path, &admin(&world)).status, 204);
    assert_eq!(world.get(ACTIVE, access(&emilio)).status, 401);
    assert_eq!(switch(&world, access(&emilio), "rocky-mountain").status, 401);
    assert_eq!(switch(&world, access(&emilio), "granite-outpost").status, 200);
    assert_eq!(active(&world, access(&emilio)), json!("granite-outpost"));
}

#[test]
fn a_session_that_is_over_does_not_switch() {
    let world = travel0();
    let emilio = sign_in(&world, "emilio", "openid");
    let end =
        EndSession { session: claims(access(&emilio))["sid"].as_str().unwrap().parse().unwrap() };
    let account = ObjectName::Account(realm(&world).id, user(&world, "emilio").unwrap().id);
    let objects = &*world.app().ports.objects;
    world.run(ask(objects, &account, &end)).unwrap();
    assert_eq!(switch(&world, access(&emilio), "rocky-mountain").status, 401);
}

#[test]
fn a_switch_killed_halfway_can_be_repeated() {
    let world = travel0();
    let emilio = sign_in(&world, "emilio", "openid");
    let body = json!({ "id": org_id(&world, "rocky-mountain") });
    let put = json_request(Method::PUT, SWITCH, access(&emilio), Some(&body));
    world.crash_at("oidc.switch.after_session", put);
    assert_eq!(switch(&world, access(&emilio), "rocky-mountain").status, 200);
}
