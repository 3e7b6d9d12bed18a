//! What RFC 9126 and RFC 9101 ask, as far as `pushed_requests.rs` and
//! `request_objects.rs` do not show it.
use crate::authorization_setup::{
    ClientKey, change_client, error_of, is_login, open, push, push_path, request_of, set_attributes,
};
use crate::harness::browser::{Answer, Browser, form_request};
use crate::harness::relying_party::{CHALLENGE, RelyingParty, issuer, travel0_world};
use crate::harness::world::World;
use base64::{Engine, prelude::BASE64_STANDARD};
use guildhall::app::demo::CLIENT_SECRET;
use serde_json::{Value, json};
use std::collections::BTreeSet;

fn header() -> Value {
    json!({ "alg": "ES256", "kid": "k1", "typ": "oauth-authz-req+jwt" })
}

fn claims(world: &World, client: &RelyingParty<'_>) -> Value {
    json!({
        "iss": client.client_id, "aud": issuer(), "exp": world.now().as_unix() + 60,
        "client_id": client.client_id, "redirect_uri": client.redirect_uri,
        "response_type": "code", "scope": "openid", "state": "signed",
        "code_challenge": CHALLENGE, "code_challenge_method": "S256",
    })
}

fn refused(answer: &Answer) -> (u16, String) {
    (answer.status.as_u16(), answer.error())
}

/// RFC 9126 §2.1: who authenticates is who asks, whatever the form says.
#[test]
fn a_client_pushes_for_itself_and_for_nobody_else() {
    let world = travel0_world();
    let app = RelyingParty::web(&world);
    let mut request = request_of(&RelyingParty::spa(&world));
    request.retain(|(name, _)| *name != "client_id");
    let as_web = |fields: &[(&str, &str)]| {
        let mut request = form_request(&push_path(), fields);
        let basic = BASE64_STANDARD.encode(format!("{}:{CLIENT_SECRET}", app.client_id));
        let value = format!("Basic {basic}").parse().unwrap();
        request.headers_mut().insert("authorization", value);
        Answer::new(world.send(request))
    };
    let named = [&request[..], &[("client_id", "travel0-spa")]].concat();
    assert_eq!(refused(&as_web(&named)), (400, "invalid_request".to_owned()));
    // The redirect URI is not one of who authenticated.
    assert_eq!(refused(&as_web(&request)), (400, "invalid_request".to_owned()));
}

/// RFC 9126 §3, RFC 9101 §5: an object is its client's, pushed or brought.
#[test]
fn a_client_brings_no_object_of_another() {
    let world = travel0_world();
    let (web, spa) = (RelyingParty::web(&world), RelyingParty::spa(&world));
    let (key, other) = (ClientKey::new(3), ClientKey::new(4));
    key.register(&world, web.client_id, "k1");
    other.register(&world, spa.client_id, "k1");
    let of_spa = other.sign(&header(), &claims(&world, &spa));
    let pushed = push(&web, &[("client_id", web.client_id), ("request", &of_spa)]);
    assert_eq!(refused(&pushed), (400, "invalid_request_object".to_owned()));
    let beside = [
        ("client_id", web.client_id),
        ("redirect_uri", web.redirect_uri),
        ("request", of_spa.as_str()),
    ];
    let brought = open(&Browser::new(&world), &beside);
    assert_eq!(error_of(&brought), "invalid_request_object");
    let mut mixed = claims(&world, &web);
    mixed["client_id"] = json!(spa.client_id);
    let mixed = key.sign(&header(), &mixed);
    let pushed = push(&web, &[("client_id", web.client_id), ("request", &mixed)]);
    assert_eq!(refused(&pushed), (400, "invalid_request_object".to_owned()));
}

/// RFC 9101 §5: without a client beside it nobody knows whose key to look for.
#[test]
fn an_object_alone_names_no_client() {
    let world = travel0_world();
    let web = RelyingParty::web(&world);
    let key = ClientKey::new(3);
    key.register(&world, web.client_id, "k1");
    let object = key.sign(&header(), &claims(&world, &web));
    let alone = open(&Browser::new(&world), &[("request", &object)]);
    assert_eq!((alone.status.as_u16(), alone.location()), (400, ""));
    let with_client = [("client_id", web.client_id), ("request", object.as_str())];
    assert!(is_login(&open(&Browser::new(&world), &with_client)));
}

/// RFC 9101 §10.5: who said that it signs is not answered without a signature.
#[test]
fn a_client_that_must_sign_cannot_do_without() {
    let world = travel0_world();
    let app = RelyingParty::web(&world);
    let key = ClientKey::new(3);
    key.register(&world, app.client_id, "k1");
    let object = key.sign(&header(), &claims(&world, &app));
    let signed = [("client_id", app.client_id), ("request", object.as_str())];
    let unsigned = || open(&Browser::new(&world), &request_of(&app));
    for (value, by_value) in
        [("request or request_uri", true), ("request only", true), ("request_uri only", false)]
    {
        let attribute = json!({ "request.object.required": value });
        set_attributes(&world, app.client_id, &attribute);
        assert_eq!(error_of(&unsigned()), "invalid_request", "{value}");
        let pushed = push(&app, &request_of(&app));
        assert_eq!(refused(&pushed), (400, "invalid_request".to_owned()), "{value}");
        assert_eq!(push(&app, &signed).status, 201, "{value}");
        let brought = open(&Browser::new(&world), &signed);
        assert_eq!(is_login(&brought), by_value, "{value}: {brought:?}");
    }
    for value in ["", "not required"] {
        let attribute = json!({ "request.object.required": value });
        set_attributes(&world, app.client_id, &attribute);
        assert!(is_login(&unsigned()), "{value}");
    }
}

/// RFC 9126 §2.2, §7.1: nobody guesses a reference.
#[test]
fn a_reference_cannot_be_guessed() {
    let world = travel0_world();
    let app = RelyingParty::web(&world);
    let mut seen = BTreeSet::new();
    for _ in 0..16 {
        let told = push(&app, &request_of(&app)).json();
        let uri = told["request_uri"].as_str().unwrap();
        let secret = uri.rsplit([':', '.']).next().unwrap().to_owned();
        assert!(secret.len() >= 43, "256 bits in base64url: {uri}");
        assert!(told["expires_in"].as_i64().unwrap() > 0);
        assert!(seen.insert(secret));
    }
}

/// RFC 9126 §4: a request that was good when it was pushed is judged again when it is
/// brought.
#[test]
fn a_pushed_request_is_judged_again_when_it_is_brought() {
    let world = travel0_world();
    let app = RelyingParty::web(&world);
    let push = || push(&app, &request_of(&app)).json()["request_uri"].as_str().unwrap().to_owned();
    let bring = |uri: &str| {
        open(&Browser::new(&world), &[("client_id", app.client_id), ("request_uri", uri)])
    };
    let uri = push();
    let elsewhere = json!({ "redirectUris": ["https://app.example/new"] });
    assert_eq!(change_client(&world, app.client_id, &elsewhere).status, 204);
    let answer = bring(&uri);
    assert_eq!((answer.status.as_u16(), answer.location()), (400, ""));
    let back = json!({ "redirectUris": [app.redirect_uri] });
    assert_eq!(change_client(&world, app.client_id, &back).status, 204);
    let uri = push();
    assert_eq!(change_client(&world, app.client_id, &json!({ "enabled": false })).status, 204);
    let answer = bring(&uri);
    assert_eq!((answer.status.as_u16(), answer.location()), (400, ""));
}
