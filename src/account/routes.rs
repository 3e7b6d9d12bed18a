//! The router inside an account's object: which typed call runs which verb.
use super::alarm::PRUNE_EVERY;
use super::announce;
use super::code_issue::IssueCode;
use super::code_redeem::RedeemCode;
use super::confirm::Confirm;
use super::consent_give::{FindConsents, GiveConsent, RevokeConsent};
use super::create::Create;
use super::credential::{
    DescribePassword, IsTicketUsed, LabelPassword, RemovePassword, SetPassword,
};
use super::device_guess::TypeUserCode;
use super::dissolve::{DissolveAccount, dissolve};
use super::erase::Erase;
use super::family_end::EndFamily;
use super::family_exchange::{EndExchanged, ExchangeFamily};
use super::family_judge::JudgeFamily;
use super::family_revoke::RevokeFamily;
use super::family_rotate::RotateFamily;
use super::family_start::StartFamily;
use super::farewell;
use super::login::{Login, LoginAnswer, fresh_salt};
use super::offline::{EndOffline, HasOffline, ListOffline};
use super::organization_leave::LeaveOrganization;
use super::oversee::{EndEverySession, ForgetFailures, ListSessions, ReadFailures};
use super::password_awaits::AwaitsPassword;
use super::password_set_first::SetFirstPassword;
use super::session_check::CheckSession;
use super::session_end::EndSession;
use super::session_find::FindSession;
use super::session_organization::{FindOrganization, IsActive, SwitchOrganization};
use super::session_start::StartSession;
use super::token_check::{CheckFamily, CheckToken};
use super::{
    code_issue, code_redeem, confirm, consent_give, create, credential, device_guess, erase,
    family_end, family_exchange, family_judge, family_revoke, family_rotate, family_start, login,
    offline, organization_leave, oversee, password_awaits, password_set_first, session_check,
    session_end, session_find, session_organization, session_start, token_check,
};
use crate::crypto::password;
use crate::kernel::time::Timestamp;
use crate::platform::ObjectPorts;
use crate::platform::object::Call;
use crate::platform::row::StoreError;
use crate::web::Response;
use crate::web::answer;
use http::StatusCode;
use serde::Serialize;

