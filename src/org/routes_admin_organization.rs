//! `/admin/realms/{realm}/organizations/{org}`, inside the organization's object
//! (reference keycloak.md §1.3).
use super::admin_draft::Draft;
use super::admin_visit::{AdminVisit, READERS, WRITERS, leaving};
use super::dialect::Dialect;
use super::error::OrgError;
use super::routes_admin_organizations::{SAME_NAME, check_domains, not_linked, read_draft};
use super::verify::Verifier;
use super::visit::Handler;
use super::wire_keycloak::OrganizationJson;
use super::{assert, delete, domain, replace};
use crate::event::audit::{AuditEvent, Change, Operation, Place};
use crate::event::store;
use crate::realm::error::AdminError;
use crate::realm::inquiry::Inquiry;
use crate::realm::store::domain_route::{self, RouteDraft};
use crate::web::router::Route;
use crate::web::{Response, answer};
use futures::FutureExt;
use http::{Method, StatusCode};

/// Who answers what.
#[must_use]
pub fn table() -> Vec<Route<Handler>> {
    const ONE: &str = "/admin/realms/{realm}/organizations/{org}";
    let route = |method, handler| Route { method, path: ONE, handler };
    vec![
        route(Method::GET, leaving!(read)),
        route(Method::PUT, leaving!(change)),
        route(Method::DELETE, leaving!(remove)),
    ]
}

async fn read(at: &AdminVisit<'_>) -> Result<Response, AdminError> {
    at.inquiry.require(READERS)?;
    let organization = &at.visit.organization;
    let place = (at.inquiry.realm_id(), &organization.id);
    let domains = domain::list(at.sql())?;
    let routes = match domains.as_slice() {
        [] => Vec::new(),
        _ => domain_route::list(at.inquiry.directory(), place).await?,
    };
    let json = OrganizationJson::full(organization, &domains, &routes);
    Ok(answer::json(StatusCode::OK, &json))
}

/// Replaces all that this dialect knows, but for attributes that are left out and the
/// alias, which never changes.
async fn change(at: &AdminVisit<'_>) -> Result<Response, AdminError> {
    at.inquiry.require(READERS)?;
    at.inquiry.require(WRITERS)?;
    let draft = read_draft(at.inquiry, AdminError::Conflict(SAME_NAME.to_owned()))?;
    let organization = &at.visit.organization;
    let alias = draft.alias.as_ref().unwrap_or(&draft.name);
    if alias != organization.alias.as_str() {
        return Err(AdminError::Invalid("Cannot change the alias".to_owned()));
    }
    let mut new = draft.domain_names();
    new.retain(|name| !organization.domains.contains(name));
    check_domains(at.inquiry.context, &new, Some(&organization.id)).await?;
    check_routes(at, &draft).await?;
    replace_with(at, &draft).await?;
    Ok(answer::empty(StatusCode::NO_CONTENT))
}

/// Passes a draft whose people sign in through providers of the organization.
async fn check_routes(at: &AdminVisit<'_>, draft: &Draft) -> Result<(), AdminError> {
    let aliases: Vec<&str> = draft.routes.iter().filter_map(|it| it.alias.as_deref()).collect();
    if aliases.is_empty() {
        return Ok(());
    }
    let place = (at.inquiry.realm_id(), &at.visit.organization.id);
    let linked = domain_route::list_linked(at.inquiry.directory(), place).await?;
    match aliases.iter().find(|alias| !linked.iter().any(|one| one == *alias)) {
        None => Ok(()),
        Some(alias) => Err(not_linked(alias)),
    }
}

async fn replace_with(at: &AdminVisit<'_>, draft: &Draft) -> Result<(), AdminError> {
    let visit = at.visit;
    let change = |was| draft.applied_to(was);
    let replaced =
        replace::replace(visit, (Dialect::Keycloak, &change), Some(draft.domain_names())).await;
    replaced.map_err(|error| match error {
        OrgError::Taken("name") => AdminError::Conflict(SAME_NAME.to_owned()),
        error => error.into(),
    })?;
    assert::follow(&Verifier::of(visit), &at.scene(), &draft.domains).await?;
    // Last: whoever was interrupted says it again, and twice is once.
    if !draft.routes.is_empty() {
        set_routes(at, &draft.routes).await?;
    }
    Ok(())
}

/// Says where people sign in, and writes it down, in one transaction of the directory.
async fn set_routes(at: &AdminVisit<'_>, routes: &[RouteDraft]) -> Result<(), AdminError> {
    let (realm, org) = (at.inquiry.realm_id(), &at.visit.organization.id);
    let change = Change {
        resource_type: "ORGANIZATION",
        operation: Operation::Update,
        path: format!("organizations/{org}/domains"),
        representation: serde_json::to_value(routes).ok(),
    };
    let place = Place { realm, org: Some(org) };
    let random = &*at.visit.object.ports.random;
    let actor = at.visit.audit_actor();
    let event = AuditEvent::new(random, at.visit.now, place, actor, change);
    let statements =
        vec![domain_route::setting((realm, org), routes)?, store::audit::insertion(&event)?];
    at.inquiry.directory().batch(statements).await?;
    Ok(())
}

async fn remove(at: &AdminVisit<'_>) -> Result<Response, AdminError> {
    at.inquiry.require(READERS)?;
    at.inquiry.require(WRITERS)?;
    delete::delete_visited(at.visit, Dialect::Keycloak).await?;
    Ok(answer::empty(StatusCode::NO_CONTENT))
}
