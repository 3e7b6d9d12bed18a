//! Requests that nobody would write: filters, paths and bodies that are spoilt at
//! random. Each is answered in SCIM's words, below 500, and in bounded time; no panic
//! is caught anywhere, so one would end the test.
use crate::harness::browser::Answer;
use crate::harness::dice::Dice;
use crate::scim_setup::{Directory, SECRET, fixture, person, travel0};
use bytes::Bytes;
use guildhall::app::worker;
use http::{Method, Request};
use serde_json::{Value, json};
use std::time::{Duration, Instant};

const PATCH_URN: &str = "urn:ietf:params:scim:api:messages:2.0:PatchOp";
const BULK_URN: &str = "urn:ietf:params:scim:api:messages:2.0:BulkRequest";
const SEARCH_URN: &str = "urn:ietf:params:scim:api:messages:2.0:SearchRequest";
const ERROR_URN: &str = "urn:ietf:params:scim:api:messages:2.0:Error";

/// What no request of this size takes, even unoptimized and on a busy machine. What
/// it catches takes minutes, or for ever.
const PATIENCE: Duration = Duration::from_secs(20);

const EXPRESSIONS: usize = 3000;
const BODIES: usize = 1500;

#[expect(clippy::disallowed_methods, reason = "it is the machine's time that is measured")]
fn now() -> Instant {
    Instant::now()
}

/// A directory that sends what it is told.
struct Fuzzer<'a> {
    directory: Directory<'a>,
    /// A user who is there.
    user: String,
    dice: Dice,
}

impl<'a> Fuzzer<'a> {
    fn new(directory: Directory<'a>, seed: u64) -> Self {
        let user = directory.pushed(&person("ann", "ann@granite.example"));
        Self { directory, user, dice: Dice::new(seed) }
    }

    /// Sends `body` as it is, and checks the form of the answer.
    fn send(&self, method: &Method, path: &str, body: &str) -> Answer {
        let uri = format!("{}{}", crate::harness::world::BASE, self.directory.path(path));
        let request = Request::builder()
            .method(method)
            .uri(uri)
            .header("authorization", format!("Bearer {SECRET}"))
            .header("content-type", "application/scim+json")
            .body(Bytes::from(body.to_owned()))
            .unwrap();
        let began = now();
        // Not compared with the description: more is understood than is described.
        let world = self.directory.world;
        let answer = Answer::new(world.run(worker::handle(world.app(), request)));
        let told = || {
            let body: String = body.chars().take(2000).collect();
            format!("{method} {path} {body}\n-> {} {}", answer.status, answer.text)
        };
        assert!(began.elapsed() < PATIENCE, "too slow: {}", told());
        assert!(answer.status.as_u16() < 500, "{}", told());
        if answer.status.as_u16() >= 400 {
            let error = answer.json();
            assert_eq!(error["schemas"], json!([ERROR_URN]), "{}", told());
            assert_eq!(error["status"], answer.status.as_u16().to_string(), "{}", told());
        }
        if !answer.text.is_empty() {
            assert_eq!(answer.header("content-type"), "application/scim+json", "{}", told());
        }
        answer
    }

