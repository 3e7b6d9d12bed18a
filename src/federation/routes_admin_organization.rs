//! `/admin/realms/{realm}/organizations/{org}/identity-providers`, inside the
//! organization's object (reference keycloak.md §1.6): which of the realm's providers
//! sign people in to the organization. The same links as those of
//! `/realms/{realm}/orgs/{org}/idps`, and of the providers' own paths.
use super::desk::Desk;
use super::link;
use super::provider::{Onboarding, Provider};
use super::routes_admin::{MANAGE, VIEW};
use super::store;
use super::wire::{LinkDraftJson, ProviderJson};
use crate::org::admin_visit::{AdminVisit, READERS, WRITERS, bare_word, leaving};
use crate::org::manage::MembershipType;
use crate::org::routes_admin_groups::list_groups;
use crate::org::visit::Handler;
use crate::realm::error::AdminError;
use crate::realm::inquiry::Inquiry;
use crate::realm::page::{MAX_PAGE_ROWS, Page};
use crate::web::router::Route;
use crate::web::{Response, answer};
use futures::FutureExt;
use http::{Method, StatusCode};

/// Of a provider that the organization does not use, whether it exists or not.
const NOT_LINKED: AdminError =
    AdminError::Missing("Identity provider not associated with the organization");

const NOT_FOUND: &str = "Identity provider not found with the given alias";

/// Who answers what.
#[must_use]
pub fn table() -> Vec<Route<Handler>> {
    const ALL: &str = "/admin/realms/{realm}/organizations/{org}/identity-providers";
    const ONE: &str = "/admin/realms/{realm}/organizations/{org}/identity-providers/{alias}";
    const GROUPS: &str =
        "/admin/realms/{realm}/organizations/{org}/identity-providers/{alias}/groups";
    let route = |method, path, handler| Route { method, path, handler };
    vec![
        route(Method::GET, ALL, leaving!(list)),
        route(Method::POST, ALL, leaving!(link_one)),
        route(Method::GET, ONE, leaving!(read)),
        route(Method::PUT, ONE, leaving!(change_one)),
        route(Method::DELETE, ONE, leaving!(unlink)),
        route(Method::GET, GROUPS, leaving!(groups)),
    ]
}

/// Passes a caller who may see which providers the organization uses.
fn enter(at: &AdminVisit<'_>) -> Result<(), AdminError> {
    at.inquiry.require(READERS)?;
    at.inquiry.require(VIEW)
}

/// Passes a caller who may change that.
fn enter_to_change(at: &AdminVisit<'_>) -> Result<(), AdminError> {
    at.inquiry.require(WRITERS)?;
    at.inquiry.require(MANAGE)
}

/// `GET .../identity-providers`.
async fn list(at: &AdminVisit<'_>) -> Result<Response, AdminError> {
    enter(at)?;
    let org = &at.visit.organization.id;
    let wanted = store::provider::Wanted { org: Some(org), ..Default::default() };
    let (directory, realm) = (at.inquiry.directory(), at.inquiry.realm_id());
    let all = Page { first: 0, max: MAX_PAGE_ROWS + 1 };
    let listed = Page::check(store::provider::list(directory, realm, &wanted, all).await?)?;
    let body: Vec<_> = listed.iter().map(|provider| ProviderJson::seen_by(provider, org)).collect();
    Ok(answer::json(StatusCode::OK, &body))
}

/// `POST .../identity-providers`: the body is an alias, or the key of a provider.
async fn link_one(at: &AdminVisit<'_>) -> Result<Response, AdminError> {
    enter_to_change(at)?;
    let not_found = || AdminError::Invalid(NOT_FOUND.to_owned());
    let word = bare_word(at.inquiry.request.body()).ok_or_else(not_found)?;
    let (directory, realm) = (at.inquiry.directory(), at.inquiry.realm_id());
    let provider = match (word.parse(), word.parse()) {
        (Ok(alias), Ok(id)) => store::provider::find_named(directory, realm, &alias, &id).await?,
        _ => None,
    };
    let provider = provider.ok_or_else(not_found)?;
    let org = &at.visit.organization.id;
    if provider.serves(org) {
        let words = "Identity provider already associated to the organization";
        return Err(AdminError::Conflict(words.to_owned()));
    }
    link::add(&Desk::of_visit(at.visit), org, &provider).await?;
    Ok(answer::empty(StatusCode::NO_CONTENT))
}

/// The provider that the path names, if the organization uses it.
async fn find_linked(at: &AdminVisit<'_>, unlinked: AdminError) -> Result<Provider, AdminError> {
    let Ok(alias) = at.inquiry.params.get("alias").parse() else { return Err(unlinked) };
    let (directory, realm) = (at.inquiry.directory(), at.inquiry.realm_id());
    let found = store::provider::find(directory, realm, &alias).await?;
    found.filter(|provider| provider.serves(&at.visit.organization.id)).ok_or(unlinked)
}

/// `GET .../identity-providers/{alias}`.
async fn read(at: &AdminVisit<'_>) -> Result<Response, AdminError> {
    enter(at)?;
    let provider = find_linked(at, NOT_LINKED).await?;
    let org = &at.visit.organization.id;
    Ok(answer::json(StatusCode::OK, &ProviderJson::seen_by(&provider, org)))
}

/// `PUT .../identity-providers/{alias}`: what becomes of who signs in through it.
async fn change_one(at: &AdminVisit<'_>) -> Result<Response, AdminError> {
    enter_to_change(at)?;
    let provider = find_linked(at, NOT_LINKED).await?;
    let asked: LinkDraftJson = at.inquiry.body()?;
    let wanted = onboarding_of(&asked)?;
    let org = &at.visit.organization.id;
    link::set_onboarding(&Desk::of_visit(at.visit), org, &provider, wanted).await?;
    Ok(answer::empty(StatusCode::NO_CONTENT))
}

fn onboarding_of(asked: &LinkDraftJson) -> Result<Onboarding, AdminError> {
    let invalid = |words: &str| AdminError::Invalid(words.to_owned());
    let usual = Onboarding::default();
    let managed = match &asked.membership_type {
        None => usual.managed,
        Some(name) => MembershipType::named(name)
            .ok_or_else(|| invalid("membershipType is MANAGED or UNMANAGED"))?
            .is_managed(),
    };
    let auto_membership = asked.auto_membership.unwrap_or(usual.auto_membership);
    if managed && !auto_membership {
        return Err(invalid("The membership type MANAGED requires autoMembership"));
    }
    Ok(Onboarding { auto_membership, managed })
}

/// `DELETE .../identity-providers/{alias}`: the provider stays with the realm.
async fn unlink(at: &AdminVisit<'_>) -> Result<Response, AdminError> {
    enter_to_change(at)?;
    let provider = find_linked(at, AdminError::Missing(NOT_FOUND)).await?;
    link::unlink(&Desk::of_visit(at.visit), &at.visit.organization.id, &provider).await?;
    Ok(answer::empty(StatusCode::NO_CONTENT))
}

/// `GET .../identity-providers/{alias}/groups`: those that mappers of the provider can
/// lead to in this organization.
async fn groups(at: &AdminVisit<'_>) -> Result<Response, AdminError> {
    enter(at)?;
    find_linked(at, NOT_LINKED).await?;
    list_groups(at).await
}
