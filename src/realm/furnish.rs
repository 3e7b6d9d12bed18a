//! Furnishing a realm: the clients and roles through which it is administered,
//! and the client scopes it begins with. A realm that an older version furnished
//! gets what is missing when it is next asked for.
use super::built_in_scope::{
    BUILT_IN_SCOPES, BuiltInMapper, OPENID_CONNECT, ORGANIZATION, ORGANIZATION_DETAILS,
    SERVICE_ACCOUNT,
};
use super::client::{Client, ClientSettings, Grant};
use super::client_scope::Place;
use super::role::{
    self, ADMIN, AdminRole, CREATE_REALM, REALM_ADMIN, REALM_MANAGEMENT, master_client_of,
};
use super::settings::{MASTER, Realm};
use super::store;
use super::store::furnish::{AdminClient, NewMapper, NewRole, NewScope};
use crate::kernel::id::{ClientUuid, RealmId, RealmName, RoleId};
use crate::kernel::time::Timestamp;
use crate::platform::Ports;
use crate::platform::row::StoreError;
use crate::platform::sql::Statement;
use std::collections::BTreeSet;

/// What [`furnish`] makes. Counts up when there is more; a realm whose edition is
/// lower is furnished again.
pub const EDITION: u32 = 3;

/// The public client that Keycloak's admin tools sign in through.
pub const ADMIN_CLI: &str = "admin-cli";

/// What a realm brings along when it is made, and is not furnished with.
#[derive(Debug, Default)]
pub struct Brought {
    /// The names of its client scopes.
    pub scopes: BTreeSet<String>,
    /// The names of its roles.
    pub roles: BTreeSet<String>,
    /// Which of them everybody in it shall hold.
    pub default_role: Option<String>,
}

/// Makes what is missing, in one transaction. Twice is once.
///
/// # Errors
/// `Refused` when the directory fails.
pub async fn furnish(ports: &Ports, realm: &Realm, now: Timestamp) -> Result<(), StoreError> {
    let brought = Brought::default();
    let mut statements = statements(ports, realm, &brought, now).await?;
    statements.extend(default_role(realm, &brought));
    statements.push(store::furnish::default_role_grant(&realm.id));
    ports.directory.batch(statements).await?;
    ports.memo.clear();
    Ok(())
}

/// The statements of [`furnish`] but for the last, to go into one batch with what makes
/// the realm.
///
/// # Errors
/// `Refused` when the directory fails.
pub async fn statements(
    ports: &Ports,
    realm: &Realm,
    brought: &Brought,
    now: Timestamp,
) -> Result<Vec<Statement>, StoreError> {
    let master = find_master(ports, realm).await?;
    let mut admin_cli = plain_client(ports, ADMIN_CLI);
    admin_cli.settings.grants = vec![Grant::Password, Grant::RefreshToken];
    // An administrator of `master` holds roles of every realm, more than a token can
    // carry; whoever is asked for something looks them up.
    admin_cli.settings.full_scope_allowed = !realm.is_master();
    let mut statements = vec![store::client::insertion(&realm.id, &admin_cli, now)?];
    if !realm.is_master() {
        statements.extend(own_side(ports, realm, now)?);
    }
    if let Some(master) = &master {
        statements.extend(master_side(ports, master, realm, now)?);
    }
    statements.extend(default_roles(ports, realm, brought));
    statements.extend(scopes(ports, &realm.id, brought)?);
    statements.push(store::furnish::edition_update(&realm.id, EDITION));
    Ok(statements)
}

/// What lets everybody in the realm hold its default role from then on: after all that
/// the realm brings. Who is brought along holds what the document says.
#[must_use]
pub fn default_role(realm: &Realm, brought: &Brought) -> Vec<Statement> {
    let nesting = |(name, _)| {
        store::furnish::realm_role_nesting(&realm.id, &default_name(realm, brought), name)
    };
    // The one that is brought includes what the document says.
    let missing = role::DEFAULTS.into_iter().filter(|_| brought.default_role.is_none());
    let mut statements: Vec<Statement> = missing.map(nesting).collect();
    statements.push(store::furnish::default_role_update(&realm.id, &default_name(realm, brought)));
    statements
}

fn default_name(realm: &Realm, brought: &Brought) -> String {
    brought.default_role.clone().unwrap_or_else(|| role::default_role_of(realm.name.as_str()))
}

/// The roles that everybody in it holds, if it does not bring them.
fn default_roles(ports: &Ports, realm: &Realm, brought: &Brought) -> Vec<Statement> {
    let name = default_name(realm, brought);
    let all = [(name.as_str(), role::DEFAULT_DESCRIPTION)].into_iter().chain(role::DEFAULTS);
    let insertion = |(name, description)| {
        let id = ports.random.uuid().to_string();
        store::role::realm_role_insertion(&id, &realm.id, name, description)
    };
    all.filter(|(name, _)| !brought.roles.contains(*name)).map(insertion).collect()
}

/// The key of `master`, which is made first of all.
async fn find_master(ports: &Ports, realm: &Realm) -> Result<Option<RealmId>, StoreError> {
    if realm.is_master() {
        return Ok(Some(realm.id.clone()));
    }
    let name: RealmName =
        MASTER.parse().map_err(|_| StoreError::Refused("master is no name".to_owned()))?;
    Ok(store::realm::find(&*ports.directory, &name).await?.map(|master| master.id))
}

