//! Sends what scripts/compare sent to Keycloak to ours, and says where the answers
//! differ.
use super::normal::{NOTHING, Normal};
use crate::harness::browser::{Answer, form, request};
use crate::harness::world::World;
use crate::scim_setup::admin;
use bytes::Bytes;
use guildhall::app::routes::Door;
use guildhall::app::{org_object, routes};
use guildhall::kernel::time::Seconds;
use guildhall::web::router::Found;
use http::Method;
use serde::Deserialize;
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

/// A file of tests/fixtures/keycloak-observed.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Fixture {
    /// What answered, and its version.
    pub source: String,
    pub exchanges: Vec<Exchange>,
}

/// A request, and what Keycloak answered: scripts/compare-requests.mjs says what
/// the members mean.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Exchange {
    what: String,
    #[serde(default)]
    send: String,
    json: Option<Value>,
    text: Option<String>,
    form: Option<BTreeMap<String, String>>,
    #[serde(rename = "type")]
    content_type: Option<String>,
    accept: Option<String>,
    #[serde(rename = "as")]
    caller: Option<String>,
    #[serde(default)]
    keep: BTreeMap<String, Place>,
    #[serde(default)]
    unordered: bool,
    only: Option<Vec<String>>,
    #[serde(default)]
    quiet: bool,
    login: Option<Login>,
    status: Option<u16>,
    #[serde(default)]
    headers: BTreeMap<String, String>,
    body: Option<Value>,
}

/// Where in an answer something stands.
#[derive(Deserialize)]
#[serde(untagged)]
enum Place {
    Path(String),
    /// Of the entry whose member is a value, another member.
    Entry([String; 3]),
}

#[derive(Deserialize)]
struct Login {
    client: String,
    #[serde(rename = "as")]
    caller: String,
    username: String,
    password: String,
}

/// Where ours answers otherwise.
pub struct Difference {
    /// What happens; the second of a name has `#2` behind it.
    pub what: String,
    pub told: String,
}

/// Reads the file of one URL group.
pub fn read(group: &str) -> Fixture {
    let file = folder().join(format!("{group}.json"));
    serde_json::from_str(&fs::read_to_string(file).unwrap()).unwrap()
}

/// Where the files are.
pub fn folder() -> std::path::PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/keycloak-observed")
}

/// Sends all of a file, in a realm of its own.
pub fn differences(group: &str) -> Vec<Difference> {
    let world = World::new();
    let mut replay = Replay::begin(&world, &format!("observed-{group}"));
    let mut asked: BTreeMap<&str, u32> = BTreeMap::new();
    let fixture = read(group);
    let mut differences = Vec::new();
    for exchange in &fixture.exchanges {
        let times = asked.entry(&exchange.what).or_default();
        *times += 1;
        let Some(told) = replay.exchange(exchange) else { continue };
        let what = match *times {
            1 => exchange.what.clone(),
            times => format!("{} #{times}", exchange.what),
        };
        differences.push(Difference { what, told });
    }
    differences
}

struct Replay<'a> {
    world: &'a World,
    kept: BTreeMap<String, String>,
    tokens: BTreeMap<String, String>,
}

impl<'a> Replay<'a> {
    fn begin(world: &'a World, realm: &str) -> Self {
        let admin = admin(world);
        let body = json!({ "realm": realm, "enabled": true, "adminEventsEnabled": true,
            "adminEventsDetailsEnabled": true, "eventsEnabled": true });
        let made = world.post("/admin/realms", &admin, &body);
        assert_eq!(made.status, 201, "{made:?}");
        Self {
            world,
            kept: BTreeMap::from([("realm".to_owned(), realm.to_owned())]),
            tokens: [("admin", admin.as_str()), ("nobody", ""), ("garbage", "garbage")]
                .map(|(name, token)| (name.to_owned(), token.to_owned()))
                .into(),
        }
    }

    /// How ours answers otherwise, if it does.
    fn exchange(&mut self, exchange: &Exchange) -> Option<String> {
        // What is sorted by its age is sorted, and what is told later is told.
        self.world.advance(Seconds(1));
        self.world.deliver_queue();
        if let Some(login) = &exchange.login {
            self.log_in(login);
            return None;
        }
        let (method, path) = exchange.send.split_once(' ').unwrap();
        let (method, path) = (method.parse().unwrap(), self.fill(path));
        if !exchange.is_about_routes() && !is_answered(&method, &path) {
            self.keep(exchange, None);
            return None;
        }
        let answer = self.send(exchange, method, &path);
        self.keep(exchange, Some(&answer));
        self.compare(exchange, &answer)
    }

