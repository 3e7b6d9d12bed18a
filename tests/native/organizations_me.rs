//! `GET /realms/{realm}/orgs/me` and `GET /realms/{realm}/users/{user}/orgs`.
use crate::harness::relying_party::RelyingParty;
use crate::harness::world::World;
use crate::scim_setup::{admin, org_id, travel0, user};
use serde_json::{Value, json};

const ME: &str = "/realms/travel0/orgs/me";

fn token_of(world: &World, username: &str) -> String {
    let tokens = RelyingParty::web(world).tokens_for(username, "openid");
    tokens["access_token"].as_str().unwrap().to_owned()
}

fn path_of(world: &World, username: &str) -> String {
    format!("/realms/travel0/users/{}/orgs", user(world, username).unwrap().id)
}

fn names(list: &Value) -> Vec<&str> {
    list.as_array().unwrap().iter().map(|one| one["name"].as_str().unwrap()).collect()
}

#[test]
fn a_person_sees_their_organizations_with_their_roles() {
    let world = travel0();
    let mine = world.get(ME, &token_of(&world, "hiroko"));
    let granite = org_id(&world, "granite-outpost");
    assert_eq!(
        mine.json(),
        json!({ granite.as_str(): {
            "name": "granite-outpost",
            "displayName": "Granite Outpost Rafting and Ziplines",
            "url": "https://granite-outpost.example",
            "attributes": {},
            "roles": ["guide", "scheduler"],
        }})
    );
    let both = world.get(ME, &token_of(&world, "emilio")).json();
    assert_eq!(both.as_object().unwrap().len(), 2);
    let second = world.get(&format!("{ME}?first=1&max=1"), &token_of(&world, "emilio")).json();
    assert_eq!(
        names(&json!(second.as_object().unwrap().values().collect::<Vec<_>>())),
        ["rocky-mountain"]
    );
    for page in ["max=0", "first=2"] {
        assert_eq!(
            world.get(&format!("{ME}?{page}"), &token_of(&world, "emilio")).json(),
            json!({})
        );
    }
}

#[test]
fn who_belongs_nowhere_here_has_no_organization() {
    let world = travel0();
    assert_eq!(world.get(ME, &admin(&world)).json(), json!({}));
    assert_eq!(world.get(ME, "").status, 401);
    assert_eq!(world.get("/realms/master/orgs/me", &token_of(&world, "hiroko")).status, 401);
}

/// The directory still lists it; the organization's object decides.
#[test]
fn a_membership_that_just_ended_is_not_shown() {
    let world = travel0();
    let rocky = org_id(&world, "rocky-mountain");
    let emilio = token_of(&world, "emilio");
    let id = user(&world, "emilio").unwrap().id;
    let path = format!("/realms/travel0/orgs/{rocky}/members/{id}");
    let leave =
        crate::harness::browser::json_request(http::Method::DELETE, &path, &admin(&world), None);
    world.crash_at("org.outbox.before_drain", leave);
    let mine = world.get(ME, &emilio).json();
    assert!(mine.get(rocky.as_str()).is_none(), "{mine}");
}

#[test]
fn somebody_elses_organizations_are_shown_as_far_as_the_caller_may_see_them() {
    let world = travel0();
    let admin = admin(&world);
    let emilio = path_of(&world, "emilio");
    assert_eq!(names(&world.get(&emilio, &admin).json()), ["granite-outpost", "rocky-mountain"]);
    assert_eq!(names(&world.get(&emilio, &token_of(&world, "hiroko")).json()), ["granite-outpost"]);
    assert_eq!(names(&world.get(&emilio, &token_of(&world, "sumana")).json()), ["rocky-mountain"]);
    let own = world.get(&emilio, &token_of(&world, "emilio")).json();
    assert_eq!(names(&own), ["granite-outpost", "rocky-mountain"]);
    assert_eq!(own[0]["realm"], json!("travel0"));
    assert_eq!(world.get(&emilio, "").status, 401);
}

#[test]
fn an_unknown_user_is_told_by_name() {
    let world = travel0();
    for id in ["00000000-0000-4000-8000-000000000000", "no%20id"] {
        let answer = world.get(&format!("/realms/travel0/users/{id}/orgs"), &admin(&world));
        let words = format!("User with id {} not found", id.replace("%20", " "));
        assert_eq!((answer.status.as_u16(), answer.error()), (404, words));
    }
    let page = format!("{}?max=many", path_of(&world, "emilio"));
    assert_eq!(world.get(&page, &admin(&world)).status, 400);
}
