//! The token endpoint: who may ask, and what comes of a code, of a password and
//! of nothing but the client itself.
use crate::harness::browser::{Answer, Browser, form_request, request};
use crate::harness::relying_party::{
    RelyingParty, VERIFIER, claims_of, issuer, sign_in, token_path, token_with_basic, travel0,
    travel0_world,
};
use crate::harness::world::World;
use guildhall::app::demo::{CLIENT_SECRET, PASSWORD};
use guildhall::kernel::time::Seconds;
use http::Method;

const MACHINE: [(&str, &str); 3] = [
    ("grant_type", "client_credentials"),
    ("client_id", "travel0-machine"),
    ("client_secret", CLIENT_SECRET),
];

fn refused(answer: &Answer) -> (u16, String) {
    assert_eq!(answer.header("cache-control"), "no-store", "{answer:?}");
    (answer.status.as_u16(), answer.error())
}

fn invalid_grant() -> (u16, String) {
    (400, "invalid_grant".to_owned())
}

/// Reference keycloak.md §4.2.
#[test]
fn the_answer_has_keycloaks_members_in_keycloaks_order() {
    let world = travel0_world();
    let app = RelyingParty::web(&world);
    let answer = app.redeem(&app.code_for("hiroko", "openid"));
    let known = [
        "access_token",
        "expires_in",
        "refresh_expires_in",
        "refresh_token",
        "token_type",
        "id_token",
        "not-before-policy",
        "session_state",
        "scope",
    ];
    let places = known.map(|name| answer.text.find(&format!("\"{name}\":")).expect(name));
    assert!(places.is_sorted(), "{places:?}");
    assert_eq!((answer.json()["expires_in"].as_i64(), answer.status.as_u16()), (Some(300), 200));
    assert_eq!(answer.json()["refresh_expires_in"], 1800);
    assert_eq!(answer.header("cache-control"), "no-store");
}

#[test]
fn the_tokens_say_who_and_for_whom() {
    let world = travel0_world();
    let tokens = RelyingParty::web(&world).tokens_for("hiroko", "openid");
    let [access, id] = ["access_token", "id_token"].map(|name| claims_of(&tokens[name]));
    for claims in [&access, &id] {
        assert_eq!(claims["iss"], issuer());
        assert_eq!(claims["preferred_username"], "hiroko");
        assert_eq!(claims["email"], "hiroko@granite-outpost.example");
        assert_eq!(claims["name"], "Hiroko Sato");
        assert_eq!(claims["sid"], tokens["session_state"]);
        assert_eq!(claims["azp"], "travel0-web");
    }
    assert_eq!((&access["typ"], &access["aud"]), (&"Bearer".into(), &serde_json::Value::Null));
    assert_eq!((&id["typ"], &id["aud"]), (&"ID".into(), &"travel0-web".into()));
    assert_eq!(
        (&id["nonce"], id["auth_time"].as_i64()),
        (&"nonce-1".into(), Some(world.now().as_unix()))
    );
}

#[test]
fn without_openid_there_is_no_id_token() {
    let world = travel0_world();
    let tokens = RelyingParty::web(&world).tokens_for("hiroko", "email");
    assert!(tokens.get("id_token").is_none());
}

#[test]
fn a_code_is_redeemed_once_and_its_replay_ends_the_session_of_the_thief() {
    let world = travel0_world();
    let app = RelyingParty::web(&world);
    let code = app.code_for("hiroko", "openid");
    let tokens = app.redeem(&code).json();

    assert_eq!(refused(&app.redeem(&code)), invalid_grant());

    let refresh_token = tokens["refresh_token"].as_str().unwrap();
    assert_eq!(refused(&app.refresh(refresh_token)), invalid_grant());
}

#[test]
fn a_stranger_cannot_spend_a_code_and_its_owner_still_can() {
    let world = travel0_world();
    let owner = RelyingParty::web(&world);
    let code = owner.code_for("hiroko", "openid");
    let stranger = RelyingParty { redirect_uri: owner.redirect_uri, ..RelyingParty::spa(&world) };

    assert_eq!(refused(&stranger.redeem(&code)), invalid_grant());
    let other_uri = owner.redeem_with(&code, "http://127.0.0.1:3000/callback", VERIFIER);
    assert_eq!(refused(&other_uri), invalid_grant());
    let other_verifier = owner.redeem_with(&code, owner.redirect_uri, &"x".repeat(43));
    assert_eq!(refused(&other_verifier), invalid_grant());

    assert_eq!(owner.redeem(&code).status, 200);
}

