//! Clients are told when a session of their users ends, whatever ended it (OIDC
//! Back-Channel Logout 1.0).
use crate::admin_setup::{TRAVEL0, client_uuid};
use crate::harness::browser::{Answer, Browser, form_request, json_request};
use crate::harness::relying_party::{
    RelyingParty, claims_of, code_in, issuer, sign_in, token_path, travel0 as at, userinfo,
};
use crate::harness::world::World;
use crate::logout::{log_out, signed_in};
use crate::scim_setup::{Directory, active, admin, org_id, travel0, user};
use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use guildhall::account::announce::TELL_AFTER;
use guildhall::app::demo::{CLIENT_SECRET, PASSWORD};
use guildhall::app::queue::{Verdict, consume};
use guildhall::app::schedule;
use guildhall::kernel::time::Seconds;
use guildhall::oidc::backchannel::{LOGOUT_TOKEN_LIFE, RETRY_AFTER};
use http::Method;
use serde_json::{Value, json};

const TOLD_AT: &str = "https://app.example/backchannel";

/// A deployment where the app `travel0-web` wants to be told, and answers `status`.
fn told_world(status: u16) -> World {
    let world = travel0();
    want(&world, &json!({ "backchannel.logout.url": TOLD_AT }));
    world.serve(TOLD_AT, status, "");
    world.deliver_queue();
    world
}

fn want(world: &World, attributes: &Value) {
    let web = client_uuid(world, TRAVEL0, "travel0-web");
    let body = json!({ "attributes": attributes });
    let answer = world.put(&format!("{TRAVEL0}/clients/{web}"), &admin(world), &body);
    assert_eq!(answer.status, 204, "{answer:?}");
}

/// What the app was posted after everything was delivered: header and claims.
fn told(world: &World) -> Vec<(Value, Value)> {
    world.pass(TELL_AFTER);
    world.deliver_queue();
    posted(world)
}

fn posted(world: &World) -> Vec<(Value, Value)> {
    let tokens = world.posted().into_iter().map(|post| {
        assert_eq!(post.url, TOLD_AT);
        let form: Vec<_> = url::form_urlencoded::parse(post.form.as_bytes()).into_owned().collect();
        assert_eq!((form.len(), form[0].0.as_str()), (1, "logout_token"));
        json!(form[0].1)
    });
    tokens.map(|token| (header_of(&token), claims_of(&token))).collect()
}

fn header_of(token: &Value) -> Value {
    let header = token.as_str().unwrap().split('.').next().unwrap();
    serde_json::from_slice(&BASE64_URL_SAFE_NO_PAD.decode(header).unwrap()).unwrap()
}

/// The sessions that were told of.
fn sessions(told: &[(Value, Value)]) -> Vec<String> {
    told.iter().map(|(_, claims)| claims["sid"].as_str().unwrap().to_owned()).collect()
}

fn sid(tokens: &Value) -> String {
    tokens["session_state"].as_str().unwrap().to_owned()
}

fn refresh(world: &World, tokens: &Value) -> Answer {
    RelyingParty::web(world).refresh(tokens["refresh_token"].as_str().unwrap())
}

fn log_in(world: &World, who: &str, scope: &str) -> Value {
    RelyingParty::web(world).tokens_for(who, scope)
}

/// §2.4, §2.5.
#[test]
fn an_app_gets_a_logout_token_after_a_sign_out() {
    let world = told_world(200);
    let (browser, tokens) = signed_in(&RelyingParty::web(&world));

    log_out(&browser, &[("id_token_hint", tokens["id_token"].as_str().unwrap())]);

    let told = told(&world);
    let [(header, claims)] = told.as_slice() else { panic!("{told:?}") };
    assert_eq!(header["typ"], "logout+jwt");
    assert_eq!(claims["iss"], issuer());
    assert_eq!(claims["aud"], "travel0-web");
    assert_eq!(claims["sub"], claims_of(&tokens["id_token"])["sub"]);
    assert_eq!(claims["sid"], tokens["session_state"]);
    assert_eq!(
        claims["events"],
        json!({ "http://schemas.openid.net/event/backchannel-logout": {} })
    );
    assert!(claims.get("nonce").is_none());
    assert!(!claims["jti"].as_str().unwrap().is_empty());
    let life = claims["exp"].as_i64().unwrap() - claims["iat"].as_i64().unwrap();
    assert_eq!(life, i64::from(LOGOUT_TOKEN_LIFE.0));
    assert!(life <= 120);
}

