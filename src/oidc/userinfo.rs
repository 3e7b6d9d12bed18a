//! What a client may know about its user now (OIDC Core §5.3): asked of the
//! directory and the organizations, not read off the token.
use super::bearer::Caller;
use super::choose::{self, ChooseError};
use super::claims::{self, Facts, Known, TooMuch};
use super::liveness;
use super::scope::BadScope;
use super::selection::Selection;
use super::standing::{self, Question, Standing};
use crate::platform::row::StoreError;
use crate::realm::context::RealmContext;
use futures::{TryFutureExt, try_join};
use serde_json::Value;

/// Why there is nothing to tell.
#[derive(Debug, thiserror::Error)]
pub enum UserinfoError {
    /// A token of another realm.
    #[error("the access token is of another realm")]
    OtherRealm,
    /// A token that was not granted `openid` (OIDC Core §5.3).
    #[error("the access token was not granted the scope openid")]
    NotOpenid,
    /// The session behind the token has ended.
    #[error("the session has ended")]
    SessionEnded,
    /// The person is gone or disabled.
    #[error("the user is gone or disabled")]
    NoUser,
    /// The client of the token is gone or disabled.
    #[error("the client is gone or disabled")]
    NoClient,
    /// There is more to tell than is told at once.
    #[error(transparent)]
    TooMuch(#[from] TooMuch),
    /// The person belongs to more organizations than are told at once.
    #[error(transparent)]
    Scope(#[from] BadScope),
    /// A store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl From<ChooseError> for UserinfoError {
    fn from(error: ChooseError) -> Self {
        match error {
            ChooseError::Scope(bad) => Self::Scope(bad),
            ChooseError::Store(error) => Self::Store(error),
        }
    }
}

/// The claims about the caller, as the mappers tell them.
///
/// # Errors
/// As [`UserinfoError`] says.
pub async fn claims_about(
    context: &RealmContext<'_>,
    caller: &Caller,
) -> Result<Value, UserinfoError> {
    if !caller.scope.split(' ').any(|word| word == "openid") {
        return Err(UserinfoError::NotOpenid);
    }
    tell(context, caller, |facts| Value::Object(claims::userinfo(&facts, &caller.userinfo_claims)))
        .await
}

/// What `say` makes of what is known now of the holder of an access token, while
/// that counts. One directory query and one call to the account and to each
/// organization of the token, at the same time; a query more when the token names its
/// organizations without their ids.
///
/// # Errors
/// As [`UserinfoError`] says, but for `NotOpenid`.
pub async fn tell<T>(
    context: &RealmContext<'_>,
    caller: &Caller,
    say: impl FnOnce(Facts<'_>) -> T,
) -> Result<T, UserinfoError> {
    if caller.realm.id != context.realm.id {
        return Err(UserinfoError::OtherRealm);
    }
    let client = context.find_client(&caller.client_id).await?.ok_or(UserinfoError::NoClient)?;
    let recipe = context.recipe(&client).await?;
    let selection = Selection::of(&client, &recipe, &caller.scope)?;
    let (standing, stands) = try_join!(
        standing(context, &selection, caller),
        liveness::stands(context, caller).map_err(UserinfoError::from),
    )?;
    if !stands {
        return Err(UserinfoError::SessionEnded);
    }
    let standing = standing.ok_or(UserinfoError::NoUser)?;
    let issuer = context.issuer();
    let known = Known {
        issuer: &issuer,
        now: context.now,
        expires_at: context.now,
        session: caller.session.as_ref(),
        authenticated_at: None,
        address: None,
        nonce: None,
        level: 1,
    };
    Ok(say(Facts::new(&selection, &standing, known)?))
}

async fn standing(
    context: &RealmContext<'_>,
    selection: &Selection<'_>,
    caller: &Caller,
) -> Result<Option<Standing>, UserinfoError> {
    let orgs = choose::orgs_of_token(context, caller, &selection.scope.orgs).await?;
    let session = caller.session.as_ref();
    let question = Question { user: &caller.user, orgs: &orgs, session };
    Ok(standing::find(context, selection, question).await?)
}
