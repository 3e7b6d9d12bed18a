//! Why a request to administer a realm was refused, in our own words.
use super::kept::BadField;
use super::page::{BadPage, TooMany};
use super::profile_fault::ProfileFault;
use crate::platform::row::StoreError;
use crate::web::answer::BadBody;
use serde_json::Value;

/// A refusal. [`super::routes`] decides what the caller is told.
#[derive(Debug, thiserror::Error)]
pub enum AdminError {
    /// The caller does not hold the roles that this needs.
    #[error("the caller lacks an administration role")]
    Forbidden,
    /// There is no such thing; in Keycloak's words for it, such as
    /// `User not found`.
    #[error("{0}")]
    Unknown(&'static str),
    /// The same, where Keycloak tells it as `errorMessage`, not as `error`.
    #[error("{0}")]
    Missing(&'static str),
    /// The body is not what the endpoint takes.
    #[error(transparent)]
    Body(#[from] BadBody),
    /// The page is none.
    #[error(transparent)]
    Page(#[from] BadPage),
    /// The answer would be cut.
    #[error(transparent)]
    TooMany(#[from] TooMany),
    /// A part of the request cannot be.
    #[error("{0}")]
    Invalid(String),
    /// The same, where Keycloak tells it as `error`, not as `errorMessage`.
    #[error("{0}")]
    Told(String),
    /// A field of a user breaks a rule of the profile.
    #[error("{field}: {rule}")]
    Field {
        /// Which.
        field: &'static str,
        /// The rule's name in Keycloak, such as `error-invalid-email`.
        rule: &'static str,
        /// What the rule's message is about, after the field.
        params: Vec<Value>,
    },
    /// A part of the request breaks a rule that has a name in Keycloak.
    #[error("{description}")]
    Rejected {
        /// The name, such as `invalidPasswordMinLengthMessage`.
        error: &'static str,
        /// What it says to people.
        description: String,
    },
    /// A user does not fit the realm's profile.
    #[error("the user does not fit the realm's profile")]
    Profile(Vec<ProfileFault>),
    /// What is asked for collides with what is there; in Keycloak's words, such
    /// as `User exists with same username`.
    #[error("{0}")]
    Conflict(String),
    /// The same, where Keycloak lets its database say it.
    #[error("Duplicate resource error")]
    Duplicate,
    /// A database failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl From<BadField> for AdminError {
    fn from(error: BadField) -> Self {
        match error {
            BadField::Unknown(_) => Self::Body(BadBody::Unrecognized(error.to_string())),
            BadField::Type(_) | BadField::TooLong => Self::Invalid(error.to_string()),
        }
    }
}
