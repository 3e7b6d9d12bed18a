//! The administrator that comes with an organization.
use crate::harness::browser::json_request;
use crate::harness::world::World;
use crate::scim_setup::{admin, count_people, realm, travel0, user};
use guildhall::kernel::route::ObjectName;
use guildhall::org::claims::ClaimsOf;
use guildhall::platform::object::ask;
use http::Method;
use serde_json::json;

const ORGS: &str = "/realms/travel0/orgs";
const NAME: &str = "org-admin-blue";

/// Travel0 as Phase Two has it: every organization gets an administrator.
fn with_admins() -> (World, String) {
    let world = travel0();
    let admin = admin(&world);
    let config = world.call(Method::PUT, &format!("{ORGS}/config"), &admin, Some(&json!({})));
    assert_eq!(config.status, 200);
    (world, admin)
}

fn creation() -> serde_json::Value {
    json!({ "id": "blue", "name": "Blue River", "displayName": "Blue River Kayaks" })
}

fn roles(world: &World) -> Option<Vec<String>> {
    let question = ClaimsOf { user: user(world, NAME)?.id };
    let object = ObjectName::Org(realm(world).id, "blue".parse().unwrap());
    let claims = world.run(ask(&*world.app().ports.objects, &object, &question)).unwrap();
    claims.map(|claims| claims.roles)
}

#[test]
fn an_organization_gets_an_administrator_with_every_role_and_no_password() {
    let (world, admin) = with_admins();
    assert_eq!(world.post(ORGS, &admin, &creation()).status, 201);

    let made = user(&world, NAME).unwrap();
    assert_eq!(made.email.as_ref().unwrap().as_str(), "org-admin-blue@noreply.invalid");
    assert_eq!(made.first_name.as_deref(), Some("Blue River Kayaks"));
    assert_eq!(made.last_name.as_deref(), Some("Org Admin User"));
    assert!(made.enabled && made.email_verified);
    assert_eq!(roles(&world).unwrap().len(), 11);
    assert!(
        world.is_blank(&ObjectName::Account(realm(&world).id, made.id)),
        "nothing to sign in with"
    );
    let login = world.post_form(
        "/realms/travel0/protocol/openid-connect/token",
        &[
            ("grant_type", "password"),
            ("client_id", "admin-cli"),
            ("username", NAME),
            ("password", ""),
        ],
    );
    assert!(login.status.is_client_error());
}

#[test]
fn it_goes_with_its_organization() {
    let (world, admin) = with_admins();
    let people = count_people(&world);
    world.post(ORGS, &admin, &creation());
    assert_eq!(count_people(&world), people + 1);
    assert_eq!(world.delete(&format!("{ORGS}/blue"), &admin).status, 204);
    assert_eq!(count_people(&world), people);
    assert_eq!(world.post(ORGS, &admin, &creation()).status, 201, "again");
}

/// A person who happens to be called so is not the organization's to delete.
#[test]
fn somebody_else_of_that_name_stays() {
    let world = travel0();
    let admin = admin(&world);
    world.post(ORGS, &admin, &creation());
    let rename = format!("UPDATE user SET username = '{NAME}' WHERE username = 'hiroko'");
    world.directory().sql().execute_batch(&rename);
    world.delete(&format!("{ORGS}/blue"), &admin);
    assert!(user(&world, NAME).is_some());
}

#[test]
fn a_name_that_is_taken_leaves_nothing_behind() {
    let (world, admin) = with_admins();
    let rename = format!("UPDATE user SET username = '{NAME}' WHERE username = 'hiroko'");
    world.directory().sql().execute_batch(&rename);
    let objects = world.count_objects();
    assert_eq!(world.post(ORGS, &admin, &creation()).status, 409);
    assert_eq!(world.count_objects(), objects);
    assert_eq!(world.get(&format!("{ORGS}/blue"), &admin).status, 404);
}

#[test]
fn a_realm_that_wants_none_gets_none() {
    let (world, admin) = with_admins();
    let off = json!({ "createAdminUserEnabled": false });
    world.call(Method::PUT, &format!("{ORGS}/config"), &admin, Some(&off));
    let people = count_people(&world);
    world.post(ORGS, &admin, &creation());
    assert_eq!(count_people(&world), people);
    assert_eq!(world.get(&format!("{ORGS}/blue/members/count"), &admin).json(), json!(0));
}

/// One transaction of the directory holds both, so there is never one without
/// the other.
#[test]
fn a_creation_killed_anywhere_has_both_or_neither() {
    for point in
        ["org.create.after_object", "org.create.after_directory", "org.create.after_settle"]
    {
        let (world, admin) = with_admins();
        world.crash_at(point, json_request(Method::POST, ORGS, &admin, Some(&creation())));
        world.ring_alarms();
        let listed = world.get(&format!("{ORGS}/blue"), &admin).status == 200;
        assert_eq!(listed, point != "org.create.after_object", "{point}");
        assert_eq!(user(&world, NAME).is_some(), listed, "{point}");
        assert_eq!(roles(&world).map(|roles| roles.len()), listed.then_some(11), "{point}");
    }
}

#[test]
fn a_deletion_killed_anywhere_takes_both_in_the_end() {
    for point in
        ["org.delete.after_object", "org.outbox.before_drain", "org.delete.after_directory"]
    {
        let (world, admin) = with_admins();
        world.post(ORGS, &admin, &creation());
        let path = format!("{ORGS}/blue");
        world.crash_at(point, json_request(Method::DELETE, &path, &admin, None));
        world.ring_alarms();
        assert!(user(&world, NAME).is_none(), "{point}");
    }
}
