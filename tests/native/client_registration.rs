//! Clients that register themselves (RFC 7591, RFC 7592), and those that need not
//! (draft-ietf-oauth-client-id-metadata-document).
use crate::admin_setup::{
    TRAVEL0, assert_guarded, client_uuid, holder_of, newest_event, nobody, outside_holder_of,
};
use crate::harness::browser::{Answer, Browser, json_request};
use crate::harness::relying_party::{
    RelyingParty, claims_of, code_in, get_with, issuer, sign_in, token_path, travel0 as at,
};
use crate::harness::world::{BASE, World};
use crate::scim_setup::{admin, travel0};
use guildhall::app::demo::PASSWORD;
use guildhall::kernel::time::Seconds;
use http::Method;
use serde_json::{Value, json};

const ACCESS: &str = "/admin/realms/travel0/clients-initial-access";
const APP: &str = "https://app.example/cb";

fn path() -> String {
    at("/clients-registrations/openid-connect")
}

fn access(world: &World, body: &Value) -> Value {
    let made = world.post(ACCESS, &admin(world), body);
    assert_eq!(made.status, 200, "{made:?}");
    made.json()
}

fn token(world: &World) -> String {
    access(world, &json!({ "count": 5 }))["token"].as_str().unwrap().to_owned()
}

fn register(world: &World, token: &str, metadata: &Value) -> Answer {
    world.post(&path(), token, metadata)
}

fn app() -> Value {
    json!({ "redirect_uris": [APP], "client_name": "Notes" })
}

fn open_to_all(world: &World, more: &[(&str, &str)]) {
    let mut attributes = world.get(TRAVEL0, &admin(world)).json()["attributes"].clone();
    attributes["clientRegistration.anonymous"] = json!("true");
    for (name, value) in more {
        attributes[*name] = json!(value);
    }
    let body = json!({ "attributes": attributes });
    assert_eq!(world.put(TRAVEL0, &admin(world), &body).status, 204);
}

fn client_count(world: &World) -> usize {
    let list = world.get(&format!("{TRAVEL0}/clients"), &admin(world)).json();
    list.as_array().unwrap().len()
}

/// RFC 7591 §3.2.1.
#[test]
fn a_client_registers_and_signs_somebody_in() {
    let world = travel0();
    let mut metadata = app();
    metadata["scope"] = json!("openid email");
    metadata["logo_uri"] = json!("https://app.example/logo.png");
    metadata["contacts"] = json!(["a@app.example", "b@app.example"]);
    metadata["post_logout_redirect_uris"] = json!(["https://app.example/bye"]);
    metadata["backchannel_logout_uri"] = json!("https://app.example/backchannel");
    metadata["not_known"] = json!({ "x": 1 });

    let answer = register(&world, &token(&world), &metadata);

    assert_eq!(answer.status, 201, "{answer:?}");
    assert_eq!(answer.header("cache-control"), "no-store");
    let told = answer.json();
    for name in ["client_name", "scope", "logo_uri", "contacts", "redirect_uris"] {
        assert_eq!(told[name], metadata[name], "{name}");
    }
    for name in ["post_logout_redirect_uris", "backchannel_logout_uri"] {
        assert_eq!(told[name], metadata[name], "{name}");
    }
    assert_eq!(told["token_endpoint_auth_method"], "client_secret_basic");
    assert_eq!(told["client_secret_expires_at"], 0);
    assert!(told.get("not_known").is_none());
    let client_id = told["client_id"].as_str().unwrap();
    assert_eq!(told["registration_client_uri"], format!("{BASE}{}/{client_id}", path()));
    assert_eq!(answer.location(), told["registration_client_uri"]);
    let event = newest_event(&world, "travel0");
    assert_eq!(event["operationType"], "CREATE");
    assert_eq!(event["authDetails"]["clientId"], client_id);
    assert!(!event.to_string().contains(told["client_secret"].as_str().unwrap()));

    let app = RelyingParty {
        world: &world,
        client_id,
        secret: told["client_secret"].as_str(),
        redirect_uri: APP,
    };
    let tokens = app.tokens_for("hiroko", "openid");
    assert_eq!(claims_of(&tokens["id_token"])["aud"], client_id);
}

