//! Schemas that an organization defines for its users.
use crate::harness::browser::{Answer, json_request};
use crate::harness::world::World;
use crate::scim_setup::{Directory, admin, config_path, org_id, person, travel0};
use http::Method;
use serde_json::{Value, json};

const URN: &str = "urn:example:granite:2.0:Guide";

fn ask(world: &World, method: Method, below: &str, body: Option<&Value>) -> Answer {
    let path = format!("{}{below}", config_path(&org_id(world, "granite-outpost")));
    Answer::new(world.send(json_request(method, &path, &admin(world), body)))
}

fn guide() -> Value {
    json!({
        "id": URN,
        "name": "Guide",
        "description": "What guides can do",
        "attributes": [
            {"name": "rivers", "multiValued": true, "description": "Known rivers"},
            {"name": "badge", "caseExact": true, "mutability": "immutable"},
            {"name": "trips", "type": "integer"},
            {"name": "since", "type": "dateTime"},
            {"name": "notes", "returned": "request"},
            {"name": "boat", "type": "complex", "subAttributes": [
                {"name": "name", "required": true}, {"name": "length", "type": "decimal"},
            ]},
        ],
    })
}

fn defined(world: &World) -> Directory<'_> {
    let directory = Directory::connect(world, "granite-outpost");
    let answer = ask(world, Method::PUT, &format!("/schemas/{URN}"), Some(&guide()));
    assert_eq!(answer.status, 201, "{answer:?}");
    directory
}

