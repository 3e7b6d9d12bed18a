//! What is told of logins and tokens, where a realm wants it (reference
//! phasetwo.md §6.2). Errors are Keycloak's words.
use super::authorization::AuthorizationRequest;
use super::bearer::Caller;
use super::client_auth::ClientAuthError;
use super::device;
use super::device::DeviceRefusal;
use super::error::TokenError;
use super::grant_token_exchange::{self, ExchangeRefusal};
use super::logout::{LogoutError, LogoutRequest};
use super::revocation::Revoked;
use super::tokens::TokenResponse;
use crate::account::session::LiveSession;
use crate::event::user_event::Kind;
use crate::kernel::id::{OrgId, SessionId, UserId};
use crate::realm::client::Client;
use crate::realm::context::RealmContext;
use crate::realm::happening::Happening;
use crate::realm::user::User;
use crate::web::form::Form;

/// A person signed in to a client.
pub async fn logged_in(
    context: &RealmContext<'_>,
    request: &AuthorizationRequest,
    user: &User,
    session: &LiveSession,
) {
    let happening = Happening::of(Kind::Login)
        .client(&request.client_id)
        .detail("auth_method", "openid-connect")
        .detail("redirect_uri", &request.redirect_uri)
        .detail("username", user.username.as_str());
    happening.user(&session.user).session(&session.id).tell(context).await;
}

/// A person allowed a client what it asks for.
pub async fn consented(context: &RealmContext<'_>, request: &AuthorizationRequest, user: &UserId) {
    let happening = Happening::of(Kind::GrantConsent).client(&request.client_id).user(user);
    happening.detail("consent", "consent_granted").tell(context).await;
}

/// Somebody did not: it was not their password, or nobody's name.
pub async fn login_failed(context: &RealmContext<'_>, client_id: &str, username: &str) {
    // Who types a device's code is asked before it is known whose device it is.
    let client_id = Some(client_id).filter(|client_id| !client_id.is_empty());
    let happening = Happening::of(Kind::LoginError).client_of(client_id);
    let happening = happening.detail("username", username);
    happening.error("invalid_user_credentials").tell(context).await;
}

/// A person signed out.
pub async fn logged_out(
    context: &RealmContext<'_>,
    asked: &LogoutRequest,
    (user, session): (&UserId, &SessionId),
) {
    let happening = Happening::of(Kind::Logout).user(user).session(session);
    let client = asked.hint.as_ref().map(|hint| hint.client_id.as_str());
    let happening = match &asked.return_to {
        Some(url) => happening.detail("redirect_uri", url),
        None => happening,
    };
    happening.client_of(client).tell(context).await;
}

/// A client signed a person out by a refresh token.
pub async fn signed_out(
    context: &RealmContext<'_>,
    client_id: &str,
    (user, session): (&UserId, &SessionId),
) {
    let happening = Happening::of(Kind::Logout).client(client_id).user(user).session(session);
    happening.tell(context).await;
}

/// A client tried to, with what is no refresh token of its own.
pub async fn refresh_logout_refused(context: &RealmContext<'_>, client_id: &str) {
    let happening = Happening::of(Kind::LogoutError).client(client_id);
    happening.error("invalid_token").tell(context).await;
}

/// A sign-out was asked for in a way that cannot be answered.
pub async fn logout_refused(context: &RealmContext<'_>, error: &LogoutError) {
    let reason = match error {
        LogoutError::Hint(_) => "invalid_token",
        LogoutError::OtherClient => "invalid_client",
        LogoutError::RedirectMismatch => "invalid_redirect_uri",
        LogoutError::Parameter(_) => "invalid_request",
        LogoutError::Store(_) => return,
    };
    Happening::of(Kind::LogoutError).error(reason).tell(context).await;
}

/// Somebody made an account for themselves.
pub async fn registered(context: &RealmContext<'_>, request: &AuthorizationRequest, user: &User) {
    let email = user.email.as_ref().map(ToString::to_string).unwrap_or_default();
    registration(Kind::Register, request, &email).user(&user.id).tell(context).await;
}

/// Somebody tried to, for this reason in vain.
pub async fn registration_refused(
    context: &RealmContext<'_>,
    request: &AuthorizationRequest,
    email: &str,
    reason: &'static str,
) {
    registration(Kind::RegisterError, request, email).error(reason).tell(context).await;
}

/// The address is the name to sign in with.
fn registration(kind: Kind, request: &AuthorizationRequest, email: &str) -> Happening {
    // Who types a device's code is asked before it is known whose device it is.
    let client_id = Some(&*request.client_id).filter(|client_id| !client_id.is_empty());
    let happening = Happening::of(kind).client_of(client_id).detail("register_method", "form");
    happening.detail("email", email).detail("username", email)
}

/// A person was mailed a link to confirm their address.
pub async fn asked_to_confirm(context: &RealmContext<'_>, client_id: &str, user: &User) {
    let happening = Happening::of(Kind::SendVerifyEmail).client(client_id).user(&user.id);
    let email = user.email.as_ref().map(ToString::to_string).unwrap_or_default();
    let happening = happening.detail("email", &email);
    happening.detail("username", user.username.as_str()).tell(context).await;
}

/// A person made `org` the active organization of their session.
pub async fn switched(
    context: &RealmContext<'_>,
    caller: &Caller,
    org: &OrgId,
    previous: Option<&OrgId>,
) {
    let happening = Happening::of(Kind::UpdateProfile)
        .client(&caller.client_id)
        .user(&caller.user)
        .detail("new_active_organization_id", org.as_str());
    let happening = caller.session.iter().fold(happening, Happening::session);
    let happening = match previous {
        Some(previous) => happening.detail("previous_active_organization_id", previous.as_str()),
        None => happening,
    };
    happening.tell(context).await;
}

