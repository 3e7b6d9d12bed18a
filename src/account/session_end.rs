//! Ending a session, and everything that was granted in it.
use super::store;
use crate::kernel::id::SessionId;
use crate::kernel::time::Timestamp;
use crate::platform::object::Call;
use crate::platform::row::StoreError;
use crate::platform::sql::{Sql, in_transaction};
use serde::{Deserialize, Serialize};

/// Most clients that are named, the first by name: nobody uses so many apps in a
/// day. All are told.
pub const MAX_ENDED_CLIENTS: i64 = 100;

/// "End this session." Twice is once; an unknown session has ended.
#[derive(Debug, Serialize, Deserialize)]
pub struct EndSession {
    /// Which.
    pub session: SessionId,
}

impl Call for EndSession {
    const NAME: &'static str = "account.session.end";
    type Answer = Option<Ended>;

    fn of_blank() -> Option<Option<Ended>> {
        Some(None)
    }
}

/// A session that was ended by this call.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ended {
    /// The `client_id`s of those to whom something was granted in it.
    pub clients: Vec<String>,
}

/// Ends the session and the refresh families that grew in it; its clients are
/// told. `None` when it had ended.
///
/// # Errors
/// `Refused` when SQLite fails.
pub fn end(sql: &dyn Sql, asked: &EndSession, now: Timestamp) -> Result<Option<Ended>, StoreError> {
    in_transaction(sql, || {
        let is_first = store::session::mark_ended(sql, &asked.session, now)?;
        store::family::mark_all_ended(sql, &asked.session, now)?;
        if !is_first {
            return Ok(None);
        }
        store::farewell::insert(sql, &asked.session, now)?;
        let clients = store::session::list_clients(sql, &asked.session, MAX_ENDED_CLIENTS)?;
        Ok(Some(Ended { clients }))
    })
}
