//! `/realms/{realm}/orgs/{org}/members` (reference phasetwo.md §1.4).
use crate::harness::browser::json_request;
use crate::org_setup::{Granite, NOBODY, each};
use crate::organizations::{names, token_of};
use crate::scim_setup::{Directory, active, person, user};
use http::Method;
use serde_json::{Value, json};

fn usernames(granite: &Granite, query: &str) -> Vec<String> {
    each(&granite.get(&format!("/members{query}")), "username")
}

#[test]
fn a_user_of_the_realm_becomes_a_member_once() {
    let granite = Granite::new();
    let sumana = granite.id_of("sumana");
    let path = format!("/members/{sumana}");
    let before = granite.get("/members/count").json();
    assert_eq!(granite.get(&path).status, 404);

    for _ in 0..2 {
        let added = granite.put(&path, &json!({ "anything": 1 }));
        assert_eq!((added.status.as_u16(), added.text.as_str()), (201, ""));
        assert!(added.location().ends_with(&granite.path(&path)), "{}", added.location());
    }

    assert_eq!(granite.get(&path).status, 204);
    assert_eq!(granite.get("/members/count").json(), json!(before.as_i64().unwrap() + 1));
    let sumana_sees = names(&granite.world, &token_of(&granite.world, "sumana"));
    assert!(sumana_sees.contains(&"granite-outpost".to_owned()));
    let path = format!("ORGANIZATION_MEMBERSHIP CREATE orgs/GRANITE/members/{sumana}");
    assert_eq!(granite.events(1), [(path, json!(sumana))]);
}

#[test]
fn nobody_else_becomes_a_member() {
    let granite = Granite::new();
    let before = usernames(&granite, "");
    for stranger in [NOBODY, "not%20an%20id", "admin"] {
        let added = granite.put(&format!("/members/{stranger}"), &Value::Null);
        assert_eq!((added.status.as_u16(), added.error().as_str()), (404, "HTTP 404 Not Found"));
        assert_eq!(granite.delete(&format!("/members/{stranger}")).status, 404);
    }
    assert_eq!(usernames(&granite, ""), before);
}

#[test]
fn a_membership_that_was_not_told_is_told_by_the_alarm() {
    for point in ["org.outbox.before_drain", "org.outbox.after_directory"] {
        let granite = Granite::new();
        let path = granite.path(&format!("/members/{}", granite.id_of("sumana")));
        let sumana = token_of(&granite.world, "sumana");
        granite
            .world
            .crash_at(point, json_request(Method::PUT, &path, &granite.admin, Some(&json!({}))));

        granite.world.ring_alarms();

        assert!(names(&granite.world, &sumana).contains(&"granite-outpost".to_owned()), "{point}");
    }
}

#[test]
fn members_are_found_by_parts_of_their_names() {
    let granite = Granite::new();
    granite.make_member("ann.lee", ["Anna", "Lee"]);
    granite.make_member("bob.lee", ["Bob", "Lee"]);
    granite.make_user("ann.else", ["Anna", "Elsewhere"]);

    for (search, found) in [
        ("ANN", &["ann.lee"][..]),
        ("lee", &["ann.lee", "bob.lee"]),
        ("bob.lee@mail.EXAMPLE", &["bob.lee"]),
        ("%20bob%20,%20anna%20,", &["ann.lee", "bob.lee"]),
        ("nobody", &[]),
        (",", &[]),
        ("%20,%20,", &[]),
        ("100%25_", &[]),
        ("'%20OR%201=1%20--", &[]),
        ("%22%5C%5B", &[]),
    ] {
        assert_eq!(usernames(&granite, &format!("?search={search}")), found, "{search}");
    }
    let all = usernames(&granite, "");
    assert_eq!(usernames(&granite, "?search="), all);
    assert_eq!(usernames(&granite, "?search=%20"), all);
    let many = vec!["a"; 51].join(",");
    assert_eq!(granite.get(&format!("/members?search={many}")).status, 400);
    assert_eq!(usernames(&granite, "?search=lee&max=1"), ["ann.lee"]);
    assert_eq!(usernames(&granite, "?search=lee&first=1"), ["bob.lee"]);
}

