//! `EXTERNAL_JWT`: an organization's directory presents a token that somebody else
//! signs.
use crate::harness::world::World;
use crate::scim_setup::{Directory, travel0};
use crate::token_setup::Signer;
use guildhall::kernel::time::Seconds;
use guildhall::realm::published_keys::KEYS_AGE;
use serde_json::{Value, json};

const ISSUER: &str = "https://idp.granite.example";
const AUDIENCE: &str = "guildhall-scim";
const KEYS: &str = "https://idp.granite.example/keys";

fn auth() -> Value {
    json!({ "type": "EXTERNAL_JWT", "issuer": ISSUER, "audience": AUDIENCE, "jwks_uri": KEYS })
}

/// Granite Outpost trusts the issuer, whose keys are these.
fn trusting<'a>(world: &'a World, keys: &[Value]) -> Directory<'a> {
    publish(world, keys);
    Directory::configure(world, "granite-outpost", &auth())
}

fn publish(world: &World, keys: &[Value]) {
    world.serve(KEYS, 200, json!({ "keys": keys }).to_string());
}

fn claims(world: &World) -> Value {
    let now = world.now().as_unix();
    json!({ "iss": ISSUER, "aud": AUDIENCE, "exp": now + 300, "iat": now, "nbf": now, "sub": "okta" })
}

fn with(world: &World, name: &str, value: Value) -> Value {
    let mut claims = claims(world);
    claims[name] = value;
    claims
}

fn without(world: &World, name: &str) -> Value {
    let mut claims = claims(world);
    claims.as_object_mut().unwrap().remove(name);
    claims
}

fn status(world: &World, token: &str) -> u16 {
    world.app().ports.tries.clear();
    let org = crate::scim_setup::org_id(world, "granite-outpost");
    Directory::at(world, org).with_bearer(token).status()
}

#[test]
fn every_algorithm_of_ours_will_do() {
    for signer in [Signer::es256(1), Signer::eddsa(2), Signer::Rsa("RS256"), Signer::Rsa("PS256")] {
        let world = travel0();
        let directory = trusting(&world, &[signer.jwk("k1")]);
        assert_eq!(directory.config()["auth"], auth());
        assert_eq!(status(&world, &signer.sign("k1", &claims(&world))), 200, "{}", signer.alg());
        let service = directory.with_bearer(&signer.sign("k1", &claims(&world)));
        let schemes = service.get("/ServiceProviderConfig").json()["authenticationSchemes"].clone();
        assert_eq!(schemes[0]["type"], "oauthbearertoken");
        assert_eq!(
            (schemes[0]["primary"].clone(), schemes.as_array().unwrap().len()),
            (json!(true), 1)
        );
    }
}

#[test]
fn each_claim_is_compared() {
    let world = travel0();
    let signer = Signer::es256(1);
    trusting(&world, &[signer.jwk("k1")]);
    let now = world.now().as_unix();
    let refused = [
        ("no issuer", without(&world, "iss")),
        ("another issuer", with(&world, "iss", json!(format!("{ISSUER}/")))),
        ("a list of issuers", with(&world, "iss", json!([ISSUER]))),
        ("any issuer", with(&world, "iss", json!("*"))),
        ("no audience", without(&world, "aud")),
        ("another audience", with(&world, "aud", json!("guildhall"))),
        ("other audiences", with(&world, "aud", json!(["a", "b"]))),
        ("any audience", with(&world, "aud", json!("*"))),
        ("no end", without(&world, "exp")),
        ("expired", with(&world, "exp", json!(now - 15))),
        ("an end in words", with(&world, "exp", json!("tomorrow"))),
        ("an end beyond numbers", with(&world, "exp", json!(1e300))),
        ("not yet", with(&world, "nbf", json!(now + 16))),
        ("a beginning in words", with(&world, "nbf", json!("now"))),
        ("issued tomorrow", with(&world, "iat", json!(now + 86400))),
    ];
    for (why, claims) in refused {
        assert_eq!(status(&world, &signer.sign("k1", &claims)), 401, "{why}");
    }
    let taken = [
        ("one of several audiences", with(&world, "aud", json!(["other", AUDIENCE]))),
        ("within the skew", with(&world, "exp", json!(now - 14))),
        ("a beginning within the skew", with(&world, "nbf", json!(now + 15))),
        ("no beginning", without(&world, "nbf")),
    ];
    for (why, claims) in taken {
        assert_eq!(status(&world, &signer.sign("k1", &claims)), 200, "{why}");
    }
}

