//! `/realms/{realm}/orgs/{org}/scim/schemas`: the schemas with which an organization
//! extends its users. Phase Two has nothing like it.
use super::custom_schema::{self, MAX_SCHEMAS};
use super::routes_config::{VIEW, WRITE, admit};
use super::schema::Schema;
use super::{store, wire_discovery};
use crate::event::audit::{Change, Operation};
use crate::org::error::OrgError;
use crate::org::record::{Scene, record};
use crate::org::routes::respond;
use crate::org::visit::Handler::{self, Local};
use crate::org::visit::Visit;
use crate::platform::row::StoreError;
use crate::platform::sql::in_transaction;
use crate::web::answer;
use crate::web::router::{Params, Route};
use crate::web::{Request, Response};
use http::{Method, StatusCode};
use serde_json::{Map, Value};

/// Who answers what.
#[must_use]
pub fn table() -> Vec<Route<Handler>> {
    let route = |method, path, handler| Route { method, path, handler };
    vec![
        route(Method::GET, ALL, Local(list)),
        route(Method::GET, ONE, Local(read)),
        route(Method::PUT, ONE, Local(put)),
        route(Method::DELETE, ONE, Local(delete)),
    ]
}

const ALL: &str = "/realms/{realm}/orgs/{org}/scim/schemas";
const ONE: &str = "/realms/{realm}/orgs/{org}/scim/schemas/{urn}";

/// `GET`: all of them, by name.
fn list(visit: &Visit<'_>, _: &Request, _: &Params) -> Response {
    let listed = admit(visit, VIEW).and_then(|()| Ok(store::schema::list(visit.sql())?));
    respond(listed.map(|schemas| {
        let schemas: Vec<Value> = schemas.iter().map(wire_discovery::definition).collect();
        answer::json(StatusCode::OK, &schemas)
    }))
}

/// `GET` of one.
fn read(visit: &Visit<'_>, _: &Request, params: &Params) -> Response {
    let found = admit(visit, VIEW)
        .and_then(|()| find(visit, params.get("urn"))?.ok_or(OrgError::Unknown("SCIM schema")));
    respond(found.map(|schema| answer::json(StatusCode::OK, &wire_discovery::definition(&schema))))
}

/// `PUT`: 201 for a new one, 200 for one that was there. The path says its `id`; the
/// body may.
fn put(visit: &Visit<'_>, request: &Request, params: &Params) -> Response {
    let put = admit(visit, WRITE).and_then(|()| {
        let mut asked: Map<String, Value> = answer::read_json(request)?;
        asked.entry("id").or_insert_with(|| params.get("urn").into());
        let schema = custom_schema::read(&Value::Object(asked)).map_err(OrgError::Field)?;
        if !schema.urn.eq_ignore_ascii_case(params.get("urn")) {
            return Err(OrgError::Field("id is not the URN of the path".to_owned()));
        }
        let known = store::schema::list(visit.sql())?;
        let is_new = !known.iter().any(|known| known.urn.eq_ignore_ascii_case(&schema.urn));
        if is_new && known.len() >= MAX_SCHEMAS {
            return Err(OrgError::Field(format!("an organization has at most {MAX_SCHEMAS}")));
        }
        let operation = if is_new { Operation::Create } else { Operation::Update };
        change(visit, operation, &schema, |visit| store::schema::put(visit.sql(), &schema))?;
        let status = if is_new { StatusCode::CREATED } else { StatusCode::OK };
        Ok(answer::json(status, &wire_discovery::definition(&schema)))
    });
    respond(put)
}

/// `DELETE`: 204. What users have of it is kept, and told again when it is back.
fn delete(visit: &Visit<'_>, _: &Request, params: &Params) -> Response {
    let deleted = admit(visit, WRITE).and_then(|()| {
        let schema = find(visit, params.get("urn"))?.ok_or(OrgError::Unknown("SCIM schema"))?;
        change(visit, Operation::Delete, &schema, |visit| {
            store::schema::delete(visit.sql(), &schema.urn).map(|_| ())
        })
    });
    respond(deleted.map(|()| answer::empty(StatusCode::NO_CONTENT)))
}

fn find(visit: &Visit<'_>, urn: &str) -> Result<Option<Schema>, StoreError> {
    let schemas = store::schema::list(visit.sql())?;
    Ok(schemas.into_iter().find(|schema| schema.urn.eq_ignore_ascii_case(urn)))
}

/// Changes a schema, with all that depends on it.
fn change(
    visit: &Visit<'_>,
    operation: Operation,
    schema: &Schema,
    write: impl FnOnce(&Visit<'_>) -> Result<(), StoreError>,
) -> Result<(), OrgError> {
    in_transaction::<_, StoreError>(visit.sql(), || {
        write(visit)?;
        // What filters look at follows the schemas; it is made again when needed.
        store::user::forget_normals(visit.sql())?;
        let is_gone = matches!(operation, Operation::Delete);
        let change = Change {
            resource_type: "ORGANIZATION",
            operation,
            path: format!("orgs/{}/scim/schemas/{}", visit.organization.id, schema.urn),
            representation: (!is_gone).then(|| wire_discovery::definition(schema)),
        };
        record(&Scene::of(visit), change)
    })?;
    Ok(())
}
