//! `/admin/realms/{realm}/organizations` (reference keycloak.md §1.1 to 1.3): what is
//! made, read, changed and found.
use crate::admin_setup::{holder_of, made, names};
use crate::harness::browser::{Answer, json_request};
use crate::harness::world::World;
use crate::org_setup::{Granite, NOBODY};
use crate::organization_search::query;
use crate::scim_setup::{admin, travel0};
use http::Method;
use serde_json::{Value, json};

const SAME_NAME: &str = "A organization with the same name already exists.";

pub const ALL: &str = "/admin/realms/travel0/organizations";

/// The status, and the member `errorMessage` or `error`.
pub fn told(answer: &Answer) -> (u16, String) {
    let body = answer.json();
    let words = [&body["errorMessage"], &body["error"]].into_iter().find_map(Value::as_str);
    (answer.status.as_u16(), words.unwrap_or_default().to_owned())
}

pub fn refused(status: u16, words: &str) -> (u16, String) {
    (status, words.to_owned())
}

/// Travel0, and who administers every realm.
struct Shelf {
    world: World,
    admin: String,
}

impl Shelf {
    fn new() -> Self {
        let world = travel0();
        let admin = admin(&world);
        Self { world, admin }
    }

    fn post(&self, body: &Value) -> Answer {
        self.world.post(ALL, &self.admin, body)
    }

    fn make(&self, body: &Value) -> String {
        made(&self.post(body))
    }

    fn put(&self, org: &str, body: &Value) -> Answer {
        self.world.put(&format!("{ALL}/{org}"), &self.admin, body)
    }

    fn change(&self, org: &str, body: &Value) {
        let done = self.put(org, body);
        assert_eq!((done.status.as_u16(), done.text.as_str()), (204, ""), "{body}");
    }

    fn read(&self, org: &str) -> Value {
        let answer = self.world.get(&format!("{ALL}/{org}"), &self.admin);
        assert_eq!(answer.status, 200, "{answer:?}");
        answer.json()
    }

    fn list(&self, fields: &[(&str, &str)]) -> Value {
        let answer = self.world.get(&query(ALL, fields), &self.admin);
        assert_eq!(answer.status, 200, "{fields:?}: {answer:?}");
        answer.json()
    }

    /// The names that `fields` find; the count must agree.
    fn found(&self, fields: &[(&str, &str)]) -> Vec<String> {
        let list = self.list(&[fields, &[("max", "-1")]].concat());
        let names: Vec<_> = names(&list).into_iter().map(str::to_owned).collect();
        let count = self.world.get(&query(&format!("{ALL}/count"), fields), &self.admin);
        assert_eq!(count.json(), json!(names.len()), "{fields:?}");
        names
    }
}

#[test]
fn an_organization_is_made_read_changed_and_deleted() {
    let shelf = Shelf::new();
    let body = json!({
        "id": "passed-over", "name": "Blue River", "alias": "blue", "description": "Kayaks",
        "redirectUrl": "https://blue.example/in?a=b", "attributes": { "plan": ["pro", "trial"] },
        "domains": [{ "name": "Blue.Example", "verified": false }],
    });

    let answer = shelf.post(&body);

    let id = made(&answer);
    assert!(answer.location().ends_with(&format!("{ALL}/{id}")) && id != "passed-over");
    let mut blue = json!({
        "id": id, "name": "Blue River", "alias": "blue", "enabled": true, "description": "Kayaks",
        "redirectUrl": "https://blue.example/in?a=b", "attributes": { "plan": ["pro", "trial"] },
        "domains": [{ "name": "blue.example", "verified": false }],
    });
    assert_eq!(shelf.read(&id), blue);
    blue.as_object_mut().unwrap().remove("attributes");
    assert_eq!(shelf.list(&[("search", "river")]), json!([blue]));

    shelf.change(&id, &json!({ "name": "Blue", "alias": "blue", "enabled": false }));

    let left = json!({
        "id": id, "name": "Blue", "alias": "blue", "enabled": false,
        "attributes": { "plan": ["pro", "trial"] },
    });
    assert_eq!(shelf.read(&id), left, "all is emptied but for the attributes");
    assert_eq!(shelf.list(&[("search", "blue"), ("briefRepresentation", "false")]), json!([left]));
    shelf.change(&id, &json!({ "name": "Blue", "alias": "blue", "attributes": {} }));
    assert_eq!(shelf.read(&id)["attributes"], json!({}));
    assert_eq!(shelf.read(&id)["enabled"], true, "on, unless it is said");

    let path = format!("{ALL}/{id}");
    assert_eq!(shelf.world.delete(&path, &shelf.admin).status, 204);
    for answer in [
        shelf.world.delete(&path, &shelf.admin),
        shelf.world.get(&path, &shelf.admin),
        shelf.put(&id, &json!({ "name": "Blue", "alias": "blue" })),
    ] {
        assert_eq!(told(&answer), refused(404, "Organization not found."));
    }
    assert_eq!(shelf.found(&[("search", "blue")]), [""; 0]);
}

