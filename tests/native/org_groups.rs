//! `/admin/realms/{realm}/organizations/{org}/groups`: the tree (reference keycloak.md
//! §1.7).
use crate::admin_groups::plant;
use crate::admin_setup::{located, names};
use crate::harness::browser::Answer;
use crate::org_setup::{Granite, NOBODY};
use crate::scim_setup::org_id;
use guildhall::org::group::MAX_ORG_GROUPS;
use guildhall::realm::group::MAX_GROUP_DEPTH;
use http::Method;
use serde_json::{Value, json};

const MISSING: &str = "Group does not exist";

fn named(name: &str) -> Value {
    json!({ "name": name })
}

/// The status, and what is told as `errorMessage`.
fn told(answer: &Answer) -> (u16, String) {
    let message = answer.json()["errorMessage"].as_str().unwrap_or_default().to_owned();
    (answer.status.as_u16(), message)
}

fn refused(status: u16, words: &str) -> (u16, String) {
    (status, words.to_owned())
}

impl Granite {
    fn send(&self, below: &str, body: &Value) -> Answer {
        self.ask(Method::POST, below, Some(body))
    }

    fn change(&self, group: &str, body: &Value) -> Answer {
        self.ask(Method::PUT, &format!("/groups/{group}"), Some(body))
    }

    /// Moves a group below another, or to the top.
    fn relocate(&self, group: &str, parent: Option<&str>) -> Answer {
        let path = parent.map_or("/groups".to_owned(), |id| format!("/groups/{id}/children"));
        self.send(&path, &json!({ "id": group, "name": "passed over" }))
    }

    fn group(&self, id: &str) -> Value {
        self.read(&format!("/groups/{id}"))
    }

    /// The names of what a list has.
    fn found(&self, below: &str) -> Vec<String> {
        names(&self.read(below)).into_iter().map(str::to_owned).collect()
    }
}

/// An organization without groups.
fn bare() -> Granite {
    let granite = Granite::new();
    granite.script("DELETE FROM org_group");
    granite
}

#[test]
fn a_group_is_made_read_changed_and_deleted() {
    let granite = bare();
    let body =
        json!({ "name": "crew", "description": "All boats", "attributes": { "river": ["Tara"] } });

    let made = granite.send("/groups", &body);

    let id = located(&made);
    assert!(made.location().ends_with(&granite.admin_path(&format!("/groups/{id}"))));
    let mut group = json!({
        "id": id, "name": "crew", "description": "All boats", "path": "/crew",
        "parentId": granite.org.as_str(), "subGroups": [],
    });
    assert_eq!(made.json(), group);
    group["attributes"] = json!({ "river": ["Tara"] });
    group["realmRoles"] = json!([]);
    group["clientRoles"] = json!({});
    assert_eq!(granite.group(&id), group);

    assert_eq!(granite.change(&id, &named("team")).status, 204);
    let changed = granite.group(&id);
    assert_eq!(changed["path"], "/team");
    assert_eq!(changed.get("description"), None, "what is not sent is emptied");
    assert_eq!(changed["attributes"], json!({ "river": ["Tara"] }), "but for attributes");
    granite.change(&id, &json!({ "name": "team", "attributes": { "boat": ["2"] } }));
    assert_eq!(granite.group(&id)["attributes"], json!({ "boat": ["2"] }));

    let path = format!("/groups/{id}");
    assert_eq!(granite.ask(Method::DELETE, &path, None).status, 204);
    assert_eq!(told(&granite.ask(Method::DELETE, &path, None)), refused(404, MISSING));
    assert_eq!(granite.read("/groups"), json!([]));
    let events = granite.events(4);
    let told: Vec<&str> = events.iter().map(|(told, _)| told.as_str()).collect();
    let event =
        |operation| format!("ORGANIZATION_GROUP {operation} organizations/GRANITE/groups/{id}");
    assert_eq!(told, ["CREATE", "UPDATE", "UPDATE", "DELETE"].map(event));
    assert_eq!(events[0].1, group);
}

