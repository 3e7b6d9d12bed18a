//! What every route that changes something leaves behind: exactly the admin event
//! that its row says, with who did it and from where (reference phasetwo.md §6.1;
//! Keycloak's resource types for Keycloak's routes, which 26.7 was asked for). The
//! rows are compared with the route tables, so a new route needs one.
use crate::admin_setup::TRAVEL0;
use crate::harness::relying_party::{RelyingParty, claims_of};
use crate::organizations::object_routes;
use crate::scim_setup;
use crate::trail_organizations;
use crate::trail_setup::{
    Body, Row, SECRET, Stage, admin_line, delete, fits, fresh, import, name_client, object,
    of_client, of_realm, post, provider, provider_mapper, put, serve, user_line,
};
use guildhall::app::demo::PASSWORD;
use guildhall::app::routes::{self, Door};
use guildhall::kernel::route::ObjectName;
use guildhall::platform::sql::{Sql, Statement};
use http::Method;
use serde_json::{Value, json};

const ADMIN: &str = "/admin/realms/{realm}";
const REALM: &str = "/realms/{realm}";

/// The table.
fn rows() -> Vec<Row> {
    let parts = [
        realms(),
        server(),
        clients(),
        scope_mappings(),
        scopes(),
        roles(),
        role_mappings(),
        groups(),
        required_actions(),
        components(),
        users(),
        credentials_and_sessions(),
        providers(),
        trail_organizations::rows(),
        events(),
    ];
    parts.into_iter().flatten().collect()
}

fn realms() -> Vec<Row> {
    vec![
        post("/admin/realms", "", &["REALM CREATE blue"])
            .body(|_| object(json!({ "realm": "blue", "enabled": true }))),
        put(ADMIN, "", &["REALM UPDATE travel0"]).body(|_| {
            object(json!({ "smtpServer": { "host": "mail.example", "password": SECRET } }))
        }),
        delete(ADMIN, "", &["REALM DELETE {realm}"]).given(|stage| {
            stage.make("/admin/realms", &json!({ "realm": "gone", "enabled": true }));
            stage.name("{realm}", "gone");
        }),
        put(REALM, "/orgs/config", &["REALM UPDATE orgs/config"])
            .body(|_| object(json!({ "multipleIdpsEnabled": true, "scimEnabled": true }))),
    ]
}

fn server() -> Vec<Row> {
    vec![
        post(ADMIN, "/clear-realm-cache", &["REALM ACTION clear-realm-cache"]),
        post(ADMIN, "/clear-user-cache", &["REALM ACTION clear-user-cache"]),
        post(ADMIN, "/clear-keys-cache", &["REALM ACTION clear-keys-cache"]),
        // The administrator has no address to which a mail could go.
        post(ADMIN, "/testSMTPConnection", &[])
            .body(|_| object(json!({ "host": "mail.example", "from": "a@b.example" })))
            .refused(400),
        put(ADMIN, "/users/profile", &["USER_PROFILE UPDATE users/profile"])
            .body(|stage| object(stage.json("/admin/realms/{realm}/users/profile"))),
        put(ADMIN, "/users/{user}/disable-credential-types", &[]).body(|_| object(json!([]))),
        post(ADMIN, "/partialImport", &["REALM_ROLE CREATE roles/imported"])
            .body(|_| object(json!({ "roles": { "realm": [{ "name": "imported" }] } }))),
        // An export reads, however it is asked for.
        post(ADMIN, "/partial-export", &[]),
    ]
}

