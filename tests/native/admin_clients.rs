//! `/admin/realms/{realm}/clients` and what lies below, and `.../client-scopes`.
use crate::admin_setup::{
    MASTER, TRAVEL0, assert_guarded, client_uuid, holder_of, made, make_client, names,
    newest_event, nobody,
};
use crate::harness::world::World;
use crate::scim_setup::{admin, travel0};
use guildhall::app::demo;
use guildhall::platform::sql::{Sql, Statement};
use http::Method;
use serde_json::{Value, json};

const CLIENTS: &str = "/admin/realms/travel0/clients";

const SCOPES: &str = "/admin/realms/travel0/client-scopes";

fn token(world: &World, client_id: &str, secret: &str) -> u16 {
    let answer = world.post_form(
        "/realms/travel0/protocol/openid-connect/token",
        &[
            ("grant_type", "client_credentials"),
            ("client_id", client_id),
            ("client_secret", secret),
        ],
    );
    answer.status.as_u16()
}

#[test]
fn a_client_is_made_as_keycloak_makes_it() {
    let world = travel0();
    let admin = admin(&world);
    let created = world.post(CLIENTS, &admin, &json!({ "clientId": "app" }));
    let uuid = made(&created);

    let read = world.get(created.location(), &admin).json();

    let expected = json!({
        "id": uuid, "clientId": "app", "enabled": true, "protocol": "openid-connect",
        "publicClient": false, "standardFlowEnabled": true, "directAccessGrantsEnabled": false,
        "serviceAccountsEnabled": false, "bearerOnly": false, "fullScopeAllowed": true,
        "redirectUris": [], "webOrigins": [], "attributes": {},
        "defaultClientScopes": ["acr", "basic", "email", "profile", "roles", "web-origins"],
        "optionalClientScopes": ["address", "microprofile-jwt", "offline_access", "organization", "phone"],
    });
    for (name, value) in expected.as_object().unwrap() {
        assert_eq!(&read[name], value, "{name}");
    }
    let secret = world.get(&format!("{}/client-secret", created.location()), &admin).json();
    assert!(secret["value"].as_str().is_some_and(|text| text.len() > 30));
    assert_eq!(read["secret"], secret["value"]);
    assert_eq!(read["access"]["manage"], true);
}

#[test]
fn what_was_written_is_read_again_and_what_is_not_named_stays() {
    let world = travel0();
    let admin = admin(&world);
    let body = json!({
        "clientId": "app", "name": "App", "description": "For tests", "publicClient": false,
        "secret": "first", "redirectUris": ["https://app.example/cb"],
        "webOrigins": ["https://app.example", "+"], "rootUrl": "https://app.example",
        "consentRequired": true, "directAccessGrantsEnabled": true,
        "attributes": { "pkce.code.challenge.method": "S256", "colour": "green", "n": 7 },
    });
    let uuid = make_client(&world, TRAVEL0, &body);
    let path = format!("{CLIENTS}/{uuid}");
    let first = world.get(&path, &admin).json();
    for (name, value) in body.as_object().unwrap() {
        if name != "attributes" {
            assert_eq!(&first[name], value, "{name}");
        }
    }
    assert_eq!(
        first["attributes"],
        json!({ "pkce.code.challenge.method": "S256", "colour": "green", "n": "7" })
    );

    let part = json!({ "name": "Renamed", "attributes": { "colour": "", "shape": "round" } });
    assert_eq!(world.put(&path, &admin, &part).status, 204);

    let second = world.get(&path, &admin).json();
    assert_eq!(second["name"], "Renamed");
    assert_eq!(
        second["attributes"],
        json!({ "pkce.code.challenge.method": "S256", "n": "7", "shape": "round" })
    );
    for name in ["redirectUris", "webOrigins", "rootUrl", "consentRequired", "secret", "enabled"] {
        assert_eq!(second[name], first[name], "{name}");
    }
    // What was read can be written.
    assert_eq!(world.put(&path, &admin, &second).status, 204);
    assert_eq!(world.get(&path, &admin).json(), second);
}