    /// The service goes on, and what it keeps can be read.
    fn is_well(&self) {
        let listed = self.directory.list(&[("count", "200")]);
        assert_eq!(listed.status, 200, "{listed:?}");
        for user in listed.json()["Resources"].as_array().unwrap() {
            let at = format!("/Users/{}", user["id"].as_str().unwrap());
            let read = self.directory.get(&at);
            assert_eq!((read.status.as_u16(), &read.json()), (200, user));
            assert!(user["userName"].as_str().is_some_and(|name| !name.is_empty()), "{user}");
        }
        assert_eq!(self.directory.count(r#"userName eq "ann""#), 1);
    }

    // ---- text ----

    /// A filter or path of parts that belong to none, or one that is spoilt.
    fn expression(&self) -> String {
        if self.dice.below(2) == 0 {
            let parts = (0..=self.dice.below(14)).map(|_| self.dice.one_of(PARTS));
            let between = self.dice.one_of(&["", " ", "  "]);
            return parts.collect::<Vec<_>>().join(between);
        }
        let mut text: Vec<char> = self.dice.one_of(SOUND).chars().collect();
        for _ in 0..=self.dice.below(4) {
            let at = self.dice.below(text.len().max(1));
            match self.dice.below(4) {
                0 if !text.is_empty() => drop(text.remove(at.min(text.len() - 1))),
                1 => text.insert(at.min(text.len()), self.dice.one_of(LETTERS)),
                2 => text.truncate(at),
                _ => {
                    let copy: Vec<char> = text[at.min(text.len())..].to_vec();
                    text.extend(copy);
                }
            }
        }
        text.into_iter().collect()
    }

    // ---- bodies ----

    /// `value` with a few of its places spoilt.
    fn spoil(&self, value: &Value) -> Value {
        let mut spoilt = value.clone();
        for _ in 0..=self.dice.below(3) {
            self.spoil_one(&mut spoilt);
        }
        spoilt
    }

    fn spoil_one(&self, value: &mut Value) {
        let goes_deeper = self.dice.below(5) > 0;
        match value {
            Value::Object(members) if goes_deeper && !members.is_empty() => {
                let names: Vec<String> = members.keys().cloned().collect();
                let name = self.dice.one_of(&names);
                match self.dice.below(8) {
                    0 => drop(members.remove(&name)),
                    1 => {
                        let moved = members.remove(&name).unwrap_or_default();
                        members.insert(self.key(&name), moved);
                    }
                    2 => drop(members.insert(self.key(&name), self.junk())),
                    _ => self.spoil_one(&mut members[&name]),
                }
            }
            Value::Array(items) if goes_deeper && !items.is_empty() => {
                let at = self.dice.below(items.len());
                match self.dice.below(6) {
                    0 => drop(items.remove(at)),
                    1 => items.push(items[at].clone()),
                    2 => items.push(self.junk()),
                    _ => self.spoil_one(&mut items[at]),
                }
            }
            Value::String(text) if self.dice.below(2) == 0 => {
                *text = match self.dice.below(4) {
                    0 => self.expression(),
                    1 => text.to_uppercase(),
                    2 => format!("{text}{text}"),
                    _ => self.dice.one_of(PARTS).to_owned(),
                };
            }
            other => *other = self.junk(),
        }
    }

    fn key(&self, name: &str) -> String {
        match self.dice.below(5) {
            0 => name.to_uppercase(),
            1 => format!("{name}.value"),
            2 => format!("urn:ietf:params:scim:schemas:core:2.0:User:{name}"),
            3 => self.expression(),
            _ => self.dice.one_of(PARTS).to_owned(),
        }
    }

    fn junk(&self) -> Value {
        match self.dice.below(14) {
            0 => Value::Null,
            1 => json!(self.dice.below(2) == 0),
            2 => json!(i64::MIN),
            3 => json!(u64::MAX),
            4 => json!(1.5e300),
            5 => json!(-1),
            6 => json!(""),
            7 => json!("x".repeat(self.dice.below(5000))),
            8 => json!("\u{0}\u{1f}\u{fffd}\u{10ffff}"),
            9 => json!([]),
            10 => json!({}),
            11 => (0..self.dice.below(60)).fold(json!("deep"), |inner, _| json!([inner])),
            12 => (0..self.dice.below(60)).fold(json!("deep"), |inner, _| json!({ "a": inner })),
            _ => json!([null, {}, [], "x", 1, { "value": null }, { "value": [] }]),
        }
    }

    /// JSON that is cut, doubled or sprinkled.
    fn damage(&self, text: &str) -> String {
        let letters: Vec<char> = text.chars().collect();
        let at = self.dice.below(letters.len() + 1);
        let (start, end) = letters.split_at(at);
        let (start, end) = (start.iter().collect::<String>(), end.iter().collect::<String>());
        match self.dice.below(4) {
            0 => start,
            1 => end,
            2 => format!("{start}{}{end}", self.dice.one_of(LETTERS)),
            _ => format!("{text}{text}"),
        }
    }
}

/// What expressions are made of.
const PARTS: &[&str] = &[
    "userName",
    "emails",
    "emails.value",
    "name.givenName",
    "active",
    "meta.created",
    "members",
    "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:manager",
    "urn:",
    ":",
    "schemas",
    "externalId",
    "id",
    "groups",
    "password",
    "x509Certificates.value",
    "$ref",
    "a-b_c",
    "eq",
    "ne",
    "co",
    "sw",
    "ew",
    "gt",
    "ge",
    "lt",
    "le",
    "pr",
    "and",
    "or",
    "not",
    "(",
    ")",
    "[",
    "]",
    ".",
    "\"x\"",
    "\"\"",
    "\"",
    "\\",
    "\"\\",
    "\"\\u00",
    "\"\\ud800\"",
    "\"\\\"\"",
    "true",
    "False",
    "null",
    "-",
    "1",
    "1e999",
    "-0.0",
    "99999999999999999999",
    "é",
    "日本",
    "\u{202e}",
    "\0",
    "%",
    "_",
    "*",
    "'",
    "--",
    ";",
    "\n",
    "\t",
    "\"2011-05-13T04:42:34Z\"",
    "\"9999-99-99T99:99:99Z\"",
    "\"2011-05-13T04:42:34+99:99\"",
];

const LETTERS: &[char] = &[
    '"',
    '\\',
    '(',
    ')',
    '[',
    ']',
    '{',
    '}',
    '.',
    ',',
    ':',
    ' ',
    'e',
    '0',
    '-',
    '\0',
    'é',
    '日',
    '\u{10ffff}',
    '%',
    '\'',
];

/// Expressions that are sound until they are spoilt.
const SOUND: &[&str] = &[
    r#"userName eq "bjensen""#,
    r#"emails[type eq "work" and value co "@example.com"] or ims[type eq "xmpp"]"#,
    r#"userType eq "Employee" and not (emails co "example.com" or emails.value co "example.org")"#,
    r#"meta.lastModified gt "2011-05-13T04:42:34Z" and title pr"#,
    r#"urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:department sw "Raf""#,
    r#"addresses[type eq "work"].streetAddress"#,
    r#"members[value eq "2819c223-7f76-453a-919d-413861904646"].display"#,
    r#"roles[primary eq "True"].value"#,
];

#[test]
fn filters_and_orders() {
    let world = travel0();
    let fuzzer = Fuzzer::new(Directory::connect(&world, "granite-outpost"), 11);
    for at in 0..EXPRESSIONS {
        let text = fuzzer.expression();
        let name = fuzzer.dice.one_of(&[
            "filter",
            "filter",
            "filter",
            "sortBy",
            "sortOrder",
            "attributes",
            "excludedAttributes",
            "startIndex",
            "count",
            "cursor",
        ]);
        if at % 3 == 0 {
            let body = json!({ "schemas": [SEARCH_URN], name: text }).to_string();
            fuzzer.send(&Method::POST, "/Users/.search", &body);
            continue;
        }
        let path = fuzzer.dice.one_of(&["/Users", "/Users", "/Groups"]);
        let mut query = url::form_urlencoded::Serializer::new(String::new());
        query.append_pair(name, &text);
        fuzzer.send(&Method::GET, &format!("{path}?{}", query.finish()), "");
    }
    fuzzer.is_well();
}

#[test]
fn paths_of_patches() {
    let world = travel0();
    let fuzzer = Fuzzer::new(Directory::connect(&world, "granite-outpost"), 12);
    let other = fuzzer.directory.pushed(&person("ben", "ben@granite.example"));
    for _ in 0..EXPRESSIONS {
        let mut operation = json!({
            "op": fuzzer.dice.one_of(&["add", "Replace", "remove", "move", ""]),
            "path": fuzzer.expression(),
        });
        if fuzzer.dice.below(4) > 0 {
            let values = [
                json!("x"),
                json!(true),
                json!({ "value": "x" }),
                json!([{ "value": "x", "primary": true }]),
                json!(null),
                fuzzer.junk(),
            ];
            operation["value"] = fuzzer.dice.one_of(&values);
        }
        let body = json!({ "schemas": [PATCH_URN], "Operations": [operation] });
        fuzzer.send(&Method::PATCH, &other, &body.to_string());
    }
    fuzzer.is_well();
}

#[test]
fn bodies() {
    let world = travel0();
    let fuzzer = Fuzzer::new(Directory::connect(&world, "granite-outpost"), 13);
    let group = json!({
        "schemas": ["urn:ietf:params:scim:schemas:core:2.0:Group"], "displayName": "Pushed guides",
        "members": [{ "value": fuzzer.user.rsplit('/').next().unwrap(), "type": "User" }],
    });
    let bulk = json!({
        "schemas": [BULK_URN], "failOnErrors": 1,
        "Operations": [
            { "method": "POST", "path": "/Users", "bulkId": "a", "data": person("bulk", "bulk@granite.example") },
            { "method": "POST", "path": "/Groups", "bulkId": "b",
              "data": { "displayName": "Bulk", "members": [{ "value": "bulkId:a" }, { "value": "bulkId:b" }] } },
            { "method": "PATCH", "path": "/Users/bulkId:a", "version": "W/\"1\"",
              "data": { "Operations": [{ "op": "replace", "path": "title", "value": "x" }] } },
            { "method": "DELETE", "path": "/Users/bulkId:a" },
        ],
    });
    let search = json!({
        "schemas": [SEARCH_URN], "attributes": ["userName"], "filter": "userName sw \"a\"",
        "sortBy": "userName", "sortOrder": "descending", "startIndex": 1, "count": 10,
    });
    let sound = [
        (Method::POST, "/Users", fixture!("okta/create_user.json")),
        (Method::POST, "/Users", fixture!("entra/create_user.json")),
        (Method::PUT, "user", fixture!("okta/update_user.json")),
        (Method::PATCH, "user", fixture!("entra/patch_attributes.json")),
        (Method::PATCH, "user", fixture!("entra/patch_multi.json")),
        (Method::PATCH, "user", fixture!("okta/deactivate_user.json")),
        (Method::POST, "/Groups", group.clone()),
        (Method::PUT, "/Groups/nobody", group),
        (Method::POST, "/Bulk", bulk),
        (Method::POST, "/.search", search.clone()),
        (Method::POST, "/Users/.search", search),
    ];
    let other = fuzzer.directory.pushed(&person("ben", "ben@granite.example"));
    for at in 0..BODIES {
        let (method, path, body) = fuzzer.dice.one_of(&sound);
        let path = if path == "user" { other.as_str() } else { path };
        let body = fuzzer.spoil(&body).to_string();
        let body = if at % 5 == 0 { fuzzer.damage(&body) } else { body };
        fuzzer.send(&method, path, &body);
    }
    fuzzer.is_well();
}

/// Depth and length are bounded by limits that are told, not by the stack.
#[test]
fn what_is_deep_or_long_is_refused() {
    let world = travel0();
    let fuzzer = Fuzzer::new(Directory::connect(&world, "granite-outpost"), 14);
    let many = 20_000;
    let deep = |open: &str, close: &str, inner: &str| {
        format!("{}{inner}{}", open.repeat(many), close.repeat(many))
    };
    let filters = [
        deep("(", ")", "title pr"),
        deep("not (", ")", "title pr"),
        deep("emails[", "]", "value pr"),
        "(".repeat(many),
        format!("title pr{}", " and title pr".repeat(many)),
        format!("title eq \"{}\"", "x".repeat(many)),
        "a.".repeat(many),
        format!("{} pr", "a".repeat(many)),
    ];
    for filter in &filters {
        let search = json!({ "schemas": [SEARCH_URN], "filter": filter }).to_string();
        let patch = json!({
            "schemas": [PATCH_URN],
            "Operations": [{ "op": "replace", "path": filter, "value": "x" }],
        });
        // No server reads a longer line than this.
        let encoded: String = encoded(filter).chars().take(60_000).collect();
        let answers = [
            fuzzer.send(&Method::GET, &format!("/Users?filter={encoded}"), ""),
            fuzzer.send(&Method::POST, "/Users/.search", &search),
            fuzzer.send(&Method::PATCH, &fuzzer.user, &patch.to_string()),
        ];
        for answer in answers {
            assert!([400, 413, 414].contains(&answer.status.as_u16()), "{answer:?}");
        }
    }
    let bodies = [
        "[".repeat(many),
        deep("[", "]", "1"),
        deep("{\"a\":", "}", "1"),
        format!("{{\"userName\":\"x\",\"name\":{}}}", deep("{\"name\":", "}", "1")),
        format!("{{\"userName\":\"{}\"}}", "x".repeat(4_000_000)),
    ];
    for body in &bodies {
        for (method, path) in [
            (Method::POST, "/Users"),
            (Method::PUT, &fuzzer.user),
            (Method::PATCH, &fuzzer.user),
            (Method::POST, "/Bulk"),
        ] {
            let answer = fuzzer.send(&method, path, body);
            assert!(
                [400, 413].contains(&answer.status.as_u16()),
                "{method} {path}: {}",
                answer.status
            );
        }
    }
    fuzzer.is_well();
}

fn encoded(text: &str) -> String {
    url::form_urlencoded::byte_serialize(text.as_bytes()).collect()
}

/// Many operations on many values take time as their number, not as its square.
#[test]
fn many_operations_on_many_values_end() {
    let world = travel0();
    let fuzzer = Fuzzer::new(Directory::connect(&world, "granite-outpost"), 15);
    let values = |count: usize| -> Vec<Value> {
        (0..count).map(|at| json!({ "type": "other", "value": format!("v{at}") })).collect()
    };
    let add = json!({ "op": "add", "path": "roles", "value": values(500) });
    let replace: Vec<Value> = (0..500)
        .map(|at| json!({ "op": "replace", "path": format!("roles[value eq \"v{at}\"].display"), "value": "x" }))
        .collect();
    for operations in [vec![add], replace] {
        let body = json!({ "schemas": [PATCH_URN], "Operations": operations });
        let answer = fuzzer.send(&Method::PATCH, &fuzzer.user, &body.to_string());
        // A limit that is told will do, too.
        assert!([200, 400, 413].contains(&answer.status.as_u16()), "{answer:?}");
    }
    fuzzer.is_well();
}
