//! Databases that an older version wrote wake under the newest.
use crate::harness::relying_party::RelyingParty;
use crate::harness::sql::{MemoryDirectory, MemorySql};
use crate::harness::world::World;
use crate::scim_group_setup::values;
use crate::scim_setup::{Directory, active, admin, org_id, person, travel0};
use futures::FutureExt;
use guildhall::app::schema;
use guildhall::kernel::route::ObjectName;
use guildhall::kernel::time::Seconds;
use guildhall::platform::migrate::Migration;
use guildhall::platform::sql::{Sql, Statement};
use guildhall::realm::client::{Authenticator, ClientSettings};
use guildhall::realm::page::Page;
use guildhall::realm::search::{Part, Wanted, Within};
use guildhall::realm::settings::Settings;
use guildhall::realm::store::organization;
use serde_json::json;
use std::fs;
use std::path::Path;

/// Every object of that kind forgets what came after `old`, and sleeps.
fn go_back(world: &World, of_kind: fn(&ObjectName) -> bool, old: &'static [Migration]) {
    let names: Vec<_> = world.objects().into_iter().filter(of_kind).collect();
    assert!(!names.is_empty());
    for name in names {
        world.with_object(&name, |sql| sql.go_back(old));
    }
    world.restart();
}

#[test]
fn an_organization_of_any_older_version_wakes() {
    for old in 1..schema::ORG.len() {
        let world = travel0();
        let path = format!("/realms/travel0/orgs/{}/members", org_id(&world, "rocky-mountain"));
        let tokens = RelyingParty::web(&world).tokens_for("jonno", "openid");
        let token = tokens["access_token"].as_str().unwrap();
        let before = world.get(&path, token).json();
        go_back(&world, |name| matches!(name, ObjectName::Org(..)), &schema::ORG[..old]);
        assert_eq!(world.get(&path, token).json(), before, "written by migration {old}");
        let directory = Directory::connect(&world, "rocky-mountain");
        assert_eq!(directory.count("active eq true"), 0, "written by migration {old}");
    }
}

