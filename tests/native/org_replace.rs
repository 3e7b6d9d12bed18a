//! `PUT /realms/{realm}/orgs/{org}` (reference phasetwo.md §1.3), and what a
//! crash between two of its steps leaves.
use crate::harness::browser::json_request;
use crate::org_setup::{Granite, each};
use guildhall::platform::sql::{Sql, Statement};
use http::Method;
use serde_json::{Value, json};

fn change() -> Value {
    json!({ "name": "Granite Base", "displayName": "Base of Granite", "url": "https://base.example",
            "domains": ["base.example", "granite-outpost.example"],
            "attributes": { "plan": ["pro"] } })
}

fn listed(granite: &Granite, name: &str) -> Value {
    let list = granite.world.get("/realms/travel0/orgs", &granite.admin).json();
    let found = list.as_array().unwrap().iter().find(|one| one["name"] == name).cloned();
    found.unwrap_or_default()
}

fn staged(granite: &Granite) -> usize {
    let all = Statement::new("SELECT version FROM organization_change");
    granite.world.with_object(&granite.object(), |sql| sql.run(all)).unwrap().len()
}

fn crash(granite: &Granite, point: &'static str, body: &Value) {
    let request = json_request(Method::PUT, &granite.path(""), &granite.admin, Some(body));
    granite.world.crash_at(point, request);
}

#[test]
fn everything_but_the_alias_is_replaced() {
    let granite = Granite::new();

    let put = granite.put("", &change());

    assert_eq!((put.status.as_u16(), put.text.as_str()), (204, ""));
    let read = granite.get("").json();
    assert_eq!(read["name"], "Granite Base");
    assert_eq!(read["displayName"], "Base of Granite");
    assert_eq!(read["url"], "https://base.example");
    assert_eq!(read["domains"], json!(["base.example", "granite-outpost.example"]));
    assert_eq!(read["attributes"], json!({ "plan": ["pro"] }));
    assert_eq!(listed(&granite, "Granite Base"), read, "object and registry agree");
    assert_eq!(crate::scim_setup::org_id(&granite.world, "granite-outpost"), granite.org);
    let mut events = granite.events(1);
    let (told, representation) = events.remove(0);
    assert_eq!(told, "ORGANIZATION UPDATE orgs/GRANITE/GRANITE");
    assert_eq!(representation, read);
    assert_eq!(staged(&granite), 0);
}

#[test]
fn what_is_absent_is_emptied_but_for_the_domains() {
    let granite = Granite::new();
    granite.put("", &change());

    granite.put("", &json!({ "name": "Granite Base" }));

    let read = granite.get("").json();
    assert_eq!((read.get("displayName"), read.get("url")), (None, None));
    assert_eq!(read["attributes"], json!({}));
    assert_eq!(read["domains"], json!(["base.example", "granite-outpost.example"]));
    granite.put("", &json!({ "name": "Granite Base", "domains": [null, "", " Other.Example "] }));
    assert_eq!(granite.get("").json()["domains"], json!(["other.example"]));
    granite.put("", &json!({ "name": "Granite Base", "domains": [] }));
    assert_eq!(granite.get("").json()["domains"], json!([]));
    assert_eq!(listed(&granite, "Granite Base")["domains"], json!([]));
}

#[test]
fn a_name_that_is_taken_changes_nothing() {
    let granite = Granite::new();
    let before = granite.get("").json();

    let put = granite.put("", &json!({ "name": "adventurez", "attributes": { "a": ["b"] } }));

    assert_eq!(put.status, 409);
    assert_eq!(granite.get("").json(), before);
    assert_eq!(staged(&granite), 0);
    assert_eq!(granite.put("", &before).status, 204, "one's own name is not taken");
    assert_eq!(granite.get("").json(), before);
}

