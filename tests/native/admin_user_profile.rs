//! `/admin/realms/{realm}/users/profile`: which fields users have, and that
//! nobody gets others.
use crate::admin_setup::{TRAVEL0, assert_guarded, holder_of, newest_event, nobody};
use crate::admin_users::{USERS, made, put};
use crate::harness::browser::{Answer, Browser};
use crate::harness::relying_party::RelyingParty;
use crate::harness::world::World;
use crate::scim_setup::{Directory, admin, org_id, person, travel0, user};
use http::Method;
use serde_json::{Value, json};

const PROFILE: &str = "/admin/realms/travel0/users/profile";

/// The built-in profile with these fields more, and this policy.
fn with(world: &World, fields: &[Value], policy: &Value) -> Value {
    let mut profile = world.get(PROFILE, &admin(world)).json();
    profile["attributes"].as_array_mut().unwrap().extend(fields.iter().cloned());
    profile["unmanagedAttributePolicy"] = policy.clone();
    profile
}

fn set(world: &World, fields: &[Value], policy: &Value) -> Value {
    let profile = with(world, fields, policy);
    let answer = world.put(PROFILE, &admin(world), &profile);
    assert_eq!(answer.status, 200, "{answer:?}");
    answer.json()
}

fn post(world: &World, body: &Value) -> Answer {
    world.post(USERS, &admin(world), body)
}

/// The faults that an answer tells: field and message.
fn faults(answer: &Answer) -> Vec<(String, String)> {
    assert_eq!(answer.status, 400, "{answer:?}");
    let body = answer.json();
    let one = std::slice::from_ref(&body);
    let list = body["errors"].as_array().map_or(one, Vec::as_slice).iter();
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    list.map(|fault| (text(&fault["field"]), text(&fault["errorMessage"]))).collect()
}

fn fault(field: &str, message: &str) -> Vec<(String, String)> {
    vec![(field.to_owned(), message.to_owned())]
}

fn plan() -> Value {
    json!({
        "name": "plan", "displayName": "Plan", "group": "deal",
        "validations": { "options": { "options": ["free", "pro"] } },
        "annotations": { "inputType": "select" },
        "required": { "roles": ["admin"] },
        "permissions": { "view": ["admin", "user"], "edit": ["admin"] },
        "multivalued": false,
    })
}

#[test]
fn a_profile_is_answered_as_it_was_written() {
    let world = travel0();
    let mut profile = with(&world, &[plan()], &json!("ADMIN_EDIT"));
    profile["groups"] = json!([{ "name": "deal", "displayHeader": "The deal" }]);
    let answer = world.put(PROFILE, &admin(&world), &profile);
    assert_eq!((answer.status.as_u16(), answer.json()), (200, profile.clone()));
    assert_eq!(world.get(PROFILE, &admin(&world)).json(), profile);
    assert_eq!(
        world.put(PROFILE, &admin(&world), &profile).status,
        200,
        "what was read can be written"
    );

    let metadata = world.get(&format!("{PROFILE}/metadata"), &admin(&world)).json();
    assert_eq!(
        metadata["attributes"][4],
        json!({ "name": "plan", "displayName": "Plan", "group": "deal", "required": true, "readOnly": false,
                "validators": { "options": { "options": ["free", "pro"] } },
                "annotations": { "inputType": "select" }, "multivalued": false })
    );
    assert_eq!(metadata["groups"], profile["groups"]);
    let told = newest_event(&world, "travel0");
    assert_eq!(
        (&told["resourceType"], &told["resourcePath"]),
        (&json!("USER_PROFILE"), &json!("users/profile"))
    );
}

