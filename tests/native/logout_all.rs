//! `/admin/realms/{realm}/logout-all` and the realm's `notBefore`: what began up to
//! a moment is over.
use crate::admin_setup::{
    MASTER, TRAVEL0, assert_guarded, client_uuid, holder_of, newest_event, nobody,
    outside_holder_of,
};
use crate::admin_users::granted;
use crate::harness::browser::{Answer, Browser};
use crate::harness::relying_party::{RelyingParty, claims_of, code_in, sign_in, userinfo};
use crate::harness::world::{ADMIN_SERVICE_SECRET, World};
use crate::scim_setup::{admin, travel0, user};
use guildhall::account::announce::TELL_AFTER;
use guildhall::app::demo::PASSWORD;
use guildhall::kernel::time::Seconds;
use http::Method;
use serde_json::{Value, json};

fn logout_all(world: &World, base: &str) -> Answer {
    world.post(&format!("{base}/logout-all"), &admin(world), &Value::Null)
}

/// A browser in which hiroko is signed in, and her tokens.
fn signed_in(world: &World) -> (Browser<'_>, Value) {
    let app = RelyingParty::web(world);
    let browser = Browser::new(world);
    let page = app.send(&browser, "openid");
    let code = code_in(&sign_in(&browser, &page, "hiroko", PASSWORD));
    let tokens = app.redeem(&code);
    assert_eq!(tokens.status, 200, "{tokens:?}");
    (browser, tokens.json())
}

fn refresh(world: &World, tokens: &Value) -> Answer {
    RelyingParty::web(world).refresh(tokens["refresh_token"].as_str().unwrap())
}

fn not_before(world: &World, base: &str) -> Value {
    world.get(base, &admin(world)).json()["notBefore"].clone()
}

/// In the same second, which is the hard case.
#[test]
fn nothing_that_began_before_goes_on() {
    let world = travel0();
    let app = RelyingParty::web(&world);
    let (browser, tokens) = signed_in(&world);
    let code = app.code_for("hiroko", "openid");
    let viewer = granted(&world, "sumana", &["view-users"]);
    let users = format!("{TRAVEL0}/users");
    assert_eq!(world.get(&users, &viewer).status, 200);

    let answer = logout_all(&world, TRAVEL0);

    assert_eq!((answer.status.as_u16(), answer.json()), (200, json!({})));
    let refreshed = refresh(&world, &tokens);
    assert_eq!((refreshed.status.as_u16(), refreshed.error().as_str()), (400, "invalid_grant"));
    let page = app.send(&browser, "openid");
    assert_eq!(page.status, 200, "the login page");
    assert!(!page.field("state").is_empty());
    let redeemed = app.redeem(&code);
    assert_eq!((redeemed.status.as_u16(), redeemed.error().as_str()), (400, "invalid_grant"));
    let told = userinfo(&world, &tokens["access_token"]);
    assert_eq!((told.status.as_u16(), told.error().as_str()), (401, "invalid_token"));
    assert_eq!(world.get(&users, &viewer).status, 401, "an administrator's token too");
    let orgs = world.get("/realms/travel0/orgs/me", tokens["access_token"].as_str().unwrap());
    assert_eq!(orgs.status, 401);
    let hiroko = user(&world, "hiroko").unwrap().id;
    let sessions = world.get(&format!("{TRAVEL0}/users/{hiroko}/sessions"), &admin(&world));
    assert_eq!(sessions.json(), json!([]));
    let session = tokens["session_state"].as_str().unwrap();
    let ended = world.delete(&format!("{TRAVEL0}/sessions/{session}"), &admin(&world));
    assert_eq!(ended.status, 404);
}

#[test]
fn a_session_that_begins_after_it_works() {
    for later in [Seconds(0), Seconds(1), Seconds(60)] {
        let world = travel0();
        signed_in(&world);
        logout_all(&world, TRAVEL0);
        world.advance(later);

        let (browser, tokens) = signed_in(&world);

        assert_eq!(userinfo(&world, &tokens["access_token"]).status, 200, "{later:?}");
        let code = code_in(&RelyingParty::web(&world).send(&browser, "openid"));
        assert_eq!(RelyingParty::web(&world).redeem(&code).status, 200, "{later:?}");
        let next = refresh(&world, &tokens).json();
        assert_eq!(next["not-before-policy"], not_before(&world, TRAVEL0), "{later:?}");
        let claims = claims_of(&next["access_token"]);
        let [began, made] = ["auth_time", "iat"].map(|name| claims[name].as_i64().unwrap());
        assert!(began > not_before(&world, TRAVEL0).as_i64().unwrap());
        assert_eq!(made, world.now().as_unix(), "{later:?}");
    }
}

#[test]
fn another_realms_sessions_are_untouched() {
    let world = travel0();
    let (browser, tokens) = signed_in(&world);

    assert_eq!(logout_all(&world, MASTER).status, 200);

    assert_eq!(not_before(&world, TRAVEL0), 0);
    assert_eq!(tokens["not-before-policy"], 0);
    assert_eq!(refresh(&world, &tokens).status, 200);
    assert_eq!(userinfo(&world, &tokens["access_token"]).status, 200);
    code_in(&RelyingParty::web(&world).send(&browser, "openid"));
}

