//! `/Users` (RFC 7644 §3).
use super::document::Document;
use super::door::{Admitted, leaving, local};
use super::error::Refusal;
use super::list::{Wanted, list};
use super::reply::scim;
use super::user::ScimUser;
use super::{change, create, patch, remove, wire};
use crate::kernel::id::ScimId;
use crate::org::visit::Handler;
use crate::web::form::Form;
use crate::web::router::Route;
use crate::web::{Response, answer};
use futures::FutureExt;
use futures::future::LocalBoxFuture;
use http::header::{ETAG, LOCATION};
use http::{Method, StatusCode};

/// Who answers what.
#[must_use]
pub fn table() -> Vec<Route<Handler>> {
    let route = |method, path, handler| Route { method, path, handler };
    vec![
        route(Method::GET, USERS, local!(list_users)),
        route(Method::POST, USERS, leaving!(create_user)),
        route(Method::GET, USER, local!(read_user)),
        route(Method::PUT, USER, local!(replace_user)),
        route(Method::PATCH, USER, local!(patch_user)),
        route(Method::DELETE, USER, local!(delete_user)),
    ]
}

const USERS: &str = "/realms/{realm}/scim/v2/organizations/{org}/Users";
const USER: &str = "/realms/{realm}/scim/v2/organizations/{org}/Users/{id}";

/// `GET /Users`.
fn list_users(admitted: &Admitted<'_>) -> Result<Response, Refusal> {
    let query = Form::query(admitted.request);
    let listed = list(admitted.visit.sql(), &Wanted::read(|name| query.first(name))?)?;
    Ok(scim(StatusCode::OK, &wire::users(&listed, &admitted.base())))
}

/// `POST /Users`.
fn create_user<'a>(admitted: &'a Admitted<'a>) -> LocalBoxFuture<'a, Result<Response, Refusal>> {
    async move {
        let document = Document::read(admitted.body()?)?;
        let user = create::create(admitted.visit, &admitted.config, document).await?;
        let location = wire::location(&user, &admitted.base());
        let response = resource(admitted, StatusCode::CREATED, &user);
        Ok(answer::with_header(response, LOCATION, &location))
    }
    .boxed_local()
}

/// `GET /Users/{id}`.
fn read_user(admitted: &Admitted<'_>) -> Result<Response, Refusal> {
    let user = change::read(admitted.visit.sql(), &id(admitted)?)?;
    if admitted.knows(user.version) {
        let response = answer::empty(StatusCode::NOT_MODIFIED);
        return Ok(answer::with_header(response, ETAG, &wire::etag(&user)));
    }
    Ok(resource(admitted, StatusCode::OK, &user))
}

/// `PUT /Users/{id}`.
fn replace_user(admitted: &Admitted<'_>) -> Result<Response, Refusal> {
    let document = Document::read(admitted.body()?)?;
    let (scene, precondition) = (admitted.scene(), admitted.precondition());
    let user = change::replace(&scene, &id(admitted)?, document, &precondition)?;
    Ok(resource(admitted, StatusCode::OK, &user))
}

/// `PATCH /Users/{id}`: 200 with the whole resource, as Okta and Entra want it.
fn patch_user(admitted: &Admitted<'_>) -> Result<Response, Refusal> {
    let operations = patch::read(admitted.body()?)?;
    let (scene, precondition) = (admitted.scene(), admitted.precondition());
    let user = change::patch(&scene, &id(admitted)?, operations, &precondition)?;
    Ok(resource(admitted, StatusCode::OK, &user))
}

/// `DELETE /Users/{id}`.
fn delete_user(admitted: &Admitted<'_>) -> Result<Response, Refusal> {
    remove::remove(&admitted.scene(), &id(admitted)?, &admitted.precondition())?;
    Ok(answer::empty(StatusCode::NO_CONTENT))
}

fn id(admitted: &Admitted<'_>) -> Result<ScimId, Refusal> {
    admitted.params.get("id").parse().map_err(|_| Refusal::Unknown)
}

fn resource(admitted: &Admitted<'_>, status: StatusCode, user: &ScimUser) -> Response {
    let response = scim(status, &wire::user(user, &admitted.base()));
    answer::with_header(response, ETAG, &wire::etag(user))
}
