//! `client_credentials` in the name of an organization: of which organizations the
//! service account is a member, and which the client may speak for.
use crate::admin_setup::{TRAVEL0, client_uuid};
use crate::harness::browser::Answer;
use crate::harness::relying_party::{claims_of, travel0_world};
use crate::harness::world::World;
use crate::org_setup::{Granite, NOBODY};
use crate::refresh::directory;
use crate::scim_setup::{admin, org_id, realm, user};
use crate::token_setup::{INTROSPECT, MACHINE, TOKEN, post_as, refusal, set_attributes};
use guildhall::kernel::id::OrgId;
use guildhall::kernel::route::ObjectName;
use guildhall::kernel::time::Seconds;
use guildhall::platform::sql::{Sql, Statement};
use serde_json::{Value, json};

const GRANITE: &str = "granite-outpost";
const ROCKY: &str = "rocky-mountain";
const ADVENTUREZ: &str = "adventurez";
const ACCOUNT: &str = "service-account-travel0-machine";

/// A world whose machine belongs to these organizations.
fn working_in(aliases: &[&str]) -> World {
    let world = travel0_world();
    for alias in aliases {
        join(&world, alias);
    }
    world
}

fn member_path(world: &World, alias: &str) -> String {
    let account = user(world, ACCOUNT).unwrap().id;
    format!("/realms/travel0/orgs/{}/members/{account}", org_id(world, alias))
}

fn join(world: &World, alias: &str) {
    let path = member_path(world, alias);
    assert_eq!(world.put(&path, &admin(world), &Value::Null).status, 201, "{alias}");
}

/// Takes the machine out of an organization, behind the API's back.
fn leave(world: &World, alias: &str) {
    let account = user(world, ACCOUNT).unwrap().id;
    let gone = Statement::new("DELETE FROM member WHERE user_id = ?").bind(account.as_str());
    world.with_object(&object(world, &org_id(world, alias)), |sql| sql.run(gone).unwrap());
}

fn object(world: &World, org: &OrgId) -> ObjectName {
    ObjectName::Org(realm(world).id, org.clone())
}

/// What the machine is answered that asks with these fields besides.
fn ask(world: &World, fields: &[(&str, &str)]) -> Answer {
    let own = [("grant_type", "client_credentials")];
    post_as(world, TOKEN, MACHINE, &[&own, fields].concat())
}

fn claims(answer: &Answer) -> Value {
    assert_eq!(answer.status, 200, "{answer:?}");
    claims_of(&answer.json()["access_token"])
}

fn organizations(answer: &Answer) -> Vec<String> {
    let claim = claims(answer)["organization"].clone();
    claim.as_object().map(|orgs| orgs.keys().cloned().collect()).unwrap_or_default()
}

fn denied() -> (u16, String) {
    (400, "access_denied".to_owned())
}

/// Tells in the machine's tokens what a mapper of `kind` tells.
fn add_mapper(world: &World, kind: &str, claim: &str) {
    let uuid = client_uuid(world, TRAVEL0, MACHINE);
    let path = format!("{TRAVEL0}/clients/{uuid}/protocol-mappers/models");
    let mapper = json!({
        "name": claim, "protocol": "openid-connect", "protocolMapper": kind,
        "config": {
            "claim.name": claim, "jsonType.label": "JSON", "access.token.claim": "true",
            "included.active.organization.properties": "id,name,role",
        },
    });
    assert_eq!(world.post(&path, &admin(world), &mapper).status, 201);
}

#[test]
fn a_machine_speaks_for_an_organization_of_its_service_account() {
    let world = working_in(&[GRANITE, ROCKY]);
    let id = org_id(&world, GRANITE);
    let scope = format!("organization:{GRANITE}");
    for asked in [
        ("organization", id.as_str()),
        ("organization", GRANITE),
        ("organization_name", GRANITE),
        ("scope", &scope),
    ] {
        let answer = ask(&world, &[asked]);
        assert_eq!(organizations(&answer), [GRANITE], "{asked:?}");
        assert_eq!(claims(&answer)["organization"][GRANITE]["id"], json!(id), "{asked:?}");
        let tokens = answer.json();
        assert_eq!(tokens["scope"], format!("profile email {scope}"), "{asked:?}");
        for absent in ["refresh_token", "id_token", "session_state"] {
            assert!(tokens.get(absent).is_none(), "{absent}");
        }
    }
    assert_eq!(organizations(&ask(&world, &[])), [""; 0], "none was asked for");
    let both = [("organization", id.as_str()), ("organization_name", GRANITE)];
    assert_eq!(organizations(&ask(&world, &both)), [GRANITE]);
    let contradiction = [("organization", id.as_str()), ("organization_name", ROCKY)];
    assert_eq!(refusal(&ask(&world, &contradiction)), denied());
    let demanded = [("organization", GRANITE), ("scope", &format!("organization:{ROCKY}"))];
    assert_eq!(organizations(&ask(&world, &demanded)), [GRANITE], "no scope overrides it");
    let twice = [("organization", GRANITE), ("organization", GRANITE)];
    assert_eq!(refusal(&ask(&world, &twice)), (400, "invalid_request".to_owned()));
}

