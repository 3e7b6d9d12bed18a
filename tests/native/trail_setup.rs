//! What the table of [`crate::trail`] needs to be tried: its rows, one of
//! everything to try them on, and the events that they leave.
use crate::admin_setup::{MASTER, TRAVEL0, client_uuid, made};
use crate::admin_users::token_of;
use crate::harness::browser::{Answer, form, json_request, request};
use crate::harness::relying_party::claims_of;
use crate::harness::world::World;
use crate::org_setup::Granite;
use crate::scim_setup::{Directory, org_id, person, user};
use crate::writes::Things;
use http::Method;
use serde_json::{Value, json};
use std::collections::HashSet;

/// From where everything here is done.
pub const ADDRESS: &str = "192.0.2.7";

/// Stands for every secret that a body carries, and may be in no event.
pub const SECRET: &str = "a-secret-that-nobody-may-read";

/// Who calls.
#[derive(Clone, Copy)]
pub enum Caller {
    /// The administrator of every realm.
    Administrator,
    /// Hiroko, through the product's app.
    Hiroko,
    /// The organization's directory.
    Scim,
}

/// What a request carries.
pub enum Body {
    None,
    Json(Value),
    Form(Vec<(&'static str, String)>),
}

/// A route, how to call it with success, and what is told of it then.
pub struct Row {
    pub method: Method,
    pub path: String,
    pub caller: Caller,
    /// Makes ready what the route is about.
    pub given: fn(&mut Stage),
    pub body: fn(&Stage) -> Body,
    /// `TYPE OPERATION path`; `{names}` as in the route's path, `{new}` for what
    /// was made, `*` for anything.
    pub told: &'static [&'static str],
    /// `TYPE` and the details of user events, likewise.
    pub lived: &'static [&'static str],
    /// The status, where it is no success.
    pub refused: Option<u16>,
}

impl Row {
    fn new(method: Method, area: &str, rest: &str, told: &'static [&'static str]) -> Self {
        Self {
            method,
            path: format!("{area}{rest}"),
            caller: Caller::Administrator,
            given: |_| {},
            body: |_| Body::None,
            told,
            lived: &[],
            refused: None,
        }
    }

    pub fn by(self, caller: Caller) -> Self {
        Self { caller, ..self }
    }

    pub fn given(self, given: fn(&mut Stage)) -> Self {
        Self { given, ..self }
    }

    pub fn body(self, body: fn(&Stage) -> Body) -> Self {
        Self { body, ..self }
    }

    pub fn lived(self, lived: &'static [&'static str]) -> Self {
        Self { lived, ..self }
    }

    /// There is nothing of the kind, so nothing is changed.
    pub fn refused(self, status: u16) -> Self {
        Self { refused: Some(status), ..self }
    }
}

pub fn post(area: &str, rest: &str, told: &'static [&'static str]) -> Row {
    Row::new(Method::POST, area, rest, told)
}

pub fn put(area: &str, rest: &str, told: &'static [&'static str]) -> Row {
    Row::new(Method::PUT, area, rest, told)
}

pub fn patch(area: &str, rest: &str, told: &'static [&'static str]) -> Row {
    Row::new(Method::PATCH, area, rest, told)
}

pub fn delete(area: &str, rest: &str, told: &'static [&'static str]) -> Row {
    Row::new(Method::DELETE, area, rest, told)
}

/// One of everything, and what the row at hand calls otherwise.
pub struct Stage {
    things: Things,
    named: Vec<(&'static str, String)>,
}

impl Stage {
    pub fn new() -> Self {
        let stage = Self { things: Things::new(), named: Vec::new() };
        let (world, token) = (stage.world(), stage.token());
        let several = json!({ "multipleIdpsEnabled": true, "scimEnabled": true });
        assert_eq!(world.put("/realms/travel0/orgs/config", token, &several).status, 200);
        let heard = json!({ "eventsEnabled": true });
        assert_eq!(world.put(&format!("{TRAVEL0}/events/config"), token, &heard).status, 204);
        world.post(&format!("{TRAVEL0}/roles"), token, &json!({ "name": "child" }));
        stage
    }

    pub fn granite(&self) -> &Granite {
        &self.things.granite
    }

    pub fn world(&self) -> &World {
        &self.granite().world
    }

    pub fn token(&self) -> &str {
        &self.granite().admin
    }

    /// From now on `name` stands for `value`, for this row.
    pub fn name(&mut self, name: &'static str, value: impl Into<String>) {
        self.named.insert(0, (name, value.into()));
    }

    /// The next row calls things by their own names.
    pub fn forget_names(&mut self) {
        self.named.clear();
    }

