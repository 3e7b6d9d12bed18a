//! Signing out at a client's request (OIDC RP-Initiated Logout 1.0 §2).
use super::bearer::public_keys;
use super::redirect;
use crate::account::session::LiveSession;
use crate::crypto::jwt;
use crate::crypto::jwt::{Expected, JwtError};
use crate::kernel::id::{SessionId, UserId};
use crate::kernel::time::Timestamp;
use crate::platform::row::StoreError;
use crate::realm::context::RealmContext;
use crate::web::form::{BadParameter, Form};
use serde::Deserialize;

/// What a client asks for.
#[derive(Debug)]
pub struct LogoutRequest {
    /// Whom it means, by an ID token of ours; verified.
    pub hint: Option<Hint>,
    /// Where the browser goes afterwards, if that is a redirect URI of the
    /// client's; with `state` added.
    pub return_to: Option<String>,
}

/// What an ID token says, for this purpose.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct Hint {
    /// The client it was made for.
    pub azp: String,
    /// The person.
    pub sub: UserId,
    /// The session.
    pub sid: Option<SessionId>,
}

/// Why a request is not carried out.
#[derive(Debug, thiserror::Error)]
pub enum LogoutError {
    /// A parameter is repeated.
    #[error(transparent)]
    Parameter(#[from] BadParameter),
    /// `id_token_hint` is not an ID token of this realm.
    #[error("id_token_hint refused: {0}")]
    Hint(#[from] JwtError),
    /// `id_token_hint` was made for another client than `client_id`.
    #[error("id_token_hint is not of the client that client_id names")]
    OtherClient,
    /// `post_logout_redirect_uri` is not the client's, or nobody knows whose.
    #[error("post_logout_redirect_uri is not one of the client's redirect URIs")]
    RedirectMismatch,
    /// The directory failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Reads the request; nothing of it is done yet.
///
/// # Errors
/// As [`LogoutError`] says.
pub async fn read(context: &RealmContext<'_>, form: &Form) -> Result<LogoutRequest, LogoutError> {
    let hint = match form.at_most_one("id_token_hint")? {
        Some(unverified_token) => Some(read_hint(context, unverified_token).await?),
        None => None,
    };
    let named = form.at_most_one("client_id")?;
    if let (Some(hint), Some(named)) = (&hint, named)
        && hint.azp != named
    {
        return Err(LogoutError::OtherClient);
    }
    let client_id = named.or(hint.as_ref().map(|hint| hint.azp.as_str()));
    let return_to = match form.at_most_one("post_logout_redirect_uri")? {
        Some(uri) => Some(check_return(context, client_id, uri, form).await?),
        None => None,
    };
    Ok(LogoutRequest { hint, return_to })
}

/// An expired token is a good hint (§2: "even if the `exp` time has passed"), so
/// it is judged at a time before any of ours was made.
async fn read_hint(context: &RealmContext<'_>, unverified: &str) -> Result<Hint, LogoutError> {
    let issuer = context.issuer();
    let expected =
        Expected { issuer: &issuer, typ: Some("ID"), now: Timestamp::from_unix(0), audience: None };
    let claims = jwt::verify(unverified, &public_keys(context).await?, &expected)?;
    serde_json::from_value(claims).map_err(|_| LogoutError::Hint(JwtError::Malformed))
}

async fn check_return(
    context: &RealmContext<'_>,
    client_id: Option<&str>,
    uri: &str,
    form: &Form,
) -> Result<String, LogoutError> {
    let client_id = client_id.ok_or(LogoutError::RedirectMismatch)?;
    let client = context.find_client(client_id).await?.ok_or(LogoutError::RedirectMismatch)?;
    if !client.may_return_to(uri) {
        return Err(LogoutError::RedirectMismatch);
    }
    let state = form.at_most_one("state")?;
    match state {
        Some(_) => Ok(redirect::with_parameters(uri, &[("state", state)])),
        None => Ok(uri.to_owned()),
    }
}

impl LogoutRequest {
    /// Whether `session` is the one that the client's ID token names: then the
    /// client speaks for the person, and nobody else made the browser come here.
    #[must_use]
    pub fn means(&self, session: &LiveSession) -> bool {
        self.hint
            .as_ref()
            .is_some_and(|hint| hint.sub == session.user && hint.sid.as_ref() == Some(&session.id))
    }
}
