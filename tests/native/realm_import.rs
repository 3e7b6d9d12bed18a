//! `POST /admin/realms` with users, clients, roles, client scopes and identity
//! providers: Keycloak's import of a realm.
use crate::admin_setup::{client_uuid, made, names, newest_event};
use crate::harness::browser::{Answer, json_request};
use crate::harness::world::World;
use crate::partial_import::{everything, exported_password};
use crate::scim_setup::{admin, travel0};
use guildhall::kernel::time::Seconds;
use http::Method;
use serde_json::{Value, json};

const REALMS: &str = "/admin/realms";

const ACME: &str = "/admin/realms/acme";

/// A realm with one of everything.
fn acme() -> Value {
    let mut body = everything();
    body["realm"] = json!("acme");
    body["enabled"] = json!(true);
    body["clientScopes"] = json!([
        { "name": "area", "protocol": "openid-connect", "protocolMappers": [{
            "name": "area", "protocol": "openid-connect",
            "protocolMapper": "oidc-usermodel-attribute-mapper", "config": {},
        }] },
        { "name": "profile", "protocol": "openid-connect", "description": "Ours" },
    ]);
    body["defaultDefaultClientScopes"] = json!(["area", "profile"]);
    body["users"][0]["id"] = json!("00000000-0000-4000-8000-00000000000a");
    body["users"][0]["clientRoles"]["realm-management"] = json!(["view-users"]);
    body
}

fn create(world: &World, body: &Value) -> Answer {
    world.post(REALMS, &admin(world), body)
}

/// Whether the token endpoint takes the password.
fn signs_in(world: &World, username: &str, password: &str) -> bool {
    let fields = [
        ("grant_type", "password"),
        ("client_id", "admin-cli"),
        ("username", username),
        ("password", password),
    ];
    world.post_form("/realms/acme/protocol/openid-connect/token", &fields).status == 200
}

#[test]
fn a_realm_is_made_with_all_that_it_brings() {
    let world = travel0();
    let token = admin(&world);

    assert_eq!(made(&create(&world, &acme())), "acme");

    let shop = client_uuid(&world, ACME, "shop");
    let client = world.get(&format!("{ACME}/clients/{shop}"), &token).json();
    assert_eq!(client["secret"], "shop-secret");
    assert_eq!(client["defaultClientScopes"], json!(["area", "profile", "service_account"]));
    let scopes = world.get(&format!("{ACME}/client-scopes"), &token).json();
    assert_eq!(scopes.as_array().unwrap().len(), 16, "the built-in ones, and one more");
    let profile = scopes.as_array().unwrap().iter().find(|scope| scope["name"] == "profile");
    let profile = profile.unwrap();
    assert_eq!((&profile["description"], profile.get("protocolMappers")), (&json!("Ours"), None));
    let default = world.get(&format!("{ACME}/default-default-client-scopes"), &token).json();
    assert_eq!(names(&default), ["area", "profile"]);
    let optional = world.get(&format!("{ACME}/default-optional-client-scopes"), &token).json();
    assert_eq!(optional.as_array().unwrap().len(), 5);
    let ann = format!("{ACME}/users/00000000-0000-4000-8000-00000000000a");
    assert_eq!(world.get(&ann, &token).json()["username"], "ann", "who had an id keeps it");
    let held = world.get(&format!("{ann}/role-mappings"), &token).json();
    assert_eq!(names(&held["realmMappings"]), ["head guide"]);
    assert_eq!(names(&held["clientMappings"]["shop"]["mappings"]), ["seller"]);
    let management = &held["clientMappings"]["realm-management"]["mappings"];
    assert_eq!(names(management), ["view-users"]);
    let mappers = format!("{ACME}/identity-provider/instances/okta/mappers");
    assert_eq!(names(&world.get(&mappers, &token).json()), ["mail"]);
    assert!(signs_in(&world, "ann", "a good password"));
    assert_eq!(newest_event(&world, "master")["resourceType"], "REALM");
    let events = world.get(&format!("{ACME}/admin-events?max=100"), &token).json();
    assert_eq!(events.as_array().unwrap().len(), 13, "one for each thing");
    for text in [events.to_string(), newest_event(&world, "master").to_string()] {
        assert!(!text.contains("shop-secret") && !text.contains("a good password"));
    }
}

