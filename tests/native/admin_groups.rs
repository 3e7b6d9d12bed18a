//! `/admin/realms/{realm}/groups`, `.../group-by-path`, `.../default-groups` and
//! `.../users/{user}/groups`: the tree, who is in it, and who may change it.
use crate::admin_setup::{
    MASTER, TRAVEL0, assert_guarded, holder_of, made, make_client, names, newest_event, nobody,
    outside_holder_of,
};
use crate::harness::browser::{Answer, Browser, json_request};
use crate::harness::world::World;
use crate::scim_setup::{Directory, admin, org_id, person, travel0, user};
use guildhall::platform::sql::{Sql, Statement};
use guildhall::realm::group::{MAX_DEFAULT_GROUPS, MAX_GROUP_DEPTH, MAX_GROUPS};
use http::Method;
use serde_json::{Value, json};
use std::collections::BTreeMap;

pub const GROUPS: &str = "/admin/realms/travel0/groups";

/// The demonstration's realm, and its administrator's token.
pub struct Grove {
    pub world: World,
    pub admin: String,
}

impl Grove {
    pub fn new() -> Self {
        let world = travel0();
        let admin = admin(&world);
        Self { world, admin }
    }

    /// Makes the groups of these paths, and answers their keys.
    pub fn plant<const N: usize>(&self, paths: [&str; N]) -> [String; N] {
        paths.map(|path| plant(&self.world, &self.admin, path))
    }

    pub fn get(&self, below: &str) -> Answer {
        self.world.get(&format!("{TRAVEL0}{below}"), &self.admin)
    }

    pub fn read(&self, below: &str) -> Value {
        let answer = self.get(below);
        assert_eq!(answer.status, 200, "{below}: {answer:?}");
        answer.json()
    }

    pub fn post(&self, below: &str, body: &Value) -> Answer {
        self.world.post(&format!("{TRAVEL0}{below}"), &self.admin, body)
    }

    pub fn put(&self, below: &str, body: &Value) -> Answer {
        self.world.put(&format!("{TRAVEL0}{below}"), &self.admin, body)
    }

    pub fn delete(&self, below: &str) -> Answer {
        self.world.delete(&format!("{TRAVEL0}{below}"), &self.admin)
    }

    /// Moves a group below another, or to the top.
    pub fn relocate(&self, group: &str, parent: Option<&str>) -> Answer {
        let path = parent.map_or("/groups".to_owned(), |id| format!("/groups/{id}/children"));
        self.post(&path, &json!({ "id": group, "name": "whatever" }))
    }

    pub fn join(&self, username: &str, group: &str) {
        let path = format!("/users/{}/groups/{group}", self.id_of(username));
        let joined = self.put(&path, &Value::Null);
        assert_eq!(joined.status, 204, "{joined:?}");
    }

    pub fn id_of(&self, username: &str) -> String {
        user(&self.world, username).unwrap().id.to_string()
    }

    /// Where every group with an `e` in its name is, by its key.
    fn paths(&self) -> BTreeMap<String, String> {
        let list = self.read("/groups?search=e&populateHierarchy=false");
        let text = |group: &Value, name: &str| group[name].as_str().unwrap().to_owned();
        list.as_array().unwrap().iter().map(|one| (text(one, "id"), text(one, "path"))).collect()
    }

    fn count(&self, statement: &'static str) -> i64 {
        let rows = self.world.directory().sql().run(Statement::new(statement)).unwrap();
        rows[0].int("total").unwrap()
    }

    /// Events about groups, oldest first: kind, operation, path.
    fn events(&self) -> Vec<String> {
        let list = self.read("/admin-events?resourceTypes=GROUP&resourceTypes=GROUP_MEMBERSHIP");
        let text = |event: &Value, name: &str| event[name].as_str().unwrap().to_owned();
        let told = list.as_array().unwrap().iter().map(|event| {
            let [kind, operation, path] =
                ["resourceType", "operationType", "resourcePath"].map(|name| text(event, name));
            format!("{kind} {operation} {path}")
        });
        let mut told: Vec<_> = told.collect();
        told.reverse();
        told
    }
}

/// Makes a group and what is missing above it; a name may not hold a slash.
pub fn plant(world: &World, admin: &str, path: &str) -> String {
    let (above, name) = path.rsplit_once('/').unwrap_or(("", path));
    let body = json!({ "name": name });
    if above.is_empty() {
        return made(&world.post(GROUPS, admin, &body));
    }
    let found = world.get(&format!("{TRAVEL0}/group-by-path/{above}"), admin);
    let parent = if found.status == 200 {
        found.json()["id"].as_str().unwrap().to_owned()
    } else {
        plant(world, admin, above)
    };
    let answer = world.post(&format!("{GROUPS}/{parent}/children"), admin, &body);
    assert_eq!(answer.status, 201, "{answer:?}");
    answer.json()["id"].as_str().unwrap().to_owned()
}

fn told(answer: &Answer) -> (u16, String) {
    let body = answer.json();
    let words = body["errorMessage"].as_str().or_else(|| body["error"].as_str());
    (answer.status.as_u16(), words.unwrap_or_default().to_owned())
}

fn refused(status: u16, words: &str) -> (u16, String) {
    (status, words.to_owned())
}

fn access(may_manage: bool) -> Value {
    json!({
        "view": true, "viewMembers": true, "manageMembers": may_manage,
        "manage": may_manage, "manageMembership": may_manage,
    })
}

