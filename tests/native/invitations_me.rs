//! Invitations by the API: the invited person's side, sending again, and what
//! happened to one.
use crate::harness::browser::{Answer, Browser, json_request};
use crate::harness::relying_party::RelyingParty;
use crate::harness::world::World;
use crate::scim_setup::{admin, org_id, realm, travel0, user};
use guildhall::kernel::route::ObjectName;
use guildhall::kernel::time::Seconds;
use guildhall::platform::sql::{Sql, Statement};
use http::Method;
use serde_json::{Value, json};

const MINE: &str = "/realms/travel0/orgs/me/invitations";
const HIROKO: &str = "hiroko@granite-outpost.example";

fn token_of(world: &World, username: &str) -> String {
    let tokens = RelyingParty::web(world).tokens_for(username, "openid");
    tokens["access_token"].as_str().unwrap().to_owned()
}

fn invite(world: &World, alias: &str, email: &str) -> String {
    let path = format!("/realms/travel0/orgs/{}/invitations", org_id(world, alias));
    let body = json!({ "email": email, "roles": ["view-members"], "send": true });
    let made = world.post(&path, &admin(world), &body);
    assert_eq!(made.status, 201, "{made:?}");
    made.location().to_owned()
}

fn mine(invitation: &str) -> String {
    format!("{MINE}/{}", invitation.rsplit('/').next().unwrap())
}

fn ids(list: &Value) -> Vec<&str> {
    list.as_array().unwrap().iter().map(|one| one["id"].as_str().unwrap()).collect()
}

fn is_member(world: &World, alias: &str, username: &str) -> bool {
    let id = user(world, username).unwrap().id;
    let path = format!("/realms/travel0/orgs/{}/members/{id}", org_id(world, alias));
    world.get(&path, &admin(world)).status == 204
}

fn statuses(world: &World, invitation: &str) -> Vec<String> {
    let history = world.get(&format!("{invitation}/history"), &admin(world)).json();
    let entries = history.as_array().unwrap().iter();
    entries.map(|one| one["status"].as_str().unwrap().to_owned()).collect()
}

fn accept(world: &World, invitation: &str, token: &str) -> Answer {
    world.call(Method::POST, &mine(invitation), token, None)
}

#[test]
fn an_invited_person_sees_accepts_and_belongs() {
    let world = travel0();
    let rocky = invite(&world, "rocky-mountain", HIROKO);
    let adventurez = invite(&world, "adventurez", HIROKO);
    let hiroko = token_of(&world, "hiroko");

    let list = world.get(MINE, &hiroko).json();
    assert_eq!(ids(&list).len(), 2);
    assert_eq!(list[0]["email"], json!(HIROKO));
    assert!(list[0].get("history").is_none(), "lists are as Phase Two's");

    assert_eq!(accept(&world, &rocky, &hiroko).status, 204);

    assert!(is_member(&world, "rocky-mountain", "hiroko"));
    assert!(!is_member(&world, "adventurez", "hiroko"));
    let left = world.get(MINE, &hiroko).json();
    assert_eq!(ids(&left), [adventurez.rsplit('/').next().unwrap()]);
    let roles = world.get("/realms/travel0/orgs/me", &hiroko).json();
    let rocky_id = org_id(&world, "rocky-mountain");
    assert_eq!(roles[rocky_id.as_str()]["roles"], json!(["view-members"]));
    assert_eq!(accept(&world, &rocky, &hiroko).status, 404, "once");
    world.deliver_queue();
    assert_eq!(statuses(&world, &rocky), ["created", "accepted", "mailed"]);
}

#[test]
fn a_rejected_invitation_is_over_and_its_address_free() {
    let world = travel0();
    let rocky = invite(&world, "rocky-mountain", HIROKO);
    let hiroko = token_of(&world, "hiroko");

    assert_eq!(world.delete(&mine(&rocky), &hiroko).status, 204);

    assert!(ids(&world.get(MINE, &hiroko).json()).is_empty());
    assert!(!is_member(&world, "rocky-mountain", "hiroko"));
    assert_eq!(world.delete(&mine(&rocky), &hiroko).status, 400, "repeated");
    assert_eq!(accept(&world, &rocky, &hiroko).status, 404);
    assert_eq!(world.get(&rocky, &admin(&world)).status, 404);
    assert_eq!(statuses(&world, &rocky), ["created", "rejected"]);
    invite(&world, "rocky-mountain", HIROKO);
    assert_eq!(ids(&world.get(MINE, &hiroko).json()).len(), 1);
}

