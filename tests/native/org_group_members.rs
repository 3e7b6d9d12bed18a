//! `/admin/realms/{realm}/organizations/{org}/groups/{group}/members`, and the groups
//! of a member (reference keycloak.md §1.4, §1.7).
use crate::admin_setup::names;
use crate::harness::browser::Answer;
use crate::org_setup::{Granite, NOBODY, each};
use http::Method;
use serde_json::{Value, json};

fn told(answer: &Answer) -> (u16, String) {
    let message = answer.json()["errorMessage"].as_str().unwrap_or_default().to_owned();
    (answer.status.as_u16(), message)
}

fn refused(status: u16, words: &str) -> (u16, String) {
    (status, words.to_owned())
}

impl Granite {
    fn seat(&self, method: Method, group: &str, user: &str) -> Answer {
        self.ask(method, &format!("/groups/{group}/members/{user}"), None)
    }

    fn seated(&self, group: &str) -> Vec<String> {
        let list = self.ask(Method::GET, &format!("/groups/{group}/members"), None);
        each(&list, "username")
    }
}

#[test]
fn members_join_and_leave_a_group() {
    let granite = Granite::new();
    let group = granite.plant(None, "crew");
    let below = granite.plant(Some(&group), "below");
    let ann = granite.make_member("ann", ["Ann", "Lee"]);
    let ann = ann.as_str();

    let joined = granite.seat(Method::PUT, &group, ann);
    assert_eq!((joined.status.as_u16(), joined.text.as_str()), (204, ""));
    let again = granite.seat(Method::PUT, &group, ann);
    assert_eq!(told(&again), refused(409, "User is already a member of the group"));

    let listed = granite.read(&format!("/groups/{group}/members"));
    let member = &listed[0];
    assert_eq!((&member["id"], &member["membershipType"]), (&json!(ann), &json!("UNMANAGED")));
    assert_eq!((&member["firstName"], &member["totp"]), (&json!("Ann"), &json!(false)));
    let brief = granite.read(&format!("/groups/{group}/members?briefRepresentation=true"));
    assert_eq!(brief[0]["membershipType"], "UNMANAGED");
    assert!(brief[0].get("totp").is_none());
    assert_eq!(granite.seated(&below), [""; 0], "only of the group itself");

    for _ in 0..2 {
        assert_eq!(granite.seat(Method::DELETE, &group, ann).status, 204);
    }
    assert_eq!(granite.seated(&group), [""; 0]);
    let event = |operation| {
        format!(
            "ORGANIZATION_GROUP_MEMBERSHIP {operation} organizations/GRANITE/groups/{group}/members/{ann}"
        )
    };
    assert_eq!(granite.told(2), ["CREATE", "DELETE"].map(event));
}

#[test]
fn who_is_no_member_of_the_organization_is_in_none_of_its_groups() {
    let granite = Granite::new();
    let group = granite.plant(None, "crew");
    let stranger = granite.make_user("stranger", ["No", "Member"]);
    let before = granite.world.dump();

    let answer = granite.seat(Method::PUT, &group, stranger.as_str());
    assert_eq!(told(&answer), refused(400, "User is not member of the organization"));
    assert_eq!(granite.seat(Method::DELETE, &group, stranger.as_str()).status, 204);
    for user in [NOBODY, "no id"] {
        for method in [Method::PUT, Method::DELETE] {
            let answer = granite.seat(method, &group, &user.replace(' ', "%20"));
            assert_eq!(told(&answer), refused(404, "User does not exist"), "{user}");
        }
    }
    let nowhere = granite.seat(Method::PUT, NOBODY, stranger.as_str());
    assert_eq!(told(&nowhere), refused(404, "Group does not exist"));
    let groups = format!("/members/{stranger}/groups");
    let none = granite.ask(Method::GET, &groups, None);
    assert_eq!(told(&none), refused(404, "User is not member of the organization"));
    assert_eq!(granite.world.dump(), before);
}

#[test]
fn a_group_is_listed_in_pages() {
    let granite = Granite::new();
    let group = granite.plant(None, "crew");
    for name in ["ann", "bea", "cat"] {
        let member = granite.make_member(name, [name, "Lee"]);
        assert_eq!(granite.seat(Method::PUT, &group, member.as_str()).status, 204);
    }
    let page = |query: &str| {
        let list = granite.ask(Method::GET, &format!("/groups/{group}/members{query}"), None);
        each(&list, "username")
    };
    let all = page("");
    assert_eq!(all.len(), 3);
    assert_eq!((page("?max=2"), page("?first=2")), (all[..2].to_vec(), all[2..].to_vec()));
    assert_eq!((page("?max=0"), page("?max=-1")), (vec![], all.clone()));
    let none = granite.ask(Method::GET, &format!("/groups/{group}/members?max=x"), None);
    assert_eq!(none.status, 400);
    let none = granite.ask(Method::GET, &format!("/groups/{NOBODY}/members"), None);
    assert_eq!(told(&none), refused(404, "Group does not exist"));
}

#[test]
fn a_member_is_told_their_groups() {
    let granite = Granite::new();
    let ann = granite.make_member("ann", ["Ann", "Lee"]);
    let top = granite.plant(None, "top");
    let deep = granite.plant(Some(&top), "deep");
    let other = granite.plant(None, "other");
    for group in [&deep, &other] {
        assert_eq!(granite.seat(Method::PUT, group, ann.as_str()).status, 204);
    }
    let list = |query: &str| granite.read(&format!("/members/{ann}/groups{query}"));
    let brief = json!({ "id": deep, "name": "deep", "path": "/top/deep", "parentId": top, "subGroups": [] });
    assert_eq!(list("")[0], brief);
    assert_eq!(names(&list("")), ["deep", "other"]);
    assert_eq!(names(&list("?first=1&max=1")), ["other"]);
    assert_eq!(names(&list("?search=OT")), ["other"]);
    assert_eq!(names(&list("?search=*e*p")), ["deep"]);
    assert_eq!(names(&list("?search=dee&exact=true")), [""; 0]);
    assert_eq!(list("?briefRepresentation=false")[0]["attributes"], json!({}));
}

#[test]
fn who_leaves_the_organization_or_the_realm_leaves_its_groups() {
    let granite = Granite::new();
    let group = granite.plant(None, "crew");
    let [ann, bea] = ["ann", "bea"].map(|name| granite.make_member(name, [name, "Lee"]));
    for member in [&ann, &bea] {
        assert_eq!(granite.seat(Method::PUT, &group, member.as_str()).status, 204);
    }
    assert_eq!(granite.delete(&format!("/members/{ann}")).status, 204);
    assert_eq!(granite.seated(&group), ["bea"]);
    let path = format!("/admin/realms/travel0/users/{bea}");
    assert_eq!(granite.world.delete(&path, &granite.admin).status, 204);
    assert_eq!(granite.seated(&group), [""; 0]);
    // They come back as somebody new.
    assert_eq!(granite.put(&format!("/members/{ann}"), &Value::Null).status, 201);
    assert_eq!(granite.seated(&group), [""; 0]);
}

#[test]
fn deleting_a_group_leaves_its_members_members() {
    let granite = Granite::new();
    let group = granite.plant(None, "crew");
    let ann = granite.make_member("ann", ["Ann", "Lee"]);
    granite.seat(Method::PUT, &group, ann.as_str());
    assert_eq!(granite.ask(Method::DELETE, &format!("/groups/{group}"), None).status, 204);
    assert_eq!(granite.get(&format!("/members/{ann}")).status, 204);
    assert_eq!(granite.read(&format!("/members/{ann}/groups")), json!([]));
}
