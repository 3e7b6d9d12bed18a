//! What is brought along: the lists that Keycloak's `PartialImportRepresentation`
//! and `RealmRepresentation` share, read and counted, and not judged yet.
use super::policy::IfExists;
use crate::account::wire_keycloak::UserDraftJson;
use crate::federation::wire::{MapperRequest, ProviderRequest};
use crate::realm::error::AdminError;
use crate::realm::group_change::check_defaults;
use crate::realm::wire_keycloak_client::ClientChangeJson;
use crate::realm::wire_keycloak_group::GroupTreeJson;
use crate::realm::wire_keycloak_realm::is_member;
use crate::realm::wire_keycloak_role::RoleChangeJson;
use crate::realm::wire_keycloak_scope::ScopeChangeJson;
use crate::web::answer::BadBody;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};
use std::collections::BTreeMap;

/// Most things of one document: a few thousand statements, which the directory
/// runs in a small part of the 30 seconds that D1 gives a transaction.
pub const MAX_IMPORT_ITEMS: usize = 500;

/// Most users of one document: each is up to four requests to objects, and
/// Workers bound them to 1,000 for one invocation.
pub const MAX_IMPORT_USERS: usize = 200;

/// The members of an object.
pub type Members = Map<String, Value>;

/// The lists that an import reads.
#[derive(Default)]
pub struct Document {
    /// `clients`.
    pub clients: Vec<ClientChangeJson>,
    /// `roles.realm`.
    pub realm_roles: Vec<RoleChangeJson>,
    /// `roles.client`, by `client_id`.
    pub client_roles: BTreeMap<String, Vec<RoleChangeJson>>,
    /// `identityProviders`.
    pub providers: Vec<ProviderRequest>,
    /// `identityProviderMappers`.
    pub mappers: Vec<MapperRequest>,
    /// `groups`: those at the top, with what is below.
    pub groups: Vec<GroupTreeJson>,
    /// `defaultGroups`, paths: of a realm that is being made.
    pub default_groups: Vec<String>,
    /// `users`.
    pub users: Vec<UserDraftJson>,
}

/// What else a new realm may bring along.
#[derive(Default)]
pub struct Scopes {
    /// `clientScopes`.
    pub scopes: Vec<ScopeChangeJson>,
    /// `defaultDefaultClientScopes`, names.
    pub default: Option<Vec<String>>,
    /// `defaultOptionalClientScopes`, names.
    pub optional: Option<Vec<String>>,
}

impl Document {
    /// Reads the body of a partial import. As with Keycloak, it may be all that was
    /// exported of a realm: what is not imported is passed over.
    ///
    /// # Errors
    /// `Invalid` says what is none, too much or not imported here; `Body` names a
    /// member that no realm has.
    pub fn of_partial_import(mut members: Members) -> Result<(IfExists, Self), AdminError> {
        let policy = match members.remove("ifResourceExists") {
            None | Some(Value::Null) => IfExists::default(),
            Some(value) => value.as_str().unwrap_or_default().parse()?,
        };
        let document = Self::take(&mut members)?;
        match members.keys().find(|name| !is_member(name)) {
            Some(name) => Err(BadBody::Shape(format!("Unrecognized field \"{name}\"")).into()),
            None => Ok((policy, document)),
        }
    }

    /// Takes the lists out of a realm's representation.
    ///
    /// # Errors
    /// `Invalid` says what is none, or too much.
    pub fn take(members: &mut Members) -> Result<Self, AdminError> {
        let mut roles = take_object(members, "roles")?;
        let document = Self {
            clients: take_list(members, "clients")?,
            realm_roles: take_list_of("roles.realm", roles.remove("realm"))?,
            client_roles: read_client_roles(&mut roles)?,
            providers: take_list(members, "identityProviders")?,
            mappers: take_list(members, "identityProviderMappers")?,
            groups: take_list(members, "groups")?,
            default_groups: Vec::new(),
            users: read_users(members)?,
        };
        if let Some((name, _)) = roles.iter().find(|(_, value)| !is_empty(value)) {
            return Err(invalid(format!("roles.{name} is not imported")));
        }
        document.check_size()?;
        Ok(document)
    }

    /// Takes the groups that new people of a new realm join.
    ///
    /// # Errors
    /// `Invalid` says what is none, or too much.
    pub fn take_default_groups(&mut self, members: &mut Members) -> Result<(), AdminError> {
        self.default_groups = take_names(members, "defaultGroups")?.unwrap_or_default();
        check_defaults(&self.default_groups)
    }

