//! RFC 7644, SCIM's protocol: what it demands of a service provider, in the order of
//! its text, where no other test shows it. `docs/conformance.md` has every demand.
use crate::harness::browser::{Answer, json_request};
use crate::scim_setup::{Directory, org_id, person, travel0};
use guildhall::app::worker;
use http::Method;
use serde_json::{Value, json};
use std::collections::BTreeSet;

const USER_URN: &str = "urn:ietf:params:scim:schemas:core:2.0:User";
const GROUP_URN: &str = "urn:ietf:params:scim:schemas:core:2.0:Group";
const ENTERPRISE_URN: &str = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User";
const LIST_URN: &str = "urn:ietf:params:scim:api:messages:2.0:ListResponse";
const SEARCH_URN: &str = "urn:ietf:params:scim:api:messages:2.0:SearchRequest";
const BULK_URN: &str = "urn:ietf:params:scim:api:messages:2.0:BulkRequest";
const BULK_RESPONSE_URN: &str = "urn:ietf:params:scim:api:messages:2.0:BulkResponse";
const ERROR_URN: &str = "urn:ietf:params:scim:api:messages:2.0:Error";

fn problem(answer: &Answer) -> (u16, Value) {
    (answer.status.as_u16(), answer.json()["scimType"].clone())
}

fn patch(operations: &Value) -> Value {
    json!({ "schemas": ["urn:ietf:params:scim:api:messages:2.0:PatchOp"], "Operations": operations })
}

fn names(page: &Value) -> Vec<&str> {
    let resources = page["Resources"].as_array().unwrap().iter();
    resources.map(|one| one["userName"].as_str().unwrap_or("?")).collect()
}

/// Five people, pushed in this order.
fn five(directory: &Directory<'_>) -> Vec<String> {
    let names = ["dan", "Ben", "eve", "ann", "cat"];
    names.map(|name| directory.pushed(&person(name, &format!("{name}@granite.example")))).into()
}

/// §3.1, §8.1: every answer with a body is `application/scim+json`, in UTF-8.
#[test]
fn every_answer_is_scim_json() {
    let world = travel0();
    let directory = Directory::connect(&world, "granite-outpost");
    let mut body = person("ann", "ann@granite.example");
    body["displayName"] = json!("Zoë 日本 \u{1f6f6}");
    let at = directory.pushed(&body);
    for path in [
        at.as_str(),
        "/Users",
        "/Schemas",
        "/ResourceTypes",
        "/ServiceProviderConfig",
        "/Users/none",
        "/none",
    ] {
        let answer = directory.get(path);
        let media = answer.header("content-type").split(';').next().unwrap().to_owned();
        assert_eq!(media, "application/scim+json", "{path}");
        assert!(answer.json().is_object(), "{path}");
    }
    assert_eq!(directory.get(&at).json()["displayName"], "Zoë 日本 \u{1f6f6}");
}

/// §3.2: a method that a resource does not have is told so, with those that it has.
#[test]
fn a_method_that_is_not_there_is_405() {
    let world = travel0();
    let directory = Directory::connect(&world, "granite-outpost");
    let at = directory.pushed(&person("ann", "ann@granite.example"));
    let body = json!({});
    let cases = [
        ("/Users", &[Method::PUT, Method::PATCH, Method::DELETE][..]),
        (at.as_str(), &[Method::POST]),
        ("/Users/.search", &[Method::GET, Method::PUT, Method::PATCH, Method::DELETE]),
        ("/.search", &[Method::GET, Method::PUT, Method::PATCH, Method::DELETE]),
        ("/Bulk", &[Method::GET, Method::PUT, Method::PATCH, Method::DELETE]),
        ("/Schemas", &[Method::POST, Method::PUT, Method::PATCH, Method::DELETE]),
        ("/ResourceTypes/User", &[Method::POST, Method::PUT, Method::PATCH, Method::DELETE]),
        ("/ServiceProviderConfig", &[Method::POST, Method::PUT, Method::PATCH, Method::DELETE]),
    ];
    for (path, methods) in cases {
        for method in methods {
            // `/Users/.search` is where a user of that name would be.
            let is_resource = path == "/Users/.search";
            let answer = directory.send(method.clone(), path, Some(&body));
            let expected: &[u16] = if is_resource { &[404, 405, 400] } else { &[405] };
            assert!(expected.contains(&answer.status.as_u16()), "{method} {path}: {answer:?}");
            assert_eq!(answer.json()["schemas"], json!([ERROR_URN]), "{method} {path}");
            if answer.status == 405 {
                assert!(!answer.header("allow").is_empty(), "{method} {path}");
            }
        }
    }
}

