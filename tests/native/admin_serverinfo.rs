//! `/admin/serverinfo`, and what programs do to a server before they trust it:
//! clear its caches, and send themselves a mail.
use crate::admin_setup::{
    TRAVEL0, assert_guarded, client_uuid, holder_of, newest_event, nobody, outside_holder_of,
};
use crate::admin_users::{granted, token_of};
use crate::harness::browser::Answer;
use crate::harness::world::World;
use crate::scim_setup::{admin, travel0};
use http::Method;
use serde_json::{Value, json};

const SERVERINFO: &str = "/admin/serverinfo";

#[test]
fn the_server_tells_what_it_is_and_has() {
    let world = travel0();
    let info = world.get(SERVERINFO, &admin(&world));
    assert_eq!(info.status, 200, "{info:?}");
    let info = info.json();
    let version = info["systemInfo"]["version"].as_str().unwrap();
    let numbers: Vec<u32> = version.split('.').map(|part| part.parse().unwrap()).collect();
    assert!(matches!(numbers[..], [26, 7, _]), "clients parse it: {version}");
    assert_eq!(info["passwordPolicies"][0]["id"], "length");
    let keys = &info["componentTypes"]["org.keycloak.keys.KeyProvider"];
    assert_eq!(keys[0]["id"], "ecdsa-generated");
    let mappers = info["builtinProtocolMappers"]["openid-connect"].as_array().unwrap();
    let username = mappers.iter().find(|mapper| mapper["name"] == "username").unwrap();
    assert_eq!(username["config"]["claim.name"], "preferred_username");
    assert_eq!(info["providers"]["required-action"]["providers"]["VERIFY_EMAIL"]["order"], 0);
    assert_eq!(info["themes"]["login"][0]["name"], "guildhall");
    let has =
        |list: &Value, name: &str| list.as_array().unwrap().iter().any(|one| one["id"] == name);
    assert!(has(&info["identityProviders"], "saml") && has(&info["identityProviders"], "google"));
    assert!(!has(&info["socialProviders"], "saml") && has(&info["socialProviders"], "google"));
    let feature = |name: &str| {
        let features = info["features"].as_array().unwrap();
        features.iter().find(|one| one["name"] == name).unwrap()["enabled"].clone()
    };
    assert_eq!((feature("ORGANIZATION"), feature("IMPERSONATION")), (json!(true), json!(false)));
}

#[test]
fn resource_types_are_those_of_the_events_that_are_written() {
    let world = travel0();
    let info = world.get(SERVERINFO, &admin(&world)).json();
    let told = info["enums"]["resourceType"].as_array().unwrap();
    let events = world.get(&format!("{TRAVEL0}/admin-events?max=1000"), &admin(&world)).json();
    for event in events.as_array().unwrap() {
        assert!(told.contains(&event["resourceType"]), "{event}");
    }
}

#[test]
fn who_administers_anything_may_ask_whichever_realm_they_are_of() {
    let world = travel0();
    for token in [
        holder_of(&world, &["view-realm"]),
        holder_of(&world, &["query-groups"]),
        outside_holder_of(&world, &["view-users"]),
    ] {
        assert_eq!(world.get(SERVERINFO, &token).status, 200);
    }
    assert_guarded(&world, &Method::GET, SERVERINFO, &[&nobody(&world)]);
    let token = token_of(&world, "hiroko");
    assert_eq!(world.get(SERVERINFO, &format!("{token}x")).status, 401, "a forged one");
    assert_eq!(world.put(TRAVEL0, &admin(&world), &json!({ "enabled": false })).status, 204);
    assert_eq!(world.get(SERVERINFO, &token).status, 401, "of a realm that is off");
}

#[test]
fn caches_are_cleared_by_who_may() {
    let world = travel0();
    let viewer = holder_of(&world, &["view-realm"]);
    let keeper = holder_of(&world, &["manage-realm"]);
    for cache in ["realm", "user", "keys"] {
        let path = format!("{TRAVEL0}/clear-{cache}-cache");
        assert_guarded(&world, &Method::POST, &path, &[&nobody(&world), &viewer]);
        let cleared = world.call(Method::POST, &path, &keeper, None);
        assert_eq!((cleared.status.as_u16(), cleared.text.as_str()), (204, ""));
        let told = newest_event(&world, "travel0");
        assert_eq!(
            (&told["operationType"], &told["resourcePath"]),
            (&json!("ACTION"), &json!(format!("clear-{cache}-cache")))
        );
    }
}

