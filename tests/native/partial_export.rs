//! `POST /admin/realms/{realm}/partial-export`: what the document holds, for whom,
//! and that it can be imported again.
use crate::admin_setup::{TRAVEL0, assert_guarded, holder_of, nobody};
use crate::harness::browser::Answer;
use crate::harness::world::World;
use crate::partial_import::{IMPORT, everything, import, with_policy};
use crate::scim_setup::{admin, travel0};
use http::Method;
use serde_json::{Value, json};

const EXPORT: &str = "/admin/realms/travel0/partial-export";

fn export(world: &World, token: &str, query: &str) -> Answer {
    world.call(Method::POST, &format!("{EXPORT}{query}"), token, None)
}

fn exported(world: &World, query: &str) -> Value {
    let answer = export(world, &admin(world), query);
    assert_eq!(answer.status, 200, "{query}: {}", answer.text);
    answer.json()
}

const EVERYTHING: &str = "?exportClients=true&exportGroupsAndRoles=true";

/// A realm with one of everything.
fn full_realm() -> World {
    let world = travel0();
    assert_eq!(import(&world, &admin(&world), &everything()).status, 200);
    world
}

fn find<'a>(list: &'a Value, member: &str, value: &str) -> &'a Value {
    let mut found = list.as_array().unwrap().iter().filter(|one| one[member] == value);
    found.next().unwrap_or_else(|| panic!("no {member} {value} in {list}"))
}

#[test]
fn a_realm_is_exported_without_people_and_secrets() {
    let world = full_realm();
    let document = exported(&world, EVERYTHING);

    assert_eq!((&document["realm"], &document["enabled"]), (&json!("travel0"), &json!(true)));
    let shop = find(&document["clients"], "clientId", "shop");
    assert_eq!(shop["secret"], "**********");
    assert_eq!(shop["protocolMappers"][0]["name"], "plan");
    assert_eq!(find(&document["clients"], "clientId", "admin-cli").get("secret"), None);
    let head = find(&document["roles"]["realm"], "name", "head guide");
    let composites = json!({ "realm": ["guide"], "client": { "shop": ["seller"] } });
    assert_eq!((&head["composite"], &head["composites"]), (&json!(true), &composites));
    let guide = find(&document["roles"]["realm"], "name", "guide");
    assert_eq!(guide["attributes"], json!({ "area": ["north"] }));
    assert_eq!(guide.get("composites"), None);
    find(&document["roles"]["client"]["shop"], "name", "seller");
    find(&document["roles"]["client"]["realm-management"], "name", "realm-admin");
    let okta = find(&document["identityProviders"], "alias", "okta");
    assert_eq!(okta["config"]["clientSecret"], "**********");
    let mail = find(&document["identityProviderMappers"], "name", "mail");
    assert_eq!(mail["identityProviderAlias"], "okta");
    assert_eq!(document["clientScopes"].as_array().unwrap().len(), 15);
    assert!(document["defaultDefaultClientScopes"].as_array().unwrap().contains(&json!("profile")));
    assert!(document["defaultOptionalClientScopes"].as_array().unwrap().contains(&json!("phone")));
    let crew = find(&document["groups"], "name", "crew");
    assert_eq!(crew["realmRoles"], json!(["guide"]));
    assert_eq!(crew["subGroups"][0]["path"], "/crew/a~/b");
    let accounts = document["users"].as_array().unwrap();
    assert!(accounts.iter().all(|user| user["serviceAccountClientId"].is_string()));
    let account = find(&document["users"], "serviceAccountClientId", "shop");
    assert_eq!(account["realmRoles"], json!(["default-roles-travel0", "guide"]));
    for secret in ["shop-secret", "okta-secret", "ann@example.com"] {
        assert!(!document.to_string().contains(secret), "{secret}");
    }
}

#[test]
fn clients_and_roles_are_exported_when_asked_for() {
    let world = full_realm();
    let has = |query: &str| {
        let document = exported(&world, query);
        ["clients", "users", "roles", "groups", "identityProviders"]
            .map(|member| document.get(member).is_some())
    };
    assert_eq!(has(""), [false, false, false, false, true]);
    assert_eq!(has("?exportClients=false"), [false, false, false, false, true]);
    assert_eq!(has("?exportClients=true"), [true, true, false, false, true]);
    assert_eq!(has("?exportGroupsAndRoles=true"), [false, false, true, true, true]);
    // As in Keycloak: the accounts without what they hold.
    let document = exported(&world, "?exportClients=true");
    assert_eq!(
        find(&document["users"], "username", "service-account-shop")["realmRoles"],
        json!([])
    );
}