#[test]
fn a_secret_is_read_back_renewed_and_works() {
    let world = travel0();
    let admin = admin(&world);
    let body = json!({ "clientId": "job", "serviceAccountsEnabled": true });
    let uuid = make_client(&world, TRAVEL0, &body);
    let path = format!("{CLIENTS}/{uuid}/client-secret");

    let first = world.get(&path, &admin).json();

    assert_eq!(first["type"], "secret");
    let first = first["value"].as_str().unwrap().to_owned();
    assert_eq!(token(&world, "job", &first), 200);
    let renewed = world.post(&path, &admin, &json!({}));
    assert_eq!(renewed.status, 200);
    let second = renewed.json()["value"].as_str().unwrap().to_owned();
    assert_ne!(first, second);
    assert_eq!((token(&world, "job", &first), token(&world, "job", &second)), (401, 200));
    assert_eq!(world.get(&path, &admin).json()["value"], second);
    assert!(newest_event(&world, "travel0")["representation"].is_null());

    let masked = json!({ "secret": "**********" });
    assert_eq!(world.put(&format!("{CLIENTS}/{uuid}"), &admin, &masked).status, 204);
    assert_eq!(token(&world, "job", &second), 200);
    let chosen = json!({ "secret": "chosen by hand" });
    assert_eq!(world.put(&format!("{CLIENTS}/{uuid}"), &admin, &chosen).status, 204);
    assert_eq!(token(&world, "job", "chosen by hand"), 200);
}

#[test]
fn a_secret_stands_nowhere_in_the_clear() {
    let world = travel0();
    let body = json!({ "clientId": "job", "publicClient": false, "secret": "plain-to-see" });
    make_client(&world, TRAVEL0, &body);
    for statement in [
        "SELECT settings || coalesce(secret_hash, '') || coalesce(secret_sealed, '') || kept AS text FROM client",
        "SELECT document AS text FROM event",
    ] {
        for row in world.directory().sql().run(Statement::new(statement)).unwrap() {
            assert!(!row.text("text").unwrap().contains("plain-to-see"), "{statement}");
        }
    }
}

#[test]
fn a_secret_that_was_only_hashed_is_masked() {
    let world = travel0();
    world.directory().sql().execute_batch("UPDATE client SET secret_sealed = NULL");
    let uuid = client_uuid(&world, TRAVEL0, "travel0-web");
    let path = format!("{CLIENTS}/{uuid}/client-secret");
    let admin = admin(&world);
    assert_eq!(world.get(&path, &admin).json()["value"], "**********");
    assert_eq!(token(&world, "travel0-machine", demo::CLIENT_SECRET), 200);
}

#[test]
fn who_may_only_look_sees_no_secret() {
    let world = travel0();
    let viewer = holder_of(&world, &["view-clients"]);
    let uuid = client_uuid(&world, TRAVEL0, "travel0-web");
    let path = format!("{CLIENTS}/{uuid}");
    let read = world.get(&path, &viewer).json();
    assert_eq!((&read["secret"], &read["access"]["manage"]), (&json!("**********"), &json!(false)));
    let secret = world.get(&format!("{path}/client-secret"), &viewer).json();
    assert_eq!(secret["value"], "**********");
    assert_eq!(world.post(&format!("{path}/client-secret"), &viewer, &json!({})).status, 403);
    let listed = world.get(CLIENTS, &viewer).text;
    assert!(!listed.contains(demo::CLIENT_SECRET));

    let finder = holder_of(&world, &["query-clients"]);
    let listed = world.get(&format!("{CLIENTS}?clientId=travel0-web"), &finder).json();
    assert_eq!(listed, json!([{ "id": uuid, "clientId": "travel0-web" }]));
    assert_eq!(world.get(&path, &finder).status, 403);
}

/// Whoever has the secret of a client acts as its service account.
#[test]
fn the_secret_of_a_mightier_client_is_out_of_reach() {
    let world = travel0();
    holder_of(&world, &["realm-admin"]);
    let manager = holder_of(&world, &["manage-clients"]);
    let uuid = client_uuid(&world, TRAVEL0, "realm-admin-service");
    let path = format!("{CLIENTS}/{uuid}");
    assert_eq!(world.get(&path, &manager).json()["secret"], "**********");
    assert_eq!(world.get(&format!("{path}/client-secret"), &manager).json()["value"], "**********");
    assert_eq!(world.post(&format!("{path}/client-secret"), &manager, &json!({})).status, 403);
    assert_eq!(world.put(&path, &manager, &json!({ "secret": "mine" })).status, 403);
    let weaker = client_uuid(&world, TRAVEL0, "travel0-machine");
    let path = format!("{CLIENTS}/{weaker}/client-secret");
    assert_eq!(world.get(&path, &manager).json()["value"], demo::CLIENT_SECRET);
}

