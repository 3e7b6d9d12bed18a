//! `/admin/realms/{realm}/events`, `/admin-events` and `/events/config`.
use crate::admin_setup::{MASTER, client_uuid};
use crate::admin_users::{USERS, granted, made, put, signs_in, token_of};
use crate::harness::relying_party::{RelyingParty, token_path};
use crate::harness::world::World;
use crate::scim_setup::{admin, org_id, travel0, user};
use guildhall::app::demo::{CLIENT_SECRET, PASSWORD};
use guildhall::app::schedule;
use guildhall::kernel::time::Seconds;
use http::Method;
use serde_json::{Value, json};

const REALM: &str = "/admin/realms/travel0";

fn admin_events(world: &World, query: &str) -> Vec<Value> {
    let answer = world.get(&format!("{REALM}/admin-events?{query}"), &admin(world));
    assert_eq!(answer.status, 200, "{query} {answer:?}");
    answer.json().as_array().unwrap().clone()
}

fn events(world: &World, query: &str) -> Vec<Value> {
    world.deliver_queue();
    let answer = world.get(&format!("{REALM}/events?{query}"), &admin(world));
    assert_eq!(answer.status, 200, "{query} {answer:?}");
    answer.json().as_array().unwrap().clone()
}

fn kinds(events: &[Value]) -> Vec<&str> {
    events.iter().map(|event| event["type"].as_str().unwrap()).collect()
}

fn paths(events: &[Value]) -> Vec<&str> {
    events.iter().map(|event| event["resourcePath"].as_str().unwrap()).collect()
}

fn configure(world: &World, body: &Value) {
    let answer = put(world, &format!("{REALM}/events/config"), &admin(world), body);
    assert_eq!((answer.status.as_u16(), answer.text.as_str()), (204, ""));
}

/// Two users and a member less, a day apart.
fn history() -> (World, Vec<String>) {
    let world = travel0();
    world.deliver_queue();
    world.delete(&format!("{REALM}/admin-events"), &admin(&world));
    let one = made(&world, &json!({ "username": "one" }));
    world.advance(Seconds::days(1));
    let two = made(&world, &json!({ "username": "two" }));
    put(&world, &two, &admin(&world), &json!({ "firstName": "Two" }));
    world.advance(Seconds::days(1));
    let rocky = org_id(&world, "rocky-mountain");
    let sumana = user(&world, "sumana").unwrap().id;
    let member = format!("orgs/{rocky}/members/{sumana}");
    world.delete(&format!("/realms/travel0/{member}"), &admin(&world));
    world.deliver_queue();
    let id = |path: &str| format!("users/{}", path.rsplit('/').next().unwrap());
    (world, vec![id(&one), id(&two), id(&two), member])
}

#[test]
fn an_admin_event_says_who_did_what() {
    let (world, _) = history();
    let found = admin_events(&world, "");
    let event = &found[0];
    assert_eq!(event["time"], world.now().as_unix_millis());
    assert_eq!(
        (&event["operationType"], &event["resourceType"]),
        (&json!("DELETE"), &json!("ORGANIZATION_MEMBERSHIP"))
    );
    let who = &event["authDetails"];
    assert_eq!(who["clientId"], client_uuid(&world, MASTER, "admin-cli"));
    assert!(who["userId"].is_string() && who["realmId"].is_string());
    let sumana = user(&world, "sumana").unwrap().id;
    assert_eq!(event["representation"], format!("\"{sumana}\""), "JSON, as Phase Two writes it");
    let representation = found[1]["representation"].as_str().unwrap();
    assert_eq!(serde_json::from_str::<Value>(representation).unwrap()["firstName"], "Two");
}