    fn log_in(&mut self, login: &Login) {
        let answer = self.world.post_form(
            &format!("/realms/{}/protocol/openid-connect/token", self.kept["realm"]),
            &[
                ("grant_type", "password"),
                ("client_id", &login.client),
                ("username", &login.username),
                ("password", &login.password),
            ],
        );
        assert_eq!(answer.status, 200, "{answer:?}");
        let token = answer.json()["access_token"].as_str().unwrap().to_owned();
        self.tokens.insert(login.caller.clone(), token);
    }

    fn fill(&self, text: &str) -> String {
        let text = text
            .replace("{admin}", "/admin/realms/{realm}")
            .replace("{orgs}", "/realms/{realm}/orgs");
        self.kept.iter().fold(text, |text, (name, id)| text.replace(&format!("{{{name}}}"), id))
    }

    fn send(&self, exchange: &Exchange, method: Method, path: &str) -> Answer {
        let token = &self.tokens[exchange.caller.as_deref().unwrap_or("admin")];
        let mut builder = request(method, path).header("cf-connecting-ip", "127.0.0.1");
        if !token.is_empty() {
            builder = builder.header("authorization", format!("Bearer {token}"));
        }
        if let Some(accept) = &exchange.accept {
            builder = builder.header("accept", accept);
        }
        if let Some((content_type, body)) = self.body(exchange) {
            let request = builder.header("content-type", content_type).body(body).unwrap();
            return Answer::new(self.world.send(request));
        }
        Answer::new(self.world.send(builder.body(Bytes::new()).unwrap()))
    }

    fn body(&self, exchange: &Exchange) -> Option<(String, Bytes)> {
        if let Some(fields) = &exchange.form {
            let fields: Vec<_> =
                fields.iter().map(|(key, value)| (key.as_str(), self.fill(value))).collect();
            let pairs: Vec<_> = fields.iter().map(|(key, value)| (*key, value.as_str())).collect();
            return Some(("application/x-www-form-urlencoded".to_owned(), form(&pairs)));
        }
        let content_type =
            exchange.content_type.clone().unwrap_or_else(|| "application/json".to_owned());
        let body = match (&exchange.text, &exchange.json) {
            (Some(text), _) => self.fill(text),
            (None, Some(json)) => self.fill_in(json).to_string(),
            (None, None) => return None,
        };
        Some((content_type, Bytes::from(body)))
    }

    fn fill_in(&self, value: &Value) -> Value {
        match value {
            Value::String(text) => Value::String(self.fill(text)),
            Value::Array(list) => list.iter().map(|value| self.fill_in(value)).collect(),
            Value::Object(members) => Value::Object(
                members.iter().map(|(key, value)| (key.clone(), self.fill_in(value))).collect(),
            ),
            other => other.clone(),
        }
    }

    /// Remembers parts of an answer; what is not there is the id of nothing.
    fn keep(&mut self, exchange: &Exchange, answer: Option<&Answer>) {
        for (name, place) in &exchange.keep {
            let found = answer.and_then(|answer| place.find(answer));
            self.kept.insert(name.clone(), found.unwrap_or_else(|| NOTHING.to_owned()));
        }
    }

    fn compare(&self, exchange: &Exchange, answer: &Answer) -> Option<String> {
        let status = answer.status.as_u16();
        let Some(wanted) = exchange.status else {
            assert!(exchange.quiet, "{} has no status", exchange.what);
            let told = format!("preparing it answers {status} {}", answer.text);
            return if answer.status.is_success() { None } else { Some(told) };
        };
        // A fault of Keycloak's: to do it, or to give a reason, is better.
        if wanted == 500 && !answer.status.is_server_error() {
            return None;
        }
        let (theirs, ours) = (self.theirs(exchange), self.ours(exchange, answer));
        if wanted == status && is_in(&theirs, &ours) {
            return None;
        }
        Some(format!("{wanted} {theirs}\n      ours: {status} {ours}"))
    }

    fn theirs(&self, exchange: &Exchange) -> Value {
        let body = exchange.body.clone().unwrap_or_default();
        let location = exchange.headers.get("location").cloned().unwrap_or_default();
        json!({ "body": self.normal(exchange, &body), "location": location })
    }