#[test]
fn clients_are_listed_searched_and_paged() {
    let world = travel0();
    let admin = admin(&world);
    make_client(&world, TRAVEL0, &json!({ "clientId": "zz", "attributes": { "tier": "gold" } }));
    let listed = |query: &str| -> Vec<String> {
        let list = world.get(&format!("{CLIENTS}{query}"), &admin);
        assert_eq!(list.status, 200, "{query}: {list:?}");
        let list = list.json();
        let ids = list.as_array().unwrap().iter();
        ids.map(|one| one["clientId"].as_str().unwrap().to_owned()).collect()
    };
    let all =
        ["admin-cli", "realm-management", "travel0-machine", "travel0-spa", "travel0-web", "zz"];
    assert_eq!(listed(""), all);
    assert_eq!(listed("?first=1&max=2"), all[1..3]);
    assert_eq!(listed("?first=5&max=2147483647"), all[5..]);
    assert_eq!(listed("?max=0"), Vec::<String>::new());
    assert_eq!(listed("?max=-1"), all);
    assert_eq!(listed("?clientId=travel0-web"), ["travel0-web"]);
    assert_eq!(listed("?clientId=TRAVEL0"), Vec::<String>::new());
    assert_eq!(listed("?clientId=TRAVEL0-S&search=true"), ["travel0-spa"]);
    assert_eq!(listed("?clientId=%25&search=true"), Vec::<String>::new());
    assert_eq!(listed("?q=tier:gold"), ["zz"]);
    assert_eq!(listed("?q=tier:silver"), Vec::<String>::new());
    assert_eq!(world.get(&format!("{CLIENTS}?first=x"), &admin).status, 400);
}

#[test]
fn a_body_that_is_no_client_changes_nothing() {
    let world = travel0();
    let admin = admin(&world);
    let before = world.get(CLIENTS, &admin).json();
    let with = |name: &str, value: Value| {
        let mut body = json!({ "clientId": "app" });
        body[name] = value;
        body
    };
    for body in [
        json!({}),
        json!({ "clientId": "" }),
        json!({ "clientId": "a b" }),
        json!({ "clientId": "x".repeat(256) }),
        with("redirectUris", json!(["https://app.example/*"])),
        with("redirectUris", json!(["/relative"])),
        with("redirectUris", json!(["javascript:alert(1)"])),
        with("redirectUris", json!("https://app.example/")),
        with("webOrigins", json!(["https://app.example/path"])),
        with("protocol", json!("saml")),
        with("enabled", json!("yes")),
        with("rootUrl", json!(7)),
        with("noSuchField", json!(true)),
        with("attributes", json!({ "pkce.code.challenge.method": "plain" })),
        with("authorizationServicesEnabled", json!(true)),
        with("id", json!("a/b")),
        with("protocolMappers", json!([{ "name": "x" }])),
        json!({ "clientId": "app", "publicClient": true, "serviceAccountsEnabled": true }),
        json!([]),
    ] {
        let answer = world.post(CLIENTS, &admin, &body);
        assert_eq!(answer.status, 400, "{body}: {answer:?}");
    }
    let pattern =
        world.post(CLIENTS, &admin, &with("redirectUris", json!(["https://a.example/*"])));
    let why = pattern.json()["error_description"].as_str().unwrap().to_owned();
    assert!(why.contains("compared exactly"), "{why}");
    assert_eq!(world.get(CLIENTS, &admin).json(), before);
}

#[test]
fn a_name_is_taken_once_and_an_id_too() {
    let world = travel0();
    let admin = admin(&world);
    let body = json!({ "clientId": "app", "id": "chosen", "serviceAccountsEnabled": true });
    assert_eq!(make_client(&world, TRAVEL0, &body), "chosen");
    let again = world.post(CLIENTS, &admin, &json!({ "clientId": "app" }));
    assert_eq!(again.status, 409);
    assert_eq!(again.json()["errorMessage"], "Client app already exists");
    let same_id = world.post(CLIENTS, &admin, &json!({ "clientId": "other", "id": "chosen" }));
    assert_eq!(same_id.status, 409);
    let other = make_client(&world, TRAVEL0, &json!({ "clientId": "other" }));
    let renamed = world.put(&format!("{CLIENTS}/{other}"), &admin, &json!({ "clientId": "app" }));
    assert_eq!(renamed.status, 409);
    // Another realm has names of its own.
    make_client(&world, MASTER, &json!({ "clientId": "app" }));
}

