//! An organization's credential opens that organization, and reaches nobody whom
//! the organization did not make (ARCHITECTURE, consequence 4).
use crate::scim_setup::{Directory, active, org_id, person, travel0, user};
use guildhall::org::furnish::{FurnishOrg, Seat};
use guildhall::platform::object::ask;
use guildhall::realm::user::User;
use serde_json::{Value, json};

/// Equal secrets of two organizations are two credentials, each for its own.
#[test]
fn another_organizations_credential_finds_nothing_in_its_own() {
    let world = travel0();
    let granite = Directory::connect(&world, "granite-outpost");
    let rocky = Directory::connect(&world, "rocky-mountain");
    let at = granite.pushed(&person("ann", "ann@granite.example"));
    assert_eq!(rocky.get(&at).status, 404);
    assert_eq!(rocky.count(r#"userName eq "ann""#), 0);
}

/// RFC 7644 §2: who is refused is told how to authenticate, in an error of SCIM's.
#[test]
fn a_wrong_credential_is_challenged() {
    let world = travel0();
    let granite = Directory::connect(&world, "granite-outpost");
    let answer = granite.with_bearer("wrong-secret-entirely").get("/Users");
    assert_eq!(answer.status, 401);
    assert!(answer.header("www-authenticate").starts_with("Bearer"), "{answer:?}");
    assert_eq!(answer.json()["status"], "401");
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

/// Neither by a group that gives roles: whoever is put into it gets what it gives in
/// this organization if they are a member of it, and nothing anywhere otherwise.
#[test]
fn a_group_takes_nobody_over() {
    let world = travel0();
    let granite = Directory::connect(&world, "granite-outpost");
    let rocky = Directory::connect(&world, "rocky-mountain");
    let jonno = user(&world, "jonno").unwrap();
    let there = rocky.claims(&jonno);
    let at = granite.pushed(&attack("j.reyes", Some("jonno@rocky-mountain.example")));
    let pushed = at.rsplit('/').next().unwrap();
    let id = granite.group("Raiders", &[]);
    for member in [pushed, jonno.id.as_str()] {
        let add = json!([{ "op": "add", "path": "members", "value": [{ "value": member }] }]);
        assert_eq!(granite.patched(&id, &add), [pushed], "{member}");
    }
    assert_eq!(granite.claims(&jonno), None, "no membership");
    assert_eq!(rocky.claims(&jonno), there, "nothing elsewhere");
    assert_eq!(user(&world, "jonno"), Some(jonno.clone()));
    let body =
        json!({ "id": jonno.id, "displayName": "Raiders", "members": [{ "value": pushed }] });
    let put = granite.put(&format!("/Groups/{id}"), &body);
    assert_eq!((put.status.as_u16(), &put.json()["id"]), (200, &json!(id)), "its id is its own");
    assert_eq!(granite.delete(&at).status, 204);
    assert_eq!(granite.members(&id), Vec::<String>::new());
    assert!(!granite.trail().contains(jonno.id.as_str()), "not even the trail names them");
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
    // Of its own members' groups the organization may know.
    resource.as_object_mut().unwrap().remove("groups");
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
    furnish(&rocky, &ann);
    granite.delete(&at);

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
