//! Who may do what with organizations in Keycloak's words (reference keycloak.md §1.2),
//! and in which order it is checked.
use crate::admin_organizations::{ALL, refused, told};
use crate::admin_setup::{
    TRAVEL0, assert_guarded, client_role, holder_of, nobody, outside_holder_of,
};
use crate::org_setup::Granite;
use crate::scim_setup::{admin, travel0};
use guildhall::platform::sql::{Sql, Statement};
use http::Method;
use serde_json::json;

const HOLDINGS: &[&[&str]] = &[
    &["query-organizations"],
    &["view-organizations"],
    &["manage-organizations"],
    &["create-organization"],
    &["manage-realm"],
    &["view-realm"],
    &["view-users"],
    &["manage-users"],
    &["query-users"],
    &["query-organizations", "view-users"],
    &["view-organizations", "view-users"],
    &["view-organizations", "query-users"],
    &["manage-organizations", "manage-users"],
];

const ROUTES: &[(Method, &str)] = &[
    (Method::GET, ""),
    (Method::GET, "/count"),
    (Method::GET, "/{org}"),
    (Method::GET, "/members/{user}/organizations"),
    (Method::POST, ""),
    (Method::PUT, "/{org}"),
];

fn may(method: &Method, below: &str, held: &[&str]) -> bool {
    let any = |roles: &[&str]| roles.iter().any(|role| held.contains(role));
    let writes = any(&["manage-organizations", "manage-realm"]);
    let reads = writes || any(&["view-organizations"]);
    let finds = reads || any(&["query-organizations"]);
    match (method.as_str(), below) {
        ("GET", "" | "/count") => finds,
        ("GET", "/{org}") => reads,
        ("GET", _) => finds && any(&["view-users", "manage-users"]),
        _ => writes,
    }
}

fn address(granite: &Granite, below: &str) -> String {
    let user = granite.id_of("emilio");
    let below = below.replace("{org}", granite.org.as_str()).replace("{user}", user.as_str());
    format!("{ALL}{below}")
}

#[test]
fn a_role_opens_what_the_table_says() {
    let granite = Granite::new();
    for held in HOLDINGS {
        let token = holder_of(&granite.world, held);
        for (method, below) in ROUTES {
            let body = (*method != Method::GET).then(|| json!({}));
            let path = address(&granite, below);
            let answer = granite.world.call(method.clone(), &path, &token, body.as_ref());
            let told = format!("{held:?} {method} {below}: {answer:?}");
            assert!(!answer.status.is_server_error(), "{told}");
            assert_eq!(answer.status != 403, may(method, below, held), "{told}");
        }
        let path = granite.admin_path("");
        let deleted = granite.world.call(Method::DELETE, &path, &token, None);
        if may(&Method::DELETE, "/{org}", held) {
            assert_eq!(deleted.status, 204, "{held:?}");
            return_granite(&granite);
        } else {
            assert_eq!(deleted.status, 403, "{held:?}");
        }
    }
}

/// The organization once more, by the same id.
fn return_granite(granite: &Granite) {
    let body = json!({ "id": granite.org, "name": "granite-outpost" });
    let made = granite.world.post("/realms/travel0/orgs", &granite.admin, &body);
    assert_eq!(made.status, 201, "{made:?}");
}

#[test]
fn whoever_administers_nothing_is_refused() {
    let granite = Granite::new();
    let member = nobody(&granite.world);
    for (method, below) in ROUTES {
        assert_guarded(&granite.world, method, &address(&granite, below), &[&member]);
    }
    assert_guarded(&granite.world, &Method::DELETE, &granite.admin_path(""), &[&member]);
    let outside = outside_holder_of(&granite.world, &["view-organizations"]);
    assert_eq!(granite.world.get(ALL, &outside).status, 200);
}

#[test]
fn who_may_only_ask_is_told_of_none() {
    let granite = Granite::new();
    let asks = holder_of(&granite.world, &["query-organizations", "view-users"]);
    let of_emilio = address(&granite, "/members/{user}/organizations");
    for path in [ALL, "/admin/realms/travel0/organizations?search=granite", &of_emilio] {
        let answer = granite.world.get(path, &asks);
        assert_eq!((answer.status.as_u16(), answer.json()), (200, json!([])), "{path}");
    }
    assert_eq!(granite.world.get(&format!("{ALL}/count"), &asks).json(), json!(0));
}

/// A realm that an older version made has the role when it is next asked for.
#[test]
fn realms_that_there_were_get_the_role() {
    let world = travel0();
    world.directory().sql().execute_batch(
        "DELETE FROM role_composite WHERE child_id IN
             (SELECT id FROM role WHERE name = 'query-organizations');
         DELETE FROM role WHERE name = 'query-organizations';
         UPDATE realm SET edition = 2",
    );
    world.restart();
    let role = client_role(&world, TRAVEL0, "realm-management", "query-organizations");
    assert_eq!(role["name"], "query-organizations");
    let of = |parent: &str| {
        let statement = Statement::new(
            "SELECT child.name FROM role AS parent
               JOIN role_composite ON role_composite.parent_id = parent.id
               JOIN role AS child ON child.id = role_composite.child_id
              WHERE parent.name = ? AND child.name = 'query-organizations'",
        );
        world.directory().sql().run(statement.bind(parent)).unwrap().len()
    };
    assert!(of("view-organizations") >= 1 && of("realm-admin") >= 1 && of("admin") >= 1);
    assert_eq!(world.get(ALL, &admin(&world)).status, 200);
}

#[test]
fn the_switch_is_told_after_the_role_and_before_the_organization() {
    let granite = Granite::new();
    let off = json!({ "organizationsEnabled": false });
    assert_eq!(granite.world.put(TRAVEL0, &granite.admin, &off).status, 204);
    let words = "Organizations not enabled for this realm.";
    let sees = holder_of(&granite.world, &["view-organizations", "view-users"]);
    let nowhere = format!("{ALL}/no-such");
    let groups = granite.admin_path("/groups");
    let mut paths: Vec<String> = ["", "/count", "/{org}", "/members/{user}/organizations"]
        .map(|b| address(&granite, b))
        .into();
    paths.extend([nowhere, groups, granite.admin_path("/no/such/path")]);
    for path in &paths[..6] {
        assert_eq!(told(&granite.world.get(path, &sees)), refused(404, words), "{path}");
    }
    let blind = holder_of(&granite.world, &["view-realm", "view-users"]);
    for path in &paths[..6] {
        assert_eq!(granite.world.get(path, &blind).status, 403, "{path}");
        assert_eq!(granite.world.get(path, "").status, 401, "{path}");
    }
    let body = json!({ "name": "new" });
    assert_eq!(told(&granite.world.post(ALL, &granite.admin, &body)), refused(404, words));
    assert_eq!(granite.ask(Method::DELETE, "", None).status, 404);
    let on = json!({ "organizationsEnabled": true });
    assert_eq!(granite.world.put(TRAVEL0, &granite.admin, &on).status, 204);
    assert_eq!(granite.read("")["name"], "granite-outpost", "nothing was deleted");
}
