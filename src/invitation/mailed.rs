//! Hearing that the mail left.
use super::history::{Entry, Status, note};
use super::store;
use crate::kernel::id::InvitationId;
use crate::kernel::time::Timestamp;
use crate::platform::object::Call;
use crate::platform::row::StoreError;
use crate::platform::sql::Sql;
use serde::{Deserialize, Serialize};

/// "The post took the mail of this invitation."
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct NoteMailed {
    /// The invitation.
    pub invitation: InvitationId,
}

impl Call for NoteMailed {
    const NAME: &'static str = "invitation.mailed";
    type Answer = ();

    fn of_blank() -> Option<Self::Answer> {
        Some(())
    }
}

/// Answers [`NoteMailed`].
///
/// # Errors
/// `Refused` when SQLite fails.
pub fn answer(sql: &dyn Sql, asked: &NoteMailed, now: Timestamp) -> Result<(), StoreError> {
    if store::find(sql, &asked.invitation)?.is_none() {
        return Ok(());
    }
    note(sql, &asked.invitation, &Entry { at: now, status: Status::Mailed, user: None })
}
