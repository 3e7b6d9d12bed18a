//! `/admin/realms/{realm}/users`: finding, making, changing, deleting users; who
//! may; and what a crash between two steps leaves.
use crate::admin_setup::own_names;
use crate::harness::browser::{Answer, json_request};
use crate::harness::relying_party::RelyingParty;
use crate::harness::world::World;
use crate::scim_setup::{Directory, admin, org_id, person, realm, travel0, user};
use guildhall::app::schedule;
use guildhall::kernel::route::ObjectName;
use guildhall::kernel::time::Seconds;
use guildhall::platform::directory::Directory as _;
use guildhall::platform::sql::Statement;
use guildhall::realm::role::REALM_MANAGEMENT;
use guildhall::realm::store::role::{ClientRole, client_role_grant};
use http::Method;
use serde_json::{Value, json};

pub const USERS: &str = "/admin/realms/travel0/users";

/// A token of `username`, a person of travel0.
pub fn token_of(world: &World, username: &str) -> String {
    let tokens = RelyingParty::web(world).tokens_for(username, "openid");
    tokens["access_token"].as_str().unwrap().to_owned()
}

/// Makes `username` hold these roles of `realm-management`, and answers a token.
pub fn granted(world: &World, username: &str, roles: &[&str]) -> String {
    let (realm, person) = (realm(world).id, user(world, username).unwrap().id);
    for name in roles {
        let role = ClientRole { realm: &realm, client_id: REALM_MANAGEMENT, name };
        world.run(world.directory().run(client_role_grant(role, &person))).unwrap();
    }
    token_of(world, username)
}

/// Makes a user and answers the path of it.
pub fn made(world: &World, body: &Value) -> String {
    let answer = world.post(USERS, &admin(world), body);
    assert_eq!((answer.status.as_u16(), answer.text.as_str()), (201, ""), "{body} {answer:?}");
    answer.location().strip_prefix("http://localhost:8787").unwrap().to_owned()
}

pub fn put(world: &World, path: &str, token: &str, body: &Value) -> Answer {
    world.call(Method::PUT, path, token, Some(body))
}

fn usernames(world: &World, query: &str) -> Vec<String> {
    let answer = world.get(&format!("{USERS}?{query}"), &admin(world));
    assert_eq!(answer.status, 200, "{query} {answer:?}");
    let list = answer.json();
    let names = list.as_array().unwrap().iter();
    names.map(|one| one["username"].as_str().unwrap().to_owned()).collect()
}

fn count(world: &World, query: &str) -> Value {
    world.get(&format!("{USERS}/count?{query}"), &admin(world)).json()
}

fn conflict(answer: &Answer) -> (u16, String) {
    let words = answer.json()["errorMessage"].as_str().unwrap_or_default().to_owned();
    (answer.status.as_u16(), words)
}

fn ann() -> Value {
    json!({
        "username": "Ann", "email": "Ann@Example.com", "emailVerified": true, "enabled": true,
        "firstName": "Ann", "lastName": "Ärlig", "attributes": { "plan": ["pro", "beta"], "one": "x" },
        "credentials": [{ "type": "password", "value": "a good password", "temporary": false }],
        "realmRoles": ["ignored"], "groups": [],
    })
}

#[test]
fn an_administrator_makes_reads_and_deletes_a_user_who_signs_in_between() {
    let world = travel0();
    let admin = admin(&world);
    let path = made(&world, &ann());

    let body = world.get(&path, &admin).json();
    assert_eq!(body["username"], "ann");
    assert_eq!(body["email"], "ann@example.com");
    assert_eq!(body["createdTimestamp"], world.now().as_unix_millis());
    assert_eq!(body["attributes"], json!({ "plan": ["pro", "beta"], "one": ["x"] }));
    assert_eq!((&body["enabled"], &body["totp"]), (&json!(true), &json!(false)));
    assert_eq!(body["requiredActions"], json!([]));
    assert_eq!(body["access"]["manage"], true);
    assert_eq!(body.get("credentials"), None);
    assert!(signs_in(&world, "ann", "a good password"));

    let deleted = world.delete(&path, &admin);
    assert_eq!((deleted.status.as_u16(), deleted.text.as_str()), (204, ""));
    assert!(!signs_in(&world, "ann", "a good password"));
    let gone = world.get(&path, &admin);
    assert_eq!((gone.status.as_u16(), gone.error().as_str()), (404, "User not found"));
    assert_eq!(world.delete(&path, &admin).status, 404);
}

