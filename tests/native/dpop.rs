//! Proofs of possession (RFC 9449): tokens that are worth nothing without a key.
use crate::admin_setup::{EVERY_ROLE, TRAVEL0, holder_of, make_client};
use crate::authorization_setup::{open, push_path, request_of};
use crate::harness::browser::{Answer, Browser, form_request, request};
use crate::harness::relying_party::{
    RelyingParty, VERIFIER, claims_of, code_in, sign_in, token_path, travel0, travel0_world,
};
use crate::harness::world::{BASE, World};
use crate::token_setup::{INTROSPECT, MACHINE, Signer, TOKEN, post_as, refusal, set_attributes};
use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use bytes::Bytes;
use guildhall::app::demo::{CLIENT_SECRET, PASSWORD};
use guildhall::crypto::digest::sha256_base64url;
use guildhall::crypto::jwk::thumbprint;
use guildhall::kernel::time::Seconds;
use http::{Method, Request};
use serde_json::{Value, json};

const PAR: &str = "/protocol/openid-connect/ext/par/request";
const USERINFO: &str = "/protocol/openid-connect/userinfo";

fn invalid_proof() -> (u16, String) {
    (400, "invalid_dpop_proof".to_owned())
}

fn header_of(signer: &Signer) -> Value {
    json!({ "typ": "dpop+jwt", "alg": signer.alg(), "jwk": signer.bare_jwk() })
}

fn claims(world: &World, method: &str, path: &str, jti: &str) -> Value {
    json!({
        "htm": method, "htu": format!("{BASE}{}", travel0(path)), "jti": jti,
        "iat": world.now().as_unix(),
    })
}

fn with(mut claims: Value, name: &str, value: Value) -> Value {
    claims[name] = value;
    claims
}

fn proof(signer: &Signer, claims: &Value) -> String {
    signer.sign_as(&header_of(signer), claims)
}

fn with_proof(mut request: Request<Bytes>, proof: &str) -> Request<Bytes> {
    request.headers_mut().insert("dpop", proof.parse().unwrap());
    request
}

/// A machine asks for a token, with this proof.
fn ask(world: &World, proof: &str) -> Answer {
    let fields = [
        ("grant_type", "client_credentials"),
        ("client_id", MACHINE),
        ("client_secret", CLIENT_SECRET),
    ];
    Answer::new(world.send(with_proof(form_request(&token_path(), &fields), proof)))
}

/// The public client posts to the token endpoint, with a proof of `signer`.
fn spa(world: &World, signer: &Signer, jti: &str, fields: &[(&str, &str)]) -> Answer {
    let fields = [&[("client_id", "travel0-spa")], fields].concat();
    let proof = proof(signer, &claims(world, "POST", TOKEN, jti));
    Answer::new(world.send(with_proof(form_request(&token_path(), &fields), &proof)))
}

/// Tokens of a person, bound to the key of `signer`.
fn bound_tokens(world: &World, signer: &Signer) -> Value {
    let code = RelyingParty::spa(world).code_for("hiroko", "openid");
    let answer = redeem(world, signer, "redeem", &code);
    assert_eq!(answer.status, 200, "{answer:?}");
    answer.json()
}

fn redeem(world: &World, signer: &Signer, jti: &str, code: &str) -> Answer {
    let fields = [
        ("grant_type", "authorization_code"),
        ("code", code),
        ("redirect_uri", RelyingParty::spa(world).redirect_uri),
        ("code_verifier", VERIFIER),
    ];
    spa(world, signer, jti, &fields)
}

fn refresh(world: &World, signer: &Signer, jti: &str, tokens: &Value) -> Answer {
    let token = tokens["refresh_token"].as_str().unwrap();
    spa(world, signer, jti, &[("grant_type", "refresh_token"), ("refresh_token", token)])
}

/// GET of a resource with a token under `scheme`, and a proof if there is one.
fn resource(world: &World, path: &str, scheme: &str, token: &Value, proof: Option<&str>) -> Answer {
    let authorization = format!("{scheme} {}", token.as_str().unwrap());
    let request = request(Method::GET, &travel0(path)).header("authorization", authorization);
    let request = request.body(Bytes::new()).unwrap();
    Answer::new(world.send(match proof {
        Some(proof) => with_proof(request, proof),
        None => request,
    }))
}

