//! `POST /admin/realms/{realm}/partialImport`: what is imported, who may, what of it
//! is there already, and what a crash leaves.
use crate::admin_setup::{
    TRAVEL0, assert_guarded, client_role, client_uuid, holder_and_user, holder_of, make_client,
    names, nobody, outside_holder_of, own_names,
};
use crate::admin_users::{granted, signs_in};
use crate::harness::browser::{Answer, json_request};
use crate::harness::world::World;
use crate::scim_setup::{admin, count_people, org_id, realm, travel0, user};
use guildhall::app::demo::PASSWORD;
use guildhall::kernel::route::ObjectName;
use guildhall::kernel::time::Seconds;
use guildhall::realm::group::MAX_GROUP_DEPTH;
use http::Method;
use serde_json::{Value, json};

pub const IMPORT: &str = "/admin/realms/travel0/partialImport";

/// A password's hash as Keycloak 26 exports it: "password" with
/// "somesaltsomesalt", made by OpenSSL 3.
pub fn exported_password(algorithm: &str) -> Value {
    let how = json!({
        "hashIterations": 2, "algorithm": algorithm,
        "additionalParameters": {
            "hashLength": ["32"], "memory": ["256"], "type": ["id"], "version": ["1.3"],
            "parallelism": ["1"],
        },
    });
    let made = json!({
        "value": "yrdGtGIZk/3JHsUHh5gLQUqQppLwvGjf4Z+cJbPLqew=",
        "salt": "c29tZXNhbHRzb21lc2FsdA==", "additionalParameters": {},
    });
    json!({
        "id": "0a1b", "type": "password", "createdDate": 1_700_000_000_000_i64,
        "credentialData": how.to_string(), "secretData": made.to_string(),
    })
}

/// One of everything, each naming another.
pub fn everything() -> Value {
    json!({
        "clients": [{
            "clientId": "shop", "secret": "shop-secret", "serviceAccountsEnabled": true,
            "redirectUris": ["https://shop.example/cb"],
            "protocolMappers": [{
                "name": "plan", "protocol": "openid-connect",
                "protocolMapper": "oidc-hardcoded-claim-mapper", "config": {},
            }],
        }],
        "roles": {
            "realm": [
                { "name": "guide", "description": "Guides", "attributes": { "area": ["north"] } },
                { "name": "head guide", "composites": {
                    "realm": ["guide"], "client": { "shop": ["seller"] },
                } },
            ],
            "client": { "shop": [{ "name": "seller", "clientRole": true }] },
        },
        "identityProviders": [{
            "alias": "okta", "providerId": "oidc",
            "config": { "clientId": "guildhall", "clientSecret": "okta-secret" },
        }],
        "identityProviderMappers": [{
            "name": "mail", "identityProviderAlias": "okta",
            "identityProviderMapper": "oidc-user-attribute-idp-mapper",
            "config": { "claim": "email" },
        }],
        "groups": [{
            "name": "crew", "path": "/crew", "description": "On the water",
            "attributes": { "area": ["north"] },
            "realmRoles": ["guide"], "clientRoles": { "shop": ["seller"] },
            "subGroups": [{ "name": "a/b" }],
        }],
        "users": [
            {
                "username": "Ann", "email": "ann@example.com", "enabled": true,
                "credentials": [{ "type": "password", "value": "a good password" }],
                "attributes": { "plan": ["pro"] },
                "realmRoles": ["head guide"], "clientRoles": { "shop": ["seller"] },
                "federatedIdentities": [{
                    "identityProvider": "okta", "userId": "o1", "userName": "ann@okta",
                }],
            },
            { "username": "ben", "requiredActions": ["VERIFY_EMAIL"], "groups": ["/crew/a~/b"] },
            {
                "username": "service-account-shop", "serviceAccountClientId": "shop",
                "enabled": true, "realmRoles": ["guide"],
            },
        ],
    })
}

/// `document` with a policy.
pub fn with_policy(mut document: Value, policy: &str) -> Value {
    document["ifResourceExists"] = json!(policy);
    document
}

pub fn import(world: &World, token: &str, body: &Value) -> Answer {
    world.post(IMPORT, token, body)
}

fn imported(world: &World, token: &str, body: &Value) -> Value {
    let answer = import(world, token, body);
    assert_eq!(answer.status, 200, "{answer:?}");
    answer.json()
}

/// Groups one below the other, so many.
pub fn nested(depth: usize) -> Value {
    let above = |below: Value, _| json!({ "name": "deep", "subGroups": [below] });
    (1..depth).fold(json!({ "name": "deep" }), above)
}

/// What a refusal says.
fn told(answer: &Answer) -> (u16, String) {
    let body = answer.json();
    let members = ["errorMessage", "error_description", "error"];
    let words = members.iter().find_map(|member| body[member].as_str());
    (answer.status.as_u16(), words.unwrap_or_default().to_owned())
}

