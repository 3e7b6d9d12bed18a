//! How clients prove who they are, besides a plain secret: by assertions that they
//! sign (RFC 7523 §3, OIDC Core §9).
use crate::harness::browser::Answer;
use crate::harness::relying_party::{issuer, token_with_basic, travel0, travel0_world};
use crate::harness::world::{BASE, World};
use crate::token_setup::{MACHINE, Signer, TOKEN, configure, refusal, set_attributes};
use guildhall::app::demo::CLIENT_SECRET;
use guildhall::kernel::time::Seconds;
use serde_json::{Value, json};

const TYPE: &str = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";
const KEYS: &str = "https://keys.example/jwks.json";
const SECRET: &str = "a secret of more than thirty-two bytes";

fn claims(world: &World, jti: &str) -> Value {
    json!({
        "iss": MACHINE, "sub": MACHINE, "aud": issuer(), "jti": jti,
        "iat": world.now().as_unix(), "exp": world.now().as_unix() + 60,
    })
}

fn with(mut claims: Value, name: &str, value: Value) -> Value {
    claims[name] = value;
    claims
}

fn present(world: &World, assertion: &str) -> Answer {
    present_with(world, &[("client_assertion_type", TYPE), ("client_assertion", assertion)])
}

fn present_with(world: &World, fields: &[(&str, &str)]) -> Answer {
    let grant = [("grant_type", "client_credentials")];
    world.post_form(&travel0(TOKEN), &[&grant, fields].concat())
}

fn invalid_client() -> (u16, String) {
    (401, "invalid_client".to_owned())
}

/// The machine proves itself with a key that is written down with it.
fn with_keys(keys: &[Value]) -> World {
    let world = travel0_world();
    let keys = json!({ "keys": keys }).to_string();
    configure(
        &world,
        MACHINE,
        &json!({
            "clientAuthenticatorType": "client-jwt",
            "attributes": { "use.jwks.string": "true", "jwks.string": keys },
        }),
    );
    world
}

/// The machine publishes its keys.
fn with_published(keys: &[Value]) -> World {
    let world = travel0_world();
    configure(
        &world,
        MACHINE,
        &json!({
            "clientAuthenticatorType": "client-jwt",
            "attributes": { "use.jwks.url": "true", "jwks.url": KEYS },
        }),
    );
    publish(&world, keys);
    world
}

fn publish(world: &World, keys: &[Value]) {
    world.serve(KEYS, 200, json!({ "keys": keys }).to_string());
}

#[test]
fn a_client_signs_with_a_key_of_any_algorithm_of_ours() {
    for signer in [Signer::es256(1), Signer::eddsa(2), Signer::Rsa("RS256"), Signer::Rsa("PS256")] {
        let world = with_keys(&[signer.jwk("k1")]);
        let answer = present(&world, &signer.sign("k1", &claims(&world, "j1")));
        assert_eq!(answer.status, 200, "{}: {answer:?}", signer.alg());
    }
}

/// RFC 7523 §3, point 7.
#[test]
fn an_assertion_works_once() {
    let signer = Signer::es256(1);
    let world = with_keys(&[signer.jwk("k1")]);
    let assertion = signer.sign("k1", &claims(&world, "j1"));
    assert_eq!(present(&world, &assertion).status, 200);
    assert_eq!(refusal(&present(&world, &assertion)), invalid_client());
    let again =
        signer.sign("k1", &with(claims(&world, "j1"), "exp", json!(world.now().as_unix() + 61)));
    assert_eq!(refusal(&present(&world, &again)), invalid_client(), "the same jti in another");
    assert_eq!(present(&world, &signer.sign("k1", &claims(&world, "j2"))).status, 200);
}

#[test]
fn of_two_uses_at_once_one_wins() {
    let signer = Signer::es256(1);
    for step in 0..8 {
        let world = with_keys(&[signer.jwk("k1")]);
        let assertion = signer.sign("k1", &claims(&world, "j1"));
        let request = || {
            crate::harness::browser::form_request(
                &travel0(TOKEN),
                &[
                    ("grant_type", "client_credentials"),
                    ("client_assertion_type", TYPE),
                    ("client_assertion", &assertion),
                ],
            )
        };
        let Some(answers) = world.interleaved(step, request(), request()) else { return };
        let won = answers.iter().filter(|answer| answer.status() == 200).count();
        assert_eq!(won, 1, "held at {step}");
    }
}