#[test]
fn a_group_is_made_read_changed_and_deleted() {
    let grove = Grove::new();
    let body =
        json!({ "name": "guides", "description": "Lead", "attributes": { "level": ["1", "2"] } });

    let created = grove.post("/groups", &body);

    let id = made(&created);
    assert_eq!(created.location(), format!("http://localhost:8787{GROUPS}/{id}"));
    let path = format!("/groups/{id}");
    let expected = json!({
        "id": id, "name": "guides", "description": "Lead", "path": "/guides",
        "subGroupCount": 0, "subGroups": [], "attributes": { "level": ["1", "2"] },
        "realmRoles": [], "clientRoles": {}, "access": access(true),
    });
    assert_eq!(grove.read(&path), expected);

    // The representation comes back as it was read.
    let mut changed = expected;
    changed["name"] = json!("leaders");
    assert_eq!(grove.put(&path, &changed).status, 204);
    let read = grove.read(&path);
    assert_eq!((&read["name"], &read["path"]), (&json!("leaders"), &json!("/leaders")));

    // Attributes stay unless they are sent, the description does not.
    assert_eq!(grove.put(&path, &json!({ "name": "leaders" })).status, 204);
    let read = grove.read(&path);
    assert_eq!(read["attributes"], json!({ "level": ["1", "2"] }));
    assert_eq!(read.get("description"), None);
    assert_eq!(grove.put(&path, &json!({ "name": "leaders", "attributes": {} })).status, 204);
    assert_eq!(grove.read(&path)["attributes"], json!({}));

    let deleted = grove.delete(&path);
    assert_eq!((deleted.status.as_u16(), deleted.text.as_str()), (204, ""));
    for again in [grove.get(&path), grove.delete(&path), grove.put(&path, &changed)] {
        assert_eq!(told(&again), refused(404, "Could not find group by id"));
    }
}

/// Measured: what an answer holds differs from path to path.
#[test]
fn each_path_tells_of_a_group_what_keycloak_tells() {
    let grove = Grove::new();
    let [top] = grove.plant(["top"]);
    let made = grove.post(&format!("/groups/{top}/children"), &json!({ "name": "child" }));
    let child = made.json()["id"].as_str().unwrap().to_owned();
    let brief = json!({ "id": child, "name": "child", "path": "/top/child", "parentId": top, "subGroups": [] });
    let with = |more: Value| {
        let mut whole = brief.clone();
        whole.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        whole
    };
    let full = with(json!({ "attributes": {}, "realmRoles": [], "clientRoles": {} }));

    assert_eq!(made.status, 201);
    assert_eq!(made.location(), format!("http://localhost:8787{GROUPS}/{child}"));
    let mut answered = full.clone();
    answered["access"] = access(true);
    assert_eq!(made.json(), answered);

    answered["subGroupCount"] = json!(0);
    assert_eq!(grove.read(&format!("/groups/{child}")), answered);
    assert_eq!(grove.read(&format!("/groups/{top}/children")), json!([answered]));
    let brief_child = with(json!({ "subGroupCount": 0, "access": access(true) }));
    let children = |query: &str| grove.read(&format!("/groups/{top}/children?{query}"));
    assert_eq!(children("briefRepresentation=true"), json!([brief_child]));
    assert_eq!(
        children("briefRepresentation=true&subGroupsCount=false"),
        json!([with(json!({ "access": access(true) }))])
    );

    let listed = grove.read("/groups");
    let row = json!({
        "id": top, "name": "top", "path": "/top", "subGroupCount": 1, "subGroups": [],
        "access": access(true),
    });
    assert_eq!(listed, json!([row]));
    let listed = grove.read("/groups?briefRepresentation=false&subGroupsCount=false");
    assert_eq!(listed[0]["attributes"], json!({}));
    assert_eq!(listed[0].get("subGroupCount"), None);

    let by_path = with(json!({
        "subGroupCount": 0, "attributes": {}, "realmRoles": [], "clientRoles": {},
    }));
    assert_eq!(grove.read("/group-by-path/top/child"), by_path);
    grove.join("hiroko", &child);
    let mine = format!("/users/{}/groups", grove.id_of("hiroko"));
    assert_eq!(grove.read(&mine), json!([brief]));
    assert_eq!(grove.read(&format!("{mine}?briefRepresentation=false")), json!([full]));
    grove.put(&format!("/default-groups/{child}"), &Value::Null);
    assert_eq!(grove.read("/default-groups"), json!([brief]));

    let viewer = holder_of(&grove.world, &["view-users"]);
    let seen = grove.world.get(&format!("{GROUPS}/{child}"), &viewer).json();
    assert_eq!(seen["access"], access(false));
}

#[test]
fn siblings_have_different_names() {
    let grove = Grove::new();
    let [a, b, c] = grove.plant(["a", "b", "a/c"]);
    let named = |name: &str| json!({ "name": name });
    let top = "Top level group named 'a' already exists.";
    let sibling = "Sibling group named 'c' already exists.";

    assert_eq!(told(&grove.post("/groups", &named("a"))), refused(409, top));
    let below = format!("/groups/{a}/children");
    assert_eq!(told(&grove.post(&below, &named("c"))), refused(409, sibling));
    let renamed = grove.put(&format!("/groups/{b}"), &named("a"));
    assert_eq!(told(&renamed), refused(409, "Sibling group named 'a' already exists."));

    // The same name elsewhere, or in another case, is another name.
    assert_eq!(grove.post(&format!("/groups/{b}/children"), &named("c")).status, 201);
    assert_eq!(grove.post(&below, &named("a")).status, 201);
    assert_eq!(grove.post("/groups", &named("A")).status, 201);
    assert_eq!(told(&grove.relocate(&c, Some(&b))), refused(409, sibling));
    let [clash] = grove.plant(["b/a"]);
    assert_eq!(told(&grove.relocate(&clash, None)), refused(409, top));
    assert_eq!(grove.read(&format!("/groups/{c}"))["path"], "/a/c");
    assert_eq!(grove.put(&format!("/groups/{c}"), &named("c")).status, 204);
}

#[test]
fn a_body_that_is_no_group_changes_nothing() {
    let grove = Grove::new();
    let [a, b] = grove.plant(["a", "a/b"]);
    let before = grove.world.dump();
    let long = "x".repeat(256);
    for body in [
        json!({}),
        json!({ "name": null }),
        json!({ "name": " " }),
        json!({ "name": 7 }),
        json!({ "name": long }),
        json!({ "name": "a\nb" }),
        json!({ "name": "tilde~" }),
        json!({ "name": "n", "nmae": "n" }),
        json!({ "name": "n", "description": long }),
        json!({ "name": "n", "attributes": { "x": "y" } }),
        json!({ "name": "n", "attributes": { "x": ["y".repeat(65 * 1024)] } }),
        json!({ "name": "n", "id": "not an id" }),
        json!([]),
    ] {
        for answer in [
            grove.post("/groups", &body),
            grove.post(&format!("/groups/{a}/children"), &body),
            grove.put(&format!("/groups/{b}"), &body),
        ] {
            assert_eq!(answer.status, 400, "{body}: {answer:?}");
        }
    }
    assert_eq!(told(&grove.post("/groups", &json!({}))), refused(400, "Group name is missing"));
    let other = grove.put(&format!("/groups/{b}"), &json!({ "id": a, "name": "b" }));
    assert_eq!(told(&other), refused(400, "Invalid group id"));
    assert_eq!(grove.world.dump(), before);
}