/// Why a call has no answer. Our own mistake, or the machine's.
#[derive(Debug, thiserror::Error)]
enum CallError {
    #[error("no such call")]
    Unknown,
    #[error("the question is not readable: {0}")]
    Question(serde_json::Error),
    #[error("the answer is not writable: {0}")]
    Answer(serde_json::Error),
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl CallError {
    const fn status(&self) -> StatusCode {
        match self {
            Self::Unknown => StatusCode::NOT_FOUND,
            Self::Question(_) => StatusCode::BAD_REQUEST,
            Self::Answer(_) | Self::Store(_) => StatusCode::INTERNAL_SERVER_ERROR,
        }
    }
}

/// Answers for an object that stores nothing: 404, from which the caller
/// concludes what there is to conclude. A login still costs a hash, so that its
/// time does not tell whether there is an account.
#[must_use]
pub fn answer_blank(name: &str, body: &[u8]) -> Response {
    if name == Login::NAME
        && let Ok(asked) = read::<Login>(body)
    {
        password::verify_nothing(&asked.password);
    }
    answer::empty(StatusCode::NOT_FOUND)
}

/// Answers the call `name` with the question `body`, as
/// [`crate::platform::object::ask`] sends it.
pub async fn answer(object: &ObjectPorts<'_>, name: &str, body: &[u8]) -> Response {
    match dispatch(object, name, body).await {
        Ok(json) => answer::with_body(StatusCode::OK, "application/json", json),
        Err(error) => {
            tracing::error!(call.name = name, "A call to an account failed: {error}");
            answer::empty(error.status())
        }
    }
}

/// The whole table. `create`, `erase` and `confirm` meet the account as it is; whatever
/// else is asked, a pending account first finds out whether it exists, and what
/// there is to tell of its sessions is told soon after.
async fn dispatch(object: &ObjectPorts<'_>, name: &str, body: &[u8]) -> Result<Vec<u8>, CallError> {
    let (sql, random, now) = (object.sql, &*object.ports.random, object.ports.clock.now());
    match name {
        Create::NAME => {
            return write(&create::create(sql, &read(body)?, fresh_salt(random), now)?);
        }
        Erase::NAME => {
            let Erase {} = read(body)?;
            return write(&erase::erase(object, now).await?);
        }
        Confirm::NAME => {
            let Confirm {} = read(body)?;
            return write(&confirm::confirm(sql)?);
        }
        DissolveAccount::NAME => {
            let DissolveAccount {} = read(body)?;
            return write(&dissolve(object).await?);
        }
        _ => confirm::settle(object).await?,
    };
    let answer = answer_settled(object, name, body).await?;
    object.ports.faults.reach("account.sessions.before_alarm").await;
    // What was done is done: should this fail, the next call or alarm tells it.
    if let Err(error) = announce::wake(object, now).await {
        tracing::warn!(call.name = name, "The index of sessions is told later: {error}");
    }
    if let Err(error) = farewell::wake(object, now).await {
        tracing::warn!(call.name = name, "Clients are told later of an end: {error}");
    }
    Ok(answer)
}

/// What an account answers that is known to exist.
async fn answer_settled(
    object: &ObjectPorts<'_>,
    name: &str,
    body: &[u8],
) -> Result<Vec<u8>, CallError> {
    let (sql, random, now) = (object.sql, &*object.ports.random, object.ports.clock.now());
    match name {
        Login::NAME => write(&login(object, &read(body)?, now).await?),
        AwaitsPassword::NAME => {
            let AwaitsPassword {} = read(body)?;
            write(&password_awaits::awaits(sql)?)
        }
        SetFirstPassword::NAME => {
            write(&password_set_first::set_first(sql, &read(body)?, fresh_salt(random), now)?)
        }
        StartSession::NAME => {
            object.alarm.wake_at(now + PRUNE_EVERY).await?;
            write(&session_start::start(sql, &read(body)?, random, now)?)
        }
        FindSession::NAME => write(&session_find::find(sql, &read(body)?, now)?),
        CheckSession::NAME => write(&session_check::check(sql, &read(body)?, now)?),
        SwitchOrganization::NAME => write(&session_organization::switch(sql, &read(body)?, now)?),
        FindOrganization::NAME => write(&session_organization::find(sql, &read(body)?, now)?),
        IsActive::NAME => write(&session_organization::is_active(sql, &read(body)?, now)?),
        EndSession::NAME => write(&session_end::end(sql, &read(body)?, now)?),
        LeaveOrganization::NAME => write(&organization_leave::leave(sql, &read(body)?, now)?),
        IssueCode::NAME => write(&code_issue::issue(sql, &read(body)?, now)?),
        RedeemCode::NAME => write(&code_redeem::redeem(sql, &read(body)?, now)?),
        TypeUserCode::NAME => {
            let TypeUserCode {} = read(body)?;
            write(&device_guess::count(sql, now)?)
        }
        StartFamily::NAME => write(&family_start::start(sql, read(body)?, now)?),
        JudgeFamily::NAME => write(&family_judge::judge(sql, &read(body)?, now)?),
        ExchangeFamily::NAME => write(&family_exchange::exchange(sql, read(body)?, now)?),
        EndExchanged::NAME => {
            family_exchange::end(sql, &read(body)?, now)?;
            write(&())
        }
        RotateFamily::NAME => write(&family_rotate::rotate(sql, &read(body)?, now)?),
        GiveConsent::NAME => {
            consent_give::give(sql, &read(body)?, now)?;
            write(&())
        }
        FindConsents::NAME => write(&consent_give::find(sql, &read(body)?)?),
        EndFamily::NAME => {
            family_end::end(sql, &read(body)?, now)?;
            write(&())
        }
        RevokeFamily::NAME => {
            family_revoke::revoke(sql, &read(body)?, now)?;
            write(&())
        }
        CheckToken::NAME => write(&token_check::check(sql, &read(body)?, now)?),
        CheckFamily::NAME => write(&token_check::check_family(sql, &read(body)?, now)?),
        _ => oversee(object, name, body, now).await,
    }
}

/// What administrators ask.
async fn oversee(
    object: &ObjectPorts<'_>,
    name: &str,
    body: &[u8],
    now: Timestamp,
) -> Result<Vec<u8>, CallError> {
    let sql = object.sql;
    match name {
        SetPassword::NAME => {
            object.alarm.wake_at(now + PRUNE_EVERY).await?;
            let salt = fresh_salt(&*object.ports.random);
            write(&credential::set(sql, &read(body)?, salt, now)?)
        }
        DescribePassword::NAME => {
            let DescribePassword {} = read(body)?;
            write(&credential::describe(sql)?)
        }
        IsTicketUsed::NAME => write(&credential::is_used(sql, &read(body)?)?),
        LabelPassword::NAME => write(&credential::label(sql, &read(body)?)?),
        RemovePassword::NAME => write(&credential::remove(sql, &read(body)?)?),
        EndOffline::NAME => {
            offline::end(sql, &read(body)?, now)?;
            write(&())
        }
        HasOffline::NAME => write(&offline::has_offline(sql, &read(body)?, now)?),
        ListOffline::NAME => write(&offline::list_offline(sql, &read(body)?, now)?),
        ListSessions::NAME => write(&oversee::list(sql, &read(body)?, now)?),
        EndEverySession::NAME => write(&oversee::end_every(sql, &read(body)?, now)?),
        RevokeConsent::NAME => write(&consent_give::revoke(sql, &read(body)?, now)?),
        ReadFailures::NAME => write(&oversee::failures(sql, &read(body)?, now)?),
        ForgetFailures::NAME => {
            let ForgetFailures {} = read(body)?;
            write(&oversee::forget_failures(sql)?)
        }
        _ => Err(CallError::Unknown),
    }
}

/// Only a login that succeeds leaves something to prune.
async fn login(
    object: &ObjectPorts<'_>,
    asked: &Login,
    now: Timestamp,
) -> Result<LoginAnswer, StoreError> {
    let answer = login::login(object.sql, asked, &*object.ports.random, now)?;
    if let LoginAnswer::LoggedIn(_) = &answer {
        object.alarm.wake_at(now + PRUNE_EVERY).await?;
    }
    Ok(answer)
}

fn read<C: Call>(body: &[u8]) -> Result<C, CallError> {
    serde_json::from_slice(body).map_err(CallError::Question)
}

fn write(answer: &impl Serialize) -> Result<Vec<u8>, CallError> {
    serde_json::to_vec(answer).map_err(CallError::Answer)
}
