//! `POST /partial-export`: a realm as one document, without people and without
//! secrets. What the caller may not see is left out; what they ask for and may not
//! see is refused.
use super::wire_export::{Held, Roles, service_account};
use crate::federation::store as federation_store;
use crate::federation::store::provider::Wanted as WantedProviders;
use crate::federation::wire::{MapperJson, ProviderJson};
use crate::kernel::id::{ClientUuid, UserId};
use crate::realm::client_scope::Place;
use crate::realm::client_secret::MASK;
use crate::realm::client_show;
use crate::realm::defaults::Defaults;
use crate::realm::error::AdminError;
use crate::realm::inquiry::Inquiry;
use crate::realm::mapper_parent::READERS;
use crate::realm::page::{MAX_PAGE_ROWS, Page};
use crate::realm::role::AdminRole;
use crate::realm::show_groups::{GROUP_READERS, Telling, show};
use crate::realm::store;
use crate::realm::store::client::{StoredClient, Wanted as WantedClients};
use crate::realm::store::group::{Among, Called};
use crate::realm::user::User;
use crate::realm::wire_keycloak_group::nest;
use crate::realm::wire_keycloak_realm;
use crate::realm::wire_keycloak_scope::ScopeJson;
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;

/// Everything of a kind, and one more, by which too many are told.
pub const ALL: i64 = MAX_PAGE_ROWS + 1;

/// What the document shall hold besides the realm itself.
#[derive(Clone, Copy, Debug)]
pub struct Wanted {
    /// Clients, with their own accounts.
    pub clients: bool,
    /// Groups and roles.
    pub groups_and_roles: bool,
}

/// Who may see groups, as Keycloak asks of who exports them and roles.
const GROUP_VIEWERS: &[AdminRole] =
    &[AdminRole::QueryGroups, AdminRole::ViewUsers, AdminRole::ManageUsers];

/// Who may see identity providers.
const PROVIDER_VIEWERS: &[AdminRole] =
    &[AdminRole::ViewIdentityProviders, AdminRole::ManageIdentityProviders];

/// The document.
///
/// # Errors
/// `Forbidden` for a caller who may not see what they ask for; `TooMany` when
/// there is more of something than one answer holds.
pub async fn export(inquiry: &Inquiry<'_>, wanted: Wanted) -> Result<Value, AdminError> {
    inquiry.require(&[AdminRole::ManageRealm])?;
    if wanted.clients {
        inquiry.require(READERS)?;
    }
    if wanted.groups_and_roles {
        inquiry.require(GROUP_VIEWERS)?;
    }
    let mut document = realm(inquiry).await?;
    if inquiry.actor.holds_any(READERS) {
        document.extend(scopes(inquiry).await?);
    }
    if inquiry.actor.holds_any(PROVIDER_VIEWERS) {
        document.extend(providers(inquiry).await?);
    }
    if wanted.clients {
        document.extend(clients(inquiry, wanted.groups_and_roles).await?);
    }
    if wanted.groups_and_roles {
        document.extend(roles(inquiry).await?);
        if inquiry.actor.holds_any(GROUP_READERS) {
            document.extend(groups(inquiry).await?);
        }
    }
    Ok(Value::Object(document))
}

type Members = Map<String, Value>;

fn members(value: Value) -> Members {
    if let Value::Object(members) = value { members } else { Members::new() }
}

async fn realm(inquiry: &Inquiry<'_>) -> Result<Members, AdminError> {
    let directory = inquiry.directory();
    let realm = store::realm::find_by_id(directory, inquiry.realm_id()).await?;
    let realm = realm.ok_or(AdminError::Unknown("Realm not found."))?;
    let kept = store::realm::find_kept(directory, &realm.id).await?;
    let defaults = Defaults::of(directory, &realm.id).await?;
    Ok(members(wire_keycloak_realm::full(&realm, &kept, &defaults)))
}

async fn scopes(inquiry: &Inquiry<'_>) -> Result<Members, AdminError> {
    let (directory, realm) = (inquiry.directory(), inquiry.realm_id());
    let scopes = store::client_scope::list(directory, realm).await?;
    let parents: Vec<&str> = scopes.iter().map(|scope| scope.id.as_str()).collect();
    let mappers = store::protocol_mapper::list_of(directory, &parents).await?;
    let mappers_of = |id: &str| {
        let id = id.to_owned();
        mappers.iter().filter(move |(parent, _)| *parent == id).map(|(_, mapper)| mapper)
    };
    let shown: Vec<_> =
        scopes.iter().map(|scope| ScopeJson::of(scope, mappers_of(scope.id.as_str()))).collect();
    let mut names = Vec::new();
    for place in [Place::Default, Place::Optional] {
        let scopes = store::client_scope::list_of_realm(directory, realm, place).await?;
        names.push(scopes.into_iter().map(|scope| scope.name).collect::<Vec<_>>());
    }
    Ok(members(json!({
        "clientScopes": shown,
        "defaultDefaultClientScopes": names.first(),
        "defaultOptionalClientScopes": names.last(),
    })))
}

