//! `/realms/{realm}/orgs/{org}/roles`, and `/users/{user}/orgs/{org}/roles`
//! (reference phasetwo.md §1.6 and §1.10).
use crate::org_setup::{Granite, NOBODY, each};
use crate::organizations::token_of;
use http::Method;
use serde_json::{Value, json};

#[test]
fn a_role_is_made_read_described_and_deleted() {
    let granite = Granite::new();

    let created = granite.post("/roles", &json!({ "name": "pilot", "description": "Leads tours" }));

    assert_eq!((created.status.as_u16(), created.text.as_str()), (201, ""));
    assert!(created.location().ends_with(&granite.path("/roles/pilot")), "{}", created.location());
    let role = granite.get("/roles/pilot").json();
    assert_eq!((&role["name"], &role["description"]), (&json!("pilot"), &json!("Leads tours")));
    assert!(role["id"].is_string());

    let put = json!({ "name": "renamed", "description": "Leads rafting tours" });
    assert_eq!(granite.put("/roles/pilot", &put).status, 204);
    assert_eq!(granite.get("/roles/pilot").json()["description"], "Leads rafting tours");
    assert_eq!(granite.get("/roles/renamed").status, 404, "only the description changes");
    assert_eq!(granite.delete("/roles/pilot").status, 204);
    assert_eq!(granite.delete("/roles/pilot").status, 404);
    assert_eq!(granite.get("/roles/pilot").status, 404);
    assert_eq!(granite.put("/roles/pilot", &put).status, 404);
    assert_eq!(
        granite.told(3),
        [
            "ORGANIZATION_ROLE CREATE orgs/GRANITE/roles/pilot",
            "ORGANIZATION_ROLE UPDATE orgs/GRANITE/roles/pilot/pilot",
            "ORGANIZATION_ROLE DELETE orgs/GRANITE/roles/pilot/pilot",
        ]
    );
}

#[test]
fn a_name_may_need_escaping() {
    let granite = Granite::new();
    let created = granite.post("/roles", &json!({ "name": "tour guide/é+%" }));
    assert_eq!(created.status, 201);
    let read = granite.world.get(created.location(), &granite.admin);
    assert_eq!(read.json()["name"], "tour guide/é+%", "{}", created.location());
    assert_eq!(read.json().get("description"), None, "absent members are left out");
}

#[test]
fn a_role_that_cannot_be_is_refused() {
    let granite = Granite::new();
    let before = each(&granite.get("/roles"), "name");

    let taken = granite.post("/roles", &json!({ "name": "view-members" }));

    assert_eq!((taken.status.as_u16(), taken.error().as_str()), (409, "HTTP 409 Conflict"));
    for bad in [
        json!({}),
        json!({ "name": " " }),
        json!({ "name": "a\nb" }),
        json!({ "name": "x".repeat(256) }),
        json!({ "name": "x", "description": "x".repeat(256) }),
        json!({ "name": "x", "composite": true }),
        json!({ "name": 1 }),
        json!("x"),
    ] {
        assert_eq!(granite.post("/roles", &bad).status, 400, "{bad}");
    }
    assert_eq!(each(&granite.get("/roles"), "name"), before);
}

#[test]
fn the_eleven_built_in_roles_stay() {
    let granite = Granite::new();
    for (_, name, _) in guildhall::org::role::BuiltIn::ALL {
        let deleted = granite.delete(&format!("/roles/{name}"));
        let words = format!("Default organization role {name} cannot be deleted.");
        assert_eq!((deleted.status.as_u16(), deleted.error()), (400, words));
        assert_eq!(granite.get(&format!("/roles/{name}")).status, 200);
    }
}