/// What an export of Keycloak names, and is made with every realm here.
#[test]
fn what_a_realm_is_furnished_with_is_not_made_twice() {
    let world = travel0();
    let body = json!({
        "realm": "acme", "enabled": true,
        "clients": [
            { "clientId": "realm-management", "bearerOnly": true },
            { "clientId": "admin-cli", "publicClient": true },
        ],
        "roles": { "client": { "realm-management": [
            { "name": "realm-admin", "composites": { "client": { "realm-management": ["view-users"] } } },
        ] } },
    });
    assert_eq!(made(&create(&world, &body)), "acme");
    let clients = world.get(&format!("{ACME}/clients"), &admin(&world)).json();
    assert_eq!(clients.as_array().unwrap().len(), 2);
}

#[test]
fn what_cannot_be_is_named_and_no_realm_is_made() {
    let world = travel0();
    let token = admin(&world);
    let (before, objects) = (world.dump(), world.count_objects());
    let with = |name: &str, value: Value| {
        let mut body = acme();
        body["realm"] = json!("acme");
        body[name] = value;
        body
    };
    let refused = [
        (with("groups", json!([{ "name": "" }])), "Group name is missing"),
        (with("defaultGroups", json!(["/none"])), "defaultGroups: /none"),
        (with("defaultGroups", json!([1])), "defaultGroups"),
        (with("authenticationFlows", json!([{ "alias": "browser" }])), "authenticationFlows"),
        (with("components", json!({ "x": [{}] })), "components"),
        (with("requiredActions", json!([{ "alias": "CONFIGURE_TOTP" }])), "requiredActions"),
        (with("organizations", json!([{ "name": "a" }])), "organizations"),
        (with("clients", json!([{ "clientId": "a", "redirectUris": ["/*"] }])), "clients: a"),
        (with("clientScopes", json!([{ "name": "a b" }])), "clientScopes: a b"),
        (
            with("clientScopes", json!([{ "name": "a" }, { "name": "a" }])),
            "clientScopes: a stands there twice",
        ),
        (with("defaultOptionalClientScopes", json!(["none"])), "no client scope none"),
        (with("defaultDefaultClientScopes", json!("profile")), "defaultDefaultClientScopes"),
        (
            with(
                "users",
                json!([{ "username": "a", "credentials": [exported_password("pbkdf2")] }]),
            ),
            "users: a",
        ),
        (with("users", json!([{ "username": "a", "id": "not/one" }])), "users: a"),
        (
            with(
                "users",
                json!([{ "username": "a", "clientRoles": { "realm-management": ["x"] } }]),
            ),
            "there is no role x of client realm-management",
        ),
        (with("roles", json!({ "client": { "realm-management": [{ "name": "x" }] } })), "stay"),
        (with("roles", json!({ "client": { "none": [{ "name": "x" }] } })), "client named none"),
        (with("noSuchField", json!(1)), "noSuchField"),
    ];
    for (body, words) in refused {
        let answer = world.post(REALMS, &token, &body);
        assert_eq!(answer.status, 400, "{words}: {answer:?}");
        assert!(answer.text.contains(words), "{words}: {answer:?}");
        assert!(world.dump() == before, "{words}");
    }
    let answer = world.post(REALMS, &token, &with("realm", json!("travel0")));
    assert_eq!(answer.status, 409);
    assert_eq!(answer.json()["errorMessage"], "Realm travel0 already exists");
    world.advance(Seconds(61));
    world.ring_alarms();
    assert_eq!(world.count_objects(), objects, "accounts without a realm are not kept");
}

