//! What the tests of Keycloak's administration API share.
use crate::harness::browser::Answer;
use crate::harness::relying_party::RelyingParty;
use crate::harness::world::World;
use crate::scim_setup::admin;
use http::Method;
use serde_json::{Value, json};

/// The demonstration's realm, administered.
pub const TRAVEL0: &str = "/admin/realms/travel0";

/// The realm that administers the others.
pub const MASTER: &str = "/admin/realms/master";

/// Every administration role but `create-organization`.
pub const EVERY_ROLE: &[&str] = &["realm-admin"];

impl World {
    pub fn put(&self, path: &str, token: &str, body: &Value) -> Answer {
        self.call(Method::PUT, path, token, Some(body))
    }

    /// DELETE with a body, as Keycloak's clients send to take roles away.
    pub fn delete_with(&self, path: &str, token: &str, body: &Value) -> Answer {
        self.call(Method::DELETE, path, token, Some(body))
    }
}

/// The last segment of what a creation answered.
pub fn made(answer: &Answer) -> String {
    let made = located(answer);
    assert_eq!(answer.text, "");
    made
}

/// The same of an answer that also tells what was made.
pub fn located(answer: &Answer) -> String {
    assert_eq!(answer.status, 201, "{answer:?}");
    answer.location().rsplit('/').next().unwrap().to_owned()
}

/// Makes a client in the realm whose administration is at `base`.
pub fn make_client(world: &World, base: &str, body: &Value) -> String {
    made(&world.post(&format!("{base}/clients"), &admin(world), body))
}

/// The key of the client called `client_id`.
pub fn client_uuid(world: &World, base: &str, client_id: &str) -> String {
    let list = world.get(&format!("{base}/clients?clientId={client_id}"), &admin(world)).json();
    list[0]["id"].as_str().unwrap_or_else(|| panic!("no client {client_id}: {list}")).to_owned()
}

/// A role of the client called `client_id`, as the API writes it.
pub fn client_role(world: &World, base: &str, client_id: &str, role: &str) -> Value {
    let uuid = client_uuid(world, base, client_id);
    world.get(&format!("{base}/clients/{uuid}/roles/{role}"), &admin(world)).json()
}

/// A service account of the realm at `base` that holds these roles of the client
/// `administered`; its token, and its user's id.
fn service(world: &World, base: &str, administered: &str, roles: &[&str]) -> (String, String) {
    let client_id = format!("{}-service", roles.join("-"));
    let body = json!({ "clientId": client_id, "secret": "s3cret", "serviceAccountsEnabled": true });
    let uuid = make_client(world, base, &body);
    let account = world.get(&format!("{base}/clients/{uuid}/service-account-user"), &admin(world));
    let user = account.json()["id"].as_str().unwrap().to_owned();
    let of = client_uuid(world, base, administered);
    let roles: Vec<Value> =
        roles.iter().map(|role| client_role(world, base, administered, role)).collect();
    let path = format!("{base}/users/{user}/role-mappings/clients/{of}");
    let granted = world.post(&path, &admin(world), &json!(roles));
    assert_eq!(granted.status, 204, "{granted:?}");
    let realm = base.rsplit('/').next().unwrap();
    let answer = world.post_form(
        &format!("/realms/{realm}/protocol/openid-connect/token"),
        &[
            ("grant_type", "client_credentials"),
            ("client_id", &client_id),
            ("client_secret", "s3cret"),
        ],
    );
    (answer.json()["access_token"].as_str().unwrap().to_owned(), user)
}

/// A caller of realm travel0 that holds these roles of its `realm-management`.
pub fn holder_of(world: &World, roles: &[&str]) -> String {
    service(world, TRAVEL0, "realm-management", roles).0
}

/// The same, with its user.
pub fn holder_and_user(world: &World, roles: &[&str]) -> (String, String) {
    service(world, TRAVEL0, "realm-management", roles)
}

/// A caller of realm master that holds these roles of its `travel0-realm`.
pub fn outside_holder_of(world: &World, roles: &[&str]) -> String {
    service(world, MASTER, "travel0-realm", roles).0
}

/// A token of somebody without any administration role.
pub fn nobody(world: &World) -> String {
    let tokens = RelyingParty::web(world).tokens_for("hiroko", "openid");
    tokens["access_token"].as_str().unwrap().to_owned()
}

/// The names in a list.
pub fn names(list: &Value) -> Vec<&str> {
    list.as_array().unwrap().iter().map(|one| one["name"].as_str().unwrap()).collect()
}

/// The names of roles in a list, or in none, but for those that every realm has.
pub fn own_names(list: &Value) -> Vec<&str> {
    let names = list.as_array().into_iter().flatten().map(|one| one["name"].as_str().unwrap());
    let is_own = |name: &&str| {
        !name.starts_with("default-roles-")
            && !["offline_access", "uma_authorization"].contains(name)
    };
    names.filter(is_own).collect()
}

/// Checks that `path` refuses who is not known, and who may not.
pub fn assert_guarded(world: &World, method: &Method, path: &str, refused: &[&str]) {
    let body = (*method != Method::GET).then(|| json!({}));
    for token in ["", "garbage"] {
        let answer = world.call(method.clone(), path, token, body.as_ref());
        assert_eq!(answer.status, 401, "{method} {path} {token}: {answer:?}");
    }
    for token in refused {
        let answer = world.call(method.clone(), path, token, body.as_ref());
        assert_eq!(answer.status, 403, "{method} {path}: {answer:?}");
        assert_eq!(answer.error(), "HTTP 403 Forbidden");
    }
}

/// The newest audit event of a realm.
pub fn newest_event(world: &World, realm: &str) -> Value {
    use guildhall::platform::sql::{Sql, Statement};
    let statement = Statement::new(
        "SELECT event.document FROM event JOIN realm ON realm.id = event.realm_id
          WHERE realm.name = ? ORDER BY event.rowid DESC LIMIT 1",
    )
    .bind(realm);
    let rows = world.directory().sql().run(statement).unwrap();
    serde_json::from_str(rows[0].text("document").unwrap()).unwrap()
}
