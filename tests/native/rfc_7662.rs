//! What RFC 7662 asks, as far as `introspection.rs` does not show it.
use crate::admin_setup::{TRAVEL0, make_client};
use crate::harness::browser::Browser;
use crate::harness::relying_party::{
    RelyingParty, VERIFIER, code_in, sign_in, travel0, travel0_world,
};
use crate::harness::world::World;
use crate::token_setup::{INTROSPECT, MACHINE, post_as, refusal};
use guildhall::app::demo::{CLIENT_SECRET, PASSWORD};
use serde_json::{Value, json};

const TOURS: &str = "https://api.travel0.example/tours";
const BILLS: &str = "https://api.travel0.example/bills";

/// A world with two resource servers that have secrets.
fn served() -> World {
    let world = travel0_world();
    for (name, resource) in [("tours", TOURS), ("bills", BILLS)] {
        let attributes = json!({ "resource": resource });
        let body = json!({
            "clientId": name, "secret": CLIENT_SECRET, "attributes": attributes,
        });
        make_client(&world, TRAVEL0, &body);
    }
    world
}

fn token_for(world: &World, resources: &[&str]) -> Value {
    let app = RelyingParty::web(world);
    let browser = Browser::new(world);
    let mut extra = url::form_urlencoded::Serializer::new(String::new());
    extra.extend_pairs(resources.iter().map(|resource| ("resource", *resource)));
    let path = app.authorization_path("openid", &format!("&{}", extra.finish()));
    let code = code_in(&sign_in(&browser, &browser.open(&path), "hiroko", PASSWORD));
    let answer = app.redeem_with(&code, app.redirect_uri, VERIFIER);
    assert_eq!(answer.status, 200, "{answer:?}");
    answer.json()["access_token"].clone()
}

fn is_active(world: &World, client_id: &str, token: &Value) -> bool {
    let answer = post_as(world, INTROSPECT, client_id, &[("token", token.as_str().unwrap())]);
    assert_eq!(answer.status, 200, "{answer:?}");
    let told = answer.json();
    if told["active"] != true {
        assert_eq!(answer.text, r#"{"active":false}"#, "nothing else is told");
    }
    told["active"] == true
}

/// §4: who asks learns whether the token may be used where they are, not elsewhere.
#[test]
fn a_token_for_another_server_is_inactive_here() {
    let world = served();
    let tours = token_for(&world, &[TOURS]);
    assert!(is_active(&world, "tours", &tours));
    assert!(!is_active(&world, "bills", &tours));
    assert!(!is_active(&world, MACHINE, &tours), "who serves nothing");
    assert!(is_active(&world, "travel0-web", &tours), "whose it is");

    let both = token_for(&world, &[TOURS, BILLS]);
    assert!(is_active(&world, "tours", &both) && is_active(&world, "bills", &both));
    let issuer = crate::harness::relying_party::issuer();
    let ours_too = token_for(&world, &[TOURS, &issuer]);
    assert!(is_active(&world, "tours", &ours_too) && !is_active(&world, "bills", &ours_too));

    let anywhere = token_for(&world, &[]);
    for client_id in ["tours", "bills", MACHINE] {
        assert!(is_active(&world, client_id, &anywhere), "{client_id}");
    }
}

/// §2.1: whatever the hint says, the token is found.
#[test]
fn a_wrong_hint_hides_no_token() {
    let world = travel0_world();
    let tokens = RelyingParty::web(&world).tokens_for("hiroko", "openid");
    for (name, hint) in [
        ("access_token", "refresh_token"),
        ("refresh_token", "access_token"),
        ("access_token", "of_no_kind"),
    ] {
        let fields = [("token", tokens[name].as_str().unwrap()), ("token_type_hint", hint)];
        let told = post_as(&world, INTROSPECT, "travel0-web", &fields).json();
        assert_eq!(told["active"], true, "{name} as {hint}");
    }
}

/// §2.3: who is not believed hears that, and nothing of the token.
#[test]
fn who_is_not_believed_learns_nothing() {
    let world = travel0_world();
    let tokens = RelyingParty::web(&world).tokens_for("hiroko", "openid");
    for token in [tokens["access_token"].as_str().unwrap(), "x"] {
        let fields = [("client_id", MACHINE), ("client_secret", "wrong"), ("token", token)];
        let answer = world.post_form(&travel0(INTROSPECT), &fields);
        assert_eq!(refusal(&answer), (401, "invalid_client".to_owned()));
        assert!(answer.json().get("active").is_none());
    }
}
