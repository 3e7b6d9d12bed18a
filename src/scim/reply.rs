//! Answers in SCIM's words.
use super::error::Refusal;
use super::wire::{ErrorJson, MEDIA_TYPE};
use crate::web::Response;
use crate::web::answer;
use http::header::{ALLOW, CONTENT_TYPE, WWW_AUTHENTICATE};
use http::{Method, StatusCode};
use serde::Serialize;

/// No such path, in any organization.
#[must_use]
pub fn no_such_path() -> Response {
    refuse(&Refusal::Unknown)
}

/// No such organization: as to a wrong credential of one that there is.
#[must_use]
pub fn stranger() -> Response {
    refuse(&Refusal::Credential)
}

/// An error of this dialect, for who refuses a request before it gets here.
#[must_use]
pub fn problem(status: StatusCode, detail: &str) -> Response {
    scim(status, &ErrorJson::new(status.as_u16(), None, detail.to_owned()))
}

/// 405 with the methods that would do.
#[must_use]
pub fn method_not_allowed(allowed: &[Method]) -> Response {
    let names: Vec<&str> = allowed.iter().map(Method::as_str).collect();
    let response =
        problem(StatusCode::METHOD_NOT_ALLOWED, "the resource does not have this method");
    answer::with_header(response, ALLOW, &names.join(", "))
}

/// An answer with a body of SCIM JSON.
#[must_use]
pub fn scim(status: StatusCode, body: &impl Serialize) -> Response {
    let mut response = answer::json(status, body);
    response.headers_mut().insert(CONTENT_TYPE, http::HeaderValue::from_static(MEDIA_TYPE));
    response
}

/// The answer to a request, or what the client is told instead.
#[must_use]
pub fn respond(result: Result<Response, Refusal>) -> Response {
    result.unwrap_or_else(|refusal| refuse(&refusal))
}

/// What the client is told. The one place where a refusal is logged.
#[must_use]
pub fn refuse(refusal: &Refusal) -> Response {
    let (status, scim_type) = wire_of(refusal);
    let detail = match refusal {
        Refusal::Store(error) => {
            tracing::error!("A SCIM request failed: {error}");
            "the request could not be completed; try it again".to_owned()
        }
        refusal => {
            tracing::info!(scim.status = status.as_u16(), "SCIM request refused: {refusal}");
            refusal.to_string()
        }
    };
    let response = scim(status, &ErrorJson::new(status.as_u16(), scim_type, detail));
    if status == StatusCode::UNAUTHORIZED {
        return answer::with_header(response, WWW_AUTHENTICATE, CHALLENGE);
    }
    response
}

/// Both schemes, whichever the organization uses: a stranger learns nothing.
const CHALLENGE: &str = "Bearer realm=\"scim\", Basic realm=\"scim\"";

/// RFC 7644 §3.12, table 9.
const fn wire_of(refusal: &Refusal) -> (StatusCode, Option<&'static str>) {
    match refusal {
        Refusal::Off | Refusal::Unknown => (StatusCode::NOT_FOUND, None),
        Refusal::Credential => (StatusCode::UNAUTHORIZED, None),
        Refusal::MediaType => (StatusCode::UNSUPPORTED_MEDIA_TYPE, None),
        Refusal::Syntax(_) => (StatusCode::BAD_REQUEST, Some("invalidSyntax")),
        Refusal::Filter(_) => (StatusCode::BAD_REQUEST, Some("invalidFilter")),
        Refusal::Cursor => (StatusCode::BAD_REQUEST, Some("invalidCursor")),
        Refusal::Count => (StatusCode::BAD_REQUEST, Some("invalidCount")),
        Refusal::Unfilterable => (StatusCode::FORBIDDEN, None),
        Refusal::Path(_) => (StatusCode::BAD_REQUEST, Some("invalidPath")),
        Refusal::NoTarget(_) => (StatusCode::BAD_REQUEST, Some("noTarget")),
        Refusal::Value(_) => (StatusCode::BAD_REQUEST, Some("invalidValue")),
        Refusal::Mutability(_) => (StatusCode::BAD_REQUEST, Some("mutability")),
        Refusal::Taken(_) | Refusal::Sibling => (StatusCode::CONFLICT, Some("uniqueness")),
        Refusal::TooManyTold => (StatusCode::BAD_REQUEST, Some("tooMany")),
        Refusal::TooLarge | Refusal::TooManyNamed => (StatusCode::PAYLOAD_TOO_LARGE, None),
        Refusal::Precondition => (StatusCode::PRECONDITION_FAILED, None),
        Refusal::Store(_) => (StatusCode::INTERNAL_SERVER_ERROR, None),
    }
}
