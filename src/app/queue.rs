//! The consumer of the queue `EVENTS`. Whatever it is told, it may be told
//! twice.
use super::App;
use super::{end_sessions, forget_user};
use crate::account::administer::ForgetUser;
use crate::account::end_sessions::EndSessions;
use crate::account::farewell::Farewell;
use crate::account::mail::{self, ActionMessage};
use crate::account::mail_registration::{self, RegistrationMessage};
use crate::event::audit::AuditEvent;
use crate::event::message::{Envelope, IndexEvent, Message};
use crate::event::store;
use crate::event::user_event::{IndexUserEvent, UserEvent};
use crate::invitation::deliver::{self, InvitationMessage};
use crate::kernel::time::Seconds;
use crate::oidc::backchannel;
use crate::org::project::MembershipEnded;
use crate::platform::object::ask;
use crate::platform::row::StoreError;
use crate::platform::sql::Statement;
use crate::realm::session_index::{IndexSession, SessionState};
use crate::realm::store::realm;
use crate::realm::store::session_index;
use futures::future::join_all;
use serde::de::DeserializeOwned;
use serde_json::Value;
use std::rc::Rc;

/// What to tell the queue about one message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// Done; forget it.
    Ack,
    /// Not done; deliver it again later, and in the end to the dead letters.
    Retry,
    /// The same, not before that long.
    RetryAfter(Seconds),
}

/// What a message asks for.
enum Work {
    Index(AuditEvent),
    Mail(InvitationMessage),
    Forget(ForgetUser),
    ActionMail(ActionMessage),
    RegistrationMail(RegistrationMessage),
    UserEvent(UserEvent),
    Session(SessionState),
    Farewell(Farewell),
    EndSessions(EndSessions),
    MembershipEnded(MembershipEnded),
}

/// Handles a batch; answers one verdict per message, in order. All events and
/// sessions go to their indexes in one round trip.
pub async fn consume(app: &App, messages: &[String]) -> Vec<Verdict> {
    let works: Vec<Result<Work, String>> = messages.iter().map(|text| work(text)).collect();
    let indexed = index_all(app, &works).await;
    // Clients may be slow to answer, and need not be one after the other.
    let farewells = works.iter().map(|work| async move {
        match work {
            Ok(Work::Farewell(farewell)) => Some(say_farewell(app, farewell).await),
            _ => None,
        }
    });
    let farewells = join_all(farewells).await;
    let mut verdicts = Vec::with_capacity(works.len());
    for (work, farewell) in works.into_iter().zip(farewells) {
        if let Some(verdict) = farewell {
            verdicts.push(verdict);
            continue;
        }
        let done = match work {
            Ok(Work::Index(_) | Work::UserEvent(_) | Work::Session(_) | Work::Farewell(_)) => {
                indexed.clone()
            }
            Ok(Work::EndSessions(asked)) => {
                end_sessions::end(app, &asked).await.map_err(|error| error.to_string())
            }
            Ok(Work::MembershipEnded(ended)) => {
                end_sessions::leave(app, ended).await.map_err(|error| error.to_string())
            }
            Ok(Work::Mail(message)) => invitation_mail(app, message).await,
            Ok(Work::ActionMail(message)) => action_mail(app, message).await,
            Ok(Work::RegistrationMail(message)) => registration_mail(app, message).await,
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

/// Tells a client that a session has ended, if its realm is still there.
async fn say_farewell(app: &App, farewell: &Farewell) -> Verdict {
    let directory = &*app.ports.directory;
    let realm = match realm::find_by_id(directory, &farewell.realm).await {
        Ok(Some(realm)) => realm,
        Ok(None) => return Verdict::Ack,
        Err(error) => return verdict(Err(error.to_string())),
    };
    let context = app.context(Rc::new(realm), app.ports.clock.now());
    match backchannel::tell(&context, farewell).await {
        Ok(()) => Verdict::Ack,
        Err(problem) => {
            let wait = backchannel::wait(&context, farewell);
            tracing::warn!(
                client.id = %farewell.client_id,
                retry_s = wait.0,
                "A client was not told of a session's end: {problem}"
            );
            Verdict::RetryAfter(wait)
        }
    }
}

fn work(message: &str) -> Result<Work, String> {
    let envelope: Envelope =
        serde_json::from_slice(message.as_bytes()).map_err(|error| error.to_string())?;
    match envelope.kind.as_str() {
        IndexEvent::KIND => read(envelope.body).map(|IndexEvent(event)| Work::Index(event)),
        InvitationMessage::KIND => read(envelope.body).map(Work::Mail),
        ForgetUser::KIND => read(envelope.body).map(Work::Forget),
        ActionMessage::KIND => read(envelope.body).map(Work::ActionMail),
        RegistrationMessage::KIND => read(envelope.body).map(Work::RegistrationMail),
        IndexUserEvent::KIND => {
            read(envelope.body).map(|IndexUserEvent(event)| Work::UserEvent(event))
        }
        IndexSession::KIND => read(envelope.body).map(|IndexSession(state)| Work::Session(state)),
        Farewell::KIND => read(envelope.body).map(Work::Farewell),
        EndSessions::KIND => read(envelope.body).map(Work::EndSessions),
        MembershipEnded::KIND => read(envelope.body).map(Work::MembershipEnded),
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
        Work::Mail(_)
        | Work::ActionMail(_)
        | Work::RegistrationMail(_)
        | Work::Forget(_)
        | Work::Farewell(_)
        | Work::EndSessions(_)
        | Work::MembershipEnded(_) => Vec::new(),
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

async fn registration_mail(app: &App, message: RegistrationMessage) -> Result<(), String> {
    let (mailer, url) = (&*app.ports.mailer, &app.config.public_url);
    let delivered = mail_registration::deliver(mailer, &app.keyring, url, message).await;
    delivered.map_err(|error| error.to_string())
}

fn read<T: DeserializeOwned>(body: Value) -> Result<T, String> {
    serde_json::from_value(body).map_err(|error| error.to_string())
}
