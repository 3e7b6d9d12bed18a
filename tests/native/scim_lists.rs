//! Lists: filters, sorting, pages by cursor, and what an answer shows
//! (RFC 7644 §3.4.2, §3.9; RFC 9865).
use crate::scim_setup::{Directory, active, org_id, person, travel0};
use guildhall::kernel::time::Seconds;
use serde_json::{Value, json};

const ENTERPRISE: &str = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User";
const SEARCH: &str = "urn:ietf:params:scim:api:messages:2.0:SearchRequest";

/// Four people; the last one was pushed two days after the others.
fn four(directory: &Directory<'_>) {
    let mut ann = person("Ann", "ann@granite.example");
    ann["name"] = json!({"givenName": "Ann", "familyName": "Lee"});
    ann["title"] = json!("Guide");
    ann[ENTERPRISE] = json!({"department": "Rafting", "employeeNumber": "7",
                             "manager": {"value": "boss"}});
    let mut ben = person("ben", "ben@granite.example");
    ben["emails"] = json!([{"value": "ben@home.example", "type": "home"},
                           {"value": "Ben@Granite.example", "type": "work", "primary": true}]);
    ben["name"] = json!({"familyName": "Ärger"});
    ben["title"] = json!("");
    ben["active"] = json!(false);
    let mut cat = person("cat", "cat@rocky.example");
    cat["title"] = json!("guide, senior");
    cat["externalId"] = json!("EXT-cat");
    for body in [&ann, &ben, &cat] {
        directory.pushed(body);
        directory.world.advance(Seconds(1));
    }
    directory.world.advance(Seconds::days(2));
    let mut dan = person("dan", "dan@granite.example");
    dan["photos"] = json!([{"value": "https://x.example/Dan.png"}]);
    directory.pushed(&dan);
}

fn names(page: &Value) -> String {
    let resources = page["Resources"].as_array().unwrap();
    let names: Vec<String> = resources
        .iter()
        .map(|user| user["userName"].as_str().unwrap_or("?").to_lowercase())
        .collect();
    names.join(" ")
}

fn found(directory: &Directory<'_>, filter: &str) -> String {
    let answer = directory.list(&[("filter", filter)]);
    assert_eq!(answer.status, 200, "{filter}: {answer:?}");
    names(&answer.json())
}