    /// `{new}` is what the answer says was made: by its address, else by its id.
    pub fn name_new(&mut self, answer: &Answer) {
        let made = answer.location().rsplit('/').next().unwrap_or_default().to_owned();
        self.name("{new}", made);
    }

    /// What `name` stands for on `path`.
    fn called(&self, path: &str, name: &str) -> String {
        let mine = self.named.iter().find(|(known, _)| *known == name);
        let fits =
            |(start, known, _): &&(&str, &str, String)| path.starts_with(start) && *known == name;
        let things = || self.things.named.iter().find(fits).map(|(_, _, value)| value);
        let found = mine.map(|(_, value)| value).or_else(things);
        found.unwrap_or_else(|| panic!("{path}: nothing is called {name}")).clone()
    }

    /// `text` with its `{names}` filled in.
    pub fn fill(&self, path: &str, text: &str) -> String {
        let mut filled = String::new();
        let mut rest = text;
        while let Some((before, after)) = rest.split_once('{') {
            let (name, after) = after.split_once('}').unwrap();
            filled += before;
            filled += &self.called(path, &format!("{{{name}}}"));
            rest = after;
        }
        filled + rest
    }

    /// A call of the administrator that must succeed; what it made.
    pub fn make(&self, path: &str, body: &Value) -> String {
        made(&self.world().post(&self.fill(path, path), self.token(), body))
    }

    pub fn json(&self, path: &str) -> Value {
        self.world().get(&self.fill(path, path), self.token()).json()
    }

    pub fn make_user(&mut self, username: &'static str) {
        let body = json!({ "username": username, "email": format!("{username}@mail.example"),
                           "enabled": true, "credentials": [{ "type": "password", "value": SECRET }] });
        let id = self.make("/admin/realms/{realm}/users", &body);
        self.name("{user}", id);
    }

    pub fn make_member(&mut self, username: &'static str) {
        self.make_user(username);
        let path = self.fill("", "/realms/{realm}/orgs/{org}/members/{user}");
        assert_eq!(self.world().put(&path, self.token(), &Value::Null).status, 201);
    }

    pub fn at_rocky_mountain(&mut self) {
        let org = org_id(self.world(), "rocky-mountain");
        self.name("{org}", org.as_str());
    }

    /// Rocky Mountain invites Hiroko.
    pub fn invite_hiroko(&mut self) {
        self.at_rocky_mountain();
        let email = user(self.world(), "hiroko").unwrap().email.unwrap();
        let body = json!({ "email": email.as_str(), "send": false });
        let id = self.make("/realms/{realm}/orgs/{org}/invitations", &body);
        self.name("{invitation}", id);
    }

    pub fn directory(&self) -> Directory<'_> {
        Directory::at(self.world(), self.granite().org.clone())
    }

    pub fn push(&mut self, name: &str) {
        let path = self.directory().pushed(&person(name, &format!("{name}@granite.example")));
        self.name("{id}", path.rsplit('/').next().unwrap());
    }

    /// The directory pushes a group with somebody in it.
    pub fn push_group(&mut self, name: &str) {
        self.push(name);
        let member = self.fill("{id}", "{id}");
        let group = self.directory().group(name, &[&member]);
        self.name("{id}", group);
    }

    pub fn call(&self, row: &Row) -> Answer {
        let path = self.fill(&row.path, &row.path);
        let body = (row.body)(self);
        let mut request = match (&body, row.caller) {
            (Body::Form(fields), _) => {
                let fields: Vec<_> = fields.iter().map(|(key, value)| (*key, &**value)).collect();
                request(row.method.clone(), &path)
                    .header("content-type", "application/x-www-form-urlencoded")
                    .header("authorization", format!("Bearer {}", self.token()))
                    .body(form(&fields))
                    .unwrap()
            }
            (Body::Json(json), Caller::Scim) => {
                let below = path.split(self.granite().org.as_str()).nth(1).unwrap();
                self.directory().request(row.method.clone(), below, Some(json))
            }
            (Body::None, Caller::Scim) => {
                let below = path.split(self.granite().org.as_str()).nth(1).unwrap();
                self.directory().request(row.method.clone(), below, None)
            }
            (Body::Json(json), caller) => {
                json_request(row.method.clone(), &path, &self.token_of(caller), Some(json))
            }
            (Body::None, caller) => {
                json_request(row.method.clone(), &path, &self.token_of(caller), None)
            }
        };
        request.headers_mut().insert("cf-connecting-ip", ADDRESS.parse().unwrap());
        Answer::new(self.world().send(request))
    }

    pub fn token_of(&self, caller: Caller) -> String {
        match caller {
            Caller::Hiroko => token_of(self.world(), "hiroko"),
            Caller::Administrator | Caller::Scim => self.token().to_owned(),
        }
    }

