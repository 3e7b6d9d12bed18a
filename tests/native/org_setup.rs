//! What the tests of one organization's administration share: Granite Outpost,
//! seen by an administrator of every realm.
use crate::admin_setup::located;
use crate::harness::browser::Answer;
use crate::harness::world::World;
use crate::scim_setup::{admin, org_id, realm, travel0, user};
use guildhall::kernel::id::{OrgId, UserId};
use guildhall::kernel::route::ObjectName;
use guildhall::kernel::time::Seconds;
use guildhall::platform::sql::{Sql, Statement};
use guildhall::realm::store;
use guildhall::realm::user::User;
use http::Method;
use serde_json::{Value, json};

/// Somebody with an id that nobody has.
pub const NOBODY: &str = "00000000-0000-4000-8000-000000000000";

/// An organization and who administers it.
pub struct Granite {
    pub world: World,
    pub admin: String,
    pub org: OrgId,
}

impl Granite {
    pub fn new() -> Self {
        let world = travel0();
        let admin = admin(&world);
        let org = org_id(&world, "granite-outpost");
        Self { world, admin, org }
    }

    /// Signs in again: time went by.
    pub fn sign_in(&mut self) {
        self.admin = admin(&self.world);
    }

    /// A path below the organization.
    pub fn path(&self, below: &str) -> String {
        format!("/realms/travel0/orgs/{}{below}", self.org)
    }

    /// A path of Keycloak's administration below the organization.
    pub fn admin_path(&self, below: &str) -> String {
        format!("/admin/realms/travel0/organizations/{}{below}", self.org)
    }

    /// A call of Keycloak's administration below the organization.
    pub fn ask(&self, method: Method, below: &str, body: Option<&Value>) -> Answer {
        self.world.call(method, &self.admin_path(below), &self.admin, body)
    }

    /// What such a call reads.
    pub fn read(&self, below: &str) -> Value {
        let answer = self.ask(Method::GET, below, None);
        assert_eq!(answer.status, 200, "{below}: {answer:?}");
        answer.json()
    }

    /// Makes a group below another, or at the top; its key.
    pub fn plant(&self, parent: Option<&str>, name: &str) -> String {
        let path = parent.map_or("/groups".to_owned(), |id| format!("/groups/{id}/children"));
        located(&self.ask(Method::POST, &path, Some(&json!({ "name": name }))))
    }

    pub fn get(&self, below: &str) -> Answer {
        self.world.get(&self.path(below), &self.admin)
    }

    pub fn delete(&self, below: &str) -> Answer {
        self.world.delete(&self.path(below), &self.admin)
    }

    pub fn post(&self, below: &str, body: &Value) -> Answer {
        self.world.post(&self.path(below), &self.admin, body)
    }

    pub fn put(&self, below: &str, body: &Value) -> Answer {
        self.call(Method::PUT, below, body)
    }

    pub fn call(&self, method: Method, below: &str, body: &Value) -> Answer {
        self.world.call(method, &self.path(below), &self.admin, Some(body))
    }

    pub fn id_of(&self, username: &str) -> UserId {
        user(&self.world, username).unwrap().id
    }

    /// Puts a user into the realm; not into the organization.
    pub fn make_user(&self, username: &str, name: [&str; 2]) -> UserId {
        let like = user(&self.world, "hiroko").unwrap();
        let id = UserId::from(self.world.app().ports.random.uuid());
        let made = User {
            id: id.clone(),
            username: username.parse().unwrap(),
            email: format!("{username}@mail.example").parse().ok(),
            first_name: Some(name[0].to_owned()),
            last_name: Some(name[1].to_owned()),
            ..like
        };
        let realm = realm(&self.world).id;
        let statement = store::user::insertion(&realm, &made).unwrap();
        self.world.directory().sql().run(statement).unwrap();
        id
    }

    /// Makes a user and a member of them.
    pub fn make_member(&self, username: &str, name: [&str; 2]) -> UserId {
        let id = self.make_user(username, name);
        assert_eq!(self.put(&format!("/members/{id}"), &Value::Null).status, 201);
        // The list is in the order of time.
        self.world.advance(Seconds(1));
        id
    }

    pub fn object(&self) -> ObjectName {
        ObjectName::Org(realm(&self.world).id, self.org.clone())
    }

    /// Runs `script` in the organization's own database.
    pub fn script(&self, script: &str) {
        self.world.with_object(&self.object(), |sql| sql.execute_batch(script));
    }

    /// The newest events of the realm's index, oldest first: kind, operation,
    /// path and representation.
    pub fn events(&self, count: usize) -> Vec<(String, Value)> {
        self.world.deliver_queue();
        let newest = Statement::new("SELECT document FROM event ORDER BY rowid DESC LIMIT 50");
        let rows = self.world.directory().sql().run(newest).unwrap();
        let mut events: Vec<(String, Value)> = rows
            .iter()
            .take(count)
            .map(|row| {
                let event: Value = row.json("document").unwrap();
                let text = |name: &str| event[name].as_str().unwrap().to_owned();
                let path = text("resourcePath").replace(self.org.as_str(), "GRANITE");
                let told = format!("{} {} {path}", text("resourceType"), text("operationType"));
                (told, event["representation"].clone())
            })
            .collect();
        events.reverse();
        events
    }

    /// The newest events, without representations.
    pub fn told(&self, count: usize) -> Vec<String> {
        self.events(count).into_iter().map(|(told, _)| told).collect()
    }
}

/// The members `name` of a list.
pub fn each(list: &Answer, name: &str) -> Vec<String> {
    let list = list.json();
    let texts = list.as_array().unwrap_or_else(|| panic!("not a list: {list}")).iter();
    texts.map(|one| one[name].as_str().unwrap().to_owned()).collect()
}
