//! Introspection (RFC 7662): what is told of a token that counts, and that nothing is
//! told of any other.
use crate::admin_setup::{TRAVEL0, client_uuid};
use crate::harness::browser::Answer;
use crate::harness::relying_party::{
    RelyingParty, claims_of, get_with, issuer, token_with_basic, travel0, travel0_world, userinfo,
};
use crate::harness::world::World;
use crate::refresh::{directory, leave};
use crate::scim_setup::admin;
use crate::token_setup::{INTROSPECT, MACHINE, configure, post_as, refusal, set_attributes};
use guildhall::app::demo::CLIENT_SECRET;
use guildhall::kernel::time::Seconds;
use serde_json::{Value, json};

fn ask(world: &World, token: &Value) -> Answer {
    post_as(world, INTROSPECT, MACHINE, &[("token", token.as_str().unwrap())])
}

fn is_active(world: &World, token: &Value) -> bool {
    let answer = ask(world, token);
    assert_eq!(answer.status, 200, "{answer:?}");
    let told = answer.json();
    if told["active"] != true {
        assert_eq!(answer.text, r#"{"active":false}"#);
    }
    told["active"] == true
}

#[test]
fn an_access_token_tells_its_claims_in_keycloaks_words() {
    let world = travel0_world();
    let tokens = RelyingParty::web(&world).tokens_for("hiroko", "openid organization");
    let answer = ask(&world, &tokens["access_token"]);
    let told = answer.json();
    assert_eq!(answer.header("cache-control"), "no-store");
    for (name, value) in [
        ("active", json!(true)),
        ("iss", json!(issuer())),
        ("client_id", json!("travel0-web")),
        ("azp", json!("travel0-web")),
        ("username", json!("hiroko")),
        ("token_type", json!("Bearer")),
        ("sid", tokens["session_state"].clone()),
        ("scope", tokens["scope"].clone()),
    ] {
        assert_eq!(told[name], value, "{name}");
    }
    assert!(told["organization"]["granite-outpost"].is_object());
    assert!(told["exp"].is_i64() && told["iat"].is_i64() && told["sub"].is_string());
}

#[test]
fn a_refresh_token_tells_its_own_client_and_never_its_secret() {
    let world = travel0_world();
    let app = RelyingParty::web(&world);
    let tokens = app.tokens_for("hiroko", "openid");
    let token = tokens["refresh_token"].as_str().unwrap();
    let own = post_as(&world, INTROSPECT, "travel0-web", &[("token", token)]).json();
    assert_eq!((&own["active"], &own["typ"]), (&json!(true), &json!("Refresh")));
    assert_eq!(own["username"], "hiroko");
    assert!(own.get("jti").is_none() && own.get("fid").is_none(), "{own}");
    assert!(!is_active(&world, &tokens["refresh_token"]), "another client's");

    let next = app.refresh(token).json();
    let old = post_as(&world, INTROSPECT, "travel0-web", &[("token", token)]);
    assert_eq!(old.text, r#"{"active":false}"#, "it was used");
    let next = next["refresh_token"].as_str().unwrap();
    assert_eq!(
        post_as(&world, INTROSPECT, "travel0-web", &[("token", next)]).json()["active"],
        true
    );
    assert_eq!(app.refresh(next).status, 200, "asking ends nothing");
}

#[test]
fn whatever_does_not_count_is_inactive_and_nothing_else() {
    let world = travel0_world();
    let app = RelyingParty::web(&world);
    let tokens = app.tokens_for("hiroko", "openid");
    let access = tokens["access_token"].as_str().unwrap();
    assert!(is_active(&world, &tokens["access_token"]));
    let (signed, signature) = access.rsplit_once('.').unwrap();
    let other = if signature.starts_with('A') { 'B' } else { 'A' };
    let not_ours = [
        json!("x"),
        json!("a.b.c"),
        json!("x".repeat(20_000)),
        json!(format!("{signed}.{other}{}", &signature[1..])),
        json!(format!("{signed}.")),
        json!(admin(&world)),
        tokens["id_token"].clone(),
    ];
    for token in &not_ours {
        assert!(!is_active(&world, token), "{token}");
    }
    world.advance(Seconds(300));
    assert!(!is_active(&world, &tokens["access_token"]), "expired");
}

/// Ends something.
type End = fn(&World);

#[test]
fn a_token_ends_with_its_session_its_person_and_its_client() {
    let ended: [(&str, End); 3] = [
        ("the session", |world| {
            let user = world.get("/admin/realms/travel0/users?username=hiroko", &admin(world));
            let user = user.json()[0]["id"].as_str().unwrap().to_owned();
            let path = format!("/admin/realms/travel0/users/{user}/logout");
            assert_eq!(world.post(&path, &admin(world), &json!({})).status, 204);
        }),
        ("the person", |world| {
            directory(
                world,
                "UPDATE user SET enabled = 0
                  WHERE realm_id = (SELECT id FROM realm WHERE name = 'travel0') AND username = ?",
                "hiroko",
            );
        }),
        ("the client", |world| configure(world, "travel0-web", &json!({ "enabled": false }))),
    ];
    for (what, end) in ended {
        let world = travel0_world();
        let tokens = RelyingParty::web(&world).tokens_for("hiroko", "openid");
        assert!(is_active(&world, &tokens["access_token"]));
        end(&world);
        assert!(!is_active(&world, &tokens["access_token"]), "{what}");
    }
}

#[test]
fn a_machines_own_token_is_active() {
    let world = travel0_world();
    let token = post_as(
        &world,
        crate::token_setup::TOKEN,
        MACHINE,
        &[("grant_type", "client_credentials")],
    );
    let told = ask(&world, &token.json()["access_token"]).json();
    assert_eq!(told["username"], "service-account-travel0-machine");
}

#[test]
fn only_a_client_that_keeps_a_secret_may_ask() {
    let world = travel0_world();
    let tokens = RelyingParty::web(&world).tokens_for("hiroko", "openid");
    let token = tokens["access_token"].as_str().unwrap();
    let path = travel0(INTROSPECT);
    let public = world.post_form(&path, &[("client_id", "travel0-spa"), ("token", token)]);
    assert_eq!(refusal(&public), (403, "invalid_request".to_owned()));
    let wrong = world
        .post_form(&path, &[("client_id", MACHINE), ("client_secret", "wrong"), ("token", token)]);
    assert_eq!(refusal(&wrong), (401, "invalid_client".to_owned()));
    let nobody = world.post_form(&path, &[("token", token)]);
    assert_eq!(refusal(&nobody), (400, "invalid_request".to_owned()));
    let by_token = get_with(&world, &path, &[("authorization", &format!("Bearer {token}"))]);
    assert_eq!(by_token.status, 405);
    let master = token_with_basic(&world, &format!("{MACHINE}:{CLIENT_SECRET}"), &[]);
    assert_eq!(master.status, 400, "the token endpoint is another one");
}

#[test]
fn a_missing_or_repeated_token_is_a_mistake_and_a_hint_is_none() {
    let world = travel0_world();
    let invalid = (400, "invalid_request".to_owned());
    assert_eq!(refusal(&post_as(&world, INTROSPECT, MACHINE, &[])), invalid);
    let twice = [("token", "x"), ("token", "x")];
    assert_eq!(refusal(&post_as(&world, INTROSPECT, MACHINE, &twice)), invalid);
    let hint = [("token", "x"), ("token_type_hint", "saml")];
    assert_eq!(post_as(&world, INTROSPECT, MACHINE, &hint).text, r#"{"active":false}"#);
}

/// RFC 9701 §4, §5.
#[test]
fn the_answer_may_be_a_token() {
    let world = travel0_world();
    let tokens = RelyingParty::web(&world).tokens_for("hiroko", "openid");
    let token = tokens["access_token"].as_str().unwrap();
    let fields = [("client_id", MACHINE), ("client_secret", CLIENT_SECRET), ("token", token)];
    let mut request = crate::harness::browser::form_request(&travel0(INTROSPECT), &fields);
    let wanted = "application/token-introspection+jwt";
    request.headers_mut().insert("accept", wanted.parse().unwrap());
    let answer = Answer::new(world.send(request));
    assert_eq!(answer.header("content-type"), wanted);
    let claims = crate::harness::relying_party::claims_of(&json!(answer.text));
    assert_eq!((&claims["aud"], &claims["iss"]), (&json!(MACHINE), &json!(issuer())));
    assert_eq!(claims["token_introspection"]["active"], true);
    assert_eq!(refusal(&userinfo(&world, &json!(answer.text))).0, 401, "and no access token");
}

#[test]
fn an_organization_that_the_person_left_is_for_userinfo_to_tell() {
    let world = travel0_world();
    let tokens = RelyingParty::web(&world).tokens_for("hiroko", "openid organization");
    leave(&world, "hiroko", "granite-outpost");
    assert!(is_active(&world, &tokens["access_token"]), "the token itself still counts");
}

/// What a mapper tells here alone, and what a light token leaves out, a resource
/// server learns when it asks.
#[test]
fn mappers_tell_here_what_the_token_does_not_say() {
    let world = travel0_world();
    let mapper = json!({
        "name": "tier", "protocol": "openid-connect",
        "protocolMapper": "oidc-hardcoded-claim-mapper",
        "config": {
            "claim.name": "tier", "claim.value": "gold", "jsonType.label": "String",
            "access.token.claim": "false", "introspection.token.claim": "true",
        },
    });
    let client = client_uuid(&world, TRAVEL0, "travel0-web");
    let path = format!("{TRAVEL0}/clients/{client}/protocol-mappers/models");
    assert_eq!(world.post(&path, &admin(&world), &mapper).status, 201);
    let light = json!({ "client.use.lightweight.access.token.enabled": "true" });
    set_attributes(&world, "travel0-web", &light);
    let token =
        RelyingParty::web(&world).tokens_for("hiroko", "openid email")["access_token"].clone();
    let said = claims_of(&token);
    assert_eq!((&said["tier"], &said["email"]), (&Value::Null, &Value::Null));
    let told = ask(&world, &token).json();
    assert_eq!(
        (&told["tier"], &told["email"]),
        (&json!("gold"), &json!("hiroko@granite-outpost.example"))
    );
    assert_eq!((&told["jti"], &told["exp"]), (&said["jti"], &said["exp"]), "the token's own");
}
