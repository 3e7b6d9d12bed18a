//! Groups in `POST /admin/realms/{realm}/partialImport` and `POST /admin/realms`, who is
//! put into them, and the groups that new people join in a realm's representation.
use crate::admin_groups::Grove;
use crate::admin_setup::{TRAVEL0, holder_of, made, names};
use crate::partial_import::{import, nested, with_policy};
use guildhall::realm::group::{MAX_DEFAULT_GROUPS, MAX_GROUP_DEPTH};
use serde_json::{Value, json};

impl Grove {
    fn imported(&self, body: &Value) -> Value {
        let answer = import(&self.world, &self.admin, body);
        assert_eq!(answer.status, 200, "{answer:?}");
        answer.json()
    }

    fn at(&self, path: &str) -> Option<Value> {
        let answer = self.get(&format!("/group-by-path/{path}"));
        (answer.status == 200).then(|| answer.json())
    }

    fn members(&self, path: &str) -> Vec<String> {
        let id = self.at(path).unwrap()["id"].as_str().unwrap().to_owned();
        let list = self.read(&format!("/groups/{id}/members"));
        let name = |user: &Value| user["username"].as_str().unwrap().to_owned();
        list.as_array().unwrap().iter().map(name).collect()
    }
}

/// A tree of three, which hands out a role that the document brings, and two people.
fn crew() -> Value {
    json!({
        "roles": { "realm": [{ "name": "guide" }] },
        "groups": [{
            "name": "crew", "description": "On the water", "attributes": { "area": ["north"] },
            "subGroups": [{
                "name": "rafting", "path": "/crew/rafting", "realmRoles": ["guide"],
                "clientRoles": { "realm-management": ["view-users"] },
                "subGroups": [{ "name": "a/b" }],
            }],
        }],
        "users": [
            { "username": "ann", "groups": ["/crew/rafting", "crew", "/crew/rafting/a~/b"] },
            { "username": "ben", "groups": [] },
        ],
    })
}

#[test]
fn a_tree_is_imported_with_its_roles_and_the_people_in_it() {
    let grove = Grove::new();
    let answer = grove.imported(&crew());

    assert_eq!((&answer["added"], answer["results"].as_array().unwrap().len()), (&json!(4), 4));
    let one =
        answer["results"].as_array().unwrap().iter().find(|one| one["resourceName"] == "crew");
    let one = one.unwrap();
    assert_eq!((&one["action"], &one["resourceType"]), (&json!("ADDED"), &json!("GROUP")));
    let top = grove.at("crew").unwrap();
    assert_eq!((&top["id"], &top["description"]), (&one["id"], &json!("On the water")));
    assert_eq!(top["attributes"], json!({ "area": ["north"] }));
    let rafting = grove.at("crew/rafting").unwrap();
    assert_eq!(rafting["realmRoles"], json!(["guide"]));
    assert_eq!(rafting["clientRoles"], json!({ "realm-management": ["view-users"] }));
    assert_eq!(grove.members("crew/rafting/a~/b"), ["ann"]);
    assert_eq!(grove.members("crew"), ["ann"]);
    let held = grove.read(&format!("/users/{}/role-mappings/realm/composite", grove.id_of("ann")));
    assert!(names(&held).contains(&"guide"));
    let told = grove.read("/admin-events?resourceTypes=GROUP");
    let told = told.as_array().unwrap();
    assert_eq!(told.len(), 3, "one for each group");
    assert!(told.iter().all(|event| event["operationType"] == "CREATE"));
}

#[test]
fn the_policy_decides_over_a_group_that_is_there() {
    let grove = Grove::new();
    let [crew, kept, _] = grove.plant(["crew", "crew/rafting", "crew/kayaks"]);
    grove.join("hiroko", &crew);
    grove.join("emilio", &kept);
    let role = json!({ "roles": { "realm": [{ "name": "old" }] } });
    grove.imported(&role);
    let old = grove.read("/roles/old");
    let granted = grove.post(&format!("/groups/{crew}/role-mappings/realm"), &json!([old]));
    assert_eq!(granted.status, 204);
    let groups = json!({ "groups": [{
        "name": "crew", "path": "/crew", "attributes": { "area": ["south"] },
        "subGroups": [{ "name": "rafting", "description": "Rafts" }, { "name": "canyons" }],
    }] });

    let before = grove.world.dump();
    let refused = import(&grove.world, &grove.admin, &groups);
    assert_eq!(refused.status, 409);
    assert_eq!(refused.json()["errorMessage"], "Group '/crew' already exists");
    let skipped = grove.imported(&with_policy(groups.clone(), "SKIP"));
    assert_eq!((&skipped["skipped"], &skipped["results"][0]["id"]), (&json!(1), &json!(crew)));
    assert!(grove.world.dump() == before, "what is skipped stays as it is");

    let overwritten = grove.imported(&with_policy(groups, "OVERWRITE"));
    assert_eq!(overwritten["overwritten"], 1);
    let top = grove.at("crew").unwrap();
    assert_eq!((&top["id"], &top["realmRoles"]), (&json!(crew), &json!([])));
    assert_eq!(top["attributes"], json!({ "area": ["south"] }));
    let rafting = grove.at("crew/rafting").unwrap();
    assert_eq!((&rafting["id"], &rafting["description"]), (&json!(kept), &json!("Rafts")));
    assert!(grove.at("crew/kayaks").is_none(), "what the document does not name goes");
    assert!(grove.at("crew/canyons").is_some());
    assert_eq!(
        (grove.members("crew"), grove.members("crew/rafting")),
        (vec!["hiroko".to_owned()], vec!["emilio".to_owned()])
    );
}

