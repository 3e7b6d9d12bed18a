//! A device that polls for its tokens (RFC 8628 §3.4, §3.5).
use crate::admin_setup::TRAVEL0;
use crate::authorization_setup::change_client;
use crate::device_setup::{
    DEVICE_CODE, Device, INTERVAL, allow, answer, answer_request, device_world, is_connected,
    is_over, type_code,
};
use crate::harness::browser::Answer;
use crate::harness::relying_party::{
    CHALLENGE, RelyingParty, VERIFIER, claims_of, sign_in, token_path, userinfo,
};
use crate::harness::world::World;
use crate::refresh::{directory, leave};
use crate::scim_setup::{admin, user};
use crate::token_setup::refusal;
use guildhall::app::demo::PASSWORD;
use guildhall::kernel::time::Seconds;
use guildhall::oidc::device::MEMORY;
use serde_json::{Value, json};

fn refused(error: &str) -> (u16, String) {
    (400, error.to_owned())
}

fn families(world: &World, username: &str) -> usize {
    let path = format!("{TRAVEL0}/users/{}/sessions", user(world, username).unwrap().id);
    let sessions = world.get(&path, &admin(world)).json();
    let clients = sessions.as_array().unwrap().iter().map(|session| {
        session["clients"]
            .as_object()
            .map_or(0, |clients| clients.values().filter(|client| *client == "travel0-spa").count())
    });
    clients.sum()
}

#[test]
fn a_device_gets_tokens_as_with_a_code() {
    let world = device_world();
    let fields = [("scope", "openid offline_access"), ("nonce", "nonce-7")];
    let device = Device::of(RelyingParty::web(&world), &fields);
    assert_eq!(refusal(&device.poll()), refused("authorization_pending"));
    device.approved_by("hiroko");
    let answer = device.poll_in_time();
    assert_eq!(answer.status, 200, "{answer:?}");
    assert_eq!(answer.header("cache-control"), "no-store");
    let tokens = answer.json();
    assert_eq!(tokens["token_type"], "Bearer");
    assert_eq!(claims_of(&tokens["id_token"])["nonce"], "nonce-7");
    assert_eq!(claims_of(&tokens["id_token"])["aud"], "travel0-web");
    assert_eq!(claims_of(&tokens["access_token"])["azp"], "travel0-web");
    assert_eq!(claims_of(&tokens["access_token"])["preferred_username"], "hiroko");
    assert_eq!(claims_of(&tokens["refresh_token"])["typ"], "Offline");
    assert_eq!(userinfo(&world, &tokens["access_token"]).status, 200);
    let refresh = device.app.refresh(tokens["refresh_token"].as_str().unwrap());
    assert_eq!(refresh.status, 200, "{refresh:?}");
}

#[test]
fn without_openid_there_is_no_id_token() {
    let world = device_world();
    let device = Device::new(&world, "email");
    device.approved_by("hiroko");
    let tokens = device.tokens();
    assert!(tokens["id_token"].is_null(), "{tokens}");
    assert!(tokens["refresh_token"].is_string(), "{tokens}");
}

/// Nothing but the device flow need be on.
#[test]
fn a_client_for_devices_alone_may_refresh() {
    let world = device_world();
    let change = json!({ "standardFlowEnabled": false, "directAccessGrantsEnabled": false });
    assert_eq!(change_client(&world, "travel0-spa", &change).status, 204);
    let device = Device::new(&world, "openid");
    device.approved_by("hiroko");
    let tokens = device.tokens();
    let refresh = device.app.refresh(tokens["refresh_token"].as_str().unwrap());
    assert_eq!(refresh.status, 200, "{refresh:?}");
}

/// RFC 8628 §3.5: 5 seconds more, for this and all later polls.
#[test]
fn a_device_that_hurries_is_slowed_down() {
    let world = device_world();
    let device = Device::new(&world, "openid");
    let poll_after = |seconds| {
        world.advance(Seconds(seconds));
        device.poll().error()
    };
    assert_eq!(poll_after(0), "authorization_pending", "the first");
    assert_eq!(poll_after(4), "authorization_pending", "a second is forgiven");
    assert_eq!(poll_after(3), "slow_down");
    assert_eq!(poll_after(8), "slow_down", "ten are agreed now");
    assert_eq!(poll_after(14), "authorization_pending", "and fifteen");
    assert_eq!(poll_after(13), "slow_down");
    assert_eq!(poll_after(20), "authorization_pending");
    // What the person answered is told however early it is asked for.
    device.approved_by("hiroko");
    device.tokens();
}

