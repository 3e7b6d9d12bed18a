//! `/realms/{realm}/orgs/config`, and that each key changes what it says.
use crate::harness::relying_party::RelyingParty;
use crate::harness::world::World;
use crate::scim_setup::{admin, config_path, org_id, realm, travel0};
use guildhall::kernel::time::Seconds;
use http::Method;
use serde_json::{Value, json};

const CONFIG: &str = "/realms/travel0/orgs/config";

fn put(world: &World, token: &str, body: &Value) -> crate::harness::browser::Answer {
    world.call(Method::PUT, CONFIG, token, Some(body))
}

fn token_of(world: &World, username: &str) -> String {
    let tokens = RelyingParty::web(world).tokens_for(username, "openid");
    tokens["access_token"].as_str().unwrap().to_owned()
}

fn defaults() -> Value {
    json!({
        "createAdminUserEnabled": true, "sharedIdpsEnabled": false, "multipleIdpsEnabled": false,
        "validateIdpEnabled": false, "expirationInSecs": 86400, "scimEnabled": false,
    })
}

#[test]
fn a_fresh_realm_has_phase_twos_defaults() {
    let world = World::new();
    let admin = admin(&world);
    assert_eq!(world.get("/realms/master/orgs/config", &admin).json(), defaults());
}

#[test]
fn a_put_replaces_everything_and_answers_what_counts() {
    let world = travel0();
    let admin = admin(&world);
    let all = json!({
        "createAdminUserEnabled": false, "sharedIdpsEnabled": true, "multipleIdpsEnabled": true,
        "validateIdpEnabled": true, "expirationInSecs": 300, "scimEnabled": true,
        "defaultApplicationUri": "https://app.example/start",
    });
    let answer = put(&world, &admin, &all);
    assert_eq!((answer.status.as_u16(), answer.json()), (200, all.clone()));
    assert_eq!(world.get(CONFIG, &admin).json(), all);

    assert_eq!(put(&world, &admin, &json!({})).json(), defaults());
    assert_eq!(world.get(CONFIG, &admin).json(), defaults());
    assert_eq!(put(&world, &admin, &json!({})).status, 200, "repeated");
}

/// The names of the `OpenAPI` document (reference phasetwo.md §11).
#[test]
fn the_names_of_the_open_api_document_are_understood() {
    let world = travel0();
    let admin = admin(&world);
    let body = json!({
        "createAdminUser": false, "sharedIdps": true, "multipleIdps": true, "validateIdp": true,
        "defaultPostBrokerFlow": "our flow", "defaultSyncMode": "IMPORT",
    });
    let told = put(&world, &admin, &body).json();
    assert_eq!(told["createAdminUserEnabled"], json!(false));
    assert_eq!(told["sharedIdpsEnabled"], json!(true));
    assert_eq!(told["defaultPostBrokerFlow"], json!("our flow"));
    let kept = put(&world, &admin, &json!({})).json();
    assert_eq!(kept["defaultSyncMode"], json!("IMPORT"), "not Phase Two's to reset");
}

#[test]
fn a_body_that_is_no_configuration_changes_nothing() {
    let world = travel0();
    let admin = admin(&world);
    let before = world.get(CONFIG, &admin).json();
    let bad = [
        json!([]),
        json!({ "sharedIdpsEnabled": "true" }),
        json!({ "sharedIdpsEnabled": null }),
        json!({ "expirationInSecs": 0 }),
        json!({ "expirationInSecs": -5 }),
        json!({ "expirationInSecs": 99_999_999_999_i64 }),
        json!({ "expirationInSecs": "300" }),
        json!({ "defaultApplicationUri": "javascript:alert(1)" }),
        json!({ "defaultSyncMode": "SOMETIMES" }),
        json!({ "sharedIdps": true, "sharedIdpsEnabled": true }),
        json!({ "colour": "green" }),
    ];
    for body in bad {
        assert_eq!(put(&world, &admin, &body).status, 400, "{body}");
    }
    assert_eq!(world.get(CONFIG, &admin).json(), before);
}

#[test]
fn only_who_manages_the_realm_sees_or_changes_it() {
    let world = travel0();
    let master = admin(&world);
    for token in ["", "garbage", &token_of(&world, "jonno")] {
        for answer in [world.get(CONFIG, token), put(&world, token, &json!({}))] {
            assert_eq!(
                (answer.status.as_u16(), answer.error().as_str()),
                (401, "HTTP 401 Unauthorized")
            );
        }
    }
    let elsewhere = world.get("/realms/master/orgs/config", &token_of(&world, "jonno"));
    assert_eq!(elsewhere.status, 401);
    assert_eq!(world.get("/realms/nowhere/orgs/config", &master).status, 404);
    assert_eq!(world.delete(CONFIG, &master).status, 405);
}

#[test]
fn both_views_are_one_truth() {
    let world = travel0();
    put(&world, &admin(&world), &json!({ "sharedIdps": true, "expirationInSecs": 300 }));
    let attributes = realm(&world).settings.to_attributes();
    let value = |key: &str| attributes.get(&format!("_providerConfig.orgs.{key}")).cloned();
    assert_eq!(value("config.sharedIdps").as_deref(), Some("true"));
    assert_eq!(value("config.scimEnabled").as_deref(), Some("false"));
    assert_eq!(value("portalLink.expirationInSecs").as_deref(), Some("300"));
    assert_eq!(value("config.defaultApplicationUri"), None);
}

/// Two administrators at once: the one who changes something else is not undone.
#[test]
fn a_put_leaves_other_settings_alone() {
    let world = travel0();
    let change = "UPDATE realm SET settings = json_set(settings, '$.min_password_chars', 12)
                   WHERE name = 'travel0'";
    world.directory().sql().execute_batch(change);
    put(&world, &admin(&world), &json!({}));
    assert_eq!(realm(&world).settings.min_password_chars, 12);
}

#[test]
fn scim_enabled_opens_and_closes_the_configuration_of_scim() {
    let world = travel0();
    let admin = admin(&world);
    let path = config_path(&org_id(&world, "rocky-mountain"));
    let scim = |on: bool| {
        put(&world, &admin, &json!({ "scimEnabled": on }));
        world.post(&path, &admin, &crate::scim_setup::shared_secret()).status.as_u16()
    };
    assert_eq!((scim(false), scim(true)), (404, 201));
}

#[test]
fn the_default_application_is_where_an_invitation_leads() {
    let world = travel0();
    let admin = admin(&world);
    let path = format!("/realms/travel0/orgs/{}/invitations", org_id(&world, "rocky-mountain"));
    let made = world.post(&path, &admin, &json!({ "email": "a@b.example" }));
    assert_eq!(world.get(made.location(), &admin).json()["invitationUrl"], json!(""));
    put(&world, &admin, &json!({ "defaultApplicationUri": "https://app.example/start" }));
    let url = world.get(made.location(), &admin).json()["invitationUrl"].clone();
    assert_eq!(url, json!("https://app.example/start"));
}

#[test]
fn the_life_of_invitations_is_a_realm_attribute() {
    let world = travel0();
    let admin = admin(&world);
    let change = "UPDATE realm SET settings = json_set(settings, '$.invitation_lifespan', 60)
                   WHERE name = 'travel0'";
    world.directory().sql().execute_batch(change);
    world.restart();
    let path = format!("/realms/travel0/orgs/{}/invitations", org_id(&world, "rocky-mountain"));
    let made = world.post(&path, &admin, &json!({ "email": "a@b.example" }));
    let end = (world.now() + Seconds(60)).to_rfc3339();
    assert_eq!(world.get(made.location(), &admin).json()["expiresAt"], json!(end));
}