/// Where a tree of the document is skipped, the realm's counts.
#[test]
fn people_join_what_is_there_in_the_end() {
    let grove = Grove::new();
    grove.plant(["crew/rafting", "desk"]);
    let joining = |policy: &str, name: &str, path: &str| {
        let body = json!({
            "groups": [{ "name": "crew", "subGroups": [{ "name": "canyons" }] }],
            "users": [{ "username": name, "groups": [path] }],
        });
        import(&grove.world, &grove.admin, &with_policy(body, policy)).status.as_u16()
    };
    assert_eq!(joining("SKIP", "ann", "/crew/canyons"), 400);
    assert_eq!(joining("SKIP", "ann", "/crew/rafting"), 200);
    assert_eq!(joining("SKIP", "ben", "/desk/"), 200);
    assert_eq!(joining("OVERWRITE", "cid", "/crew/rafting"), 400, "which goes");
    assert_eq!(joining("OVERWRITE", "cid", "/crew/canyons"), 200);
    assert_eq!(grove.members("crew/canyons"), ["cid"]);
    // Who is brought along is in the groups that the document says.
    assert_eq!(grove.put("", &json!({ "defaultGroups": ["/desk"] })).status, 204);
    grove.imported(&json!({ "users": [{ "username": "dan" }] }));
    assert_eq!(grove.members("desk"), ["ben"]);
}

#[test]
fn a_tree_is_as_deep_as_may_be_and_no_deeper() {
    let grove = Grove::new();
    let body = |depth| json!({ "groups": [nested(depth)] });
    assert_eq!(import(&grove.world, &grove.admin, &body(MAX_GROUP_DEPTH + 1)).status, 400);
    assert_eq!(grove.imported(&body(MAX_GROUP_DEPTH))["added"], 1);
    let path = vec!["deep"; MAX_GROUP_DEPTH].join("/");
    assert!(grove.at(&path).is_some());
}

/// Groups hand out roles that administer: joining one, changing one and making one
/// asks for them.
#[test]
fn nobody_imports_a_group_above_their_own() {
    let grove = Grove::new();
    let mighty = json!({ "realm-management": ["realm-admin"] });
    grove.imported(&json!({ "groups": [
        { "name": "heads", "clientRoles": mighty, "subGroups": [{ "name": "below" }] },
        { "name": "desk" },
    ] }));
    let manager = holder_of(&grove.world, &["manage-realm", "manage-users"]);
    let before = grove.world.dump();
    for body in [
        json!({ "users": [{ "username": "ann", "groups": ["/heads/below"] }] }),
        json!({ "groups": [{ "name": "heads" }] }),
        json!({ "groups": [{ "name": "desk", "clientRoles": mighty }] }),
        json!({ "groups": [{ "name": "new", "subGroups": [{ "name": "a", "clientRoles": mighty }] }] }),
    ] {
        let answer = import(&grove.world, &manager, &with_policy(body.clone(), "OVERWRITE"));
        assert_eq!(answer.status, 403, "{body}: {answer:?}");
        assert!(grove.world.dump() == before, "{body}");
    }
    let own = json!({
        "groups": [{ "name": "desk", "clientRoles": { "realm-management": ["manage-users"] } }],
        "users": [{ "username": "ann", "groups": ["/desk"] }],
    });
    assert_eq!(import(&grove.world, &manager, &with_policy(own, "OVERWRITE")).status, 200);
}