/// Whether the password grant takes the password.
pub fn signs_in(world: &World, username: &str, password: &str) -> bool {
    let page = RelyingParty::web(world);
    let browser = crate::harness::browser::Browser::new(world);
    let shown = page.send(&browser, "openid");
    let answer = crate::harness::relying_party::sign_in(&browser, &shown, username, password);
    answer.status == 303 && answer.location().contains("code=")
}

/// Keycloak's own representation passes, also what it looks at elsewhere only.
#[test]
fn roles_and_groups_of_a_change_are_passed_over() {
    let world = travel0();
    let admin = admin(&world);
    let named = json!({ "realmRoles": ["none"], "clientRoles": { "none": ["none"] } });
    let mut body = named.clone();
    body["username"] = json!("bea");
    let path = made(&world, &body);
    let mut body = named;
    body["groups"] = json!(["/people"]);
    assert_eq!(put(&world, &path, &admin, &body).status, 204);
    let held = world.get(&format!("{path}/role-mappings"), &admin).json();
    assert_eq!(own_names(&held["realmMappings"]), Vec::<&str>::new());
    assert!(held.get("clientMappings").is_none());
}

#[test]
fn a_user_may_begin_with_a_hash_that_keycloak_exported() {
    let world = travel0();
    let credential = crate::partial_import::exported_password("argon2");
    let with = |credential: &Value| json!({ "username": "bea", "enabled": true, "credentials": [credential] });
    let path = made(&world, &with(&credential));
    assert!(signs_in(&world, "bea", "password"));
    let reset = format!("{path}/reset-password");
    assert_eq!(put(&world, &reset, &admin(&world), &credential).status, 400, "in clear only");
    let pbkdf2 = crate::partial_import::exported_password("pbkdf2-sha256");
    let refused = world.post(USERS, &admin(&world), &with(&pbkdf2));
    assert_eq!(refused.status, 400);
    assert!(refused.text.contains("pbkdf2-sha256"), "{refused:?}");
}

#[test]
fn a_user_is_switched_off_until_somebody_says_otherwise() {
    let world = travel0();
    let path = made(&world, &json!({ "username": "bea" }));
    let body = world.get(&path, &admin(&world)).json();
    assert_eq!((&body["enabled"], &body["emailVerified"]), (&json!(false), &json!(false)));
    assert_eq!(body.get("email"), None);
}

#[test]
fn a_username_and_an_address_are_taken_once() {
    let world = travel0();
    let admin = admin(&world);
    made(&world, &ann());
    let objects = world.count_objects();
    let same_name = json!({ "username": "ANN", "email": "other@example.com" });
    let same_email = json!({ "username": "other", "email": "ann@example.com" });
    let taken = |body| conflict(&world.post(USERS, &admin, body));
    assert_eq!(taken(&same_name), (409, "User exists with same username".to_owned()));
    assert_eq!(taken(&same_email), (409, "User exists with same email".to_owned()));

    world.ring_alarms();
    assert_eq!(world.count_objects(), objects, "a refused creation left an object");
    let bob = made(&world, &json!({ "username": "bob" }));
    let renamed = conflict(&put(&world, &bob, &admin, &json!({ "username": "ann" })));
    assert_eq!(renamed, (409, "User exists with same username".to_owned()));
    let moved = conflict(&put(&world, &bob, &admin, &json!({ "email": "ann@example.com" })));
    assert_eq!(moved, (409, "User exists with same email".to_owned()));
}

