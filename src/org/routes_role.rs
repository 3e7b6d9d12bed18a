//! `/realms/{realm}/orgs/{org}/roles`, and the roles of one user from the user's
//! side, inside the organization's object.
use super::define::{self, RoleDefinition, Tree};
use super::error::OrgError;
use super::grant::{self, Side};
use super::permission::{Permission, require, require_only};
use super::record::Scene;
use super::role::{self, OrganizationRole};
use super::routes::{respond, status_of, user_of, words_of};
use super::visit::{Handler, Visit};
use super::wire::{BulkItemJson, RoleJson};
use super::{member, people};
use crate::kernel::id::UserId;
use crate::realm::page::Page;
use crate::realm::wire_keycloak_user::UserJson;
use crate::web::answer;
use crate::web::form::Form;
use crate::web::router::{Params, Route, path_segment};
use crate::web::{Request, Response};
use futures::FutureExt;
use futures::future::LocalBoxFuture;
use http::{Method, StatusCode};
use serde::Serialize;

/// Most items of one request for many.
pub const MAX_BULK_ITEMS: usize = 1_000;

/// The path that the Worker, too, must know: it names no organization first.
pub const ROLES_OF_USER: &str = "/realms/{realm}/users/{user}/orgs/{org}/roles";

/// Who answers what.
#[must_use]
pub fn table() -> Vec<Route<Handler>> {
    use Handler::{Leaving, Local};
    const ALL: &str = "/realms/{realm}/orgs/{org}/roles";
    const ONE: &str = "/realms/{realm}/orgs/{org}/roles/{role}";
    const USERS: &str = "/realms/{realm}/orgs/{org}/roles/{role}/users";
    const USER: &str = "/realms/{realm}/orgs/{org}/roles/{role}/users/{user}";
    let route = |method, path, handler| Route { method, path, handler };
    vec![
        route(Method::GET, ALL, Local(list_roles)),
        route(Method::POST, ALL, Local(create_role)),
        route(Method::PUT, ALL, Local(create_roles)),
        route(Method::PATCH, ALL, Local(delete_roles)),
        route(Method::GET, ONE, Local(read_role)),
        route(Method::PUT, ONE, Local(describe_role)),
        route(Method::DELETE, ONE, Local(delete_role)),
        route(Method::GET, USERS, Leaving(list_holders)),
        route(Method::GET, USER, Local(check_holder)),
        route(Method::PUT, USER, Leaving(grant_role)),
        route(Method::DELETE, USER, Local(revoke_role)),
        route(Method::GET, ROLES_OF_USER, Local(list_roles_of_user)),
        route(Method::PUT, ROLES_OF_USER, Leaving(grant_roles)),
        route(Method::PATCH, ROLES_OF_USER, Leaving(revoke_roles)),
    ]
}

/// What it takes to change roles and who holds them.
const MANAGE: &[Permission] = &[Permission::VIEW_ROLES, Permission::MANAGE_ROLES];

/// `GET .../roles`: all of them.
fn list_roles(visit: &Visit<'_>, _: &Request, _: &Params) -> Response {
    let roles =
        require(visit, &[Permission::VIEW_ROLES]).and_then(|_| Ok(role::list(visit.sql())?));
    respond(roles.map(|roles| answer::json(StatusCode::OK, &roles)))
}

/// `POST .../roles`.
fn create_role(visit: &Visit<'_>, request: &Request, _: &Params) -> Response {
    let created = require(visit, MANAGE).and_then(|_| {
        let role = define::create(
            &Scene::of(visit),
            answer::read_json::<RoleJson>(request)?.into(),
            Tree::PhaseTwo,
        )?;
        Ok(answer::created(&visit.org_url(&format!("/roles/{}", path_segment(&role.name)))))
    });
    respond(created)
}

/// `PUT .../roles`: makes many; each succeeds or fails alone.
fn create_roles(visit: &Visit<'_>, request: &Request, _: &Params) -> Response {
    let answered = require(visit, MANAGE).and_then(|_| {
        let scene = Scene::of(visit);
        let items = read_many(request)?.into_iter().map(|item| {
            match define::create(&scene, item.clone().into(), Tree::PhaseTwo) {
                Ok(role) => done(StatusCode::CREATED, RoleJson::from(role)),
                Err(error) => failed(&error, item),
            }
        });
        Ok(multi_status(&items.collect::<Vec<_>>()))
    });
    respond(answered)
}

