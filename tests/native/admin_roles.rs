//! `/admin/realms/{realm}/roles`, `.../roles-by-id`, `.../clients/{client}/roles`
//! and `.../users/{user}/role-mappings`.
use crate::admin_setup::{
    EVERY_ROLE, MASTER, TRAVEL0, assert_guarded, client_role, client_uuid, holder_and_user,
    holder_of, made, make_client, names, newest_event, nobody, outside_holder_of, own_names,
};
use crate::harness::relying_party::RelyingParty;
use crate::harness::world::World;
use crate::scim_setup::{admin, travel0, user};
use http::Method;
use serde_json::{Value, json};

fn make_role(world: &World, name: &str) -> Value {
    let admin = admin(world);
    let path = format!("{TRAVEL0}/roles");
    assert_eq!(made(&world.post(&path, &admin, &json!({ "name": name }))), name);
    world.get(&format!("{path}/{name}"), &admin).json()
}

fn mappings(world: &World, username: &str) -> String {
    format!("{TRAVEL0}/users/{}/role-mappings", user(world, username).unwrap().id)
}

#[test]
fn a_role_is_made_read_changed_and_deleted() {
    let world = travel0();
    let admin = admin(&world);
    let roles = format!("{TRAVEL0}/roles");
    let body =
        json!({ "name": "guide", "description": "Leads", "attributes": { "level": ["1", "2"] } });

    let created = world.post(&roles, &admin, &body);
    let read = world.get(created.location(), &admin).json();

    assert_eq!(made(&created), "guide");
    assert_eq!((&read["name"], &read["description"]), (&json!("guide"), &json!("Leads")));
    assert_eq!(read["attributes"], json!({ "level": ["1", "2"] }));
    assert_eq!((&read["composite"], &read["clientRole"]), (&json!(false), &json!(false)));
    let realm = world.get(TRAVEL0, &admin).json();
    assert_eq!(read["containerId"], realm["id"]);
    let by_id = format!("{TRAVEL0}/roles-by-id/{}", read["id"].as_str().unwrap());
    assert_eq!(world.get(&by_id, &admin).json(), read);

    let changed = json!({ "id": "x", "name": "leader", "composite": false });
    assert_eq!(world.put(&format!("{roles}/guide"), &admin, &changed).status, 204);
    assert_eq!(world.get(&format!("{roles}/guide"), &admin).status, 404);
    let read = world.get(&by_id, &admin).json();
    assert_eq!((&read["name"], read.get("description")), (&json!("leader"), None));
    assert_eq!(read["attributes"], json!({ "level": ["1", "2"] }));

    assert_eq!(world.delete(&by_id, &admin).status, 204);
    assert_eq!(world.delete(&by_id, &admin).status, 404);
    assert_eq!(world.get(&by_id, &admin).error(), "Could not find role with id");
}

#[test]
fn a_role_of_a_client_is_its_own() {
    let world = travel0();
    let admin = admin(&world);
    let web = client_uuid(&world, TRAVEL0, "travel0-web");
    let spa = client_uuid(&world, TRAVEL0, "travel0-spa");
    let roles = format!("{TRAVEL0}/clients/{web}/roles");

    let created = world.post(&roles, &admin, &json!({ "name": "reader" }));
    let again = world.post(&roles, &admin, &json!({ "name": "reader" }));
    let elsewhere =
        world.post(&format!("{TRAVEL0}/clients/{spa}/roles"), &admin, &json!({ "name": "reader" }));

    assert_eq!(made(&created), "reader");
    assert_eq!(again.status, 409);
    assert_eq!(again.json()["errorMessage"], "Role with name reader already exists");
    assert_eq!(elsewhere.status, 201);
    let read = world.get(&format!("{roles}/reader"), &admin).json();
    assert_eq!((&read["clientRole"], &read["containerId"]), (&json!(true), &json!(web)));
    assert_eq!(names(&world.get(&roles, &admin).json()), ["reader"]);
    let unknown = world.get(&format!("{TRAVEL0}/clients/none/roles"), &admin);
    assert_eq!((unknown.status.as_u16(), unknown.error().as_str()), (404, "Could not find client"));
}

