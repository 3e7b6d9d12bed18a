//! What RFC 9700 and RFC 9207 ask, as far as no other file shows it.
use crate::admin_setup::{TRAVEL0, make_client};
use crate::authorization_setup::{change_client, error_of, open, request_of};
use crate::harness::browser::{Browser, form_request};
use crate::harness::relying_party::{
    RelyingParty, code_in, get_with, issuer, parameter, sign_in, travel0, travel0_world,
};
use crate::token_setup::{REVOKE, refusal};
use guildhall::app::demo::PASSWORD;
use http::Method;
use serde_json::json;

/// RFC 9700 §2.6: a page asks nothing of the endpoint that people are sent to.
#[test]
fn no_page_reads_what_the_authorization_endpoint_answers() {
    let world = travel0_world();
    let app = RelyingParty::spa(&world);
    let origin = [("origin", "http://localhost:5173")];
    for path in
        [app.authorization_path("openid", ""), app.authorization_path("openid", "&prompt=none")]
    {
        let answer = get_with(&world, &path, &origin);
        assert_eq!(answer.header("access-control-allow-origin"), "");
        assert_eq!(answer.header("access-control-allow-credentials"), "");
    }
}

/// RFC 9700 §4.12: whatever leads away from a form, the password stays behind.
#[test]
fn no_redirect_takes_a_form_along() {
    let world = travel0_world();
    let app = RelyingParty::web(&world);
    let browser = Browser::new(&world);
    let page = app.send(&browser, "openid");
    assert_eq!(sign_in(&browser, &page, "hiroko", PASSWORD).status, 303);
    let silent = browser.open(&app.authorization_path("openid", "&prompt=none"));
    assert_eq!(silent.status, 303);
    let question = browser.open(&app.authorization_path("openid", "&prompt=consent"));
    let (state, csrf) = (question.field("state"), question.field("csrf"));
    let fields = [("state", &*state), ("csrf", &*csrf), ("accept", "yes")];
    assert_eq!(browser.submit(&question.action(), &fields).status, 303);
}

/// RFC 9700 §2.4: passwords go through clients that an administrator named, and nobody
/// registers such a client.
#[test]
fn a_client_gets_passwords_only_where_an_administrator_said_so() {
    let world = travel0_world();
    let fields = [("grant_type", "password"), ("username", "hiroko"), ("password", PASSWORD)];
    for app in [RelyingParty::web(&world), RelyingParty::spa(&world)] {
        assert_eq!(refusal(&app.token(&fields)), (400, "unauthorized_client".to_owned()));
        let allowed = json!({ "directAccessGrantsEnabled": true });
        assert_eq!(change_client(&world, app.client_id, &allowed).status, 204);
        assert_eq!(app.token(&fields).status, 200);
    }
    let body = json!({ "clientId": "new", "publicClient": true });
    make_client(&world, TRAVEL0, &body);
    let new = RelyingParty { client_id: "new", ..RelyingParty::spa(&world) };
    assert_eq!(refusal(&new.token(&fields)), (400, "unauthorized_client".to_owned()));
}

/// RFC 9700 §4.11.2: an error leads to an address that somebody vouched for, and to no
/// other.
#[test]
fn no_error_leads_to_an_address_that_nobody_registered() {
    let world = travel0_world();
    let app = RelyingParty::web(&world);
    for extra in [
        ("response_type", "token"),
        ("scope", "\""),
        ("prompt", "none"),
        ("request", "x"),
        ("request_uri", "https://evil.example/r"),
        ("response_mode", "form_post"),
        ("code_challenge", "short"),
    ] {
        let mut request = request_of(&app);
        request.retain(|(name, _)| *name != "redirect_uri" && *name != extra.0);
        request.push(extra);
        for redirect_uri in ["https://evil.example/", "javascript:alert(1)", ""] {
            let request = [&request[..], &[("redirect_uri", redirect_uri)]].concat();
            let answer = open(&Browser::new(&world), &request);
            assert_eq!((answer.status.as_u16(), answer.location()), (400, ""), "{extra:?}");
            assert!(!answer.text.contains("<form"), "{extra:?}");
        }
    }
}

