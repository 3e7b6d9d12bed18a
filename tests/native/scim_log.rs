//! The provisioning log: what an organization's directory asked, and what came of it.
use crate::harness::browser::Answer;
use crate::organizations::token_of;
use crate::scim_setup::{
    Directory, SECRET, active, admin, config_path, let_manage, org_id, person, travel0,
};
use guildhall::kernel::time::Seconds;
use guildhall::platform::sql::{Sql, Statement};
use guildhall::realm::page::Page;
use guildhall::scim::gate::MAX_FAILURES_OF_ADDRESS;
use guildhall::scim::log::{MAX_REFUSED, Outcome, Wanted};
use guildhall::scim::store::log::{list_statement, prune_surplus};
use http::Method;
use serde_json::{Value, json};

const OFFICE: &str = "198.51.100.9";

fn count(directory: &Directory<'_>) -> i64 {
    directory.rows("SELECT count(*) AS entries FROM scim_log")[0].int("entries").unwrap()
}

#[test]
fn every_request_is_written_down_with_what_came_of_it() {
    let world = travel0();
    let directory = Directory::connect(&world, "granite-outpost").from(OFFICE);
    let at = directory.pushed(&person("ann", "ann@granite.example"));
    let id = at.rsplit('/').next().unwrap();
    assert_eq!(directory.push(&person("ann", "ann@granite.example")).status, 409);
    assert_eq!(directory.get("/Users?filter=userName%20eq%20%22ann%22").status, 200);
    assert_eq!(directory.patch(&at, &active(false)).status, 200);
    assert_eq!(directory.get("/Users/unknown").status, 404);
    assert_eq!(directory.delete(&at).status, 204);
    assert_eq!(directory.get("/ServiceProviderConfig").status, 200);

    let now = world.now().as_unix();
    let with = |id: i64, more: Value| {
        let mut entry =
            json!({ "id": id, "at": now, "credential": "EXTERNAL_SECRET", "address": OFFICE });
        entry.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        entry
    };
    let wanted = [
        with(
            7,
            json!({ "outcome": "success", "method": "GET", "path": "/ServiceProviderConfig", "status": 200 }),
        ),
        with(
            6,
            json!({
                "outcome": "success", "method": "DELETE", "path": at, "status": 204,
                "resource_type": "User", "resource_id": id,
            }),
        ),
        with(
            5,
            json!({
                "outcome": "failure", "method": "GET", "path": "/Users/unknown", "status": 404,
                "detail": "there is no such resource in this organization",
                "resource_type": "User", "resource_id": "unknown",
            }),
        ),
        with(
            4,
            json!({
                "outcome": "success", "method": "PATCH", "path": at, "status": 200, "operations": 1,
                "resource_type": "User", "resource_id": id, "external_id": "ext-ann", "user_name": "ann",
            }),
        ),
        with(
            3,
            json!({
                "outcome": "success", "method": "GET", "path": "/Users", "status": 200, "resource_type": "User",
            }),
        ),
        with(
            2,
            json!({
                "outcome": "failure", "method": "POST", "path": "/Users", "status": 409,
                "scim_type": "uniqueness", "detail": "another user of this organization has that userName",
                "resource_type": "User", "external_id": "ext-ann", "user_name": "ann",
            }),
        ),
        with(
            1,
            json!({
                "outcome": "success", "method": "POST", "path": "/Users", "status": 201,
                "resource_type": "User", "resource_id": id, "external_id": "ext-ann", "user_name": "ann",
            }),
        ),
    ];
    assert_eq!(directory.log(""), wanted);
}

#[test]
fn neither_bodies_nor_secrets_are_in_it() {
    let world = travel0();
    let directory = Directory::connect(&world, "granite-outpost");
    let mut body = person("ann", "ann.private@granite.example");
    body["password"] = json!("ann-has-this-password");
    directory.push(&body);
    directory.get("/Users?filter=userName%20eq%20%22somebody-private%22");
    Directory::at(&world, directory.org.clone()).with_bearer("a-wrong-secret").status();
    directory.send(Method::POST, "/Users", Some(&json!({ "userName": 7, "x": "private" })));

    let log = json!(directory.log("")).to_string();
    for secret in [SECRET, "ann-has-this", "private", "a-wrong-secret", "filter"] {
        assert!(!log.contains(secret), "{secret}: {log}");
    }
}

