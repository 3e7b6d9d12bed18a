//! `/realms/{realm}/orgs/{org}/scim`: what an administrator sees.
use crate::scim_setup::{
    Directory, SECRET, admin, config_path, org_id, realm, shared_secret, travel0,
};
use guildhall::platform::sql::{Sql, Statement};
use http::Method;
use serde_json::json;

#[test]
fn a_secret_goes_in_and_never_comes_out() {
    let world = travel0();
    let directory = Directory::connect(&world, "granite-outpost");
    let path = config_path(&directory.org);

    let read = world.get(&path, &admin(&world));

    let wanted = json!({
        "enabled": true, "email_as_username": false, "link_idp": false, "log_days": 30,
        "auth": { "type": "EXTERNAL_SECRET" },
    });
    assert_eq!((read.status.as_u16(), read.json()), (200, wanted));
    let stored = directory.rows("SELECT auth FROM scim_config")[0].text("auth").unwrap().to_owned();
    assert!(stored.contains("$argon2id$v=19$m=19456"), "{stored}");
    for text in [stored, directory.trail()] {
        assert!(!text.contains(SECRET), "{text}");
    }
    assert!(!directory.trail().contains("argon2"), "not even the hash is told");
}

#[test]
fn a_secret_that_we_make_is_told_once_and_works() {
    let world = travel0();
    let org = org_id(&world, "granite-outpost");
    let body = json!({ "auth": { "type": "EXTERNAL_SECRET" } });

    let created = world.post(&config_path(&org), &admin(&world), &body);

    let secret = created.json()["auth"]["shared_secret"].as_str().unwrap().to_owned();
    assert_eq!((created.status.as_u16(), secret.len()), (201, 43));
    assert_eq!(created.header("cache-control"), "no-store");
    assert!(!world.get(&config_path(&org), &admin(&world)).text.contains(&secret));
    let again = world.post(&config_path(&org), &admin(&world), &body);
    assert_eq!(
        (again.status.as_u16(), again.header("content-type")),
        (409, "text/plain; charset=utf-8")
    );
    let answer = world.get(&format!("/realms/travel0/scim/v2/organizations/{org}/Users"), &secret);
    assert_eq!(answer.status, 200);
}

#[test]
fn an_update_that_omits_the_secret_keeps_it() {
    let world = travel0();
    let directory = Directory::connect(&world, "granite-outpost");
    let path = config_path(&directory.org);
    let kept = [json!({}), json!({ "auth": { "type": "EXTERNAL_SECRET" } })];
    for body in kept {
        let updated = world.call(Method::PUT, &path, &admin(&world), Some(&body));
        assert_eq!((updated.status.as_u16(), &updated.json()["enabled"]), (200, &json!(true)));
        assert_eq!(directory.get("/Users").status, 200, "{body}");
    }
    let body = json!({ "auth": { "type": "EXTERNAL_SECRET", "shared_secret": "another-secret" } });
    world.call(Method::PUT, &path, &admin(&world), Some(&body));
    assert_eq!(directory.get("/Users").status, 401);
    assert_eq!(directory.with_bearer("another-secret").get("/Users").status, 200);
}

#[test]
fn basic_keeps_its_password_when_the_username_changes() {
    let world = travel0();
    let org = org_id(&world, "granite-outpost");
    let path = config_path(&org);
    let auth = json!({ "type": "EXTERNAL_BASIC", "username": "okta", "password": SECRET });
    let created = world.post(&path, &admin(&world), &json!({ "auth": auth }));
    assert_eq!(created.json()["auth"], json!({ "type": "EXTERNAL_BASIC", "username": "okta" }));

    let auth = json!({ "type": "EXTERNAL_BASIC", "username": "entra" });
    world.call(Method::PUT, &path, &admin(&world), Some(&json!({ "auth": auth })));

    let users = |user, password| {
        Directory::at(&world, org.clone()).with_basic(user, password).get("/Users").status.as_u16()
    };
    assert_eq!(
        (users("entra", SECRET), users("okta", SECRET), users("entra", "wrong")),
        (200, 401, 401)
    );
}