#[test]
fn what_cannot_be_a_user_is_refused_and_makes_none() {
    let world = travel0();
    let admin = admin(&world);
    let before = count(&world, "");
    let refused = [
        json!({}),
        json!({ "username": "  " }),
        json!({ "username": "a b" }),
        json!({ "username": "cy", "email": "not an address" }),
        json!({ "username": "cy", "firstName": "x".repeat(256) }),
        json!({ "username": "cy", "firstName": "a\u{0}b" }),
        json!({ "username": "cy", "requiredActions": ["CONFIGURE_TOTP"] }),
        json!({ "username": "cy", "groups": ["/people"] }),
        json!({ "username": "cy", "credentials": [{ "type": "otp", "value": "123456" }] }),
        json!({ "username": "cy", "credentials": [{ "type": "password", "value": "short" }] }),
        json!({ "username": "cy", "credentials": [{ "type": "password", "value": "  " }] }),
        json!({ "username": "cy", "credentials": [{ "type": "password" }] }),
        json!({ "username": "cy", "credentials": [{ "secretData": "{}", "value": "x" }] }),
        json!({ "username": "cy", "nickname": "c" }),
        json!({ "username": 7 }),
        json!({ "username": "cy", "attributes": { "a": { "b": "c" } } }),
        json!({ "username": "cy", "federatedIdentities": [{ "identityProvider": "okta" }] }),
        json!([]),
    ];
    for body in refused {
        assert_eq!(world.post(USERS, &admin, &body).status, 400, "{body}");
    }
    assert_eq!(count(&world, ""), before);
    let short = json!({ "username": "cy", "credentials": [{ "value": "1234567" }] });
    let answer = world.post(USERS, &admin, &short).json();
    assert_eq!(answer["error"], "invalidPasswordMinLengthMessage");
    assert_eq!(answer["error_description"], "Invalid password: minimum length 8.");
}

#[test]
fn what_a_change_does_not_name_stays() {
    let world = travel0();
    let admin = admin(&world);
    let path = made(&world, &ann());

    let changed = put(&world, &path, &admin, &json!({ "firstName": "Anna", "email": null }));
    assert_eq!((changed.status.as_u16(), changed.text.as_str()), (204, ""));
    let body = world.get(&path, &admin).json();
    assert_eq!((&body["firstName"], &body["lastName"]), (&json!("Anna"), &json!("Ärlig")));
    assert_eq!((&body["email"], &body["emailVerified"]), (&json!("ann@example.com"), &json!(true)));
    assert_eq!(body["attributes"]["plan"], json!(["pro", "beta"]));

    let whole = world.get(&path, &admin).json();
    assert_eq!(put(&world, &path, &admin, &whole).status, 204, "what was read can be written");
    assert_eq!(world.get(&path, &admin).json(), whole);

    put(&world, &path, &admin, &json!({ "attributes": { "plan": ["free"] }, "lastName": "" }));
    let body = world.get(&path, &admin).json();
    assert_eq!(body["attributes"], json!({ "plan": ["free"] }));
    assert_eq!(body.get("lastName"), None);
    assert_eq!(usernames(&world, "q=plan:free"), ["ann"]);
    assert_eq!(usernames(&world, "q=plan:pro"), [""; 0]);
}

/// An address that nobody has shown to read must not inherit the mark.
#[test]
fn a_new_address_is_not_verified_unless_that_is_said() {
    let world = travel0();
    let admin = admin(&world);
    let path = made(&world, &ann());
    put(&world, &path, &admin, &json!({ "email": "new@example.com" }));
    assert_eq!(world.get(&path, &admin).json()["emailVerified"], false);
    put(&world, &path, &admin, &json!({ "email": "b@example.com", "emailVerified": true }));
    assert_eq!(world.get(&path, &admin).json()["emailVerified"], true);
}

#[test]
fn a_user_who_is_switched_off_is_out_at_once() {
    let world = travel0();
    let app = RelyingParty::web(&world);
    let tokens = app.tokens_for("hiroko", "openid");
    let path = format!("{USERS}/{}", user(&world, "hiroko").unwrap().id);
    put(&world, &path, &admin(&world), &json!({ "enabled": false }));
    let refresh = tokens["refresh_token"].as_str().unwrap();
    assert_eq!(app.refresh(refresh).status, 400);
    assert!(!signs_in(&world, "hiroko", guildhall::app::demo::PASSWORD));
}