#[test]
fn nobody_comes_with_it() {
    let shelf = Shelf::new();
    let config = shelf.world.put("/realms/travel0/orgs/config", &shelf.admin, &json!({}));
    assert_eq!(config.json()["createAdminUserEnabled"], true);
    let id = shelf.make(&json!({ "name": "lonely" }));
    let members = format!("/realms/travel0/orgs/{id}/members");
    assert_eq!(shelf.world.get(&members, &shelf.admin).json(), json!([]));
}

#[test]
fn an_empty_description_is_kept_and_an_empty_url_is_not() {
    let shelf = Shelf::new();
    let id =
        shelf.make(&json!({ "name": "x", "description": "", "redirectUrl": "", "domains": [] }));
    let bare = json!({ "id": id, "name": "x", "alias": "x", "enabled": true, "description": "", "attributes": {} });
    assert_eq!(shelf.read(&id), bare);
}

#[test]
fn what_cannot_be_is_refused_in_keycloaks_words() {
    let shelf = Shelf::new();
    shelf.make(&json!({ "name": "Taken", "alias": "taken" }));
    let before = shelf.list(&[]);
    let cases = [
        (json!({}), 400, "Name can not be null"),
        (json!({ "name": " " }), 400, "Name can not be null"),
        (
            json!({ "name": "Taken", "alias": "other" }),
            409,
            "A organization with the same name already exists.",
        ),
        (
            json!({ "name": "Other", "alias": "taken" }),
            409,
            "A organization with the same alias already exists",
        ),
        (json!({ "name": "a", "alias": "a/b" }), 400, "Character '/' not allowed."),
        (json!({ "name": "a", "alias": "a b" }), 400, "Empty Space not allowed."),
        (json!({ "name": "A & B" }), 400, "Name cannot be used as alias: Empty Space not allowed."),
        (
            json!({ "name": "a", "domains": [{ "name": "granite-outpost.example" }] }),
            400,
            "Domain granite-outpost.example is already linked to organization granite-outpost in realm travel0",
        ),
        (
            json!({ "name": "a", "domains": [{ "name": "*.example" }] }),
            400,
            "Invalid domain format: *.example",
        ),
        (json!({ "name": "a", "domains": [{}] }), 400, "Invalid domain format: "),
        (
            json!({ "name": "a", "members": [{}] }),
            400,
            "members are not made with the organization, but by their own paths",
        ),
    ];
    for (body, status, words) in cases {
        assert_eq!(told(&shelf.post(&body)), refused(status, words), "{body}");
    }
    let unknown = shelf.post(&json!({ "name": "a", "colour": "red" }));
    assert!(told(&unknown).1.contains("Unrecognized field \"colour\""), "{unknown:?}");
    for c in "!#$&()*+,/:;=?@[]\\".chars() {
        let answer = shelf.post(&json!({ "name": "a", "alias": format!("a{c}") }));
        assert_eq!(told(&answer), refused(400, &format!("Character '{c}' not allowed.")));
    }
    let empty = shelf.world.send(json_request(Method::POST, ALL, &shelf.admin, None));
    assert_eq!(told(&Answer::new(empty)), refused(400, "Organization cannot be null."));
    assert_eq!(shelf.list(&[]), before);
}

