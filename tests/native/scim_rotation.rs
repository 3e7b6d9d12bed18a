//! Replacing the secret of an organization's directory, with both in use for a while.
use crate::scim_setup::{Directory, SECRET, let_manage, travel0};
use guildhall::kernel::time::Seconds;
use guildhall::scim::config::NOTED_EVERY;
use guildhall::scim::rotate::{DEFAULT_OVERLAP, MAX_OVERLAP};
use serde_json::{Value, json};

/// How the endpoint answers who presents `secret`.
fn status(directory: &Directory<'_>, secret: &str) -> u16 {
    Directory::at(directory.world, directory.org.clone()).with_bearer(secret).status()
}

/// What we made, from an answer that tells it.
fn made(json: &Value) -> String {
    json["auth"]["shared_secret"].as_str().unwrap().to_owned()
}

#[test]
fn both_secrets_do_until_the_window_ends() {
    let world = travel0();
    let directory = Directory::connect(&world, "granite-outpost");
    let began = world.now();
    let rotated = directory.rotate(&json!({}));
    assert_eq!((rotated.status.as_u16(), rotated.header("cache-control")), (200, "no-store"));
    let new = made(&rotated.json());
    assert_eq!(new.len(), 43);
    let ends = (began + DEFAULT_OVERLAP).as_unix();
    assert_eq!(rotated.json()["previous_secret_expires_at"], ends);
    assert_eq!(rotated.json()["rotated_at"], began.as_unix());

    assert_eq!((status(&directory, SECRET), status(&directory, &new)), (200, 200));
    world.pass(Seconds(DEFAULT_OVERLAP.0 - 1));
    assert_eq!((status(&directory, SECRET), status(&directory, &new)), (200, 200));
    world.advance(Seconds(1));
    assert_eq!((status(&directory, SECRET), status(&directory, &new)), (401, 200));
    let config = directory.config();
    assert!(config.get("previous_secret_expires_at").is_none(), "{config}");
    assert_eq!(config["rotated_at"], began.as_unix());
}

/// The alarm removes what is over, so that no backup of it is worth anything.
#[test]
fn the_old_secret_is_removed_when_its_time_is_over() {
    let world = travel0();
    let directory = Directory::connect(&world, "granite-outpost");
    directory.rotate(&json!({ "overlap_seconds": 600 }));
    let previous = || {
        directory.rows("SELECT previous FROM scim_config")[0]
            .text_or_null("previous")
            .unwrap()
            .is_some()
    };
    assert!(previous());
    world.pass(Seconds(599));
    assert!(previous());
    world.pass(Seconds(3));
    assert!(!previous());
}

#[test]
fn a_secret_that_leaked_ends_at_once() {
    let world = travel0();
    let directory = Directory::connect(&world, "granite-outpost");
    let rotated = directory.rotate(&json!({ "overlap_seconds": 0 })).json();
    assert!(rotated.get("previous_secret_expires_at").is_none());
    assert_eq!((status(&directory, SECRET), status(&directory, &made(&rotated))), (401, 200));
}

#[test]
fn an_overlap_can_be_ended_early() {
    let world = travel0();
    let directory = Directory::connect(&world, "granite-outpost");
    let new = made(&directory.rotate(&json!({})).json());
    assert_eq!(directory.reconfigure(&json!({})).status, 200);
    assert_eq!(status(&directory, SECRET), 200, "an update that says nothing of it");
    assert_eq!(directory.reconfigure(&json!({ "overlap_seconds": 0 })).status, 200);
    assert_eq!((status(&directory, SECRET), status(&directory, &new)), (401, 200));
}

#[test]
fn a_chosen_secret_takes_the_place_of_another() {
    let world = travel0();
    let directory = Directory::connect(&world, "granite-outpost");
    let rotated = directory.rotate(&json!({ "shared_secret": "another-secret" }));
    assert_eq!(rotated.status, 200, "{rotated:?}");
    assert_eq!(rotated.json()["auth"], json!({ "type": "EXTERNAL_SECRET" }), "it is known already");
    assert_eq!((status(&directory, SECRET), status(&directory, "another-secret")), (200, 200));

    let auth = json!({ "type": "EXTERNAL_SECRET", "shared_secret": "a-third-secret" });
    let put = directory.reconfigure(&json!({ "auth": auth, "overlap_seconds": 60 }));
    assert_eq!(put.status, 200, "{put:?}");
    let three = [SECRET, "another-secret", "a-third-secret"].map(|one| status(&directory, one));
    assert_eq!(three, [401, 200, 200], "two at most");
    world.advance(Seconds(60));
    world.app().ports.tries.clear();
    assert_eq!(status(&directory, "another-secret"), 401);
}

/// The same body once more, as a program sends it, is no new secret.
#[test]
fn a_secret_that_is_sent_again_is_the_same() {
    let world = travel0();
    let directory = Directory::connect(&world, "granite-outpost");
    let auth = json!({ "type": "EXTERNAL_SECRET", "shared_secret": "another-secret" });
    let body = json!({ "auth": auth, "overlap_seconds": 600 });
    let first = directory.reconfigure(&body).json();
    world.advance(Seconds(60));
    assert_eq!(directory.reconfigure(&body).json(), first);
    assert_eq!((status(&directory, SECRET), status(&directory, "another-secret")), (200, 200));
}