#[test]
fn what_is_no_code_of_the_client_is_none() {
    let world = device_world();
    let device = Device::new(&world, "openid");
    let web = RelyingParty::web(&world);
    device.approved_by("hiroko");
    // Another client neither gets them nor spoils them.
    assert_eq!(refusal(&device.poll_as(&web)), refused("invalid_grant"));
    let poll = |code: &str| {
        let fields = [("grant_type", DEVICE_CODE), ("device_code", code)];
        refusal(&device.app.token(&fields))
    };
    assert_eq!(poll("garbage"), refused("invalid_grant"));
    assert_eq!(poll(device.user_code()), refused("invalid_grant"));
    assert_eq!(poll(""), refused("invalid_request"));
    let twice = [
        ("grant_type", DEVICE_CODE),
        ("device_code", device.code()),
        ("device_code", device.code()),
    ];
    assert_eq!(refusal(&device.app.token(&twice)), refused("invalid_request"));
    device.tokens();
}

#[test]
fn a_code_of_another_realm_is_none() {
    let world = device_world();
    let device = Device::new(&world, "openid");
    device.approved_by("hiroko");
    let master = admin(&world);
    let attributes = json!({ "oauth2.device.authorization.grant.enabled": "true" });
    let client =
        json!({ "clientId": "travel0-spa", "publicClient": true, "attributes": attributes });
    assert_eq!(world.post("/admin/realms/master/clients", &master, &client).status, 201);
    let fields =
        [("grant_type", DEVICE_CODE), ("device_code", device.code()), ("client_id", "travel0-spa")];
    let elsewhere = token_path().replace("travel0", "master");
    assert_eq!(refusal(&world.post_form(&elsewhere, &fields)), refused("invalid_grant"));
    device.tokens();
}

#[test]
fn a_code_works_once_and_a_second_time_ends_what_the_first_began() {
    let world = device_world();
    let device = Device::new(&world, "openid");
    device.approved_by("hiroko");
    let tokens = device.tokens();
    for _ in 0..2 {
        assert_eq!(refusal(&device.poll_in_time()), refused("invalid_grant"));
    }
    let refresh = device.app.refresh(tokens["refresh_token"].as_str().unwrap());
    assert_eq!(refusal(&refresh), refused("invalid_grant"));
}

#[test]
fn of_many_polls_at_once_one_gets_the_tokens() {
    for step in 0.. {
        let world = device_world();
        let device = Device::new(&world, "openid");
        device.approved_by("hiroko");
        let Some(both) = world.interleaved(step, device.poll_request(), device.poll_request())
        else {
            assert!(step > 3, "a poll makes more steps");
            return;
        };
        let statuses = both.map(|answer| Answer::new(answer).status.as_u16());
        let mut sorted = statuses;
        sorted.sort_unstable();
        assert_eq!(sorted, [200, 400], "at step {step}");
    }
}

/// Two people at once: one answer counts, and the tokens are theirs.
#[test]
fn of_two_answers_at_once_one_counts() {
    for step in 0.. {
        let world = device_world();
        let device = Device::new(&world, "openid");
        let (browser, question) = device.signed_in("hiroko");
        let (others, others_question) = device.signed_in("emilio");
        let requests = [
            answer_request(&browser, &question, "accept"),
            answer_request(&others, &others_question, "accept"),
        ];
        let [first, second] = requests;
        let Some(both) = world.interleaved(step, first, second) else {
            assert!(step > 3, "an answer makes more steps");
            return;
        };
        let won = both.map(|answer| {
            let answer = Answer::new(answer);
            answer.location().contains("status=approved")
        });
        assert_eq!(won.iter().filter(|won| **won).count(), 1, "at step {step}");
        let username = if won[0] { "hiroko" } else { "emilio" };
        let tokens = device.tokens();
        assert_eq!(claims_of(&tokens["access_token"])["preferred_username"], username);
        assert_eq!(refusal(&device.poll()), refused("invalid_grant"));
    }
}

#[test]
fn a_device_hears_that_its_code_is_over_and_later_that_there_is_none() {
    let world = device_world();
    let device = Device::new(&world, "openid");
    world.advance(Seconds(599));
    assert_eq!(refusal(&device.poll()), refused("authorization_pending"));
    world.advance(Seconds(1));
    assert_eq!(refusal(&device.poll()), refused("expired_token"));
    world.advance(MEMORY);
    world.run(guildhall::app::schedule::tick(world.app()));
    assert_eq!(refusal(&device.poll()), refused("invalid_grant"));
}