#[test]
fn a_change_that_cannot_be_changes_nothing() {
    let shelf = Shelf::new();
    let id = shelf.make(&json!({ "name": "Blue", "alias": "blue", "description": "x" }));
    let before = shelf.read(&id);
    let cases = [
        (json!({ "alias": "blue" }), 409, SAME_NAME),
        (json!({ "name": "granite-outpost", "alias": "blue" }), 409, SAME_NAME),
        (json!({ "name": "Blue" }), 400, "Cannot change the alias"),
        (json!({ "name": "Blue", "alias": "green" }), 400, "Cannot change the alias"),
        (json!({ "name": "Blue", "alias": "a b" }), 400, "Cannot change the alias"),
        (
            json!({ "name": "Blue", "alias": "blue", "domains": [{ "name": "ADVENTUREZ.example" }] }),
            400,
            "Domain adventurez.example is already linked to organization adventurez in realm travel0",
        ),
    ];
    for (body, status, words) in cases {
        assert_eq!(told(&shelf.put(&id, &body)), refused(status, words), "{body}");
        assert_eq!(shelf.read(&id), before, "{body}");
    }
}

/// Keycloak #51138: a link of our pages leads there.
#[test]
fn a_redirect_url_is_a_page_of_the_web() {
    let shelf = Shelf::new();
    let id = shelf.make(&json!({ "name": "x" }));
    let of = |url: &str| json!({ "name": "x", "redirectUrl": url });
    for url in [
        "javascript:alert(1)",
        "JaVaScRiPt:alert(1)",
        " javascript:alert(1)",
        "data:text/html,x",
        "vbscript:x",
        "file:///etc/passwd",
        "ftp://x.example",
        "app://x",
        "//x.example",
        "/x",
        "x",
        "https://",
        "http:",
        "https://a:b@x.example",
        "https://a@x.example",
        "https://x.example/\n",
        "https://x.example/ y",
        "https:\\\\x.example",
        "https://x.example\\@y.example",
        "java\nscript:alert(1)",
    ] {
        for answer in
            [shelf.put(&id, &of(url)), shelf.post(&json!({ "name": "y", "redirectUrl": url }))]
        {
            let words = "Organization redirect URL is not valid.";
            assert_eq!(told(&answer), refused(400, words), "{url}");
        }
    }
    for url in ["https://x.example", "http://localhost:3000/in?a=b#c", "https://ü.example/"] {
        shelf.change(&id, &of(url));
        assert_eq!(shelf.read(&id)["redirectUrl"], url);
    }
}

#[test]
fn organizations_are_found_by_name_and_domain_but_not_by_alias() {
    let shelf = Shelf::new();
    for (name, alias, domain) in [
        ("Blue River", "kayaks", "paddle.example"),
        ("Red River", "rafts", "*.dry.example"),
        ("ÜBER", "over", "über.example"),
    ] {
        shelf.make(&json!({ "name": name, "alias": alias, "domains": [{ "name": domain }] }));
    }
    let cases: &[(&str, &[&str])] = &[
        ("RIVER", &["Blue River", "Red River"]),
        ("paddle", &["Blue River"]),
        ("PADDLE.EX", &["Blue River"]),
        ("dd", &["Blue River"]),
        ("*.", &["Red River"]),
        ("über", &["ÜBER"]),
        ("kayaks", &[]),
        ("over", &[]),
        ("Outpost\u{201d}", &[]),
        // A display name is Phase Two's.
        ("High Adventures", &[]),
        ("\"", &[]),
    ];
    for (search, wanted) in cases {
        assert_eq!(shelf.found(&[("search", search)]), *wanted, "{search}");
    }
    let exact: &[(&str, &[&str])] = &[
        ("Blue River", &["Blue River"]),
        ("blue river", &[]),
        ("River", &[]),
        ("Paddle.Example", &["Blue River"]),
        ("paddle", &[]),
        ("kayaks", &[]),
    ];
    for (search, wanted) in exact {
        assert_eq!(shelf.found(&[("search", search), ("exact", "true")]), *wanted, "{search}");
    }
    let all = shelf.found(&[]);
    assert_eq!(
        all,
        ["Blue River", "Red River", "adventurez", "granite-outpost", "rocky-mountain", "ÜBER"]
    );
    assert_eq!(shelf.found(&[("search", "")]), all);
}

#[test]
fn attributes_come_before_names() {
    let shelf = Shelf::new();
    shelf.make(&json!({ "name": "a", "attributes": { "plan": ["pro"], "at": ["x"] } }));
    shelf.make(&json!({ "name": "b", "attributes": { "plan": ["pro"] } }));
    assert_eq!(shelf.found(&[("q", "plan:pro")]), ["a", "b"]);
    assert_eq!(shelf.found(&[("q", "plan:pro at:x")]), ["a"]);
    assert_eq!(shelf.found(&[("q", "plan:pro"), ("search", "granite")]), ["a", "b"]);
    assert_eq!(shelf.found(&[("q", "plan:pr")]), [""; 0]);
    let bad = shelf.world.get(&query(ALL, &[("q", "plan")]), &shelf.admin);
    assert_eq!(bad.status, 400);
}