#[test]
fn several_are_named_or_all_are() {
    let world = working_in(&[GRANITE, ROCKY]);
    let named = format!("organization:{GRANITE} organization:{ROCKY}");
    for scope in [named.as_str(), "organization:*"] {
        assert_eq!(organizations(&ask(&world, &[("scope", scope)])), [GRANITE, ROCKY], "{scope}");
    }
    let alone = ask(&world, &[("scope", "organization")]);
    assert_eq!(organizations(&alone), [""; 0], "there is no page to pick on");
    leave(&world, ROCKY);
    assert_eq!(organizations(&ask(&world, &[("scope", "organization:*")])), [GRANITE]);
    assert_eq!(refusal(&ask(&world, &[("scope", &named)])), denied(), "all that is named, or none");
}

#[test]
fn the_only_organization_need_not_be_named() {
    let world = working_in(&[GRANITE]);
    let answer = ask(&world, &[("scope", "organization")]);
    assert_eq!(organizations(&answer), [GRANITE]);
    assert_eq!(answer.json()["scope"], format!("profile email organization:{GRANITE}"));
}

/// As for persons.
#[test]
fn its_roles_and_groups_there_are_in_the_token() {
    let granite = Granite::new();
    let world = &granite.world;
    join(world, GRANITE);
    let account = granite.id_of(ACCOUNT);
    granite.post("/roles", &json!({ "name": "importer" }));
    let role = format!("/roles/importer/users/{account}");
    assert_eq!(granite.put(&role, &Value::Null).status, 201);
    granite.script(&format!(
        "INSERT INTO org_group (id, name) VALUES ('night', 'Night');
         INSERT INTO group_member (group_id, user_id) VALUES ('night', '{account}');"
    ));
    let claim = claims(&ask(world, &[("organization", GRANITE)]))["organization"][GRANITE].clone();
    assert_eq!(claim["roles"], json!(["importer"]));
    assert_eq!(claim["groups"], json!(["/Night"]));
    assert_eq!(granite.delete(&role).status, 204);
    let next = claims(&ask(world, &[("organization", GRANITE)]));
    assert_eq!(next["organization"][GRANITE]["roles"], json!([]), "asked each time");
}

/// Phase Two's mappers tell of a person's every organization.
#[test]
fn a_machines_token_tells_of_no_other_organization() {
    let world = working_in(&[GRANITE, ROCKY]);
    add_mapper(&world, "oidc-organization-role-mapper", "every");
    add_mapper(&world, "oidc-active-organization-mapper", "active");
    let id = org_id(&world, GRANITE);
    let told = claims(&ask(&world, &[("organization", GRANITE)]));
    let every: Vec<_> = told["every"].as_object().unwrap().keys().cloned().collect();
    assert_eq!((every, &told["active"]["id"]), (vec![id.to_string()], &json!(id)), "{told}");
    let told = claims(&ask(&world, &[]));
    assert_eq!(told.get("every").cloned().unwrap_or_else(|| json!({})), json!({}), "{told}");
}

