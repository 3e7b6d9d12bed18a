//! `/realms/{realm}/scim/v2/organizations/{org}/...`, inside the organization's
//! object.
use super::authenticate::{Presented, authenticate};
use super::change::{self, Precondition};
use super::config::Config;
use super::document::Document;
use super::error::Refusal;
use super::list::{Wanted, list};
use super::user::ScimUser;
use super::wire::{self, ErrorJson, MEDIA_TYPE};
use super::{create, patch, record, remove, routes_config, wire_discovery};
use crate::kernel::id::ScimId;
use crate::kernel::secret::Secret;
use crate::org::record::Scene;
use crate::org::visit::Handler::{self, Leaving, Local};
use crate::org::visit::Visit;
use crate::web::answer;
use crate::web::credentials::{basic, bearer};
use crate::web::form::Form;
use crate::web::router::{Params, Route};
use crate::web::{Request, Response, header};
use futures::FutureExt;
use futures::future::LocalBoxFuture;
use http::header::{ALLOW, CONTENT_TYPE, ETAG, LOCATION, WWW_AUTHENTICATE};
use http::{Method, StatusCode};
use serde::Serialize;
use serde_json::Value;

/// Who answers what, the configuration's routes included.
#[must_use]
pub fn table() -> Vec<Route<Handler>> {
    let route = |method, path, handler| Route { method, path, handler };
    let mut routes = vec![
        route(Method::GET, SERVICE_PROVIDER_CONFIG, Local(read_service_provider_config)),
        route(Method::GET, RESOURCE_TYPES, Local(list_resource_types)),
        route(Method::GET, RESOURCE_TYPE, Local(read_resource_type)),
        route(Method::GET, SCHEMAS, Local(list_schemas)),
        route(Method::GET, SCHEMA, Local(read_schema)),
        route(Method::GET, USERS, Local(list_users)),
        route(Method::POST, USERS, Leaving(create_user)),
        route(Method::GET, USER, Local(read_user)),
        route(Method::PUT, USER, Local(replace_user)),
        route(Method::PATCH, USER, Local(patch_user)),
        route(Method::DELETE, USER, Local(delete_user)),
    ];
    routes.extend(routes_config::table());
    routes
}

const SERVICE_PROVIDER_CONFIG: &str =
    "/realms/{realm}/scim/v2/organizations/{org}/ServiceProviderConfig";
const RESOURCE_TYPES: &str = "/realms/{realm}/scim/v2/organizations/{org}/ResourceTypes";
const RESOURCE_TYPE: &str = "/realms/{realm}/scim/v2/organizations/{org}/ResourceTypes/{id}";
const SCHEMAS: &str = "/realms/{realm}/scim/v2/organizations/{org}/Schemas";
const SCHEMA: &str = "/realms/{realm}/scim/v2/organizations/{org}/Schemas/{id}";
const USERS: &str = "/realms/{realm}/scim/v2/organizations/{org}/Users";
const USER: &str = "/realms/{realm}/scim/v2/organizations/{org}/Users/{id}";

/// No such path, in any organization.
#[must_use]
pub fn no_such_path() -> Response {
    refuse(&Refusal::Unknown)
}

/// No such organization: as to a wrong credential of one that there is.
#[must_use]
pub fn stranger() -> Response {
    refuse(&Refusal::Credential)
}

/// An error of this dialect, for who refuses a request before it gets here.
#[must_use]
pub fn problem(status: StatusCode, detail: &str) -> Response {
    scim(status, &ErrorJson::new(status.as_u16(), None, detail.to_owned()))
}

/// 405 with the methods that would do.
#[must_use]
pub fn method_not_allowed(allowed: &[Method]) -> Response {
    let names: Vec<&str> = allowed.iter().map(Method::as_str).collect();
    let response =
        problem(StatusCode::METHOD_NOT_ALLOWED, "the resource does not have this method");
    answer::with_header(response, ALLOW, &names.join(", "))
}

fn read_service_provider_config(visit: &Visit<'_>, request: &Request, _: &Params) -> Response {
    discover(visit, request, |base| Ok(wire_discovery::service_provider_config(base)))
}

fn list_resource_types(visit: &Visit<'_>, request: &Request, _: &Params) -> Response {
    discover(visit, request, |base| Ok(all(&wire_discovery::resource_types(base))))
}

fn read_resource_type(visit: &Visit<'_>, request: &Request, params: &Params) -> Response {
    discover(visit, request, |base| one(wire_discovery::resource_types(base), params))
}

