//! `/admin/realms/{realm}/organizations/{org}/members` (reference keycloak.md §1.4):
//! adding, finding and removing members in Keycloak's words.
use crate::admin_setup::{client_uuid, located};
use crate::harness::browser::{Answer, request};
use crate::org_setup::{Granite, NOBODY, each};
use crate::scim_setup::{Directory, active, org_id, person, user};
use bytes::Bytes;
use guildhall::platform::sql::Statement;
use http::Method;
use serde_json::{Value, json};

const TRAVEL0: &str = "/admin/realms/travel0";

/// A refusal, as it is told.
pub fn told(answer: &Answer) -> (u16, String) {
    let message = answer.json()["errorMessage"].as_str().unwrap_or_default().to_owned();
    (answer.status.as_u16(), message)
}

fn refused(status: u16, words: &str) -> (u16, String) {
    (status, words.to_owned())
}

impl Granite {
    /// `POST .../members` with this body, as it is.
    fn add_raw(&self, content_type: Option<&str>, body: &str) -> Answer {
        let mut builder = request(Method::POST, &self.admin_path("/members"))
            .header("authorization", format!("Bearer {}", self.admin));
        if let Some(content_type) = content_type {
            builder = builder.header("content-type", content_type);
        }
        let body = Bytes::copy_from_slice(body.as_bytes());
        Answer::new(self.world.send(builder.body(body).unwrap()))
    }

    pub fn usernames(&self, query: &str) -> Vec<String> {
        each(&self.ask(Method::GET, &format!("/members{query}"), None), "username")
    }
}

#[test]
fn a_user_becomes_a_member_and_leaves() {
    let granite = Granite::new();
    let ann = granite.make_user("ann", ["Ann", "Lee"]);
    let count = granite.read("/members/count").as_i64().unwrap();

    let added = granite.add_raw(Some("application/json"), ann.as_str());
    assert_eq!((added.status.as_u16(), added.text.as_str()), (201, ""));
    assert!(added.location().ends_with(&granite.admin_path(&format!("/members/{ann}"))));
    assert_eq!(granite.read("/members/count"), json!(count + 1));
    assert_eq!(granite.get(&format!("/members/{ann}")).status, 204, "in Phase Two's words, too");
    let again = granite.add_raw(None, ann.as_str());
    assert_eq!(told(&again), refused(409, "User is already a member of the organization."));

    let read = granite.read(&format!("/members/{ann}"));
    let created = read["createdTimestamp"].clone();
    let mut whole = json!({
        "id": ann, "username": "ann", "firstName": "Ann", "lastName": "Lee",
        "email": "ann@mail.example", "emailVerified": true, "enabled": true,
        "createdTimestamp": created, "totp": false, "disableableCredentialTypes": [],
        "requiredActions": [], "notBefore": 0, "membershipType": "UNMANAGED",
    });
    assert_eq!(read, whole);
    for name in ["totp", "disableableCredentialTypes", "requiredActions", "notBefore"] {
        whole.as_object_mut().unwrap().remove(name);
    }
    let listed = granite.read("/members?search=ann");
    assert_eq!(listed, json!([whole]), "brief unless asked for");
    let full = granite.read("/members?search=ann&briefRepresentation=false");
    assert_eq!(full[0]["totp"], false);

    let path = format!("/members/{ann}");
    let removed = granite.ask(Method::DELETE, &path, None);
    assert_eq!((removed.status.as_u16(), removed.text.as_str()), (204, ""));
    for method in [Method::GET, Method::DELETE] {
        let gone = granite.ask(method, &path, None);
        assert_eq!(told(&gone), refused(404, "User is not member of the organization"));
    }
    assert_eq!(granite.read("/members/count"), json!(count));
    assert!(user(&granite.world, "ann").is_some(), "the account is Ann's own");

    let details = json!({ "id": ann, "username": "ann", "email": "ann@mail.example" });
    let event = |operation| {
        let told =
            format!("ORGANIZATION_MEMBERSHIP {operation} organizations/GRANITE/members/{ann}");
        (told, details.clone())
    };
    assert_eq!(granite.events(2), ["CREATE", "DELETE"].map(event));
}

#[test]
fn a_body_is_an_id_however_clients_write_it() {
    let granite = Granite::new();
    let ann = granite.make_user("ann", ["Ann", "Lee"]);
    for (content_type, body) in [
        (Some("application/json"), format!("\"{ann}\"")),
        (Some("text/plain"), format!(" {ann}\n")),
        (Some("application/x-www-form-urlencoded"), format!("\"{ann}")),
        (None, format!("{ann}\"")),
    ] {
        let added = granite.add_raw(content_type, &body);
        assert_eq!(added.status, 201, "{body}: {added:?}");
        assert_eq!(granite.delete(&format!("/members/{ann}")).status, 204);
    }
    let before = granite.world.dump();
    let object = json!({ "id": ann }).to_string();
    for body in ["", "\"\"", " ", &object, "[]", &format!("\"\"{ann}\"\""), "a b"] {
        let answer = granite.add_raw(Some("application/json"), body);
        assert_eq!(told(&answer), refused(400, "The body is not the id of a user"), "{body}");
    }
    let nobody = granite.add_raw(Some("application/json"), NOBODY);
    assert_eq!(told(&nobody), refused(404, "User does not exist"));
    assert_eq!(granite.world.dump(), before);
}

