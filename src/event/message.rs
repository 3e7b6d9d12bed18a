//! Messages of the queue `EVENTS`: work that may happen later, at least once.
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// A kind of message. Whoever handles one must be able to do so twice.
pub trait Message: Serialize + DeserializeOwned {
    /// The name under which the consumer lists it, such as `invitation.mail`.
    const KIND: &'static str;
}

/// A message as the queue carries it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Envelope {
    /// [`Message::KIND`].
    pub kind: String,
    /// The message.
    pub body: Value,
}

impl Envelope {
    /// Wraps a message.
    ///
    /// # Errors
    /// When the message cannot be written as JSON, which no type of ours does.
    pub fn seal<M: Message>(message: &M) -> Result<Self, serde_json::Error> {
        Ok(Self { kind: M::KIND.to_owned(), body: serde_json::to_value(message)? })
    }

    /// Wraps messages, each as the queue takes it.
    ///
    /// # Errors
    /// As [`Envelope::seal`].
    pub fn seal_all<M: Message>(
        messages: impl IntoIterator<Item = M>,
    ) -> Result<Vec<String>, serde_json::Error> {
        let sealed = messages.into_iter().map(|message| Self::seal(&message));
        sealed.map(|sealed| serde_json::to_string(&sealed?)).collect()
    }
}

/// "Put this audit event into the directory's index."
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(transparent)]
pub struct IndexEvent(pub super::audit::AuditEvent);

impl Message for IndexEvent {
    const KIND: &'static str = "event.index";
}