/// §3.3: what only the service sets is ignored; the answer is the whole resource, and
/// `Location` its place.
#[test]
fn a_creation_answers_the_whole_resource() {
    let world = travel0();
    let directory = Directory::connect(&world, "granite-outpost");
    let mut body = person("ann", "ann@granite.example");
    body["id"] = json!("mine");
    body["groups"] = json!([{ "value": "x" }]);
    body["meta"] = json!({ "resourceType": "Group" });
    let made = directory.push(&body);
    assert_eq!(made.status, 201, "{made:?}");
    let told = made.json();
    assert_eq!(made.location(), told["meta"]["location"].as_str().unwrap());
    assert_eq!(made.header("etag"), told["meta"]["version"].as_str().unwrap());
    assert_eq!(told["meta"]["resourceType"], "User");
    let at = format!("/Users/{}", told["id"].as_str().unwrap());
    assert_eq!(directory.get(&at).json(), told, "as a GET says it");
    let place = made.location().to_owned();
    assert!(place.ends_with(&directory.path(&at)), "{place}");
}

/// §3.4.2: a list has its envelope, also when it is empty.
#[test]
fn a_list_has_its_envelope() {
    let world = travel0();
    let directory = Directory::connect(&world, "granite-outpost");
    let empty = directory.get("/Users");
    let expected = json!({ "schemas": [LIST_URN], "totalResults": 0, "startIndex": 1, "itemsPerPage": 0, "Resources": [] });
    assert_eq!((empty.status.as_u16(), empty.json()), (200, expected));
    five(&directory);
    let page = directory.list(&[("startIndex", "2"), ("count", "2")]).json();
    let envelope =
        ["totalResults", "startIndex", "itemsPerPage"].map(|member| page[member].clone());
    assert_eq!(envelope, [json!(5), json!(2), json!(2)]);
    assert_eq!(page["Resources"].as_array().unwrap().len(), 2);
    for nobody in ["userName eq \"nobody\"", "title pr"] {
        let answer = directory.list(&[("filter", nobody)]);
        assert_eq!((answer.status.as_u16(), &answer.json()["totalResults"]), (200, &json!(0)));
    }
}

/// §3.4.2.3: the order is the attribute's, ascending unless said; what has none is
/// last, or first when it is turned round.
#[test]
fn a_list_is_sorted_as_the_attribute_compares() {
    let world = travel0();
    let directory = Directory::connect(&world, "granite-outpost");
    let at = five(&directory);
    directory.patch(&at[0], &patch(&json!([{ "op": "add", "path": "title", "value": "b" }])));
    directory.patch(&at[1], &patch(&json!([{ "op": "add", "path": "title", "value": "A" }])));
    let sorted = |by: &str, order: &str| {
        let answer = directory.list(&[("sortBy", by), ("sortOrder", order)]);
        assert_eq!(answer.status, 200, "{by} {order}: {answer:?}");
        answer.json()
    };
    let ascending = ["ann", "Ben", "cat", "dan", "eve"];
    assert_eq!(names(&sorted("userName", "ascending")), ascending);
    assert_eq!(names(&sorted("USERNAME", "")), ascending);
    let mut descending = ascending;
    descending.reverse();
    assert_eq!(names(&sorted("userName", "descending")), descending);
    assert_eq!(names(&sorted("emails.value", "ascending")), ascending);
    assert_eq!(names(&sorted("emails", "ascending")), ascending);
    assert_eq!(names(&sorted("title", "ascending"))[..2], ["Ben", "dan"]);
    assert_eq!(names(&sorted("title", "descending"))[3..], ["dan", "Ben"]);
    assert_eq!(
        directory.list(&[("sortOrder", "descending")]).status,
        200,
        "it means nothing alone"
    );
    for (by, order) in [("nothing", "ascending"), ("userName", "sideways")] {
        let answer = directory.list(&[("sortBy", by), ("sortOrder", order)]);
        assert_eq!(answer.status, 400, "{by} {order}");
    }
}

