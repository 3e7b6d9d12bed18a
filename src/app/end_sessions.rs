//! Ending sessions where they are kept, after the directory has made them worthless:
//! so that their clients are told. What is interrupted, the schedule takes up.
use super::App;
use crate::account::end_sessions::EndSessions;
use crate::account::organization_leave::LeaveOrganization;
use crate::account::oversee::EndEverySession;
use crate::event::message::Envelope;
use crate::kernel::id::RealmId;
use crate::kernel::route::ObjectName;
use crate::org::project::MembershipEnded;
use crate::platform::object::ask;
use crate::platform::row::StoreError;
use crate::realm::store::session_ending::{self, SessionEnding};
use futures::StreamExt;
use futures::stream;

/// Accounts that are asked in one go: one page of the directory, and a tenth of the
/// subrequests that the platform allows.
const ACCOUNTS: i64 = 100;

/// Accounts that are asked at the same time; the platform opens six connections.
const AT_ONCE: usize = 6;

/// Ends what is to be ended in the realm, a hundred accounts at a time; the queue brings
/// the rest.
///
/// # Errors
/// When an account, the directory or the queue fails; who asks, asks again.
pub async fn end(app: &App, asked: &EndSessions) -> Result<(), StoreError> {
    if end_some(app, Some(&asked.realm)).await? {
        let sealed = Envelope::seal(asked).and_then(|sealed| serde_json::to_string(&sealed));
        let text = sealed.map_err(|error| StoreError::Refused(error.to_string()))?;
        app.ports.queue.send(vec![text]).await?;
    }
    Ok(())
}

/// Takes up what was interrupted.
pub async fn resume(app: &App) {
    if let Err(error) = end_some(app, None).await {
        tracing::error!("Sessions were not ended: {error}");
    }
}

/// Answers whether there may be more.
async fn end_some(app: &App, realm: Option<&RealmId>) -> Result<bool, StoreError> {
    let directory = &*app.ports.directory;
    let endings = session_ending::list(directory, realm, ACCOUNTS).await?;
    let answers: Vec<Result<(), StoreError>> =
        stream::iter(endings.iter().map(|ending| end_one(app, ending)))
            .buffer_unordered(AT_ONCE)
            .collect()
            .await;
    answers.into_iter().collect::<Result<(), StoreError>>()?;
    Ok(i64::try_from(endings.len()).is_ok_and(|ended| ended == ACCOUNTS))
}

async fn end_one(app: &App, ending: &SessionEnding) -> Result<(), StoreError> {
    let account = ObjectName::Account(ending.realm.clone(), ending.user.clone());
    let question = EndEverySession { began_by: Some(ending.began_by) };
    ask(&*app.ports.objects, &account, &question).await?;
    app.ports.faults.reach("session_ending.after_account").await;
    app.ports.directory.run(session_ending::deletion(ending)).await?;
    Ok(())
}

/// Lets the account of a person who left an organization know.
///
/// # Errors
/// When the account does not answer; who asks, asks again.
pub async fn leave(app: &App, ended: MembershipEnded) -> Result<(), StoreError> {
    let account = ObjectName::Account(ended.realm, ended.user);
    let question = LeaveOrganization { org: ended.org, left_at: ended.at };
    ask(&*app.ports.objects, &account, &question).await
}
