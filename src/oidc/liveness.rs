//! Whether what stands behind a token still stands: asked of the person's account
//! and of the directory, not read off the token.
use super::bearer::Caller;
use super::refresh::RefreshClaims;
use super::shape;
use crate::account::session_rule::SessionRule;
use crate::account::token_check::{CheckFamily, CheckToken};
use crate::kernel::route::ObjectName;
use crate::platform::object::ask;
use crate::platform::row::StoreError;
use crate::realm::client::Client;
use crate::realm::context::RealmContext;

/// Whether what an access token was made in lives: a session, or a grant that
/// outlives it. One call to the account; a client that speaks for itself needs
/// none.
///
/// # Errors
/// `Refused` and `Unreachable` when a store fails.
pub async fn stands(context: &RealmContext<'_>, caller: &Caller) -> Result<bool, StoreError> {
    let Some(client) = context.find_client(&caller.client_id).await? else { return Ok(false) };
    let Some(session) = caller.session.clone() else { return Ok(true) };
    let object = ObjectName::Account(context.realm.id.clone(), caller.user.clone());
    let question = CheckToken {
        session,
        client_id: caller.client_id.clone(),
        issued_at: caller.issued_at,
        offline_idle: shape::span(context, &client, true).idle,
        rule: SessionRule::of(&context.realm),
    };
    ask(&*context.ports.objects, &object, &question).await
}

/// Whether a refresh token of `client` would be taken. One call to the account.
///
/// # Errors
/// `Refused` and `Unreachable` when a store fails.
pub async fn may_refresh(
    context: &RealmContext<'_>,
    client: &Client,
    presented: &RefreshClaims,
) -> Result<bool, StoreError> {
    let object = ObjectName::Account(context.realm.id.clone(), presented.sub.clone());
    let question = CheckFamily {
        family: presented.fid.clone(),
        client_id: client.client_id.clone(),
        presented: presented.hash(),
        unused: shape::span(context, client, presented.is_offline()).idle,
        rule: SessionRule::of(&context.realm),
    };
    ask(&*context.ports.objects, &object, &question).await
}