    fn check_size(&self) -> Result<(), AdminError> {
        let roles = self.client_roles.values().map(Vec::len).sum::<usize>();
        let groups = self.groups.iter().map(|group| group.all().len()).sum::<usize>();
        let things = [
            self.clients.len(),
            self.realm_roles.len(),
            roles,
            self.providers.len(),
            self.mappers.len(),
            groups,
            self.users.len(),
        ];
        if self.users.len() > MAX_IMPORT_USERS {
            let why = format!("more than {MAX_IMPORT_USERS} users at once (MAX_IMPORT_USERS)");
            return Err(invalid(why));
        }
        if things.iter().sum::<usize>() > MAX_IMPORT_ITEMS {
            let why = format!("more than {MAX_IMPORT_ITEMS} things at once (MAX_IMPORT_ITEMS)");
            return Err(invalid(why));
        }
        Ok(())
    }
}

impl Scopes {
    /// Takes the client scopes out of a realm's representation.
    ///
    /// # Errors
    /// As [`Document::take`].
    pub fn take(members: &mut Members) -> Result<Self, AdminError> {
        let scopes: Vec<ScopeChangeJson> = take_list(members, "clientScopes")?;
        if scopes.len() > MAX_IMPORT_ITEMS {
            let why = format!("more than {MAX_IMPORT_ITEMS} scopes (MAX_IMPORT_ITEMS)");
            return Err(invalid(why));
        }
        Ok(Self {
            scopes,
            default: take_names(members, "defaultDefaultClientScopes")?,
            optional: take_names(members, "defaultOptionalClientScopes")?,
        })
    }
}

fn read_client_roles(
    roles: &mut Members,
) -> Result<BTreeMap<String, Vec<RoleChangeJson>>, AdminError> {
    let of_clients = take_object(roles, "client")?;
    let of_client = |(client_id, list): (String, Value)| {
        let roles = take_list_of(&format!("roles.client.{client_id}"), Some(list))?;
        Ok((client_id, roles))
    };
    of_clients.into_iter().map(of_client).collect()
}

/// Users are read by the rule of their own path: a member that none has is told.
fn read_users(members: &mut Members) -> Result<Vec<UserDraftJson>, AdminError> {
    let values: Vec<Members> = take_list(members, "users")?;
    let read = |(place, user): (usize, Members)| {
        UserDraftJson::read(Value::Object(user))
            .map_err(|error| invalid(format!("users[{place}]: {error}")))
    };
    values.into_iter().enumerate().map(read).collect()
}

fn take_object(members: &mut Members, name: &str) -> Result<Members, AdminError> {
    match members.remove(name) {
        None | Some(Value::Null) => Ok(Members::new()),
        Some(Value::Object(object)) => Ok(object),
        Some(_) => Err(invalid(format!("{name} is no object"))),
    }
}

fn take_names(members: &mut Members, name: &str) -> Result<Option<Vec<String>>, AdminError> {
    match members.remove(name) {
        None | Some(Value::Null) => Ok(None),
        Some(value) => serde_json::from_value(value)
            .map(Some)
            .map_err(|_| invalid(format!("{name} is no list of names"))),
    }
}

fn take_list<T: DeserializeOwned>(members: &mut Members, name: &str) -> Result<Vec<T>, AdminError> {
    take_list_of(name, members.remove(name))
}

fn take_list_of<T: DeserializeOwned>(
    name: &str,
    value: Option<Value>,
) -> Result<Vec<T>, AdminError> {
    let values = match value {
        None | Some(Value::Null) => Vec::new(),
        Some(Value::Array(values)) => values,
        Some(_) => return Err(invalid(format!("{name} is no list"))),
    };
    let read = |(place, value): (usize, Value)| {
        // serde takes a list for a struct; whoever sends one means something else.
        if !value.is_object() {
            return Err(invalid(format!("{name}[{place}] is no object")));
        }
        serde_json::from_value(value).map_err(|error| invalid(format!("{name}[{place}]: {error}")))
    };
    values.into_iter().enumerate().map(read).collect()
}

fn is_empty(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::Array(values) => values.is_empty(),
        Value::Object(members) => members.is_empty(),
        _ => false,
    }
}

fn invalid(why: String) -> AdminError {
    AdminError::Invalid(why)
}