fn resource_claims(world: &World, path: &str, jti: &str, token: &Value) -> Value {
    with(claims(world, "GET", path, jti), "ath", json!(sha256_base64url(token.as_str().unwrap())))
}

#[test]
fn a_token_is_bound_to_the_key_that_was_proved() {
    for signer in [Signer::es256(1), Signer::eddsa(2), Signer::Rsa("RS256"), Signer::Rsa("PS256")] {
        let world = travel0_world();
        let answer = ask(&world, &proof(&signer, &claims(&world, "POST", TOKEN, "j1")));
        let tokens = answer.json();
        assert_eq!((answer.status.as_u16(), &tokens["token_type"]), (200, &json!("DPoP")));
        let jkt = thumbprint(&signer.bare_jwk()).unwrap();
        assert_eq!(claims_of(&tokens["access_token"])["cnf"], json!({ "jkt": jkt }));
        let token = tokens["access_token"].as_str().unwrap();
        let told = post_as(&world, INTROSPECT, MACHINE, &[("token", token)]).json();
        assert_eq!((&told["token_type"], &told["cnf"]["jkt"]), (&json!("DPoP"), &json!(jkt)));
    }
}

#[test]
fn without_a_proof_nothing_changes_unless_the_client_must_have_one() {
    let world = travel0_world();
    let plain = post_as(&world, TOKEN, MACHINE, &[("grant_type", "client_credentials")]).json();
    assert_eq!(plain["token_type"], "Bearer");
    assert!(claims_of(&plain["access_token"]).get("cnf").is_none());
    set_attributes(&world, MACHINE, &json!({ "dpop.bound.access.tokens": "true" }));
    let refused = post_as(&world, TOKEN, MACHINE, &[("grant_type", "client_credentials")]);
    assert_eq!(refusal(&refused), invalid_proof());
    let signer = Signer::es256(1);
    assert_eq!(ask(&world, &proof(&signer, &claims(&world, "POST", TOKEN, "j1"))).status, 200);
}

/// RFC 9449 §4.3, §11.1.
#[test]
fn every_claim_of_a_proof_is_checked() {
    let world = travel0_world();
    let signer = Signer::es256(1);
    let now = world.now().as_unix();
    let good = |jti: &str| claims(&world, "POST", TOKEN, jti);
    let wrong = [
        with(good("a"), "htm", json!("GET")),
        with(good("a"), "htm", json!("post")),
        with(good("a"), "htu", json!(format!("{BASE}/realms/master{TOKEN}"))),
        with(good("a"), "htu", json!(format!("https://evil.example{}", token_path()))),
        with(good("a"), "htu", json!(format!("{BASE}{}/", token_path()))),
        with(good("a"), "htu", json!("token")),
        with(good("a"), "iat", json!(now - 60)),
        with(good("a"), "iat", json!(now + 16)),
        with(good("a"), "iat", Value::Null),
        with(good("a"), "jti", json!("")),
        with(good("a"), "jti", json!("j".repeat(256))),
        with(good("a"), "jti", json!(7)),
    ];
    for claims in wrong {
        assert_eq!(refusal(&ask(&world, &proof(&signer, &claims))), invalid_proof(), "{claims}");
    }
    let right = [
        with(good("b"), "htu", json!(format!("{BASE}{}?x=1#y", token_path()))),
        with(good("c"), "htu", json!(format!("{BASE}/auth{}", token_path()))),
        with(good("d"), "htu", json!(format!("HTTP://LOCALHOST:8787{}", token_path()))),
        with(good("e"), "iat", json!(now - 59)),
        with(good("f"), "iat", json!(now + 15)),
    ];
    for claims in right {
        let answer = ask(&world, &proof(&signer, &claims));
        assert_eq!(answer.status, 200, "{claims}: {answer:?}");
    }
}

