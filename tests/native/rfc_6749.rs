//! What RFC 6749 asks of an authorization server, as far as no other file shows it.
use crate::authorization_setup::{change_client, error_of, is_login, open, request_of};
use crate::harness::browser::{Answer, Browser, form_request};
use crate::harness::relying_party::{
    CHALLENGE, RelyingParty, VERIFIER, code_in, parameter, sign_in, token_path, travel0,
    travel0_world, userinfo,
};
use crate::token_setup::{INTROSPECT, MACHINE, REVOKE, TOKEN, post_as, refusal};
use guildhall::app::demo::{CLIENT_SECRET, PASSWORD};
use guildhall::app::worker::handle;
use serde_json::json;

const GRANT: (&str, &str) = ("grant_type", "client_credentials");

fn invalid_client() -> (u16, String) {
    (401, "invalid_client".to_owned())
}

/// §2.3.1: a secret in an address is a secret in a log.
#[test]
fn what_stands_in_the_address_of_an_endpoint_is_not_read() {
    let world = travel0_world();
    let own = format!("client_id={MACHINE}&client_secret={CLIENT_SECRET}");
    for endpoint in [TOKEN, INTROSPECT, REVOKE, "/protocol/openid-connect/ext/par/request"] {
        let path = format!("{}?{own}", travel0(endpoint));
        let nobody = world.post_form(&path, &[GRANT, ("token", "x")]);
        assert_eq!(refusal(&nobody), (400, "invalid_request".to_owned()), "{endpoint}");
        let no_secret = world.post_form(&path, &[GRANT, ("client_id", MACHINE), ("token", "x")]);
        assert_eq!(refusal(&no_secret), invalid_client(), "{endpoint}");
    }
}

/// §5.2: who tried the header is told of the header, however it failed.
#[test]
fn a_header_that_cannot_be_read_is_a_client_that_is_not_believed() {
    let world = travel0_world();
    for value in ["Basic", "Basic !!!", "Basic eA==", "basic /w=="] {
        let mut request = form_request(&token_path(), &[GRANT, ("client_id", "travel0-spa")]);
        request.headers_mut().insert("authorization", value.parse().unwrap());
        let answer = Answer::new(world.send(request));
        assert_eq!(refusal(&answer), invalid_client(), "{value}");
        assert_eq!(answer.header("www-authenticate"), "Basic realm=\"travel0\"", "{value}");
    }
    // Another scheme proves nothing.
    let mut request = form_request(&token_path(), &[GRANT, ("client_id", MACHINE)]);
    request.headers_mut().insert("authorization", "Digest username=x".parse().unwrap());
    let answer = Answer::new(world.send(request));
    assert_eq!(refusal(&answer), invalid_client());
    assert_eq!(answer.header("www-authenticate"), "Basic realm=\"travel0\"");
}

/// §2.2, §2.3.1: knowing what a client is called proves nothing.
#[test]
fn a_confidential_client_proves_itself_for_every_grant() {
    let world = travel0_world();
    let app = RelyingParty::web(&world);
    let tokens = app.tokens_for("hiroko", "openid");
    let code = app.code_for("hiroko", "openid");
    let refresh_token = tokens["refresh_token"].as_str().unwrap();
    let grants: [&[(&str, &str)]; 5] = [
        &[
            ("grant_type", "authorization_code"),
            ("code", &code),
            ("redirect_uri", app.redirect_uri),
            ("code_verifier", VERIFIER),
        ],
        &[("grant_type", "refresh_token"), ("refresh_token", refresh_token)],
        &[GRANT],
        &[("grant_type", "password"), ("username", "hiroko"), ("password", PASSWORD)],
        &[("grant_type", "urn:ietf:params:oauth:grant-type:device_code"), ("device_code", "x")],
    ];
    for secret in [None, Some("wrong"), Some("")] {
        let stranger = RelyingParty { secret, ..app };
        for grant in grants {
            assert_eq!(refusal(&stranger.token(grant)), invalid_client(), "{grant:?}");
        }
    }
    assert_eq!(app.redeem(&code).status, 200, "nothing was used up");
    assert_eq!(app.refresh(refresh_token).status, 200);
}

