//! Handler of the token endpoint.
use super::claims::TooMuch;
use super::client_auth;
use super::client_auth::{ClientAuthError, Presented};
use super::device::{self, DeviceRefusal};
use super::dpop::{self, BadProof};
use super::error::TokenError;
use super::grant_token_exchange::ExchangeRefusal;
use super::happenings;
use super::routes_cors::for_client;
use super::routes_dpop::with_nonce;
use super::tokens::{MintError, TokenResponse};
use super::{
    grant_authorization_code, grant_client_credentials, grant_device_code, grant_password,
    grant_refresh_token, grant_token_exchange,
};
use crate::account::family::RotateRefusal;
use crate::realm::client::Client;
use crate::realm::context::RealmContext;
use crate::web::answer::{json, oauth_error, with_header};
use crate::web::credentials::{basic, is_bad_basic};
use crate::web::form::Form;
use crate::web::{Request, Response, header};
use http::StatusCode;
use http::header::{CACHE_CONTROL, PRAGMA, WWW_AUTHENTICATE};

/// `POST /realms/{realm}/protocol/openid-connect/token` (RFC 6749 §3.2).
pub async fn token(context: &RealmContext<'_>, request: &Request) -> Response {
    let (client, form) = match authenticate(context, request).await {
        Ok(known) => known,
        Err(error) => return refuse(context, request, &error),
    };
    let granted = grant(context, request, &client, &form).await;
    happenings::of_grant(context, &client, &form, &granted).await;
    let response = match granted {
        Ok(tokens) => {
            let response = with_header(json(StatusCode::OK, &tokens), CACHE_CONTROL, "no-store");
            // RFC 6749 §5.1 wants both, for caches older than HTTP/1.1.
            with_header(response, PRAGMA, "no-cache")
        }
        Err(error) => refuse(context, request, &error),
    };
    for_client(response, request, &client)
}

/// Reads the form of an endpoint at which clients authenticate, and finds out which
/// one asks.
///
/// # Errors
/// `NotAForm` and `Client`.
pub async fn authenticate(
    context: &RealmContext<'_>,
    request: &Request,
) -> Result<(std::rc::Rc<Client>, Form), TokenError> {
    let form = Form::body(request).ok_or(TokenError::NotAForm)?;
    // RFC 6749 §5.2: who tried the header and failed is told of the header.
    if is_bad_basic(request) {
        return Err(ClientAuthError::BadHeader.into());
    }
    let presented = Presented { basic: basic(request), form: &form };
    match client_auth::authenticate(context, &presented).await {
        Ok(client) => Ok((client, form)),
        Err(error) => {
            happenings::client_refused(context, &form, &error).await;
            Err(error.into())
        }
    }
}

async fn grant(
    context: &RealmContext<'_>,
    request: &Request,
    client: &Client,
    form: &Form,
) -> Result<TokenResponse, TokenError> {
    let grant_type = form.one("grant_type")?;
    let jkt = dpop::at_token_endpoint(context, request, client).await?;
    let jkt = jkt.as_deref();
    match grant_type {
        "authorization_code" => grant_authorization_code::grant(context, client, form, jkt).await,
        "refresh_token" => grant_refresh_token::grant(context, client, form, jkt).await,
        "client_credentials" => grant_client_credentials::grant(context, client, form, jkt).await,
        "password" => grant_password::grant(context, client, form, jkt).await,
        device::GRANT_TYPE => grant_device_code::grant(context, client, form, jkt).await,
        grant_token_exchange::GRANT_TYPE => {
            grant_token_exchange::grant(context, client, form, jkt).await
        }
        _ => Err(TokenError::UnknownGrant),
    }
}

/// What a client is told.
struct Wire {
    status: StatusCode,
    error: &'static str,
    description: &'static str,
}

const fn wire(status: StatusCode, error: &'static str, description: &'static str) -> Wire {
    Wire { status, error, description }
}

/// One answer for every organization that a token does not speak for, and every
/// reason: nobody learns which there are.
const ORGANIZATION: Wire =
    wire(StatusCode::BAD_REQUEST, "access_denied", "The organization cannot be granted");

