//! Handler of the userinfo endpoint.
use super::bearer::{BearerError, Caller, authenticate};
use super::routes_cors::for_client;
use super::userinfo;
use super::userinfo::UserinfoError;
use crate::realm::context::RealmContext;
use crate::web::answer::{json, oauth_error, with_header};
use crate::web::credentials::bearer;
use crate::web::{Request, Response};
use http::StatusCode;
use http::header::{CACHE_CONTROL, WWW_AUTHENTICATE};

/// Why nothing is told.
#[derive(Debug, thiserror::Error)]
enum Refusal {
    #[error(transparent)]
    Bearer(#[from] BearerError),
    #[error(transparent)]
    Userinfo(#[from] UserinfoError),
}

/// `GET` and `POST /realms/{realm}/protocol/openid-connect/userinfo` (OIDC Core
/// §5.3.1). The token comes in the header only (RFC 9700 §4.3.2 has it kept out
/// of the query).
pub async fn userinfo(context: &RealmContext<'_>, request: &Request) -> Response {
    let caller = match authenticate(context, bearer(request)).await {
        Ok(caller) => caller,
        Err(error) => return refuse(context, &error.into()),
    };
    let response = match userinfo::claims_about(context, &caller).await {
        Ok(claims) => with_header(json(StatusCode::OK, &claims), CACHE_CONTROL, "no-store"),
        Err(error) => refuse(context, &error.into()),
    };
    for_its_client(context, request, &caller, response).await
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
            Self::Userinfo(UserinfoError::TooMuch(_) | UserinfoError::Scope(_)) => {
                (StatusCode::BAD_REQUEST, Some("invalid_request"))
            }
            Self::Bearer(BearerError::Store(_)) | Self::Userinfo(UserinfoError::Store(_)) => {
                (StatusCode::INTERNAL_SERVER_ERROR, Some("server_error"))
            }
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
    let challenge = error.map_or_else(
        || format!("Bearer realm=\"{}\"", context.realm.name),
        |error| format!("Bearer realm=\"{}\", error=\"{error}\"", context.realm.name),
    );
    with_header(response, WWW_AUTHENTICATE, &challenge)
}