    fn ours(&self, exchange: &Exchange, answer: &Answer) -> Value {
        let body = parsed(&answer.text);
        let body = match &exchange.only {
            Some(only) if body.is_object() || body.is_array() => pick(&body, only),
            _ => body,
        };
        let location = Normal(&self.kept).text(answer.location());
        json!({ "body": self.normal(exchange, &body), "location": location })
    }

    fn normal(&self, exchange: &Exchange, body: &Value) -> Value {
        Normal(&self.kept).value(body, exchange.unordered)
    }
}

impl Exchange {
    /// Whether Keycloak said of the path or the method that there is no such.
    fn is_about_routes(&self) -> bool {
        let error = self.body.as_ref().and_then(|body| body["error"].as_str());
        match self.status {
            Some(404) => error == Some("HTTP 404 Not Found"),
            Some(405) => true,
            _ => false,
        }
    }
}

impl Place {
    fn find(&self, answer: &Answer) -> Option<String> {
        let found = match self {
            Self::Path(path) if path == "location" => {
                return answer.location().rsplit('/').next().map(str::to_owned);
            }
            Self::Path(path) => follow(&parsed(&answer.text), path).cloned(),
            Self::Entry([key, value, wanted]) => parsed(&answer.text)
                .as_array()
                .and_then(|list| list.iter().find(|entry| entry[key] == **value))
                .map(|entry| entry[wanted].clone()),
        };
        found.as_ref().and_then(Value::as_str).map(str::to_owned)
    }
}

/// Members that only representations have, whose other members say what they are
/// and are no data.
const OF_REPRESENTATIONS: &[&str] = &["id", "alias", "expirationInSecs", "numFailures"];

/// Whether everything in `theirs` is in `ours`, in its order. A representation of
/// ours may say more, as one of the next Keycloak's may.
fn is_in(theirs: &Value, ours: &Value) -> bool {
    match (theirs, ours) {
        (Value::Array(theirs), Value::Array(ours)) => {
            theirs.len() == ours.len() && theirs.iter().zip(ours).all(|(a, b)| is_in(a, b))
        }
        (Value::Object(theirs), Value::Object(ours)) => {
            let told = OF_REPRESENTATIONS.iter().any(|name| theirs.contains_key(*name));
            (told || theirs.len() == ours.len())
                && theirs.iter().all(|(name, a)| {
                    let is_told = if name.ends_with("representation") { is_told } else { is_in };
                    ours.get(name).is_some_and(|b| is_told(a, b))
                })
        }
        _ => theirs == ours,
    }
}

/// Whether what an event tells of a thing, JSON in a text, is told by ours: it tells
/// the whole thing, where Keycloak often tells what was sent.
fn is_told(theirs: &Value, ours: &Value) -> bool {
    fn within(theirs: &Value, ours: &Value) -> bool {
        match (theirs, ours) {
            (Value::Array(theirs), Value::Array(ours)) => {
                theirs.len() == ours.len() && theirs.iter().zip(ours).all(|(a, b)| within(a, b))
            }
            (Value::Object(theirs), Value::Object(ours)) => {
                theirs.iter().all(|(name, a)| ours.get(name).is_some_and(|b| within(a, b)))
            }
            _ => theirs == ours,
        }
    }
    let read = |text: &Value| text.as_str().map_or(Value::Null, parsed);
    within(&read(theirs), &read(ours))
}

/// Null when there is no body, text when it is no JSON.
fn parsed(text: &str) -> Value {
    if text.is_empty() {
        return Value::Null;
    }
    serde_json::from_str(text).unwrap_or_else(|_| Value::String(text.to_owned()))
}

fn pick(body: &Value, only: &[String]) -> Value {
    let found = |path: &String| Some((path.clone(), follow(body, path)?.clone()));
    Value::Object(only.iter().filter_map(found).collect::<Map<_, _>>())
}

fn follow<'a>(body: &'a Value, path: &str) -> Option<&'a Value> {
    path.split('.').try_fold(body, |value, key| match value {
        Value::Array(list) => list.get(key.parse::<usize>().ok()?),
        value => value.get(key),
    })
}

fn is_answered(method: &Method, path: &str) -> bool {
    let path = path.split('?').next().unwrap_or_default();
    match routes::router().unwrap().find(method, path) {
        Found::Handler(Door::Org | Door::OrgCredential, _) => {
            matches!(org_object::router().unwrap().find(method, path), Found::Handler(..))
        }
        Found::Handler(..) => true,
        Found::Method(_) | Found::Nothing => false,
    }
}