#[test]
fn admin_events_are_filtered_by_everything_they_say() {
    let (world, all) = history();
    let user_one = all[0].clone();
    let newest: Vec<&str> = all.iter().rev().map(String::as_str).collect();
    let oldest: Vec<&str> = all.iter().map(String::as_str).collect();
    let who = admin_events(&world, "")[0]["authDetails"].clone();
    let (caller, home) = (who["userId"].as_str().unwrap(), who["realmId"].as_str().unwrap());
    let day = world.now().as_unix_millis() - 86_400_000;
    let org = format!("resourcePath=orgs/{}/*", org_id(&world, "rocky-mountain"));
    let known: Vec<(String, Vec<&str>)> = vec![
        (String::new(), newest.clone()),
        ("direction=asc".to_owned(), oldest.clone()),
        ("max=2".to_owned(), newest[..2].to_vec()),
        ("first=1&max=2".to_owned(), newest[1..3].to_vec()),
        ("first=9".to_owned(), vec![]),
        ("max=0".to_owned(), vec![]),
        ("operationTypes=CREATE".to_owned(), vec![oldest[1], oldest[0]]),
        ("operationTypes=CREATE&direction=asc".to_owned(), oldest[..2].to_vec()),
        (
            "operationTypes=CREATE&operationTypes=DELETE&first=1".to_owned(),
            vec![oldest[1], oldest[0]],
        ),
        ("operationTypes=ACTION".to_owned(), vec![]),
        ("resourceTypes=USER".to_owned(), newest[1..].to_vec()),
        ("resourceTypes=USER&resourceTypes=ORGANIZATION_MEMBERSHIP".to_owned(), newest.clone()),
        (
            "resourceTypes=USER&operationTypes=UPDATE&operationTypes=DELETE".to_owned(),
            vec![oldest[2]],
        ),
        (format!("resourcePath={user_one}"), vec![oldest[0]]),
        ("resourcePath=users/*".to_owned(), newest[1..].to_vec()),
        ("resourcePath=*/members/*".to_owned(), vec![newest[0]]),
        ("resourcePath=*s*members*".to_owned(), vec![newest[0]]),
        (format!("resourcePath=*{}", &user_one[30..]), vec![oldest[0]]),
        (org, vec![newest[0]]),
        ("resourcePath=nothing/*".to_owned(), vec![]),
        (format!("authUser={caller}&resourceTypes=USER"), newest[1..].to_vec()),
        ("authUser=nobody".to_owned(), vec![]),
        ("authClient=admin-cli&max=1".to_owned(), vec![newest[0]]),
        ("authClient=other".to_owned(), vec![]),
        (format!("authRealm={home}&operationTypes=UPDATE"), vec![oldest[2]]),
        ("authRealm=other".to_owned(), vec![]),
        ("authIpAddress=10.0.0.1".to_owned(), vec![]),
        ("dateFrom=2027-01-16&dateTo=2027-01-16".to_owned(), vec![oldest[2], oldest[1]]),
        (format!("dateFrom={day}&resourceTypes=USER"), vec![oldest[2], oldest[1]]),
        (format!("dateTo={}", day - 1), vec![oldest[0]]),
    ];
    for (query, wanted) in known {
        assert_eq!(paths(&admin_events(&world, &query)), wanted, "{query}");
    }
    for query in ["dateFrom=yesterday", "dateTo=2027-02-30", "max=x", "first=x"] {
        let answer = world.get(&format!("{REALM}/admin-events?{query}"), &admin(&world));
        assert_eq!(answer.status, 400, "{query}");
    }
}

#[test]
fn admin_events_are_cleared() {
    let (world, _) = history();
    assert_eq!(world.delete(&format!("{REALM}/admin-events"), &admin(&world)).status, 204);
    assert_eq!(admin_events(&world, ""), Vec::<Value>::new());
    assert_eq!(world.delete(&format!("{REALM}/admin-events"), &admin(&world)).status, 204);
}

/// Keycloak's list can be emptied without a trace.
#[test]
fn who_clears_the_admin_events_is_written_down_in_master() {
    let (world, _) = history();
    world.delete(&format!("{REALM}/admin-events"), &admin(&world));
    let master = "/admin/realms/master/admin-events";
    let told = world.get(&format!("{master}?max=1"), &admin(&world)).json();
    assert_eq!(told[0]["resourcePath"], "travel0/admin-events");
    assert_eq!(told[0]["operationType"], "DELETE");

    assert_eq!(world.delete(master, &admin(&world)).status, 204);
    let left = world.get(master, &admin(&world)).json();
    assert_eq!(left.as_array().unwrap().len(), 1);
    assert_eq!(left[0]["resourcePath"], "master/admin-events");
}