#[test]
fn every_operator_finds_what_it_should() {
    let world = travel0();
    let directory = Directory::connect(&world, "granite-outpost");
    four(&directory);
    let known = [
        (r#"userName eq "ANN""#, "ann"),
        (r#"userName ne "ANN""#, "ben cat dan"),
        (r#"userName co "A""#, "ann cat dan"),
        (r#"userName sw "b""#, "ben"),
        (r#"userName ew "N""#, "ann ben dan"),
        (r#"userName gt "ben""#, "cat dan"),
        (r#"userName ge "ben""#, "ben cat dan"),
        (r#"userName lt "ben""#, "ann"),
        (r#"userName le "ben""#, "ann ben"),
        // externalId is case-exact; a title is not.
        (r#"externalId eq "ext-cat""#, ""),
        (r#"externalId sw "EXT""#, "cat"),
        (r#"title eq "GUIDE""#, "ann"),
        (r#"title sw "guide""#, "ann cat"),
        (r#"title ew "senior""#, "cat"),
        (r#"title co ", ""#, "cat"),
        // An empty text is assigned, and not present.
        ("title pr", "ann cat"),
        (r#"title eq """#, "ben"),
        (r#"title co """#, "ann ben cat"),
        (r#"title ew """#, "ann ben cat"),
        ("title eq null", "ben dan"),
        ("title ne null", "ann cat"),
        (r#"title ne "guide""#, "ben cat dan"),
        // Case is folded as Unicode has it.
        (r#"name.familyName eq "äRGER""#, "ben"),
        ("name pr", "ann ben"),
        ("not (name pr)", "cat dan"),
        ("active eq true", "ann cat dan"),
        (r#"active eq "False""#, "ben"),
        ("active ne true", "ben"),
        // Lists: for one of their values.
        (r#"emails.value eq "ben@HOME.example""#, "ben"),
        (r#"emails co "granite""#, "ann ben dan"),
        (r#"emails.type eq "home""#, "ben"),
        (r#"emails[type eq "home" and value co "granite"]"#, ""),
        (r#"emails[type eq "work" and value co "granite"]"#, "ann ben dan"),
        (r#"emails[type eq "work"].value ew "rocky.example""#, "cat"),
        ("emails[not (primary eq true)]", "ben"),
        (r#"emails[primary eq false].value sw "ben""#, "ben"),
        (r#"emails[type eq "home" or value sw "cat"]"#, "ben cat"),
        ("photos pr", "dan"),
        (r#"photos.value eq "https://x.example/dan.png""#, ""),
        (r#"photos eq "https://x.example/Dan.png""#, "dan"),
        // Precedence: not, and, or.
        (r#"userName eq "ann" or userName eq "ben" and active eq true"#, "ann"),
        (r#"(userName eq "ann" or userName eq "ben") and active eq false"#, "ben"),
        (r#"not (userName eq "ann") and active eq true"#, "cat dan"),
        // Extensions, by their full name.
        (&format!(r#"{ENTERPRISE}:department eq "rafting""#), "ann"),
        (&format!(r#"{ENTERPRISE}:manager.value eq "boss""#), "ann"),
        (&format!(r#"{ENTERPRISE}:manager eq "boss""#), "ann"),
        (&format!("{ENTERPRISE}:employeeNumber pr"), "ann"),
        (r#"urn:ietf:params:scim:schemas:core:2.0:User:userName eq "cat""#, "cat"),
        (&format!(r#"schemas eq "{ENTERPRISE}""#), "ann"),
        (r#"schemas eq "urn:ietf:params:scim:schemas:core:2.0:User""#, "ann ben cat dan"),
        // Of all resources.
        (r#"meta.resourceType eq "User""#, "ann ben cat dan"),
        (r#"meta.resourceType eq "Group""#, ""),
        (r#"meta.version eq "W/\"1\"""#, "ann ben cat dan"),
        ("meta.created pr", "ann ben cat dan"),
    ];
    for (filter, wanted) in known {
        assert_eq!(found(&directory, filter), wanted, "{filter}");
    }
}

#[test]
fn moments_are_compared_as_moments() {
    let world = travel0();
    let directory = Directory::connect(&world, "granite-outpost");
    four(&directory);
    let dan = &directory.list(&[("filter", r#"userName eq "dan""#)]).json()["Resources"][0];
    let made = dan["meta"]["created"].as_str().unwrap().to_owned();
    let seconds = made.trim_end_matches('Z');
    let known = [
        (format!(r#"meta.created eq "{made}""#), "dan"),
        (format!(r#"meta.created ge "{seconds}.000Z""#), "dan"),
        (format!(r#"meta.created ge "{seconds}.001Z""#), ""),
        (format!(r#"meta.created gt "{made}""#), ""),
        (format!(r#"meta.created lt "{made}""#), "ann ben cat"),
        (format!(r#"meta.created le "{seconds}.5+00:00""#), "ann ben cat dan"),
        (format!(r#"meta.lastModified ge "{made}""#), "dan"),
    ];
    for (filter, wanted) in known {
        assert_eq!(found(&directory, &filter), wanted, "{filter}");
    }
}

#[test]
fn a_filter_that_compares_what_cannot_be_compared_is_refused() {
    let world = travel0();
    let directory = Directory::connect(&world, "granite-outpost");
    let refused = [
        r#"shoeSize eq "44""#,
        r#"name eq "Ann""#,
        r#"addresses eq "x""#,
        "userName eq 7",
        "userName eq true",
        r#"active eq "maybe""#,
        "active gt true",
        r#"active co "t""#,
        r#"x509Certificates.value gt "a""#,
        r#"meta.created eq "yesterday""#,
        r#"meta.created co "2026""#,
        r#"name[familyName eq "Lee"]"#,
        "emails[shoeSize eq 44]",
        r#"emails[type eq "work"].shoeSize eq 44"#,
        "title gt null",
        r#"urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:userName eq "a""#,
        "userName",
    ];
    for filter in refused {
        let answer = directory.list(&[("filter", filter)]);
        assert_eq!(
            (answer.status.as_u16(), &answer.json()["scimType"]),
            (400, &json!("invalidFilter")),
            "{filter}"
        );
    }
}

/// RFC 7644 §3.4.2.3.
#[test]
fn lists_are_sorted_by_any_attribute() {
    let world = travel0();
    let directory = Directory::connect(&world, "granite-outpost");
    four(&directory);
    let sorted = |by: &str, order: &str| {
        let answer = directory.list(&[("sortBy", by), ("sortOrder", order)]);
        assert_eq!(answer.status, 200, "{by}: {answer:?}");
        names(&answer.json())
    };
    assert_eq!(sorted("userName", ""), "ann ben cat dan");
    assert_eq!(sorted("USERNAME", "Descending"), "dan cat ben ann");
    // What has no title comes last; first, backwards.
    assert_eq!(sorted("title", "ascending"), "ben ann cat dan");
    assert_eq!(sorted("title", "descending"), "dan cat ann ben");
    // The primary address counts: ben@granite, not ben@home.
    assert_eq!(sorted("emails", ""), "ann ben cat dan");
    assert_eq!(sorted("emails.type", "descending"), sorted("emails.type", "descending"));
    assert_eq!(sorted("meta.lastModified", "descending"), "dan cat ben ann");
    assert_eq!(sorted(&format!("{ENTERPRISE}:department"), ""), {
        let others = sorted("id", "");
        let others: Vec<&str> = others.split(' ').filter(|name| *name != "ann").collect();
        format!("ann {}", others.join(" "))
    });
    for (query, kind) in [
        ([("sortBy", "shoeSize"), ("sortOrder", "")], "invalidPath"),
        ([("sortBy", "name"), ("sortOrder", "")], "invalidPath"),
        ([("sortBy", "title"), ("sortOrder", "sideways")], "invalidValue"),
    ] {
        let answer = directory.list(&query);
        assert_eq!((answer.status.as_u16(), &answer.json()["scimType"]), (400, &json!(kind)));
    }
}

/// RFC 9865: every order can be followed by cursor to its end, whatever comes and
/// goes meanwhile.
#[test]
fn a_cursor_goes_on_where_the_page_ended() {
    let world = travel0();
    let directory = Directory::connect(&world, "granite-outpost");
    four(&directory);
    for (by, order, wanted) in [
        ("", "", "ann ben cat dan"),
        ("userName", "descending", "dan cat ben ann"),
        ("title", "ascending", "ben ann cat dan"),
        ("title", "descending", "dan cat ann ben"),
        ("meta.created", "", "ann ben cat dan"),
        ("active", "descending", ""),
    ] {
        let mut seen = Vec::new();
        let mut cursor = String::new();
        loop {
            let query =
                [("cursor", &*cursor), ("count", "1"), ("sortBy", by), ("sortOrder", order)];
            let page = directory.list(&query).json();
            assert_eq!(page["totalResults"], 4, "{page}");
            assert!(page.get("startIndex").is_none(), "{page}");
            seen.push(names(&page));
            match page.get("nextCursor") {
                Some(next) => cursor = next.as_str().unwrap().to_owned(),
                None => break,
            }
        }
        if wanted.is_empty() {
            seen.sort();
            assert_eq!(seen.join(" "), "ann ben cat dan", "{by}");
        } else {
            assert_eq!(seen.join(" "), wanted, "{by} {order}");
        }
    }
    // Somebody on the page before goes: nobody is passed over.
    let first = directory.list(&[("cursor", ""), ("count", "2")]).json();
    let ann = first["Resources"][0]["id"].as_str().unwrap();
    directory.delete(&format!("/Users/{ann}"));
    let next = first["nextCursor"].as_str().unwrap();
    assert_eq!(names(&directory.list(&[("cursor", next), ("count", "2")]).json()), "cat dan");
    // By index, no cursor is told.
    assert!(directory.list(&[("count", "1")]).json().get("nextCursor").is_none());
}

#[test]
fn a_cursor_of_another_list_is_refused() {
    let world = travel0();
    let directory = Directory::connect(&world, "granite-outpost");
    four(&directory);
    let page = directory.list(&[("cursor", ""), ("count", "1")]).json();
    let next = page["nextCursor"].as_str().unwrap();
    let refused: [(&[(&str, &str)], &str); 7] = [
        (&[("cursor", next), ("filter", "title pr")], "invalidCursor"),
        (&[("cursor", next), ("sortBy", "title")], "invalidCursor"),
        (&[("cursor", "x")], "invalidCursor"),
        (&[("cursor", "e30")], "invalidCursor"),
        (&[("cursor", ""), ("count", "-1")], "invalidCount"),
        (&[("cursor", ""), ("count", "x")], "invalidValue"),
        (&[("cursor", ""), ("startIndex", "1")], "invalidValue"),
    ];
    for (query, kind) in refused {
        let answer = directory.list(query);
        assert_eq!(
            (answer.status.as_u16(), &answer.json()["scimType"]),
            (400, &json!(kind)),
            "{query:?}"
        );
    }
}

/// RFC 7644 §3.9.
#[test]
fn answers_show_what_is_asked_for() {
    let world = travel0();
    let directory = Directory::connect(&world, "granite-outpost");
    four(&directory);
    let shown = |query: &[(&str, &str)]| {
        let mut query = query.to_vec();
        query.push(("filter", r#"userName eq "ann""#));
        let page = directory.list(&query).json();
        let user = page["Resources"][0].as_object().unwrap().clone();
        let mut names: Vec<String> = user.keys().cloned().collect();
        names.sort();
        (names.join(" "), Value::Object(user))
    };
    assert_eq!(shown(&[("attributes", "userName")]).0, "id schemas userName");
    assert_eq!(
        shown(&[("attributes", "USERNAME, nope,meta.created")]).1["meta"]
            .as_object()
            .unwrap()
            .len(),
        1
    );
    let (names, user) = shown(&[("attributes", "name.familyName,emails.value")]);
    assert_eq!(names, "emails id name schemas");
    assert_eq!(user["name"], json!({"familyName": "Lee"}));
    assert_eq!(user["emails"], json!([{"value": "ann@granite.example"}]));
    let (names, user) = shown(&[("attributes", &format!("{ENTERPRISE}:department"))]);
    assert_eq!(names, format!("id schemas {ENTERPRISE}"));
    assert_eq!(user[ENTERPRISE], json!({"department": "Rafting"}));
    assert_eq!(shown(&[("attributes", ENTERPRISE)]).1[ENTERPRISE]["employeeNumber"], "7");
    let (names, user) = shown(&[("excludedAttributes", "id,schemas,meta,emails.type,name")]);
    assert_eq!(names, format!("active emails externalId id schemas title {ENTERPRISE} userName"));
    assert!(user["emails"][0].get("type").is_none());
    let (names, _) = shown(&[("excludedAttributes", ENTERPRISE)]);
    assert!(!names.contains(ENTERPRISE), "{names}");

    // The same of what is written.
    let ann = shown(&[]).1["id"].as_str().unwrap().to_owned();
    let at = format!("/Users/{ann}?attributes=active");
    for answer in [directory.get(&at), directory.patch(&at, &active(false))] {
        let mut user = answer.json();
        assert!(user.as_object_mut().unwrap().remove("active").is_some());
        assert_eq!(user.as_object().unwrap().len(), 2, "{user}");
    }
}

/// RFC 7644 §3.4.3.
#[test]
fn a_search_is_a_list_asked_for_in_a_body() {
    let world = travel0();
    let directory = Directory::connect(&world, "granite-outpost");
    four(&directory);
    let search = |path: &str, body: &Value| directory.send(http::Method::POST, path, Some(body));
    for path in ["/.search", "/Users/.search"] {
        let body = json!({
            "schemas": [SEARCH], "filter": "title pr", "attributes": ["userName"],
            "sortBy": "userName", "sortOrder": "descending", "startIndex": 2, "count": 10,
        });
        let answer = search(path, &body);
        assert_eq!(answer.status, 200, "{answer:?}");
        let page = answer.json();
        assert_eq!((names(&page), &page["totalResults"]), ("ann".to_owned(), &json!(2)));
        assert_eq!(page["Resources"][0].as_object().unwrap().len(), 3);
        let page = search(path, &json!({"schemas": [SEARCH], "cursor": "", "count": 1})).json();
        let next = json!({"schemas": [SEARCH], "cursor": page["nextCursor"], "count": 1});
        assert_eq!(names(&search(path, &next).json()), "ben");

        for (body, kind) in [
            (json!({"filter": "title pr"}), "invalidSyntax"),
            (json!({"schemas": [SEARCH], "filter": 7}), "invalidSyntax"),
            (json!([]), "invalidSyntax"),
            (json!({"schemas": [SEARCH], "filter": "nope pr"}), "invalidFilter"),
            (json!({"schemas": [SEARCH], "count": "x"}), "invalidValue"),
        ] {
            let answer = search(path, &body);
            assert_eq!(
                (answer.status.as_u16(), &answer.json()["scimType"]),
                (400, &json!(kind)),
                "{body}"
            );
        }
        assert_eq!(directory.get(path).status, 405);
    }
}

/// The organization's secret is nobody in particular (RFC 7644 §3.11).
#[test]
fn a_secret_has_no_resource_of_its_own() {
    let world = travel0();
    let directory = Directory::connect(&world, "granite-outpost");
    assert_eq!(directory.get("/Me").status, 404);
    assert_eq!(directory.patch("/Me", &active(false)).status, 404);
    assert_eq!(directory.put("/Me", &person("a", "a@x.example")).status, 404);
    assert_eq!(directory.delete("/Me").status, 404);
    assert_eq!(directory.send(http::Method::POST, "/Me", Some(&json!({}))).status, 405);
    let stranger = Directory::at(&world, org_id(&world, "granite-outpost")).with_bearer("no");
    assert_eq!(stranger.get("/Me").status, 401);
}
