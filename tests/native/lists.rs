//! Every list that is read in pages: first page, last page, past the end, sizes
//! that are none, an order that an insertion does not disturb, and hostile
//! `search` words.
use crate::admin_groups::plant;
use crate::admin_setup::{TRAVEL0, client_uuid, make_client};
use crate::harness::browser::form;
use crate::harness::world::World;
use crate::org_setup::Granite;
use crate::organizations::token_of;
use crate::scim_setup::Directory;
use guildhall::kernel::time::Seconds;
use serde_json::{Value, json};
use std::collections::HashSet;
use std::fs;
use std::path::Path;

/// A list of docs/api.md.
struct List {
    /// As the document writes it.
    row: &'static str,
    /// Where it is, and whose token reads it.
    place: fn(&Granite) -> (String, String),
    /// Puts one more thing into it.
    add: fn(&Granite, usize),
    /// Whether it takes `search`.
    searched: bool,
}

/// Where a list grows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Growth {
    /// Behind everything that was there.
    AtTheEnd,
    /// Before everything that was there.
    AtTheStart,
    /// Where its name belongs.
    Anywhere,
}

/// Told of as "the same" as the roles of a realm.
const ROLES_OF_CLIENT: &str = "/admin/realms/{realm}/clients/{client}/roles";

const LISTS: &[List] = &[
    List {
        row: "/realms/{realm}/orgs",
        place: |granite| at(granite, "/realms/travel0/orgs"),
        add: |granite, number| {
            make_org(granite, number);
        },
        searched: true,
    },
    List {
        row: "/realms/{realm}/orgs/me",
        place: |granite| ("/realms/travel0/orgs/me".to_owned(), token_of(&granite.world, "emilio")),
        add: join,
        searched: false,
    },
    List {
        row: "/realms/{realm}/users/{user}/orgs",
        place: |granite| at(granite, &format!("/realms/travel0/users/{}/orgs", emilio(granite))),
        add: join,
        searched: false,
    },
    List {
        row: "/realms/{realm}/orgs/{org}/members",
        place: |granite| at(granite, &granite.path("/members")),
        add: |granite, number| {
            granite.make_member(&format!("member-{number}"), ["Mem", "Ber"]);
        },
        searched: true,
    },
    List {
        row: "/realms/{realm}/orgs/{org}/roles/{role}/users",
        place: |granite| at(granite, &granite.path("/roles/view-members/users")),
        add: |granite, number| {
            let id = granite.make_member(&format!("viewer-{number}"), ["View", "Er"]);
            let granted = granite.put(&format!("/roles/view-members/users/{id}"), &Value::Null);
            assert_eq!(granted.status, 201, "{granted:?}");
        },
        searched: false,
    },
    List {
        row: "/realms/{realm}/orgs/{org}/invitations",
        place: |granite| at(granite, &granite.path("/invitations")),
        add: |granite, number| {
            let body = json!({ "email": format!("guest-{number}@mail.example"), "send": false });
            assert_eq!(granite.post("/invitations", &body).status, 201);
        },
        searched: true,
    },
    List {
        row: "/realms/{realm}/orgs/{org}/scim/log",
        place: |granite| at(granite, &granite.path("/scim/log")),
        add: |granite, _| {
            let body = crate::scim_setup::shared_secret();
            granite.post("/scim", &body);
            let directory = Directory::at(&granite.world, granite.org.clone());
            assert_eq!(directory.get("/Users").status, 200);
        },
        searched: false,
    },
    List {
        row: "/admin/realms/{realm}/identity-provider/instances",
        place: |granite| at(granite, &format!("{TRAVEL0}/identity-provider/instances")),
        add: |granite, number| {
            let body = json!({ "alias": format!("provider-{number}"), "providerId": "oidc" });
            post(granite, "/identity-provider/instances", &body);
        },
        searched: true,
    },
    List {
        row: "/admin/realms/{realm}/clients",
        place: |granite| at(granite, &format!("{TRAVEL0}/clients")),
        add: |granite, number| {
            let body = json!({ "clientId": format!("client-{number}") });
            make_client(&granite.world, TRAVEL0, &body);
        },
        searched: false,
    },
    List {
        row: "/admin/realms/{realm}/clients/{client}/user-sessions",
        place: |granite| {
            let client = client_uuid(&granite.world, TRAVEL0, "travel0-web");
            at(granite, &format!("{TRAVEL0}/clients/{client}/user-sessions"))
        },
        add: |granite, _| {
            token_of(&granite.world, "hiroko");
            granite.world.pass(Seconds(1));
            granite.world.deliver_queue();
        },
        searched: false,
    },
    List {
        row: "/admin/realms/{realm}/roles",
        place: |granite| at(granite, &format!("{TRAVEL0}/roles")),
        add: |granite, number| {
            post(granite, "/roles", &json!({ "name": format!("role-{number}") }));
        },
        searched: true,
    },
    List {
        row: ROLES_OF_CLIENT,
        place: |granite| at(granite, &format!("{TRAVEL0}{}", client_roles(granite))),
        add: |granite, number| {
            post(granite, &client_roles(granite), &json!({ "name": format!("role-{number}") }));
        },
        searched: true,
    },
    List {
        row: "/users",
        place: |granite| at(granite, &format!("{TRAVEL0}/users")),
        add: |granite, number| {
            granite.make_user(&format!("somebody-{number}"), ["Some", "Body"]);
        },
        searched: true,
    },
    List {
        row: "/groups",
        place: |granite| at(granite, &format!("{TRAVEL0}/groups")),
        add: |granite, number| {
            post(granite, "/groups", &json!({ "name": format!("group-{number}") }));
        },
        searched: true,
    },
    List {
        row: "/groups/{group}/children",
        place: |granite| at(granite, &format!("{TRAVEL0}/groups/{}/children", group(granite))),
        add: |granite, number| {
            let path = format!("/groups/{}/children", group(granite));
            post(granite, &path, &json!({ "name": format!("child-{number}") }));
        },
        searched: true,
    },
    List {
        row: "/groups/{group}/members",
        place: |granite| at(granite, &format!("{TRAVEL0}/groups/{}/members", group(granite))),
        add: |granite, number| {
            let id = granite.make_user(&format!("member-{number}"), ["Mem", "Ber"]);
            put(granite, &format!("/users/{id}/groups/{}", group(granite)));
        },
        searched: false,
    },
    List {
        row: "/users/{user}/groups",
        place: |granite| at(granite, &format!("{TRAVEL0}/users/{}/groups", emilio(granite))),
        add: |granite, number| {
            let id = plant(&granite.world, &granite.admin, &format!("group-{number}"));
            put(granite, &format!("/users/{}/groups/{id}", emilio(granite)));
        },
        searched: true,
    },
    List {
        row: "/roles/{role}/groups",
        place: |granite| at(granite, &format!("{TRAVEL0}/roles/grouped/groups")),
        add: |granite, number| {
            let id = plant(&granite.world, &granite.admin, &format!("group-{number}"));
            let body = json!({ "name": "grouped" });
            granite.world.post(&format!("{TRAVEL0}/roles"), &granite.admin, &body);
            let role =
                granite.world.get(&format!("{TRAVEL0}/roles/grouped"), &granite.admin).json();
            let path = format!("{TRAVEL0}/groups/{id}/role-mappings/realm");
            let granted = granite.world.post(&path, &granite.admin, &json!([role]));
            assert_eq!(granted.status, 204, "{granted:?}");
        },
        searched: false,
    },
    List {
        row: "/groups",
        place: |granite| at(granite, &groups_of_org(granite)),
        add: |granite, number| {
            plant_in_org(granite, "", &format!("group-{number}"));
        },
        searched: true,
    },
    List {
        row: "/groups/{group}/children",
        place: |granite| {
            at(granite, &format!("{}/{}/children", groups_of_org(granite), group_of_org(granite)))
        },
        add: |granite, number| {
            let place = format!("/{}/children", group_of_org(granite));
            plant_in_org(granite, &place, &format!("child-{number}"));
        },
        searched: true,
    },
    List {
        row: "/groups/{group}/members",
        place: |granite| {
            at(granite, &format!("{}/{}/members", groups_of_org(granite), group_of_org(granite)))
        },
        add: |granite, number| {
            let id = granite.make_user(&format!("seated-{number}"), ["Sea", "Ted"]);
            let joined = granite.put(&format!("/members/{id}"), &Value::Null);
            assert_eq!(joined.status, 201, "{joined:?}");
            seat(granite, &group_of_org(granite), id.as_str());
        },
        searched: false,
    },
    List {
        row: "/identity-providers/{alias}/groups",
        place: |granite| {
            let alias = json!({ "alias": "listed", "providerId": "oidc" });
            let path = format!("{TRAVEL0}/identity-provider/instances");
            granite.world.post(&path, &granite.admin, &alias);
            let word = json!("listed");
            granite.ask(http::Method::POST, "/identity-providers", Some(&word));
            at(granite, &granite.admin_path("/identity-providers/listed/groups"))
        },
        add: |granite, number| {
            plant_in_org(granite, "", &format!("group-{number}"));
        },
        searched: true,
    },
    List {
        row: "/members",
        place: |granite| at(granite, &granite.admin_path("/members")),
        add: |granite, number| {
            granite.make_member(&format!("listed-{number}"), ["Lis", "Ted"]);
        },
        searched: true,
    },
    List {
        row: "/invitations",
        place: |granite| at(granite, &granite.admin_path("/invitations")),
        add: |granite, number| {
            let body = json!({ "email": format!("invited-{number}@mail.example") });
            assert_eq!(granite.post("/invitations", &body).status, 201);
            granite.world.advance(Seconds(1));
        },
        searched: true,
    },
    List {
        row: "/organizations",
        place: |granite| at(granite, &format!("{TRAVEL0}/organizations")),
        add: |granite, number| {
            make_org(granite, number);
        },
        searched: true,
    },
    List {
        row: "/members/{user}/groups",
        place: |granite| {
            let org = format!("{TRAVEL0}/organizations/{}", granite.org);
            at(granite, &format!("{org}/members/{}/groups", emilio(granite)))
        },
        add: |granite, number| {
            let id = plant_in_org(granite, "", &format!("group-{number}"));
            seat(granite, &id, &emilio(granite));
        },
        searched: true,
    },
    List {
        row: "/roles",
        place: |granite| at(granite, &roles_of_org(granite)),
        add: |granite, number| {
            own_role(granite, &format!("own-{number}"));
        },
        searched: true,
    },
    List {
        row: "/roles/{role_id}/users",
        place: |granite| {
            let path = format!("{}/{}/users", roles_of_org(granite), own_role(granite, "shelf"));
            at(granite, &path)
        },
        add: |granite, number| {
            let id = granite.make_user(&format!("holds-{number}"), ["Hol", "Der"]);
            assert_eq!(granite.put(&format!("/members/{id}"), &Value::Null).status, 201);
            own_role(granite, "shelf");
            let granted = granite.put(&format!("/roles/shelf/users/{id}"), &Value::Null);
            assert_eq!(granted.status, 201, "{granted:?}");
        },
        searched: false,
    },
    List {
        row: "/admin-events",
        place: |granite| at(granite, &format!("{TRAVEL0}/admin-events")),
        add: |granite, number| {
            post(granite, "/roles", &json!({ "name": format!("evented-{number}") }));
            granite.world.deliver_queue();
        },
        searched: false,
    },
    List {
        row: "/events",
        place: |granite| at(granite, &format!("{TRAVEL0}/events")),
        add: |granite, _| {
            token_of(&granite.world, "hiroko");
            granite.world.deliver_queue();
        },
        searched: false,
    },
];