/// §3.4.2.4: every page, and what is asked beyond.
#[test]
fn pages_cover_the_list_once() {
    let world = travel0();
    let directory = Directory::connect(&world, "granite-outpost");
    five(&directory);
    let mut seen = Vec::new();
    for start in ["1", "3", "5"] {
        let page = directory.list(&[("startIndex", start), ("count", "2")]).json();
        assert_eq!(page["totalResults"], 5);
        seen.extend(names(&page).iter().map(|name| (*name).to_owned()));
    }
    assert_eq!(seen.len(), 5);
    assert_eq!(seen.iter().collect::<BTreeSet<_>>().len(), 5);
    let edges = [
        ("0", "2", 1, 2),
        ("-7", "2", 1, 2),
        ("6", "2", 6, 0),
        ("1", "0", 1, 0),
        ("1", "-3", 1, 0),
    ];
    for (start, count, told, length) in edges {
        let page = directory.list(&[("startIndex", start), ("count", count)]).json();
        let envelope = (&page["startIndex"], &page["itemsPerPage"], &page["totalResults"]);
        assert_eq!(envelope, (&json!(told), &json!(length), &json!(5)), "{start} {count}");
    }
}

/// §3.4.2.5, §3.9: what is shown is what is asked for and what is always shown, on
/// every request that answers a resource.
#[test]
fn an_answer_shows_what_is_asked_for() {
    let world = travel0();
    let directory = Directory::connect(&world, "granite-outpost");
    let mut body = person("ann", "ann@granite.example");
    body["name"] = json!({ "givenName": "Ann", "familyName": "Lee" });
    body[ENTERPRISE_URN] = json!({ "department": "Rafting", "division": "Guides" });
    let only = "attributes=userName,name.familyName,emails.value";
    let made = directory.send(Method::POST, &format!("/Users?{only}"), Some(&body));
    assert_eq!(made.status, 201, "{made:?}");
    let at = format!("/Users/{}", made.json()["id"].as_str().unwrap());
    let put = directory.put(&format!("{at}?{only}"), &body);
    let set = patch(&json!([{ "op": "add", "path": "title", "value": "Guide" }]));
    let patched = directory.patch(&format!("{at}?{only}"), &set);
    let read = directory.get(&format!("{at}?{only}"));
    let in_list = directory.get(&format!("/Users?{only}")).json()["Resources"][0].clone();
    let search = json!({ "schemas": [SEARCH_URN], "attributes": ["userName", "name.familyName", "emails.value"] });
    let found = directory.send(Method::POST, "/Users/.search", Some(&search)).json()["Resources"]
        [0]
    .clone();
    for told in [made.json(), put.json(), patched.json(), read.json(), in_list, found] {
        assert_eq!(
            (&told["userName"], &told["name"]),
            (&json!("ann"), &json!({ "familyName": "Lee" }))
        );
        assert_eq!(told["emails"], json!([{ "value": "ann@granite.example" }]));
        assert!(told["id"].is_string() && told["schemas"].is_array(), "{told}");
        for hidden in ["externalId", "active", "title", ENTERPRISE_URN] {
            assert_eq!(told.get(hidden), None, "{hidden}: {told}");
        }
    }
    let without =
        format!("excludedAttributes=id,schemas,userName,name.givenName,{ENTERPRISE_URN}:division");
    let told = directory.get(&format!("{at}?{without}")).json();
    assert!(told["id"].is_string(), "it is always shown");
    assert_eq!((&told["name"], told.get("userName")), (&json!({ "familyName": "Lee" }), None));
    assert_eq!(told[ENTERPRISE_URN], json!({ "department": "Rafting" }));
    let whole = directory.get(&format!("{at}?attributes={USER_URN}:userName")).json();
    assert_eq!((&whole["userName"], whole.get("title")), (&json!("ann"), None), "§3.10: by URN");
}

/// §3.4.3: a search is a list, of one type or of all.
#[test]
fn a_search_is_of_one_type_or_of_all() {
    let world = travel0();
    let directory = Directory::connect(&world, "granite-outpost");
    five(&directory);
    let group = json!({ "schemas": [GROUP_URN], "displayName": "ann and others" });
    assert_eq!(directory.send(Method::POST, "/Groups", Some(&group)).status, 201);
    let search = |path: &str, filter: &str| {
        let body =
            json!({ "schemas": [SEARCH_URN], "filter": filter, "startIndex": 1, "count": 10 });
        let answer = directory.send(Method::POST, path, Some(&body));
        assert_eq!(answer.status, 200, "{path} {filter}: {answer:?}");
        assert_eq!(answer.json()["schemas"], json!([LIST_URN]));
        answer.json()["totalResults"].as_i64().unwrap()
    };
    assert_eq!(search("/Users/.search", "userName sw \"a\""), 1);
    assert_eq!(search("/Groups/.search", "displayName co \"others\""), 1);
    assert_eq!(search("/.search", "meta.resourceType eq \"User\""), 5);
    assert_eq!(
        search("/.search", "meta.resourceType eq \"Group\""),
        search("/Groups/.search", "id pr")
    );
    assert_eq!(search("/.search", "id pr"), 5 + search("/Groups/.search", "id pr"));
}