#[test]
fn it_is_read_by_outcome_resource_and_time() {
    let world = travel0();
    let directory = Directory::connect(&world, "granite-outpost");
    let ann = directory.pushed(&person("ann", "ann@granite.example"));
    let ann = ann.rsplit('/').next().unwrap();
    world.advance(Seconds(100));
    let later = world.now().as_unix();
    directory.pushed(&person("bob", "bob@granite.example"));
    directory.get("/Users/unknown");
    Directory::at(&world, directory.org.clone()).with_bearer("wrong").status();

    let statuses = |query: &str| {
        let entries = directory.log(query);
        entries.iter().map(|entry| entry["status"].as_i64().unwrap()).collect::<Vec<_>>()
    };
    assert_eq!(statuses(""), [401, 404, 201, 201]);
    assert_eq!(statuses("outcome=success"), [201, 201]);
    assert_eq!(statuses("outcome=failure"), [404]);
    assert_eq!(statuses("outcome=refused"), [401]);
    assert_eq!(statuses(&format!("resource_id={ann}")), [201]);
    assert_eq!(statuses(&format!("resource_id={ann}&outcome=failure")), [0_i64; 0]);
    assert_eq!(statuses(&format!("from={later}")), [401, 404, 201]);
    assert_eq!(statuses(&format!("to={later}")), [201]);
    assert_eq!(statuses(&format!("from={later}&outcome=success")), [201]);
    assert_eq!(statuses("first=1&max=2"), [404, 201]);
}

#[test]
fn a_question_that_makes_no_sense_is_refused() {
    let world = travel0();
    let directory = Directory::connect(&world, "granite-outpost");
    let path = |query: &str| format!("{}/log?{query}", config_path(&directory.org));
    let refused = [
        ("outcome=maybe", "outcome is not success, failure or refused"),
        ("from=yesterday", "from is not Unix seconds"),
        ("to=1.5", "to is not Unix seconds"),
        ("first=x", "first is not a whole number"),
    ];
    for (query, why) in refused {
        let answer = world.get(&path(query), &admin(&world));
        assert_eq!((answer.status.as_u16(), answer.error().as_str()), (400, why), "{query}");
    }
    // Hostile words are words.
    assert!(directory.log("resource_id=%27%20OR%201%3D1--").is_empty());
}

#[test]
fn who_may_see_the_configuration_may_read_it() {
    let world = travel0();
    let directory = Directory::connect(&world, "granite-outpost");
    let_manage(&world, &directory.org, "hiroko");
    let read =
        |token: &str| world.get(&format!("{}/log", config_path(&directory.org)), token).status;
    assert_eq!(read(&token_of(&world, "hiroko")), 200);
    assert_eq!(read(&token_of(&world, "jonno")), 401);
    assert_eq!(read(SECRET), 401, "the directory itself does not");
}

#[test]
fn strangers_do_not_fill_it() {
    let world = travel0();
    let directory = Directory::connect(&world, "granite-outpost");
    let guess = |number: i64| {
        Directory::at(&world, directory.org.clone())
            .from(&format!("2001:db8:0:{number:x}::1"))
            .with_bearer("wrong-secret")
            .status()
    };
    for number in 0..MAX_REFUSED * 2 {
        guess(number);
    }
    assert_eq!(count(&directory), MAX_REFUSED);
    assert_eq!(directory.status(), 200);
    assert_eq!(count(&directory), MAX_REFUSED + 1, "the directory's own are written");
    let newest = &directory.log("outcome=refused&max=1")[0];
    assert_eq!((&newest["status"], newest.get("credential")), (&json!(401), None));
    world.advance(Seconds::days(1));
    guess(MAX_REFUSED * 3);
    assert_eq!(count(&directory), MAX_REFUSED + 2, "another day");
}

#[test]
fn who_has_to_wait_is_not_written_down() {
    let world = travel0();
    let directory = Directory::connect(&world, "granite-outpost");
    for _ in 0..MAX_FAILURES_OF_ADDRESS * 3 {
        Directory::at(&world, directory.org.clone()).from(OFFICE).with_bearer("wrong").status();
    }
    assert_eq!(count(&directory), i64::from(MAX_FAILURES_OF_ADDRESS));
}

/// What a stranger says of a resource is no news of it.
#[test]
fn a_refused_request_tells_nothing_of_a_resource() {
    let world = travel0();
    let directory = Directory::connect(&world, "granite-outpost");
    let stranger = Directory::at(&world, directory.org.clone()).with_bearer("wrong-secret");
    stranger.push(&person("mallory", "mallory@evil.example"));
    let entry = directory.log("")[0].clone();
    assert!(!entry.to_string().contains("mallory"), "{entry}");
    assert_eq!((&entry["method"], &entry["outcome"]), (&json!("POST"), &json!("refused")));
}

#[test]
fn where_there_is_no_configuration_nothing_is_written() {
    let world = travel0();
    let directory = Directory::at(&world, org_id(&world, "rocky-mountain"));
    assert_eq!(directory.status(), 401);
    assert_eq!(count(&directory), 0);
    assert!(directory.log("").is_empty(), "and nothing is read");
}

/// The directory is told that the service is off; the log has it.
#[test]
fn a_service_that_is_off_still_writes() {
    let world = travel0();
    let directory = Directory::connect(&world, "granite-outpost");
    directory.reconfigure(&json!({ "enabled": false }));
    assert_eq!(directory.status(), 404);
    let entry = directory.log("")[0].clone();
    assert_eq!((&entry["outcome"], &entry["status"]), (&json!("failure"), &json!(404)));
}

