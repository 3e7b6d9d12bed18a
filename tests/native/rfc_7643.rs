//! RFC 7643, SCIM's core schema: what it demands of a service provider, in the order
//! of its text, where no other test shows it. `docs/conformance.md` has every demand.
use crate::harness::browser::Answer;
use crate::scim_setup::{Directory, person, travel0};
use http::Method;
use serde_json::{Map, Value, json};
use std::collections::{BTreeMap, BTreeSet};

const USER_URN: &str = "urn:ietf:params:scim:schemas:core:2.0:User";
const GROUP_URN: &str = "urn:ietf:params:scim:schemas:core:2.0:Group";
const ENTERPRISE_URN: &str = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User";

fn problem(answer: &Answer) -> (u16, Value) {
    (answer.status.as_u16(), answer.json()["scimType"].clone())
}

fn patch(operations: &Value) -> Value {
    json!({ "schemas": ["urn:ietf:params:scim:api:messages:2.0:PatchOp"], "Operations": operations })
}

fn make(directory: &Directory<'_>, path: &str, body: &Value) -> Value {
    let made = directory.send(Method::POST, path, Some(body));
    assert_eq!(made.status, 201, "{made:?}");
    made.json()
}

fn listed(directory: &Directory<'_>, path: &str) -> Vec<Value> {
    directory.get(path).json()["Resources"].as_array().unwrap().clone()
}

/// §2.1: names of attributes have no case, and come back as the schema spells them.
#[test]
fn a_name_of_an_attribute_has_no_case() {
    let world = travel0();
    let directory = Directory::connect(&world, "granite-outpost");
    let body = json!({
        "Schemas": [USER_URN], "userName": "ann", "NickName": "Annie", "NAME": { "GIVENNAME": "Ann" },
        "eMails": [{ "VALUE": "ann@granite.example", "Type": "work", "PRIMARY": true }],
        ENTERPRISE_URN.to_uppercase(): { "Department": "Rafting" },
    });
    let made = make(&directory, "/Users", &body);
    assert_eq!((&made["userName"], &made["nickName"]), (&json!("ann"), &json!("Annie")));
    assert_eq!(made["name"], json!({ "givenName": "Ann" }));
    assert_eq!(
        made["emails"],
        json!([{ "value": "ann@granite.example", "type": "work", "primary": true }])
    );
    assert_eq!(made[ENTERPRISE_URN], json!({ "department": "Rafting" }));
}

/// §2.3: a value is of its attribute's type, or refused.
#[test]
fn a_value_has_the_type_of_its_attribute() {
    let world = travel0();
    let directory = Directory::connect(&world, "granite-outpost");
    let wrong = [
        ("title", json!(5)),
        ("title", json!(["a"])),
        ("title", json!({ "value": "a" })),
        ("active", json!(1)),
        ("active", json!("perhaps")),
        ("name", json!("Ann")),
        ("name", json!({ "givenName": 5 })),
        ("emails", json!([{ "value": 5 }])),
        ("emails", json!([{ "value": "a@b.example", "primary": "perhaps" }])),
        (ENTERPRISE_URN, json!("Rafting")),
        (ENTERPRISE_URN, json!({ "department": 5 })),
        ("externalId", json!(5)),
    ];
    for (name, value) in wrong {
        let mut body = person("ann", "ann@granite.example");
        body[name] = value.clone();
        assert_eq!(problem(&directory.push(&body)), (400, json!("invalidValue")), "{name} {value}");
    }
    assert_eq!(directory.get("/Users").json()["totalResults"], 0);
}

/// §2.4: at most one value is the primary one, whichever way it comes.
#[test]
fn one_value_is_primary() {
    let world = travel0();
    let directory = Directory::connect(&world, "granite-outpost");
    let two = json!([{ "value": "a@x.example", "primary": true }, { "value": "b@x.example", "primary": true }]);
    let mut body = person("ann", "ann@granite.example");
    body["emails"] = two.clone();
    assert_eq!(problem(&directory.push(&body)), (400, json!("invalidValue")));
    let at = directory.pushed(&person("ann", "ann@granite.example"));
    assert_eq!(problem(&directory.put(&at, &body)), (400, json!("invalidValue")));
    let replaced = patch(&json!([{ "op": "replace", "path": "emails", "value": two }]));
    assert_eq!(problem(&directory.patch(&at, &replaced)), (400, json!("invalidValue")));

    let added = patch(
        &json!([{ "op": "add", "path": "emails", "value": [{ "value": "new@x.example", "primary": true }] }]),
    );
    let emails = directory.patch(&at, &added).json()["emails"].clone();
    assert_eq!((&emails[0]["primary"], &emails[1]["primary"]), (&json!(false), &json!(true)));
}