/// Whoever did not get the answer asks again; the directory still has the first.
#[test]
fn a_secret_that_nobody_used_does_not_push_out_the_one_before() {
    let world = travel0();
    let directory = Directory::connect(&world, "granite-outpost");
    assert_eq!(status(&directory, SECRET), 200);
    let lost = made(&directory.rotate(&json!({})).json());
    let found = made(&directory.rotate(&json!({})).json());
    assert_eq!((status(&directory, SECRET), status(&directory, &found)), (200, 200));
    assert_eq!(status(&directory, &lost), 401);
    let next = made(&directory.rotate(&json!({})).json());
    assert_eq!((status(&directory, &found), status(&directory, &next)), (200, 200));
    assert_eq!(status(&directory, SECRET), 401, "one was used since");
}

#[test]
fn basic_rotates_its_password_and_its_name() {
    let world = travel0();
    let auth = json!({ "type": "EXTERNAL_BASIC", "username": "okta", "password": SECRET });
    let directory = Directory::configure(&world, "granite-outpost", &auth);
    let basic = |user: &str, password: &str| {
        Directory::at(&world, directory.org.clone()).with_basic(user, password).status()
    };
    let rotated = directory.rotate(&json!({})).json();
    let new = rotated["auth"]["password"].as_str().unwrap().to_owned();
    assert_eq!(rotated["auth"]["username"], "okta");
    assert_eq!((basic("okta", SECRET), basic("okta", &new)), (200, 200));

    let auth = json!({ "type": "EXTERNAL_BASIC", "username": "entra" });
    directory.reconfigure(&json!({ "auth": auth, "overlap_seconds": 60 }));
    let both = (basic("okta", &new), basic("entra", &new), basic("entra", SECRET));
    assert_eq!(both, (200, 200, 401));
}

/// From one kind to another, the old one may do for a while, too.
#[test]
fn a_kind_may_be_replaced_with_an_overlap() {
    let world = travel0();
    let directory = Directory::connect(&world, "granite-outpost");
    let body = json!({ "auth": { "type": "KEYCLOAK" }, "overlap_seconds": 60 });
    assert_eq!(directory.reconfigure(&body).status, 200);
    let_manage(&world, &directory.org, "hiroko");
    let hiroko = crate::organizations::token_of(&world, "hiroko");
    assert_eq!((status(&directory, SECRET), status(&directory, &hiroko)), (200, 200));
    world.advance(Seconds(60));
    assert_eq!(status(&directory, SECRET), 401);
}

#[test]
fn what_cannot_be_rotated_is_refused_and_stays() {
    let world = travel0();
    let directory = Directory::connect(&world, "granite-outpost");
    let most = i64::from(MAX_OVERLAP.0);
    let long = "overlap_seconds is not between 0 and 2592000 (MAX_OVERLAP)";
    let refused = [
        (json!({ "overlap_seconds": -1 }), long),
        (json!({ "overlap_seconds": most + 1 }), long),
        (json!({ "shared_secret": "1234567" }), "shared_secret has fewer than 8 characters"),
        (json!({ "shared_secret": "" }), "shared_secret has fewer than 8 characters"),
        (json!({ "password": "long enough" }), "EXTERNAL_SECRET has no password"),
    ];
    for (body, why) in refused {
        let answer = directory.rotate(&body);
        assert_eq!((answer.status.as_u16(), answer.error().as_str()), (400, why), "{body}");
    }
    assert_eq!(directory.rotate(&json!({ "secret": "long enough" })).status, 400);
    assert_eq!(directory.reconfigure(&json!({ "overlap_seconds": most + 1 })).status, 400);
    assert!(directory.config().get("rotated_at").is_none());
    assert_eq!(status(&directory, SECRET), 200);
    assert_eq!(directory.rotate(&json!({ "overlap_seconds": most })).status, 200);

    let keycloak = Directory::configure(&world, "rocky-mountain", &json!({ "type": "KEYCLOAK" }));
    let answer = keycloak.rotate(&json!({}));
    let why = "auth.type KEYCLOAK has no secret to rotate";
    assert_eq!((answer.status.as_u16(), answer.error().as_str()), (400, why));
}

#[test]
fn a_rotation_is_told_without_its_secret() {
    let world = travel0();
    let directory = Directory::connect(&world, "granite-outpost");
    let new = made(&directory.rotate(&json!({})).json());
    let trail = directory.trail();
    assert!(trail.contains("previous_secret_expires_at"), "{trail}");
    assert!(!trail.contains(&new) && !trail.contains("argon2"), "{trail}");
    assert!(!world.dump().contains(&new), "it is kept as a hash");
}

/// Reads stay reads: the use is written down now and then.
#[test]
fn when_a_secret_was_used_is_shown() {
    let world = travel0();
    let directory = Directory::connect(&world, "granite-outpost");
    let used = || directory.config()["last_used_at"].clone();
    assert_eq!(used(), Value::Null, "never");
    let first = world.now().as_unix();
    status(&directory, SECRET);
    assert_eq!(used(), first);
    world.advance(Seconds(NOTED_EVERY.0 - 1));
    status(&directory, SECRET);
    assert_eq!(used(), first);
    world.advance(Seconds(1));
    status(&directory, "wrong-secret");
    assert_eq!(used(), first, "a wrong one is no use");
    status(&directory, SECRET);
    assert_eq!(used(), world.now().as_unix());

    let new = made(&directory.rotate(&json!({})).json());
    let config = directory.config();
    assert_eq!(config.get("last_used_at"), None, "the new one was not used yet");
    assert_eq!(config["previous_secret_last_used_at"], world.now().as_unix());
    world.advance(NOTED_EVERY);
    status(&directory, &new);
    let config = directory.config();
    assert_eq!(config["last_used_at"], world.now().as_unix());
    assert_ne!(config["previous_secret_last_used_at"], config["last_used_at"]);
}
