//! Pushed authorization requests (RFC 9126).
use crate::admin_setup::TRAVEL0;
use crate::authorization_setup::{
    error_of, is_login, open, push, push_path, request_of, set_attributes,
};
use crate::harness::browser::{Answer, Browser, form_request};
use crate::harness::relying_party::{
    RelyingParty, code_in, get_with, parameter, sign_in, token_path, travel0_world,
};
use crate::harness::world::World;
use crate::scim_setup::admin;
use base64::{Engine, prelude::BASE64_STANDARD};
use guildhall::app::demo::{CLIENT_SECRET, PASSWORD};
use guildhall::app::schedule;
use guildhall::kernel::time::Seconds;
use guildhall::platform::directory::Directory;
use guildhall::platform::sql::Statement;
use serde_json::json;

fn uri_of(answer: &Answer) -> String {
    assert_eq!(answer.status, 201, "{answer:?}");
    answer.json()["request_uri"].as_str().unwrap().to_owned()
}

fn bring(browser: &Browser<'_>, client_id: &str, uri: &str) -> Answer {
    open(browser, &[("client_id", client_id), ("request_uri", uri)])
}

fn count(world: &World) -> i64 {
    let statement = Statement::new("SELECT count(*) AS rows FROM pushed_request");
    world.run(world.directory().run(statement)).unwrap()[0].int("rows").unwrap()
}

#[test]
fn a_pushed_request_is_brought_once() {
    let world = travel0_world();
    let app = RelyingParty::web(&world);
    let answer = push(&app, &request_of(&app));
    let uri = uri_of(&answer);
    assert!(uri.starts_with("urn:ietf:params:oauth:request_uri:"), "{uri}");
    assert_eq!(answer.json()["expires_in"], 60);
    assert_eq!(answer.header("cache-control"), "no-store");

    let browser = Browser::new(&world);
    let page = bring(&browser, app.client_id, &uri);
    let signed_in = sign_in(&browser, &page, "hiroko", PASSWORD);
    assert_eq!(parameter(&signed_in, "state").as_deref(), Some("state-2"));
    assert_eq!(app.redeem(&code_in(&signed_in)).status, 200);

    let again = bring(&browser, app.client_id, &uri);
    assert_eq!((again.status.as_u16(), again.location()), (400, ""));
}

/// What the browser brings beside the reference does not count.
#[test]
fn nothing_beside_the_reference_counts() {
    let world = travel0_world();
    let app = RelyingParty::web(&world);
    let uri = uri_of(&push(&app, &request_of(&app)));
    let browser = Browser::new(&world);
    let beside = [
        ("client_id", app.client_id),
        ("request_uri", uri.as_str()),
        ("redirect_uri", "https://evil.example/"),
        ("state", "changed"),
        ("prompt", "none"),
        ("scope", "openid organization:*"),
    ];
    let page = open(&browser, &beside);
    let answer = sign_in(&browser, &page, "hiroko", PASSWORD);
    assert!(answer.location().starts_with(app.redirect_uri), "{answer:?}");
    assert_eq!(parameter(&answer, "state").as_deref(), Some("state-2"));
}

#[test]
fn a_reference_is_its_clients_and_over_at_its_second() {
    let world = travel0_world();
    let app = RelyingParty::web(&world);
    let uri = uri_of(&push(&app, &request_of(&app)));
    let browser = Browser::new(&world);
    let stolen = bring(&browser, "travel0-spa", &uri);
    assert_eq!((stolen.status.as_u16(), stolen.location()), (400, ""));
    let told = open(
        &browser,
        &[
            ("client_id", "travel0-spa"),
            ("request_uri", &uri),
            ("redirect_uri", "http://localhost:5173/callback"),
        ],
    );
    assert_eq!(error_of(&told), "invalid_request_uri");
    for forged in ["", "x", &uri[..uri.len() - 1], &format!("{uri}x")] {
        let uri = format!("urn:ietf:params:oauth:request_uri:{forged}");
        assert_eq!(bring(&browser, app.client_id, &uri).status, 400, "{forged}");
    }

    world.advance(Seconds(59));
    assert!(is_login(&bring(&browser, app.client_id, &uri)), "a thief took nothing away");
    let late = uri_of(&push(&app, &request_of(&app)));
    world.advance(Seconds(60));
    assert_eq!(bring(&browser, app.client_id, &late).status, 400);
}

#[test]
fn a_realm_says_how_long_a_reference_works_within_bounds() {
    let world = travel0_world();
    let app = RelyingParty::web(&world);
    for (set, seconds) in [("5", 5), ("600", 600), ("4", 60), ("601", 60), ("soon", 60)] {
        let body = json!({ "attributes": { "parRequestUriLifespan": set } });
        assert_eq!(world.put(TRAVEL0, &admin(&world), &body).status, 204);
        assert_eq!(push(&app, &request_of(&app)).json()["expires_in"], seconds, "{set}");
    }
}