#[test]
fn a_key_that_is_taken_is_told() {
    let world = travel0();
    let token = admin(&world);
    let web = client_uuid(&world, crate::admin_setup::TRAVEL0, "travel0-web");
    let hiroko = crate::scim_setup::user(&world, "hiroko").unwrap().id;
    for list in [
        json!({ "realm": "acme", "clients": [{ "clientId": "a", "id": web }] }),
        json!({ "realm": "acme", "users": [{ "username": "a", "id": hiroko }] }),
    ] {
        let answer = world.post(REALMS, &token, &list);
        assert_eq!(answer.status, 409, "{answer:?}");
        assert_eq!(world.get(ACME, &token).status, 404);
    }
}

#[test]
fn who_may_make_realms_hands_out_what_a_realm_has() {
    let world = travel0();
    let admin_token = admin(&world);
    let master = "/admin/realms/master";
    let person = json!({
        "username": "maker", "enabled": true, "credentials": [{ "value": "maker password" }],
    });
    let maker = made(&world.post(&format!("{master}/users"), &admin_token, &person));
    let token_of_maker = || {
        let fields = [
            ("grant_type", "password"),
            ("client_id", "admin-cli"),
            ("username", "maker"),
            ("password", "maker password"),
        ];
        let tokens = world.post_form("/realms/master/protocol/openid-connect/token", &fields);
        tokens.json()["access_token"].as_str().unwrap().to_owned()
    };
    assert_eq!(world.post(REALMS, &token_of_maker(), &acme()).status, 403);
    let role = world.get(&format!("{master}/roles/create-realm"), &admin_token).json();
    let path = format!("{master}/users/{maker}/role-mappings/realm");
    assert_eq!(world.post(&path, &admin_token, &json!([role])).status, 204);

    let mut body = acme();
    body["users"][0]["clientRoles"]["realm-management"] = json!(["realm-admin"]);
    assert_eq!(made(&world.post(REALMS, &token_of_maker(), &body)), "acme");
    assert_eq!(world.get(&format!("{ACME}/users"), &token_of_maker()).status, 200);
}

#[test]
fn a_realm_with_people_is_made_in_whole_or_not_at_all() {
    for cut in [
        "account.register_many.after_object",
        "account.register_many.after_objects",
        "account.register_many.after_directory",
    ] {
        let world = travel0();
        let token = admin(&world);
        world.get(REALMS, &token);
        let objects = world.count_objects();
        let request = json_request(Method::POST, REALMS, &token, Some(&acme()));
        world.crash_at(cut, request);

        let is_made = cut.ends_with("directory");
        assert_eq!(world.get(ACME, &token).status == 200, is_made, "{cut}");
        assert_eq!(signs_in(&world, "ann", "a good password"), is_made, "{cut}");
        world.advance(Seconds(61));
        world.ring_alarms();
        assert_eq!(world.count_objects(), objects + if is_made { 2 } else { 0 }, "{cut}");
        let again = create(&world, &acme()).status.as_u16();
        assert_eq!(again, if is_made { 409 } else { 201 }, "{cut}");
        assert!(signs_in(&world, "ann", "a good password"), "{cut}");
    }
}

/// What is written under the key of a realm that is going would go with it.
#[test]
fn the_key_of_a_realm_that_is_being_deleted_is_not_free() {
    let world = travel0();
    let token = admin(&world);
    let mut body = acme();
    body["id"] = json!("acme-key");
    assert_eq!(create(&world, &body).status, 201);
    assert_eq!(world.delete(ACME, &token).status, 204);

    let answer = create(&world, &body);

    assert_eq!(answer.status, 409);
    assert!(answer.text.contains("acme-key"), "{answer:?}");
    body["id"] = Value::Null;
    body["users"] = json!([]);
    body["clients"] = json!([]);
    body["roles"] = json!({});
    body["groups"] = json!([]);
    assert_eq!(create(&world, &body).status, 201, "its name is free");
}
