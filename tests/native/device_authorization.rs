//! Where a device asks for a login (RFC 8628 §3.1, §3.2).
use crate::admin_setup::TRAVEL0;
use crate::authorization_setup::{change_client, set_attributes};
use crate::device_setup::{Device, allow, ask, device_path, device_world};
use crate::harness::browser::{Answer, form_request};
use crate::harness::relying_party::{CHALLENGE, RelyingParty, get_with, issuer, travel0_world};
use crate::harness::world::World;
use crate::scim_setup::admin;
use crate::token_setup::refusal;
use guildhall::app::schedule;
use guildhall::kernel::time::Seconds;
use guildhall::oidc::device::{MAX_WAITING, MEMORY};
use guildhall::platform::directory::Directory;
use guildhall::platform::sql::Statement;
use http::Method;
use serde_json::{Value, json};

fn spa(world: &World) -> RelyingParty<'_> {
    RelyingParty::spa(world)
}

fn told(world: &World) -> (Value, Value) {
    let told = Device::new(world, "openid").told;
    (told["expires_in"].clone(), told["interval"].clone())
}

fn count(world: &World) -> i64 {
    let statement = Statement::new("SELECT count(*) AS rows FROM device_request");
    world.run(world.directory().run(statement)).unwrap()[0].int("rows").unwrap()
}

#[test]
fn a_device_gets_a_code_to_keep_and_one_to_show() {
    let world = device_world();
    let answer = ask(&spa(&world), &[("scope", "openid")]);
    assert_eq!(answer.status, 200, "{answer:?}");
    assert_eq!(answer.header("cache-control"), "no-store");
    let told = answer.json();
    let names: Vec<_> = told.as_object().unwrap().keys().map(String::as_str).collect();
    let mut expected = vec![
        "device_code",
        "user_code",
        "verification_uri",
        "verification_uri_complete",
        "expires_in",
        "interval",
    ];
    expected.sort_unstable();
    let mut names = names;
    names.sort_unstable();
    assert_eq!(names, expected);
    assert_eq!(told["device_code"].as_str().unwrap().len(), 43);
    let user_code = told["user_code"].as_str().unwrap();
    assert_eq!((user_code.len(), user_code.find('-')), (9, Some(4)));
    assert_eq!(told["verification_uri"], format!("{}/device", issuer()));
    let complete = format!("{}/device?user_code={user_code}", issuer());
    assert_eq!(told["verification_uri_complete"], complete);
    assert_eq!((&told["expires_in"], &told["interval"]), (&json!(600), &json!(5)));
}

/// Neither code is kept as it is.
#[test]
fn no_code_is_stored() {
    let world = device_world();
    let device = Device::new(&world, "openid");
    let dump = world.dump();
    for code in [device.code(), device.user_code(), &device.user_code().replace('-', "")] {
        assert!(!dump.contains(code), "{code}");
    }
}

#[test]
fn the_client_authenticates_as_at_the_token_endpoint() {
    let world = device_world();
    let web = RelyingParty::web(&world);
    assert_eq!(ask(&web, &[]).status, 200);
    let refused = |secret| refusal(&ask(&RelyingParty { secret, ..web }, &[]));
    for secret in [None, Some("wrong")] {
        assert_eq!(refused(secret), (401, "invalid_client".to_owned()));
    }
    let stranger = RelyingParty { client_id: "stranger", ..spa(&world) };
    assert_eq!(refusal(&ask(&stranger, &[])), (401, "invalid_client".to_owned()));
    let nobody = world.post_form(&device_path(), &[("scope", "openid")]);
    assert_eq!(refusal(&nobody), (400, "invalid_request".to_owned()));
    let elsewhere = device_path().replace("travel0", "master");
    let answer = world.post_form(&elsewhere, &[("client_id", "travel0-spa")]);
    assert_eq!(refusal(&answer), (401, "invalid_client".to_owned()));
}

#[test]
fn only_a_client_that_may_be_used_on_devices_gets_a_code() {
    let world = travel0_world();
    let unauthorized = (400, "unauthorized_client".to_owned());
    assert_eq!(refusal(&ask(&spa(&world), &[])), unauthorized);
    allow(&world, "travel0-spa", "true");
    assert_eq!(ask(&spa(&world), &[]).status, 200);
    allow(&world, "travel0-spa", "false");
    assert_eq!(refusal(&ask(&spa(&world), &[])), unauthorized);
    change_client(&world, "travel0-web", &json!({ "enabled": false }));
    let disabled = ask(&RelyingParty::web(&world), &[]);
    assert_eq!(refusal(&disabled), (401, "invalid_client".to_owned()));
}

