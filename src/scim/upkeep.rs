//! What the organization's alarm does for SCIM: end an old secret, and forget what
//! the provisioning log has held long enough.
use super::config::{DEFAULT_LOG_DAYS, Kept};
use super::log::MAX_LOG_ROWS;
use super::store;
use crate::kernel::time::{Seconds, Timestamp};
use crate::platform::ObjectPorts;
use crate::platform::row::StoreError;
use crate::platform::sql::Sql;

/// Entries that one alarm forgets: a request that comes meanwhile waits for it.
pub const PRUNED_AT_ONCE: i64 = 1_000;

/// How soon the alarm goes on when there were more.
const GO_ON_AFTER: Seconds = Seconds(10);

/// Does what is due, and sees to it that the alarm rings again.
///
/// # Errors
/// When something fails; the platform rings again.
pub async fn look_after(object: &ObjectPorts<'_>, now: Timestamp) -> Result<(), StoreError> {
    let kept = store::config::find_kept(object.sql)?;
    store::config::end_previous(object.sql, now)?;
    if prune(object.sql, lifetime(kept.as_ref()), now)? {
        return object.alarm.wake_at(now + GO_ON_AFTER).await;
    }
    watch(object, now).await
}

/// Sees to it that the alarm rings when there is something to do.
///
/// # Errors
/// `Refused` when the platform or SQLite refuses.
pub async fn watch(object: &ObjectPorts<'_>, now: Timestamp) -> Result<(), StoreError> {
    let kept = store::config::find_kept(object.sql)?;
    let oldest = store::log::find_oldest(object.sql)?.map(|at| at + lifetime(kept.as_ref()));
    let ends = kept.and_then(|kept| kept.previous).map(|previous| previous.until);
    match [oldest, ends].into_iter().flatten().min() {
        // One alarm did not forget all that it should.
        Some(at) if at < now => object.alarm.wake_at(now + GO_ON_AFTER).await,
        // An entry goes a second after its last one.
        Some(at) => object.alarm.wake_at(at + Seconds(1)).await,
        None => Ok(()),
    }
}

/// How long the log is kept; after the configuration was deleted, as when nothing
/// is said.
fn lifetime(kept: Option<&Kept>) -> Seconds {
    Seconds::days(kept.map_or(DEFAULT_LOG_DAYS, |kept| kept.config.log_days))
}

/// Forgets what is too old, or too much; whether there may be more.
fn prune(sql: &dyn Sql, lifetime: Seconds, now: Timestamp) -> Result<bool, StoreError> {
    let old = store::log::prune(sql, now - lifetime, PRUNED_AT_ONCE)?;
    let surplus = store::log::prune_surplus(sql, MAX_LOG_ROWS, PRUNED_AT_ONCE)?;
    let most = usize::try_from(PRUNED_AT_ONCE).unwrap_or(usize::MAX);
    Ok(old.max(surplus) >= most)
}