#[test]
fn nobody_registers_without_a_token_unless_the_realm_lets_them() {
    let world = travel0();
    let before = client_count(&world);
    let app_token = RelyingParty::web(&world).tokens_for("hiroko", "openid");
    let good = token(&world);
    let wrong = format!("{}x", &good[..good.len() - 1]);
    let (id, _) = good.split_once('.').unwrap();
    for (bearer, status) in [
        ("", 401),
        ("x", 401),
        ("x.y", 401),
        (wrong.as_str(), 401),
        (id, 401),
        (&format!("{id}."), 401),
        (app_token["access_token"].as_str().unwrap(), 403),
    ] {
        let answer = register(&world, bearer, &app());
        assert_eq!(answer.status.as_u16(), status, "{bearer}: {answer:?}");
    }
    // Of another realm.
    let master = "/realms/master/clients-registrations/openid-connect";
    assert_eq!(world.post(master, &good, &app()).status, 401);
    assert_eq!(client_count(&world), before);
    // An administrator of clients needs none.
    for role in ["manage-clients", "create-client"] {
        let holder = outside_holder_of(&world, &[role]);
        assert_eq!(register(&world, &holder, &app()).status, 201, "{role}");
    }
    let other = holder_of(&world, &["manage-users", "view-clients"]);
    assert_eq!(register(&world, &other, &app()).status, 403);
}

#[test]
fn a_token_is_good_for_as_many_as_it_says_and_not_for_ever() {
    let world = travel0();
    let made = access(&world, &json!({ "count": 2, "expiration": 60 }));
    assert_eq!([&made["count"], &made["remainingCount"]], [2, 2]);
    let token = made["token"].as_str().unwrap();
    // What cannot be does not use it up.
    assert_eq!(register(&world, token, &json!({})).error(), "invalid_redirect_uri");
    assert_eq!(register(&world, token, &app()).status, 201);
    let listed = world.get(ACCESS, &admin(&world)).json();
    assert_eq!(listed[0]["remainingCount"], 1);
    assert!(listed[0].get("token").is_none());
    assert_eq!(register(&world, token, &app()).status, 201);
    assert_eq!(register(&world, token, &app()).status, 401);

    let made = access(&world, &json!({ "count": 2, "expiration": 60 }));
    let token = made["token"].as_str().unwrap();
    world.advance(Seconds(59));
    assert_eq!(register(&world, token, &app()).status, 201);
    world.advance(Seconds(1));
    assert_eq!(register(&world, token, &app()).status, 401);

    let made = access(&world, &json!({}));
    let path = format!("{ACCESS}/{}", made["id"].as_str().unwrap());
    assert_eq!(world.delete(&path, &admin(&world)).status, 204);
    assert_eq!(world.delete(&path, &admin(&world)).status, 404);
    assert_eq!(register(&world, made["token"].as_str().unwrap(), &app()).status, 401);
}

/// A crash costs a use, and never gives one away.
#[test]
fn a_token_is_used_before_the_client_is_there() {
    let world = travel0();
    let made = access(&world, &json!({ "count": 1 }));
    let token = made["token"].as_str().unwrap();
    let before = client_count(&world);
    let request = json_request(Method::POST, &path(), token, Some(&app()));
    world.crash_at("client.register.after_token", request);
    assert_eq!(client_count(&world), before);
    assert_eq!(register(&world, token, &app()).status, 401);

    let mut held = 0;
    loop {
        let made = access(&world, &json!({ "count": 1 }));
        let token = made["token"].as_str().unwrap();
        let again = || json_request(Method::POST, &path(), token, Some(&app()));
        let Some(answers) = world.interleaved(held, again(), again()) else { break };
        let made = answers.iter().filter(|answer| answer.status() == 201).count();
        assert_eq!(made, 1, "step {held}");
        held += 1;
    }
    assert!(held > 2);
}

#[test]
fn initial_access_tokens_are_the_client_administrators_business() {
    let world = travel0();
    let strangers = [nobody(&world), holder_of(&world, &["manage-users"])];
    let strangers: Vec<&str> = strangers.iter().map(String::as_str).collect();
    assert_guarded(&world, &Method::GET, ACCESS, &strangers);
    assert_guarded(&world, &Method::POST, ACCESS, &strangers);
    assert_guarded(&world, &Method::DELETE, &format!("{ACCESS}/x"), &strangers);
    let viewer = outside_holder_of(&world, &["view-clients"]);
    assert_eq!(world.get(ACCESS, &viewer).status, 200);
    assert_eq!(world.post(ACCESS, &viewer, &json!({})).status, 403);
    for body in [
        json!({ "count": 0 }),
        json!({ "count": -1 }),
        json!({ "count": 10_001 }),
        json!({ "expiration": -1 }),
        json!({ "expiration": 365 * 24 * 60 * 60 + 1 }),
        json!({ "count": "one" }),
        json!([]),
    ] {
        assert_eq!(world.post(ACCESS, &admin(&world), &body).status, 400, "{body}");
    }
}