/// §3.1, §3.2: an empty parameter is none, an unknown one is passed over, also twice.
#[test]
fn an_empty_parameter_is_none_and_an_unknown_one_is_passed_over() {
    let world = travel0_world();
    let app = RelyingParty::web(&world);
    let strange = [("colour", "red"), ("colour", "blue"), ("display", "")];
    // Past the description of the API, which knows no colour.
    let unchecked = |request| Answer::new(world.run(handle(world.app(), request)));
    let empty = [("state", ""), ("nonce", ""), ("prompt", ""), ("max_age", ""), ("claims", "")];
    let mut request = request_of(&app);
    request.retain(|(name, _)| *name != "state");
    let browser = Browser::new(&world);
    let path = travel0("/protocol/openid-connect/auth");
    let page = unchecked(form_request(&path, &[&request[..], &strange, &empty].concat()));
    assert!(is_login(&page), "{page:?}");
    let answer =
        sign_in(&browser, &open(&browser, &[&request[..], &empty].concat()), "hiroko", PASSWORD);
    assert_eq!(parameter(&answer, "state"), None, "an empty state is none");

    let tokens = unchecked(form_request(
        &token_path(),
        &[
            ("client_id", app.client_id),
            ("client_secret", CLIENT_SECRET),
            ("grant_type", "authorization_code"),
            ("code", &code_in(&answer)),
            ("redirect_uri", app.redirect_uri),
            ("code_verifier", VERIFIER),
            ("colour", "red"),
            ("colour", "blue"),
            ("scope", ""),
            ("resource", ""),
        ],
    ));
    assert_eq!(tokens.status, 200, "{tokens:?}");
    let missing = open(&browser, &[("client_id", app.client_id), ("redirect_uri", "")]);
    assert_eq!((missing.status.as_u16(), missing.location()), (400, ""));
    let refused = open(&browser, &[&request[..], &[("response_type", "")]].concat());
    assert_eq!(error_of(&refused), "invalid_request");
}

/// §3.1.2: what is added to a redirect URI takes nothing away from it.
#[test]
fn the_query_of_a_redirect_uri_stays() {
    let world = travel0_world();
    let uri = "https://app.example/cb?tenant=a%20b&x=1";
    let change = json!({ "redirectUris": [uri] });
    assert_eq!(change_client(&world, "travel0-web", &change).status, 204);
    let app = RelyingParty { redirect_uri: uri, ..RelyingParty::web(&world) };
    let browser = Browser::new(&world);
    let silent = browser.open(&app.authorization_path("openid", "&prompt=none"));
    assert!(silent.location().starts_with(&format!("{uri}&error=login_required&")), "{silent:?}");
    let answer = sign_in(&browser, &app.send(&browser, "openid"), "hiroko", PASSWORD);
    assert!(answer.location().starts_with(&format!("{uri}&state=state-1&")), "{answer:?}");
    assert_eq!(app.redeem(&code_in(&answer)).status, 200);
}

/// §3.1.2.2, §3.1.2.3, §10.6: nobody is answered at an address that was not registered,
/// and a client without one is not answered at all.
#[test]
fn a_client_without_a_registered_address_is_answered_nowhere() {
    let world = travel0_world();
    for client_id in ["travel0-web", "travel0-spa"] {
        let change = json!({ "redirectUris": [] });
        assert_eq!(change_client(&world, client_id, &change).status, 204);
        for redirect_uri in ["http://localhost:3000/callback", "https://evil.example/", ""] {
            let app = RelyingParty { client_id, redirect_uri, ..RelyingParty::web(&world) };
            let answer = app.send(&Browser::new(&world), "openid");
            assert_eq!((answer.status.as_u16(), answer.location()), (400, ""), "{redirect_uri}");
        }
    }
}

/// §3.3: the answer says the scope whenever it is not the one that was asked for, and
/// a client that asks for none gets its own.
#[test]
fn the_answer_says_what_was_granted() {
    let world = travel0_world();
    let app = RelyingParty::web(&world);
    let more = app.tokens_for("hiroko", "openid no-such-scope admin");
    assert_eq!(more["scope"], "openid profile email");
    let browser = Browser::new(&world);
    let page = open(
        &browser,
        &[
            ("client_id", app.client_id),
            ("redirect_uri", app.redirect_uri),
            ("response_type", "code"),
            ("code_challenge", CHALLENGE),
            ("code_challenge_method", "S256"),
        ],
    );
    let none = app.redeem(&code_in(&sign_in(&browser, &page, "hiroko", PASSWORD))).json();
    assert_eq!(none["scope"], "profile email", "the client's defaults");
    let machine = post_as(&world, TOKEN, MACHINE, &[GRANT, ("scope", "no-such-scope")]).json();
    assert!(!machine["scope"].as_str().unwrap().contains("no-such"), "{machine}");
}

