//! The end of a user's deletion: everybody who knew them lets them go. What the
//! directory's row began (`account::administer::delete`) ends here, as often as
//! it is interrupted.
use super::App;
use crate::account::administer::ForgetUser;
use crate::account::erase::Erase;
use crate::kernel::id::OrgId;
use crate::kernel::route::ObjectName;
use crate::kernel::time::{Seconds, Timestamp};
use crate::org::forget::ForgetMember;
use crate::platform::object::ask;
use crate::platform::row::StoreError;
use crate::realm::store::erasure;

/// Organizations that are told in one go.
const ORGS: i64 = 100;

/// Deletions that the clock takes up in one go.
const ERASURES: i64 = 100;

/// A deletion that is older was interrupted: the queue delivers within seconds.
const INTERRUPTED_AFTER: Seconds = Seconds(60);

/// Erases the account, if that is not done, and tells each organization.
///
/// # Errors
/// When an object or the directory fails; who asks, asks again.
pub async fn forget(app: &App, gone: &ForgetUser) -> Result<(), StoreError> {
    let ports = &app.ports;
    let account = ObjectName::Account(gone.realm.clone(), gone.user.clone());
    ask(&*ports.objects, &account, &Erase {}).await?;
    ports.faults.reach("user.forget.after_account").await;
    let mut told: Vec<OrgId> = Vec::new();
    loop {
        let directory = &*ports.directory;
        let orgs = erasure::list_orgs(directory, &gone.realm, &gone.user, ORGS).await?;
        // An organization that was told and still counts them is none any more.
        if orgs.iter().all(|org| told.contains(org)) {
            break;
        }
        for org in orgs {
            let object = ObjectName::Org(gone.realm.clone(), org.clone());
            ask(&*ports.objects, &object, &ForgetMember { user: gone.user.clone() }).await?;
            ports.faults.reach("user.forget.after_organization").await;
            told.push(org);
        }
    }
    erasure::delete(&*ports.directory, &gone.user).await
}

/// Takes up deletions that were interrupted.
pub async fn resume(app: &App, now: Timestamp) {
    let then = now - INTERRUPTED_AFTER;
    let interrupted = match erasure::list(&*app.ports.directory, then, ERASURES).await {
        Ok(interrupted) => interrupted,
        Err(error) => {
            tracing::error!("The deletions could not be listed: {error}");
            return;
        }
    };
    for (realm, user) in interrupted {
        let gone = ForgetUser { realm, user };
        if let Err(error) = forget(app, &gone).await {
            tracing::error!(user.id = %gone.user, "A deletion was not finished: {error}");
        }
    }
}