#[test]
fn a_proof_is_signed_with_the_public_key_that_it_brings() {
    let world = travel0_world();
    let (signer, other) = (Signer::es256(1), Signer::es256(9));
    let claims = claims(&world, "POST", TOKEN, "j1");
    let shared = Signer::Shared(vec![7; 32]);
    let header = |name: &str, value: Value| with(header_of(&signer), name, value);
    let mut private = signer.bare_jwk();
    private["d"] = json!(BASE64_URL_SAFE_NO_PAD.encode([1; 32]));
    let unsigned = signer.sign_as(&header("alg", json!("none")), &claims);
    let attacks = [
        ("another's signature", other.sign_as(&header_of(&signer), &claims)),
        ("no signature", format!("{}.", unsigned.rsplit_once('.').unwrap().0)),
        ("a symmetric key", shared.sign_as(&header_of(&shared), &claims)),
        ("the public key as a secret", Signer::Shared(signer.bare_jwk().to_string().into())
            .sign_as(&header("alg", json!("HS256")), &claims)),
        ("a private key", signer.sign_as(&header("jwk", private), &claims)),
        ("no key", signer.sign_as(&json!({ "typ": "dpop+jwt", "alg": "ES256" }), &claims)),
        ("a key by reference", signer.sign_as(&json!({
            "typ": "dpop+jwt", "alg": "ES256", "kid": "k1", "jku": "https://evil.example/keys",
        }), &claims)),
        ("another type", signer.sign_as(&header("typ", json!("JWT")), &claims)),
        ("no type", signer.sign_as(&json!({ "alg": "ES256", "jwk": signer.bare_jwk() }), &claims)),
        ("a critical extension", signer.sign_as(&header("crit", json!(["x"])), &claims)),
        ("another algorithm", signer.sign_as(&header("alg", json!("RS256")), &claims)),
        ("too long", proof(&signer, &with(claims.clone(), "pad", json!("x".repeat(20_000))))),
        ("text", "x".to_owned()),
        ("two in one", format!("{}, {}", proof(&signer, &claims), proof(&signer, &claims))),
    ];
    for (why, proof) in attacks {
        assert_eq!(refusal(&ask(&world, &proof)), invalid_proof(), "{why}");
    }
    let fields = [
        ("grant_type", "client_credentials"),
        ("client_id", MACHINE),
        ("client_secret", CLIENT_SECRET),
    ];
    let mut twice = form_request(&token_path(), &fields);
    for jti in ["a", "b"] {
        let claims = with(claims.clone(), "jti", json!(jti));
        twice.headers_mut().append("dpop", proof(&signer, &claims).parse().unwrap());
    }
    assert_eq!(refusal(&Answer::new(world.send(twice))), invalid_proof());
    assert_eq!(ask(&world, &proof(&signer, &claims)).status, 200);
}

#[test]
fn a_proof_works_once_wherever_it_is_brought() {
    let world = travel0_world();
    let signer = Signer::es256(1);
    let used = proof(&signer, &claims(&world, "POST", TOKEN, "j1"));
    assert_eq!(ask(&world, &used).status, 200);
    assert_eq!(refusal(&ask(&world, &used)), invalid_proof());
    let other = Signer::es256(2);
    let same_name = proof(&other, &claims(&world, "POST", TOKEN, "j1"));
    assert_eq!(ask(&world, &same_name).status, 200, "another key's names are its own");
    world.advance(Seconds(75));
    world.run(guildhall::app::schedule::tick(world.app()));
    assert!(!world.dump().contains("spent_token"));
}

#[test]
fn a_public_clients_refresh_token_is_bound_too() {
    let world = travel0_world();
    let (signer, thief) = (Signer::es256(1), Signer::es256(9));
    let tokens = bound_tokens(&world, &signer);
    let invalid_grant = (400, "invalid_grant".to_owned());
    assert_eq!(refusal(&refresh(&world, &thief, "j1", &tokens)), invalid_grant);
    let bare = RelyingParty::spa(&world).refresh(tokens["refresh_token"].as_str().unwrap());
    assert_eq!(refusal(&bare), invalid_grant);
    let next = refresh(&world, &signer, "j2", &tokens);
    assert_eq!((next.status.as_u16(), &next.json()["token_type"]), (200, &json!("DPoP")));
    assert_eq!(refresh(&world, &signer, "j3", &next.json()).status, 200, "nobody ended it");
}

