//! Roles of groups: granted, inherited, and what they let people do; nobody hands
//! out by way of a group what they do not hold.
use crate::admin_groups::Grove;
use crate::admin_setup::{
    MASTER, TRAVEL0, client_role, client_uuid, holder_and_user, holder_of, made, make_client,
    names, newest_event, nobody, outside_holder_of, own_names,
};
use crate::harness::browser::Answer;
use http::Method;
use serde_json::{Value, json};

impl Grove {
    fn make_role(&self, name: &str) -> Value {
        made(&self.post("/roles", &json!({ "name": name })));
        self.read(&format!("/roles/{name}"))
    }

    /// Grants a role of `realm-management` to a group.
    fn empower(&self, group: &str, role: &str) {
        let management = client_uuid(&self.world, TRAVEL0, "realm-management");
        let role = client_role(&self.world, TRAVEL0, "realm-management", role);
        let path = format!("/groups/{group}/role-mappings/clients/{management}");
        assert_eq!(self.post(&path, &json!([role])).status, 204);
    }

    fn grant(&self, group: &str, role: &Value) {
        let path = format!("/groups/{group}/role-mappings/realm");
        assert_eq!(self.post(&path, &json!([role])).status, 204);
    }

    /// The realm roles that `username` holds in the end.
    fn held(&self, username: &str) -> Vec<String> {
        let path = format!("/users/{}/role-mappings/realm/composite", self.id_of(username));
        own_names(&self.read(&path)).into_iter().map(str::to_owned).collect()
    }

    fn status(&self, method: Method, below: &str, token: &str, body: &Value) -> u16 {
        let answer = self.world.call(method, &format!("{TRAVEL0}{below}"), token, Some(body));
        answer.status.as_u16()
    }
}

#[test]
fn roles_are_granted_to_a_group_and_taken_away() {
    let grove = Grove::new();
    let [group] = grove.plant(["group"]);
    let web = client_uuid(&grove.world, TRAVEL0, "travel0-web");
    grove.post(&format!("/clients/{web}/roles"), &json!({ "name": "reader" }));
    let reader = client_role(&grove.world, TRAVEL0, "travel0-web", "reader");
    let [parent, child] = ["parent", "child"].map(|name| grove.make_role(name));
    grove.post("/roles/parent/composites", &json!([child, reader]));
    let base = format!("/groups/{group}/role-mappings");
    let [realm, client] = [format!("{base}/realm"), format!("{base}/clients/{web}")];
    assert_eq!(grove.read(&base), json!({}));
    assert_eq!(own_names(&grove.read(&format!("{realm}/available"))), ["child", "parent"]);

    for _ in 0..2 {
        let brief = json!([{ "id": parent["id"], "name": "parent" }]);
        assert_eq!(grove.post(&realm, &brief).status, 204);
        assert_eq!(newest_event(&grove.world, "travel0")["resourceType"], "REALM_ROLE_MAPPING");
        assert_eq!(grove.post(&client, &json!([reader])).status, 204);
    }

    let event = newest_event(&grove.world, "travel0");
    assert_eq!(event["resourceType"], "CLIENT_ROLE_MAPPING");
    assert_eq!(event["resourcePath"], json!(client[1..]));
    let all = grove.read(&base);
    assert_eq!(names(&all["realmMappings"]), ["parent"]);
    assert_eq!(names(&all["clientMappings"]["travel0-web"]["mappings"]), ["reader"]);
    assert_eq!(names(&grove.read(&realm)), ["parent"]);
    assert_eq!(names(&grove.read(&client)), ["reader"]);
    assert_eq!(names(&grove.read(&format!("{realm}/composite"))), ["child", "parent"]);
    assert_eq!(own_names(&grove.read(&format!("{realm}/available"))), ["child"]);
    assert_eq!(grove.read(&format!("{client}/available")), json!([]));
    let composite = format!("{realm}/composite?briefRepresentation");
    assert_eq!(grove.read(&format!("{composite}=false"))[0]["attributes"], json!({}));
    assert!(grove.read(&format!("{composite}=true"))[0].get("attributes").is_none());
    let read = grove.read(&format!("/groups/{group}"));
    assert_eq!(read["realmRoles"], json!(["parent"]));
    assert_eq!(read["clientRoles"], json!({ "travel0-web": ["reader"] }));

    let path = format!("{TRAVEL0}{realm}");
    assert_eq!(grove.world.delete_with(&path, &grove.admin, &json!([parent])).status, 204);
    assert_eq!(newest_event(&grove.world, "travel0")["operationType"], "DELETE");
    assert_eq!(grove.delete(&client).status, 204);
    assert_eq!(grove.read(&base), json!({}));
}

