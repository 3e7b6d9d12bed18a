//! `/realms/{realm}/orgs`: creating, reading, members, deleting; who may; and
//! what a crash between two steps leaves.
use crate::harness::browser::{Answer, Browser, json_request};
use crate::harness::relying_party::{RelyingParty, sign_in};
use crate::harness::world::World;
use crate::scim_setup::{admin, org_id, realm, travel0, user};
use guildhall::kernel::route::ObjectName;
use guildhall::platform::sql::{Sql, Statement};
use http::Method;
use serde_json::{Value, json};

const ORGS: &str = "/realms/travel0/orgs";
const HTML: &str = "text/html; charset=utf-8";

pub fn token_of(world: &World, username: &str) -> String {
    let tokens = RelyingParty::web(world).tokens_for(username, "openid");
    tokens["access_token"].as_str().unwrap().to_owned()
}

pub fn names(world: &World, token: &str) -> Vec<String> {
    let list = world.get(ORGS, token).json();
    let names = list.as_array().unwrap().iter();
    names.map(|one| one["name"].as_str().unwrap().to_owned()).collect()
}

fn creation() -> Value {
    json!({ "name": "Blue River", "displayName": "Blue River Kayaks", "domains": ["Blue.Example", null, ""],
            "attributes": { "plan": ["pro"] } })
}

#[test]
fn an_administrator_creates_reads_and_lists_an_organization() {
    let world = travel0();
    let admin = admin(&world);

    let created = world.post(ORGS, &admin, &creation());
    let read = world.get(created.location(), &admin);

    assert_eq!((created.status.as_u16(), created.text.as_str()), (201, ""));
    let body = read.json();
    assert_eq!(body["name"], "Blue River");
    assert_eq!(body["displayName"], "Blue River Kayaks");
    assert_eq!(body["realm"], "travel0");
    assert_eq!(body["domains"], json!(["blue.example"]));
    assert_eq!(body["attributes"], json!({ "plan": ["pro"] }));
    assert!(names(&world, &admin).contains(&"Blue River".to_owned()));
}

#[test]
fn the_old_path_prefix_and_a_slash_at_the_end_lead_to_the_same() {
    let world = travel0();
    for path in ["/auth/realms/travel0/orgs", "/realms/travel0/orgs/", "/auth/realms/travel0/orgs/"]
    {
        let answer = world.get(&format!("{path}?search=ADVENTURE"), &admin(&world));
        assert_eq!(answer.json().as_array().unwrap().len(), 2, "{path} {answer:?}");
    }
}

#[test]
fn a_name_or_an_id_is_taken_once() {
    let world = travel0();
    let admin = admin(&world);
    let with_id = json!({ "id": "chosen", "name": "one" });

    assert_eq!(world.post(ORGS, &admin, &with_id).status, 201);
    let objects = world.count_objects();

    for (why, body) in [
        ("the id", json!({ "id": "chosen", "name": "two" })),
        ("the name", json!({ "name": "one" })),
    ] {
        assert_eq!(world.post(ORGS, &admin, &body).status, 409, "{why}");
    }
    assert_eq!(world.get("/realms/travel0/orgs/chosen", &admin).json()["name"], "one");
    assert_eq!(world.count_objects(), objects, "a refused creation left an object");
}

#[test]
fn a_body_that_is_not_an_organization_changes_nothing() {
    let world = travel0();
    let admin = admin(&world);
    let before = names(&world, &admin);

    for body in [json!({}), json!({ "name": " " }), json!({ "name": "x", "nmae": "y" }), json!([])]
    {
        assert_eq!(world.post(ORGS, &admin, &body).status, 400, "{body}");
    }
    assert_eq!(names(&world, &admin), before);
}

#[test]
fn people_see_the_organizations_they_belong_to_and_no_others() {
    let world = travel0();
    let emilio = token_of(&world, "emilio");
    let adventurez = format!("{ORGS}/{}", org_id(&world, "adventurez"));

    assert_eq!(names(&world, &emilio), ["granite-outpost", "rocky-mountain"]);
    let foreign = world.get(&adventurez, &emilio);
    let unknown = world.get("/realms/travel0/orgs/no-such-organization", &emilio);
    assert_eq!((foreign.status, &foreign.text), (unknown.status, &unknown.text));
    assert_eq!(foreign.status, 401);
    assert_eq!(world.get("/realms/travel0/orgs/no-such", &admin(&world)).status, 404);
}

/// Every route of an organization's object: method and path.
pub fn object_routes() -> Vec<(Method, &'static str)> {
    guildhall::app::org_object::table()
        .into_iter()
        .map(|route| (route.method, route.path))
        .collect()
}

/// A path of a route table, filled in; what is not given becomes `x`.
pub fn fill(path: &str, values: &[(&str, &str)]) -> String {
    let segment = |segment: &str| match segment.strip_prefix('{') {
        None => segment.to_owned(),
        Some(rest) => {
            let name = rest.trim_start_matches('*').trim_end_matches('}');
            let found = values.iter().find(|(key, _)| *key == name);
            found.map_or("x", |(_, value)| value).to_owned()
        }
    };
    path.split('/').map(segment).collect::<Vec<_>>().join("/")
}