#[test]
fn what_was_used_is_forgotten_when_it_is_over() {
    let signer = Signer::es256(1);
    let world = with_keys(&[signer.jwk("k1")]);
    assert_eq!(present(&world, &signer.sign("k1", &claims(&world, "j1"))).status, 200);
    let kept = |world: &World| world.dump().contains("spent_token");
    world.advance(Seconds(60 + 14));
    world.run(guildhall::app::schedule::tick(world.app()));
    assert!(kept(&world), "while it could be used");
    world.advance(Seconds(1));
    world.run(guildhall::app::schedule::tick(world.app()));
    assert!(!kept(&world));
}

#[test]
fn every_claim_is_checked() {
    let signer = Signer::es256(1);
    let world = with_keys(&[signer.jwk("k1")]);
    let now = world.now().as_unix();
    let good = claims(&world, "j1");
    let wrong = [
        with(good.clone(), "iss", json!("travel0-web")),
        with(good.clone(), "sub", json!("travel0-web")),
        with(good.clone(), "sub", json!(7)),
        with(good.clone(), "aud", json!(format!("{BASE}/realms/master"))),
        with(good.clone(), "aud", json!([])),
        with(good.clone(), "aud", json!([issuer(), "https://other.example"])),
        with(good.clone(), "aud", Value::Null),
        with(good.clone(), "exp", json!(now - 15)),
        with(good.clone(), "exp", json!(now + 300 + 16)),
        with(good.clone(), "exp", json!("soon")),
        with(good.clone(), "exp", Value::Null),
        with(good.clone(), "nbf", json!(now + 16)),
        with(good.clone(), "iat", json!(now + 16)),
        with(good.clone(), "jti", json!("")),
        with(good.clone(), "jti", json!("j".repeat(256))),
        with(good.clone(), "jti", Value::Null),
    ];
    for claims in wrong {
        let answer = present(&world, &signer.sign("k1", &claims));
        assert_eq!(refusal(&answer), invalid_client(), "{claims}");
    }
    // RFC 7519 §2: a date may have a fraction.
    let fraction = serde_json::from_str(&format!("{}.5", now + 60)).unwrap();
    let right = [
        with(claims(&world, "a"), "aud", json!(format!("{}{TOKEN}", issuer()))),
        with(claims(&world, "b"), "aud", json!([issuer()])),
        with(claims(&world, "c"), "exp", json!(now - 14)),
        with(claims(&world, "d"), "exp", json!(now + 300)),
        with(claims(&world, "e"), "nbf", json!(now + 15)),
        with(claims(&world, "f"), "exp", fraction),
    ];
    for claims in right {
        let answer = present(&world, &signer.sign("k1", &claims));
        assert_eq!(answer.status, 200, "{claims}: {answer:?}");
    }
}

/// RFC 8725 §3.1, §3.10, §3.11.
#[test]
fn no_header_makes_another_key_or_no_key_do() {
    let (own, thief) = (Signer::es256(1), Signer::es256(9));
    let world = with_keys(&[own.jwk("k1")]);
    let claims = claims(&world, "j1");
    let unsigned =
        format!("{}.", own.sign_as(&json!({ "alg": "none" }), &claims).rsplit_once('.').unwrap().0);
    let public = own.jwk("k1").to_string();
    let attacks = [
        ("no signature", unsigned),
        ("another key", thief.sign("k1", &claims)),
        (
            "a key it brings",
            thief.sign_as(&json!({ "alg": "ES256", "jwk": thief.bare_jwk() }), &claims),
        ),
        (
            "a key it points to",
            thief.sign_as(
                &json!({ "alg": "ES256", "kid": "k1", "jku": "https://evil.example/keys" }),
                &claims,
            ),
        ),
        (
            "a certificate it points to",
            thief.sign_as(
                &json!({ "alg": "ES256", "kid": "k1", "x5u": "https://evil.example/crt" }),
                &claims,
            ),
        ),
        ("the public key as a secret", Signer::Shared(public.into_bytes()).sign("k1", &claims)),
        ("the client's secret", Signer::Shared(CLIENT_SECRET.into()).sign("k1", &claims)),
        ("another algorithm", Signer::eddsa(1).sign("k1", &claims)),
        ("an unknown key", own.sign("k2", &claims)),
        (
            "a critical extension",
            own.sign_as(&json!({ "alg": "ES256", "kid": "k1", "crit": ["x"], "x": 1 }), &claims),
        ),
        (
            "a proof of possession",
            own.sign_as(&json!({ "alg": "ES256", "kid": "k1", "typ": "dpop+jwt" }), &claims),
        ),
        (
            "an access token",
            own.sign_as(&json!({ "alg": "ES256", "kid": "k1", "typ": "at+jwt" }), &claims),
        ),
        ("too long", own.sign("k1", &with(claims.clone(), "pad", json!("x".repeat(20_000))))),
        ("text", "x".to_owned()),
    ];
    for (why, assertion) in attacks {
        assert_eq!(refusal(&present(&world, &assertion)), invalid_client(), "{why}");
    }
    assert_eq!(present(&world, &own.sign("k1", &claims)).status, 200);
}

