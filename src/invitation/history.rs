//! What happened to an invitation, and who did it.
use super::state::{Invitation, Stage};
use super::store;
use crate::kernel::id::{InvitationId, UserId};
use crate::kernel::time::Timestamp;
use crate::platform::row::StoreError;
use crate::platform::sql::Sql;
use serde::{Deserialize, Serialize};

/// Something that happens to an invitation.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Status {
    /// It was made.
    Created,
    /// The post took its mail.
    Mailed,
    /// It is mailed again, with a new ticket and more time.
    Resent,
    /// The person joined.
    Accepted,
    /// The person did not want to.
    Rejected,
    /// The organization took it back.
    Revoked,
    /// It was not accepted in time.
    Expired,
}

impl Status {
    /// As the database spells it.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Created => "created",
            Self::Mailed => "mailed",
            Self::Resent => "resent",
            Self::Accepted => "accepted",
            Self::Rejected => "rejected",
            Self::Revoked => "revoked",
            Self::Expired => "expired",
        }
    }
}

impl std::str::FromStr for Status {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        use Status::{Accepted, Created, Expired, Mailed, Rejected, Resent, Revoked};
        [Created, Mailed, Resent, Accepted, Rejected, Revoked, Expired]
            .into_iter()
            .find(|status| status.as_str() == text)
            .ok_or(())
    }
}

/// One entry of the history.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Entry {
    /// When.
    pub at: Timestamp,
    /// What.
    pub status: Status,
    /// Who; `None` when nobody did.
    pub user: Option<UserId>,
}

/// The history of `invitation` as of `now`, oldest first. That an open one has
/// expired is written down by nobody: it follows.
///
/// # Errors
/// `Refused` when SQLite fails.
pub fn list(
    sql: &dyn Sql,
    invitation: &Invitation,
    now: Timestamp,
) -> Result<Vec<Entry>, StoreError> {
    let mut entries = store::list_history(sql, &invitation.id)?;
    if let Stage::Open { expires_at } = invitation.stage
        && now >= expires_at
    {
        entries.push(Entry { at: expires_at, status: Status::Expired, user: None });
    }
    Ok(entries)
}

/// Writes down what happens to an invitation: call it in the transaction of the
/// change.
///
/// # Errors
/// `Refused` when SQLite fails.
pub fn note(sql: &dyn Sql, id: &InvitationId, entry: &Entry) -> Result<(), StoreError> {
    store::insert_history(sql, id, entry)
}
