//! What OpenID Connect Core asks of a provider, as far as no other file shows it.
use crate::attacks::header_of;
use crate::authorization_setup::{change_client, error_of, is_login, open, request_of};
use crate::harness::browser::{Answer, Browser, form_request};
use crate::harness::relying_party::{
    RelyingParty, claims_of, code_in, get_with, issuer, parameter, sign_in, travel0, travel0_world,
    userinfo,
};
use crate::harness::world::World;
use crate::scim_setup::{admin, user};
use guildhall::app::demo::PASSWORD;
use guildhall::app::worker::handle;
use guildhall::kernel::time::Seconds;
use serde_json::{Value, json};

fn with<'a>(app: &RelyingParty<'a>, extra: &[(&'a str, &'a str)]) -> Vec<(&'a str, &'a str)> {
    let mut request = request_of(app);
    request.retain(|(name, _)| extra.iter().all(|(other, _)| other != name));
    request.extend_from_slice(extra);
    request
}

/// The tokens of a person who signs in for a request with these parameters.
fn tokens_with(world: &World, extra: &[(&str, &str)]) -> Value {
    let app = RelyingParty::web(world);
    let browser = Browser::new(world);
    let page = open(&browser, &with(&app, extra));
    let answer = app.redeem(&code_in(&sign_in(&browser, &page, "hiroko", PASSWORD)));
    assert_eq!(answer.status, 200, "{answer:?}");
    answer.json()
}

/// §2, §10.1.
#[test]
fn an_id_token_has_every_required_claim_and_no_key_of_its_own() {
    let world = travel0_world();
    let tokens = tokens_with(&world, &[("nonce", "n 1")]);
    let id = claims_of(&tokens["id_token"]);
    let now = world.now().as_unix();
    assert_eq!(id["iss"], issuer());
    let sub = id["sub"].as_str().unwrap();
    assert!(sub.is_ascii() && (1..=255).contains(&sub.len()), "{sub}");
    assert_eq!(id["aud"], "travel0-web");
    assert_eq!(id["azp"], "travel0-web");
    assert_eq!((id["iat"].as_i64(), id["auth_time"].as_i64()), (Some(now), Some(now)));
    assert!(id["exp"].as_i64().unwrap() > now);
    assert_eq!(id["nonce"], "n 1");
    let header = header_of(&tokens["id_token"]);
    let names: Vec<&str> = header.as_object().unwrap().keys().map(String::as_str).collect();
    for name in ["x5u", "x5c", "jku", "jwk", "crit"] {
        assert!(!names.contains(&name), "{header}");
    }
    let keys = world.get(&travel0("/protocol/openid-connect/certs"), "").json();
    let key = keys["keys"].as_array().unwrap().iter().find(|key| key["kid"] == header["kid"]);
    let key = key.unwrap_or_else(|| panic!("the key is not published: {header}"));
    assert_eq!((&key["alg"], &key["use"]), (&header["alg"], &json!("sig")));
}

/// §2, §8: a person is one to every client, and two people are never one.
#[test]
fn a_subject_is_one_person_to_every_client() {
    let world = travel0_world();
    let sub = |app: RelyingParty<'_>, who: &str| {
        let tokens = app.tokens_for(who, "openid");
        let told = userinfo(&world, &tokens["access_token"]).json();
        let id = claims_of(&tokens["id_token"])["sub"].clone();
        assert_eq!(told["sub"], id, "§5.3.2");
        id
    };
    let hiroko = sub(RelyingParty::web(&world), "hiroko");
    assert_eq!(sub(RelyingParty::spa(&world), "hiroko"), hiroko);
    assert_ne!(sub(RelyingParty::web(&world), "emilio"), hiroko);
}

/// §3.1.2.1, §3.1.2.2: what must be there is asked for.
#[test]
fn a_request_without_what_it_needs_is_told_so() {
    let world = travel0_world();
    let app = RelyingParty::web(&world);
    let browser = Browser::new(&world);
    let without = |name: &str| {
        let mut request = request_of(&app);
        request.retain(|(known, _)| *known != name);
        open(&browser, &request)
    };
    for name in ["client_id", "redirect_uri"] {
        let answer = without(name);
        assert_eq!((answer.status.as_u16(), answer.location()), (400, ""), "{name}");
    }
    let answer = without("response_type");
    assert_eq!(error_of(&answer), "invalid_request");
    assert_eq!(parameter(&answer, "state").as_deref(), Some("state-2"));
}

