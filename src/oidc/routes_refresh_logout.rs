//! Keycloak's older logout (reference keycloak.md §4.1): a client that has no browser
//! at hand posts a refresh token of the session, and says who it is.
use super::client_auth;
use super::client_auth::{ClientAuthError, Presented};
use super::happenings;
use super::refresh;
use super::refresh::RefreshClaims;
use super::revocation;
use super::routes_cors::for_client;
use crate::account::browser;
use crate::platform::row::StoreError;
use crate::realm::client::Client;
use crate::realm::context::RealmContext;
use crate::web::answer::{empty, oauth_error};
use crate::web::credentials::basic;
use crate::web::form::Form;
use crate::web::{Request, Response};
use http::{Method, StatusCode};

/// The form, if the request is one of these.
#[must_use]
pub fn asked(request: &Request) -> Option<Form> {
    let form = Form::body(request).filter(|_| request.method() == Method::POST)?;
    form.first("refresh_token").is_some().then_some(form)
}

/// Ends the session that the refresh token is of, at once: 204. So does a token that
/// was used or whose session has ended; one of another client does not. A token that
/// outlives its session (OIDC Core §11) ends what it stands for, and no session.
pub async fn logout(context: &RealmContext<'_>, request: &Request, form: &Form) -> Response {
    let presented = Presented { basic: basic(request), form };
    let client = match client_auth::authenticate(context, &presented).await {
        Ok(client) => client,
        Err(ClientAuthError::Store(error)) => return failed(&error),
        Err(error) => {
            tracing::info!("A sign-out was refused: {error}");
            let words = "Invalid client or Invalid client credentials";
            return oauth_error(StatusCode::UNAUTHORIZED, "invalid_client", words);
        }
    };
    let opened = form.one("refresh_token").ok().and_then(|text| refresh::open(context, text).ok());
    let Some(token) = opened.filter(|token| token.azp == client.client_id) else {
        happenings::refresh_logout_refused(context, &client.client_id).await;
        let refusal =
            oauth_error(StatusCode::BAD_REQUEST, "invalid_grant", "Invalid refresh token");
        return for_client(refusal, request, &client);
    };
    match end(context, &client, &token).await {
        Ok(()) => for_client(empty(StatusCode::NO_CONTENT), request, &client),
        Err(error) => failed(&error),
    }
}

async fn end(
    context: &RealmContext<'_>,
    client: &Client,
    token: &RefreshClaims,
) -> Result<(), StoreError> {
    let is_ended = if token.is_offline() {
        revocation::end_family(context, client, token).await?;
        true
    } else {
        browser::end_session(context, &token.sub, token.sid.clone()).await?.is_some()
    };
    if is_ended {
        happenings::signed_out(context, &client.client_id, (&token.sub, &token.sid)).await;
    }
    Ok(())
}

fn failed(error: &StoreError) -> Response {
    tracing::error!("A sign-out failed: {error}");
    oauth_error(StatusCode::INTERNAL_SERVER_ERROR, "server_error", "Please try again")
}