#[test]
fn another_realms_events_are_its_own() {
    let (world, _) = history();
    let master = world.get("/admin/realms/master/admin-events", &admin(&world)).json();
    assert!(!master.to_string().contains("users/"), "{master}");
}

#[test]
fn the_configuration_keeps_what_a_change_does_not_name() {
    let world = travel0();
    let path = format!("{REALM}/events/config");
    let before = world.get(&path, &admin(&world)).json();
    assert_eq!(
        (&before["eventsEnabled"], &before["adminEventsEnabled"]),
        (&json!(false), &json!(true))
    );
    assert!(before["enabledEventTypes"].as_array().unwrap().contains(&json!("LOGIN")));
    configure(&world, &json!({ "eventsEnabled": true, "eventsExpiration": 60 }));
    let after = world.get(&path, &admin(&world)).json();
    assert_eq!((&after["eventsEnabled"], &after["eventsExpiration"]), (&json!(true), &json!(60)));
    assert_eq!(after["adminEventsEnabled"], true);
    assert_eq!(put(&world, &path, &admin(&world), &after).status, 204);
    for body in [json!({ "eventsEnabled": "yes" }), json!({ "unknown": 1 }), json!([])] {
        assert_eq!(put(&world, &path, &admin(&world), &body).status, 400, "{body}");
    }
    assert_eq!(admin_events(&world, "resourcePath=events/config").len(), 2);
}

#[test]
fn admin_events_that_are_switched_off_are_not_written() {
    let world = travel0();
    configure(&world, &json!({ "adminEventsDetailsEnabled": false }));
    made(&world, &json!({ "username": "one" }));
    assert_eq!(admin_events(&world, "resourceTypes=USER")[0].get("representation"), None);
    configure(&world, &json!({ "adminEventsEnabled": false }));
    made(&world, &json!({ "username": "two" }));
    assert_eq!(admin_events(&world, "resourceTypes=USER").len(), 1);
    assert_eq!(admin_events(&world, "resourcePath=events/config").len(), 2, "off is written down");
    configure(&world, &json!({ "adminEventsEnabled": true }));
    assert_eq!(admin_events(&world, "resourcePath=events/config").len(), 3, "on too");
}

#[test]
fn what_people_do_is_told_where_that_is_wanted() {
    let world = travel0();
    let app = RelyingParty::web(&world);
    app.tokens_for("hiroko", "openid");
    assert_eq!(events(&world, ""), Vec::<Value>::new(), "off as in Keycloak");

    configure(&world, &json!({ "eventsEnabled": true }));
    assert!(!signs_in(&world, "hiroko", "wrong"));
    let tokens = app.tokens_for("hiroko", "openid");
    app.refresh("garbage");
    let hiroko = user(&world, "hiroko").unwrap().id;
    world.post(&format!("{USERS}/{hiroko}/logout"), &admin(&world), &json!({}));
    app.refresh(tokens["refresh_token"].as_str().unwrap());

    let told = events(&world, "direction=asc");
    assert_eq!(
        kinds(&told),
        ["LOGIN_ERROR", "LOGIN", "CODE_TO_TOKEN"],
        "refreshes are not told of"
    );
    assert_eq!(told[0]["error"], "invalid_user_credentials");
    assert_eq!(told[0]["details"]["username"], "hiroko");
    let login = &told[1];
    assert_eq!((&login["userId"], &login["clientId"]), (&json!(hiroko), &json!("travel0-web")));
    assert_eq!(login["sessionId"], tokens["session_state"]);
    assert_eq!(login["time"], world.now().as_unix_millis());
    assert_eq!(login.get("error"), None);
    assert!(!json!(told).to_string().contains(PASSWORD));
}

