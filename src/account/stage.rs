//! The account itself: whose it is, and whether the directory knows it yet.
use crate::kernel::id::{RealmId, UserId};
use crate::kernel::time::{Seconds, Timestamp};

/// How long a new account may wait for its user to appear in the directory
/// before it deletes itself. D1 gives up on a query after 30 seconds; this is
/// twice that.
pub const CONFIRM_AFTER: Seconds = Seconds(60);

/// One person's account in one realm.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Account {
    /// The realm.
    pub realm: RealmId,
    /// The person.
    pub user: UserId,
    /// Where it is in its life.
    pub stage: Stage,
    /// When it was made, or made again.
    pub created_at: Timestamp,
}

/// Where an account is in its life.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stage {
    /// Made, but the directory is not known to have the user: whoever makes the
    /// user may still be at it, or may have died.
    Pending,
    /// The directory has the user.
    Active,
}

impl Stage {
    /// The stage as the database keeps it.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::Active => "active",
        }
    }
}

/// Text that is not a stage.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
#[error("not a stage of an account")]
pub struct UnknownStage;

impl std::str::FromStr for Stage {
    type Err = UnknownStage;

    fn from_str(text: &str) -> Result<Self, UnknownStage> {
        [Self::Pending, Self::Active]
            .into_iter()
            .find(|stage| stage.as_str() == text)
            .ok_or(UnknownStage)
    }
}
