//! Members: who belongs to the organization.
use super::store;
use crate::kernel::id::UserId;
use crate::kernel::time::Timestamp;
use crate::platform::row::StoreError;
use crate::platform::sql::Sql;
use crate::realm::page::Page;

/// How somebody became a member.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Source {
    /// An administrator added them.
    Admin,
    /// They accepted an invitation.
    Invitation,
    /// The organization's directory pushed them.
    Scim,
}

impl Source {
    /// As the database spells it.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Admin => "admin",
            Self::Invitation => "invitation",
            Self::Scim => "scim",
        }
    }
}

/// A membership.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Member {
    /// The person.
    pub user: UserId,
    /// Whether the membership gives access; SCIM can suspend it.
    pub active: bool,
    /// Since when.
    pub joined_at: Timestamp,
}

/// The membership of `user`, suspended or not.
///
/// # Errors
/// `Refused` when SQLite fails.
pub fn find(sql: &dyn Sql, user: &UserId) -> Result<Option<Member>, StoreError> {
    store::member::find(sql, user)
}

/// A page of the members, oldest membership first.
///
/// # Errors
/// `Refused` when SQLite fails.
pub fn list(sql: &dyn Sql, page: Page) -> Result<Vec<Member>, StoreError> {
    store::member::list(sql, page)
}

/// How many members there are.
///
/// # Errors
/// `Refused` when SQLite fails.
pub fn count(sql: &dyn Sql) -> Result<i64, StoreError> {
    store::member::count(sql)
}

/// Suspends or restores a membership; `false` when there is none or it already
/// is so. A suspended member gets no claim and no permission at once, but stays
/// on the list.
///
/// # Errors
/// `Refused` when SQLite fails.
pub fn set_active(sql: &dyn Sql, user: &UserId, active: bool) -> Result<bool, StoreError> {
    let changed = store::member::mark_active(sql, user, active)?;
    if changed {
        super::project::membership(sql, user, active)?;
    }
    Ok(changed)
}