/// The effective roles of a user.
fn held(world: &World, username: &str) -> Vec<String> {
    let id = user(world, username).unwrap().id;
    let path = format!("{TRAVEL0}/users/{id}/role-mappings/realm/composite");
    let list = world.get(&path, &admin(world)).json();
    own_names(&list).into_iter().map(str::to_owned).collect()
}

fn find(results: &Value, kind: &str, name: &str) -> Value {
    let results = results["results"].as_array().unwrap().iter();
    let mut found =
        results.filter(|one| one["resourceType"] == kind && one["resourceName"] == name);
    found.next().unwrap_or_else(|| panic!("no {kind} {name}")).clone()
}

#[test]
fn everything_of_a_document_is_imported() {
    let world = travel0();
    let token = admin(&world);

    let answer = imported(&world, &token, &everything());

    assert_eq!((&answer["added"], &answer["skipped"]), (&json!(10), &json!(0)), "{answer}");
    assert_eq!(answer["overwritten"], 0);
    assert_eq!(answer["results"].as_array().unwrap().len(), 10);
    let shop = client_uuid(&world, TRAVEL0, "shop");
    let expected = json!({
        "action": "ADDED", "resourceType": "CLIENT", "resourceName": "shop", "id": shop,
    });
    assert_eq!(find(&answer, "CLIENT", "shop"), expected);
    find(&answer, "REALM_ROLE", "head guide");
    find(&answer, "CLIENT_ROLE", "shop-->seller");
    find(&answer, "IDP", "okta");
    find(&answer, "IDP_MAPPER", "mail");
    assert_eq!(find(&answer, "USER", "ann")["id"], user(&world, "ann").unwrap().id.as_str());

    let secret = format!("{TRAVEL0}/clients/{shop}/client-secret");
    assert_eq!(world.get(&secret, &token).json()["value"], "shop-secret");
    let client = world.get(&format!("{TRAVEL0}/clients/{shop}"), &token).json();
    assert_eq!(client["protocolMappers"][0]["name"], "plan");
    let children = world.get(&format!("{TRAVEL0}/roles/head%20guide/composites"), &token).json();
    assert_eq!(names(&children), ["guide", "seller"]);
    let mappers = format!("{TRAVEL0}/identity-provider/instances/okta/mappers");
    assert_eq!(names(&world.get(&mappers, &token).json()), ["mail"]);
    assert_eq!(held(&world, "ann"), ["guide", "head guide"]);
    assert_eq!(held(&world, "service-account-shop"), ["guide"]);
    let ann = format!("{TRAVEL0}/users/{}", user(&world, "ann").unwrap().id);
    let read = world.get(&ann, &token).json();
    assert_eq!(read["attributes"], json!({ "plan": ["pro"] }));
    assert_eq!(read["federatedIdentities"][0]["userId"], "o1");
    assert_eq!(user(&world, "ben").unwrap().required_actions.len(), 1);
    assert!(signs_in(&world, "ann", "a good password"));
    assert!(!signs_in(&world, "ann", PASSWORD));
}

#[test]
fn each_thing_stands_in_the_audit_trail_without_secrets() {
    let world = travel0();
    let token = admin(&world);
    imported(&world, &token, &everything());
    let path = format!("{TRAVEL0}/admin-events?max=100");
    let events = world.get(&path, &admin(&world)).json();
    let text = events.to_string();
    for kind in [
        "CLIENT",
        "REALM_ROLE",
        "CLIENT_ROLE",
        "IDENTITY_PROVIDER",
        "IDENTITY_PROVIDER_MAPPER",
        "USER",
    ] {
        let told = events.as_array().unwrap().iter().any(|event| event["resourceType"] == kind);
        assert!(told, "{kind}");
    }
    for secret in ["shop-secret", "okta-secret", "a good password"] {
        assert!(!text.contains(secret), "{secret}");
    }
    assert!(!world.dump().contains("okta-secret"));
}

#[test]
fn nothing_is_imported_when_one_thing_is_there() {
    let world = travel0();
    let token = admin(&world);
    imported(&world, &token, &everything());
    let before = world.dump();
    let only = |list: &str| {
        let mut body =
            json!({ "users": [{ "username": "new" }], "roles": { "realm": [{ "name": "new" }] } });
        body[list] = everything()[list].clone();
        body
    };
    let mut of_client = json!({});
    of_client["roles"]["client"] = everything()["roles"]["client"].clone();
    let mut by_email = json!({});
    by_email["users"] = json!([{ "username": "other", "email": "ANN@example.com" }]);
    for (body, words) in [
        (only("clients"), "Client id 'shop' already exists"),
        (only("roles"), "Realm role 'guide' already exists."),
        (of_client, "Client role 'seller' for client 'shop' already exists."),
        (only("identityProviders"), "Identity Provider 'okta' already exists."),
        (only("identityProviderMappers"), "Identity Provider Mapper 'mail' already exists."),
        (only("users"), "User with user name ann already exists."),
        (by_email, "User with user name other already exists."),
    ] {
        for body in [with_policy(body.clone(), "FAIL"), body] {
            assert_eq!(told(&import(&world, &token, &body)), (409, words.to_owned()));
        }
    }
    assert!(world.dump() == before);
}

