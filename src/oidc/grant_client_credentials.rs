//! `grant_type=client_credentials` (RFC 6749 §4.4): a client speaks for itself,
//! as its service account.
use super::error::TokenError;
use super::resource;
use super::scope::Scope;
use super::selection::Selection;
use super::shape::Shape;
use super::standing::Standing;
use super::tokens;
use super::tokens::{Minting, TokenResponse};
use crate::realm::client::Client;
use crate::realm::context::RealmContext;
use crate::realm::store::person::Asked;
use crate::web::form::Form;

/// Mints a token for the client itself. No session, no refresh token (RFC 6749
/// §4.4.3), no I/O while the isolate knows client, account and keys.
///
/// # Errors
/// `GrantNotAllowed` when the client has no service account, or is public, `NoUser`
/// when that is disabled; otherwise as [`TokenError`] says.
pub async fn grant(
    context: &RealmContext<'_>,
    client: &Client,
    form: &Form,
    jkt: Option<&str>,
) -> Result<TokenResponse, TokenError> {
    if client.service_account.is_none() || client.is_public() {
        return Err(TokenError::GrantNotAllowed);
    }
    let recipe = context.recipe(client).await?;
    let scope = Scope::parse(form.at_most_one("scope")?)?.within(&recipe)?.of_a_service();
    let shape = Shape::of(context, client, &scope.granted(&[]), jkt);
    let selection = Selection { client, recipe: &recipe, scope };
    // The copy serves every scope, and no mapper tells of a client's organizations.
    let asked = Asked { orgs: 0, ..selection.asked() };
    let account = context.find_service(client, &asked).await?;
    let account = account.filter(|account| account.user.enabled).ok_or(TokenError::NoUser)?;
    let standing = Standing::alone(account);
    let audience = resource::of_token(context, client, &[], form).await??;
    let minting = Minting { audience: &audience, ..Minting::of(&selection, &standing, &shape) };
    Ok(tokens::mint(context, &minting).await?)
}