async fn providers(inquiry: &Inquiry<'_>) -> Result<Members, AdminError> {
    let (directory, realm) = (inquiry.directory(), inquiry.realm_id());
    let (wanted, all) = (WantedProviders::default(), Page { first: 0, max: ALL });
    let listed = federation_store::provider::list(directory, realm, &wanted, all).await?;
    let providers = Page::check(listed)?;
    let ids: Vec<_> = providers.iter().map(|provider| &provider.id).collect();
    let mappers = federation_store::mapper::list_of_many(directory, &ids, ALL).await?;
    let shown: Vec<_> = providers.iter().map(ProviderJson::full).collect();
    let mappers: Vec<Value> = mappers
        .iter()
        .filter_map(|(id, mapper)| {
            let provider = providers.iter().find(|provider| provider.id == *id)?;
            Some(json!(MapperJson::of(mapper, provider.alias.as_str())))
        })
        .collect();
    Ok(members(json!({ "identityProviders": shown, "identityProviderMappers": mappers })))
}

/// The clients, and as Keycloak has it their accounts among the users; those with
/// what they hold, where roles are exported too.
async fn clients(inquiry: &Inquiry<'_>, with_roles: bool) -> Result<Members, AdminError> {
    let (directory, realm) = (inquiry.directory(), inquiry.realm_id());
    let wanted = WantedClients {
        called: None,
        called_like: None,
        attributes: Vec::new(),
        page: Page { first: 0, max: ALL },
    };
    let clients = Page::check(store::client::list(directory, realm, &wanted).await?)?;
    let masked = |one: &StoredClient| (!one.client.is_public()).then(|| MASK.to_owned());
    let shown = client_show::show_all(inquiry, &clients, masked).await?;
    let ids: Vec<UserId> =
        clients.iter().filter_map(|one| one.client.service_account.clone()).collect();
    let mut accounts = store::user::list(directory, realm, &ids).await?;
    accounts.sort_by(|one, other| one.username.as_str().cmp(other.username.as_str()));
    let held = if with_roles {
        Page::check(store::role_list::list_grants_of_services(directory, realm, ALL).await?)?
    } else {
        Vec::new()
    };
    let held = Held::of(&held);
    let names: BTreeMap<&ClientUuid, &str> =
        clients.iter().map(|one| (&one.client.uuid, one.client.client_id.as_str())).collect();
    let client_of =
        |user: &User| user.service_account_for.as_ref().and_then(|uuid| names.get(uuid)).copied();
    let users: Vec<Value> = accounts
        .iter()
        .map(|user| service_account(user, client_of(user), held.by(user.id.as_str())))
        .collect();
    Ok(members(json!({ "clients": shown, "users": users })))
}

async fn roles(inquiry: &Inquiry<'_>) -> Result<Members, AdminError> {
    let (directory, realm) = (inquiry.directory(), inquiry.realm_id());
    let roles = Page::check(store::role_list::list_of_realm(directory, realm, ALL).await?)?;
    let inclusions = store::role_list::list_inclusions(directory, realm, ALL).await?;
    let inclusions = Page::check(inclusions)?;
    let owners: Vec<&ClientUuid> = roles.iter().filter_map(|role| role.client.as_ref()).collect();
    let names = store::client::list_names(directory, realm, &owners).await?;
    let held = Held::of(&inclusions);
    let roles = Roles { realm, roles: &roles, clients: &names, held: &held };
    Ok(members(json!({ "roles": roles.to_json() })))
}

/// The groups, each below the one that it is in.
async fn groups(inquiry: &Inquiry<'_>) -> Result<Members, AdminError> {
    let (directory, realm) = (inquiry.directory(), inquiry.realm_id());
    let all = Page { first: 0, max: ALL };
    let listed = store::group::list(directory, realm, Among::Realm, Called::Anything, all).await?;
    let groups = Page::check(listed)?;
    let shown = show(inquiry, &groups, Telling::FULL).await?;
    Ok(members(json!({ "groups": nest(shown) })))
}