/// A client was not believed at the token endpoint.
pub async fn client_refused(context: &RealmContext<'_>, form: &Form, error: &ClientAuthError) {
    let Some((client_id, reason)) = why_not_believed(error) else { return };
    let grant_type = form.first("grant_type").unwrap_or_default();
    let Some((_, kind)) = kinds_of(grant_type) else { return };
    let happening = Happening::of(kind).client(client_id).detail("grant_type", grant_type);
    happening.error(reason).tell(context).await;
}

/// Who said to be a client, and why that is not believed; `None` when nobody was
/// named, or it is our own failure.
#[must_use]
pub fn why_not_believed(error: &ClientAuthError) -> Option<(&str, &'static str)> {
    match error {
        ClientAuthError::Unknown { client_id } => Some((client_id, "client_not_found")),
        ClientAuthError::NoSecret { client_id }
        | ClientAuthError::WrongSecret { client_id }
        | ClientAuthError::WrongMethod { client_id }
        | ClientAuthError::Assertion { client_id, .. } => {
            Some((client_id, "invalid_client_credentials"))
        }
        ClientAuthError::Parameter(_)
        | ClientAuthError::TwoMethods
        | ClientAuthError::BadHeader
        | ClientAuthError::NotAnAssertion
        | ClientAuthError::Store(_) => None,
    }
}

/// A client gave a token back, or another's.
pub async fn revoked(
    context: &RealmContext<'_>,
    client: &Client,
    revoked: &Result<Option<Revoked>, TokenError>,
) {
    let about = |kind| Happening::of(kind).client(&client.client_id);
    match revoked {
        Ok(Some(Revoked { user, session })) => {
            let happening = about(Kind::RevokeGrant).user(user);
            session.iter().fold(happening, Happening::session).tell(context).await;
        }
        Err(TokenError::OthersToken) => {
            about(Kind::RevokeGrantError).error("invalid_token").tell(context).await;
        }
        Ok(None) | Err(_) => {}
    }
}

/// What came of a request to the token endpoint.
pub async fn of_grant(
    context: &RealmContext<'_>,
    client: &Client,
    form: &Form,
    granted: &Result<TokenResponse, TokenError>,
) {
    let grant_type = form.first("grant_type").unwrap_or_default();
    let Some((good, bad)) = kinds_of(grant_type) else { return };
    // A device asks every few seconds: nothing has happened then.
    if matches!(granted, Err(TokenError::Device(DeviceRefusal::Pending | DeviceRefusal::SlowDown)))
    {
        return;
    }
    let about = |kind| {
        let happening = Happening::of(kind).client(&client.client_id);
        let happening = happening.detail("grant_type", grant_type);
        match form.first("username") {
            Some(username) => happening.detail("username", username),
            None => happening,
        }
    };
    match granted {
        Ok(tokens) => tokens.told_in(about(good)).tell(context).await,
        Err(error) => about(bad).error(reason(error)).tell(context).await,
    }
}

/// What a grant is called when it is made, and when not.
fn kinds_of(grant_type: &str) -> Option<(Kind, Kind)> {
    match grant_type {
        "authorization_code" => Some((Kind::CodeToToken, Kind::CodeToTokenError)),
        "refresh_token" => Some((Kind::RefreshToken, Kind::RefreshTokenError)),
        "client_credentials" => Some((Kind::ClientLogin, Kind::ClientLoginError)),
        "password" => Some((Kind::Login, Kind::LoginError)),
        grant_token_exchange::GRANT_TYPE => Some((Kind::TokenExchange, Kind::TokenExchangeError)),
        device::GRANT_TYPE => Some((Kind::DeviceToken, Kind::DeviceTokenError)),
        _ => None,
    }
}

const fn reason(error: &TokenError) -> &'static str {
    match error {
        TokenError::WrongPassword => "invalid_user_credentials",
        TokenError::NotSetUp => "resolve_required_actions",
        TokenError::NotACode | TokenError::Code(_) => "invalid_code",
        TokenError::Device(DeviceRefusal::Denied) => "access_denied",
        TokenError::Device(DeviceRefusal::Expired) => "expired_oauth2_device_code",
        TokenError::Device(_) => "invalid_oauth2_device_code",
        TokenError::Exchange(ExchangeRefusal::Consent) => "consent_denied",
        TokenError::NotARefreshToken(_)
        | TokenError::Refresh(_)
        | TokenError::Exchange(ExchangeRefusal::Subject | ExchangeRefusal::Key) => "invalid_token",
        TokenError::NoUser => "user_not_found",
        TokenError::MembershipLost
        | TokenError::Organization
        | TokenError::Exchange(ExchangeRefusal::Audience | ExchangeRefusal::Organization) => {
            "not_allowed"
        }
        TokenError::SessionEnded => "user_session_not_found",
        TokenError::GrantNotAllowed => "unauthorized_client",
        TokenError::Exchange(
            ExchangeRefusal::Parameter
            | ExchangeRefusal::TokenType
            | ExchangeRefusal::Requested
            | ExchangeRefusal::NotOpenid
            | ExchangeRefusal::NoSession
            | ExchangeRefusal::Offline
            | ExchangeRefusal::Target,
        )
        | TokenError::Scope(_)
        | TokenError::Resource(_)
        | TokenError::NotAForm
        | TokenError::Parameter(_)
        | TokenError::Client(_)
        | TokenError::UnknownGrant
        | TokenError::Proof(_)
        | TokenError::PublicClient
        | TokenError::OthersToken
        | TokenError::UnsupportedTokenType
        | TokenError::Mint(_)
        | TokenError::Store(_) => "invalid_request",
    }
}
