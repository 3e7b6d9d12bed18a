//! A push that dies half-way, and what is left of it.
use crate::scim_setup::{Directory, count_people, person, travel0, user};
use guildhall::kernel::time::Seconds;
use http::Method;

/// Between any two steps of `POST /Users`, in the order they are reached.
const POINTS: &[&str] = &[
    "scim.create.after_intent",
    "account.register.after_object",
    "account.register.after_directory",
    "scim.create.after_user",
    "org.outbox.before_drain",
    "org.outbox.after_directory",
];

/// Points after which the push is committed: a retry finds the user there.
const COMMITTED: &[&str] = &["org.outbox.before_drain", "org.outbox.after_directory"];

#[test]
fn a_killed_push_shows_nothing_and_the_retry_finishes_it() {
    for point in POINTS {
        let world = travel0();
        let directory = Directory::connect(&world, "granite-outpost");
        let people = count_people(&world);
        let body = person("ann", "ann@granite.example");

        world.crash_at(point, directory.request(Method::POST, "/Users", Some(&body)));

        let committed = COMMITTED.contains(point);
        let id = directory.rows("SELECT id FROM scim_user")[0].text("id").unwrap().to_owned();
        let read = directory.get(&format!("/Users/{id}")).status.as_u16();
        let listed = directory.list(&[]).json()["Resources"].as_array().unwrap().len();
        let seen = (read, listed, directory.count(r#"userName eq "ann""#));
        let wanted = if committed { (200, 1, 1) } else { (404, 0, 0) };
        assert_eq!(seen, wanted, "{point}: half a push is not seen");
        let retried = directory.push(&body).status.as_u16();
        assert_eq!(retried, if committed { 409 } else { 201 }, "{point}");
        assert_eq!(directory.count(r#"userName eq "ann""#), 1, "{point}");
        assert_eq!(count_people(&world), people + 1, "{point}: one person");
        let ann = user(&world, "ann@granite.example").unwrap();
        assert!(directory.claims(&ann).is_some(), "{point}: a member");
    }
}

#[test]
fn a_killed_push_that_nobody_retries_is_finished_by_the_alarm() {
    for point in POINTS {
        let world = travel0();
        let directory = Directory::connect(&world, "granite-outpost");
        let people = count_people(&world);
        let body = person("ann", "ann@granite.example");
        // An alarm for an earlier change rings before this push is old enough.
        world.advance(Seconds(20));

        world.crash_at(point, directory.request(Method::POST, "/Users", Some(&body)));
        world.ring_alarms();
        world.ring_alarms();
        world.ring_alarms();

        assert_eq!(directory.count(r#"userName eq "ann""#), 1, "{point}");
        assert_eq!(count_people(&world), people + 1, "{point}: one person");
        let ann = user(&world, "ann@granite.example").unwrap();
        assert!(directory.claims(&ann).is_some(), "{point}: a member");
    }
}

/// What is said last counts, and what the first attempt made is used.
#[test]
fn a_retry_that_says_something_else_makes_no_second_person() {
    let world = travel0();
    let directory = Directory::connect(&world, "granite-outpost");
    let people = count_people(&world);
    let body = person("ann", "ann@granite.example");
    let request = directory.request(Method::POST, "/Users", Some(&body));
    world.crash_at("scim.create.after_user", request);

    let retried = directory.push(&person("ann", "ann.lee@granite.example"));

    assert_eq!(retried.status, 201);
    assert_eq!(retried.json()["emails"][0]["value"], "ann.lee@granite.example");
    assert_eq!(count_people(&world), people + 1);
    assert!(directory.claims(&user(&world, "ann@granite.example").unwrap()).is_some());
}

/// The person made by a push that died may have joined elsewhere before the
/// retry comes.
#[test]
fn a_retry_does_not_take_back_who_joined_another_organization_meanwhile() {
    let world = travel0();
    let granite = Directory::connect(&world, "granite-outpost");
    let rocky = Directory::connect(&world, "rocky-mountain");
    let body = person("ann", "ann@granite.example");
    let request = granite.request(Method::POST, "/Users", Some(&body));
    world.crash_at("scim.create.after_user", request);
    let ann = user(&world, "ann@granite.example").unwrap();
    crate::scim_isolation::furnish(&rocky, &ann);

    assert_eq!(granite.push(&body).status, 201);

    assert_eq!(granite.claims(&ann), None);
    assert!(rocky.claims(&ann).is_some());
}
