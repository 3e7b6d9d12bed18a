//! How long a refresh token lives: offline access, a client's own terms, and the
//! answer that got lost.
use crate::admin_setup::{TRAVEL0, client_uuid};
use crate::harness::browser::{Answer, form_request};
use crate::harness::relying_party::{RelyingParty, claims_of, token_path, travel0_world, userinfo};
use crate::harness::world::World;
use crate::refresh::directory;
use crate::scim_setup::admin;
use crate::token_setup::{INTROSPECT, post_as, refusal, set_attributes};
use guildhall::app::demo::CLIENT_SECRET;
use guildhall::kernel::time::Seconds;
use serde_json::{Value, json};

const WEB: &str = "travel0-web";

const LOGOUT: &str = "/protocol/openid-connect/logout";

fn refresh_token(tokens: &Value) -> &str {
    tokens["refresh_token"].as_str().unwrap()
}

fn invalid_grant() -> (u16, String) {
    (400, "invalid_grant".to_owned())
}

fn change_realm(world: &World, change: &Value) {
    assert_eq!(world.put(TRAVEL0, &admin(world), change).status, 204);
}

fn hiroko(world: &World) -> String {
    let found = world.get(&format!("{TRAVEL0}/users?username=hiroko"), &admin(world)).json();
    found[0]["id"].as_str().unwrap().to_owned()
}

fn end_session(world: &World, tokens: &Value) {
    let session = tokens["session_state"].as_str().unwrap();
    let path = format!("{TRAVEL0}/sessions/{session}");
    assert_eq!(world.delete(&path, &admin(world)).status, 204);
}

#[test]
fn an_offline_token_outlives_its_session() {
    let world = travel0_world();
    let app = RelyingParty::web(&world);
    let offline = app.tokens_for("hiroko", "openid offline_access");
    let online = app.tokens_for("hiroko", "openid");
    assert_eq!(claims_of(&offline["refresh_token"])["typ"], "Offline");
    assert_eq!(claims_of(&online["refresh_token"])["typ"], "Refresh");
    assert!(offline["scope"].as_str().unwrap().contains("offline_access"));
    assert_eq!(offline["refresh_expires_in"], 30 * 24 * 60 * 60);
    for tokens in [&offline, &online] {
        end_session(&world, tokens);
    }
    assert_eq!(refusal(&app.refresh(refresh_token(&online))), invalid_grant());
    let told = userinfo(&world, &offline["access_token"]);
    assert_eq!(told.status, 200, "its access tokens, too: {told:?}");

    let later = app.refresh(refresh_token(&offline)).json();
    world.pass(Seconds::days(29));
    let latest = app.refresh(refresh_token(&later)).json();
    assert_eq!(userinfo(&world, &latest["access_token"]).status, 200);
    let introspected = [("token", latest["access_token"].as_str().unwrap())];
    assert_eq!(post_as(&world, INTROSPECT, WEB, &introspected).json()["active"], true);
    world.pass(Seconds::days(30));
    assert_eq!(refusal(&app.refresh(refresh_token(&latest))), invalid_grant(), "unused too long");
}

#[test]
fn an_offline_token_is_used_once_and_its_theft_ends_it() {
    let world = travel0_world();
    let app = RelyingParty::web(&world);
    let first = app.tokens_for("hiroko", "openid offline_access");
    let second = app.refresh(refresh_token(&first)).json();
    assert_eq!(refusal(&app.refresh(refresh_token(&first))), invalid_grant());
    assert_eq!(refusal(&app.refresh(refresh_token(&second))), invalid_grant());
    end_session(&world, &first);
    assert_eq!(userinfo(&world, &second["access_token"]).status, 401);
}