#[test]
fn what_is_there_is_skipped_when_asked_for() {
    let world = travel0();
    let token = admin(&world);
    let first = imported(&world, &token, &everything());
    let before = world.dump();

    let again = imported(&world, &token, &with_policy(everything(), "SKIP"));

    assert!(world.dump() == before, "skipping writes nothing");
    assert_eq!((&again["skipped"], &again["added"]), (&json!(10), &json!(0)));
    let ids = |answer: &Value| {
        let results = answer["results"].as_array().unwrap().iter();
        let mut ids: Vec<String> = results.map(|one| one["id"].to_string()).collect();
        ids.sort();
        ids
    };
    assert_eq!(ids(&again), ids(&first));
    let mut more = everything();
    more["users"].as_array_mut().unwrap().push(json!({ "username": "cy" }));
    let more = imported(&world, &token, &with_policy(more, "SKIP"));
    assert_eq!((&more["skipped"], &more["added"]), (&json!(10), &json!(1)));
}

#[test]
fn roles_clients_and_providers_are_overwritten_where_they_stand() {
    let world = travel0();
    let token = admin(&world);
    imported(&world, &token, &everything());
    let link = json!({ "alias": "okta" });
    let org = org_id(&world, "granite-outpost");
    let path = format!("/realms/travel0/orgs/{org}/idps/link");
    assert_eq!(world.post(&path, &token, &link).status, 201);
    let shop = client_uuid(&world, TRAVEL0, "shop");
    let body = json!({
        "ifResourceExists": "OVERWRITE",
        "clients": [{ "clientId": "shop", "secret": "**********", "serviceAccountsEnabled": true }],
        "roles": { "realm": [{ "name": "head guide", "description": "Heads" }] },
        "identityProviders": [{
            "alias": "okta", "providerId": "keycloak-oidc",
            "config": { "clientSecret": "**********" },
        }],
        "identityProviderMappers": [{
            "name": "mail", "identityProviderAlias": "okta",
            "identityProviderMapper": "oidc-role-idp-mapper",
        }],
    });

    let answer = imported(&world, &token, &body);

    assert_eq!((&answer["overwritten"], &answer["added"]), (&json!(4), &json!(0)), "{answer}");
    let client = world.get(&format!("{TRAVEL0}/clients/{shop}"), &token).json();
    assert_eq!(client["redirectUris"], json!([]), "what is not named is as in a new client");
    assert_eq!(client.get("protocolMappers"), None);
    assert_eq!(client["defaultClientScopes"].as_array().unwrap().len(), 7, "{client}");
    let secret = format!("{TRAVEL0}/clients/{shop}/client-secret");
    assert_eq!(world.get(&secret, &token).json()["value"], "shop-secret");
    assert_eq!(held(&world, "service-account-shop"), ["guide"]);
    client_role(&world, TRAVEL0, "shop", "seller");
    let head = world.get(&format!("{TRAVEL0}/roles/head%20guide"), &token).json();
    assert_eq!((&head["description"], &head["composite"]), (&json!("Heads"), &json!(false)));
    assert_eq!(held(&world, "ann"), ["head guide"], "whoever held it holds it");
    let okta = world.get(&format!("{TRAVEL0}/identity-provider/instances/okta"), &token).json();
    assert_eq!(okta["providerId"], "keycloak-oidc");
    assert_eq!(okta["config"]["clientSecret"], "**********");
    assert_eq!(okta["organizationLinks"][0]["organizationId"], org.as_str());
    let mappers = format!("{TRAVEL0}/identity-provider/instances/okta/mappers");
    let mappers = world.get(&mappers, &token).json();
    assert_eq!(mappers[0]["identityProviderMapper"], "oidc-role-idp-mapper");
    let mut unnamed = body;
    unnamed["clients"][0]["secret"] = Value::Null;
    imported(&world, &token, &unnamed);
    assert_eq!(world.get(&secret, &token).json()["value"], "shop-secret");
    unnamed["clients"][0]["secret"] = json!("another secret");
    imported(&world, &token, &unnamed);
    assert_eq!(world.get(&secret, &token).json()["value"], "another secret");
}