#[test]
fn a_machine_learns_nothing_of_organizations_that_are_not_its_own() {
    let world = working_in(&[GRANITE, ROCKY]);
    leave(&world, ROCKY);
    let admin = admin(&world);
    let made = world.post("/realms/master/orgs", &admin, &json!({ "name": "elsewhere" }));
    let elsewhere = made.location().rsplit('/').next().unwrap().to_owned();
    let gone = world.post("/realms/travel0/orgs", &admin, &json!({ "name": "gone" }));
    let gone = gone.location().rsplit('/').next().unwrap().to_owned();
    join(&world, "gone");
    assert_eq!(organizations(&ask(&world, &[("organization", &gone)])), ["gone"]);
    let path = format!("/realms/travel0/orgs/{gone}");
    assert_eq!(world.delete(&path, &admin).status, 204);

    let nowhere = ask(&world, &[("organization", "nowhere")]);
    assert_eq!(refusal(&nowhere), denied());
    let (foreign, left) = (org_id(&world, ADVENTUREZ), org_id(&world, ROCKY));
    let scope_of = |alias: &str| format!("organization:{alias}");
    let names = [
        ADVENTUREZ,
        foreign.as_str(),
        ROCKY,
        left.as_str(),
        "elsewhere",
        &elsewhere,
        "gone",
        &gone,
        NOBODY,
        "Granite-Outpost",
        "not*an*alias",
        "..",
    ];
    for name in names {
        for parameter in ["organization", "organization_name"] {
            let answer = ask(&world, &[(parameter, name)]);
            assert_eq!((answer.status, &answer.text), (nowhere.status, &nowhere.text), "{name}");
        }
        let answer = ask(&world, &[("scope", &scope_of(name))]);
        assert_eq!((answer.status, &answer.text), (nowhere.status, &nowhere.text), "{name}");
    }
    for name in [ADVENTUREZ, ROCKY, "elsewhere", "gone", "nowhere"] {
        let scope = format!("organization:{GRANITE} organization:{name}");
        let answer = ask(&world, &[("scope", &scope)]);
        assert_eq!((answer.status, &answer.text), (nowhere.status, &nowhere.text), "{name}");
    }
}

#[test]
fn the_clients_policy_binds_a_machine() {
    let world = working_in(&[GRANITE, ROCKY]);
    let set = |attributes: Value| set_attributes(&world, MACHINE, &attributes);
    let of = |name: &str| ask(&world, &[("organization", name)]);

    set(json!({ "organizations.allowed": ROCKY }));
    assert_eq!(refusal(&of(GRANITE)), denied());
    assert_eq!(organizations(&of(ROCKY)), [ROCKY]);
    assert_eq!(organizations(&ask(&world, &[("scope", "organization:*")])), [ROCKY]);

    set(json!({ "organizations.usage": "none", "organizations.allowed": "" }));
    assert_eq!(refusal(&of(GRANITE)), denied());
    let scope = format!("organization:{GRANITE}");
    assert_eq!(refusal(&ask(&world, &[("scope", &scope)])), denied());
    for scope in ["organization", "organization:*"] {
        assert_eq!(organizations(&ask(&world, &[("scope", scope)])), [""; 0], "{scope}");
    }
}

#[test]
fn where_an_organization_is_required_the_default_is_meant_or_one_is_named() {
    let world = working_in(&[GRANITE, ROCKY]);
    let set = |attributes: Value| set_attributes(&world, MACHINE, &attributes);

    set(json!({ "organizations.usage": "require" }));
    assert_eq!(refusal(&ask(&world, &[])), (400, "invalid_request".to_owned()));
    assert_eq!(organizations(&ask(&world, &[("organization", GRANITE)])), [GRANITE]);
    assert_eq!(refusal(&ask(&world, &[("scope", "organization")])), denied(), "one of two");

    set(json!({ "organizations.usage": "require", "organizations.default": ROCKY }));
    assert_eq!(organizations(&ask(&world, &[])), [ROCKY]);
    assert_eq!(organizations(&ask(&world, &[("scope", "organization")])), [ROCKY]);
    assert_eq!(organizations(&ask(&world, &[("organization", GRANITE)])), [GRANITE]);

    for default in [ADVENTUREZ, "nowhere"] {
        set(json!({ "organizations.usage": "require", "organizations.default": default }));
        assert_eq!(refusal(&ask(&world, &[])), denied(), "{default}");
    }
    set(json!({ "organizations.usage": "allow", "organizations.default": ROCKY }));
    assert_eq!(organizations(&ask(&world, &[])), [""; 0], "none was asked for");
    set(json!({
        "organizations.usage": "require", "organizations.default": ROCKY,
        "organizations.allowed": GRANITE,
    }));
    assert_eq!(refusal(&ask(&world, &[])), denied(), "the default may not use it");
    leave(&world, GRANITE);
    assert_eq!(refusal(&ask(&world, &[("scope", "organization:*")])), denied());
}