#[test]
fn what_cannot_be_a_profile_is_refused_and_changes_nothing() {
    let world = travel0();
    let before = world.get(PROFILE, &admin(&world)).json();
    let field = |change: Value| with(&world, &[change], &json!("ENABLED"));
    let mut without_email = before.clone();
    without_email["attributes"].as_array_mut().unwrap().retain(|one| one["name"] != "email");
    let mut policy = before.clone();
    policy["unmanagedAttributePolicy"] = json!("SOMETIMES");
    let mut closed = before.clone();
    closed["attributes"][1]["permissions"]["edit"] = json!(["user"]);
    for (profile, told) in [
        (json!({}), "attributes"),
        (json!({ "attributes": [] }), "username"),
        (without_email, "email"),
        (policy, "SOMETIMES"),
        (closed, "permissions.edit"),
        (field(json!({ "name": "a b" })), "a b"),
        (field(json!({ "name": "username" })), "username"),
        (field(json!({ "name": "a", "validations": { "local-date": {} } })), "local-date"),
        (
            field(json!({ "name": "a", "validations": { "pattern": { "pattern": "(?=a)" } } })),
            "not supported",
        ),
        (field(json!({ "name": "a", "required": { "scopes": ["email"] } })), "scopes"),
        (field(json!({ "name": "a", "permissions": { "view": ["boss"] } })), "boss"),
        (field(json!({ "name": "a", "group": "nowhere" })), "group"),
        (field(json!({ "name": "a", "displayName": "x".repeat(70_000) })), "MAX_PROFILE_BYTES"),
        (field(json!({ "name": "a", "colour": "red" })), "colour"),
        (json!([]), ""),
    ] {
        let answer = world.put(PROFILE, &admin(&world), &profile);
        assert_eq!(answer.status, 400, "{told}: {answer:?}");
        assert!(answer.text.contains(told), "{told}: {answer:?}");
    }
    assert_eq!(world.get(PROFILE, &admin(&world)).json(), before);
}

#[test]
fn a_required_field_must_be_there_and_a_value_must_fit() {
    let world = travel0();
    let code = json!({ "name": "code", "validations": { "pattern": { "pattern": "[A-Z]{2}\\d+" }, "length": { "min": 3, "max": 5 } } });
    set(
        &world,
        &[
            json!({ "name": "plan", "required": {}, "validations": { "options": { "options": ["free", "pro"] } } }),
            code,
        ],
        &json!("ENABLED"),
    );
    let refused = |attributes: Value| {
        faults(&post(&world, &json!({ "username": "ann", "attributes": attributes })))
    };

    let missing = post(&world, &json!({ "username": "ann" }));
    assert_eq!(
        missing.json(),
        json!({ "field": "plan", "errorMessage": "error-user-attribute-required", "params": ["plan"] })
    );
    assert_eq!(refused(json!({ "plan": [" "] })), fault("plan", "error-user-attribute-required"));
    assert_eq!(refused(json!({ "plan": ["gold"] })), fault("plan", "error-invalid-value"));
    assert_eq!(
        refused(json!({ "plan": ["pro", "free"] })),
        fault("plan", "error-invalid-multivalued-size")
    );
    let both = refused(json!({ "plan": ["gold"], "code": ["ab1234"] }));
    assert_eq!(both.len(), 3, "{both:?}");
    assert!(user(&world, "ann").is_none());

    let path = made(
        &world,
        &json!({ "username": "ann", "attributes": { "plan": ["pro"], "code": ["AB1"], "free": ["x", "y"] } }),
    );
    let length = put(
        &world,
        &path,
        &admin(&world),
        &json!({ "attributes": { "plan": "pro", "code": "AB12345" } }),
    );
    assert_eq!(
        length.json(),
        json!({ "field": "code", "errorMessage": "error-invalid-length", "params": ["code", 3, 5] })
    );
    assert_eq!(
        put(&world, &path, &admin(&world), &json!({ "attributes": { "plan": "free" } })).status,
        204
    );
}

#[test]
fn names_and_addresses_are_fields_too() {
    let world = travel0();
    let mut profile = with(&world, &[], &json!("ENABLED"));
    profile["attributes"][1]["required"] = json!({ "roles": ["admin", "user"] });
    profile["attributes"][2]["required"] = json!({});
    profile["attributes"][2]["validations"]["person-name-prohibited-characters"] = json!({});
    profile["attributes"][0]["validations"]["length"] = json!({ "min": 3, "max": 10 });
    assert_eq!(world.put(PROFILE, &admin(&world), &profile).status, 200);
    assert_eq!(faults(&post(&world, &json!({ "username": "ann" }))).len(), 2);
    let short = json!({ "username": "an", "email": "a@example.com", "firstName": "Ann" });
    assert_eq!(faults(&post(&world, &short)), fault("username", "error-invalid-length"));
    let odd = json!({ "username": "ann", "email": "a@example.com", "firstName": "<Ann>" });
    assert_eq!(
        faults(&post(&world, &odd)),
        fault("firstName", "error-person-name-invalid-character")
    );
    made(&world, &json!({ "username": "ann", "email": "a@example.com", "firstName": "Ann" }));
}