/// RFC 9207 §2, §2.3: every answer says whose it is, in the words of the metadata.
#[test]
fn every_answer_names_its_issuer() {
    let world = travel0_world();
    let app = RelyingParty::web(&world);
    let document = world.get(&travel0("/.well-known/openid-configuration"), "").json();
    assert_eq!(document["authorization_response_iss_parameter_supported"], true);
    let browser = Browser::new(&world);
    let mut answers = Vec::new();
    for extra in [
        ("response_type", "token"),
        ("scope", "\""),
        ("prompt", "none"),
        ("prompt", "nonsense"),
        ("request", "x"),
        ("request_uri", "https://evil.example/r"),
        ("response_mode", "jwt"),
        ("code_challenge", "short"),
        ("resource", "urn:nowhere"),
        ("max_age", "x"),
        ("claims", "{"),
        ("id_token_hint", "x"),
        ("dpop_jkt", "x"),
    ] {
        let mut request = request_of(&app);
        request.retain(|(name, _)| *name != extra.0);
        request.push(extra);
        let answer = open(&browser, &request);
        assert!(!error_of(&answer).is_empty());
        answers.push(answer);
    }
    answers.push(sign_in(&browser, &app.send(&browser, "openid"), "hiroko", PASSWORD));
    answers.push(app.send(&browser, "openid"));
    let question = browser.open(&app.authorization_path("openid", "&prompt=consent"));
    let (state, csrf) = (question.field("state"), question.field("csrf"));
    let fields = [("state", &*state), ("csrf", &*csrf), ("cancel", "yes")];
    answers.push(browser.submit(&question.action(), &fields));
    for answer in answers {
        assert_eq!(parameter(&answer, "iss").as_deref(), document["issuer"].as_str());
        assert_eq!(parameter(&answer, "iss"), Some(issuer()), "{answer:?}");
        let sent = answer.location();
        assert_eq!(sent.matches("&iss=").count() + sent.matches("?iss=").count(), 1, "{sent}");
    }
}

/// RFC 9700 §2.1.1, §4.8.2: a challenge that an attacker slips into another's request
/// does not make the victim's code the attacker's, and one that is taken away is missed.
#[test]
fn a_code_and_its_challenge_belong_together() {
    let world = travel0_world();
    let app = RelyingParty::web(&world);
    let none = json!({ "attributes": { "pkce.code.challenge.method": "none" } });
    assert_eq!(change_client(&world, app.client_id, &none).status, 204);
    let browser = Browser::new(&world);
    let with = code_in(&sign_in(&browser, &app.send(&browser, "openid"), "hiroko", PASSWORD));
    let mut request = request_of(&app);
    request.retain(|(name, _)| !name.starts_with("code_challenge"));
    let without = code_in(&open(&browser, &request));
    let redeem =
        |code: &str, verifier: &str| refusal(&app.redeem_with(code, app.redirect_uri, verifier)).1;
    assert_eq!(redeem(&without, crate::harness::relying_party::VERIFIER), "invalid_grant");
    assert_eq!(redeem(&with, &"y".repeat(43)), "invalid_grant");
    assert_eq!(redeem(&with, ""), "invalid_grant");
    assert_eq!(app.redeem(&with).status, 200);
}

/// RFC 7009 §2: by POST alone, and found whatever the hint says.
#[test]
fn a_token_is_revoked_by_post_whatever_the_hint_says() {
    let world = travel0_world();
    let app = RelyingParty::web(&world);
    let tokens = app.tokens_for("hiroko", "openid");
    let token = tokens["access_token"].as_str().unwrap();
    for method in [Method::GET, Method::PUT, Method::DELETE] {
        let mut request = form_request(&travel0(REVOKE), &[("token", token)]);
        *request.method_mut() = method.clone();
        assert_eq!(world.send(request).status(), 405, "{method}");
    }
    for (name, hint) in [("access_token", "refresh_token"), ("refresh_token", "of_no_kind")] {
        let fields = [("token", tokens[name].as_str().unwrap()), ("token_type_hint", hint)];
        let answer = crate::token_setup::post_as(&world, REVOKE, app.client_id, &fields);
        assert_eq!((answer.status.as_u16(), &*answer.text), (200, ""), "{name}");
    }
    assert_eq!(
        crate::harness::relying_party::userinfo(&world, &tokens["access_token"]).status,
        401
    );
    assert_eq!(app.refresh(tokens["refresh_token"].as_str().unwrap()).status, 400);
}
