//! What the account's object does when its alarm rings: finish what a crash
//! interrupted, forget what is over, and tell the index of its sessions and the clients
//! of those that ended.
use super::announce;
use super::confirm;
use super::farewell;
use super::stage::{Account, CONFIRM_AFTER, Stage};
use super::store;
use crate::kernel::time::{Seconds, Timestamp};
use crate::platform::ObjectPorts;
use crate::platform::row::StoreError;
use crate::platform::sql::Sql;

/// How often an account with sessions looks for what is over. Nothing depends
/// on it but space: what is over is refused wherever it still stands.
pub const PRUNE_EVERY: Seconds = Seconds::hours(1);

/// How long a code is remembered after it expired, so that a late replay still
/// ends what its redemption started (RFC 6749 §4.1.2).
pub const CODE_MEMORY: Seconds = Seconds::hours(1);

/// Most rows of one table deleted in one go: what fits an alarm's time easily.
pub const PRUNE_ROWS: i64 = 500;

/// Settles a pending account, or deletes it; prunes an active one and tells of
/// its sessions. An object without an account has nothing to keep.
///
/// # Errors
/// `Refused` when SQLite, the directory, the queue or the alarm clock fails; the platform
/// rings again.
pub async fn ring(object: &ObjectPorts<'_>, now: Timestamp) -> Result<(), StoreError> {
    let Some(account) = store::account::find(object.sql)? else {
        return object.alarm.delete_all().await;
    };
    if is_being_made(&account, now) {
        return object.alarm.wake_at(account.created_at + CONFIRM_AFTER).await;
    }
    if confirm::settle(object).await?.is_none() {
        tracing::info!(user.id = %account.user, "An account that nobody finished was deleted");
        return object.alarm.delete_all().await;
    }
    prune(object.sql, now)?;
    announce::tell(object, &account, now).await?;
    farewell::tell(object, &account, now).await?;
    if store::has_anything_to_prune(object.sql)? {
        object.alarm.wake_at(now + PRUNE_EVERY).await?;
    }
    Ok(())
}

fn is_being_made(account: &Account, now: Timestamp) -> bool {
    account.stage == Stage::Pending && now < account.created_at + CONFIRM_AFTER
}

/// Deletes sessions, families, codes, used tickets and revoked grants that are over,
/// [`PRUNE_ROWS`] of each.
///
/// # Errors
/// `Refused` when SQLite fails.
pub fn prune(sql: &dyn Sql, now: Timestamp) -> Result<(), StoreError> {
    store::session::delete_expired(sql, now, PRUNE_ROWS)?;
    store::family::delete_expired(sql, now, PRUNE_ROWS)?;
    store::ticket::delete_expired(sql, now, PRUNE_ROWS)?;
    store::revoked_grant::delete_expired(sql, now, PRUNE_ROWS)?;
    store::code::delete_expired(sql, now - CODE_MEMORY, PRUNE_ROWS)
}
