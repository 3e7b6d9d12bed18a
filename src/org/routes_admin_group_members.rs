//! `/admin/realms/{realm}/organizations/{org}/groups/{group}/members` and
//! `.../members/{user}/groups`, inside the organization's object (reference
//! keycloak.md §1.4, §1.7).
use super::admin_visit::{AdminVisit, READERS, leaving};
use super::group::{self, Among};
use super::routes_admin_groups::{EVERYTHING, searched};
use super::show_groups::{Telling, show};
use super::visit::Handler;
use super::{member, people};
use crate::account::wire_keycloak::UserJson;
use crate::kernel::id::UserId;
use crate::realm::error::AdminError;
use crate::realm::inquiry::Inquiry;
use crate::realm::page::Page;
use crate::realm::role::AdminRole;
use crate::realm::show_groups::flag;
use crate::realm::user::User;
use crate::web::router::Route;
use crate::web::{Response, answer};
use futures::FutureExt;
use http::{Method, StatusCode};
use serde::Serialize;

/// Members of a page when the caller names no number, as of a realm's group.
const PAGE_MEMBERS: i64 = 100;

/// Who may see a list of users.
pub const FINDERS: &[AdminRole] =
    &[AdminRole::ViewUsers, AdminRole::ManageUsers, AdminRole::QueryUsers];

/// Who may see one.
pub const VIEWERS: &[AdminRole] = &[AdminRole::ViewUsers, AdminRole::ManageUsers];

/// Keycloak's words for somebody who is no member.
pub const NO_MEMBER: &str = "User is not member of the organization";

/// Who answers what.
#[must_use]
pub fn table() -> Vec<Route<Handler>> {
    const ALL: &str = "/admin/realms/{realm}/organizations/{org}/groups/{group}/members";
    const ONE: &str = "/admin/realms/{realm}/organizations/{org}/groups/{group}/members/{user}";
    const GROUPS: &str = "/admin/realms/{realm}/organizations/{org}/members/{user}/groups";
    let route = |method, path, handler| Route { method, path, handler };
    vec![
        route(Method::GET, ALL, leaving!(list)),
        route(Method::PUT, ONE, leaving!(join)),
        route(Method::DELETE, ONE, leaving!(leave)),
        route(Method::GET, GROUPS, leaving!(list_groups)),
    ]
}

/// `MemberRepresentation`. Accounts that belong to an organization there are none of:
/// who leaves keeps theirs.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct MemberJson<'a> {
    #[serde(flatten)]
    user: UserJson<'a>,
    membership_type: &'static str,
}

impl<'a> MemberJson<'a> {
    fn of(user: &'a User, is_brief: bool) -> Self {
        let user = if is_brief { UserJson::brief(user) } else { UserJson::full(user) };
        Self { user, membership_type: "UNMANAGED" }
    }
}

/// `GET .../groups/{group}/members`: of the group itself, not of those below.
async fn list(at: &AdminVisit<'_>) -> Result<Response, AdminError> {
    let group = at.read_group()?;
    at.inquiry.require(FINDERS)?;
    let page = at.inquiry.page(PAGE_MEMBERS)?;
    let members = Page::check(group::list_members(at.sql(), &group.id, page)?)?;
    let people = people::list(at.visit, &members).await?;
    let is_brief = flag(&at.inquiry.query(), "briefRepresentation", false);
    let body: Vec<_> = people.iter().map(|person| MemberJson::of(person, is_brief)).collect();
    Ok(answer::json(StatusCode::OK, &body))
}

/// `PUT .../groups/{group}/members/{user}`. Unlike in a group of the realm, twice is
/// a conflict.
async fn join(at: &AdminVisit<'_>) -> Result<Response, AdminError> {
    let user = find_person(at).await?;
    // Nothing is awaited from here on.
    let group = at.changed_group()?;
    if member::find(at.sql(), &user)?.is_none() {
        return Err(AdminError::Invalid(NO_MEMBER.to_owned()));
    }
    group::add_member(&at.scene(), &group, &user)?;
    Ok(answer::empty(StatusCode::NO_CONTENT))
}

/// `DELETE .../groups/{group}/members/{user}`: also when the user is not in it.
async fn leave(at: &AdminVisit<'_>) -> Result<Response, AdminError> {
    let user = find_person(at).await?;
    let group = at.changed_group()?;
    group::remove_member(&at.scene(), &group, &user)?;
    Ok(answer::empty(StatusCode::NO_CONTENT))
}

/// Whom the path puts into a group, for who may.
async fn find_person(at: &AdminVisit<'_>) -> Result<UserId, AdminError> {
    const NOBODY: AdminError = AdminError::Missing("User does not exist");
    at.changed_group()?;
    let user = at.user_named(NOBODY)?;
    people::find(at.visit, &user).await?.ok_or(NOBODY)?;
    at.inquiry.require(&[AdminRole::ManageUsers])?;
    Ok(user)
}

/// `GET .../members/{user}/groups`: those the member is in, not those above them.
async fn list_groups(at: &AdminVisit<'_>) -> Result<Response, AdminError> {
    at.inquiry.require(READERS)?;
    at.inquiry.require(VIEWERS)?;
    let user = at.user_named(AdminError::Missing(NO_MEMBER))?;
    member::find(at.sql(), &user)?.ok_or(AdminError::Missing(NO_MEMBER))?;
    let query = at.inquiry.query();
    let page = at.inquiry.page(EVERYTHING)?;
    let among = Among::Of(&user);
    let found = Page::check(group::list(at.sql(), among, searched(&query), &[], page)?)?;
    let telling = Telling { count: false, ..Telling::of(&query) };
    Ok(answer::json(StatusCode::OK, &show(at, &found, telling).await?))
}
