//! What the SCIM tests share: organizations of Travel0 with a SCIM endpoint, and
//! a directory that pushes to one.
use crate::harness::browser::{Answer, json_request};
use crate::harness::world::World;
use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use bytes::Bytes;
use guildhall::app::demo;
use guildhall::kernel::id::{OrgId, RealmId};
use guildhall::kernel::route::ObjectName;
use guildhall::org::claims::{ClaimsOf, OrgClaims};
use guildhall::platform::object::ask;
use guildhall::platform::row::Row;
use guildhall::platform::sql::Sql;
use guildhall::platform::sql::Statement;
use guildhall::realm::settings::Realm;
use guildhall::realm::store;
use guildhall::realm::user::User;
use http::{Method, Request};
use serde_json::{Value, json};

/// The shared secret of every organization here; each is digested for its own.
pub const SECRET: &str = "granite-okta-secret";

/// A body of `tests/fixtures`.
macro_rules! fixture {
    ($name:literal) => {
        serde_json::from_str::<serde_json::Value>(include_str!(concat!("../fixtures/", $name)))
            .unwrap()
    };
}
pub(crate) use fixture;

/// A directory that talks to one organization's endpoint.
pub struct Directory<'a> {
    pub world: &'a World,
    pub org: OrgId,
    authorization: String,
    address: String,
}

/// A deployment with Travel0 in it.
pub fn travel0() -> World {
    let world = World::new();
    world.run(demo::ensure(world.app())).unwrap();
    world
}

pub fn realm(world: &World) -> Realm {
    let name = demo::REALM.parse().unwrap();
    world.run(store::realm::find(world.directory(), &name)).unwrap().unwrap()
}

pub fn realm_id(world: &World) -> RealmId {
    realm(world).id
}

pub fn org_id(world: &World, alias: &str) -> OrgId {
    let realm = realm_id(world);
    world.run(store::organization::list_by_alias(world.directory(), &realm, &[alias])).unwrap()[0]
        .1
        .clone()
}

/// The user called `username`.
pub fn user(world: &World, username: &str) -> Option<User> {
    let name = username.parse().unwrap();
    let realm = realm_id(world);
    world.run(store::user::find_by_username(world.directory(), &realm, &name)).unwrap()
}

/// How many people realm travel0 has.
pub fn count_people(world: &World) -> i64 {
    let statement = Statement::new("SELECT count(*) AS people FROM user WHERE realm_id = ?")
        .bind(realm_id(world).as_str());
    world.directory().sql().run(statement).unwrap()[0].int("people").unwrap()
}

/// A token of the administrator of every realm.
pub fn admin(world: &World) -> String {
    let fields = [
        ("grant_type", "password"),
        ("client_id", "admin-cli"),
        ("username", "admin"),
        ("password", "admin"),
    ];
    let answer = world.post_form("/realms/master/protocol/openid-connect/token", &fields);
    answer.json()["access_token"].as_str().unwrap().to_owned()
}

/// Lets the member called `username` manage members and identity providers of `org`.
pub fn let_manage(world: &World, org: &OrgId, username: &str) {
    let id = user(world, username).unwrap().id;
    for role in ["view-identity-providers", "manage-identity-providers", "manage-members"] {
        let path = format!("/realms/{}/orgs/{org}/roles/{role}/users/{id}", demo::REALM);
        assert_eq!(world.call(Method::PUT, &path, &admin(world), None).status, 201, "{role}");
    }
}

/// Where an organization's SCIM endpoint is configured.
pub fn config_path(org: &OrgId) -> String {
    format!("/realms/{}/orgs/{org}/scim", demo::REALM)
}

/// A shared-secret configuration.
pub fn shared_secret() -> Value {
    json!({ "auth": { "type": "EXTERNAL_SECRET", "shared_secret": SECRET } })
}

impl<'a> Directory<'a> {
    /// Configures the organization called `alias` with [`SECRET`].
    pub fn connect(world: &'a World, alias: &str) -> Self {
        let org = org_id(world, alias);
        let configured = world.post(&config_path(&org), &admin(world), &shared_secret());
        assert_eq!(configured.status, 201, "{configured:?}");
        Self::at(world, org)
    }

    /// Somebody with [`SECRET`], at the endpoint of `org`.
    pub fn at(world: &'a World, org: OrgId) -> Self {
        Self { world, org, authorization: format!("Bearer {SECRET}"), address: String::new() }
    }

    /// Configures the organization called `alias` with `auth`, and presents nothing.
    pub fn configure(world: &'a World, alias: &str, auth: &Value) -> Self {
        let org = org_id(world, alias);
        let body = json!({ "auth": auth });
        let configured = world.post(&config_path(&org), &admin(world), &body);
        assert_eq!(configured.status, 201, "{configured:?}");
        Self { authorization: String::new(), ..Self::at(world, org) }
    }

    /// The same, from another address.
    pub fn from(self, address: &str) -> Self {
        Self { address: address.to_owned(), ..self }
    }

    /// The configuration, as an administrator reads it.
    pub fn config(&self) -> Value {
        self.world.get(&config_path(&self.org), &admin(self.world)).json()
    }