/// §2.5: null, an empty list and nothing are the same.
#[test]
fn null_and_an_empty_list_are_nothing() {
    let world = travel0();
    let directory = Directory::connect(&world, "granite-outpost");
    let mut body = person("ann", "ann@granite.example");
    body["title"] = json!("Guide");
    body["roles"] = json!([{ "value": "a" }]);
    let at = directory.pushed(&body);
    body["title"] = Value::Null;
    body["roles"] = json!([]);
    body["name"] = Value::Null;
    body[ENTERPRISE_URN] = Value::Null;
    for answer in [directory.put(&at, &body), directory.get(&at)] {
        let told = answer.json();
        for absent in ["title", "name", ENTERPRISE_URN] {
            assert_eq!(told.get(absent), None, "{absent}");
        }
        assert!(told["roles"].as_array().is_none_or(Vec::is_empty));
        assert_eq!(
            told["schemas"],
            json!([USER_URN]),
            "an extension that is not there is not named"
        );
    }
    let cleared = patch(&json!([{ "op": "replace", "path": "emails", "value": null }]));
    let answer = directory.patch(&at, &cleared);
    assert_eq!(answer.status, 200, "{answer:?}");
    assert!(answer.json()["emails"].as_array().is_none_or(Vec::is_empty));
}

/// §3, §3.3: a resource names the schemas that it has, an extension's attributes
/// stand below its name.
#[test]
fn a_resource_names_its_schemas() {
    let world = travel0();
    let directory = Directory::connect(&world, "granite-outpost");
    let plain = make(&directory, "/Users", &person("ann", "ann@granite.example"));
    assert_eq!(plain["schemas"], json!([USER_URN]));
    let at = format!("/Users/{}", plain["id"].as_str().unwrap());
    let set = patch(
        &json!([{ "op": "add", "path": format!("{ENTERPRISE_URN}:department"), "value": "Rafting" }]),
    );
    let extended = directory.patch(&at, &set).json();
    assert_eq!(extended["schemas"], json!([USER_URN, ENTERPRISE_URN]));
    assert_eq!(extended[ENTERPRISE_URN], json!({ "department": "Rafting" }));
    let unset = patch(&json!([{ "op": "remove", "path": ENTERPRISE_URN }]));
    assert_eq!(directory.patch(&at, &unset).json()["schemas"], json!([USER_URN]));
    let group = make(
        &directory,
        "/Groups",
        &json!({ "schemas": [GROUP_URN], "displayName": "Pushed guides" }),
    );
    assert_eq!(group["schemas"], json!([GROUP_URN]));
}

/// §3.1: an id is one resource's for ever, and no client chooses it; `meta` is ours.
#[test]
fn an_id_is_never_given_twice() {
    let world = travel0();
    let directory = Directory::connect(&world, "granite-outpost");
    let mut seen = BTreeSet::new();
    for _ in 0..3 {
        let mut body = person("ann", "ann@granite.example");
        body["id"] = json!("chosen");
        body["meta"] = json!({ "location": "https://elsewhere.example", "version": "W/\"x\"" });
        let made = make(&directory, "/Users", &body);
        let id = made["id"].as_str().unwrap().to_owned();
        assert_ne!(id, "chosen");
        assert!(!id.to_lowercase().contains("bulkid"));
        let location = made["meta"]["location"].as_str().unwrap();
        assert!(location.ends_with(&format!("/Users/{id}")), "{location}");
        assert_eq!(made["meta"]["resourceType"], "User");
        assert!(made["meta"]["created"].as_str().unwrap().ends_with('Z'));
        assert_eq!(directory.delete(&format!("/Users/{id}")).status, 204);
        assert!(seen.insert(id), "never given again");
    }
}

