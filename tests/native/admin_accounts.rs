//! `/admin/realms/{realm}/users/{user}` and beside it: passwords, sessions,
//! lock-outs, identities elsewhere.
use crate::admin_users::{USERS, granted, made, put, refuse_strangers, signs_in, token_of};
use crate::harness::browser::json_request;
use crate::harness::relying_party::RelyingParty;
use crate::harness::world::World;
use crate::scim_setup::{admin, travel0, user};
use guildhall::app::demo::PASSWORD;
use http::Method;
use serde_json::{Value, json};

const REALM: &str = "/admin/realms/travel0";

fn path_of(world: &World, username: &str) -> String {
    format!("{USERS}/{}", user(world, username).unwrap().id)
}

fn new_password() -> Value {
    json!({ "type": "password", "value": "a new password", "temporary": false })
}

#[test]
fn an_administrator_sets_a_password() {
    let world = travel0();
    let (admin, path) = (admin(&world), path_of(&world, "hiroko"));
    let reset = put(&world, &format!("{path}/reset-password"), &admin, &new_password());
    assert_eq!((reset.status.as_u16(), reset.text.as_str()), (204, ""));
    assert!(signs_in(&world, "hiroko", "a new password"));
    assert!(!signs_in(&world, "hiroko", PASSWORD));

    let events = world.get(&format!("{REALM}/admin-events?operationTypes=ACTION"), &admin).json();
    assert!(events[0]["resourcePath"].as_str().unwrap().ends_with("/reset-password"));
    assert!(!events.to_string().contains("a new password"));
}

#[test]
fn a_password_that_breaks_the_rule_changes_nothing() {
    let world = travel0();
    let (admin, path) = (admin(&world), path_of(&world, "hiroko"));
    let refused = [
        (json!({ "value": "1234567" }), "invalidPasswordMinLengthMessage"),
        (json!({ "value": "x".repeat(1025) }), "invalidPasswordMaxLengthMessage"),
    ];
    for (body, error) in refused {
        let answer = put(&world, &format!("{path}/reset-password"), &admin, &body);
        assert_eq!((answer.status.as_u16(), answer.error().as_str()), (400, error));
    }
    for body in [json!({}), json!({ "value": "  " }), json!({ "type": "otp", "value": "12345678" })]
    {
        let answer = put(&world, &format!("{path}/reset-password"), &admin, &body);
        assert_eq!(answer.status, 400, "{body}");
    }
    let nobody = put(&world, &format!("{USERS}/nobody/reset-password"), &admin, &new_password());
    assert_eq!((nobody.status.as_u16(), nobody.error().as_str()), (404, "User not found"));
    assert!(signs_in(&world, "hiroko", PASSWORD));
}

#[test]
fn a_reset_that_is_cut_off_leaves_the_old_password_and_its_trace() {
    let world = travel0();
    let (admin, path) = (admin(&world), path_of(&world, "hiroko"));
    let body = json!({ "value": "a new password", "temporary": true });
    let path = format!("{path}/reset-password");
    let request = json_request(Method::PUT, &path, &admin, Some(&body));
    world.crash_at("user.password.after_directory", request);
    let found = user(&world, "hiroko").unwrap();
    assert_eq!(found.required_actions.len(), 1);
    assert_eq!(put(&world, &path, &admin, &new_password()).status, 204);
    assert!(signs_in(&world, "hiroko", "a new password"));
}

