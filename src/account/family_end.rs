//! Ending a refresh family.
use super::store;
use crate::kernel::id::FamilyId;
use crate::kernel::time::Timestamp;
use crate::platform::object::Call;
use crate::platform::row::StoreError;
use crate::platform::sql::Sql;
use serde::{Deserialize, Serialize};

/// "End this chain." Twice is once; an unknown chain has ended.
#[derive(Debug, Serialize, Deserialize)]
pub struct EndFamily {
    /// Which.
    pub family: FamilyId,
}

impl Call for EndFamily {
    const NAME: &'static str = "account.family.end";
    type Answer = ();

    fn of_blank() -> Option<()> {
        Some(())
    }
}

/// Ends the chain.
///
/// # Errors
/// `Refused` when SQLite fails.
pub fn end(sql: &dyn Sql, asked: &EndFamily, now: Timestamp) -> Result<(), StoreError> {
    store::family::mark_ended(sql, &asked.family, now)
}