/// §3.1: `externalId` is the client's, and its case counts.
#[test]
fn an_external_id_is_kept_as_it_is() {
    let world = travel0();
    let directory = Directory::connect(&world, "granite-outpost");
    for (at, external) in ["Ext", "ext", "EXT"].into_iter().enumerate() {
        let body = json!({ "schemas": [USER_URN], "userName": format!("user-{at}"), "externalId": external });
        assert_eq!(make(&directory, "/Users", &body)["externalId"], external);
        assert_eq!(directory.count(&format!("externalId eq \"{external}\"")), 1);
    }
}

/// §4.1.1: a user has a name, which is not empty.
#[test]
fn a_user_has_a_name() {
    let world = travel0();
    let directory = Directory::connect(&world, "granite-outpost");
    for name in [Value::Null, json!(""), json!([]), json!(5)] {
        let body = json!({ "schemas": [USER_URN], "userName": name });
        assert_eq!(problem(&directory.push(&body)), (400, json!("invalidValue")), "{body}");
    }
    let at = directory.pushed(&person("ann", "ann@granite.example"));
    let removed = patch(&json!([{ "op": "remove", "path": "userName" }]));
    let (status, reason) = problem(&directory.patch(&at, &removed));
    assert_eq!(status, 400);
    assert!(["mutability", "invalidValue"].map(Value::from).contains(&reason), "{reason}");
    assert_eq!(directory.get(&at).json()["userName"], "ann");
}

/// §4.1.2: a user's groups are read here and changed at the group.
#[test]
fn the_groups_of_a_user_are_changed_at_the_group() {
    let world = travel0();
    let directory = Directory::connect(&world, "granite-outpost");
    let at = directory.pushed(&person("ann", "ann@granite.example"));
    let id = at.rsplit('/').next().unwrap();
    let body = json!({ "schemas": [GROUP_URN], "displayName": "Pushed guides", "members": [{ "value": id }] });
    let inner = make(&directory, "/Groups", &body);
    let body = json!({
        "schemas": [GROUP_URN], "displayName": "Everybody",
        "members": [{ "value": inner["id"], "type": "Group" }],
    });
    let outer = make(&directory, "/Groups", &body);

    let groups = directory.get(&at).json()["groups"].clone();
    let told: BTreeMap<&str, &Value> = groups
        .as_array()
        .unwrap()
        .iter()
        .map(|group| (group["value"].as_str().unwrap(), group))
        .collect();
    let direct = told[inner["id"].as_str().unwrap()];
    assert_eq!((&direct["type"], &direct["display"]), (&json!("direct"), &json!("Pushed guides")));
    assert_eq!(direct["$ref"], inner["meta"]["location"]);
    if let Some(indirect) = told.get(outer["id"].as_str().unwrap()) {
        assert_eq!(indirect["type"], "indirect");
    }
    let set = patch(&json!([{ "op": "replace", "path": "groups", "value": [] }]));
    assert_eq!(problem(&directory.patch(&at, &set)), (400, json!("mutability")));
    let mut whole = person("ann", "ann@granite.example");
    whole["groups"] = json!([]);
    assert_eq!(directory.put(&at, &whole).json()["groups"], groups, "ignored in a PUT");
}

/// §4.2: a group has a name; its members are users and groups.
#[test]
fn a_group_has_a_name_and_members_of_both_kinds() {
    let world = travel0();
    let directory = Directory::connect(&world, "granite-outpost");
    for name in [Value::Null, json!(""), json!(5)] {
        let body = json!({ "schemas": [GROUP_URN], "displayName": name });
        let answer = directory.send(Method::POST, "/Groups", Some(&body));
        assert_eq!(problem(&answer), (400, json!("invalidValue")), "{body}");
    }
    let user = make(&directory, "/Users", &person("ann", "ann@granite.example"));
    let inner =
        make(&directory, "/Groups", &json!({ "schemas": [GROUP_URN], "displayName": "Inner" }));
    let members = json!([
        { "value": user["id"], "$ref": user["meta"]["location"], "type": "User" },
        { "value": inner["id"], "$ref": inner["meta"]["location"], "type": "Group" },
    ]);
    let body = json!({ "schemas": [GROUP_URN], "displayName": "Outer", "members": members });
    let outer = make(&directory, "/Groups", &body);
    assert_eq!(outer["meta"]["resourceType"], "Group");
    let sorted = |members: &Value| {
        let members = members.as_array().unwrap().iter();
        members
            .map(|member| (member["value"].to_string(), member.clone()))
            .collect::<BTreeMap<_, _>>()
    };
    let at = format!("/Groups/{}", outer["id"].as_str().unwrap());
    for told in [&outer, &directory.get(&at).json()] {
        assert_eq!(sorted(&told["members"]), sorted(&members));
    }
}