#[test]
fn a_token_of_another_realm_is_refused() {
    let world = travel0();
    let token = token_of(&world, "hiroko");
    assert_eq!(world.get("/realms/master/orgs", &token).status, 401);
}

#[test]
fn a_removed_member_has_lost_everything_on_the_next_request() {
    let world = travel0();
    let rocky = org_id(&world, "rocky-mountain");
    let app = RelyingParty::web(&world);
    let tokens = app.tokens_for("sumana", "openid organization:rocky-mountain");
    let token = tokens["access_token"].as_str().unwrap();
    let sumana = user(&world, "sumana").unwrap().id;
    let path = format!("{ORGS}/{rocky}/members/{sumana}");
    assert_eq!(world.get(&format!("{ORGS}/{rocky}"), token).status, 200);

    let removed = world.delete(&path, &token_of(&world, "jonno"));

    assert_eq!(removed.status, 204);
    assert_eq!(world.get(&format!("{ORGS}/{rocky}"), token).status, 401);
    assert_eq!(names(&world, token), ["adventurez"]);
    assert_eq!(app.refresh(tokens["refresh_token"].as_str().unwrap()).error(), "invalid_grant");
    assert_eq!(world.delete(&path, &token_of(&world, "jonno")).status, 404);
}

#[test]
fn a_deleted_organization_is_gone_everywhere_and_its_name_is_free() {
    let world = travel0();
    let admin = admin(&world);
    let granite = org_id(&world, "granite-outpost");
    let path = format!("{ORGS}/{granite}");
    let app = RelyingParty::web(&world);
    let tokens = app.tokens_for("hiroko", "openid organization:granite-outpost");

    assert_eq!(world.delete(&path, &admin).status, 204);

    assert_eq!(world.get(&path, &admin).status, 404);
    assert_eq!(world.delete(&path, &admin).status, 404);
    assert!(!names(&world, &admin).contains(&"granite-outpost".to_owned()));
    assert!(names(&world, tokens["access_token"].as_str().unwrap()).is_empty());
    assert_eq!(app.refresh(tokens["refresh_token"].as_str().unwrap()).error(), "invalid_grant");
    assert!(world.is_blank(&ObjectName::Org(realm(&world).id, granite)));
    assert_eq!(world.post(ORGS, &admin, &json!({ "name": "granite-outpost" })).status, 201);
}

#[test]
fn a_creation_killed_anywhere_is_all_or_nothing() {
    for point in
        ["org.create.after_object", "org.create.after_directory", "org.create.after_settle"]
    {
        let world = travel0();
        let admin = admin(&world);
        let objects = world.count_objects();
        world.crash_at(point, json_request(Method::POST, ORGS, &admin, Some(&creation())));

        world.ring_alarms();

        let listed = names(&world, &admin).contains(&"Blue River".to_owned());
        assert_eq!(listed, point != "org.create.after_object", "{point}");
        assert_eq!(world.count_objects(), objects + usize::from(listed), "{point}");
        let again = world.post(ORGS, &admin, &creation());
        assert_eq!(again.status.as_u16(), if listed { 409 } else { 201 }, "{point}");
        let found = world.get(&format!("{ORGS}?search=Blue"), &admin).json()[0]["id"].clone();
        let path = format!("{ORGS}/{}", found.as_str().unwrap());
        assert_eq!(world.get(&path, &admin).status, 200, "{point}");
    }
}

#[test]
fn a_creation_that_was_registered_can_be_used_before_the_alarm() {
    let world = travel0();
    let admin = admin(&world);
    let body = json!({ "id": "early", "name": "early" });
    world.crash_at(
        "org.create.after_directory",
        json_request(Method::POST, ORGS, &admin, Some(&body)),
    );

    assert_eq!(world.get("/realms/travel0/orgs/early", &admin).status, 200);
}

#[test]
fn a_deletion_killed_anywhere_is_finished_by_the_alarm() {
    for point in
        ["org.delete.after_object", "org.outbox.before_drain", "org.delete.after_directory"]
    {
        let world = travel0();
        let admin = admin(&world);
        let granite = org_id(&world, "granite-outpost");
        let path = format!("{ORGS}/{granite}");
        world.crash_at(point, json_request(Method::DELETE, &path, &admin, None));

        assert_eq!(world.get(&path, &admin).status, 404, "{point}: effective at once");
        world.ring_alarms();

        assert!(!names(&world, &admin).contains(&"granite-outpost".to_owned()), "{point}");
        assert!(world.is_blank(&ObjectName::Org(realm(&world).id, granite)), "{point}");
    }
}

#[test]
fn a_removal_that_was_not_told_is_told_by_the_alarm() {
    for point in ["org.outbox.before_drain", "org.outbox.after_directory"] {
        let world = travel0();
        let rocky = org_id(&world, "rocky-mountain");
        let jonno = token_of(&world, "jonno");
        let emilio = token_of(&world, "emilio");
        let path = format!("{ORGS}/{rocky}/members/{}", user(&world, "emilio").unwrap().id);
        world.crash_at(point, json_request(Method::DELETE, &path, &jonno, None));

        world.ring_alarms();

        assert_eq!(names(&world, &emilio), ["granite-outpost"], "{point}");
    }
}