#[test]
fn a_credential_is_listed_named_and_taken_away() {
    let world = travel0();
    let (admin, path) = (admin(&world), path_of(&world, "hiroko"));
    let all = format!("{path}/credentials");
    let listed = world.get(&all, &admin).json();
    let id = listed[0]["id"].as_str().unwrap().to_owned();
    assert_eq!(
        (&listed[0]["type"], &listed[0]["createdDate"]),
        (&json!("password"), &json!(world.now().as_unix_millis()))
    );
    for secret in ["value", "secretData"] {
        assert_eq!(listed[0].get(secret), None, "{secret}");
    }

    let named = put(&world, &format!("{all}/{id}/userLabel"), &admin, &json!("Mine"));
    assert_eq!(named.status, 204);
    assert_eq!(world.get(&all, &admin).json()[0]["userLabel"], "Mine");
    let long = json!("x".repeat(256));
    assert_eq!(put(&world, &format!("{all}/{id}/userLabel"), &admin, &long).status, 400);

    let call = |method, path: &str| world.call(method, path, &admin, None).status.as_u16();
    assert_eq!(call(Method::POST, &format!("{all}/{id}/moveToFirst")), 204);
    assert_eq!(call(Method::POST, &format!("{all}/{id}/moveAfter/{id}")), 204);
    assert_eq!(call(Method::POST, &format!("{all}/other/moveToFirst")), 404);
    assert_eq!(call(Method::POST, &format!("{all}/{id}/moveAfter/other")), 404);
    assert_eq!(call(Method::DELETE, &format!("{all}/other")), 404);

    put(&world, &format!("{path}/reset-password"), &admin, &new_password());
    assert_eq!(
        world.get(&all, &admin).json()[0]["id"],
        id,
        "a new password is the same credential"
    );
    assert_eq!(call(Method::DELETE, &format!("{all}/{id}")), 204);
    assert_eq!(world.get(&all, &admin).json(), json!([]));
    assert!(!signs_in(&world, "hiroko", "a new password"));
    assert_eq!(call(Method::DELETE, &format!("{all}/{id}")), 404);
}

#[test]
fn an_administrator_sees_and_ends_sessions() {
    let world = travel0();
    let (admin, path) = (admin(&world), path_of(&world, "hiroko"));
    let app = RelyingParty::web(&world);
    let one = app.tokens_for("hiroko", "openid");
    let two = app.tokens_for("hiroko", "openid");
    let listed = world.get(&format!("{path}/sessions"), &admin).json();
    assert_eq!(listed.as_array().unwrap().len(), 2, "{listed}");
    let session = &listed[0];
    assert_eq!(session["username"], "hiroko");
    assert_eq!(session["start"], world.now().as_unix_millis());
    assert_eq!(session["lastAccess"], world.now().as_unix_millis());
    let clients = session["clients"].as_object().unwrap();
    assert_eq!(clients.values().collect::<Vec<_>>(), ["travel0-web"]);

    let first = one["session_state"].as_str().unwrap();
    assert_eq!(world.delete(&format!("{REALM}/sessions/{first}"), &admin).status, 204);
    assert_eq!(world.delete(&format!("{REALM}/sessions/{first}"), &admin).status, 404);
    let refresh = |tokens: &Value| app.refresh(tokens["refresh_token"].as_str().unwrap()).status;
    assert_eq!(refresh(&one), 400);
    let left = world.get(&format!("{path}/sessions"), &admin).json();
    assert_eq!(left.as_array().unwrap().len(), 1);

    assert_eq!(world.post(&format!("{path}/logout"), &admin, &json!({})).status, 204);
    assert_eq!(refresh(&two), 400);
    assert_eq!(world.get(&format!("{path}/sessions"), &admin).json(), json!([]));
    assert_eq!(
        world.post(&format!("{path}/logout"), &admin, &json!({})).status,
        204,
        "twice is once"
    );
    assert!(signs_in(&world, "hiroko", PASSWORD));
    let client = listed[0]["clients"].as_object().unwrap().keys().next().unwrap();
    let offline = world.get(&format!("{path}/offline-sessions/{client}"), &admin);
    assert_eq!((offline.status.as_u16(), offline.json()), (200, json!([])));
}

#[test]
fn an_unknown_session_is_not_found() {
    let world = travel0();
    let admin = admin(&world);
    for id in ["nothing", "6f1c7d0e-5b1e-4b5e-9d7f-0d1a2b3c4d5e", &"A".repeat(36)] {
        assert_eq!(world.delete(&format!("{REALM}/sessions/{id}"), &admin).status, 404, "{id}");
    }
}