/// Groups that were there before SCIM told of any have what it tells, and whoever was
/// pushed goes on as before.
#[test]
fn groups_from_before_scim_are_told() {
    let world = travel0();
    let directory = Directory::connect(&world, "granite-outpost");
    let ann = directory.hire("ann");
    let inner = directory.group("Ärzte", &[&ann]);
    let outer = directory.group("Outer", &[&inner]);
    world.advance(Seconds(60));
    directory.hire("ben");
    let before = schema::ORG.iter().position(|one| one.name == "0014_scim_group").unwrap();
    go_back(&world, |name| matches!(name, ObjectName::Org(..)), &schema::ORG[..before]);

    assert_eq!(directory.members(&inner), [ann.as_str()]);
    let told = directory.read_group(&outer);
    assert_eq!((values(&told), &told["externalId"]), (vec![inner.clone()], &json!(null)));
    let meta = &told["meta"];
    assert_eq!(
        (&meta["version"], &meta["lastModified"]),
        (&json!("W/\"1\""), &json!("2027-01-15T08:01:00Z"))
    );
    assert_eq!(directory.found(r#"displayName eq "ärzte""#), ["Ärzte"]);
    assert_eq!(directory.found(r#"displayName eq "OUTER""#), ["Outer"]);
    directory.patched(&outer, &json!([{"op": "remove", "path": "members"}]));
    assert_eq!(directory.read_group(&outer)["meta"]["version"], "W/\"2\"");
}

#[test]
fn an_account_of_any_older_version_wakes() {
    for old in 1..schema::ACCOUNT.len() {
        let world = travel0();
        go_back(&world, |name| matches!(name, ObjectName::Account(..)), &schema::ACCOUNT[..old]);
        let tokens = RelyingParty::web(&world).tokens_for("hiroko", "openid");
        assert!(tokens["refresh_token"].is_string(), "written by migration {old}");
    }
}

/// A directory as an older version wrote it.
struct Old {
    sql: MemorySql,
    missing: Vec<String>,
}

impl Old {
    /// One that has the migrations before `number`.
    fn before(number: &str) -> Self {
        let sql = MemorySql::blank();
        let (had, missing): (Vec<_>, Vec<_>) =
            files("schemas/directory").into_iter().partition(|name| **name < *number);
        apply(&sql, &had);
        Self { sql, missing }
    }

    /// Brings it to the newest version.
    fn upgrade(&self) {
        apply(&self.sql, &self.missing);
    }
}

fn apply(sql: &MemorySql, names: &[String]) {
    for name in names {
        let script = fs::read_to_string(root().join("schemas/directory").join(name)).unwrap();
        sql.execute_batch(&script);
    }
}

/// What was kept without effect before it had one.
#[test]
fn a_clients_narrow_scope_stays_narrow() {
    let old = Old::before("0010");
    let sql = &old.sql;
    for (id, kept) in [
        ("narrow", r#"{"fullScopeAllowed":false,"baseUrl":"/"}"#),
        ("full", r#"{"fullScopeAllowed":true}"#),
        ("silent", "{}"),
    ] {
        sql.execute_batch(&format!(
            "INSERT INTO client (id, realm_id, client_id, settings, created_at, kept)
             VALUES ('{id}', 'r', '{id}', '{{\"name\":\"{id}\"}}', 0, '{kept}')"
        ));
    }
    old.upgrade();
    let list = Statement::new("SELECT settings, kept FROM client ORDER BY id");
    let rows = sql.run(list).unwrap();
    let read = |place: usize| {
        let settings: ClientSettings = rows[place].json("settings").unwrap();
        (settings.name, settings.full_scope_allowed, rows[place].text("kept").unwrap())
    };
    assert_eq!(read(0), ("full".to_owned(), true, "{}"));
    assert_eq!(read(1), ("narrow".to_owned(), false, r#"{"baseUrl":"/"}"#));
    assert_eq!(read(2), ("silent".to_owned(), true, "{}"));
}

/// What D1 once bound as a number with a fraction.
#[test]
fn a_moment_with_a_fraction_is_made_whole() {
    let old = Old::before("0015");
    let sql = &old.sql;
    for (id, settings) in [
        ("broken", r#"{"failures_forgotten_at":1700000000.0,"min_password_chars":9}"#),
        ("silent", "{}"),
        ("whole", r#"{"failures_forgotten_at":1700000000}"#),
    ] {
        sql.execute_batch(&format!(
            "INSERT INTO realm (id, name, display_name, enabled, settings, created_at)
             VALUES ('{id}', '{id}', '', 1, '{settings}', 0)"
        ));
    }
    old.upgrade();
    let rows = sql.run(Statement::new("SELECT settings FROM realm ORDER BY id")).unwrap();
    let read = |place: usize| rows[place].json::<Settings>("settings").unwrap();
    assert_eq!((read(0).failures_forgotten_at, read(0).min_password_chars), (1_700_000_000, 9));
    assert_eq!(read(1).failures_forgotten_at, 0);
    assert_eq!(read(2).failures_forgotten_at, 1_700_000_000);
}

/// So was how a client proves who it is, and how long offline sessions last.
#[test]
fn an_authenticator_and_the_length_of_offline_sessions_are_taken_over() {
    let old = Old::before("0019");
    let sql = &old.sql;
    for (id, kept) in [
        ("jwt", r#"{"clientAuthenticatorType":"client-jwt","baseUrl":"/"}"#),
        ("silent", r#"{"baseUrl":"/"}"#),
    ] {
        sql.execute_batch(&format!(
            "INSERT INTO client (id, realm_id, client_id, settings, created_at, kept)
             VALUES ('{id}', 'r', '{id}', '{{}}', 0, '{kept}')"
        ));
    }
    for (id, kept) in [
        ("long", r#"{"offlineSessionIdleTimeout":60,"offlineSessionMaxLifespanEnabled":true}"#),
        ("odd", r#"{"offlineSessionIdleTimeout":0,"offlineSessionMaxLifespan":-1}"#),
        ("silent", "{}"),
    ] {
        sql.execute_batch(&format!(
            "INSERT INTO realm (id, name, display_name, enabled, settings, created_at, kept)
             VALUES ('{id}', '{id}', '', 1, '{{}}', 0, '{kept}')"
        ));
    }
    old.upgrade();
    let clients = sql.run(Statement::new("SELECT settings, kept FROM client ORDER BY id")).unwrap();
    let client = |place: usize| {
        let settings: ClientSettings = clients[place].json("settings").unwrap();
        (settings.authenticator, clients[place].text("kept").unwrap())
    };
    assert_eq!(client(0), (Authenticator::SignedJwt, r#"{"baseUrl":"/"}"#));
    assert_eq!(client(1), (Authenticator::Secret, r#"{"baseUrl":"/"}"#));
    let realms = sql.run(Statement::new("SELECT settings FROM realm ORDER BY id")).unwrap();
    let realm = |place: usize| {
        let settings: Settings = realms[place].json("settings").unwrap();
        let idle = settings.offline_session_idle_timeout;
        (idle, settings.offline_session_max_lifespan, settings.offline_session_max_lifespan_enabled)
    };
    let usual = (Seconds::days(30), Seconds::days(60), false);
    assert_eq!(realm(0), (Seconds(60), Seconds::days(60), true));
    assert_eq!((realm(1), realm(2)), (usual, usual));
}

/// So was how long a device waits.
#[test]
fn how_long_devices_wait_is_taken_over() {
    let old = Old::before("0022");
    let sql = &old.sql;
    for (id, kept) in [
        ("long", r#"{"loginTheme":"x","oauth2DeviceCodeLifespan":1800}"#),
        ("odd", r#"{"oauth2DeviceCodeLifespan":0,"oauth2DevicePollingInterval":-1}"#),
        ("silent", "{}"),
        ("slow", r#"{"oauth2DevicePollingInterval":30}"#),
    ] {
        sql.execute_batch(&format!(
            "INSERT INTO realm (id, name, display_name, enabled, settings, created_at, kept)
             VALUES ('{id}', '{id}', '', 1, '{{}}', 0, '{kept}')"
        ));
    }
    old.upgrade();
    let realms = sql.run(Statement::new("SELECT settings, kept FROM realm ORDER BY id")).unwrap();
    let realm = |place: usize| {
        let settings: Settings = realms[place].json("settings").unwrap();
        (settings.device_code_lifespan.0, settings.device_polling_interval.0)
    };
    let all = [(1800, 5), (600, 5), (600, 5), (600, 30)];
    assert_eq!([realm(0), realm(1), realm(2), realm(3)], all);
    assert_eq!(realms[0].text("kept").unwrap(), r#"{"loginTheme":"x"}"#);
}

/// So was how long clients may refresh.
#[test]
fn how_long_clients_may_refresh_is_taken_over() {
    let old = Old::before("0023");
    let sql = &old.sql;
    for (id, kept) in [
        (
            "long",
            r#"{"loginTheme":"x","clientSessionIdleTimeout":600,"clientSessionMaxLifespan":0}"#,
        ),
        ("odd", r#"{"clientOfflineSessionIdleTimeout":-1,"clientOfflineSessionMaxLifespan":60}"#),
        ("silent", "{}"),
    ] {
        sql.execute_batch(&format!(
            "INSERT INTO realm (id, name, display_name, enabled, settings, created_at, kept)
             VALUES ('{id}', '{id}', '', 1, '{{}}', 0, '{kept}')"
        ));
    }
    old.upgrade();
    let realms = sql.run(Statement::new("SELECT settings, kept FROM realm ORDER BY id")).unwrap();
    let lives = |place: usize| {
        let settings: Settings = realms[place].json("settings").unwrap();
        let of = settings.client_sessions;
        [of.idle, of.life, of.offline_idle, of.offline_life].map(|life| life.map(|life| life.0))
    };
    assert_eq!(lives(0), [Some(600), None, None, None]);
    assert_eq!(lives(1), [None, None, None, Some(60)]);
    assert_eq!(lives(2), [None; 4]);
    assert_eq!(realms[0].text("kept").unwrap(), r#"{"loginTheme":"x"}"#);
}

/// So was whether people may register themselves.
#[test]
fn whether_people_register_themselves_is_taken_over() {
    let old = Old::before("0025");
    let sql = &old.sql;
    for (id, kept) in [
        ("allows", r#"{"loginTheme":"x","registrationAllowed":true}"#),
        ("forbids", r#"{"registrationAllowed":false}"#),
        ("silent", "{}"),
    ] {
        sql.execute_batch(&format!(
            "INSERT INTO realm (id, name, display_name, enabled, settings, created_at, kept)
             VALUES ('{id}', '{id}', '', 1, '{{}}', 0, '{kept}')"
        ));
    }
    old.upgrade();
    let realms = sql.run(Statement::new("SELECT settings, kept FROM realm ORDER BY id")).unwrap();
    let allows = |place: usize| {
        let settings: Settings = realms[place].json("settings").unwrap();
        settings.registration_allowed
    };
    assert_eq!([allows(0), allows(1), allows(2)], [true, false, false]);
    let kept: Vec<_> = realms.iter().map(|row| row.text("kept").unwrap()).collect();
    assert_eq!(kept, [r#"{"loginTheme":"x"}"#, "{}", "{}"]);
}

/// Organizations that there were are enabled, and their domains are found.
#[test]
fn organizations_that_were_there_are_enabled() {
    let old = Old::before("0026");
    let sql = &old.sql;
    for (id, domains) in [("one", r#"["one.example","both.example"]"#), ("two", "[]")] {
        sql.execute_batch(&format!(
            "INSERT INTO organization (realm_id, id, name, alias, attributes, domains, created_at)
             VALUES ('r', '{id}', 'Number {id}', '{id}', '{{}}', '{domains}', 0)"
        ));
    }
    old.upgrade();
    let directory = MemoryDirectory::over(old.sql);
    let realm = "r".parse().unwrap();
    let found = |search: &str, within| {
        let page = Page { first: 0, max: 10 };
        let part = Part::of(&realm, search, within);
        let wanted = Wanted { part, ..Wanted::all(page) };
        let list = organization::list(&directory, &realm, &wanted);
        list.now_or_never().unwrap().unwrap()
    };
    let all = found("number", Within::DisplayName);
    assert_eq!(all.len(), 2);
    assert!(all.iter().all(|one| one.enabled && one.description.is_none()));
    for search in ["BOTH.ex", "xa"] {
        assert_eq!(found(search, Within::Domains).len(), 1, "{search}");
        assert_eq!(found(search, Within::DisplayName).len(), 0, "{search}");
    }
}

/// So was whether a realm has organizations. Where it has some, they stay.
#[test]
fn whether_a_realm_has_organizations_is_taken_over() {
    let old = Old::before("0026");
    let sql = &old.sql;
    let no = r#"{"organizationsEnabled":false,"loginTheme":"x"}"#;
    for (id, kept) in [("has", no), ("none", no), ("silent", "{}")] {
        sql.execute_batch(&format!(
            "INSERT INTO realm (id, name, display_name, enabled, settings, created_at, kept)
             VALUES ('{id}', '{id}', '', 1, '{{}}', 0, '{kept}')"
        ));
    }
    sql.execute_batch(
        "INSERT INTO organization (realm_id, id, name, alias, attributes, domains, created_at)
         VALUES ('has', 'o', 'o', 'o', '{}', '[]', 0)",
    );
    old.upgrade();
    let realms = sql.run(Statement::new("SELECT settings, kept FROM realm ORDER BY id")).unwrap();
    let read = |place: usize| {
        let settings: Settings = realms[place].json("settings").unwrap();
        (settings.organizations_enabled, realms[place].text("kept").unwrap())
    };
    assert_eq!(read(0), (true, r#"{"loginTheme":"x"}"#));
    assert_eq!(read(1), (false, r#"{"loginTheme":"x"}"#));
    assert_eq!(read(2), (true, "{}"));
}

#[test]
fn every_file_of_schemas_is_applied_in_order() {
    let names = |list: &[Migration]| -> Vec<String> {
        list.iter().map(|migration| format!("{}.sql", migration.name)).collect()
    };
    assert_eq!(names(schema::ORG), files("schemas/org"));
    assert_eq!(names(schema::ACCOUNT), files("schemas/account"));
}

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn files(folder: &str) -> Vec<String> {
    let entries = fs::read_dir(root().join(folder)).unwrap();
    let mut names: Vec<String> =
        entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    names
}

/// The tokens of a realm that was there before mappers had a say.
#[test]
fn what_tokens_said_of_organizations_their_mappers_say() {
    let old = Old::before("0018");
    let sql = &old.sql;
    sql.execute_batch(
        r#"INSERT INTO client_scope (id, realm_id, name, description, protocol, attributes)
           VALUES ('s', 'r', 'organization', '', 'openid-connect', '{}');
           INSERT INTO protocol_mapper (id, realm_id, parent_id, name, protocol, mapper, config)
           VALUES ('m', 'r', 's', 'organization', 'openid-connect',
                   'oidc-organization-membership-mapper', '{"jsonType.label":"String"}');"#,
    );
    old.upgrade();
    let list = Statement::new("SELECT name, mapper, config FROM protocol_mapper ORDER BY name");
    let rows = sql.run(list).unwrap();
    let names: Vec<_> = rows.iter().map(|row| row.text("name").unwrap()).collect();
    assert_eq!(names, ["organization", "organization groups", "organization roles"]);
    let config: serde_json::Value = rows[0].json("config").unwrap();
    assert_eq!(
        config,
        serde_json::json!({ "addOrganizationId": "true", "jsonType.label": "JSON" })
    );
}

/// Who was a member is listed as one; nobody was managed.
#[test]
fn memberships_that_there_were_are_listed_by_username() {
    let old = Old::before("0027");
    let sql = &old.sql;
    sql.execute_batch(
        "INSERT INTO user (id, realm_id, username, email_verified, enabled, created_at,
                           service_account_for)
         VALUES ('ann', 'r', 'Ann', 0, 1, 0, NULL), ('bot', 'r', 'bot', 0, 1, 0, 'client');
         INSERT INTO membership (realm_id, user_id, org_id, present, version)
         VALUES ('r', 'ann', 'o', 1, 7), ('r', 'ann', 'left', 0, 3), ('r', 'bot', 'o', 1, 8)",
    );
    old.upgrade();
    let list = Statement::new(
        "SELECT user_id, org_id, belongs, managed, listed_as, version
           FROM membership ORDER BY user_id, org_id",
    );
    let rows = sql.run(list).unwrap();
    let told: Vec<_> = rows
        .iter()
        .map(|row| {
            let text = |name| row.text_or_null(name).unwrap().unwrap_or_default().to_owned();
            let number = |name| row.int(name).unwrap();
            (text("org_id"), number("belongs"), number("managed"), text("listed_as"))
        })
        .collect();
    let row = |org: &str, belongs, listed: &str| (org.to_owned(), belongs, 0, listed.to_owned());
    assert_eq!(told, [row("left", 0, ""), row("o", 1, "Ann"), row("o", 1, "")]);
    sql.execute_batch("UPDATE user SET username = 'Bea' WHERE id = 'ann'");
    let renamed = Statement::new("SELECT listed_as FROM membership WHERE listed_as IS NOT NULL");
    assert_eq!(sql.run(renamed).unwrap()[0].text("listed_as").unwrap(), "Bea");
}

/// The directory did not know who is suspended; an object of before tells it.
#[test]
fn who_was_suspended_before_is_listed_when_the_object_wakes() {
    let world = travel0();
    let directory = Directory::connect(&world, "granite-outpost");
    let path = directory.pushed(&person("ann", "ann@granite.example"));
    let path = format!("/Users/{}", path.rsplit('/').next().unwrap());
    assert_eq!(directory.patch(&path, &active(false)).status, 200);
    let of_org = |name: &ObjectName| matches!(name, ObjectName::Org(..));
    let before = schema::ORG.iter().position(|one| one.name == "0010_membership").unwrap();
    go_back(&world, of_org, &schema::ORG[..before]);
    // The copy of the object counts its states from the beginning.
    let forget =
        "UPDATE membership SET belongs = 0, listed_as = NULL, version = 0 WHERE present = 0";
    world.directory().sql().execute_batch(forget);
    world.advance(Seconds(1));
    world.ring_alarms();
    let token = admin(&world);
    let org = org_id(&world, "granite-outpost");
    let members = format!("/admin/realms/travel0/organizations/{org}/members");
    // Any change wakes the object and tells what is left to tell.
    let body = json!({ "email": "new@mail.example" });
    let invited = world.post(&format!("/realms/travel0/orgs/{org}/invitations"), &token, &body);
    assert_eq!(invited.status, 201);
    let listed = world.get(&format!("{members}?search=ann@"), &token).json();
    assert_eq!(listed[0]["username"], "ann@granite.example", "{listed}");
}

#[test]
fn a_scim_configuration_that_there_was_keeps_its_secret() {
    let world = travel0();
    let directory = Directory::connect(&world, "granite-outpost");
    let before = schema::ORG.iter().position(|one| one.name == "0012_scim_credential").unwrap();
    go_back(&world, |name| matches!(name, ObjectName::Org(..)), &schema::ORG[..before]);
    assert_eq!(directory.status(), 200);
    assert_eq!(directory.config()["log_days"], 30);
    assert_eq!(directory.rotate(&json!({})).status, 200);
    assert_eq!(directory.status(), 200, "the old secret does for a while");
}