#[test]
fn a_renamed_group_takes_the_paths_below_along() {
    let grove = Grove::new();
    let [a, _, c] = grove.plant(["a", "a/b", "a/b/c"]);
    assert_eq!(grove.put(&format!("/groups/{a}"), &json!({ "name": "z" })).status, 204);
    assert_eq!(grove.read(&format!("/groups/{c}"))["path"], "/z/b/c");
    assert_eq!(grove.read("/group-by-path/z/b/c")["id"], json!(c));
    assert_eq!(grove.get("/group-by-path/a/b/c").status, 404);
}

#[test]
fn a_group_moves_with_all_that_is_below() {
    let grove = Grove::new();
    let [a, b, c, d] = grove.plant(["a", "a/b", "a/b/c", "d"]);
    let path = |group: &str| grove.read(&format!("/groups/{group}"))["path"].clone();

    let moved = grove.relocate(&b, Some(&d));
    assert_eq!((moved.status.as_u16(), moved.text.as_str()), (204, ""));
    assert_eq!((path(&b), path(&c)), (json!("/d/b"), json!("/d/b/c")));
    assert_eq!(grove.read(&format!("/groups/{b}"))["parentId"], json!(d));

    assert_eq!(grove.relocate(&c, None).status, 204);
    assert_eq!(path(&c), "/c");
    assert_eq!(grove.read(&format!("/groups/{c}")).get("parentId"), None);
    assert_eq!(grove.read("/groups/count?top=true"), json!({ "count": 3 }));

    assert_eq!(grove.relocate(&d, Some(&a)).status, 204);
    assert_eq!(path(&b), "/a/d/b");
    assert_eq!(grove.read("/groups/count?top=true"), json!({ "count": 2 }));
    assert_eq!(grove.read("/groups/count"), json!({ "count": 4 }));
}

#[test]
fn a_move_that_cannot_be_changes_nothing() {
    let grove = Grove::new();
    let [a, b, c] = grove.plant(["a", "a/b", "a/b/c"]);
    let foreign = made(&grove.world.post(
        &format!("{MASTER}/groups"),
        &grove.admin,
        &json!({ "name": "foreign" }),
    ));
    let before = grove.world.dump();

    for parent in [&b, &c] {
        let below = refused(400, "A group cannot be moved below itself");
        assert_eq!(told(&grove.relocate(&a, Some(parent))), below);
    }
    for unknown in ["none", &foreign] {
        let words = refused(404, "Could not find child by id");
        assert_eq!(told(&grove.relocate(unknown, Some(&a))), words);
        assert_eq!(told(&grove.relocate(unknown, None)), words);
        let words = refused(404, "Could not find group by id");
        assert_eq!(told(&grove.relocate(&a, Some(unknown))), words);
    }
    let nameless = grove.post(&format!("/groups/{c}/children"), &json!({ "id": a }));
    assert_eq!(told(&nameless), refused(400, "Group name is missing"));
    // Where it is already, below itself: nothing to do, and nothing to tell of.
    assert_eq!(grove.relocate(&b, Some(&a)).status, 204);
    assert_eq!(grove.relocate(&a, None).status, 204);
    assert_eq!(grove.relocate(&a, Some(&a)).status, 204);
    assert_eq!(grove.world.dump(), before);
}

/// The realm that is asked comes first: keys of another's groups name nothing.
#[test]
fn a_group_of_another_realm_is_unknown() {
    let grove = Grove::new();
    let body = json!({ "name": "foreign" });
    let foreign = made(&grove.world.post(&format!("{MASTER}/groups"), &grove.admin, &body));
    let hiroko = grove.id_of("hiroko");
    let before = grove.world.dump();
    for answer in [
        grove.get(&format!("/groups/{foreign}")),
        grove.put(&format!("/groups/{foreign}"), &body),
        grove.delete(&format!("/groups/{foreign}")),
        grove.get(&format!("/groups/{foreign}/children")),
        grove.post(&format!("/groups/{foreign}/children"), &body),
        grove.get(&format!("/groups/{foreign}/members")),
        grove.get(&format!("/groups/{foreign}/role-mappings")),
        grove.post(&format!("/groups/{foreign}/role-mappings/realm"), &json!([])),
        grove.put(&format!("/users/{hiroko}/groups/{foreign}"), &Value::Null),
        grove.delete(&format!("/users/{hiroko}/groups/{foreign}")),
        grove.put(&format!("/default-groups/{foreign}"), &Value::Null),
        grove.delete(&format!("/default-groups/{foreign}")),
        grove.get("/group-by-path/foreign"),
    ] {
        assert_eq!(answer.status, 404, "{answer:?}");
    }
    assert_eq!(grove.read("/groups"), json!([]));
    assert_eq!(grove.read("/groups?search=foreign"), json!([]));
    assert_eq!(grove.read("/groups/count"), json!({ "count": 0 }));
    assert_eq!(grove.world.dump(), before);
}

#[test]
fn groups_stand_one_below_the_other_up_to_the_limit() {
    let grove = Grove::new();
    let line = |length: usize| (0..length).map(|n| format!("e{n}")).collect::<Vec<_>>();
    let deepest = line(MAX_GROUP_DEPTH).join("/");
    let [last] = grove.plant([&deepest]);
    let words = refused(400, "groups are at most 16 deep (MAX_GROUP_DEPTH)");

    let below = grove.post(&format!("/groups/{last}/children"), &json!({ "name": "more" }));
    assert_eq!(told(&below), words);

    let before_last = grove.read(&format!("/groups/{last}"))["parentId"].clone();
    let [leaf, pair, _] = grove.plant(["leaf", "pair", "pair/below"]);
    let before = grove.world.dump();
    assert_eq!(told(&grove.relocate(&pair, before_last.as_str())), words);
    assert_eq!(grove.world.dump(), before);
    assert_eq!(grove.relocate(&leaf, before_last.as_str()).status, 204);
    let path = format!("/{}/leaf", line(MAX_GROUP_DEPTH - 1).join("/"));
    assert_eq!(grove.read(&format!("/groups/{leaf}"))["path"], json!(path));
}