#[test]
fn a_page_has_ten_and_the_order_of_bytes() {
    let shelf = Shelf::new();
    for number in 0..12 {
        shelf.make(&json!({ "name": format!("page {number:02}"), "alias": format!("p{number}") }));
    }
    let list = |fields: &[(&str, &str)]| {
        let list = shelf.list(&[&[("search", "page ")], fields].concat());
        names(&list).iter().map(|name| name[5..].to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(list(&[]).len(), 10);
    assert_eq!(list(&[("first", "10")]), ["10", "11"]);
    assert_eq!(list(&[("max", "2")]), ["00", "01"]);
    assert_eq!(list(&[("first", "3"), ("max", "2")]), ["03", "04"]);
    assert_eq!(list(&[("max", "-1")]).len(), 12);
    assert_eq!(list(&[("first", "-1"), ("max", "1")]), ["00"]);
    for bad in ["first=x", "max=x"] {
        assert_eq!(shelf.world.get(&format!("{ALL}?{bad}"), &shelf.admin).status, 400);
    }
}

#[test]
fn those_that_use_a_provider_are_found_by_its_alias() {
    let granite = Granite::new();
    let made = granite.post("/idps", &json!({ "alias": "own", "providerId": "oidc" }));
    assert_eq!(made.status, 201, "{made:?}");
    for (alias, wanted) in [("own", vec!["granite-outpost"]), ("none", vec![]), ("Own", vec![])] {
        let path = query(ALL, &[("identityProvider", alias)]);
        assert_eq!(names(&granite.world.get(&path, &granite.admin).json()), wanted);
        let path = query(&format!("{ALL}/count"), &[("identityProvider", alias)]);
        assert_eq!(granite.world.get(&path, &granite.admin).json(), json!(wanted.len()));
    }
    let both = [("identityProvider", "own"), ("search", "rocky")];
    assert_eq!(granite.world.get(&query(ALL, &both), &granite.admin).json(), json!([]));
}

#[test]
fn a_members_organizations_are_listed_and_of_nobody_there_are_none() {
    let granite = Granite::new();
    let of = |user: &str| format!("{ALL}/members/{user}/organizations");
    let emilio = granite.id_of("emilio");
    let list = granite.world.get(&of(emilio.as_str()), &granite.admin);
    assert_eq!(names(&list.json()), ["granite-outpost", "rocky-mountain"]);
    assert_eq!(list.json()[0].get("attributes"), None);
    let full = query(&of(emilio.as_str()), &[("briefRepresentation", "false")]);
    assert_eq!(granite.world.get(&full, &granite.admin).json()[0]["attributes"], json!({}));

    let loner = granite.make_user("loner", ["Lo", "Ner"]);
    let none = granite.world.get(&of(loner.as_str()), &granite.admin);
    assert_eq!((none.status.as_u16(), none.json()), (200, json!([])));
    for user in [NOBODY, "no*id"] {
        let answer = granite.world.get(&of(user), &granite.admin);
        assert_eq!(told(&answer), refused(404, "User does not exist"));
    }
}

#[test]
fn the_old_prefix_and_a_slash_at_the_end_lead_there_too() {
    let shelf = Shelf::new();
    for path in [format!("/auth{ALL}"), format!("{ALL}/"), format!("/auth{ALL}/count")] {
        assert_eq!(shelf.world.get(&path, &shelf.admin).status, 200, "{path}");
    }
}

#[test]
fn an_unknown_organization_is_told_to_who_may_see_them() {
    let world = travel0();
    let path = format!("{ALL}/{NOBODY}");
    let sees = holder_of(&world, &["view-organizations"]);
    for (token, answer) in [
        (sees, refused(404, "Organization not found.")),
        (holder_of(&world, &["query-organizations"]), refused(403, "HTTP 403 Forbidden")),
        (holder_of(&world, &["view-realm"]), refused(403, "HTTP 403 Forbidden")),
    ] {
        assert_eq!(told(&world.get(&path, &token)), answer);
    }
    assert_eq!(
        told(&world.get("/admin/realms/none/organizations", "")),
        refused(404, "Realm not found.")
    );
}