/// RFC 7591 §3.2.2.
#[test]
fn what_cannot_be_registered_is_told_so() {
    let world = travel0();
    let token = token(&world);
    for (metadata, error) in [
        (json!({ "redirect_uris": ["http://app.example/"] }), "invalid_redirect_uri"),
        (json!({ "redirect_uris": ["https://app.example/#x"] }), "invalid_redirect_uri"),
        (json!({ "redirect_uris": "https://app.example/" }), "invalid_client_metadata"),
        (
            json!({ "redirect_uris": [APP], "jwks_uri": "http://169.254.169.254/" }),
            "invalid_client_metadata",
        ),
        (json!({ "redirect_uris": [APP], "grant_types": ["password"] }), "invalid_client_metadata"),
        (
            json!({ "redirect_uris": [APP], "software_statement": "x" }),
            "unapproved_software_statement",
        ),
    ] {
        let answer = register(&world, &token, &metadata);
        assert_eq!((answer.status.as_u16(), answer.error()), (400, error.to_owned()), "{metadata}");
    }
    assert_eq!(world.post(&path(), &token, &json!("x")).status, 400);
}

#[test]
fn anybody_registers_what_the_realm_trusts() {
    let world = travel0();
    open_to_all(&world, &[]);
    let local = json!({ "redirect_uris": ["http://localhost:1234/cb"],
                        "token_endpoint_auth_method": "none" });
    let made = register(&world, "", &local);
    assert_eq!(made.status, 201, "{made:?}");
    assert!(made.json().get("client_secret").is_none());
    assert_eq!(register(&world, "", &app()).error(), "invalid_client_metadata");

    open_to_all(&world, &[("clientRegistration.trustedHosts", "app.example")]);
    assert_eq!(register(&world, "", &app()).status, 201);
    let with = |name: &str, value: Value| {
        let mut metadata = app();
        metadata[name] = value;
        metadata
    };
    for refused in [
        with("logo_uri", json!("https://evil.example/logo.png")),
        with("post_logout_redirect_uris", json!(["https://evil.example/"])),
        with("backchannel_logout_uri", json!("https://evil.example/")),
        with("jwks_uri", json!("https://evil.example/")),
        with("redirect_uris", json!([APP, "https://app.example.evil.example/"])),
        with("grant_types", json!(["authorization_code", "client_credentials"])),
        with("scope", json!("openid admin")),
    ] {
        let answer = register(&world, "", &refused);
        assert_eq!(answer.error(), "invalid_client_metadata", "{refused}");
    }
    // Nor does it become what it could not have been registered as.
    let told = register(&world, "", &app()).json();
    let place = told["registration_client_uri"].as_str().unwrap();
    let own = told["registration_access_token"].as_str().unwrap();
    let mut moved = with("redirect_uris", json!(["https://evil.example/cb"]));
    moved["client_id"] = told["client_id"].clone();
    assert_eq!(world.put(place, own, &moved).error(), "invalid_client_metadata");
    moved["redirect_uris"] = json!(["https://app.example/elsewhere"]);
    assert_eq!(world.put(place, own, &moved).status, 200);
    open_to_all(&world, &[("clientRegistration.allowedScopes", "openid special")]);
    assert_eq!(register(&world, "", &with("scope", json!("email"))).status, 400);

    let count = client_count(&world);
    let most = (count + 1).to_string();
    open_to_all(
        &world,
        &[("clientRegistration.maxClients", &most), ("clientRegistration.trustedHosts", "*")],
    );
    assert_eq!(register(&world, "", &app()).status, 201);
    let full = register(&world, "", &app());
    assert_eq!((full.status.as_u16(), full.error().as_str()), (403, "access_denied"));
    assert_eq!(register(&world, &token(&world), &app()).status, 201, "with a token as ever");
}

