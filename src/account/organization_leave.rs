//! Ending what was granted for an organization that the person has left.
use super::store;
use crate::kernel::id::OrgId;
use crate::kernel::time::Timestamp;
use crate::platform::object::Call;
use crate::platform::row::StoreError;
use crate::platform::sql::{Sql, in_transaction};
use serde::{Deserialize, Serialize};

/// "The person has left that organization." Twice is once.
#[derive(Debug, Serialize, Deserialize)]
pub struct LeaveOrganization {
    /// The organization.
    pub org: OrgId,
    /// When: what was granted later was granted to somebody who is back.
    pub left_at: Timestamp,
}

impl Call for LeaveOrganization {
    const NAME: &'static str = "account.organization.leave";
    type Answer = ();

    fn of_blank() -> Option<()> {
        Some(())
    }
}

/// Takes the organization out of every permission. A chain of refresh tokens that
/// was for nothing else ends; so is, for a client, the session in which it got
/// tokens for nothing else, and it is told. The session itself goes on: the person
/// may use it for other organizations.
///
/// # Errors
/// `Refused` when SQLite fails.
pub fn leave(sql: &dyn Sql, asked: &LeaveOrganization, now: Timestamp) -> Result<(), StoreError> {
    in_transaction(sql, || {
        store::family::leave(sql, &asked.org, asked.left_at, now)?;
        for (session, client) in store::session::leave(sql, &asked.org, asked.left_at, now)? {
            store::farewell::insert_one(sql, &session, &client, now)?;
        }
        Ok(())
    })
}
