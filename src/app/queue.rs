//! The consumer of the queue `EVENTS`. Whatever it is told, it may be told
//! twice.
use super::{App, store};
use crate::event::message::{Envelope, IndexEvent, Message};
use crate::invitation::deliver::{self, InvitationMessage};
use serde::de::DeserializeOwned;
use serde_json::Value;

/// What to tell the queue about one message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// Done; forget it.
    Ack,
    /// Not done; deliver it again later, and in the end to the dead letters.
    Retry,
}

/// Handles a batch; answers one verdict per message, in order.
pub async fn consume(app: &App, messages: &[String]) -> Vec<Verdict> {
    let mut verdicts = Vec::with_capacity(messages.len());
    for message in messages {
        verdicts.push(match handle(app, message).await {
            Ok(()) => Verdict::Ack,
            Err(problem) => {
                tracing::error!("A message of the queue was not handled: {problem}");
                Verdict::Retry
            }
        });
    }
    verdicts
}

async fn handle(app: &App, message: &str) -> Result<(), String> {
    let envelope: Envelope = serde_json::from_str(message).map_err(|error| error.to_string())?;
    match envelope.kind.as_str() {
        IndexEvent::KIND => {
            let IndexEvent(event) = read(envelope.body)?;
            let indexed = store::insert_event(&*app.ports.directory, &event).await;
            indexed.map_err(|error| error.to_string())
        }
        InvitationMessage::KIND => {
            let (mailer, url) = (&*app.ports.mailer, &app.config.public_url);
            let delivered = deliver::deliver(mailer, &app.keyring, url, read(envelope.body)?).await;
            delivered.map_err(|error| error.to_string())
        }
        kind => Err(format!("nobody handles {kind}")),
    }
}

fn read<T: DeserializeOwned>(body: Value) -> Result<T, String> {
    serde_json::from_value(body).map_err(|error| error.to_string())
}
