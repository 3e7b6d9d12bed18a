//! One organization in two dialects: Phase Two's and Keycloak's.
use crate::admin_organizations::ALL;
use crate::harness::browser::json_request;
use crate::org_setup::Granite;
use crate::organization_search::query;
use http::Method;
use serde_json::{Value, json};

/// What one dialect does not know, it neither shows nor clears.
#[test]
fn each_dialect_leaves_the_others_words_alone() {
    let granite = Granite::new();
    let put = |body: &Value| {
        let done = granite.world.put(&granite.admin_path(""), &granite.admin, body);
        assert_eq!(done.status, 204, "{done:?}");
    };
    let theirs = json!({
        "name": "Granite One", "displayName": "Granite!", "url": "https://granite.example",
        "domains": ["granite.example"], "attributes": { "a": ["1"] },
    });
    assert_eq!(granite.put("", &theirs).status, 204);

    put(&json!({
        "name": "Granite Two", "alias": "granite-outpost", "enabled": false, "description": "d",
        "redirectUrl": "https://in.example/", "domains": [{ "name": "granite.example" }],
    }));

    let read = granite.get("").json();
    assert_eq!(
        read,
        json!({
            "id": granite.org, "name": "Granite Two", "displayName": "Granite!", "realm": "travel0",
            "url": "https://granite.example", "domains": ["granite.example"], "attributes": { "a": ["1"] },
        })
    );
    assert_eq!(granite.put("", &json!({ "name": "Granite Three" })).status, 204);
    assert_eq!(
        granite.read(""),
        json!({
            "id": granite.org, "name": "Granite Three", "alias": "granite-outpost", "enabled": false,
            "description": "d", "redirectUrl": "https://in.example/", "attributes": {},
            "domains": [{ "name": "granite.example", "verified": false }],
        })
    );
    let listed = granite.world.get(&query(ALL, &[("search", "Granite Three")]), &granite.admin);
    assert_eq!(listed.json()[0]["description"], "d", "the registry says the same");
    // Phase Two's does not know how to say them.
    for member in ["enabled", "description", "redirectUrl", "alias"] {
        assert_eq!(granite.put("", &json!({ "name": "x", member: "y" })).status, 400, "{member}");
    }
    for member in ["displayName", "url", "realm"] {
        let body = json!({ "name": "x", "alias": "granite-outpost", member: "y" });
        let answer = granite.world.put(&granite.admin_path(""), &granite.admin, &body);
        assert_eq!(answer.status, 400, "{member}");
    }
}

/// While a change of one dialect is on its way, nobody knows what the other leaves as
/// it is.
#[test]
fn a_change_on_its_way_is_not_undone_by_the_other_dialect() {
    for point in ["org.replace.after_stage", "org.replace.after_directory"] {
        let mut granite = Granite::new();
        let off = json!({ "name": "granite-outpost", "enabled": false });
        let path = granite.admin_path("");
        granite.world.crash_at(point, json_request(Method::PUT, &path, &granite.admin, Some(&off)));

        let theirs = json!({ "name": "granite-outpost", "displayName": "G" });
        assert_eq!(granite.put("", &theirs).status, 409, "{point}");

        granite.world.ring_alarms();
        granite.sign_in();
        assert_eq!(granite.put("", &theirs).status, 204, "{point}");
        let is_off = point == "org.replace.after_directory";
        assert_eq!(granite.read("")["enabled"], json!(!is_off), "{point}");
    }
}