/// As in Keycloak: who comes is somebody else than who was there.
#[test]
fn a_user_who_is_overwritten_is_somebody_else() {
    let world = travel0();
    let token = admin(&world);
    let old = user(&world, "emilio").unwrap();
    let account = ObjectName::Account(realm(&world).id, old.id.clone());
    let body = json!({ "ifResourceExists": "OVERWRITE", "users": [{
        "username": "emilio", "enabled": true,
        "credentials": [{ "value": "another password" }],
    }] });

    let answer = imported(&world, &token, &body);
    world.deliver_queue();

    let new = user(&world, "emilio").unwrap();
    assert_ne!(new.id, old.id);
    assert_eq!(find(&answer, "USER", "emilio")["id"], new.id.as_str());
    assert_eq!(answer["overwritten"], 1);
    assert!(world.is_blank(&account));
    assert!(signs_in(&world, "emilio", "another password"));
    assert!(!signs_in(&world, "emilio", PASSWORD));
    let orgs = world.get(&format!("/realms/travel0/users/{}/orgs", new.id), &token).json();
    assert_eq!(orgs, json!([]), "memberships were the other's");
}

#[test]
fn an_address_finds_who_is_overwritten_unless_two_would_be() {
    let world = travel0();
    let token = admin(&world);
    let [emilio, hiroko] = ["emilio", "hiroko"].map(|name| user(&world, name).unwrap());
    let email = |user: &guildhall::realm::user::User| user.email.clone().unwrap().to_string();
    let body = |name: &str, email: String| json!({ "ifResourceExists": "OVERWRITE", "users": [{ "username": name, "email": email }] });
    let both = import(&world, &token, &body("emilio", email(&hiroko)));
    assert_eq!(told(&both), (409, "User exists with same email".to_owned()));
    let people = count_people(&world);
    imported(&world, &token, &body("emil", email(&emilio)));
    assert_eq!(count_people(&world), people);
    assert!(user(&world, "emilio").is_none());
}

#[test]
fn a_hash_that_keycloak_exported_signs_in() {
    let world = travel0();
    let token = admin(&world);
    let with = |algorithm: &str| {
        json!({ "users": [
            { "username": "ann", "enabled": true, "credentials": [exported_password(algorithm)] },
        ] })
    };
    for algorithm in ["pbkdf2-sha512", "pbkdf2-sha256", "pbkdf2", "bcrypt"] {
        let (status, words) = told(&import(&world, &token, &with(algorithm)));
        assert_eq!(status, 400, "{algorithm}");
        assert!(words.contains("ann") && words.contains(algorithm), "{words}");
    }
    imported(&world, &token, &with("argon2"));
    for _ in 0..2 {
        // The first login hashes it anew, with today's parameters.
        assert!(signs_in(&world, "ann", "password"));
    }
    assert!(!signs_in(&world, "ann", "Password"));
}

#[test]
fn a_document_that_cannot_be_imported_says_why_and_changes_nothing() {
    let world = travel0();
    let token = admin(&world);
    // Who signed in for the token is told of first.
    world.ring_alarms();
    world.deliver_queue();
    let before = world.dump();
    let user = |user: Value| json!({ "users": [{ "username": "fine" }, user] });
    let refused = [
        (json!({ "ifResourceExists": "MAYBE" }), "FAIL, SKIP and OVERWRITE"),
        (json!({ "ifResourceExists": 1 }), "FAIL, SKIP and OVERWRITE"),
        (json!({ "groups": ["people"] }), "groups[0]"),
        (json!({ "groups": [{ "name": "a", "nope": 1 }] }), "nope"),
        (json!({ "groups": [{ "path": "/a" }] }), "Group name is missing"),
        (json!({ "groups": [{ "name": "a", "path": "/b" }] }), "groups: a: its path is another"),
        (json!({ "groups": [{ "name": "b", "path": "/a/b" }] }), "groups: b: its path is another"),
        (json!({ "groups": [{ "name": "a" }, { "name": "a" }] }), "groups: a"),
        (
            json!({ "groups": [{ "name": "a", "subGroups": [{ "name": "b" }, { "name": "b" }] }] }),
            "/a/b stands there twice",
        ),
        (json!({ "groups": [{ "name": "a", "subGroups": [{}] }] }), "groups: a: Group name"),
        (json!({ "groups": [{ "name": "a", "realmRoles": ["none"] }] }), "there is no role none"),
        (json!({ "groups": [nested(MAX_GROUP_DEPTH + 1)] }), "MAX_GROUP_DEPTH"),
        (json!({ "clients": {} }), "clients"),
        (json!({ "clients": ["shop"] }), "clients[0]"),
        (json!({ "clients": [{}] }), "clientId"),
        (json!({ "clients": [{ "clientId": "shop", "nope": 1 }] }), "nope"),
        (json!({ "clients": [{ "clientId": "shop", "redirectUris": ["/*"] }] }), "clients: shop"),
        (json!({ "clients": [{ "clientId": "shop" }, { "clientId": "shop" }] }), "twice"),
        (json!({ "roles": [] }), "roles"),
        (json!({ "roles": { "realm": [{ "name": "" }] } }), "role's name"),
        (json!({ "roles": { "realm": [{ "name": "a", "nope": 1 }] } }), "roles.realm[0]"),
        (json!({ "roles": { "realm": [{ "name": "a" }, { "name": "a" }] } }), "twice"),
        (json!({ "roles": { "client": { "none": [{ "name": "a" }] } } }), "client named none"),
        (json!({ "roles": { "application": { "a": [] } } }), "roles.application"),
        (
            json!({ "roles": { "realm": [{ "name": "a", "composites": { "realm": ["b"] } }] } }),
            "there is no role b",
        ),
        (
            json!({ "roles": { "realm": [
                { "name": "a", "composites": { "client": { "none": ["admin"] } } },
            ] } }),
            "there is no role admin of client none",
        ),
        (
            json!({ "roles": { "client": { "realm-management": [{ "name": "mine" }] } } }),
            "stay as they are",
        ),
        (json!({ "identityProviders": [{ "alias": "x", "providerId": "kerberos" }] }), "kerberos"),
        (json!({ "identityProviders": [{ "providerId": "oidc" }] }), "alias"),
        (
            json!({ "identityProviderMappers": [
                { "name": "m", "identityProviderAlias": "x", "identityProviderMapper": "y" },
            ] }),
            "there is no identity provider x",
        ),
        (user(json!({})), "User name is missing"),
        (user(json!({ "username": "ann", "nope": 1 })), "nope"),
        (user(json!({ "username": "FINE" })), "twice"),
        (user(json!({ "username": "ann", "email": "no address" })), "users: ann"),
        (
            user(json!({ "username": "ann", "groups": ["/people"] })),
            "users: ann: Unable to find group specified by path: /people",
        ),
        (
            user(json!({ "username": "ann", "realmRoles": ["none"] })),
            "users: ann: there is no role",
        ),
        (
            user(json!({ "username": "ann", "requiredActions": ["CONFIGURE_TOTP"] })),
            "CONFIGURE_TOTP",
        ),
        (user(json!({ "username": "ann", "credentials": [{ "value": "short" }] })), "users: ann"),
        (user(json!({ "username": "ann", "credentials": [{ "type": "otp" }] })), "users: ann"),
        (user(json!({ "username": "ann", "serviceAccountClientId": "travel0-web" })), "account"),
        (json!({ "unheardOf": 1 }), "unheardOf"),
    ];
    for (body, words) in refused {
        let (status, said) = told(&import(&world, &token, &body));
        assert_eq!(status, 400, "{body}: {said}");
        assert!(said.contains(words), "{body}: {said}");
        assert!(world.dump() == before, "{body}");
    }
    world.ring_alarms();
    assert!(world.dump() == before);
}

