//! Revoking a token (RFC 7009): what a client was given and needs no more.
use super::bearer;
use super::bearer::{BearerError, Caller};
use super::error::TokenError;
use super::refresh;
use super::refresh::RefreshClaims;
use super::shape;
use crate::account::family_revoke::RevokeFamily;
use crate::crypto::foreign;
use crate::crypto::seal::OpenError;
use crate::kernel::route::ObjectName;
use crate::platform::object::ask;
use crate::platform::row::StoreError;
use crate::realm::client::Client;
use crate::realm::context::RealmContext;
use crate::realm::store::spent;

/// Revokes `unverified_token` for `client`: a refresh token with its whole family and
/// the access tokens of the same grant, an access token by itself. A token that is
/// none, or is over, is over (§2.2).
///
/// # Errors
/// `OthersToken` when it was given to somebody else (§2.1), `UnsupportedTokenType` for
/// an ID token, `Store`.
pub async fn revoke(
    context: &RealmContext<'_>,
    client: &Client,
    unverified_token: &str,
) -> Result<(), TokenError> {
    match refresh::open(context, unverified_token) {
        Ok(presented) => return revoke_family(context, client, &presented).await,
        Err(OpenError::Expired) => return Ok(()),
        Err(OpenError::Malformed | OpenError::Forged) => {}
    }
    match bearer::verify(context, unverified_token).await {
        Ok((caller, _)) => revoke_access(context, client, &caller).await,
        Err(BearerError::Store(error)) => Err(error.into()),
        Err(_) if says_id_token(unverified_token) => Err(TokenError::UnsupportedTokenType),
        Err(_) => Ok(()),
    }
}

async fn revoke_family(
    context: &RealmContext<'_>,
    client: &Client,
    presented: &RefreshClaims,
) -> Result<(), TokenError> {
    if presented.azp != client.client_id {
        return Err(TokenError::OthersToken);
    }
    let object = ObjectName::Account(context.realm.id.clone(), presented.sub.clone());
    let asked = RevokeFamily {
        family: presented.fid.clone(),
        client_id: client.client_id.clone(),
        token_life: shape::longest_access_life(context),
    };
    Ok(ask(&*context.ports.objects, &object, &asked).await?)
}

async fn revoke_access(
    context: &RealmContext<'_>,
    client: &Client,
    caller: &Caller,
) -> Result<(), TokenError> {
    if caller.realm.id != context.realm.id {
        return Ok(());
    }
    if caller.client_id != client.client_id {
        return Err(TokenError::OthersToken);
    }
    let marked: Result<bool, StoreError> =
        spent::mark_spent(&*context.ports.directory, &caller.spent_name(), caller.expires_at).await;
    Ok(marked.map(|_| ())?)
}

/// What it says of itself decides how it is refused, and nothing else.
fn says_id_token(unverified_token: &str) -> bool {
    let unverified_claims = foreign::unverified_claims(unverified_token);
    unverified_claims.is_some_and(|claims| claims.get("typ").is_some_and(|typ| typ == "ID"))
}
