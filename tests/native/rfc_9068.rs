//! What RFC 9068 asks of the access tokens of a client that wants them so.
use crate::admin_setup::{TRAVEL0, client_uuid, make_client};
use crate::harness::browser::Browser;
use crate::harness::relying_party::{
    RelyingParty, claims_of, code_in, issuer, sign_in, travel0, travel0_world, userinfo,
};
use crate::harness::world::World;
use crate::scim_setup::admin;
use crate::token_setup::{INTROSPECT, MACHINE, TOKEN, post_as, set_attributes};
use guildhall::app::demo::PASSWORD;
use serde_json::{Value, json};

const TOURS: &str = "https://api.travel0.example/tours";

fn typed(world: &World, client_id: &str) {
    set_attributes(world, client_id, &json!({ "access.token.header.type.rfc9068": "true" }));
}

/// §2.2: what is required is there, whoever the token is about.
#[test]
fn a_token_has_every_required_claim() {
    let world = travel0_world();
    typed(&world, "travel0-web");
    typed(&world, MACHINE);
    let person = RelyingParty::web(&world).tokens_for("hiroko", "openid");
    let machine = post_as(&world, TOKEN, MACHINE, &[("grant_type", "client_credentials")]).json();
    for (tokens, client_id) in [(&person, "travel0-web"), (&machine, MACHINE)] {
        let claims = claims_of(&tokens["access_token"]);
        assert_eq!(claims["iss"], issuer());
        assert_eq!(claims["client_id"], client_id);
        assert_eq!(claims["iat"], world.now().as_unix());
        assert_eq!(claims["exp"], world.now().as_unix() + 300);
        assert!(!claims["jti"].as_str().unwrap().is_empty());
        assert!(!claims["sub"].as_str().unwrap().is_empty());
        assert_eq!(claims["scope"], tokens["scope"], "§2.2.3");
        // §3: nobody named a resource, so it is for us.
        assert_eq!(claims["aud"], issuer());
    }
    assert_eq!(userinfo(&world, &person["access_token"]).status, 200);
    let asked = [("token", person["access_token"].as_str().unwrap())];
    assert_eq!(post_as(&world, INTROSPECT, MACHINE, &asked).json()["active"], true);
    let id_token = claims_of(&person["id_token"]);
    assert_eq!(id_token["aud"], "travel0-web", "§5: never that of an ID token");
}

/// §3: a resource that was named is the audience, and nothing else is.
#[test]
fn the_audience_is_the_resource_that_was_named() {
    let world = travel0_world();
    typed(&world, "travel0-web");
    let body = json!({ "clientId": "tours", "attributes": { "resource": TOURS } });
    make_client(&world, TRAVEL0, &body);
    let app = RelyingParty::web(&world);
    let browser = Browser::new(&world);
    let path = app.authorization_path("openid", &format!("&resource={TOURS}"));
    let code = code_in(&sign_in(&browser, &browser.open(&path), "hiroko", PASSWORD));
    let claims = claims_of(&app.redeem(&code).json()["access_token"]);
    assert_eq!(claims["aud"], TOURS);
}

/// §2.2: also where a client's scopes leave such claims out.
#[test]
fn a_light_token_has_them_too() {
    let world = travel0_world();
    let attributes = json!({
        "access.token.header.type.rfc9068": "true",
        "client.use.lightweight.access.token.enabled": "true",
    });
    set_attributes(&world, "travel0-web", &attributes);
    let tokens = RelyingParty::web(&world).tokens_for("hiroko", "openid");
    let claims = claims_of(&tokens["access_token"]);
    for name in ["iss", "exp", "aud", "sub", "client_id", "iat", "jti"] {
        assert_ne!(claims[name], Value::Null, "{name}: {claims}");
    }
}

/// §5, RFC 9700 §4.15: nobody chooses to be called like a person.
#[test]
fn a_machine_is_never_taken_for_a_person() {
    let world = travel0_world();
    let people = world.get(&format!("{TRAVEL0}/users?username=hiroko"), &admin(&world)).json();
    let hiroko = people[0]["id"].as_str().unwrap();
    let body = json!({ "clientId": hiroko, "secret": "s3cret-s3cret",
        "serviceAccountsEnabled": true });
    make_client(&world, TRAVEL0, &body);
    let fields = [
        ("grant_type", "client_credentials"),
        ("client_id", hiroko),
        ("client_secret", "s3cret-s3cret"),
    ];
    let token = world.post_form(&travel0(TOKEN), &fields).json()["access_token"].clone();
    assert_ne!(claims_of(&token)["sub"], hiroko);
    client_uuid(&world, TRAVEL0, hiroko);
    let registered = json!({ "client_id": hiroko, "redirect_uris": ["https://app.example/cb"] });
    let access = world.post(
        "/admin/realms/travel0/clients-initial-access",
        &admin(&world),
        &json!({ "count": 1 }),
    );
    let path = travel0("/clients-registrations/openid-connect");
    let answer = world.post(&path, access.json()["token"].as_str().unwrap(), &registered);
    assert_ne!(answer.json()["client_id"], hiroko, "{answer:?}");
}

/// §2.1, §4: RS256 can be had, and no token goes unsigned.
#[test]
fn a_token_may_be_signed_with_rs256_and_never_with_nothing() {
    let world = travel0_world();
    typed(&world, "travel0-web");
    let name = "access.token.signed.response.alg";
    set_attributes(&world, "travel0-web", &json!({ name: "RS256" }));
    let tokens = RelyingParty::web(&world).tokens_for("hiroko", "openid");
    assert_eq!(crate::attacks::header_of(&tokens["access_token"])["alg"], "RS256");
    assert_eq!(userinfo(&world, &tokens["access_token"]).status, 200);
    let uuid = client_uuid(&world, TRAVEL0, "travel0-web");
    let body = json!({ "attributes": { name: "none" } });
    let path = format!("{TRAVEL0}/clients/{uuid}");
    assert_eq!(world.put(&path, &admin(&world), &body).status, 400);
}