#[test]
fn a_code_expires() {
    let world = travel0_world();
    let app = RelyingParty::web(&world);
    let code = app.code_for("hiroko", "openid");
    world.advance(Seconds(60));
    assert_eq!(refused(&app.redeem(&code)), invalid_grant());
}

#[test]
fn text_that_is_no_code_is_refused_like_one() {
    let world = travel0_world();
    let app = RelyingParty::web(&world);
    for code in ["x", "x.y", ".", "a b.c", "../../etc.passwd"] {
        assert_eq!(refused(&app.redeem(code)), invalid_grant(), "{code}");
    }
}

/// RFC 6749 §3.2: parameters MUST NOT be included more than once.
#[test]
fn a_missing_or_repeated_parameter_is_invalid_request() {
    let world = travel0_world();
    let invalid = (400, "invalid_request".to_owned());
    let twice = [MACHINE.as_slice(), &[("grant_type", "client_credentials")]].concat();
    assert_eq!(refused(&world.post_form(&token_path(), &twice)), invalid);
    assert_eq!(refused(&world.post_form(&token_path(), &MACHINE[1..])), invalid);
    assert_eq!(refused(&world.post_form(&token_path(), &MACHINE[..1])), invalid);
    let app = RelyingParty::web(&world);
    assert_eq!(refused(&app.token(&[("grant_type", "authorization_code")])), invalid);
}

#[test]
fn another_content_type_or_method_is_refused() {
    let world = travel0_world();
    let mut json = form_request(&token_path(), &MACHINE);
    json.headers_mut().insert("content-type", "application/json".parse().unwrap());
    let answer = Answer::new(world.send(json));
    assert_eq!(refused(&answer), (400, "invalid_request".to_owned()));
    let get = request(Method::GET, &token_path()).body(bytes::Bytes::new()).unwrap();
    assert_eq!(world.send(get).status(), 405);
}

#[test]
fn a_client_that_is_not_believed_gets_401() {
    let world = travel0_world();
    let ask = |client_id: &str, secret: &str| {
        let fields = [
            ("grant_type", "client_credentials"),
            ("client_id", client_id),
            ("client_secret", secret),
        ];
        refused(&world.post_form(&token_path(), &fields))
    };
    let invalid_client = (401, "invalid_client".to_owned());
    assert_eq!(ask("travel0-machine", "wrong"), invalid_client);
    assert_eq!(ask("travel0-machine", ""), invalid_client);
    assert_eq!(ask("no-such-client", CLIENT_SECRET), invalid_client);
}

/// RFC 6749 §5.2: the challenge matches the scheme that was used.
#[test]
fn a_wrong_basic_header_is_told_of_the_scheme() {
    let world = travel0_world();
    let fields = [("grant_type", "client_credentials")];
    let wrong = token_with_basic(&world, "travel0-machine:wrong", &fields);
    assert_eq!(refused(&wrong), (401, "invalid_client".to_owned()));
    assert_eq!(wrong.header("www-authenticate"), "Basic realm=\"travel0\"");

    let right = token_with_basic(&world, &format!("travel0-machine:{CLIENT_SECRET}"), &fields);
    assert_eq!(right.status, 200, "{right:?}");
}

#[test]
fn two_ways_to_authenticate_at_once_are_refused() {
    let world = travel0_world();
    let answer = token_with_basic(&world, &format!("travel0-machine:{CLIENT_SECRET}"), &MACHINE);
    assert_eq!(refused(&answer), (400, "invalid_request".to_owned()));
}

#[test]
fn an_unknown_grant_and_one_not_given_are_told_apart() {
    let world = travel0_world();
    let app = RelyingParty::web(&world);
    let ask = |grant: &str| refused(&app.token(&[("grant_type", grant)]));
    assert_eq!(ask("urn:x"), (400, "unsupported_grant_type".to_owned()));
    assert_eq!(ask("client_credentials"), (400, "unauthorized_client".to_owned()));
    assert_eq!(ask("password"), (400, "unauthorized_client".to_owned()));
}

#[test]
fn a_public_client_cannot_speak_for_itself() {
    let world = travel0_world();
    let answer = RelyingParty::spa(&world).token(&[("grant_type", "client_credentials")]);
    assert_eq!(refused(&answer), (400, "unauthorized_client".to_owned()));
}

#[test]
fn a_machine_gets_a_token_without_io() {
    let world = travel0_world();
    world.post_form(&token_path(), &MACHINE);
    let (answer, trips) = world.trips_of(|| world.post_form(&token_path(), &MACHINE));

    assert_eq!((trips.directory, trips.objects), (0, 0));
    let tokens = answer.json();
    let claims = claims_of(&tokens["access_token"]);
    assert_eq!(claims["preferred_username"], "service-account-travel0-machine");
    assert_eq!(tokens["refresh_expires_in"], 0);
    for absent in ["refresh_token", "id_token", "session_state"] {
        assert!(tokens.get(absent).is_none(), "{absent}");
    }
}

