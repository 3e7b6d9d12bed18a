//! An organization's credential opens that organization, and reaches nobody whom
//! the organization did not make (ARCHITECTURE, consequence 4).
use crate::harness::world::World;
use crate::scim_setup::{
    Directory, SECRET, active, admin, config_path, org_id, person, travel0, user,
};
use guildhall::kernel::id::OrgId;
use guildhall::org::furnish::{FurnishOrg, Seat};
use guildhall::platform::object::ask;
use guildhall::realm::user::User;
use http::Method;
use serde_json::{Value, json};

const ENDPOINTS: &[(Method, &str)] = &[
    (Method::GET, "/ServiceProviderConfig"),
    (Method::GET, "/ResourceTypes"),
    (Method::GET, "/Schemas"),
    (Method::GET, "/Users"),
    (Method::POST, "/Users"),
    (Method::GET, "/Users/x"),
    (Method::PUT, "/Users/x"),
    (Method::PATCH, "/Users/x"),
    (Method::DELETE, "/Users/x"),
];

#[test]
fn only_this_organizations_own_credential_opens_an_endpoint() {
    let world = travel0();
    let directory = || Directory::at(&world, granite(&world));
    Directory::connect(&world, "granite-outpost");
    let wrong = [
        ("nothing", directory().with_nothing()),
        ("a wrong secret", directory().with_bearer("wrong-secret-entirely")),
        ("an empty secret", directory().with_bearer("")),
        ("the secret as a password", directory().with_basic("okta", SECRET)),
        ("an administrator's token", directory().with_bearer(&admin(&world))),
    ];
    for (why, directory) in wrong {
        for (method, path) in ENDPOINTS {
            let answer = directory.send(method.clone(), path, Some(&person("a", "a@b.example")));
            assert_eq!(answer.status, 401, "{why}: {method} {path}");
            assert!(answer.header("www-authenticate").starts_with("Bearer"), "{why}");
            assert_eq!(answer.json()["status"], "401", "{why}");
        }
    }
}

fn granite(world: &World) -> OrgId {
    org_id(world, "granite-outpost")
}

