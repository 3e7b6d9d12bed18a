//! `/admin/realms/{realm}/components`: signing keys that administrators make, put
//! in order, set aside and delete.
use crate::admin_setup::{TRAVEL0, assert_guarded, holder_of, made, newest_event, nobody};
use crate::harness::browser::json_request;
use crate::harness::relying_party::RelyingParty;
use crate::harness::world::World;
use crate::scim_setup::{admin, realm, travel0};
use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use guildhall::app::schedule;
use guildhall::kernel::time::Seconds;
use guildhall::realm::key::PREPUBLISH;
use http::Method;
use serde_json::{Value, json};

const COMPONENTS: &str = "/admin/realms/travel0/components";
const KEY_PROVIDER: &str = "org.keycloak.keys.KeyProvider";

fn ecdsa(name: &str, priority: i64) -> Value {
    json!({ "name": name, "providerId": "ecdsa-generated", "providerType": KEY_PROVIDER,
            "config": { "priority": [priority.to_string()] } })
}

fn make(world: &World, body: &Value) -> String {
    made(&world.post(COMPONENTS, &admin(world), body))
}

fn list(world: &World, query: &str) -> Value {
    let answer = world.get(&format!("{COMPONENTS}?{query}"), &admin(world));
    assert_eq!(answer.status, 200, "{query}: {answer:?}");
    answer.json()
}

fn ids(list: &Value) -> Vec<&str> {
    list.as_array().unwrap().iter().map(|one| one["id"].as_str().unwrap()).collect()
}

fn put(world: &World, id: &str, config: &Value) -> u16 {
    let body = json!({ "config": config });
    world.put(&format!("{COMPONENTS}/{id}"), &admin(world), &body).status.as_u16()
}

/// The key that signed a token.
fn signer(token: &str) -> String {
    let header = BASE64_URL_SAFE_NO_PAD.decode(token.split('.').next().unwrap()).unwrap();
    let header: Value = serde_json::from_slice(&header).unwrap();
    header["kid"].as_str().unwrap().to_owned()
}

fn token(world: &World) -> String {
    let tokens = RelyingParty::web(world).tokens_for("hiroko", "openid");
    tokens["access_token"].as_str().unwrap().to_owned()
}

fn published(world: &World) -> Vec<String> {
    let set = world.get("/realms/travel0/protocol/openid-connect/certs", "").json();
    let kids = set["keys"].as_array().unwrap().iter();
    kids.map(|key| key["kid"].as_str().unwrap().to_owned()).collect()
}

/// Whether the token is believed.
fn counts(world: &World, token: &str) -> bool {
    world.get("/realms/travel0/protocol/openid-connect/userinfo", token).status == 200
}

#[test]
fn the_first_key_of_a_realm_is_a_component() {
    let world = travel0();
    let listed = list(&world, "");
    let id = listed[0]["id"].as_str().unwrap();
    let expected = json!({
        "id": id, "name": "ecdsa-generated", "providerId": "ecdsa-generated",
        "providerType": KEY_PROVIDER, "parentId": realm(&world).id,
        "config": { "active": ["true"], "enabled": ["true"], "priority": ["100"],
                    "ecdsaEllipticCurveKey": ["P-256"] },
    });
    assert_eq!(listed, json!([expected]));
    assert_eq!(world.get(&format!("{COMPONENTS}/{id}"), &admin(&world)).json(), expected);
    let keys = world.get(&format!("{TRAVEL0}/keys"), &admin(&world)).json();
    assert_eq!(
        (&keys["keys"][0]["providerId"], &keys["keys"][0]["providerPriority"]),
        (&json!(id), &json!(100))
    );
}

#[test]
fn a_key_that_is_made_signs_when_it_is_known_and_its_priority_is_the_highest() {
    let world = travel0();
    let old = signer(&token(&world));
    world.advance(Seconds::hours(1));

    let id = make(&world, &ecdsa("fresh", 200));

    assert!(published(&world).contains(&id), "published at once");
    assert_eq!(signer(&token(&world)), old, "nobody knows it yet");
    world.advance(PREPUBLISH);
    let signed = token(&world);
    assert_eq!(signer(&signed), id);
    assert!(counts(&world, &signed));

    let low = make(&world, &ecdsa("spare", 1));
    world.advance(PREPUBLISH);
    assert_eq!(signer(&token(&world)), id, "a lower priority waits");
    assert_eq!(put(&world, &low, &json!({ "priority": ["300"] })), 204);
    assert_eq!(signer(&token(&world)), low);
    assert!(counts(&world, &signed), "what another key signed is still believed");
}

