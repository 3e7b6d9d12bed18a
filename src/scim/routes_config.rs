//! `/realms/{realm}/orgs/{org}/scim` (reference phasetwo.md §1.9).
use super::configure::{self, Created};
use super::wire_config::{ConfigJson, ConfigRequest};
use crate::org::error::OrgError;
use crate::org::permission::{Permission, require};
use crate::org::routes::respond;
use crate::org::visit::Handler::{self, Local};
use crate::org::visit::Visit;
use crate::web::answer;
use crate::web::router::{Params, Route};
use crate::web::{Request, Response};
use http::header::CACHE_CONTROL;
use http::{Method, StatusCode};

/// Who answers what.
#[must_use]
pub fn table() -> Vec<Route<Handler>> {
    let path = "/realms/{realm}/orgs/{org}/scim";
    let route = |method, handler| Route { method, path, handler };
    vec![
        route(Method::GET, Local(read)),
        route(Method::POST, Local(create)),
        route(Method::PUT, Local(replace)),
        route(Method::DELETE, Local(delete)),
    ]
}

pub(super) const VIEW: &[Permission] = &[Permission::VIEW_IDENTITY_PROVIDERS];

pub(super) const WRITE: &[Permission] =
    &[Permission::VIEW_IDENTITY_PROVIDERS, Permission::MANAGE_IDENTITY_PROVIDERS];

/// The realm's switch comes first: 404 whoever asks.
pub(super) fn admit(visit: &Visit<'_>, permissions: &[Permission]) -> Result<(), OrgError> {
    if !visit.visitor.realm.settings.scim_enabled {
        return Err(OrgError::Unknown("SCIM configuration"));
    }
    require(visit, permissions).map(|_| ())
}

/// `GET`.
fn read(visit: &Visit<'_>, _: &Request, _: &Params) -> Response {
    let config = admit(visit, VIEW).and_then(|()| configure::read(visit));
    respond(config.map(|config| answer::json(StatusCode::OK, &ConfigJson::of(&config, None))))
}

/// `POST`: 201 with the configuration, in it once the secret that we made.
fn create(visit: &Visit<'_>, request: &Request, _: &Params) -> Response {
    let created = admit(visit, WRITE)
        .and_then(|()| Ok(answer::read_json::<ConfigRequest>(request)?))
        .and_then(|asked| configure::create(visit, &asked));
    respond(created.map(|created| match created {
        Created::New(config, token) => {
            let json = ConfigJson::of(&config, token.as_ref());
            let response = answer::json(StatusCode::CREATED, &json);
            answer::with_header(response, CACHE_CONTROL, "no-store")
        }
        Created::Exists => {
            let text = b"The organization has a SCIM configuration already.".to_vec();
            answer::with_body(StatusCode::CONFLICT, "text/plain; charset=utf-8", text)
        }
    }))
}

/// `PUT`: 200 with the configuration.
fn replace(visit: &Visit<'_>, request: &Request, _: &Params) -> Response {
    let config = admit(visit, WRITE)
        .and_then(|()| Ok(answer::read_json::<ConfigRequest>(request)?))
        .and_then(|asked| configure::replace(visit, &asked));
    respond(config.map(|config| answer::json(StatusCode::OK, &ConfigJson::of(&config, None))))
}

/// `DELETE`: 204.
fn delete(visit: &Visit<'_>, _: &Request, _: &Params) -> Response {
    let deleted = admit(visit, WRITE).and_then(|()| configure::delete(visit));
    respond(deleted.map(|()| answer::empty(StatusCode::NO_CONTENT)))
}