impl List {
    fn growth(&self) -> Growth {
        match self.row {
            "/realms/{realm}/orgs/{org}/members"
            | "/realms/{realm}/orgs/{org}/invitations"
            | "/invitations" => Growth::AtTheEnd,
            "/events" | "/admin-events" | "/realms/{realm}/orgs/{org}/scim/log" => {
                Growth::AtTheStart
            }
            _ => Growth::Anywhere,
        }
    }

    /// Whether a page is an object, whose members have no order.
    fn is_map(&self) -> bool {
        self.row.ends_with("/me")
    }
}

/// `path`, read by the administrator.
fn at(granite: &Granite, path: &str) -> (String, String) {
    (path.to_owned(), granite.admin.clone())
}

fn emilio(granite: &Granite) -> String {
    granite.id_of("emilio").as_str().to_owned()
}

fn make_org(granite: &Granite, number: usize) -> String {
    let body = json!({ "name": format!("organization {number}") });
    let made = granite.world.post("/realms/travel0/orgs", &granite.admin, &body);
    assert_eq!(made.status, 201, "{made:?}");
    made.location().to_owned()
}

/// Emilio joins one more organization.
fn join(granite: &Granite, number: usize) {
    let member = format!("{}/members/{}", make_org(granite, number), emilio(granite));
    assert_eq!(granite.world.put(&member, &granite.admin, &Value::Null).status, 201);
}