#[test]
fn it_is_kept_for_the_days_that_are_said() {
    let world = travel0();
    let directory = Directory::connect(&world, "granite-outpost");
    assert_eq!(directory.status(), 200);
    world.pass(Seconds::days(29));
    assert_eq!((directory.status(), count(&directory)), (200, 2));
    world.pass(Seconds(86_400 + 60));
    assert_eq!(count(&directory), 1, "thirty days");
    let changed = directory.reconfigure(&json!({ "log_days": 2 }));
    assert_eq!(changed.json()["log_days"], 2);
    world.pass(Seconds::days(2));
    assert_eq!(count(&directory), 0);
    assert_eq!(directory.reconfigure(&json!({})).json()["log_days"], 2, "it stays");
}

#[test]
fn a_deleted_configuration_leaves_the_log_for_its_time() {
    let world = travel0();
    let directory = Directory::connect(&world, "granite-outpost");
    assert_eq!(directory.status(), 200);
    assert_eq!(world.delete(&config_path(&directory.org), &admin(&world)).status, 204);
    assert_eq!(directory.log("").len(), 1);
    world.pass(Seconds(30 * 86_400 + 60));
    assert_eq!(count(&directory), 0);
}

/// One alarm forgets a bounded number, and rings again.
#[test]
fn much_is_forgotten_in_steps() {
    let world = travel0();
    let directory = Directory::connect(&world, "granite-outpost");
    assert_eq!(directory.status(), 200);
    let fill = "INSERT INTO scim_log (at, outcome, method, path, status)
         WITH RECURSIVE number (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM number WHERE n < 2500)
         SELECT ?, 'success', 'GET', '/Users', 200 FROM number";
    let now = world.now();
    world.with_object(&directory.object(), |sql| {
        sql.run(Statement::new(fill).bind(now)).unwrap();
    });
    assert_eq!(count(&directory), 2501);
    world.pass(Seconds(30 * 86_400 + 2));
    assert_eq!(count(&directory), 1501);
    world.pass(Seconds(11));
    assert_eq!(count(&directory), 501);
    world.pass(Seconds(11));
    assert_eq!(count(&directory), 0);
}

#[test]
fn the_oldest_go_when_there_are_too_many() {
    let world = travel0();
    let directory = Directory::connect(&world, "granite-outpost");
    (0..5).for_each(|_| assert_eq!(directory.status(), 200));
    let prune = |kept, most| {
        world.with_object(&directory.object(), |sql| prune_surplus(sql, kept, most).unwrap())
    };
    assert_eq!((prune(5, 10), prune(2, 1), prune(2, 10), prune(2, 10)), (0, 1, 2, 0));
    let ids: Vec<_> = directory.log("").iter().map(|entry| entry["id"].clone()).collect();
    assert_eq!(ids, [5, 4]);
}

/// A killed request leaves neither a change without its entry nor the other way
/// round that a retry would not mend.
#[test]
fn a_retry_after_a_kill_is_written_down() {
    let world = travel0();
    let directory = Directory::connect(&world, "granite-outpost");
    let body = person("ann", "ann@granite.example");
    let request = directory.request(Method::POST, "/Users", Some(&body));
    world.crash_at("scim.create.after_user", request);
    assert_eq!(count(&directory), 0);
    directory.pushed(&body);
    assert_eq!(directory.log("")[0]["status"], 201);
}

#[test]
fn each_question_is_answered_from_an_index_in_order() {
    let world = travel0();
    let directory = Directory::connect(&world, "granite-outpost");
    let time = Some(world.now());
    let wanted = [
        Wanted::default(),
        Wanted { from: time, to: time, ..Wanted::default() },
        Wanted { outcome: Some(Outcome::Failure), ..Wanted::default() },
        Wanted { resource: Some("x".to_owned()), from: time, ..Wanted::default() },
        Wanted {
            resource: Some("x".to_owned()),
            outcome: Some(Outcome::Success),
            ..Wanted::default()
        },
    ];
    for wanted in wanted {
        let statement = list_statement(&wanted, Page { first: 0, max: 100 });
        let plan = world.with_object(&directory.object(), |sql| sql.plan(&statement));
        assert!(plan.iter().all(|step| step.starts_with("SEARCH")), "{wanted:?}: {plan:?}");
    }
}

/// A long path or name is cut, so that no request writes much.
#[test]
fn an_entry_is_short() {
    let world = travel0();
    let directory = Directory::connect(&world, "granite-outpost");
    let answer: Answer = directory.get(&format!("/Users/{}", "x".repeat(5_000)));
    assert_eq!(answer.status, 404);
    assert!(directory.log("")[0].to_string().len() < 2_000);
}
