//! `/admin/realms`: realms themselves, their keys, and what is left when one is
//! deleted.
use crate::admin_groups::plant;
use crate::admin_setup::{
    MASTER, TRAVEL0, assert_guarded, client_role, client_uuid, holder_of, made, make_client, names,
    nobody, outside_holder_of, own_names,
};
use crate::harness::relying_party::RelyingParty;
use crate::harness::world::World;
use crate::scim_setup::{admin, realm, travel0, user};
use guildhall::app::{demo, schedule};
use guildhall::kernel::time::Seconds;
use guildhall::platform::sql::{Sql, Statement};
use http::Method;
use serde_json::{Value, json};

const REALMS: &str = "/admin/realms";

fn count(world: &World, statement: &'static str, realm: &str) -> i64 {
    let statement = Statement::new(statement).bind(realm);
    world.directory().sql().run(statement).unwrap()[0].int("rows").unwrap()
}

fn realm_names(list: &Value) -> Vec<&str> {
    list.as_array().unwrap().iter().map(|one| one["realm"].as_str().unwrap()).collect()
}

#[test]
fn a_realm_is_made_read_and_changed() {
    let world = travel0();
    let admin = admin(&world);
    let body =
        json!({ "realm": "acme", "displayName": "Acme", "enabled": true, "sslRequired": "all" });

    let created = world.post(REALMS, &admin, &body);

    assert_eq!(made(&created), "acme");
    let read = world.get(created.location(), &admin).json();
    let expected = json!({
        "realm": "acme", "displayName": "Acme", "enabled": true, "sslRequired": "all",
        "accessTokenLifespan": 300, "ssoSessionIdleTimeout": 1800, "ssoSessionMaxLifespan": 36000,
        "defaultSignatureAlgorithm": "ES256", "bruteForceProtected": true, "failureFactor": 10,
        "passwordPolicy": "length(8)", "organizationsEnabled": true,
    });
    for (name, value) in expected.as_object().unwrap() {
        assert_eq!(&read[name], value, "{name}");
    }
    let change = json!({
        "displayName": "Acme Inc", "accessTokenLifespan": 60, "loginTheme": "blue",
        "passwordPolicy": "length(14)", "bruteForceProtected": false, "failureFactor": 5,
        "maxFailureWaitSeconds": 60, "defaultSignatureAlgorithm": "RS256",
        "attributes": { "colour": "green", "_providerConfig.orgs.config.scimEnabled": "true" },
    });
    let path = format!("{REALMS}/acme");
    assert_eq!(world.put(&path, &admin, &change).status, 204);
    let read = world.get(&path, &admin).json();
    for (name, value) in change.as_object().unwrap() {
        if name != "attributes" {
            assert_eq!(&read[name], value, "{name}");
        }
    }
    assert_eq!(read["attributes"]["colour"], "green");
    assert_eq!(read["attributes"]["_providerConfig.orgs.config.scimEnabled"], "true");
    assert_eq!((&read["sslRequired"], &read["enabled"]), (&json!("all"), &json!(true)));
    // What was read can be written.
    assert_eq!(world.put(&path, &admin, &read).status, 204);
    assert_eq!(world.get(&path, &admin).json(), read);
}

#[test]
fn a_new_realm_works_at_once() {
    let world = travel0();
    let admin = admin(&world);
    world.post(REALMS, &admin, &json!({ "realm": "acme", "enabled": true }));
    assert_eq!(world.get("/realms/acme/.well-known/openid-configuration", "").status, 200);
    let jwks = world.get("/realms/acme/protocol/openid-connect/certs", "").json();
    assert_eq!(jwks["keys"].as_array().unwrap().len(), 1);
    let scopes = world.get(&format!("{REALMS}/acme/client-scopes"), &admin).json();
    assert_eq!(scopes.as_array().unwrap().len(), 15);
    client_role(&world, "/admin/realms/acme", "realm-management", "realm-admin");
    let org = json!({ "name": "first" });
    assert_eq!(world.post("/realms/acme/orgs", &admin, &org).status, 201);
}