fn post(granite: &Granite, below: &str, body: &Value) {
    let made = granite.world.post(&format!("{TRAVEL0}{below}"), &granite.admin, body);
    assert_eq!(made.status, 201, "{made:?}");
}

fn put(granite: &Granite, below: &str) {
    let done = granite.world.put(&format!("{TRAVEL0}{below}"), &granite.admin, &Value::Null);
    assert_eq!(done.status, 204, "{done:?}");
}

/// The group that things are put into.
fn group(granite: &Granite) -> String {
    let (world, admin) = (&granite.world, granite.admin.as_str());
    let found = world.get(&format!("{TRAVEL0}/group-by-path/shelf"), admin);
    if found.status == 404 {
        return plant(world, admin, "shelf");
    }
    found.json()["id"].as_str().unwrap().to_owned()
}

fn groups_of_org(granite: &Granite) -> String {
    format!("{TRAVEL0}/organizations/{}/groups", granite.org)
}

/// Makes a group of the organization, and gives its id.
fn plant_in_org(granite: &Granite, below: &str, name: &str) -> String {
    let path = format!("{}{below}", groups_of_org(granite));
    let made = granite.world.post(&path, &granite.admin, &json!({ "name": name }));
    assert_eq!(made.status, 201, "{made:?}");
    made.json()["id"].as_str().unwrap().to_owned()
}

