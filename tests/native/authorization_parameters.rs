//! What an authorization request may say of the person, and how they are met
//! (OIDC Core §3.1.2.1, §5.5).
use crate::authorization_setup::{
    change_client, error_of, is_login, open, set_attributes, terms_of,
};
use crate::harness::browser::{Answer, Browser};
use crate::harness::relying_party::{
    RelyingParty, VERIFIER, claims_of, code_in, issuer, parameter, sign_in, travel0_world,
};
use crate::harness::world::World;
use guildhall::app::demo::PASSWORD;
use guildhall::kernel::time::Seconds;
use serde_json::{Value, json};

/// A browser in which a person has a session, and their ID token.
fn signed_in<'a>(world: &'a World, username: &str) -> (Browser<'a>, String) {
    let browser = Browser::new(world);
    let app = RelyingParty::web(world);
    let page = app.send(&browser, "openid");
    let tokens = app.redeem(&code_in(&sign_in(&browser, &page, username, PASSWORD))).json();
    (browser, tokens["id_token"].as_str().unwrap().to_owned())
}

fn ask(browser: &Browser<'_>, world: &World, extra: &[(&str, &str)]) -> Answer {
    let mut text = url::form_urlencoded::Serializer::new(String::new());
    text.extend_pairs(extra);
    let extra = format!("&{}", text.finish());
    browser.open(&RelyingParty::web(world).authorization_path("openid", &extra))
}

#[test]
fn prompts_combine_as_the_specification_lets_them() {
    let world = travel0_world();
    let (browser, _) = signed_in(&world, "hiroko");
    for prompt in ["login", "select_account", "login consent", "login select_account"] {
        assert!(is_login(&ask(&browser, &world, &[("prompt", prompt)])), "{prompt}");
    }
    code_in(&ask(&browser, &world, &[("prompt", "none")]));
    for prompt in ["none login", "none consent", "create", "everything"] {
        let answer = ask(&browser, &world, &[("prompt", prompt)]);
        assert_eq!(error_of(&answer), "invalid_request", "{prompt}");
        assert_eq!(parameter(&answer, "state").as_deref(), Some("state-1"));
        assert_eq!(parameter(&answer, "iss"), Some(issuer()));
    }
}

#[test]
fn an_id_token_says_who_is_meant_however_old_it_is() {
    let world = travel0_world();
    let (browser, hiroko) = signed_in(&world, "hiroko");
    let (other, _) = signed_in(&world, "emilio");
    world.advance(Seconds::minutes(20));
    let hint = [("id_token_hint", hiroko.as_str())];
    let silent = [hint[0], ("prompt", "none")];

    code_in(&ask(&browser, &world, &silent));
    code_in(&ask(&browser, &world, &hint));
    assert_eq!(error_of(&ask(&other, &world, &silent)), "login_required");
    assert_eq!(error_of(&ask(&Browser::new(&world), &world, &silent)), "login_required");
}

#[test]
fn another_person_than_is_meant_may_sign_in_and_gets_nothing() {
    let world = travel0_world();
    let (_, hiroko) = signed_in(&world, "hiroko");
    let (browser, _) = signed_in(&world, "emilio");
    let page = ask(&browser, &world, &[("id_token_hint", &hiroko)]);
    assert!(is_login(&page), "{page:?}");
    let wrong = sign_in(&browser, &page, "emilio", PASSWORD);
    assert_eq!(error_of(&wrong), "login_required");
    assert_eq!(parameter(&wrong, "code"), None);
    code_in(&sign_in(&browser, &page, "hiroko", PASSWORD));
}

#[test]
fn a_hint_that_is_no_id_token_of_the_realm_is_refused() {
    let world = travel0_world();
    let (browser, hint) = signed_in(&world, "hiroko");
    let access = RelyingParty::web(&world).tokens_for("hiroko", "openid")["access_token"].clone();
    let forged = format!("{hint}x");
    let none = format!("{}.{}.", "eyJhbGciOiJub25lIn0", hint.split('.').nth(1).unwrap());
    for bad in ["x", &forged, &none, access.as_str().unwrap(), &"x".repeat(20_000)] {
        let answer = ask(&browser, &world, &[("id_token_hint", bad)]);
        assert_eq!(error_of(&answer), "invalid_request", "{bad:.20}");
    }
}

#[test]
fn a_subject_in_claims_binds_as_an_id_token_does() {
    let world = travel0_world();
    let (browser, token) = signed_in(&world, "hiroko");
    let sub = claims_of(&json!(token))["sub"].as_str().unwrap().to_owned();
    let claims = |sub: &str| json!({ "id_token": { "sub": { "value": sub } } }).to_string();
    let with = |claims: &str| ask(&browser, &world, &[("claims", claims), ("prompt", "none")]);
    code_in(&with(&claims(&sub)));
    assert_eq!(error_of(&with(&claims("somebody-else"))), "login_required");
    for bad in ["{", "[]", "null", "{\"userinfo\":7}", "{\"id_token\":{\"sub\":\"x\"}}"] {
        assert_eq!(error_of(&with(bad)), "invalid_request", "{bad}");
    }
}