/// RFC 8725 §2.1: no algorithm, a public key as a secret, a key in the header,
/// another's key.
#[test]
fn what_is_signed_otherwise_is_refused() {
    let world = travel0();
    let (signer, rsa, thief) = (Signer::es256(1), Signer::Rsa("RS256"), Signer::es256(9));
    trusting(&world, &[signer.jwk("k1"), rsa.jwk("k2")]);
    let claims = claims(&world);
    let n = rsa.bare_jwk()["n"].as_str().unwrap().as_bytes().to_vec();
    let set = json!({ "keys": [signer.jwk("k1"), rsa.jwk("k2")] }).to_string().into_bytes();
    let header = |alg: &str, kid: &str| json!({ "alg": alg, "kid": kid });
    let forged = [
        ("none", signer.sign_as(&header("none", "k1"), &claims)),
        ("no algorithm", signer.sign_as(&json!({ "kid": "k1" }), &claims)),
        ("HS256 with the modulus", Signer::Shared(n).sign_as(&header("HS256", "k2"), &claims)),
        ("HS256 with the set", Signer::Shared(set).sign_as(&header("HS256", "k2"), &claims)),
        (
            "HS256 with nothing",
            Signer::Shared(vec![0; 32]).sign_as(&header("HS256", "k1"), &claims),
        ),
        ("RS512", rsa.sign_as(&header("RS512", "k2"), &claims)),
        ("ES256 of an RSA key", rsa.sign_as(&header("ES256", "k2"), &claims)),
        ("RS256 of an EC key", signer.sign_as(&header("RS256", "k1"), &claims)),
        ("the other key's name", signer.sign("k2", &claims)),
        ("a stranger's key", thief.sign("k1", &claims)),
        (
            "a stranger's key in the header",
            thief
                .sign_as(&json!({ "alg": "ES256", "kid": "k1", "jwk": thief.bare_jwk() }), &claims),
        ),
        (
            "a stranger's address in the header",
            thief.sign_as(
                &json!({ "alg": "ES256", "kid": "k9", "jku": "https://evil.example" }),
                &claims,
            ),
        ),
        (
            "a critical extension",
            signer.sign_as(&json!({ "alg": "ES256", "kid": "k1", "crit": ["b64"] }), &claims),
        ),
        ("half a token", signer.sign("k1", &claims).rsplit_once('.').unwrap().0.to_owned()),
        ("no signature", format!("{}.", signer.sign("k1", &claims).rsplit_once('.').unwrap().0)),
        ("a huge token", format!("{}{}", signer.sign("k1", &claims), "A".repeat(20_000))),
    ];
    for (why, token) in forged {
        assert_eq!(status(&world, &token), 401, "{why}");
    }
    assert_eq!(status(&world, &signer.sign("k1", &claims)), 200);
}

/// Symmetric keys in a set are none.
#[test]
fn a_published_secret_is_no_key() {
    let world = travel0();
    let shared = Signer::Shared(b"a secret of more than thirty-two bytes".to_vec());
    trusting(&world, &[shared.jwk("k1")]);
    assert_eq!(status(&world, &shared.sign("k1", &claims(&world))), 401);
}

#[test]
fn a_key_that_is_new_is_looked_up_and_one_that_is_gone_ends() {
    let world = travel0();
    let (old, new) = (Signer::es256(1), Signer::es256(2));
    trusting(&world, &[old.jwk("k1")]);
    assert_eq!(status(&world, &old.sign("k1", &claims(&world))), 200);
    publish(&world, &[new.jwk("k2")]);
    world.advance(Seconds(10));
    assert_eq!(status(&world, &new.sign("k2", &claims(&world))), 200, "looked up at once");
    assert_eq!(status(&world, &old.sign("k1", &claims(&world))), 401, "no longer published");
}

