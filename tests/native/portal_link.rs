//! `POST /realms/{realm}/orgs/{org}/portal-link`, and the link it answers.
use crate::harness::browser::{Answer, Browser, form, json_request, request};
use crate::harness::relying_party::RelyingParty;
use crate::harness::world::{BASE, World};
use crate::scim_setup::{admin, org_id, travel0, user};
use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use guildhall::kernel::time::Seconds;
use http::Method;
use serde_json::{Value, json};

const ORG: &str = "/realms/travel0/orgs/blue";
const WIZARD: &str = "http://localhost:8787/realms/travel0/wizard";

fn config(world: &World, body: &Value) {
    let path = "/realms/travel0/orgs/config";
    assert_eq!(world.call(Method::PUT, path, &admin(world), Some(body)).status, 200);
}

/// Travel0 with an organization that has its administrator.
pub fn blue() -> World {
    let world = travel0();
    config(&world, &json!({}));
    let body = json!({ "id": "blue", "name": "Blue River" });
    assert_eq!(world.post("/realms/travel0/orgs", &admin(&world), &body).status, 201);
    world
}

fn token_of(world: &World, username: &str) -> String {
    let tokens = RelyingParty::web(world).tokens_for(username, "openid");
    tokens["access_token"].as_str().unwrap().to_owned()
}

pub fn ask(world: &World, org: &str, token: &str, fields: &[(&str, &str)]) -> Answer {
    let mut request = request(Method::POST, &format!("{org}/portal-link"))
        .header("content-type", "application/x-www-form-urlencoded")
        .body(form(fields))
        .unwrap();
    if !token.is_empty() {
        request.headers_mut().insert("authorization", format!("Bearer {token}").parse().unwrap());
    }
    Answer::new(world.send(request))
}

pub fn link(world: &World) -> String {
    let answer = ask(world, ORG, &admin(world), &[]);
    assert_eq!(answer.status, 200, "{answer:?}");
    answer.json()["link"].as_str().unwrap().to_owned()
}

fn claims(link: &str) -> Value {
    let key = link.split("key=").nth(1).unwrap().split('&').next().unwrap();
    let body = key.split('.').nth(1).unwrap();
    serde_json::from_slice(&BASE64_URL_SAFE_NO_PAD.decode(body).unwrap()).unwrap()
}

#[test]
fn the_link_signs_the_administrator_in_and_leads_on() {
    let world = blue();
    let answer = ask(&world, ORG, &admin(&world), &[]).json();
    let made = user(&world, "org-admin-blue").unwrap();
    assert_eq!(answer["user"], json!(made.id));
    assert_eq!(answer["redirect"], json!(WIZARD));

    let browser = Browser::new(&world);
    let landed = browser.open(answer["link"].as_str().unwrap());

    assert_eq!((landed.status.as_u16(), landed.location()), (303, WIZARD));
    let app = RelyingParty::web(&world);
    let silent = app.send(&browser, "openid organization:blue");
    assert!(silent.location().contains("code="), "{silent:?}");
    let again = Browser::new(&world).open(answer["link"].as_str().unwrap());
    assert_eq!(again.status, 303, "until it expires");
}

#[test]
fn a_member_with_every_role_can_be_the_one() {
    let world = blue();
    let owner = user(&world, "org-admin-blue").unwrap().id;
    let answer = ask(&world, ORG, &admin(&world), &[("userId", owner.as_str())]);
    assert_eq!(answer.json()["user"], json!(owner));
    // Somebody unknown is nobody: the default administrator it is.
    let unknown = ask(&world, ORG, &admin(&world), &[("userId", "no-such-user")]);
    assert_eq!(unknown.json()["user"], json!(owner));
}

/// The error table of reference phasetwo.md §3.4.
#[test]
fn whoever_does_not_administer_the_organization_gets_no_link() {
    let world = blue();
    let admin = admin(&world);
    let rocky = format!("/realms/travel0/orgs/{}", org_id(&world, "rocky-mountain"));
    let jonno = user(&world, "jonno").unwrap().id;
    let none = ask(&world, &rocky, &admin, &[]);
    assert_eq!(none.status, 400);
    assert!(none.error().ends_with("not found"), "{none:?}");
    let elsewhere = ask(&world, ORG, &admin, &[("userId", jonno.as_str())]);
    assert_eq!(elsewhere.status, 400);
    let weak = ask(&world, &rocky, &admin, &[("userId", jonno.as_str())]);
    assert_eq!(weak.status, 400);
    assert!(weak.error().starts_with("User has insufficient permissions. Needs "), "{weak:?}");
}