/// `PATCH .../roles`: deletes many, likewise.
fn delete_roles(visit: &Visit<'_>, request: &Request, _: &Params) -> Response {
    let answered = require(visit, MANAGE).and_then(|_| {
        let scene = Scene::of(visit);
        let items = read_many(request)?.into_iter().map(|item| {
            let name = item.name.as_deref().unwrap_or_default();
            match define::delete(&scene, name, Tree::PhaseTwo) {
                Ok(()) => done(StatusCode::NO_CONTENT, item),
                Err(error) => failed(&error, item),
            }
        });
        Ok(multi_status(&items.collect::<Vec<_>>()))
    });
    respond(answered)
}

/// `GET .../roles/{role}`.
fn read_role(visit: &Visit<'_>, _: &Request, params: &Params) -> Response {
    let found = require(visit, &[Permission::VIEW_ROLES]).and_then(|_| role_of(visit, params));
    respond(found.map(|role| answer::json(StatusCode::OK, &role)))
}

/// `PUT .../roles/{role}`: only the description can change.
fn describe_role(visit: &Visit<'_>, request: &Request, params: &Params) -> Response {
    let described = require(visit, MANAGE).and_then(|_| {
        let json: RoleJson = answer::read_json(request)?;
        define::describe(&Scene::of(visit), params.get("role"), json.description, Tree::PhaseTwo)
    });
    respond(described.map(|()| answer::empty(StatusCode::NO_CONTENT)))
}

/// `DELETE .../roles/{role}`.
fn delete_role(visit: &Visit<'_>, _: &Request, params: &Params) -> Response {
    let deleted = require(visit, MANAGE)
        .and_then(|_| define::delete(&Scene::of(visit), params.get("role"), Tree::PhaseTwo));
    respond(deleted.map(|()| answer::empty(StatusCode::NO_CONTENT)))
}

/// `GET .../roles/{role}/users`: all of them, or a page when one is asked for.
fn list_holders<'a>(
    visit: &'a Visit<'a>,
    request: &'a Request,
    params: &'a Params,
) -> LocalBoxFuture<'a, Response> {
    async move { respond(holders(visit, request, params).await) }.boxed_local()
}

/// No `max` is no bound.
const UNBOUNDED: i64 = -1;

async fn holders(
    visit: &Visit<'_>,
    request: &Request,
    params: &Params,
) -> Result<Response, OrgError> {
    require(visit, &[Permission::VIEW_ROLES])?;
    let query = Form::query(request);
    let page = Page::read(&query, UNBOUNDED)?;
    let admin = people::find_excluded(visit, &query).await?;
    let role = role_of(visit, params)?;
    let members = member::list_holders(visit.sql(), &role.id, admin.as_ref(), page)?;
    let ids: Vec<UserId> = Page::check(members)?.into_iter().map(|member| member.user).collect();
    let people = people::list(visit, &ids).await?;
    let body: Vec<UserJson<'_>> = people.iter().map(UserJson::of).collect();
    Ok(answer::json(StatusCode::OK, &body))
}

/// `GET .../roles/{role}/users/{user}`.
fn check_holder(visit: &Visit<'_>, _: &Request, params: &Params) -> Response {
    let checked = require(visit, &[Permission::VIEW_ROLES]).and_then(|_| {
        let (role, user) = (role_of(visit, params)?, user_of(params)?);
        require_held(visit, &user, &role)
    });
    respond(checked.map(|()| answer::empty(StatusCode::NO_CONTENT)))
}

/// `PUT .../roles/{role}/users/{user}`: twice is once.
fn grant_role<'a>(
    visit: &'a Visit<'a>,
    _: &'a Request,
    params: &'a Params,
) -> LocalBoxFuture<'a, Response> {
    async move { respond(grant_one(visit, params).await) }.boxed_local()
}

async fn grant_one(visit: &Visit<'_>, params: &Params) -> Result<Response, OrgError> {
    require(visit, MANAGE)?;
    let user = user_of(params)?;
    let role = role_of(visit, params)?;
    // Awaits only to refuse.
    people::require_member(visit, &user).await?;
    grant::grant(&Scene::of(visit), &user, &role, Side::Role)?;
    let name = path_segment(&role.name);
    Ok(answer::created(&visit.org_url(&format!("/roles/{name}/users/{user}"))))
}

/// Passes who holds the role.
fn require_held(visit: &Visit<'_>, user: &UserId, role: &OrganizationRole) -> Result<(), OrgError> {
    if grant::holds(&Scene::of(visit), user, role)? {
        return Ok(());
    }
    Err(OrgError::NotHeld { user: user.clone(), role: role.name.clone() })
}

/// `DELETE .../roles/{role}/users/{user}`: 404 when the member does not hold the role,
/// as in Phase Two.
fn revoke_role(visit: &Visit<'_>, _: &Request, params: &Params) -> Response {
    let revoked = require(visit, MANAGE).and_then(|_| {
        let (role, user) = (role_of(visit, params)?, user_of(params)?);
        member::find(visit.sql(), &user)?.ok_or(OrgError::Unknown("member"))?;
        require_held(visit, &user, &role)?;
        Ok(grant::revoke(&Scene::of(visit), &user, &role, Side::Role)?)
    });
    respond(revoked.map(|()| answer::empty(StatusCode::NO_CONTENT)))
}

