//! A SCIM group: the organization's own group, as its directory sees it (RFC 7643
//! §4.2).
//!
//! Its members are people who have a SCIM resource, and the groups directly below
//! it. Members of the organization whom the directory does not know are not among
//! them, and nothing that the directory says moves them.
use crate::kernel::id::{GroupId, ScimId};
use crate::kernel::time::Timestamp;

/// Most members that one request may name.
pub const MAX_NAMED_MEMBERS: usize = 20_000;

/// Most members that one answer tells, of all its groups together. Who wants a list
/// of more leaves them out (`excludedAttributes=members`), or asks for shorter pages.
pub const MAX_TOLD_MEMBERS: i64 = 100_000;

/// A resource of the type `Group`, without its members.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ScimGroup {
    /// The resource's id: the group's.
    pub id: GroupId,
    /// `displayName`: the group's name.
    pub name: String,
    /// The directory's own key for it.
    pub external_id: Option<String>,
    /// Grows with every change, whoever makes it; the `ETag`.
    pub version: i64,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it, or who is in it, last changed.
    pub updated_at: Timestamp,
}

/// What a member of a group is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MemberKind {
    /// A user.
    User,
    /// A group directly below.
    Group,
}

impl MemberKind {
    /// As `type` says it.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::User => "User",
            Self::Group => "Group",
        }
    }
}

impl std::str::FromStr for MemberKind {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        [Self::User, Self::Group].into_iter().find(|kind| kind.as_str() == text).ok_or(())
    }
}

/// A member of a group.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Member {
    /// The id of its resource.
    pub value: String,
    /// What it is.
    pub kind: MemberKind,
    /// What it is called, where that was asked for.
    pub display: Option<String>,
}

/// What an answer tells of the members of groups.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Telling {
    /// Nothing: they are not even read.
    Nothing,
    /// Who they are.
    Members,
    /// Who they are and what they are called.
    Names,
}

/// A group that a user is in (RFC 7643 §4.1.2, `groups`).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UserGroup {
    /// The user.
    pub user: ScimId,
    /// The group.
    pub group: GroupId,
    /// What it is called.
    pub display: String,
    /// Whether they are in it themselves, not only in one below it.
    pub direct: bool,
}