#[test]
fn what_is_asked_of_claims_is_in_what_the_code_stands_for() {
    let world = travel0_world();
    let app = RelyingParty::web(&world);
    let browser = Browser::new(&world);
    let claims = json!({ "userinfo": { "email": { "essential": true } }, "other": 1 });
    let page = ask(&browser, &world, &[("claims", &claims.to_string())]);
    let code = code_in(&sign_in(&browser, &page, "hiroko", PASSWORD));
    let wanted: Value = json!({ "userinfo": { "email": { "essential": true } } });
    assert_eq!(terms_of(&world, &app, &code).claims, Some(wanted));
}

/// Keycloak's numbers: 1 for a proof in this very request, 0 for a session.
#[test]
fn the_level_says_whether_the_person_proved_who_they_are_just_now() {
    let world = travel0_world();
    let app = RelyingParty::web(&world);
    let browser = Browser::new(&world);
    let page = ask(&browser, &world, &[("acr_values", "1 0")]);
    let first = code_in(&sign_in(&browser, &page, "hiroko", PASSWORD));
    assert_eq!(terms_of(&world, &app, &first).level, 1);
    let second = code_in(&app.send(&browser, "openid"));
    assert_eq!(terms_of(&world, &app, &second).level, 0);

    let level = |wanted: &Value| {
        let acr = json!({ "id_token": { "acr": { "essential": true, "values": wanted } } });
        ask(&browser, &world, &[("claims", &acr.to_string())])
    };
    code_in(&level(&json!(["0"])));
    assert!(is_login(&level(&json!(["1"]))));
    assert_eq!(error_of(&level(&json!(["9"]))), "unmet_authentication_requirements");
}

/// The choice of an organization comes after the proof, and takes nothing from it.
#[test]
fn a_choice_after_the_login_keeps_the_level() {
    let world = travel0_world();
    let app = RelyingParty::web(&world);
    let (browser, page) = crate::authorize::page_of_choices(&world, &app);
    let code = code_in(&crate::authorize::pick(&browser, &page, "granite-outpost"));
    assert_eq!(terms_of(&world, &app, &code).level, 1);
}

#[test]
fn what_does_not_concern_us_is_accepted() {
    let world = travel0_world();
    let extra = [("ui_locales", "de-CH fr"), ("display", "popup"), ("acr_values", "9")];
    assert!(is_login(&ask(&Browser::new(&world), &world, &extra)));
    let long = "x".repeat(6_000);
    let answer = ask(&Browser::new(&world), &world, &[("login_hint", &long)]);
    assert_eq!(error_of(&answer), "invalid_request");
}

/// What a confidential client is let go without, and nobody else.
#[test]
fn a_client_goes_without_pkce_only_where_an_administrator_said_so() {
    let world = travel0_world();
    let app = RelyingParty::web(&world);
    let request = [
        ("client_id", app.client_id),
        ("redirect_uri", app.redirect_uri),
        ("response_type", "code"),
        ("scope", "openid"),
    ];
    assert_eq!(error_of(&open(&Browser::new(&world), &request)), "invalid_request");
    set_attributes(&world, app.client_id, &json!({ "pkce.code.challenge.method": "none" }));

    let browser = Browser::new(&world);
    let page = open(&browser, &request);
    let code = code_in(&sign_in(&browser, &page, "hiroko", PASSWORD));
    let redeem = |code: &str, verifier: &[(&str, &str)]| {
        let fields = [
            ("grant_type", "authorization_code"),
            ("code", code),
            ("redirect_uri", app.redirect_uri),
        ];
        app.token(&[&fields, verifier].concat())
    };
    // RFC 9700 §2.1.1: a verifier without a challenge is a stripped challenge.
    assert_eq!(redeem(&code, &[("code_verifier", VERIFIER)]).error(), "invalid_grant");
    assert_eq!(redeem(&code, &[]).status, 200);

    let with_challenge = code_in(&app.send(&browser, "openid"));
    assert_eq!(redeem(&with_challenge, &[]).error(), "invalid_grant");
    assert_eq!(redeem(&with_challenge, &[("code_verifier", VERIFIER)]).status, 200);
}

#[test]
fn a_public_client_never_goes_without_pkce() {
    let world = travel0_world();
    let none = json!({ "attributes": { "pkce.code.challenge.method": "none" } });
    assert_eq!(change_client(&world, "travel0-spa", &none).status, 400);
    assert_eq!(change_client(&world, "travel0-web", &none).status, 204);
    let public = change_client(&world, "travel0-web", &json!({ "publicClient": true }));
    assert_eq!(public.status, 400, "{public:?}");
}