#[test]
fn what_cannot_be_enforced_cannot_be_configured() {
    let world = travel0();
    let path = config_path(&org_id(&world, "granite-outpost"));
    let refused = [
        (json!({}), "auth is missing"),
        (json!({ "auth": { "type": "EXTERNAL_JWT" } }), "auth.issuer is missing"),
        (jwt("*", "scim", "https://keys.example"), "auth.issuer cannot be * (any)"),
        (
            jwt("https://idp.example", "*", "https://keys.example"),
            "auth.audience cannot be * (any)",
        ),
        (jwt("https://idp.example", " ", "https://keys.example"), "auth.audience is missing"),
        (jwt("https://idp.example", "scim", "keys"), "auth.jwks_uri is not a web address"),
        (
            jwt("https://idp.example", "scim", "https://u:p@keys.example"),
            "auth.jwks_uri is not a web address",
        ),
        (
            jwt(&"i".repeat(2049), "scim", "https://keys.example"),
            "auth.issuer has more than 2048 bytes (MAX_TRUST_BYTES)",
        ),
        (
            json!({ "auth": { "type": "NONE" } }),
            "auth.type is not KEYCLOAK, EXTERNAL_JWT, EXTERNAL_SECRET or EXTERNAL_BASIC",
        ),
        (
            json!({ "auth": { "type": "KEYCLOAK" }, "log_days": 0 }),
            "log_days is not between 1 and 365 (MAX_LOG_DAYS)",
        ),
        (
            json!({ "auth": { "type": "EXTERNAL_SECRET", "shared_secret": "1234567" } }),
            "auth.shared_secret has fewer than 8 characters",
        ),
        (
            json!({ "auth": { "type": "EXTERNAL_BASIC", "password": SECRET } }),
            "auth.username is missing",
        ),
        (
            json!({ "auth": { "type": "EXTERNAL_BASIC", "username": "a:b", "password": SECRET } }),
            "auth.username holds a colon",
        ),
    ];
    for (body, why) in refused {
        let answer = world.post(&path, &admin(&world), &body);
        assert_eq!((answer.status.as_u16(), answer.error().as_str()), (400, why));
    }
    assert_eq!(world.get(&path, &admin(&world)).status, 404, "nothing was stored");
}

fn jwt(issuer: &str, audience: &str, jwks_uri: &str) -> serde_json::Value {
    json!({ "auth": { "type": "EXTERNAL_JWT", "issuer": issuer, "audience": audience, "jwks_uri": jwks_uri } })
}

#[test]
fn a_deleted_configuration_ends_the_endpoint_and_keeps_the_users() {
    let world = travel0();
    let directory = Directory::connect(&world, "granite-outpost");
    directory.pushed(&crate::scim_setup::person("ann", "ann@granite.example"));
    let path = config_path(&directory.org);

    assert_eq!(world.delete(&path, &admin(&world)).status, 204);

    assert_eq!(directory.get("/Users").status, 401);
    assert_eq!(world.get(&path, &admin(&world)).status, 404);
    assert_eq!(world.delete(&path, &admin(&world)).status, 404);
    let put = world.call(Method::PUT, &path, &admin(&world), Some(&shared_secret()));
    assert_eq!(put.status, 404);
    world.post(&path, &admin(&world), &shared_secret());
    assert_eq!(directory.count(r#"userName eq "ann""#), 1);
}

/// Reference phasetwo.md §1.9: 404 while scimEnabled is off, checked first.
#[test]
fn a_realm_without_scim_has_neither_configuration_nor_endpoint() {
    let world = travel0();
    let directory = Directory::connect(&world, "granite-outpost");
    let mut settings = realm(&world).settings;
    settings.scim_enabled = false;
    let off = Statement::new("UPDATE realm SET settings = ? WHERE name = 'travel0'")
        .bind(serde_json::to_string(&settings).unwrap());
    world.directory().sql().run(off).unwrap();
    world.app().ports.memo.clear();

    let path = config_path(&directory.org);
    for (method, below) in [(Method::POST, "/rotate"), (Method::GET, "/log")] {
        let body = json!({});
        let answer = world.call(method, &format!("{path}{below}"), &admin(&world), Some(&body));
        assert_eq!(answer.status, 404, "{below}");
    }
    for method in [Method::GET, Method::POST, Method::PUT, Method::DELETE] {
        let answer = world.call(method.clone(), &path, &admin(&world), Some(&shared_secret()));
        assert_eq!(answer.status, 404, "{method}");
    }
    assert_eq!(directory.get("/Users").status, 404);
    assert_eq!(directory.with_bearer("wrong").get("/Users").status, 401);
}