#[test]
fn a_realm_that_is_off_is_administered_and_nothing_else() {
    let world = travel0();
    let admin = admin(&world);
    world.post(REALMS, &admin, &json!({ "realm": "acme" }));
    let path = format!("{REALMS}/acme");
    assert_eq!(world.get(&path, &admin).json()["enabled"], false);
    assert_eq!(world.get("/realms/acme/.well-known/openid-configuration", "").status, 404);
    assert_eq!(world.put(&path, &admin, &json!({ "enabled": true })).status, 204);
    assert_eq!(world.get("/realms/acme/.well-known/openid-configuration", "").status, 200);
}

#[test]
fn a_body_that_is_no_realm_changes_nothing() {
    let world = travel0();
    let admin = admin(&world);
    let before = world.get(REALMS, &admin).json();
    let with = |name: &str, value: Value| {
        let mut body = json!({ "realm": "acme" });
        body[name] = value;
        body
    };
    for body in [
        json!({}),
        json!({ "realm": "" }),
        json!({ "realm": "a/b" }),
        json!({ "realm": "a b" }),
        json!({ "realm": "x".repeat(37) }),
        with("accessTokenLifespan", json!(0)),
        with("accessTokenLifespan", json!("300")),
        with("ssoSessionMaxLifespan", json!(-1)),
        with("defaultSignatureAlgorithm", json!("HS256")),
        with("passwordPolicy", json!("upperCase(1)")),
        with("failureFactor", json!(0)),
        with("sslRequired", json!(true)),
        with("noSuchField", json!("x")),
        with("groups", json!([{ "path": "/people" }])),
        with("defaultGroups", json!("/people")),
        with("attributes", json!({ "_providerConfig.orgs.config.sharedIdps": "maybe" })),
        with("loginTheme", json!("x".repeat(70_000))),
        json!([]),
    ] {
        let answer = world.post(REALMS, &admin, &body);
        assert_eq!(answer.status, 400, "{body:.80}: {answer:?}");
    }
    assert_eq!(world.post(REALMS, &admin, &json!({ "realm": "travel0" })).status, 409);
    assert_eq!(world.get(REALMS, &admin).json(), before);
    assert_eq!(made(&world.post(REALMS, &admin, &with("users", json!([])))), "acme");
}

/// A password for a mail server that nobody here would use.
#[test]
fn the_password_of_a_mail_server_is_not_kept() {
    let world = travel0();
    let admin = admin(&world);
    let smtp = json!({ "smtpServer": { "host": "mail.example", "password": "mail-secret" } });
    assert_eq!(world.put(TRAVEL0, &admin, &smtp).status, 204);
    let read = world.get(TRAVEL0, &admin).json();
    assert_eq!(read["smtpServer"], json!({ "host": "mail.example", "password": "**********" }));
    let rows = Statement::new("SELECT kept FROM realm");
    for row in world.directory().sql().run(rows).unwrap() {
        assert!(!row.text("kept").unwrap().contains("mail-secret"));
    }
}

#[test]
fn realms_are_listed_to_whom_they_concern() {
    let world = travel0();
    let admin = admin(&world);
    world.post(REALMS, &admin, &json!({ "realm": "acme", "displayName": "Acme" }));
    assert_eq!(realm_names(&world.get(REALMS, &admin).json()), ["acme", "master", "travel0"]);
    let brief = world.get(&format!("{REALMS}?briefRepresentation=true"), &admin).json();
    assert_eq!(brief[0]["displayName"], "Acme");
    assert!(brief[0].get("accessTokenLifespan").is_none());

    let viewer = outside_holder_of(&world, &["view-realm"]);
    let listed = world.get(REALMS, &viewer).json();
    assert_eq!(realm_names(&listed), ["travel0"]);
    assert_eq!(listed[0]["accessTokenLifespan"], 300);
    let other = outside_holder_of(&world, &["query-users"]);
    assert_eq!(world.get(REALMS, &other).json(), json!([{ "realm": "travel0" }]));
    assert_eq!(world.get(TRAVEL0, &other).json(), json!({ "realm": "travel0" }));
    assert_eq!(world.get(TRAVEL0, &nobody(&world)).status, 403);
    assert_eq!(world.get(REALMS, &nobody(&world)).status, 401);
    assert_eq!(world.get(REALMS, "").status, 401);
}