#[test]
fn groups_stand_below_groups() {
    let granite = bare();
    let top = granite.plant(None, "top");
    let children = format!("/groups/{top}/children");

    let body =
        json!({ "name": "child", "description": "Below", "attributes": { "x": ["1", "2"] } });
    let made = granite.send(&children, &body);

    let id = located(&made);
    assert!(made.location().ends_with(&granite.admin_path(&format!("/groups/{id}"))));
    assert_eq!(granite.group(&id), made.json());
    let told = made.json();
    assert_eq!((&told["path"], &told["parentId"]), (&json!("/top/child"), &json!(top)));
    assert_eq!(
        (&told["description"], &told["attributes"]["x"]),
        (&json!("Below"), &json!(["1", "2"]))
    );
    let listed = granite.read(&format!("{children}?briefRepresentation=false"));
    let brief = json!([{ "id": id, "name": "child", "description": "Below", "path": "/top/child",
                         "parentId": top, "subGroups": [] }]);
    assert_eq!(listed, brief, "children are always told briefly");
    granite.plant(Some(&id), "grandchild");
    assert_eq!(granite.read(&format!("{children}?subGroupsCount=true"))[0]["subGroupCount"], 1);
    assert_eq!(granite.read("/groups?subGroupsCount=true")[0]["subGroupCount"], 1);
    assert_eq!(granite.read(&format!("/groups/{top}?subGroupsCount=true"))["subGroupCount"], 1);
    assert!(granite.group(&top).get("subGroupCount").is_none());

    for number in 0..11 {
        granite.plant(Some(&top), &format!("more-{number:02}"));
    }
    assert_eq!(granite.found(&children).len(), 10);
    assert_eq!(granite.found(&format!("{children}?first=10")), ["more-09", "more-10"]);
    assert_eq!(granite.found(&format!("{children}?max=-1")).len(), 12);
    assert_eq!(granite.found(&format!("{children}?search=MORE-1")), ["more-10"]);
    assert_eq!(granite.found(&format!("{children}?search=*-10")), ["more-10"]);
    assert_eq!(granite.found(&format!("{children}?search=child&exact=true")), ["child"]);
    assert_eq!(granite.found(&format!("{children}?search=grandchild")), [""; 0]);

    assert_eq!(granite.ask(Method::DELETE, &format!("/groups/{top}"), None).status, 204);
    assert_eq!(granite.ask(Method::GET, &format!("/groups/{id}"), None).status, 404);
}

#[test]
fn a_search_finds_beginnings_and_patterns_anywhere() {
    let granite = bare();
    let top = granite.plant(None, "ord-mmm");
    for name in ["x-ord", "ord-aaa"] {
        granite.plant(None, name);
    }
    let deep = granite.plant(Some(&top), "north-ord-zone");
    let body = json!({ "name": "north-ord-zone", "attributes": { "river": ["Tara", "Drina"] } });
    assert_eq!(granite.change(&deep, &body).status, 204);
    let all = ["north-ord-zone", "ord-aaa", "ord-mmm", "x-ord"];
    let tops = ["ord-aaa", "ord-mmm", "x-ord"];
    let none: [&str; 0] = [];
    for (query, expected) in [
        ("", &tops[..]),
        ("?search=", &tops),
        ("?search=%20", &tops),
        ("?max=2", &tops[..2]),
        ("?first=1&max=1", &tops[1..2]),
        ("?first=2", &tops[2..]),
        ("?max=0", &none),
        ("?search=ord", &["ord-aaa", "ord-mmm"]),
        ("?search=ORD", &["ord-aaa", "ord-mmm"]),
        ("?search=*rd", &all),
        ("?search=*", &all),
        ("?search=**ORD", &all),
        ("?search=o*a", &["ord-aaa"]),
        ("?search=*-*d-", &["north-ord-zone"]),
        ("?search=*a*a*a", &["ord-aaa"]),
        ("?search=*a*a*a*a", &none),
        ("?search=north&max=1", &["north-ord-zone"]),
        ("?search=%25", &none),
        ("?search=ord_aaa", &none),
        ("?search=%22ord-aaa%22", &none),
        ("?search=ord&exact=true", &none),
        ("?search=ord-aaa&exact=true", &["ord-aaa"]),
        ("?search=north-ord-zone&exact=true", &["north-ord-zone"]),
        ("?q=river:Drina", &["north-ord-zone"]),
        ("?q=river:Drina%20river:Tara&search=nothing", &["north-ord-zone"]),
        ("?q=river:Sava", &none),
    ] {
        assert_eq!(granite.found(&format!("/groups{query}")), expected, "{query}");
    }
    assert_eq!(granite.ask(Method::GET, "/groups?max=abc", None).status, 400);
    assert_eq!(granite.ask(Method::GET, "/groups?q=%22river", None).status, 400);

    let flat = granite.read("/groups?search=north");
    assert_eq!(flat[0]["subGroups"], json!([]));
    assert!(flat[0].get("attributes").is_none());
    let full = granite.read("/groups?search=north&briefRepresentation=false");
    assert_eq!(full[0]["attributes"]["river"], json!(["Tara", "Drina"]));
    let tree = granite.read("/groups?search=north&populateHierarchy=true");
    assert_eq!((names(&tree), names(&tree[0]["subGroups"])), (vec!["ord-mmm"], vec![all[0]]));
    assert_eq!(tree[0]["subGroups"][0]["id"], json!(deep));
}

