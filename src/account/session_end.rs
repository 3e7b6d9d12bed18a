//! Ending a session, and everything that was granted in it.
use super::store;
use crate::kernel::id::SessionId;
use crate::kernel::time::Timestamp;
use crate::platform::object::Call;
use crate::platform::row::StoreError;
use crate::platform::sql::{Sql, in_transaction};
use serde::{Deserialize, Serialize};

/// "End this session." Twice is once; an unknown session has ended.
#[derive(Debug, Serialize, Deserialize)]
pub struct EndSession {
    /// Which.
    pub session: SessionId,
}

impl Call for EndSession {
    const NAME: &'static str = "account.session.end";
    type Answer = ();

    fn of_blank() -> Option<()> {
        Some(())
    }
}

/// Ends the session and the refresh families that grew in it.
///
/// # Errors
/// `Refused` when SQLite fails.
pub fn end(sql: &dyn Sql, asked: &EndSession, now: Timestamp) -> Result<(), StoreError> {
    in_transaction(sql, || {
        store::session::mark_ended(sql, &asked.session, now)?;
        store::family::mark_all_ended(sql, &asked.session, now)
    })
}