/// Neither as a hint nor as an access token.
#[test]
fn a_logout_token_is_good_for_nothing_else() {
    let world = told_world(200);
    let app = RelyingParty::web(&world);
    let (browser, tokens) = signed_in(&app);
    log_out(&browser, &[("id_token_hint", tokens["id_token"].as_str().unwrap())]);
    world.pass(TELL_AFTER);
    world.deliver_queue();
    let form = world.posted().remove(0).form;
    let token = form.strip_prefix("logout_token=").unwrap();

    let (browser, tokens) = signed_in(&app);
    assert_eq!(log_out(&browser, &[("id_token_hint", token)]).status, 400);
    assert_eq!(userinfo(&world, &json!(token)).status, 401);
    assert_eq!(userinfo(&world, &tokens["access_token"]).status, 200);
}

#[test]
fn every_client_of_the_session_is_told_and_no_other() {
    let world = told_world(200);
    let spa = client_uuid(&world, TRAVEL0, "travel0-spa");
    let body = json!({ "attributes": { "backchannel.logout.url": TOLD_AT } });
    world.put(&format!("{TRAVEL0}/clients/{spa}"), &admin(&world), &body);
    let other = log_in(&world, "emilio", "openid");
    let (browser, tokens) = signed_in(&RelyingParty::web(&world));
    let app = RelyingParty::spa(&world);
    assert_eq!(app.redeem(&code_in(&app.send(&browser, "openid"))).status, 200);

    log_out(&browser, &[("id_token_hint", tokens["id_token"].as_str().unwrap())]);

    let told = told(&world);
    let mut audiences: Vec<_> =
        told.iter().map(|(_, claims)| claims["aud"].as_str().unwrap()).collect();
    audiences.sort_unstable();
    assert_eq!(audiences, ["travel0-spa", "travel0-web"]);
    assert!(!sessions(&told).contains(&sid(&other)));
}

#[test]
fn an_app_that_does_not_want_to_be_told_is_not() {
    let world = travel0();
    let (browser, tokens) = signed_in(&RelyingParty::web(&world));
    log_out(&browser, &[("id_token_hint", tokens["id_token"].as_str().unwrap())]);
    assert_eq!(told(&world), []);

    // Nor is one that was switched off meanwhile.
    let world = told_world(200);
    let (browser, tokens) = signed_in(&RelyingParty::web(&world));
    log_out(&browser, &[("id_token_hint", tokens["id_token"].as_str().unwrap())]);
    world.pass(TELL_AFTER);
    let web = client_uuid(&world, TRAVEL0, "travel0-web");
    let off = json!({ "enabled": false });
    world.put(&format!("{TRAVEL0}/clients/{web}"), &admin(&world), &off);
    assert_eq!(told(&world), []);
}

#[test]
fn the_attributes_say_what_is_in_the_token() {
    let world = told_world(204);
    want(
        &world,
        &json!({
            "backchannel.logout.session.required": "false",
            "backchannel.logout.revoke.offline.tokens": "true",
        }),
    );
    let (browser, tokens) = signed_in(&RelyingParty::web(&world));
    log_out(&browser, &[("id_token_hint", tokens["id_token"].as_str().unwrap())]);

    let told = told(&world);
    assert!(told[0].1.get("sid").is_none());
    assert!(told[0].1["sub"].is_string());
    assert_eq!(told[0].1["events"]["revoke_offline_access"], true);
}