/// RFC 9449 §7.
#[test]
fn a_bound_token_is_taken_with_a_proof_of_its_key_only() {
    let world = travel0_world();
    let (signer, thief) = (Signer::es256(1), Signer::es256(9));
    let tokens = bound_tokens(&world, &signer);
    let token = &tokens["access_token"];
    let good = |jti: &str| resource_claims(&world, USERINFO, jti, token);
    let ask = |scheme: &str, proof: Option<&str>| {
        let answer = resource(&world, USERINFO, scheme, token, proof);
        let error = if answer.status == 200 { String::new() } else { answer.error() };
        (answer.status.as_u16(), error, answer.header("www-authenticate").to_owned())
    };
    let told = |error: &str| {
        let resource = travel0(USERINFO);
        let metadata = format!("{BASE}/.well-known/oauth-protected-resource{resource}");
        let challenge =
            format!("DPoP realm=\"travel0\", error=\"{error}\", resource_metadata=\"{metadata}\"");
        (401, error.to_owned(), challenge)
    };
    assert_eq!(ask("DPoP", Some(&proof(&signer, &good("j1")))).0, 200);
    assert_eq!(ask("Bearer", None), told("invalid_token"), "as if it were not bound");
    assert_eq!(ask("Bearer", Some(&proof(&signer, &good("j2")))), told("invalid_token"));
    assert_eq!(ask("DPoP", None), told("invalid_dpop_proof"));
    assert_eq!(
        ask("DPoP", Some(&proof(&thief, &good("j3")))),
        told("invalid_token"),
        "a thief's key"
    );
    let replayed = proof(&signer, &good("j1"));
    assert_eq!(ask("DPoP", Some(&replayed)), told("invalid_dpop_proof"));
    for (why, claims) in [
        ("no hash", claims(&world, "GET", USERINFO, "j4")),
        ("another's hash", with(good("j5"), "ath", json!(sha256_base64url("x")))),
        ("another path", with(good("j6"), "htu", json!(format!("{BASE}{}", token_path())))),
        ("another method", with(good("j7"), "htm", json!("POST"))),
    ] {
        assert_eq!(
            ask("DPoP", Some(&proof(&signer, &claims))),
            told("invalid_dpop_proof"),
            "{why}"
        );
    }

    let plain = RelyingParty::web(&world).tokens_for("hiroko", "openid");
    let plain = &plain["access_token"];
    let claims = resource_claims(&world, USERINFO, "j8", plain);
    let answer = resource(&world, USERINFO, "DPoP", plain, Some(&proof(&signer, &claims)));
    assert_eq!(refusal(&answer), (401, "invalid_token".to_owned()), "a token that is not bound");
}

#[test]
fn an_administrators_token_may_be_bound() {
    let world = travel0_world();
    let signer = Signer::es256(1);
    // The client that `holder_of` makes, asked again with a proof.
    holder_of(&world, EVERY_ROLE);
    let fields = [
        ("grant_type", "client_credentials"),
        ("client_id", "realm-admin-service"),
        ("client_secret", "s3cret"),
    ];
    let made = proof(&signer, &claims(&world, "POST", TOKEN, "j1"));
    let asked = with_proof(form_request(&token_path(), &fields), &made);
    let token = Answer::new(world.send(asked)).json()["access_token"].clone();
    let path = format!("{TRAVEL0}/clients");
    let ask = |scheme: &str, jti: Option<&str>| {
        let builder = request(Method::GET, &path)
            .header("authorization", format!("{scheme} {}", token.as_str().unwrap()));
        let request = builder.body(Bytes::new()).unwrap();
        let claims = |jti: &str| {
            json!({
                "htm": "GET", "htu": format!("{BASE}{path}"), "jti": jti,
                "iat": world.now().as_unix(), "ath": sha256_base64url(token.as_str().unwrap()),
            })
        };
        let request = match jti {
            Some(jti) => with_proof(request, &proof(&signer, &claims(jti))),
            None => request,
        };
        world.send(request).status().as_u16()
    };
    assert_eq!(ask("DPoP", Some("a")), 200);
    assert_eq!(ask("DPoP", Some("a")), 401, "replayed");
    assert_eq!(ask("DPoP", None), 401);
    assert_eq!(ask("Bearer", None), 401);
    set_attributes(&world, "realm-admin-service", &json!({ "dpop.nonce.required": "true" }));
    let authorization = format!("DPoP {}", token.as_str().unwrap());
    let claims = json!({
        "htm": "GET", "htu": format!("{BASE}{path}"), "jti": "b",
        "iat": world.now().as_unix(), "ath": sha256_base64url(token.as_str().unwrap()),
    });
    let ask = |claims: &Value| {
        let builder = request(Method::GET, &path).header("authorization", &authorization);
        let request = builder.body(Bytes::new()).unwrap();
        Answer::new(world.send(with_proof(request, &proof(&signer, claims))))
    };
    let refused = ask(&claims);
    assert_eq!(refused.status, 401);
    assert_eq!(refused.header("www-authenticate"), "DPoP error=\"use_dpop_nonce\"");
    let nonce = json!(refused.header("dpop-nonce"));
    assert_eq!(ask(&with(claims, "nonce", nonce)).status, 200);
}