#[test]
fn user_events_are_filtered_by_everything_they_say() {
    let world = travel0();
    configure(&world, &json!({ "eventsEnabled": true }));
    let app = RelyingParty::web(&world);
    app.tokens_for("hiroko", "openid");
    world.advance(Seconds::days(1));
    app.tokens_for("emilio", "openid");
    let machine = [
        ("grant_type", "client_credentials"),
        ("client_id", "travel0-machine"),
        ("client_secret", CLIENT_SECRET),
    ];
    world.post_form(&token_path(), &machine);
    let hiroko = user(&world, "hiroko").unwrap().id;
    let known: Vec<(String, &[&str])> = vec![
        (String::new(), &["CLIENT_LOGIN", "CODE_TO_TOKEN", "LOGIN", "CODE_TO_TOKEN", "LOGIN"]),
        ("type=LOGIN".to_owned(), &["LOGIN", "LOGIN"]),
        ("type=LOGIN&type=CLIENT_LOGIN".to_owned(), &["CLIENT_LOGIN", "LOGIN", "LOGIN"]),
        ("type=LOGIN&type=CLIENT_LOGIN&first=1&max=1".to_owned(), &["LOGIN"]),
        ("type=REGISTER".to_owned(), &[]),
        (format!("user={hiroko}"), &["CODE_TO_TOKEN", "LOGIN"]),
        (format!("user={hiroko}&type=LOGIN&client=travel0-web"), &["LOGIN"]),
        ("client=travel0-machine".to_owned(), &["CLIENT_LOGIN"]),
        ("client=nobody".to_owned(), &[]),
        ("ipAddress=10.0.0.1".to_owned(), &[]),
        ("dateTo=2027-01-15".to_owned(), &["CODE_TO_TOKEN", "LOGIN"]),
        ("dateFrom=2027-01-16&max=1".to_owned(), &["CLIENT_LOGIN"]),
        ("max=0".to_owned(), &[]),
    ];
    for (query, wanted) in known {
        assert_eq!(kinds(&events(&world, &query)), wanted, "{query}");
    }
    assert_eq!(world.delete(&format!("{REALM}/events"), &admin(&world)).status, 204);
    assert_eq!(events(&world, ""), Vec::<Value>::new());
}

#[test]
fn only_the_types_that_are_named_are_told() {
    let world = travel0();
    configure(&world, &json!({ "eventsEnabled": true, "enabledEventTypes": ["LOGIN"] }));
    RelyingParty::web(&world).tokens_for("hiroko", "openid");
    assert_eq!(kinds(&events(&world, "")), ["LOGIN"]);
}

/// As Keycloak 26.7 does: a refresh every few minutes is told of only where that
/// is asked for; none named means the usual ones.
#[test]
fn none_named_means_the_usual_ones() {
    let world = travel0();
    configure(&world, &json!({ "eventsEnabled": true }));
    let config = || world.get(&format!("{REALM}/events/config"), &admin(&world)).json();
    let usual = config()["enabledEventTypes"].clone();
    let has = |name: &str| usual.as_array().unwrap().contains(&json!(name));
    assert!(has("LOGIN") && has("CUSTOM_REQUIRED_ACTION_ERROR") && !has("REFRESH_TOKEN"));
    let app = RelyingParty::web(&world);
    let tokens = app.tokens_for("hiroko", "openid");
    let refreshed = app.refresh(tokens["refresh_token"].as_str().unwrap()).json();
    assert_eq!(kinds(&events(&world, "")), ["CODE_TO_TOKEN", "LOGIN"]);

    configure(&world, &json!({ "enabledEventTypes": ["REFRESH_TOKEN", "UPDATE_TOTP"] }));
    assert_eq!(config()["enabledEventTypes"], json!(["REFRESH_TOKEN", "UPDATE_TOTP"]));
    app.refresh(refreshed["refresh_token"].as_str().unwrap());
    app.tokens_for("hiroko", "openid");
    assert_eq!(kinds(&events(&world, "")), ["REFRESH_TOKEN", "CODE_TO_TOKEN", "LOGIN"]);

    configure(&world, &json!({ "enabledEventTypes": [] }));
    assert_eq!(config()["enabledEventTypes"], usual);
}

