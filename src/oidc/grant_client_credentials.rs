//! `grant_type=client_credentials` (RFC 6749 §4.4): a client speaks for itself,
//! as its service account.
use super::demand::Demand;
use super::error::TokenError;
use super::resource;
use super::scope::Scope;
use super::selection::Selection;
use super::settle_service;
use super::shape::Shape;
use super::standing::{Standing, with_mapped};
use super::tokens;
use super::tokens::{Minting, TokenResponse};
use crate::kernel::alias::Alias;
use crate::realm::client::Client;
use crate::realm::context::RealmContext;
use crate::realm::store::person::Asked;
use crate::web::form::Form;

/// Mints a token for the client itself, in the name of an organization where one is
/// asked for and its service account belongs to it. No session, no refresh token
/// (RFC 6749 §4.4.3), no I/O while the isolate knows client, account and keys and no
/// organization is asked for.
///
/// # Errors
/// `GrantNotAllowed` when the client has no service account, or is public, `NoUser`
/// when that is disabled, `Organization` when its account does not belong to one that
/// it asks for or needs; otherwise as [`TokenError`] says.
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
    let demand = Demand::read(form, None)?;
    let mut selection = Selection { client, recipe: &recipe, scope };
    // The copy serves every scope.
    let asked = Asked { orgs: settle_service::orgs_to_know(), ..selection.asked() };
    let account = context.find_service(client, &asked).await?;
    let account = account.filter(|account| account.user.enabled).ok_or(TokenError::NoUser)?;
    let asked = (selection.scope, &demand);
    let (scope, orgs) = settle_service::settle(context, client, &account, asked).await?;
    selection.scope = scope;
    let aliases: Vec<&Alias> = orgs.iter().map(|org| &org.alias).collect();
    let shape = Shape::of(context, client, &selection.scope.granted(&aliases), jkt);
    // Mappers that tell of every organization tell of those that are asked for: a
    // machine's token says nothing of the others it works in.
    let standing = Standing { every: orgs.clone(), ..Standing::alone(account).speaking_for(orgs) };
    let standing = with_mapped(context, &selection, standing).await?;
    let audience = resource::of_token(context, client, &[], form).await??;
    let minting = Minting { audience: &audience, ..Minting::of(&selection, &standing, &shape) };
    Ok(tokens::mint(context, &minting).await?)
}