/// The directory remembers who left; the object decides.
#[test]
fn who_left_is_not_found_and_who_is_suspended_is() {
    let granite = Granite::new();
    let ann = granite.make_member("ann.lee", ["Anna", "Lee"]);
    assert_eq!(granite.delete(&format!("/members/{ann}")).status, 204);
    assert_eq!(usernames(&granite, "?search=ann"), [""; 0]);

    let directory = Directory::connect(&granite.world, "granite-outpost");
    let at = directory.pushed(&person("bob", "bob@granite.example"));
    directory.patch(&at, &active(false));
    assert_eq!(usernames(&granite, "?search=bob"), ["bob@granite.example"]);
    assert!(usernames(&granite, "").contains(&"bob@granite.example".to_owned()));
}

#[test]
fn the_list_is_paged_in_a_stable_order() {
    let granite = Granite::new();
    for number in 0..5 {
        granite.make_member(&format!("member-{number}"), ["Member", "Five"]);
    }
    let all = usernames(&granite, "");

    let pages: Vec<String> =
        (0..all.len()).flat_map(|n| usernames(&granite, &format!("?first={n}&max=1"))).collect();

    assert_eq!(pages, all);
    for (query, found) in [
        ("?max=0", &all[..0]),
        ("?first=1000", &all[..0]),
        ("?max=2147483647", &all[..]),
        ("?max=-1", &all[..]),
        ("?first=-3&max=2", &all[..2]),
    ] {
        assert_eq!(usernames(&granite, query), found, "{query}");
    }
    assert_eq!(granite.get("/members?max=ten").status, 400);
}

/// Phase Two drops them after it has cut the page, so that pages run short.
#[test]
fn a_service_account_is_a_member_whom_no_list_has() {
    let granite = Granite::new();
    let before = (usernames(&granite, ""), granite.get("/members/count").json());
    let machine = granite.id_of("service-account-travel0-machine");
    let path = format!("/members/{machine}");

    assert_eq!(granite.put(&path, &Value::Null).status, 201);

    assert_eq!(granite.get(&path).status, 204);
    let role = format!("/roles/view-members/users/{machine}");
    assert_eq!(granite.put(&role, &Value::Null).status, 201);
    assert_eq!(granite.get(&role).status, 204);
    assert_eq!((usernames(&granite, ""), granite.get("/members/count").json()), before);
    assert_eq!(usernames(&granite, "?search=machine"), [""; 0]);
    assert_eq!(granite.get("/roles/view-members/users?first=0&max=1").json(), json!([]));
    assert_eq!(granite.delete(&path).status, 204);
    assert_eq!(granite.get("/members/count").json(), before.1);
}

#[test]
fn the_organizations_own_administrator_stays_and_can_be_left_out() {
    let granite = Granite::new();
    let name = format!("org-admin-{}", granite.org);
    let own = match user(&granite.world, &name) {
        Some(own) => own.id,
        None => granite.make_member(&name, ["Granite", "Org Admin User"]),
    };
    let role = format!("/roles/view-roles/users/{own}");
    granite.put(&role, &Value::Null);
    let all = usernames(&granite, "");
    assert!(all.contains(&name));

    let others = usernames(&granite, "?excludeAdminAccounts=true");

    assert_eq!(others.len(), all.len() - 1);
    assert!(!others.contains(&name));
    assert_eq!(granite.get("/members/count").json(), json!(all.len()));
    let counted = granite.get("/members/count?excludeAdminAccounts=true");
    assert_eq!(counted.json(), json!(others.len()));
    let holders = granite.get("/roles/view-roles/users?excludeAdminAccounts=true");
    assert!(!each(&holders, "username").contains(&name));
    let removed = granite.delete(&format!("/members/{own}"));
    assert_eq!((removed.status.as_u16(), removed.error().as_str()), (403, "HTTP 403 Forbidden"));
}

#[test]
fn a_member_can_be_listed_with_the_roles_held_here() {
    let granite = Granite::new();
    let ann = granite.make_member("ann.lee", ["Anna", "Lee"]);
    granite.put(&format!("/roles/view-roles/users/{ann}"), &Value::Null);
    granite.make_member("bob.lee", ["Bob", "Lee"]);

    let plain = granite.get("/members?search=lee").json();
    let with = granite.get("/members?search=lee&includeOrgs=true").json();

    assert_eq!(plain[0]["organizations"], json!({}));
    assert_eq!(plain[0]["firstName"], "Anna");
    assert_eq!(plain[0]["enabled"], true);
    let roles = with[0]["organizations"][granite.org.as_str()].as_array().unwrap().clone();
    assert_eq!((roles.len(), roles[0]["name"].as_str()), (1, Some("view-roles")));
    assert_eq!(with[1]["organizations"], json!({ granite.org.as_str(): [] }));
}