/// Somebody must be able to switch off whoever a new rule does not fit.
#[test]
fn who_does_not_fit_a_new_profile_is_switched_off_and_not_renamed() {
    let world = travel0();
    let path = made(&world, &json!({ "username": "ann", "enabled": true }));
    set(&world, &[json!({ "name": "plan", "required": {} })], &json!("ENABLED"));
    let admin = admin(&world);
    assert_eq!(put(&world, &path, &admin, &json!({ "enabled": false })).status, 204);
    assert_eq!(
        put(&world, &path, &admin, &json!({ "requiredActions": ["VERIFY_EMAIL"] })).status,
        204
    );
    let renamed = put(&world, &path, &admin, &json!({ "firstName": "Ann" }));
    assert_eq!(faults(&renamed), fault("plan", "error-user-attribute-required"));
    let told = json!({ "firstName": "Ann", "attributes": { "plan": "pro" } });
    assert_eq!(put(&world, &path, &admin, &told).status, 204);
}

#[test]
fn a_field_that_administrators_may_not_change_stays() {
    let world = travel0();
    let path = made(
        &world,
        &json!({ "username": "ann", "attributes": { "seen": ["1"], "hidden": ["2"], "free": ["3"] } }),
    );
    let seen = json!({ "name": "seen", "permissions": { "view": ["admin"], "edit": [] } });
    let hidden = json!({ "name": "hidden", "permissions": { "view": ["user"], "edit": ["user"] } });
    set(&world, &[seen, hidden], &json!("ENABLED"));
    let admin = admin(&world);
    let read = || world.get(&path, &admin).json()["attributes"].clone();
    assert_eq!(read(), json!({ "seen": ["1"], "free": ["3"] }));
    let listed = world.get(&format!("{USERS}?username=ann"), &admin).json();
    assert_eq!(listed[0]["attributes"], read());

    let change = json!({ "attributes": { "seen": ["9"] } });
    assert_eq!(
        faults(&put(&world, &path, &admin, &change)),
        fault("seen", "error-user-attribute-read-only")
    );
    let guess = json!({ "attributes": { "hidden": ["9"] } });
    assert_eq!(
        faults(&put(&world, &path, &admin, &guess)),
        fault("hidden", "error-user-attribute-read-only")
    );
    let whole = world.get(&path, &admin).json();
    assert_eq!(put(&world, &path, &admin, &whole).status, 204, "what was read can be written");
    assert_eq!(put(&world, &path, &admin, &json!({ "attributes": {} })).status, 204);
    let told = newest_event(&world, "travel0");
    assert_eq!(told["representation"]["attributes"], json!({ "seen": ["1"] }), "nor in the trail");
    let kept = &user(&world, "ann").unwrap().attributes;
    assert_eq!(json!(kept), json!({ "seen": ["1"], "hidden": ["2"] }));
    let made = post(&world, &json!({ "username": "bea", "attributes": { "seen": ["1"] } }));
    assert_eq!(faults(&made), fault("seen", "error-user-attribute-read-only"));
}

#[test]
fn the_policy_decides_about_attributes_that_are_no_field() {
    let world = travel0();
    let path = made(&world, &json!({ "username": "ann", "attributes": { "free": ["1"] } }));
    let admin = admin(&world);
    let change =
        |value: &str| put(&world, &path, &admin, &json!({ "attributes": { "free": [value] } }));
    let read = || world.get(&path, &admin).json()["attributes"]["free"].clone();
    let unmanaged = || world.get(&format!("{path}/unmanagedAttributes"), &admin).json();

    for (policy, value) in [("ENABLED", "2"), ("ADMIN_EDIT", "3")] {
        set(&world, &[], &json!(policy));
        assert_eq!(change(value).status, 204, "{policy}");
        assert_eq!((read(), unmanaged()), (json!([value]), json!({ "free": [value] })));
    }
    set(&world, &[], &json!("ADMIN_VIEW"));
    assert_eq!(faults(&change("4")), fault("free", "error-user-attribute-read-only"));
    assert_eq!((change("3").status.as_u16(), read()), (204, json!(["3"])));
    let mut closed = with(&world, &[], &Value::Null);
    closed.as_object_mut().unwrap().remove("unmanagedAttributePolicy");
    assert_eq!(world.put(PROFILE, &admin, &closed).status, 200);
    assert_eq!((read(), unmanaged()), (Value::Null, json!({})));
    assert_eq!(change("5").status, 204, "passed over, as by Keycloak");
    assert_eq!(user(&world, "ann").unwrap().attributes["free"], ["3"], "and what is there stays");
    let path = made(&world, &json!({ "username": "bea", "attributes": { "free": ["1"] } }));
    assert!(user(&world, "bea").unwrap().attributes.is_empty(), "{path}");
}