#[test]
fn roles_are_listed_in_pages_by_name() {
    let world = travel0();
    let admin = admin(&world);
    for name in ["delta", "alpha", "charlie", "Bravo", "a%b"] {
        world.post(&format!("{TRAVEL0}/roles"), &admin, &json!({ "name": name }));
    }
    let listed = |query: &str| {
        let list = world.get(&format!("{TRAVEL0}/roles{query}"), &admin);
        assert_eq!(list.status, 200, "{query}");
        names(&list.json()).into_iter().map(str::to_owned).collect::<Vec<_>>()
    };
    let all = [
        "Bravo",
        "a%b",
        "alpha",
        "charlie",
        "default-roles-travel0",
        "delta",
        "offline_access",
        "uma_authorization",
    ];
    assert_eq!(listed(""), all);
    assert_eq!(listed("?first=1&max=2"), ["a%b", "alpha"]);
    assert_eq!(listed("?first=7&max=2147483647"), ["uma_authorization"]);
    assert_eq!(listed("?first=50&max=2"), Vec::<String>::new());
    assert_eq!(listed("?max=0"), Vec::<String>::new());
    assert_eq!(listed("?max=-1").len(), 8);
    assert_eq!(listed("?search=BRA"), ["Bravo"]);
    assert_eq!(listed("?search=%25"), ["a%b"]);
    assert_eq!(listed("?search=%27%20OR%201"), Vec::<String>::new());
    assert_eq!(world.get(&format!("{TRAVEL0}/roles?max=x"), &admin).status, 400);
    let full = world.get(&format!("{TRAVEL0}/roles?briefRepresentation=false"), &admin).json();
    assert_eq!(full[0]["attributes"], json!({}));
    assert!(world.get(&format!("{TRAVEL0}/roles"), &admin).json()[0]["attributes"].is_null());
}

#[test]
fn a_name_that_needs_escaping_is_found_where_its_creation_says() {
    let world = travel0();
    let admin = admin(&world);
    let name = "Guide & more/50% + ä";
    let created = world.post(&format!("{TRAVEL0}/roles"), &admin, &json!({ "name": name }));
    assert_eq!(world.get(created.location(), &admin).json()["name"], name);
}

#[test]
fn a_body_that_is_no_role_changes_nothing() {
    let world = travel0();
    let admin = admin(&world);
    let long = "x".repeat(256);
    for body in [
        json!({}),
        json!({ "name": "" }),
        json!({ "name": 7 }),
        json!({ "name": long }),
        json!({ "name": "a\nb" }),
        json!({ "name": "a", "nmae": "b" }),
        json!({ "name": "a", "attributes": { "x": "y" } }),
        json!({ "name": "a", "composites": { "realm": ["none"] } }).clone(),
        json!([]),
    ] {
        let answer = world.post(&format!("{TRAVEL0}/roles"), &admin, &body);
        assert!([400, 404].contains(&answer.status.as_u16()), "{body}: {answer:?}");
    }
    let list = world.get(&format!("{TRAVEL0}/roles"), &admin).json();
    assert_eq!(own_names(&list), Vec::<&str>::new());
}

#[test]
fn a_composite_includes_roles_of_realm_and_clients() {
    let world = travel0();
    let admin = admin(&world);
    let web = client_uuid(&world, TRAVEL0, "travel0-web");
    world.post(&format!("{TRAVEL0}/clients/{web}/roles"), &admin, &json!({ "name": "reader" }));
    let child = make_role(&world, "child");
    make_role(&world, "parent");
    let reader = client_role(&world, TRAVEL0, "travel0-web", "reader");
    let composites = format!("{TRAVEL0}/roles/parent/composites");

    for _ in 0..2 {
        assert_eq!(world.post(&composites, &admin, &json!([child, reader])).status, 204);
    }

    assert_eq!(names(&world.get(&composites, &admin).json()), ["child", "reader"]);
    let of_realm = world.get(&format!("{composites}/realm"), &admin).json();
    let of_client = world.get(&format!("{composites}/clients/{web}"), &admin).json();
    assert_eq!((names(&of_realm), names(&of_client)), (vec!["child"], vec!["reader"]));
    let parent = world.get(&format!("{TRAVEL0}/roles/parent"), &admin).json();
    assert_eq!(parent["composite"], true);
    let by_id = format!("{TRAVEL0}/roles-by-id/{}/composites", parent["id"].as_str().unwrap());
    assert_eq!(world.get(&by_id, &admin).json().as_array().unwrap().len(), 2);
    assert_eq!(newest_event(&world, "travel0")["resourceType"], "REALM_ROLE");

    assert_eq!(world.delete_with(&composites, &admin, &json!([child])).status, 204);
    assert_eq!(names(&world.get(&composites, &admin).json()), ["reader"]);
    let unknown = json!([{ "id": "none", "name": "none" }]);
    assert_eq!(world.post(&composites, &admin, &unknown).status, 404);
    let nameless = world.post(&composites, &admin, &json!([{ "name": "child" }]));
    assert_eq!(nameless.error(), "Could not find composite role");
}

