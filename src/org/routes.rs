//! `/realms/{realm}/orgs/{org}` and below, inside the organization's object.
use super::dialect::Dialect;
use super::error::OrgError;
use super::permission::{Permission, require};
use super::visit::{Handler, Visit};
use super::wire::{NewOrganizationJson, OrganizationJson};
use super::{delete, profile, replace, routes_domain, routes_member, routes_role};
use crate::kernel::id::UserId;
use crate::web::answer;
use crate::web::router::{Params, Route};
use crate::web::{Request, Response};
use futures::FutureExt;
use futures::future::LocalBoxFuture;
use http::{Method, StatusCode};

/// Who answers what.
#[must_use]
pub fn table() -> Vec<Route<Handler>> {
    use Handler::{Leaving, Local};
    let route = |method, path, handler| Route { method, path, handler };
    let mut table = vec![
        route(Method::GET, "/realms/{realm}/orgs/{org}", Local(read_organization)),
        route(Method::PUT, "/realms/{realm}/orgs/{org}", Leaving(replace_organization)),
        route(Method::DELETE, "/realms/{realm}/orgs/{org}", Leaving(delete_organization)),
    ];
    table.extend(routes_domain::table());
    table.extend(routes_member::table());
    table.extend(routes_role::table());
    table
}

/// `GET /orgs/{org}`.
fn read_organization(visit: &Visit<'_>, _: &Request, _: &Params) -> Response {
    respond(require(visit, &[]).map(|_| {
        let realm = visit.visitor.realm.name.as_str();
        answer::json(StatusCode::OK, &OrganizationJson::full(&visit.organization, realm))
    }))
}

/// `PUT /orgs/{org}`: what is absent is emptied, but for the domains, which
/// stay. `id` and `realm` mean nothing.
fn replace_organization<'a>(
    visit: &'a Visit<'a>,
    request: &'a Request,
    _: &'a Params,
) -> LocalBoxFuture<'a, Response> {
    async move {
        let replaced = replace_with(visit, request).await;
        respond(replaced.map(|()| answer::empty(StatusCode::NO_CONTENT)))
    }
    .boxed_local()
}

async fn replace_with(visit: &Visit<'_>, request: &Request) -> Result<(), OrgError> {
    require(visit, &[Permission::MANAGE])?;
    let mut json: NewOrganizationJson = answer::read_json(request)?;
    let profile = profile::read(&mut json)?;
    let domains = json.domains.map(profile::read_domains).transpose()?;
    let change = |was| profile::as_phase_two_says(was, &profile);
    replace::replace(visit, (Dialect::PhaseTwo, &change), domains).await
}

/// `DELETE /orgs/{org}`.
fn delete_organization<'a>(
    visit: &'a Visit<'a>,
    _: &'a Request,
    _: &'a Params,
) -> LocalBoxFuture<'a, Response> {
    async move {
        let deleted = async {
            require(visit, &[Permission::DELETE])?;
            Ok(delete::delete_visited(visit, Dialect::PhaseTwo).await?)
        };
        respond(deleted.await.map(|()| answer::empty(StatusCode::NO_CONTENT)))
    }
    .boxed_local()
}

/// The user that the path names.
///
/// # Errors
/// `Unknown`: what is no id names nobody.
pub fn user_of(params: &Params) -> Result<UserId, OrgError> {
    params.get("user").parse().map_err(|_| OrgError::Unknown("user"))
}

/// What the caller is told: Phase Two denies with 401 and says little
/// (reference phasetwo.md §0). The one place where a refusal is logged.
pub fn respond(result: Result<Response, OrgError>) -> Response {
    let error = match result {
        Ok(response) => return response,
        Err(error) => error,
    };
    if let OrgError::Store(error) = &error {
        tracing::error!("An organization's request failed: {error}");
    }
    if let OrgError::Body(body) = &error {
        return body.respond();
    }
    let status = status_of(&error);
    answer::keycloak_problem(status, &words_of(&error, status))
}

/// The status of a refusal.
#[must_use]
pub fn status_of(error: &OrgError) -> StatusCode {
    match error {
        OrgError::Denied => StatusCode::UNAUTHORIZED,
        OrgError::Forbidden => StatusCode::FORBIDDEN,
        OrgError::Unknown(_) | OrgError::NoUser(_) | OrgError::NotHeld { .. } => {
            StatusCode::NOT_FOUND
        }
        OrgError::Body(body) => body.status(),
        OrgError::Field(_)
        | OrgError::BuiltIn(_)
        | OrgError::UnknownRole(_)
        | OrgError::Page(_)
        | OrgError::Query(_)
        | OrgError::TooMany(_) => StatusCode::BAD_REQUEST,
        OrgError::Taken(_) | OrgError::Conflict(_) | OrgError::Duplicate => StatusCode::CONFLICT,
        OrgError::Store(_) => StatusCode::INTERNAL_SERVER_ERROR,
    }
}

/// The words of a refusal: Keycloak's where it has some.
#[must_use]
pub fn words_of(error: &OrgError, status: StatusCode) -> String {
    match error {
        OrgError::Denied | OrgError::Forbidden | OrgError::Unknown(_) | OrgError::Duplicate => {
            format!("HTTP {status}")
        }
        OrgError::UnknownRole(_) => "Unknown role in list.".to_owned(),
        OrgError::Store(_) => "unknown_error".to_owned(),
        OrgError::Body(_)
        | OrgError::Field(_)
        | OrgError::BuiltIn(_)
        | OrgError::Taken(_)
        | OrgError::Conflict(_)
        | OrgError::NoUser(_)
        | OrgError::NotHeld { .. }
        | OrgError::Page(_)
        | OrgError::Query(_)
        | OrgError::TooMany(_) => error.to_string(),
    }
}