#[test]
fn what_was_allowed_is_over_with_the_code() {
    let world = device_world();
    let [in_time, late] = [(); 2].map(|()| Device::new(&world, "openid"));
    for device in [&in_time, &late] {
        device.approved_by("hiroko");
    }
    world.advance(Seconds(599));
    in_time.tokens();
    world.advance(Seconds(1));
    assert_eq!(refusal(&late.poll()), refused("expired_token"));
}

/// RFC 7636 §4.6; RFC 9700 §2.1.1.
#[test]
fn a_challenge_wants_its_verifier() {
    let world = device_world();
    let fields = [("code_challenge", CHALLENGE), ("code_challenge_method", "S256")];
    let device = Device::of(RelyingParty::spa(&world), &fields);
    device.approved_by("hiroko");
    let poll = |verifier: &str| {
        let code = device.code();
        let fields =
            [("grant_type", DEVICE_CODE), ("device_code", code), ("code_verifier", verifier)];
        device.app.token(&fields)
    };
    assert_eq!(refusal(&device.poll()), refused("invalid_grant"));
    assert_eq!(refusal(&poll(&"x".repeat(43))), refused("invalid_grant"));
    assert_eq!(poll(VERIFIER).status, 200);

    let plain = Device::new(&world, "openid");
    plain.approved_by("hiroko");
    let fields =
        [("grant_type", DEVICE_CODE), ("device_code", plain.code()), ("code_verifier", VERIFIER)];
    assert_eq!(refusal(&plain.app.token(&fields)), refused("invalid_grant"));
}

#[test]
fn who_left_the_organization_in_between_gets_nothing() {
    let world = device_world();
    let device = Device::new(&world, "openid organization:granite-outpost");
    device.approved_by("hiroko");
    leave(&world, "hiroko", "granite-outpost");
    assert_eq!(refusal(&device.poll()), refused("invalid_grant"));
    assert_eq!(refusal(&device.poll_in_time()), refused("invalid_grant"));
}

#[test]
fn of_several_organizations_those_are_left_that_are() {
    let world = device_world();
    let device = Device::new(&world, "openid organization:*");
    device.approved_by("emilio");
    leave(&world, "emilio", "granite-outpost");
    let claim = claims_of(&device.tokens()["access_token"])["organization"].clone();
    assert_eq!(claim.as_object().unwrap().keys().collect::<Vec<_>>(), ["rocky-mountain"]);
}

#[test]
fn a_person_who_was_disabled_or_deleted_in_between_gets_nothing() {
    let world = device_world();
    let device = Device::new(&world, "openid");
    device.approved_by("hiroko");
    directory(&world, "UPDATE user SET enabled = 0 WHERE username = ?", "hiroko");
    assert_eq!(refusal(&device.poll()), refused("invalid_grant"));

    let device = Device::new(&world, "openid");
    device.approved_by("emilio");
    let path = format!("{TRAVEL0}/users/{}", user(&world, "emilio").unwrap().id);
    assert_eq!(world.delete(&path, &admin(&world)).status, 204);
    assert_eq!(refusal(&device.poll()), refused("invalid_grant"));
}

#[test]
fn a_person_who_signed_out_in_between_gave_nothing() {
    let world = device_world();
    let device = Device::new(&world, "openid");
    device.approved_by("hiroko");
    let path = format!("{TRAVEL0}/users/{}/logout", user(&world, "hiroko").unwrap().id);
    assert_eq!(world.post(&path, &admin(&world), &Value::Null).status, 204);
    assert_eq!(refusal(&device.poll()), refused("invalid_grant"));
}

#[test]
fn a_client_that_was_switched_off_in_between_gets_nothing() {
    let world = device_world();
    let device = Device::new(&world, "openid");
    device.approved_by("hiroko");
    allow(&world, "travel0-spa", "false");
    assert_eq!(refusal(&device.poll()), refused("unauthorized_client"));
    allow(&world, "travel0-spa", "true");
    change_client(&world, "travel0-spa", &json!({ "enabled": false }));
    assert_eq!(refusal(&device.poll()), (401, "invalid_client".to_owned()));
    change_client(&world, "travel0-spa", &json!({ "enabled": true }));
    device.tokens();
}

