//! Why a SCIM request is refused, in our words.
use crate::platform::row::StoreError;

/// Why the service provider does not do what a client asked. Texts name what the
/// client sent, never what other organizations have.
#[derive(Debug, thiserror::Error)]
pub enum Refusal {
    /// SCIM is off here; only the holder of the credential is told.
    #[error("the SCIM service is switched off here")]
    Off,
    /// No credential, or not this organization's, or no such organization.
    #[error("the credential is not valid for this organization")]
    Credential,
    /// No such resource in this organization.
    #[error("there is no such resource in this organization")]
    Unknown,
    /// Another content type than JSON.
    #[error("the content type must be application/scim+json or application/json")]
    MediaType,
    /// A body that is not JSON or not of the expected shape.
    #[error("the body is not usable: {0}")]
    Syntax(String),
    /// A filter outside what this server understands.
    #[error("the filter is not usable: {0}")]
    Filter(String),
    /// A cursor that we did not give for this list (RFC 9865 §2.1).
    #[error("the cursor is not one of this list")]
    Cursor,
    /// A number of resources that is none (RFC 9865 §2.1).
    #[error("count is not a number of resources")]
    Count,
    /// A filter where RFC 7644 §4 wants none.
    #[error("this endpoint cannot be filtered")]
    Unfilterable,
    /// A PATCH path that names nothing.
    #[error("the path is not usable: {0}")]
    Path(String),
    /// A PATCH path that selects nothing of this resource.
    #[error("nothing to operate on: {0}")]
    NoTarget(String),
    /// A value of the wrong type, or missing.
    #[error("a value is not usable: {0}")]
    Value(String),
    /// An attribute that only we set, or that must stay.
    #[error("this cannot be changed: {0}")]
    Mutability(String),
    /// Another user of this organization has it.
    #[error("another user of this organization has that {0}")]
    Taken(&'static str),
    /// Another group at the same place has the name.
    #[error("another group at the same place has that displayName")]
    Sibling,
    /// A request that names more members than it may.
    #[error(
        "a request names at most {} members (MAX_NAMED_MEMBERS)",
        super::group::MAX_NAMED_MEMBERS
    )]
    TooManyNamed,
    /// An answer that would tell more members than it may.
    #[error(
        "an answer tells at most {} members (MAX_TOLD_MEMBERS): leave them out by excludedAttributes=members, or ask for a shorter page",
        super::group::MAX_TOLD_MEMBERS
    )]
    TooManyTold,
    /// The resource is larger than [`super::document::MAX_DOCUMENT_BYTES`].
    #[error("a user has at most {} bytes of JSON", super::document::MAX_DOCUMENT_BYTES)]
    TooLarge,
    /// `If-Match` names another version.
    #[error("the resource has changed since that version")]
    Precondition,
    /// The machine under us failed; trying again may help.
    #[error("the request could not be completed: {0}")]
    Store(#[from] StoreError),
}
