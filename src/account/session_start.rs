//! Starting a session without a password: the person has just proved who they
//! are in another way, such as by an invitation's ticket.
use super::session::NewSession;
use super::session_rule::SessionRule;
use super::stage::Stage;
use super::store;
use crate::kernel::time::{Seconds, Timestamp};
use crate::platform::object::Call;
use crate::platform::random::Random;
use crate::platform::row::StoreError;
use crate::platform::sql::Sql;
use serde::{Deserialize, Serialize};

/// "Start a session." Answers `None` when there is no account.
#[derive(Debug, Serialize, Deserialize)]
pub struct StartSession {
    /// How long it lasts, used or not.
    pub life: Seconds,
    /// The realm's rule.
    #[serde(flatten)]
    pub rule: SessionRule,
    /// Where the person is, if that is known.
    #[serde(default)]
    pub ip: Option<String>,
}

impl Call for StartSession {
    const NAME: &'static str = "account.session.start";
    type Answer = Option<NewSession>;

    fn of_blank() -> Option<Option<NewSession>> {
        Some(None)
    }
}

/// Starts a session of the account.
///
/// # Errors
/// `Refused` when SQLite fails.
pub fn start(
    sql: &dyn Sql,
    asked: &StartSession,
    random: &dyn Random,
    now: Timestamp,
) -> Result<Option<NewSession>, StoreError> {
    let account = store::account::find(sql)?.filter(|account| account.stage == Stage::Active);
    let Some(account) = account else { return Ok(None) };
    let begin = asked.rule.begins(now);
    let session = NewSession::fresh(&account.user, random, asked.life, begin);
    store::session::insert(sql, &session, asked.ip.as_deref())?;
    Ok(Some(session))
}