    /// The newest events of a list, oldest first: more than any row leaves.
    fn list(&self, path: &str) -> Vec<Value> {
        self.world().deliver_queue();
        let answer = self.world().get(&format!("{path}?max=20"), self.token());
        let mut events = answer.json().as_array().unwrap().clone();
        events.reverse();
        events
    }

    pub fn admin_events(&self) -> Vec<Value> {
        [TRAVEL0, MASTER]
            .iter()
            .flat_map(|realm| self.list(&format!("{realm}/admin-events")))
            .collect()
    }

    pub fn user_events(&self) -> Vec<Value> {
        self.list(&format!("{TRAVEL0}/events"))
    }

    /// What an event about this caller must say of them.
    pub fn who(&self, caller: Caller) -> Value {
        let world = self.world();
        let client = |realm: &str, name: &str| client_uuid(world, realm, name);
        let realm = |path: &str| world.get(path, self.token()).json()["id"].clone();
        let admin = claims_of(&json!(self.token()))["sub"].clone();
        match caller {
            Caller::Administrator => json!({ "realmId": realm(MASTER), "userId": admin,
                "clientId": client(MASTER, "admin-cli"), "ipAddress": ADDRESS }),
            Caller::Hiroko => json!({ "realmId": realm(TRAVEL0),
                "userId": user(world, "hiroko").unwrap().id.as_str(),
                "clientId": client(TRAVEL0, "travel0-web"), "ipAddress": ADDRESS }),
            Caller::Scim => {
                json!({ "realmId": realm(TRAVEL0), "clientId": "scim", "ipAddress": ADDRESS })
            }
        }
    }
}

/// Those of `after` that are not in `before`.
pub fn fresh(before: &[Value], after: Vec<Value>) -> Vec<Value> {
    let known: HashSet<&str> = before.iter().map(|event| event["id"].as_str().unwrap()).collect();
    after.into_iter().filter(|event| !known.contains(event["id"].as_str().unwrap())).collect()
}

/// Whether `text` is `pattern`, in which `*` stands for a segment.
pub fn fits(pattern: &str, text: &str) -> bool {
    let (wanted, found): (Vec<_>, Vec<_>) =
        (pattern.split('/').collect(), text.split('/').collect());
    wanted.len() == found.len()
        && wanted.iter().zip(found).all(|(wanted, found)| *wanted == "*" || *wanted == found)
}

pub fn admin_line(event: &Value) -> String {
    let text = |name: &str| event[name].as_str().unwrap_or("-").to_owned();
    format!("{} {} {}", text("resourceType"), text("operationType"), text("resourcePath"))
}

/// A user event: its type, why it failed, and its details.
pub fn user_line(event: &Value) -> String {
    let mut line = event["type"].as_str().unwrap().to_owned();
    if let Some(error) = event["error"].as_str() {
        line += " (";
        line += error;
        line += ")";
    }
    for (name, value) in event["details"].as_object().into_iter().flatten() {
        for part in [" ", name, "=", value.as_str().unwrap()] {
            line += part;
        }
    }
    line
}

pub fn object(value: Value) -> Body {
    Body::Json(value)
}

const DISCOVERY: &str = "https://idp.example/.well-known/openid-configuration";

pub fn provider(alias: &str) -> Value {
    json!({ "alias": alias, "providerId": "oidc", "enabled": true,
            "config": { "clientId": "guildhall", "clientSecret": SECRET } })
}

pub fn provider_mapper(name: &str) -> Value {
    json!({ "name": name, "identityProviderMapper": "hardcoded-attribute-idp-mapper" })
}

/// A provider publishes what it is.
pub fn serve(stage: &mut Stage) {
    let document = json!({ "issuer": "https://idp.example", "authorization_endpoint": "https://idp.example/a",
                           "token_endpoint": "https://idp.example/t", "jwks_uri": "https://idp.example/k" });
    stage.world().serve(DISCOVERY, 200, document.to_string());
}

pub fn import(_: &Stage) -> Body {
    object(json!({ "providerId": "oidc", "fromUrl": DISCOVERY }))
}

pub fn of_realm(stage: &Stage) -> Body {
    object(json!([stage.json("/admin/realms/{realm}/roles/tried")]))
}

pub fn of_client(stage: &Stage) -> Body {
    object(json!([stage.json("/admin/realms/{realm}/clients/{client}/roles/tried")]))
}

pub fn name_client(stage: &mut Stage) {
    let uuid = client_uuid(stage.world(), TRAVEL0, "tried");
    stage.name("{client}", uuid);
}
