//! Signing out at an app's request.
use crate::harness::browser::{Answer, Browser};
use crate::harness::relying_party::{
    RelyingParty, code_in, parameter, sign_in, travel0, travel0_world, userinfo,
};
use guildhall::app::demo::PASSWORD;
use guildhall::kernel::time::Seconds;
use serde_json::Value;

/// A browser that signed in, and the tokens of the app.
pub fn signed_in<'a>(app: &RelyingParty<'a>) -> (Browser<'a>, Value) {
    let browser = Browser::new(app.world);
    let page = app.send(&browser, "openid");
    let tokens = app.redeem(&code_in(&sign_in(&browser, &page, "hiroko", PASSWORD))).json();
    (browser, tokens)
}

pub fn log_out(browser: &Browser<'_>, query: &[(&str, &str)]) -> Answer {
    let mut text = url::form_urlencoded::Serializer::new(String::new());
    text.extend_pairs(query);
    browser.open(&travel0(&format!("/protocol/openid-connect/logout?{}", text.finish())))
}

#[test]
fn an_app_that_names_the_session_ends_it() {
    let world = travel0_world();
    let app = RelyingParty::web(&world);
    let (browser, tokens) = signed_in(&app);
    // The hint may have expired.
    world.advance(Seconds::minutes(10));

    let answer = log_out(
        &browser,
        &[
            ("id_token_hint", tokens["id_token"].as_str().unwrap()),
            ("post_logout_redirect_uri", app.redirect_uri),
            ("state", "s1"),
        ],
    );

    assert_eq!(answer.status, 303, "{answer:?}");
    assert_eq!(parameter(&answer, "state").as_deref(), Some("s1"));
    assert_eq!(app.send(&browser, "openid").status, 200, "the login page");
    let refreshed = app.refresh(tokens["refresh_token"].as_str().unwrap());
    assert_eq!(refreshed.error(), "invalid_grant");
}

#[test]
fn without_a_hint_the_person_is_asked() {
    let world = travel0_world();
    let app = RelyingParty::web(&world);
    let (browser, tokens) = signed_in(&app);

    let question = log_out(&browser, &[]);
    assert_eq!(userinfo(&world, &tokens["access_token"]).status, 200, "still signed in");

    let done = browser.submit(&question.action(), &[("csrf", &question.field("csrf"))]);
    assert_eq!(done.status, 200, "{done:?}");
    assert_eq!(userinfo(&world, &tokens["access_token"]).status, 401);
}

#[test]
fn a_button_on_another_site_ends_nothing() {
    let world = travel0_world();
    let app = RelyingParty::web(&world);
    let (browser, tokens) = signed_in(&app);
    let (_, others) = signed_in(&app);
    let path = travel0("/protocol/openid-connect/logout");

    browser.submit(&path, &[]);
    browser.submit(&path, &[("csrf", "forged")]);
    log_out(&browser, &[("id_token_hint", others["id_token"].as_str().unwrap())]);

    assert_eq!(userinfo(&world, &tokens["access_token"]).status, 200);
}

#[test]
fn nobody_is_sent_to_an_address_that_is_not_the_apps() {
    let world = travel0_world();
    let app = RelyingParty::web(&world);
    let (browser, tokens) = signed_in(&app);
    let hint = tokens["id_token"].as_str().unwrap();
    let refused = [
        vec![("id_token_hint", hint), ("post_logout_redirect_uri", "https://evil.example")],
        vec![("post_logout_redirect_uri", app.redirect_uri)],
        vec![("id_token_hint", hint), ("client_id", "travel0-spa")],
        vec![("id_token_hint", tokens["access_token"].as_str().unwrap())],
        vec![("id_token_hint", "x")],
    ];
    for query in refused {
        let answer = log_out(&browser, &query);
        assert_eq!((answer.status.as_u16(), answer.location()), (400, ""), "{query:?}");
    }
    assert_eq!(userinfo(&world, &tokens["access_token"]).status, 200);
}
