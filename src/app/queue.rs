//! The consumer of the queue `EVENTS`. Whatever it is told, it may be told
//! twice.
use super::App;
use super::forget_user;
use crate::account::administer::ForgetUser;
use crate::account::mail::{self, ActionMessage};
use crate::event::audit::AuditEvent;
use crate::event::message::{Envelope, IndexEvent, Message};
use crate::event::store;
use crate::event::user_event::{IndexUserEvent, UserEvent};
use crate::invitation::deliver::{self, InvitationMessage};
use crate::platform::object::ask;
use crate::platform::row::StoreError;
use crate::platform::sql::Statement;
use crate::realm::session_index::{IndexSession, SessionState};
use crate::realm::store::session_index;
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
    Forget(ForgetUser),
    ActionMail(ActionMessage),
    UserEvent(UserEvent),
    Session(SessionState),
}

/// Handles a batch; answers one verdict per message, in order. All events and
/// sessions go to their indexes in one round trip.
pub async fn consume(app: &App, messages: &[String]) -> Vec<Verdict> {
    let works: Vec<Result<Work, String>> = messages.iter().map(|text| work(text)).collect();
    let indexed = index_all(app, &works).await;
    let mut verdicts = Vec::with_capacity(works.len());
    for work in works {
        let done = match work {
            Ok(Work::Index(_) | Work::UserEvent(_) | Work::Session(_)) => indexed.clone(),
            Ok(Work::Mail(message)) => invitation_mail(app, message).await,
            Ok(Work::ActionMail(message)) => action_mail(app, message).await,
            Ok(Work::Forget(gone)) => {
                forget_user::forget(app, &gone).await.map_err(|error| error.to_string())
            }
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
        ForgetUser::KIND => read(envelope.body).map(Work::Forget),
        ActionMessage::KIND => read(envelope.body).map(Work::ActionMail),
        IndexUserEvent::KIND => {
            read(envelope.body).map(|IndexUserEvent(event)| Work::UserEvent(event))
        }
        IndexSession::KIND => read(envelope.body).map(|IndexSession(state)| Work::Session(state)),
        kind => Err(format!("nobody handles {kind}")),
    }
}

async fn index_all(app: &App, works: &[Result<Work, String>]) -> Result<(), String> {
    let mut statements = Vec::new();
    for work in works.iter().flatten() {
        statements.extend(indexing(work).map_err(|error| error.to_string())?);
    }
    if statements.is_empty() {
        return Ok(());
    }
    let indexed = app.ports.directory.batch(statements).await;
    indexed.map(|_| ()).map_err(|error| error.to_string())
}

/// The statements that put what `work` tells into an index, if it does.
fn indexing(work: &Work) -> Result<Vec<Statement>, StoreError> {
    Ok(match work {
        Work::Index(event) => vec![store::audit::insertion(event)?],
        Work::UserEvent(event) => vec![store::user_event::insertion(event)?],
        Work::Session(state) => session_index::put(state)?.into(),
        Work::Mail(_) | Work::ActionMail(_) | Work::Forget(_) => Vec::new(),
    })
}

async fn invitation_mail(app: &App, message: InvitationMessage) -> Result<(), String> {
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

async fn action_mail(app: &App, message: ActionMessage) -> Result<(), String> {
    let (mailer, url) = (&*app.ports.mailer, &app.config.public_url);
    let delivered = mail::deliver(mailer, &app.keyring, url, message).await;
    delivered.map_err(|error| error.to_string())
}

fn read<T: DeserializeOwned>(body: Value) -> Result<T, String> {
    serde_json::from_value(body).map_err(|error| error.to_string())
}
