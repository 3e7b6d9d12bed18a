//! `/admin/realms/{realm}/authentication`: which required actions a realm asks
//! for, of whom and in which order; and that it does.
use crate::admin_setup::{TRAVEL0, assert_guarded, holder_of, newest_event, nobody};
use crate::admin_users::{USERS, made, put, signs_in};
use crate::harness::browser::{Answer, Browser};
use crate::harness::relying_party::{RelyingParty, sign_in};
use crate::harness::world::World;
use crate::scim_setup::{Directory, admin, person, travel0, user};
use http::Method;
use serde_json::{Value, json};

const ACTIONS: &str = "/admin/realms/travel0/authentication/required-actions";
const UNREGISTERED: &str = "/admin/realms/travel0/authentication/unregistered-required-actions";
const REGISTER: &str = "/admin/realms/travel0/authentication/register-required-action";
const PASSWORD: &str = "a good password";

fn decide(world: &World, alias: &str, decision: &Value) -> Answer {
    world.put(&format!("{ACTIONS}/{alias}"), &admin(world), decision)
}

fn aliases(world: &World) -> Vec<String> {
    let list = world.get(ACTIONS, &admin(world)).json();
    let list = list.as_array().unwrap().iter();
    list.map(|one| one["alias"].as_str().unwrap().to_owned()).collect()
}

/// A person with a password and an address, who owes what `more` says.
fn ann(world: &World, more: &Value) -> String {
    let mut body = json!({ "username": "ann", "email": "ann@example.com", "enabled": true,
                           "credentials": [{ "value": PASSWORD }] });
    body.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    made(world, &body)
}

fn owed(world: &World, path: &str) -> Value {
    world.get(path, &admin(world)).json()["requiredActions"].clone()
}

/// What Ann sees after she signed in.
fn page(world: &World) -> Answer {
    let browser = Browser::new(world);
    let shown = RelyingParty::web(world).send(&browser, "openid");
    sign_in(&browser, &shown, "ann", PASSWORD)
}

#[test]
fn the_actions_come_as_keycloaks() {
    let world = travel0();
    let listed = world.get(ACTIONS, &admin(&world)).json();
    let verify = json!({ "alias": "VERIFY_EMAIL", "name": "Verify Email",
                         "providerId": "VERIFY_EMAIL", "enabled": true, "defaultAction": false,
                         "priority": 50, "config": {} });
    assert_eq!(listed[0], verify);
    assert_eq!(
        (&listed[1]["alias"], &listed[1]["priority"]),
        (&json!("UPDATE_PASSWORD"), &json!(57))
    );
    assert_eq!(listed.as_array().unwrap().len(), 2);
    let read = world.get(&format!("{ACTIONS}/VERIFY_EMAIL"), &admin(&world)).json();
    assert_eq!(read, verify);
    assert_eq!(decide(&world, "VERIFY_EMAIL", &read).status, 204, "what was read can be written");
    assert_eq!(world.get(ACTIONS, &admin(&world)).json(), listed);
    assert_eq!(world.get(UNREGISTERED, &admin(&world)).json(), json!([]));
}

#[test]
fn an_action_that_is_off_is_not_asked_for() {
    let world = travel0();
    let path = ann(&world, &json!({ "requiredActions": ["UPDATE_PASSWORD"] }));
    assert!(page(&world).text.contains("password-new"));

    assert_eq!(decide(&world, "UPDATE_PASSWORD", &json!({ "enabled": false })).status, 204);

    assert!(signs_in(&world, "ann", PASSWORD));
    assert_eq!(owed(&world, &path), json!(["UPDATE_PASSWORD"]), "it is owed all the same");
    let id = user(&world, "ann").unwrap().id;
    let mail = put(
        &world,
        &format!("{USERS}/{id}/execute-actions-email"),
        &admin(&world),
        &json!(["UPDATE_PASSWORD"]),
    );
    assert_eq!(mail.status, 400, "{mail:?}");
    decide(&world, "UPDATE_PASSWORD", &json!({ "enabled": true }));
    assert!(!signs_in(&world, "ann", PASSWORD));
}

#[test]
fn an_action_that_is_off_does_not_hold_up_the_password_grant() {
    let world = travel0();
    let body =
        json!({ "clientId": "tool", "publicClient": true, "directAccessGrantsEnabled": true });
    crate::admin_setup::make_client(&world, TRAVEL0, &body);
    ann(&world, &json!({ "requiredActions": ["VERIFY_EMAIL"] }));
    let grant = || {
        let fields = [
            ("grant_type", "password"),
            ("client_id", "tool"),
            ("username", "ann"),
            ("password", PASSWORD),
        ];
        world.post_form("/realms/travel0/protocol/openid-connect/token", &fields).status.as_u16()
    };
    assert_eq!(grant(), 400);
    decide(&world, "VERIFY_EMAIL", &json!({ "enabled": false }));
    assert_eq!(grant(), 200);
}