/// The rules of `search` in Keycloak's `OpenAPI` document.
#[test]
fn a_search_begins_contains_or_is() {
    let world = travel0();
    made(&world, &ann());
    made(&world, &json!({ "username": "joann", "email": "jo@annex.example", "firstName": "Al" }));
    made(&world, &json!({ "username": "x-\"quoted\"-y", "lastName": "O'Neil % _" }));
    let known: [(&str, &[&str]); 19] = [
        ("search=ann", &["ann"]),
        ("search=ANN*", &["ann"]),
        ("search=*ann*", &["ann", "joann"]),
        ("search=*nnex*", &["joann"]),
        ("search=%22ann%22", &["ann"]),
        ("search=%22an%22", &[]),
        ("search=%22al%22", &["joann"]),
        ("search=jo*ann", &["joann"]),
        ("search=an", &["ann"]),
        ("search=AL", &["joann"]),
        ("search=*nn*+an", &["ann"]),
        ("search=%C3%84rl", &["ann"]),
        ("search=ann+%C3%A4rlig", &["ann"]),
        ("search=ann+nobody", &[]),
        ("search=*%22quoted%22*", &["x-\"quoted\"-y"]),
        ("search=*%25*", &["x-\"quoted\"-y"]),
        ("search=o'ne", &["x-\"quoted\"-y"]),
        ("search=%27;--", &[]),
        ("search=%22)+OR+(username:", &[]),
    ];
    for (query, names) in known {
        assert_eq!(usernames(&world, query), names, "{query}");
        assert_eq!(count(&world, query), names.len(), "{query}");
    }
    assert_eq!(usernames(&world, "search=*").len(), usernames(&world, "").len());
}

#[test]
fn fields_attributes_and_states_narrow_the_list() {
    let world = travel0();
    let path = made(&world, &ann());
    world.advance(Seconds::days(2));
    made(&world, &json!({ "username": "ben", "email": "ben@example.com", "firstName": "Ben" }));
    let day = "2027-01-17";
    let millis = world.now().as_unix_millis();
    let known: [(String, &[&str]); 20] = [
        ("username=NN".to_owned(), &["ann", "jonno"]),
        ("username=ann&exact=true".to_owned(), &["ann"]),
        ("username=an&exact=true".to_owned(), &[]),
        ("email=example.com".to_owned(), &["ann", "ben"]),
        ("email=ben@example.com&exact=true".to_owned(), &["ben"]),
        ("firstName=be".to_owned(), &["ben"]),
        ("firstName=BEN&exact=true".to_owned(), &["ben"]),
        ("lastName=rlig".to_owned(), &["ann"]),
        ("lastName=rlig&exact=true".to_owned(), &[]),
        ("email=example.com&enabled=true".to_owned(), &["ann"]),
        ("email=example.com&enabled=false".to_owned(), &["ben"]),
        ("search=*example.com*&emailVerified=false".to_owned(), &["ben"]),
        ("q=plan:pro".to_owned(), &["ann"]),
        ("q=plan:pro+one:x".to_owned(), &["ann"]),
        ("q=plan:pro+one:y".to_owned(), &[]),
        (format!("createdAfter={day}"), &["ben"]),
        (format!("createdAfter={millis}"), &["ben"]),
        (format!("email=example.com&createdBefore={}", millis - 1), &["ann"]),
        (format!("search=id:{}", path.rsplit('/').next().unwrap()), &["ann"]),
        ("search=id:nobody".to_owned(), &[]),
    ];
    for (query, names) in known {
        assert_eq!(usernames(&world, &query), names, "{query}");
        assert_eq!(count(&world, &query), names.len(), "{query}");
    }
    for query in ["createdAfter=soon", "first=x", "max=1.5"] {
        let answer = world.get(&format!("{USERS}?{query}"), &admin(&world));
        assert_eq!(answer.status, 400, "{query}");
    }
}

