//! `/admin/realms/{realm}/organizations/{org}/members`, inside the organization's
//! object (reference keycloak.md §1.4). Who removes a member also takes back
//! invitations: `invitation` has that route.
//!
//! Lists and counts have whom Phase Two's have: a client's account is never among
//! them, the organization's own administration account is.
use super::admin_visit::{AdminVisit, READERS, bare_word, leaving, local};
use super::join::{NewMember, join_told};
use super::manage::{self, ManageError, MembershipType};
use super::member::{self, Member, Source};
use super::people;
use super::routes_admin_organizations::answer_those_of;
use super::visit::Handler;
use super::wire_keycloak_member::{MemberJson, details};
use crate::account::{profile, profile_check};
use crate::kernel::id::UserId;
use crate::platform::row::StoreError;
use crate::platform::sql::in_transaction;
use crate::realm::error::AdminError;
use crate::realm::inquiry::Inquiry;
use crate::realm::page::Page;
use crate::realm::privilege;
use crate::realm::role::AdminRole;
use crate::realm::show_groups::flag;
use crate::realm::store::member_list::{self, Wanted};
use crate::realm::user::User;
use crate::realm::user_filter::Pattern;
use crate::web::form::Form;
use crate::web::router::Route;
use crate::web::{Response, answer};
use futures::FutureExt;
use http::{Method, StatusCode};
use std::collections::HashMap;

/// Members of a page when the caller names no number, as in Keycloak.
const PAGE_MEMBERS: i64 = 10;

/// Who may see a list of users.
pub const FINDERS: &[AdminRole] =
    &[AdminRole::ViewUsers, AdminRole::ManageUsers, AdminRole::QueryUsers];

/// Who may see one.
pub const VIEWERS: &[AdminRole] = &[AdminRole::ViewUsers, AdminRole::ManageUsers];

/// Keycloak's words for somebody who is no member.
pub const NO_MEMBER: &str = "User is not member of the organization";

/// Keycloak's words for somebody whom the realm does not know.
pub const NOBODY: &str = "User does not exist";

/// Who answers what.
#[must_use]
pub fn table() -> Vec<Route<Handler>> {
    const ALL: &str = "/admin/realms/{realm}/organizations/{org}/members";
    const COUNT: &str = "/admin/realms/{realm}/organizations/{org}/members/count";
    const ONE: &str = "/admin/realms/{realm}/organizations/{org}/members/{user}";
    const ORGANIZATIONS: &str =
        "/admin/realms/{realm}/organizations/{org}/members/{user}/organizations";
    const TYPE: &str = "/admin/realms/{realm}/organizations/{org}/members/{user}/membership-type";
    let route = |method, path, handler| Route { method, path, handler };
    vec![
        route(Method::GET, ALL, leaving!(list)),
        route(Method::POST, ALL, leaving!(add)),
        route(Method::GET, COUNT, local!(count)),
        route(Method::GET, ONE, leaving!(read)),
        route(Method::GET, ORGANIZATIONS, leaving!(list_organizations)),
        route(Method::PUT, TYPE, leaving!(change_type)),
    ]
}

/// `GET .../members`: by username.
async fn list(at: &AdminVisit<'_>) -> Result<Response, AdminError> {
    at.inquiry.require(READERS)?;
    at.inquiry.require(FINDERS)?;
    let query = at.inquiry.query();
    let search = searched(&query);
    let wanted = Wanted {
        search: search.as_ref(),
        managed: type_asked(&query)?.map(MembershipType::is_managed),
        page: at.inquiry.page(PAGE_MEMBERS)?,
    };
    let place = (at.inquiry.realm_id(), &at.visit.organization.id);
    let people = Page::check(member_list::list(at.inquiry.directory(), place, &wanted).await?)?;
    answer_people(at, people, flag(&query, "briefRepresentation", true)).await
}

/// Whom `query` searches for: in any of four fields, where `*` stands for anything, or
/// one of them as a whole.
fn searched(query: &Form) -> Option<Pattern> {
    let text = query.first("search").map(str::trim).filter(|text| !text.is_empty())?;
    Some(if flag(query, "exact", false) {
        Pattern::Exact(text.to_lowercase())
    } else {
        Pattern::within(text)
    })
}

/// Keycloak answers 500 for another type.
fn type_asked(query: &Form) -> Result<Option<MembershipType>, AdminError> {
    let text = query.first("membershipType").filter(|text| !text.is_empty());
    let read = |text: &str| MembershipType::named(&text.to_uppercase()).ok_or_else(no_type);
    text.map(read).transpose()
}

fn no_type() -> AdminError {
    AdminError::Invalid("membershipType is MANAGED or UNMANAGED".to_owned())
}

