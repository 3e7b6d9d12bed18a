//! `default-roles-{realm}`: the role that everybody in a realm holds.
use crate::admin_groups::Grove;
use crate::admin_setup::{MASTER, TRAVEL0, client_role, holder_of, made, make_client, names};
use crate::partial_import::import;
use serde_json::{Value, json};

const DEFAULT: &str = "default-roles-travel0";

impl Grove {
    /// What the user was granted itself, of the realm.
    fn granted(&self, username: &str) -> Vec<String> {
        let path = format!("/users/{}/role-mappings/realm", self.id_of(username));
        names(&self.read(&path)).into_iter().map(str::to_owned).collect()
    }
}

#[test]
fn a_realm_has_a_default_role_that_includes_what_keycloaks_does() {
    let grove = Grove::new();
    let role = grove.read(&format!("/roles/{DEFAULT}"));
    assert_eq!((&role["composite"], &role["clientRole"]), (&json!(true), &json!(false)));
    assert_eq!(role["description"], "${role_default-roles}");
    let included = grove.read(&format!("/roles/{DEFAULT}/composites"));
    assert_eq!(names(&included), ["offline_access", "uma_authorization"]);
    let told = grove.read("")["defaultRole"].clone();
    assert_eq!((&told["id"], &told["name"]), (&role["id"], &json!(DEFAULT)));
    let listed = grove.world.get("/admin/realms", &grove.admin).json();
    let told = |realm: &Value| realm["defaultRole"]["name"].as_str().unwrap().to_owned();
    let told: Vec<String> = listed.as_array().unwrap().iter().map(told).collect();
    assert_eq!(told, ["default-roles-master", DEFAULT]);
    // What was read is written back.
    assert_eq!(grove.put("", &grove.read("")).status, 204);
    let acme = json!({ "realm": "Acme" });
    assert_eq!(made(&grove.world.post("/admin/realms", &grove.admin, &acme)), "Acme");
    let role = grove.world.get("/admin/realms/Acme/roles/default-roles-acme", &grove.admin);
    assert_eq!(role.status, 200, "in small letters, as Keycloak has it");
}

#[test]
fn everybody_gets_it_however_they_come() {
    let grove = Grove::new();
    assert_eq!(grove.granted("hiroko"), [DEFAULT]);
    made(&grove.post("/users", &json!({ "username": "ann" })));
    let service = json!({ "clientId": "shop", "serviceAccountsEnabled": true });
    make_client(&grove.world, TRAVEL0, &service);
    let document = json!({ "users": [{ "username": "ben", "realmRoles": [DEFAULT] }] });
    assert_eq!(import(&grove.world, &grove.admin, &document).status, 200);
    // Who is brought along holds what the document says.
    let document = json!({ "users": [{ "username": "cid" }] });
    assert_eq!(import(&grove.world, &grove.admin, &document).status, 200);
    assert_eq!(grove.granted("cid"), Vec::<String>::new());
    for username in ["ann", "service-account-shop", "ben"] {
        assert_eq!(grove.granted(username), [DEFAULT], "{username}");
    }
    let holders = grove.read(&format!("/roles/{DEFAULT}/users"));
    assert!(holders.as_array().unwrap().iter().any(|user| user["username"] == "ann"));
    // It is granted, and may be taken away from one.
    let role = grove.read(&format!("/roles/{DEFAULT}"));
    let path = format!("{TRAVEL0}/users/{}/role-mappings/realm", grove.id_of("ann"));
    assert_eq!(grove.world.delete_with(&path, &grove.admin, &json!([role])).status, 204);
    assert_eq!(grove.granted("ann"), Vec::<String>::new());
}

/// What is put into it, everybody holds at once, and who puts it there must hold it.
#[test]
fn what_it_includes_everybody_holds() {
    let grove = Grove::new();
    let composites = format!("/roles/{DEFAULT}/composites");
    made(&grove.post("/roles", &json!({ "name": "guide" })));
    let guide = grove.read("/roles/guide");
    assert_eq!(grove.post(&composites, &json!([guide])).status, 204);
    let held = format!("/users/{}/role-mappings/realm/composite", grove.id_of("hiroko"));
    assert!(names(&grove.read(&held)).contains(&"guide"));

    let above = client_role(&grove.world, TRAVEL0, "realm-management", "manage-users");
    let manager = holder_of(&grove.world, &["manage-realm"]);
    let path = format!("{TRAVEL0}{composites}");
    assert_eq!(grove.world.post(&path, &manager, &json!([above])).status, 403);
    assert_eq!(grove.world.delete_with(&path, &grove.admin, &json!([guide])).status, 204);
    assert!(!names(&grove.read(&held)).contains(&"guide"));
}