#[test]
fn a_group_is_found_by_its_path() {
    let granite = Granite::new();
    let top = granite.plant(None, "top");
    let split = granite.plant(Some(&top), "a/b");
    let children = granite.plant(Some(&top), "children");
    let by = |path: &str| granite.ask(Method::GET, &format!("/groups/group-by-path/{path}"), None);
    for (path, id) in [
        ("top", &top),
        ("/top", &top),
        ("top/", &top),
        ("top/a~/b", &split),
        ("top/a%2Fb", &split),
        ("top%2Fa~%2Fb", &split),
        ("%2Ftop%2Fchildren", &children),
        ("top/children", &children),
    ] {
        assert_eq!(by(path).json()["id"], json!(id), "{path}");
    }
    let brief = by("top/children").json();
    assert_eq!((&brief["path"], &brief["parentId"]), (&json!("/top/children"), &json!(top)));
    assert!(brief.get("attributes").is_none());
    let full = by("top?briefRepresentation=false&subGroupsCount=true").json();
    assert_eq!((&full["attributes"], &full["subGroupCount"]), (&json!({}), &json!(2)));
    for path in
        ["nothing", "top/nothing", "children", "TOP", "top/a/b", &format!("{}/top", granite.org)]
    {
        let answer = by(path);
        assert_eq!(
            (answer.status.as_u16(), answer.error()),
            (404, "Group path does not exist".to_owned()),
            "{path}"
        );
    }
}

#[test]
fn siblings_have_different_names() {
    let granite = Granite::new();
    let a = granite.plant(None, "a");
    let b = granite.plant(Some(&a), "b");
    let c = granite.plant(Some(&a), "c");
    let below = format!("/groups/{a}/children");
    let before = granite.world.dump();

    let top = "Group with the given name already exists.";
    assert_eq!(told(&granite.send("/groups", &named("a"))), refused(409, top));
    let sibling = "Sibling group with the given name already exists";
    assert_eq!(told(&granite.send(&below, &named("b"))), refused(409, sibling));
    let renamed = granite.change(&c, &named("b"));
    let conflict = json!({ "error": "conflict", "error_description": "Duplicate resource error" });
    assert_eq!((renamed.status.as_u16(), renamed.json()), (409, conflict));
    assert_eq!(granite.world.dump(), before);

    let other = granite.plant(None, "b");
    assert_eq!(told(&granite.relocate(&other, Some(&a))), refused(409, sibling));
    assert_eq!(told(&granite.relocate(&b, None)), refused(409, top));
    granite.plant(None, "A");
    granite.plant(Some(&b), "a");
    assert_eq!(granite.change(&c, &named("c")).status, 204, "its own name is free");
}