#[test]
fn many_are_made_and_deleted_each_for_itself() {
    let granite = Granite::new();
    let asked = json!([{ "name": "a" }, { "name": "view-members" }, { "name": "a" },
                       { "name": "" }, { "name": "b", "description": "B" }]);

    let made = granite.put("/roles", &asked);

    assert_eq!(made.status, 207);
    let items = made.json();
    let statuses: Vec<_> = items.as_array().unwrap().iter().map(|item| &item["status"]).collect();
    assert_eq!(statuses, [201, 400, 400, 400, 201]);
    assert_eq!(items[1]["error"], "HTTP 409 Conflict");
    assert_eq!(items[0].get("error"), None);
    assert_eq!(
        (&items[4]["item"]["name"], &items[4]["item"]["description"]),
        (&json!("b"), &json!("B"))
    );

    let asked = json!([{ "name": "a" }, { "name": "view-members" }, { "name": "no" }]);
    let deleted = granite.call(Method::PATCH, "/roles", &asked);

    assert_eq!(deleted.status, 207);
    let items = deleted.json();
    assert_eq!(items[0], json!({ "status": 204, "item": { "name": "a" } }));
    assert_eq!(items[1]["status"], 400);
    assert_eq!(items[1]["error"], "Default organization role view-members cannot be deleted.");
    assert_eq!(
        (&items[2]["status"], &items[2]["error"]),
        (&json!(400), &json!("HTTP 404 Not Found"))
    );
    assert_eq!(granite.get("/roles/a").status, 404);
    assert_eq!(granite.get("/roles/b").status, 200);
    let many = vec![json!({ "name": "x" }); 1001];
    for body in [json!({}), json!([1]), json!([{ "nmae": "x" }]), Value::from(many)] {
        assert_eq!(granite.put("/roles", &body).status, 400);
        assert_eq!(granite.call(Method::PATCH, "/roles", &body).status, 400);
    }
    assert_eq!(granite.put("/roles", &json!([])).json(), json!([]));
}

#[test]
fn a_role_is_granted_checked_and_revoked() {
    let granite = Granite::new();
    let emilio = granite.id_of("emilio");
    granite.post("/roles", &json!({ "name": "pilot" }));
    let path = format!("/roles/pilot/users/{emilio}");
    assert_eq!(granite.get(&path).status, 404);

    for _ in 0..2 {
        let granted = granite.put(&path, &Value::Null);
        assert_eq!(granted.status, 201);
        assert!(granted.location().ends_with(&granite.path(&path)), "{}", granted.location());
    }

    assert_eq!(granite.get(&path).status, 204);
    let holders = granite.get("/roles/pilot/users");
    assert_eq!(each(&holders, "username"), ["emilio"]);
    assert_eq!(holders.json()[0]["email"], "emilio@freelance.example");
    let told = format!("ORGANIZATION_ROLE_MAPPING CREATE orgs/GRANITE{path}");
    assert_eq!(granite.events(1), [(told, json!(emilio))], "what changed nothing is not told");
    assert_eq!(granite.delete(&path).status, 204);
    let again = granite.delete(&path);
    assert_eq!(again.status, 404);
    assert_eq!(again.json()["error"], format!("User {emilio} doesn't have role pilot"));
    assert_eq!(granite.get(&path).status, 404);
    assert_eq!(granite.told(1), [format!("ORGANIZATION_ROLE_MAPPING DELETE orgs/GRANITE{path}")]);
}

#[test]
fn a_role_of_nobody_or_nothing_is_not_granted() {
    let granite = Granite::new();
    let (emilio, sumana) = (granite.id_of("emilio"), granite.id_of("sumana"));
    for (path, put, delete) in [
        (format!("/roles/no-such/users/{emilio}"), 404, 404),
        (format!("/roles/view-roles/users/{sumana}"), 400, 404),
        (format!("/roles/view-roles/users/{NOBODY}"), 404, 404),
        ("/roles/view-roles/users/no%20id".to_owned(), 404, 404),
    ] {
        assert_eq!(granite.put(&path, &Value::Null).status, put, "{path}");
        assert_eq!(granite.delete(&path).status, delete, "{path}");
        assert_eq!(granite.get(&path).status, 404, "{path}");
    }
    assert_eq!(granite.get("/roles/no-such/users").status, 404);
}

#[test]
fn who_holds_a_role_is_listed_whole_or_in_pages() {
    let granite = Granite::new();
    granite.post("/roles", &json!({ "name": "pilot" }));
    for number in 0..5 {
        let id = granite.make_member(&format!("guide-{number}"), ["Guide", "Five"]);
        granite.put(&format!("/roles/pilot/users/{id}"), &Value::Null);
    }
    let list = |query: &str| each(&granite.get(&format!("/roles/pilot/users{query}")), "username");
    let all = list("");

    let pages: Vec<String> =
        (0..3).flat_map(|n| list(&format!("?first={}&max=2", n * 2))).collect();

    assert_eq!((all.len(), &pages), (5, &all));
    assert_eq!((list("?max=0").len(), list("?first=5").len(), list("?max=-1").len()), (0, 0, 5));
    assert_eq!(granite.get("/roles/pilot/users?first=x").status, 400);
}