#[test]
fn a_realm_is_made_by_who_may_and_theirs_to_administer() {
    let world = travel0();
    let admin = admin(&world);
    let uuid = make_client(
        &world,
        MASTER,
        &json!({ "clientId": "maker", "secret": "s", "serviceAccountsEnabled": true }),
    );
    let account =
        world.get(&format!("{MASTER}/clients/{uuid}/service-account-user"), &admin).json();
    let user = account["id"].as_str().unwrap();
    let fields =
        [("grant_type", "client_credentials"), ("client_id", "maker"), ("client_secret", "s")];
    let answer = world.post_form("/realms/master/protocol/openid-connect/token", &fields);
    let maker = answer.json()["access_token"].as_str().unwrap().to_owned();
    let body = json!({ "realm": "acme", "enabled": true });
    assert_eq!(world.post(REALMS, &maker, &body).status, 403);

    let role = world.get(&format!("{MASTER}/roles/create-realm"), &admin).json();
    let path = format!("{MASTER}/users/{user}/role-mappings/realm");
    assert_eq!(world.post(&path, &admin, &json!([role])).status, 204);

    assert_eq!(made(&world.post(REALMS, &maker, &body)), "acme");
    assert_eq!(world.get(&format!("{REALMS}/acme/roles"), &maker).status, 200);
    assert_eq!(world.get(&format!("{REALMS}/travel0/roles"), &maker).status, 403);
    assert_eq!(world.delete(&format!("{REALMS}/acme"), &maker).status, 204);
    let outsider = holder_of(&world, &["realm-admin"]);
    assert_eq!(world.post(REALMS, &outsider, &body).status, 401);
}

#[test]
fn a_renamed_realm_is_found_by_its_new_name() {
    let world = travel0();
    let admin = admin(&world);
    assert_eq!(world.put(TRAVEL0, &admin, &json!({ "realm": "voyage" })).status, 204);
    assert_eq!(world.get(TRAVEL0, &admin).status, 404);
    assert_eq!(world.get("/admin/realms/voyage/users/none/role-mappings", &admin).status, 404);
    let read = world.get("/admin/realms/voyage", &admin).json();
    assert_eq!(read["realm"], "voyage");
    client_uuid(&world, MASTER, "voyage-realm");
    assert_eq!(
        world.put("/admin/realms/voyage", &admin, &json!({ "realm": "master" })).status,
        409
    );
    for change in [json!({ "realm": "other" }), json!({ "enabled": false })] {
        assert_eq!(world.put(MASTER, &admin, &change).status, 400);
    }
}

#[test]
fn keys_are_told_without_their_secrets() {
    let world = travel0();
    let admin = admin(&world);
    assert_eq!(
        world.put(TRAVEL0, &admin, &json!({ "defaultSignatureAlgorithm": "RS256" })).status,
        204
    );
    let keys = world.get(&format!("{TRAVEL0}/keys"), &admin).json();
    assert_eq!(keys["keys"].as_array().unwrap().len(), 2);
    for key in keys["keys"].as_array().unwrap() {
        let algorithm = key["algorithm"].as_str().unwrap();
        assert_eq!((&key["status"], &key["use"]), (&json!("ACTIVE"), &json!("SIG")));
        assert_eq!(keys["active"][algorithm], key["kid"]);
        assert!(key["publicKey"].as_str().unwrap().starts_with('M'));
        assert!(key.get("wrapped").is_none());
    }
    // The new algorithm signs at once.
    let tokens = RelyingParty::web(&world).tokens_for("hiroko", "openid");
    assert!(tokens["access_token"].is_string());
}