#[test]
fn without_the_scope_of_the_client_its_tokens_tell_of_none() {
    let world = working_in(&[GRANITE]);
    let uuid = client_uuid(&world, TRAVEL0, MACHINE);
    let scopes = world.get(&format!("{TRAVEL0}/client-scopes"), &admin(&world)).json();
    let scope = scopes.as_array().unwrap().iter().find(|one| one["name"] == "organization");
    let scope = scope.unwrap()["id"].as_str().unwrap();
    let path = format!("{TRAVEL0}/clients/{uuid}/optional-client-scopes/{scope}");
    assert_eq!(world.delete(&path, &admin(&world)).status, 204);
    let answer = ask(&world, &[("organization", GRANITE)]);
    assert_eq!(organizations(&answer), [""; 0]);
    let answer = ask(&world, &[("scope", &format!("organization:{GRANITE}"))]);
    assert_eq!(
        (organizations(&answer).len(), answer.json()["scope"].as_str()),
        (0, Some("profile email"))
    );
}

#[test]
fn a_disabled_account_speaks_for_nobody() {
    let world = working_in(&[GRANITE]);
    directory(
        &world,
        "UPDATE user SET enabled = 0
          WHERE realm_id = (SELECT id FROM realm WHERE name = 'travel0') AND username = ?",
        ACCOUNT,
    );
    let answer = ask(&world, &[("organization", GRANITE)]);
    assert_eq!(refusal(&answer), (400, "invalid_grant".to_owned()));
}

/// A machine asks often: what a token costs must not grow with what it says.
#[test]
fn a_machine_asks_its_organization_and_nobody_else() {
    let world = working_in(&[GRANITE]);
    let id = org_id(&world, GRANITE);
    let scope = format!("organization:{GRANITE}");
    for asked in [
        ("organization", id.as_str()),
        ("organization", GRANITE),
        ("organization_name", GRANITE),
        ("scope", &scope),
        ("scope", "organization"),
        ("scope", "organization:*"),
    ] {
        ask(&world, &[asked]);
        let (answer, trips) = world.trips_of(|| ask(&world, &[asked]));
        assert_eq!(organizations(&answer), [GRANITE], "{asked:?}");
        assert_eq!((trips.directory, trips.objects), (0, 1), "{asked:?}");
    }
    for scope in ["", "profile"] {
        let (answer, trips) = world.trips_of(|| ask(&world, &[("scope", scope)]));
        assert_eq!(organizations(&answer), [""; 0]);
        assert_eq!((trips.directory, trips.objects), (0, 0), "{scope:?}");
    }
}

/// What an isolate remembers of names is where to look first, and no more.
#[test]
fn a_name_that_moves_on_and_a_membership_that_ends_count_at_once() {
    let world = working_in(&[GRANITE, ROCKY]);
    let named = |name: &str| ask(&world, &[("organization", name)]);
    assert_eq!(organizations(&named(GRANITE)), [GRANITE]);
    let (granite, rocky) = (org_id(&world, GRANITE), org_id(&world, ROCKY));

    leave(&world, GRANITE);
    assert_eq!(refusal(&named(GRANITE)), denied());
    assert_eq!(refusal(&named(granite.as_str())), denied());

    assert_eq!(organizations(&named(ROCKY)), [ROCKY]);
    // Another isolate renamed it, and gave its name to another.
    rename(&world, &rocky, "rocky-old");
    rename(&world, &granite, ROCKY);
    assert_eq!(refusal(&named(ROCKY)), denied(), "the name is another's");
    assert_eq!(organizations(&named("rocky-old")), ["rocky-old"]);
}

/// Renames an organization, behind the isolate's back.
fn rename(world: &World, org: &OrgId, alias: &str) {
    let named = Statement::new("UPDATE organization SET alias = ?").bind(alias);
    world.with_object(&object(world, org), |sql| sql.run(named).unwrap());
    let listed = Statement::new("UPDATE organization SET alias = ? WHERE id = ?");
    world.directory().sql().run(listed.bind(alias).bind(org.as_str())).unwrap();
}

#[test]
fn a_resource_server_is_told_of_the_organization_of_a_machine() {
    let world = working_in(&[GRANITE]);
    let tokens = ask(&world, &[("organization", GRANITE)]).json();
    let token = [("token", tokens["access_token"].as_str().unwrap())];
    let told = post_as(&world, INTROSPECT, MACHINE, &token).json();
    assert_eq!((&told["active"], &told["username"]), (&json!(true), &json!(ACCOUNT)));
    assert!(told["organization"][GRANITE].is_object(), "{told}");
    world.advance(Seconds(300));
    assert_eq!(post_as(&world, INTROSPECT, MACHINE, &token).json(), json!({ "active": false }));
}