#[test]
fn members_are_found_by_a_part_of_what_they_are_called() {
    let granite = Granite::new();
    for (username, name) in
        [("zoe", ["Zoë", "Quist"]), ("quinn", ["Ab", "Cd"]), ("abe", ["Abraham", "Long Quarry"])]
    {
        granite.make_member(username, name);
    }
    granite.make_user("quiet", ["No", "Member"]);
    let found = |query: &str| granite.usernames(query);
    assert_eq!(found("?search=qU"), ["abe", "quinn", "zoe"]);
    assert_eq!(found("?search=ong%20qua"), ["abe"]);
    assert_eq!(found("?search=*qui*"), ["quinn", "zoe"]);
    assert_eq!(found("?search=a*ham"), ["abe"]);
    assert_eq!(found("?search=zoe@mail"), ["zoe"]);
    assert_eq!(found("?search=quinn@mail.example&exact=true"), ["quinn"]);
    assert_eq!(found("?search=qui&exact=true"), [""; 0]);
    assert_eq!(found("?search=LONG%20quarry&exact=true"), ["abe"]);
    assert_eq!(found("?search=%25"), [""; 0], "no other sign stands for anything");
    assert_eq!(found("?search=nobody"), [""; 0]);
    let all = found("?max=-1");
    assert_eq!(found("?search=*&max=-1"), all);
    assert_eq!(found("?search=%20&max=-1"), all);
    let mut sorted = all.clone();
    sorted.sort();
    assert_eq!(all, sorted);
}

/// Of ten thousand members, a page reads as many as it has.
#[test]
fn a_page_is_a_walk_along_an_index() {
    let granite = Granite::new();
    let statement = "SELECT user_id FROM membership
         WHERE realm_id = ? AND org_id = ? AND listed_as IS NOT NULL AND managed = ?
         ORDER BY listed_as LIMIT ? OFFSET ?";
    let searched = "SELECT user.id FROM membership AS listed
         CROSS JOIN user ON user.id = listed.user_id AND user.realm_id = listed.realm_id
         WHERE listed.realm_id = ? AND listed.org_id = ? AND listed.listed_as IS NOT NULL
         ORDER BY listed.listed_as LIMIT ?";
    for statement in [statement, searched] {
        let steps = granite.world.directory().sql().plan(&Statement::new(statement));
        assert!(steps[0].contains("membership_listed"), "{steps:?}");
        assert!(!steps.iter().any(|step| step.contains("B-TREE")), "{steps:?}");
    }
}

#[test]
fn ten_members_are_a_page_unless_the_caller_says_otherwise() {
    let granite = Granite::new();
    for number in 10..25 {
        granite.make_member(&format!("page-{number}"), ["Pa", "Ge"]);
    }
    let all = granite.usernames("?max=100");
    assert!(all.len() > 15, "{all:?}");
    assert_eq!(granite.usernames(""), all[..10]);
    assert_eq!(granite.usernames("?first=12&max=2"), all[12..14]);
    assert_eq!(granite.usernames("?search=page&first=1&max=2"), ["page-11", "page-12"]);
    assert_eq!(granite.usernames("?max=0"), [""; 0]);
    assert_eq!(granite.read("/members/count").as_u64().unwrap(), all.len() as u64);
    assert_eq!(granite.ask(Method::GET, "/members?first=x", None).status, 400);
}

#[test]
fn a_member_is_listed_where_the_new_name_belongs() {
    let granite = Granite::new();
    let ann = granite.make_member("aa-ann", ["Ann", "Lee"]);
    assert_eq!(granite.usernames("")[0], "aa-ann");
    let path = format!("{TRAVEL0}/users/{ann}");
    let realm = json!({ "editUsernameAllowed": true });
    assert_eq!(granite.world.put(TRAVEL0, &granite.admin, &realm).status, 204);
    let renamed = granite.world.put(&path, &granite.admin, &json!({ "username": "zz-ann" }));
    assert_eq!(renamed.status, 204, "{renamed:?}");
    assert_eq!(granite.usernames("?max=-1").last().unwrap(), "zz-ann");
    assert_eq!(granite.world.delete(&path, &granite.admin).status, 204);
    assert!(!granite.usernames("?max=-1").contains(&"zz-ann".to_owned()));
}