#[test]
fn a_mistake_is_told_to_the_device() {
    let world = device_world();
    let long = "x".repeat(6_000);
    let mistakes: &[(&[(&str, &str)], &str)] = &[
        (&[("scope", "openid"), ("scope", "openid")], "invalid_request"),
        (&[("scope", "\"")], "invalid_scope"),
        (&[("code_challenge", CHALLENGE)], "invalid_request"),
        (&[("code_challenge", CHALLENGE), ("code_challenge_method", "plain")], "invalid_request"),
        (&[("code_challenge", "short"), ("code_challenge_method", "S256")], "invalid_request"),
        (&[("code_challenge_method", "S256")], "invalid_request"),
        (&[("resource", "no address")], "invalid_target"),
        (&[("resource", "https://unknown.example")], "invalid_target"),
        (&[("claims", "{")], "invalid_request"),
        (&[("nonce", &long)], "invalid_request"),
        (&[("organization", "a"), ("organization", "b")], "invalid_request"),
    ];
    for (fields, error) in mistakes {
        assert_eq!(refusal(&ask(&spa(&world), fields)), (400, (*error).to_owned()), "{fields:?}");
    }
    assert_eq!(count(&world), 0);
    let parameters_we_do_not_know = [("state", "x"), ("redirect_uri", "https://evil.example")];
    assert_eq!(ask(&spa(&world), &parameters_we_do_not_know).status, 200);
}

#[test]
fn a_client_whose_method_is_named_must_use_pkce() {
    let world = device_world();
    set_attributes(&world, "travel0-spa", &json!({ "pkce.code.challenge.method": "S256" }));
    assert_eq!(refusal(&ask(&spa(&world), &[])), (400, "invalid_request".to_owned()));
    let fields = [("code_challenge", CHALLENGE), ("code_challenge_method", "S256")];
    assert_eq!(ask(&spa(&world), &fields).status, 200);
}

#[test]
fn a_client_without_organizations_cannot_ask_for_one() {
    let world = device_world();
    set_attributes(&world, "travel0-spa", &json!({ "organizations.usage": "none" }));
    let answer = ask(&spa(&world), &[("organization", "granite-outpost")]);
    assert_eq!(answer.status, 400, "{answer:?}");
}

/// Keycloak's names.
#[test]
fn the_realm_says_how_long_devices_wait_and_the_client_too() {
    let world = device_world();
    let realm = |change: &Value| -> Answer { world.put(TRAVEL0, &admin(&world), change) };
    let change = json!({ "oauth2DeviceCodeLifespan": 1200, "oauth2DevicePollingInterval": 7 });
    assert_eq!(realm(&change).status, 204);
    assert_eq!(told(&world), (json!(1200), json!(7)));
    let shown = world.get(TRAVEL0, &admin(&world)).json();
    assert_eq!(shown["oauth2DeviceCodeLifespan"], 1200);
    assert_eq!(shown["attributes"]["oauth2DeviceCodeLifespan"], "1200");
    assert_eq!(shown["attributes"]["oauth2DevicePollingInterval"], "7");

    let own =
        json!({ "oauth2.device.code.lifespan": "60", "oauth2.device.polling.interval": "10" });
    set_attributes(&world, "travel0-spa", &own);
    assert_eq!(told(&world), (json!(60), json!(10)));
    let odd = json!({ "oauth2.device.code.lifespan": "9", "oauth2.device.polling.interval": "-1" });
    set_attributes(&world, "travel0-spa", &odd);
    assert_eq!(told(&world), (json!(1200), json!(7)));

    for (name, bad) in [
        ("oauth2DeviceCodeLifespan", json!(9)),
        ("oauth2DeviceCodeLifespan", json!(86_401)),
        ("oauth2DevicePollingInterval", json!(0)),
        ("oauth2DevicePollingInterval", json!(601)),
    ] {
        assert_eq!(realm(&json!({ name: bad })).status, 400, "{name} {bad}");
        let attribute = json!({ "attributes": { name: bad.to_string() } });
        assert_eq!(realm(&attribute).status, 400, "{name} {bad}");
    }
    // Whoever sends a whole realm back has changed the number beside the attributes.
    let mut whole = world.get(TRAVEL0, &admin(&world)).json();
    whole["oauth2DeviceCodeLifespan"] = json!(300);
    assert_eq!(realm(&whole).status, 204);
    let shown = world.get(TRAVEL0, &admin(&world)).json();
    assert_eq!(shown["attributes"]["oauth2DeviceCodeLifespan"], "300");
}

