//! The consumer of the queue `EVENTS`. Whatever it is told, it may be told
//! twice.
use super::App;
use crate::event::audit::AuditEvent;
use crate::event::message::{Envelope, IndexEvent, Message};
use crate::event::store;
use crate::invitation::deliver::{self, InvitationMessage};
use crate::platform::object::ask;
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

/// What a message asks for.
enum Work {
    Index(AuditEvent),
    Mail(InvitationMessage),
}

/// Handles a batch; answers one verdict per message, in order. All events go to
/// the index in one round trip.
pub async fn consume(app: &App, messages: &[String]) -> Vec<Verdict> {
    let works: Vec<Result<Work, String>> = messages.iter().map(|text| work(text)).collect();
    let indexed = index_all(app, &works).await;
    let mut verdicts = Vec::with_capacity(works.len());
    for work in works {
        let done = match work {
            Ok(Work::Index(_)) => indexed.clone(),
            Ok(Work::Mail(message)) => mail(app, message).await,
            Err(problem) => Err(problem),
        };
        verdicts.push(verdict(done));
    }
    verdicts
}

fn verdict(done: Result<(), String>) -> Verdict {
    match done {
        Ok(()) => Verdict::Ack,
        Err(problem) => {
            tracing::error!("A message of the queue was not handled: {problem}");
            Verdict::Retry
        }
    }
}

fn work(message: &str) -> Result<Work, String> {
    let envelope: Envelope = serde_json::from_str(message).map_err(|error| error.to_string())?;
    match envelope.kind.as_str() {
        IndexEvent::KIND => read(envelope.body).map(|IndexEvent(event)| Work::Index(event)),
        InvitationMessage::KIND => read(envelope.body).map(Work::Mail),
        kind => Err(format!("nobody handles {kind}")),
    }
}

async fn index_all(app: &App, works: &[Result<Work, String>]) -> Result<(), String> {
    let events = works.iter().filter_map(|work| match work {
        Ok(Work::Index(event)) => Some(event),
        Ok(Work::Mail(_)) | Err(_) => None,
    });
    let indexed = store::insert_all(&*app.ports.directory, events).await;
    indexed.map_err(|error| error.to_string())
}

async fn mail(app: &App, message: InvitationMessage) -> Result<(), String> {
    let (mailer, url) = (&*app.ports.mailer, &app.config.public_url);
    let (object, receipt) = message.receipt();
    let delivered = deliver::deliver(mailer, &app.keyring, url, message).await;
    delivered.map_err(|error| error.to_string())?;
    // The mail is out: trying again for a note would send it twice.
    if let Err(error) = ask(&*app.ports.objects, &object, &receipt).await {
        tracing::warn!("A mail left unnoticed by its invitation: {error}");
    }
    Ok(())
}

fn read<T: DeserializeOwned>(body: Value) -> Result<T, String> {
    serde_json::from_value(body).map_err(|error| error.to_string())
}