fn clients() -> Vec<Row> {
    vec![
        post(ADMIN, "/clients", &["CLIENT CREATE clients/{new}"])
            .body(|_| object(json!({ "clientId": "made", "secret": SECRET }))),
        put(ADMIN, "/clients/{client}", &["CLIENT UPDATE clients/{client}"])
            .body(|_| object(json!({ "publicClient": false, "secret": SECRET }))),
        post(
            ADMIN,
            "/clients/{client}/client-secret",
            &["CLIENT ACTION clients/{client}/client-secret"],
        ),
        post(
            ADMIN,
            "/clients/{client}/registration-access-token",
            &["CLIENT ACTION clients/{client}/registration-access-token"],
        ),
        post(
            ADMIN,
            "/clients-initial-access",
            &["CLIENT_INITIAL_ACCESS_MODEL CREATE clients-initial-access/{new}"],
        )
        .body(|_| object(json!({ "count": 1 }))),
        delete(
            ADMIN,
            "/clients-initial-access/{id}",
            &["CLIENT_INITIAL_ACCESS_MODEL DELETE clients-initial-access/{id}"],
        )
        .given(|stage| {
            let path = format!("{TRAVEL0}/clients-initial-access");
            let made = stage.world().post(&path, stage.token(), &json!({ "count": 1 })).json();
            stage.name("{id}", made["id"].as_str().unwrap());
        }),
        delete(ADMIN, "/clients/{client}", &["CLIENT DELETE clients/{client}"]).given(|stage| {
            let id = stage.make("/admin/realms/{realm}/clients", &json!({ "clientId": "gone" }));
            stage.name("{client}", id);
        }),
        put(
            ADMIN,
            "/clients/{client}/default-client-scopes/{scope}",
            &["CLIENT_SCOPE_CLIENT_MAPPING CREATE clients/{client}/default-client-scopes/{scope}"],
        ),
        delete(
            ADMIN,
            "/clients/{client}/default-client-scopes/{scope}",
            &["CLIENT_SCOPE_CLIENT_MAPPING DELETE clients/{client}/default-client-scopes/{scope}"],
        ),
        put(
            ADMIN,
            "/clients/{client}/optional-client-scopes/{scope}",
            &["CLIENT_SCOPE_CLIENT_MAPPING CREATE clients/{client}/optional-client-scopes/{scope}"],
        ),
        delete(
            ADMIN,
            "/clients/{client}/optional-client-scopes/{scope}",
            &["CLIENT_SCOPE_CLIENT_MAPPING DELETE clients/{client}/optional-client-scopes/{scope}"],
        ),
        post(
            ADMIN,
            "/clients/{client}/protocol-mappers/models",
            &["PROTOCOL_MAPPER CREATE clients/{client}/protocol-mappers/models/{new}"],
        )
        .body(|_| object(mapper("made"))),
        post(
            ADMIN,
            "/clients/{client}/protocol-mappers/add-models",
            &["PROTOCOL_MAPPER CREATE clients/{client}/protocol-mappers/add-models"],
        )
        .body(|_| object(json!([mapper("one"), mapper("two")]))),
        put(
            ADMIN,
            "/clients/{client}/protocol-mappers/models/{mapper}",
            &["PROTOCOL_MAPPER UPDATE clients/{client}/protocol-mappers/models/{mapper}"],
        )
        .body(|_| object(mapper("tried"))),
        delete(
            ADMIN,
            "/clients/{client}/protocol-mappers/models/{mapper}",
            &["PROTOCOL_MAPPER DELETE clients/{client}/protocol-mappers/models/{mapper}"],
        ),
    ]
}

fn mapper(name: &str) -> Value {
    json!({ "name": name, "protocol": "openid-connect",
            "protocolMapper": "oidc-hardcoded-claim-mapper" })
}