#[test]
fn attributes_are_replaced_as_a_whole() {
    let granite = Granite::new();
    let path = format!("/members/{}/attributes", granite.id_of("hiroko"));
    assert_eq!(granite.get(&path).json(), json!({}));

    for (body, kept) in [
        (
            json!({ "attributes": { "desk": ["4"], "floor": ["1", "2"] } }),
            json!({ "desk": ["4"], "floor": ["1", "2"] }),
        ),
        (json!({ "attributes": null }), json!({ "desk": ["4"], "floor": ["1", "2"] })),
        (json!({}), json!({ "desk": ["4"], "floor": ["1", "2"] })),
        (json!({ "attributes": { "desk": ["5"] } }), json!({ "desk": ["5"] })),
        (json!({ "attributes": {} }), json!({})),
    ] {
        let put = granite.put(&path, &body);
        assert_eq!((put.status.as_u16(), put.json()), (200, kept.clone()), "{body}");
        assert_eq!(granite.get(&path).json(), kept);
    }
    let told = granite.told(1)[0].clone();
    assert!(told.starts_with("ORGANIZATION_MEMBERSHIP UPDATE orgs/GRANITE/members/"), "{told}");
}

#[test]
fn attributes_of_who_is_no_member_are_refused() {
    let granite = Granite::new();
    let good = json!({ "attributes": { "desk": ["4"] } });
    for (who, status) in [(granite.id_of("sumana").as_str(), 400), (NOBODY, 404), ("no%20id", 404)]
    {
        let path = format!("/members/{who}/attributes");
        assert_eq!(granite.get(&path).status, status, "{who}");
        assert_eq!(granite.put(&path, &good).status, status, "{who}");
    }
    let path = format!("/members/{}/attributes", granite.id_of("hiroko"));
    for bad in [
        json!([]),
        json!({ "attributes": [] }),
        json!({ "attributes": { "a": "b" } }),
        json!({ "attribute": {} }),
    ] {
        assert_eq!(granite.put(&path, &bad).status, 400, "{bad}");
    }
    assert_eq!(granite.get(&path).json(), json!({}));
}

#[test]
fn removal_takes_roles_and_the_open_invitation_along() {
    let granite = Granite::new();
    let ann = granite.make_user("ann.lee", ["Anna", "Lee"]);
    let invited = json!({ "email": "ann.lee@mail.example" });
    assert_eq!(granite.post("/invitations", &invited).status, 201);
    granite.put(&format!("/members/{ann}"), &Value::Null);
    granite.put(&format!("/roles/view-roles/users/{ann}"), &Value::Null);
    assert_eq!(granite.get("/invitations/count").json(), json!(1));

    assert_eq!(granite.delete(&format!("/members/{ann}")).status, 204);

    assert_eq!(granite.get("/invitations/count").json(), json!(0));
    assert_eq!(granite.get(&format!("/roles/view-roles/users/{ann}")).status, 404);
    let told = granite.told(2);
    assert_eq!(told[0], format!("ORGANIZATION_MEMBERSHIP DELETE orgs/GRANITE/members/{ann}"));
    assert!(told[1].starts_with("INVITATION DELETE orgs/GRANITE/invitations/"), "{told:?}");
    granite.put(&format!("/members/{ann}"), &Value::Null);
    assert_eq!(granite.get(&format!("/roles/view-roles/users/{ann}")).status, 404, "back without");
}

#[test]
fn one_may_leave_and_may_not_throw_out_others() {
    let granite = Granite::new();
    let hiroko = granite.id_of("hiroko");
    let emilio = granite.id_of("emilio");
    granite.script("DELETE FROM member_role");
    for id in [&hiroko, &emilio] {
        granite.put(&format!("/roles/view-members/users/{id}"), &Value::Null);
    }
    let token = token_of(&granite.world, "emilio");

    let others = granite.world.delete(&granite.path(&format!("/members/{hiroko}")), &token);
    let own = granite.world.delete(&granite.path(&format!("/members/{emilio}")), &token);

    assert_eq!((others.status.as_u16(), own.status.as_u16()), (401, 204));
}