#[test]
fn each_path_of_realms_is_guarded() {
    let world = travel0();
    let nobody = nobody(&world);
    let viewer = holder_of(&world, &["view-realm"]);
    let other = holder_of(&world, &["manage-clients"]);
    for (method, path, refused) in [
        (Method::GET, TRAVEL0.to_owned(), vec![&nobody]),
        (Method::PUT, TRAVEL0.to_owned(), vec![&nobody, &viewer, &other]),
        (Method::DELETE, TRAVEL0.to_owned(), vec![&nobody, &viewer, &other]),
        (Method::GET, format!("{TRAVEL0}/keys"), vec![&nobody, &other]),
    ] {
        let refused: Vec<&str> = refused.into_iter().map(String::as_str).collect();
        assert_guarded(&world, &method, &path, &refused);
    }
    assert_eq!(world.get(TRAVEL0, &viewer).status, 200);
    assert_eq!(world.get(&format!("{REALMS}/none"), &admin(&world)).status, 404);
}

const DANGLING: &[&str] = &[
    "SELECT count(*) AS rows FROM user_role WHERE role_id NOT IN (SELECT id FROM role) OR ? IS NULL",
    "SELECT count(*) AS rows FROM role_composite WHERE parent_id NOT IN (SELECT id FROM role)
        OR child_id NOT IN (SELECT id FROM role) OR ? IS NULL",
    "SELECT count(*) AS rows FROM group_above WHERE group_id NOT IN (SELECT id FROM realm_group)
        OR above_id NOT IN (SELECT id FROM realm_group) OR ? IS NULL",
    "SELECT count(*) AS rows FROM group_member WHERE group_id NOT IN (SELECT id FROM realm_group)
        OR user_id NOT IN (SELECT id FROM user) OR ? IS NULL",
    "SELECT count(*) AS rows FROM group_role WHERE group_id NOT IN (SELECT id FROM realm_group)
        OR role_id NOT IN (SELECT id FROM role) OR ? IS NULL",
    "SELECT count(*) AS rows FROM scope_of_client WHERE client_uuid NOT IN (SELECT id FROM client)
        OR scope_id NOT IN (SELECT id FROM client_scope) OR ? IS NULL",
];

/// The clock strikes until nothing is left, and then some.
fn tick(world: &World) {
    for _ in 0..12 {
        world.advance(Seconds::minutes(10));
        world.run(schedule::tick(world.app()));
        world.ring_alarms();
        world.deliver_queue();
    }
}

/// The tables of the directory that say of which realm a row is.
fn tables_of_realms(world: &World) -> Vec<String> {
    let columns = Statement::new(
        "SELECT DISTINCT sqlite_master.name AS name
           FROM sqlite_master, pragma_table_info(sqlite_master.name) AS columns
          WHERE sqlite_master.type = 'table' AND columns.name = 'realm_id'",
    );
    let rows = world.directory().sql().run(columns).unwrap();
    rows.iter().map(|row| row.text("name").unwrap().to_owned()).collect()
}

fn assert_gone(world: &World, realm: &str, why: &str) {
    let tables = tables_of_realms(world);
    assert!(tables.len() > 9, "{tables:?}");
    for table in tables {
        let text = format!("SELECT count(*) AS rows FROM {table} WHERE realm_id = ?");
        assert_eq!(count(world, text.leak(), realm), 0, "{why}: {table}");
    }
    for statement in DANGLING {
        assert_eq!(count(world, statement, realm), 0, "{why}: {statement}");
    }
    let names = world.objects();
    let objects = names.iter().filter(|name| format!("{name:?}").contains(realm));
    let left: Vec<_> = objects.filter(|name| !world.is_blank(name)).collect();
    assert!(left.is_empty(), "{why}: {left:?}");
}

