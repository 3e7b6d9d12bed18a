//! A SCIM user: an organization's own view of a person.
use super::document::Document;
use crate::kernel::id::{ScimId, UserId};
use crate::kernel::time::Timestamp;

/// How far a push has come, and whether it reached a member.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stage {
    /// An intent: the person is still being found or made. No answer shows it.
    Provisioning,
    /// The person is, or was made, a member.
    Linked,
    /// The person exists apart from this organization and was not asked. The
    /// directory sees a resource like any other; there is no membership.
    AwaitingConsent,
}

impl Stage {
    /// As the database spells it.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Provisioning => "provisioning",
            Self::Linked => "linked",
            Self::AwaitingConsent => "awaiting_consent",
        }
    }
}

impl std::str::FromStr for Stage {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        [Self::Provisioning, Self::Linked, Self::AwaitingConsent]
            .into_iter()
            .find(|stage| stage.as_str() == text)
            .ok_or(())
    }
}

/// A resource of the type `User`.
#[derive(Clone, Debug, PartialEq)]
pub struct ScimUser {
    /// The resource's id. Not the person's: two organizations have two views.
    pub id: ScimId,
    /// The person; chosen with the intent, replaced when another is found.
    pub user: UserId,
    /// How far the push has come.
    pub stage: Stage,
    /// Whether the membership gives access: as the directory last said, for it may
    /// also stop saying so.
    pub active: bool,
    /// What the directory says about the person.
    pub document: Document,
    /// Grows with every change; the `ETag`.
    pub version: i64,
    /// When it was first pushed.
    pub created_at: Timestamp,
    /// When it last changed.
    pub updated_at: Timestamp,
}

impl ScimUser {
    /// Whether the membership gives access.
    #[must_use]
    pub const fn is_active(&self) -> bool {
        self.active
    }

    /// `userName` as it is compared.
    #[must_use]
    pub fn folded_name(&self) -> String {
        self.document.user_name().to_lowercase()
    }
}