#[test]
fn who_is_new_gets_what_a_field_is_by_default() {
    let world = travel0();
    set(
        &world,
        &[json!({ "name": "plan", "required": {}, "defaultValue": "free" })],
        &json!("ENABLED"),
    );
    let path = made(&world, &json!({ "username": "ann" }));
    let admin = admin(&world);
    assert_eq!(world.get(&path, &admin).json()["attributes"], json!({ "plan": ["free"] }));
    let path = made(&world, &json!({ "username": "bea", "attributes": { "plan": "pro" } }));
    assert_eq!(world.get(&path, &admin).json()["attributes"], json!({ "plan": ["pro"] }));
}

#[test]
fn an_invited_person_is_held_to_what_the_page_asks() {
    let world = travel0();
    let mut profile = with(&world, &[json!({ "name": "plan", "required": {} })], &json!("ENABLED"));
    profile["attributes"][2]["validations"]["length"] = json!({ "min": 3 });
    profile["attributes"][2]["required"] = json!({ "roles": ["user"] });
    assert_eq!(world.put(PROFILE, &admin(&world), &profile).status, 200);
    let path = format!("/realms/travel0/orgs/{}/invitations", org_id(&world, "rocky-mountain"));
    let body = json!({ "email": "marta@freelance.example", "send": true });
    assert_eq!(world.post(&path, &admin(&world), &body).status, 201);
    let mail = world.mails().pop().unwrap();
    let link = &mail.text[mail.text.find("http://").unwrap()..];
    let browser = Browser::new(&world);
    let page = browser.open(link.split_whitespace().next().unwrap());
    let accept = |page: &Answer, first_name: &str| {
        let (ticket, csrf) = (page.field("ticket"), page.field("csrf"));
        let fields = [
            ("ticket", &*ticket),
            ("csrf", &*csrf),
            ("firstName", first_name),
            ("lastName", "Lindqvist"),
            ("password", "long enough for Travel0"),
        ];
        browser.submit(&page.action(), &fields)
    };
    let again = accept(&page, "Ma");
    assert!(again.text.contains("This cannot be a first name."), "{again:?}");
    assert!(user(&world, "marta@freelance.example").is_none());
    accept(&again, "Marta");
    assert!(
        user(&world, "marta@freelance.example").is_some(),
        "what is not asked for is not missing"
    );
}

/// A directory's view of a person is its organization's: the realm's forms are
/// no business of it.
#[test]
fn directories_push_whom_they_know() {
    let world = travel0();
    set(&world, &[json!({ "name": "plan", "required": {} })], &json!("ENABLED"));
    let directory = Directory::connect(&world, "granite-outpost");
    directory.pushed(&person("nora", "nora@granite.example"));
    assert!(RelyingParty::web(&world).tokens_for("hiroko", "openid")["access_token"].is_string());
}

#[test]
fn each_path_of_the_profile_is_guarded() {
    let world = travel0();
    let nobody = nobody(&world);
    let viewer = holder_of(&world, &["view-realm"]);
    let users = holder_of(&world, &["manage-users"]);
    let other = holder_of(&world, &["manage-clients"]);
    assert_guarded(&world, &Method::PUT, PROFILE, &[&nobody, &viewer, &users]);
    for path in [PROFILE.to_owned(), format!("{PROFILE}/metadata")] {
        assert_guarded(&world, &Method::GET, &path, &[&nobody, &other]);
        assert_eq!(world.get(&path, &viewer).status, 200);
        assert_eq!(world.get(&path, &users).status, 200);
    }
    let profile = world.get(PROFILE, &viewer).json();
    assert_eq!(
        world
            .put(
                "/admin/realms/master/users/profile",
                &holder_of(&world, &["realm-admin"]),
                &profile
            )
            .status,
        401
    );
    assert_eq!(world.put(PROFILE, &holder_of(&world, &["manage-realm"]), &profile).status, 200);
    assert_eq!(world.get(TRAVEL0, &admin(&world)).status, 200);
}