fn scopes() -> Vec<Row> {
    vec![
        post(ADMIN, "/client-scopes", &["CLIENT_SCOPE CREATE client-scopes/{new}"])
            .body(|_| object(json!({ "name": "made", "protocol": "openid-connect" }))),
        put(ADMIN, "/client-scopes/{scope}", &["CLIENT_SCOPE UPDATE client-scopes/{scope}"])
            .body(|_| object(json!({ "description": "tried" }))),
        put(
            ADMIN,
            "/default-default-client-scopes/{scope}",
            &["CLIENT_SCOPE CREATE default-default-client-scopes/{scope}"],
        ),
        delete(
            ADMIN,
            "/default-default-client-scopes/{scope}",
            &["CLIENT_SCOPE DELETE default-default-client-scopes/{scope}"],
        ),
        put(
            ADMIN,
            "/default-optional-client-scopes/{scope}",
            &["CLIENT_SCOPE CREATE default-optional-client-scopes/{scope}"],
        ),
        delete(
            ADMIN,
            "/default-optional-client-scopes/{scope}",
            &["CLIENT_SCOPE DELETE default-optional-client-scopes/{scope}"],
        ),
        post(
            ADMIN,
            "/client-scopes/{scope}/protocol-mappers/models",
            &["PROTOCOL_MAPPER CREATE client-scopes/{scope}/protocol-mappers/models/{new}"],
        )
        .body(|_| object(mapper("made"))),
        post(
            ADMIN,
            "/client-scopes/{scope}/protocol-mappers/add-models",
            &["PROTOCOL_MAPPER CREATE client-scopes/{scope}/protocol-mappers/add-models"],
        )
        .body(|_| object(json!([mapper("one")]))),
        put(
            ADMIN,
            "/client-scopes/{scope}/protocol-mappers/models/{mapper}",
            &["PROTOCOL_MAPPER UPDATE client-scopes/{scope}/protocol-mappers/models/{mapper}"],
        )
        .body(|_| object(mapper("tried"))),
        delete(
            ADMIN,
            "/client-scopes/{scope}/protocol-mappers/models/{mapper}",
            &["PROTOCOL_MAPPER DELETE client-scopes/{scope}/protocol-mappers/models/{mapper}"],
        ),
        delete(ADMIN, "/client-scopes/{scope}", &["CLIENT_SCOPE DELETE client-scopes/{scope}"]),
    ]
}

/// The realm's role `child`, as a list of roles names it.
fn children(stage: &Stage) -> Body {
    object(json!([stage.json("/admin/realms/{realm}/roles/child")]))
}

fn make_role(stage: &mut Stage) {
    stage.make("/admin/realms/{realm}/roles", &json!({ "name": "gone" }));
    let role = stage.json("/admin/realms/{realm}/roles/gone");
    stage.name("{role}", "gone");
    stage.name("{role_id}", role["id"].as_str().unwrap());
}

fn roles() -> Vec<Row> {
    vec![
        post(ADMIN, "/roles", &["REALM_ROLE CREATE roles/made"])
            .body(|_| object(json!({ "name": "made" }))),
        put(ADMIN, "/roles/{role}", &["REALM_ROLE UPDATE roles/{role}"])
            .body(|_| object(json!({ "description": "tried" }))),
        post(ADMIN, "/roles/{role}/composites", &["REALM_ROLE CREATE roles/{role}/composites"])
            .body(children),
        delete(ADMIN, "/roles/{role}/composites", &["REALM_ROLE DELETE roles/{role}/composites"])
            .body(children),
        delete(ADMIN, "/roles/{role}", &["REALM_ROLE DELETE roles/{role}"]).given(make_role),
        put(ADMIN, "/roles-by-id/{role_id}", &["REALM_ROLE UPDATE roles-by-id/{role_id}"])
            .body(|_| object(json!({ "description": "tried" }))),
        post(
            ADMIN,
            "/roles-by-id/{role_id}/composites",
            &["REALM_ROLE CREATE roles-by-id/{role_id}/composites"],
        )
        .body(children),
        delete(
            ADMIN,
            "/roles-by-id/{role_id}/composites",
            &["REALM_ROLE DELETE roles-by-id/{role_id}/composites"],
        )
        .body(children),
        delete(ADMIN, "/roles-by-id/{role_id}", &["REALM_ROLE DELETE roles-by-id/{role_id}"])
            .given(make_role),
        post(ADMIN, "/clients/{client}/roles", &["CLIENT_ROLE CREATE clients/{client}/roles/made"])
            .body(|_| object(json!({ "name": "made" }))),
        put(
            ADMIN,
            "/clients/{client}/roles/{role}",
            &["CLIENT_ROLE UPDATE clients/{client}/roles/{role}"],
        )
        .body(|_| object(json!({ "description": "tried" }))),
        post(
            ADMIN,
            "/clients/{client}/roles/{role}/composites",
            &["CLIENT_ROLE CREATE clients/{client}/roles/{role}/composites"],
        )
        .body(children),
        delete(
            ADMIN,
            "/clients/{client}/roles/{role}/composites",
            &["CLIENT_ROLE DELETE clients/{client}/roles/{role}/composites"],
        )
        .body(children),
        delete(
            ADMIN,
            "/clients/{client}/roles/{role}",
            &["CLIENT_ROLE DELETE clients/{client}/roles/made"],
        )
        .given(|stage| stage.name("{role}", "made")),
    ]
}

