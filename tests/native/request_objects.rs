//! Request objects by value (RFC 9101, OIDC Core §6.1), and what attackers make of
//! them.
use crate::authorization_setup::{
    ClientKey, error_of, is_login, open, push, request_of, set_attributes, unsigned,
};
use crate::harness::browser::{Answer, Browser};
use crate::harness::relying_party::{
    CHALLENGE, RelyingParty, code_in, issuer, parameter, sign_in, travel0_world,
};
use crate::harness::world::World;
use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use guildhall::app::demo::PASSWORD;
use hmac::{Hmac, KeyInit, Mac};
use serde_json::{Value, json};

const KID: &str = "k1";

fn header() -> Value {
    json!({ "alg": "ES256", "kid": KID, "typ": "oauth-authz-req+jwt" })
}

/// A request of the app, as the claims of an object.
fn claims(world: &World, app: &RelyingParty<'_>) -> Value {
    json!({
        "iss": app.client_id, "aud": issuer(), "exp": world.now().as_unix() + 60,
        "client_id": app.client_id, "redirect_uri": app.redirect_uri, "response_type": "code",
        "scope": "openid", "state": "signed", "code_challenge": CHALLENGE,
        "code_challenge_method": "S256",
    })
}

fn with(mut claims: Value, name: &str, value: Value) -> Value {
    claims[name] = value;
    claims
}

/// A browser that brings an object, and beside it what an attacker may have
/// changed.
fn send(browser: &Browser<'_>, app: &RelyingParty<'_>, object: &str) -> Answer {
    let beside = [
        ("client_id", app.client_id),
        ("redirect_uri", app.redirect_uri),
        ("response_type", "code"),
        ("scope", "openid organization:*"),
        ("state", "changed"),
        ("prompt", "none"),
        ("request", object),
    ];
    open(browser, &beside)
}

#[test]
fn what_was_signed_counts_and_what_stands_beside_it_does_not() {
    let world = travel0_world();
    let app = RelyingParty::web(&world);
    let key = ClientKey::new(3);
    key.register(&world, app.client_id, KID);
    let browser = Browser::new(&world);

    let page = send(&browser, &app, &key.sign(&header(), &claims(&world, &app)));
    assert!(is_login(&page), "not silent: {page:?}");
    let answer = sign_in(&browser, &page, "hiroko", PASSWORD);

    assert_eq!(parameter(&answer, "state").as_deref(), Some("signed"));
    let tokens = app.redeem(&code_in(&answer)).json();
    assert_eq!(tokens["scope"], "openid profile email");
}

#[test]
fn the_only_key_needs_no_name() {
    let world = travel0_world();
    let app = RelyingParty::web(&world);
    let key = ClientKey::new(3);
    for registered in ["", KID] {
        key.register(&world, app.client_id, registered);
        let nameless = key.sign(&json!({ "alg": "ES256" }), &claims(&world, &app));
        assert!(is_login(&send(&Browser::new(&world), &app, &nameless)), "{registered}");
    }
}