/// §4.1.3, §10.6: whoever spends a code says, to the letter, where it came to.
#[test]
fn a_code_is_spent_with_the_address_that_it_came_to() {
    let world = travel0_world();
    let other = "http://localhost:3000/other";
    let app = RelyingParty::web(&world);
    let uris = json!({ "redirectUris": [app.redirect_uri, other] });
    assert_eq!(change_client(&world, app.client_id, &uris).status, 204);
    let code = app.code_for("hiroko", "openid");
    let without = [
        ("grant_type", "authorization_code"),
        ("code", code.as_str()),
        ("code_verifier", VERIFIER),
    ];
    assert_eq!(refusal(&app.token(&without)), (400, "invalid_request".to_owned()));
    for wrong in [other, "http://localhost:3000/callback?", "http://localhost:3000/Callback", "x"] {
        let answer = app.redeem_with(&code, wrong, VERIFIER);
        assert_eq!(refusal(&answer), (400, "invalid_grant".to_owned()), "{wrong}");
    }
    assert_eq!(app.redeem(&code).status, 200);
}

/// §4.2: tokens never travel through the browser.
#[test]
fn there_is_no_implicit_grant() {
    let world = travel0_world();
    let app = RelyingParty::web(&world);
    for response_type in ["token", "id_token", "id_token token", "code token", "none", "code code"]
    {
        let mut request = request_of(&app);
        request.retain(|(name, _)| *name != "response_type");
        request.push(("response_type", response_type));
        let answer = open(&Browser::new(&world), &request);
        assert_eq!(error_of(&answer), "unsupported_response_type", "{response_type}");
        assert!(!answer.location().contains("access_token"), "{response_type}");
    }
}

/// §5.1.
#[test]
fn no_cache_keeps_a_token() {
    let world = travel0_world();
    let app = RelyingParty::web(&world);
    let first = app.redeem(&app.code_for("hiroko", "openid"));
    let second = app.refresh(first.json()["refresh_token"].as_str().unwrap());
    let machine = post_as(&world, TOKEN, MACHINE, &[GRANT]);
    for answer in [&first, &second, &machine] {
        assert_eq!(answer.status, 200, "{answer:?}");
        assert_eq!(answer.header("cache-control"), "no-store");
        assert_eq!(answer.header("pragma"), "no-cache");
        assert_eq!(answer.header("content-type"), "application/json");
        let told = answer.json();
        assert!(told["access_token"].is_string() && told["token_type"] == "Bearer");
        assert!(told["expires_in"].is_i64(), "a number: {told}");
    }
}

/// Whether text may be an `error` or `error_description` (§4.1.2.1, §5.2).
fn is_sayable(text: &str) -> bool {
    text.chars().all(|c| matches!(c, ' '..='!' | '#'..='[' | ']'..='~'))
}

/// §4.1.2.1, §5.2: whatever a client sends, an error repeats nothing that cannot stand
/// in one.
#[test]
fn errors_are_written_in_the_letters_that_errors_may_have() {
    let world = travel0_world();
    let app = RelyingParty::web(&world);
    let hostile = "\"\\\u{e9}\r\nx";
    let mistakes = [
        ("scope", hostile),
        ("prompt", hostile),
        ("max_age", hostile),
        ("claims", hostile),
        ("resource", hostile),
        ("response_mode", hostile),
        ("id_token_hint", hostile),
        ("code_challenge_method", hostile),
        ("dpop_jkt", hostile),
        ("request", hostile),
        ("request_uri", hostile),
        ("response_type", hostile),
    ];
    for (name, value) in mistakes {
        let mut request = request_of(&app);
        request.retain(|(known, _)| *known != name);
        request.push((name, value));
        let answer = open(&Browser::new(&world), &request);
        for told in ["error", "error_description"] {
            let text = parameter(&answer, told).unwrap_or_else(|| panic!("{name}: {answer:?}"));
            assert!(!text.is_empty() && is_sayable(&text), "{name}: {told} {text:?}");
        }
    }
    let fields: [&[(&str, &str)]; 6] = [
        &[("grant_type", hostile)],
        &[GRANT, ("scope", hostile)],
        &[GRANT, ("resource", hostile)],
        &[("grant_type", "authorization_code"), ("code", hostile)],
        &[("grant_type", "refresh_token"), ("refresh_token", hostile)],
        &[GRANT, GRANT],
    ];
    for fields in fields {
        let answer = post_as(&world, TOKEN, MACHINE, fields);
        let told = answer.json();
        for name in ["error", "error_description"] {
            let text = told[name].as_str().unwrap();
            assert!(!text.is_empty() && is_sayable(text), "{fields:?}: {text:?}");
        }
        assert_eq!(answer.header("content-type"), "application/json");
        assert_eq!(answer.status, 400, "{answer:?}");
    }
}