/// RFC 9449 §8, §9.
#[test]
fn a_nonce_is_given_asked_for_and_grows_old() {
    let world = travel0_world();
    let signer = Signer::es256(1);
    set_attributes(&world, MACHINE, &json!({ "dpop.nonce.required": "true" }));
    let refused = ask(&world, &proof(&signer, &claims(&world, "POST", TOKEN, "j1")));
    assert_eq!(refusal(&refused), (400, "use_dpop_nonce".to_owned()));
    let nonce = refused.header("dpop-nonce").to_owned();
    assert!(!nonce.is_empty());
    let with_nonce = |jti: &str, nonce: &str| {
        let claims = with(claims(&world, "POST", TOKEN, jti), "nonce", json!(nonce));
        ask(&world, &proof(&signer, &claims))
    };
    assert_eq!(with_nonce("j1", &nonce).status, 200, "the proof that was refused is not used up");
    assert_eq!(with_nonce("j2", &nonce).status, 200);
    assert_eq!(refusal(&with_nonce("j3", "made up")).1, "use_dpop_nonce");
    world.advance(Seconds(300));
    let old = with_nonce("j4", &nonce);
    assert_eq!(refusal(&old).1, "use_dpop_nonce");
    assert_eq!(with_nonce("j5", old.header("dpop-nonce")).status, 200);
}

#[test]
fn a_resource_gives_a_nonce_too() {
    let world = travel0_world();
    let signer = Signer::es256(1);
    let tokens = bound_tokens(&world, &signer);
    set_attributes(&world, "travel0-spa", &json!({ "dpop.nonce.required": "true" }));
    let token = &tokens["access_token"];
    let claims = resource_claims(&world, USERINFO, "j1", token);
    let refused = resource(&world, USERINFO, "DPoP", token, Some(&proof(&signer, &claims)));
    assert_eq!(refusal(&refused), (401, "use_dpop_nonce".to_owned()));
    let claims = with(claims, "nonce", json!(refused.header("dpop-nonce")));
    let accepted = resource(&world, USERINFO, "DPoP", token, Some(&proof(&signer, &claims)));
    assert_eq!(accepted.status, 200, "{accepted:?}");
}

#[test]
fn a_nonce_of_another_realm_is_none() {
    let world = travel0_world();
    let signer = Signer::es256(1);
    let body = json!({
        "clientId": "m", "secret": CLIENT_SECRET, "serviceAccountsEnabled": true,
        "attributes": { "dpop.nonce.required": "true" },
    });
    make_client(&world, crate::admin_setup::MASTER, &body);
    let path = format!("/realms/master{TOKEN}");
    let fields = [
        ("grant_type", "client_credentials"),
        ("client_id", "m"),
        ("client_secret", CLIENT_SECRET),
    ];
    let claims_there = json!({
        "htm": "POST", "htu": format!("{BASE}{path}"), "jti": "j1", "iat": world.now().as_unix(),
    });
    let request = with_proof(form_request(&path, &fields), &proof(&signer, &claims_there));
    let nonce = Answer::new(world.send(request)).header("dpop-nonce").to_owned();
    assert!(!nonce.is_empty());
    let here = with(claims(&world, "POST", TOKEN, "j1"), "nonce", json!(nonce));
    assert_eq!(refusal(&ask(&world, &proof(&signer, &here))).1, "use_dpop_nonce");
}

