//! Userinfo, discovery and the published keys, as a resource server uses them.
use crate::admin_setup::TRAVEL0;
use crate::harness::browser::Answer;
use crate::harness::relying_party::{
    RelyingParty, issuer, token_path, travel0, travel0_world, userinfo,
};
use crate::harness::world::World;
use crate::scim_setup::admin;
use base64::Engine;
use base64::prelude::{BASE64_STANDARD, BASE64_URL_SAFE_NO_PAD};
use guildhall::app::demo::CLIENT_SECRET;
use guildhall::crypto::jwt::{Expected, PublicKey, verify};
use guildhall::kernel::time::Seconds;
use http::Method;
use serde_json::{Value, json};

/// What the challenge says, but for where the resource describes itself
/// (`client_registration.rs`).
fn refused(answer: &Answer) -> (u16, &str) {
    let challenge = answer.header("www-authenticate");
    let said = challenge.split(", resource_metadata=").next().unwrap();
    (answer.status.as_u16(), said)
}

const INVALID: (u16, &str) = (401, "Bearer realm=\"travel0\", error=\"invalid_token\"");

#[test]
fn userinfo_tells_what_is_true_now() {
    let world = travel0_world();
    let tokens = RelyingParty::web(&world).tokens_for("hiroko", "openid organization");
    let answer = userinfo(&world, &tokens["access_token"]);
    let claims = answer.json();
    assert_eq!(claims["email"], "hiroko@granite-outpost.example");
    assert!(claims["organization"]["granite-outpost"]["id"].is_string());
    assert_eq!(answer.header("cache-control"), "no-store");
    let path = travel0("/protocol/openid-connect/userinfo");
    let posted = world.call(Method::POST, &path, tokens["access_token"].as_str().unwrap(), None);
    assert_eq!(posted.json(), claims);
}

/// The token as if realm `name` had issued it.
fn with_issuer(token: &str, name: &str) -> String {
    let [header, payload, signature]: [&str; 3] =
        token.split('.').collect::<Vec<_>>().try_into().unwrap();
    let claims = String::from_utf8(BASE64_URL_SAFE_NO_PAD.decode(payload).unwrap()).unwrap();
    let claims = claims.replace("/realms/travel0", &format!("/realms/{name}"));
    format!("{header}.{}.{signature}", BASE64_URL_SAFE_NO_PAD.encode(claims))
}

/// RFC 6750 §3.1.
#[test]
fn a_token_that_is_not_valid_is_told_so() {
    let world = travel0_world();
    let tokens = RelyingParty::web(&world).tokens_for("hiroko", "openid");
    let access = tokens["access_token"].as_str().unwrap();
    let none = world.get(&travel0("/protocol/openid-connect/userinfo"), "");
    assert_eq!(refused(&none), (401, "Bearer realm=\"travel0\""));

    let (signed, signature) = access.rsplit_once('.').unwrap();
    let other = if signature.starts_with('A') { 'B' } else { 'A' };
    let tampered = json!(format!("{signed}.{other}{}", &signature[1..]));
    let swapped = json!(with_issuer(access, "master"));
    for token in [&json!("x"), &json!("a.b.c"), &tampered, &swapped, &tokens["id_token"]] {
        assert_eq!(refused(&userinfo(&world, token)), INVALID, "{token}");
    }
    world.advance(Seconds(300));
    assert_eq!(refused(&userinfo(&world, &tokens["access_token"])), INVALID, "expired");
}

#[test]
fn a_token_of_another_realm_is_refused() {
    let world = travel0_world();
    let fields = [
        ("grant_type", "password"),
        ("client_id", "admin-cli"),
        ("username", "admin"),
        ("password", "admin"),
        ("scope", "openid"),
    ];
    let tokens = world.post_form("/realms/master/protocol/openid-connect/token", &fields).json();
    assert_eq!(refused(&userinfo(&world, &tokens["access_token"])), INVALID);
    let home = world.get(
        "/realms/master/protocol/openid-connect/userinfo",
        tokens["access_token"].as_str().unwrap(),
    );
    assert_eq!(home.json()["preferred_username"], "admin");
}

#[test]
fn a_token_without_openid_has_no_userinfo() {
    let world = travel0_world();
    let fields = [
        ("grant_type", "client_credentials"),
        ("client_id", "travel0-machine"),
        ("client_secret", CLIENT_SECRET),
    ];
    let tokens = world.post_form(&token_path(), &fields).json();
    let answer = userinfo(&world, &tokens["access_token"]);
    assert_eq!((answer.status.as_u16(), answer.error()), (403, "insufficient_scope".to_owned()));
}

fn published_keys(world: &World) -> Vec<PublicKey> {
    let keys = world.get(&travel0("/protocol/openid-connect/certs"), "").json();
    let key = |jwk: &Value| PublicKey {
        kid: jwk["kid"].as_str().unwrap().to_owned(),
        algorithm: "ES256",
        jwk: jwk.clone(),
    };
    keys["keys"].as_array().unwrap().iter().map(key).collect()
}

#[test]
fn the_published_keys_verify_both_tokens() {
    let world = travel0_world();
    let tokens = RelyingParty::web(&world).tokens_for("hiroko", "openid");
    let issuer = issuer();
    for (name, typ, audience) in
        [("access_token", "Bearer", None), ("id_token", "ID", Some("travel0-web"))]
    {
        let expected = Expected { issuer: &issuer, typ: Some(typ), now: world.now(), audience };
        let verified = verify(tokens[name].as_str().unwrap(), &published_keys(&world), &expected);
        assert!(verified.is_ok(), "{name}: {verified:?}");
    }
}

/// Libraries for Keycloak that check tokens with one key find it here.
#[test]
fn the_realms_front_has_the_key_that_signs_now() {
    let world = travel0_world();
    let answer = world.get(&travel0(""), "");
    assert_eq!(answer.header("access-control-allow-origin"), "*");
    let told = answer.json();
    let text = told["public_key"].as_str().unwrap();
    let der = BASE64_STANDARD.decode(text).unwrap();
    let keys = world.get(&travel0("/protocol/openid-connect/certs"), "").json();
    let signing = &keys["keys"].as_array().unwrap()[0];
    let x = BASE64_URL_SAFE_NO_PAD.decode(signing["x"].as_str().unwrap()).unwrap();
    assert_eq!(signing["alg"], "ES256");
    assert!(der.windows(x.len()).any(|part| part == x), "the point is in it");

    let out = world.post(&format!("{TRAVEL0}/logout-all"), &admin(&world), &json!({}));
    assert_eq!(out.status, 200);
    let told = world.get(&travel0(""), "").json();
    assert_ne!(told["tokens-not-before"], 0);
}

#[test]
fn the_published_keys_are_public() {
    let world = travel0_world();
    let answer = world.get(&travel0("/protocol/openid-connect/certs"), "");
    assert!(answer.json()["keys"][0].get("d").is_none());
    assert_eq!(answer.header("access-control-allow-origin"), "*");
}
