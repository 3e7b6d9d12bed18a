//! Ending sessions that the directory has made worthless where they are kept.
use super::oversee::EndEverySession;
use crate::event::message::{Envelope, Message};
use crate::kernel::id::{RealmId, UserId};
use crate::kernel::route::ObjectName;
use crate::platform::Ports;
use crate::platform::object::ask;
use crate::platform::row::StoreError;
use crate::platform::sql::Statement;
use crate::realm::inquiry::Inquiry;
use crate::realm::store::session_ending::{self, SessionEnding};
use serde::{Deserialize, Serialize};

/// "There are sessions to be ended in this realm."
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct EndSessions {
    /// The realm.
    pub realm: RealmId,
}

impl Message for EndSessions {
    const KIND: &'static str = "session.end";
}

/// The sessions that `user` has now.
#[must_use]
pub fn of_user(inquiry: &Inquiry<'_>, user: &UserId) -> SessionEnding {
    SessionEnding {
        realm: inquiry.realm_id().clone(),
        user: user.clone(),
        // One that began in this second may carry the next.
        began_by: inquiry.context.now + crate::kernel::time::Seconds(1),
    }
}

/// The statement that ends every session of the realm where it is kept, if a client
/// wants to be told: in the batch that raises the realm's not-before. Afterwards,
/// [`send`].
#[must_use]
pub fn of_realm(inquiry: &Inquiry<'_>) -> Statement {
    session_ending::insertion_of_all(inquiry.realm_id(), inquiry.context.now)
}

/// Lets the queue's consumer begin. Should this fail, the schedule does.
pub async fn send(inquiry: &Inquiry<'_>) {
    let message = EndSessions { realm: inquiry.realm_id().clone() };
    let sealed = Envelope::seal(&message).and_then(|sealed| serde_json::to_string(&sealed));
    let sent = match sealed {
        Ok(text) => inquiry.context.ports.queue.send(vec![text]).await,
        Err(error) => Err(StoreError::Refused(error.to_string())),
    };
    if let Err(error) = sent {
        tracing::warn!(realm.id = %message.realm, "Sessions are ended later: {error}");
    }
}

/// Ends the sessions of a user at once, after the batch that noted it. What fails
/// here, the schedule finishes.
pub async fn finish(inquiry: &Inquiry<'_>, ending: &SessionEnding) {
    if let Err(error) = end_now(inquiry.context.ports, ending).await {
        tracing::warn!(user.id = %ending.user, "Sessions are ended later: {error}");
    }
}

/// The same, for who takes it up again.
///
/// # Errors
/// When the account or the directory fails; the schedule finishes it too.
pub async fn end_now(ports: &Ports, ending: &SessionEnding) -> Result<(), StoreError> {
    let account = ObjectName::Account(ending.realm.clone(), ending.user.clone());
    let question = EndEverySession { began_by: Some(ending.began_by) };
    ask(&*ports.objects, &account, &question).await?;
    ports.directory.run(session_ending::deletion(ending)).await.map(|_| ())
}
