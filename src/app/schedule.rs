//! What happens by the clock, every few minutes.
use super::App;
use super::{end_sessions, forget_user, remove_realm};
use crate::event::store::user_event;
use crate::kernel::time::{Seconds, Timestamp};
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
const SESSIONS: i64 = 2_000;

/// Most statements for that in one tick. Together a hundred thousand sessions that
/// end in five minutes, which is more than sign in.
const SESSION_PAGES: usize = 50;

/// Takes out of the index what is over; the lists pass over it until then.
async fn expire_sessions(app: &App, now: Timestamp) -> Result<(), StoreError> {
    for _ in 0..SESSION_PAGES {
        let gone = session_index::delete_over(&*app.ports.directory, now, SESSIONS).await?;
        if i64::try_from(gone).is_ok_and(|gone| gone < SESSIONS) {
            break;
        }
    }
    Ok(())
}

/// Forgets spent tokens that are over; their date refuses them.
async fn expire_spent(app: &App, now: Timestamp) -> Result<(), StoreError> {
    for _ in 0..SESSION_PAGES {
        let gone = spent::delete_over(&*app.ports.directory, now, SESSIONS).await?;
        if i64::try_from(gone).is_ok_and(|gone| gone < SESSIONS) {
            break;
        }
    }
    Ok(())
}

/// Forgets authorization requests that nobody came back with.
async fn expire_pushed(app: &App, now: Timestamp) -> Result<(), StoreError> {
    for _ in 0..SESSION_PAGES {
        let gone = pushed_request::delete_over(&*app.ports.directory, now, SESSIONS).await?;
        if i64::try_from(gone).is_ok_and(|gone| gone < SESSIONS) {
            break;
        }
    }
    Ok(())
}

/// Forgets what devices asked for, some time after it was over.
async fn expire_devices(app: &App, now: Timestamp) -> Result<(), StoreError> {
    let then = now - MEMORY;
    for _ in 0..SESSION_PAGES {
        let gone = device_request::delete_over(&*app.ports.directory, then, SESSIONS).await?;
        if i64::try_from(gone).is_ok_and(|gone| gone < SESSIONS) {
            break;
        }
    }
    Ok(())
}

/// Goes on with deletions and with the ends of sessions, forgets old sessions, requests
/// and events, and rotates the keys that
/// have signed for as long as their realm lets them. (Objects look after themselves,
/// by their alarms.)
pub async fn tick(app: &App) {
    let now = app.ports.clock.now();
    forget_user::resume(app, now).await;
    remove_realm::go_on(app, now).await;
    end_sessions::resume(app).await;
    if let Err(error) = expire_sessions(app, now).await {
        tracing::error!("Sessions were not taken out of the index: {error}");
    }
    if let Err(error) = expire_spent(app, now).await {
        tracing::error!("Spent tokens were not forgotten: {error}");
    }
    if let Err(error) = expire_pushed(app, now).await {
        tracing::error!("Pushed requests were not forgotten: {error}");
    }
    if let Err(error) = expire_devices(app, now).await {
        tracing::error!("Requests of devices were not forgotten: {error}");
    }
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