fn role_mappings() -> Vec<Row> {
    vec![
        post(
            ADMIN,
            "/users/{user}/role-mappings/realm",
            &["REALM_ROLE_MAPPING CREATE users/{user}/role-mappings/realm"],
        )
        .body(of_realm),
        delete(
            ADMIN,
            "/users/{user}/role-mappings/realm",
            &["REALM_ROLE_MAPPING DELETE users/{user}/role-mappings/realm"],
        )
        .body(of_realm),
        post(
            ADMIN,
            "/users/{user}/role-mappings/clients/{client}",
            &["CLIENT_ROLE_MAPPING CREATE users/{user}/role-mappings/clients/{client}"],
        )
        .given(name_client)
        .body(of_client),
        delete(
            ADMIN,
            "/users/{user}/role-mappings/clients/{client}",
            &["CLIENT_ROLE_MAPPING DELETE users/{user}/role-mappings/clients/{client}"],
        )
        .given(name_client)
        .body(of_client),
    ]
}

fn scope_mappings() -> Vec<Row> {
    fn of_target(stage: &Stage) -> Body {
        let path = "/admin/realms/{realm}/clients/{target}/roles";
        object(json!([stage.json(path)[0]]))
    }
    fn make_role_of_target(stage: &mut Stage) {
        let path = stage.fill("", "/admin/realms/{realm}/clients/{target}/roles");
        stage.world().post(&path, stage.token(), &json!({ "name": "of-target" }));
    }
    let mut rows = Vec::new();
    for (area, told) in [
        (
            "/clients/{client}/scope-mappings",
            [
                &["REALM_SCOPE_MAPPING CREATE clients/{client}/scope-mappings/realm"][..],
                &["REALM_SCOPE_MAPPING DELETE clients/{client}/scope-mappings/realm"],
                &["CLIENT_SCOPE_MAPPING CREATE clients/{client}/scope-mappings/clients/{target}"],
                &["CLIENT_SCOPE_MAPPING DELETE clients/{client}/scope-mappings/clients/{target}"],
            ],
        ),
        (
            "/client-scopes/{scope}/scope-mappings",
            [
                &["REALM_SCOPE_MAPPING CREATE client-scopes/{scope}/scope-mappings/realm"][..],
                &["REALM_SCOPE_MAPPING DELETE client-scopes/{scope}/scope-mappings/realm"],
                &[
                    "CLIENT_SCOPE_MAPPING CREATE client-scopes/{scope}/scope-mappings/clients/{target}",
                ],
                &[
                    "CLIENT_SCOPE_MAPPING DELETE client-scopes/{scope}/scope-mappings/clients/{target}",
                ],
            ],
        ),
    ] {
        let (realm, client) = (format!("{area}/realm"), format!("{area}/clients/{{target}}"));
        rows.extend([
            post(ADMIN, &realm, told[0]).body(of_realm),
            delete(ADMIN, &realm, told[1]).body(of_realm),
            post(ADMIN, &client, told[2]).given(make_role_of_target).body(of_target),
            delete(ADMIN, &client, told[3]).body(of_target),
        ]);
    }
    rows
}