impl TokenError {
    /// Status, `error` and words (RFC 6749 §5.2). The many reasons against a code
    /// or a refresh token share one answer each, so that a caller cannot learn
    /// which check failed.
    const fn wire(&self) -> Wire {
        const BAD: StatusCode = StatusCode::BAD_REQUEST;
        match self {
            Self::NotAForm => wire(BAD, "invalid_request", "The body must be a form"),
            Self::Parameter(_) | Self::Client(ClientAuthError::TwoMethods) => {
                wire(BAD, "invalid_request", "A parameter is missing, repeated or superfluous")
            }
            Self::Client(ClientAuthError::Parameter(_)) => {
                wire(BAD, "invalid_request", "client_id is missing or repeated")
            }
            // Keycloak's words, which its adapters show.
            Self::Client(
                ClientAuthError::Unknown { .. }
                | ClientAuthError::NoSecret { .. }
                | ClientAuthError::WrongSecret { .. }
                | ClientAuthError::WrongMethod { .. }
                | ClientAuthError::Assertion { .. }
                | ClientAuthError::BadHeader
                | ClientAuthError::NotAnAssertion,
            ) => wire(
                StatusCode::UNAUTHORIZED,
                "invalid_client",
                "Invalid client or Invalid client credentials",
            ),
            Self::UnknownGrant => wire(BAD, "unsupported_grant_type", "Unsupported grant_type"),
            Self::GrantNotAllowed => {
                wire(BAD, "unauthorized_client", "Client not allowed for this grant")
            }
            Self::Scope(_) => wire(BAD, "invalid_scope", "The scope cannot be granted"),
            Self::Resource(_) => wire(BAD, "invalid_target", "The resource cannot be granted"),
            Self::NotACode | Self::Code(_) => wire(BAD, "invalid_grant", "Code not valid"),
            // RFC 8628 §3.5.
            Self::Device(DeviceRefusal::Pending) => {
                wire(BAD, "authorization_pending", "The authorization request is still pending")
            }
            Self::Device(DeviceRefusal::SlowDown) => {
                wire(BAD, "slow_down", "Slow down: wait 5 seconds longer between two requests")
            }
            Self::Device(DeviceRefusal::Denied) => {
                wire(BAD, "access_denied", "The end user denied the authorization request")
            }
            Self::Device(DeviceRefusal::Expired) => {
                wire(BAD, "expired_token", "Device code is expired")
            }
            Self::Device(DeviceRefusal::Unknown | DeviceRefusal::Code(_)) => {
                wire(BAD, "invalid_grant", "Device code not valid")
            }
            Self::Organization => ORGANIZATION,
            Self::Exchange(refusal) => refusal.wire(),
            Self::NotARefreshToken(_) | Self::Refresh(_) | Self::NoUser | Self::MembershipLost => {
                wire(BAD, "invalid_grant", "Invalid refresh token")
            }
            Self::WrongPassword => wire(BAD, "invalid_grant", "Invalid user credentials"),
            Self::NotSetUp => wire(BAD, "invalid_grant", "Account is not fully set up"),
            Self::PublicClient => {
                wire(StatusCode::FORBIDDEN, "invalid_request", "Client not allowed")
            }
            Self::OthersToken => wire(BAD, "invalid_token", "The token is of another client"),
            Self::UnsupportedTokenType => {
                wire(BAD, "unsupported_token_type", "Tokens of this type are not revoked")
            }
            Self::SessionEnded => wire(BAD, "invalid_grant", "Session not active"),
            Self::Mint(MintError::TooMuch(TooMuch::Roles)) => wire(
                BAD,
                "invalid_scope",
                "The token would carry more than 1000 roles (MAX_TOKEN_ROLES)",
            ),
            Self::Mint(MintError::NoAudience) => ExchangeRefusal::Target.wire(),
            Self::Mint(MintError::TooMuch(TooMuch::Groups)) => wire(
                BAD,
                "invalid_scope",
                "The token would tell of more than 2000 groups (MAX_TOKEN_GROUPS)",
            ),
            Self::Proof(BadProof::Nonce) => {
                wire(BAD, "use_dpop_nonce", "The DPoP proof needs the nonce of DPoP-Nonce")
            }
            Self::Proof(BadProof::Store(_))
            | Self::Client(ClientAuthError::Store(_))
            | Self::Mint(_)
            | Self::Store(_) => {
                wire(StatusCode::INTERNAL_SERVER_ERROR, "server_error", "Please try again")
            }
            Self::Proof(_) => wire(BAD, "invalid_dpop_proof", "The DPoP proof is not valid"),
        }
    }

    /// Whether somebody should look: our own failure, or a theft.
    const fn is_alarming(&self) -> bool {
        matches!(self, Self::Refresh(RotateRefusal::Reused))
    }
}

impl ExchangeRefusal {
    /// RFC 8693 §2.2.2, with Keycloak's words where it has some. That a subject token is
    /// not taken has one answer, whatever is wrong with it.
    const fn wire(self) -> Wire {
        const BAD: StatusCode = StatusCode::BAD_REQUEST;
        match self {
            Self::Parameter => wire(BAD, "invalid_request", "Only the person's own exchange"),
            Self::TokenType => wire(BAD, "invalid_request", "Only access tokens are exchanged"),
            Self::Subject | Self::Key => wire(BAD, "invalid_request", "Invalid token"),
            Self::Requested => wire(BAD, "invalid_request", "requested_token_type unsupported"),
            Self::NotOpenid => {
                wire(BAD, "invalid_request", "The subject token was not granted openid")
            }
            Self::NoSession => {
                wire(BAD, "invalid_request", "The subject token has no session to refresh")
            }
            Self::Offline => {
                wire(BAD, "invalid_request", "Scope offline_access not allowed for token exchange")
            }
            // Keycloak answers 403 access_denied, in the same words; §2.2.2 says this of
            // every subject token that policy does not accept.
            Self::Audience => {
                wire(BAD, "invalid_request", "Client is not within the token audience")
            }
            Self::Target => wire(BAD, "invalid_target", "Requested audience not available"),
            Self::Organization => ORGANIZATION,
            Self::Consent => wire(BAD, "invalid_scope", "Missing consents for Token Exchange"),
        }
    }
}

/// The one place a failed request of a client is logged.
pub fn refuse(context: &RealmContext<'_>, request: &Request, refusal: &TokenError) -> Response {
    let Wire { status, error, description } = refusal.wire();
    let realm = &context.realm.id;
    if status.is_server_error() {
        tracing::error!(realm.id = %realm, oauth.error = error, "Token request failed: {refusal}");
    } else if refusal.is_alarming() {
        tracing::warn!(realm.id = %realm, oauth.error = error, "Token request refused: {refusal}");
    } else {
        tracing::info!(realm.id = %realm, oauth.error = error, "Token request refused: {refusal}");
    }
    let response = oauth_error(status, error, description);
    // RFC 6749 §5.2: a client that used the header is told of the header.
    let used_header = header(request, "authorization").is_some();
    if matches!(refusal, TokenError::Client(_)) && status == StatusCode::UNAUTHORIZED && used_header
    {
        let challenge = format!("Basic realm=\"{}\"", context.realm.name);
        return with_header(response, WWW_AUTHENTICATE, &challenge);
    }
    match refusal {
        TokenError::Proof(BadProof::Nonce) => with_nonce(context, response),
        _ => response,
    }
}