/// RFC 7592: each answer brings the next token, and the one before is over.
#[test]
fn a_client_reads_changes_and_deletes_its_registration() {
    let world = travel0();
    let told = register(&world, &token(&world), &app()).json();
    let secret = told["client_secret"].clone();
    let place = told["registration_client_uri"].as_str().unwrap().to_owned();
    let first = told["registration_access_token"].as_str().unwrap().to_owned();

    let read = world.get(&place, &first);
    assert_eq!((read.status.as_u16(), read.header("cache-control")), (200, "no-store"));
    let read = read.json();
    assert_eq!(read["client_secret"], secret);
    assert_eq!(read["redirect_uris"], json!([APP]));
    assert_eq!(world.get(&place, &first).status, 401, "it was exchanged");
    let second = read["registration_access_token"].as_str().unwrap().to_owned();

    let mut changed = read.clone();
    for name in [
        "registration_access_token",
        "registration_client_uri",
        "client_secret_expires_at",
        "client_name",
    ] {
        changed.as_object_mut().unwrap().remove(name);
    }
    changed["redirect_uris"] = json!(["https://app.example/new"]);
    for (name, value) in [
        ("client_id", json!("travel0-web")),
        ("client_secret", json!("guessed")),
        ("grant_types", json!(["authorization_code", "client_credentials"])),
        ("redirect_uris", json!(["http://app.example/"])),
    ] {
        let mut refused = changed.clone();
        refused[name] = value;
        assert_eq!(world.put(&place, &second, &refused).status, 400, "{name}");
    }
    let answer = world.put(&place, &second, &changed);
    assert_eq!(answer.status, 200, "{answer:?}");
    let now = answer.json();
    assert_eq!(now["redirect_uris"], json!(["https://app.example/new"]));
    assert_eq!(now["client_secret"], secret);
    assert!(now.get("client_name").is_none(), "what is left out is gone");
    let event = newest_event(&world, "travel0");
    assert_eq!([&event["operationType"], &event["resourceType"]], ["UPDATE", "CLIENT"]);
    assert_eq!(event["authDetails"]["clientId"], told["client_id"]);
    let third = now["registration_access_token"].as_str().unwrap().to_owned();
    assert_eq!(world.put(&place, &second, &changed).status, 401);

    assert_eq!(world.delete(&place, &second).status, 401);
    assert_eq!(world.delete(&place, &third).status, 204);
    let event = newest_event(&world, "travel0");
    assert_eq!([&event["operationType"], &event["resourceType"]], ["DELETE", "CLIENT"]);
    assert_eq!(world.delete(&place, &third).status, 401);
    assert_eq!(world.get(&place, &third).status, 401);
}

#[test]
fn a_registration_is_its_clients_alone() {
    let world = travel0();
    let good = token(&world);
    let [one, two] = [(); 2].map(|()| register(&world, &good, &app()).json());
    let place = |client: &Value| client["registration_client_uri"].as_str().unwrap().to_owned();
    let own = |client: &Value| client["registration_access_token"].as_str().unwrap().to_owned();
    for bearer in ["", "x", good.as_str(), &own(&two), &admin(&world)] {
        assert_eq!(world.get(&place(&one), bearer).status, 401, "{bearer}");
        assert_eq!(world.put(&place(&one), bearer, &app()).status, 401, "{bearer}");
        assert_eq!(world.delete(&place(&one), bearer).status, 401, "{bearer}");
    }
    // A client that nobody registered has none.
    let web = format!("{}/travel0-web", path());
    assert_eq!(world.get(&web, &own(&one)).status, 401);
    // One that is switched off is not there.
    let uuid = client_uuid(&world, TRAVEL0, two["client_id"].as_str().unwrap());
    let off = json!({ "enabled": false });
    world.put(&format!("{TRAVEL0}/clients/{uuid}"), &admin(&world), &off);
    assert_eq!(world.get(&place(&two), &own(&two)).status, 401);
}

/// Keycloak's `POST /clients/{client}/registration-access-token`.
#[test]
fn an_administrator_gives_a_client_another_token() {
    let world = travel0();
    let told = register(&world, &token(&world), &app()).json();
    let place = told["registration_client_uri"].as_str().unwrap();
    let uuid = client_uuid(&world, TRAVEL0, told["client_id"].as_str().unwrap());
    let path = format!("{TRAVEL0}/clients/{uuid}/registration-access-token");
    let viewer = holder_of(&world, &["view-clients"]);
    assert_guarded(&world, &Method::POST, &path, &[&viewer]);
    let renewed = world.post(&path, &admin(&world), &Value::Null);
    assert_eq!(renewed.status, 200, "{renewed:?}");
    let old = told["registration_access_token"].as_str().unwrap();
    assert_eq!(world.get(place, old).status, 401);
    let new = renewed.json()["registrationAccessToken"].as_str().unwrap().to_owned();
    assert_eq!(world.get(place, &new).status, 200);
}

const DOCUMENT: &str = "https://notes.example/oauth/client.json";
const CALLBACK: &str = "https://notes.example/cb";

fn document() -> Value {
    json!({ "client_id": DOCUMENT, "client_name": "Notes", "redirect_uris": [CALLBACK] })
}

