//! `/admin/realms/{realm}/clients/{client}/user-sessions` and beside it, and
//! `/client-session-stats`: what the directory is told of sessions.
use crate::admin_setup::{
    MASTER, TRAVEL0, assert_guarded, client_uuid, holder_of, nobody, outside_holder_of,
};
use crate::harness::browser::{Browser, form_request};
use crate::harness::relying_party::{RelyingParty, code_in, sign_in, token_path};
use crate::harness::world::World;
use crate::scim_setup::{admin, realm, travel0, user};
use guildhall::account::alarm::PRUNE_EVERY;
use guildhall::account::announce::TELL_AFTER;
use guildhall::app::demo::{self, PASSWORD};
use guildhall::app::{schedule, schema};
use guildhall::kernel::id::RealmId;
use guildhall::kernel::route::ObjectName;
use guildhall::kernel::time::Seconds;
use guildhall::platform::sql::{Sql, Statement};
use http::Method;
use serde_json::{Value, json};

/// The demonstration's default.
const IDLE: Seconds = Seconds::minutes(30);

struct Bench {
    world: World,
    realm: RealmId,
    web: String,
    spa: String,
}

impl Bench {
    fn new() -> Self {
        let world = travel0();
        let [web, spa] =
            ["travel0-web", "travel0-spa"].map(|name| client_uuid(&world, TRAVEL0, name));
        world.deliver_queue();
        Self { realm: realm(&world).id, world, web, spa }
    }

    /// Lets the accounts tell what they have to tell.
    fn settle(&self) {
        self.world.pass(TELL_AFTER);
        self.world.deliver_queue();
    }

    /// Read by an administrator who signs in for it: time goes by here.
    fn get(&self, below: &str) -> Value {
        let answer = self.world.get(&format!("{TRAVEL0}{below}"), &admin(&self.world));
        assert_eq!(answer.status, 200, "{below}: {answer:?}");
        answer.json()
    }

    fn sessions(&self, client: &str) -> Vec<Value> {
        let list = self.get(&format!("/clients/{client}/user-sessions"));
        let list = list.as_array().unwrap().clone();
        let count = self.get(&format!("/clients/{client}/session-count"));
        assert_eq!(count, json!({ "count": list.len() }), "{list:?}");
        list
    }

    fn log_in(&self, username: &str) -> Value {
        RelyingParty::web(&self.world).tokens_for(username, "openid")
    }

    fn delete(&self, below: &str) {
        let answer = self.world.delete(&format!("{TRAVEL0}{below}"), &admin(&self.world));
        assert_eq!(answer.status, 204, "{below}: {answer:?}");
    }

    /// What is queued of sessions of the realm, undelivered.
    fn told(&self) -> Vec<String> {
        let of_realm = |message: &String| {
            let message: Value = serde_json::from_str(message).unwrap();
            message["kind"] == "session.index" && message["body"]["realm"] == self.realm.as_str()
        };
        self.world.queued().into_iter().filter(of_realm).collect()
    }

    /// How many sessions of the realm the index has, and how many of clients.
    fn rows(&self) -> (i64, i64) {
        let count = |sql| {
            let statement = Statement::new(sql).bind(self.realm.as_str());
            self.world.directory().sql().run(statement).unwrap()[0].int("kept").unwrap()
        };
        (
            count("SELECT count(*) AS kept FROM user_session WHERE realm_id = ?"),
            count(
                "SELECT count(*) AS kept
                   FROM client_session
                   JOIN client ON client.id = client_session.client_uuid
                  WHERE client.realm_id = ?",
            ),
        )
    }
}

fn session_of(tokens: &Value) -> &str {
    tokens["session_state"].as_str().unwrap()
}

#[test]
fn a_login_is_listed_for_its_client_a_moment_later() {
    let bench = Bench::new();
    let began = bench.world.now().as_unix_millis();
    let tokens = bench.log_in("hiroko");
    assert_eq!(bench.sessions(&bench.web), Vec::<Value>::new(), "not told yet");

    bench.settle();

    let hiroko = user(&bench.world, "hiroko").unwrap().id;
    let session = json!({
        "id": session_of(&tokens), "username": "hiroko", "userId": hiroko, "ipAddress": "",
        "start": began, "lastAccess": began, "rememberMe": false,
        "clients": { &bench.web: "travel0-web" }, "transientUser": false,
    });
    assert_eq!(bench.sessions(&bench.web), [session]);
    assert_eq!(bench.sessions(&bench.spa), Vec::<Value>::new());
    let statistics =
        json!([{ "id": bench.web, "clientId": "travel0-web", "active": "1", "offline": "0" }]);
    assert_eq!(bench.get("/client-session-stats"), statistics);
    for client in [&bench.web, &bench.spa] {
        assert_eq!(bench.get(&format!("/clients/{client}/offline-sessions")), json!([]));
        let count = bench.get(&format!("/clients/{client}/offline-session-count"));
        assert_eq!(count, json!({ "count": 0 }));
    }
}

