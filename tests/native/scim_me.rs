//! `/Me` (RFC 7644 §3.11): the resource of whose access token it is.
use crate::organizations::token_of;
use crate::scim_setup::{Directory, active, let_manage, org_id, person, travel0, user};
use guildhall::app::demo;
use http::Method;
use serde_json::json;

#[test]
fn a_person_reads_and_changes_their_own_resource() {
    let world = travel0();
    let directory = Directory::configure(&world, "granite-outpost", &json!({ "type": "KEYCLOAK" }));
    let_manage(&world, &directory.org, "hiroko");
    let hiroko = directory.with_bearer(&token_of(&world, "hiroko"));
    assert_eq!(hiroko.get("/Me").status, 404, "her organization pushed nobody yet");

    let email = user(&world, "hiroko").unwrap().email.unwrap().as_str().to_owned();
    let at = hiroko.pushed(&person("hiroko.m", &email));
    let own = hiroko.get("/Me");
    assert_eq!(own.status, 200, "{own:?}");
    assert_eq!(own.json(), hiroko.get(&at).json());
    assert!(own.json()["meta"]["location"].as_str().unwrap().ends_with(&at));

    let title = json!({"Operations": [{"op": "add", "path": "title", "value": "Owner"}]});
    assert_eq!(hiroko.patch("/Me", &title).json()["title"], "Owner");
    assert_eq!(hiroko.get(&at).json()["title"], "Owner");
    let mut whole = person("hiroko.m", &email);
    whole["nickName"] = json!("Hiro");
    assert_eq!(hiroko.put("/Me", &whole).json()["nickName"], "Hiro");
    assert_eq!(hiroko.get("/Me?attributes=nickName").json().as_object().unwrap().len(), 3);
    assert_eq!(hiroko.send(Method::POST, "/Me", Some(&whole)).status, 405);

    assert_eq!(hiroko.delete("/Me").status, 204);
    assert_eq!(hiroko.get("/Me").status, 401, "who left manages nothing");
    assert!(user(&world, "hiroko").is_some(), "the person stays");
}

/// A machine that speaks for the directory is nobody.
#[test]
fn who_is_no_person_has_no_resource() {
    let world = travel0();
    let directory = Directory::connect(&world, "granite-outpost");
    assert_eq!(directory.org, org_id(&world, "granite-outpost"));
    for answer in [
        directory.get("/Me"),
        directory.patch("/Me", &active(false)),
        directory.put("/Me", &person("a", "a@x.example")),
        directory.delete("/Me"),
    ] {
        assert_eq!(answer.status, 404, "{} {answer:?}", demo::REALM);
    }
}
