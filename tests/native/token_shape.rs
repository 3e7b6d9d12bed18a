//! What a client's settings make of its tokens: who signs them with what.
use crate::admin_setup::{TRAVEL0, client_uuid};
use crate::harness::browser::Answer;
use crate::harness::relying_party::{
    RelyingParty, claims_of, issuer, travel0, travel0_world, userinfo,
};
use crate::harness::world::World;
use crate::scim_setup::admin;
use crate::token_setup::{INTROSPECT, MACHINE, post_as, set_attributes};
use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use guildhall::crypto::jwt::{Expected, PublicKey, verify};
use guildhall::kernel::time::Seconds;
use guildhall::platform::keys::SigningAlgorithm;
use serde_json::{Value, json};

const WEB: &str = "travel0-web";

fn header_of(token: &Value) -> Value {
    let header = token.as_str().unwrap().split('.').next().unwrap();
    serde_json::from_slice(&BASE64_URL_SAFE_NO_PAD.decode(header).unwrap()).unwrap()
}

fn published(world: &World) -> Vec<Value> {
    let keys = world.get(&travel0("/protocol/openid-connect/certs"), "").json();
    keys["keys"].as_array().unwrap().clone()
}

/// Verifies a token with what is published, as a resource server does.
fn is_verified(world: &World, token: &Value) -> bool {
    let keys: Vec<PublicKey> = published(world)
        .into_iter()
        .map(|jwk| {
            let algorithm: SigningAlgorithm = jwk["alg"].as_str().unwrap().parse().unwrap();
            let kid = jwk["kid"].as_str().unwrap().to_owned();
            PublicKey { kid, algorithm: algorithm.as_str(), jwk }
        })
        .collect();
    let issuer = issuer();
    let expected = Expected { issuer: &issuer, typ: None, now: world.now(), audience: None };
    verify(token.as_str().unwrap(), &keys, &expected).is_ok()
}

#[test]
fn each_token_is_signed_with_what_the_client_wants() {
    // Never both kinds of RSA: the tests have two such keys, which a realm might get.
    for (access, id) in [("RS256", "EdDSA"), ("EdDSA", "RS256"), ("PS256", "ES256")] {
        let world = travel0_world();
        set_attributes(
            &world,
            WEB,
            &json!({
                "access.token.signed.response.alg": access, "id.token.signed.response.alg": id,
            }),
        );
        let tokens = RelyingParty::web(&world).tokens_for("hiroko", "openid");
        for (name, alg) in [("access_token", access), ("id_token", id)] {
            assert_eq!(header_of(&tokens[name])["alg"], alg);
            assert!(is_verified(&world, &tokens[name]), "{name} {alg}");
        }
        assert_eq!(userinfo(&world, &tokens["access_token"]).status, 200);
        let token = [("token", tokens["access_token"].as_str().unwrap())];
        assert_eq!(post_as(&world, INTROSPECT, MACHINE, &token).json()["active"], true);
        let other = RelyingParty::spa(&world).tokens_for("hiroko", "openid");
        assert_eq!(header_of(&other["access_token"])["alg"], "ES256", "the realm's");
    }
}

#[test]
fn a_key_is_made_once_for_all_who_want_it() {
    let world = travel0_world();
    assert_eq!(published(&world).len(), 1);
    for client in [WEB, "travel0-spa"] {
        set_attributes(&world, client, &json!({ "access.token.signed.response.alg": "PS256" }));
    }
    RelyingParty::web(&world).tokens_for("hiroko", "openid");
    world.restart();
    RelyingParty::spa(&world).tokens_for("hiroko", "openid");
    let algorithms: Vec<Value> = published(&world).iter().map(|key| key["alg"].clone()).collect();
    assert_eq!(algorithms.len(), 2, "{algorithms:?}");
    assert!(algorithms.contains(&json!("PS256")));
}

#[test]
fn a_key_that_was_made_for_a_client_is_rotated_too() {
    let world = travel0_world();
    set_attributes(&world, WEB, &json!({ "access.token.signed.response.alg": "EdDSA" }));
    let kid = |world: &World| {
        let tokens = RelyingParty::web(world).tokens_for("hiroko", "openid");
        assert!(is_verified(world, &tokens["access_token"]));
        header_of(&tokens["access_token"])["kid"].clone()
    };
    let first = kid(&world);
    world.advance(Seconds::days(91));
    world.run(guildhall::app::schedule::tick(world.app()));
    world.advance(Seconds::minutes(2));
    world.restart();
    assert_ne!(kid(&world), first);
}

#[test]
fn an_algorithm_that_is_not_ours_is_refused_when_it_is_set() {
    let world = travel0_world();
    let path = format!("{TRAVEL0}/clients/{}", client_uuid(&world, TRAVEL0, WEB));
    for name in [
        "access.token.signed.response.alg",
        "id.token.signed.response.alg",
        "user.info.response.signature.alg",
    ] {
        for alg in ["none", "HS256", "RS512"] {
            let body = json!({ "attributes": { name: alg } });
            assert_eq!(world.put(&path, &admin(&world), &body).status, 400, "{name} {alg}");
        }
    }
}

/// RFC 9068 §2.1.
#[test]
fn an_access_token_may_say_in_its_header_what_it_is() {
    let world = travel0_world();
    let app = RelyingParty::web(&world);
    let plain = app.tokens_for("hiroko", "openid");
    assert_eq!(header_of(&plain["access_token"])["typ"], "JWT");
    set_attributes(&world, WEB, &json!({ "access.token.header.type.rfc9068": "true" }));
    let tokens = app.tokens_for("hiroko", "openid");
    assert_eq!(header_of(&tokens["access_token"])["typ"], "at+jwt");
    assert_eq!(header_of(&tokens["id_token"])["typ"], "JWT");
    assert_eq!(userinfo(&world, &tokens["access_token"]).status, 200);
}

/// OIDC Core §5.3.2.
#[test]
fn userinfo_may_be_signed() {
    let world = travel0_world();
    let tokens = RelyingParty::web(&world).tokens_for("hiroko", "openid");
    let plain = userinfo(&world, &tokens["access_token"]);
    assert_eq!(plain.header("content-type"), "application/json");
    set_attributes(&world, WEB, &json!({ "user.info.response.signature.alg": "RS256" }));
    let signed: Answer = userinfo(&world, &tokens["access_token"]);
    assert_eq!(signed.header("content-type"), "application/jwt");
    let token = json!(signed.text);
    assert_eq!(header_of(&token)["alg"], "RS256");
    let claims = claims_of(&token);
    assert_eq!((&claims["iss"], &claims["aud"]), (&json!(issuer()), &json!(WEB)));
    for (name, value) in plain.json().as_object().unwrap() {
        assert_eq!(&claims[name], value, "{name}");
    }
    assert_eq!(userinfo(&world, &token).status, 401, "it is no access token");
}