#[test]
fn a_new_role_may_name_what_it_includes() {
    let world = travel0();
    let admin = admin(&world);
    make_role(&world, "child");
    let web = client_uuid(&world, TRAVEL0, "travel0-web");
    world.post(&format!("{TRAVEL0}/clients/{web}/roles"), &admin, &json!({ "name": "reader" }));
    let body = json!({
        "name": "parent", "composite": true,
        "composites": { "realm": ["child"], "client": { "travel0-web": ["reader"] } },
    });

    assert_eq!(world.post(&format!("{TRAVEL0}/roles"), &admin, &body).status, 201);

    let children = world.get(&format!("{TRAVEL0}/roles/parent/composites"), &admin).json();
    assert_eq!(names(&children), ["child", "reader"]);
}

#[test]
fn roles_that_include_each_other_do_no_harm() {
    let world = travel0();
    let admin = admin(&world);
    let [one, other] = ["one", "other"].map(|name| make_role(&world, name));
    for (parent, child) in [("one", &other), ("other", &one), ("one", &one)] {
        let path = format!("{TRAVEL0}/roles/{parent}/composites");
        assert_eq!(world.post(&path, &admin, &json!([child])).status, 204);
    }
    let mappings = mappings(&world, "hiroko");
    assert_eq!(world.post(&format!("{mappings}/realm"), &admin, &json!([one])).status, 204);
    let held = world.get(&format!("{mappings}/realm/composite"), &admin).json();
    assert_eq!(own_names(&held), ["one", "other"]);
}

#[test]
fn roles_are_granted_and_taken_away() {
    let world = travel0();
    let admin = admin(&world);
    let web = client_uuid(&world, TRAVEL0, "travel0-web");
    world.post(&format!("{TRAVEL0}/clients/{web}/roles"), &admin, &json!({ "name": "reader" }));
    let reader = client_role(&world, TRAVEL0, "travel0-web", "reader");
    let [parent, child] = ["parent", "child"].map(|name| make_role(&world, name));
    world.post(&format!("{TRAVEL0}/roles/parent/composites"), &admin, &json!([child, reader]));
    let base = mappings(&world, "hiroko");
    let [realm, client] = [format!("{base}/realm"), format!("{base}/clients/{web}")];
    let blank = world.get(&base, &admin).json();
    assert_eq!(names(&blank["realmMappings"]), ["default-roles-travel0"]);
    assert_eq!(
        own_names(&world.get(&format!("{realm}/available"), &admin).json()),
        ["child", "parent"]
    );

    for _ in 0..2 {
        let brief = json!([{ "id": parent["id"], "name": "parent" }]);
        assert_eq!(world.post(&realm, &admin, &brief).status, 204);
        assert_eq!(world.post(&client, &admin, &json!([reader])).status, 204);
    }

    let all = world.get(&base, &admin).json();
    assert_eq!(own_names(&all["realmMappings"]), ["parent"]);
    let of_web = &all["clientMappings"]["travel0-web"];
    assert_eq!((&of_web["id"], &of_web["client"]), (&json!(web), &json!("travel0-web")));
    assert_eq!(names(&of_web["mappings"]), ["reader"]);
    assert_eq!(own_names(&world.get(&realm, &admin).json()), ["parent"]);
    assert_eq!(names(&world.get(&client, &admin).json()), ["reader"]);
    let effective = world.get(&format!("{realm}/composite"), &admin).json();
    assert_eq!(own_names(&effective), ["child", "parent"]);
    let available = world.get(&format!("{realm}/available"), &admin).json();
    assert_eq!(own_names(&available), ["child"]);
    assert_eq!(world.get(&format!("{client}/available"), &admin).json(), json!([]));
    let holders = world.get(&format!("{TRAVEL0}/roles/parent/users"), &admin).json();
    assert_eq!(holders[0]["username"], "hiroko");
    assert_eq!(newest_event(&world, "travel0")["resourceType"], "CLIENT_ROLE_MAPPING");

    assert_eq!(world.delete_with(&realm, &admin, &json!([parent])).status, 204);
    assert_eq!(world.delete(&client, &admin).status, 204);
    assert_eq!(world.get(&base, &admin).json(), blank);
}