/// What somebody else wrote into the directory is seen at once.
#[test]
fn a_cleared_cache_is_empty() {
    let world = travel0();
    let token = admin(&world);
    let title = || world.get(TRAVEL0, &token).json()["displayName"].clone();
    title();
    world.directory().sql().execute_batch("UPDATE realm SET display_name = 'Elsewhere'");
    assert_ne!(title(), "Elsewhere", "this isolate remembers");
    let path = format!("{TRAVEL0}/clear-realm-cache");
    assert_eq!(world.call(Method::POST, &path, &token, None).status, 204);
    assert_eq!(title(), "Elsewhere");
}

fn test_mail(world: &World, token: &str, settings: &Value) -> Answer {
    world.post(&format!("{TRAVEL0}/testSMTPConnection"), token, settings)
}

#[test]
fn an_administrator_mails_themselves_and_nobody_else() {
    let world = travel0();
    let sumana = granted(&world, "sumana", &["manage-realm"]);
    let address = world
        .get("/realms/travel0/protocol/openid-connect/userinfo", &token_for_userinfo(&world))
        .json()["email"]
        .clone();
    let settings = json!({ "host": "10.0.0.1", "port": "25", "from": "boss@victim.example",
                           "user": "u", "password": "mail-secret" });
    let sent = test_mail(&world, &sumana, &settings);
    assert_eq!((sent.status.as_u16(), sent.text.as_str()), (204, ""), "{sent:?}");

    let told = newest_event(&world, "travel0");
    assert_eq!(told["resourcePath"], "testSMTPConnection");
    let mails = world.mails();
    let mail = mails.last().unwrap();
    assert_eq!(json!(mail.to), address);
    assert!(mail.text.contains("were") && !mail.text.contains("10.0.0.1"), "{mail:?}");
    assert!(!world.directory().sql().dump().contains("mail-secret"));
}

/// What a token says is up to the mappers of its client.
#[test]
fn an_address_that_a_mapper_made_up_gets_no_mail() {
    let world = travel0();
    let admin = admin(&world);
    let client = format!("{TRAVEL0}/clients/{}", client_uuid(&world, TRAVEL0, "travel0-web"));
    // The scope that tells the true one would have the last word.
    let scopes = format!("{client}/default-client-scopes");
    let held = world.get(&scopes, &admin).json();
    let email = held.as_array().unwrap().iter().find(|scope| scope["name"] == "email").unwrap();
    let email = format!("{scopes}/{}", email["id"].as_str().unwrap());
    assert_eq!(world.delete(&email, &admin).status, 204);
    let models = format!("{client}/protocol-mappers/models");
    let mapper = json!({
        "name": "forged", "protocol": "openid-connect",
        "protocolMapper": "oidc-hardcoded-claim-mapper",
        "config": {
            "claim.name": "email", "claim.value": "victim@elsewhere.example",
            "access.token.claim": "true",
        },
    });
    assert_eq!(world.post(&models, &admin, &mapper).status, 201);
    let sumana = granted(&world, "sumana", &["manage-realm"]);
    let said = crate::harness::relying_party::claims_of(&json!(sumana));
    let sent = test_mail(&world, &sumana, &json!({ "host": "a", "from": "b" }));
    assert_eq!((&said["email"], sent.status.as_u16()), (&json!("victim@elsewhere.example"), 204));
    assert_ne!(world.mails().last().unwrap().to, "victim@elsewhere.example");
}

fn token_for_userinfo(world: &World) -> String {
    let tokens = crate::harness::relying_party::RelyingParty::web(world)
        .tokens_for("sumana", "openid email");
    tokens["access_token"].as_str().unwrap().to_owned()
}

#[test]
fn a_test_of_mail_that_cannot_be_is_refused() {
    let world = travel0();
    let sumana = granted(&world, "sumana", &["manage-realm"]);
    for settings in [
        json!({}),
        json!({ "host": "a" }),
        json!({ "from": "a" }),
        json!({ "host": 7, "from": 8 }),
        json!([]),
    ] {
        let refused = test_mail(&world, &sumana, &settings);
        assert_eq!(refused.status, 400, "{settings}: {refused:?}");
    }
    let machine = holder_of(&world, &["manage-realm"]);
    let refused = test_mail(&world, &machine, &json!({ "host": "a", "from": "b" }));
    assert_eq!(
        (refused.status.as_u16(), refused.json()["errorMessage"].clone()),
        (400, json!("Logged in user does not have an e-mail."))
    );
    assert!(world.mails().is_empty());
    let path = format!("{TRAVEL0}/testSMTPConnection");
    let viewer = holder_of(&world, &["view-realm"]);
    assert_guarded(&world, &Method::POST, &path, &[&nobody(&world), &viewer]);

    let form = [("config", r#"{"host":"a","from":"b"}"#)];
    let mut request = crate::harness::browser::form_request(&path, &form);
    request.headers_mut().insert("authorization", format!("Bearer {sumana}").parse().unwrap());
    assert_eq!(world.send(request).status(), 204);
}