/// The group of the organization that things are put into.
fn group_of_org(granite: &Granite) -> String {
    let path = format!("{}/group-by-path/shelf", groups_of_org(granite));
    let found = granite.world.get(&path, &granite.admin);
    if found.status == 404 {
        return plant_in_org(granite, "", "shelf");
    }
    found.json()["id"].as_str().unwrap().to_owned()
}

fn roles_of_org(granite: &Granite) -> String {
    format!("{TRAVEL0}/organizations/{}/roles", granite.org)
}

/// The id of a role of the organization, which is made when it is not there.
fn own_role(granite: &Granite, name: &str) -> String {
    granite.post("/roles", &json!({ "name": name }));
    granite.get(&format!("/roles/{name}")).json()["id"].as_str().unwrap().to_owned()
}

fn seat(granite: &Granite, group: &str, user: &str) {
    let path = format!("{}/{group}/members/{user}", groups_of_org(granite));
    assert_eq!(granite.world.put(&path, &granite.admin, &Value::Null).status, 204);
}

fn client_roles(granite: &Granite) -> String {
    format!("/clients/{}/roles", client_uuid(&granite.world, TRAVEL0, "travel0-web"))
}

/// A list with things in it, and who reads it.
struct Shelf {
    granite: Granite,
    path: String,
    token: String,
}

impl Shelf {
    const THINGS: usize = 5;

    fn of(list: &List) -> Self {
        let granite = Granite::new();
        let heard = json!({ "eventsEnabled": true });
        let path = format!("{TRAVEL0}/events/config");
        assert_eq!(granite.world.put(&path, &granite.admin, &heard).status, 204);
        // There is room before and behind them.
        (1..=Self::THINGS).for_each(|number| (list.add)(&granite, number));
        let (path, token) = (list.place)(&granite);
        Self { granite, path, token }
    }

    fn world(&self) -> &World {
        &self.granite.world
    }

    /// What the list has: each thing as a text.
    fn read(&self, query: &str) -> Vec<String> {
        let answer = self.world().get(&format!("{}?{query}", self.path), &self.token);
        assert_eq!(answer.status, 200, "{} {query}: {answer:?}", self.path);
        match answer.json() {
            Value::Array(things) => things.iter().map(Value::to_string).collect(),
            Value::Object(things) => {
                things.iter().map(|(id, thing)| format!("{id} {thing}")).collect()
            }
            other => panic!("{} {query}: no list: {other}", self.path),
        }
    }

    fn status(&self, query: &[(&str, &str)]) -> u16 {
        let query = form(query);
        let path = format!("{}?{}", self.path, str::from_utf8(&query).unwrap());
        self.world().get(&path, &self.token).status.as_u16()
    }
}

#[test]
fn pages_add_up_to_the_list() {
    for list in LISTS {
        let shelf = Shelf::of(list);
        let whole = shelf.read("max=1000");
        assert!(whole.len() >= Shelf::THINGS, "{}: {whole:?}", list.row);

        let mut pages = Vec::new();
        loop {
            let page = shelf.read(&format!("first={}&max=2", pages.len()));
            assert!(page.len() <= 2, "{}", list.row);
            if page.is_empty() {
                break;
            }
            pages.extend(page);
        }

        if list.is_map() {
            pages.sort();
        }
        assert_eq!(pages, whole, "{}", list.row);
        let distinct: HashSet<&String> = whole.iter().collect();
        assert_eq!(distinct.len(), whole.len(), "{} repeats itself", list.row);
    }
}

