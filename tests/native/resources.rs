//! Resource indicators (RFC 8707).
use crate::admin_setup::{TRAVEL0, make_client};
use crate::authorization_setup::{error_of, set_attributes};
use crate::harness::browser::{Answer, Browser};
use crate::harness::relying_party::{
    RelyingParty, claims_of, code_in, issuer, sign_in, travel0, travel0_world, userinfo,
};
use crate::harness::world::World;
use guildhall::app::demo::PASSWORD;
use serde_json::{Value, json};

const TOURS: &str = "https://api.travel0.example/tours";
const BILLS: &str = "https://api.travel0.example/bills";

/// A world with two resource servers.
fn served() -> World {
    let world = travel0_world();
    for (name, resource) in [("tours", TOURS), ("bills", BILLS)] {
        let body = json!({ "clientId": name, "attributes": { "resource": resource } });
        make_client(&world, TRAVEL0, &body);
    }
    world
}

fn ask(browser: &Browser<'_>, app: &RelyingParty<'_>, resources: &[&str]) -> Answer {
    let mut text = url::form_urlencoded::Serializer::new(String::new());
    text.extend_pairs(resources.iter().map(|resource| ("resource", *resource)));
    browser.open(&app.authorization_path("openid", &format!("&{}", text.finish())))
}

fn code_for(world: &World, app: &RelyingParty<'_>, resources: &[&str]) -> String {
    let browser = Browser::new(world);
    code_in(&sign_in(&browser, &ask(&browser, app, resources), "hiroko", PASSWORD))
}

fn redeem(app: &RelyingParty<'_>, code: &str, resources: &[&str]) -> Answer {
    let fields = [
        ("grant_type", "authorization_code"),
        ("code", code),
        ("redirect_uri", app.redirect_uri),
        ("code_verifier", crate::harness::relying_party::VERIFIER),
    ];
    let resources: Vec<_> = resources.iter().map(|resource| ("resource", *resource)).collect();
    app.token(&[&fields[..], &resources].concat())
}

fn audience(answer: &Answer) -> Value {
    assert_eq!(answer.status, 200, "{answer:?}");
    claims_of(&answer.json()["access_token"])["aud"].clone()
}

#[test]
fn a_token_is_for_the_resources_that_were_asked_for() {
    let world = served();
    let app = RelyingParty::web(&world);
    assert_eq!(audience(&redeem(&app, &code_for(&world, &app, &[TOURS]), &[])), TOURS);
    let both = redeem(&app, &code_for(&world, &app, &[TOURS, BILLS, TOURS]), &[]);
    assert_eq!(audience(&both), json!([TOURS, BILLS]));
    let id_token = claims_of(&both.json()["id_token"]);
    assert_eq!(id_token["aud"], app.client_id, "the ID token stays the client's");
    assert_eq!(audience(&redeem(&app, &code_for(&world, &app, &[]), &[])), Value::Null);
}

/// §2.2: of what was granted, part; refreshing takes another part.
#[test]
fn a_token_may_be_narrowed_and_the_grant_stays() {
    let world = served();
    let app = RelyingParty::web(&world);
    let tokens = redeem(&app, &code_for(&world, &app, &[TOURS, BILLS]), &[BILLS]);
    assert_eq!(audience(&tokens), BILLS);
    let refresh = |token: &Value, resources: &[&str]| {
        let fields = [("grant_type", "refresh_token"), ("refresh_token", token.as_str().unwrap())];
        let resources: Vec<_> = resources.iter().map(|one| ("resource", *one)).collect();
        app.token(&[&fields[..], &resources].concat())
    };
    let token = tokens.json()["refresh_token"].clone();
    let beyond = refresh(&token, &["https://other.example/"]);
    assert_eq!((beyond.status.as_u16(), beyond.error().as_str()), (400, "invalid_target"));
    let next = refresh(&token, &[TOURS]);
    assert_eq!(audience(&next), TOURS, "a refusal used nothing up");
    assert_eq!(audience(&refresh(&next.json()["refresh_token"], &[])), json!([TOURS, BILLS]));
}