/// Keycloak's clients send all that they exported.
#[test]
fn the_rest_of_a_realm_is_passed_over() {
    let world = travel0();
    let token = admin(&world);
    let mut body = world.get(TRAVEL0, &admin(&world)).json();
    body["authenticationFlows"] = json!([{ "alias": "browser" }]);
    body["components"] = json!({ "org.keycloak.keys.KeyProvider": [] });
    body["clientScopes"] = json!([{ "name": "other" }]);
    body["groups"] = json!([]);
    body["displayName"] = json!("Other");
    let before = world.dump();
    assert_eq!(imported(&world, &token, &body)["results"], json!([]));
    assert!(world.dump() == before);
}

#[test]
fn a_document_has_named_limits() {
    let world = travel0();
    let token = admin(&world);
    let before = world.dump();
    let people = |count: usize| {
        let users = (0..count).map(|number| json!({ "username": format!("u{number}") }));
        json!({ "users": users.collect::<Vec<_>>() })
    };
    let roles = |count: usize| {
        let roles = (0..count).map(|number| json!({ "name": format!("r{number}") }));
        json!({ "roles": { "realm": roles.collect::<Vec<_>>() } })
    };
    for (body, limit) in [(people(201), "MAX_IMPORT_USERS"), (roles(501), "MAX_IMPORT_ITEMS")] {
        let (status, words) = told(&import(&world, &token, &body));
        assert_eq!(status, 400);
        assert!(words.contains(limit), "{words}");
    }
    assert!(world.dump() == before);
    assert_eq!(imported(&world, &token, &roles(500))["added"], 500);
    assert_eq!(imported(&world, &token, &people(200))["added"], 200);
}

