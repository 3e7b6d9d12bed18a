//! Telling the directory's index of sessions, for the lists of administrators.
//!
//! A state to be told is written in the transaction of what changed it, and told
//! by the object's alarm a moment later, so that no login and no refresh waits for
//! it. Whatever a crash interrupts, the next call or alarm takes up.
use super::grant::Granted;
use super::session::Session;
use super::session_rule::SessionRule;
use super::stage::Account;
use super::store;
use crate::event::message::Envelope;
use crate::kernel::id::SessionId;
use crate::kernel::time::{Seconds, Timestamp};
use crate::platform::ObjectPorts;
use crate::platform::row::StoreError;
use crate::platform::sql::Sql;
use crate::realm::session_index::IndexSession;

/// How soon the index is told: what happens at once is told together.
pub const TELL_AFTER: Seconds = Seconds(1);

/// Most sessions in one call of the queue, which takes 256 kB: each of them has at
/// most [`MAX_TOLD_CLIENTS`] names of 255 bytes, which JSON may make twice as long.
const TOLD_SESSIONS: i64 = 4;

/// Most clients of one session that are told of, the first by name: a message of
/// the queue has at most 128 kB, and nobody uses so many apps in a day.
pub const MAX_TOLD_CLIENTS: usize = 100;

/// Most calls of the queue in one go; what is left is told by the next alarm.
const ROUNDS: usize = 25;

/// Notes that something was granted to a client in the session. Belongs in the
/// transaction of the grant.
///
/// # Errors
/// `Refused` when SQLite fails.
pub fn granted(
    sql: &dyn Sql,
    session: &Session,
    granted: &Granted,
    rule: SessionRule,
    now: Timestamp,
) -> Result<(), StoreError> {
    let is_new = store::session::put_client(sql, &session.id, granted, now)?;
    if is_new || session.outlives_index(rule, now) {
        show(sql, session, rule, now)?;
    }
    Ok(())
}

/// Notes that the session is used.
///
/// # Errors
/// `Refused` when SQLite fails.
pub fn used(
    sql: &dyn Sql,
    session: &Session,
    rule: SessionRule,
    now: Timestamp,
) -> Result<(), StoreError> {
    store::session::mark_seen(sql, &session.id, now)?;
    if session.outlives_index(rule, now) {
        show(sql, session, rule, now)?;
    }
    Ok(())
}

fn show(
    sql: &dyn Sql,
    session: &Session,
    rule: SessionRule,
    now: Timestamp,
) -> Result<(), StoreError> {
    let until = rule.shows_until(now).min(session.expires_at);
    store::session::mark_untold(sql, &session.id, until, now)
}

/// Sets the alarm when there is something to tell.
///
/// # Errors
/// `Refused` when SQLite or the alarm clock fails.
pub async fn wake(object: &ObjectPorts<'_>, now: Timestamp) -> Result<(), StoreError> {
    if store::session::has_untold(object.sql)? {
        object.alarm.wake_at(now + TELL_AFTER).await?;
    }
    Ok(())
}

/// Tells everything there is to tell.
///
/// # Errors
/// `Refused` when SQLite, the queue or the alarm clock fails; then it is told
/// again.
pub async fn tell(
    object: &ObjectPorts<'_>,
    account: &Account,
    now: Timestamp,
) -> Result<(), StoreError> {
    for _ in 0..ROUNDS {
        let untold = store::session::list_untold(object.sql, account, TOLD_SESSIONS)?;
        if untold.is_empty() {
            return Ok(());
        }
        let told: Vec<(SessionId, i64)> =
            untold.iter().map(|one| (one.session.clone(), one.version)).collect();
        let messages = Envelope::seal_all(untold.into_iter().map(IndexSession))
            .map_err(|error| StoreError::Refused(error.to_string()))?;
        object.ports.queue.send(messages).await?;
        object.ports.faults.reach("account.sessions.after_queue").await;
        // The session may have gone on meanwhile: then there is a newer state.
        for (session, version) in &told {
            store::session::mark_told(object.sql, session, *version)?;
        }
    }
    wake(object, now).await
}