fn groups() -> Vec<Row> {
    const GROUP: &str = "/groups/{group}";
    vec![
        post(ADMIN, "/groups", &["GROUP CREATE groups/{new}"])
            .body(|_| object(json!({ "name": "made" }))),
        put(ADMIN, GROUP, &["GROUP UPDATE groups/{group}"])
            .body(|_| object(json!({ "name": "tried" }))),
        // The parent's path, as Keycloak 26.7 writes it.
        post(ADMIN, "/groups/{group}/children", &["GROUP CREATE groups/{group}/children"])
            .body(|_| object(json!({ "name": "child" }))),
        put(ADMIN, "/default-groups/{group}", &["GROUP CREATE default-groups/{group}"]),
        delete(ADMIN, "/default-groups/{group}", &["GROUP DELETE default-groups/{group}"]),
        post(
            ADMIN,
            "/groups/{group}/role-mappings/realm",
            &["REALM_ROLE_MAPPING CREATE groups/{group}/role-mappings/realm"],
        )
        .body(of_realm),
        delete(
            ADMIN,
            "/groups/{group}/role-mappings/realm",
            &["REALM_ROLE_MAPPING DELETE groups/{group}/role-mappings/realm"],
        )
        .body(of_realm),
        post(
            ADMIN,
            "/groups/{group}/role-mappings/clients/{client}",
            &["CLIENT_ROLE_MAPPING CREATE groups/{group}/role-mappings/clients/{client}"],
        )
        .given(name_client)
        .body(of_client),
        delete(
            ADMIN,
            "/groups/{group}/role-mappings/clients/{client}",
            &["CLIENT_ROLE_MAPPING DELETE groups/{group}/role-mappings/clients/{client}"],
        )
        .given(name_client)
        .body(of_client),
        delete(ADMIN, GROUP, &["GROUP DELETE groups/{group}"]).given(|stage| {
            let id = stage.make("/admin/realms/{realm}/groups", &json!({ "name": "gone" }));
            stage.name("{group}", id);
        }),
    ]
}

fn required_actions() -> Vec<Row> {
    const ONE: &str = "/authentication/required-actions/{action}";
    const PATH: &[&str] = &["REQUIRED_ACTION UPDATE authentication/required-actions/VERIFY_EMAIL"];
    vec![
        put(ADMIN, ONE, PATH).body(|stage| {
            let path = "/admin/realms/{realm}/authentication/required-actions/VERIFY_EMAIL";
            object(stage.json(path))
        }),
        post(
            ADMIN,
            "/authentication/required-actions/{action}/raise-priority",
            &["REQUIRED_ACTION UPDATE authentication/required-actions/{action}/raise-priority"],
        ),
        post(
            ADMIN,
            "/authentication/required-actions/{action}/lower-priority",
            &["REQUIRED_ACTION UPDATE authentication/required-actions/{action}/lower-priority"],
        ),
        // None of them has anything to configure.
        put(ADMIN, "/authentication/required-actions/{action}/config", &[])
            .body(|_| object(json!({ "config": {} }))),
        delete(ADMIN, "/authentication/required-actions/{action}/config", &[]),
        delete(ADMIN, ONE, &["REQUIRED_ACTION DELETE authentication/required-actions/{action}"]),
        post(
            ADMIN,
            "/authentication/register-required-action",
            &["REQUIRED_ACTION CREATE authentication/register-required-action"],
        )
        .body(|_| object(json!({ "providerId": "VERIFY_EMAIL", "name": "Verify Email" }))),
    ]
}

fn key(name: &str) -> Value {
    json!({ "name": name, "providerType": "org.keycloak.keys.KeyProvider",
            "providerId": "eddsa-generated" })
}

fn components() -> Vec<Row> {
    vec![
        post(ADMIN, "/components", &["COMPONENT CREATE components/{new}"])
            .body(|_| object(key("made"))),
        put(ADMIN, "/components/{component}", &["COMPONENT UPDATE components/{component}"])
            .body(|_| object(key("tried"))),
        delete(ADMIN, "/components/{component}", &["COMPONENT DELETE components/{component}"]),
    ]
}