/// Those of `people` who are members, as administrators see them.
///
/// # Errors
/// `Store` when a database fails.
pub async fn answer_people(
    at: &AdminVisit<'_>,
    mut people: Vec<User>,
    is_brief: bool,
) -> Result<Response, AdminError> {
    let known = profile::of_realm(at.inquiry.context).await?;
    for person in &mut people {
        profile_check::hide(&known.profile, person);
    }
    let ids: Vec<UserId> = people.iter().map(|person| person.id.clone()).collect();
    let members = member::list_these(at.sql(), &ids)?.into_iter();
    let members: HashMap<UserId, Member> = members.map(|one| (one.user.clone(), one)).collect();
    let one = if is_brief { MemberJson::brief } else { MemberJson::full };
    let body: Vec<_> =
        people.iter().filter_map(|person| Some(one(person, members.get(&person.id)?))).collect();
    Ok(answer::json(StatusCode::OK, &body))
}

/// `GET .../members/count`: as many as the list has in all.
fn count(at: &AdminVisit<'_>) -> Result<Response, AdminError> {
    at.inquiry.require(READERS)?;
    at.inquiry.require(FINDERS)?;
    Ok(answer::json(StatusCode::OK, &member::count(at.sql())?))
}

/// `GET .../members/{user}`.
async fn read(at: &AdminVisit<'_>) -> Result<Response, AdminError> {
    at.inquiry.require(READERS)?;
    at.inquiry.require(VIEWERS)?;
    let (mut person, member) = find_member(at).await?;
    let known = profile::of_realm(at.inquiry.context).await?;
    profile_check::hide(&known.profile, &mut person);
    Ok(answer::json(StatusCode::OK, &MemberJson::full(&person, &member)))
}

/// The member whom the path names.
///
/// # Errors
/// `Missing`.
pub async fn find_member(at: &AdminVisit<'_>) -> Result<(User, Member), AdminError> {
    const NONE: AdminError = AdminError::Missing(NO_MEMBER);
    let user = at.user_named(NONE)?;
    let member = member::find(at.sql(), &user)?.ok_or(NONE)?;
    let person = people::find(at.visit, &user).await?.ok_or(NONE)?;
    Ok((person, member))
}

/// `GET .../members/{user}/organizations`: this one, and others that the member
/// belongs to.
async fn list_organizations(at: &AdminVisit<'_>) -> Result<Response, AdminError> {
    at.inquiry.require(READERS)?;
    at.inquiry.require(VIEWERS)?;
    let (person, _) = find_member(at).await?;
    answer_those_of(at.inquiry, &person.id).await
}

/// `POST .../members`: the body is the user's id.
async fn add(at: &AdminVisit<'_>) -> Result<Response, AdminError> {
    at.require_seating()?;
    let user = id_of(at.inquiry.request.body())?;
    let person = people::find(at.visit, &user).await?.ok_or(AdminError::Missing(NOBODY))?;
    // Nothing is awaited from here on.
    let source = if person.is_service_account() { Source::Machine } else { Source::Admin };
    let (scene, details) = (at.scene(), details(&person));
    let new = NewMember { user: &user, source, roles: &[] };
    let is_member = member::find(at.sql(), &user)?.is_some();
    if is_member {
        let words = "User is already a member of the organization.";
        return Err(AdminError::Conflict(words.to_owned()));
    }
    in_transaction::<_, StoreError>(at.sql(), || join_told(&scene, &new, Some(&details)))?;
    Ok(answer::created(&at.url(&format!("/members/{user}"))))
}

fn id_of(body: &[u8]) -> Result<UserId, AdminError> {
    let id = bare_word(body).and_then(|word| word.parse().ok());
    id.ok_or_else(|| AdminError::Invalid("The body is not the id of a user".to_owned()))
}

/// `PUT .../members/{user}/membership-type`: the body is `"MANAGED"` or `"UNMANAGED"`.
async fn change_type(at: &AdminVisit<'_>) -> Result<Response, AdminError> {
    at.require_seating()?;
    let asked: String = at.inquiry.body()?;
    let wanted = MembershipType::named(&asked).ok_or_else(no_type)?;
    let (person, _) = find_member(at).await?;
    if wanted.is_managed() {
        if person.is_service_account() {
            let words = "A service account goes with its client";
            return Err(AdminError::Invalid(words.to_owned()));
        }
        // Who manages an account can lock it and let it go.
        privilege::require_over(at.inquiry, &person.id).await?;
    }
    match manage::change(at.visit, &person.id, wanted, &details(&person)).await {
        Ok(()) => Ok(answer::empty(StatusCode::NO_CONTENT)),
        Err(ManageError::NoMember) => Err(AdminError::Missing(NO_MEMBER)),
        Err(error @ ManageError::Elsewhere) => Err(AdminError::Invalid(error.to_string())),
        Err(ManageError::Store(error)) => Err(error.into()),
    }
}