#[test]
fn service_accounts_are_found_by_name_and_not_counted_as_people() {
    let world = travel0();
    assert_eq!(usernames(&world, "username=service-account"), ["service-account-travel0-machine"]);
    assert!(!usernames(&world, "").iter().any(|name| name.starts_with("service-account")));
    assert_eq!(usernames(&world, "search=service-account"), [""; 0]);
    assert_eq!(count(&world, ""), usernames(&world, "").len());
    let path = format!("{USERS}/{}", user(&world, "service-account-travel0-machine").unwrap().id);
    let admin = admin(&world);
    assert_eq!(world.get(&path, &admin).json()["serviceAccountClientId"], "travel0-machine");
    assert_eq!(world.delete(&path, &admin).status, 400);
    let password = json!({ "value": "a good password" });
    assert_eq!(put(&world, &format!("{path}/reset-password"), &admin, &password).status, 400);
}

#[test]
fn pages_follow_each_other() {
    let world = travel0();
    let all = usernames(&world, "");
    assert!(all.is_sorted() && all.len() >= 4, "{all:?}");
    let mut paged = Vec::new();
    for first in 0..=all.len() {
        paged.extend(usernames(&world, &format!("first={first}&max=1")));
    }
    assert_eq!(paged, all);
    assert_eq!(usernames(&world, "max=0"), [""; 0]);
    for query in ["max=-1", "max=2147483647", "first=-3"] {
        assert_eq!(usernames(&world, query), all, "{query}");
    }
    assert_eq!(usernames(&world, &format!("first={}", all.len())), [""; 0]);
}

#[test]
fn a_brief_user_has_no_attributes() {
    let world = travel0();
    made(&world, &ann());
    let path = format!("{USERS}?username=ann&briefRepresentation=true");
    let brief = &world.get(&path, &admin(&world)).json()[0];
    assert_eq!(brief.get("attributes"), None);
    assert_eq!(brief.get("requiredActions"), None);
    assert_eq!(brief["lastName"], "Ärlig");
}

#[test]
fn the_profile_is_built_in() {
    let world = travel0();
    let admin = admin(&world);
    let config = world.get(&format!("{USERS}/profile"), &admin).json();
    assert_eq!(config["attributes"][0]["name"], "username");
    assert_eq!(config["unmanagedAttributePolicy"], "ENABLED");
    let metadata = world.get(&format!("{USERS}/profile/metadata"), &admin).json();
    assert_eq!(metadata["attributes"][1]["name"], "email");
    let path = made(&world, &ann());
    let user = world.get(&format!("{path}?userProfileMetadata=true"), &admin).json();
    assert_eq!(user["userProfileMetadata"], metadata);
    let by_python = world.get(&format!("{path}?userProfileMetadata=True"), &admin).json();
    assert_eq!(by_python, user);
    let attributes = world.get(&format!("{path}/unmanagedAttributes"), &admin).json();
    assert_eq!(attributes, world.get(&path, &admin).json()["attributes"]);
}

/// Every path below `/users`, and whoever may not.
pub const ROUTES: &[(Method, &str)] = &[
    (Method::GET, ""),
    (Method::POST, ""),
    (Method::GET, "/count"),
    (Method::GET, "/profile"),
    (Method::GET, "/profile/metadata"),
    (Method::GET, "/{user}"),
    (Method::PUT, "/{user}"),
    (Method::DELETE, "/{user}"),
    (Method::GET, "/{user}/unmanagedAttributes"),
];

#[test]
fn strangers_are_refused_everywhere() {
    let world = travel0();
    refuse_strangers(&world, USERS, ROUTES);
}

/// Nobody, a forger, a member, an administrator of an organization.
pub fn refuse_strangers(world: &World, base: &str, routes: &[(Method, &str)]) {
    let hiroko = user(world, "hiroko").unwrap().id;
    let people = [token_of(world, "hiroko"), token_of(world, "jonno")];
    let forged = format!("{}x", people[0]);
    for (method, path) in routes {
        let path = format!("{base}{}", path.replace("{user}", hiroko.as_str()));
        let body = (method != Method::GET).then(|| json!({}));
        for token in ["", "garbage", &forged] {
            let answer = world.call(method.clone(), &path, token, body.as_ref());
            assert_eq!(answer.status, 401, "{method} {path} {token:.9}");
        }
        for token in &people {
            let answer = world.call(method.clone(), &path, token, body.as_ref());
            let told = (answer.status.as_u16(), answer.error());
            assert_eq!(told, (403, "HTTP 403 Forbidden".to_owned()), "{method} {path}");
            let other = path.replace("/travel0/", "/master/");
            let answer = world.call(method.clone(), &other, token, body.as_ref());
            assert_eq!(answer.status, 401, "another realm's token: {method} {other}");
        }
    }
}

