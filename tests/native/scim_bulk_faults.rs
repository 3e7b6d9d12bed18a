//! A bulk request that dies half-way, and what is left of it.
use crate::scim_bulk::{creation, request};
use crate::scim_setup::{Directory, count_people, person, travel0, user};
use guildhall::kernel::time::Seconds;
use http::Method;
use serde_json::{Value, json};

const USERS: usize = 5;

/// In the order they are reached, and how many of the operations are done by then.
const POINTS: &[(&str, usize)] = &[
    ("scim.create_many.after_intents", 0),
    ("scim.create_many.after_users", 0),
    ("scim.bulk.after_operation", USERS),
    ("org.outbox.before_drain", USERS),
    ("org.outbox.after_directory", USERS),
    ("scim.account.after_object", USERS),
];

fn operations() -> Vec<Value> {
    (0..USERS).map(|number| creation(&format!("u{number}"))).collect()
}

fn seen(directory: &Directory<'_>) -> usize {
    directory.list(&[]).json()["Resources"].as_array().unwrap().len()
}

fn assert_whole(directory: &Directory<'_>, people: i64, point: &str) {
    let world = directory.world;
    assert_eq!(seen(directory), USERS, "{point}");
    assert_eq!(count_people(world), people + 5, "{point}: one person each");
    for number in 0..USERS {
        let one = user(world, &format!("u{number}@granite.example")).unwrap();
        assert!(directory.claims(&one).is_some(), "{point}: a member");
    }
}

#[test]
fn a_killed_request_shows_no_half_and_is_done_when_repeated() {
    for (point, done) in POINTS {
        let world = travel0();
        let granite = Directory::connect(&world, "granite-outpost");
        let people = count_people(&world);
        let body = request(&operations());

        world.crash_at(point, granite.request(Method::POST, "/Bulk", Some(&body)));

        assert_eq!(seen(&granite), *done, "{point}");
        let again = granite.send(Method::POST, "/Bulk", Some(&body)).json();
        let wanted = if *done == 0 { "201" } else { "409" };
        for outcome in again["Operations"].as_array().unwrap() {
            assert_eq!(outcome["status"], wanted, "{point}");
        }
        assert_whole(&granite, people, point);
    }
}

#[test]
fn a_killed_request_that_nobody_repeats_is_finished_by_the_alarm() {
    for (point, _) in POINTS {
        let world = travel0();
        let granite = Directory::connect(&world, "granite-outpost");
        let people = count_people(&world);
        world.advance(Seconds(20));
        let body = request(&operations());

        world.crash_at(point, granite.request(Method::POST, "/Bulk", Some(&body)));
        for _ in 0..4 {
            world.ring_alarms();
        }

        assert_whole(&granite, people, point);
        assert_eq!(granite.rows("SELECT kind FROM scim_errand").len(), 0, "{point}");
    }
}

/// One of the operations died with the request; the others were done or never begun.
#[test]
fn each_operation_is_done_or_not() {
    let world = travel0();
    let granite = Directory::connect(&world, "granite-outpost");
    let [one, two] =
        ["one", "two"].map(|name| granite.pushed(&person(name, &format!("{name}@x.example"))));
    let operations =
        [json!({ "method": "DELETE", "path": one }), json!({ "method": "DELETE", "path": two })];
    let body = request(&operations);

    world
        .crash_at("scim.bulk.after_operation", granite.request(Method::POST, "/Bulk", Some(&body)));

    assert_eq!(granite.get(&one).status, 404);
    assert_eq!(granite.get(&two).status, 200);
    let again = granite.send(Method::POST, "/Bulk", Some(&body)).json();
    let statuses: Vec<&Value> =
        again["Operations"].as_array().unwrap().iter().map(|one| &one["status"]).collect();
    assert_eq!(statuses, ["404", "204"]);
    assert_eq!(user(&world, "one@x.example"), None, "who was deleted is gone");
    assert_eq!(user(&world, "two@x.example"), None);
}