/// Equal secrets of two organizations are two credentials; here each has its own.
#[test]
fn another_organizations_credential_is_a_wrong_one() {
    let world = travel0();
    let granite = Directory::connect(&world, "granite-outpost");
    let rocky = Directory::connect(&world, "rocky-mountain");
    let body =
        json!({ "auth": { "type": "EXTERNAL_SECRET", "shared_secret": "rocky-only-secret" } });
    let path = config_path(&rocky.org);
    world.call(Method::PUT, &path, &admin(&world), Some(&body));
    let at = granite.pushed(&person("ann", "ann@granite.example"));

    let thief = Directory::at(&world, rocky.org.clone());
    assert_eq!(
        thief.with_bearer("rocky-only-secret").get(&at).status,
        404,
        "not in that organization"
    );
    let thief = Directory::at(&world, granite.org.clone());
    let thief = thief.with_bearer("rocky-only-secret");
    for (method, path) in ENDPOINTS {
        let answer = thief.send(method.clone(), path, Some(&person("b", "b@b.example")));
        assert_eq!(answer.status, 401, "{method} {path}");
    }
    assert_eq!(granite.count(r#"userName eq "b""#), 0);
}

#[test]
fn where_there_is_no_service_every_answer_is_the_same() {
    let world = travel0();
    let off = Directory::at(&world, granite(&world));
    let nowhere = Directory::at(&world, "nowhere".parse().unwrap());
    for (method, path) in ENDPOINTS {
        let answers = [&off, &nowhere].map(|directory| {
            let answer = directory.send(method.clone(), path, Some(&person("a", "a@b.example")));
            (answer.status.as_u16(), answer.text)
        });
        assert_eq!(answers[0].0, 404, "{method} {path}");
        assert_eq!(answers[0], answers[1], "{method} {path}");
    }
}

/// Whatever an organization pushes about somebody of another one, the answer is
/// that of a new person, and the somebody is untouched.
#[test]
fn a_push_takes_nobody_over() {
    let world = travel0();
    let granite = Directory::connect(&world, "granite-outpost");
    let jonno = user(&world, "jonno").unwrap();
    let claims = granite.claims(&jonno);
    assert_eq!(claims, None, "Jonno works elsewhere");
    let fresh = strip(&granite.push(&attack("new.hire", Some("new.hire@granite.example"))).json());

    let attacks = [
        ("by e-mail", attack("j.reyes", Some("Jonno@Rocky-Mountain.example"))),
        ("by name", attack("JONNO", None)),
        ("by both", attack("jonno", Some("emilio@freelance.example"))),
    ];
    for (why, body) in attacks {
        let pushed = granite.push(&body);
        assert_eq!(pushed.status, 201, "{why}");
        assert_eq!(keys(&strip(&pushed.json())), keys(&fresh), "{why}: nothing is learned");
        let at = format!("/Users/{}", pushed.json()["id"].as_str().unwrap());

        assert_eq!(granite.patch(&at, &active(false)).status, 200, "{why}");
        assert_eq!(granite.patch(&at, &active(true)).status, 200, "{why}");
        let rewritten = json!({ "userName": "evil", "name": { "givenName": "Evil" },
                                "emails": [{ "value": "evil@granite.example" }] });
        assert_eq!(granite.put(&at, &rewritten).status, 200, "{why}");

        assert_eq!(user(&world, "jonno"), Some(jonno.clone()), "{why}: the profile is unchanged");
        assert_eq!(granite.claims(&jonno), None, "{why}: no membership");
        assert_eq!(granite.delete(&at).status, 204, "{why}");
        assert_eq!(user(&world, "jonno"), Some(jonno.clone()), "{why}: the person stays");
    }
    assert!(!granite.trail().contains(jonno.id.as_str()), "not even the trail names them");
    let rocky = Directory::at(&world, org_id(&world, "rocky-mountain"));
    assert!(rocky.claims(&jonno).is_some(), "the membership elsewhere stays");
}

fn attack(name: &str, email: Option<&str>) -> Value {
    let mut body = json!({ "userName": name, "name": { "givenName": "Evil" }, "active": true });
    if let Some(email) = email {
        body["emails"] = json!([{ "value": email, "primary": true }]);
    }
    body
}

/// A resource without what differs between any two.
fn strip(resource: &Value) -> Value {
    let mut resource = resource.clone();
    resource.as_object_mut().unwrap().remove("emails");
    resource
}

fn keys(resource: &Value) -> Vec<String> {
    resource.as_object().unwrap().keys().cloned().collect()
}

/// A machine's user is nobody's to provision.
#[test]
fn a_service_account_is_never_taken_in() {
    let world = travel0();
    let granite = Directory::connect(&world, "granite-outpost");
    let machine = user(&world, "service-account-travel0-machine").unwrap();

    granite.pushed(&json!({ "userName": "service-account-travel0-machine" }));

    assert_eq!(granite.claims(&machine), None);
}

/// Whom the organization's directory made, and who since joined another
/// organization, is no longer the directory's to take in anew.
#[test]
fn somebody_who_went_elsewhere_is_not_taken_back() {
    let world = travel0();
    let granite = Directory::connect(&world, "granite-outpost");
    let rocky = Directory::connect(&world, "rocky-mountain");
    let body = person("ann", "ann@granite.example");
    let at = granite.pushed(&body);
    let ann = user(&world, "ann@granite.example").unwrap();
    granite.delete(&at);
    furnish(&rocky, &ann);

    granite.pushed(&body);

    assert_eq!(granite.claims(&ann), None);
    assert!(rocky.claims(&ann).is_some());
}

#[test]
fn a_member_by_another_way_is_linked_and_keeps_their_profile() {
    let world = travel0();
    let granite = Directory::connect(&world, "granite-outpost");
    let hiroko = user(&world, "hiroko").unwrap();
    let before = granite.claims(&hiroko);
    assert!(before.is_some());

    let at = granite.pushed(&person("h.sato", "hiroko@granite-outpost.example"));
    assert_eq!(granite.claims(&hiroko), before, "roles and groups stay");
    granite.patch(&at, &active(false));
    assert_eq!(granite.claims(&hiroko), None, "the directory suspends its own member");
    granite.patch(&at, &active(true));
    assert_eq!(granite.claims(&hiroko), before);

    assert_eq!(user(&world, "hiroko"), Some(hiroko));
}

/// Somebody who was not asked may say yes by joining another way.
#[test]
fn who_joins_later_is_linked_by_the_next_change() {
    let world = travel0();
    let granite = Directory::connect(&world, "granite-outpost");
    let jonno = user(&world, "jonno").unwrap();
    let at = granite.pushed(&person("jonno", "jonno@rocky-mountain.example"));
    granite.patch(&at, &active(false));
    granite.patch(&at, &active(true));
    assert_eq!(granite.claims(&jonno), None);
    furnish(&granite, &jonno);
    assert!(granite.claims(&jonno).is_some());

    granite.patch(&at, &active(false));

    assert_eq!(granite.claims(&jonno), None);
}

/// Makes `user` a member, as an administrator would.
pub fn furnish(directory: &Directory<'_>, user: &User) {
    let seat = Seat { user: user.id.clone(), roles: vec![], groups: vec![] };
    let question = FurnishOrg { seats: vec![seat] };
    let objects = &*directory.world.app().ports.objects;
    directory.world.run(ask(objects, &directory.object(), &question)).unwrap();
}