/// Work must grow with what is imported, and not with one query each.
#[test]
fn the_survey_of_groups_takes_as_many_queries_however_many_there_are() {
    let grove = Grove::new();
    grove.plant(["desk"]);
    let body = |from: usize, count: usize| {
        let numbers = from..from + count;
        let groups = numbers.clone().map(|one| json!({ "name": format!("g{one}") }));
        let users = numbers.map(
            |one| json!({ "username": format!("u{one}"), "groups": [format!("/g{one}"), "/desk"] }),
        );
        json!({ "groups": groups.collect::<Vec<_>>(), "users": users.collect::<Vec<_>>() })
    };
    let trips = |from, count| {
        let body = body(from, count);
        grove.world.trips_of(|| grove.imported(&body)).1.directory
    };
    trips(0, 1);
    assert_eq!(trips(1, 1), trips(2, 20));
}

#[test]
fn a_realm_is_made_with_groups_and_with_those_that_new_people_join() {
    let grove = Grove::new();
    let id = "00000000-0000-4000-8000-0000000000aa";
    let body = json!({
        "realm": "acme", "enabled": true,
        "groups": [
            { "id": id, "name": "crew", "subGroups": [{ "name": "rafting" }] },
            { "name": "desk" },
        ],
        "defaultGroups": ["/crew/rafting", "/desk"],
        "users": [{ "username": "ann", "groups": ["/crew"] }],
    });
    assert_eq!(made(&grove.world.post("/admin/realms", &grove.admin, &body)), "acme");

    let read = |below: &str| {
        let answer = grove.world.get(&format!("/admin/realms/acme{below}"), &grove.admin);
        assert_eq!(answer.status, 200, "{below}: {answer:?}");
        answer.json()
    };
    assert_eq!(read("")["defaultGroups"], json!(["/crew/rafting", "/desk"]));
    assert_eq!(read("/group-by-path/crew")["id"], id, "a group that had an id keeps it");
    let ann = &read("/users?username=ann")[0]["id"];
    let of_ann = format!("/users/{}/groups", ann.as_str().unwrap());
    assert_eq!(names(&read(&of_ann)), ["crew"], "she is where she was");
    let ben =
        grove.world.post("/admin/realms/acme/users", &grove.admin, &json!({ "username": "ben" }));
    assert_eq!(names(&read(&format!("/users/{}/groups", made(&ben)))), ["desk", "rafting"]);
}

#[test]
fn a_realm_tells_and_takes_the_groups_that_new_people_join() {
    let grove = Grove::new();
    grove.plant(["crew/rafting", "desk"]);
    let put = |value: Value| {
        let answer = grove.put("", &json!({ "defaultGroups": value }));
        answer.status.as_u16()
    };
    let stand = || grove.read("").get("defaultGroups").cloned();

    assert_eq!(stand(), None);
    assert_eq!(put(json!(["/desk", "/crew/rafting/", "/desk"])), 204);
    assert_eq!(stand(), Some(json!(["/crew/rafting", "/desk"])));
    let listed = grove.world.get("/admin/realms", &grove.admin).json();
    let travel0 = listed.as_array().unwrap().iter().find(|realm| realm["realm"] == "travel0");
    assert_eq!(travel0.unwrap()["defaultGroups"], json!(["/crew/rafting", "/desk"]));
    assert_eq!(grove.put("", &json!({ "displayName": "Travels" })).status, 204);
    assert_eq!(put(Value::Null), 204);
    assert_eq!(stand(), Some(json!(["/crew/rafting", "/desk"])), "what is not said stays");
    for refused in [
        json!(["/none"]),
        json!(["/"]),
        json!("/desk"),
        json!([1]),
        json!(vec!["/desk"; usize::try_from(MAX_DEFAULT_GROUPS).unwrap() + 1]),
    ] {
        assert_eq!(put(refused.clone()), 400, "{refused}");
    }
    // What was read is written back.
    assert_eq!(grove.put("", &grove.read("")).status, 204);
    assert_eq!(names(&grove.read("/default-groups")), ["desk", "rafting"]);
    assert_eq!(put(json!(["/crew"])), 204);
    assert_eq!(names(&grove.read("/default-groups")), ["crew"]);
    assert_eq!(put(json!([])), 204);
    assert_eq!(stand(), None);
}

#[test]
fn who_changes_a_realm_lets_nobody_join_what_is_above_them() {
    let grove = Grove::new();
    grove.imported(&json!({ "groups": [
        { "name": "heads", "clientRoles": { "realm-management": ["realm-admin"] } },
    ] }));
    let manager = holder_of(&grove.world, &["manage-realm"]);
    let heads = json!({ "defaultGroups": ["/heads"] });
    assert_eq!(grove.world.put(TRAVEL0, &manager, &heads).status, 403);
    assert_eq!(grove.put("", &heads).status, 204);
    // It stands already, and is taken away.
    for groups in [&heads, &json!({ "defaultGroups": [] })] {
        assert_eq!(grove.world.put(TRAVEL0, &manager, groups).status, 204, "{groups}");
    }
}