    /// An administrator changes the configuration.
    pub fn reconfigure(&self, body: &Value) -> Answer {
        self.world.call(Method::PUT, &config_path(&self.org), &admin(self.world), Some(body))
    }

    /// An administrator replaces the secret.
    pub fn rotate(&self, body: &Value) -> Answer {
        self.world.post(&format!("{}/rotate", config_path(&self.org)), &admin(self.world), body)
    }

    /// The provisioning log, the newest first.
    pub fn log(&self, query: &str) -> Vec<Value> {
        let path = format!("{}/log?{query}", config_path(&self.org));
        let answer = self.world.get(&path, &admin(self.world));
        assert_eq!(answer.status, 200, "{answer:?}");
        answer.json().as_array().unwrap().clone()
    }

    /// How the directory's simplest question is answered.
    pub fn status(&self) -> u16 {
        self.get("/Users").status.as_u16()
    }

    /// Somebody who presents nothing.
    pub fn silent(self) -> Self {
        Self { authorization: String::new(), ..self }
    }

    pub fn with_bearer(self, secret: &str) -> Self {
        Self { authorization: format!("Bearer {secret}"), ..self }
    }

    pub fn with_basic(self, user: &str, password: &str) -> Self {
        let pair = BASE64_STANDARD.encode(format!("{user}:{password}"));
        Self { authorization: format!("Basic {pair}"), ..self }
    }

    pub fn path(&self, path: &str) -> String {
        format!("/realms/{}/scim/v2/organizations/{}{path}", demo::REALM, self.org)
    }

    pub fn request(&self, method: Method, path: &str, body: Option<&Value>) -> Request<Bytes> {
        let mut request = json_request(method, &self.path(path), "", body);
        if !self.authorization.is_empty() {
            let value = self.authorization.parse().unwrap();
            request.headers_mut().insert("authorization", value);
        }
        if !self.address.is_empty() {
            let value = self.address.parse().unwrap();
            request.headers_mut().insert("cf-connecting-ip", value);
        }
        if body.is_some() {
            let json = "application/scim+json; charset=utf-8".parse().unwrap();
            request.headers_mut().insert("content-type", json);
        }
        request
    }

    pub fn send(&self, method: Method, path: &str, body: Option<&Value>) -> Answer {
        Answer::new(self.world.send(self.request(method, path, body)))
    }

    pub fn get(&self, path: &str) -> Answer {
        self.send(Method::GET, path, None)
    }

    pub fn push(&self, body: &Value) -> Answer {
        self.send(Method::POST, "/Users", Some(body))
    }

    /// Pushes `body`, which must succeed, and answers the resource's path.
    pub fn pushed(&self, body: &Value) -> String {
        let answer = self.push(body);
        assert_eq!(answer.status, 201, "{answer:?}");
        format!("/Users/{}", answer.json()["id"].as_str().unwrap())
    }

    pub fn put(&self, path: &str, body: &Value) -> Answer {
        self.send(Method::PUT, path, Some(body))
    }

    pub fn patch(&self, path: &str, body: &Value) -> Answer {
        self.send(Method::PATCH, path, Some(body))
    }

    pub fn delete(&self, path: &str) -> Answer {
        self.send(Method::DELETE, path, None)
    }

    /// How many users the filter lets through.
    pub fn count(&self, filter: &str) -> i64 {
        let answer = self.list(&[("filter", filter)]);
        assert_eq!(answer.status, 200, "{answer:?}");
        answer.json()["totalResults"].as_i64().unwrap()
    }

    pub fn list(&self, query: &[(&str, &str)]) -> Answer {
        let mut text = url::form_urlencoded::Serializer::new(String::new());
        text.extend_pairs(query);
        self.get(&format!("/Users?{}", text.finish()))
    }

    pub fn object(&self) -> ObjectName {
        ObjectName::Org(realm_id(self.world), self.org.clone())
    }

    /// What a token would say about `user` in this organization.
    pub fn claims(&self, user: &User) -> Option<OrgClaims> {
        let question = ClaimsOf { user: user.id.clone() };
        let objects = &*self.world.app().ports.objects;
        self.world.run(ask(objects, &self.object(), &question)).unwrap()
    }

    /// Rows of this organization's own database.
    pub fn rows(&self, statement: &'static str) -> Vec<Row> {
        let look = |sql: &crate::harness::sql::MemorySql| sql.run(Statement::new(statement));
        self.world.with_object(&self.object(), look).unwrap()
    }

    /// The audit trail, as one text.
    pub fn trail(&self) -> String {
        let rows = self.rows("SELECT document FROM event ORDER BY rowid");
        rows.iter().map(|row| row.text("document").unwrap()).collect::<Vec<_>>().join("\n")
    }
}

/// A user with an address.
pub fn person(name: &str, email: &str) -> Value {
    json!({
        "schemas": ["urn:ietf:params:scim:schemas:core:2.0:User"],
        "userName": name,
        "externalId": format!("ext-{name}"),
        "emails": [{ "value": email, "type": "work", "primary": true }],
        "active": true,
    })
}

/// `active` by a PATCH as Okta sends it.
pub fn active(active: bool) -> Value {
    json!({
        "schemas": ["urn:ietf:params:scim:api:messages:2.0:PatchOp"],
        "Operations": [{ "op": "replace", "value": { "active": active } }],
    })
}