#[test]
fn a_realm_has_groups_up_to_the_limit() {
    let grove = Grove::new();
    grove.plant(["one"]);
    grove
        .world
        .directory()
        .sql()
        .execute_batch(&format!("UPDATE group_tally SET total = {}", MAX_GROUPS - 1));
    let [last] = grove.plant(["last"]);
    let words = refused(400, "a realm has at most 10000 groups (MAX_GROUPS)");
    for path in ["/groups".to_owned(), format!("/groups/{last}/children")] {
        assert_eq!(told(&grove.post(&path, &json!({ "name": "more" }))), words);
    }
    assert_eq!(grove.delete(&format!("/groups/{last}")).status, 204);
    grove.plant(["more"]);
}

/// Measured: a search looks everywhere, pages what it finds by name, and tells each
/// below the groups above it.
#[test]
fn a_search_finds_groups_anywhere_and_tells_where_they_are() {
    let grove = Grove::new();
    let [_, _, _, _, kid] =
        grove.plant(["alpha-one", "beta-alpha", "gamma", "gamma/delta", "beta-alpha/alpha-kid"]);
    let found = |query: &str| {
        let list = grove.read(&format!("/groups?{query}"));
        names(&list).into_iter().map(str::to_owned).collect::<Vec<_>>()
    };
    assert_eq!(found(""), ["alpha-one", "beta-alpha", "gamma"]);
    assert_eq!(found("search=alpha"), ["alpha-one", "beta-alpha"]);
    assert_eq!(found("search=alpha&max=1"), ["beta-alpha"]);
    assert_eq!(found("search=alpha&max=2"), ["alpha-one", "beta-alpha"]);
    assert_eq!(found("search=alpha&first=1"), ["alpha-one", "beta-alpha"]);
    assert_eq!(found("search=alpha&first=2"), ["beta-alpha"]);
    assert_eq!(found("search=alpha&first=1&max=1"), ["alpha-one"]);
    assert_eq!(found("search=ONE"), ["alpha-one"]);
    assert_eq!(found("search=alpha&exact=true"), Vec::<String>::new());
    assert_eq!(found("search=alpha-kid&exact=true"), ["beta-alpha"]);
    assert_eq!(found("search=%25"), Vec::<String>::new());
    assert_eq!(
        found("search=alpha&populateHierarchy=false"),
        ["alpha-kid", "alpha-one", "beta-alpha"]
    );

    let tree = grove.read("/groups?search=kid&max=1");
    let below = &tree[0]["subGroups"][0];
    assert_eq!((&tree[0]["subGroupCount"], &below["id"]), (&json!(1), &json!(kid)));
    assert_eq!(
        (&below["path"], &below["subGroups"]),
        (&json!("/beta-alpha/alpha-kid"), &json!([]))
    );
    assert_eq!(below["access"], access(true));
    // A match and a match below it are told once.
    let tree = grove.read("/groups?search=alpha");
    assert_eq!(names(&tree[1]["subGroups"]), ["alpha-kid"]);

    let count = |query: &str| grove.read(&format!("/groups/count?{query}"))["count"].clone();
    assert_eq!((count(""), count("top=true")), (json!(5), json!(3)));
    assert_eq!((count("search=alpha"), count("search=alpha&top=true")), (json!(3), json!(3)));

    let children = |query: &str| {
        let gamma = grove.read("/group-by-path/gamma")["id"].as_str().unwrap().to_owned();
        grove.read(&format!("/groups/{gamma}/children?{query}")).as_array().unwrap().len()
    };
    assert_eq!((children("search=DEL"), children("search=elt")), (1, 0));
    assert_eq!((children("search=elt&exact=true"), children("search=delta&exact=true")), (0, 1));
}

#[test]
fn groups_are_found_by_their_attributes() {
    let grove = Grove::new();
    let noted = |name: &str, attributes: Value| {
        made(&grove.post("/groups", &json!({ "name": name, "attributes": attributes })))
    };
    let red = noted("red", json!({ "colour": ["red", "pink"], "size": ["L"] }));
    noted("blue", json!({ "colour": ["blue"], "size": ["L"] }));
    let [top] = grove.plant(["top"]);
    let body = json!({ "name": "child", "attributes": { "colour": ["red"], "a b": ["c:d"] } });
    assert_eq!(grove.post(&format!("/groups/{top}/children"), &body).status, 201);
    let found = |query: &str| {
        let list = grove.read(&format!("/groups?q={query}"));
        names(&list).into_iter().map(str::to_owned).collect::<Vec<_>>()
    };
    assert_eq!(found("size:L"), ["blue", "red"]);
    assert_eq!(found("colour:pink"), ["red"]);
    assert_eq!(found("colour:red%20size:L"), ["red"]);
    assert_eq!(found("colour:red"), ["red", "top"]);
    assert_eq!(found("%22a%20b%22:%22c:d%22"), ["top"]);
    assert_eq!(found("colour:r"), Vec::<String>::new());
    // It wins over a search, as in Keycloak.
    assert_eq!(found("colour:blue&search=red"), ["blue"]);
    assert_eq!(grove.get("/groups?q=colour").status, 400);

    let changed = json!({ "name": "red", "attributes": { "colour": ["green"] } });
    assert_eq!(grove.put(&format!("/groups/{red}"), &changed).status, 204);
    assert_eq!((found("colour:pink"), found("colour:green")), (vec![], vec!["red".to_owned()]));
    grove.delete(&format!("/groups/{red}"));
    assert_eq!(found("colour:green"), Vec::<String>::new());
}

