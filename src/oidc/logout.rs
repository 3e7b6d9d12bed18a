//! Signing out at a client's request (OIDC RP-Initiated Logout 1.0 §2).
use super::id_token_hint;
use super::redirect;
use crate::account::session::LiveSession;
use crate::crypto::jwt::JwtError;
use crate::kernel::id::SessionId;
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
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hint {
    /// The client it was made for.
    pub client_id: String,
    /// The session. It leads to the person, so that `sub` need not be ours.
    pub session: Option<SessionId>,
}

#[derive(Deserialize)]
struct HintClaims {
    azp: Option<String>,
    aud: Audience,
    sid: Option<SessionId>,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Audience {
    One(String),
    Many(Vec<String>),
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

/// Reads the request; nothing of it is done yet. `logout_hint` and `ui_locales` say
/// nothing that would be done otherwise: the browser's cookie tells whose session it
/// is, and the pages speak English.
///
/// # Errors
/// As [`LogoutError`] says.
pub async fn read(context: &RealmContext<'_>, form: &Form) -> Result<LogoutRequest, LogoutError> {
    for name in ["logout_hint", "ui_locales", "state"] {
        form.at_most_one(name)?;
    }
    let hint = match form.at_most_one("id_token_hint")? {
        Some(unverified_token) => read_hint(context, unverified_token).await?,
        None => None,
    };
    let named = form.at_most_one("client_id")?;
    if let (Some(hint), Some(named)) = (&hint, named)
        && hint.client_id != named
    {
        return Err(LogoutError::OtherClient);
    }
    let client_id = named.or(hint.as_ref().map(|hint| hint.client_id.as_str()));
    let return_to = match form.at_most_one("post_logout_redirect_uri")? {
        Some(uri) => Some(check_return(context, client_id, uri, form).await?),
        None => None,
    };
    Ok(LogoutRequest { hint, return_to })
}

/// An expired token is a good hint (§2: "even if the `exp` time has passed"). One whose key is not
/// published any more cannot be told from a forged one, and is no hint at all: the
/// person is asked.
async fn read_hint(
    context: &RealmContext<'_>,
    unverified: &str,
) -> Result<Option<Hint>, LogoutError> {
    let claims = match id_token_hint::verify(context, unverified).await? {
        Ok(claims) => claims,
        Err(JwtError::UnknownKey) => return Ok(None),
        Err(error) => return Err(error.into()),
    };
    let claims: HintClaims =
        serde_json::from_value(claims).map_err(|_| LogoutError::Hint(JwtError::Malformed))?;
    let client_id = claims.azp.or(match claims.aud {
        Audience::One(client) => Some(client),
        Audience::Many(clients) => clients.into_iter().next(),
    });
    let client_id = client_id.ok_or(LogoutError::Hint(JwtError::Malformed))?;
    Ok(Some(Hint { client_id, session: claims.sid }))
}

async fn check_return(
    context: &RealmContext<'_>,
    client_id: Option<&str>,
    uri: &str,
    form: &Form,
) -> Result<String, LogoutError> {
    let client_id = client_id.ok_or(LogoutError::RedirectMismatch)?;
    let client = context.find_client(client_id).await?.ok_or(LogoutError::RedirectMismatch)?;
    if !client.may_return_to(uri) || runs_in_the_browser(uri) {
        return Err(LogoutError::RedirectMismatch);
    }
    let state = form.at_most_one("state")?;
    match state {
        Some(_) => Ok(redirect::with_parameters(uri, &[("state", state)])),
        None => Ok(uri.to_owned()),
    }
}

/// What no page of ours may link to, whoever registered it.
fn runs_in_the_browser(uri: &str) -> bool {
    url::Url::parse(uri).map_or(true, |uri| {
        ["javascript", "data", "vbscript", "blob", "file"].contains(&uri.scheme())
    })
}

impl LogoutRequest {
    /// Whether `session` is the one that the client's ID token names: then the
    /// client speaks for the person, and nobody else made the browser come here.
    #[must_use]
    pub fn means(&self, session: &LiveSession) -> bool {
        self.hint.as_ref().is_some_and(|hint| hint.session.as_ref() == Some(&session.id))
    }
}