#[test]
fn a_locked_account_is_seen_and_unlocked() {
    let world = travel0();
    let admin = admin(&world);
    let id = user(&world, "hiroko").unwrap().id;
    let path = format!("{REALM}/attack-detection/brute-force/users/{id}");
    let lock = || {
        for _ in 0..10 {
            assert!(!signs_in(&world, "hiroko", "wrong"));
        }
        assert!(!signs_in(&world, "hiroko", PASSWORD), "locked");
    };
    assert!(!signs_in(&world, "hiroko", "wrong"));
    let status = world.get(&path, &admin).json();
    assert_eq!((&status["numFailures"], &status["disabled"]), (&json!(1), &json!(false)));
    assert_eq!(status["lastFailure"], world.now().as_unix_millis());

    lock();
    assert_eq!(world.get(&path, &admin).json()["disabled"], true);
    assert_eq!(world.delete(&path, &admin).status, 204);
    assert_eq!(world.get(&path, &admin).json()["disabled"], false);
    assert!(signs_in(&world, "hiroko", PASSWORD));

    lock();
    let everybody = format!("{REALM}/attack-detection/brute-force/users");
    assert_eq!(world.delete(&everybody, &admin).status, 204);
    assert!(signs_in(&world, "hiroko", PASSWORD));
    assert_eq!(world.get(&path, &admin).json()["numFailures"], 0);
    assert_eq!(world.get(&format!("{everybody}/nobody"), &admin).status, 404);
}

#[test]
fn identities_elsewhere_are_linked_once() {
    let world = travel0();
    let admin = admin(&world);
    let hiroko = format!("{}/federated-identity", path_of(&world, "hiroko"));
    let emilio = format!("{}/federated-identity", path_of(&world, "emilio"));
    let there = json!({ "userId": "okta|1", "userName": "hiroko.s" });

    assert_eq!(world.post(&format!("{hiroko}/okta"), &admin, &there).status, 204);
    let again = world.post(&format!("{hiroko}/okta"), &admin, &json!({ "userId": "okta|2" }));
    let words = again.json()["errorMessage"].clone();
    assert_eq!(
        (again.status.as_u16(), words),
        (409, json!("User is already linked with provider"))
    );
    assert_eq!(world.post(&format!("{emilio}/okta"), &admin, &there).status, 409, "somebody's");
    assert_eq!(world.post(&format!("{emilio}/okta"), &admin, &json!({})).status, 400);

    let identity =
        json!({ "identityProvider": "okta", "userId": "okta|1", "userName": "hiroko.s" });
    assert_eq!(world.get(&hiroko, &admin).json(), json!([identity]));
    let whole = world.get(&path_of(&world, "hiroko"), &admin).json();
    assert_eq!(whole["federatedIdentities"], json!([identity]));
    for query in ["idpAlias=okta", "idpUserId=okta|1", "idpAlias=okta&idpUserId=okta|1"] {
        let found = world.get(&format!("{USERS}?{query}"), &admin).json();
        assert_eq!(found[0]["username"], "hiroko", "{query}");
    }
    assert_eq!(world.get(&format!("{USERS}/count?idpAlias=entra"), &admin).json(), 0);

    assert_eq!(world.delete(&format!("{hiroko}/okta"), &admin).status, 204);
    let gone = world.delete(&format!("{hiroko}/okta"), &admin);
    assert_eq!((gone.status.as_u16(), gone.error().as_str()), (404, "Link not found"));
    let body = json!({ "username": "linked", "federatedIdentities": [identity] });
    let made = made(&world, &body);
    assert_eq!(world.get(&format!("{made}/federated-identity"), &admin).json(), json!([identity]));
    let taken = json!({ "username": "second", "federatedIdentities": [identity] });
    assert_eq!(world.post(USERS, &admin, &taken).status, 409);
}

#[test]
fn there_are_no_groups_and_no_consents_at_first() {
    let world = travel0();
    let (admin, path) = (admin(&world), path_of(&world, "hiroko"));
    for list in ["groups", "consents"] {
        assert_eq!(world.get(&format!("{path}/{list}"), &admin).json(), json!([]), "{list}");
    }
    assert_eq!(world.get(&format!("{path}/groups/count"), &admin).json(), json!({ "count": 0 }));
    assert_eq!(put(&world, &format!("{path}/groups/x"), &admin, &json!({})).status, 404);
    assert_eq!(world.delete(&format!("{path}/groups/x"), &admin).status, 404);
    assert_eq!(world.delete(&format!("{path}/consents/travel0-web"), &admin).status, 404);
}

