//! The consumer of the queue.
use crate::harness::world::World;
use crate::scim_setup::{Directory, person, travel0};
use guildhall::app::queue::{Verdict, consume};
use guildhall::platform::directory::Directory as _;
use guildhall::platform::sql::Statement;

/// What pushing `names` into an organization queued.
fn messages(world: &World, names: &[&str]) -> Vec<String> {
    let directory = Directory::connect(world, "granite-outpost");
    world.deliver_queue();
    for name in names {
        directory.pushed(&person(name, &format!("{name}@granite.example")));
    }
    world.queued()
}

fn count_events(world: &World) -> i64 {
    let count = Statement::new("SELECT count(*) AS total FROM event");
    world.run(world.directory().run(count)).unwrap()[0].int("total").unwrap()
}

#[test]
fn a_batch_of_events_is_indexed_in_one_round_trip() {
    let world = travel0();
    let messages = messages(&world, &["ann", "ben", "cat"]);
    let before = count_events(&world);
    let (verdicts, trips) = world.trips_of(|| world.run(consume(world.app(), &messages)));
    assert!(verdicts.len() >= 3 && verdicts.iter().all(|verdict| *verdict == Verdict::Ack));
    assert_eq!(trips.directory, 1);
    assert_eq!(count_events(&world) - before, i64::try_from(verdicts.len()).unwrap());
}

#[test]
fn what_cannot_be_read_is_tried_again_and_stops_nobody() {
    let world = travel0();
    let mut messages = messages(&world, &["ann"]);
    messages.insert(0, "garbage".to_owned());
    messages.push(r#"{"kind":"of no kind","body":{}}"#.to_owned());
    let before = count_events(&world);
    let verdicts = world.run(consume(world.app(), &messages));
    assert_eq!(verdicts.first(), Some(&Verdict::Retry));
    assert_eq!(verdicts.last(), Some(&Verdict::Retry));
    assert!(verdicts.contains(&Verdict::Ack));
    assert!(count_events(&world) > before);
}

/// The queue delivers at least once.
#[test]
fn an_event_that_comes_twice_is_indexed_once() {
    let world = travel0();
    let messages = messages(&world, &["ann"]);
    world.run(consume(world.app(), &messages));
    let once = count_events(&world);
    world.run(consume(world.app(), &messages));
    assert_eq!(count_events(&world), once);
}