#[test]
fn what_cannot_be_granted_is_not() {
    let world = travel0();
    let admin = admin(&world);
    let web = client_uuid(&world, TRAVEL0, "travel0-web");
    let guide = make_role(&world, "guide");
    let base = mappings(&world, "hiroko");
    let before = world.get(&base, &admin).json();
    let role = |id: &Value, name: &str| json!([{ "id": id, "name": name }]);
    let refused = [
        (format!("{base}/realm"), role(&json!("none"), "guide"), 404),
        (format!("{base}/realm"), role(&guide["id"], "other"), 404),
        (format!("{base}/clients/{web}"), role(&guide["id"], "guide"), 404),
        (format!("{base}/clients/none"), role(&guide["id"], "guide"), 404),
        (format!("{TRAVEL0}/users/none/role-mappings/realm"), role(&guide["id"], "guide"), 404),
        (format!("{base}/realm"), json!([{ "name": "guide" }]), 404),
        (format!("{base}/realm"), json!({}), 400),
        (format!("{base}/realm"), json!([{ "id": guide["id"], "nmae": "guide" }]), 400),
    ];
    for (path, body, status) in refused {
        assert_eq!(world.post(&path, &admin, &body).status.as_u16(), status, "{path} {body}");
    }
    assert_eq!(world.get(&base, &admin).json(), before);
}

#[test]
fn a_role_of_another_realm_is_unknown() {
    let world = travel0();
    let admin = admin(&world);
    let foreign = world.get(&format!("{MASTER}/roles/admin"), &admin).json();
    let id = foreign["id"].as_str().unwrap();
    assert_eq!(world.get(&format!("{TRAVEL0}/roles-by-id/{id}"), &admin).status, 404);
    let path = format!("{}/realm", mappings(&world, "hiroko"));
    assert_eq!(world.post(&path, &admin, &json!([foreign])).status, 404);
    make_role(&world, "own");
    let path = format!("{TRAVEL0}/roles/own/composites");
    assert_eq!(world.post(&path, &admin, &json!([foreign])).status, 404);
}

#[test]
fn nobody_grants_a_role_above_their_own() {
    let world = travel0();
    let (manager, own_user) = holder_and_user(&world, &["manage-users", "view-clients"]);
    let management = client_uuid(&world, TRAVEL0, "realm-management");
    let admin_role = |name: &str| client_role(&world, TRAVEL0, "realm-management", name);
    let targets = [own_user, user(&world, "hiroko").unwrap().id.to_string()];
    for target in &targets {
        let path = format!("{TRAVEL0}/users/{target}/role-mappings/clients/{management}");
        for above in ["realm-admin", "manage-realm", "manage-clients", "impersonation"] {
            let answer = world.post(&path, &manager, &json!([admin_role(above)]));
            assert_eq!(answer.status, 403, "{above}: {answer:?}");
        }
        let own = json!([admin_role("manage-users"), admin_role("view-clients")]);
        assert_eq!(world.post(&path, &manager, &own).status, 204);
        assert_eq!(world.post(&path, &manager, &json!([admin_role("query-clients")])).status, 204);
    }
}