#[test]
fn what_nobody_came_for_is_forgotten_when_the_device_has_heard_of_it() {
    let world = device_world();
    Device::new(&world, "openid");
    assert_eq!(count(&world), 1);
    world.advance(Seconds(600 + MEMORY.0 - 1));
    world.run(schedule::tick(world.app()));
    assert_eq!(count(&world), 1);
    world.advance(Seconds(1));
    world.run(schedule::tick(world.app()));
    assert_eq!(count(&world), 0);
}

/// Lets `count` devices of the public client wait that nobody will ask about.
fn crowd(world: &World, count: i64) {
    let crowd = Statement::new(
        "INSERT INTO device_request
                (user_code_hash, hash, client_uuid, request, expires_at, poll_interval)
           WITH RECURSIVE device (number) AS (
                SELECT 1 UNION ALL SELECT number + 1 FROM device WHERE number < ?)
         SELECT 'code' || number, 'hash' || number,
                (SELECT id FROM client WHERE client_id = 'travel0-spa'), '{}', ?, 5
           FROM device",
    );
    let crowd = crowd.bind(count).bind(world.now() + Seconds(600));
    world.run(world.directory().run(crowd)).unwrap();
}

/// Anybody may ask in the name of a public client.
#[test]
fn only_so_many_devices_of_a_client_wait() {
    let world = device_world();
    crowd(&world, MAX_WAITING - 2);
    let answered = Device::new(&world, "openid");
    let last = ask(&spa(&world), &[]);
    assert_eq!(last.status, 200, "{last:?}");

    let full = ask(&spa(&world), &[]);
    assert_eq!(refusal(&full), (503, "temporarily_unavailable".to_owned()));
    assert_eq!(full.header("retry-after"), "60");
    assert_eq!(count(&world), MAX_WAITING, "nothing is kept");
    assert_eq!(ask(&RelyingParty::web(&world), &[]).status, 200, "another client's own");

    answered.approved_by("hiroko");
    assert_eq!(ask(&spa(&world), &[]).status, 200, "who has an answer waits no more");
    assert_eq!(ask(&spa(&world), &[]).status, 503);
    world.advance(Seconds(600));
    assert_eq!(ask(&spa(&world), &[]).status, 200, "whose time is over neither");
}

#[test]
fn how_many_wait_is_looked_up_in_an_index() {
    let world = device_world();
    crowd(&world, 3);
    let plan = Statement::new(
        "EXPLAIN QUERY PLAN
         SELECT expires_at FROM device_request
          WHERE client_uuid = 'c' AND expires_at > 0
            AND denied_at IS NULL AND code_hash IS NULL
          LIMIT 1 OFFSET 999",
    );
    let steps = world.run(world.directory().run(plan)).unwrap();
    let told: Vec<_> = steps.iter().map(|step| step.text("detail").unwrap()).collect();
    assert!(told.len() == 1 && told[0].contains("INDEX device_request_waiting"), "{told:?}");
}

#[test]
fn a_page_of_the_clients_own_origin_may_ask() {
    let world = device_world();
    let path = device_path();
    let origin = "http://localhost:5173";
    let mut request = form_request(&path, &[("client_id", "travel0-spa")]);
    request.headers_mut().insert("origin", origin.parse().unwrap());
    let answer = Answer::new(world.send(request));
    assert_eq!(answer.header("access-control-allow-origin"), origin);
    let mut preflight = form_request(&path, &[]);
    *preflight.method_mut() = Method::OPTIONS;
    preflight.headers_mut().insert("origin", origin.parse().unwrap());
    assert_eq!(Answer::new(world.send(preflight)).header("access-control-allow-origin"), origin);
}

/// RFC 8628 §4.
#[test]
fn the_discovery_document_says_where() {
    let world = device_world();
    let document = get_with(&world, "/realms/travel0/.well-known/openid-configuration", &[]).json();
    let endpoint = format!("{}/protocol/openid-connect/auth/device", issuer());
    assert_eq!(document["device_authorization_endpoint"], endpoint);
    let grants = document["grant_types_supported"].as_array().unwrap();
    assert!(grants.contains(&json!("urn:ietf:params:oauth:grant-type:device_code")), "{grants:?}");
    assert!(grants.contains(&json!("authorization_code")), "{grants:?}");
}