#[test]
fn an_app_that_fails_is_told_again_and_later_each_time() {
    let world = told_world(503);
    let (browser, tokens) = signed_in(&RelyingParty::web(&world));
    log_out(&browser, &[("id_token_hint", tokens["id_token"].as_str().unwrap())]);
    world.pass(TELL_AFTER);
    let (shortest, longest) = RETRY_AFTER;
    let mut waits = Vec::new();
    for _ in 0..12 {
        let wait = world.try_queue().into_iter().find_map(|verdict| match verdict {
            Verdict::RetryAfter(wait) => Some(wait),
            Verdict::Ack | Verdict::Retry => None,
        });
        waits.extend(wait);
        world.advance(wait.unwrap());
    }
    assert_eq!(waits[0], shortest);
    assert_eq!(waits[11], longest);
    assert!(waits.is_sorted(), "{waits:?}");
    let tries = posted(&world);
    assert_eq!(tries.len(), 12);
    let jtis: std::collections::HashSet<_> =
        tries.iter().map(|(_, claims)| claims["jti"].to_string()).collect();
    assert_eq!(jtis.len(), 12, "each try is a token of its own, and fresh");
    assert_eq!(tries[11].1["iat"].as_i64().unwrap(), (world.now() - longest).as_unix());

    world.serve(TOLD_AT, 200, "");
    world.deliver_queue();
    assert_eq!(posted(&world).len(), 1);
    assert_eq!(told(&world), [], "once it has answered, that is all");
}

#[test]
fn an_app_that_cannot_be_reached_or_sends_us_on_is_tried_again() {
    for status in [301, 307, 400, 404, 500] {
        let world = told_world(status);
        let (browser, tokens) = signed_in(&RelyingParty::web(&world));
        log_out(&browser, &[("id_token_hint", tokens["id_token"].as_str().unwrap())]);
        world.pass(TELL_AFTER);
        assert!(world.try_queue().iter().any(|verdict| *verdict != Verdict::Ack), "{status}");
        world.unplug(TOLD_AT);
        assert!(world.try_queue().iter().any(|verdict| *verdict != Verdict::Ack), "{status}");
    }
}