/// Products have roles and clients of such names too.
#[test]
fn a_role_that_is_only_called_like_one_of_master_is_granted_by_who_manages_users() {
    let world = travel0();
    let manager = holder_of(&world, &["manage-users"]);
    let uuid = make_client(&world, TRAVEL0, &json!({ "clientId": "shop-realm" }));
    let roles = format!("{TRAVEL0}/clients/{uuid}/roles");
    world.post(&roles, &admin(&world), &json!({ "name": "manage-realm" }));
    let base = mappings(&world, "hiroko");
    let own = make_role(&world, "admin");
    assert_eq!(world.post(&format!("{base}/realm"), &manager, &json!([own])).status, 204);
    let of_client = client_role(&world, TRAVEL0, "shop-realm", "manage-realm");
    let path = format!("{base}/clients/{uuid}");
    assert_eq!(world.post(&path, &manager, &json!([of_client])).status, 204);
    // And they give no power.
    let tokens = RelyingParty::web(&world).tokens_for("hiroko", "openid");
    let hiroko = tokens["access_token"].as_str().unwrap();
    assert_eq!(world.get(&format!("{TRAVEL0}/roles"), hiroko).status, 403);
}

#[test]
fn nobody_rises_by_way_of_a_composite() {
    let world = travel0();
    let admin = admin(&world);
    let (manager, own_user) =
        holder_and_user(&world, &["manage-users", "manage-realm", "manage-clients"]);
    let realm_admin = client_role(&world, TRAVEL0, "realm-management", "realm-admin");
    let impersonation = client_role(&world, TRAVEL0, "realm-management", "impersonation");
    world.post(&format!("{TRAVEL0}/roles"), &manager, &json!({ "name": "innocent" }));
    let composites = format!("{TRAVEL0}/roles/innocent/composites");
    for above in [&realm_admin, &impersonation] {
        assert_eq!(world.post(&composites, &manager, &json!([above])).status, 403);
    }
    let named = json!({ "name": "sly", "composites": { "client": { "realm-management": ["realm-admin"] } } });
    assert_eq!(world.post(&format!("{TRAVEL0}/roles"), &manager, &named).status, 403);

    // Filled by somebody who may, it is out of their reach.
    assert_eq!(world.post(&composites, &admin, &json!([realm_admin])).status, 204);
    let innocent = world.get(&format!("{TRAVEL0}/roles/innocent"), &admin).json();
    let path = format!("{TRAVEL0}/users/{own_user}/role-mappings/realm");
    assert_eq!(world.post(&path, &manager, &json!([innocent])).status, 403);
    assert_eq!(world.post(&path, &admin, &json!([innocent])).status, 204);
}

#[test]
fn a_weaker_administrator_of_master_grants_what_they_hold() {
    let world = travel0();
    let manager = outside_holder_of(&world, &["manage-users"]);
    let management = client_uuid(&world, TRAVEL0, "realm-management");
    let path = format!("{}/clients/{management}", mappings(&world, "hiroko"));
    let role = |name: &str| client_role(&world, TRAVEL0, "realm-management", name);

    assert_eq!(world.post(&path, &manager, &json!([role("manage-users")])).status, 204);
    assert_eq!(world.post(&path, &manager, &json!([role("view-events")])).status, 403);
    // Their power over travel0 is none over master.
    assert_eq!(world.get(&format!("{MASTER}/roles"), &manager).status, 403);
}

#[test]
fn a_manager_of_master_cannot_become_its_administrator() {
    let world = travel0();
    let admin = admin(&world);
    let body = json!({ "clientId": "ops", "secret": "s3cret", "serviceAccountsEnabled": true });
    let uuid = make_client(&world, MASTER, &body);
    let account =
        world.get(&format!("{MASTER}/clients/{uuid}/service-account-user"), &admin).json();
    let user = account["id"].as_str().unwrap();
    let master_realm = client_uuid(&world, MASTER, "master-realm");
    let manage = client_role(&world, MASTER, "master-realm", "manage-users");
    let path = format!("{MASTER}/users/{user}/role-mappings");
    world.post(&format!("{path}/clients/{master_realm}"), &admin, &json!([manage]));
    let answer = world.post_form(
        "/realms/master/protocol/openid-connect/token",
        &[("grant_type", "client_credentials"), ("client_id", "ops"), ("client_secret", "s3cret")],
    );
    let ops = answer.json()["access_token"].as_str().unwrap().to_owned();

    for role in ["admin", "create-realm"] {
        let role = world.get(&format!("{MASTER}/roles/{role}"), &admin).json();
        assert_eq!(world.post(&format!("{path}/realm"), &ops, &json!([role])).status, 403);
    }
    let over_travel0 = client_role(&world, MASTER, "travel0-realm", "manage-realm");
    let travel0_realm = client_uuid(&world, MASTER, "travel0-realm");
    let path = format!("{path}/clients/{travel0_realm}");
    assert_eq!(world.post(&path, &ops, &json!([over_travel0])).status, 403);
    assert_eq!(world.post(&path, &admin, &json!([over_travel0])).status, 204);
}