fn list_schemas(visit: &Visit<'_>, request: &Request, _: &Params) -> Response {
    discover(visit, request, |base| Ok(all(&wire_discovery::schemas(base))))
}

fn read_schema(visit: &Visit<'_>, request: &Request, params: &Params) -> Response {
    discover(visit, request, |base| one(wire_discovery::schemas(base), params))
}

/// Answers a question about the service itself. RFC 7644 §4: with a filter, 403.
fn discover(
    visit: &Visit<'_>,
    request: &Request,
    describe: impl FnOnce(&str) -> Result<Value, Refusal>,
) -> Response {
    respond(admit(visit, request).and_then(|_| {
        if Form::query(request).first("filter").is_some() {
            return Err(Refusal::Unfilterable);
        }
        Ok(scim(StatusCode::OK, &describe(&base(visit))?))
    }))
}

fn all(resources: &[Value]) -> Value {
    wire::list(i64::try_from(resources.len()).unwrap_or(i64::MAX), 1, resources)
}

fn one(resources: Vec<Value>, params: &Params) -> Result<Value, Refusal> {
    let wanted = params.get("id");
    let is_wanted =
        |one: &Value| one["id"].as_str().is_some_and(|id| id.eq_ignore_ascii_case(wanted));
    resources.into_iter().find(is_wanted).ok_or(Refusal::Unknown)
}

/// `GET /Users`.
fn list_users(visit: &Visit<'_>, request: &Request, _: &Params) -> Response {
    respond(admit(visit, request).and_then(|_| {
        let query = Form::query(request);
        let listed = list(visit.sql(), &Wanted::read(|name| query.first(name))?)?;
        Ok(scim(StatusCode::OK, &wire::users(&listed, &base(visit))))
    }))
}

/// `POST /Users`.
fn create_user<'a>(
    visit: &'a Visit<'a>,
    request: &'a Request,
    _: &'a Params,
) -> LocalBoxFuture<'a, Response> {
    async move {
        let created = async {
            let config = admit(visit, request)?;
            let document = Document::read(body(request)?)?;
            let user = create::create(visit, &config, document).await?;
            let location = wire::location(&user, &base(visit));
            let response = resource(visit, StatusCode::CREATED, &user);
            Ok(answer::with_header(response, LOCATION, &location))
        };
        respond(created.await)
    }
    .boxed_local()
}

/// `GET /Users/{id}`.
fn read_user(visit: &Visit<'_>, request: &Request, params: &Params) -> Response {
    respond(admit(visit, request).and_then(|_| {
        let user = change::read(visit.sql(), &id(params)?)?;
        if is_known(request, &user) {
            let response = answer::empty(StatusCode::NOT_MODIFIED);
            return Ok(answer::with_header(response, ETAG, &wire::etag(&user)));
        }
        Ok(resource(visit, StatusCode::OK, &user))
    }))
}

/// `PUT /Users/{id}`.
fn replace_user(visit: &Visit<'_>, request: &Request, params: &Params) -> Response {
    respond(admit(visit, request).and_then(|_| {
        let document = Document::read(body(request)?)?;
        let user = change::replace(&scene(visit), &id(params)?, document, &precondition(request))?;
        Ok(resource(visit, StatusCode::OK, &user))
    }))
}

/// `PATCH /Users/{id}`: 200 with the whole resource, as Okta and Entra want it.
fn patch_user(visit: &Visit<'_>, request: &Request, params: &Params) -> Response {
    respond(admit(visit, request).and_then(|_| {
        let operations = patch::read(body(request)?)?;
        let user = change::patch(&scene(visit), &id(params)?, operations, &precondition(request))?;
        Ok(resource(visit, StatusCode::OK, &user))
    }))
}

/// `DELETE /Users/{id}`.
fn delete_user(visit: &Visit<'_>, request: &Request, params: &Params) -> Response {
    respond(admit(visit, request).and_then(|_| {
        remove::remove(&scene(visit), &id(params)?, &precondition(request))?;
        Ok(answer::empty(StatusCode::NO_CONTENT))
    }))
}

/// The door of every route.
fn admit(visit: &Visit<'_>, request: &Request) -> Result<Config, Refusal> {
    let presented = match (bearer(request), basic(request)) {
        (Some(bearer), _) => Presented::Bearer(Secret::new(bearer)),
        (None, Some((user, password))) => Presented::Basic(user, password),
        (None, None) => Presented::Nothing,
    };
    authenticate(visit, &presented)
}