/// A device's code is no authorization code, and the other way round.
#[test]
fn a_code_of_one_grant_is_none_of_the_other() {
    let world = device_world();
    let device = Device::new(&world, "openid");
    device.approved_by("hiroko");
    let id = user(&world, "hiroko").unwrap().id;
    for code in [device.code().to_owned(), format!("{id}.{}", device.code())] {
        assert_eq!(refusal(&device.app.redeem(&code)), refused("invalid_grant"), "{code}");
    }
    let code = device.app.code_for("hiroko", "openid");
    for code in [code.as_str(), code.rsplit_once('.').unwrap().1] {
        let fields = [("grant_type", DEVICE_CODE), ("device_code", code)];
        assert_eq!(refusal(&device.app.token(&fields)), refused("invalid_grant"), "{code}");
    }
    device.tokens();
}

#[test]
fn an_answer_killed_in_between_can_be_given_again() {
    let world = device_world();
    let device = Device::new(&world, "openid");
    let (browser, question) = device.signed_in("hiroko");
    let accept = || answer_request(&browser, &question, "accept");
    world.crash_at("oidc.consent.after_account", accept());
    assert_eq!(refusal(&device.poll()), refused("authorization_pending"));
    world.crash_at("oidc.device.after_account", accept());
    assert_eq!(refusal(&device.poll_in_time()), refused("authorization_pending"));
    world.crash_at("oidc.device.after_directory", accept());
    assert_eq!(families(&world, "hiroko"), 0, "nothing has begun");
    assert!(is_over(&answer(&browser, &question, "accept")), "it counted");
    device.tokens();
    assert_eq!(refusal(&device.poll_in_time()), refused("invalid_grant"));
}

/// Whoever denies it after a crash of their approval is believed.
#[test]
fn an_approval_that_was_killed_can_be_turned_into_a_denial() {
    let world = device_world();
    let device = Device::new(&world, "openid");
    let (browser, question) = device.signed_in("hiroko");
    world.crash_at("oidc.device.after_account", answer_request(&browser, &question, "accept"));
    answer(&browser, &question, "cancel");
    assert_eq!(refusal(&device.poll()), refused("access_denied"));
}

/// As with a code whose answer got lost, the person answers again.
#[test]
fn a_poll_killed_after_its_redemption_gives_nothing_twice() {
    let world = device_world();
    let device = Device::new(&world, "openid");
    device.approved_by("hiroko");
    world.crash_at("oidc.device.after_poll", device.poll_request());
    let tokens = device.tokens();
    assert_eq!(userinfo(&world, &tokens["access_token"]).status, 200);

    let device = Device::new(&world, "openid");
    device.approved_by("hiroko");
    world.crash_at("oidc.code.after_account", device.poll_request());
    assert_eq!(refusal(&device.poll_in_time()), refused("invalid_grant"));
}

#[test]
fn a_session_that_was_there_will_do_and_says_so() {
    let world = device_world();
    let app = RelyingParty::web(&world);
    let browser = crate::harness::browser::Browser::new(&world);
    sign_in(&browser, &app.send(&browser, "openid"), "hiroko", PASSWORD);
    world.advance(INTERVAL);
    let device = Device::new(&world, "openid");
    let question = type_code(&browser, device.user_code());
    assert!(is_connected(&answer(&browser, &question, "accept")));
    assert_eq!(claims_of(&device.tokens()["id_token"])["acr"], "0");
    let device = Device::new(&world, "openid");
    device.approved_by("hiroko");
    assert_eq!(claims_of(&device.tokens()["id_token"])["acr"], "1");
}

#[test]
fn tokens_may_be_for_a_resource_alone() {
    let world = device_world();
    let attributes = json!({ "resource": "https://api.example" });
    crate::authorization_setup::set_attributes(&world, "travel0-machine", &attributes);
    let fields = [("scope", "openid"), ("resource", "https://api.example")];
    let device = Device::of(RelyingParty::spa(&world), &fields);
    device.approved_by("hiroko");
    assert_eq!(claims_of(&device.tokens()["access_token"])["aud"], "https://api.example");
}

/// Keycloak's: a device grant is told to the person, and can be taken back.
#[test]
fn what_was_allowed_can_be_taken_back() {
    let world = device_world();
    let device = Device::new(&world, "openid");
    device.approved_by("hiroko");
    let tokens = device.tokens();
    let id = user(&world, "hiroko").unwrap().id;
    let path = format!("{TRAVEL0}/users/{id}/consents/travel0-spa");
    assert_eq!(world.delete(&path, &admin(&world)).status, 204);
    let refresh = device.app.refresh(tokens["refresh_token"].as_str().unwrap());
    assert_eq!(refusal(&refresh), refused("invalid_grant"));
}