fn admin_cli(world: &World, fields: &[(&str, &str)]) -> Answer {
    let base = [("client_id", "admin-cli"), ("grant_type", "password")];
    world.post_form(&token_path(), &[&base, fields].concat())
}

#[test]
fn a_password_is_exchanged_where_the_client_may() {
    let world = travel0_world();
    let answer = admin_cli(
        &world,
        &[("username", "hiroko"), ("password", PASSWORD), ("scope", "openid organization")],
    );
    let tokens = answer.json();
    let claim = &claims_of(&tokens["access_token"])["organization"];
    assert!(claim["granite-outpost"].is_object(), "{tokens}");
    let refresh = [
        ("client_id", "admin-cli"),
        ("grant_type", "refresh_token"),
        ("refresh_token", tokens["refresh_token"].as_str().unwrap()),
    ];
    assert_eq!(world.post_form(&token_path(), &refresh).status, 200);
}

/// Reference keycloak.md §4.4: there is no page to pick on.
#[test]
fn a_password_grant_with_several_organizations_speaks_for_none() {
    let world = travel0_world();
    let fields = [("username", "emilio"), ("password", PASSWORD), ("scope", "openid organization")];
    let tokens = admin_cli(&world, &fields).json();
    assert!(claims_of(&tokens["access_token"]).get("organization").is_none());
}

/// RFC 6749 §5.2; Keycloak 26.7 answers so, too.
#[test]
fn a_wrong_password_an_unknown_user_and_a_locked_account_get_one_answer() {
    let world = travel0_world();
    let ask = |username: &str, password: &str| {
        let answer = admin_cli(&world, &[("username", username), ("password", password)]);
        (refused(&answer), answer.text)
    };
    let wrong = ask("hiroko", "wrong");
    assert_eq!(wrong.0, (400, "invalid_grant".to_owned()));
    assert_eq!(ask("nobody", "wrong"), wrong);
    for _ in 0..9 {
        ask("hiroko", "wrong");
    }
    assert_eq!(ask("hiroko", PASSWORD), wrong);
}

/// The origins the client was given, and no other.
#[test]
fn only_the_clients_own_pages_may_read_its_tokens() {
    let world = travel0_world();
    let allowed = |origin: &str| {
        let mut request =
            form_request(&token_path(), &[("grant_type", "x"), ("client_id", "travel0-spa")]);
        request.headers_mut().insert("origin", origin.parse().unwrap());
        let answer = Answer::new(world.send(request));
        assert_eq!(answer.header("vary"), "Origin");
        ["access-control-allow-origin", "access-control-allow-credentials"]
            .map(|name| answer.header(name).to_owned())
    };
    // keycloak-js asks with credentials, though no cookie counts here.
    assert_eq!(allowed("http://localhost:5173"), ["http://localhost:5173", "true"]);
    assert_eq!(allowed("http://localhost:5174"), ["", ""]);
}

#[test]
fn a_preflight_is_answered_where_pages_call() {
    let world = travel0_world();
    let ask = |path: &str| {
        let request = request(Method::OPTIONS, &travel0(path))
            .header("origin", "http://localhost:5173")
            .body(bytes::Bytes::new())
            .unwrap();
        Answer::new(world.send(request))
    };
    let token = ask("/protocol/openid-connect/token");
    assert_eq!(token.header("access-control-allow-origin"), "http://localhost:5173");
    assert_eq!(token.header("access-control-allow-headers"), "Authorization, Content-Type, DPoP");
    for path in
        ["/protocol/openid-connect/ext/par/request", "/.well-known/oauth-authorization-server"]
    {
        assert_eq!(
            ask(path).header("access-control-allow-origin"),
            "http://localhost:5173",
            "{path}"
        );
    }
    assert_eq!(ask("/protocol/openid-connect/auth").header("access-control-allow-origin"), "");
}

#[test]
fn a_person_who_lost_every_organization_gets_nothing_for_a_code() {
    let world = travel0_world();
    let app = RelyingParty::web(&world);
    let browser = Browser::new(&world);
    let page = app.send(&browser, "openid organization:granite-outpost");
    let answer = sign_in(&browser, &page, "hiroko", PASSWORD);
    let code = crate::harness::relying_party::code_in(&answer);
    crate::refresh::leave(&world, "hiroko", "granite-outpost");
    assert_eq!(refused(&app.redeem(&code)), invalid_grant());
}
