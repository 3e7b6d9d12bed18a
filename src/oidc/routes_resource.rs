//! What our own resources say of themselves (RFC 9728): which server's tokens they
//! take. Asked for by the path of the resource, after the well-known prefix.
//!
//! Not the SCIM endpoints: what they take are credentials of their own.
use super::routes_cors::for_anyone;
use crate::realm::context::RealmContext;
use crate::web::answer::{json, keycloak_error, with_header};
use crate::web::{Request, Response};
use http::header::WWW_AUTHENTICATE;
use http::{HeaderValue, StatusCode};
use serde_json::json as object;

/// RFC 9728 §3.1.
const WELL_KNOWN: &str = "/.well-known/oauth-protected-resource";

/// The path of the resource that answers `path`, and what it is called.
fn resource_of(context: &RealmContext<'_>, path: &str) -> Option<(String, &'static str)> {
    let name = context.realm.name.as_str();
    let resources = [
        (format!("/realms/{name}/protocol/openid-connect/userinfo"), "Claims about a person"),
        (format!("/realms/{name}/orgs"), "Organizations"),
        (format!("/admin/realms/{name}"), "Administration"),
    ];
    resources.into_iter().find(|(known, _)| {
        path.strip_prefix(known.as_str())
            .is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
    })
}

/// `GET /.well-known/oauth-protected-resource/...` (RFC 9728 §3).
#[must_use]
pub fn describe(context: &RealmContext<'_>, request: &Request) -> Response {
    let path = request.uri().path().strip_prefix(WELL_KNOWN).unwrap_or_default();
    // Of the resource itself, not of what is below it (§3.3).
    let found = resource_of(context, path).filter(|(known, _)| known == path);
    let Some((path, name)) = found else { return keycloak_error(StatusCode::NOT_FOUND) };
    let document = object!({
        "resource": format!("{}{path}", context.public_url),
        "authorization_servers": [context.issuer()],
        "bearer_methods_supported": ["header"],
        "resource_name": name,
    });
    for_anyone(json(StatusCode::OK, &document))
}

/// Adds a challenge to an answer of 401 that has none (RFC 6750 §3). Endpoints at
/// which clients prove who they are challenge themselves (RFC 6749 §5.2).
#[must_use]
pub fn with_challenge(context: &RealmContext<'_>, path: &str, response: Response) -> Response {
    let is_challenged = response.headers().contains_key(WWW_AUTHENTICATE);
    let is_resource = !path.contains("/protocol/openid-connect/");
    if response.status() != StatusCode::UNAUTHORIZED || is_challenged || !is_resource {
        return response;
    }
    let response = with_metadata(context, path, response);
    if response.headers().contains_key(WWW_AUTHENTICATE) {
        return response;
    }
    with_header(response, WWW_AUTHENTICATE, &format!("Bearer realm=\"{}\"", context.realm.name))
}

/// Adds to a challenge where the resource describes itself (RFC 9728 §5.1); an answer
/// of 401 without one gets one.
#[must_use]
pub fn with_metadata(context: &RealmContext<'_>, path: &str, mut response: Response) -> Response {
    if response.status() != StatusCode::UNAUTHORIZED {
        return response;
    }
    let Some((resource, _)) = resource_of(context, path) else { return response };
    let metadata = format!("resource_metadata=\"{}{WELL_KNOWN}{resource}\"", context.public_url);
    let said = response.headers().get(WWW_AUTHENTICATE).and_then(|value| value.to_str().ok());
    let challenge = match said {
        Some(said) => format!("{said}, {metadata}"),
        None => format!("Bearer realm=\"{}\", {metadata}", context.realm.name),
    };
    if let Ok(value) = HeaderValue::from_str(&challenge) {
        response.headers_mut().insert(WWW_AUTHENTICATE, value);
    }
    response
}