#[test]
fn a_deleted_role_is_held_by_nobody_when_it_comes_back() {
    let granite = Granite::new();
    let path = format!("/roles/pilot/users/{}", granite.id_of("emilio"));
    granite.post("/roles", &json!({ "name": "pilot" }));
    granite.put(&path, &Value::Null);

    granite.delete("/roles/pilot");
    granite.post("/roles", &json!({ "name": "pilot" }));

    assert_eq!(granite.get(&path).status, 404);
}

fn of_user(granite: &Granite, user: &str) -> String {
    format!("/realms/travel0/users/{user}/orgs/{}/roles", granite.org)
}

#[test]
fn the_roles_of_a_user_are_granted_and_revoked_from_their_side() {
    let granite = Granite::new();
    let emilio = granite.id_of("emilio");
    let path = of_user(&granite, emilio.as_str());
    granite.script("DELETE FROM member_role");
    let call = |method, body: &Value| granite.world.call(method, &path, &granite.admin, Some(body));

    let granted = call(
        Method::PUT,
        &json!([{ "name": "view-roles" }, { "name": "no-such" }, { "name": "view-members" }]),
    );

    assert_eq!(granted.status, 207);
    let items = granted.json();
    let statuses: Vec<_> = items.as_array().unwrap().iter().map(|item| &item["status"]).collect();
    assert_eq!(statuses, [201, 400, 201]);
    assert_eq!(items[1]["error"], "HTTP 404 Not Found");
    let held = granite.world.get(&path, &granite.admin);
    assert_eq!(each(&held, "name"), ["view-members", "view-roles"]);
    let told = format!("ORGANIZATION_ROLE_MAPPING CREATE users/{emilio}/orgs/GRANITE/roles");
    let role = json!({ "user": emilio, "role": "view-members" });
    assert_eq!(granite.events(1), [(told, role)]);

    let revoked =
        call(Method::PATCH, &json!([{ "name": "view-members" }, { "name": "view-members" }]));
    let items = revoked.json();
    assert_eq!((&items[0]["status"], &items[1]["status"]), (&json!(204), &json!(204)));
    assert_eq!(each(&granite.world.get(&path, &granite.admin), "name"), ["view-roles"]);
    for bad in [json!({}), json!([{ "x": 1 }]), json!(["view-roles"])] {
        assert_eq!(call(Method::PUT, &bad).status, 400, "{bad}");
    }
}

#[test]
fn the_roles_of_who_is_no_member_are_refused() {
    let granite = Granite::new();
    let sumana = granite.id_of("sumana");
    let body = json!([{ "name": "view-roles" }]);
    for (who, get, put) in [(sumana.as_str(), 404, 400), (NOBODY, 404, 404), ("no%20id", 404, 404)]
    {
        let path = of_user(&granite, who);
        assert_eq!(granite.world.get(&path, &granite.admin).status, get, "{who}");
        for method in [Method::PUT, Method::PATCH] {
            let answer = granite.world.call(method, &path, &granite.admin, Some(&body));
            assert_eq!(answer.status, put, "{who}");
        }
    }
    let nowhere = format!("/realms/travel0/users/{sumana}/orgs/nowhere/roles");
    assert_eq!(granite.world.get(&nowhere, &granite.admin).status, 404);
    let wrong = granite.world.call(Method::POST, &of_user(&granite, NOBODY), &granite.admin, None);
    assert_eq!((wrong.status.as_u16(), wrong.header("allow")), (405, "GET, PUT, PATCH"));
}

#[test]
fn a_revoked_role_counts_from_the_next_request_on() {
    let granite = Granite::new();
    let emilio = granite.id_of("emilio");
    granite.script("DELETE FROM member_role");
    let path = format!("/roles/view-roles/users/{emilio}");
    granite.put(&path, &Value::Null);
    let token = token_of(&granite.world, "emilio");
    let list = || granite.world.get(&granite.path("/roles"), &token).status.as_u16();
    assert_eq!(list(), 200);

    granite.delete(&path);

    assert_eq!(list(), 401);
}