/// The error table of reference phasetwo.md §1.2.
#[test]
fn an_invitation_is_for_its_address_only() {
    let world = travel0();
    let rocky = invite(&world, "rocky-mountain", HIROKO);
    let emilio = token_of(&world, "emilio");
    let unknown = format!("{MINE}/00000000-0000-4000-8000-000000000000");

    assert!(ids(&world.get(MINE, &emilio).json()).is_empty());
    assert_eq!(accept(&world, &rocky, &emilio).status, 400);
    assert_eq!(world.delete(&mine(&rocky), &emilio).status, 400);
    assert_eq!(accept(&world, &unknown, &emilio).status, 404);
    assert_eq!(accept(&world, "not%20an%20id", &emilio).status, 404);
    assert_eq!(world.delete(&unknown, &emilio).status, 400);
    for token in ["", "garbage"] {
        assert_eq!(world.get(MINE, token).status, 401);
        assert_eq!(accept(&world, &rocky, token).status, 401);
        assert_eq!(world.delete(&mine(&rocky), token).status, 401);
    }
    assert_eq!(accept(&world, &rocky, &admin(&world)).status, 400, "nobody of this realm");
    assert_eq!(accept(&world, &rocky, &token_of(&world, "hiroko")).status, 204);
}

#[test]
fn an_address_that_is_not_verified_gives_nothing() {
    let world = travel0();
    let rocky = invite(&world, "rocky-mountain", HIROKO);
    let hiroko = token_of(&world, "hiroko");
    for change in ["email_verified = 0", "email_verified = 1, email = NULL"] {
        let change = format!("UPDATE user SET {change} WHERE username = 'hiroko'");
        world.directory().sql().execute_batch(&change);
        assert_eq!(world.get(MINE, &hiroko).status, 400, "{change}");
        assert_eq!(accept(&world, &rocky, &hiroko).status, 400, "{change}");
        assert_eq!(world.delete(&mine(&rocky), &hiroko).status, 400, "{change}");
    }
}

#[test]
fn an_expired_invitation_is_not_offered_and_can_be_sent_again() {
    let world = travel0();
    let rocky = invite(&world, "rocky-mountain", HIROKO);
    world.deliver_queue();
    world.advance(Seconds::days(7));
    let hiroko = token_of(&world, "hiroko");
    assert!(ids(&world.get(MINE, &hiroko).json()).is_empty());
    assert_eq!(accept(&world, &rocky, &hiroko).status, 400);
    assert_eq!(statuses(&world, &rocky), ["created", "mailed", "expired"]);

    let resend = format!("{rocky}/resend-email");
    assert_eq!(world.call(Method::PUT, &resend, &admin(&world), None).status, 204);

    assert_eq!(world.mails().len(), 2);
    assert_eq!(statuses(&world, &rocky), ["created", "mailed", "resent", "mailed"]);
    assert_eq!(accept(&world, &rocky, &hiroko).status, 204);
}

#[test]
fn sending_again_makes_the_older_link_worthless() {
    let world = travel0();
    let rocky = invite(&world, "rocky-mountain", "marta@freelance.example");
    let resend = format!("{rocky}/resend-email");
    assert_eq!(world.call(Method::PUT, &resend, &admin(&world), None).status, 204);
    let links: Vec<String> = world
        .mails()
        .iter()
        .map(|mail| {
            let rest = &mail.text[mail.text.find("http://").unwrap()..];
            rest.split_whitespace().next().unwrap().to_owned()
        })
        .collect();
    assert_eq!(Browser::new(&world).open(&links[0]).status, 404);
    assert_eq!(Browser::new(&world).open(&links[1]).status, 200);
}

#[test]
fn sending_again_takes_the_right_to_invite() {
    let world = travel0();
    let rocky = invite(&world, "rocky-mountain", "marta@freelance.example");
    let resend = format!("{rocky}/resend-email");
    for username in ["emilio", "hiroko"] {
        let answer = world.call(Method::PUT, &resend, &token_of(&world, username), None);
        assert_eq!(answer.status, 401, "{username}");
    }
    assert_eq!(world.call(Method::PUT, &resend, &token_of(&world, "jonno"), None).status, 204);
    let base = rocky.rsplit_once('/').unwrap().0;
    let unknown = format!("{base}/00000000-0000-4000-8000-000000000000/resend-email");
    assert_eq!(world.call(Method::PUT, &unknown, &admin(&world), None).status, 404);
    world.delete(&rocky, &admin(&world));
    assert_eq!(world.call(Method::PUT, &resend, &admin(&world), None).status, 404);
}

#[test]
fn the_history_says_who_did_what() {
    let world = travel0();
    let path = format!("/realms/travel0/orgs/{}/invitations", org_id(&world, "rocky-mountain"));
    let jonno = token_of(&world, "jonno");
    let made = world.post(&path, &jonno, &json!({ "email": "marta@freelance.example" }));
    world.advance(Seconds(60));
    let jonno = token_of(&world, "jonno");
    let read = world.get(made.location(), &jonno).json();
    let id = user(&world, "jonno").unwrap().id;
    assert_eq!(read["history"][0]["status"], json!("created"));
    assert_eq!(read["history"][0]["userId"], json!(id));
    assert_eq!(read["history"][0]["at"], json!("2027-01-15T08:00:00Z"));

    world.delete(made.location(), &jonno);

    assert_eq!(statuses(&world, made.location()), ["created", "revoked"]);
    let history = format!("{}/history", made.location());
    for username in ["emilio", "hiroko"] {
        assert_eq!(world.get(&history, &token_of(&world, username)).status, 401, "{username}");
    }
    assert_eq!(world.get(&format!("{path}/unknown/history"), &jonno).status, 404);
}