#[test]
fn what_cannot_be_granted_to_a_group_is_not() {
    let grove = Grove::new();
    let [group] = grove.plant(["group"]);
    let web = client_uuid(&grove.world, TRAVEL0, "travel0-web");
    let guide = grove.make_role("guide");
    let foreign = grove.world.get(&format!("{MASTER}/roles/admin"), &grove.admin).json();
    let base = format!("/groups/{group}/role-mappings");
    let before = grove.world.dump();
    for (path, body, status) in [
        (format!("{base}/realm"), json!([{ "id": "none", "name": "guide" }]), 404),
        (format!("{base}/realm"), json!([{ "id": guide["id"], "name": "other" }]), 404),
        (format!("{base}/realm"), json!([foreign]), 404),
        (format!("{base}/clients/{web}"), json!([guide]), 404),
        (format!("{base}/clients/none"), json!([guide]), 404),
        ("/groups/none/role-mappings/realm".to_owned(), json!([guide]), 404),
        (format!("{base}/realm"), json!([{ "name": "guide" }]), 404),
        (format!("{base}/realm"), json!({}), 400),
    ] {
        assert_eq!(grove.post(&path, &body).status.as_u16(), status, "{path} {body}");
    }
    assert_eq!(grove.get("/groups/none/role-mappings").error(), "Could not find group by id");
    assert_eq!(grove.world.dump(), before);
}

#[test]
fn members_hold_the_roles_of_their_groups_and_of_those_above() {
    let grove = Grove::new();
    let [top, middle, leaf, other] = grove.plant(["top", "top/middle", "top/middle/leaf", "other"]);
    let [above, within, own, aside] =
        ["above", "within", "own", "aside"].map(|name| grove.make_role(name));
    grove.post("/roles/above/composites", &json!([within]));
    grove.grant(&top, &above);
    grove.grant(&leaf, &own);
    grove.grant(&other, &aside);
    let composite = |group: &str| {
        let list = grove.read(&format!("/groups/{group}/role-mappings/realm/composite"));
        names(&list).into_iter().map(str::to_owned).collect::<Vec<_>>()
    };
    assert_eq!(composite(&top), ["above", "within"]);
    assert_eq!(composite(&middle), ["above", "within"]);
    assert_eq!(composite(&leaf), ["above", "own", "within"]);
    assert_eq!(grove.read(&format!("/groups/{leaf}"))["realmRoles"], json!(["own"]));

    grove.join("hiroko", &middle);
    assert_eq!(grove.held("hiroko"), ["above", "within"]);
    grove.join("hiroko", &leaf);
    assert_eq!(grove.held("hiroko"), ["above", "own", "within"]);
    grove.relocate(&leaf, Some(&other));
    assert_eq!(grove.held("hiroko"), ["above", "aside", "own", "within"]);
    grove.delete(&format!("/users/{}/groups/{middle}", grove.id_of("hiroko")));
    assert_eq!(grove.held("hiroko"), ["aside", "own"]);
    grove.delete(&format!("/groups/{other}"));
    assert_eq!(grove.held("hiroko"), Vec::<String>::new());
}

#[test]
fn what_comes_through_a_group_was_not_granted_itself() {
    let grove = Grove::new();
    let [top, child] = grove.plant(["top", "top/child"]);
    let guide = grove.make_role("guide");
    let web = client_uuid(&grove.world, TRAVEL0, "travel0-web");
    grove.post(&format!("/clients/{web}/roles"), &json!({ "name": "reader" }));
    let reader = client_role(&grove.world, TRAVEL0, "travel0-web", "reader");
    grove.grant(&top, &guide);
    let of_client = format!("/groups/{child}/role-mappings/clients/{web}");
    assert_eq!(grove.post(&of_client, &json!([reader])).status, 204);
    grove.join("hiroko", &child);
    let mappings = format!("/users/{}/role-mappings", grove.id_of("hiroko"));

    assert_eq!(names(&grove.read(&mappings)["realmMappings"]), ["default-roles-travel0"]);
    assert_eq!(names(&grove.read(&format!("{mappings}/realm"))), ["default-roles-travel0"]);
    assert_eq!(own_names(&grove.read(&format!("{mappings}/realm/available"))), ["guide"]);
    assert_eq!(names(&grove.read(&format!("{mappings}/clients/{web}/composite"))), ["reader"]);
    assert_eq!(grove.read("/roles/guide/users"), json!([]));
    assert_eq!(names(&grove.read("/roles/guide/groups")), ["top"]);
    let of_reader = format!("/clients/{web}/roles/reader/groups");
    let listed = grove.read(&of_reader);
    let expected = json!([{
        "id": child, "name": "child", "path": "/top/child", "parentId": top, "subGroups": [],
    }]);
    assert_eq!(listed, expected);
    let full = grove.read(&format!("{of_reader}?briefRepresentation=false"));
    assert_eq!(full[0]["clientRoles"], json!({ "travel0-web": ["reader"] }));
    assert_eq!(grove.read("/roles/guide/groups?first=1"), json!([]));
    assert_eq!(grove.get("/roles/none/groups").error(), "Could not find role");

    let realm_viewer = holder_of(&grove.world, &["view-realm"]);
    let viewer = holder_of(&grove.world, &["view-realm", "view-users"]);
    let path = format!("{TRAVEL0}/roles/guide/groups");
    assert_eq!(grove.world.get(&path, &realm_viewer).status, 403);
    assert_eq!(grove.world.get(&path, &viewer).status, 200);
    assert_eq!(grove.world.get(&path, "").status, 401);
}