/// A login and a refresh wait for none of it.
#[test]
fn tokens_are_made_without_telling_anybody() {
    let bench = Bench::new();
    let app = RelyingParty::web(&bench.world);
    let code = app.code_for("hiroko", "openid");
    app.redeem(&code);
    app.refresh("x");
    assert_eq!(bench.told(), Vec::<String>::new());
    let tokens = bench.log_in("emilio");
    bench.world.pass(TELL_AFTER);
    assert_eq!(bench.told().len(), 2, "one message a login");

    bench.world.advance(Seconds::minutes(5));
    let next = |tokens: &Value| app.refresh(tokens["refresh_token"].as_str().unwrap());
    let tokens = next(&tokens).json();
    let (answer, trips) = bench.world.trips_of(|| next(&tokens));
    assert_eq!((answer.status.as_u16(), trips.directory, trips.objects), (200, 1, 1), "warm");
    bench.world.pass(TELL_AFTER);
    assert_eq!(bench.told(), Vec::<String>::new(), "the index knows enough");
}

#[test]
fn a_session_of_two_clients_stands_in_both_lists() {
    let bench = Bench::new();
    let browser = Browser::new(&bench.world);
    let [web, spa] = [RelyingParty::web(&bench.world), RelyingParty::spa(&bench.world)];
    let page = web.send(&browser, "openid");
    let tokens = web.redeem(&code_in(&sign_in(&browser, &page, "hiroko", PASSWORD))).json();
    bench.settle();
    spa.redeem(&code_in(&spa.send(&browser, "openid")));
    bench.settle();

    let both = json!({ &bench.web: "travel0-web", &bench.spa: "travel0-spa" });
    for client in [&bench.web, &bench.spa] {
        let sessions = bench.sessions(client);
        assert_eq!(sessions.len(), 1);
        assert_eq!(
            (&sessions[0]["id"], &sessions[0]["clients"]),
            (&tokens["session_state"], &both)
        );
    }
    let hiroko = user(&bench.world, "hiroko").unwrap().id;
    let of_user = bench.get(&format!("/users/{hiroko}/sessions"));
    assert_eq!(of_user[0]["clients"], both);
    let statistics = bench.get("/client-session-stats");
    let names: Vec<&Value> =
        statistics.as_array().unwrap().iter().map(|one| &one["clientId"]).collect();
    assert_eq!(names, ["travel0-spa", "travel0-web"]);
}

/// Also by the password grant, and by a client that gets no refresh token.
#[test]
fn every_grant_to_a_client_is_listed() {
    let bench = Bench::new();
    let cli = client_uuid(&bench.world, TRAVEL0, "admin-cli");
    let path = format!("{TRAVEL0}/clients/{cli}");
    let body = json!({ "attributes": { "use.refresh.tokens": "false" } });
    assert_eq!(bench.world.put(&path, &admin(&bench.world), &body).status, 204);
    let path = format!("{TRAVEL0}/clients/{}", bench.web);
    assert_eq!(bench.world.put(&path, &admin(&bench.world), &body).status, 204);

    let answer = bench.world.post_form(
        &token_path(),
        &[
            ("grant_type", "password"),
            ("client_id", "admin-cli"),
            ("username", "hiroko"),
            ("password", PASSWORD),
        ],
    );
    assert!(answer.json()["refresh_token"].is_null(), "{answer:?}");
    assert!(bench.log_in("hiroko")["refresh_token"].is_null());
    bench.settle();

    assert_eq!(bench.sessions(&cli).len(), 1);
    assert_eq!(bench.sessions(&bench.web).len(), 1);
}

