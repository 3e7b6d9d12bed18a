//! `/.search` at the root: resources of every type (RFC 7644 §3.4.2.1, §3.4.3).
use super::door::{Admitted, local};
use super::error::Refusal;
use super::list::{Listed, list_users};
use super::query::Asked;
use super::reply::scim;
use super::shape::Shape;
use super::wire::{self, View};
use crate::org::visit::Handler;
use crate::web::Response;
use crate::web::router::Route;
use http::{Method, StatusCode};

/// Who answers what.
#[must_use]
pub fn table() -> Vec<Route<Handler>> {
    let path = "/realms/{realm}/scim/v2/organizations/{org}/.search";
    vec![Route { method: Method::POST, path, handler: local!(search) }]
}

/// `POST /.search`.
fn search(admitted: &Admitted<'_>) -> Result<Response, Refusal> {
    let asked = Asked::in_body(admitted.body()?)?;
    let shape = Shape::of_users(admitted.visit.sql())?;
    let view = View { base: admitted.base(), shape, projection: asked.projection() };
    let listed: Listed<_> = list_users(admitted.visit.sql(), &asked.of(&view.shape)?)?;
    Ok(scim(StatusCode::OK, &wire::page(&listed, |user| wire::user(user, &view))))
}