/// §5: the configuration says what there is.
#[test]
fn the_configuration_has_all_that_it_must() {
    let world = travel0();
    let directory = Directory::connect(&world, "granite-outpost");
    let config = directory.get("/ServiceProviderConfig").json();
    assert_eq!(
        config["schemas"],
        json!(["urn:ietf:params:scim:schemas:core:2.0:ServiceProviderConfig"])
    );
    for feature in ["patch", "bulk", "filter", "changePassword", "sort", "etag"] {
        assert!(config[feature]["supported"].is_boolean(), "{feature}");
    }
    for feature in ["patch", "bulk", "filter", "sort", "etag"] {
        assert_eq!(config[feature]["supported"], true, "{feature}");
    }
    assert_eq!(config["changePassword"]["supported"], false, "passwords are the person's");
    for limit in ["/bulk/maxOperations", "/bulk/maxPayloadSize", "/filter/maxResults"] {
        assert!(config.pointer(limit).unwrap().as_i64().unwrap() > 0, "{limit}");
    }
    let schemes = config["authenticationSchemes"].as_array().unwrap();
    assert!(!schemes.is_empty());
    for scheme in schemes {
        for member in ["type", "name", "description"] {
            assert!(scheme[member].as_str().is_some_and(|text| !text.is_empty()), "{scheme}");
        }
        let known = ["oauth", "oauth2", "oauthbearertoken", "httpbasic", "httpdigest"];
        assert!(known.contains(&scheme["type"].as_str().unwrap()), "{scheme}");
    }
    assert!(schemes.iter().filter(|scheme| scheme["primary"] == true).count() <= 1);
}

/// §6: each type says where it is and by which schemas.
#[test]
fn resource_types_lead_to_endpoints_and_schemas() {
    let world = travel0();
    let directory = Directory::connect(&world, "granite-outpost");
    let types = listed(&directory, "/ResourceTypes");
    let names: Vec<&Value> = types.iter().map(|one| &one["name"]).collect();
    assert_eq!(names, [&json!("User"), &json!("Group")]);
    for one in &types {
        let id = one["id"].as_str().unwrap();
        assert_eq!(&directory.get(&format!("/ResourceTypes/{id}")).json(), one);
        assert_eq!(directory.get(one["endpoint"].as_str().unwrap()).status, 200, "{one}");
        let extensions = one["schemaExtensions"].as_array().cloned().unwrap_or_default();
        assert!(extensions.iter().all(|extension| extension["required"] == false));
        let urns = extensions.iter().chain([one]).map(|one| one["schema"].as_str().unwrap());
        for urn in urns {
            let schema = directory.get(&format!("/Schemas/{urn}"));
            assert_eq!((schema.status.as_u16(), &schema.json()["id"]), (200, &json!(urn)));
        }
    }
    assert_eq!(directory.get("/ResourceTypes/Nothing").status, 404);
    assert_eq!(directory.get("/Schemas/urn:nothing").status, 404);
}

/// What §8.7.1 prints of an attribute; what it does not print is the default.
#[derive(Clone, Copy)]
struct Printed {
    /// `name`, or `attribute.part`.
    name: &'static str,
    kind: &'static str,
    multi: bool,
    required: bool,
    mutability: &'static str,
    unique: bool,
    /// `None` where §2.3 says that there is no case.
    exact: Option<bool>,
}

