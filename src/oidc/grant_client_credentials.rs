//! `grant_type=client_credentials` (RFC 6749 §4.4): a client speaks for itself,
//! as its service account.
use super::claims::Subject;
use super::error::TokenError;
use super::resource;
use super::scope::{OrgWish, Scope};
use super::tokens;
use super::tokens::{Minting, TokenResponse};
use crate::realm::client::Client;
use crate::realm::context::RealmContext;
use crate::web::form::Form;

/// Mints a token for the client itself. No session, no refresh token (RFC 6749
/// §4.4.3), no I/O while the isolate knows client and keys.
///
/// # Errors
/// `GrantNotAllowed` when the client has no service account, or is public;
/// otherwise as [`TokenError`] says.
pub async fn grant(
    context: &RealmContext<'_>,
    client: &Client,
    form: &Form,
) -> Result<TokenResponse, TokenError> {
    let account = client.service_account.as_ref().filter(|_| !client.is_public());
    let Some(account) = account else { return Err(TokenError::GrantNotAllowed) };
    Scope::parse(form.at_most_one("scope")?)?;
    // A service account is nobody's member, and no ID token is about it.
    let scope = Scope { is_openid: false, orgs: OrgWish::Nothing }.granted(&[]);
    let subject = Subject {
        id: account.clone(),
        username: format!("service-account-{}", client.client_id),
        email: None,
        email_verified: false,
        first_name: None,
        last_name: None,
    };
    let audience = resource::of_token(context, client, &[], form).await??;
    let minting = Minting {
        client_id: &client.client_id,
        subject: &subject,
        scope: &scope,
        is_openid: false,
        orgs: &[],
        session: None,
        nonce: None,
        audience: &audience,
    };
    Ok(tokens::mint(context, &minting).await?)
}