#[test]
fn a_key_that_is_not_active_verifies_and_one_that_is_off_does_not() {
    let world = travel0();
    let old = signer(&token(&world));
    let id = make(&world, &ecdsa("fresh", 200));
    world.advance(PREPUBLISH);
    let signed = token(&world);

    assert_eq!(put(&world, &id, &json!({ "active": ["false"] })), 204);
    assert_eq!(signer(&token(&world)), old);
    assert!(counts(&world, &signed) && published(&world).contains(&id));
    let status = |world: &World| {
        let keys = world.get(&format!("{TRAVEL0}/keys"), &admin(world)).json();
        let keys = keys["keys"].as_array().unwrap().clone();
        keys.iter().find(|key| key["kid"] == id.as_str()).unwrap()["status"].clone()
    };
    assert_eq!(status(&world), "PASSIVE");

    assert_eq!(put(&world, &id, &json!({ "enabled": ["false"] })), 204);
    assert!(!counts(&world, &signed) && !published(&world).contains(&id));
    assert_eq!(status(&world), "DISABLED");
    assert_eq!(put(&world, &id, &json!({ "enabled": ["true"], "active": ["true"] })), 204);
    assert_eq!(signer(&token(&world)), id);
}

#[test]
fn a_deleted_key_is_believed_no_more() {
    let world = travel0();
    let id = make(&world, &ecdsa("fresh", 200));
    world.advance(PREPUBLISH);
    let signed = token(&world);
    let path = format!("{COMPONENTS}/{id}");

    assert_eq!(world.delete(&path, &admin(&world)).status, 204);

    assert!(!counts(&world, &signed) && !published(&world).contains(&id));
    assert!(counts(&world, &token(&world)));
    for method in [Method::GET, Method::PUT, Method::DELETE] {
        let gone = world.call(method, &path, &admin(&world), Some(&json!({})));
        assert_eq!(
            (gone.status.as_u16(), gone.error().as_str()),
            (404, "Could not find component")
        );
    }
}

/// Whatever is taken from it: a realm that signs nothing lets nobody in.
#[test]
fn the_last_key_to_sign_with_stays() {
    let world = travel0();
    make(&world, &json!({ "providerId": "eddsa-generated", "providerType": KEY_PROVIDER }));
    let last = list(&world, "providerId=ecdsa-generated")[0]["id"].as_str().unwrap().to_owned();
    let path = format!("{COMPONENTS}/{last}");
    let before = world.directory().sql().dump();

    let deleted = world.delete(&path, &admin(&world));
    assert_eq!(deleted.status, 400);
    assert!(deleted.json()["errorMessage"].as_str().unwrap().contains("ES256"), "{deleted:?}");
    for config in [json!({ "active": ["false"] }), json!({ "enabled": "false" })] {
        assert_eq!(put(&world, &last, &config), 400, "{config}");
    }
    let after = world.directory().sql().dump();
    assert!(after == before, "nothing was changed and nothing written down");

    let other = make(&world, &ecdsa("other", 0));
    assert_eq!(world.delete(&path, &admin(&world)).status, 204);
    assert!(counts(&world, &token(&world)));
    assert_eq!(world.delete(&format!("{COMPONENTS}/{other}"), &admin(&world)).status, 400);
}