#[test]
fn a_resource_nobody_serves_is_refused_everywhere() {
    let world = served();
    let app = RelyingParty::web(&world);
    let browser = Browser::new(&world);
    for bad in
        ["https://other.example/", "tours", "/tours", &format!("{TOURS}/"), &format!("{TOURS}#x")]
    {
        assert_eq!(error_of(&ask(&browser, &app, &[TOURS, bad])), "invalid_target", "{bad}");
    }
    let code = code_for(&world, &app, &[TOURS]);
    let beyond = redeem(&app, &code, &[BILLS]);
    assert_eq!((beyond.status.as_u16(), beyond.error().as_str()), (400, "invalid_target"));
    assert_eq!(redeem(&app, &code, &[]).error(), "invalid_grant", "the code was spent");
    let many: Vec<String> = (0..11).map(|n| format!("urn:{n}")).collect();
    let many: Vec<&str> = many.iter().map(String::as_str).collect();
    assert_eq!(error_of(&ask(&browser, &app, &many)), "invalid_target");
}

/// A resource may be named when the code is spent, where none was before.
#[test]
fn a_grant_for_anything_may_become_a_token_for_something() {
    let world = served();
    let app = RelyingParty::web(&world);
    assert_eq!(audience(&redeem(&app, &code_for(&world, &app, &[]), &[TOURS])), TOURS);
    let machine = RelyingParty { client_id: "travel0-machine", ..app };
    let fields = [("grant_type", "client_credentials"), ("resource", BILLS)];
    assert_eq!(audience(&machine.token(&fields)), BILLS);
    let wrong = [("grant_type", "client_credentials"), ("resource", "urn:nowhere")];
    assert_eq!(machine.token(&wrong).error(), "invalid_target");
}

#[test]
fn a_client_may_be_bound_to_its_own_resources() {
    let world = served();
    let app = RelyingParty::web(&world);
    let list = format!("{TOURS}##urn:private");
    set_attributes(&world, app.client_id, &json!({ "resources": list }));
    let browser = Browser::new(&world);
    assert_eq!(error_of(&ask(&browser, &app, &[BILLS])), "invalid_target");
    let private = code_for(&world, &app, &["urn:private"]);
    assert_eq!(audience(&redeem(&app, &private, &[])), "urn:private");
}

#[test]
fn a_server_that_is_switched_off_or_of_another_realm_serves_nothing() {
    let world = served();
    let app = RelyingParty::web(&world);
    let change = json!({ "enabled": false });
    assert_eq!(crate::authorization_setup::change_client(&world, "bills", &change).status, 204);
    let body = json!({ "clientId": "foreign", "attributes": { "resource": "urn:foreign" } });
    make_client(&world, "/admin/realms/master", &body);
    for resource in [BILLS, "urn:foreign"] {
        let answer = ask(&Browser::new(&world), &app, &[resource]);
        assert_eq!(error_of(&answer), "invalid_target", "{resource}");
    }
}

/// Whoever serves a resource gets no further with what it was shown.
#[test]
fn a_token_for_a_resource_is_no_token_for_us() {
    let world = served();
    let app = RelyingParty::web(&world);
    let tokens = redeem(&app, &code_for(&world, &app, &[TOURS]), &[]).json();
    let token = tokens["access_token"].as_str().unwrap();
    assert_eq!(userinfo(&world, &tokens["access_token"]).status, 401);
    assert_eq!(world.get(&travel0("/users/active-organization"), token).status, 401);
    assert_eq!(world.get("/admin/realms/travel0/users", token).status, 401);
    let ours = issuer();
    let both = redeem(&app, &code_for(&world, &app, &[TOURS, &ours]), &[]).json();
    assert_eq!(userinfo(&world, &both["access_token"]).status, 200);
}
