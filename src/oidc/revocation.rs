//! Revoking a token (RFC 7009): what a client was given and needs no more.
use super::bearer;
use super::bearer::{BearerError, Caller};
use super::error::TokenError;
use super::id_token_hint;
use super::refresh;
use super::refresh::RefreshClaims;
use super::shape;
use crate::account::family_exchange::EndExchanged;
use crate::account::family_revoke::RevokeFamily;
use crate::crypto::foreign;
use crate::crypto::seal::OpenError;
use crate::kernel::id::{SessionId, UserId};
use crate::kernel::route::ObjectName;
use crate::platform::object::ask;
use crate::platform::row::StoreError;
use crate::realm::client::Client;
use crate::realm::context::RealmContext;
use crate::realm::store::spent;

/// Whose token was revoked, and in which session.
pub struct Revoked {
    /// The person.
    pub user: UserId,
    /// The session; none for a client that speaks for itself.
    pub session: Option<SessionId>,
}

/// Revokes `unverified_token` for `client`: a refresh token with its whole family and
/// the access tokens of the same grant, an access token by itself, and with either what
/// others got in exchange. A token that is
/// none, or is over, is over (§2.2): `None`.
///
/// # Errors
/// `OthersToken` when it was given to somebody else (§2.1), `UnsupportedTokenType` for
/// an ID token, `Store`.
pub async fn revoke(
    context: &RealmContext<'_>,
    client: &Client,
    unverified_token: &str,
) -> Result<Option<Revoked>, TokenError> {
    match refresh::open(context, unverified_token) {
        Ok(presented) => return revoke_family(context, client, &presented).await,
        Err(OpenError::Expired) => return Ok(None),
        Err(OpenError::Malformed | OpenError::Forged) => {}
    }
    match bearer::verify(context, unverified_token).await {
        Ok((caller, _)) => revoke_access(context, client, &caller).await,
        Err(BearerError::Store(error)) => Err(error.into()),
        Err(_) if says_id_token(unverified_token) => Err(TokenError::UnsupportedTokenType),
        Err(_) => Ok(None),
    }
}

async fn revoke_family(
    context: &RealmContext<'_>,
    client: &Client,
    presented: &RefreshClaims,
) -> Result<Option<Revoked>, TokenError> {
    if presented.azp != client.client_id {
        return Err(TokenError::OthersToken);
    }
    end_family(context, client, presented).await?;
    Ok(Some(Revoked { user: presented.sub.clone(), session: Some(presented.sid.clone()) }))
}

/// Ends what the refresh token stands for, with the access tokens that `client` has of
/// it. Twice is once.
///
/// # Errors
/// `Refused` when the account cannot be asked.
pub async fn end_family(
    context: &RealmContext<'_>,
    client: &Client,
    presented: &RefreshClaims,
) -> Result<(), StoreError> {
    let object = ObjectName::Account(context.realm.id.clone(), presented.sub.clone());
    let asked = RevokeFamily {
        family: presented.fid.clone(),
        client_id: client.client_id.clone(),
        token_life: shape::longest_access_life(context),
    };
    ask(&*context.ports.objects, &object, &asked).await
}

async fn revoke_access(
    context: &RealmContext<'_>,
    client: &Client,
    caller: &Caller,
) -> Result<Option<Revoked>, TokenError> {
    if caller.realm.id != context.realm.id {
        return Ok(None);
    }
    if caller.client_id != client.client_id {
        return Err(TokenError::OthersToken);
    }
    let (directory, name) = (&*context.ports.directory, caller.spent_name());
    let is_new = spent::mark_spent(directory, &name, caller.expires_at).await?;
    context.ports.faults.reach("oidc.revoke.after_directory").await;
    // Again for who asks again: the first time may have got no further.
    if let Some(session) = caller.session.clone() {
        let token_life = shape::longest_access_life(context);
        let asked = EndExchanged { session, token: name, token_life };
        let object = ObjectName::Account(context.realm.id.clone(), caller.user.clone());
        ask(&*context.ports.objects, &object, &asked).await?;
    }
    Ok(is_new.then(|| Revoked { user: caller.user.clone(), session: caller.session.clone() }))
}

/// What it says of itself decides how it is refused, and nothing else.
fn says_id_token(unverified_token: &str) -> bool {
    let unverified_claims = foreign::unverified_claims(unverified_token);
    unverified_claims.is_some_and(|claims| id_token_hint::is_one(&claims))
}
