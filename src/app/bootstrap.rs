//! The first start: realm `master`, its administrator and, if a setting says
//! so, a client for automation. Runs when realm `master` is asked for and is
//! not there; running again changes nothing.
use super::App;
use crate::account::register::{NewUser, RegisterError, register};
use crate::kernel::id::RealmName;
use crate::kernel::time::Timestamp;
use crate::platform::row::StoreError;
use crate::realm::bootstrap::{NewClient, NewRealm, ensure_client, ensure_realm};
use crate::realm::client::ClientSettings;
use crate::realm::context::RealmContext;
use crate::realm::key::RotateError;
use crate::realm::role::ADMIN;
use crate::realm::settings::{MASTER, Realm, Settings};
use crate::realm::store;
use crate::realm::user::Username;
use std::rc::Rc;

/// The administrator's username.
pub const ADMIN_USERNAME: &str = "admin";

/// The client of `master` through which scripts administer.
pub const ADMIN_SERVICE: &str = "admin-service";

/// Why the first start failed; the next request tries again.
#[derive(Debug, thiserror::Error)]
pub enum BootstrapError {
    /// The realm's key.
    #[error(transparent)]
    Key(#[from] RotateError),
    /// The administrator.
    #[error(transparent)]
    Register(#[from] RegisterError),
    /// The directory.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Makes realm `master` with everything in it.
///
/// # Errors
/// As [`BootstrapError`] says.
pub async fn ensure_master(app: &App, now: Timestamp) -> Result<Rc<Realm>, BootstrapError> {
    let name: RealmName =
        MASTER.parse().map_err(|_| StoreError::Refused("master is no name".to_owned()))?;
    let new = NewRealm { name: &name, display_name: "Guildhall", settings: Settings::default() };
    let realm = Rc::new(ensure_realm(&app.ports, new, now).await?);
    let context = app.context(Rc::clone(&realm), now);
    ensure_admin(app, &context).await?;
    ensure_service(app, &context).await?;
    app.ports.memo.clear();
    Ok(realm)
}

async fn ensure_admin(app: &App, context: &RealmContext<'_>) -> Result<(), BootstrapError> {
    let directory = &*app.ports.directory;
    let username: Username = ADMIN_USERNAME
        .parse()
        .map_err(|_| StoreError::Refused("admin is no username".to_owned()))?;
    let known = store::user::find_by_username(directory, &context.realm.id, &username).await?;
    let admin = match known {
        Some(user) => user,
        None => match register(context, new_admin(app, username)).await {
            Ok(user) => user,
            // Another isolate was faster, and goes on to grant the role.
            Err(RegisterError::UsernameTaken) => return Ok(()),
            Err(error) => return Err(error.into()),
        },
    };
    let grant = store::role::realm_role_grant(&context.realm.id, ADMIN, &admin.id);
    directory.run(grant).await?;
    Ok(())
}

fn new_admin(app: &App, username: Username) -> NewUser {
    NewUser {
        id: None,
        username,
        email: None,
        email_verified: false,
        first_name: None,
        last_name: None,
        password: Some(app.config.admin_password.clone().into()),
        home_org: None,
    }
}

async fn ensure_service(app: &App, context: &RealmContext<'_>) -> Result<(), BootstrapError> {
    let Some(secret) = &app.config.admin_service_secret else { return Ok(()) };
    let directory = &*app.ports.directory;
    let new = NewClient {
        client_id: ADMIN_SERVICE,
        secret: Some(secret.clone()),
        service_account: true,
        settings: ClientSettings { name: "Automation".to_owned(), ..ClientSettings::default() },
    };
    ensure_client(context, new).await?;
    let client = store::client::find(directory, &context.realm.id, ADMIN_SERVICE).await?;
    if let Some(account) = client.and_then(|client| client.service_account) {
        let grant = store::role::realm_role_grant(&context.realm.id, ADMIN, &account);
        directory.run(grant).await?;
    }
    Ok(())
}
