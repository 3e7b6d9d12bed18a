//! `/Groups` (RFC 7644 §3).
use super::door::{Admitted, local};
use super::error::Refusal;
use super::group::ScimGroup;
use super::group_document::GroupDocument;
use super::group_list::list_groups as list_groups_of;
use super::query::Asked;
use super::reply::scim;
use super::wire::{self, View};
use super::{group_change, group_create, group_patch, group_remove, wire_group};
use crate::kernel::id::GroupId;
use crate::org::visit::Handler;
use crate::web::form::Form;
use crate::web::router::Route;
use crate::web::{Response, answer};
use http::header::{ETAG, LOCATION};
use http::{Method, StatusCode};

/// Who answers what.
#[must_use]
pub fn table() -> Vec<Route<Handler>> {
    let route = |method, path, handler| Route { method, path, handler };
    vec![
        route(Method::GET, GROUPS, local!(list_groups)),
        route(Method::POST, GROUPS, local!(create_group)),
        route(Method::GET, GROUP, local!(read_group)),
        route(Method::PUT, GROUP, local!(replace_group)),
        route(Method::PATCH, GROUP, local!(patch_group)),
        route(Method::DELETE, GROUP, local!(delete_group)),
        route(Method::POST, SEARCH, local!(search_groups)),
    ]
}

const GROUPS: &str = "/realms/{realm}/scim/v2/organizations/{org}/Groups";
const GROUP: &str = "/realms/{realm}/scim/v2/organizations/{org}/Groups/{id}";
const SEARCH: &str = "/realms/{realm}/scim/v2/organizations/{org}/Groups/.search";

/// `GET /Groups`.
fn list_groups(admitted: &Admitted<'_>) -> Result<Response, Refusal> {
    page(admitted, &Asked::in_query(&Form::query(admitted.request)))
}

/// `POST /Groups/.search` (RFC 7644 §3.4.3).
fn search_groups(admitted: &Admitted<'_>) -> Result<Response, Refusal> {
    page(admitted, &Asked::in_body(admitted.body()?)?)
}

fn page(admitted: &Admitted<'_>, asked: &Asked) -> Result<Response, Refusal> {
    let view = View::of_groups(admitted.base(), asked.projection());
    let sql = admitted.visit.sql();
    let listed = list_groups_of(sql, &asked.of(&view.shape)?)?;
    Ok(scim(StatusCode::OK, &wire::page(&listed, wire_group::all(sql, &listed.resources, &view)?)))
}

/// `POST /Groups`.
fn create_group(admitted: &Admitted<'_>) -> Result<Response, Refusal> {
    let document = GroupDocument::read(admitted.body()?)?;
    let group = group_create::create(&admitted.scene(), document)?;
    let response = resource(admitted, StatusCode::CREATED, &group)?;
    let location = wire_group::location(&group.id, &admitted.base());
    Ok(answer::with_header(response, LOCATION, &location))
}

/// `GET /Groups/{id}`.
fn read_group(admitted: &Admitted<'_>) -> Result<Response, Refusal> {
    let group = group_change::read(admitted.visit.sql(), &id(admitted)?)?;
    if admitted.knows(group.version) {
        let response = answer::empty(StatusCode::NOT_MODIFIED);
        return Ok(answer::with_header(response, ETAG, &wire_group::etag(&group)));
    }
    resource(admitted, StatusCode::OK, &group)
}

/// `PUT /Groups/{id}`.
fn replace_group(admitted: &Admitted<'_>) -> Result<Response, Refusal> {
    let document = GroupDocument::read(admitted.body()?)?;
    let (scene, precondition) = (admitted.scene(), admitted.precondition());
    let group = group_change::replace(&scene, &id(admitted)?, document, &precondition)?;
    resource(admitted, StatusCode::OK, &group)
}

/// `PATCH /Groups/{id}`: 200 with the resource, as for users; without members where
/// the query leaves them out, which keeps a small change of a large group small.
fn patch_group(admitted: &Admitted<'_>) -> Result<Response, Refusal> {
    let steps = group_patch::read(admitted.body()?)?;
    let (scene, precondition) = (admitted.scene(), admitted.precondition());
    let group = group_change::patch(&scene, &id(admitted)?, &steps, &precondition)?;
    resource(admitted, StatusCode::OK, &group)
}

/// `DELETE /Groups/{id}`.
fn delete_group(admitted: &Admitted<'_>) -> Result<Response, Refusal> {
    group_remove::remove(&admitted.scene(), &id(admitted)?, &admitted.precondition())?;
    Ok(answer::empty(StatusCode::NO_CONTENT))
}

fn id(admitted: &Admitted<'_>) -> Result<GroupId, Refusal> {
    admitted.params.get("id").parse().map_err(|_| Refusal::Unknown)
}

fn resource(
    admitted: &Admitted<'_>,
    status: StatusCode,
    group: &ScimGroup,
) -> Result<Response, Refusal> {
    let projection = Asked::in_query(&Form::query(admitted.request)).projection();
    let view = View::of_groups(admitted.base(), projection);
    let json = wire_group::all(admitted.visit.sql(), std::slice::from_ref(group), &view)?;
    let response = scim(status, &json.into_iter().next());
    Ok(answer::with_header(response, ETAG, &wire_group::etag(group)))
}
