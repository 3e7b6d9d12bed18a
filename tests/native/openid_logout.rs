//! What the logout specifications ask of a provider, as far as `logout.rs` and
//! `backchannel_logout.rs` do not show it.
use crate::attacks::header_of;
use crate::authorization_setup::set_attributes;
use crate::harness::browser::Browser;
use crate::harness::relying_party::{
    RelyingParty, claims_of, code_in, issuer, travel0, travel0_world, userinfo,
};
use crate::harness::world::World;
use crate::logout::{log_out, signed_in};
use guildhall::account::announce::TELL_AFTER;
use guildhall::crypto::jwt::{Expected, PublicKey, verify};
use guildhall::platform::keys::SigningAlgorithm;
use serde_json::{Value, json};

const TOLD_AT: &str = "https://app.example/backchannel";

/// The logout token that the web client got after a sign-out.
fn logout_token(world: &World, attributes: &Value) -> Value {
    let mut attributes = attributes.clone();
    attributes["backchannel.logout.url"] = json!(TOLD_AT);
    set_attributes(world, "travel0-web", &attributes);
    world.serve(TOLD_AT, 200, "");
    world.deliver_queue();
    let (browser, tokens) = signed_in(&RelyingParty::web(world));
    log_out(&browser, &[("id_token_hint", tokens["id_token"].as_str().unwrap())]);
    world.pass(TELL_AFTER);
    world.deliver_queue();
    let form = world.posted().remove(0).form;
    json!(form.strip_prefix("logout_token=").unwrap())
}

fn is_verified(world: &World, token: &Value) -> bool {
    let keys = world.get(&travel0("/protocol/openid-connect/certs"), "").json();
    let keys: Vec<PublicKey> = keys["keys"]
        .as_array()
        .unwrap()
        .iter()
        .map(|jwk| PublicKey {
            kid: jwk["kid"].as_str().unwrap().to_owned(),
            algorithm: jwk["alg"].as_str().unwrap().parse::<SigningAlgorithm>().unwrap().as_str(),
            jwk: jwk.clone(),
        })
        .collect();
    let issuer = issuer();
    let audience = Some("travel0-web");
    let expected = Expected { issuer: &issuer, typ: None, now: world.now(), audience };
    verify(token.as_str().unwrap(), &keys, &expected).is_ok()
}

/// Back-Channel §2.4, §2.6: clients check it as they check an ID token, by the algorithm
/// that they registered for that.
#[test]
fn a_logout_token_is_signed_as_the_clients_id_tokens_are() {
    for (attributes, alg) in [
        (json!({}), "ES256"),
        (json!({ "id.token.signed.response.alg": "RS256" }), "RS256"),
        (json!({ "id.token.signed.response.alg": "EdDSA" }), "EdDSA"),
    ] {
        let world = travel0_world();
        let token = logout_token(&world, &attributes);
        assert_eq!(header_of(&token)["alg"], alg);
        assert!(is_verified(&world, &token), "{alg}");
        assert!(claims_of(&token).get("nonce").is_none());
    }
}

/// Back-Channel §2.3, Front-Channel §2: who signs out leaves what a client was given
/// worthless, in every client of the session and in no other session.
#[test]
fn a_logout_ends_the_session_in_every_client() {
    let world = travel0_world();
    let web = RelyingParty::web(&world);
    let (browser, tokens) = signed_in(&web);
    let spa = RelyingParty::spa(&world);
    let second = spa.redeem(&code_in(&spa.send(&browser, "openid"))).json();
    let (_, elsewhere) = signed_in(&web);
    log_out(&browser, &[("id_token_hint", tokens["id_token"].as_str().unwrap())]);
    for (app, tokens) in [(&web, &tokens), (&spa, &second)] {
        assert_eq!(userinfo(&world, &tokens["access_token"]).status, 401);
        let refreshed = app.refresh(tokens["refresh_token"].as_str().unwrap());
        assert_eq!(refreshed.error(), "invalid_grant");
    }
    assert_eq!(userinfo(&world, &elsewhere["access_token"]).status, 200);
}

/// RP-Initiated §2: both ways to come, and both end the session.
#[test]
fn a_logout_comes_by_get_or_by_post() {
    let world = travel0_world();
    let app = RelyingParty::web(&world);
    let path = travel0("/protocol/openid-connect/logout");
    for is_post in [false, true] {
        let (browser, tokens) = signed_in(&app);
        let hint = [("id_token_hint", tokens["id_token"].as_str().unwrap())];
        let answer = if is_post { browser.submit(&path, &hint) } else { log_out(&browser, &hint) };
        assert_eq!(answer.status, 200, "{answer:?}");
        assert_eq!(userinfo(&world, &tokens["access_token"]).status, 401);
    }
}

/// RP-Initiated §2: the hint of another session, also of the same person or of another
/// client, ends nothing unasked.
#[test]
fn a_hint_of_another_session_asks_the_person() {
    let world = travel0_world();
    let app = RelyingParty::web(&world);
    let (browser, tokens) = signed_in(&app);
    let (_, other) = signed_in(&app);
    let spa = RelyingParty::spa(&world).tokens_for("emilio", "openid");
    for hint in [&other["id_token"], &spa["id_token"]] {
        let question = log_out(&browser, &[("id_token_hint", hint.as_str().unwrap())]);
        assert_eq!((question.status.as_u16(), question.location()), (200, ""));
        assert!(!question.field("csrf").is_empty());
        for tokens in [&tokens, &other, &spa] {
            assert_eq!(userinfo(&world, &tokens["access_token"]).status, 200);
        }
    }
}

/// RP-Initiated §2: an ID token of another issuer, and one that was changed, speak for
/// nobody.
#[test]
fn a_hint_that_we_did_not_make_leads_nowhere() {
    let world = travel0_world();
    let app = RelyingParty::web(&world);
    let (browser, tokens) = signed_in(&app);
    let id = tokens["id_token"].as_str().unwrap();
    let (signed, signature) = id.rsplit_once('.').unwrap();
    let first = if signature.starts_with('A') { 'B' } else { 'A' };
    let forged = format!("{signed}.{first}{}", &signature[1..]);
    for hint in [forged.as_str(), "x", "a.b.c"] {
        for browser in [&browser, &Browser::new(&world)] {
            let bye = [("id_token_hint", hint), ("post_logout_redirect_uri", app.redirect_uri)];
            let answer = log_out(browser, &bye);
            assert_eq!((answer.status.as_u16(), answer.location()), (400, ""), "{hint}");
        }
    }
    assert_eq!(userinfo(&world, &tokens["access_token"]).status, 200);
}

/// RP-Initiated §2.1, Back-Channel §2.1, Front-Channel §3.
#[test]
fn where_to_sign_out_is_advertised() {
    let world = travel0_world();
    let document = world.get(&travel0("/.well-known/openid-configuration"), "").json();
    let endpoint = format!("{}/protocol/openid-connect/logout", issuer());
    assert_eq!(document["end_session_endpoint"], endpoint);
}
