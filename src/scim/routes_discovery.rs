//! What the service provider says of itself (RFC 7644 §4).
use super::door::{Admitted, local};
use super::error::Refusal;
use super::reply::scim;
use super::shape::Shape;
use super::{wire, wire_discovery};
use crate::org::visit::Handler;
use crate::web::Response;
use crate::web::form::Form;
use crate::web::router::Route;
use http::{Method, StatusCode};
use serde_json::Value;

/// Who answers what.
#[must_use]
pub fn table() -> Vec<Route<Handler>> {
    let get = |path, handler| Route { method: Method::GET, path, handler };
    vec![
        get(SERVICE_PROVIDER_CONFIG, local!(read_service_provider_config)),
        get(RESOURCE_TYPES, local!(list_resource_types)),
        get(RESOURCE_TYPE, local!(read_resource_type)),
        get(SCHEMAS, local!(list_schemas)),
        get(SCHEMA, local!(read_schema)),
    ]
}

const SERVICE_PROVIDER_CONFIG: &str =
    "/realms/{realm}/scim/v2/organizations/{org}/ServiceProviderConfig";
const RESOURCE_TYPES: &str = "/realms/{realm}/scim/v2/organizations/{org}/ResourceTypes";
const RESOURCE_TYPE: &str = "/realms/{realm}/scim/v2/organizations/{org}/ResourceTypes/{id}";
const SCHEMAS: &str = "/realms/{realm}/scim/v2/organizations/{org}/Schemas";
const SCHEMA: &str = "/realms/{realm}/scim/v2/organizations/{org}/Schemas/{id}";

fn read_service_provider_config(admitted: &Admitted<'_>) -> Result<Response, Refusal> {
    discover(admitted, |base| Ok(wire_discovery::service_provider_config(base)))
}

fn list_resource_types(admitted: &Admitted<'_>) -> Result<Response, Refusal> {
    let users = Shape::of_users(admitted.visit.sql())?;
    discover(admitted, |base| Ok(wire::whole(wire_discovery::resource_types(base, &users))))
}

fn read_resource_type(admitted: &Admitted<'_>) -> Result<Response, Refusal> {
    let users = Shape::of_users(admitted.visit.sql())?;
    let wanted = admitted.params.get("id");
    discover(admitted, |base| one(wire_discovery::resource_types(base, &users), wanted))
}

fn list_schemas(admitted: &Admitted<'_>) -> Result<Response, Refusal> {
    let users = Shape::of_users(admitted.visit.sql())?;
    discover(admitted, |base| Ok(wire::whole(wire_discovery::schemas(base, &users))))
}

fn read_schema(admitted: &Admitted<'_>) -> Result<Response, Refusal> {
    let users = Shape::of_users(admitted.visit.sql())?;
    let wanted = admitted.params.get("id");
    discover(admitted, |base| one(wire_discovery::schemas(base, &users), wanted))
}

/// Answers a question about the service itself. RFC 7644 §4: with a filter, 403.
fn discover(
    admitted: &Admitted<'_>,
    describe: impl FnOnce(&str) -> Result<Value, Refusal>,
) -> Result<Response, Refusal> {
    if Form::query(admitted.request).first("filter").is_some() {
        return Err(Refusal::Unfilterable);
    }
    Ok(scim(StatusCode::OK, &describe(&admitted.base())?))
}

fn one(resources: Vec<Value>, wanted: &str) -> Result<Value, Refusal> {
    let is_wanted =
        |one: &Value| one["id"].as_str().is_some_and(|id| id.eq_ignore_ascii_case(wanted));
    resources.into_iter().find(is_wanted).ok_or(Refusal::Unknown)
}
