//! RFC 9865, cursors: what it demands of a service provider, in the order of its text,
//! where no other test shows it. `docs/conformance.md` has every demand.
use crate::harness::browser::Answer;
use crate::scim_setup::{Directory, person, travel0};
use http::Method;
use serde_json::{Value, json};

const SEARCH_URN: &str = "urn:ietf:params:scim:api:messages:2.0:SearchRequest";
const ERROR_URN: &str = "urn:ietf:params:scim:api:messages:2.0:Error";
const PEOPLE: usize = 7;

fn furnished(directory: &Directory<'_>) {
    for at in 0..PEOPLE {
        directory.pushed(&person(&format!("user-{at}"), &format!("user-{at}@granite.example")));
    }
}

fn names(page: &Value) -> Vec<String> {
    let resources = page["Resources"].as_array().unwrap().iter();
    resources.map(|one| one["userName"].as_str().unwrap().to_owned()).collect()
}

/// All pages of `query`, asked for by cursor.
fn pages(directory: &Directory<'_>, query: &[(&str, &str)]) -> Vec<Value> {
    let mut all = Vec::new();
    let mut cursor = String::new();
    while all.len() <= PEOPLE {
        let mut asked = query.to_vec();
        asked.push(("cursor", &cursor));
        let answer = directory.list(&asked);
        assert_eq!(answer.status, 200, "{asked:?}: {answer:?}");
        let page = answer.json();
        let next = page.get("nextCursor").map(|next| next.as_str().unwrap().to_owned());
        all.push(page);
        match next {
            Some(next) => cursor = next,
            None => return all,
        }
    }
    panic!("it does not end: {all:?}");
}

/// §2: an empty cursor begins, each page tells the next, the last tells none, and
/// nobody is left out or told twice.
#[test]
fn cursors_lead_through_the_whole_list_once() {
    let world = travel0();
    let directory = Directory::connect(&world, "granite-outpost");
    furnished(&directory);
    for count in ["1", "2", "3", "7", "100"] {
        let pages = pages(&directory, &[("count", count)]);
        let mut all: Vec<String> = pages.iter().flat_map(names).collect();
        assert_eq!(all.len(), PEOPLE, "{count}");
        all.sort();
        all.dedup();
        assert_eq!(all.len(), PEOPLE, "{count}");
        for page in &pages {
            let length = page["Resources"].as_array().unwrap().len();
            assert!(length <= count.parse().unwrap(), "{count}");
            assert_eq!(page.get("startIndex"), None, "an index is not told with a cursor: {page}");
            assert!(page.get("totalResults").is_none_or(|total| total == PEOPLE), "{page}");
        }
        assert_eq!(pages.len(), PEOPLE.div_ceil(count.parse().unwrap()), "{count}");
    }
    let empty = pages(&directory, &[("filter", "userName eq \"nobody\"")]);
    assert_eq!((empty.len(), names(&empty[0]).len()), (1, 0));
}

/// §2: a cursor is made of unreserved characters.
#[test]
fn a_cursor_needs_no_encoding() {
    let world = travel0();
    let directory = Directory::connect(&world, "granite-outpost");
    furnished(&directory);
    let query = [("count", "2"), ("sortBy", "userName"), ("filter", "userName sw \"user\"")];
    for page in pages(&directory, &query) {
        if let Some(cursor) = page.get("nextCursor").and_then(Value::as_str) {
            let is_unreserved = |c: char| c.is_ascii_alphanumeric() || "-._~".contains(c);
            assert!(!cursor.is_empty() && cursor.chars().all(is_unreserved), "{cursor}");
        }
    }
}

fn problem(answer: &Answer) -> (u16, Value) {
    assert_eq!(answer.json()["schemas"], json!([ERROR_URN]), "{answer:?}");
    (answer.status.as_u16(), answer.json()["scimType"].clone())
}

