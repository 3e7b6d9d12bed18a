//! `/admin/realms/{realm}/organizations/{org}/groups/{group}/role-mappings`, inside
//! the organization's object (reference keycloak.md §1.7): roles of the realm and of
//! its clients, answered as for a realm's group.
use super::admin_visit::{AdminVisit, leaving};
use super::group_mapping;
use super::visit::Handler;
use crate::event::audit::Operation;
use crate::realm::error::AdminError;
use crate::realm::hand_out::require_reach;
use crate::realm::inquiry::Inquiry;
use crate::realm::routes_admin_role_mappings::{
    change_of, find_container, ids, list_answer, roles_of_body, show_mappings,
};
use crate::realm::store::role_within;
use crate::web::router::Route;
use crate::web::{Response, answer};
use futures::FutureExt;
use http::{Method, StatusCode};

/// The paths of one container of roles.
macro_rules! container_paths {
    ($container:expr) => {
        [
            (Method::GET, $container, leaving!(list_granted)),
            (Method::POST, $container, leaving!(grant)),
            (Method::DELETE, $container, leaving!(revoke)),
            (Method::GET, concat!($container, "/available"), leaving!(list_available)),
            (Method::GET, concat!($container, "/composite"), leaving!(list_effective)),
        ]
    };
}

/// Who answers what.
#[must_use]
pub fn table() -> Vec<Route<Handler>> {
    const ALL: &str = "/admin/realms/{realm}/organizations/{org}/groups/{group}/role-mappings";
    let mut paths = vec![(Method::GET, ALL, leaving!(list_all))];
    paths.extend(container_paths!(
        "/admin/realms/{realm}/organizations/{org}/groups/{group}/role-mappings/realm"
    ));
    paths.extend(container_paths!(
        "/admin/realms/{realm}/organizations/{org}/groups/{group}/role-mappings/clients/{client}"
    ));
    let route = |(method, path, handler)| Route { method, path, handler };
    paths.into_iter().map(route).collect()
}

async fn list_all(at: &AdminVisit<'_>) -> Result<Response, AdminError> {
    let group = at.read_group()?;
    let mapped = group_mapping::list(at.sql(), &group.id, None)?;
    let (directory, realm) = (at.inquiry.directory(), at.inquiry.realm_id());
    let roles = role_within::list(directory, realm, &mapped).await?;
    show_mappings(at.inquiry, &roles).await
}

async fn list_granted(at: &AdminVisit<'_>) -> Result<Response, AdminError> {
    let group = at.read_group()?;
    let container = find_container(at.inquiry).await?;
    let mapped = group_mapping::list(at.sql(), &group.id, Some(&container))?;
    let (directory, realm) = (at.inquiry.directory(), at.inquiry.realm_id());
    let roles = role_within::list(directory, realm, &mapped).await?;
    Ok(list_answer(at.inquiry, &roles))
}

async fn list_available(at: &AdminVisit<'_>) -> Result<Response, AdminError> {
    let group = at.read_group()?;
    let container = find_container(at.inquiry).await?;
    let mapped = group_mapping::list(at.sql(), &group.id, Some(&container))?;
    let (directory, realm) = (at.inquiry.directory(), at.inquiry.realm_id());
    let roles = role_within::list_available(directory, realm, &mapped, &container).await?;
    Ok(list_answer(at.inquiry, &roles))
}

/// The group's own, those of the groups above it, and what these include.
async fn list_effective(at: &AdminVisit<'_>) -> Result<Response, AdminError> {
    let group = at.read_group()?;
    let container = find_container(at.inquiry).await?;
    let mapped = group_mapping::list_inherited(at.sql(), &group.id)?;
    let (directory, realm) = (at.inquiry.directory(), at.inquiry.realm_id());
    let roles = role_within::list_effective(directory, realm, &mapped, &container).await?;
    Ok(list_answer(at.inquiry, &roles))
}

async fn grant(at: &AdminVisit<'_>) -> Result<Response, AdminError> {
    at.changed_group()?;
    let container = find_container(at.inquiry).await?;
    let roles = roles_of_body(at.inquiry, &container).await?;
    // Nothing is awaited from here on.
    let group = at.changed_group()?;
    let change = change_of(at.inquiry, &container, Operation::Create, &roles);
    group_mapping::grant(&at.scene(), &group.id, (&container, &ids(&roles)), change)?;
    Ok(answer::empty(StatusCode::NO_CONTENT))
}

/// Takes roles away; all of the container's when the body names none.
async fn revoke(at: &AdminVisit<'_>) -> Result<Response, AdminError> {
    let group = at.changed_group()?;
    let container = find_container(at.inquiry).await?;
    let roles = if at.inquiry.request.body().is_empty() {
        let mapped = group_mapping::list(at.sql(), &group.id, Some(&container))?;
        let (directory, realm) = (at.inquiry.directory(), at.inquiry.realm_id());
        let all = role_within::list(directory, realm, &mapped).await?;
        require_reach(at.inquiry, &ids(&all)).await?;
        all
    } else {
        roles_of_body(at.inquiry, &container).await?
    };
    let group = at.changed_group()?;
    let change = change_of(at.inquiry, &container, Operation::Delete, &roles);
    group_mapping::revoke(&at.scene(), &group.id, &ids(&roles), change)?;
    Ok(answer::empty(StatusCode::NO_CONTENT))
}