#[test]
fn a_client_switched_off_or_deleted_gets_no_token() {
    let world = travel0();
    let admin = admin(&world);
    let body = json!({ "clientId": "job", "secret": "s", "serviceAccountsEnabled": true });
    let uuid = make_client(&world, TRAVEL0, &body);
    let path = format!("{CLIENTS}/{uuid}");
    assert_eq!(token(&world, "job", "s"), 200);
    assert_eq!(world.put(&path, &admin, &json!({ "enabled": false })).status, 204);
    assert_eq!(token(&world, "job", "s"), 401);
    assert_eq!(world.put(&path, &admin, &json!({ "enabled": true })).status, 204);
    assert_eq!(token(&world, "job", "s"), 200);
    assert_eq!(world.delete(&path, &admin).status, 204);
    assert_eq!(token(&world, "job", "s"), 401);
    for answer in [world.get(&path, &admin), world.delete(&path, &admin)] {
        assert_eq!(
            (answer.status.as_u16(), answer.error().as_str()),
            (404, "Could not find client")
        );
    }
    // Nothing is left of it, and its name is free.
    assert_eq!(make_client(&world, TRAVEL0, &json!({ "clientId": "job", "id": uuid })), uuid);
    assert_eq!(world.get(&path, &admin).json()["serviceAccountsEnabled"], false);
}

#[test]
fn a_service_account_comes_goes_and_is_renamed_with_its_client() {
    let world = travel0();
    let admin = admin(&world);
    let uuid = make_client(&world, TRAVEL0, &json!({ "clientId": "job", "secret": "s" }));
    let path = format!("{CLIENTS}/{uuid}");
    let account = format!("{path}/service-account-user");
    assert_eq!(world.get(&account, &admin).status, 400);

    assert_eq!(world.put(&path, &admin, &json!({ "serviceAccountsEnabled": true })).status, 204);
    let user = world.get(&account, &admin).json();
    assert_eq!(user["username"], "service-account-job");
    assert_eq!(user["serviceAccountClientId"], "job");
    let scopes = world.get(&path, &admin).json()["defaultClientScopes"].clone();
    assert!(scopes.as_array().unwrap().contains(&json!("service_account")));

    assert_eq!(world.put(&path, &admin, &json!({ "clientId": "work" })).status, 204);
    assert_eq!(world.get(&account, &admin).json()["username"], "service-account-work");
    assert_eq!((token(&world, "job", "s"), token(&world, "work", "s")), (401, 200));

    assert_eq!(world.put(&path, &admin, &json!({ "serviceAccountsEnabled": false })).status, 204);
    assert_eq!(world.get(&account, &admin).status, 400);
    assert_ne!(token(&world, "work", "s"), 200);
}

#[test]
fn a_client_becomes_public_and_confidential_again() {
    let world = travel0();
    let admin = admin(&world);
    let uuid = make_client(&world, TRAVEL0, &json!({ "clientId": "app", "secret": "s" }));
    let path = format!("{CLIENTS}/{uuid}");
    assert_eq!(world.get(&path, &admin).json()["publicClient"], false);
    assert_eq!(world.put(&path, &admin, &json!({ "publicClient": true })).status, 204);
    assert!(world.get(&path, &admin).json().get("secret").is_none());
    assert_eq!(
        world.get(&format!("{path}/client-secret"), &admin).json(),
        json!({ "type": "secret" })
    );
    assert_eq!(world.post(&format!("{path}/client-secret"), &admin, &json!({})).status, 400);
    assert_eq!(world.put(&path, &admin, &json!({ "publicClient": false })).status, 204);
    let secret = world.get(&path, &admin).json()["secret"].as_str().unwrap().to_owned();
    assert_eq!(secret.len(), 43);
}