#[test]
fn a_realm_may_end_offline_sessions_after_a_while() {
    let world = travel0_world();
    let app = RelyingParty::web(&world);
    change_realm(
        &world,
        &json!({
            "offlineSessionIdleTimeout": 86_400,
            "offlineSessionMaxLifespan": 100_000,
            "offlineSessionMaxLifespanEnabled": true,
        }),
    );
    let read = world.get(TRAVEL0, &admin(&world)).json();
    assert_eq!(
        (&read["offlineSessionIdleTimeout"], &read["offlineSessionMaxLifespanEnabled"]),
        (&json!(86_400), &json!(true))
    );
    let first = app.tokens_for("hiroko", "openid offline_access");
    assert_eq!(first["refresh_expires_in"], 86_400);
    world.pass(Seconds(86_399));
    let second = app.refresh(refresh_token(&first)).json();
    assert_eq!(second["refresh_expires_in"], 100_000 - 86_399);
    world.pass(Seconds(100_000 - 86_399));
    assert_eq!(refusal(&app.refresh(refresh_token(&second))), invalid_grant());
}

/// Keycloak's logout by refresh token.
#[test]
fn a_sign_out_with_an_offline_token_ends_it_and_no_session() {
    let world = travel0_world();
    let app = RelyingParty::web(&world);
    let offline = app.tokens_for("hiroko", "openid offline_access");
    let online = app.tokens_for("hiroko", "openid");
    let sign_out = |tokens: &Value| {
        let token = [("refresh_token", refresh_token(tokens))];
        post_as(&world, LOGOUT, WEB, &token).status
    };
    assert_eq!(sign_out(&offline), 204);
    assert_eq!(refusal(&app.refresh(refresh_token(&offline))), invalid_grant());
    assert_eq!(userinfo(&world, &offline["access_token"]).status, 401);
    let online = app.refresh(refresh_token(&online)).json();
    assert_eq!(userinfo(&world, &online["access_token"]).status, 200, "the session goes on");

    let offline = app.tokens_for("hiroko", "openid offline_access");
    assert_eq!(sign_out(&online), 204);
    assert_eq!(app.refresh(refresh_token(&offline)).status, 200, "it outlives its session");
}

#[test]
fn a_realm_says_how_long_its_clients_may_refresh() {
    let world = travel0_world();
    let app = RelyingParty::web(&world);
    let change = json!({
        "clientSessionIdleTimeout": 600,
        "clientSessionMaxLifespan": 900,
        "clientOfflineSessionIdleTimeout": 3600,
        "clientOfflineSessionMaxLifespan": 0,
    });
    change_realm(&world, &change);
    let read = world.get(TRAVEL0, &admin(&world)).json();
    for (name, value) in change.as_object().unwrap() {
        assert_eq!(&read[name], value, "{name}");
    }
    let first = app.tokens_for("hiroko", "openid");
    assert_eq!(first["refresh_expires_in"], 600);
    let offline = app.tokens_for("hiroko", "openid offline_access");
    assert_eq!(offline["refresh_expires_in"], 3600);
    world.pass(Seconds(500));
    let second = app.refresh(refresh_token(&first)).json();
    assert_eq!(second["refresh_expires_in"], 400, "used or not");

    let too_long = json!({ "clientSessionIdleTimeout": 40_000_000 });
    assert_eq!(world.put(TRAVEL0, &admin(&world), &too_long).status, 400);
    // A client may be an exception; the session is not.
    set_attributes(&world, WEB, &json!({ "client.session.idle.timeout": "86400" }));
    assert_eq!(app.tokens_for("hiroko", "openid")["refresh_expires_in"], 900);
    change_realm(&world, &json!({ "clientSessionMaxLifespan": 0 }));
    assert_eq!(app.tokens_for("hiroko", "openid")["refresh_expires_in"], 1800);
}

/// Ends something.
type End = fn(&World);