/// One app that fails keeps no other, and nothing else, from being handled.
#[test]
fn an_app_that_fails_stops_nobody() {
    let world = told_world(500);
    let (browser, tokens) = signed_in(&RelyingParty::web(&world));
    log_out(&browser, &[("id_token_hint", tokens["id_token"].as_str().unwrap())]);
    world.pass(TELL_AFTER);
    let mut messages = world.queued();
    messages.push(r#"{"kind":"of no kind","body":{}}"#.to_owned());
    let verdicts = world.run(consume(world.app(), &messages));
    let acks = verdicts.iter().filter(|verdict| **verdict == Verdict::Ack).count();
    assert_eq!(acks, messages.len() - 2, "{verdicts:?}");
    assert_eq!(verdicts.last(), Some(&Verdict::Retry));
}

/// Wherever the program dies: before the alarm, between the queue and the note that
/// it has it. Twice is allowed, never is not.
#[test]
fn no_crash_keeps_an_app_from_being_told() {
    let world = told_world(200);
    let tokens = log_in(&world, "hiroko", "openid");
    world.pass(TELL_AFTER);
    world.deliver_queue();
    let fields = [
        ("refresh_token", tokens["refresh_token"].as_str().unwrap()),
        ("client_id", "travel0-web"),
        ("client_secret", CLIENT_SECRET),
    ];
    let path = at("/protocol/openid-connect/logout");
    world.crash_at("account.sessions.before_alarm", form_request(&path, &fields));
    // The session's own alarm, which was set when it began.
    world.ring_alarms();
    world.deliver_queue();
    assert_eq!(sessions(&posted(&world)), [sid(&tokens)]);

    let (browser, tokens) = signed_in(&RelyingParty::web(&world));
    world.pass(TELL_AFTER);
    world.deliver_queue();
    log_out(&browser, &[("id_token_hint", tokens["id_token"].as_str().unwrap())]);
    world.crash_ringing("account.farewell.after_queue");
    world.ring_alarms();
    world.deliver_queue();
    let told = sessions(&posted(&world));
    assert!(told.iter().all(|session| *session == sid(&tokens)) && !told.is_empty(), "{told:?}");
}

#[test]
fn an_administrator_ends_a_session_or_all_of_them() {
    let world = told_world(200);
    let [one, two] = ["openid", "openid"].map(|scope| log_in(&world, "hiroko", scope));
    let path = format!("{TRAVEL0}/sessions/{}", sid(&one));
    assert_eq!(world.delete(&path, &admin(&world)).status, 204);
    assert_eq!(sessions(&told(&world)), [sid(&one)]);

    let hiroko = user(&world, "hiroko").unwrap().id;
    let path = format!("{TRAVEL0}/users/{hiroko}/logout");
    assert_eq!(world.post(&path, &admin(&world), &Value::Null).status, 204);
    assert_eq!(sessions(&told(&world)), [sid(&two)]);
    assert_eq!(refresh(&world, &two).error(), "invalid_grant");
    assert_eq!(world.post(&path, &admin(&world), &Value::Null).status, 204);
    assert_eq!(told(&world), [], "what has ended ends once");
}

#[test]
fn the_end_of_all_sessions_of_a_realm_is_told_too() {
    let world = told_world(200);
    let [one, two] = ["hiroko", "emilio"].map(|who| log_in(&world, who, "openid"));
    world.pass(TELL_AFTER);
    world.deliver_queue();
    let path = format!("{TRAVEL0}/logout-all");
    assert_eq!(world.post(&path, &admin(&world), &Value::Null).status, 200);
    world.deliver_queue();
    let mut expected = [sid(&one), sid(&two)];
    let mut told = sessions(&told(&world));
    expected.sort();
    told.sort();
    assert_eq!(told, expected);

    // The message is lost: the schedule finds what is left.
    world.advance(Seconds(5));
    let three = log_in(&world, "hiroko", "openid");
    world.pass(TELL_AFTER);
    world.deliver_queue();
    let request = json_request(Method::POST, &path, &admin(&world), None);
    world.crash_at("logout_all.after_directory", request);
    world.run(schedule::tick(world.app()));
    assert_eq!(sessions(&self::told(&world)), [sid(&three)]);
    world.run(schedule::tick(world.app()));
    assert_eq!(self::told(&world), []);
}

#[test]
fn who_is_switched_off_is_signed_out() {
    let world = told_world(200);
    let tokens = log_in(&world, "hiroko", "openid");
    let hiroko = user(&world, "hiroko").unwrap().id;
    let path = format!("{TRAVEL0}/users/{hiroko}");
    let set = |enabled: bool| json!({ "enabled": enabled });
    assert_eq!(world.put(&path, &admin(&world), &set(true)).status, 204);
    assert_eq!(told(&world), [], "who stays on stays signed in");

    assert_eq!(world.put(&path, &admin(&world), &set(false)).status, 204);

    assert_eq!(sessions(&told(&world)), [sid(&tokens)]);
    // Switched on again, they do not come back.
    assert_eq!(world.put(&path, &admin(&world), &set(true)).status, 204);
    assert_eq!(refresh(&world, &tokens).error(), "invalid_grant");

    let tokens = log_in(&world, "hiroko", "openid");
    let request = json_request(Method::PUT, &path, &admin(&world), Some(&set(false)));
    world.crash_at("user.update.after_directory", request);
    assert_eq!(told(&world), []);
    world.run(schedule::tick(world.app()));
    assert_eq!(sessions(&told(&world)), [sid(&tokens)]);
}

#[test]
fn a_user_who_is_deleted_leaves_nobody_signed_in() {
    for point in [None, Some("user.delete.after_directory"), Some("account.erase.before_farewell")]
    {
        let world = told_world(200);
        let tokens = log_in(&world, "hiroko", "openid");
        let hiroko = user(&world, "hiroko").unwrap().id;
        let path = format!("{TRAVEL0}/users/{hiroko}");
        let request = json_request(Method::DELETE, &path, &admin(&world), None);
        match point {
            None => assert_eq!(world.send(request).status(), 204),
            Some(point) => {
                world.crash_at(point, request);
                world.advance(Seconds::minutes(2));
                world.run(schedule::tick(world.app()));
            }
        }
        let told = told(&world);
        assert_eq!(sessions(&told), [sid(&tokens)], "{point:?}");
        assert_eq!(told[0].1["sub"], hiroko.as_str());
        assert_eq!(refresh(&world, &tokens).error(), "invalid_grant");
    }
}

/// Signed in for one organization, with refresh tokens and a session at the app.
fn for_granite(world: &World) -> Value {
    log_in(world, "hiroko", "openid organization:granite-outpost")
}

fn remove(world: &World, who: &str) -> Answer {
    let org = org_id(world, "granite-outpost");
    let who = user(world, who).unwrap().id;
    world.delete(&format!("/realms/travel0/orgs/{org}/members/{who}"), &admin(world))
}

#[test]
fn who_leaves_an_organization_is_signed_out_of_what_was_for_it() {
    let world = told_world(200);
    let tokens = for_granite(&world);
    let plain = log_in(&world, "hiroko", "openid");

    assert_eq!(remove(&world, "hiroko").status, 204);

    world.deliver_queue();
    assert_eq!(sessions(&told(&world)), [sid(&tokens)]);
    assert_eq!(refresh(&world, &plain).status, 200, "what was for no organization goes on");
    // Back again, they begin anew.
    let org = org_id(&world, "granite-outpost");
    let hiroko = user(&world, "hiroko").unwrap().id;
    let path = format!("/realms/travel0/orgs/{org}/members/{hiroko}");
    assert_eq!(world.put(&path, &admin(&world), &Value::Null).status, 201);
    assert_eq!(refresh(&world, &tokens).error(), "invalid_grant");
    let again = for_granite(&world);
    world.deliver_queue();
    assert_eq!(refresh(&world, &again).status, 200);
}

/// The queue brings it late, or twice.
#[test]
fn who_is_back_by_then_stays() {
    let world = told_world(200);
    for_granite(&world);
    assert_eq!(remove(&world, "hiroko").status, 204);
    let late = world.queued();
    world.advance(Seconds(1));
    let org = org_id(&world, "granite-outpost");
    let hiroko = user(&world, "hiroko").unwrap().id;
    let path = format!("/realms/travel0/orgs/{org}/members/{hiroko}");
    assert_eq!(world.put(&path, &admin(&world), &Value::Null).status, 201);
    let again = for_granite(&world);

    world.deliver(&late);
    world.deliver(&late);

    assert!(!sessions(&told(&world)).contains(&sid(&again)));
    assert_eq!(refresh(&world, &again).status, 200);
}

#[test]
fn who_belongs_to_another_organization_too_goes_on_there() {
    let world = told_world(200);
    let both = log_in(&world, "emilio", "openid organization:*");
    let granite = log_in(&world, "emilio", "openid organization:granite-outpost");

    assert_eq!(remove(&world, "emilio").status, 204);

    world.deliver_queue();
    assert_eq!(sessions(&told(&world)), [sid(&granite)]);
    let next = refresh(&world, &both).json();
    let orgs = claims_of(&next["access_token"])["organization"].clone();
    assert_eq!(orgs.as_object().unwrap().keys().collect::<Vec<_>>(), ["rocky-mountain"]);
    assert_eq!(refresh(&world, &granite).error(), "invalid_grant");
}

#[test]
fn a_directory_that_deactivates_or_deletes_somebody_signs_them_out() {
    for deletes in [false, true] {
        let world = told_world(200);
        let directory = Directory::connect(&world, "granite-outpost");
        let mut body = crate::scim_setup::person("hiroko", "hiroko@granite-outpost.example");
        body["emails"] = json!([{ "value": "hiroko@granite-outpost.example", "primary": true }]);
        let pushed = directory.push(&body);
        assert_eq!(pushed.status, 201, "{pushed:?}");
        let id = pushed.json()["id"].as_str().unwrap().to_owned();
        world.deliver_queue();
        let tokens = for_granite(&world);
        let path = format!("/Users/{id}");
        let answer =
            if deletes { directory.delete(&path) } else { directory.patch(&path, &active(false)) };
        assert!(answer.status.is_success(), "{answer:?}");
        world.deliver_queue();
        assert_eq!(sessions(&told(&world)), [sid(&tokens)], "deletes: {deletes}");
        if !deletes {
            assert_eq!(directory.patch(&path, &active(true)).status, 200);
        }
        assert_eq!(refresh(&world, &tokens).error(), "invalid_grant");
    }
}

#[test]
fn an_organization_that_is_deleted_takes_what_was_for_it_along() {
    let world = told_world(200);
    let tokens = for_granite(&world);
    let org = org_id(&world, "granite-outpost");
    let path = format!("/realms/travel0/orgs/{org}");
    assert_eq!(world.delete(&path, &admin(&world)).status, 204);
    world.deliver_queue();
    assert_eq!(sessions(&told(&world)), [sid(&tokens)]);
    assert_eq!(refresh(&world, &tokens).error(), "invalid_grant");
}

/// reference keycloak.md §4.1: keycloak-js and the admin clients.
#[test]
fn a_client_without_a_browser_signs_out_by_a_refresh_token() {
    let world = told_world(200);
    let tokens = log_in(&world, "hiroko", "openid");
    let token = tokens["refresh_token"].as_str().unwrap();
    let path = at("/protocol/openid-connect/logout");
    let web = [("client_id", "travel0-web"), ("client_secret", CLIENT_SECRET)];
    let with = |fields: &[(&str, &str)]| world.post_form(&path, fields);

    let refused = [
        (401, vec![("refresh_token", token)]),
        (401, vec![("refresh_token", token), web[0]]),
        (401, vec![("refresh_token", token), web[0], ("client_secret", "wrong")]),
        (400, vec![("refresh_token", token), ("client_id", "travel0-spa")]),
        (400, vec![("refresh_token", "forged"), web[0], web[1]]),
        (400, vec![("refresh_token", tokens["access_token"].as_str().unwrap()), web[0], web[1]]),
    ];
    for (status, fields) in refused {
        let answer = with(&fields);
        assert_eq!(answer.status.as_u16(), status, "{fields:?}: {answer:?}");
    }
    assert_eq!(told(&world), []);
    let next = refresh(&world, &tokens).json();

    let answer =
        with(&[("refresh_token", next["refresh_token"].as_str().unwrap()), web[0], web[1]]);
    assert_eq!((answer.status.as_u16(), answer.text.as_str()), (204, ""));
    assert_eq!(sessions(&told(&world)), [sid(&tokens)]);
    assert_eq!(refresh(&world, &next).error(), "invalid_grant");
    // Twice is once.
    let answer = with(&[("refresh_token", token), web[0], web[1]]);
    assert_eq!(answer.status, 204);
    assert_eq!(told(&world), []);
}

#[test]
fn a_url_that_leads_nowhere_good_is_not_taken() {
    let world = travel0();
    let web = client_uuid(&world, TRAVEL0, "travel0-web");
    let path = format!("{TRAVEL0}/clients/{web}");
    for name in ["backchannel.logout.url", "frontchannel.logout.url"] {
        for url in [
            "javascript:alert(1)",
            "data:text/html,x",
            "/relative",
            "https://app.example/#fragment",
            "https://user@app.example/",
            "ftp://app.example/",
            "file:///etc/passwd",
        ] {
            let body = json!({ "attributes": { name: url } });
            let answer = world.put(&path, &admin(&world), &body);
            assert_eq!((answer.status.as_u16(), answer.error()), (400, "invalid_input".to_owned()));
        }
    }
    for uris in ["javascript:alert(1)", "+##https://app.example/*", "https://a.example/#x"] {
        let body = json!({ "attributes": { "post.logout.redirect.uris": uris } });
        assert_eq!(world.put(&path, &admin(&world), &body).status, 400, "{uris}");
    }
}

/// A password grant counts as well as a login page.
#[test]
fn tokens_without_a_browser_are_told_of_as_well() {
    let world = told_world(200);
    let web = client_uuid(&world, TRAVEL0, "travel0-web");
    let body = json!({ "directAccessGrantsEnabled": true });
    world.put(&format!("{TRAVEL0}/clients/{web}"), &admin(&world), &body);
    let fields = [
        ("grant_type", "password"),
        ("client_id", "travel0-web"),
        ("client_secret", CLIENT_SECRET),
        ("username", "hiroko"),
        ("password", PASSWORD),
        ("scope", "openid"),
    ];
    let tokens = world.post_form(&token_path(), &fields).json();
    let path = format!("{TRAVEL0}/sessions/{}", sid(&tokens));
    assert_eq!(world.delete(&path, &admin(&world)).status, 204);
    assert_eq!(sessions(&told(&world)), [sid(&tokens)]);
}

/// The browser's own session in another realm, or of another person, is untouched.
#[test]
fn only_the_session_that_ended_is_told_of() {
    let world = told_world(200);
    let app = RelyingParty::web(&world);
    let (browser, tokens) = signed_in(&app);
    let other = Browser::new(&world);
    let page = app.send(&other, "openid");
    let theirs = app.redeem(&code_in(&sign_in(&other, &page, "hiroko", PASSWORD))).json();

    log_out(&browser, &[("id_token_hint", tokens["id_token"].as_str().unwrap())]);

    assert_eq!(sessions(&told(&world)), [sid(&tokens)]);
    assert_eq!(refresh(&world, &theirs).status, 200);
}