#[test]
fn a_deleted_role_leaves_the_groups() {
    let grove = Grove::new();
    let [group] = grove.plant(["group"]);
    let guide = grove.make_role("guide");
    let client = make_client(&grove.world, TRAVEL0, &json!({ "clientId": "shop" }));
    grove.post(&format!("/clients/{client}/roles"), &json!({ "name": "buyer" }));
    let buyer = client_role(&grove.world, TRAVEL0, "shop", "buyer");
    grove.grant(&group, &guide);
    let of_client = format!("/groups/{group}/role-mappings/clients/{client}");
    assert_eq!(grove.post(&of_client, &json!([buyer])).status, 204);

    assert_eq!(grove.delete("/roles/guide").status, 204);
    assert_eq!(grove.delete(&format!("/clients/{client}")).status, 204);

    assert_eq!(grove.read(&format!("/groups/{group}/role-mappings")), json!({}));
    let dump = grove.world.dump();
    assert!(!dump.lines().any(|line| line.starts_with("group_role ")), "{dump}");
}

#[test]
fn a_group_makes_administrators_of_its_members() {
    let grove = Grove::new();
    let [top, child, elsewhere] = grove.plant(["top", "top/child", "elsewhere"]);
    grove.empower(&top, "view-users");
    let hiroko = nobody(&grove.world);
    let sees = |path: &str| grove.world.get(&format!("{TRAVEL0}{path}"), &hiroko).status.as_u16();
    assert_eq!(sees("/users"), 403);

    grove.join("hiroko", &child);
    assert_eq!((sees("/users"), sees("/groups"), sees("/clients")), (200, 200, 403));
    let path = format!("{TRAVEL0}/users");
    assert_eq!(grove.world.post(&path, &hiroko, &json!({ "username": "x" })).status, 403);

    grove.relocate(&child, Some(&elsewhere));
    assert_eq!(sees("/users"), 403);
    grove.relocate(&child, Some(&top));
    assert_eq!(sees("/users"), 200);
    grove.delete(&format!("/groups/{top}"));
    assert_eq!(sees("/users"), 403);
}

#[test]
fn a_group_of_master_makes_administrators_of_every_realm() {
    let grove = Grove::new();
    let (world, admin) = (&grove.world, grove.admin.as_str());
    let body = json!({ "clientId": "ops", "secret": "s3cret", "serviceAccountsEnabled": true });
    let uuid = make_client(world, MASTER, &body);
    let account = format!("{MASTER}/clients/{uuid}/service-account-user");
    let ops = world.get(&account, admin).json()["id"].as_str().unwrap().to_owned();
    let fields =
        [("grant_type", "client_credentials"), ("client_id", "ops"), ("client_secret", "s3cret")];
    let answer = world.post_form("/realms/master/protocol/openid-connect/token", &fields);
    let token = answer.json()["access_token"].as_str().unwrap().to_owned();
    assert_eq!(world.get(&format!("{TRAVEL0}/users"), &token).status, 403);

    let group = made(&world.post(&format!("{MASTER}/groups"), admin, &json!({ "name": "root" })));
    let role = world.get(&format!("{MASTER}/roles/admin"), admin).json();
    let granted = format!("{MASTER}/groups/{group}/role-mappings/realm");
    assert_eq!(world.post(&granted, admin, &json!([role])).status, 204);
    assert_eq!(
        world.put(&format!("{MASTER}/users/{ops}/groups/{group}"), admin, &Value::Null).status,
        204
    );

    assert_eq!(world.get(&format!("{TRAVEL0}/users"), &token).status, 200);
    let realm = json!({ "realm": "acme", "enabled": true });
    assert_eq!(world.post("/admin/realms", &token, &realm).status, 201);
    // And what they hold, they hand out.
    let management = client_uuid(world, TRAVEL0, "realm-management");
    let realm_admin = client_role(world, TRAVEL0, "realm-management", "realm-admin");
    let hiroko = grove.id_of("hiroko");
    let path = format!("{TRAVEL0}/users/{hiroko}/role-mappings/clients/{management}");
    assert_eq!(world.post(&path, &token, &json!([realm_admin])).status, 204);
}