/// §3.5.1: a PUT replaces, keeps what only the service sets, and makes nothing.
#[test]
fn a_put_replaces_and_makes_nothing() {
    let world = travel0();
    let directory = Directory::connect(&world, "granite-outpost");
    let mut body = person("ann", "ann@granite.example");
    body["title"] = json!("Guide");
    let at = directory.pushed(&body);
    let before = directory.get(&at).json();
    let put = directory.put(&at, &json!({ "schemas": [USER_URN], "userName": "ann" }));
    assert_eq!(put.status, 200, "{put:?}");
    let after = put.json();
    for gone in ["title", "externalId", "emails"] {
        assert!(after.get(gone).is_none_or(|value| value == &json!([])), "{gone}: {after}");
    }
    assert_eq!(
        (&after["id"], &after["meta"]["created"]),
        (&before["id"], &before["meta"]["created"])
    );
    assert_ne!(after["meta"]["version"], before["meta"]["version"]);
    assert_eq!(directory.get(&at).json(), after);
    assert_eq!(
        problem(&directory.put(&at, &json!({ "schemas": [USER_URN], "title": "x" }))).0,
        400
    );
    let nobody = "/Users/5b50642d-79fc-4410-9e90-4c077cdd1a59";
    assert_eq!(directory.put(nobody, &body).status, 404);
    assert_eq!(directory.get("/Users").json()["totalResults"], 1);
}

/// §3.5.2, table 9: the reason of each refusal, and nothing is changed by any.
#[test]
fn a_patch_that_cannot_be_done_says_why() {
    let world = travel0();
    let directory = Directory::connect(&world, "granite-outpost");
    let at = directory.pushed(&person("ann", "ann@granite.example"));
    let before = directory.get(&at).json();
    let cases = [
        (json!([{ "op": "move", "path": "title", "value": "x" }]), "invalidSyntax"),
        (json!([{ "path": "title", "value": "x" }]), "invalidSyntax"),
        (json!([]), "invalidSyntax"),
        (json!([{ "op": "remove" }]), "noTarget"),
        (json!([{ "op": "replace", "path": "title[", "value": "x" }]), "invalidPath"),
        (json!([{ "op": "replace", "path": "emails[value]", "value": "x" }]), "invalidPath"),
        (
            json!([{ "op": "replace", "path": "emails[type eq \"none\"].value", "value": "x" }]),
            "noTarget",
        ),
        (json!([{ "op": "replace", "path": "id", "value": "x" }]), "mutability"),
        (
            json!([{ "op": "replace", "path": "meta.created", "value": "2011-05-13T04:42:34Z" }]),
            "mutability",
        ),
        (json!([{ "op": "add", "path": "groups", "value": [{ "value": "x" }] }]), "mutability"),
        (json!([{ "op": "replace", "path": "active", "value": "perhaps" }]), "invalidValue"),
        (json!([{ "op": "replace", "path": "userName", "value": "" }]), "invalidValue"),
        (json!([{ "op": "add", "path": "title" }]), "invalidValue"),
    ];
    for (operations, reason) in cases {
        // What is done first is undone.
        let first = json!({ "op": "replace", "path": "title", "value": "half" });
        let mut all = operations.as_array().unwrap().clone();
        if !all.is_empty() {
            all.insert(0, first);
        }
        let answer = directory.patch(&at, &patch(&json!(all)));
        let (status, found) = problem(&answer);
        assert_eq!(status, 400, "{operations}: {answer:?}");
        // A missing value is bad syntax to one reader and a bad value to another.
        let either = ["invalidSyntax", "invalidValue"];
        let same = found == reason
            || (either.contains(&reason) && either.map(Value::from).contains(&found));
        assert!(same, "{operations}: {found}, not {reason}");
        assert_eq!(directory.get(&at).json(), before, "{operations}");
    }
    let taken = directory.pushed(&person("ben", "ben@granite.example"));
    let renamed = patch(&json!([{ "op": "replace", "path": "userName", "value": "ANN" }]));
    assert_eq!(problem(&directory.patch(&taken, &renamed)), (409, json!("uniqueness")));
}