#[test]
fn the_realm_says_so_and_so_do_its_events() {
    let world = travel0();
    signed_in(&world);
    world.pass(TELL_AFTER);
    world.deliver_queue();
    let web = client_uuid(&world, TRAVEL0, "travel0-web");
    let count = || world.get(&format!("{TRAVEL0}/clients/{web}/session-count"), &admin(&world));
    assert_eq!(count().json(), json!({ "count": 1 }));

    logout_all(&world, TRAVEL0);

    let event = newest_event(&world, "travel0");
    assert_eq!(
        [&event["operationType"], &event["resourceType"], &event["resourcePath"]],
        [&json!("ACTION"), &json!("REALM"), &json!("logout-all")]
    );
    assert_eq!(not_before(&world, TRAVEL0), world.now().as_unix());
    assert_eq!(count().json(), json!({ "count": 0 }), "at once");
    assert_eq!(
        world.get(&format!("{TRAVEL0}/client-session-stats"), &admin(&world)).json(),
        json!([])
    );
    let (_, tokens) = signed_in(&world);
    assert_eq!(tokens["not-before-policy"], not_before(&world, TRAVEL0));
    world.pass(TELL_AFTER);
    world.deliver_queue();
    assert_eq!(count().json(), json!({ "count": 1 }));
}

#[test]
fn what_was_ended_stays_ended() {
    let world = travel0();
    let read_before = world.get(TRAVEL0, &admin(&world)).json();
    let (_, tokens) = signed_in(&world);
    logout_all(&world, TRAVEL0);
    let moment = world.now().as_unix();
    world.advance(Seconds(5));

    // Somebody writes back what they read, or means to take it back.
    for body in [read_before, json!({ "notBefore": 0 }), json!({ "notBefore": moment - 1 })] {
        assert_eq!(world.put(TRAVEL0, &admin(&world), &body).status, 204);
        assert_eq!(not_before(&world, TRAVEL0), moment);
        assert_eq!(refresh(&world, &tokens).status, 400);
    }

    logout_all(&world, TRAVEL0);
    assert_eq!(not_before(&world, TRAVEL0), moment + 5);
}

/// Keycloak's console sets it so ("Revocation").
#[test]
fn not_before_is_written_with_the_realm_too() {
    let world = travel0();
    let (_, tokens) = signed_in(&world);
    let now = world.now().as_unix();
    world.advance(Seconds(1));
    let body = json!({ "notBefore": now });
    assert_eq!(world.put(TRAVEL0, &admin(&world), &body).status, 204);
    assert_eq!(not_before(&world, TRAVEL0), now);
    assert_eq!(refresh(&world, &tokens).status, 400);

    // A moment to come would lock everybody out.
    let body = json!({ "notBefore": now + 1_000_000 });
    assert_eq!(world.put(TRAVEL0, &admin(&world), &body).status, 204);
    assert_eq!(not_before(&world, TRAVEL0), world.now().as_unix());
    assert_eq!(refresh(&world, &signed_in(&world).1).status, 200);

    for body in [json!({ "notBefore": "now" }), json!({ "notBefore": 1.5 })] {
        assert_eq!(world.put(TRAVEL0, &admin(&world), &body).status, 400, "{body}");
    }
    let made = json!({ "realm": "young", "enabled": true, "notBefore": now });
    assert_eq!(world.post("/admin/realms", &admin(&world), &made).status, 201);
    assert_eq!(not_before(&world, "/admin/realms/young"), now);
}

/// A client that speaks for itself has no session: its token is as old as it is.
#[test]
fn a_clients_own_token_is_over_when_it_is_older() {
    let world = travel0();
    let token = || {
        let answer = world.post_form(
            "/realms/master/protocol/openid-connect/token",
            &[
                ("grant_type", "client_credentials"),
                ("client_id", "admin-service"),
                ("client_secret", ADMIN_SERVICE_SECRET),
            ],
        );
        answer.json()["access_token"].as_str().unwrap().to_owned()
    };
    let older = token();
    world.advance(Seconds(1));
    let same_second = token();
    let path = format!("{MASTER}/logout-all");
    assert_eq!(world.post(&path, &same_second, &Value::Null).status, 200);
    assert_eq!(world.get(MASTER, &older).status, 401);
    assert_eq!(world.get(MASTER, &same_second).status, 200);
    assert_eq!(world.get(MASTER, &token()).status, 200);
}

#[test]
fn who_may_not_manage_users_ends_nothing() {
    let world = travel0();
    let path = format!("{TRAVEL0}/logout-all");
    let strangers = [
        nobody(&world),
        holder_of(&world, &["view-users", "manage-realm", "manage-clients"]),
        outside_holder_of(&world, &["manage-realm"]),
    ];
    let strangers: Vec<&str> = strangers.iter().map(String::as_str).collect();
    assert_guarded(&world, &Method::POST, &path, &strangers);
    let elsewhere = holder_of(&world, &["realm-admin"]);
    assert_eq!(world.post(&format!("{MASTER}/logout-all"), &elsewhere, &Value::Null).status, 401);
    assert_eq!((not_before(&world, TRAVEL0), not_before(&world, MASTER)), (json!(0), json!(0)));

    let manager = outside_holder_of(&world, &["manage-users"]);
    for _ in 0..2 {
        assert_eq!(world.post(&path, &manager, &Value::Null).status, 200, "twice is once");
    }
    // Whoever is of the realm ends what they do it with.
    let own = granted(&world, "sumana", &["manage-users"]);
    world.advance(Seconds(1));
    assert_eq!(world.post(&path, &own, &Value::Null).status, 200);
    assert_eq!(world.post(&path, &own, &Value::Null).status, 401);
}