#[test]
fn a_default_action_is_owed_by_who_is_new() {
    let world = travel0();
    for alias in ["VERIFY_EMAIL", "UPDATE_PASSWORD"] {
        assert_eq!(decide(&world, alias, &json!({ "defaultAction": true })).status, 204);
    }
    let both = json!(["VERIFY_EMAIL", "UPDATE_PASSWORD"]);
    let path = ann(&world, &json!({}));
    assert_eq!(owed(&world, &path), both);
    assert!(!signs_in(&world, "ann", PASSWORD));
    let told = newest_event(&world, "travel0");
    assert_eq!(told["representation"]["requiredActions"], both);

    let verified = json!({ "username": "bea", "email": "bea@example.com", "emailVerified": true });
    assert_eq!(owed(&world, &made(&world, &verified)), json!(["UPDATE_PASSWORD"]));
    let named = json!({ "username": "cy", "requiredActions": [] });
    assert_eq!(owed(&world, &made(&world, &named)), json!([]), "who says what is owed, says all");
    let directory = Directory::connect(&world, "granite-outpost");
    directory.pushed(&person("nora", "nora@granite.example"));
    let nora = user(&world, "nora@granite.example").unwrap();
    assert_eq!(nora.required_actions.len(), 2);
    // Who was there before, and who is nobody, owes nothing.
    assert!(signs_in(&world, "hiroko", guildhall::app::demo::PASSWORD));
    let client = json!({ "clientId": "job", "secret": "s", "serviceAccountsEnabled": true });
    crate::admin_setup::make_client(&world, TRAVEL0, &client);
    assert_eq!(user(&world, "service-account-job").unwrap().required_actions, []);

    decide(&world, "VERIFY_EMAIL", &json!({ "enabled": false }));
    let path = made(&world, &json!({ "username": "dan" }));
    assert_eq!(owed(&world, &path), json!(["UPDATE_PASSWORD"]), "what is off is not given");
}

#[test]
fn the_order_is_the_priorities_and_is_asked_in() {
    let world = travel0();
    ann(&world, &json!({ "requiredActions": ["UPDATE_PASSWORD", "VERIFY_EMAIL"] }));
    assert!(!page(&world).text.contains("password-new"), "the address first");
    let shift = |alias: &str, how: &str| {
        let path = format!("{ACTIONS}/{alias}/{how}-priority");
        world.call(Method::POST, &path, &admin(&world), None).status.as_u16()
    };
    assert_eq!(shift("VERIFY_EMAIL", "raise"), 204, "the first stays the first");
    assert_eq!(aliases(&world), ["VERIFY_EMAIL", "UPDATE_PASSWORD"]);
    assert_eq!(shift("UPDATE_PASSWORD", "raise"), 204);
    assert_eq!(aliases(&world), ["UPDATE_PASSWORD", "VERIFY_EMAIL"]);
    let listed = world.get(ACTIONS, &admin(&world)).json();
    assert_eq!((&listed[0]["priority"], &listed[1]["priority"]), (&json!(50), &json!(57)));
    assert!(page(&world).text.contains("password-new"), "the password first");
    assert_eq!(shift("UPDATE_PASSWORD", "lower"), 204);
    assert_eq!(aliases(&world), ["VERIFY_EMAIL", "UPDATE_PASSWORD"]);
    assert_eq!(shift("UPDATE_PASSWORD", "lower"), 204, "the last stays the last");
    assert_eq!(
        decide(&world, "VERIFY_EMAIL", &json!({ "priority": 99, "name": "Prove it" })).status,
        204
    );
    assert_eq!(aliases(&world), ["UPDATE_PASSWORD", "VERIFY_EMAIL"]);
    assert_eq!(shift("nobody", "raise"), 404);
}

#[test]
fn an_action_is_taken_out_and_put_back_behind_the_others() {
    let world = travel0();
    ann(&world, &json!({ "requiredActions": ["VERIFY_EMAIL"] }));
    decide(&world, "VERIFY_EMAIL", &json!({ "defaultAction": true, "name": "Prove it" }));
    let path = format!("{ACTIONS}/VERIFY_EMAIL");

    assert_eq!(world.delete(&path, &admin(&world)).status, 204);

    assert!(signs_in(&world, "ann", PASSWORD), "nobody asks for it");
    for method in [Method::GET, Method::PUT, Method::DELETE] {
        let gone = world.call(method, &path, &admin(&world), Some(&json!({})));
        assert_eq!(
            (gone.status.as_u16(), gone.error().as_str()),
            (404, "Failed to find required action")
        );
    }
    let out = json!([{ "providerId": "VERIFY_EMAIL", "name": "Verify Email" }]);
    assert_eq!(world.get(UNREGISTERED, &admin(&world)).json(), out);

    let back = json!({ "providerId": "VERIFY_EMAIL", "name": "Verify Email" });
    assert_eq!(world.post(REGISTER, &admin(&world), &back).status, 204);
    let read = world.get(&path, &admin(&world)).json();
    assert_eq!(
        (&read["priority"], &read["defaultAction"], &read["enabled"]),
        (&json!(58), &json!(false), &json!(true))
    );
    assert!(!signs_in(&world, "ann", PASSWORD));
    assert_eq!(world.post(REGISTER, &admin(&world), &back).status, 409);
    for unknown in [json!({ "providerId": "CONFIGURE_TOTP" }), json!({}), json!([])] {
        assert_eq!(world.post(REGISTER, &admin(&world), &unknown).status, 400, "{unknown}");
    }
}