#[test]
fn the_client_says_which_algorithm_it_signs_with_and_how_long_an_assertion_lasts() {
    let [es, ed] = [Signer::es256(1), Signer::eddsa(2)];
    let world = with_keys(&[es.jwk("k1"), ed.jwk("k2")]);
    set_attributes(
        &world,
        MACHINE,
        &json!({
            "token.endpoint.auth.signing.alg": "EdDSA", "token.endpoint.auth.signing.max.exp": "30",
        }),
    );
    let short = |jti: &str| with(claims(&world, jti), "exp", json!(world.now().as_unix() + 30));
    assert_eq!(refusal(&present(&world, &es.sign("k1", &short("j1")))), invalid_client());
    assert_eq!(present(&world, &ed.sign("k2", &short("j1"))).status, 200);
    assert_eq!(refusal(&present(&world, &ed.sign("k2", &claims(&world, "j2")))), invalid_client());
}

#[test]
fn without_a_kid_the_only_key_that_fits_is_meant() {
    let [one, other, ed] = [Signer::es256(1), Signer::es256(2), Signer::eddsa(3)];
    let world = with_keys(&[one.jwk("k1"), ed.jwk("k2")]);
    let bare = |signer: &Signer, jti: &str| {
        signer.sign_as(&json!({ "alg": signer.alg(), "typ": "JWT" }), &claims(&world, jti))
    };
    assert_eq!(present(&world, &bare(&one, "j1")).status, 200);
    assert_eq!(refusal(&present(&world, &bare(&other, "j2"))), invalid_client());
    let two = json!({ "keys": [one.jwk("k1"), other.jwk("k2")] }).to_string();
    set_attributes(&world, MACHINE, &json!({ "jwks.string": two }));
    assert_eq!(refusal(&present(&world, &bare(&one, "j3"))), invalid_client(), "which is meant?");
}

#[test]
fn a_client_has_one_way_to_prove_itself() {
    let signer = Signer::es256(1);
    let world = with_keys(&[signer.jwk("k1")]);
    let secret = [("client_id", MACHINE), ("client_secret", CLIENT_SECRET)];
    assert_eq!(refusal(&present_with(&world, &secret)), invalid_client(), "post");
    let basic = token_with_basic(
        &world,
        &format!("{MACHINE}:{CLIENT_SECRET}"),
        &[("grant_type", "client_credentials")],
    );
    assert_eq!(refusal(&basic), invalid_client(), "basic");
    let alone = [("client_id", MACHINE)];
    assert_eq!(refusal(&present_with(&world, &alone)), invalid_client(), "nothing");

    let assertion = signer.sign("k1", &claims(&world, "j1"));
    let proof = [("client_assertion_type", TYPE), ("client_assertion", &*assertion)];
    let invalid_request = (400, "invalid_request".to_owned());
    let both = [&proof[..], &secret[..]].concat();
    assert_eq!(refusal(&present_with(&world, &both)), invalid_request);
    let twice = [&proof[..], &proof[1..]].concat();
    assert_eq!(refusal(&present_with(&world, &twice)), invalid_request);
    assert_eq!(refusal(&present_with(&world, &proof[1..])), invalid_client(), "no type");
    let other = [("client_assertion_type", "urn:x"), proof[1]];
    assert_eq!(refusal(&present_with(&world, &other)), invalid_client());
    let named = [&proof[..], &[("client_id", "travel0-web")]].concat();
    assert_eq!(refusal(&present_with(&world, &named)), invalid_client(), "another client's name");
    let named = [&proof[..], &[("client_id", MACHINE)]].concat();
    assert_eq!(present_with(&world, &named).status, 200);

    configure(&world, MACHINE, &json!({ "clientAuthenticatorType": "client-secret" }));
    let assertion = signer.sign("k1", &claims(&world, "j2"));
    assert_eq!(refusal(&present(&world, &assertion)), invalid_client(), "a secret it is now");
    assert_eq!(present_with(&world, &secret).status, 200);
    configure(&world, MACHINE, &json!({ "clientAuthenticatorType": "client-x509" }));
    assert_eq!(refusal(&present_with(&world, &secret)), invalid_client(), "none that we know");
}