/// §2.1: a cursor that is none, or that belongs to another list, and a count that is
/// none.
#[test]
fn what_is_no_cursor_is_refused() {
    let world = travel0();
    let directory = Directory::connect(&world, "granite-outpost");
    furnished(&directory);
    let first = directory.list(&[("cursor", ""), ("count", "2")]).json();
    let cursor = first["nextCursor"].as_str().unwrap();
    let spoilt = format!("{}x", &cursor[..cursor.len() - 1]);
    for wrong in ["none", "....", "AAAA", spoilt.as_str()] {
        let answer = directory.list(&[("cursor", wrong), ("count", "2")]);
        // One letter less may happen to be a cursor, never a crash.
        if wrong != spoilt || answer.status != 200 {
            assert_eq!(problem(&answer), (400, json!("invalidCursor")), "{wrong}");
        }
    }
    for other in [("filter", "userName sw \"user\""), ("sortBy", "userName")] {
        let answer = directory.list(&[("cursor", cursor), other]);
        assert_eq!(problem(&answer), (400, json!("invalidCursor")), "{other:?}");
    }
    let negative = directory.list(&[("cursor", ""), ("count", "-1")]);
    assert_eq!(problem(&negative), (400, json!("invalidCount")));
    let both = directory.list(&[("cursor", cursor), ("startIndex", "2")]);
    assert_eq!(both.status, 400, "{both:?}");
}

/// §2.2: with a filter and an order, the pages are those of the sorted list.
#[test]
fn pages_by_cursor_keep_the_order_and_the_filter() {
    let world = travel0();
    let directory = Directory::connect(&world, "granite-outpost");
    furnished(&directory);
    for order in ["ascending", "descending"] {
        let asked =
            [("sortBy", "userName"), ("sortOrder", order), ("filter", "userName ne \"user-3\"")];
        let whole = names(&directory.list(&asked).json());
        assert_eq!(whole.len(), PEOPLE - 1);
        let mut small = asked.to_vec();
        small.push(("count", "2"));
        let found: Vec<String> = pages(&directory, &small).iter().flat_map(names).collect();
        assert_eq!(found, whole, "{order}");
    }
}

/// §2: who comes or goes between two pages moves nobody else.
#[test]
fn what_changes_between_two_pages_moves_nobody() {
    let world = travel0();
    let directory = Directory::connect(&world, "granite-outpost");
    furnished(&directory);
    let asked = [("sortBy", "userName"), ("count", "3")];
    let first = directory.list(&[asked[0], asked[1], ("cursor", "")]).json();
    let told = names(&first);
    let gone = first["Resources"][0]["id"].as_str().unwrap();
    assert_eq!(directory.delete(&format!("/Users/{gone}")).status, 204);
    directory.pushed(&person("aaa", "aaa@granite.example"));

    let cursor = first["nextCursor"].as_str().unwrap();
    let second = names(&directory.list(&[asked[0], asked[1], ("cursor", cursor)]).json());
    assert_eq!(told, ["user-0", "user-1", "user-2"]);
    assert_eq!(second, ["user-3", "user-4", "user-5"]);
}

/// §3: likewise in a search.
#[test]
fn a_search_takes_a_cursor() {
    let world = travel0();
    let directory = Directory::connect(&world, "granite-outpost");
    furnished(&directory);
    let search = |cursor: &str| {
        let body = json!({ "schemas": [SEARCH_URN], "cursor": cursor, "count": 4, "attributes": ["userName"] });
        let answer = directory.send(Method::POST, "/Users/.search", Some(&body));
        assert_eq!(answer.status, 200, "{answer:?}");
        answer.json()
    };
    let first = search("");
    let second = search(first["nextCursor"].as_str().unwrap());
    assert_eq!((names(&first).len(), names(&second).len()), (4, PEOPLE - 4));
    assert_eq!(second.get("nextCursor"), None);
}

/// §4: the configuration says which ways there are, and holds to what it says.
#[test]
fn the_ways_to_page_are_announced() {
    let world = travel0();
    let directory = Directory::connect(&world, "granite-outpost");
    furnished(&directory);
    let told = directory.get("/ServiceProviderConfig").json()["pagination"].clone();
    assert_eq!((&told["cursor"], &told["index"]), (&json!(true), &json!(true)));
    let default = told["defaultPaginationMethod"].as_str().unwrap();
    assert!(["cursor", "index"].contains(&default));
    let page = directory.list(&[("count", "2")]).json();
    assert_eq!(page.get("nextCursor").is_some(), default == "cursor", "{page}");
    let most = told["maxPageSize"].as_i64().unwrap();
    let usual = told["defaultPageSize"].as_i64().unwrap();
    assert!(0 < usual && usual <= most);
    assert_eq!(directory.get("/ServiceProviderConfig").json()["filter"]["maxResults"], most);
}
