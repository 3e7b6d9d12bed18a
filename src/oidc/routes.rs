//! Handlers of what anyone may read: discovery and keys.
use super::discovery;
use super::routes_cors::for_anyone;
use crate::realm::context::RealmContext;
use crate::web::answer::{json, keycloak_error, with_header};
use crate::web::{Request, Response};
use http::StatusCode;
use http::header::CACHE_CONTROL;

/// How long a client may keep the document and the keys: less than a new key is
/// published before it signs (`realm::key::PREPUBLISH`), so that whoever keeps
/// to it never meets a signature of a key they have not seen.
const KEEP: &str = "public, max-age=30";

/// `GET /realms/{realm}/.well-known/openid-configuration`.
pub async fn discovery(context: &RealmContext<'_>, _request: &Request) -> Response {
    let response = json(StatusCode::OK, &discovery::document(context));
    for_anyone(with_header(response, CACHE_CONTROL, KEEP))
}

/// `GET /realms/{realm}/protocol/openid-connect/certs`.
pub async fn certs(context: &RealmContext<'_>, _request: &Request) -> Response {
    match discovery::key_set(context).await {
        Ok(keys) => for_anyone(with_header(json(StatusCode::OK, &keys), CACHE_CONTROL, KEEP)),
        Err(error) => {
            tracing::error!(realm.id = %context.realm.id, "The keys could not be read: {error}");
            keycloak_error(StatusCode::INTERNAL_SERVER_ERROR)
        }
    }
}