#[test]
fn a_secret_signs_an_assertion_and_is_not_sent() {
    let world = travel0_world();
    configure(
        &world,
        MACHINE,
        &json!({
            "clientAuthenticatorType": "client-secret-jwt", "secret": SECRET,
        }),
    );
    let right = Signer::Shared(SECRET.into());
    assert_eq!(present(&world, &right.sign("any", &claims(&world, "j1"))).status, 200);
    let wrong = Signer::Shared(vec![7; 40]);
    assert_eq!(
        refusal(&present(&world, &wrong.sign("any", &claims(&world, "j2")))),
        invalid_client()
    );
    let asymmetric = Signer::es256(1);
    let answer = present(&world, &asymmetric.sign("any", &claims(&world, "j3")));
    assert_eq!(refusal(&answer), invalid_client());
    let sent = [("client_id", MACHINE), ("client_secret", SECRET)];
    assert_eq!(refusal(&present_with(&world, &sent)), invalid_client());

    // RFC 7518 §3.2: a secret as long as the hash, at the least.
    configure(&world, MACHINE, &json!({ "secret": "short" }));
    let short = Signer::Shared(b"short".to_vec());
    assert_eq!(
        refusal(&present(&world, &short.sign("any", &claims(&world, "j4")))),
        invalid_client()
    );
}

#[test]
fn published_keys_are_fetched_kept_and_looked_up_again() {
    let [old, new] = [Signer::es256(1), Signer::es256(2)];
    let world = with_published(&[old.jwk("k1")]);
    let ask = |signer: &Signer, kid: &str, jti: &str| {
        present(&world, &signer.sign(kid, &claims(&world, jti))).status.as_u16()
    };
    assert_eq!(ask(&old, "k1", "j1"), 200);
    world.unplug(KEYS);
    assert_eq!(ask(&old, "k1", "j2"), 200, "the copy will do");
    publish(&world, &[new.jwk("k2")]);
    assert_eq!(ask(&new, "k2", "j3"), 401, "just looked");
    world.advance(Seconds(10));
    assert_eq!(ask(&new, "k2", "j4"), 200, "looked again");
    assert_eq!(ask(&old, "k1", "j5"), 401, "it was taken back");
    world.unplug(KEYS);
    world.advance(Seconds::minutes(5));
    assert_eq!(ask(&new, "k2", "j6"), 401, "the copy is too old");
}

#[test]
fn keys_that_are_too_many_too_long_or_none_are_no_keys() {
    let signer = Signer::es256(1);
    let bad = [
        "{}".to_owned(),
        "not JSON".to_owned(),
        json!({ "keys": vec![signer.jwk("k1"); 51] }).to_string(),
        json!({ "keys": [signer.jwk("k1")], "pad": "x".repeat(64 * 1024) }).to_string(),
    ];
    for body in bad {
        let world = with_published(&[]);
        world.serve(KEYS, 200, body.clone());
        let answer = present(&world, &signer.sign("k1", &claims(&world, "j1")));
        assert_eq!(refusal(&answer), invalid_client(), "{}", &body[..8.min(body.len())]);
    }
    let world = travel0_world();
    configure(&world, MACHINE, &json!({ "clientAuthenticatorType": "client-jwt" }));
    let answer = present(&world, &signer.sign("k1", &claims(&world, "j1")));
    assert_eq!(refusal(&answer), invalid_client(), "nothing says what its keys are");
}

#[test]
fn a_certificate_is_a_key_too() {
    let world = travel0_world();
    let certificate = include_str!("../fixtures/keys/rsa2048-1.crt");
    configure(
        &world,
        MACHINE,
        &json!({
            "clientAuthenticatorType": "client-jwt",
            "attributes": { "jwt.credential.certificate": certificate },
        }),
    );
    let answer = present(&world, &Signer::Rsa("RS256").sign("any", &claims(&world, "j1")));
    assert_eq!(answer.status, 200, "{answer:?}");
}

#[test]
fn only_who_asserts_pays_for_it() {
    let signer = Signer::es256(1);
    let world = with_keys(&[signer.jwk("k1")]);
    present(&world, &signer.sign("k1", &claims(&world, "j1")));
    let second = signer.sign("k1", &claims(&world, "j2"));
    let (answer, trips) = world.trips_of(|| present(&world, &second));
    assert_eq!((answer.status.as_u16(), trips.directory, trips.objects), (200, 1, 0));
}