/// What a configuration promises happens. Keycloak keeps any type; it refuses
/// listeners that it does not have.
#[test]
fn what_would_not_happen_is_refused() {
    let world = travel0();
    let path = format!("{REALM}/events/config");
    let before = world.get(&path, &admin(&world)).json();
    for (body, word) in [
        (json!({ "eventsListeners": ["jboss-logging", "email"] }), "email"),
        (json!({ "eventsListeners": ["ext-event-http"], "eventsEnabled": true }), "ext-event-http"),
        (json!({ "enabledEventTypes": ["LOGIN", "LOGNI"] }), "LOGNI"),
        (json!({ "enabledEventTypes": ["_ERROR"] }), "_ERROR"),
        (json!({ "eventsExpiration": -5 }), ""),
        (json!({ "eventsExpiration": 1.5 }), ""),
        (json!({ "adminEventsEnabled": "true" }), ""),
    ] {
        for path in [path.as_str(), REALM] {
            let answer = put(&world, path, &admin(&world), &body);
            assert_eq!(answer.status, 400, "{path} {body}");
            assert!(answer.text.contains(word), "{path} {answer:?}");
        }
    }
    assert_eq!(world.get(&path, &admin(&world)).json(), before);
    for listeners in [json!([]), json!(["jboss-logging"])] {
        configure(&world, &json!({ "eventsListeners": listeners }));
        assert_eq!(world.get(&path, &admin(&world)).json()["eventsListeners"], listeners);
    }
}

#[test]
fn user_events_that_are_switched_off_again_are_not_written() {
    let world = travel0();
    configure(&world, &json!({ "eventsEnabled": true }));
    RelyingParty::web(&world).tokens_for("hiroko", "openid");
    configure(&world, &json!({ "eventsEnabled": false }));
    RelyingParty::web(&world).tokens_for("emilio", "openid");
    assert_eq!(events(&world, "").len(), 2, "what was written stays");
}

#[test]
fn old_events_are_forgotten() {
    let world = travel0();
    configure(&world, &json!({ "eventsEnabled": true, "eventsExpiration": 3600 }));
    RelyingParty::web(&world).tokens_for("hiroko", "openid");
    world.deliver_queue();
    world.advance(Seconds::hours(1));
    RelyingParty::web(&world).tokens_for("emilio", "openid");
    world.advance(Seconds(1));
    world.run(schedule::tick(world.app()));
    assert_eq!(events(&world, "").len(), 2);
}

/// The budget of a warm token: none of it for events nobody wants.
#[test]
fn a_machines_token_costs_no_io_where_events_are_off() {
    let world = travel0();
    let machine = [
        ("grant_type", "client_credentials"),
        ("client_id", "travel0-machine"),
        ("client_secret", CLIENT_SECRET),
    ];
    world.post_form(&token_path(), &machine);
    world.queued();
    let (_, trips) = world.trips_of(|| world.post_form(&token_path(), &machine));
    assert_eq!((trips.directory, trips.objects), (0, 0));
    assert_eq!(world.queued(), [""; 0]);
}

#[test]
fn events_are_for_who_may_see_them() {
    let world = travel0();
    let viewer = granted(&world, "sumana", &["view-events"]);
    let member = token_of(&world, "hiroko");
    let routes = [
        (Method::GET, "/events", 200),
        (Method::DELETE, "/events", 403),
        (Method::GET, "/admin-events", 200),
        (Method::DELETE, "/admin-events", 403),
        (Method::GET, "/events/config", 200),
        (Method::PUT, "/events/config", 403),
    ];
    for (method, path, status) in routes {
        let path = format!("{REALM}{path}");
        let body = (method == Method::PUT).then(|| json!({}));
        let ask = |token: &str| world.call(method.clone(), &path, token, body.as_ref()).status;
        assert_eq!(ask(&viewer), status, "{method} {path}");
        assert_eq!(ask(&member), 403, "{method} {path}");
        assert_eq!(ask(""), 401, "{method} {path}");
    }
    let manager = granted(&world, "sumana", &["manage-events"]);
    let path = format!("{REALM}/events/config");
    assert_eq!(put(&world, &path, &manager, &json!({ "eventsEnabled": true })).status, 204);
}