/// Whoever could make `{realm}-realm` before the realm would administer it.
#[test]
fn clients_that_administer_are_neither_made_nor_renamed_nor_deleted() {
    let world = travel0();
    let admin = admin(&world);
    let body = json!({ "clientId": "future-realm" });
    assert_eq!(world.post(&format!("{MASTER}/clients"), &admin, &body).status, 400);
    make_client(&world, TRAVEL0, &body);
    let uuid = client_uuid(&world, TRAVEL0, "realm-management");
    let path = format!("{CLIENTS}/{uuid}");
    assert_eq!(world.delete(&path, &admin).status, 400);
    assert_eq!(world.put(&path, &admin, &json!({ "clientId": "other" })).status, 400);
    let other = make_client(&world, MASTER, &json!({ "clientId": "other" }));
    let path = format!("{MASTER}/clients/{other}");
    assert_eq!(world.put(&path, &admin, &body).status, 400);
}

fn mapper(name: &str) -> Value {
    json!({
        "name": name, "protocol": "openid-connect",
        "protocolMapper": "oidc-hardcoded-claim-mapper",
        "config": { "claim.name": "tier", "claim.value": "gold", "access.token.claim": "true" },
    })
}

#[test]
fn protocol_mappers_of_clients_and_scopes_are_made_changed_and_deleted() {
    let world = travel0();
    let admin = admin(&world);
    let client = make_client(&world, TRAVEL0, &json!({ "clientId": "app" }));
    let scope = made(&world.post(
        SCOPES,
        &admin,
        &json!({ "name": "billing", "protocol": "openid-connect" }),
    ));
    for parent in [format!("{CLIENTS}/{client}"), format!("{SCOPES}/{scope}")] {
        let models = format!("{parent}/protocol-mappers/models");
        let id = made(&world.post(&models, &admin, &mapper("tier")));
        let path = format!("{models}/{id}");

        let mut expected = mapper("tier");
        expected["id"] = json!(id);
        expected["consentRequired"] = json!(false);
        assert_eq!(world.get(&path, &admin).json(), expected);
        assert_eq!(world.get(&models, &admin).json(), json!([expected]));
        let again = world.post(&models, &admin, &mapper("tier"));
        assert_eq!(again.json()["errorMessage"], "Protocol mapper exists with same name");
        assert_eq!(again.status, 409);

        let change = json!({ "id": id, "name": "level", "config": { "claim.value": "silver" } });
        assert_eq!(world.put(&path, &admin, &change).status, 204);
        let read = world.get(&path, &admin).json();
        assert_eq!(
            (&read["name"], &read["config"]),
            (&json!("level"), &json!({ "claim.value": "silver" }))
        );
        assert_eq!(read["protocolMapper"], "oidc-hardcoded-claim-mapper");

        let add = format!("{parent}/protocol-mappers/add-models");
        assert_eq!(world.post(&add, &admin, &json!([mapper("one"), mapper("two")])).status, 204);
        assert_eq!(world.post(&add, &admin, &json!([mapper("three"), mapper("two")])).status, 409);
        assert_eq!(names(&world.get(&models, &admin).json()), ["level", "one", "two"]);
        let of = |protocol: &str| {
            world.get(&format!("{parent}/protocol-mappers/protocol/{protocol}"), &admin).json()
        };
        assert_eq!((names(&of("openid-connect")).len(), names(&of("saml")).len()), (3, 0));

        assert_eq!(world.delete(&path, &admin).status, 204);
        for answer in [world.get(&path, &admin), world.delete(&path, &admin)] {
            assert_eq!((answer.status.as_u16(), answer.error().as_str()), (404, "Model not found"));
        }
        let whole = world.get(&parent, &admin).json();
        assert_eq!(names(&whole["protocolMappers"]), ["one", "two"]);
        for body in [json!({}), json!({ "name": "x", "protocol": "openid-connect" }), json!([])] {
            assert_eq!(world.post(&models, &admin, &body).status, 400, "{body}");
        }
        assert_eq!(newest_event(&world, "travel0")["resourceType"], "PROTOCOL_MAPPER");
    }
}