#[test]
fn a_slash_in_a_name_is_escaped_in_the_path() {
    let grove = Grove::new();
    let [a, _] = grove.plant(["a", "a/b"]);
    let slashed = made(&grove.post("/groups", &json!({ "name": "a/b" })));
    let below = grove.post(&format!("/groups/{slashed}/children"), &json!({ "name": "c/" }));
    assert_eq!(below.json()["path"], "/a~/b/c~/");
    assert_eq!(grove.read(&format!("/groups/{slashed}"))["path"], "/a~/b");

    for path in ["a~/b", "a%2Fb", "a~%2Fb", "%2Fa~%2Fb", "/a~/b", "a~/b/"] {
        assert_eq!(grove.read(&format!("/group-by-path/{path}"))["id"], json!(slashed), "{path}");
    }
    for path in ["a~/b/c~/", "a%2Fb/c%2F"] {
        assert_eq!(grove.read(&format!("/group-by-path/{path}"))["name"], "c/", "{path}");
    }
    for path in ["a/b", "%2Fa%2Fb", "/a/b/"] {
        assert_eq!(grove.read(&format!("/group-by-path/{path}"))["parentId"], json!(a), "{path}");
    }
    for path in ["a/b/c", "nothing", "a//b", "a/b~"] {
        let unknown = refused(404, "Group path does not exist");
        assert_eq!(told(&grove.get(&format!("/group-by-path/{path}"))), unknown, "{path}");
    }
}