#[test]
fn a_session_that_was_ended_leaves_the_list_a_moment_later() {
    let bench = Bench::new();
    let tokens: Vec<Value> = (0..3).map(|_| bench.log_in("hiroko")).collect();
    let other = bench.log_in("emilio");
    bench.settle();
    assert_eq!(bench.sessions(&bench.web).len(), 4);

    bench.delete(&format!("/sessions/{}", session_of(&tokens[0])));
    assert_eq!(bench.sessions(&bench.web).len(), 4, "not told yet");
    bench.settle();
    assert_eq!(bench.sessions(&bench.web).len(), 3);

    let hiroko = user(&bench.world, "hiroko").unwrap().id;
    let path = format!("{TRAVEL0}/users/{hiroko}/logout");
    assert_eq!(bench.world.post(&path, &admin(&bench.world), &json!({})).status, 204);
    bench.settle();
    let left = bench.sessions(&bench.web);
    assert_eq!(left.len(), 1);
    assert_eq!(left[0]["id"], other["session_state"]);
}

#[test]
fn there_is_no_offline_session_to_end() {
    let bench = Bench::new();
    let tokens = bench.log_in("hiroko");
    let path = format!("{TRAVEL0}/sessions/{}", session_of(&tokens));
    let admin = admin(&bench.world);
    for (query, status) in [("?isOffline=true", 404), ("?isOffline=false", 204), ("", 404)] {
        let answer = bench.world.delete(&format!("{path}{query}"), &admin);
        assert_eq!(answer.status, status, "{query}: {answer:?}");
    }
}

#[test]
fn a_session_in_use_stays_listed_and_an_idle_one_does_not() {
    let bench = Bench::new();
    let app = RelyingParty::web(&bench.world);
    let mut tokens = bench.log_in("hiroko");
    bench.log_in("emilio");
    bench.settle();
    for _ in 0..6 {
        bench.world.pass(Seconds::minutes(10));
        tokens = app.refresh(tokens["refresh_token"].as_str().unwrap()).json();
        bench.settle();
    }

    let sessions = bench.sessions(&bench.web);
    assert_eq!(sessions.len(), 1);
    let session = &sessions[0];
    assert_eq!(session["username"], "hiroko");
    let used = session["lastAccess"].as_i64().unwrap() / 1000;
    let late = bench.world.now().as_unix() - used;
    assert!(late <= i64::from(IDLE.0 / 2) + 1, "told {late} seconds ago");

    // Nobody uses it: half of the time more than it may stay unused.
    bench.world.advance(Seconds(IDLE.0 * 2));
    assert_eq!(bench.sessions(&bench.web), Vec::<Value>::new());
}

#[test]
fn what_is_over_is_taken_out_of_the_index_by_the_clock() {
    let bench = Bench::new();
    bench.log_in("hiroko");
    bench.settle();
    bench.world.run(schedule::tick(bench.world.app()));
    assert_eq!(bench.rows(), (1, 1));

    bench.world.advance(Seconds::hours(1));
    assert_eq!(bench.sessions(&bench.web), Vec::<Value>::new(), "before the clock comes");
    bench.world.run(schedule::tick(bench.world.app()));

    assert_eq!(bench.rows(), (0, 0));
}

/// The queue delivers twice, and in any order.
#[test]
fn messages_that_come_late_or_twice_change_nothing() {
    let bench = Bench::new();
    let tokens = bench.log_in("hiroko");
    bench.world.pass(TELL_AFTER);
    let began = bench.told();
    bench.delete(&format!("/sessions/{}", session_of(&tokens)));
    bench.world.pass(TELL_AFTER);
    let ended = bench.told();

    for order in [[&began, &ended, &began], [&ended, &began, &ended]] {
        for messages in order {
            bench.world.deliver(messages);
        }
        assert_eq!(bench.sessions(&bench.web), Vec::<Value>::new());
        assert_eq!(bench.rows().1, 0);
        bench.world.directory().sql().execute_batch("DELETE FROM user_session");
    }
    bench.world.deliver(&began);
    bench.world.deliver(&began);
    assert_eq!(bench.sessions(&bench.web).len(), 1);
}

#[test]
fn sessions_go_with_their_user_their_client_and_their_realm() {
    let bench = Bench::new();
    for name in ["hiroko", "emilio"] {
        bench.log_in(name);
    }
    bench.world.pass(TELL_AFTER);
    let messages = bench.told();
    bench.world.deliver(&messages);
    assert_eq!(bench.rows(), (2, 2));

    let hiroko = user(&bench.world, "hiroko").unwrap().id;
    bench.delete(&format!("/users/{hiroko}"));
    bench.world.deliver(&messages);
    assert_eq!(bench.rows(), (1, 1));

    bench.delete(&format!("/clients/{}", bench.web));
    bench.world.deliver(&messages);
    assert_eq!(bench.rows().1, 0);
    assert_eq!(bench.get("/client-session-stats"), json!([]));

    assert_eq!(bench.world.delete(TRAVEL0, &admin(&bench.world)).status, 204);
    for _ in 0..10 {
        bench.world.run(schedule::tick(bench.world.app()));
    }
    bench.world.deliver(&messages);
    assert_eq!(bench.rows().0, 0);
}