#[test]
fn what_cannot_be_decided_is_refused_and_changes_nothing() {
    let world = travel0();
    let before = world.get(ACTIONS, &admin(&world)).json();
    for decision in [
        json!({ "alias": "OTHER" }),
        json!({ "providerId": "VERIFY_PROFILE" }),
        json!({ "config": { "max_auth_age": "300" } }),
        json!({ "name": "x".repeat(256) }),
        json!({ "priority": "high" }),
        json!({ "priority": 3_000_000_000_i64 }),
        json!({ "enabled": "yes" }),
        json!({ "nickname": "x" }),
        json!([]),
    ] {
        let refused = decide(&world, "VERIFY_EMAIL", &decision);
        assert_eq!(refused.status, 400, "{decision:.60}: {refused:?}");
    }
    assert_eq!(world.get(ACTIONS, &admin(&world)).json(), before);
    assert_eq!(decide(&world, "CONFIGURE_TOTP", &json!({})).status, 404);
}

#[test]
fn an_action_takes_no_configuration() {
    let world = travel0();
    let path = format!("{ACTIONS}/VERIFY_EMAIL/config");
    let admin = admin(&world);
    assert_eq!(world.get(&path, &admin).json(), json!({ "config": {} }));
    assert_eq!(world.put(&path, &admin, &json!({ "config": {} })).status, 204);
    assert_eq!(world.put(&path, &admin, &json!({ "config": { "a": "b" } })).status, 400);
    assert_eq!(world.delete(&path, &admin).status, 204);
    let described = world.get(&format!("{ACTIONS}/VERIFY_EMAIL/config-description"), &admin);
    assert_eq!(described.json(), json!({ "properties": [] }));
    assert_eq!(world.get(&format!("{ACTIONS}/nobody/config"), &admin).status, 404);
}

#[test]
fn a_decision_survives_a_change_of_the_realm_and_is_written_down() {
    let world = travel0();
    decide(&world, "VERIFY_EMAIL", &json!({ "defaultAction": true }));
    let told = newest_event(&world, "travel0");
    assert_eq!(
        (&told["operationType"], &told["resourceType"], &told["resourcePath"]),
        (
            &json!("UPDATE"),
            &json!("REQUIRED_ACTION"),
            &json!("authentication/required-actions/VERIFY_EMAIL")
        )
    );
    assert_eq!(told["representation"]["defaultAction"], true);
    let realm = world.get(TRAVEL0, &admin(&world)).json();
    assert_eq!(world.put(TRAVEL0, &admin(&world), &realm).status, 204);
    let read = world.get(&format!("{ACTIONS}/VERIFY_EMAIL"), &admin(&world)).json();
    assert_eq!(read["defaultAction"], true);
}

#[test]
fn each_path_of_required_actions_is_guarded() {
    let world = travel0();
    let nobody = nobody(&world);
    let viewer = holder_of(&world, &["view-realm"]);
    let users = holder_of(&world, &["query-users"]);
    let one = format!("{ACTIONS}/VERIFY_EMAIL");
    for (method, path, viewer_may) in [
        (Method::GET, one.clone(), true),
        (Method::GET, format!("{one}/config"), true),
        (Method::GET, format!("{one}/config-description"), true),
        (Method::GET, UNREGISTERED.to_owned(), true),
        (Method::PUT, one.clone(), false),
        (Method::PUT, format!("{one}/config"), false),
        (Method::DELETE, format!("{one}/config"), false),
        (Method::POST, format!("{one}/raise-priority"), false),
        (Method::POST, format!("{one}/lower-priority"), false),
        (Method::POST, REGISTER.to_owned(), false),
        (Method::DELETE, one.clone(), false),
    ] {
        assert_guarded(&world, &method, &path, &[&nobody, &users]);
        let looked = world.call(method.clone(), &path, &viewer, Some(&json!({})));
        assert_eq!(looked.status != 403, viewer_may, "{method} {path}");
    }
    assert_guarded(&world, &Method::GET, ACTIONS, &[&nobody]);
    for token in [&viewer, &users] {
        assert_eq!(world.get(ACTIONS, token).status, 200);
    }
}
