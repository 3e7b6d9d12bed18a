//! What a client may know about its user now (OIDC Core §5.3): asked of the
//! directory and the organizations, not read off the token.
use super::bearer::Caller;
use super::choose;
use super::claims;
use super::claims::Subject;
use super::standing;
use crate::platform::row::StoreError;
use crate::realm::context::RealmContext;
use crate::realm::store::user;
use futures::try_join;
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
    /// A store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// The claims about the caller. One directory query and one call to the account
/// and to each organization of the token, at the same time.
///
/// # Errors
/// As [`UserinfoError`] says.
pub async fn claims_about(
    context: &RealmContext<'_>,
    caller: &Caller,
) -> Result<Value, UserinfoError> {
    if caller.realm.id != context.realm.id {
        return Err(UserinfoError::OtherRealm);
    }
    if !caller.scope.split(' ').any(|word| word == "openid") {
        return Err(UserinfoError::NotOpenid);
    }
    let (user, orgs, stands) = try_join!(
        user::find(&*context.ports.directory, &context.realm.id, &caller.user),
        choose::claims_of(context, &caller.user, &caller.orgs),
        standing::stands(context, caller),
    )?;
    if !stands {
        return Err(UserinfoError::SessionEnded);
    }
    let user = user.filter(|user| user.enabled).ok_or(UserinfoError::NoUser)?;
    let mut told = claims::profile(&Subject::from(user));
    if let Some(organization) = claims::organization(&orgs) {
        told.insert("organization".to_owned(), organization);
    }
    Ok(Value::Object(told))
}
