//! `/Bulk` (RFC 7644 §3.7).
use super::door::{Admitted, leaving};
use super::error::Refusal;
use super::reply::scim;
use super::{bulk, wire_bulk};
use crate::org::visit::Handler;
use crate::web::Response;
use crate::web::router::Route;
use futures::FutureExt;
use futures::future::LocalBoxFuture;
use http::{Method, StatusCode};

/// Who answers what.
#[must_use]
pub fn table() -> Vec<Route<Handler>> {
    vec![Route { method: Method::POST, path: BULK, handler: leaving!(run_bulk) }]
}

const BULK: &str = "/realms/{realm}/scim/v2/organizations/{org}/Bulk";

/// `POST /Bulk`: 200, whatever came of the operations.
fn run_bulk<'a>(admitted: &'a Admitted<'a>) -> LocalBoxFuture<'a, Result<Response, Refusal>> {
    async move {
        let request = wire_bulk::read(admitted.body()?)?;
        let response = bulk::run(admitted, request).await?;
        Ok(scim(StatusCode::OK, &response))
    }
    .boxed_local()
}