/// §3.5.2.1: an `add` that changes nothing leaves the time of the last change alone.
#[test]
fn an_add_of_what_is_there_changes_nothing() {
    let world = travel0();
    let directory = Directory::connect(&world, "granite-outpost");
    let at = directory.pushed(&person("ann", "ann@granite.example"));
    let before = directory.get(&at).json();
    world.advance(guildhall::kernel::time::Seconds::minutes(1));
    let same = json!([
        { "op": "add", "path": "userName", "value": "ann" },
        { "op": "add", "path": "emails", "value": before["emails"] },
    ]);
    let answer = directory.patch(&at, &patch(&same));
    assert_eq!((answer.status.as_u16(), &answer.json()), (200, &before));
}

/// §3.6: who is deleted is in no answer any more, and the name is free again.
#[test]
fn what_is_deleted_is_gone_everywhere() {
    let world = travel0();
    let directory = Directory::connect(&world, "granite-outpost");
    let at = directory.pushed(&person("ann", "ann@granite.example"));
    let deleted = directory.delete(&at);
    assert_eq!((deleted.status.as_u16(), deleted.text.as_str()), (204, ""));
    let body = person("ann", "ann@granite.example");
    let empty = patch(&json!([{ "op": "replace", "path": "title", "value": "x" }]));
    let answers = [
        directory.get(&at),
        directory.put(&at, &body),
        directory.patch(&at, &empty),
        directory.delete(&at),
    ];
    for answer in answers {
        assert_eq!((answer.status.as_u16(), &answer.json()["status"]), (404, &json!("404")));
    }
    assert_eq!(directory.get("/Users").json()["totalResults"], 0);
    assert_ne!(directory.pushed(&body), at);
}

fn bulk(directory: &Directory<'_>, fail_on_errors: Option<u32>, operations: &Value) -> Answer {
    let mut body = json!({ "schemas": [BULK_URN], "Operations": operations });
    if let Some(number) = fail_on_errors {
        body["failOnErrors"] = json!(number);
    }
    directory.send(Method::POST, "/Bulk", Some(&body))
}

/// §3.7, §3.7.3: each operation has its answer, in its place.
#[test]
fn a_bulk_answers_each_operation() {
    let world = travel0();
    let directory = Directory::connect(&world, "granite-outpost");
    let ben = directory.pushed(&person("ben", "ben@granite.example"));
    let cat = directory.pushed(&person("cat", "cat@granite.example"));
    let operations = json!([
        { "method": "POST", "path": "/Users", "bulkId": "ann", "data": person("ann", "ann@granite.example") },
        { "method": "PUT", "path": ben, "data": person("ben", "ben@granite.example") },
        { "method": "PATCH", "path": ben, "data": patch(&json!([{ "op": "add", "path": "title", "value": "Guide" }])) },
        { "method": "DELETE", "path": cat },
        { "method": "POST", "path": "/Users", "bulkId": "again", "data": person("ANN", "other@granite.example") },
        { "method": "DELETE", "path": cat },
    ]);
    let answer = bulk(&directory, None, &operations);
    assert_eq!(answer.status, 200, "{answer:?}");
    let told = answer.json();
    assert_eq!(told["schemas"], json!([BULK_RESPONSE_URN]));
    let all = told["Operations"].as_array().unwrap();
    let statuses: Vec<&str> = all.iter().map(|one| one["status"].as_str().unwrap()).collect();
    assert_eq!(statuses, ["201", "200", "200", "204", "409", "404"]);
    let methods: Vec<&Value> = all.iter().map(|one| &one["method"]).collect();
    let sent: Vec<&Value> =
        operations.as_array().unwrap().iter().map(|one| &one["method"]).collect();
    assert_eq!(methods, sent);
    assert_eq!((&all[0]["bulkId"], &all[4]["bulkId"]), (&json!("ann"), &json!("again")));
    let ann = directory.list(&[("filter", "userName eq \"ann\"")]).json()["Resources"][0].clone();
    assert_eq!(all[0]["location"], ann["meta"]["location"]);
    assert_eq!(all[0]["version"], ann["meta"]["version"]);
    assert!(all[1]["location"].as_str().unwrap().ends_with(&ben));
    for failed in &all[4..] {
        assert_eq!(failed["response"]["schemas"], json!([ERROR_URN]), "{failed}");
        assert_eq!(failed["response"]["status"], failed["status"], "{failed}");
    }
    assert_eq!(all[4]["response"]["scimType"], "uniqueness");
    assert_eq!(directory.get(&ben).json()["title"], "Guide");
}