#[test]
fn importing_takes_the_roles_of_each_kind_of_thing() {
    let world = travel0();
    let refused = [nobody(&world), holder_of(&world, &["view-realm", "manage-users"])];
    let refused: Vec<&str> = refused.iter().map(String::as_str).collect();
    assert_guarded(&world, &Method::POST, IMPORT, &refused);
    let foreign = world.post("/admin/realms", &admin(&world), &json!({ "realm": "acme" }));
    assert_eq!(foreign.status, 201);
    let kinds = [
        (json!({ "clients": [{ "clientId": "a" }] }), "manage-clients"),
        (json!({ "roles": { "client": { "travel0-web": [{ "name": "a" }] } } }), "manage-clients"),
        (
            json!({ "identityProviders": [{ "alias": "a", "providerId": "oidc" }] }),
            "manage-identity-providers",
        ),
        (
            json!({ "identityProviderMappers": [
                { "name": "m", "identityProviderAlias": "a", "identityProviderMapper": "x" },
            ] }),
            "manage-identity-providers",
        ),
        (json!({ "groups": [{ "name": "a" }] }), "manage-users"),
        (json!({ "users": [{ "username": "ann" }] }), "manage-users"),
    ];
    let holders =
        [holder_of(&world, &["manage-realm"]), outside_holder_of(&world, &["manage-realm"])];
    for (body, _) in &kinds {
        for token in &holders {
            assert_eq!(world.post(IMPORT, token, body).status, 403, "{body}");
        }
    }
    for token in &holders {
        let realm_role =
            json!({ "ifResourceExists": "SKIP", "roles": { "realm": [{ "name": "a" }] } });
        assert_eq!(world.post(IMPORT, token, &realm_role).status, 200);
    }
    for (body, role) in kinds {
        let token = granted(&world, "hiroko", &["manage-realm", role]);
        let answer = world.post(IMPORT, &token, &with_policy(body.clone(), "SKIP"));
        assert_eq!(answer.status, 200, "{body}: {answer:?}");
    }
}

#[test]
fn the_token_of_another_realm_is_none() {
    let world = travel0();
    let admin = admin(&world);
    let acme = json!({
        "realm": "acme", "enabled": true,
        "clients": [{ "clientId": "tool", "secret": "tool-secret", "serviceAccountsEnabled": true }],
        "users": [{
            "username": "service-account-tool", "serviceAccountClientId": "tool",
            "enabled": true, "clientRoles": { "realm-management": ["realm-admin"] },
        }],
    });
    assert_eq!(world.post("/admin/realms", &admin, &acme).status, 201);
    let fields = [
        ("grant_type", "client_credentials"),
        ("client_id", "tool"),
        ("client_secret", "tool-secret"),
    ];
    let tokens = world.post_form("/realms/acme/protocol/openid-connect/token", &fields).json();
    let token = tokens["access_token"].as_str().unwrap();
    let role = json!({ "roles": { "realm": [{ "name": "a" }] } });
    assert_eq!(world.post("/admin/realms/acme/partialImport", token, &role).status, 200);
    assert_eq!(world.post(IMPORT, token, &role).status, 401);
}

#[test]
fn nobody_imports_a_role_above_their_own() {
    let world = travel0();
    let roles = ["manage-realm", "manage-users", "manage-clients"];
    let (manager, _) = holder_and_user(&world, &roles);
    let above = json!({ "realm-management": ["realm-admin"] });
    let own = json!({ "realm-management": ["manage-users"] });
    let through = |granted: &Value| {
        [
            json!({ "users": [{ "username": "ann", "clientRoles": granted }] }),
            json!({ "roles": { "realm": [{ "name": "up", "composites": { "client": granted } }] } }),
            json!({ "groups": [{ "name": "up", "clientRoles": granted }] }),
            json!({
                "clients": [{ "clientId": "a", "serviceAccountsEnabled": true }],
                "users": [{
                    "username": "service-account-a", "serviceAccountClientId": "a",
                    "clientRoles": granted,
                }],
            }),
        ]
    };
    let before = world.dump();
    for body in through(&above) {
        let answer = world.post(IMPORT, &manager, &body);
        assert_eq!(answer.status, 403, "{body}: {answer:?}");
        assert!(world.dump() == before, "{body}");
    }
    for body in through(&own) {
        let answer = world.post(IMPORT, &manager, &body);
        assert_eq!(answer.status, 200, "{body}: {answer:?}");
    }
}

/// A role that administers is not handed out by way of one that the document brings,
/// nor taken out of one that is there.
#[test]
fn a_role_that_includes_more_than_the_caller_holds_is_neither_given_nor_emptied() {
    let world = travel0();
    let token = admin(&world);
    let above = json!({ "client": { "realm-management": ["realm-admin"] } });
    imported(
        &world,
        &token,
        &json!({ "roles": { "realm": [{ "name": "boss", "composites": above }] } }),
    );
    let (manager, _) = holder_and_user(&world, &["manage-realm", "manage-users"]);
    let before = world.dump();
    for body in [
        json!({ "users": [{ "username": "ann", "realmRoles": ["boss"] }] }),
        json!({
            "roles": { "realm": [{ "name": "step", "composites": { "realm": ["boss"] } }] },
            "users": [{ "username": "ann", "realmRoles": ["step"] }],
        }),
        json!({ "ifResourceExists": "OVERWRITE", "roles": { "realm": [{ "name": "boss" }] } }),
    ] {
        assert_eq!(world.post(IMPORT, &manager, &body).status, 403, "{body}");
        assert!(world.dump() == before, "{body}");
    }
    // Who is skipped gets nothing.
    let known = json!({ "ifResourceExists": "SKIP", "users": [
        { "username": "hiroko", "realmRoles": ["boss"] },
    ] });
    assert_eq!(world.post(IMPORT, &manager, &known).json()["skipped"], 1);
}

