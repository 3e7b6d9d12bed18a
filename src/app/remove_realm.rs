//! What is left of deleted realms goes, by the clock and in pages: its
//! organizations, its people's accounts, and its rows in the directory. Each step
//! may be interrupted and is taken again.
use super::App;
use crate::account::dissolve::DissolveAccount;
use crate::kernel::id::{OrgId, RealmId, UserId};
use crate::kernel::route::ObjectName;
use crate::kernel::time::{Seconds, Timestamp};
use crate::org::admin_user;
use crate::org::dissolve::DissolveOrg;
use crate::platform::object::ask;
use crate::platform::row::StoreError;
use crate::realm::store::{organization, realm_removal};

/// Most realms that one tick works on.
const REALMS: i64 = 4;

/// Most objects of one kind that one tick asks to go: each is a request, and
/// Workers bound them to 1,000 for one invocation.
const OBJECTS: i64 = 100;

/// Most rows of one table that one tick deletes: far within D1's 30 seconds.
const ROWS: i64 = 2_000;

/// How long a deleted realm is looked after although nothing is left: requests
/// that found it before may still have written something, and so may messages of
/// the queue.
const AFTERCARE: Seconds = Seconds::hours(1);

/// Goes on with the deletion of realms.
pub async fn go_on(app: &App, now: Timestamp) {
    let removals = match realm_removal::list(&*app.ports.directory, REALMS).await {
        Ok(removals) => removals,
        Err(error) => {
            tracing::error!("The deleted realms could not be listed: {error}");
            return;
        }
    };
    for removal in removals {
        match remove(app, &removal.realm).await {
            Ok(true) if removal.at + AFTERCARE <= now => forget(app, &removal.realm).await,
            Ok(_) => {}
            Err(error) => {
                tracing::error!(realm.id = %removal.realm, "A realm is removed later: {error}");
            }
        }
    }
}

/// Removes a part of what is left; whether that was all.
async fn remove(app: &App, realm: &RealmId) -> Result<bool, StoreError> {
    let directory = &*app.ports.directory;
    let orgs = realm_removal::list_orgs(directory, realm, OBJECTS).await?;
    for org in &orgs {
        remove_org(app, realm, org).await?;
    }
    app.ports.faults.reach("realm.remove.after_organizations").await;
    let users = realm_removal::list_users(directory, realm, OBJECTS).await?;
    for user in &users {
        remove_account(app, realm, user).await?;
    }
    app.ports.faults.reach("realm.remove.after_users").await;
    realm_removal::delete_users(directory, realm, &users).await?;
    if !orgs.is_empty() || !users.is_empty() {
        // What refers to them goes when they are gone.
        return Ok(false);
    }
    let is_all = realm_removal::delete_page(directory, realm, ROWS).await?;
    app.ports.faults.reach("realm.remove.after_page").await;
    Ok(is_all)
}

async fn remove_org(app: &App, realm: &RealmId, org: &OrgId) -> Result<(), StoreError> {
    let object = ObjectName::Org(realm.clone(), org.clone());
    if ask(&*app.ports.objects, &object, &DissolveOrg {}).await? {
        let admin = admin_user::username_of(org);
        organization::delete(&*app.ports.directory, realm, org, &admin).await?;
    }
    Ok(())
}

async fn remove_account(app: &App, realm: &RealmId, user: &UserId) -> Result<(), StoreError> {
    let object = ObjectName::Account(realm.clone(), user.clone());
    ask(&*app.ports.objects, &object, &DissolveAccount {}).await.map(|_| ())
}

async fn forget(app: &App, realm: &RealmId) {
    if let Err(error) = realm_removal::forget(&*app.ports.directory, realm).await {
        tracing::error!(realm.id = %realm, "A removed realm is forgotten later: {error}");
    }
}