#[test]
fn everything_that_ends_all_of_a_person_ends_offline_tokens() {
    let endings: [(&str, End); 4] = [
        ("logout", |world| {
            let path = format!("{TRAVEL0}/users/{}/logout", hiroko(world));
            assert_eq!(world.post(&path, &admin(world), &json!({})).status, 204);
        }),
        ("logout-all", |world| {
            let path = format!("{TRAVEL0}/logout-all");
            assert_eq!(world.post(&path, &admin(world), &json!({})).status, 200);
        }),
        ("disabled", |world| {
            directory(
                world,
                "UPDATE user SET enabled = 0
                  WHERE realm_id = (SELECT id FROM realm WHERE name = 'travel0') AND username = ?",
                "hiroko",
            );
        }),
        ("ended by an administrator", |world| {
            let uuid = client_uuid(world, TRAVEL0, WEB);
            let path = format!("{TRAVEL0}/users/{}/offline-sessions/{uuid}", hiroko(world));
            let listed = world.get(&path, &admin(world)).json();
            let session = listed[0]["id"].as_str().unwrap();
            let path = format!("{TRAVEL0}/sessions/{session}?isOffline=true");
            assert_eq!(world.delete(&path, &admin(world)).status, 204);
            assert_eq!(world.delete(&path, &admin(world)).status, 404, "it is over");
        }),
    ];
    for (what, end) in endings {
        let world = travel0_world();
        let app = RelyingParty::web(&world);
        let tokens = app.tokens_for("hiroko", "openid offline_access");
        end(&world);
        assert_eq!(refusal(&app.refresh(refresh_token(&tokens))), invalid_grant(), "{what}");
    }
}

#[test]
fn offline_sessions_are_listed_by_person_and_client() {
    let world = travel0_world();
    let tokens = RelyingParty::web(&world).tokens_for("hiroko", "openid offline_access");
    RelyingParty::web(&world).tokens_for("hiroko", "openid");
    let list = |client: &str| {
        let uuid = client_uuid(&world, TRAVEL0, client);
        let path = format!("{TRAVEL0}/users/{}/offline-sessions/{uuid}", hiroko(&world));
        world.get(&path, &admin(&world)).json()
    };
    let listed = list(WEB);
    assert_eq!(listed.as_array().unwrap().len(), 1, "{listed}");
    assert_eq!(
        (&listed[0]["id"], &listed[0]["username"]),
        (&tokens["session_state"], &json!("hiroko"))
    );
    assert_eq!(list("travel0-spa"), json!([]));
    let path = format!("{TRAVEL0}/users/{}/offline-sessions/nobody", hiroko(&world));
    assert_eq!(world.get(&path, &admin(&world)).status, 404);
}

#[test]
fn a_client_shortens_what_its_realm_allows() {
    let world = travel0_world();
    let app = RelyingParty::web(&world);
    set_attributes(
        &world,
        WEB,
        &json!({
            "access.token.lifespan": "60",
            "client.session.idle.timeout": "600",
            "client.session.max.lifespan": "900",
        }),
    );
    let first = app.tokens_for("hiroko", "openid");
    assert_eq!((&first["expires_in"], &first["refresh_expires_in"]), (&json!(60), &json!(600)));
    world.advance(Seconds(599));
    let second = app.refresh(refresh_token(&first)).json();
    assert_eq!(second["refresh_expires_in"], 301, "the most is near");
    world.advance(Seconds(301));
    assert_eq!(refusal(&app.refresh(refresh_token(&second))), invalid_grant());

    let idle = app.tokens_for("hiroko", "openid");
    world.advance(Seconds(600));
    assert_eq!(refusal(&app.refresh(refresh_token(&idle))), invalid_grant());

    set_attributes(
        &world,
        WEB,
        &json!({
            "client.session.idle.timeout": "999999", "client.session.max.lifespan": "",
            "access.token.lifespan": "7200",
        }),
    );
    let long = app.tokens_for("hiroko", "openid");
    assert_eq!((&long["expires_in"], &long["refresh_expires_in"]), (&json!(7200), &json!(1800)));
}

#[test]
fn a_client_without_refresh_tokens_gets_none() {
    let world = travel0_world();
    set_attributes(&world, WEB, &json!({ "use.refresh.tokens": "false" }));
    let tokens = RelyingParty::web(&world).tokens_for("hiroko", "openid offline_access");
    assert!(tokens.get("refresh_token").is_none());
}

/// A world in which an answer may get lost.
fn forgiving() -> World {
    let world = travel0_world();
    change_realm(&world, &json!({ "attributes": { "refresh.token.grace.seconds": "10" } }));
    world
}

