//! `/Users`, and `/Me` (RFC 7644 §3).
use super::document::Document;
use super::door::{Admitted, leaving, local};
use super::error::Refusal;
use super::list::list_users as list_users_of;
use super::projection::Projection;
use super::query::Asked;
use super::reply::scim;
use super::shape::Shape;
use super::store::user::find_of;
use super::user::ScimUser;
use super::wire::{self, View};
use super::{change, create, remove};
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
        route(Method::POST, SEARCH, local!(search_users)),
        route(Method::GET, ME, local!(read_me)),
        route(Method::PUT, ME, local!(replace_me)),
        route(Method::PATCH, ME, local!(patch_me)),
        route(Method::DELETE, ME, local!(delete_me)),
    ]
}

const USERS: &str = "/realms/{realm}/scim/v2/organizations/{org}/Users";
const USER: &str = "/realms/{realm}/scim/v2/organizations/{org}/Users/{id}";
const SEARCH: &str = "/realms/{realm}/scim/v2/organizations/{org}/Users/.search";
const ME: &str = "/realms/{realm}/scim/v2/organizations/{org}/Me";

/// `GET /Users`.
fn list_users(admitted: &Admitted<'_>) -> Result<Response, Refusal> {
    page(admitted, &Asked::in_query(&Form::query(admitted.request)))
}

/// `POST /Users/.search` (RFC 7644 §3.4.3).
fn search_users(admitted: &Admitted<'_>) -> Result<Response, Refusal> {
    page(admitted, &Asked::in_body(admitted.body()?)?)
}

fn page(admitted: &Admitted<'_>, asked: &Asked) -> Result<Response, Refusal> {
    let view = view(admitted, asked.projection())?;
    let listed = list_users_of(admitted.visit.sql(), &asked.of(&view.shape)?)?;
    Ok(scim(StatusCode::OK, &wire::page(&listed, |user| wire::user(user, &view))))
}

/// `POST /Users`.
fn create_user<'a>(admitted: &'a Admitted<'a>) -> LocalBoxFuture<'a, Result<Response, Refusal>> {
    async move {
        let view = shown(admitted)?;
        let document = Document::read(admitted.body()?, &view.shape)?;
        let user = create::create(admitted.visit, &admitted.config, document).await?;
        let response = resource(StatusCode::CREATED, &user, &view);
        Ok(answer::with_header(response, LOCATION, &wire::location(&user, &view.base)))
    }
    .boxed_local()
}

/// `GET /Users/{id}`.
fn read_user(admitted: &Admitted<'_>) -> Result<Response, Refusal> {
    read(admitted, &id(admitted)?)
}

/// `PUT /Users/{id}`.
fn replace_user(admitted: &Admitted<'_>) -> Result<Response, Refusal> {
    replace(admitted, &id(admitted)?)
}

/// `PATCH /Users/{id}`: 200 with the whole resource, as Okta and Entra want it.
fn patch_user(admitted: &Admitted<'_>) -> Result<Response, Refusal> {
    patch(admitted, &id(admitted)?)
}

/// `DELETE /Users/{id}`.
fn delete_user(admitted: &Admitted<'_>) -> Result<Response, Refusal> {
    delete(admitted, &id(admitted)?)
}

/// `GET /Me`.
fn read_me(admitted: &Admitted<'_>) -> Result<Response, Refusal> {
    read(admitted, &me(admitted)?)
}

/// `PUT /Me`.
fn replace_me(admitted: &Admitted<'_>) -> Result<Response, Refusal> {
    replace(admitted, &me(admitted)?)
}

/// `PATCH /Me`.
fn patch_me(admitted: &Admitted<'_>) -> Result<Response, Refusal> {
    patch(admitted, &me(admitted)?)
}

/// `DELETE /Me`.
fn delete_me(admitted: &Admitted<'_>) -> Result<Response, Refusal> {
    delete(admitted, &me(admitted)?)
}

fn read(admitted: &Admitted<'_>, id: &ScimId) -> Result<Response, Refusal> {
    let user = change::read(admitted.visit.sql(), id)?;
    if admitted.knows(user.version) {
        let response = answer::empty(StatusCode::NOT_MODIFIED);
        return Ok(answer::with_header(response, ETAG, &wire::etag(&user)));
    }
    Ok(resource(StatusCode::OK, &user, &shown(admitted)?))
}

fn replace(admitted: &Admitted<'_>, id: &ScimId) -> Result<Response, Refusal> {
    let view = shown(admitted)?;
    let document = Document::read(admitted.body()?, &view.shape)?;
    let user = change::replace(&admitted.scene(), id, document, &admitted.precondition())?;
    Ok(resource(StatusCode::OK, &user, &view))
}

fn patch(admitted: &Admitted<'_>, id: &ScimId) -> Result<Response, Refusal> {
    let operations = super::patch::read(admitted.body()?)?;
    let user = change::patch(&admitted.scene(), id, operations, &admitted.precondition())?;
    Ok(resource(StatusCode::OK, &user, &shown(admitted)?))
}

fn delete(admitted: &Admitted<'_>, id: &ScimId) -> Result<Response, Refusal> {
    remove::remove(&admitted.scene(), id, &admitted.precondition())?;
    Ok(answer::empty(StatusCode::NO_CONTENT))
}

/// The resource of whose access token it is (RFC 7644 §3.11). Who presents the
/// organization's secret is nobody in particular.
fn me(admitted: &Admitted<'_>) -> Result<ScimId, Refusal> {
    let caller = admitted.visit.visitor.caller.as_ref();
    let person = caller.filter(|caller| !caller.is_service_account);
    let user = person.and_then(|person| find_of(admitted.visit.sql(), &person.user).transpose());
    Ok(user.ok_or(Refusal::Unknown)??.id)
}

fn id(admitted: &Admitted<'_>) -> Result<ScimId, Refusal> {
    admitted.params.get("id").parse().map_err(|_| Refusal::Unknown)
}

/// How the answer shows users, as the query asks.
fn shown(admitted: &Admitted<'_>) -> Result<View, Refusal> {
    view(admitted, Asked::in_query(&Form::query(admitted.request)).projection())
}

fn view(admitted: &Admitted<'_>, projection: Projection) -> Result<View, Refusal> {
    let shape = Shape::of_users(admitted.visit.sql())?;
    Ok(View { base: admitted.base(), shape, projection })
}

fn resource(status: StatusCode, user: &ScimUser, view: &View) -> Response {
    answer::with_header(scim(status, &wire::user(user, view)), ETAG, &wire::etag(user))
}
