//! Signing out at an app's request.
use crate::admin_setup::{TRAVEL0, client_uuid};
use crate::harness::browser::{Answer, Browser};
use crate::harness::relying_party::{
    RelyingParty, code_in, issuer, parameter, sign_in, travel0, travel0_world, userinfo,
};
use crate::harness::world::World;
use crate::scim_setup::admin;
use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use guildhall::app::demo::PASSWORD;
use guildhall::kernel::time::Seconds;
use serde_json::{Value, json};

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

/// The cookie is gone, or the app's server calls: the token names the session.
#[test]
fn an_id_token_ends_its_session_without_a_cookie() {
    let world = travel0_world();
    let app = RelyingParty::web(&world);
    let (_, tokens) = signed_in(&app);
    let (_, others) = signed_in(&app);
    let stranger = Browser::new(&world);

    let answer = log_out(
        &stranger,
        &[
            ("id_token_hint", tokens["id_token"].as_str().unwrap()),
            ("post_logout_redirect_uri", app.redirect_uri),
        ],
    );

    assert_eq!((answer.status.as_u16(), answer.location()), (303, app.redirect_uri));
    assert_eq!(userinfo(&world, &tokens["access_token"]).status, 401);
    assert_eq!(userinfo(&world, &others["access_token"]).status, 200);
}

/// A key that is not published any more: nobody can tell the token from a forged one.
#[test]
fn a_hint_of_a_forgotten_key_is_none() {
    let world = travel0_world();
    let app = RelyingParty::web(&world);
    let (browser, tokens) = signed_in(&app);
    let forged = with_key(tokens["id_token"].as_str().unwrap(), "forgotten");

    let question = log_out(&browser, &[("id_token_hint", &forged)]);

    assert_eq!(question.status, 200);
    assert!(!question.field("csrf").is_empty());
    assert_eq!(userinfo(&world, &tokens["access_token"]).status, 200);
    // It proves no client either.
    let query = [("id_token_hint", &*forged), ("post_logout_redirect_uri", app.redirect_uri)];
    assert_eq!(log_out(&browser, &query).status, 400);
    let stranger = Browser::new(&world);
    assert_eq!(log_out(&stranger, &[("id_token_hint", &forged)]).status, 200);
    assert_eq!(userinfo(&world, &tokens["access_token"]).status, 200);
}

/// The token with another key's name, and whatever signature it had.
fn with_key(token: &str, kid: &str) -> String {
    let (_, rest) = token.split_once('.').unwrap();
    let header = json!({ "alg": "ES256", "kid": kid, "typ": "JWT" }).to_string();
    format!("{}.{rest}", BASE64_URL_SAFE_NO_PAD.encode(header))
}

/// §2: what the person answers leads where the app asked, with its state.
#[test]
fn the_question_remembers_what_the_app_asked_for() {
    let world = travel0_world();
    let app = RelyingParty::web(&world);
    let (browser, tokens) = signed_in(&app);
    let path = travel0("/protocol/openid-connect/logout");
    let asked = [
        ("client_id", app.client_id),
        ("post_logout_redirect_uri", app.redirect_uri),
        ("state", "s 1&x"),
        ("logout_hint", "hiroko"),
        ("ui_locales", "de en"),
    ];

    let question = browser.submit(&path, &asked);
    assert_eq!((question.status.as_u16(), question.location()), (200, ""));
    assert_eq!(userinfo(&world, &tokens["access_token"]).status, 200, "still signed in");
    let mut answer: Vec<(&str, String)> =
        asked.iter().map(|(name, _)| (*name, question.field(name))).collect();
    answer.push(("csrf", question.field("csrf")));
    let answer: Vec<(&str, &str)> =
        answer.iter().map(|(name, value)| (*name, value.as_str())).collect();
    let other = Browser::new(&world);
    other.submit(&path, &answer);
    assert_eq!(userinfo(&world, &tokens["access_token"]).status, 200, "another browser's form");

    let done = browser.submit(&path, &answer);

    assert_eq!(done.status, 303, "{done:?}");
    assert!(done.location().starts_with(app.redirect_uri), "{done:?}");
    assert_eq!(parameter(&done, "state").as_deref(), Some("s 1&x"));
    assert_eq!(userinfo(&world, &tokens["access_token"]).status, 401);
}