#[test]
fn a_page_may_be_empty_huge_or_past_the_end_but_not_a_word() {
    for list in LISTS {
        let shelf = Shelf::of(list);
        let whole = shelf.read("max=1000");
        for (query, expected) in [
            ("first=0&max=0", 0),
            ("first=1000000&max=2", 0),
            ("first=9223372036854775807&max=9223372036854775807", 0),
            ("max=-1", whole.len()),
            ("first=-1&max=2147483647", whole.len()),
            ("first=&max=1", 1),
        ] {
            assert_eq!(shelf.read(query).len(), expected, "{} {query}", list.row);
        }
        for (name, value) in [("first", "one"), ("max", "1.5"), ("max", "99999999999999999999")] {
            assert_eq!(shelf.status(&[(name, value)]), 400, "{} {name}={value}", list.row);
        }
    }
}

#[test]
fn an_insertion_between_two_pages_leaves_the_order_alone() {
    for list in LISTS {
        let shelf = Shelf::of(list);
        let before = shelf.read("max=1000");

        (list.add)(&shelf.granite, Shelf::THINGS + 1);

        let mut after = shelf.read("max=1000");
        assert!(after.len() > before.len(), "{}", list.row);
        after.retain(|thing| before.contains(thing));
        assert_eq!(after, before, "{}", list.row);
    }
}

/// What `first` and `max` promise while others insert: nothing that was there is
/// passed over. What comes in before the place that was reached moves the rest,
/// so that as many are shown twice; a list that grows at its end repeats nothing.
#[test]
fn nothing_is_passed_over_while_things_come_in() {
    for list in LISTS {
        let shelf = Shelf::of(list);
        let before = shelf.read("max=1000");
        let mut seen = shelf.read("first=0&max=2");
        for number in [0, Shelf::THINGS + 2] {
            // What is as old as another comes before or after it.
            shelf.granite.world.advance(Seconds(1));
            (list.add)(&shelf.granite, number);
            seen.extend(shelf.read(&format!("first={}&max=2", seen.len())));
        }
        loop {
            let page = shelf.read(&format!("first={}&max=2", seen.len()));
            if page.is_empty() {
                break;
            }
            seen.extend(page);
        }

        let missing: Vec<_> = before.iter().filter(|thing| !seen.contains(thing)).collect();
        assert!(missing.is_empty(), "{} passes over {missing:?}", list.row);
        let distinct: HashSet<&String> = seen.iter().collect();
        let repeated = seen.len() - distinct.len();
        let inserted = shelf.read("max=1000").len() - before.len();
        assert!(repeated <= inserted, "{} repeats {repeated}", list.row);
        match list.growth() {
            Growth::AtTheEnd => assert_eq!(repeated, 0, "{}", list.row),
            Growth::AtTheStart => assert_eq!(repeated, inserted, "{}", list.row),
            Growth::Anywhere => {}
        }
    }
}

/// What has a meaning to a full-text index, to LIKE, to SQL, to a path or to a
/// reader of text.
const HOSTILE: &[&str] = &[
    "\"",
    "'",
    "%",
    "_",
    "\\",
    "\"\"",
    "' OR 1=1 --",
    "a* OR b*",
    "NEAR(a b)",
    "name:x",
    "-x",
    "^x",
    "(",
    "){",
    ";",
    "\0",
    "\u{202e}",
    "😀",
    "../../..",
    "{0}",
    "%00",
    "NOT",
    "AND",
    "x\" OR \"y",
];

#[test]
fn search_words_are_words_whatever_is_in_them() {
    for list in LISTS.iter().filter(|list| list.searched) {
        let shelf = Shelf::of(list);
        let long = "long ".repeat(2000);
        for word in HOSTILE.iter().copied().chain([long.as_str()]) {
            let status = shelf.status(&[("search", word)]);
            assert!([200, 400].contains(&status), "{} {word:.20?}: {status}", list.row);
            let query = form(&[("search", word), ("max", "1000")]);
            if status == 200 {
                let found = shelf.read(str::from_utf8(&query).unwrap());
                // Quotes alone ask for nothing, and so for everything.
                let fits =
                    word.chars().all(|letter| letter.is_alphabetic() || "_-.\" ".contains(letter));
                assert!(found.is_empty() || fits, "{} {word:?} finds {found:?}", list.row);
            }
        }
    }
}

#[test]
fn every_list_that_is_told_of_is_tried() {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/api.md");
    let document = fs::read_to_string(file).unwrap();
    let mut told: HashSet<&str> = document
        .lines()
        .filter(|line| line.starts_with("| GET") && line.contains("first=&max="))
        .map(|line| line.split('`').nth(1).unwrap())
        .collect();
    told.insert(ROLES_OF_CLIENT);
    let tried: HashSet<&str> = LISTS.iter().map(|list| list.row).collect();
    assert_eq!(told, tried);
}
