//! Lists of groups, and of both types at once.
use crate::scim_setup::{Directory, person, travel0};
use guildhall::kernel::time::Seconds;
use http::Method;
use serde_json::{Value, json};

const SEARCH: &str = "urn:ietf:params:scim:api:messages:2.0:SearchRequest";

struct Made<'a> {
    directory: Directory<'a>,
    ann: String,
    ben: String,
    guides: String,
    rivers: String,
}

/// Ann guides; Ben knows rivers; who knows rivers is among the guides.
fn made(directory: Directory<'_>) -> Made<'_> {
    // Those that the demo has.
    for group in directory.get("/Groups").json()["Resources"].as_array().unwrap() {
        directory.delete(&format!("/Groups/{}", group["id"].as_str().unwrap()));
    }
    let id = |path: String| path.trim_start_matches("/Users/").to_owned();
    let mut ann = person("ann", "ann@granite.example");
    ann["displayName"] = json!("Ann Lee");
    let ann = id(directory.pushed(&ann));
    directory.world.advance(Seconds(1));
    let ben = id(directory.pushed(&person("ben", "ben@granite.example")));
    directory.world.advance(Seconds(1));
    id(directory.pushed(&person("cat", "cat@granite.example")));
    let group = |name: &str, members: Value| {
        directory.world.advance(Seconds(1));
        let body =
            json!({"displayName": name, "externalId": format!("x-{name}"), "members": members});
        let answer = directory.send(Method::POST, "/Groups", Some(&body));
        assert_eq!(answer.status, 201, "{answer:?}");
        answer.json()["id"].as_str().unwrap().to_owned()
    };
    let rivers = group("Flüsse", json!([{"value": ben}]));
    let guides = group("Guides", json!([{"value": ann}, {"value": rivers, "type": "Group"}]));
    group("Empty", json!([]));
    Made { directory, ann, ben, guides, rivers }
}

fn list(directory: &Directory<'_>, path: &str, query: &[(&str, &str)]) -> Value {
    let mut text = url::form_urlencoded::Serializer::new(String::new());
    text.extend_pairs(query);
    let answer = directory.get(&format!("{path}?{}", text.finish()));
    assert_eq!(answer.status, 200, "{query:?}: {answer:?}");
    answer.json()
}

fn names(page: &Value) -> String {
    let resources = page["Resources"].as_array().unwrap().iter();
    let name = |one: &Value| {
        let name = if one["meta"]["resourceType"] == "Group" { "displayName" } else { "userName" };
        one[name].as_str().unwrap_or("?").to_owned()
    };
    resources.map(name).collect::<Vec<_>>().join(" ")
}

#[test]
fn every_filter_of_groups_finds_what_it_should() {
    let world = travel0();
    let made = made(Directory::connect(&world, "rocky-mountain"));
    let known = [
        (r#"displayName eq "GUIDES""#.to_owned(), "Guides"),
        (r#"displayName eq "FLÜSSE""#.to_owned(), "Flüsse"),
        (r#"displayName sw "g""#.to_owned(), "Guides"),
        (r#"displayName co "e""#.to_owned(), "Flüsse Guides Empty"),
        (r#"displayName ne "guides""#.to_owned(), "Flüsse Empty"),
        (r#"externalId eq "x-Guides""#.to_owned(), "Guides"),
        (r#"externalId eq "X-guides""#.to_owned(), ""),
        (format!(r#"id eq "{}""#, made.guides), "Guides"),
        (format!(r#"members eq "{}""#, made.ann), "Guides"),
        (format!(r#"members.value eq "{}""#, made.ben), "Flüsse"),
        (format!(r#"members[value eq "{}" and type eq "Group"]"#, made.rivers), "Guides"),
        (format!(r#"members[value eq "{}" and type eq "User"]"#, made.rivers), ""),
        (r#"members[type eq "user"]"#.to_owned(), "Flüsse Guides"),
        (r#"members.display eq "ann lee""#.to_owned(), "Guides"),
        ("members pr".to_owned(), "Flüsse Guides"),
        ("not (members pr)".to_owned(), "Empty"),
        (r#"meta.resourceType eq "Group" and displayName pr"#.to_owned(), "Flüsse Guides Empty"),
        (
            r#"schemas eq "urn:ietf:params:scim:schemas:core:2.0:Group""#.to_owned(),
            "Flüsse Guides Empty",
        ),
        (
            r#"urn:ietf:params:scim:schemas:core:2.0:Group:displayName eq "empty""#.to_owned(),
            "Empty",
        ),
    ];
    for (filter, wanted) in known {
        let page = list(&made.directory, "/Groups", &[("filter", &filter)]);
        assert_eq!(names(&page), wanted, "{filter}");
        assert_eq!(page["totalResults"], page["Resources"].as_array().unwrap().len(), "{filter}");
    }
    for filter in ["userName pr", "displayName eq 7", "active eq true"] {
        let answer = made
            .directory
            .get(&format!("/Groups?filter={}", filter.replace(' ', "%20").replace('"', "%22")));
        assert_eq!(
            (answer.status.as_u16(), &answer.json()["scimType"]),
            (400, &json!("invalidFilter")),
            "{filter}"
        );
    }
}

#[test]
fn groups_are_sorted_and_followed_by_cursor() {
    let world = travel0();
    let made = made(Directory::connect(&world, "rocky-mountain"));
    for (by, order, wanted) in [
        ("displayName", "ascending", "Empty Flüsse Guides"),
        ("displayName", "descending", "Guides Flüsse Empty"),
        ("externalId", "", "Empty Flüsse Guides"),
        ("meta.created", "descending", "Empty Guides Flüsse"),
        ("", "", "Flüsse Guides Empty"),
    ] {
        let sort = [("sortBy", by), ("sortOrder", order)];
        assert_eq!(names(&list(&made.directory, "/Groups", &sort)), wanted, "{by}");
        let (mut seen, mut cursor) = (Vec::new(), String::new());
        loop {
            let query = [sort[0], sort[1], ("cursor", &*cursor), ("count", "1")];
            let page = list(&made.directory, "/Groups", &query);
            seen.push(names(&page));
            let Some(next) = page.get("nextCursor") else { break };
            cursor = next.as_str().unwrap().to_owned();
        }
        assert_eq!(seen.join(" "), wanted, "{by}");
    }
}

/// RFC 7643 §4.1.2: a user's groups are read-only, direct and indirect.
#[test]
fn a_user_tells_their_groups_and_is_found_by_them() {
    let world = travel0();
    let made = made(Directory::connect(&world, "rocky-mountain"));
    let base = made.directory.path("");
    let ben = made.directory.get(&format!("/Users/{}", made.ben)).json();
    let told: Vec<(&str, &str, bool)> = ben["groups"]
        .as_array()
        .unwrap()
        .iter()
        .map(|group| {
            let link = group["$ref"].as_str().unwrap();
            let leads =
                link.ends_with(&format!("{base}/Groups/{}", group["value"].as_str().unwrap()));
            (group["display"].as_str().unwrap(), group["type"].as_str().unwrap(), leads)
        })
        .collect();
    assert_eq!(told, [("Flüsse", "direct", true), ("Guides", "indirect", true)]);
    let without =
        made.directory.get(&format!("/Users/{}?excludedAttributes=groups", made.ben)).json();
    assert!(without.get("groups").is_none());
    for (filter, wanted) in [
        (format!(r#"groups.value eq "{}""#, made.guides), "ann ben"),
        (format!(r#"groups eq "{}""#, made.rivers), "ben"),
        (format!(r#"groups[value eq "{}" and type eq "direct"]"#, made.guides), "ann"),
        (r#"groups.display eq "flüsse""#.to_owned(), "ben"),
        ("groups pr".to_owned(), "ann ben"),
        ("not (groups pr)".to_owned(), "cat"),
    ] {
        assert_eq!(
            names(&list(&made.directory, "/Users", &[("filter", &filter)])),
            wanted,
            "{filter}"
        );
    }
    let pushed =
        json!({"Operations": [{"op": "add", "path": "groups", "value": [{"value": made.guides}]}]});
    let refused = made.directory.patch(&format!("/Users/{}", made.ann), &pushed);
    assert_eq!((refused.status.as_u16(), &refused.json()["scimType"]), (400, &json!("mutability")));
}

#[test]
fn a_search_at_the_root_answers_both_types() {
    let world = travel0();
    let made = made(Directory::connect(&world, "rocky-mountain"));
    let search = |body: Value| {
        let mut body = body;
        body["schemas"] = json!([SEARCH]);
        let answer = made.directory.send(Method::POST, "/.search", Some(&body));
        assert_eq!(answer.status, 200, "{body}: {answer:?}");
        answer.json()
    };
    let all = "ann ben cat Flüsse Guides Empty";
    let page = search(json!({}));
    assert_eq!((names(&page).as_str(), &page["totalResults"]), (all, &json!(6)));
    for start in 1..=7 {
        for count in 0..=4 {
            let page = search(json!({"startIndex": start, "count": count}));
            let wanted: Vec<&str> = all.split(' ').skip(start - 1).take(count).collect();
            assert_eq!(names(&page), wanted.join(" "), "{start} {count}");
            assert_eq!((&page["totalResults"], &page["startIndex"]), (&json!(6), &json!(start)));
        }
    }
    for (filter, wanted) in [
        ("userName sw \"a\"", "ann"),
        ("displayName pr", "ann Flüsse Guides Empty"),
        ("meta.resourceType eq \"Group\"", "Flüsse Guides Empty"),
        ("members pr", "Flüsse Guides"),
        ("externalId eq \"x-Empty\" or externalId eq \"ext-cat\"", "cat Empty"),
    ] {
        assert_eq!(names(&search(json!({"filter": filter}))), wanted, "{filter}");
        let (mut seen, mut cursor) = (String::new(), String::new());
        loop {
            let page = search(json!({"filter": filter, "cursor": cursor, "count": 1}));
            let total = wanted.split(' ').count();
            assert_eq!(page["totalResults"], total, "{filter}");
            seen = format!("{seen} {}", names(&page)).trim().to_owned();
            let Some(next) = page.get("nextCursor") else { break };
            cursor = next.as_str().unwrap().to_owned();
        }
        assert_eq!(seen, wanted, "{filter}");
    }
    let nothing = json!({"schemas": [SEARCH], "filter": "shoeSize pr"});
    assert_eq!(made.directory.send(Method::POST, "/.search", Some(&nothing)).status, 400);
    let foreign = json!({"schemas": [SEARCH], "cursor": "x.y"});
    let refused = made.directory.send(Method::POST, "/.search", Some(&foreign)).json();
    assert_eq!(refused["scimType"], "invalidCursor");
}