#[test]
fn the_client_authenticates_as_at_the_token_endpoint() {
    let world = travel0_world();
    let app = RelyingParty::web(&world);
    let wrong = RelyingParty { secret: Some("wrong"), ..app };
    let none = RelyingParty { secret: None, ..app };
    for stranger in [wrong, none, RelyingParty { client_id: "stranger", ..app }] {
        let answer = push(&stranger, &request_of(&stranger));
        assert_eq!((answer.status.as_u16(), answer.error().as_str()), (401, "invalid_client"));
    }
    assert_eq!(count(&world), 0);

    let rest: Vec<_> = request_of(&app).into_iter().skip(1).collect();
    let mut request = form_request(&push_path(), &rest);
    let basic = BASE64_STANDARD.encode(format!("{}:{CLIENT_SECRET}", app.client_id));
    request.headers_mut().insert("authorization", format!("Basic {basic}").parse().unwrap());
    let uri = uri_of(&Answer::new(world.send(request)));
    assert!(is_login(&bring(&Browser::new(&world), app.client_id, &uri)));

    let spa = RelyingParty::spa(&world);
    let public = uri_of(&push(&spa, &request_of(&spa)));
    assert!(is_login(&bring(&Browser::new(&world), spa.client_id, &public)));
    assert_eq!(get_with(&world, &push_path(), &[]).status, 405);
    let body = world.post(&push_path(), "", &json!({ "client_id": app.client_id }));
    assert_eq!((body.status.as_u16(), body.error().as_str()), (400, "invalid_request"));
}

#[test]
fn a_secret_is_not_kept_with_the_request() {
    let world = travel0_world();
    let app = RelyingParty::web(&world);
    uri_of(&push(&app, &request_of(&app)));
    let statement = Statement::new("SELECT parameters FROM pushed_request");
    let row = &world.run(world.directory().run(statement)).unwrap()[0];
    let parameters = row.text("parameters").unwrap();
    assert!(!parameters.contains(CLIENT_SECRET), "{parameters}");
}

/// RFC 9126 §2.3: told at once, and nothing is kept.
#[test]
fn a_mistake_is_told_to_who_pushes() {
    let world = travel0_world();
    let app = RelyingParty::web(&world);
    let with = |name: &'static str, value: &'static str| {
        let mut request = request_of(&app);
        request.retain(|(known, _)| *known != name);
        request.push((name, value));
        let answer = push(&app, &request);
        assert_eq!(answer.status, 400, "{name}={value}: {answer:?}");
        answer.error()
    };
    assert_eq!(with("redirect_uri", "https://evil.example/"), "invalid_request");
    assert_eq!(with("response_type", "token"), "unsupported_response_type");
    assert_eq!(with("code_challenge_method", "plain"), "invalid_request");
    assert_eq!(
        with("request_uri", "urn:ietf:params:oauth:request_uri:x"),
        "request_uri_not_supported"
    );
    assert_eq!(with("resource", "https://nowhere.example/"), "invalid_target");
    assert_eq!(with("prompt", "none login"), "invalid_request");
    let long: String = "x".repeat(20_000);
    let large = push(&app, &[&request_of(&app)[..], &[("colour", &long)]].concat());
    assert_eq!((large.status.as_u16(), large.error().as_str()), (400, "invalid_request"));
    assert_eq!(count(&world), 0);
}

#[test]
fn a_client_that_must_push_cannot_go_another_way() {
    let world = travel0_world();
    let app = RelyingParty::web(&world);
    let required = json!({ "require.pushed.authorization.requests": "true" });
    set_attributes(&world, app.client_id, &required);
    let browser = Browser::new(&world);
    assert_eq!(error_of(&app.send(&browser, "openid")), "invalid_request");
    let uri = uri_of(&push(&app, &request_of(&app)));
    assert!(is_login(&bring(&browser, app.client_id, &uri)));
}

#[test]
fn of_many_browsers_with_one_reference_one_gets_the_page() {
    let world = travel0_world();
    let app = RelyingParty::web(&world);
    let uri = uri_of(&push(&app, &request_of(&app)));
    let pages = (0..10).map(|_| bring(&Browser::new(&world), app.client_id, &uri));
    assert_eq!(pages.filter(is_login).count(), 1);
}

#[test]
fn requests_nobody_came_back_with_are_forgotten() {
    let world = travel0_world();
    let app = RelyingParty::web(&world);
    uri_of(&push(&app, &request_of(&app)));
    world.advance(Seconds(59));
    uri_of(&push(&app, &request_of(&app)));
    world.advance(Seconds(1));
    world.run(schedule::tick(world.app()));
    assert_eq!(count(&world), 1);
}

/// A reference is no credential for anything else.
#[test]
fn a_reference_opens_no_other_door() {
    let world = travel0_world();
    let app = RelyingParty::web(&world);
    let uri = uri_of(&push(&app, &request_of(&app)));
    let fields = [("grant_type", "authorization_code"), ("code", uri.as_str())];
    assert_eq!(app.world.post_form(&token_path(), &fields).status, 400);
    let other = "/realms/master/protocol/openid-connect/auth";
    let query = format!("{other}?client_id={}&request_uri={uri}", app.client_id);
    assert_eq!(Browser::new(&world).open(&query).status, 400);
}