fn scene<'a>(visit: &'a Visit<'a>) -> Scene<'a> {
    record::scene(visit.object, &visit.organization, visit.now, visit.visitor.ip.clone())
}

/// The service's URL.
fn base(visit: &Visit<'_>) -> String {
    visit.realm_context().url(&format!("/scim/v2/organizations/{}", visit.organization.id))
}

fn id(params: &Params) -> Result<ScimId, Refusal> {
    params.get("id").parse().map_err(|_| Refusal::Unknown)
}

/// The body, if it is JSON by its type. An absent type passes, as elsewhere.
fn body(request: &Request) -> Result<&[u8], Refusal> {
    let typed = request.headers().contains_key(CONTENT_TYPE);
    let json = [MEDIA_TYPE, "application/json"];
    if typed && !json.iter().any(|wanted| answer::has_media_type(request, wanted)) {
        return Err(Refusal::MediaType);
    }
    Ok(request.body())
}

fn precondition(request: &Request) -> Precondition {
    wire::versions(header(request, "if-match")?)
}

fn is_known(request: &Request, user: &ScimUser) -> bool {
    header(request, "if-none-match")
        .is_some_and(|tags| wire::versions(tags).is_none_or(|known| known.contains(&user.version)))
}

fn resource(visit: &Visit<'_>, status: StatusCode, user: &ScimUser) -> Response {
    let response = scim(status, &wire::user(user, &base(visit)));
    answer::with_header(response, ETAG, &wire::etag(user))
}

fn scim(status: StatusCode, body: &impl Serialize) -> Response {
    let mut response = answer::json(status, body);
    response.headers_mut().insert(CONTENT_TYPE, http::HeaderValue::from_static(MEDIA_TYPE));
    response
}

fn respond(result: Result<Response, Refusal>) -> Response {
    result.unwrap_or_else(|refusal| refuse(&refusal))
}

/// What the client is told. The one place where a refusal is logged.
fn refuse(refusal: &Refusal) -> Response {
    let (status, scim_type) = wire_of(refusal);
    let detail = match refusal {
        Refusal::Store(error) => {
            tracing::error!("A SCIM request failed: {error}");
            "the request could not be completed; try it again".to_owned()
        }
        refusal => {
            tracing::info!(scim.status = status.as_u16(), "SCIM request refused: {refusal}");
            refusal.to_string()
        }
    };
    let response = scim(status, &ErrorJson::new(status.as_u16(), scim_type, detail));
    if status == StatusCode::UNAUTHORIZED {
        return answer::with_header(response, WWW_AUTHENTICATE, CHALLENGE);
    }
    response
}

/// Both schemes, whichever the organization uses: a stranger learns nothing.
const CHALLENGE: &str = "Bearer realm=\"scim\", Basic realm=\"scim\"";

/// RFC 7644 §3.12, table 9.
const fn wire_of(refusal: &Refusal) -> (StatusCode, Option<&'static str>) {
    match refusal {
        Refusal::Off | Refusal::Unknown => (StatusCode::NOT_FOUND, None),
        Refusal::Credential => (StatusCode::UNAUTHORIZED, None),
        Refusal::MediaType => (StatusCode::UNSUPPORTED_MEDIA_TYPE, None),
        Refusal::Syntax(_) => (StatusCode::BAD_REQUEST, Some("invalidSyntax")),
        Refusal::Filter(_) => (StatusCode::BAD_REQUEST, Some("invalidFilter")),
        Refusal::Unfilterable => (StatusCode::FORBIDDEN, None),
        Refusal::Path(_) => (StatusCode::BAD_REQUEST, Some("invalidPath")),
        Refusal::NoTarget(_) => (StatusCode::BAD_REQUEST, Some("noTarget")),
        Refusal::Value(_) => (StatusCode::BAD_REQUEST, Some("invalidValue")),
        Refusal::Mutability(_) => (StatusCode::BAD_REQUEST, Some("mutability")),
        Refusal::Taken(_) => (StatusCode::CONFLICT, Some("uniqueness")),
        Refusal::TooLarge => (StatusCode::PAYLOAD_TOO_LARGE, None),
        Refusal::Precondition => (StatusCode::PRECONDITION_FAILED, None),
        Refusal::Store(_) => (StatusCode::INTERNAL_SERVER_ERROR, None),
    }
}
