//! Guessing an organization's SCIM credential: it costs us nothing, and soon the
//! address that guesses waits.
use crate::harness::browser::Answer;
use crate::harness::world::World;
use crate::org_setup::NOBODY;
use crate::scim_setup::{Directory, SECRET, travel0};
use guildhall::crypto::password::count_hashes;
use guildhall::kernel::id::OrgId;
use guildhall::kernel::time::Seconds;
use guildhall::scim::gate::{FAILURE_WINDOW, MAX_FAILURES, MAX_FAILURES_OF_ADDRESS};
use serde_json::json;

const ATTACKER: &str = "203.0.113.7";
const OFFICE: &str = "198.51.100.9";

fn guess(world: &World, org: &OrgId, address: &str, secret: &str) -> Answer {
    Directory::at(world, org.clone()).from(address).with_bearer(secret).get("/Users")
}

fn guesses(world: &World, org: &OrgId, address: &str, times: u32) -> Vec<u16> {
    let one = |number| guess(world, org, address, &format!("wrong-{number}")).status.as_u16();
    (0..times).map(one).collect()
}

#[test]
fn who_guesses_too_often_waits() {
    let world = travel0();
    let org = Directory::connect(&world, "granite-outpost").org;
    let all = guesses(&world, &org, ATTACKER, MAX_FAILURES_OF_ADDRESS);
    assert!(all.iter().all(|status| *status == 401), "{all:?}");
    world.advance(Seconds(20));

    let refused = guess(&world, &org, ATTACKER, "wrong");
    assert_eq!((refused.status.as_u16(), refused.header("retry-after")), (429, "40"));
    assert_eq!(refused.header("content-type"), "application/scim+json");
    let json = refused.json();
    assert_eq!(json["schemas"], json!(["urn:ietf:params:scim:api:messages:2.0:Error"]));
    assert_eq!(json["status"], "429");
    assert!(json["detail"].as_str().unwrap().contains("MAX_FAILURES_OF_ADDRESS"), "{json}");
    let right = guess(&world, &org, ATTACKER, SECRET);
    assert_eq!(right.status, 429, "which guess was right is not told");

    world.advance(Seconds(40));
    assert_eq!(guess(&world, &org, ATTACKER, SECRET).status, 200);
}

#[test]
fn an_attacker_does_not_lock_the_directory_out() {
    let world = travel0();
    let org = Directory::connect(&world, "granite-outpost").org;
    guesses(&world, &org, ATTACKER, MAX_FAILURES_OF_ADDRESS * 3);
    assert_eq!(guess(&world, &org, ATTACKER, SECRET).status, 429);
    assert_eq!(guess(&world, &org, OFFICE, SECRET).status, 200);
}

#[test]
fn a_crowd_of_addresses_has_one_try_each() {
    let world = travel0();
    let org = Directory::connect(&world, "granite-outpost").org;
    let address = |number: u32| format!("203.0.113.{number}");
    for number in 0..MAX_FAILURES {
        assert_eq!(guesses(&world, &org, &address(number), 1), [401]);
    }
    assert_eq!(guesses(&world, &org, &address(0), 1), [429]);
    assert_eq!(guesses(&world, &org, &address(200), 2), [401, 429]);
    assert_eq!(guess(&world, &org, OFFICE, SECRET).status, 200, "who never guessed gets in");
}

/// 2^64 addresses of one customer are one.
#[test]
fn a_network_of_ipv6_counts_as_one_address() {
    let world = travel0();
    let org = Directory::connect(&world, "granite-outpost").org;
    for number in 0..MAX_FAILURES_OF_ADDRESS {
        guesses(&world, &org, &format!("2001:db8:1:2::{number:x}"), 1);
    }
    assert_eq!(guesses(&world, &org, "2001:db8:1:2:ffff::1", 1), [429]);
    assert_eq!(guesses(&world, &org, "2001:db8:1:3::1", 1), [401]);
}

#[test]
fn other_organizations_are_not_concerned() {
    let world = travel0();
    let granite = Directory::connect(&world, "granite-outpost").org;
    let rocky = Directory::connect(&world, "rocky-mountain").org;
    guesses(&world, &granite, ATTACKER, MAX_FAILURES_OF_ADDRESS);
    assert_eq!(guess(&world, &granite, ATTACKER, SECRET).status, 429);
    assert_eq!(guess(&world, &rocky, ATTACKER, SECRET).status, 200);
}

/// Whether there is such an organization, a service in it, or one of another kind:
/// the tenth guess and the eleventh are answered alike.
#[test]
fn nothing_is_learned_from_the_limit() {
    let world = travel0();
    let secret = Directory::connect(&world, "granite-outpost").org;
    let keycloak =
        Directory::configure(&world, "rocky-mountain", &json!({ "type": "KEYCLOAK" })).org;
    let none = crate::scim_setup::org_id(&world, "adventurez");
    let told = |org: &OrgId| {
        let every = (0..=MAX_FAILURES_OF_ADDRESS + 1).map(|_| {
            let answer = guess(&world, org, ATTACKER, "wrong");
            let mut headers = answer.headers;
            headers.remove("x-request-id");
            (answer.status, headers, answer.text)
        });
        every.collect::<Vec<_>>()
    };
    let first = told(&secret);
    assert_eq!(first.last().unwrap().0, 429);
    for org in [keycloak, none, NOBODY.parse().unwrap(), "no-such".parse().unwrap()] {
        assert_eq!(told(&org), first, "{org}");
    }
}

/// Nor does asking for nothing, as browsers and monitors do, cost anybody a try.
#[test]
fn to_present_nothing_is_no_guess() {
    let world = travel0();
    let org = Directory::connect(&world, "granite-outpost").org;
    for _ in 0..MAX_FAILURES_OF_ADDRESS * 2 {
        let nothing = Directory::at(&world, org.clone()).silent().from(ATTACKER);
        assert_eq!(nothing.status(), 401);
    }
    assert_eq!(guess(&world, &org, ATTACKER, SECRET).status, 200);
}

#[test]
fn who_gets_it_right_starts_anew() {
    let world = travel0();
    let org = Directory::connect(&world, "granite-outpost").org;
    guesses(&world, &org, OFFICE, MAX_FAILURES_OF_ADDRESS - 1);
    assert_eq!(guess(&world, &org, OFFICE, SECRET).status, 200);
    let again = guesses(&world, &org, OFFICE, MAX_FAILURES_OF_ADDRESS);
    assert!(again.iter().all(|status| *status == 401), "{again:?}");
    world.advance(FAILURE_WINDOW);
    assert_eq!(guess(&world, &org, OFFICE, SECRET).status, 200);
}

#[test]
fn a_wrong_secret_costs_no_slow_hash_and_a_right_one_costs_few() {
    let world = travel0();
    let org = Directory::connect(&world, "granite-outpost").org;
    let before = count_hashes();
    for number in 0..MAX_FAILURES {
        guesses(&world, &org, &format!("203.0.113.{number}"), 2);
    }
    assert_eq!(count_hashes() - before, 0);
    for _ in 0..20 {
        assert_eq!(guess(&world, &org, OFFICE, SECRET).status, 200);
    }
    assert_eq!(count_hashes() - before, 1);
}