#[test]
fn a_realm_begins_with_keycloaks_scopes() {
    let world = travel0();
    let admin = admin(&world);
    let scopes = world.get(SCOPES, &admin).json();
    let organization =
        scopes.as_array().unwrap().iter().find(|scope| scope["name"] == "organization").unwrap();
    let mapper = &organization["protocolMappers"][0];
    assert_eq!(mapper["protocolMapper"], "oidc-organization-membership-mapper");
    assert_eq!(scopes.as_array().unwrap().len(), 15);
    let default = world.get(&format!("{TRAVEL0}/default-default-client-scopes"), &admin).json();
    assert_eq!(
        names(&default),
        [
            "AuthnContextClassRef",
            "acr",
            "basic",
            "email",
            "profile",
            "role_list",
            "roles",
            "saml_organization",
            "web-origins"
        ]
    );
    let optional = world.get(&format!("{TRAVEL0}/default-optional-client-scopes"), &admin).json();
    assert_eq!(
        names(&optional),
        ["address", "microprofile-jwt", "offline_access", "organization", "phone"]
    );
}

#[test]
fn a_scope_is_made_changed_given_and_deleted() {
    let world = travel0();
    let admin = admin(&world);
    let body = json!({
        "name": "billing", "description": "Bills", "protocol": "openid-connect",
        "attributes": { "include.in.token.scope": "true" }, "protocolMappers": [mapper("tier")],
    });
    let created = world.post(SCOPES, &admin, &body);
    let id = made(&created);
    let path = format!("{SCOPES}/{id}");
    let read = world.get(created.location(), &admin).json();
    assert_eq!((&read["name"], &read["attributes"]), (&body["name"], &body["attributes"]));
    assert_eq!(names(&read["protocolMappers"]), ["tier"]);
    let again = world.post(SCOPES, &admin, &json!({ "name": "billing" }));
    assert_eq!(again.status, 409);
    assert_eq!(again.json()["errorMessage"], "Client Scope billing already exists");

    let change = json!({ "description": "", "attributes": { "gui.order": 3 } });
    assert_eq!(world.put(&path, &admin, &change).status, 204);
    let attributes = world.get(&path, &admin).json()["attributes"].clone();
    assert_eq!(attributes, json!({ "include.in.token.scope": "true", "gui.order": "3" }));

    let place = |place: &str| format!("{TRAVEL0}/default-{place}-client-scopes");
    let named = |path: &str| {
        let list = world.get(path, &admin).json();
        names(&list).contains(&"billing")
    };
    for _ in 0..2 {
        assert_eq!(
            world.put(&format!("{}/{id}", place("default")), &admin, &json!({})).status,
            204
        );
    }
    let new = make_client(&world, TRAVEL0, &json!({ "clientId": "new" }));
    assert!(named(&format!("{CLIENTS}/{new}/default-client-scopes")));
    assert_eq!(world.put(&format!("{}/{id}", place("optional")), &admin, &json!({})).status, 204);
    assert_eq!((named(&place("default")), named(&place("optional"))), (false, true));
    assert_eq!(world.delete(&format!("{}/{id}", place("default")), &admin).status, 204);
    assert!(named(&place("optional")));
    assert_eq!(world.delete(&format!("{}/{id}", place("optional")), &admin).status, 204);
    assert!(!named(&place("optional")));

    assert_eq!(world.delete(&path, &admin).status, 204);
    assert!(!named(&format!("{CLIENTS}/{new}/default-client-scopes")));
    for answer in [world.get(&path, &admin), world.delete(&path, &admin)] {
        assert_eq!(answer.error(), "Could not find client scope");
    }
}

#[test]
fn scopes_are_attached_to_a_client_in_one_place() {
    let world = travel0();
    let admin = admin(&world);
    let id = made(&world.post(SCOPES, &admin, &json!({ "name": "billing" })));
    let client = make_client(&world, TRAVEL0, &json!({ "clientId": "app" }));
    let at = |place: &str| format!("{CLIENTS}/{client}/{place}-client-scopes");
    let has = |place: &str| names(&world.get(&at(place), &admin).json()).contains(&"billing");

    assert_eq!(world.put(&format!("{}/{id}", at("optional")), &admin, &json!({})).status, 204);
    assert_eq!((has("default"), has("optional")), (false, true));
    assert_eq!(world.put(&format!("{}/{id}", at("default")), &admin, &json!({})).status, 204);
    assert_eq!((has("default"), has("optional")), (true, false));
    for _ in 0..2 {
        assert_eq!(world.delete(&format!("{}/{id}", at("default")), &admin).status, 204);
    }
    assert!(!has("default"));
    assert_eq!(world.put(&format!("{}/none", at("default")), &admin, &json!({})).status, 404);
    let elsewhere = format!("{CLIENTS}/none/default-client-scopes/{id}");
    assert_eq!(world.put(&elsewhere, &admin, &json!({})).status, 404);
}