/// Where a code leads that was got with `page`.
fn code_from(browser: &Browser<'_>, page: &Answer) -> String {
    code_in(&sign_in(browser, page, "hiroko", PASSWORD))
}

/// RFC 9449 §10: who steals the code has not the key.
#[test]
fn a_code_may_be_bound_to_a_key_by_its_thumbprint() {
    let world = travel0_world();
    let (signer, thief) = (Signer::es256(1), Signer::es256(9));
    let app = RelyingParty::spa(&world);
    let jkt = thumbprint(&signer.bare_jwk()).unwrap();
    let browser = Browser::new(&world);
    let page = browser.open(&app.authorization_path("openid", &format!("&dpop_jkt={jkt}")));
    let code = code_from(&browser, &page);
    assert_eq!(app.redeem(&code).error(), "invalid_grant");
    assert_eq!(redeem(&world, &thief, "j1", &code).error(), "invalid_grant");
    assert_eq!(redeem(&world, &signer, "j2", &code).json()["token_type"], "DPoP");
}

/// Pushes what the public client asks for, with a proof.
fn push(world: &World, proof: &str, extra: &[(&str, &str)]) -> Answer {
    let app = RelyingParty::spa(world);
    let request = [&request_of(&app)[..], extra].concat();
    Answer::new(world.send(with_proof(form_request(&push_path(), &request), proof)))
}

/// RFC 9449 §10.1.
#[test]
fn a_proof_that_comes_with_a_pushed_request_binds_the_code() {
    let world = travel0_world();
    let (signer, thief) = (Signer::es256(1), Signer::es256(9));
    let jkt = thumbprint(&signer.bare_jwk()).unwrap();
    let proof_of = |signer: &Signer, jti| proof(signer, &claims(&world, "POST", PAR, jti));
    let other = push(&world, &proof_of(&thief, "p1"), &[("dpop_jkt", &jkt)]);
    assert_eq!(refusal(&other), invalid_proof());
    let misplaced = proof(&signer, &claims(&world, "POST", TOKEN, "p2"));
    assert_eq!(refusal(&push(&world, &misplaced, &[])), invalid_proof());

    let pushed = push(&world, &proof_of(&signer, "p3"), &[("dpop_jkt", &jkt)]);
    assert_eq!(pushed.status, 201, "{pushed:?}");
    let pushed = pushed.json();
    let browser = Browser::new(&world);
    let reference =
        [("client_id", "travel0-spa"), ("request_uri", pushed["request_uri"].as_str().unwrap())];
    let code = code_from(&browser, &open(&browser, &reference));
    assert_eq!(redeem(&world, &thief, "j1", &code).error(), "invalid_grant");
    assert_eq!(redeem(&world, &signer, "j2", &code).json()["token_type"], "DPoP");
}

/// Whoever has the token and not the key learns nothing of the person's organizations.
#[test]
fn a_bound_refresh_token_switches_with_its_key_only() {
    let world = travel0_world();
    let (signer, thief) = (Signer::es256(1), Signer::es256(9));
    let tokens = bound_tokens(&world, &signer);
    let switch = |signer: &Signer, jti: &str, organization: &str| {
        let token = tokens["refresh_token"].as_str().unwrap();
        let fields = [
            ("grant_type", "refresh_token"),
            ("refresh_token", token),
            ("organization", organization),
        ];
        spa(&world, signer, jti, &fields)
    };
    for (jti, organization) in [("j1", "granite-outpost"), ("j2", "nowhere")] {
        let refused = switch(&thief, jti, organization);
        assert_eq!(refusal(&refused), (400, "invalid_grant".to_owned()), "{organization}");
    }
    assert_eq!(refusal(&switch(&signer, "j3", "nowhere")), (400, "access_denied".to_owned()));
    let next = switch(&signer, "j4", "granite-outpost");
    assert_eq!((next.status.as_u16(), &next.json()["token_type"]), (200, &json!("DPoP")));
}