/// `GET /users/{user}/orgs/{org}/roles`.
fn list_roles_of_user(visit: &Visit<'_>, _: &Request, params: &Params) -> Response {
    let listed = require_only(visit, Permission::VIEW_ROLES).and_then(|()| {
        let user = user_of(params)?;
        member::find(visit.sql(), &user)?.ok_or(OrgError::Unknown("member"))?;
        Ok(role::list_of(visit.sql(), &user)?)
    });
    respond(listed.map(|roles| answer::json(StatusCode::OK, &roles)))
}

/// `PUT /users/{user}/orgs/{org}/roles`: grants many; each succeeds or fails
/// alone.
fn grant_roles<'a>(
    visit: &'a Visit<'a>,
    request: &'a Request,
    params: &'a Params,
) -> LocalBoxFuture<'a, Response> {
    let one = Each { status: StatusCode::CREATED, act: grant::grant };
    async move { respond(for_each(visit, request, params, one).await) }.boxed_local()
}

/// `PATCH /users/{user}/orgs/{org}/roles`: takes many back, likewise.
fn revoke_roles<'a>(
    visit: &'a Visit<'a>,
    request: &'a Request,
    params: &'a Params,
) -> LocalBoxFuture<'a, Response> {
    let one = Each { status: StatusCode::NO_CONTENT, act: grant::revoke };
    async move { respond(for_each(visit, request, params, one).await) }.boxed_local()
}

/// What is done with each role of a list, and how success is told.
struct Each {
    status: StatusCode,
    act: fn(
        &Scene<'_>,
        &UserId,
        &OrganizationRole,
        Side,
    ) -> Result<(), crate::platform::row::StoreError>,
}

async fn for_each(
    visit: &Visit<'_>,
    request: &Request,
    params: &Params,
    each: Each,
) -> Result<Response, OrgError> {
    require_only(visit, Permission::MANAGE_ROLES)?;
    let user = user_of(params)?;
    let items = read_many(request)?;
    // Awaits only to refuse.
    people::require_member(visit, &user).await?;
    let scene = Scene::of(visit);
    let act = |item: &RoleJson| -> Result<OrganizationRole, OrgError> {
        let name = item.name.as_deref().unwrap_or_default();
        let role = role::find(visit.sql(), name)?.ok_or(OrgError::Unknown("role"))?;
        (each.act)(&scene, &user, &role, Side::User)?;
        Ok(role)
    };
    let items = items.into_iter().map(|item| match act(&item) {
        Ok(role) => done(each.status, RoleJson::from(role)),
        Err(error) => failed(&error, item),
    });
    Ok(multi_status(&items.collect::<Vec<_>>()))
}

fn role_of(visit: &Visit<'_>, params: &Params) -> Result<OrganizationRole, OrgError> {
    role::find(visit.sql(), params.get("role"))?.ok_or(OrgError::Unknown("role"))
}

fn read_many(request: &Request) -> Result<Vec<RoleJson>, OrgError> {
    let items: Vec<RoleJson> = answer::read_json(request)?;
    if items.len() > MAX_BULK_ITEMS {
        return Err(OrgError::Field(format!(
            "a list has at most {MAX_BULK_ITEMS} items (MAX_BULK_ITEMS)"
        )));
    }
    Ok(items)
}

fn done(status: StatusCode, item: RoleJson) -> BulkItemJson<RoleJson> {
    BulkItemJson { status: status.as_u16(), error: None, item }
}

/// Whatever was wrong with one item, Phase Two says 400, and what it would have
/// said of it alone in words (reference phasetwo.md §1.6).
fn failed(error: &OrgError, item: RoleJson) -> BulkItemJson<RoleJson> {
    if let OrgError::Store(error) = error {
        tracing::error!("One of many failed: {error}");
    }
    let error = Some(words_of(error, status_of(error)));
    BulkItemJson { status: StatusCode::BAD_REQUEST.as_u16(), error, item }
}

fn multi_status(items: &impl Serialize) -> Response {
    answer::json(StatusCode::MULTI_STATUS, items)
}

impl From<RoleJson> for RoleDefinition {
    fn from(json: RoleJson) -> Self {
        Self { name: json.name, description: json.description }
    }
}

impl From<OrganizationRole> for RoleJson {
    fn from(role: OrganizationRole) -> Self {
        Self {
            id: Some(role.id.as_str().to_owned()),
            name: Some(role.name),
            description: role.description,
        }
    }
}
