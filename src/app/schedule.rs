//! What happens by the clock, every few minutes.
use super::App;
use super::{end_sessions, forget_user, remove_realm};
use crate::event::store::user_event;
use crate::kernel::time::Seconds;
use crate::oidc::device::MEMORY;
use crate::platform::row::StoreError;
use crate::realm::context::RealmContext;
use crate::realm::key;
use crate::realm::store;
use crate::realm::store::{device_request, pushed_request, session_index, spent};
use std::rc::Rc;

/// Forgets what people did so long ago that the realm does not want it kept.
async fn expire_events(context: &RealmContext<'_>) -> Result<(), StoreError> {
    let kept = context.realm.settings.events.events_expiration;
    if kept == Seconds(0) {
        return Ok(());
    }
    let (directory, realm) = (&*context.ports.directory, &context.realm.id);
    user_event::delete_before(directory, realm, context.now - kept).await
}

/// Most rows that one statement deletes: far within D1's 30 seconds.
const ROWS: i64 = 2_000;

/// Most statements for one table in one tick. Together a hundred thousand sessions that
/// end in five minutes, which is more than sign in.
const ROUNDS: usize = 50;

/// Deletes what is over, [`ROWS`] at a time, until there is no more; what is left waits
/// for the next tick. Everything that is deleted so is passed over once its time has
/// come.
async fn forget(delete: impl AsyncFn(i64) -> Result<usize, StoreError>, what: &str) {
    for _ in 0..ROUNDS {
        match delete(ROWS).await {
            Ok(gone) if i64::try_from(gone).is_ok_and(|gone| gone < ROWS) => return,
            Ok(_) => {}
            Err(error) => return tracing::error!("{what} were not forgotten: {error}"),
        }
    }
}

/// Goes on with deletions and with the ends of sessions, forgets old sessions, requests
/// and events, and rotates the keys that have signed for as long as their realm lets
/// them. (Objects look after themselves, by their alarms.)
pub async fn tick(app: &App) {
    let now = app.ports.clock.now();
    forget_user::resume(app, now).await;
    remove_realm::go_on(app, now).await;
    end_sessions::resume(app).await;
    let directory = &*app.ports.directory;
    let sessions = async |most| session_index::delete_over(directory, now, most).await;
    forget(sessions, "Sessions").await;
    let tokens = async |most| spent::delete_over(directory, now, most).await;
    forget(tokens, "Spent tokens").await;
    let pushed = async |most| pushed_request::delete_over(directory, now, most).await;
    forget(pushed, "Pushed requests").await;
    // A device hears for a while that its code is over.
    let devices = async |most| device_request::delete_over(directory, now - MEMORY, most).await;
    forget(devices, "Requests of devices").await;
    let realms = match store::realm::list(&*app.ports.directory).await {
        Ok(realms) => realms,
        Err(error) => {
            tracing::error!("The realms could not be listed: {error}");
            return;
        }
    };
    for realm in realms {
        let context = app.context(Rc::new(realm), now);
        if let Err(error) = expire_events(&context).await {
            tracing::error!(realm.id = %context.realm.id, "Events were not forgotten: {error}");
        }
        if let Err(error) = key::rotate_if_due(&context).await {
            tracing::error!(realm.id = %context.realm.id, "A key was not rotated: {error}");
        }
    }
}