#[test]
fn it_is_not_deleted_and_may_be_called_otherwise() {
    let grove = Grove::new();
    let path = format!("/roles/{DEFAULT}");
    let id = grove.read(&path)["id"].as_str().unwrap().to_owned();
    for path in [path.clone(), format!("/roles-by-id/{id}")] {
        let refused = grove.delete(&path);
        assert_eq!(refused.status, 400);
        let words = format!("{DEFAULT} is default role of the realm and cannot be removed.");
        assert_eq!(refused.json()["errorMessage"], words);
    }
    assert_eq!(grove.put(&path, &json!({ "name": "everybody" })).status, 204);
    assert_eq!(grove.delete("/roles/everybody").status, 400);
    assert_eq!(grove.read("")["defaultRole"]["name"], "everybody");
    made(&grove.post("/users", &json!({ "username": "ann" })));
    assert_eq!(grove.granted("ann"), ["everybody"]);
    assert_eq!(grove.delete("/roles/offline_access").status, 204, "which is one like any other");
}

/// A document of Keycloak's has the role, what it includes, and who holds it.
#[test]
fn a_realm_brings_its_own_default_role() {
    let grove = Grove::new();
    let body = json!({
        "realm": "acme", "enabled": true,
        "defaultRole": { "name": "everybody", "composite": true },
        "roles": { "realm": [
            { "name": "everybody", "composites": { "realm": ["guide"] } },
            { "name": "guide" }, { "name": "offline_access", "description": "Ours" },
        ] },
        "users": [{ "username": "ann", "realmRoles": ["everybody"] }, { "username": "ben" }],
    });
    assert_eq!(made(&grove.world.post("/admin/realms", &grove.admin, &body)), "acme");

    let read = |below: &str| {
        let answer = grove.world.get(&format!("/admin/realms/acme{below}"), &grove.admin);
        assert_eq!(answer.status, 200, "{below}: {answer:?}");
        answer.json()
    };
    assert_eq!(read("")["defaultRole"]["name"], "everybody");
    assert_eq!(
        names(&read("/roles")),
        ["everybody", "guide", "offline_access", "uma_authorization"]
    );
    assert_eq!(names(&read("/roles/everybody/composites")), ["guide"]);
    assert_eq!(read("/roles/offline_access")["description"], "Ours");
    let granted = |username: &str| {
        let id = read(&format!("/users?username={username}"))[0]["id"].as_str().unwrap().to_owned();
        let list = read(&format!("/users/{id}/role-mappings/realm"));
        names(&list).into_iter().map(str::to_owned).collect::<Vec<_>>()
    };
    assert_eq!((granted("ann"), granted("ben")), (vec!["everybody".to_owned()], vec![]));
    made(&grove.world.post(
        "/admin/realms/acme/users",
        &grove.admin,
        &json!({ "username": "cid" }),
    ));
    assert_eq!(granted("cid"), ["everybody"]);
}

#[test]
fn a_realm_from_before_gets_it_with_everybody_in_it() {
    let grove = Grove::new();
    grove.world.directory().sql().execute_batch(
        "UPDATE realm SET edition = 1, default_role = NULL;
         DELETE FROM user_role WHERE role_id IN (SELECT id FROM role WHERE name LIKE 'default-roles-%');
         DELETE FROM role WHERE name LIKE 'default-roles-%' OR name = 'offline_access';",
    );
    grove.world.restart();

    assert_eq!(grove.granted("hiroko"), [DEFAULT]);
    let included = grove.read(&format!("/roles/{DEFAULT}/composites"));
    assert_eq!(names(&included), ["offline_access", "uma_authorization"]);
    assert_eq!(grove.delete(&format!("/roles/{DEFAULT}")).status, 400);
    let master = grove.world.get(MASTER, &grove.admin).json();
    assert_eq!(master["defaultRole"]["name"], "default-roles-master");
}
