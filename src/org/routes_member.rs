//! `/realms/{realm}/orgs/{org}/members`, inside the organization's object. (Who
//! removes a member also takes back invitations: `invitation` has that route.)
use super::error::OrgError;
use super::join::{NewMember, join};
use super::member::{self, Source, Wanted};
use super::people;
use super::permission::{Permission, require};
use super::record::Scene;
use super::role;
use super::routes::{respond, user_of};
use super::visit::{Handler, Visit};
use super::wire::{MemberAttributesJson, MemberJson};
use crate::kernel::id::UserId;
use crate::platform::row::StoreError;
use crate::platform::sql::in_transaction;
use crate::realm::page::Page;
use crate::realm::registry::{Attributes, PAGE_ROWS};
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
    const ALL: &str = "/realms/{realm}/orgs/{org}/members";
    const COUNT: &str = "/realms/{realm}/orgs/{org}/members/count";
    const ONE: &str = "/realms/{realm}/orgs/{org}/members/{user}";
    const ATTRIBUTES: &str = "/realms/{realm}/orgs/{org}/members/{user}/attributes";
    let route = |method, path, handler| Route { method, path, handler };
    vec![
        route(Method::GET, ALL, Leaving(list_members)),
        route(Method::GET, COUNT, Leaving(count_members)),
        route(Method::GET, ONE, Local(check_member)),
        route(Method::PUT, ONE, Leaving(add_member)),
        route(Method::GET, ATTRIBUTES, Leaving(read_attributes)),
        route(Method::PUT, ATTRIBUTES, Leaving(replace_attributes)),
    ]
}

/// What it takes to change who belongs to the organization.
const MANAGE: &[Permission] = &[Permission::VIEW_MEMBERS, Permission::MANAGE_MEMBERS];

/// `GET .../members`: the object knows who, the directory their names.
fn list_members<'a>(
    visit: &'a Visit<'a>,
    request: &'a Request,
    _: &'a Params,
) -> LocalBoxFuture<'a, Response> {
    async move { respond(list(visit, request).await) }.boxed_local()
}

async fn list(visit: &Visit<'_>, request: &Request) -> Result<Response, OrgError> {
    require(visit, &[Permission::VIEW_MEMBERS])?;
    let query = Form::query(request);
    let page = Page::read(&query, PAGE_ROWS)?;
    let admin = people::find_excluded(visit, &query).await?;
    let found = people::search(visit, query.first("search")).await?;
    let wanted = Wanted { among: found.as_deref(), except: admin.as_ref(), page };
    let members = Page::check(member::list(visit.sql(), &wanted)?)?;
    let ids: Vec<UserId> = members.into_iter().map(|member| member.user).collect();
    let roles = if query.truth("includeOrgs") == Some(true) {
        Some(role::list_of_many(visit.sql(), &ids)?)
    } else {
        None
    };
    let people = people::list(visit, &ids).await?;
    let org = &visit.organization.id;
    let body: Vec<MemberJson<'_>> = people
        .iter()
        .map(|person| match &roles {
            None => MemberJson::plain(person),
            Some(held) => {
                let roles = held.get(&person.id).map_or(&[][..], Vec::as_slice);
                MemberJson::with_roles(person, org, roles)
            }
        })
        .collect();
    Ok(answer::json(StatusCode::OK, &body))
}

/// `GET .../members/count`: as many as the list has in all.
fn count_members<'a>(
    visit: &'a Visit<'a>,
    request: &'a Request,
    _: &'a Params,
) -> LocalBoxFuture<'a, Response> {
    async move { respond(count(visit, request).await) }.boxed_local()
}

async fn count(visit: &Visit<'_>, request: &Request) -> Result<Response, OrgError> {
    require(visit, &[Permission::VIEW_MEMBERS])?;
    let excluded = match people::find_excluded(visit, &Form::query(request)).await? {
        Some(admin) => member::find(visit.sql(), &admin)?.map_or(0, |_| 1),
        None => 0,
    };
    Ok(answer::json(StatusCode::OK, &(member::count(visit.sql())? - excluded)))
}

/// `GET .../members/{user}`.
fn check_member(visit: &Visit<'_>, _: &Request, params: &Params) -> Response {
    let checked = require(visit, &[Permission::VIEW_MEMBERS]).and_then(|_| {
        let user = user_of(params)?;
        member::find(visit.sql(), &user)?.ok_or(OrgError::Unknown("member"))
    });
    respond(checked.map(|_| answer::empty(StatusCode::NO_CONTENT)))
}

/// `PUT .../members/{user}`: the body means nothing; twice is once.
fn add_member<'a>(
    visit: &'a Visit<'a>,
    _: &'a Request,
    params: &'a Params,
) -> LocalBoxFuture<'a, Response> {
    async move { respond(add(visit, params).await) }.boxed_local()
}

async fn add(visit: &Visit<'_>, params: &Params) -> Result<Response, OrgError> {
    require(visit, MANAGE)?;
    let user = user_of(params)?;
    let person = people::find(visit, &user).await?.ok_or(OrgError::Unknown("user"))?;
    // Nothing is awaited from here on.
    require(visit, MANAGE)?;
    let source = match person.service_account_for {
        Some(_) => Source::Machine,
        None => Source::Admin,
    };
    let scene = Scene::of(visit);
    let new = NewMember { user: &user, source, roles: &[] };
    in_transaction::<_, StoreError>(visit.sql(), || join(&scene, &new))?;
    Ok(answer::created(&visit.org_url(&format!("/members/{user}"))))
}

/// `GET .../members/{user}/attributes`.
fn read_attributes<'a>(
    visit: &'a Visit<'a>,
    _: &'a Request,
    params: &'a Params,
) -> LocalBoxFuture<'a, Response> {
    async move { respond(attributes_of(visit, params).await) }.boxed_local()
}

async fn attributes_of(visit: &Visit<'_>, params: &Params) -> Result<Response, OrgError> {
    require(visit, MANAGE)?;
    let user = user_of(params)?;
    people::require_member(visit, &user).await?;
    Ok(answer_attributes(member::find_attributes(visit.sql(), &user)?))
}

/// `PUT .../members/{user}/attributes`.
fn replace_attributes<'a>(
    visit: &'a Visit<'a>,
    request: &'a Request,
    params: &'a Params,
) -> LocalBoxFuture<'a, Response> {
    async move { respond(replace(visit, request, params).await) }.boxed_local()
}

async fn replace(
    visit: &Visit<'_>,
    request: &Request,
    params: &Params,
) -> Result<Response, OrgError> {
    require(visit, MANAGE)?;
    let user = user_of(params)?;
    let json: MemberAttributesJson = answer::read_json(request)?;
    people::require_member(visit, &user).await?;
    if let Some(attributes) = json.attributes {
        let scene = Scene::of(visit);
        in_transaction::<_, StoreError>(visit.sql(), || {
            member::set_attributes(&scene, &user, &attributes)
        })?;
    }
    Ok(answer_attributes(member::find_attributes(visit.sql(), &user)?))
}

/// The bare map, without the name it is received under.
fn answer_attributes(attributes: Option<Attributes>) -> Response {
    answer::json(StatusCode::OK, &attributes.unwrap_or_default())
}