#[test]
fn nobody_takes_the_place_of_who_can_do_more() {
    let world = travel0();
    granted(&world, "hiroko", &["realm-admin"]);
    let roles = ["manage-realm", "manage-users", "manage-clients"];
    let tokens = [holder_of(&world, &roles), outside_holder_of(&world, &roles)];
    let (_, mighty) = holder_and_user(&world, &["manage-events"]);
    let mighty = world.get(&format!("{TRAVEL0}/users/{mighty}"), &admin(&world)).json();
    let before = world.dump();
    for body in [
        json!({ "users": [{ "username": "hiroko", "credentials": [{ "value": "my password" }] }] }),
        json!({ "users": [{ "username": "x", "email": user(&world, "hiroko").unwrap().email }] }),
        json!({ "clients": [{
            "clientId": "manage-events-service", "secret": "mine", "serviceAccountsEnabled": true,
        }] }),
        json!({
            "clients": [{ "clientId": "manage-events-service", "serviceAccountsEnabled": true }],
            "users": [{
                "username": mighty["username"], "enabled": false,
                "serviceAccountClientId": "manage-events-service",
            }],
        }),
    ] {
        for token in &tokens {
            let answer = world.post(IMPORT, token, &with_policy(body.clone(), "OVERWRITE"));
            assert_eq!(answer.status, 403, "{body}: {answer:?}");
            assert!(world.dump() == before, "{body}");
        }
    }
    let emilio = json!({ "users": [{ "username": "emilio" }] });
    for token in &tokens {
        let answer = world.post(IMPORT, token, &with_policy(emilio.clone(), "OVERWRITE"));
        assert_eq!(answer.status, 200, "{answer:?}");
    }
}

#[test]
fn what_administers_realms_stays_as_it_is() {
    let world = travel0();
    let token = admin(&world);
    let body = json!({
        "clients": [{ "clientId": "realm-management", "enabled": false }],
        "roles": { "client": { "realm-management": [{ "name": "realm-admin" }] } },
    });
    assert_eq!(import(&world, &token, &body).status, 409);
    let before = world.dump();
    for policy in ["SKIP", "OVERWRITE"] {
        let answer = imported(&world, &token, &with_policy(body.clone(), policy));
        assert_eq!((&answer["skipped"], &answer["overwritten"]), (&json!(2), &json!(0)));
        assert!(world.dump() == before, "{policy}");
    }
    let master = "/admin/realms/master/partialImport";
    let token = admin(&world);
    for body in [
        json!({ "clients": [{ "clientId": "tomorrow-realm" }] }),
        json!({ "roles": { "client": { "travel0-realm": [{ "name": "mine" }] } } }),
    ] {
        assert_eq!(world.post(master, &token, &body).status, 400, "{body}");
    }
    let admin_role = json!({
        "ifResourceExists": "OVERWRITE", "roles": { "realm": [{ "name": "admin" }] },
    });
    assert_eq!(world.post(master, &token, &admin_role).json()["skipped"], 1);
}

#[test]
fn a_service_account_goes_with_its_client() {
    let world = travel0();
    let token = admin(&world);
    make_client(&world, TRAVEL0, &json!({ "clientId": "a", "serviceAccountsEnabled": true }));
    let named = |more: Value| {
        let mut account = json!({ "username": "service-account-a", "serviceAccountClientId": "a" });
        account.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        json!({ "users": [account] })
    };
    let overwriting =
        |body: Value| import(&world, &token, &with_policy(body, "OVERWRITE")).status.as_u16();
    assert_eq!(import(&world, &token, &named(json!({}))).status, 409);
    assert_eq!(imported(&world, &token, &with_policy(named(json!({})), "SKIP"))["skipped"], 1);
    assert_eq!(overwriting(named(json!({}))), 400);
    let unlinked = json!({ "users": [{ "username": "service-account-a" }] });
    assert_eq!(overwriting(unlinked), 400);
    let with_client = |more: Value| {
        let mut body = named(more);
        body["clients"] = json!([{ "clientId": "a", "serviceAccountsEnabled": true }]);
        body
    };
    assert_eq!(overwriting(with_client(json!({ "credentials": [{ "value": "password" }] }))), 400);
    assert_eq!(overwriting(with_client(json!({ "username": "somebody" }))), 400);
    let attributes = json!({ "enabled": true, "attributes": { "team": ["core"] } });
    assert_eq!(overwriting(with_client(attributes)), 200);
    let account = user(&world, "service-account-a").unwrap();
    assert_eq!(account.attributes["team"], ["core"]);
}

const BEFORE: &[&str] =
    &["account.register_many.after_object", "account.register_many.after_objects"];

const AFTER: &str = "account.register_many.after_directory";