#[test]
fn the_count_agrees_with_the_list() {
    let world = travel0();
    let rocky = invite(&world, "rocky-mountain", "marta@freelance.example");
    invite(&world, "rocky-mountain", "karl@elsewhere.example");
    let base = rocky.rsplit_once('/').unwrap().0.to_owned();
    let admin = admin(&world);
    let agree = |search: &str, count: usize| {
        let list = world.get(&format!("{base}?search={search}"), &admin).json();
        let counted = world.get(&format!("{base}/count?search={search}"), &admin).json();
        assert_eq!((ids(&list).len(), counted), (count, json!(count)), "{search}");
    };
    agree("", 2);
    agree("marta", 1);
    agree("MARTA", 0);
    agree("%25", 0);
    world.delete(&rocky, &admin);
    agree("", 1);
    agree("marta", 0);
}

#[test]
fn anybodys_invitations_are_for_administrators_and_oneself() {
    let world = travel0();
    invite(&world, "rocky-mountain", HIROKO);
    let path = format!("/realms/travel0/users/{}/invitations", user(&world, "hiroko").unwrap().id);
    assert_eq!(ids(&world.get(&path, &admin(&world)).json()).len(), 1);
    assert_eq!(ids(&world.get(&path, &token_of(&world, "hiroko")).json()).len(), 1);
    for token in ["", "garbage", &token_of(&world, "emilio"), &token_of(&world, "jonno")] {
        assert_eq!(world.get(&path, token).status, 401);
    }
    let unknown = "/realms/travel0/users/nobody/invitations";
    assert_eq!(world.get(unknown, &admin(&world)).status, 404);
    assert_eq!(world.get(unknown, &token_of(&world, "hiroko")).status, 401);
}

#[test]
fn an_organization_that_is_deleted_takes_its_invitations_along() {
    let world = travel0();
    invite(&world, "rocky-mountain", HIROKO);
    let path = format!("/realms/travel0/orgs/{}", org_id(&world, "rocky-mountain"));
    world.delete(&path, &admin(&world));
    assert!(ids(&world.get(MINE, &token_of(&world, "hiroko")).json()).is_empty());
}

#[test]
fn an_answer_killed_on_its_way_to_the_directory_is_told_by_the_alarm() {
    for point in ["org.outbox.before_drain", "org.outbox.after_directory"] {
        for method in [Method::POST, Method::DELETE] {
            let world = travel0();
            let rocky = invite(&world, "rocky-mountain", HIROKO);
            let hiroko = token_of(&world, "hiroko");
            world.crash_at(point, json_request(method.clone(), &mine(&rocky), &hiroko, None));

            // Nothing is offered twice, whatever the directory still believes.
            assert!(ids(&world.get(MINE, &hiroko).json()).is_empty(), "{point} {method}");
            world.ring_alarms();

            let joined = method == Method::POST;
            assert_eq!(is_member(&world, "rocky-mountain", "hiroko"), joined, "{point}");
            let rows = world.directory().sql().run(Statement::new(
                "SELECT invitation_id FROM invited WHERE invitation_id IS NOT NULL",
            ));
            assert!(rows.unwrap().is_empty(), "{point} {method}");
        }
    }
}

/// An organization of an older version tells the directory of what it has open.
#[test]
fn invitations_of_an_older_version_are_found() {
    let world = travel0();
    invite(&world, "rocky-mountain", HIROKO);
    let org = ObjectName::Org(realm(&world).id, org_id(&world, "rocky-mountain"));
    let schema = guildhall::app::schema::ORG;
    let old = schema.iter().position(|one| one.name == "0006_invitation_history").unwrap();
    world.with_object(&org, |sql| sql.go_back(&schema[..old]));
    world.directory().sql().execute_batch("DELETE FROM invited");
    world.restart();
    let hiroko = token_of(&world, "hiroko");
    assert!(ids(&world.get(MINE, &hiroko).json()).is_empty());

    let path = format!("/realms/travel0/orgs/{}", org_id(&world, "rocky-mountain"));
    world.get(&path, &admin(&world));

    assert_eq!(ids(&world.get(MINE, &hiroko).json()).len(), 1);
    let count = world.get(&format!("{path}/invitations/count"), &admin(&world));
    assert_eq!(count.json(), json!(1));
}