#[test]
fn a_group_moves_with_all_below_it() {
    let granite = Granite::new();
    let a = granite.plant(None, "a");
    let b = granite.plant(Some(&a), "b");
    let c = granite.plant(Some(&b), "c");
    let d = granite.plant(None, "d");
    let path = |group: &str| granite.group(group)["path"].clone();

    let moved = granite.relocate(&b, Some(&d));
    assert_eq!((moved.status.as_u16(), moved.text.as_str()), (204, ""));
    assert_eq!((path(&b), path(&c)), (json!("/d/b"), json!("/d/b/c")));
    assert_eq!(granite.relocate(&b, None).status, 204);
    assert_eq!((path(&b), path(&c)), (json!("/b"), json!("/b/c")));
    assert_eq!(granite.group(&b)["parentId"], json!(granite.org.as_str()));
    assert_eq!(granite.change(&b, &named("z")).status, 204);
    assert_eq!(path(&c), json!("/z/c"));
    assert_eq!(granite.read("/groups/group-by-path/z/c")["id"], json!(c));

    let before = granite.world.dump();
    for (moved, parent) in [(&b, Some(&b)), (&b, None), (&c, Some(&b))] {
        let answer = granite.relocate(moved, parent.map(String::as_str));
        assert_eq!(answer.status, 204, "nothing is to be done: {answer:?}");
    }
    assert_eq!(granite.world.dump(), before);
}

#[test]
fn a_move_that_cannot_be_changes_nothing() {
    let granite = Granite::new();
    let a = granite.plant(None, "a");
    let b = granite.plant(Some(&a), "b");
    let of_realm = plant(&granite.world, &granite.admin, "of-realm");
    let rocky = org_id(&granite.world, "rocky-mountain");
    let path = format!("/admin/realms/travel0/organizations/{rocky}/groups");
    let foreign = located(&granite.world.post(&path, &granite.admin, &named("foreign")));
    let before = granite.world.dump();

    assert_eq!(
        told(&granite.relocate(&a, Some(&b))),
        refused(400, "A group cannot be moved below itself")
    );
    for stranger in [&of_realm, &foreign, NOBODY] {
        for parent in [None, Some(a.as_str())] {
            let answer = granite.relocate(stranger, parent);
            let told = (answer.status.as_u16(), answer.error());
            assert_eq!(told, (404, "Could not find group by id".to_owned()), "{stranger}");
        }
    }
    for parent in [&foreign, &of_realm, granite.org.as_str(), NOBODY] {
        assert_eq!(told(&granite.relocate(&b, Some(parent))), refused(404, MISSING), "{parent}");
    }
    let nameless = granite.send("/groups", &json!({ "id": b }));
    assert_eq!(told(&nameless), refused(400, "Group name is missing"));
    assert_eq!(granite.world.dump(), before);
}

#[test]
fn groups_are_only_so_deep() {
    let granite = Granite::new();
    let mut line = vec![granite.plant(None, "0")];
    for depth in 1..MAX_GROUP_DEPTH {
        line.push(granite.plant(line.last().map(String::as_str), &depth.to_string()));
    }
    let words = refused(400, "groups are at most 16 deep (MAX_GROUP_DEPTH)");
    let last = format!("/groups/{}/children", line[MAX_GROUP_DEPTH - 1]);
    assert_eq!(told(&granite.send(&last, &named("more"))), words);
    let pair = granite.plant(None, "pair");
    granite.plant(Some(&pair), "below");
    assert_eq!(told(&granite.relocate(&pair, Some(&line[MAX_GROUP_DEPTH - 2]))), words);
    assert_eq!(granite.relocate(&pair, Some(&line[MAX_GROUP_DEPTH - 3])).status, 204);
}

