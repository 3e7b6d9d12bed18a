//! What only an export writes: roles with what they include, and the accounts of
//! clients with what they hold, by name (reference keycloak.md §2).
use crate::account::wire_keycloak::UserJson;
use crate::kernel::id::{ClientUuid, RealmId};
use crate::realm::store::role_list::Holding;
use crate::realm::stored_role::Role;
use crate::realm::user::User;
use crate::realm::wire_keycloak_role::RoleJson;
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;

/// The roles of a realm and of its clients.
pub struct Roles<'a> {
    /// The realm.
    pub realm: &'a RealmId,
    /// All of them.
    pub roles: &'a [Role],
    /// What their clients are called.
    pub clients: &'a BTreeMap<ClientUuid, String>,
    /// What they include.
    pub held: &'a Held<'a>,
}

/// What is held, by the key of what holds it.
pub struct Held<'a>(BTreeMap<&'a str, Named<'a>>);

/// Roles by name, as Keycloak's documents group them.
#[derive(Default)]
pub struct Named<'a> {
    realm: Vec<&'a str>,
    client: BTreeMap<&'a str, Vec<&'a str>>,
}

impl<'a> Held<'a> {
    /// Puts together what each holds, by name.
    #[must_use]
    pub fn of(holdings: &'a [Holding]) -> Self {
        let mut holdings: Vec<&Holding> = holdings.iter().collect();
        holdings.sort_by(|one, other| one.role.cmp(&other.role));
        let mut held: BTreeMap<&str, Named<'_>> = BTreeMap::new();
        for Holding { holder, role } in holdings {
            let named = held.entry(holder).or_default();
            match &role.client_id {
                Some(client_id) => named.client.entry(client_id).or_default().push(&role.name),
                None => named.realm.push(&role.name),
            }
        }
        Self(held)
    }

    /// What `holder` holds, if anything.
    #[must_use]
    pub fn by(&self, holder: &str) -> Option<&Named<'a>> {
        self.0.get(holder)
    }
}

impl Roles<'_> {
    /// A `RolesRepresentation`.
    #[must_use]
    pub fn to_json(&self) -> Value {
        let of_realm: Vec<Value> = self.of(None).collect();
        let of_clients: Map<String, Value> = self
            .clients
            .iter()
            .map(|(uuid, name)| (name.clone(), self.of(Some(uuid)).collect()))
            .collect();
        json!({ "realm": of_realm, "client": of_clients })
    }

    fn of(&self, client: Option<&ClientUuid>) -> impl Iterator<Item = Value> {
        let roles = self.roles.iter().filter(move |role| role.client.as_ref() == client);
        roles.map(|role| self.role(role))
    }

    fn role(&self, role: &Role) -> Value {
        let mut body = json!(RoleJson::full(role, self.realm));
        let Some(named) = self.held.by(role.id.as_str()) else { return body };
        let mut composites = Map::new();
        if !named.realm.is_empty() {
            composites.insert("realm".to_owned(), json!(named.realm));
        }
        if !named.client.is_empty() {
            composites.insert("client".to_owned(), json!(named.client));
        }
        if let Some(members) = body.as_object_mut() {
            members.insert("composites".to_owned(), composites.into());
        }
        body
    }
}

/// The account of a client, with what it holds.
#[must_use]
pub fn service_account(user: &User, client_id: Option<&str>, held: Option<&Named<'_>>) -> Value {
    let mut body = json!(UserJson::full(user));
    if let Some(members) = body.as_object_mut() {
        let none = Named::default();
        let held = held.unwrap_or(&none);
        members.insert("serviceAccountClientId".to_owned(), json!(client_id));
        members.insert("realmRoles".to_owned(), json!(held.realm));
        members.insert("clientRoles".to_owned(), json!(held.client));
    }
    body
}
