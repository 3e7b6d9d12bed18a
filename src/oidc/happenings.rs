//! What is told of logins and tokens, where a realm wants it (reference
//! phasetwo.md §6.2). Errors are Keycloak's words.
use super::error::TokenError;
use super::tokens::TokenResponse;
use crate::account::session::LiveSession;
use crate::event::user_event::Kind;
use crate::realm::client::Client;
use crate::realm::context::RealmContext;
use crate::realm::happening::Happening;
use crate::web::form::Form;

/// A person signed in on the login page.
pub async fn logged_in(
    context: &RealmContext<'_>,
    client_id: &str,
    username: &str,
    session: &LiveSession,
) {
    let happening = Happening::of(Kind::Login).client(client_id).detail("username", username);
    happening.user(&session.user).session(&session.id).tell(context).await;
}

/// Somebody did not.
pub async fn login_failed(context: &RealmContext<'_>, client_id: &str, username: &str) {
    let happening = Happening::of(Kind::LoginError).client(client_id).detail("username", username);
    happening.error("invalid_user_credentials").tell(context).await;
}

/// What came of a request to the token endpoint.
pub async fn of_grant(
    context: &RealmContext<'_>,
    client: &Client,
    form: &Form,
    granted: &Result<TokenResponse, TokenError>,
) {
    let grant_type = form.first("grant_type").unwrap_or_default();
    let kinds = match grant_type {
        "authorization_code" => (Some(Kind::CodeToToken), Kind::CodeToTokenError),
        // As by default in Keycloak, a refresh that works is not told.
        "refresh_token" => (None, Kind::RefreshTokenError),
        "client_credentials" => (Some(Kind::ClientLogin), Kind::ClientLoginError),
        "password" => (Some(Kind::Login), Kind::LoginError),
        _ => return,
    };
    let about = |kind| {
        let happening = Happening::of(kind).client(&client.client_id);
        let happening = happening.detail("grant_type", grant_type);
        match form.first("username") {
            Some(username) => happening.detail("username", username),
            None => happening,
        }
    };
    match (granted, kinds) {
        (Ok(tokens), (Some(kind), _)) => tokens.told_in(about(kind)).tell(context).await,
        (Ok(_), (None, _)) => {}
        (Err(error), (_, kind)) => about(kind).error(reason(error)).tell(context).await,
    }
}

const fn reason(error: &TokenError) -> &'static str {
    match error {
        TokenError::WrongPassword => "invalid_user_credentials",
        TokenError::NotSetUp => "resolve_required_actions",
        TokenError::NotACode | TokenError::Code(_) => "invalid_code",
        TokenError::NotARefreshToken(_) | TokenError::Refresh(_) => "invalid_token",
        TokenError::NoUser => "user_not_found",
        TokenError::MembershipLost => "not_allowed",
        TokenError::SessionEnded => "user_session_not_found",
        TokenError::GrantNotAllowed => "unauthorized_client",
        TokenError::Scope(_)
        | TokenError::NotAForm
        | TokenError::Parameter(_)
        | TokenError::Client(_)
        | TokenError::UnknownGrant
        | TokenError::Mint(_)
        | TokenError::Store(_) => "invalid_request",
    }
}