/// §3.7.1, §3.7.2: what is made in a bulk is named by its `bulkId`, before and after it
/// was made, in circles too.
#[test]
fn a_bulk_resolves_what_it_makes() {
    let world = travel0();
    let directory = Directory::connect(&world, "granite-outpost");
    let group = |name: &str, members: &Value| json!({ "schemas": [GROUP_URN], "displayName": name, "members": members });
    let operations = json!([
        { "method": "POST", "path": "/Groups", "bulkId": "guides",
          "data": group("Pushed guides", &json!([{ "type": "User", "value": "bulkId:ann" }])) },
        { "method": "POST", "path": "/Users", "bulkId": "ann", "data": person("ann", "ann@granite.example") },
        { "method": "POST", "path": "/Groups", "bulkId": "a",
          "data": group("A", &json!([{ "type": "Group", "value": "bulkId:b" }])) },
        { "method": "POST", "path": "/Groups", "bulkId": "b",
          "data": group("B", &json!([{ "type": "User", "value": "bulkId:ann" }])) },
        { "method": "PATCH", "path": "/Users/bulkId:ann",
          "data": patch(&json!([{ "op": "add", "path": "title", "value": "Guide" }])) },
        { "method": "POST", "path": "/Users", "bulkId": "boss",
          "data": { "schemas": [USER_URN, ENTERPRISE_URN], "userName": "boss",
                    ENTERPRISE_URN: { "manager": { "value": "bulkId:ann" } } } },
    ]);
    let answer = bulk(&directory, None, &operations);
    assert_eq!(answer.status, 200, "{answer:?}");
    let told = answer.json();
    let all = told["Operations"].as_array().unwrap();
    for (at, one) in all.iter().enumerate() {
        let expected = if at == 4 { "200" } else { "201" };
        assert_eq!(one["status"], expected, "{at}: {one}");
    }
    let id = |at: usize| all[at]["location"].as_str().unwrap().rsplit('/').next().unwrap();
    let members = |at: usize| {
        let group = directory.get(&format!("/Groups/{}", id(at))).json();
        let members = group["members"].as_array().cloned().unwrap_or_default();
        members.iter().map(|one| one["value"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(members(0), [id(1)]);
    assert_eq!(members(2), [id(3)]);
    assert_eq!(members(3), [id(1)]);
    assert_eq!(directory.get(&format!("/Users/{}", id(1))).json()["title"], "Guide");
    let boss = directory.get(&format!("/Users/{}", id(5))).json();
    assert_eq!(boss[ENTERPRISE_URN]["manager"]["value"], id(1));
}

/// §3.7.1: a circle of references, and one that leads nowhere.
#[test]
fn a_bulk_goes_round_circles_and_refuses_what_is_not_there() {
    let world = travel0();
    let directory = Directory::connect(&world, "granite-outpost");
    let user = |name: &str, manager: &str| {
        json!({ "schemas": [USER_URN, ENTERPRISE_URN], "userName": name,
                ENTERPRISE_URN: { "manager": { "value": manager } } })
    };
    let circle = json!([
        { "method": "POST", "path": "/Users", "bulkId": "x", "data": user("x", "bulkId:y") },
        { "method": "POST", "path": "/Users", "bulkId": "y", "data": user("y", "bulkId:x") },
    ]);
    let answer = bulk(&directory, None, &circle);
    assert_eq!(answer.status, 200, "{answer:?}");
    let told = answer.json();
    let all = told["Operations"].as_array().unwrap();
    assert!(all.iter().all(|one| one["status"] == "201"), "{told}");
    let id = |at: usize| all[at]["location"].as_str().unwrap().rsplit('/').next().unwrap();
    for (own, other) in [(0, 1), (1, 0)] {
        let user = directory.get(&format!("/Users/{}", id(own))).json();
        assert_eq!(user[ENTERPRISE_URN]["manager"]["value"], id(other));
    }
    let nowhere = json!([{ "method": "POST", "path": "/Users", "bulkId": "z", "data": user("z", "bulkId:none") }]);
    let told = bulk(&directory, None, &nowhere).json();
    let status = told["Operations"][0]["status"].as_str().unwrap();
    assert!(["400", "409"].contains(&status), "{told}");
    assert_eq!(directory.count("userName eq \"z\""), 0);
}

/// §3.7, §3.7.3: after so many errors nothing more is done.
#[test]
fn a_bulk_stops_after_so_many_errors() {
    let world = travel0();
    let directory = Directory::connect(&world, "granite-outpost");
    let gone = |at: usize| json!({ "method": "DELETE", "path": format!("/Users/5b50642d-79fc-4410-9e90-4c077cdd1a5{at}") });
    let make = |name: &str| {
        let email = format!("{name}@granite.example");
        json!({ "method": "POST", "path": "/Users", "bulkId": name, "data": person(name, &email) })
    };
    let operations = json!([make("one"), gone(1), make("two"), gone(2), make("three")]);
    for (limit, statuses, made) in [
        (Some(1), vec!["201", "404"], 1),
        (Some(2), vec!["409", "404"], 1),
        (None, vec!["409", "404", "201", "404", "201"], 3),
    ] {
        let answer = bulk(&directory, limit, &operations);
        assert_eq!(answer.status, 200, "{answer:?}");
        let told = answer.json();
        let found: Vec<&str> = told["Operations"]
            .as_array()
            .unwrap()
            .iter()
            .map(|one| one["status"].as_str().unwrap())
            .collect();
        assert_eq!(found, statuses, "{limit:?}");
        assert_eq!(directory.get("/Users").json()["totalResults"], made, "{limit:?}");
    }
}

/// §3.7.4: the limits that are announced are kept.
#[test]
fn a_bulk_keeps_the_limits_that_are_announced() {
    let world = travel0();
    let directory = Directory::connect(&world, "granite-outpost");
    let limits = directory.get("/ServiceProviderConfig").json()["bulk"].clone();
    assert_eq!(limits["supported"], true);
    let most = usize::try_from(limits["maxOperations"].as_u64().unwrap()).unwrap();
    let delete =
        json!({ "method": "DELETE", "path": "/Users/5b50642d-79fc-4410-9e90-4c077cdd1a59" });
    let answer = bulk(&directory, None, &json!(vec![delete.clone(); most + 1]));
    assert_eq!(answer.status, 413, "{}", answer.text);
    assert_eq!(bulk(&directory, None, &json!(vec![delete; most])).status, 200);
    let size = usize::try_from(limits["maxPayloadSize"].as_u64().unwrap()).unwrap();
    let mut large = person("large", "large@granite.example");
    large["title"] = json!("x".repeat(size));
    let one = json!([{ "method": "POST", "path": "/Users", "bulkId": "a", "data": large }]);
    assert_eq!(bulk(&directory, None, &one).status, 413);
    assert_eq!(directory.get("/Users").json()["totalResults"], 0);
}

/// §3.7: what is no bulk, and operations that are none.
#[test]
fn what_is_no_bulk_is_refused() {
    let world = travel0();
    let directory = Directory::connect(&world, "granite-outpost");
    for body in [
        json!({}),
        json!({ "schemas": [BULK_URN] }),
        json!({ "schemas": [BULK_URN], "Operations": 5 }),
    ] {
        let answer = directory.send(Method::POST, "/Bulk", Some(&body));
        assert_eq!(problem(&answer), (400, json!("invalidSyntax")), "{body}");
    }
    let wrong = json!([
        { "method": "GET", "path": "/Users" },
        { "path": "/Users", "data": {} },
        { "method": "POST", "path": "/Users", "data": person("a", "a@granite.example") },
        { "method": "PATCH", "path": "/Users", "data": {} },
        { "method": "POST", "path": "/Nothing", "bulkId": "n", "data": {} },
        { "method": "DELETE" },
    ]);
    for operation in wrong.as_array().unwrap() {
        let body = json!({ "schemas": [BULK_URN], "Operations": [operation] });
        // Not compared with the description, in which an operation has what it needs.
        let request = directory.request(Method::POST, "/Bulk", Some(&body));
        let answer = Answer::new(world.run(worker::handle(world.app(), request)));
        if answer.status == 200 {
            let status = answer.json()["Operations"][0]["status"].as_str().unwrap().to_owned();
            assert!(["400", "404", "405"].contains(&status.as_str()), "{operation}: {answer:?}");
        } else {
            assert_eq!(answer.status, 400, "{operation}: {answer:?}");
        }
    }
    assert_eq!(directory.get("/Users").json()["totalResults"], 0);
}

/// §3.12: an error has its form, whatever it is about.
#[test]
fn an_error_has_its_form() {
    let world = travel0();
    let directory = Directory::connect(&world, "granite-outpost");
    let stranger = Directory::at(&world, org_id(&world, "granite-outpost")).with_bearer("no");
    let at = directory.pushed(&person("ann", "ann@granite.example"));
    let malformed = {
        let mut request = json_request(Method::POST, &directory.path("/Users"), "", None);
        *request.body_mut() = "{\"userName\":".into();
        let headers = request.headers_mut();
        headers.insert(
            "authorization",
            format!("Bearer {}", crate::scim_setup::SECRET).parse().unwrap(),
        );
        headers.insert("content-type", "application/scim+json".parse().unwrap());
        Answer::new(world.send(request))
    };
    let answers = [
        malformed,
        stranger.get("/Users"),
        directory.get("/Users/none"),
        directory.get("/none"),
        directory.list(&[("filter", "title xx 5")]),
        directory.push(&json!({ "schemas": [USER_URN] })),
        directory.push(&person("ANN", "other@granite.example")),
        directory.send(Method::DELETE, "/Users", None),
        directory.patch(&at, &json!({ "Operations": 5 })),
    ];
    for answer in answers {
        let error = answer.json();
        assert_eq!(error["schemas"], json!([ERROR_URN]), "{answer:?}");
        assert_eq!(error["status"], answer.status.as_u16().to_string(), "{answer:?}");
        assert!(error["detail"].as_str().is_some_and(|detail| !detail.is_empty()), "{answer:?}");
        let known = ["schemas", "status", "scimType", "detail"];
        assert!(
            error.as_object().unwrap().keys().all(|key| known.contains(&key.as_str())),
            "{error}"
        );
    }
}

/// §3.14: a change under a version that is no longer true is refused, whichever it
/// is; a list of versions will do if one is true.
#[test]
fn a_version_guards_every_change() {
    let world = travel0();
    let directory = Directory::connect(&world, "granite-outpost");
    let at = directory.pushed(&person("ann", "ann@granite.example"));
    let tag = directory.get(&at).header("etag").to_owned();
    let with = |method: Method, header: &'static str, value: &str, body: Option<&Value>| {
        let mut request = directory.request(method, &at, body);
        request.headers_mut().insert(header, value.parse().unwrap());
        Answer::new(world.send(request))
    };
    let set = patch(&json!([{ "op": "replace", "path": "title", "value": "x" }]));
    let whole = person("ann", "ann@granite.example");
    for (method, body) in
        [(Method::PUT, Some(&whole)), (Method::PATCH, Some(&set)), (Method::DELETE, None)]
    {
        let answer = with(method.clone(), "if-match", "W/\"999\"", body);
        assert_eq!(
            (answer.status.as_u16(), &answer.json()["status"]),
            (412, &json!("412")),
            "{method}"
        );
    }
    assert_eq!(directory.get(&at).header("etag"), tag, "nothing was changed");
    assert_eq!(with(Method::GET, "if-none-match", &tag, None).status, 304);
    assert_eq!(
        with(Method::PATCH, "if-match", &format!("W/\"999\", {tag}"), Some(&set)).status,
        200
    );
    assert_eq!(with(Method::GET, "if-none-match", &tag, None).status, 200, "it is another now");
    assert_eq!(with(Method::PATCH, "if-match", &tag, Some(&set)).status, 412);
    assert_eq!(with(Method::DELETE, "if-match", "*", None).status, 204);
}

/// §4: discovery is not filtered, nor paged or sorted.
#[test]
fn discovery_is_whole() {
    let world = travel0();
    let directory = Directory::connect(&world, "granite-outpost");
    for path in ["/Schemas", "/ResourceTypes"] {
        let whole = directory.get(path).json();
        assert_eq!(whole["schemas"], json!([LIST_URN]));
        assert_eq!(whole["totalResults"], json!(whole["Resources"].as_array().unwrap().len()));
        assert_eq!(directory.get(&format!("{path}?filter=id%20pr")).status, 403, "{path}");
    }
    assert_eq!(directory.get("/ServiceProviderConfig?filter=id%20pr").status, 403);
}