const fn printed(name: &'static str, kind: &'static str) -> Printed {
    Printed {
        name,
        kind,
        multi: false,
        required: false,
        mutability: "readWrite",
        unique: false,
        exact: None,
    }
}

const fn text(name: &'static str) -> Printed {
    Printed { exact: Some(false), ..printed(name, "string") }
}

const fn list(name: &'static str) -> Printed {
    Printed { multi: true, ..printed(name, "complex") }
}

/// References and binaries have a case (§2.3.6, §2.3.7).
const fn exact(name: &'static str, kind: &'static str) -> Printed {
    Printed { exact: Some(true), ..printed(name, kind) }
}

/// A list of values with a kind and a preference.
fn plural(name: &'static str, value: &'static str) -> Vec<(String, Printed)> {
    let sub = |part: Printed| (format!("{name}.{}", part.name), part);
    let value = if value == "string" { text("value") } else { exact("value", value) };
    vec![
        (name.to_owned(), list(name)),
        sub(value),
        sub(text("display")),
        sub(text("type")),
        sub(printed("primary", "boolean")),
    ]
}

/// §8.7.1, without `password`, which is not kept here and so not announced.
fn user_schema() -> BTreeMap<String, Printed> {
    let mut all: Vec<(String, Printed)> = Vec::new();
    all.push(("userName".to_owned(), Printed { required: true, unique: true, ..text("userName") }));
    all.push(("name".to_owned(), printed("name", "complex")));
    for part in
        ["formatted", "familyName", "givenName", "middleName", "honorificPrefix", "honorificSuffix"]
    {
        all.push((format!("name.{part}"), text(part)));
    }
    for name in
        ["displayName", "nickName", "title", "userType", "preferredLanguage", "locale", "timezone"]
    {
        all.push((name.to_owned(), text(name)));
    }
    all.push(("profileUrl".to_owned(), exact("profileUrl", "reference")));
    all.push(("active".to_owned(), printed("active", "boolean")));
    for name in ["emails", "phoneNumbers", "ims", "entitlements", "roles"] {
        all.extend(plural(name, "string"));
    }
    all.extend(plural("photos", "reference"));
    all.extend(plural("x509Certificates", "binary"));
    all.push(("addresses".to_owned(), list("addresses")));
    for part in
        ["formatted", "streetAddress", "locality", "region", "postalCode", "country", "type"]
    {
        all.push((format!("addresses.{part}"), text(part)));
    }
    all.push(("addresses.primary".to_owned(), printed("primary", "boolean")));
    let told = |part: Printed| Printed { mutability: "readOnly", ..part };
    all.push(("groups".to_owned(), told(list("groups"))));
    // An id has a case (§3.1).
    all.push(("groups.value".to_owned(), told(exact("value", "string"))));
    all.push(("groups.$ref".to_owned(), told(exact("$ref", "reference"))));
    all.push(("groups.display".to_owned(), told(text("display"))));
    all.push(("groups.type".to_owned(), told(text("type"))));
    all.into_iter().collect()
}

/// Everything that a schema announces, by name.
fn announced(schema: &Value) -> BTreeMap<String, Value> {
    let mut all = BTreeMap::new();
    for attribute in schema["attributes"].as_array().unwrap() {
        let name = attribute["name"].as_str().unwrap();
        for part in attribute["subAttributes"].as_array().into_iter().flatten() {
            all.insert(format!("{name}.{}", part["name"].as_str().unwrap()), part.clone());
        }
        all.insert(name.to_owned(), attribute.clone());
    }
    all
}

