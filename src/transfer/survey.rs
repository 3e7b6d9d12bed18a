//! What of a document is there already, and what it refers to: read before
//! anything is judged, in a few queries, however long the document is.
use super::document::Document;
use super::export::ALL;
use crate::account::wire_keycloak::UserDraftJson;
use crate::federation::mapper::Mapper;
use crate::federation::provider::Provider;
use crate::federation::store as federation_store;
use crate::kernel::email::EmailAddress;
use crate::kernel::id::GroupId;
use crate::platform::row::StoreError;
use crate::realm::furnish::ADMIN_CLI;
use crate::realm::group::{Group, names_of_path};
use crate::realm::inquiry::Inquiry;
use crate::realm::role::{AdminRole, DEFAULTS, REALM_ADMIN, REALM_MANAGEMENT};
use crate::realm::store;
use crate::realm::store::client::StoredClient;
use crate::realm::store::user::Named;
use crate::realm::stored_role::{Role, RoleName};
use crate::realm::user::{User, Username};
use crate::realm::wire_keycloak_group::GroupTreeJson;
use crate::realm::wire_keycloak_role::{CompositesJson, RoleChangeJson};
use std::collections::{BTreeMap, BTreeSet};

/// What is there.
#[derive(Default)]
pub struct Survey {
    /// Clients, by `client_id`.
    pub clients: BTreeMap<String, StoredClient>,
    /// Roles.
    pub roles: BTreeMap<RoleName, Role>,
    /// Identity providers, by alias.
    pub providers: BTreeMap<String, Provider>,
    /// Their mappers, by the provider's alias and their name.
    pub mappers: BTreeMap<(String, String), Mapper>,
    /// Groups that the document brings, with what is below them there, by the names
    /// from the top.
    pub groups: BTreeMap<Vec<String>, Group>,
    /// Groups that it names by their paths, likewise.
    pub named_groups: BTreeMap<Vec<String>, GroupId>,
    /// Users.
    pub users: Vec<User>,
    /// Roles of a realm that is being made, which it has without bringing them.
    pub furnished_roles: BTreeSet<String>,
    /// Whether the realm is being made: then nothing is there but what it will be
    /// furnished with.
    pub is_new: bool,
}

impl Survey {
    /// What a realm that is being made has; `default_role` is what everybody in it
    /// will hold.
    #[must_use]
    pub fn of_new_realm(default_role: String) -> Self {
        let included = DEFAULTS.into_iter().map(|(name, _)| name.to_owned());
        let furnished_roles = included.chain([default_role]).collect();
        Self { is_new: true, furnished_roles, ..Self::default() }
    }

    /// What the realm has of `document`.
    ///
    /// # Errors
    /// `Refused` when the directory fails.
    pub async fn of(inquiry: &Inquiry<'_>, document: &Document) -> Result<Self, StoreError> {
        let (directory, realm) = (inquiry.directory(), inquiry.realm_id());
        let names = client_names(document);
        let names: Vec<&str> = names.iter().map(String::as_str).collect();
        let clients = store::client::list_called(directory, realm, &names).await?;
        let roles = role_names(document);
        let roles = store::role_list::list_named(directory, realm, roles.iter()).await?;
        let (providers, mappers) = providers_of(inquiry, document).await?;
        let (groups, named_groups) = groups_of(inquiry, document).await?;
        let usernames: Vec<Username> = document.users.iter().filter_map(username).collect();
        let emails: Vec<EmailAddress> = document.users.iter().filter_map(email).collect();
        let people = Named { ids: &[], usernames: &usernames, emails: &emails };
        let users = store::user::list_named(directory, realm, people).await?;
        Ok(Self {
            clients: clients.into_iter().map(|one| (one.client.client_id.clone(), one)).collect(),
            roles: roles.into_iter().collect(),
            providers,
            mappers,
            groups,
            named_groups,
            users,
            furnished_roles: BTreeSet::new(),
            is_new: false,
        })
    }

    /// Whether a realm that is being made will have this client without being
    /// asked for it.
    #[must_use]
    pub fn is_furnished(&self, client_id: &str) -> bool {
        self.is_new && [ADMIN_CLI, REALM_MANAGEMENT].contains(&client_id)
    }

    /// Whether the realm has, or will be furnished with, the role.
    #[must_use]
    pub fn has_role(&self, role: &RoleName) -> bool {
        let is_furnished = || match role.client_id.as_deref() {
            None => self.furnished_roles.contains(&role.name),
            Some(REALM_MANAGEMENT) => {
                role.name == REALM_ADMIN || AdminRole::named(&role.name).is_some()
            }
            Some(_) => false,
        };
        self.roles.contains_key(role) || (self.is_new && is_furnished())
    }

    /// The user called `name`.
    #[must_use]
    pub fn user_called(&self, name: &Username) -> Option<&User> {
        self.users.iter().find(|user| user.username == *name)
    }

    /// The user whose address is `email`.
    #[must_use]
    pub fn user_at(&self, email: &EmailAddress) -> Option<&User> {
        self.users.iter().find(|user| user.email.as_ref() == Some(email))
    }
}