fn users() -> Vec<Row> {
    vec![
        post(ADMIN, "/users", &["USER CREATE users/{new}"]).body(|_| {
            let credentials = json!([{ "type": "password", "value": SECRET }]);
            object(json!({ "username": "made", "credentials": credentials }))
        }),
        put(ADMIN, "/users/{user}", &["USER UPDATE users/{user}"])
            .given(|stage| stage.make_user("changed"))
            .body(|_| {
                let credentials = json!([{ "type": "password", "value": SECRET }]);
                object(json!({ "firstName": "Changed", "credentials": credentials }))
            }),
        delete(ADMIN, "/users/{user}", &["USER DELETE users/{user}"])
            .given(|stage| stage.make_user("gone")),
        delete(
            ADMIN,
            "/users/{user}",
            &[
                "USER DELETE users/{user}",
                "ORGANIZATION_MEMBERSHIP DELETE orgs/{org}/members/{user}",
            ],
        )
        .given(|stage| stage.make_member("gone-from-everywhere")),
        post(
            ADMIN,
            "/users/{user}/federated-identity/{provider}",
            &["USER CREATE users/{user}/federated-identity/{provider}"],
        )
        .body(|_| object(json!({ "userId": "17", "userName": "hiroko" }))),
        delete(
            ADMIN,
            "/users/{user}/federated-identity/{provider}",
            &["USER DELETE users/{user}/federated-identity/{provider}"],
        ),
        put(
            ADMIN,
            "/users/{user}/execute-actions-email",
            &["USER ACTION users/{user}/execute-actions-email"],
        )
        .body(|_| object(json!(["UPDATE_PASSWORD"]))),
        put(
            ADMIN,
            "/users/{user}/send-verify-email",
            &["USER ACTION users/{user}/send-verify-email"],
        ),
        put(
            ADMIN,
            "/users/{user}/groups/{group}",
            &["GROUP_MEMBERSHIP CREATE users/{user}/groups/{group}"],
        ),
        put(ADMIN, "/users/{user}/groups/{group}", &[]),
        delete(
            ADMIN,
            "/users/{user}/groups/{group}",
            &["GROUP_MEMBERSHIP DELETE users/{user}/groups/{group}"],
        ),
        delete(
            ADMIN,
            "/users/{user}/consents/{client}",
            &["USER ACTION users/{user}/consents/{client}"],
        )
        .given(|stage| {
            crate::consents::hiroko_agrees(stage.world());
            let hiroko = scim_setup::user(stage.world(), "hiroko").unwrap().id;
            stage.name("{user}", hiroko.as_str());
            stage.name("{client}", "travel0-web");
        }),
    ]
}

/// Hiroko signs in.
fn sign_in(stage: &mut Stage) {
    let tokens = RelyingParty::web(stage.world()).tokens_for("hiroko", "openid");
    let session = claims_of(&tokens["access_token"])["sid"].as_str().unwrap().to_owned();
    stage.name("{session}", session);
}

fn make_user_with_password(stage: &mut Stage) {
    stage.make_user("with-password");
    let credentials = stage.json("/admin/realms/{realm}/users/{user}/credentials");
    stage.name("{credential}", credentials[0]["id"].as_str().unwrap());
}

fn credentials_and_sessions() -> Vec<Row> {
    vec![
        put(ADMIN, "/users/{user}/reset-password", &["USER ACTION users/{user}/reset-password"])
            .given(|stage| stage.make_user("reset"))
            .body(|_| object(json!({ "type": "password", "value": SECRET, "temporary": true }))),
        delete(
            ADMIN,
            "/users/{user}/credentials/{credential}",
            &["USER ACTION users/{user}/credentials/{credential}"],
        )
        .given(make_user_with_password),
        put(
            ADMIN,
            "/users/{user}/credentials/{credential}/userLabel",
            &["USER ACTION users/{user}/credentials/{credential}/userLabel"],
        )
        .body(|_| object(json!("a label"))),
        post(
            ADMIN,
            "/users/{user}/credentials/{credential}/moveToFirst",
            &["USER ACTION users/{user}/credentials/{credential}/moveToFirst"],
        ),
        post(
            ADMIN,
            "/users/{user}/credentials/{credential}/moveAfter/{previous}",
            &["USER ACTION users/{user}/credentials/{credential}/moveAfter/{previous}"],
        ),
        post(ADMIN, "/users/{user}/logout", &["USER ACTION users/{user}/logout"]),
        post(ADMIN, "/logout-all", &["REALM ACTION logout-all"]),
        delete(ADMIN, "/sessions/{session}", &["USER_SESSION DELETE sessions/{session}"])
            .given(sign_in),
        delete(
            ADMIN,
            "/attack-detection/brute-force/users/{user}",
            &["USER_LOGIN_FAILURE DELETE attack-detection/brute-force/users/{user}"],
        ),
        delete(
            ADMIN,
            "/attack-detection/brute-force/users",
            &["USER_LOGIN_FAILURE DELETE attack-detection/brute-force/users"],
        ),
    ]
}