/// A tree in which `powerful` carries `realm-admin`: every way to hand it out, to
/// take it away, or to let its path mean another group.
#[test]
fn nobody_hands_out_through_a_group_what_they_do_not_hold() {
    let grove = Grove::new();
    let [above, powerful, below, plain, leaf] =
        grove.plant(["above", "above/powerful", "above/powerful/below", "plain", "plain/leaf"]);
    grove.empower(&powerful, "realm-admin");
    grove.join("jonno", &below);
    let (manager, own_user) = holder_and_user(&grove.world, &["manage-users", "manage-realm"]);
    let outside = outside_holder_of(&grove.world, &["manage-users", "manage-realm"]);
    let management = client_uuid(&grove.world, TRAVEL0, "realm-management");
    let realm_admin = client_role(&grove.world, TRAVEL0, "realm-management", "realm-admin");
    let [hiroko, jonno] = ["hiroko", "jonno"].map(|name| grove.id_of(name));
    let moved = |id: &str| json!({ "id": id, "name": "any" });
    let nothing = Value::Null;
    let mapped = format!("role-mappings/clients/{management}");
    let sly: Vec<(Method, String, Value)> = vec![
        // Joining, and letting join.
        (Method::PUT, format!("/users/{own_user}/groups/{powerful}"), nothing.clone()),
        (Method::PUT, format!("/users/{hiroko}/groups/{below}"), nothing.clone()),
        (
            Method::POST,
            "/users".to_owned(),
            json!({ "username": "a", "groups": ["/above/powerful"] }),
        ),
        (
            Method::POST,
            "/users".to_owned(),
            json!({ "username": "a", "groups": ["/plain", "/above/powerful/below"] }),
        ),
        (Method::PUT, format!("/default-groups/{below}"), nothing.clone()),
        // Leaving.
        (Method::DELETE, format!("/users/{jonno}/groups/{below}"), nothing.clone()),
        // The roles of a group.
        (Method::POST, format!("/groups/{plain}/{mapped}"), json!([realm_admin])),
        (Method::DELETE, format!("/groups/{powerful}/{mapped}"), json!([realm_admin])),
        // Its place: its own, of one above, of one below, and below it.
        (Method::POST, format!("/groups/{powerful}/children"), moved(&plain)),
        (Method::POST, format!("/groups/{below}/children"), moved(&leaf)),
        (Method::POST, format!("/groups/{plain}/children"), moved(&powerful)),
        (Method::POST, "/groups".to_owned(), moved(&powerful)),
        (Method::POST, "/groups".to_owned(), moved(&below)),
        (Method::POST, format!("/groups/{plain}/children"), moved(&above)),
        // Its name, and those of its path.
        (Method::PUT, format!("/groups/{powerful}"), json!({ "name": "plain" })),
        (Method::PUT, format!("/groups/{above}"), json!({ "name": "beneath" })),
        (Method::PUT, format!("/groups/{below}"), json!({ "name": "beneath" })),
        // Its being.
        (Method::DELETE, format!("/groups/{powerful}"), nothing.clone()),
        (Method::DELETE, format!("/groups/{above}"), nothing.clone()),
        (Method::DELETE, format!("/groups/{below}"), nothing),
    ];
    let before = grove.world.dump();
    for (method, path, body) in &sly {
        for token in [&manager, &outside] {
            let status = grove.status(method.clone(), path, token, body);
            assert_eq!(status, 403, "{method} {path} {body}");
        }
    }
    // A body of none would take all.
    let path = format!("{TRAVEL0}/groups/{powerful}/{mapped}");
    assert_eq!(grove.world.delete(&path, &manager).status, 403);
    assert_eq!(grove.world.dump(), before);

    // What leaves the power where it is, they may.
    let described = json!({ "name": "powerful", "description": "Careful", "attributes": {} });
    for (method, path, body) in [
        (Method::PUT, format!("/groups/{powerful}"), described),
        (Method::PUT, format!("/users/{own_user}/groups/{leaf}"), Value::Null),
        (Method::PUT, format!("/users/{own_user}/groups/{above}"), Value::Null),
        (Method::PUT, format!("/default-groups/{above}"), Value::Null),
        (Method::POST, format!("/groups/{above}/children"), moved(&leaf)),
        (Method::PUT, format!("/groups/{leaf}"), json!({ "name": "petal" })),
        (Method::DELETE, format!("/groups/{leaf}"), Value::Null),
    ] {
        let status = grove.status(method.clone(), &path, &manager, &body);
        assert_eq!(status, 204, "{method} {path}");
    }
    let child = json!({ "name": "new" });
    let path = format!("/groups/{powerful}/children");
    assert_eq!(grove.status(Method::POST, &path, &manager, &child), 201);

    // And whoever holds it, does as they like; through the group, too.
    let member = nobody(&grove.world);
    grove.join("hiroko", &below);
    let path = format!("/users/{own_user}/groups/{powerful}");
    assert_eq!(grove.status(Method::PUT, &path, &member, &Value::Null), 204);
    let renamed = json!({ "name": "mighty" });
    assert_eq!(grove.status(Method::PUT, &format!("/groups/{powerful}"), &member, &renamed), 204);
    assert_eq!(grove.status(Method::POST, "/groups", &member, &moved(&powerful)), 204);
}

