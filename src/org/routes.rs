//! `/realms/{realm}/orgs/{org}` and below, inside the organization's object.
use super::error::OrgError;
use super::permission::{Permission, require};
use super::record::Scene;
use super::visit::{Handler, Visit};
use super::wire::{MemberJson, OrganizationJson};
use super::{delete, leave, member, role};
use crate::kernel::id::UserId;
use crate::platform::row::StoreError;
use crate::platform::sql::in_transaction;
use crate::realm::page::Page;
use crate::realm::registry::PAGE_ROWS;
use crate::realm::store::user;
use crate::web::answer;
use crate::web::form::Form;
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
    vec![
        route(Method::GET, "/realms/{realm}/orgs/{org}", Local(read_organization)),
        route(Method::DELETE, "/realms/{realm}/orgs/{org}", Leaving(delete_organization)),
        route(Method::GET, "/realms/{realm}/orgs/{org}/members", Leaving(list_members)),
        route(Method::GET, "/realms/{realm}/orgs/{org}/members/count", Local(count_members)),
        route(Method::GET, "/realms/{realm}/orgs/{org}/members/{user}", Local(check_member)),
        route(Method::DELETE, "/realms/{realm}/orgs/{org}/members/{user}", Local(remove_member)),
        route(Method::GET, "/realms/{realm}/orgs/{org}/roles", Local(list_roles)),
    ]
}

/// `GET /orgs/{org}`.
fn read_organization(visit: &Visit<'_>, _: &Request, _: &Params) -> Response {
    respond(require(visit, &[]).map(|_| {
        let realm = visit.visitor.realm.name.as_str();
        answer::json(StatusCode::OK, &OrganizationJson::full(&visit.organization, realm))
    }))
}

/// `DELETE /orgs/{org}`.
fn delete_organization<'a>(
    visit: &'a Visit<'a>,
    _: &'a Request,
    _: &'a Params,
) -> LocalBoxFuture<'a, Response> {
    async move {
        let deleted = require(visit, &[Permission::DELETE])
            .and_then(|_| Ok(delete::delete(&Scene::of(visit))?));
        if deleted.is_ok()
            && let Err(error) = delete::finish(visit.object, &visit.organization).await
        {
            tracing::warn!(org.id = %visit.organization.id, "A deletion finishes later: {error}");
        }
        respond(deleted.map(|()| answer::empty(StatusCode::NO_CONTENT)))
    }
    .boxed_local()
}

/// `GET /orgs/{org}/members`: the object knows who, the directory their names.
fn list_members<'a>(
    visit: &'a Visit<'a>,
    request: &'a Request,
    _: &'a Params,
) -> LocalBoxFuture<'a, Response> {
    async move {
        let listed = async {
            require(visit, &[Permission::VIEW_MEMBERS])?;
            let members = member::list(visit.sql(), Page::read(&Form::query(request), PAGE_ROWS)?)?;
            let ids: Vec<UserId> = members.into_iter().map(|member| member.user).collect();
            let realm = &visit.visitor.realm.id;
            let mut people = user::list(&*visit.object.ports.directory, realm, &ids).await?;
            people.sort_by_key(|person| ids.iter().position(|id| *id == person.id));
            let body: Vec<MemberJson<'_>> = people.iter().map(MemberJson::from).collect();
            Ok(answer::json(StatusCode::OK, &body))
        };
        respond(listed.await)
    }
    .boxed_local()
}

/// `GET /orgs/{org}/members/count`.
fn count_members(visit: &Visit<'_>, _: &Request, _: &Params) -> Response {
    let count =
        require(visit, &[Permission::VIEW_MEMBERS]).and_then(|_| Ok(member::count(visit.sql())?));
    respond(count.map(|count| answer::json(StatusCode::OK, &count)))
}

/// `GET /orgs/{org}/members/{user}`.
fn check_member(visit: &Visit<'_>, _: &Request, params: &Params) -> Response {
    let checked = require(visit, &[Permission::VIEW_MEMBERS]).and_then(|_| {
        let user = user_of(params)?;
        member::find(visit.sql(), &user)?.ok_or(OrgError::Unknown("member"))
    });
    respond(checked.map(|_| answer::empty(StatusCode::NO_CONTENT)))
}

/// `DELETE /orgs/{org}/members/{user}`: also one's own membership.
fn remove_member(visit: &Visit<'_>, _: &Request, params: &Params) -> Response {
    respond(remove(visit, params).map(|()| answer::empty(StatusCode::NO_CONTENT)))
}

fn remove(visit: &Visit<'_>, params: &Params) -> Result<(), OrgError> {
    let standing = require(visit, &[Permission::VIEW_MEMBERS])?;
    let user = user_of(params)?;
    let caller = visit.visitor.caller.as_ref().map(|actor| &actor.user);
    if caller != Some(&user) && !standing.has(Permission::MANAGE_MEMBERS) {
        return Err(OrgError::Denied);
    }
    let scene = Scene::of(visit);
    let left = in_transaction::<_, StoreError>(visit.sql(), || leave::leave(&scene, &user))?;
    if left { Ok(()) } else { Err(OrgError::Unknown("member")) }
}

/// `GET /orgs/{org}/roles`.
fn list_roles(visit: &Visit<'_>, _: &Request, _: &Params) -> Response {
    let roles =
        require(visit, &[Permission::VIEW_ROLES]).and_then(|_| Ok(role::list(visit.sql())?));
    respond(roles.map(|roles| answer::json(StatusCode::OK, &roles)))
}

fn user_of(params: &Params) -> Result<UserId, OrgError> {
    params.get("user").parse().map_err(|_| OrgError::Unknown("user"))
}

/// What the caller is told: Phase Two denies with 401 and says little
/// (reference phasetwo.md §0). The one place where a refusal is logged.
pub fn respond(result: Result<Response, OrgError>) -> Response {
    let error = match result {
        Ok(response) => return response,
        Err(error) => error,
    };
    let status = match &error {
        OrgError::Denied => StatusCode::UNAUTHORIZED,
        OrgError::Unknown(_) => StatusCode::NOT_FOUND,
        OrgError::Body(body) => body.status(),
        OrgError::Field(_)
        | OrgError::UnknownRole(_)
        | OrgError::Page(_)
        | OrgError::TooMany(_) => StatusCode::BAD_REQUEST,
        OrgError::Taken(_) | OrgError::Conflict(_) => StatusCode::CONFLICT,
        OrgError::Store(_) => StatusCode::INTERNAL_SERVER_ERROR,
    };
    match error {
        OrgError::Denied | OrgError::Unknown(_) => answer::keycloak_error(status),
        OrgError::Body(_)
        | OrgError::Field(_)
        | OrgError::Taken(_)
        | OrgError::Conflict(_)
        | OrgError::Page(_)
        | OrgError::TooMany(_) => answer::keycloak_problem(status, &error.to_string()),
        OrgError::UnknownRole(_) => answer::keycloak_problem(status, "Unknown role in list."),
        OrgError::Store(error) => {
            tracing::error!("An organization's request failed: {error}");
            answer::json(status, &serde_json::json!({ "error": "unknown_error" }))
        }
    }
}