/// §3.1.2.1, §3.1.2.3: what `prompt=none` is for. Whatever there would be to ask, no
/// page comes.
#[test]
fn a_silent_request_never_shows_a_page() {
    let world = travel0_world();
    let app = RelyingParty::web(&world);
    let silent = |browser: &Browser<'_>, extra: &[(&'static str, &'static str)]| {
        let extra = [&[("prompt", "none")], extra].concat();
        error_of(&open(browser, &with(&app, &extra)))
    };
    let browser = Browser::new(&world);
    assert_eq!(silent(&browser, &[]), "login_required");
    sign_in(&browser, &app.send(&browser, "openid"), "emilio", PASSWORD);
    world.advance(Seconds(61));
    assert_eq!(silent(&browser, &[("max_age", "60")]), "login_required");
    assert_eq!(silent(&browser, &[("scope", "openid organization")]), "interaction_required");
    let acr = r#"{"id_token":{"acr":{"essential":true,"value":"1"}}}"#;
    assert_eq!(silent(&browser, &[("claims", acr)]), "login_required");
    let change = json!({ "consentRequired": true });
    assert_eq!(change_client(&world, app.client_id, &change).status, 204);
    assert_eq!(silent(&browser, &[]), "consent_required");
    let change = json!({ "consentRequired": false });
    assert_eq!(change_client(&world, app.client_id, &change).status, 204);
    let path = format!("/admin/realms/travel0/users/{}", user(&world, "emilio").unwrap().id);
    let owed = json!({ "requiredActions": ["UPDATE_PASSWORD"] });
    assert_eq!(world.put(&path, &admin(&world), &owed).status, 204);
    assert_eq!(silent(&browser, &[]), "interaction_required");
    let off = json!({ "requiredActions": [], "enabled": false });
    assert_eq!(world.put(&path, &admin(&world), &off).status, 204);
    assert_eq!(silent(&browser, &[]), "login_required");
}

/// §2, §3.1.2.1, §15.1: asking for an age is asking for the time, and a new login moves
/// it.
#[test]
fn the_time_of_the_login_is_told_and_moves_with_a_new_one() {
    let world = travel0_world();
    let app = RelyingParty::web(&world);
    let browser = Browser::new(&world);
    let start = world.now().as_unix();
    sign_in(&browser, &app.send(&browser, "openid"), "hiroko", PASSWORD);
    world.advance(Seconds(100));
    let told = |answer: &Answer| {
        let tokens = app.redeem(&code_in(answer)).json();
        claims_of(&tokens["id_token"])["auth_time"].as_i64().unwrap()
    };
    let silent = open(&browser, &with(&app, &[("max_age", "1000")]));
    assert_eq!(told(&silent), start, "the session's");
    for extra in [("max_age", "50"), ("max_age", "0"), ("prompt", "login")] {
        let page = open(&browser, &with(&app, &[extra]));
        assert!(is_login(&page), "{extra:?}");
        assert_eq!(told(&sign_in(&browser, &page, "hiroko", PASSWORD)), start + 100, "{extra:?}");
        world.advance(Seconds(0));
    }
}

/// §3.1.2.1, §15.1: what a provider need not support is no mistake.
#[test]
fn what_is_only_a_wish_is_no_mistake() {
    let world = travel0_world();
    let app = RelyingParty::web(&world);
    for extra in [
        ("display", "popup"),
        ("display", "of no kind"),
        ("ui_locales", "xx-XX de"),
        ("claims_locales", "de fr"),
        ("acr_values", "of no kind"),
        ("login_hint", "somebody@nowhere.example"),
    ] {
        // Past the description of the API, which does not have all of them.
        let path = travel0("/protocol/openid-connect/auth");
        let asked = form_request(&path, &with(&app, &[extra]));
        let page = Answer::new(world.run(handle(world.app(), asked)));
        assert!(is_login(&page), "{extra:?}: {page:?}");
    }
}

/// §5.5, §5.5.1: what cannot be told is left out without a word, and what is not
/// understood is passed over.
#[test]
fn a_claim_that_is_not_there_is_no_mistake() {
    let world = travel0_world();
    let claims = json!({
        "userinfo": { "no_such_claim": { "essential": true }, "birthdate": null },
        "id_token": {
            "no_such_claim": { "essential": true }, "middle_name": { "values": ["x"] },
            "email": { "essential": true, "of_no_kind": 1 },
        },
        "of_no_kind": { "x": 1 },
    });
    let tokens = tokens_with(&world, &[("claims", &claims.to_string())]);
    let id = claims_of(&tokens["id_token"]);
    let told = userinfo(&world, &tokens["access_token"]).json();
    for name in ["no_such_claim", "birthdate", "middle_name"] {
        assert!(id.get(name).is_none() && told.get(name).is_none(), "{name}");
    }
    assert_eq!(id["email"], "hiroko@granite-outpost.example");
}