/// A role of the product's may include one that administers.
#[test]
fn power_within_a_composite_counts() {
    let grove = Grove::new();
    let [group] = grove.plant(["group"]);
    let team = grove.make_role("team");
    let (manager, own_user) = holder_and_user(&grove.world, &["manage-users", "manage-realm"]);
    let path = format!("/users/{own_user}/groups/{group}");
    grove.grant(&group, &team);
    assert_eq!(grove.status(Method::PUT, &path, &manager, &Value::Null), 204);
    assert_eq!(grove.status(Method::DELETE, &path, &manager, &Value::Null), 204);

    let impersonation = client_role(&grove.world, TRAVEL0, "realm-management", "impersonation");
    let composites = "/roles/team/composites";
    let within = json!([impersonation]);
    assert_eq!(grove.status(Method::POST, composites, &manager, &within), 403);
    assert_eq!(grove.post(composites, &within).status, 204);
    assert_eq!(grove.status(Method::PUT, &path, &manager, &Value::Null), 403);
}

#[test]
fn nobody_has_power_over_an_administrator_by_way_of_a_group() {
    let grove = Grove::new();
    let [group] = grove.plant(["group"]);
    grove.empower(&group, "manage-realm");
    let manager = holder_of(&grove.world, &["manage-users"]);
    let outside = outside_holder_of(&grove.world, &["manage-users"]);
    let hiroko = format!("/users/{}", grove.id_of("hiroko"));
    let password = json!({ "type": "password", "value": "four unrelated words" });
    let reset = format!("{hiroko}/reset-password");
    assert_eq!(grove.status(Method::PUT, &reset, &manager, &password), 204);

    grove.join("hiroko", &group);

    for token in [&manager, &outside] {
        assert_eq!(grove.status(Method::PUT, &reset, token, &password), 403);
        assert_eq!(
            grove.status(Method::PUT, &hiroko, token, &json!({ "email": "m@x.example" })),
            403
        );
        assert_eq!(grove.status(Method::DELETE, &hiroko, token, &Value::Null), 403);
    }
    let equal = holder_of(&grove.world, &["manage-users", "manage-realm"]);
    assert_eq!(grove.status(Method::PUT, &reset, &equal, &password), 204);
}

#[test]
fn the_secret_of_a_client_that_administers_by_way_of_a_group_is_not_told() {
    let grove = Grove::new();
    let [group] = grove.plant(["group"]);
    grove.empower(&group, "manage-users");
    let manager = holder_of(&grove.world, &["manage-clients"]);
    let body = json!({ "clientId": "robot", "secret": "s3cret", "serviceAccountsEnabled": true });
    let uuid = make_client(&grove.world, TRAVEL0, &body);
    let secret = format!("/clients/{uuid}/client-secret");
    let read = |token: &str| -> Answer { grove.world.get(&format!("{TRAVEL0}{secret}"), token) };
    assert_eq!(read(&manager).json()["value"], "s3cret");

    let account = grove.read(&format!("/clients/{uuid}/service-account-user"));
    let path = format!("/users/{}/groups/{group}", account["id"].as_str().unwrap());
    assert_eq!(grove.put(&path, &Value::Null).status, 204);

    let told = read(&manager);
    assert!(told.status == 403 || told.json()["value"] != "s3cret", "{told:?}");
    assert_eq!(read(&grove.admin).json()["value"], "s3cret");
}