/// §6, §10.4: a new refresh token holds what the old one held, and no more.
#[test]
fn a_refresh_token_holds_no_more_than_the_one_before() {
    let world = travel0_world();
    let app = RelyingParty::web(&world);
    let first = app.tokens_for("hiroko", "openid email");
    let token = first["refresh_token"].as_str().unwrap();
    let refresh = |token: &str, scope: &str| {
        let fields = [("grant_type", "refresh_token"), ("refresh_token", token), ("scope", scope)];
        app.token(&fields)
    };
    let beyond = refresh(token, "openid offline_access");
    assert_eq!(refusal(&beyond), (400, "invalid_scope".to_owned()));
    let narrow = refresh(token, "openid").json();
    let again = app.refresh(narrow["refresh_token"].as_str().unwrap()).json();
    assert_eq!(again["scope"], first["scope"], "without a scope it is the one that was granted");
}

/// §10.1: nobody hands a secret to who cannot keep it.
#[test]
fn a_public_client_has_no_secret() {
    let world = travel0_world();
    let spa = RelyingParty { secret: Some(CLIENT_SECRET), ..RelyingParty::spa(&world) };
    // It may say one, which is nothing to anybody.
    assert_eq!(spa.redeem(&spa.code_for("hiroko", "openid")).status, 200);
    let uuid = crate::admin_setup::client_uuid(&world, "/admin/realms/travel0", "travel0-spa");
    let path = format!("/admin/realms/travel0/clients/{uuid}");
    let shown = world.get(&path, &crate::scim_setup::admin(&world)).json();
    assert!(shown.get("secret").is_none(), "{shown}");
    let introspected = world.post_form(
        &travel0(INTROSPECT),
        &[("client_id", "travel0-spa"), ("client_secret", CLIENT_SECRET), ("token", "x")],
    );
    assert_eq!(introspected.status, 403, "it stays one that proves nothing");
}

/// §10.10: what stands for a person or a grant cannot be guessed, and differs each time.
#[test]
fn what_is_given_out_cannot_be_guessed() {
    let world = travel0_world();
    let app = RelyingParty::web(&world);
    let mut seen = std::collections::BTreeSet::new();
    for _ in 0..8 {
        let code = app.code_for("hiroko", "openid");
        let secret = code.rsplit_once('.').unwrap().1.to_owned();
        assert!(secret.len() >= 43, "256 bits in base64url: {secret}");
        let tokens = app.redeem(&code).json();
        let jti = crate::harness::relying_party::claims_of(&tokens["refresh_token"])["jti"].clone();
        assert!(jti.as_str().unwrap().len() >= 43, "{jti}");
        assert!(seen.insert(secret) && seen.insert(jti.to_string()));
    }
}

/// §10.3: who reads our stores has no token, no code and no secret.
#[test]
fn nothing_that_is_given_out_is_kept_as_it_is() {
    let world = travel0_world();
    let app = RelyingParty::web(&world);
    let code = app.code_for("hiroko", "openid");
    let secret = code.rsplit_once('.').unwrap().1;
    assert!(!world.dump().contains(secret));
    let tokens = app.redeem(&code).json();
    let jti = crate::harness::relying_party::claims_of(&tokens["refresh_token"])["jti"].clone();
    let dump = world.dump();
    let access = tokens["access_token"].as_str().unwrap();
    let refresh = tokens["refresh_token"].as_str().unwrap();
    for kept in [access, refresh, jti.as_str().unwrap(), CLIENT_SECRET, PASSWORD] {
        assert!(!dump.contains(kept), "{kept}");
    }
    assert_eq!(userinfo(&world, &tokens["access_token"]).status, 200);
}