/// §5.3.2: nothing is told by `null` or by nothing.
#[test]
fn what_is_not_known_of_a_person_is_left_out() {
    let world = travel0_world();
    let body = json!({ "username": "plain", "enabled": true, "emailVerified": false,
        "credentials": [{ "type": "password", "value": PASSWORD }] });
    let made = world.post("/admin/realms/travel0/users", &admin(&world), &body);
    assert_eq!(made.status, 201, "{made:?}");
    let app = RelyingParty::web(&world);
    let tokens = app.tokens_for("plain", "openid profile email phone");
    let answer = userinfo(&world, &tokens["access_token"]);
    assert_eq!(answer.header("content-type"), "application/json");
    let told = answer.json();
    let id = claims_of(&tokens["id_token"]);
    for claims in [&told, &id] {
        for (name, value) in claims.as_object().unwrap() {
            assert!(!value.is_null() && value != "" && *value != json!({}), "{name}: {claims}");
        }
        assert!(claims.get("email").is_none() && claims.get("name").is_none(), "{claims}");
    }
}

/// §5.3: pages of the client may ask.
#[test]
fn a_page_of_the_client_may_ask_for_the_claims() {
    let world = travel0_world();
    let tokens = RelyingParty::spa(&world).tokens_for("hiroko", "openid");
    let authorization = format!("Bearer {}", tokens["access_token"].as_str().unwrap());
    let ask = |origin: &str| {
        let headers = [("authorization", authorization.as_str()), ("origin", origin)];
        let answer = get_with(&world, &travel0("/protocol/openid-connect/userinfo"), &headers);
        answer.header("access-control-allow-origin").to_owned()
    };
    assert_eq!(ask("http://localhost:5173"), "http://localhost:5173");
    assert_eq!(ask("https://evil.example"), "");
}

/// §12.2.
#[test]
fn a_refreshed_id_token_is_about_the_same() {
    let world = travel0_world();
    let app = RelyingParty::web(&world);
    let first = app.tokens_for("hiroko", "openid");
    world.advance(Seconds::minutes(3));
    let second = app.refresh(first["refresh_token"].as_str().unwrap()).json();
    let [old, new] = [&first, &second].map(|tokens| claims_of(&tokens["id_token"]));
    for name in ["iss", "sub", "aud", "azp", "auth_time", "sid"] {
        assert_eq!(old[name], new[name], "{name}");
        assert!(!new[name].is_null(), "{name}");
    }
    assert_eq!(new["iat"].as_i64(), Some(world.now().as_unix()));
    assert!(new.get("nonce").is_none());
}

/// §11: offline access is for codes, and ends with the consent.
#[test]
fn offline_access_is_granted_to_who_may_ask_for_it() {
    let world = travel0_world();
    let machine = crate::token_setup::post_as(
        &world,
        crate::token_setup::TOKEN,
        crate::token_setup::MACHINE,
        &[("grant_type", "client_credentials"), ("scope", "offline_access")],
    );
    let told = machine.json();
    assert!(told.get("refresh_token").is_none(), "{told}");
    assert!(!told["scope"].as_str().unwrap().contains("offline_access"), "{told}");

    let change = json!({ "consentRequired": true });
    assert_eq!(change_client(&world, "travel0-web", &change).status, 204);
    let app = RelyingParty::web(&world);
    let browser = Browser::new(&world);
    let page = app.send(&browser, "openid offline_access");
    let question = sign_in(&browser, &page, "hiroko", PASSWORD);
    assert_eq!((question.status.as_u16(), question.location()), (200, ""), "the person is asked");
    assert!(question.text.contains("id=\"kc-cancel\""), "{question:?}");
}

/// §16.14, §10.1: no token of ours goes unsigned, whatever a client would like.
#[test]
fn nobody_can_ask_for_an_id_token_without_a_signature() {
    let world = travel0_world();
    for name in ["id.token.signed.response.alg", "user.info.response.signature.alg"] {
        let change = json!({ "attributes": { name: "none" } });
        assert_eq!(change_client(&world, "travel0-web", &change).status, 400, "{name}");
    }
    let document = world.get(&travel0("/.well-known/openid-configuration"), "").json();
    for (name, list) in document.as_object().unwrap() {
        if name.contains("_alg") {
            let names = list.as_array().unwrap();
            assert!(names.iter().all(|alg| alg != "none"), "{name}: {list}");
        }
    }
}
