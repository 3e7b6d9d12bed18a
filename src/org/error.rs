//! Why a request to an organization was refused, in our own words.
use super::role::RoleName;
use crate::kernel::id::UserId;
use crate::platform::row::StoreError;
use crate::realm::page::{BadPage, TooMany};
use crate::realm::search::BadQuery;
use crate::web::answer::BadBody;

/// A refusal. [`super::routes`] decides what the caller is told.
#[derive(Debug, thiserror::Error)]
pub enum OrgError {
    /// The caller lacks a permission. Phase Two answers 401, not 403.
    #[error("the caller lacks a permission")]
    Denied,
    /// The caller may do such things, but not this one.
    #[error("nobody may do this")]
    Forbidden,
    /// There is no such thing in this organization.
    #[error("there is no such {0}")]
    Unknown(&'static str),
    /// The body is not what the endpoint takes.
    #[error(transparent)]
    Body(#[from] BadBody),
    /// The page is none.
    #[error(transparent)]
    Page(#[from] BadPage),
    /// The attribute query is none.
    #[error(transparent)]
    Query(#[from] BadQuery),
    /// The answer would be cut.
    #[error(transparent)]
    TooMany(#[from] TooMany),
    /// A field of the body cannot be.
    #[error("{0}")]
    Field(String),
    /// The name, id or alias of a new organization is taken.
    #[error("an organization with this {0} exists")]
    Taken(&'static str),
    /// There is no such user.
    #[error("User with id {0} not found")]
    NoUser(String),
    /// What is asked for collides with what is there.
    #[error("{0}")]
    Conflict(&'static str),
    /// There is one of this name already.
    #[error("there is one of this name already")]
    Duplicate,
    /// A role that every organization has.
    #[error("Default organization role {0} cannot be deleted.")]
    BuiltIn(RoleName),
    /// A role that a user does not hold; Phase Two's words.
    #[error("User {user} doesn't have role {role}")]
    NotHeld {
        /// Who.
        user: UserId,
        /// Its name.
        role: RoleName,
    },
    /// A role that the organization does not have.
    #[error("the organization has no role {0}")]
    UnknownRole(RoleName),
    /// A database failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}
