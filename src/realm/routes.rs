//! What the administration paths of a realm share: how they are listed, and how
//! a refusal is told.
use super::error::AdminError;
use super::inquiry::Inquiry;
use super::profile_fault::ProfileFault;
use crate::web::{Response, answer};
use futures::future::LocalBoxFuture;
use http::{Method, StatusCode};
use serde_json::json;

/// A handler for callers with a valid access token.
pub type Handler = for<'a> fn(&'a Inquiry<'a>) -> LocalBoxFuture<'a, Response>;

/// Who answers what, as a domain lists it.
pub type Table = Vec<(Method, &'static str, Handler)>;

/// What the caller is told: Keycloak's families of error bodies (reference
/// keycloak.md §2). The one place where a refusal is logged.
pub fn respond(result: Result<Response, AdminError>) -> Response {
    let error = match result {
        Ok(response) => return response,
        Err(error) => error,
    };
    match error {
        AdminError::Forbidden => answer::keycloak_error(StatusCode::FORBIDDEN),
        AdminError::Unknown(what) => answer::keycloak_problem(StatusCode::NOT_FOUND, what),
        AdminError::Missing(_) => message(StatusCode::NOT_FOUND, &error),
        AdminError::Body(body) => body.respond(),
        AdminError::Page(_) | AdminError::TooMany(_) | AdminError::Invalid(_) => {
            message(StatusCode::BAD_REQUEST, &error)
        }
        AdminError::Told(words) => answer::keycloak_problem(StatusCode::BAD_REQUEST, &words),
        AdminError::Field { field, rule, params } => {
            let params: Vec<_> = std::iter::once(json!(field)).chain(params).collect();
            let told = json!({ "field": field, "errorMessage": rule, "params": params });
            answer::json(StatusCode::BAD_REQUEST, &told)
        }
        AdminError::Rejected { error, description } => {
            let told = json!({ "error": error, "error_description": description });
            answer::json(StatusCode::BAD_REQUEST, &told)
        }
        AdminError::Profile(faults) => {
            answer::json(StatusCode::BAD_REQUEST, &ProfileFault::body(&faults))
        }
        AdminError::Duplicate => {
            let told = json!({ "error": "conflict", "error_description": error.to_string() });
            answer::json(StatusCode::CONFLICT, &told)
        }
        AdminError::Conflict(_) => message(StatusCode::CONFLICT, &error),
        AdminError::Store(error) => {
            tracing::error!("An administration request failed: {error}");
            let told = json!({ "error": "unknown_error" });
            answer::json(StatusCode::INTERNAL_SERVER_ERROR, &told)
        }
    }
}

fn message(status: StatusCode, error: &AdminError) -> Response {
    answer::json(status, &json!({ "errorMessage": error.to_string() }))
}