/// How the realm is administered from inside.
fn own_side(ports: &Ports, realm: &Realm, now: Timestamp) -> Result<Vec<Statement>, StoreError> {
    let client = AdminClient { realm: &realm.id, client_id: REALM_MANAGEMENT };
    let mut statements =
        vec![store::client::insertion(&realm.id, &plain_client(ports, REALM_MANAGEMENT), now)?];
    if realm.edition == 0 {
        // Older versions made it a role of the realm; its holders keep it.
        statements.push(store::furnish::role_move(client, REALM_ADMIN));
    }
    let mut roles = admin_roles(ports);
    roles.push(new_role(ports, REALM_ADMIN));
    statements.push(store::furnish::roles_insertion(client, &roles)?);
    let into_realm_admin = included().map(|name| (REALM_ADMIN, name));
    let pairs: Vec<_> = AdminRole::COMPOSITES.into_iter().chain(into_realm_admin).collect();
    statements.push(store::furnish::composites_insertion(client, &pairs)?);
    Ok(statements)
}

/// How the realm is administered from `master`.
fn master_side(
    ports: &Ports,
    master: &RealmId,
    realm: &Realm,
    now: Timestamp,
) -> Result<Vec<Statement>, StoreError> {
    let client_id = master_client_of(realm.name.as_str());
    let client = AdminClient { realm: master, client_id: &client_id };
    let realm_role = |name| {
        let id = RoleId::from(ports.random.uuid());
        store::role::realm_role_insertion(id.as_str(), master, name, "")
    };
    let included: Vec<&str> = included().collect();
    Ok(vec![
        store::client::insertion(master, &plain_client(ports, &client_id), now)?,
        realm_role(ADMIN),
        realm_role(CREATE_REALM),
        store::furnish::realm_role_nesting(master, ADMIN, CREATE_REALM),
        store::furnish::roles_insertion(client, &admin_roles(ports))?,
        store::furnish::composites_insertion(client, &AdminRole::COMPOSITES)?,
        store::furnish::realm_role_filling(ADMIN, client, &included)?,
    ])
}

fn included() -> impl Iterator<Item = &'static str> {
    AdminRole::ALL.into_iter().filter(|(.., included)| *included).map(|(_, name, _)| name)
}

fn admin_roles(ports: &Ports) -> Vec<NewRole<'static>> {
    AdminRole::ALL.into_iter().map(|(_, name, _)| new_role(ports, name)).collect()
}

fn new_role<'a>(ports: &Ports, name: &'a str) -> NewRole<'a> {
    NewRole { id: ports.random.uuid().to_string(), name }
}

fn scopes(ports: &Ports, realm: &RealmId, brought: &Brought) -> Result<Vec<Statement>, StoreError> {
    let new_id = || ports.random.uuid().to_string();
    let mut scopes = Vec::new();
    let mut mappers = Vec::new();
    let missing = BUILT_IN_SCOPES.iter().filter(|scope| !brought.scopes.contains(scope.name));
    for scope in missing {
        scopes.push(NewScope {
            id: new_id(),
            name: scope.name,
            description: scope.description,
            protocol: scope.protocol,
            attributes: store::to_json(&scope.attributes())?,
            place: scope.place.map(Place::as_str),
        });
        for mapper in scope.mappers {
            mappers.push(NewMapper {
                id: new_id(),
                scope: scope.name,
                name: mapper.name,
                mapper: mapper.mapper,
                config: store::to_json(&mapper.config())?,
            });
        }
    }
    Ok(vec![
        store::furnish::scopes_insertion(realm, &scopes)?,
        store::furnish::mappers_insertion(realm, &mappers)?,
        store::furnish::scopes_for_all(realm, OPENID_CONNECT),
        store::furnish::scope_for_services(realm, SERVICE_ACCOUNT),
    ])
}

/// The statements after which the scope `organization` tells of each organization
/// its id and the person's roles and groups, unless an administrator has decided
/// what it tells.
///
/// # Errors
/// `Refused` when they cannot be written as JSON.
pub fn organization_details(ports: &Ports, realm: &RealmId) -> Result<Vec<Statement>, StoreError> {
    let new = |mapper: &BuiltInMapper| {
        Ok(NewMapper {
            id: ports.random.uuid().to_string(),
            scope: ORGANIZATION,
            name: mapper.name,
            mapper: mapper.mapper,
            config: store::to_json(&mapper.config())?,
        })
    };
    let mappers: Vec<NewMapper<'_>> =
        ORGANIZATION_DETAILS.iter().map(new).collect::<Result<_, StoreError>>()?;
    Ok(vec![
        store::furnish::organization_ids(realm, ORGANIZATION),
        store::furnish::mappers_insertion(realm, &mappers)?,
    ])
}

fn plain_client(ports: &Ports, client_id: &str) -> Client {
    Client {
        uuid: ClientUuid::from(ports.random.uuid()),
        client_id: client_id.to_owned(),
        secret_hash: None,
        service_account: None,
        settings: ClientSettings { name: client_id.to_owned(), ..ClientSettings::default() },
    }
}
