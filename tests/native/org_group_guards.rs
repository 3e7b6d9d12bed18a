//! Who may do what with an organization's groups and roles (reference keycloak.md §1.2), and in
//! which order it is checked.
use crate::admin_setup::{assert_guarded, holder_of, located, nobody, outside_holder_of};
use crate::org_setup::NOBODY;
use crate::organizations::object_routes;
use crate::writes::Things;
use http::Method;
use serde_json::{Value, json};

/// What callers hold.
const HOLDINGS: &[&[&str]] = &[
    &["view-organizations"],
    &["manage-organizations"],
    &["create-organization"],
    &["manage-realm"],
    &["view-realm"],
    &["manage-users"],
    &["view-users"],
    &["query-groups"],
    &["manage-clients"],
    &["view-organizations", "view-users"],
    &["view-organizations", "query-users"],
    &["view-organizations", "manage-users"],
    &["manage-organizations", "view-users"],
    &["manage-organizations", "query-users"],
    &["manage-organizations", "manage-users"],
    &["manage-realm", "manage-users"],
];

fn may(method: &Method, path: &str, held: &[&str]) -> bool {
    let any = |roles: &[&str]| roles.iter().any(|role| held.contains(role));
    let writes = any(&["manage-organizations", "manage-realm"]);
    let reads = writes || any(&["view-organizations"]);
    if path.ends_with("/members") || path.ends_with("/roles/{role_id}/users") {
        reads && any(&["view-users", "manage-users", "query-users"])
    } else if path.contains("/members/{user}/role-mappings/") && method != Method::GET {
        writes && any(&["manage-users"])
    } else if path.contains("/organizations/{org}/members/{user}/") {
        reads && any(&["view-users", "manage-users"])
    } else if path.ends_with("/members/{user}") {
        writes && any(&["manage-users"])
    } else if method == Method::GET {
        reads
    } else {
        writes
    }
}

/// A body that no handler likes, so that whoever passes changes nothing.
fn body_of(method: &Method) -> Option<Value> {
    [Method::POST, Method::PUT].contains(method).then(|| json!({}))
}

#[test]
fn a_role_opens_what_the_table_says() {
    let things = Things::new();
    let world = &things.granite.world;
    let below = "/admin/realms/{realm}/organizations/{org}/";
    let is_ours = |path: &str| {
        path.strip_prefix(below).is_some_and(|rest| {
            ["groups", "roles"].iter().any(|start| rest.starts_with(start))
                || ["/groups", "/effective"].iter().any(|end| rest.ends_with(end))
                    && !rest.starts_with("identity-providers")
                || rest.contains("/role-mappings/")
        })
    };
    let routes = object_routes().into_iter().filter(|(_, path)| is_ours(path));
    let routes: Vec<_> = routes.collect();
    assert_eq!(routes.len(), 45, "a route needs a line in `may`");
    for held in HOLDINGS {
        let token = holder_of(world, held);
        for (method, path) in &routes {
            let mut there = things.there(path);
            if *method == Method::DELETE && path.ends_with("/groups/{group}") {
                let group = things.granite.plant(None, &held.join("-"));
                there = things.granite.admin_path(&format!("/groups/{group}"));
            }
            if *method == Method::DELETE && path.ends_with("/roles/{role_id}") {
                let role = json!({ "name": held.join("-") });
                let role = located(&things.granite.ask(Method::POST, "/roles", Some(&role)));
                there = things.granite.admin_path(&format!("/roles/{role}"));
            }
            let answer = world.call(method.clone(), &there, &token, body_of(method).as_ref());
            let told = format!("{held:?} {method} {path}: {answer:?}");
            assert!(!answer.status.is_server_error(), "{told}");
            assert_eq!(answer.status != 403, may(method, path, held), "{told}");
        }
    }
}

#[test]
fn whoever_administers_nothing_is_refused() {
    let things = Things::new();
    let world = &things.granite.world;
    // Hiroko is a member with every role of the organization: in Keycloak's own words
    // that is nothing.
    let hiroko = things.granite.id_of("hiroko");
    assert_eq!(things.granite.put(&format!("/members/{hiroko}"), &Value::Null).status, 201);
    let refused = [nobody(world)];
    let refused: Vec<&str> = refused.iter().map(String::as_str).collect();
    for (method, path) in object_routes() {
        if path.starts_with("/admin/") {
            assert_guarded(world, &method, &things.there(path), &refused);
        }
    }
}

#[test]
fn who_administers_from_master_may() {
    let things = Things::new();
    let world = &things.granite.world;
    let token = outside_holder_of(world, &["manage-organizations"]);
    let path = things.granite.admin_path("/groups");
    let made = world.post(&path, &token, &json!({ "name": "from-outside" }));
    assert_eq!(world.get(&format!("{path}/{}", located(&made)), &token).status, 200);
}

#[test]
fn the_group_is_looked_for_before_the_role_to_write() {
    let things = Things::new();
    let world = &things.granite.world;
    let group = things.there("{group}");
    let sees = holder_of(world, &["view-organizations"]);
    let path = |group: &str| things.granite.admin_path(&format!("/groups/{group}"));
    let refused = world.delete(&path(&things.granite.plant(None, "there")), &sees);
    assert_eq!(refused.status, 403);
    let missing = world.delete(&path(NOBODY), &sees);
    assert_eq!(
        (missing.status.as_u16(), missing.json()),
        (404, json!({ "errorMessage": "Group does not exist" }))
    );
    let stranger = holder_of(world, &["manage-users"]);
    assert_eq!(world.delete(&path(NOBODY), &stranger).status, 403);
    assert_eq!(world.delete(&path(&group), &stranger).status, 403);
}

#[test]
fn the_user_is_looked_for_before_the_role_to_change_users() {
    let things = Things::new();
    let world = &things.granite.world;
    let group = things.granite.plant(None, "there");
    let hiroko = things.granite.id_of("hiroko");
    let token = holder_of(world, &["manage-organizations"]);
    let at = |user: &str| things.granite.admin_path(&format!("/groups/{group}/members/{user}"));
    for method in [Method::PUT, Method::DELETE] {
        let refused = world.call(method.clone(), &at(hiroko.as_str()), &token, None);
        assert_eq!(refused.status, 403);
        let missing = world.call(method, &at(NOBODY), &token, None);
        assert_eq!(missing.json(), json!({ "errorMessage": "User does not exist" }));
    }
}

#[test]
fn no_organization_is_told_to_those_who_may_see_each() {
    let things = Things::new();
    let world = &things.granite.world;
    let org = things.granite.org.as_str();
    for role in ["view-organizations", "manage-organizations", "manage-realm"] {
        let token = holder_of(world, &[role]);
        for (method, path) in object_routes() {
            if path.starts_with("/admin/") {
                let nowhere = things.there(path).replace(org, NOBODY);
                let answer =
                    world.call(method.clone(), &nowhere, &token, body_of(&method).as_ref());
                let told = (answer.status.as_u16(), answer.json());
                let words = json!({ "errorMessage": "Organization not found." });
                assert_eq!(told, (404, words), "{role} {method} {path}");
            }
        }
    }
}
