//! Making a realm: its key, and what it is furnished with. Every step may run
//! again, so a realm that was half made is made whole by making it once more.
use super::client::{Client, ClientSettings};
use super::client_secret;
use super::context::RealmContext;
use super::furnish::{self, Brought, EDITION};
use super::key::{self, RotateError};
use super::registry::Attributes;
use super::settings::{Realm, Settings};
use super::store;
use super::user::{User, Username};
use crate::kernel::id::{ClientUuid, RealmId, RealmName, UserId};
use crate::kernel::secret::Secret;
use crate::kernel::time::Timestamp;
use crate::platform::Ports;
use crate::platform::row::StoreError;
use crate::platform::sql::Statement;

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
/// As [`RotateError`] says.
pub async fn ensure_realm(
    ports: &Ports,
    new: NewRealm<'_>,
    now: Timestamp,
) -> Result<Realm, RotateError> {
    let directory = &*ports.directory;
    if let Some(realm) = store::realm::find(directory, new.name).await? {
        return complete(ports, realm, now).await;
    }
    let realm = Realm {
        id: RealmId::from(ports.random.uuid()),
        name: new.name.clone(),
        display_name: new.display_name.to_owned(),
        enabled: true,
        settings: new.settings,
        edition: 0,
        not_before: Timestamp::default(),
        default_role: None,
    };
    let brought = Brought::default();
    let mut statements = creation(ports, &realm, &brought, now).await?;
    statements.extend(furnish::default_role(&realm, &brought));
    match directory.batch(statements).await {
        // Somebody made it at the same time: as good.
        Ok(_) | Err(StoreError::Conflict { .. }) => ports.memo.clear(),
        Err(error) => return Err(error.into()),
    }
    let made = store::realm::find(directory, new.name).await?;
    Ok(made.ok_or(StoreError::Refused("a realm vanished while it was made".to_owned()))?)
}

/// The statements that make `realm` with its first key and all it is furnished
/// with besides what it brings: one transaction, so that there is no half a realm. What
/// [`furnish::default_role`] says comes last in it. `Conflict` when its key or its name
/// is taken.
///
/// # Errors
/// As [`RotateError`] says.
pub async fn creation(
    ports: &Ports,
    realm: &Realm,
    brought: &Brought,
    now: Timestamp,
) -> Result<Vec<Statement>, RotateError> {
    let key = key::make(ports, realm.settings.signing_algorithm, now).await?;
    let mut statements =
        vec![store::realm::insertion(realm, now)?, store::key::insertion(&realm.id, &key)?];
    statements.extend(furnish::statements(ports, realm, brought, now).await?);
    Ok(statements)
}

/// The realm with all that this version gives one: what an older version made,
/// or left half made, is completed.
///
/// # Errors
/// As [`RotateError`] says; what was made until then stays.
pub async fn complete(ports: &Ports, realm: Realm, now: Timestamp) -> Result<Realm, RotateError> {
    if realm.edition >= EDITION {
        return Ok(realm);
    }
    key::ensure_key(ports, &realm.id, realm.settings.signing_algorithm, now).await?;
    furnish::furnish(ports, &realm, now).await?;
    let complete = store::realm::find_by_id(&*ports.directory, &realm.id).await?;
    Ok(complete.unwrap_or(Realm { edition: EDITION, ..realm }))
}

/// A client to make.
pub struct NewClient<'a> {
    /// Its public name.
    pub client_id: &'a str,
    /// Its secret; `None` for a public client.
    pub secret: Option<Secret>,
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
    context: &RealmContext<'_>,
    new: NewClient<'_>,
) -> Result<(), StoreError> {
    let (ports, realm) = (context.ports, &context.realm.id);
    let directory = &*ports.directory;
    if store::client::find(directory, realm, new.client_id).await?.is_some() {
        return Ok(());
    }
    let uuid = ClientUuid::from(ports.random.uuid());
    let account = if new.service_account {
        Some(service_account(ports, &uuid, new.client_id, context.now)?)
    } else {
        None
    };
    let secret = match &new.secret {
        Some(secret) => Some(client_secret::protect(context, &uuid, secret)?),
        None => None,
    };
    let client = Client {
        uuid,
        client_id: new.client_id.to_owned(),
        secret_hash: secret.as_ref().map(|secret| secret.hash.clone()),
        service_account: account.as_ref().map(|user| user.id.clone()),
        settings: new.settings,
    };
    let mut statements = vec![store::client::insertion(realm, &client, context.now)?];
    statements
        .extend(secret.map(|secret| store::client::secret_update(realm, &client.uuid, &secret)));
    statements.push(store::client_scope::gift(realm, &client.uuid));
    if let Some(user) = &account {
        statements.push(store::user::insertion(realm, user)?);
        statements.push(store::client_scope::service_gift(realm, &client.uuid)?);
    }
    match directory.batch(statements).await {
        // Somebody made it at the same time: as good.
        Ok(_) | Err(StoreError::Conflict { .. }) => Ok(()),
        Err(error) => Err(error),
    }
}

/// The user that a client is when it acts for itself.
///
/// # Errors
/// `Refused` when the client's name cannot be part of a username.
pub fn service_account(
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
        manager: None,
    })
}