#[test]
fn an_organization_has_groups_up_to_the_limit() {
    let granite = Granite::new();
    let one = granite.plant(None, "one");
    granite.script(&format!(
        "UPDATE tally SET total = {} WHERE kind = 'org_group'",
        MAX_ORG_GROUPS - 1
    ));
    let last = granite.plant(Some(&one), "last");
    let words = refused(400, "an organization has at most 20000 groups (MAX_ORG_GROUPS)");
    for path in ["/groups".to_owned(), format!("/groups/{one}/children")] {
        assert_eq!(told(&granite.send(&path, &named("more"))), words);
    }
    assert_eq!(granite.ask(Method::DELETE, &format!("/groups/{last}"), None).status, 204);
    granite.plant(None, "more");
}

#[test]
fn a_body_that_is_no_group_changes_nothing() {
    let granite = Granite::new();
    let a = granite.plant(None, "a");
    let before = granite.world.dump();
    let long = "x".repeat(256);
    for body in [
        json!({}),
        json!({ "name": "" }),
        json!({ "name": " " }),
        json!({ "name": 7 }),
        json!({ "name": long }),
        json!({ "name": "a\nb" }),
        json!({ "name": "tilde~" }),
        json!({ "name": "n", "bogusField": 1 }),
        json!({ "name": "n", "description": long }),
        json!({ "name": "n", "attributes": { "x": "y" } }),
        json!({ "name": "n", "attributes": { "x": ["y".repeat(65 * 1024)] } }),
        json!({ "name": "n", "id": "not an id" }),
        json!([]),
    ] {
        for answer in [
            granite.send("/groups", &body),
            granite.send(&format!("/groups/{a}/children"), &body),
            granite.change(&a, &body),
        ] {
            assert_eq!(answer.status, 400, "{body}: {answer:?}");
        }
    }
    let nameless = granite.send("/groups", &json!({}));
    assert_eq!(told(&nameless), refused(400, "Group name is missing"));
    assert_eq!(granite.world.dump(), before);
}

#[test]
fn the_same_path_in_two_organizations_is_two_groups() {
    let granite = Granite::new();
    let rocky = org_id(&granite.world, "rocky-mountain");
    let ours = granite.plant(None, "crew");
    let path = format!("/admin/realms/travel0/organizations/{rocky}/groups");
    let theirs = located(&granite.world.post(&path, &granite.admin, &named("crew")));
    assert_ne!(ours, theirs);
    let at = |below: &str| granite.world.get(&format!("{path}{below}"), &granite.admin);
    assert_eq!(at("/group-by-path/crew").json()["id"], json!(theirs));
    assert_eq!(told(&at(&format!("/{ours}"))), refused(404, MISSING));
    // Nor is it a group of the realm.
    assert_eq!(granite.world.get("/admin/realms/travel0/groups", &granite.admin).json(), json!([]));
    let of_realm = format!("/admin/realms/travel0/groups/{ours}");
    assert_eq!(granite.world.get(&of_realm, &granite.admin).status, 404);

    assert_eq!(granite.ask(Method::DELETE, &format!("/groups/{ours}"), None).status, 204);
    assert_eq!(at("/group-by-path/crew").status, 200);
}

#[test]
fn a_path_has_the_methods_it_has() {
    let granite = Granite::new();
    let group = granite.plant(None, "crew");
    let one = format!("/groups/{group}");
    for (method, path, status) in [
        (Method::DELETE, "/groups".to_owned(), 405),
        (Method::PUT, "/groups".to_owned(), 405),
        (Method::PATCH, one.clone(), 405),
        (Method::POST, one.clone(), 405),
        (Method::PUT, format!("{one}/children"), 405),
        (Method::POST, format!("{one}/members"), 405),
        (Method::GET, format!("{one}/bogus"), 404),
        (Method::GET, "/groups/count".to_owned(), 404),
        (Method::HEAD, "/groups".to_owned(), 200),
    ] {
        let answer = granite.ask(method.clone(), &path, None);
        assert_eq!(answer.status.as_u16(), status, "{method} {path}: {answer:?}");
    }
}
