//! Making a realm: its key, its administration clients and their roles. Every
//! step may run again, so a realm that was half made is made whole by making it
//! once more.
use super::client::{Client, ClientSettings, Grant};
use super::key::{self, RotateError};
use super::registry::Attributes;
use super::role::{AdminRole, REALM_MANAGEMENT, master_client_of};
use super::settings::{MASTER, Realm, Settings};
use super::store;
use super::store::role::ClientRole;
use super::user::{User, Username};
use crate::kernel::id::{ClientUuid, RealmId, RealmName, RoleId, UserId};
use crate::kernel::time::Timestamp;
use crate::platform::Ports;
use crate::platform::row::StoreError;
use crate::platform::sql::Statement;

/// The realm role of `master` that administers every realm.
pub const ADMIN: &str = "admin";

/// The realm role that administers its own realm.
pub const REALM_ADMIN: &str = "realm-admin";

/// The public client that Keycloak's admin tools sign in through.
pub const ADMIN_CLI: &str = "admin-cli";

/// A realm to make.
pub struct NewRealm<'a> {
    /// Its name in URLs.
    pub name: &'a RealmName,
    /// Its name for people.
    pub display_name: &'a str,
    /// Its settings.
    pub settings: Settings,
}

/// Makes the realm, or what of it is missing, and answers it.
///
/// # Errors
/// As [`RotateError`] says; what was made until then stays and is used when
/// this runs again.
pub async fn ensure_realm(
    ports: &Ports,
    new: NewRealm<'_>,
    now: Timestamp,
) -> Result<Realm, RotateError> {
    let directory = &*ports.directory;
    let realm = Realm {
        id: RealmId::from(ports.random.uuid()),
        name: new.name.clone(),
        display_name: new.display_name.to_owned(),
        enabled: true,
        settings: new.settings,
    };
    store::realm::insert(directory, &realm, now).await?;
    let realm = store::realm::find(directory, new.name)
        .await?
        .ok_or(StoreError::Refused("a realm vanished while it was made".to_owned()))?;
    key::ensure_key(ports, &realm.id, realm.settings.signing_algorithm, now).await?;
    directory.batch(administration_of(ports, &realm, now).await?).await?;
    ports.memo.clear();
    Ok(realm)
}

/// The clients and roles through which the realm is administered: from inside
/// (`realm-management`), and from `master` (`{realm}-realm`).
async fn administration_of(
    ports: &Ports,
    realm: &Realm,
    now: Timestamp,
) -> Result<Vec<Statement>, StoreError> {
    let mut statements = Vec::new();
    let mut admin_cli = plain_client(ports, ADMIN_CLI);
    admin_cli.settings.grants = vec![Grant::Password, Grant::RefreshToken];
    statements.push(store::client::insertion(&realm.id, &admin_cli, now)?);
    if !realm.is_master() {
        let own = Side { realm: &realm.id, client_id: REALM_MANAGEMENT, composite: REALM_ADMIN };
        statements.extend(own.statements(ports, now)?);
    }
    let Some(master) = find_master(ports, realm).await? else { return Ok(statements) };
    let client_id = master_client_of(realm.name.as_str());
    let outside = Side { realm: &master, client_id: &client_id, composite: ADMIN };
    statements.extend(outside.statements(ports, now)?);
    Ok(statements)
}

async fn find_master(ports: &Ports, realm: &Realm) -> Result<Option<RealmId>, StoreError> {
    if realm.is_master() {
        return Ok(Some(realm.id.clone()));
    }
    let name: RealmName =
        MASTER.parse().map_err(|_| StoreError::Refused("master is no name".to_owned()))?;
    Ok(store::realm::find(&*ports.directory, &name).await?.map(|master| master.id))
}

/// One side from which a realm is administered.
struct Side<'a> {
    realm: &'a RealmId,
    client_id: &'a str,
    /// The realm role that includes (nearly) all of the client's roles.
    composite: &'a str,
}

impl Side<'_> {
    fn statements(&self, ports: &Ports, now: Timestamp) -> Result<Vec<Statement>, StoreError> {
        let new_id = || RoleId::from(ports.random.uuid());
        let mut statements = vec![
            store::client::insertion(self.realm, &plain_client(ports, self.client_id), now)?,
            store::role::realm_role_insertion(new_id().as_str(), self.realm, self.composite, ""),
        ];
        for (_, name, in_composite) in AdminRole::ALL {
            let role = ClientRole { realm: self.realm, client_id: self.client_id, name };
            statements.push(store::role::insertion(new_id().as_str(), role, ""));
            if in_composite {
                let composite = store::role::composite_insertion(self.realm, self.composite, role);
                statements.push(composite);
            }
        }
        Ok(statements)
    }
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

/// A client to make.
pub struct NewClient<'a> {
    /// Its public name.
    pub client_id: &'a str,
    /// SHA-256 of its secret, base64url; `None` for a public client.
    pub secret_hash: Option<String>,
    /// Whether it may act for itself (`client_credentials`).
    pub service_account: bool,
    /// Everything else.
    pub settings: ClientSettings,
}

/// Makes a client and, if it is to have one, its service account; nothing
/// happens when the realm has a client of that name. One transaction.
///
/// # Errors
/// `Refused` when the directory fails.
pub async fn ensure_client(
    ports: &Ports,
    realm: &RealmId,
    new: NewClient<'_>,
    now: Timestamp,
) -> Result<(), StoreError> {
    let directory = &*ports.directory;
    if store::client::find(directory, realm, new.client_id).await?.is_some() {
        return Ok(());
    }
    let uuid = ClientUuid::from(ports.random.uuid());
    let account = if new.service_account {
        Some(service_account(ports, &uuid, new.client_id, now)?)
    } else {
        None
    };
    let client = Client {
        uuid,
        client_id: new.client_id.to_owned(),
        secret_hash: new.secret_hash,
        service_account: account.as_ref().map(|user| user.id.clone()),
        settings: new.settings,
    };
    let mut statements = vec![store::client::insertion(realm, &client, now)?];
    if let Some(user) = account {
        statements.push(store::user::insertion(realm, &user)?);
    }
    match directory.batch(statements).await {
        // Somebody made it at the same time: as good.
        Ok(_) | Err(StoreError::Conflict { .. }) => Ok(()),
        Err(error) => Err(error),
    }
}

fn service_account(
    ports: &Ports,
    client: &ClientUuid,
    client_id: &str,
    now: Timestamp,
) -> Result<User, StoreError> {
    let username: Username = format!("service-account-{client_id}")
        .parse()
        .map_err(|_| StoreError::Refused(format!("{client_id} cannot have an account")))?;
    Ok(User {
        id: UserId::from(ports.random.uuid()),
        username,
        email: None,
        email_verified: false,
        first_name: None,
        last_name: None,
        enabled: true,
        home_org: None,
        service_account_for: Some(client.clone()),
        created_at: now,
        attributes: Attributes::new(),
        required_actions: Vec::new(),
    })
}