async fn providers_of(
    inquiry: &Inquiry<'_>,
    document: &Document,
) -> Result<(BTreeMap<String, Provider>, BTreeMap<(String, String), Mapper>), StoreError> {
    let directory = inquiry.directory();
    let of_providers = document.providers.iter().filter_map(|one| one.alias.as_deref());
    let of_mappers = document.mappers.iter().filter_map(|one| one.alias());
    let aliases: Vec<&str> = of_providers.chain(of_mappers).collect();
    if aliases.is_empty() {
        return Ok(Default::default());
    }
    let realm = inquiry.realm_id();
    let found = federation_store::provider::list_called(directory, realm, &aliases).await?;
    let ids: Vec<_> = found.iter().map(|provider| &provider.id).collect();
    let mappers = federation_store::mapper::list_of_many(directory, &ids, ALL).await?;
    let alias_of = |id| {
        let provider = found.iter().find(|provider| provider.id == id);
        provider.map_or_else(String::new, |provider| provider.alias.as_str().to_owned())
    };
    let mappers = mappers
        .into_iter()
        .map(|(provider, mapper)| ((alias_of(provider), mapper.name.clone()), mapper))
        .collect();
    let by_alias = |provider: Provider| (provider.alias.as_str().to_owned(), provider);
    Ok((found.into_iter().map(by_alias).collect(), mappers))
}

async fn groups_of(
    inquiry: &Inquiry<'_>,
    document: &Document,
) -> Result<(BTreeMap<Vec<String>, Group>, BTreeMap<Vec<String>, GroupId>), StoreError> {
    let (directory, realm) = (inquiry.directory(), inquiry.realm_id());
    let tops: Vec<&str> =
        document.groups.iter().filter_map(|group| group.name.as_deref()).collect();
    let mut groups = Vec::new();
    if !tops.is_empty() {
        groups = store::group::list_trees(directory, realm, &tops).await?;
    }
    let of_users = document.users.iter().flat_map(|user| user.groups.iter().flatten());
    let paths: BTreeSet<Vec<String>> = of_users.map(|path| names_of_path(path)).collect();
    let paths: Vec<Vec<String>> = paths.into_iter().collect();
    let found = store::group::find_by_names(directory, realm, &paths).await?;
    let named = paths.into_iter().zip(found).filter_map(|(path, group)| Some((path, group?)));
    let by_line = groups.into_iter().map(|group| (group.line.clone(), group));
    Ok((by_line.collect(), named.collect()))
}

/// The clients that a document brings or names.
fn client_names(document: &Document) -> BTreeSet<String> {
    let brought = document.clients.iter().filter_map(|client| client.client_id.clone());
    let accounts = document.users.iter().filter_map(|user| user.service_account_client_id.clone());
    brought.chain(document.client_roles.keys().cloned()).chain(accounts).collect()
}

/// The roles that a document brings or names.
fn role_names(document: &Document) -> BTreeSet<RoleName> {
    let mut names: BTreeSet<RoleName> = brought_roles(document).map(|(name, _)| name).collect();
    for (_, role) in brought_roles(document) {
        names.extend(role.composites.iter().flat_map(children_of));
    }
    names.extend(document.users.iter().flat_map(grants_of));
    let groups = document.groups.iter().flat_map(GroupTreeJson::all);
    names.extend(groups.flat_map(grants_of_group));
    names
}

/// The roles of a document, with their names.
pub fn brought_roles(
    document: &Document,
) -> impl Iterator<Item = (RoleName, &RoleChangeJson)> + '_ {
    let of = |client_id: Option<&String>, role: &RoleChangeJson| RoleName {
        client_id: client_id.cloned(),
        name: role.name.clone().unwrap_or_default(),
    };
    let of_realm = document.realm_roles.iter().map(move |role| (of(None, role), role));
    let of_clients = document.client_roles.iter().flat_map(move |(client_id, roles)| {
        roles.iter().map(move |role| (of(Some(client_id), role), role))
    });
    of_realm.chain(of_clients)
}

/// What a role shall include.
pub fn children_of(composites: &CompositesJson) -> impl Iterator<Item = RoleName> + '_ {
    named(composites.realm.iter(), composites.client.iter())
}

/// What a user shall hold.
pub fn grants_of(user: &UserDraftJson) -> impl Iterator<Item = RoleName> + '_ {
    named(user.realm_roles.iter().flatten(), user.client_roles.iter().flatten())
}

/// What a group shall hand out.
pub fn grants_of_group(group: &GroupTreeJson) -> impl Iterator<Item = RoleName> + '_ {
    named(group.realm_roles.iter().flatten(), group.client_roles.iter().flatten())
}

fn named<'a>(
    of_realm: impl Iterator<Item = &'a String> + 'a,
    of_clients: impl Iterator<Item = (&'a String, &'a Vec<String>)> + 'a,
) -> impl Iterator<Item = RoleName> + 'a {
    let of = |client_id: Option<&String>, name: &String| RoleName {
        client_id: client_id.cloned(),
        name: name.clone(),
    };
    let of_clients = of_clients.flat_map(move |(client_id, names)| {
        names.iter().map(move |name| of(Some(client_id), name))
    });
    of_realm.map(move |name| of(None, name)).chain(of_clients)
}

/// The username of a draft; `None` for one that cannot be, which is told when the
/// draft is judged.
fn username(draft: &UserDraftJson) -> Option<Username> {
    draft.username.as_ref()?.parse().ok()
}

/// Its address, likewise.
fn email(draft: &UserDraftJson) -> Option<EmailAddress> {
    draft.email.as_ref()?.parse().ok()
}