#[test]
fn a_rotation_takes_the_place_of_the_key_that_signs() {
    let world = travel0();
    let id = make(&world, &ecdsa("ours", 200));
    world.advance(Seconds::days(91));
    world.run(schedule::tick(world.app()));

    let listed = list(&world, "name=ours");
    let fresh = listed[0]["id"].as_str().unwrap().to_owned();
    assert_eq!(ids(&listed), [fresh.as_str(), id.as_str()]);
    assert_eq!(
        (&listed[0]["config"]["priority"], &listed[0]["config"]["active"]),
        (&json!(["200"]), &json!(["true"]))
    );
    assert_eq!(listed[1]["config"]["active"], json!(["false"]));
    world.advance(PREPUBLISH);
    assert_eq!(signer(&token(&world)), fresh);
    assert_eq!(
        list(&world, "name=ecdsa-generated").as_array().unwrap().len(),
        1,
        "the spare stays"
    );

    // Asked to be active again, the old one is in use, and the newer one signs.
    assert_eq!(put(&world, &id, &json!({ "active": ["true"] })), 204);
    assert_eq!(signer(&token(&world)), fresh);
    assert_eq!(world.delete(&format!("{COMPONENTS}/{fresh}"), &admin(&world)).status, 204);
    assert_eq!(signer(&token(&world)), id);
}

#[test]
fn of_two_rotations_at_once_one_counts() {
    let world = travel0();
    world.advance(Seconds::days(91));
    let context = world.app().context(std::rc::Rc::new(realm(&world)), world.now());
    world.run(context.keys()).unwrap();
    let copies = context.keys();
    let copies = world.run(copies).unwrap();
    world.run(guildhall::realm::key::rotate(&context)).unwrap();
    // Another isolate still remembers the old keys.
    let key = format!("keys/{}", context.realm.id);
    context.ports.memo.put(key, copies, world.now());
    world.run(guildhall::realm::key::rotate(&context)).unwrap();
    assert_eq!(list(&world, "").as_array().unwrap().len(), 2);
}

#[test]
fn components_are_found_by_what_they_are() {
    let world = travel0();
    let eddsa = json!({ "providerId": "eddsa-generated", "providerType": KEY_PROVIDER });
    let eddsa = make(&world, &eddsa);
    let id = realm(&world).id;
    let [all, one] = [2, 1];
    for (query, count) in [
        (String::new(), all),
        (format!("type={KEY_PROVIDER}"), all),
        (format!("parent={id}&type={KEY_PROVIDER}"), all),
        ("parent=travel0".to_owned(), all),
        ("providerId=eddsa-generated".to_owned(), one),
        ("name=eddsa-generated".to_owned(), one),
        ("name=nobody".to_owned(), 0),
        ("parent=elsewhere".to_owned(), 0),
        ("type=org.keycloak.storage.UserStorageProvider".to_owned(), 0),
        ("type=".to_owned(), 0),
    ] {
        assert_eq!(list(&world, &query).as_array().unwrap().len(), count, "{query}");
    }
    let read = world.get(&format!("{COMPONENTS}/{eddsa}"), &admin(&world)).json();
    assert_eq!(read["config"]["priority"], json!(["0"]), "as Keycloak's, when none is said");
    assert_eq!(read["config"]["eddsaEllipticCurveKey"], json!(["Ed25519"]));
    let whole = world.put(&format!("{COMPONENTS}/{eddsa}"), &admin(&world), &read);
    assert_eq!(whole.status, 204, "what was read can be written");
    assert_eq!(world.get(&format!("{COMPONENTS}/{eddsa}"), &admin(&world)).json(), read);
}

#[test]
fn what_cannot_be_a_key_is_refused_and_makes_none() {
    let world = travel0();
    let id = list(&world, "")[0]["id"].as_str().unwrap().to_owned();
    let with = |name: &str, value: Value| {
        let mut body = ecdsa("bad", 1);
        body[name] = value;
        body
    };
    let told = |name: &str, value: &str| {
        let mut config = json!({});
        config[name] = json!([value]);
        with("config", config)
    };
    let before = world.directory().sql().dump();
    for (body, of_change) in [
        (with("providerType", json!("org.keycloak.storage.UserStorageProvider")), true),
        (with("providerType", json!("ldap")), true),
        (with("providerId", json!("hmac-generated")), true),
        (with("providerId", json!("java-keystore")), true),
        (json!({}), false),
        (json!({ "providerType": KEY_PROVIDER }), false),
        (with("parentId", json!("elsewhere")), true),
        (with("name", json!("x".repeat(256))), true),
        (with("nickname", json!("x")), true),
        (told("priority", "high"), true),
        (told("priority", "99999999999"), true),
        (told("active", "yes"), true),
        (told("enabled", ""), true),
        (told("ecdsaEllipticCurveKey", "P-521"), true),
        (told("privateKey", "MII"), true),
        (with("config", json!({ "priority": ["1", "2"] })), true),
        (with("config", json!({ "priority": { "a": 1 } })), true),
        (with("config", json!([])), true),
        (json!([]), true),
    ] {
        let answer = world.post(COMPONENTS, &admin(&world), &body);
        assert_eq!(answer.status, 400, "{body:.90}: {answer:?}");
        if of_change {
            let changed = world.put(&format!("{COMPONENTS}/{id}"), &admin(&world), &body);
            assert_eq!(changed.status, 400, "{body:.90}: {changed:?}");
        }
    }
    assert!(world.directory().sql().dump() == before);
}