fn providers() -> Vec<Row> {
    const ALL: &str = "/identity-provider/instances";
    const ONE: &str = "/identity-provider/instances/{alias}";
    const MAPPERS: &str = "/identity-provider/instances/{alias}/mappers";
    const MAPPER: &str = "/identity-provider/instances/{alias}/mappers/{mapper}";
    vec![
        post(ADMIN, ALL, &["IDENTITY_PROVIDER CREATE identity-provider/instances/made"])
            .body(|_| object(provider("made"))),
        put(ADMIN, ONE, &["IDENTITY_PROVIDER UPDATE identity-provider/instances/made"])
            .given(|stage| stage.name("{alias}", "made"))
            .body(|_| object(provider("made"))),
        post(ADMIN, MAPPERS,
            &["IDENTITY_PROVIDER_MAPPER CREATE identity-provider/instances/{alias}/mappers/{new}"])
            .body(|_| object(provider_mapper("made"))),
        put(ADMIN, MAPPER,
            &["IDENTITY_PROVIDER_MAPPER UPDATE identity-provider/instances/{alias}/mappers/{mapper}"])
            .body(|_| object(provider_mapper("tried"))),
        delete(ADMIN, MAPPER,
            &["IDENTITY_PROVIDER_MAPPER DELETE identity-provider/instances/{alias}/mappers/{mapper}"])
            .given(|stage| {
                let path = "/admin/realms/{realm}/identity-provider/instances/{alias}/mappers";
                let id = stage.make(path, &provider_mapper("gone"));
                stage.name("{mapper}", id);
            }),
        delete(ADMIN, ONE, &["IDENTITY_PROVIDER DELETE identity-provider/instances/made"])
            .given(|stage| stage.name("{alias}", "made")),
        // Nothing is stored by these.
        post(ADMIN, "/identity-provider/import-config", &[]).given(serve).body(import),
        post(ADMIN, "/identity-provider/upload-certificate", &[]).refused(400),
    ]
}

/// Last, because they clear the lists.
fn events() -> Vec<Row> {
    vec![
        put(ADMIN, "/events/config", &["REALM UPDATE events/config"])
            .body(|_| object(json!({ "eventsExpiration": 3600 }))),
        delete(ADMIN, "/events", &["REALM DELETE events"]),
        delete(ADMIN, "/admin-events", &["REALM DELETE travel0/admin-events"]),
    ]
}

/// Every route that changes something and is called with a credential.
fn routes_that_change() -> Vec<(Method, String)> {
    let callers = routes::table().into_iter();
    let callers = callers
        .filter(|route| matches!(route.handler, Door::Caller(_)))
        .map(|route| (route.method, route.path));
    // A search is a GET in a body (RFC 7644 §3.4.3).
    let is_other = |path: &str| path.ends_with("/.search") || path.ends_with("/Me");
    let changes = |(method, path): &(Method, &str)| method != Method::GET && !is_other(path);
    let all = callers.chain(object_routes()).filter(changes);
    all.map(|(method, path)| (method, path.to_owned())).collect()
}

#[test]
fn every_route_that_changes_something_has_a_row() {
    let rows = rows();
    let has_row = |route: &(Method, String)| {
        rows.iter().any(|row| row.method == route.0 && row.path == route.1)
    };
    let missing: Vec<_> =
        routes_that_change().into_iter().filter(|route| !has_row(route)).collect();
    assert!(missing.is_empty(), "say what they leave behind: {missing:#?}");
    let routes = routes_that_change();
    let gone = rows.iter().find(|row| !routes.contains(&(row.method.clone(), row.path.clone())));
    assert!(gone.is_none_or(|row| panic!("no route: {} {}", row.method, row.path)));
}