#[test]
fn a_body_that_is_none_changes_nothing() {
    let granite = Granite::new();
    let before = granite.get("").json();
    let domains: Vec<String> = (0..101).map(|number| format!("d{number}.example")).collect();
    for bad in [
        json!({}),
        json!({ "name": " " }),
        json!({ "name": null }),
        json!({ "name": 7 }),
        json!({ "name": "x", "nmae": "x" }),
        json!({ "name": "x".repeat(256) }),
        json!({ "name": "x", "domains": "x.example" }),
        json!({ "name": "x", "domains": domains }),
        json!({ "name": "x", "attributes": { "a": "b" } }),
        json!([]),
    ] {
        assert_eq!(granite.put("", &bad).status, 400, "{bad}");
    }
    assert_eq!(granite.get("").json(), before);
    let nowhere = "/realms/travel0/orgs/nowhere";
    let answer = granite.world.call(Method::PUT, nowhere, &granite.admin, Some(&change()));
    assert_eq!(answer.status, 404);
}

#[test]
fn a_change_killed_anywhere_is_all_or_nothing() {
    for (point, done) in [
        ("org.replace.after_stage", false),
        ("org.replace.after_directory", true),
        ("org.outbox.before_drain", true),
        ("org.outbox.after_directory", true),
    ] {
        let granite = Granite::new();
        let before = granite.get("").json();
        crash(&granite, point, &change());

        granite.world.ring_alarms();

        let read = granite.get("").json();
        assert_eq!(read["name"] == "Granite Base", done, "{point}");
        assert_eq!(read == before, !done, "{point}");
        assert_eq!(listed(&granite, read["name"].as_str().unwrap()), read, "{point}");
        assert_eq!(staged(&granite), 0, "{point}");
        let told = granite.told(1)[0] == "ORGANIZATION UPDATE orgs/GRANITE/GRANITE";
        assert_eq!(told, done, "{point}");
        assert_eq!(granite.put("", &change()).status, 204, "{point}: again");
        assert_eq!(granite.get("").json()["name"], "Granite Base", "{point}");
    }
}

/// Whoever died on the way, the last change that was answered counts.
#[test]
fn a_change_after_one_that_died_is_the_one_that_stays() {
    for point in ["org.replace.after_stage", "org.replace.after_directory"] {
        let mut granite = Granite::new();
        crash(&granite, point, &change());

        assert_eq!(granite.put("", &json!({ "name": "Granite Later" })).status, 204, "{point}");
        granite.world.ring_alarms();
        granite.world.ring_alarms();
        granite.sign_in();

        let read = granite.get("").json();
        assert_eq!(read["name"], "Granite Later", "{point}");
        assert_eq!(listed(&granite, "Granite Later"), read, "{point}");
        assert_eq!(staged(&granite), 0, "{point}");
        assert_eq!(listed(&granite, "Granite Base"), Value::Null, "{point}");
    }
}

/// The alarm that gives a change up uses up its number in the registry, so that
/// the change cannot come through after all.
#[test]
fn a_change_that_was_given_up_cannot_come_late() {
    let granite = Granite::new();
    crash(&granite, "org.replace.after_stage", &change());
    granite.world.ring_alarms();
    let realm = crate::scim_setup::realm(&granite.world).id;
    let profile = guildhall::realm::registry::Profile {
        name: "Granite Base".to_owned(),
        display_name: None,
        url: None,
        attributes: guildhall::realm::registry::Attributes::new(),
        enabled: true,
        description: None,
        redirect_url: None,
    };

    let late = granite.world.run(guildhall::realm::store::organization_change::replace(
        granite.world.directory(),
        (&realm, &granite.org),
        &profile,
        2,
    ));

    assert!(!late.unwrap());
    let all = granite.world.get("/realms/travel0/orgs", &granite.admin);
    assert!(each(&all, "name").contains(&"granite-outpost".to_owned()));
}

#[test]
fn an_old_name_is_free_at_once() {
    let granite = Granite::new();
    granite.put("", &change());
    let body = json!({ "name": "Blue Canyon" });
    assert_eq!(granite.world.post("/realms/travel0/orgs", &granite.admin, &body).status, 201);
    let taken = json!({ "name": "Granite Base" });
    assert_eq!(granite.world.post("/realms/travel0/orgs", &granite.admin, &taken).status, 409);
}
