//! Starting a refresh family in a session, for a grant that has no code.
use super::announce;
use super::family::{Family, NewFamily};
use super::grant::Granted;
use super::session_rule::SessionRule;
use super::store;
use crate::kernel::id::SessionId;
use crate::kernel::time::Timestamp;
use crate::platform::object::Call;
use crate::platform::row::StoreError;
use crate::platform::sql::{Sql, in_transaction};
use serde::{Deserialize, Serialize};

/// "Start this chain in that session." Answers whether the session still lives.
#[derive(Debug, Serialize, Deserialize)]
pub struct StartFamily {
    /// The session.
    pub session: SessionId,
    /// The realm's rule.
    #[serde(flatten)]
    pub rule: SessionRule,
    /// The chain.
    pub family: NewFamily,
    /// What was granted.
    pub granted: Granted,
}

impl Call for StartFamily {
    const NAME: &'static str = "account.family.start";
    type Answer = bool;

    fn of_blank() -> Option<bool> {
        Some(false)
    }
}

/// Starts the chain, if its session lives.
///
/// # Errors
/// `Refused` when SQLite fails, `Conflict` when the chain is not a fresh one.
pub fn start(sql: &dyn Sql, asked: StartFamily, now: Timestamp) -> Result<bool, StoreError> {
    let session = store::session::find(sql, &asked.session)?;
    let Some(session) = session.filter(|session| session.is_live(asked.rule, now)) else {
        return Ok(false);
    };
    let family = Family::sprouting(&asked.family, &session, asked.granted, now);
    in_transaction(sql, || {
        store::family::insert(sql, &family)?;
        announce::granted(sql, &session, &family.granted, asked.rule, now)?;
        Ok(true)
    })
}