#[test]
fn who_may_view_may_not_change() {
    let world = travel0();
    let viewer = granted(&world, "sumana", &["view-users"]);
    let path = format!("{USERS}/{}", user(&world, "hiroko").unwrap().id);
    assert_eq!(world.get(USERS, &viewer).status, 200);
    assert_eq!(world.get(&path, &viewer).json()["access"]["manage"], false);
    let body = json!({ "username": "x" });
    assert_eq!(world.post(USERS, &viewer, &body).status, 403);
    assert_eq!(put(&world, &path, &viewer, &body).status, 403);
    assert_eq!(world.delete(&path, &viewer).status, 403);
}

/// Whoever may change an administrator could become one.
#[test]
fn nobody_changes_an_administrator_who_may_do_more() {
    let world = travel0();
    let manager = granted(&world, "sumana", &["manage-users"]);
    granted(&world, "jonno", &["manage-realm", "manage-users"]);
    let boss = format!("{USERS}/{}", user(&world, "jonno").unwrap().id);
    let password = json!({ "type": "password", "value": "a good password" });
    let refused = [
        put(&world, &boss, &manager, &json!({ "email": "mine@example.com" })),
        put(&world, &format!("{boss}/reset-password"), &manager, &password),
        world.delete(&boss, &manager),
    ];
    for answer in refused {
        assert_eq!(answer.status, 403, "{answer:?}");
    }
    let plain = format!("{USERS}/{}", user(&world, "hiroko").unwrap().id);
    assert_eq!(put(&world, &plain, &manager, &json!({ "firstName": "Hi" })).status, 204);
    let manager = granted(&world, "sumana", &["manage-realm"]);
    assert_eq!(put(&world, &boss, &manager, &json!({ "firstName": "Jo" })).status, 204);
}

#[test]
fn every_change_is_written_down_without_secrets() {
    let world = travel0();
    let admin = admin(&world);
    let path = made(&world, &ann());
    put(&world, &path, &admin, &json!({ "firstName": "Anna" }));
    world.delete(&path, &admin);
    let events = world.get("/admin/realms/travel0/admin-events?resourceTypes=USER", &admin).json();
    let id = path.rsplit('/').next().unwrap();
    let told: Vec<(&str, &str)> = events
        .as_array()
        .unwrap()
        .iter()
        .map(|event| {
            (event["operationType"].as_str().unwrap(), event["resourcePath"].as_str().unwrap())
        })
        .collect();
    let there = format!("users/{id}");
    assert_eq!(told, [("DELETE", &*there), ("UPDATE", &*there), ("CREATE", &*there)]);
    assert!(!events.to_string().contains("a good password"), "{events}");
}

/// The places at which a deletion may be cut off, in order.
const CUTS: &[&str] =
    &["user.delete.after_directory", "user.delete.after_account", "user.delete.after_queue"];

pub fn leftovers(world: &World, id: &str) -> i64 {
    let statement = Statement::new("SELECT count(*) AS total FROM (SELECT user_id FROM membership WHERE present = 1 AND user_id = ?")
        .bind(id)
        .push(" UNION ALL SELECT user_id FROM user_erasure WHERE user_id = ?")
        .bind(id)
        .push(" UNION ALL SELECT user_id FROM user_role WHERE user_id = ?")
        .bind(id)
        .push(" UNION ALL SELECT user_id FROM group_member WHERE user_id = ?")
        .bind(id)
        .push(" UNION ALL SELECT user_id FROM user_attribute WHERE user_id = ?")
        .bind(id)
        .push(" UNION ALL SELECT user_id FROM user_text WHERE user_id = ?)")
        .bind(id);
    world.run(world.directory().run(statement)).unwrap()[0].int("total").unwrap()
}