#[test]
fn a_new_client_may_name_its_scopes_and_mappers() {
    let world = travel0();
    let admin = admin(&world);
    let body = json!({
        "clientId": "app", "defaultClientScopes": ["profile", "no-such-scope"],
        "optionalClientScopes": ["email"], "protocolMappers": [mapper("tier")],
    });
    let uuid = make_client(&world, TRAVEL0, &body);
    let read = world.get(&format!("{CLIENTS}/{uuid}"), &admin).json();
    assert_eq!(read["defaultClientScopes"], json!(["profile"]));
    assert_eq!(read["optionalClientScopes"], json!(["email"]));
    assert_eq!(names(&read["protocolMappers"]), ["tier"]);
    let change = json!({ "protocolMappers": [mapper("one"), mapper("two")] });
    assert_eq!(world.put(&format!("{CLIENTS}/{uuid}"), &admin, &change).status, 204);
    let read = world.get(&format!("{CLIENTS}/{uuid}"), &admin).json();
    assert_eq!(names(&read["protocolMappers"]), ["one", "two"]);
}

#[test]
fn a_body_that_is_no_scope_changes_nothing() {
    let world = travel0();
    let admin = admin(&world);
    for body in [
        json!({}),
        json!({ "name": "a b" }),
        json!({ "name": "a\"b" }),
        json!({ "name": "ok", "protocol": "carrier-pigeon" }),
        json!({ "name": "ok", "colour": "green" }),
        json!({ "name": "ok", "attributes": [] }),
        json!({ "name": "ok", "attributes": { "x": "y".repeat(20_000) } }),
        json!([]),
    ] {
        assert_eq!(world.post(SCOPES, &admin, &body).status, 400, "{body}");
    }
    assert_eq!(world.get(SCOPES, &admin).json().as_array().unwrap().len(), 15);
}

#[test]
fn each_path_of_clients_is_guarded() {
    let world = travel0();
    let uuid = client_uuid(&world, TRAVEL0, "travel0-web");
    let nobody = nobody(&world);
    let other = holder_of(&world, &["manage-users", "manage-realm"]);
    let viewer = holder_of(&world, &["view-clients"]);
    let client = format!("{CLIENTS}/{uuid}");
    let read = [
        CLIENTS.to_owned(),
        client.clone(),
        format!("{client}/client-secret"),
        format!("{client}/service-account-user"),
        format!("{client}/default-client-scopes"),
        format!("{client}/optional-client-scopes"),
        format!("{client}/protocol-mappers/models"),
        format!("{client}/protocol-mappers/models/none"),
        format!("{client}/protocol-mappers/protocol/saml"),
        SCOPES.to_owned(),
        format!("{SCOPES}/none"),
        format!("{SCOPES}/none/protocol-mappers/models"),
    ];
    for path in &read {
        assert_guarded(&world, &Method::GET, path, &[&nobody, &other]);
        let answer = world.get(path, &viewer);
        assert!([200, 400, 404].contains(&answer.status.as_u16()), "{path}: {answer:?}");
    }
    let write = [
        (Method::POST, CLIENTS.to_owned()),
        (Method::PUT, client.clone()),
        (Method::DELETE, client.clone()),
        (Method::POST, format!("{client}/client-secret")),
        (Method::PUT, format!("{client}/default-client-scopes/none")),
        (Method::DELETE, format!("{client}/optional-client-scopes/none")),
        (Method::POST, format!("{client}/protocol-mappers/models")),
        (Method::POST, format!("{client}/protocol-mappers/add-models")),
        (Method::PUT, format!("{client}/protocol-mappers/models/none")),
        (Method::DELETE, format!("{client}/protocol-mappers/models/none")),
        (Method::POST, SCOPES.to_owned()),
        (Method::PUT, format!("{SCOPES}/none")),
        (Method::DELETE, format!("{SCOPES}/none")),
        (Method::PUT, format!("{TRAVEL0}/default-default-client-scopes/none")),
        (Method::DELETE, format!("{TRAVEL0}/default-optional-client-scopes/none")),
    ];
    for (method, path) in write {
        assert_guarded(&world, &method, &path, &[&nobody, &other, &viewer]);
    }
}