const ROUTES: &[(Method, &str)] = &[
    (Method::PUT, "/users/{user}/reset-password"),
    (Method::GET, "/users/{user}/credentials"),
    (Method::DELETE, "/users/{user}/credentials/x"),
    (Method::PUT, "/users/{user}/credentials/x/userLabel"),
    (Method::POST, "/users/{user}/credentials/x/moveToFirst"),
    (Method::POST, "/users/{user}/credentials/x/moveAfter/y"),
    (Method::POST, "/users/{user}/logout"),
    (Method::GET, "/users/{user}/sessions"),
    (Method::GET, "/users/{user}/offline-sessions/x"),
    (Method::DELETE, "/sessions/x"),
    (Method::GET, "/attack-detection/brute-force/users/{user}"),
    (Method::DELETE, "/attack-detection/brute-force/users/{user}"),
    (Method::DELETE, "/attack-detection/brute-force/users"),
    (Method::GET, "/users/{user}/federated-identity"),
    (Method::POST, "/users/{user}/federated-identity/okta"),
    (Method::DELETE, "/users/{user}/federated-identity/okta"),
    (Method::GET, "/users/{user}/groups"),
    (Method::GET, "/users/{user}/groups/count"),
    (Method::PUT, "/users/{user}/groups/x"),
    (Method::DELETE, "/users/{user}/groups/x"),
    (Method::GET, "/users/{user}/consents"),
    (Method::DELETE, "/users/{user}/consents/x"),
    (Method::PUT, "/users/{user}/execute-actions-email"),
    (Method::PUT, "/users/{user}/send-verify-email"),
];

#[test]
fn strangers_are_refused_everywhere() {
    let world = travel0();
    refuse_strangers(&world, REALM, ROUTES);
}

#[test]
fn who_may_view_changes_nothing_and_nobody_is_nobody() {
    let world = travel0();
    let viewer = granted(&world, "sumana", &["view-users"]);
    let (admin, hiroko) = (admin(&world), user(&world, "hiroko").unwrap().id);
    for (method, path) in ROUTES {
        let there = format!("{REALM}{}", path.replace("{user}", hiroko.as_str()));
        let body = (*method != Method::GET).then(|| json!({}));
        let status = world.call(method.clone(), &there, &viewer, body.as_ref()).status.as_u16();
        let wanted = match *method {
            // There is no client x.
            Method::GET if path.ends_with("/x") => 404,
            Method::GET => 200,
            _ => 403,
        };
        assert_eq!(status, wanted, "{method} {path}");
        if path.contains("{user}") {
            let nowhere = format!("{REALM}{}", path.replace("{user}", "nobody"));
            let body = if path.ends_with("execute-actions-email") {
                Some(json!(["VERIFY_EMAIL"]))
            } else {
                body
            };
            let status =
                world.call(method.clone(), &nowhere, &admin, body.as_ref()).status.as_u16();
            assert_eq!(status, 404, "{method} {path}");
        }
    }
    assert!(signs_in(&world, "hiroko", PASSWORD));
    assert_eq!(world.get(USERS, &token_of(&world, "hiroko")).status, 403);
}

#[test]
fn credentials_are_kept_here_and_none_is_disabled() {
    let world = travel0();
    let (admin, path) = (admin(&world), path_of(&world, "hiroko"));
    let elsewhere = format!("{path}/configured-user-storage-credential-types");
    assert_eq!(world.get(&elsewhere, &admin).json(), json!([]));
    let disable = format!("{path}/disable-credential-types");
    assert_eq!(put(&world, &disable, &admin, &json!([])).status, 204);
    let refused = put(&world, &disable, &admin, &json!(["password"]));
    assert_eq!(refused.status, 400, "{refused:?}");
    assert!(signs_in(&world, "hiroko", PASSWORD));
    refuse_strangers(
        &world,
        USERS,
        &[
            (Method::GET, "/{user}/configured-user-storage-credential-types"),
            (Method::PUT, "/{user}/disable-credential-types"),
        ],
    );
    let viewer = granted(&world, "sumana", &["view-users"]);
    assert_eq!(world.get(&elsewhere, &viewer).status, 200);
    assert_eq!(put(&world, &disable, &viewer, &json!([])).status, 403);
}