#[test]
fn an_answer_that_got_lost_is_given_again_once() {
    let world = forgiving();
    let app = RelyingParty::spa(&world);
    let first = app.tokens_for("hiroko", "openid");
    let lost = app.refresh(refresh_token(&first)).json();
    world.advance(Seconds(9));
    let again = app.refresh(refresh_token(&first));
    assert_eq!(again.status, 200, "{again:?}");
    assert_ne!(refresh_token(&again.json()), refresh_token(&lost));
    assert_eq!(app.refresh(refresh_token(&again.json())).status, 200, "the chain goes on");
}

#[test]
fn a_lost_answer_that_turns_up_is_a_theft() {
    let world = forgiving();
    let app = RelyingParty::spa(&world);
    let first = app.tokens_for("hiroko", "openid");
    let lost = app.refresh(refresh_token(&first)).json();
    let again = app.refresh(refresh_token(&first)).json();
    assert_eq!(refusal(&app.refresh(refresh_token(&lost))), invalid_grant());
    assert_eq!(refusal(&app.refresh(refresh_token(&again))), invalid_grant(), "the chain ended");
}

/// What happens before the token comes again.
type Happen = fn(&World, &RelyingParty<'_>, &Value);

#[test]
fn nothing_is_given_again_twice_late_after_use_or_to_another_client() {
    let refuse: [(&str, Happen); 4] = [
        ("twice", |_, app, first| {
            assert_eq!(app.refresh(refresh_token(first)).status, 200);
        }),
        ("late", |world, _, _| world.advance(Seconds(10))),
        ("used", |_, app, first| {
            let next = app.refresh(refresh_token(first)).json();
            assert_eq!(app.refresh(refresh_token(&next)).status, 200);
        }),
        ("ended", |world, _, first| end_session(world, first)),
    ];
    for (why, happen) in refuse {
        let world = forgiving();
        let app = RelyingParty::spa(&world);
        let first = app.tokens_for("hiroko", "openid");
        assert_eq!(app.refresh(refresh_token(&first)).status, 200);
        happen(&world, &app, &first);
        assert_eq!(refusal(&app.refresh(refresh_token(&first))), invalid_grant(), "{why}");
    }
    let world = forgiving();
    let app = RelyingParty::spa(&world);
    let first = app.tokens_for("hiroko", "openid");
    assert_eq!(app.refresh(refresh_token(&first)).status, 200);
    let thief = RelyingParty::web(&world);
    assert_eq!(refusal(&thief.refresh(refresh_token(&first))), invalid_grant());
    assert_eq!(app.refresh(refresh_token(&first)).status, 200, "and it cost the owner nothing");
}

/// Two of one app at once, in every order: with grace one chain goes on, without
/// none does.
#[test]
fn of_two_refreshes_at_once_one_chain_goes_on() {
    for grace in [true, false] {
        for step in 0..20 {
            let world = if grace { forgiving() } else { travel0_world() };
            let app = RelyingParty::web(&world);
            let first = app.tokens_for("hiroko", "openid");
            let request = || {
                form_request(
                    &token_path(),
                    &[
                        ("grant_type", "refresh_token"),
                        ("refresh_token", refresh_token(&first)),
                        ("client_id", WEB),
                        ("client_secret", CLIENT_SECRET),
                    ],
                )
            };
            let Some(answers) = world.interleaved(step, request(), request()) else { break };
            let good: Vec<Value> = answers
                .map(Answer::new)
                .iter()
                .filter(|answer| answer.status == 200)
                .map(Answer::json)
                .collect();
            assert_eq!(good.len(), if grace { 2 } else { 1 }, "held at {step}");
            let live = good
                .iter()
                .filter(|tokens| {
                    let token = [("token", refresh_token(tokens))];
                    post_as(&world, INTROSPECT, WEB, &token).json()["active"] == true
                })
                .count();
            assert_eq!(live, usize::from(grace), "held at {step}");
        }
    }
}