#[test]
fn a_crash_before_the_commit_leaves_nothing() {
    for cut in BEFORE {
        let world = travel0();
        let token = admin(&world);
        let before = world.dump();
        let request = json_request(Method::POST, IMPORT, &token, Some(&everything()));
        world.crash_at(cut, request);

        assert!(!signs_in(&world, "ann", "a good password"), "{cut}");
        assert!(user(&world, "ann").is_none(), "{cut}");
        world.ring_alarms();
        world.advance(Seconds(61));
        world.ring_alarms();
        let (directory, objects) = (world.directory().sql().dump(), world.count_objects());
        assert!(before.starts_with(&directory), "{cut}: the directory is as it was");

        imported(&world, &admin(&world), &everything());
        assert!(signs_in(&world, "ann", "a good password"), "{cut}");
        assert_eq!(world.count_objects(), objects + 2, "{cut}: two people");
    }
}

#[test]
fn a_crash_after_the_commit_loses_nothing() {
    let world = travel0();
    let body = with_policy(everything(), "SKIP");
    let request = json_request(Method::POST, IMPORT, &admin(&world), Some(&body));
    world.crash_at(AFTER, request);

    assert!(signs_in(&world, "ann", "a good password"));
    world.ring_alarms();
    assert!(signs_in(&world, "ann", "a good password"));
    assert_eq!(imported(&world, &admin(&world), &body)["skipped"], 10);
}

#[test]
fn a_user_is_overwritten_in_whole_wherever_it_is_cut_off() {
    let body = json!({ "ifResourceExists": "OVERWRITE", "users": [{
        "username": "emilio", "enabled": true, "credentials": [{ "value": "another password" }],
    }] });
    for cut in BEFORE.iter().chain(&[AFTER]) {
        let world = travel0();
        let token = admin(&world);
        let old = user(&world, "emilio").unwrap().id;
        let account = ObjectName::Account(realm(&world).id, old.clone());
        let request = json_request(Method::POST, IMPORT, &admin(&world), Some(&body));
        world.crash_at(cut, request);

        let is_new = *cut == AFTER;
        assert_eq!(user(&world, "emilio").unwrap().id != old, is_new, "{cut}");
        assert_eq!(signs_in(&world, "emilio", PASSWORD), !is_new, "{cut}");
        assert_eq!(signs_in(&world, "emilio", "another password"), is_new, "{cut}");
        if is_new {
            world.advance(Seconds(61));
            world.run(guildhall::app::schedule::tick(world.app()));
            assert!(world.is_blank(&account), "the schedule lets the old account go");
        }
        imported(&world, &token, &body);
        assert!(signs_in(&world, "emilio", "another password"), "{cut}");
    }
}

#[test]
fn somebody_who_is_faster_leaves_nothing_of_the_import() {
    let world = travel0();
    let token = admin(&world);

    let request = json_request(Method::POST, IMPORT, &token, Some(&everything()));
    let answer =
        Answer::new(world.meanwhile("account.register_many.after_objects", request, || {
            let ann = json!({ "username": "ann" });
            assert_eq!(world.post(&format!("{TRAVEL0}/users"), &token, &ann).status, 201);
        }));
    assert_eq!(told(&answer), (409, "User exists with same username".to_owned()));
    assert!(user(&world, "ben").is_none());
    let guide = world.get(&format!("{TRAVEL0}/roles/guide"), &token);
    assert_eq!(guide.status, 404);
    let answer = imported(&world, &token, &with_policy(everything(), "SKIP"));
    assert_eq!((&answer["added"], &answer["skipped"]), (&json!(9), &json!(1)));
}

#[test]
fn an_account_that_waited_too_long_is_made_once_more() {
    let world = travel0();
    let token = admin(&world);

    let request = json_request(Method::POST, IMPORT, &token, Some(&everything()));
    let answer = Answer::new(world.meanwhile(AFTER, request, || {
        let ann = user(&world, "ann").unwrap().id;
        let account = ObjectName::Account(realm(&world).id, ann);
        world.with_object(&account, crate::harness::sql::MemorySql::erase);
        world.restart();
    }));
    assert_eq!(answer.status, 200);
    assert!(signs_in(&world, "ann", "a good password"));
}

/// Work must grow with what is imported, and not with one query each.
#[test]
fn the_survey_of_a_document_takes_as_many_queries_as_there_are_kinds() {
    let world = travel0();
    let token = admin(&world);
    let people = |start: usize, count: usize| {
        let users =
            (start..start + count).map(|number| json!({ "username": format!("u{number}") }));
        json!({ "users": users.collect::<Vec<_>>() })
    };
    world.post(IMPORT, &token, &people(0, 1));
    let (_, few) = world.trips_of(|| world.post(IMPORT, &token, &people(1, 1)));
    let (_, many) = world.trips_of(|| world.post(IMPORT, &token, &people(2, 20)));
    assert_eq!(few.directory, many.directory);
    assert_eq!((few.objects, many.objects), (2, 40));
}