#[test]
fn a_crash_between_the_grant_and_the_alarm_is_made_up_for() {
    let bench = Bench::new();
    let app = RelyingParty::web(&bench.world);
    let code = app.code_for("hiroko", "openid");
    let fields = [
        ("grant_type", "authorization_code"),
        ("code", &code),
        ("redirect_uri", app.redirect_uri),
        ("code_verifier", crate::harness::relying_party::VERIFIER),
        ("client_id", app.client_id),
        ("client_secret", demo::CLIENT_SECRET),
    ];
    bench.world.crash_at("account.sessions.before_alarm", form_request(&token_path(), &fields));
    bench.settle();
    assert_eq!(bench.sessions(&bench.web), Vec::<Value>::new(), "nobody woke the object");

    // The next call finds it, or else the alarm that prunes.
    bench.world.pass(PRUNE_EVERY);
    bench.world.deliver_queue();

    assert_eq!(bench.rows(), (1, 1));
}

#[test]
fn a_crash_after_the_queue_took_it_tells_it_again() {
    let bench = Bench::new();
    // Whoever made the bench ready has signed in, too: their alarm goes first.
    bench.settle();
    bench.log_in("hiroko");
    bench.world.crash_ringing("account.sessions.after_queue");
    assert_eq!(bench.told().len(), 1);
    bench.world.ring_alarms();
    bench.world.pass(TELL_AFTER);
    assert_eq!(bench.told().len(), 1, "the same again");
}

/// What an object wrote before it told anybody.
#[test]
fn a_session_of_an_older_version_is_told_when_it_is_used() {
    let bench = Bench::new();
    let tokens = bench.log_in("hiroko");
    for name in bench.world.objects() {
        if matches!(name, ObjectName::Account(..)) {
            bench.world.with_object(&name, |sql| sql.go_back(&schema::ACCOUNT[..4]));
        }
    }
    bench.world.restart();
    bench.settle();
    assert_eq!(bench.sessions(&bench.web), Vec::<Value>::new());

    let app = RelyingParty::web(&bench.world);
    assert_eq!(app.refresh(tokens["refresh_token"].as_str().unwrap()).status, 200);
    bench.settle();

    assert_eq!(bench.sessions(&bench.web).len(), 1);
}

#[test]
fn a_client_that_is_not_there_has_no_sessions() {
    let bench = Bench::new();
    let admin = admin(&bench.world);
    let foreign = client_uuid(&bench.world, MASTER, "admin-cli");
    for client in ["none", &foreign] {
        for list in ["user-sessions", "session-count", "offline-sessions", "offline-session-count"]
        {
            let path = format!("{TRAVEL0}/clients/{client}/{list}");
            let answer = bench.world.get(&path, &admin);
            let told = (answer.status.as_u16(), answer.error());
            assert_eq!(told, (404, "Could not find client".to_owned()), "{path}");
        }
    }
}

#[test]
fn who_may_not_look_at_clients_sees_no_sessions() {
    let bench = Bench::new();
    let world = &bench.world;
    let strangers = [
        nobody(world),
        holder_of(world, &["manage-users", "query-clients"]),
        outside_holder_of(world, &["view-users"]),
    ];
    let strangers: Vec<&str> = strangers.iter().map(String::as_str).collect();
    let viewer = holder_of(world, &["view-clients"]);
    for list in ["user-sessions", "session-count", "offline-sessions", "offline-session-count"] {
        let path = format!("{TRAVEL0}/clients/{}/{list}", bench.web);
        assert_guarded(world, &Method::GET, &path, &strangers);
        assert_eq!(world.get(&path, &viewer).status, 200, "{list}");
    }
    let path = format!("{TRAVEL0}/client-session-stats");
    assert_guarded(world, &Method::GET, &path, &[&strangers[..], &[viewer.as_str()]].concat());
    assert_eq!(world.get(&path, &holder_of(world, &["view-realm"])).status, 200);
    let elsewhere = holder_of(world, &["realm-admin"]);
    assert_eq!(world.get(&format!("{MASTER}/client-session-stats"), &elsewhere).status, 401);
}
