//! Asking whether the session that a token names still lives.
use super::session_rule::SessionRule;
use super::store;
use crate::kernel::id::SessionId;
use crate::kernel::time::Timestamp;
use crate::platform::object::Call;
use crate::platform::row::StoreError;
use crate::platform::sql::Sql;
use serde::{Deserialize, Serialize};

/// "Does this session live?" Asked for the holder of a token that names it, so
/// no secret is needed; it does not count as use.
#[derive(Debug, Serialize, Deserialize)]
pub struct CheckSession {
    /// The `sid` of the token.
    pub session: SessionId,
    /// The realm's rule.
    #[serde(flatten)]
    pub rule: SessionRule,
}

impl Call for CheckSession {
    const NAME: &'static str = "account.session.check";
    type Answer = bool;

    fn of_blank() -> Option<bool> {
        Some(false)
    }
}

/// Whether the session lives.
///
/// # Errors
/// `Refused` when SQLite fails.
pub fn check(sql: &dyn Sql, asked: &CheckSession, now: Timestamp) -> Result<bool, StoreError> {
    let session = store::session::find(sql, &asked.session)?;
    Ok(session.is_some_and(|session| session.is_live(asked.rule, now)))
}