/// RFC 9101 §6, RFC 8725 §3: each of these is an attack somebody has made work.
#[test]
fn no_forged_object_is_believed() {
    let world = travel0_world();
    let app = RelyingParty::web(&world);
    let (key, thief) = (ClientKey::new(3), ClientKey::new(4));
    key.register(&world, app.client_id, KID);
    let good = claims(&world, &app);
    let signed = |header: Value| key.sign(&header, &good);
    let stolen = |header: Value| thief.sign(&header, &good);
    let hs256 = |secret: &[u8]| {
        let input = unsigned(&json!({ "alg": "HS256", "kid": KID }), &good);
        let mac = Hmac::<sha2::Sha256>::new_from_slice(secret).unwrap();
        let tag = mac.chain_update(input.as_bytes()).finalize().into_bytes();
        format!("{input}.{}", BASE64_URL_SAFE_NO_PAD.encode(tag))
    };
    let public = key.jwk(KID).to_string();
    let inside = json!({ "alg": "ES256", "kid": KID, "jwk": thief.jwk(KID) });
    let forged = [
        ("not a token", "e30".to_owned()),
        ("unsigned", format!("{}.", unsigned(&json!({ "alg": "none" }), &good))),
        ("unsigned, named", format!("{}.", unsigned(&json!({ "alg": "none", "kid": KID }), &good))),
        ("None", format!("{}.", unsigned(&json!({ "alg": "None", "kid": KID }), &good))),
        ("the public key as secret", hs256(public.as_bytes())),
        ("the client's secret", hs256(app.secret.unwrap().as_bytes())),
        ("no secret", hs256(b"")),
        ("another's key", stolen(header())),
        ("a key in the header", stolen(inside)),
        ("jku", stolen(json!({ "alg": "ES256", "kid": "k2", "jku": "https://evil.example/k" }))),
        ("x5u", stolen(json!({ "alg": "ES256", "kid": KID, "x5u": "https://evil.example/c" }))),
        ("kid as path", stolen(json!({ "alg": "ES256", "kid": "../../dev/null" }))),
        ("kid as SQL", stolen(json!({ "alg": "ES256", "kid": "' OR 1=1 --" }))),
        ("another kid", signed(json!({ "alg": "ES256", "kid": "another" }))),
        ("another algorithm", signed(json!({ "alg": "RS256", "kid": KID }))),
        ("critical", signed(json!({ "alg": "ES256", "kid": KID, "crit": ["exp"] }))),
        ("a changed end", format!("{}x", signed(header()))),
    ];
    for (why, object) in forged {
        let answer = send(&Browser::new(&world), &app, &object);
        assert_eq!(error_of(&answer), "invalid_request_object", "{why}");
        assert_eq!(parameter(&answer, "iss"), Some(issuer()), "{why}");
    }
}

#[test]
fn an_object_is_for_us_by_this_client_now_and_for_nothing_else() {
    let world = travel0_world();
    let app = RelyingParty::web(&world);
    let key = ClientKey::new(3);
    key.register(&world, app.client_id, KID);
    // Another client with the same key: its objects are still its own.
    key.register(&world, "travel0-spa", KID);
    let good = || claims(&world, &app);
    let now = world.now().as_unix();
    let nested = key.sign(&header(), &good());
    let refused = [
        ("another issuer", with(good(), "iss", json!("travel0-spa"))),
        ("no issuer", with(good(), "iss", Value::Null)),
        ("another audience", with(good(), "aud", json!("http://localhost:8787/realms/master"))),
        ("no audience", with(good(), "aud", Value::Null)),
        ("over", with(good(), "exp", json!(now))),
        ("for ever", with(good(), "exp", Value::Null)),
        ("not yet", with(good(), "nbf", json!(now + 60))),
        ("another client", with(good(), "client_id", json!("travel0-spa"))),
        ("a client assertion", with(good(), "sub", json!(app.client_id))),
        ("nested", with(good(), "request", json!(nested))),
        ("nested by reference", with(good(), "request_uri", json!("https://app.example/r"))),
        ("a flag for a text", with(good(), "state", json!(true))),
    ];
    for (why, claims) in refused {
        let answer = send(&Browser::new(&world), &app, &key.sign(&header(), &claims));
        assert_eq!(error_of(&answer), "invalid_request_object", "{why}");
    }
    let soon = with(good(), "exp", json!(now + 1));
    assert!(is_login(&send(&Browser::new(&world), &app, &key.sign(&header(), &soon))));
}

