//! Handler of the userinfo endpoint.
use super::bearer::{BearerError, Caller, authenticate_posted};
use super::dpop::BadProof;
use super::routes_cors::for_client;
use super::routes_dpop::with_nonce;
use super::shape;
use super::tokens::{MintError, Signer};
use super::userinfo;
use super::userinfo::UserinfoError;
use crate::realm::context::RealmContext;
use crate::web::answer::{json, oauth_error, with_body, with_header};
use crate::web::form::Form;
use crate::web::{Request, Response};
use http::header::{CACHE_CONTROL, WWW_AUTHENTICATE};
use http::{Method, StatusCode};

/// Why nothing is told.
#[derive(Debug, thiserror::Error)]
enum Refusal {
    #[error(transparent)]
    Bearer(#[from] BearerError),
    #[error(transparent)]
    Userinfo(#[from] UserinfoError),
    #[error(transparent)]
    Mint(#[from] MintError),
}

/// `GET` and `POST /realms/{realm}/protocol/openid-connect/userinfo` (OIDC Core
/// §5.3.1). The token comes in the header or in the form (RFC 6750 §2.1, §2.2), and
/// never in the query (RFC 9700 §4.3.2).
pub async fn userinfo(context: &RealmContext<'_>, request: &Request) -> Response {
    let form = Form::body(request).filter(|_| request.method() == Method::POST);
    let caller = match authenticate_posted(context, request, &form.unwrap_or_default()).await {
        Ok(caller) => caller,
        Err(error) => return refuse(context, &error.into()),
    };
    let response = match tell(context, &caller).await {
        Ok(response) => with_header(response, CACHE_CONTROL, "no-store"),
        Err(error) => refuse(context, &error),
    };
    for_its_client(context, request, &caller, response).await
}

/// The claims, as JSON or, for a client that wants it, signed (OIDC Core §5.3.2).
async fn tell(context: &RealmContext<'_>, caller: &Caller) -> Result<Response, Refusal> {
    let claims = userinfo::claims_about(context, caller).await?;
    let client = context.find_client(&caller.client_id).await.map_err(UserinfoError::Store)?;
    let algorithm = client.as_deref().and_then(shape::userinfo_algorithm);
    if algorithm.is_none() {
        return Ok(json(StatusCode::OK, &claims));
    }
    let mut claims = claims;
    claims["iss"] = context.issuer().into();
    claims["aud"] = caller.client_id.as_str().into();
    let token = Signer::of(context, algorithm).await?.sign("JWT", &claims).await?;
    Ok(with_body(StatusCode::OK, "application/jwt", token.into_bytes()))
}

async fn for_its_client(
    context: &RealmContext<'_>,
    request: &Request,
    caller: &Caller,
    response: Response,
) -> Response {
    match context.find_client(&caller.client_id).await {
        Ok(Some(client)) => for_client(response, request, &client),
        Ok(None) | Err(_) => response,
    }
}

impl Refusal {
    /// Status and `error` of RFC 6750 §3.1; no `error` for a request without a
    /// token.
    const fn wire(&self) -> (StatusCode, Option<&'static str>) {
        match self {
            Self::Bearer(BearerError::Missing) => (StatusCode::UNAUTHORIZED, None),
            Self::Bearer(
                BearerError::UnknownRealm
                | BearerError::RealmDisabled
                | BearerError::Revoked
                | BearerError::Token(_)
                | BearerError::Bound
                | BearerError::Unbound
                | BearerError::Claims(_)
                | BearerError::NoSubject,
            )
            | Self::Userinfo(
                UserinfoError::OtherRealm
                | UserinfoError::SessionEnded
                | UserinfoError::NoUser
                | UserinfoError::NoClient,
            ) => (StatusCode::UNAUTHORIZED, Some("invalid_token")),
            Self::Userinfo(UserinfoError::NotOpenid) => {
                (StatusCode::FORBIDDEN, Some("insufficient_scope"))
            }
            Self::Bearer(BearerError::TwoWays | BearerError::Parameter(_))
            | Self::Userinfo(UserinfoError::TooMuch(_) | UserinfoError::Scope(_)) => {
                (StatusCode::BAD_REQUEST, Some("invalid_request"))
            }
            Self::Bearer(BearerError::Store(_) | BearerError::Proof(BadProof::Store(_)))
            | Self::Userinfo(UserinfoError::Store(_))
            | Self::Mint(_) => (StatusCode::INTERNAL_SERVER_ERROR, Some("server_error")),
            Self::Bearer(BearerError::Proof(bad)) => (StatusCode::UNAUTHORIZED, Some(bad.code())),
        }
    }
}

impl Refusal {
    /// Which scheme the caller should use (RFC 9449 §7.1).
    const fn scheme(&self) -> &'static str {
        match self {
            Self::Bearer(BearerError::Proof(_) | BearerError::Bound) => "DPoP",
            _ => "Bearer",
        }
    }
}

/// The one place a failed userinfo request is logged.
fn refuse(context: &RealmContext<'_>, refusal: &Refusal) -> Response {
    let (status, error) = refusal.wire();
    if status.is_server_error() {
        tracing::error!(realm.id = %context.realm.id, "Userinfo request failed: {refusal}");
    } else {
        tracing::info!(realm.id = %context.realm.id, "Userinfo request refused: {refusal}");
    }
    let words = refusal.to_string();
    let response = match (error, status.is_server_error()) {
        (Some(error), true) => return oauth_error(status, error, "Please try again"),
        (Some(error), false) => oauth_error(status, error, &words),
        (None, _) => oauth_error(status, "invalid_request", &words),
    };
    let scheme = refusal.scheme();
    let challenge = error.map_or_else(
        || format!("{scheme} realm=\"{}\"", context.realm.name),
        |error| format!("{scheme} realm=\"{}\", error=\"{error}\"", context.realm.name),
    );
    let response = with_header(response, WWW_AUTHENTICATE, &challenge);
    match refusal {
        Refusal::Bearer(BearerError::Proof(BadProof::Nonce)) => with_nonce(context, response),
        _ => response,
    }
}