#[test]
fn a_flood_of_unknown_keys_is_looked_up_once() {
    let world = travel0();
    let (signer, stranger) = (Signer::es256(1), Signer::es256(2));
    trusting(&world, &[signer.jwk("k1")]);
    assert_eq!(status(&world, &signer.sign("k1", &claims(&world))), 200);
    world.unplug(KEYS);
    world.advance(Seconds(10));
    for number in 0..50 {
        let token = stranger.sign(&format!("unknown-{number}"), &claims(&world));
        assert_eq!(status(&world, &token), 401);
    }
    let good = signer.sign("k1", &claims(&world));
    assert_eq!(status(&world, &good), 200, "the flood does not harm who is known");
    publish(&world, &[signer.jwk("k1"), stranger.jwk("unknown-1")]);
    let late = stranger.sign("unknown-1", &claims(&world));
    assert_eq!(status(&world, &late), 401, "looked up a moment ago");
    world.advance(Seconds(10));
    assert_eq!(status(&world, &late), 200);
}

#[test]
fn keys_that_are_not_to_be_had_do_for_a_bounded_time() {
    let world = travel0();
    let signer = Signer::es256(1);
    trusting(&world, &[signer.jwk("k1")]);
    assert_eq!(status(&world, &signer.sign("k1", &claims(&world))), 200);
    world.unplug(KEYS);
    world.advance(Seconds(KEYS_AGE.0 - 1));
    assert_eq!(status(&world, &signer.sign("k1", &claims(&world))), 200, "an outage");
    world.advance(Seconds(1));
    assert_eq!(status(&world, &signer.sign("k1", &claims(&world))), 401);
}

#[test]
fn a_key_set_that_is_none_opens_nothing() {
    let world = travel0();
    let signer = Signer::es256(1);
    trusting(&world, &[]);
    let many: Vec<Value> = (0..51).map(|number| signer.jwk(&format!("k{number}"))).collect();
    let huge = json!({ "keys": [signer.jwk("k1")], "padding": "x".repeat(70_000) });
    let sets = [
        ("an error", 500, json!({ "keys": [signer.jwk("k1")] }).to_string()),
        ("a redirect", 302, String::new()),
        ("no JSON", 200, "<html>".to_owned()),
        ("no set", 200, signer.jwk("k1").to_string()),
        ("too many keys", 200, json!({ "keys": many }).to_string()),
        ("a huge set", 200, huge.to_string()),
        (
            "nothing of ours",
            200,
            json!({ "keys": [{ "kty": "future", "kid": "k1" }, 7] }).to_string(),
        ),
        ("a megabyte and more", 200, "x".repeat(1024 * 1024 + 1)),
    ];
    for (why, code, body) in sets {
        world.serve(KEYS, code, body);
        world.app().ports.memo.clear();
        assert_eq!(status(&world, &signer.sign("k1", &claims(&world))), 401, "{why}");
    }
    world.unplug(KEYS);
    world.app().ports.memo.clear();
    assert_eq!(status(&world, &signer.sign("k1", &claims(&world))), 401, "nobody answers");
}

/// A token that would not do anyway makes us ask nobody.
#[test]
fn nothing_is_fetched_for_a_token_of_somebody_else() {
    let world = travel0();
    let signer = Signer::es256(1);
    trusting(&world, &[signer.jwk("k1")]);
    let foreign = signer.sign("k1", &with(&world, "iss", json!("https://other.example")));
    assert_eq!(status(&world, &foreign), 401);
    // Had it been, the next one would be too soon.
    publish(&world, &[signer.jwk("k2")]);
    assert_eq!(status(&world, &signer.sign("k2", &claims(&world))), 200);
}

#[test]
fn an_update_keeps_what_it_leaves_out() {
    let world = travel0();
    let signer = Signer::es256(1);
    let directory = trusting(&world, &[signer.jwk("k1")]);
    let changed =
        directory.reconfigure(&json!({ "auth": { "type": "EXTERNAL_JWT", "audience": "other" } }));
    let mut wanted = auth();
    wanted["audience"] = json!("other");
    assert_eq!((changed.status.as_u16(), &changed.json()["auth"]), (200, &wanted));
    assert_eq!(status(&world, &signer.sign("k1", &claims(&world))), 401);
    let token = signer.sign("k1", &with(&world, "aud", json!("other")));
    assert_eq!(status(&world, &token), 200);
    assert!(directory.trail().contains(KEYS), "whom an organization trusts is told");
}
