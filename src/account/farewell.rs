//! Telling the clients of a session that it has ended (OIDC Back-Channel Logout
//! 1.0 §2.5).
//!
//! Whom to tell is written in the transaction that ends the session; the object's
//! alarm hands it to the queue a moment later, and its consumer to the client, with
//! the queue's retries. Whatever a crash interrupts, the next call or alarm takes
//! up: a client may be told twice, and never not at all.
use super::announce::TELL_AFTER;
use super::stage::Account;
use super::store;
use crate::event::message::{Envelope, Message};
use crate::kernel::id::{RealmId, SessionId, UserId};
use crate::kernel::time::Timestamp;
use crate::platform::ObjectPorts;
use crate::platform::row::StoreError;
use serde::{Deserialize, Serialize};

/// Most messages in one call of the queue, which takes 100 and 256 kB: a name of a
/// client has at most 255 bytes, which JSON may make six times as long.
const TOLD_CLIENTS: i64 = 50;

/// Most calls of the queue in one go; what is left is told by the next alarm.
const ROUNDS: usize = 50;

/// "Tell this client that this session has ended."
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Farewell {
    /// The realm.
    pub realm: RealmId,
    /// Whose session it was.
    pub user: UserId,
    /// The session.
    pub session: SessionId,
    /// The client.
    pub client_id: String,
    /// When it ended.
    pub ended_at: Timestamp,
}

impl Message for Farewell {
    const KIND: &'static str = "session.farewell";
}

/// Sets the alarm when there is somebody to tell.
///
/// # Errors
/// `Refused` when SQLite or the alarm clock fails.
pub async fn wake(object: &ObjectPorts<'_>, now: Timestamp) -> Result<(), StoreError> {
    if store::farewell::exists(object.sql)? {
        object.alarm.wake_at(now + TELL_AFTER).await?;
    }
    Ok(())
}

/// Hands to the queue whom there is to tell.
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
        let farewells = store::farewell::list(object.sql, account, TOLD_CLIENTS)?;
        if farewells.is_empty() {
            return Ok(());
        }
        let messages = Envelope::seal_all(farewells.iter().cloned())
            .map_err(|error| StoreError::Refused(error.to_string()))?;
        object.ports.queue.send(messages).await?;
        object.ports.faults.reach("account.farewell.after_queue").await;
        for farewell in &farewells {
            store::farewell::delete(object.sql, farewell)?;
        }
    }
    wake(object, now).await
}