#[test]
fn a_link_takes_the_right_to_manage_and_for_the_default_every_right() {
    let world = blue();
    let rocky = format!("/realms/travel0/orgs/{}", org_id(&world, "rocky-mountain"));
    for token in ["", "garbage", &token_of(&world, "emilio"), &token_of(&world, "jonno")] {
        assert_eq!(ask(&world, ORG, token, &[]).status, 401);
    }
    // Jonno manages Rocky Mountain, but not with all eleven roles.
    assert_eq!(ask(&world, &rocky, &token_of(&world, "jonno"), &[]).status, 401);
    assert_eq!(ask(&world, &rocky, &token_of(&world, "emilio"), &[]).status, 401);
    let unknown = ask(&world, "/realms/travel0/orgs/unknown", &admin(&world), &[]);
    assert_eq!(unknown.status, 404);
}

/// `expirationInSecs` of `/orgs/config`.
#[test]
fn a_link_lives_as_long_as_the_realm_says() {
    let world = blue();
    let life = |link: &str| claims(link)["exp"].as_i64().unwrap() - world.now().as_unix();
    assert_eq!(life(&link(&world)), 86_400);
    config(&world, &json!({ "expirationInSecs": 300 }));
    let link = link(&world);
    assert_eq!(life(&link), 300);
    world.advance(Seconds(299));
    assert_eq!(Browser::new(&world).open(&link).status, 303);
    world.advance(Seconds(1));
    assert_eq!(Browser::new(&world).open(&link).status, 400);
}

#[test]
fn a_key_opens_this_one_door_only() {
    let world = blue();
    let link = link(&world);
    let key = link.split("key=").nth(1).unwrap().split('&').next().unwrap();
    let doors = [
        format!("/realms/master/login-actions/action-token?client_id=idp-wizard&key={key}"),
        "/realms/travel0/login-actions/action-token?client_id=idp-wizard&key=garbage".to_owned(),
        "/realms/travel0/login-actions/action-token?client_id=idp-wizard".to_owned(),
        format!(
            "/realms/travel0/login-actions/action-token?client_id=idp-wizard&key={}",
            &key[1..]
        ),
        format!("/realms/travel0/login-actions/action-token?key={key}"),
        format!("/realms/travel0/login-actions/invitation?ticket={key}"),
    ];
    for door in doors {
        let answer = Browser::new(&world).open(&door);
        assert!([400, 404, 410].contains(&answer.status.as_u16()), "{door:.60} {answer:?}");
        assert_eq!(answer.header("set-cookie"), "", "{door:.60}");
    }
    assert_eq!(world.get("/realms/travel0/orgs/blue", key).status, 401);
}

#[test]
fn who_ceased_to_administer_is_not_signed_in() {
    let world = blue();
    let link = link(&world);
    let path = format!("{ORG}/members/{}", user(&world, "org-admin-blue").unwrap().id);
    let removed = world.delete(&path, &admin(&world));
    if removed.status == 204 {
        assert_eq!(Browser::new(&world).open(&link).status, 403);
    }
    world.delete(ORG, &admin(&world));
    let landed = Browser::new(&world).open(&link);
    assert_eq!((landed.status.as_u16(), landed.header("set-cookie")), (403, ""));
}

#[test]
fn a_link_leads_to_this_server_or_to_the_wizards_client() {
    let world = blue();
    let admin = admin(&world);
    let base = |uri: &str| ask(&world, ORG, &admin, &[("baseUri", uri)]);
    assert_eq!(base(BASE).json()["redirect"], json!(WIZARD));
    assert_eq!(
        base(&format!("{BASE}/auth/")).json()["redirect"],
        json!(format!("{BASE}/auth/realms/travel0/wizard"))
    );
    for uri in [
        "https://evil.example",
        "javascript:alert(1)",
        "//evil.example",
        "http://localhost:8787@evil.example",
        "http://localhost:8788",
    ] {
        assert_eq!(base(uri).status, 400, "{uri}");
    }
    let settings = json!({ "name": "", "redirect_uris": ["https://portal.example/callback"] });
    let client = format!(
        "INSERT INTO client (id, realm_id, client_id, settings, created_at)
         SELECT 'wizard', id, 'idp-wizard', '{settings}', 0 FROM realm WHERE name = 'travel0'"
    );
    world.directory().sql().execute_batch(&client);
    world.restart();
    let answer = base("https://portal.example").json();
    assert_eq!(answer["redirect"], json!("https://portal.example/realms/travel0/wizard"));
}

#[test]
fn a_first_use_killed_anywhere_can_be_repeated() {
    for point in [
        "account.register.after_object",
        "account.register.after_directory",
        "oidc.portal.after_account",
    ] {
        let world = blue();
        let link = link(&world);
        world.crash_at(point, json_request(Method::GET, &link, "", None));
        world.ring_alarms();
        assert_eq!(Browser::new(&world).open(&link).status, 303, "{point}");
    }
}