#[test]
fn what_the_caller_may_not_see_is_left_out_or_refused() {
    let world = full_realm();
    let viewer = holder_of(&world, &["view-realm", "view-clients", "view-users"]);
    assert_guarded(&world, &Method::POST, EXPORT, &[&nobody(&world), &viewer]);
    let manager = holder_of(&world, &["manage-realm"]);
    let document = export(&world, &manager, "").json();
    for member in ["clientScopes", "defaultDefaultClientScopes", "identityProviders"] {
        assert_eq!(document.get(member), None, "{member}");
    }
    for query in ["?exportClients=true", "?exportGroupsAndRoles=true", EVERYTHING] {
        assert_eq!(export(&world, &manager, query).status, 403, "{query}");
    }
    let clients = holder_of(&world, &["manage-realm", "view-clients"]);
    assert_eq!(export(&world, &clients, "?exportClients=true").status, 200);
    assert_eq!(export(&world, &clients, EVERYTHING).status, 403);
    for (role, sees_groups) in [("query-groups", false), ("view-users", true)] {
        let token = holder_of(&world, &["manage-realm", role]);
        let answer = export(&world, &token, "?exportGroupsAndRoles=true");
        assert_eq!(answer.status, 200, "{role}");
        assert_eq!(answer.json().get("groups").is_some(), sees_groups, "{role}");
    }
}

#[test]
fn an_export_changes_nothing() {
    let world = full_realm();
    let token = admin(&world);
    let before = world.dump();
    assert_eq!(export(&world, &token, EVERYTHING).status, 200);
    assert!(world.dump() == before);
    let unknown = world.call(Method::POST, "/admin/realms/none/partial-export", &token, None);
    assert_eq!(unknown.status, 404);
}

#[test]
fn what_was_exported_is_imported_again() {
    let world = full_realm();
    let document = exported(&world, EVERYTHING);
    let token = admin(&world);
    let sent = |policy: &str| world.post(IMPORT, &token, &with_policy(document.clone(), policy));

    assert_eq!(sent("FAIL").status, 409);
    let before = world.dump();
    let skipped = sent("SKIP").json();
    assert_eq!((&skipped["added"], &skipped["overwritten"]), (&json!(0), &json!(0)));
    assert!(world.dump() == before);
    let overwritten = sent("OVERWRITE");
    assert_eq!(overwritten.status, 200, "{overwritten:?}");
    // Mappers have other keys; all else is as it was.
    let without_keys = |mut document: Value| {
        for client in document["clients"].as_array_mut().unwrap() {
            for mapper in client["protocolMappers"].as_array_mut().into_iter().flatten() {
                mapper["id"] = Value::Null;
            }
        }
        document
    };
    assert_eq!(without_keys(exported(&world, EVERYTHING)), without_keys(document));
    let secret = world.get(&format!("{TRAVEL0}/clients?clientId=shop"), &token).json();
    assert_eq!(secret[0]["secret"], "shop-secret");
}

/// The document of one deployment, in another.
#[test]
fn what_was_exported_makes_a_realm_elsewhere() {
    let mut document = exported(&full_realm(), EVERYTHING);
    // Secrets do not travel: a client gets one of its own, and this has none.
    let config = document["identityProviders"][0]["config"].as_object_mut().unwrap();
    config.remove("clientSecret");
    let elsewhere = World::new();
    let token = admin(&elsewhere);

    let made = elsewhere.post("/admin/realms", &token, &document);

    assert_eq!(made.status, 201, "{made:?}");
    let answer = elsewhere.call(Method::POST, &format!("{EXPORT}{EVERYTHING}"), &token, None);
    let mut again = answer.json();
    // These are made with the realm, with keys of their own.
    for one in [&mut again, &mut document] {
        let built_in = |client: &Value| {
            ["admin-cli", "realm-management"].contains(&client["clientId"].as_str().unwrap())
        };
        one["clients"].as_array_mut().unwrap().retain(|client| !built_in(client));
        one["roles"]["client"].as_object_mut().unwrap().remove("realm-management");
        forget_keys(one);
    }
    for (name, value) in document.as_object().unwrap() {
        assert_eq!(again[name], *value, "{name}");
    }
}

/// Keys that a realm gives anew, and organizations, which another one does not
/// have.
fn forget_keys(document: &mut Value) {
    let lists = ["identityProviders", "identityProviderMappers", "users"];
    for list in lists {
        for one in document[list].as_array_mut().unwrap() {
            for key in ["id", "internalId", "createdTimestamp"] {
                one.as_object_mut().unwrap().remove(key);
            }
        }
    }
    document["defaultRole"]["id"] = Value::Null;
    let roles = document["roles"].as_object_mut().unwrap();
    let mut forget = |role: &mut Value| {
        role["id"] = Value::Null;
    };
    roles["realm"].as_array_mut().unwrap().iter_mut().for_each(&mut forget);
    for list in roles["client"].as_object_mut().unwrap().values_mut() {
        list.as_array_mut().unwrap().iter_mut().for_each(&mut forget);
    }
}
