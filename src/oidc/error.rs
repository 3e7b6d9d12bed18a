//! Why a token request fails, in our own words. `routes_token` decides what the
//! client is told.
use super::choose::ChooseError;
use super::client_auth::ClientAuthError;
use super::device::DeviceRefusal;
use super::dpop::BadProof;
use super::grant_token_exchange::ExchangeRefusal;
use super::resource::BadResource;
use super::scope::BadScope;
use super::tokens::MintError;
use crate::account::code::CodeRefusal;
use crate::account::family::RotateRefusal;
use crate::crypto::seal::OpenError;
use crate::platform::row::StoreError;
use crate::web::form::BadParameter;

/// A failed token request.
#[derive(Debug, thiserror::Error)]
pub enum TokenError {
    /// The body is not a form.
    #[error("the content type must be application/x-www-form-urlencoded")]
    NotAForm,
    /// A parameter is missing or repeated.
    #[error(transparent)]
    Parameter(#[from] BadParameter),
    /// The client is not believed.
    #[error(transparent)]
    Client(#[from] ClientAuthError),
    /// We have no such grant.
    #[error("the grant type is not supported")]
    UnknownGrant,
    /// This client may not use it.
    #[error("the client may not use this grant type")]
    GrantNotAllowed,
    /// The scope cannot be granted.
    #[error(transparent)]
    Scope(#[from] BadScope),
    /// The token cannot be for that resource (RFC 8707 §2).
    #[error(transparent)]
    Resource(#[from] BadResource),
    /// Not the shape of a code of ours.
    #[error("not an authorization code")]
    NotACode,
    /// The account does not redeem it.
    #[error("authorization code refused: {0}")]
    Code(CodeRefusal),
    /// The device gets nothing, or nothing yet.
    #[error(transparent)]
    Device(DeviceRefusal),
    /// Whom the token is about is no member of an organization that is wanted, or did
    /// not allow it, or the client may not speak for it, or it is not there.
    #[error("the organization cannot be granted")]
    Organization,
    /// The token is not exchanged.
    #[error("exchange refused: {0}")]
    Exchange(ExchangeRefusal),
    /// Not a refresh token of this realm, or over.
    #[error("refresh token refused: {0}")]
    NotARefreshToken(#[from] OpenError),
    /// The account does not take it.
    #[error("refresh token refused: {0}")]
    Refresh(RotateRefusal),
    /// The person is gone or disabled.
    #[error("the user is gone or disabled")]
    NoUser,
    /// The person has left every organization that was granted.
    #[error("the person has left the organization")]
    MembershipLost,
    /// Not the person's password, or nobody of that name.
    #[error("wrong user credentials")]
    WrongPassword,
    /// It is, and the person must do something on a page first.
    #[error("the person owes a required action")]
    NotSetUp,
    /// The session ended while it was used.
    #[error("the session has ended")]
    SessionEnded,
    /// The proof of possession is not taken.
    #[error(transparent)]
    Proof(#[from] BadProof),
    /// Only who can keep a secret may ask.
    #[error("a public client may not ask about tokens")]
    PublicClient,
    /// A token that was given to somebody else.
    #[error("the token is of another client")]
    OthersToken,
    /// A token that cannot be revoked.
    #[error("a token of this type is not revoked")]
    UnsupportedTokenType,
    /// No token could be made.
    #[error(transparent)]
    Mint(#[from] MintError),
    /// A store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl From<ChooseError> for TokenError {
    fn from(error: ChooseError) -> Self {
        match error {
            ChooseError::Scope(bad) => Self::Scope(bad),
            ChooseError::Store(error) => Self::Store(error),
        }
    }
}