#[test]
fn every_change_leaves_its_event_and_no_secret() {
    let mut stage = Stage::new();
    for row in rows() {
        // What clears the lists comes last.
        if row.path.ends_with("/events/config") {
            assert_no_secret(&stage);
        }
        check(&mut stage, &row);
    }
}

fn check(stage: &mut Stage, row: &Row) {
    stage.forget_names();
    (row.given)(stage);
    let (admin_before, user_before) = (stage.admin_events(), stage.user_events());
    let told = format!("{} {}", row.method, row.path);

    let answer = stage.call(row);

    match row.refused {
        Some(status) => assert_eq!(answer.status, status, "{told}: {answer:?}"),
        None => assert!(answer.status.is_success(), "{told}: {answer:?}"),
    }
    stage.name_new(&answer);
    check_admin_events(stage, row, &fresh(&admin_before, stage.admin_events()));
    let lived = fresh(&user_before, stage.user_events());
    check_user_events(stage, row, &lived);
}

fn check_admin_events(stage: &Stage, row: &Row, events: &[Value]) {
    let told = format!("{} {}", row.method, row.path);
    let lines: Vec<String> = events.iter().map(admin_line).collect();
    let wanted: Vec<String> = row.told.iter().map(|line| stage.fill(&row.path, line)).collect();
    let same = lines.len() == wanted.len()
        && wanted.iter().all(|line| lines.iter().any(|found| fits(line, found)));
    assert!(same, "{told}\n  leaves {lines:#?}\n  and not {wanted:#?}");
    for event in events {
        // What an object does later, by its own, it does in nobody's name.
        let is_consequence = event["authDetails"] == json!({});
        let first = event["id"] == events[0]["id"];
        assert!(
            event["authDetails"] == stage.who(row.caller) || (is_consequence && !first),
            "{told}: {event}"
        );
        assert_eq!(event["time"], stage.world().now().as_unix_millis(), "{told}");
    }
}

fn check_user_events(stage: &Stage, row: &Row, events: &[Value]) {
    let told = format!("{} {}", row.method, row.path);
    // Callers sign in to call.
    let of_sign_in =
        |event: &&Value| ["LOGIN", "CODE_TO_TOKEN"].map(Value::from).contains(&event["type"]);
    let events: Vec<&Value> = events.iter().filter(|event| !of_sign_in(event)).collect();
    let lines: Vec<String> = events.iter().map(|event| user_line(event)).collect();
    let wanted: Vec<String> = row.lived.iter().map(|line| stage.fill(&row.path, line)).collect();
    assert_eq!(lines, wanted, "{told}");
    for event in events {
        let who = stage.who(row.caller);
        assert_eq!(event["userId"], who["userId"], "{told}: {event}");
        assert_eq!(event["clientId"], "travel0-web", "{told}: {event}");
        assert_eq!(event["ipAddress"], who["ipAddress"], "{told}: {event}");
    }
}
/// Neither the trail of the directory nor that of an organization holds a secret,
/// or anything that looks like a token.
fn assert_no_secret(stage: &Stage) {
    let secrets = [SECRET, PASSWORD, scim_setup::SECRET, "eyJ", "$argon2"];
    let world = stage.world();
    let read = |sql: &crate::harness::sql::MemorySql, statement: &'static str| {
        let rows = sql.run(Statement::new(statement)).unwrap();
        rows.iter().map(|row| row.text("document").unwrap().to_owned()).collect::<Vec<_>>()
    };
    let mut trail = read(world.directory().sql(), "SELECT document FROM event ORDER BY rowid");
    trail.extend(read(
        world.directory().sql(),
        "SELECT details || coalesce(error, '') AS document FROM user_event ORDER BY number",
    ));
    for name in world.objects() {
        if matches!(name, ObjectName::Org(..)) && !world.is_blank(&name) {
            let of_object = |sql: &_| read(sql, "SELECT document FROM event ORDER BY rowid");
            trail.extend(world.with_object(&name, of_object));
        }
    }
    assert!(trail.len() > 100, "the trail is not read right");
    for document in trail {
        for secret in secrets {
            assert!(!document.contains(secret), "{secret} in {document}");
        }
    }
}