#[test]
fn a_deleted_realm_is_gone_at_once_and_in_the_end_entirely() {
    let world = travel0();
    let admin = admin(&world);
    let id = realm(&world).id.to_string();
    let token = nobody(&world);
    let group = plant(&world, &admin, "guides/rafting");
    let hiroko = user(&world, "hiroko").unwrap().id;
    for path in [format!("users/{hiroko}/groups/{group}"), format!("default-groups/{group}")] {
        assert_eq!(world.put(&format!("{TRAVEL0}/{path}"), &admin, &json!(null)).status, 204);
    }

    assert_eq!(world.delete(TRAVEL0, &admin).status, 204);

    assert_eq!(world.get(TRAVEL0, &admin).status, 404);
    assert_eq!(world.delete(TRAVEL0, &admin).status, 404);
    assert_eq!(world.get("/realms/travel0/.well-known/openid-configuration", "").status, 404);
    assert_eq!(world.get("/realms/travel0/orgs", &token).status, 404);
    assert_eq!(realm_names(&world.get(REALMS, &admin).json()), ["master"]);
    tick(&world);
    assert_gone(&world, &id, "a deletion");
}

#[test]
fn the_name_of_a_deleted_realm_is_free_and_gives_nobody_power() {
    let world = travel0();
    let old = outside_holder_of(&world, &["manage-realm"]);
    let admin = admin(&world);
    assert_eq!(world.delete(TRAVEL0, &old).status, 204);

    assert_eq!(
        made(&world.post(REALMS, &admin, &json!({ "realm": "travel0", "enabled": true }))),
        "travel0"
    );

    assert_eq!(world.get(TRAVEL0, &old).status, 403);
    let users = world.get(&format!("{TRAVEL0}/roles"), &admin).json();
    assert_eq!(own_names(&users), Vec::<&str>::new());
    tick(&world);
    world.run(demo::ensure(world.app())).unwrap();
    let tokens = RelyingParty::web(&world).tokens_for("hiroko", "openid");
    assert!(tokens["access_token"].is_string());
}

#[test]
fn the_master_realm_is_not_deleted() {
    let world = travel0();
    assert_eq!(world.delete(MASTER, &admin(&world)).status, 400);
}

#[test]
fn a_removal_killed_anywhere_goes_on() {
    for point in
        ["realm.remove.after_organizations", "realm.remove.after_users", "realm.remove.after_page"]
    {
        let world = travel0();
        let id = realm(&world).id.to_string();
        assert_eq!(world.delete(TRAVEL0, &admin(&world)).status, 204);
        world.advance(Seconds::minutes(10));
        if point == "realm.remove.after_page" {
            world.run(schedule::tick(world.app()));
        }
        world.crash_in(point, schedule::tick(world.app()));
        tick(&world);
        assert_gone(&world, &id, point);
    }
}

/// What an older version made of a realm.
#[test]
fn a_realm_of_an_older_version_is_completed_when_it_is_asked_for() {
    let world = travel0();
    let admin_token = admin(&world);
    world.directory().sql().execute_batch(
        "UPDATE realm SET edition = 0;
         DELETE FROM protocol_mapper; DELETE FROM scope_of_client; DELETE FROM client_scope;
         DELETE FROM role WHERE name IN ('query-users', 'impersonation', 'create-realm');
         UPDATE role SET client_uuid = NULL WHERE name = 'realm-admin';",
    );
    world.app().ports.memo.clear();

    let role = client_role(&world, TRAVEL0, "realm-management", "realm-admin");
    assert_eq!(role["clientRole"], true);
    client_role(&world, TRAVEL0, "realm-management", "query-users");
    let web = client_uuid(&world, TRAVEL0, "travel0-web");
    let scopes =
        world.get(&format!("{TRAVEL0}/clients/{web}/default-client-scopes"), &admin_token).json();
    assert_eq!(names(&scopes).len(), 6);
    assert_eq!(world.get(&format!("{MASTER}/roles/create-realm"), &admin_token).status, 200);
    let roles = world.get(&format!("{TRAVEL0}/roles"), &admin_token).json();
    assert_eq!(own_names(&roles), Vec::<&str>::new());
}