/// RFC 6749 §3.1.
#[test]
fn no_parameter_of_a_logout_stands_there_twice() {
    let world = travel0_world();
    let (browser, _) = signed_in(&RelyingParty::web(&world));
    for name in [
        "id_token_hint",
        "client_id",
        "post_logout_redirect_uri",
        "state",
        "logout_hint",
        "ui_locales",
    ] {
        assert_eq!(log_out(&browser, &[(name, "a"), (name, "a")]).status, 400, "{name}");
    }
}

/// A world where both apps of the demonstration want something loaded.
fn framed_world(attributes: &Value) -> World {
    let world = travel0_world();
    for (client, url) in
        [("travel0-web", "https://web.example/out?x=1"), ("travel0-spa", "https://spa.example/out")]
    {
        let uuid = client_uuid(&world, TRAVEL0, client);
        let mut body = json!({ "attributes": attributes });
        body["attributes"]["frontchannel.logout.url"] = json!(url);
        let path = format!("{TRAVEL0}/clients/{uuid}");
        assert_eq!(world.put(&path, &admin(&world), &body).status, 204);
    }
    world
}

/// OIDC Front-Channel Logout 1.0 §2, §3.
#[test]
fn the_page_loads_what_the_apps_of_the_session_want() {
    let world = framed_world(&json!({}));
    let app = RelyingParty::web(&world);
    let (browser, tokens) = signed_in(&app);
    let spa = RelyingParty::spa(&world);
    spa.redeem(&code_in(&spa.send(&browser, "openid")));

    let page = log_out(
        &browser,
        &[
            ("id_token_hint", tokens["id_token"].as_str().unwrap()),
            ("post_logout_redirect_uri", app.redirect_uri),
            ("state", "s1"),
        ],
    );

    assert_eq!((page.status.as_u16(), page.location()), (200, ""));
    let sid = tokens["session_state"].as_str().unwrap();
    let iss: String = url::form_urlencoded::byte_serialize(issuer().as_bytes()).collect();
    for url in ["https://web.example/out?x=1&", "https://spa.example/out?"] {
        let wanted = format!("src=\"{url}iss={iss}&sid={sid}\"");
        assert!(page.text.replace("&#38;", "&").contains(&wanted), "{wanted}: {}", page.text);
    }
    let policy = page.header("content-security-policy");
    let framed = policy.split("; ").find(|part| part.starts_with("frame-src")).unwrap();
    assert_eq!(framed, "frame-src https://spa.example https://web.example");
    assert!(policy.contains("default-src 'none'") && policy.contains("frame-ancestors 'none'"));
    let to = format!("{}?state=s1", app.redirect_uri);
    assert_eq!(page.header("refresh"), format!("2;url={to}"));
    assert!(page.text.contains(&format!("href=\"{to}\"")));
    assert_eq!(userinfo(&world, &tokens["access_token"]).status, 401);
}

#[test]
fn an_app_that_needs_no_session_is_named_none() {
    let world = framed_world(&json!({ "frontchannel.logout.session.required": "false" }));
    let (browser, tokens) = signed_in(&RelyingParty::web(&world));
    let page = log_out(&browser, &[("id_token_hint", tokens["id_token"].as_str().unwrap())]);
    assert!(page.text.contains("src=\"https://web.example/out?x=1\""), "{}", page.text);
    assert!(!page.text.contains("spa.example"), "not an app of this session");
    assert_eq!(page.header("refresh"), "");
}

#[test]
fn discovery_tells_of_logout() {
    let world = travel0_world();
    let document = world.get(&travel0("/.well-known/openid-configuration"), "").json();
    for name in ["frontchannel_logout", "backchannel_logout"] {
        assert_eq!(document[format!("{name}_supported")], true);
        assert_eq!(document[format!("{name}_session_supported")], true);
    }
    assert!(document.get("check_session_iframe").is_none());
}