#[test]
fn a_realm_has_so_many_keys_and_no_more() {
    let world = travel0();
    let admin = admin(&world);
    for number in 1..guildhall::realm::routes_admin_components::MAX_KEYS {
        let answer = world.post(COMPONENTS, &admin, &ecdsa(&format!("key {number}"), 1));
        assert_eq!(answer.status, 201, "{number}");
    }
    let one_more = world.post(COMPONENTS, &admin, &ecdsa("one more", 1));
    assert_eq!(one_more.status, 400);
    assert!(one_more.text.contains("MAX_KEYS"), "{one_more:?}");
}

#[test]
fn what_a_key_can_be_is_told() {
    let world = travel0();
    let id = list(&world, "")[0]["id"].as_str().unwrap().to_owned();
    let types = |of: &str, query: &str| {
        world.get(&format!("{COMPONENTS}/{of}/sub-component-types?{query}"), &admin(&world))
    };
    let known = types(&id, &format!("type={KEY_PROVIDER}")).json();
    assert_eq!(ids(&known), ["ecdsa-generated", "eddsa-generated", "rsa-generated"]);
    assert_eq!(known[2]["properties"][4]["name"], "keySize");
    assert_eq!(types(&id, "type=org.keycloak.storage.UserStorageProvider").json(), json!([]));
    let without = types(&id, "");
    assert_eq!(without.status, 400, "{without:?}");
    let nowhere = types("nowhere", &format!("type={KEY_PROVIDER}"));
    assert_eq!(
        (nowhere.status.as_u16(), nowhere.error().as_str()),
        (404, "Could not find parent component")
    );
}

#[test]
fn changes_of_components_are_written_down_without_keys() {
    let world = travel0();
    let id = make(&world, &ecdsa("fresh", 200));
    let told = newest_event(&world, "travel0");
    assert_eq!(
        (&told["operationType"], &told["resourceType"]),
        (&json!("CREATE"), &json!("COMPONENT"))
    );
    assert_eq!(told["resourcePath"], format!("components/{id}"));
    assert_eq!(told["representation"]["config"]["priority"], json!(["200"]));
    for word in ["wrapped", "private", "public"] {
        assert!(!told.to_string().contains(word), "{told}");
    }
    put(&world, &id, &json!({ "priority": ["5"] }));
    assert_eq!(newest_event(&world, "travel0")["operationType"], "UPDATE");
    world.delete(&format!("{COMPONENTS}/{id}"), &admin(&world));
    assert_eq!(newest_event(&world, "travel0")["operationType"], "DELETE");
}

#[test]
fn each_path_of_components_is_guarded() {
    let world = travel0();
    let id = list(&world, "")[0]["id"].as_str().unwrap().to_owned();
    let nobody = nobody(&world);
    let viewer = holder_of(&world, &["view-realm"]);
    let other = holder_of(&world, &["manage-identity-providers"]);
    let one = format!("{COMPONENTS}/{id}");
    for (method, path, viewer_may) in [
        (Method::GET, COMPONENTS.to_owned(), true),
        (Method::GET, one.clone(), true),
        (Method::GET, format!("{one}/sub-component-types?type=x"), true),
        (Method::POST, COMPONENTS.to_owned(), false),
        (Method::PUT, one.clone(), false),
        (Method::DELETE, one.clone(), false),
    ] {
        assert_guarded(&world, &method, &path, &[&nobody, &other]);
        let looked = world.send(json_request(method.clone(), &path, &viewer, Some(&json!({}))));
        assert_eq!(looked.status() != 403, viewer_may, "{method} {path}");
    }
}