/// §7, §8.7.1: the user's schema is that of the RFC, in every characteristic.
#[test]
fn the_schema_of_a_user_is_the_one_that_is_printed() {
    let world = travel0();
    let directory = Directory::connect(&world, "granite-outpost");
    let found = announced(&directory.get(&format!("/Schemas/{USER_URN}")).json());
    let expected = user_schema();
    let names: BTreeSet<&String> = found.keys().collect();
    assert_eq!(names, expected.keys().collect());
    for (name, printed) in &expected {
        let one = &found[name];
        assert_eq!(one["name"], printed.name, "{name}");
        assert_eq!(one["type"], printed.kind, "{name}");
        assert_eq!(one["multiValued"], printed.multi, "{name}");
        assert_eq!(one["required"], printed.required, "{name}");
        assert_eq!(one["mutability"], printed.mutability, "{name}");
        assert_eq!(one["returned"], "default", "{name}");
        let exact = one.get("caseExact").and_then(Value::as_bool);
        assert!(printed.exact.is_none() || exact == printed.exact, "{name}: {one}");
        let uniqueness = one.get("uniqueness").and_then(Value::as_str);
        let expected = if printed.unique { "server" } else { "none" };
        assert!(uniqueness.is_none_or(|word| word == expected), "{name}: {one}");
        assert!(uniqueness.is_some() || !printed.unique, "{name}: {one}");
        assert!(one["description"].as_str().is_some_and(|text| !text.is_empty()), "{name}: {one}");
        assert_eq!(one.get("subAttributes").is_some(), printed.kind == "complex", "{name}");
        assert_eq!(one.get("referenceTypes").is_some(), printed.kind == "reference", "{name}");
    }
    assert_eq!(found["profileUrl"]["referenceTypes"], json!(["external"]));
    assert_eq!(found["emails.type"]["canonicalValues"], json!(["work", "home", "other"]));
    assert_eq!(found["groups.type"]["canonicalValues"], json!(["direct", "indirect"]));
}

/// §7, §8.7.1: likewise the group's and the enterprise user's.
#[test]
fn the_schemas_of_groups_and_enterprises_are_those_that_are_printed() {
    let world = travel0();
    let directory = Directory::connect(&world, "granite-outpost");
    let group = announced(&directory.get(&format!("/Schemas/{GROUP_URN}")).json());
    // §4.2's text makes it required, the JSON of §8.7.1 does not.
    assert_eq!(
        (&group["displayName"]["type"], &group["displayName"]["required"]),
        (&json!("string"), &json!(true))
    );
    assert_eq!(
        (&group["members"]["multiValued"], &group["members"]["mutability"]),
        (&json!(true), &json!("readWrite"))
    );
    for (part, kind) in [("value", "string"), ("$ref", "reference"), ("type", "string")] {
        let one = &group[&format!("members.{part}")];
        assert_eq!(
            (&one["type"], &one["mutability"]),
            (&json!(kind), &json!("immutable")),
            "{part}"
        );
    }
    assert_eq!(group["members.$ref"]["referenceTypes"], json!(["User", "Group"]));
    assert_eq!(group["members.type"]["canonicalValues"], json!(["User", "Group"]));

    let enterprise = announced(&directory.get(&format!("/Schemas/{ENTERPRISE_URN}")).json());
    let names: Vec<&str> = enterprise.keys().map(String::as_str).collect();
    let printed = [
        "costCenter",
        "department",
        "division",
        "employeeNumber",
        "manager",
        "manager.$ref",
        "manager.displayName",
        "manager.value",
        "organization",
    ];
    assert_eq!(names, printed);
    assert_eq!(enterprise["manager.$ref"]["referenceTypes"], json!(["User"]));
    for name in ["costCenter", "department", "division", "employeeNumber", "organization"] {
        let one = &enterprise[name];
        assert_eq!(
            (&one["type"], &one["required"], &one["caseExact"]),
            (&json!("string"), &json!(false), &json!(false)),
            "{name}"
        );
    }
}

/// §7: every schema of a resource type is listed once, with an id that is its URN.
#[test]
fn schemas_are_listed_once() {
    let world = travel0();
    let directory = Directory::connect(&world, "granite-outpost");
    let schemas = listed(&directory, "/Schemas");
    let by_id: Map<String, Value> =
        schemas.iter().map(|one| (one["id"].as_str().unwrap().to_owned(), one.clone())).collect();
    assert_eq!(by_id.len(), schemas.len());
    for urn in [USER_URN, GROUP_URN, ENTERPRISE_URN] {
        let one = &by_id[urn];
        assert_eq!(one["schemas"], json!(["urn:ietf:params:scim:schemas:core:2.0:Schema"]));
        assert_eq!(one["meta"]["resourceType"], "Schema");
        assert!(one["meta"]["location"].as_str().unwrap().ends_with(&format!("/Schemas/{urn}")));
    }
}