#[test]
fn a_deleted_user_is_gone_everywhere() {
    let world = travel0();
    let id = user(&world, "emilio").unwrap().id;
    let account = ObjectName::Account(realm(&world).id, id.clone());
    let tokens = RelyingParty::web(&world).tokens_for("emilio", "openid");
    assert_eq!(world.delete(&format!("{USERS}/{id}"), &admin(&world)).status, 204);

    let refresh = tokens["refresh_token"].as_str().unwrap();
    assert_eq!(RelyingParty::web(&world).refresh(refresh).status, 400);
    assert!(world.is_blank(&account));
    world.deliver_queue();
    assert_eq!(leftovers(&world, id.as_str()), 0);
    for org in ["rocky-mountain", "granite-outpost"] {
        let path = format!("/realms/travel0/orgs/{}/members/{id}", org_id(&world, org));
        assert_eq!(world.get(&path, &admin(&world)).status, 404, "{org}");
    }
}

#[test]
fn a_deletion_that_is_cut_off_anywhere_is_finished() {
    for cut in CUTS {
        let world = travel0();
        let id = user(&world, "emilio").unwrap().id;
        let account = ObjectName::Account(realm(&world).id, id.clone());
        let request = json_request(Method::DELETE, &format!("{USERS}/{id}"), &admin(&world), None);
        world.crash_at(cut, request);

        assert!(!signs_in(&world, "emilio", guildhall::app::demo::PASSWORD), "{cut}");
        world.queued();
        world.run(schedule::tick(world.app()));
        assert!(leftovers(&world, id.as_str()) > 0, "{cut}: not while it may still go on");
        world.advance(Seconds(61));
        world.run(schedule::tick(world.app()));
        assert_eq!(leftovers(&world, id.as_str()), 0, "{cut}");
        assert!(world.is_blank(&account), "{cut}");
    }
}

#[test]
fn a_farewell_that_is_cut_off_anywhere_is_finished() {
    for cut in ["user.forget.after_account", "user.forget.after_organization"] {
        let world = travel0();
        let id = user(&world, "emilio").unwrap().id;
        world.delete(&format!("{USERS}/{id}"), &admin(&world));
        let messages = world.queued();
        world.crash_in(cut, guildhall::app::queue::consume(world.app(), &messages));
        world.run(guildhall::app::queue::consume(world.app(), &messages));
        assert_eq!(leftovers(&world, id.as_str()), 0, "{cut}");
    }
}

#[test]
fn an_organizations_directory_may_push_a_deleted_person_again() {
    let world = travel0();
    let directory = Directory::connect(&world, "granite-outpost");
    directory.pushed(&person("nora", "nora@granite.example"));
    let id = user(&world, "nora@granite.example").or_else(|| user(&world, "nora")).unwrap().id;
    assert_eq!(world.delete(&format!("{USERS}/{id}"), &admin(&world)).status, 204);
    world.deliver_queue();
    directory.pushed(&person("nora", "nora@granite.example"));
}

#[test]
fn a_creation_that_is_cut_off_leaves_all_or_nothing() {
    for cut in ["account.register.after_object", "account.register.after_directory"] {
        let world = travel0();
        let body = ann();
        let request = json_request(Method::POST, USERS, &admin(&world), Some(&body));
        world.crash_at(cut, request);
        let exists = user(&world, "ann").is_some();
        assert_eq!(exists, cut == "account.register.after_directory");
        assert_eq!(signs_in(&world, "ann", "a good password"), exists, "{cut}");
        if !exists {
            made(&world, &body);
        }
    }
}

/// Work must not grow with the realm where the question names a few.
#[test]
fn counting_everybody_reads_one_row() {
    let world = travel0();
    made(&world, &ann());
    let plan = world.directory().sql().plan(
        &Statement::new("SELECT people AS total FROM user_tally WHERE realm_id = ?").bind("x"),
    );
    assert_eq!(plan, ["SEARCH user_tally USING PRIMARY KEY (realm_id=?)"]);
    let before = count(&world, "").as_i64().unwrap();
    let path = made(&world, &json!({ "username": "one-more" }));
    assert_eq!(count(&world, ""), before + 1);
    world.delete(&path, &admin(&world));
    assert_eq!(count(&world, ""), before);
}