#[test]
fn an_organization_request_makes_one_object_call_and_one_query() {
    let world = travel0();
    let jonno = token_of(&world, "jonno");
    let path = format!("{ORGS}/{}", org_id(&world, "rocky-mountain"));
    world.get(&path, &jonno);

    let (answer, trips) = world.trips_of(|| world.get(&path, &jonno));

    assert_eq!(answer.status, 200);
    assert_eq!((trips.objects, trips.directory), (1, 1));
}

#[test]
fn asking_for_an_organization_that_is_not_there_stores_nothing() {
    let world = travel0();
    let admin = admin(&world);
    let before = world.count_objects();
    for number in 0..5 {
        world.get(&format!("{ORGS}/guess-{number}"), &admin);
        world.get(&format!("/realms/travel0/scim/v2/organizations/guess-{number}/Users"), "x");
    }
    assert_eq!(world.count_objects(), before);
}

#[test]
fn what_no_handler_should_see_is_refused_in_the_words_of_its_path() {
    let world = travel0();
    let admin = admin(&world);
    let huge = json!({ "name": "x".repeat(1024 * 1024) });

    assert_eq!(world.post(ORGS, &admin, &huge).status, 413);
    assert_eq!(world.get("/realms/nowhere/orgs", &admin).status, 404);
    let wrong_method = world.call(Method::PATCH, ORGS, &admin, None);
    assert_eq!((wrong_method.status.as_u16(), wrong_method.header("allow")), (405, "GET, POST"));
    let path = "/realms/travel0/protocol/openid-connect/token";
    let big = world.post_form(path, &[("x", &"y".repeat(1024 * 1024))]);
    assert_eq!((big.status.as_u16(), big.error().as_str()), (413, "invalid_request"));
}

#[test]
fn a_realm_says_where_it_begins() {
    let world = World::new();
    let body = world.get("/realms/master", "").json();
    assert_eq!(body["realm"], "master");
    assert_eq!(world.get("/realms/nowhere", "").status, 404);
}

#[test]
fn every_answer_carries_the_security_headers() {
    let world = travel0();
    for path in ["/", "/health", "/realms/travel0/orgs", "/nowhere", "/dev/outbox"] {
        let answer = world.get(path, "");
        assert_eq!(answer.header("x-content-type-options"), "nosniff", "{path}");
        assert_eq!(answer.header("x-frame-options"), "DENY", "{path}");
        assert!(
            answer.header("content-security-policy").starts_with("default-src 'none'"),
            "{path}"
        );
        assert!(!answer.header("x-request-id").is_empty(), "{path}");
    }
}

/// What a browser sends when a person follows a link.
fn visit(world: &World, path: &str) -> Answer {
    let mut request = json_request(Method::GET, path, "", None);
    let accept = "text/html,application/xhtml+xml,*/*;q=0.8".parse().unwrap();
    request.headers_mut().insert("accept", accept);
    Answer::new(world.send(request))
}

#[test]
fn a_person_reads_a_page_where_a_program_reads_json() {
    let world = travel0();
    let auth = "/realms/nowhere/protocol/openid-connect/auth";
    let token = "/realms/nowhere/protocol/openid-connect/certs";
    assert_eq!(world.get(auth, "").error(), "invalid_request");
    assert_eq!(visit(&world, token).error(), "invalid_request");

    for path in [auth, "/realms/nowhere/login-actions/invitation", "/nowhere"] {
        let page = visit(&world, path);
        assert_eq!((page.status.as_u16(), page.header("content-type")), (404, HTML), "{path}");
        assert!(page.text.contains(page.header("x-request-id")), "{}", page.text);
    }
}

#[test]
fn a_failure_of_ours_is_a_page_with_something_to_quote() {
    let world = travel0();
    let browser = Browser::new(&world);
    let rename = "ALTER TABLE user RENAME TO gone";
    let login = RelyingParty::web(&world).send(&browser, "openid");
    world.directory().sql().run(Statement::new(rename)).unwrap();

    let page = sign_in(&browser, &login, "jonno", "whatever");

    assert_eq!((page.status.as_u16(), page.header("content-type")), (500, HTML));
    assert!(page.text.contains("Something went wrong") && page.text.contains("Travel0"));
    assert!(page.text.contains(page.header("x-request-id")), "{}", page.text);
}

#[test]
fn a_caller_cannot_bring_a_visitor_of_their_own() {
    let world = travel0();
    let path = format!("{ORGS}/{}", org_id(&world, "granite-outpost"));
    let mut request = json_request(Method::GET, &path, &token_of(&world, "sumana"), None);
    let forged = json!({ "caller": null }).to_string();
    request.headers_mut().insert("x-guildhall-visitor", forged.parse().unwrap());
    assert_eq!(world.send(request).status(), 401);
}
