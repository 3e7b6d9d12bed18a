//! `/realms/{realm}/scim/v2/organizations/{org}/Users`: what a directory sees.
use crate::harness::browser::Answer;
use crate::scim_setup::{Directory, active, count_people, fixture, person, travel0, user};
use guildhall::kernel::time::Seconds;
use http::Method;
use serde_json::{Value, json};

/// Okta's whole life of a user, as its documents print it.
#[test]
fn okta_creates_updates_deactivates_and_reactivates() {
    let world = travel0();
    let directory = Directory::connect(&world, "granite-outpost");
    let body = fixture!("okta/create_user.json");
    assert_eq!(directory.count(r#"userName eq "test.user@okta.local""#), 0);

    let created = directory.push(&body);

    assert_eq!(created.status, 201, "{created:?}");
    assert_eq!(created.header("content-type"), "application/scim+json");
    let resource = created.json();
    for member in ["userName", "name", "emails", "displayName", "locale", "externalId", "active"] {
        assert_eq!(resource[member], body[member], "{member} comes back as it was sent");
    }
    assert_eq!((&resource["password"], &resource["groups"]), (&Value::Null, &Value::Null));
    assert_eq!(created.location(), resource["meta"]["location"].as_str().unwrap());
    let at = format!("/Users/{}", resource["id"].as_str().unwrap());
    assert_eq!(directory.count(r#"userName eq "test.user@okta.local""#), 1);
    let person = user(&world, "test.user@okta.local").unwrap();
    assert!(directory.claims(&person).is_some(), "a member");
    assert_eq!((person.email_verified, person.home_org.as_ref()), (false, Some(&directory.org)));

    let mut update = fixture!("okta/update_user.json");
    update["id"] = resource["id"].clone();
    let updated = directory.put(&at, &update);
    assert_eq!(
        (updated.status.as_u16(), &updated.json()["name"]["givenName"]),
        (200, &json!("Another"))
    );
    assert_eq!(
        user(&world, "test.user@okta.local"),
        Some(person.clone()),
        "the profile is the person's"
    );

    let off = directory.patch(&at, &fixture!("okta/deactivate_user.json"));
    assert_eq!((off.status.as_u16(), &off.json()["active"]), (200, &json!(false)));
    assert_eq!(directory.claims(&person), None, "effective at once");
    assert_eq!(directory.get(&at).json()["active"], json!(false), "the record stays");

    directory.patch(&at, &fixture!("okta/reactivate_user.json"));
    assert!(directory.claims(&person).is_some());
}

/// Entra's whole life of a user, with and without aadOptscim062020.
#[test]
fn entra_creates_patches_and_soft_deletes() {
    let world = travel0();
    let directory = Directory::connect(&world, "granite-outpost");
    let body = fixture!("entra/create_user.json");
    let at = directory.pushed(&body);
    let external = r#"externalId eq "0a21f0f2-8d2a-4f8e-bf98-7363c4aed4ef""#;
    assert_eq!(directory.count(external), 1);
    let email = "test_user_fd0ea19b-0777-472c-9f96-4f70d2226f2e@testuser.com";
    assert_eq!(directory.count(&format!("emails[type eq \"work\"].value eq \"{email}\"")), 1);

    let patched = directory.patch(&at, &fixture!("entra/patch_multi.json"));
    assert_eq!(patched.json()["emails"][0]["value"], "updatedEmail@microsoft.com");
    assert_eq!(patched.json()["name"]["familyName"], "updatedFamilyName");
    assert_eq!(directory.count(r#"emails.value eq "UPDATEDemail@microsoft.com""#), 1);
    assert_eq!(directory.count(&format!("emails.value eq \"{email}\"")), 0);

    let resource = directory.patch(&at, &fixture!("entra/patch_attributes.json")).json();
    let enterprise = &resource["urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"];
    assert_eq!(
        *enterprise,
        json!({ "department": "Rafting", "manager": { "value": "Granite.Boss" } })
    );
    assert_eq!(resource["phoneNumbers"][0]["type"], "work");
    assert_eq!(resource["schemas"].as_array().unwrap().len(), 2);

    let person = user(&world, email).unwrap();
    for disable in [fixture!("entra/patch_disable.json"), fixture!("entra/patch_disable_new.json")]
    {
        directory.patch(&at, &active(true));
        assert!(directory.claims(&person).is_some());
        assert_eq!(directory.patch(&at, &disable).json()["active"], json!(false));
        assert_eq!(directory.claims(&person), None);
    }
    assert_eq!(directory.delete(&at).status, 204);
    assert_eq!(directory.get(&at).status, 404);
    assert_eq!(directory.delete(&at).status, 404);
}

#[test]
fn a_name_is_taken_once_per_organization() {
    let world = travel0();
    let granite = Directory::connect(&world, "granite-outpost");
    let rocky = Directory::connect(&world, "rocky-mountain");
    let ann = granite.pushed(&person("ann", "ann@granite.example"));
    granite.pushed(&person("ben", "ben@granite.example"));

    let taken = [
        ("the name", granite.push(&person("ANN", "other@granite.example"))),
        ("the address", granite.push(&person("anna", "Ann@Granite.example"))),
        ("by PUT", granite.put(&ann, &person("ben", "ann@granite.example"))),
        (
            "by PATCH",
            granite.patch(
                &ann,
                &json!({ "Operations": [{ "op": "replace", "path": "userName", "value": "Ben" }] }),
            ),
        ),
    ];
    for (why, answer) in taken {
        let scim_type = answer.json()["scimType"].clone();
        assert_eq!((answer.status.as_u16(), scim_type), (409, json!("uniqueness")), "{why}");
    }
    assert_eq!(granite.get(&ann).json()["userName"], "ann");
    let stored = granite.rows("SELECT id FROM scim_user").len();
    assert_eq!(stored, 2, "no refused push leaves a trace");
    assert_eq!(rocky.push(&person("ann", "ann@rocky.example")).status, 201);
}

#[test]
fn a_deleted_user_can_be_pushed_again() {
    let world = travel0();
    let directory = Directory::connect(&world, "granite-outpost");
    let body = person("ann", "ann@granite.example");
    let first = directory.pushed(&body);
    let ann = user(&world, "ann@granite.example").unwrap();
    let people = count_people(&world);

    directory.delete(&first);
    assert_eq!(directory.claims(&ann), None);
    assert_eq!(user(&world, "ann@granite.example"), None, "nobody else had them");
    let second = directory.pushed(&body);

    assert_ne!(first, second);
    assert!(directory.claims(&user(&world, "ann@granite.example").unwrap()).is_some());
    assert_eq!(count_people(&world), people);
}

#[test]
fn somebody_may_have_no_address_or_a_name_that_is_none_here() {
    let world = travel0();
    let directory = Directory::connect(&world, "granite-outpost");

    directory.pushed(&json!({ "userName": "Kim" }));
    let odd = directory.push(&json!({ "userName": "Ann Lee / 7" }));

    assert!(directory.claims(&user(&world, "kim").unwrap()).is_some());
    assert_eq!(odd.json()["userName"], "Ann Lee / 7");
    let row =
        &directory.rows("SELECT user_id FROM scim_user WHERE user_name_folded LIKE 'ann%'")[0];
    let name = format!("scim-{}", row.text("user_id").unwrap());
    assert!(directory.claims(&user(&world, &name).unwrap()).is_some());
}

/// The address is new, but it is somebody's name.
#[test]
fn an_address_that_is_anothers_name_takes_nobody_over() {
    let world = travel0();
    let rocky = Directory::connect(&world, "rocky-mountain");
    let granite = Directory::connect(&world, "granite-outpost");
    rocky.pushed(&json!({ "userName": "ann@granite.example" }));
    let other = user(&world, "ann@granite.example").unwrap();

    granite.pushed(&person("ann", "ann@granite.example"));

    assert_eq!(granite.claims(&other), None);
    assert_eq!(granite.rows("SELECT user_id FROM member WHERE source = 'scim'").len(), 1);
}

#[test]
fn a_user_pushed_inactive_is_a_member_without_access() {
    let world = travel0();
    let directory = Directory::connect(&world, "granite-outpost");
    let mut body = person("ann", "ann@granite.example");
    body["active"] = json!("False");

    let at = directory.pushed(&body);

    let ann = user(&world, "ann@granite.example").unwrap();
    assert_eq!(directory.claims(&ann), None);
    let mut update = person("ann", "ann@granite.example");
    update.as_object_mut().unwrap().remove("active");
    assert_eq!(
        directory.put(&at, &update).json()["active"],
        json!(false),
        "left out is not let in"
    );
    assert_eq!(directory.claims(&ann), None);
    directory.patch(&at, &active(true));
    assert!(directory.claims(&ann).is_some());
}

#[test]
fn email_as_username_takes_the_name_for_the_address() {
    let world = travel0();
    let directory = Directory::connect(&world, "granite-outpost");
    let config = json!({ "email_as_username": true });
    let path = crate::scim_setup::config_path(&directory.org);
    world.call(Method::PUT, &path, &crate::scim_setup::admin(&world), Some(&config));

    directory.pushed(&person("ann@granite.example", "private@home.example"));

    let ann = user(&world, "ann@granite.example").unwrap();
    assert_eq!(ann.email.unwrap().as_str(), "ann@granite.example");
}

fn problem(answer: &Answer) -> (u16, Value) {
    let body = answer.json();
    assert_eq!(body["schemas"], json!(["urn:ietf:params:scim:api:messages:2.0:Error"]));
    assert_eq!(body["status"], answer.status.as_u16().to_string());
    assert_eq!(answer.header("content-type"), "application/scim+json");
    (answer.status.as_u16(), body["scimType"].clone())
}

/// RFC 7644 §3.12.
#[test]
fn a_refusal_is_a_scim_error() {
    let world = travel0();
    let directory = Directory::connect(&world, "granite-outpost");
    let at = directory.pushed(&person("ann", "ann@granite.example"));
    let operations = |operations: Value| json!({ "Operations": operations });
    let patched = |value| directory.patch(&at, &operations(value));
    let known = [
        (directory.push(&json!({ "active": true })), 400, json!("invalidValue")),
        (directory.push(&json!([])), 400, json!("invalidSyntax")),
        (patched(json!([{ "op": "upsert" }])), 400, json!("invalidSyntax")),
        (patched(json!([{ "op": "add", "path": "x", "value": 1 }])), 400, json!("invalidPath")),
        (patched(json!([{ "op": "remove" }])), 400, json!("noTarget")),
        (
            patched(json!([{ "op": "replace", "path": "id", "value": "x" }])),
            400,
            json!("mutability"),
        ),
        (directory.list(&[("filter", "shoeSize pr")]), 400, json!("invalidFilter")),
        (directory.list(&[("count", "many")]), 400, json!("invalidValue")),
        (directory.get("/Users/nobody"), 404, Value::Null),
        (directory.get("/Groups/nobody"), 404, Value::Null),
        (directory.send(Method::PUT, "/Users", Some(&json!({}))), 405, Value::Null),
        (directory.get("/Schemas?filter=id%20pr"), 403, Value::Null),
    ];
    for (answer, status, scim_type) in known {
        assert_eq!(problem(&answer), (status, scim_type), "{}", answer.text);
    }
}

#[test]
fn a_body_of_another_type_is_refused() {
    let world = travel0();
    let directory = Directory::connect(&world, "granite-outpost");
    for (content_type, status) in
        [("application/json", 201), ("text/xml", 415), ("application/x-www-form-urlencoded", 415)]
    {
        let mut request =
            directory.request(Method::POST, "/Users", Some(&person("ann", "ann@granite.example")));
        request.headers_mut().insert("content-type", content_type.parse().unwrap());
        assert_eq!(world.send(request).status().as_u16(), status, "{content_type}");
    }
}

#[test]
fn a_patch_is_done_whole_or_not_at_all() {
    let world = travel0();
    let directory = Directory::connect(&world, "granite-outpost");
    let at = directory.pushed(&person("ann", "ann@granite.example"));
    let before = directory.get(&at).text;

    let answer = directory.patch(
        &at,
        &json!({ "Operations": [
            { "op": "replace", "path": "active", "value": false },
            { "op": "replace", "path": "title", "value": "Guide" },
            { "op": "remove", "path": "userName" },
        ] }),
    );

    assert_eq!(answer.status, 400);
    assert_eq!(directory.get(&at).text, before);
    assert!(directory.claims(&user(&world, "ann@granite.example").unwrap()).is_some());
}

#[test]
fn meta_tells_the_truth() {
    let world = travel0();
    let directory = Directory::connect(&world, "granite-outpost");
    let at = directory.pushed(&person("ann", "ann@granite.example"));
    world.advance(Seconds(60));
    directory.patch(&at, &active(true));
    let meta = |at: &str| directory.get(at).json()["meta"].clone();
    assert_eq!(meta(&at)["lastModified"], "2027-01-15T08:00:00Z", "nothing changed");
    assert_eq!(meta(&at)["version"], "W/\"1\"");

    let answer = directory.patch(&at, &active(false));

    assert_eq!(answer.header("etag"), "W/\"2\"");
    let wanted = json!({
        "resourceType": "User",
        "created": "2027-01-15T08:00:00Z",
        "lastModified": "2027-01-15T08:01:00Z",
        "location": format!("{}{}", crate::harness::world::BASE, directory.path(&at)),
        "version": "W/\"2\"",
    });
    assert_eq!(meta(&at), wanted);
}

/// RFC 7644 §3.14.
#[test]
fn a_condition_on_the_version_is_kept() {
    let world = travel0();
    let directory = Directory::connect(&world, "granite-outpost");
    let at = directory.pushed(&person("ann", "ann@granite.example"));
    let conditional = |method: Method, header: &'static str, tag: &str, body: Option<&Value>| {
        let mut request = directory.request(method, &at, body);
        request.headers_mut().insert(header, tag.parse().unwrap());
        world.send(request).status().as_u16()
    };
    let off = active(false);
    assert_eq!(conditional(Method::GET, "if-none-match", "W/\"1\"", None), 304);
    assert_eq!(conditional(Method::GET, "if-none-match", "W/\"2\"", None), 200);
    assert_eq!(conditional(Method::PATCH, "if-match", "W/\"7\", \"x\"", Some(&off)), 412);
    assert_eq!(conditional(Method::PATCH, "if-match", "*", Some(&active(true))), 200);
    assert_eq!(conditional(Method::PATCH, "if-match", "W/\"1\"", Some(&off)), 200);
    assert_eq!(conditional(Method::DELETE, "if-match", "W/\"1\"", None), 412);
    assert_eq!(conditional(Method::DELETE, "if-match", "W/\"2\"", None), 204);
}

/// RFC 7644 §3.4.2.4.
#[test]
fn a_list_is_paged_from_one() {
    let world = travel0();
    let directory = Directory::connect(&world, "granite-outpost");
    for name in ["ann", "ben", "cat"] {
        directory.pushed(&person(name, &format!("{name}@granite.example")));
        world.advance(Seconds(1));
    }
    let page = |query: &[(&str, &str)]| {
        let body = directory.list(query).json();
        let names: Vec<String> = body["Resources"]
            .as_array()
            .unwrap()
            .iter()
            .map(|user| user["userName"].as_str().unwrap().to_owned())
            .collect();
        assert_eq!(body["totalResults"], 3);
        assert_eq!(body["itemsPerPage"], names.len());
        (body["startIndex"].as_i64().unwrap(), names.join(" "))
    };
    assert_eq!(page(&[]), (1, "ann ben cat".to_owned()));
    assert_eq!(page(&[("startIndex", "2"), ("count", "1")]), (2, "ben".to_owned()));
    assert_eq!(page(&[("startIndex", "0"), ("count", "2")]), (1, "ann ben".to_owned()));
    assert_eq!(page(&[("startIndex", "4")]), (4, String::new()));
    assert_eq!(page(&[("count", "0")]), (1, String::new()));
    assert_eq!(page(&[("count", "-1")]), (1, String::new()));
    assert_eq!(directory.count("active eq false"), 0);
    assert_eq!(directory.count(r#"active eq true and userName eq "BEN""#), 1);
}

#[test]
fn what_is_announced_is_what_is_kept() {
    let world = travel0();
    let directory = Directory::connect(&world, "granite-outpost");
    let config = directory.get("/ServiceProviderConfig").json();
    assert_eq!(
        (&config["patch"]["supported"], &config["bulk"]["supported"]),
        (&json!(true), &json!(true))
    );
    let types = directory.get("/ResourceTypes").json();
    assert_eq!((&types["totalResults"], &types["Resources"][0]["id"]), (&json!(2), &json!("User")));
    assert_eq!(directory.get("/ResourceTypes/User").status, 200);
    assert_eq!(directory.get("/ResourceTypes/Group").status, 200);
    assert_eq!(directory.get("/ResourceTypes/Robot").status, 404);

    let schemas = directory.get("/Schemas").json();
    let core = &schemas["Resources"][0];
    assert_eq!(directory.get(&format!("/Schemas/{}", core["id"].as_str().unwrap())).json(), *core);
    let mut body = serde_json::Map::new();
    let is_pushed = |attribute: &&Value| attribute["mutability"] == "readWrite";
    for attribute in core["attributes"].as_array().unwrap().iter().filter(is_pushed) {
        body.insert(attribute["name"].as_str().unwrap().to_owned(), sample(attribute));
    }
    let resource = directory.push(&Value::Object(body.clone())).json();
    for (name, value) in body {
        assert_eq!(resource[&name], value, "{name}");
    }
}

/// Some value of an attribute, made from its own schema.
fn sample(attribute: &Value) -> Value {
    let one = match attribute["type"].as_str().unwrap() {
        "boolean" => json!(true),
        "complex" => {
            let subs = attribute["subAttributes"].as_array().unwrap();
            subs.iter().map(|sub| (sub["name"].as_str().unwrap().to_owned(), sample(sub))).collect()
        }
        _ => json!("c2FtcGxl"),
    };
    if attribute["multiValued"] == json!(true) { json!([one]) } else { one }
}

#[test]
fn every_change_is_in_the_audit_trail_without_the_profile() {
    let world = travel0();
    let directory = Directory::connect(&world, "granite-outpost");
    let mut body = person("ann", "ann@granite.example");
    body["title"] = json!("Private title");
    let at = directory.pushed(&body);
    directory.patch(&at, &active(false));
    directory.delete(&at);

    let trail: Vec<Value> =
        directory.trail().lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let told: Vec<String> = trail
        .iter()
        .filter(|event| event["authDetails"]["clientId"] == "scim")
        .map(|event| {
            format!("{} {}", event["operationType"], event["resourceType"]).replace('"', "")
        })
        .collect();
    let wanted = [
        "CREATE ORGANIZATION_MEMBERSHIP",
        "CREATE SCIM_USER",
        "UPDATE SCIM_USER",
        "UPDATE ORGANIZATION_MEMBERSHIP",
        "DELETE ORGANIZATION_MEMBERSHIP",
        "DELETE SCIM_USER",
    ];
    assert_eq!(told, wanted);
    assert!(!directory.trail().contains("Private title"));
}

/// The budget of a read: one call of the organization's object.
#[test]
fn a_get_costs_one_object_call() {
    let world = travel0();
    let directory = Directory::connect(&world, "granite-outpost");
    let at = directory.pushed(&person("ann", "ann@granite.example"));
    directory.get(&at);

    let (answer, trips) = world.trips_of(|| directory.get(&at));

    assert_eq!(answer.status, 200);
    assert_eq!((trips.objects, trips.directory), (1, 0));
}