fn documents_on(world: &World) {
    let mut attributes = world.get(TRAVEL0, &admin(world)).json()["attributes"].clone();
    attributes["clientIdMetadataDocuments"] = json!("true");
    let body = json!({ "attributes": attributes });
    assert_eq!(world.put(TRAVEL0, &admin(world), &body).status, 204);
}

const fn notes(world: &World) -> RelyingParty<'_> {
    RelyingParty { world, client_id: DOCUMENT, secret: None, redirect_uri: CALLBACK }
}

#[test]
fn a_client_that_nobody_registered_signs_somebody_in_where_the_realm_lets_it() {
    let world = travel0();
    world.serve(DOCUMENT, 200, document().to_string());
    let browser = Browser::new(&world);
    assert_eq!(notes(&world).send(&browser, "openid").status, 400, "off, unless switched on");
    let discovery = || world.get(&at("/.well-known/openid-configuration"), "").json();
    assert_eq!(discovery()["client_id_metadata_document_supported"], false);

    documents_on(&world);

    assert_eq!(discovery()["client_id_metadata_document_supported"], true);
    let app = notes(&world);
    let page = app.send(&browser, "openid");
    let tokens = app.redeem(&code_in(&sign_in(&browser, &page, "hiroko", PASSWORD)));
    assert_eq!(tokens.status, 200, "{tokens:?}");
    assert_eq!(claims_of(&tokens.json()["id_token"])["aud"], DOCUMENT);
    let other = RelyingParty { redirect_uri: "https://notes.example/other", ..app };
    assert_eq!(other.send(&browser, "openid").status, 400);
    // It has no secret, so it cannot speak for itself.
    let fields = [("grant_type", "client_credentials"), ("client_id", DOCUMENT)];
    assert_eq!(world.post_form(&token_path(), &fields).status, 400);
}

#[test]
fn a_document_that_is_not_the_clients_makes_none() {
    let with = |name: &str, value: Value| {
        let mut document = document();
        document[name] = value;
        document.to_string()
    };
    for (status, body) in [
        (404, document().to_string()),
        (301, document().to_string()),
        (200, String::new()),
        (200, with("client_id", json!("https://evil.example/client.json"))),
        (200, with("client_secret", json!("known"))),
        (200, with("padding", json!("x".repeat(5 * 1024)))),
        (200, with("redirect_uris", json!(["javascript:alert(1)"]))),
    ] {
        let world = travel0();
        documents_on(&world);
        world.serve(DOCUMENT, status, body.clone());
        let page = notes(&world).send(&Browser::new(&world), "openid");
        assert_eq!((page.status.as_u16(), page.location()), (400, ""), "{status} {body}");
    }
}

/// RFC 9728 §3, §5.1.
#[test]
fn our_resources_say_whose_tokens_they_take() {
    let world = travel0();
    for resource in [at("/protocol/openid-connect/userinfo"), at("/orgs"), TRAVEL0.to_owned()] {
        let place = format!("/.well-known/oauth-protected-resource{resource}");
        let document = world.get(&place, "");
        assert_eq!(document.status, 200, "{document:?}");
        assert_eq!(document.json()["resource"], format!("{BASE}{resource}"));
        assert_eq!(document.json()["authorization_servers"], json!([issuer()]));
        for token in ["", "forged"] {
            let refused = world.get(&resource, token);
            assert_eq!(refused.status, 401);
            let challenge = refused.header("www-authenticate");
            let wanted = format!("resource_metadata=\"{BASE}{place}\"");
            assert!(challenge.starts_with("Bearer ") && challenge.contains(&wanted), "{challenge}");
        }
    }
    for path in [at("/other"), at("/orgs/x"), "/admin/realms/nowhere".to_owned()] {
        let place = format!("/.well-known/oauth-protected-resource{path}");
        assert_eq!(world.get(&place, "").status, 404, "{path}");
    }
}

/// What keycloak-js loads before anything else.
#[test]
fn keycloak_js_is_told_to_do_without_its_frame() {
    let world = travel0();
    let page = get_with(&world, &at("/protocol/openid-connect/3p-cookies/step1.html"), &[]);
    assert_eq!(page.status, 200);
    assert!(page.text.contains("parent.postMessage(\"unsupported\", \"*\")"));
    let policy = page.header("content-security-policy");
    assert!(policy.starts_with("default-src 'none'; script-src 'sha256-"), "{policy}");
    assert!(policy.contains("frame-ancestors *") && !policy.contains("unsafe"));
}