#[test]
fn what_an_object_asks_for_is_judged_as_if_it_stood_in_the_query() {
    let world = travel0_world();
    let app = RelyingParty::web(&world);
    let key = ClientKey::new(3);
    key.register(&world, app.client_id, KID);
    let good = || claims(&world, &app);
    let send = |claims: &Value| send(&Browser::new(&world), &app, &key.sign(&header(), claims));

    let elsewhere = send(&with(good(), "redirect_uri", json!("https://evil.example/")));
    assert_eq!((elsewhere.status.as_u16(), elsewhere.location()), (400, ""));
    let plain = with(good(), "code_challenge_method", json!("plain"));
    assert_eq!(error_of(&send(&plain)), "invalid_request");
    let none = with(good(), "prompt", json!("none"));
    assert_eq!(error_of(&send(&none)), "login_required");
    let twice = with(good(), "scope", json!(["openid", "email"]));
    assert_eq!(error_of(&send(&twice)), "invalid_request");
    let claims = with(good(), "claims", json!({ "userinfo": { "email": null } }));
    assert!(is_login(&send(&with(claims, "max_age", json!(60)))));
}

#[test]
fn a_client_may_bind_itself_to_one_algorithm_and_needs_keys_at_all() {
    let world = travel0_world();
    let app = RelyingParty::web(&world);
    let key = ClientKey::new(3);
    let object = key.sign(&header(), &claims(&world, &app));
    let sent = || send(&Browser::new(&world), &app, &object);
    assert_eq!(error_of(&sent()), "invalid_request_object");
    key.register(&world, app.client_id, KID);
    assert!(is_login(&sent()));
    for (algorithm, believed) in [("ES256", true), ("any", true), ("EdDSA", false), ("none", false)]
    {
        let attribute = json!({ "request.object.signature.alg": algorithm });
        set_attributes(&world, app.client_id, &attribute);
        assert_eq!(is_login(&sent()), believed, "{algorithm}");
    }
    let off = json!({ "use.jwks.string": "false", "request.object.signature.alg": "any" });
    set_attributes(&world, app.client_id, &off);
    assert_eq!(error_of(&sent()), "invalid_request_object");
}

#[test]
fn a_request_is_by_value_or_by_reference_and_a_reference_is_ours() {
    let world = travel0_world();
    let app = RelyingParty::web(&world);
    let key = ClientKey::new(3);
    key.register(&world, app.client_id, KID);
    let object = key.sign(&header(), &claims(&world, &app));
    let ask =
        |extra: &[(&str, &str)]| open(&Browser::new(&world), &[&request_of(&app), extra].concat());
    let both = ask(&[("request", &object), ("request_uri", "urn:ietf:params:oauth:request_uri:x")]);
    assert_eq!(error_of(&both), "invalid_request");
    for uri in ["https://app.example/r", "http://169.254.169.254/", "file:///etc/passwd", "x"] {
        assert_eq!(error_of(&ask(&[("request_uri", uri)])), "request_uri_not_supported", "{uri}");
    }
    assert_eq!(error_of(&ask(&[("request", &object), ("request", &object)])), "invalid_request");
    // Without an address beside it there is nobody to tell.
    let alone = open(&Browser::new(&world), &[("client_id", app.client_id), ("request", "e30")]);
    assert_eq!((alone.status.as_u16(), alone.location()), (400, ""));
}

#[test]
fn an_object_may_be_pushed() {
    let world = travel0_world();
    let app = RelyingParty::web(&world);
    let key = ClientKey::new(3);
    key.register(&world, app.client_id, KID);
    let object = key.sign(&header(), &claims(&world, &app));
    let pushed = push(&app, &[("client_id", app.client_id), ("request", &object)]);
    assert_eq!(pushed.status, 201, "{pushed:?}");
    let uri = pushed.json()["request_uri"].as_str().unwrap().to_owned();
    let browser = Browser::new(&world);
    let page = open(&browser, &[("client_id", app.client_id), ("request_uri", &uri)]);
    let answer = sign_in(&browser, &page, "hiroko", PASSWORD);
    assert_eq!(parameter(&answer, "state").as_deref(), Some("signed"));
    let forged = push(&app, &[("client_id", app.client_id), ("request", &format!("{object}x"))]);
    assert_eq!((forged.status.as_u16(), forged.error().as_str()), (400, "invalid_request_object"));
}