#[test]
fn members_of_a_group_are_its_own_in_pages_by_username() {
    let grove = Grove::new();
    let [top, child] = grove.plant(["top", "top/child"]);
    for username in ["jonno", "hiroko", "emilio"] {
        grove.join(username, &child);
    }
    let members = |group: &str, query: &str| {
        let list = grove.read(&format!("/groups/{group}/members?{query}"));
        let users = list.as_array().unwrap().iter();
        users.map(|one| one["username"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(members(&child, ""), ["emilio", "hiroko", "jonno"]);
    assert_eq!(members(&child, "first=1&max=1"), ["hiroko"]);
    // Whoever is below is no member above.
    assert_eq!(members(&top, ""), Vec::<String>::new());

    let full = &grove.read(&format!("/groups/{child}/members"))[0];
    let brief = &grove.read(&format!("/groups/{child}/members?briefRepresentation=true"))[0];
    assert!(full["requiredActions"].is_array() && brief.get("requiredActions").is_none());
    assert_eq!(full["email"], brief["email"]);

    let emilio = grove.id_of("emilio");
    assert_eq!(grove.put(&format!("/users/{emilio}"), &json!({ "username": "zoe" })).status, 204);
    assert_eq!(members(&child, ""), ["hiroko", "jonno", "zoe"]);
    assert_eq!(grove.delete(&format!("/users/{emilio}")).status, 204);
    assert_eq!(members(&child, ""), ["hiroko", "jonno"]);

    let body = json!({ "clientId": "robot", "secret": "s3cret", "serviceAccountsEnabled": true });
    let uuid = make_client(&grove.world, TRAVEL0, &body);
    let account = grove.read(&format!("/clients/{uuid}/service-account-user"));
    let path = format!("/users/{}/groups/{child}", account["id"].as_str().unwrap());
    assert_eq!(grove.put(&path, &Value::Null).status, 204);
    assert_eq!(members(&child, "")[2], "service-account-robot");
    assert_eq!(grove.delete(&format!("/clients/{uuid}")).status, 204);
    assert_eq!(members(&child, ""), ["hiroko", "jonno"]);
}

#[test]
fn a_user_joins_and_leaves_once() {
    let grove = Grove::new();
    let [top, child, other] = grove.plant(["top", "top/child", "other"]);
    let hiroko = grove.id_of("hiroko");
    let mine = format!("/users/{hiroko}/groups");
    let before = grove.events().len();

    for _ in 0..2 {
        grove.join("hiroko", &child);
    }
    grove.join("hiroko", &other);

    assert_eq!(names(&grove.read(&mine)), ["child", "other"]);
    assert_eq!(names(&grove.read(&format!("{mine}?search=CHI"))), ["child"]);
    assert_eq!(names(&grove.read(&format!("{mine}?first=1&max=5"))), ["other"]);
    let count = |query: &str| grove.read(&format!("{mine}/count?{query}"));
    assert_eq!((count(""), count("search=oth")), (json!({ "count": 2 }), json!({ "count": 1 })));
    // Who is not in a group leaves it all the same.
    assert_eq!(grove.delete(&format!("{mine}/{top}")).status, 204);
    for _ in 0..2 {
        assert_eq!(grove.delete(&format!("{mine}/{child}")).status, 204);
    }
    assert_eq!(names(&grove.read(&mine)), ["other"]);
    let path = format!("users/{hiroko}/groups");
    let expected = [
        format!("GROUP_MEMBERSHIP CREATE {path}/{child}"),
        format!("GROUP_MEMBERSHIP CREATE {path}/{other}"),
        format!("GROUP_MEMBERSHIP DELETE {path}/{child}"),
    ];
    assert_eq!(grove.events()[before..], expected);
    let told_group = &newest_event(&grove.world, "travel0")["representation"];
    assert_eq!(told_group["path"], "/top/child");

    for unknown in
        [grove.put(&format!("{mine}/none"), &Value::Null), grove.delete(&format!("{mine}/none"))]
    {
        assert_eq!(told(&unknown), refused(404, "Group not found"));
    }
    let nobody = grove.put(&format!("/users/none/groups/{top}"), &Value::Null);
    assert_eq!(told(&nobody), refused(404, "User not found"));
    assert_eq!(grove.get("/users/none/groups").status, 404);
}

/// Everything that hangs on groups.
const LEFT: &str = "
    SELECT (SELECT count(*) FROM group_above) + (SELECT count(*) FROM group_attribute)
         + (SELECT count(*) FROM group_member) + (SELECT count(*) FROM group_role)
         + (SELECT count(*) FROM default_group) + (SELECT count(*) FROM realm_group)
         + (SELECT sum(total + top + defaults) FROM group_tally) AS total";

#[test]
fn a_deleted_group_takes_everything_below_along() {
    let grove = Grove::new();
    let [top, child, grandchild] = grove.plant(["top", "top/child", "top/child/grandchild"]);
    grove.post("/roles", &json!({ "name": "guide" }));
    let guide = grove.read("/roles/guide");
    for group in [&top, &child, &grandchild] {
        grove.join("hiroko", group);
        let noted = json!({ "name": "e", "attributes": { "a": ["b"] } });
        assert_eq!(grove.put(&format!("/groups/{group}"), &noted).status, 204);
        let granted = grove.post(&format!("/groups/{group}/role-mappings/realm"), &json!([guide]));
        assert_eq!(granted.status, 204);
        let default = grove.put(&format!("/default-groups/{group}"), &Value::Null);
        assert_eq!(default.status, 204);
    }
    assert!(grove.count(LEFT) > 20);

    assert_eq!(grove.delete(&format!("/groups/{top}")).status, 204);

    assert_eq!(grove.count(LEFT), 0);
    assert_eq!(grove.get(&format!("/groups/{grandchild}")).status, 404);
    assert_eq!(grove.read(&format!("/users/{}/groups", grove.id_of("hiroko"))), json!([]));
    assert_eq!(grove.read("/default-groups"), json!([]));
}

#[test]
fn new_people_join_the_default_groups_however_they_come() {
    let grove = Grove::new();
    let [_, everyone, gone] = grove.plant(["people", "people/everyone", "gone"]);
    for group in [&everyone, &gone, &everyone] {
        assert_eq!(grove.put(&format!("/default-groups/{group}"), &Value::Null).status, 204);
    }
    assert_eq!(grove.delete(&format!("/default-groups/{gone}")).status, 204);
    assert_eq!(names(&grove.read("/default-groups")), ["everyone"]);
    let groups_of = |username: &str| {
        let list = grove.read(&format!("/users/{}/groups", grove.id_of(username)));
        names(&list).into_iter().map(str::to_owned).collect::<Vec<_>>()
    };
    // Who was there before is not concerned.
    assert_eq!(groups_of("hiroko"), Vec::<String>::new());

    assert_eq!(grove.post("/users", &json!({ "username": "by-hand" })).status, 201);
    assert_eq!(groups_of("by-hand"), ["everyone"]);

    let directory = Directory::connect(&grove.world, "granite-outpost");
    directory.pushed(&person("pushed", "pushed@granite-outpost.example"));
    let pushed = user(&grove.world, "pushed@granite-outpost.example")
        .or_else(|| user(&grove.world, "pushed"))
        .unwrap();
    assert_eq!(groups_of(pushed.username.as_str()), ["everyone"]);

    accept_an_invitation(&grove, "marta@freelance.example");
    assert_eq!(groups_of("marta@freelance.example"), ["everyone"]);

    let body = json!({ "clientId": "robot", "secret": "s3cret", "serviceAccountsEnabled": true });
    make_client(&grove.world, TRAVEL0, &body);
    assert_eq!(groups_of("service-account-robot"), Vec::<String>::new());
}

/// A new person gets an account by way of the invitation's page.
fn accept_an_invitation(grove: &Grove, email: &str) {
    let org = org_id(&grove.world, "rocky-mountain");
    let body = json!({ "email": email, "send": true });
    let invited =
        grove.world.post(&format!("/realms/travel0/orgs/{org}/invitations"), &grove.admin, &body);
    assert_eq!(invited.status, 201, "{invited:?}");
    let mail = grove.world.mails().pop().unwrap();
    let start = mail.text.find("http://").unwrap();
    let browser = Browser::new(&grove.world);
    let page = browser.open(mail.text[start..].split_whitespace().next().unwrap());
    let (ticket, csrf) = (page.field("ticket"), page.field("csrf"));
    let fields = [
        ("ticket", ticket.as_str()),
        ("csrf", &csrf),
        ("firstName", "Marta"),
        ("lastName", "Lindqvist"),
        ("password", "four unrelated words"),
    ];
    assert_eq!(browser.submit(&page.action(), &fields).status, 200);
}

#[test]
fn a_new_person_joins_with_the_row_or_not_at_all() {
    for cut in ["account.register.after_object", "account.register.after_directory"] {
        let grove = Grove::new();
        let [everyone, named] = grove.plant(["everyone", "named"]);
        grove.put(&format!("/default-groups/{everyone}"), &Value::Null);
        let body = json!({ "username": "ann", "groups": ["/named"] });
        let users = format!("{TRAVEL0}/users");
        grove.world.crash_at(cut, json_request(Method::POST, &users, &grove.admin, Some(&body)));

        let is_there = user(&grove.world, "ann").is_some();
        assert_eq!(is_there, cut == "account.register.after_directory");
        for group in [everyone, named] {
            let members = grove.read(&format!("/groups/{group}/members"));
            assert_eq!(members.as_array().unwrap().len(), usize::from(is_there), "{cut}");
        }
    }
}

#[test]
fn new_people_join_a_bounded_number_of_groups() {
    let grove = Grove::new();
    let [last, more] = grove.plant(["last", "more"]);
    grove
        .world
        .directory()
        .sql()
        .execute_batch(&format!("UPDATE group_tally SET defaults = {}", MAX_DEFAULT_GROUPS - 1));
    let put = |group: &str| grove.put(&format!("/default-groups/{group}"), &Value::Null);
    assert_eq!(put(&last).status, 204);
    let words = "a realm has at most 100 default groups (MAX_DEFAULT_GROUPS)";
    assert_eq!(told(&put(&more)), refused(400, words));
    assert_eq!(put(&last).status, 204);
    for unknown in [put("none"), grove.delete("/default-groups/none")] {
        assert_eq!(told(&unknown), refused(404, "Group not found"));
    }
}

#[test]
fn a_user_is_made_in_the_groups_that_are_named() {
    let grove = Grove::new();
    let [_, child] = grove.plant(["top", "top/child"]);
    made(&grove.post("/groups", &json!({ "name": "a/b" })));
    let before = grove.world.dump();
    for groups in
        [json!(["/top", "/nowhere"]), json!(["/"]), json!(vec!["/top"; 101]), json!("/top")]
    {
        let answer = grove.post("/users", &json!({ "username": "ann", "groups": groups }));
        assert_eq!(answer.status, 400, "{groups}: {answer:?}");
    }
    let nowhere = grove.post("/users", &json!({ "username": "ann", "groups": ["/nowhere"] }));
    let words = "Unable to find group specified by path: /nowhere";
    assert_eq!(told(&nowhere), refused(400, words));
    assert_eq!(grove.world.dump(), before);

    let groups = ["/top/child", "top", "/a~/b", "/top"];
    let made = grove.post("/users", &json!({ "username": "ann", "groups": groups }));
    assert_eq!(made.status, 201, "{made:?}");
    let mine = format!("/users/{}/groups", grove.id_of("ann"));
    assert_eq!(names(&grove.read(&mine)), ["a/b", "child", "top"]);

    // Passed over afterwards, as by Keycloak.
    let ann = format!("/users/{}", grove.id_of("ann"));
    assert_eq!(grove.put(&ann, &json!({ "groups": [] })).status, 204);
    assert_eq!(grove.put(&ann, &json!({ "groups": ["/nowhere"] })).status, 204);
    assert_eq!(grove.read(&mine).as_array().unwrap().len(), 3);
    assert_eq!(grove.read(&format!("/groups/{child}/members"))[0]["username"], "ann");
}

#[test]
fn every_change_of_the_tree_is_written_down() {
    let grove = Grove::new();
    let [a, b] = grove.plant(["a", "b"]);
    let made = grove.post(&format!("/groups/{a}/children"), &json!({ "name": "c" }));
    assert_eq!(newest_event(&grove.world, "travel0")["representation"]["path"], "/a/c");
    let c = made.json()["id"].as_str().unwrap().to_owned();
    grove.put(&format!("/groups/{c}"), &json!({ "name": "d" }));
    grove.relocate(&c, Some(&b));
    assert_eq!(newest_event(&grove.world, "travel0")["representation"]["path"], "/b/d");
    grove.relocate(&c, None);
    grove.put(&format!("/default-groups/{c}"), &Value::Null);
    grove.delete(&format!("/default-groups/{c}"));
    grove.delete(&format!("/groups/{c}"));

    let expected = [
        format!("GROUP CREATE groups/{a}"),
        format!("GROUP CREATE groups/{b}"),
        format!("GROUP CREATE groups/{a}/children"),
        format!("GROUP UPDATE groups/{c}"),
        format!("GROUP UPDATE groups/{b}/children"),
        "GROUP UPDATE groups".to_owned(),
        format!("GROUP CREATE default-groups/{c}"),
        format!("GROUP DELETE default-groups/{c}"),
        format!("GROUP DELETE groups/{c}"),
    ];
    assert_eq!(grove.events(), expected);
}

#[test]
fn each_path_of_groups_is_guarded() {
    let grove = Grove::new();
    let [group] = grove.plant(["group"]);
    let (world, hiroko) = (&grove.world, grove.id_of("hiroko"));
    let nobody = nobody(world);
    let finder = holder_of(world, &["query-groups"]);
    let viewer = holder_of(world, &["view-users"]);
    let realm_manager = holder_of(world, &["manage-realm"]);
    let outside = outside_holder_of(world, &["manage-users", "manage-realm"]);
    let of_group = |below: &str| format!("/groups/{group}{below}");
    for path in ["/groups".to_owned(), "/groups/count".to_owned()] {
        let path = format!("{TRAVEL0}{path}");
        assert_guarded(world, &Method::GET, &path, &[&nobody, &realm_manager]);
        for token in [&finder, &viewer, &outside] {
            assert_eq!(world.get(&path, token).status, 200, "{path}");
        }
    }
    assert_eq!(world.get(&format!("{TRAVEL0}/groups"), &finder).json(), json!([]));
    for path in [
        of_group(""),
        of_group("/children"),
        of_group("/members"),
        of_group("/role-mappings"),
        of_group("/role-mappings/realm"),
        of_group("/role-mappings/realm/available"),
        of_group("/role-mappings/realm/composite"),
        "/group-by-path/group".to_owned(),
        format!("/users/{hiroko}/groups"),
        format!("/users/{hiroko}/groups/count"),
    ] {
        let path = format!("{TRAVEL0}{path}");
        assert_guarded(world, &Method::GET, &path, &[&nobody, &finder, &realm_manager]);
        for token in [&viewer, &outside] {
            assert_eq!(world.get(&path, token).status, 200, "{path}");
        }
    }
    let default = format!("/default-groups/{group}");
    for (method, path) in [
        (Method::POST, "/groups".to_owned()),
        (Method::PUT, of_group("")),
        (Method::DELETE, of_group("")),
        (Method::POST, of_group("/children")),
        (Method::POST, of_group("/role-mappings/realm")),
        (Method::DELETE, of_group("/role-mappings/realm")),
        (Method::PUT, format!("/users/{hiroko}/groups/{group}")),
        (Method::DELETE, format!("/users/{hiroko}/groups/{group}")),
    ] {
        let path = format!("{TRAVEL0}{path}");
        let refused = [nobody.as_str(), &finder, &viewer, &realm_manager];
        assert_guarded(world, &method, &path, &refused);
    }
    assert_guarded(world, &Method::GET, &format!("{TRAVEL0}/default-groups"), &[&nobody, &viewer]);
    for method in [Method::PUT, Method::DELETE] {
        let path = format!("{TRAVEL0}{default}");
        assert_guarded(world, &method, &path, &[&nobody, &finder, &viewer]);
        assert_eq!(world.call(method, &path, &realm_manager, None).status, 204);
    }
    // A token of another realm is none here.
    let stranger = holder_of(world, &["realm-admin"]);
    assert_eq!(world.get(&format!("{MASTER}/groups"), &stranger).status, 401);
    assert_eq!(world.get(&format!("{MASTER}/groups"), &outside).status, 403);
}

#[test]
fn a_list_of_children_is_short_unless_asked_for_more() {
    let grove = Grove::new();
    let [top] = grove.plant(["top"]);
    for number in 0..12 {
        let body = json!({ "name": format!("child-{number:02}") });
        assert_eq!(grove.post(&format!("/groups/{top}/children"), &body).status, 201);
    }
    let children = |query: &str| {
        grove.read(&format!("/groups/{top}/children?{query}")).as_array().unwrap().len()
    };
    assert_eq!((children(""), children("max=-1"), children("first=10")), (10, 12, 2));
}

/// The tree as it should be: name and parent of each group, by its key.
#[derive(Default)]
struct Model(BTreeMap<String, (String, Option<String>)>);

impl Model {
    fn path(&self, id: &str) -> String {
        let (name, parent) = &self.0[id];
        let above = parent.as_deref().map(|parent| self.path(parent)).unwrap_or_default();
        format!("{above}/{name}")
    }

    fn depth(&self, id: &str) -> usize {
        self.path(id).matches('/').count()
    }

    fn is_within(&self, id: &str, tree: &str) -> bool {
        id == tree || self.0[id].1.as_deref().is_some_and(|parent| self.is_within(parent, tree))
    }

    /// How many levels `tree` has.
    fn height(&self, tree: &str) -> usize {
        let within = self.0.keys().filter(|id| self.is_within(id, tree));
        within.map(|id| self.depth(id)).max().unwrap() + 1 - self.depth(tree)
    }

    fn is_taken(&self, name: &str, parent: Option<&str>, but: Option<&str>) -> bool {
        self.0.iter().any(|(id, (known, above))| {
            known == name && above.as_deref() == parent && Some(id.as_str()) != but
        })
    }

    /// A name that is taken is found first.
    fn add(&self, name: &str, parent: Option<&str>) -> u16 {
        let depth = parent.map_or(0, |parent| self.depth(parent));
        match (self.is_taken(name, parent, None), depth == MAX_GROUP_DEPTH) {
            (true, _) => 409,
            (false, true) => 400,
            (false, false) => 201,
        }
    }

    fn relocate(&self, id: &str, parent: Option<&str>) -> u16 {
        if self.0[id].1.as_deref() == parent || parent == Some(id) {
            return 204;
        }
        let depth = parent.map_or(0, |parent| self.depth(parent));
        let is_circle = parent.is_some_and(|parent| self.is_within(parent, id));
        let is_too_deep = depth + self.height(id) > MAX_GROUP_DEPTH;
        match (self.is_taken(&self.0[id].0, parent, Some(id)), is_circle || is_too_deep) {
            (true, _) => 409,
            (false, true) => 400,
            (false, false) => 204,
        }
    }
}

/// Numbers that look random and are the same in every run.
struct Dice(u64);

impl Dice {
    fn below(&mut self, bound: usize) -> usize {
        self.0 =
            self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(self.0 >> 33).unwrap() % bound
    }

    /// Any of them.
    fn pick(&mut self, model: &Model) -> Option<String> {
        let ids: Vec<&String> = model.0.keys().collect();
        if ids.is_empty() { None } else { Some(ids[self.below(ids.len())].clone()) }
    }

    /// Where to put something: often as deep as there is, sometimes at the top.
    fn place(&mut self, model: &Model) -> Option<String> {
        match self.below(6) {
            0 => None,
            1 | 2 => model.0.keys().max_by_key(|id| model.depth(id)).cloned(),
            _ => self.pick(model),
        }
    }
}

/// The tree and what it should be. Each change answers what it was, what came of
/// it and what should have.
struct Trial {
    grove: Grove,
    model: Model,
}

type Outcome = (&'static str, u16, u16);

impl Trial {
    fn delete(&mut self, id: &str) -> Outcome {
        let answer = self.grove.delete(&format!("/groups/{id}"));
        let model = &self.model;
        let gone: Vec<_> = model.0.keys().filter(|one| model.is_within(one, id)).cloned().collect();
        for id in &gone {
            self.model.0.remove(id);
        }
        ("delete", answer.status.as_u16(), 204)
    }

    fn rename(&mut self, id: &str, name: &str) -> Outcome {
        let parent = self.model.0[id].1.clone();
        let taken = self.model.is_taken(name, parent.as_deref(), Some(id));
        let answer = self.grove.put(&format!("/groups/{id}"), &json!({ "name": name }));
        if !taken {
            self.model.0.insert(id.to_owned(), (name.to_owned(), parent));
        }
        ("rename", answer.status.as_u16(), if taken { 409 } else { 204 })
    }

    fn relocate(&mut self, id: &str, parent: Option<String>) -> Outcome {
        let expected = self.model.relocate(id, parent.as_deref());
        let answer = self.grove.relocate(id, parent.as_deref());
        if expected == 204 && parent.as_deref() != Some(id) {
            self.model.0.get_mut(id).unwrap().1 = parent;
        }
        ("move", answer.status.as_u16(), expected)
    }

    fn add(&mut self, name: &str, parent: Option<String>) -> Outcome {
        let expected = self.model.add(name, parent.as_deref());
        let below = |id: &String| format!("/groups/{id}/children");
        let path = parent.as_ref().map_or("/groups".to_owned(), below);
        let answer = self.grove.post(&path, &json!({ "name": name }));
        if answer.status == 201 {
            let id = answer.location().rsplit('/').next().unwrap().to_owned();
            self.model.0.insert(id, (name.to_owned(), parent));
        }
        ("add", answer.status.as_u16(), expected)
    }

    fn assert_same(&self, when: &str) {
        let model = &self.model;
        let wanted: BTreeMap<String, String> =
            model.0.keys().map(|id| (id.clone(), model.path(id))).collect();
        assert_eq!(self.grove.paths(), wanted, "{when}");
        let pairs: usize = model.0.keys().map(|id| model.depth(id)).sum();
        let kept = self.grove.count("SELECT count(*) AS total FROM group_above");
        assert_eq!(usize::try_from(kept).unwrap(), pairs, "{when}");
        let count = self.grove.read("/groups/count")["count"].as_u64().unwrap();
        assert_eq!(usize::try_from(count).unwrap(), model.0.len(), "{when}");
    }
}

/// Few names, so that they collide.
#[test]
fn the_tree_is_what_a_simple_model_says_whatever_is_done_to_it() {
    let mut trial = Trial { grove: Grove::new(), model: Model::default() };
    let mut dice = Dice(7);
    let mut seen: BTreeMap<(&str, u16), u32> = BTreeMap::new();
    for step in 0..200 {
        let name = ["ea", "eb", "ec"][dice.below(3)];
        let (one, place) = (dice.pick(&trial.model), dice.place(&trial.model));
        let (what, status, expected) = match (dice.below(12), one) {
            (0, Some(id)) if trial.model.height(&id) < 3 => trial.delete(&id),
            (1, Some(id)) => trial.rename(&id, name),
            (2..=4, Some(id)) => trial.relocate(&id, place),
            _ => trial.add(name, place),
        };
        let when = format!("step {step}: {what}");
        assert_eq!(status, expected, "{when}");
        trial.assert_same(&when);
        *seen.entry((what, status)).or_default() += 1;
    }
    let cases = [("add", 400), ("add", 409), ("move", 204), ("move", 400), ("move", 409)];
    for case in cases.into_iter().chain([("rename", 409), ("delete", 204)]) {
        assert!(seen.contains_key(&case), "{case:?} never came up: {seen:?}");
    }
}