#[test]
fn what_is_defined_is_announced_kept_filtered_and_sorted() {
    let world = travel0();
    let directory = defined(&world);
    let types = directory.get("/ResourceTypes/User").json();
    let extensions = types["schemaExtensions"].as_array().unwrap();
    assert!(extensions.contains(&json!({"schema": URN, "required": false})), "{types}");
    let schema = directory.get(&format!("/Schemas/{URN}")).json();
    assert_eq!(schema["attributes"][0]["multiValued"], true);
    assert_eq!(schema["attributes"][5]["subAttributes"][1]["type"], "decimal");

    let mut ann = person("ann", "ann@granite.example");
    ann[&URN.to_lowercase()] = json!({
        "RIVERS": ["Arkansas", "Green"], "badge": "A7", "trips": 12,
        "since": "2020-05-01T10:00:00+02:00", "notes": "n", "boat": {"name": "Otter", "length": 4.5},
        "shoeSize": 44,
    });
    let at = directory.pushed(&ann);
    let mut ben = person("ben", "ben@granite.example");
    ben[URN] =
        json!({"trips": 3, "since": "2021-01-01T00:00:00Z", "boat": {"name": "B", "length": 10}});
    directory.pushed(&ben);
    let kept = directory.get(&at).json();
    assert_eq!(
        kept[URN],
        json!({
            "rivers": ["Arkansas", "Green"], "badge": "A7", "trips": 12,
            "since": "2020-05-01T10:00:00+02:00", "boat": {"name": "Otter", "length": 4.5},
        })
    );
    assert!(kept["schemas"].as_array().unwrap().contains(&json!(URN)));
    let noted = directory.get(&format!("{at}?attributes={URN}:notes")).json();
    assert_eq!(noted[URN], json!({"notes": "n"}));

    for (filter, wanted) in [
        (r#":rivers eq "arkansas""#, 1),
        (r#":badge eq "a7""#, 0),
        (":trips gt 3", 1),
        (":trips ge 3", 2),
        (":boat.length lt 10", 1),
        (":boat.length eq 4.5", 1),
        (r#":since eq "2020-05-01T08:00:00Z""#, 1),
        (r#":since lt "2021-06-01T00:00:00Z""#, 2),
    ] {
        assert_eq!(directory.count(&format!("{URN}{filter}")), wanted, "{filter}");
    }
    for by in [":trips", ":boat.length"] {
        let page = directory.list(&[("sortBy", &format!("{URN}{by}"))]).json();
        let first = if by == ":trips" { "ben" } else { "ann" };
        assert_eq!(page["Resources"][0]["userName"], first, "{by}");
        let query = [("sortBy", &*format!("{URN}{by}")), ("cursor", ""), ("count", "1")];
        let next = directory.list(&query).json()["nextCursor"].as_str().unwrap().to_owned();
        let query = [("sortBy", &*format!("{URN}{by}")), ("cursor", &*next), ("count", "1")];
        assert_ne!(directory.list(&query).json()["Resources"][0]["userName"], first, "{by}");
    }
}

#[test]
fn its_rules_are_kept() {
    let world = travel0();
    let directory = defined(&world);
    let mut ann = person("ann", "ann@granite.example");
    for (value, kind) in [
        (json!({"trips": "12"}), "invalidValue"),
        (json!({"trips": 1.5}), "invalidValue"),
        (json!({"since": "yesterday"}), "invalidValue"),
        (json!({"boat": {"length": 4}}), "invalidValue"),
        (json!({"rivers": [7]}), "invalidValue"),
    ] {
        ann[URN] = value.clone();
        let answer = directory.push(&ann);
        if value.get("boat").is_some() {
            // A part that is required is asked of nobody who pushes no boat.
            assert_eq!(answer.status, 201);
            directory.delete(&format!("/Users/{}", answer.json()["id"].as_str().unwrap()));
            continue;
        }
        assert_eq!(
            (answer.status.as_u16(), &answer.json()["scimType"]),
            (400, &json!(kind)),
            "{value}"
        );
    }
    ann[URN] = json!({"badge": "A7", "rivers": ["Arkansas"]});
    let at = directory.pushed(&ann);
    let change = |path: &str, op: &str, value: Value| {
        let body =
            json!({"Operations": [{"op": op, "path": format!("{URN}:{path}"), "value": value}]});
        directory.patch(&at, &body)
    };
    let refused = change("badge", "replace", json!("B8"));
    assert_eq!((refused.status.as_u16(), &refused.json()["scimType"]), (400, &json!("mutability")));
    assert_eq!(change("badge", "replace", json!("A7")).status, 200);
    assert_eq!(
        change("rivers", "add", json!(["Green"])).json()[URN]["rivers"],
        json!(["Arkansas", "Green"])
    );
    assert_eq!(
        change("rivers[value eq \"arkansas\"]", "remove", Value::Null).json()[URN]["rivers"],
        json!(["Green"])
    );
}

#[test]
fn what_is_gone_is_no_longer_told_and_comes_back() {
    let world = travel0();
    let directory = defined(&world);
    let mut ann = person("ann", "ann@granite.example");
    ann[URN] = json!({"trips": 12});
    let at = directory.pushed(&ann);
    let one = format!("/schemas/{URN}");
    assert_eq!(ask(&world, Method::DELETE, &one, None).status, 204);
    assert_eq!(ask(&world, Method::DELETE, &one, None).status, 404);
    assert_eq!(ask(&world, Method::GET, &one, None).status, 404);
    let user = directory.get(&at).json();
    assert!(user.get(URN).is_none() && user["schemas"].as_array().unwrap().len() == 1, "{user}");
    let lost = directory.list(&[("filter", &format!("{URN}:trips eq 12"))]);
    assert_eq!(lost.status, 400);
    assert_eq!(ask(&world, Method::PUT, &one, Some(&guide())).status, 201);
    assert_eq!(ask(&world, Method::PUT, &one, Some(&guide())).status, 200);
    // What lists look at is made again for each of them.
    assert_eq!(directory.count(&format!(r#"schemas eq "{URN}""#)), 1);
    assert_eq!(directory.count(&format!("{URN}:trips eq 12")), 1);
    assert_eq!(ask(&world, Method::GET, "/schemas", None).json()[0]["id"], URN);
    assert_eq!(ask(&world, Method::GET, &one, None).json()["name"], "Guide");
}

#[test]
fn what_we_do_not_enforce_is_not_defined() {
    let world = travel0();
    Directory::connect(&world, "granite-outpost");
    let with = |attribute: Value| json!({"id": URN, "attributes": [attribute]});
    let nameless = json!({"attributes": [{"name": "a"}]});
    let at = "/schemas/urn:example:by-path";
    let answer = ask(&world, Method::PUT, at, Some(&nameless));
    assert_eq!((answer.status.as_u16(), &answer.json()["id"]), (201, &json!(&at[9..])));
    assert_eq!(ask(&world, Method::DELETE, at, None).status, 204);
    let refused = [
        json!({"id": URN}),
        json!({"id": URN, "attributes": []}),
        json!({"id": "urn:ietf:params:scim:schemas:core:2.0:User", "attributes": [{"name": "a"}]}),
        json!({"id": "https://x.example", "attributes": [{"name": "a"}]}),
        json!({"id": "urn:other", "attributes": [{"name": "a"}]}),
        json!({"id": URN, "attributes": [{"name": "a"}, {"name": "A"}]}),
        with(json!({"name": "a b"})),
        with(json!({"name": "a\""})),
        with(json!({"name": ""})),
        with(json!({"name": "a", "type": "blob"})),
        with(json!({"name": "a", "uniqueness": "server"})),
        with(json!({"name": "a", "returned": "never"})),
        with(json!({"name": "a", "mutability": "writeOnly"})),
        with(json!({"name": "a", "multiValued": "yes"})),
        with(json!({"name": "a", "type": "complex"})),
        with(json!({"name": "a", "type": "complex", "subAttributes": [
            {"name": "b", "type": "complex", "subAttributes": [{"name": "c"}]}]})),
        with(json!({"name": "a", "canonicalValues": [7]})),
        json!({"id": URN, "attributes": (0..101).map(|n| json!({"name": format!("a{n}")})).collect::<Vec<_>>()}),
    ];
    for body in refused {
        let answer = ask(&world, Method::PUT, &format!("/schemas/{URN}"), Some(&body));
        assert_eq!(answer.status, 400, "{body}: {answer:?}");
    }
    for n in 0..10 {
        let urn = format!("urn:example:n{n}");
        let body = json!({"id": urn, "attributes": [{"name": "a"}]});
        assert_eq!(ask(&world, Method::PUT, &format!("/schemas/{urn}"), Some(&body)).status, 201);
    }
    let answer =
        ask(&world, Method::PUT, &format!("/schemas/{URN}"), Some(&with(json!({"name": "a"}))));
    assert_eq!(answer.status, 400);
}