/// As in Phase Two's list.
#[test]
fn machines_are_not_listed_and_the_suspended_are() {
    let granite = Granite::new();
    let uuid = client_uuid(&granite.world, TRAVEL0, "travel0-web");
    let body = json!({ "serviceAccountsEnabled": true });
    granite.world.put(&format!("{TRAVEL0}/clients/{uuid}"), &granite.admin, &body);
    let machine = format!("{TRAVEL0}/clients/{uuid}/service-account-user");
    let machine = granite.world.get(&machine, &granite.admin).json();
    let machine = machine["id"].as_str().unwrap();
    let count = granite.read("/members/count");
    assert_eq!(granite.add_raw(None, machine).status, 201);
    assert_eq!(granite.read("/members/count"), count);
    assert_eq!(granite.usernames("?search=service-account"), [""; 0]);
    let typed = granite.ask(
        Method::PUT,
        &format!("/members/{machine}/membership-type"),
        Some(&json!("MANAGED")),
    );
    assert_eq!(told(&typed), refused(400, "A service account goes with its client"));

    let directory = Directory::connect(&granite.world, "granite-outpost");
    let path = directory.pushed(&person("ann", "ann@granite.example"));
    assert_eq!(granite.usernames("?search=ann@granite"), ["ann@granite.example"]);
    let listed = granite.read("/members?search=ann@granite");
    assert_eq!(listed[0]["membershipType"], "UNMANAGED", "SCIM manages nobody's account");
    let path = format!("/Users/{}", path.rsplit('/').next().unwrap());
    assert_eq!(directory.patch(&path, &active(false)).status, 200);
    assert_eq!(granite.usernames("?search=ann@granite"), ["ann@granite.example"]);
}

#[test]
fn the_organizations_own_account_cannot_be_removed() {
    let granite = Granite::new();
    let world = &granite.world;
    let config = json!({ "createAdminUserEnabled": true });
    assert_eq!(world.put("/realms/travel0/orgs/config", &granite.admin, &config).status, 200);
    let org =
        located(&world.post("/realms/travel0/orgs", &granite.admin, &json!({ "name": "own" })));
    let members = format!("{TRAVEL0}/organizations/{org}/members");
    let listed = world.get(&members, &granite.admin).json();
    assert_eq!(listed[0]["username"], format!("org-admin-{org}"));
    let path = format!("{members}/{}", listed[0]["id"].as_str().unwrap());
    assert_eq!(world.delete(&path, &granite.admin).status, 403);
    assert_eq!(world.get(&members, &granite.admin).json(), listed);
}

/// #49174: the member endpoints told what the realm's profile hides.
#[test]
fn what_the_profile_hides_is_hidden_from_members_too() {
    let granite = Granite::new();
    let ann = granite.make_member("ann", ["Ann", "Lee"]);
    let path = format!("{TRAVEL0}/users/{ann}");
    let noted = json!({ "email": "ann@mail.example", "attributes": { "desk": ["17"] } });
    let open = json!({ "attributes": [{ "name": "username" }, { "name": "email" }],
                       "unmanagedAttributePolicy": "ENABLED" });
    let profile = format!("{TRAVEL0}/users/profile");
    assert_eq!(granite.world.put(&profile, &granite.admin, &open).status, 200);
    assert_eq!(granite.world.put(&path, &granite.admin, &noted).status, 204);
    let group = granite.plant(None, "crew");
    let seat = format!("/groups/{group}/members");
    assert_eq!(granite.ask(Method::PUT, &format!("{seat}/{ann}"), None).status, 204);
    let seen = |granite: &Granite| -> Vec<Value> {
        vec![
            granite.read(&format!("/members/{ann}"))["attributes"].clone(),
            granite.read("/members?search=ann")[0]["attributes"].clone(),
            granite.read(&seat)[0]["attributes"].clone(),
        ]
    };
    assert_eq!(seen(&granite), vec![json!({ "desk": ["17"] }); 3]);

    let closed = json!({ "attributes": [
        { "name": "username" }, { "name": "email" },
        { "name": "desk", "permissions": { "view": ["user"], "edit": ["user"] } },
    ] });
    assert_eq!(granite.world.put(&profile, &granite.admin, &closed).status, 200);
    assert_eq!(seen(&granite), vec![Value::Null; 3]);
}

#[test]
fn members_of_another_organization_are_none_here() {
    let granite = Granite::new();
    let jonno = granite.id_of("jonno");
    let rocky = org_id(&granite.world, "rocky-mountain");
    for (method, below) in [
        (Method::GET, String::new()),
        (Method::DELETE, String::new()),
        (Method::PUT, "/membership-type".to_owned()),
    ] {
        let body = (method == Method::PUT).then(|| json!("MANAGED"));
        let answer = granite.ask(method, &format!("/members/{jonno}{below}"), body.as_ref());
        assert_eq!(told(&answer), refused(404, "User is not member of the organization"));
    }
    let there = format!("{TRAVEL0}/organizations/{rocky}/members/{jonno}");
    assert_eq!(granite.world.get(&there, &granite.admin).status, 200);
}

#[test]
fn an_open_invitation_goes_with_the_member() {
    let granite = Granite::new();
    let ann = granite.make_member("ann", ["Ann", "Lee"]);
    granite.delete(&format!("/members/{ann}"));
    let body = json!({ "email": "ann@mail.example" });
    assert_eq!(granite.post("/invitations", &body).status, 201);
    assert_eq!(granite.put(&format!("/members/{ann}"), &Value::Null).status, 201);
    assert_eq!(granite.ask(Method::DELETE, &format!("/members/{ann}"), None).status, 204);
    assert_eq!(granite.read("/invitations"), json!([]));
}