#[test]
fn roles_that_administer_stay_as_they_are() {
    let world = travel0();
    let admin = admin(&world);
    let management = client_uuid(&world, TRAVEL0, "realm-management");
    let roles = format!("{TRAVEL0}/clients/{management}/roles");
    let role = make_role(&world, "harmless");
    assert_eq!(world.delete(&format!("{roles}/manage-users"), &admin).status, 400);
    let renamed = json!({ "name": "manage-everything" });
    assert_eq!(world.put(&format!("{roles}/manage-users"), &admin, &renamed).status, 400);
    assert_eq!(world.post(&roles, &admin, &json!({ "name": "manage-more" })).status, 400);
    let composites = format!("{roles}/view-users/composites");
    assert_eq!(world.post(&composites, &admin, &json!([role])).status, 400);
    assert_eq!(world.delete(&format!("{MASTER}/roles/admin"), &admin).status, 400);
    let described = json!({ "description": "For the help desk" });
    assert_eq!(world.put(&format!("{roles}/manage-users"), &admin, &described).status, 204);
    assert_eq!(
        world.get(&format!("{roles}/manage-users"), &admin).json()["description"],
        "For the help desk"
    );
}

#[test]
fn realm_admin_is_a_role_of_the_client_and_includes_the_others() {
    let world = travel0();
    let admin = admin(&world);
    let management = client_uuid(&world, TRAVEL0, "realm-management");
    let path = format!("{TRAVEL0}/clients/{management}/roles/realm-admin");
    let role = world.get(&path, &admin).json();
    assert_eq!((&role["clientRole"], &role["composite"]), (&json!(true), &json!(true)));
    let children = world.get(&format!("{path}/composites"), &admin).json();
    let children = names(&children);
    for name in ["manage-realm", "query-groups", "create-client", "impersonation"] {
        assert!(children.contains(&name), "{name}");
    }
    assert!(!children.contains(&"create-organization"));
    let holder = holder_of(&world, EVERY_ROLE);
    assert_eq!(world.get(&format!("{TRAVEL0}/roles"), &holder).status, 200);
    assert_eq!(world.get(&format!("{MASTER}/roles"), &holder).status, 401);
}

#[test]
fn each_path_of_roles_is_guarded() {
    let world = travel0();
    make_role(&world, "guide");
    let hiroko = user(&world, "hiroko").unwrap().id;
    let nobody = nobody(&world);
    let events = holder_of(&world, &["view-events"]);
    let viewer = holder_of(&world, &["view-realm", "view-users", "view-clients"]);
    let read = [
        "/roles",
        "/roles/guide",
        "/roles/guide/composites",
        "/roles/guide/composites/realm",
        "/roles/guide/users",
        "/roles-by-id/none",
        &format!("/users/{hiroko}/role-mappings"),
        &format!("/users/{hiroko}/role-mappings/realm"),
        &format!("/users/{hiroko}/role-mappings/realm/available"),
        &format!("/users/{hiroko}/role-mappings/realm/composite"),
    ];
    for path in read {
        let path = format!("{TRAVEL0}{path}");
        assert_guarded(&world, &Method::GET, &path, &[&nobody, &events]);
        let answer = world.get(&path, &viewer);
        assert!([200, 404].contains(&answer.status.as_u16()), "{path}: {answer:?}");
    }
    let write = [
        (Method::POST, "/roles".to_owned()),
        (Method::PUT, "/roles/guide".to_owned()),
        (Method::DELETE, "/roles/guide".to_owned()),
        (Method::POST, "/roles/guide/composites".to_owned()),
        (Method::DELETE, "/roles/guide/composites".to_owned()),
        (Method::POST, format!("/users/{hiroko}/role-mappings/realm")),
        (Method::DELETE, format!("/users/{hiroko}/role-mappings/realm")),
    ];
    for (method, path) in write {
        let path = format!("{TRAVEL0}{path}");
        assert_guarded(&world, &method, &path, &[&nobody, &events, &viewer]);
    }
}
