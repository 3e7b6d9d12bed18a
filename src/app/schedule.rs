//! What happens by the clock, every few minutes.
use super::App;
use super::remove_realm;
use crate::realm::key;
use crate::realm::store;
use std::rc::Rc;

/// Goes on with the deletion of realms, and rotates the keys that have signed for as
/// long as their realm lets them.
/// (Objects look after themselves, by their alarms.)
pub async fn tick(app: &App) {
    let now = app.ports.clock.now();
    remove_realm::go_on(app, now).await;
    let realms = match store::realm::list(&*app.ports.directory).await {
        Ok(realms) => realms,
        Err(error) => {
            tracing::error!("The realms could not be listed: {error}");
            return;
        }
    };
    for realm in realms {
        let context = app.context(Rc::new(realm), now);
        if let Err(error) = key::rotate_if_due(&context).await {
            tracing::error!(realm.id = %context.realm.id, "A key was not rotated: {error}");
        }
    }
}
