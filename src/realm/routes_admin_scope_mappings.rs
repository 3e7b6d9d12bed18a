//! `.../scope-mappings` of clients and client scopes (reference keycloak.md §3.4,
//! §3.5): which roles may pass into tokens through them.
use super::error::AdminError;
use super::event_path;
use super::inquiry::Inquiry;
use super::mapper_parent::{READERS, WRITERS};
use super::page::Page;
use super::role::AdminRole;
use super::role_scope::Holder;
use super::routes::{Table, respond};
use super::routes_admin_role_mappings::show_mappings;
use super::routes_admin_roles::{briefly, named_roles};
use super::store::{self, scope_mapping};
use super::stored_role::{Container, Role};
use super::wire_keycloak_role::RoleJson;
use crate::event::audit::{Change, Operation};
use crate::kernel::id::{ClientScopeId, ClientUuid, RealmId, RoleId};
use crate::platform::sql::Statement;
use crate::web::Response;
use crate::web::answer;
use futures::FutureExt;
use http::{Method, StatusCode};

const UNKNOWN_CLIENT: &str = "Could not find client";

const UNKNOWN_SCOPE: &str = "Could not find client scope";

const UNKNOWN_ROLE: &str = "Role not found";

/// The paths of one container of roles.
macro_rules! container_paths {
    ($container:expr) => {
        vec![
            (Method::GET, $container, |i| {
                async move { respond(list_mapped(i).await) }.boxed_local()
            }),
            (Method::POST, $container, |i| async move { respond(map(i).await) }.boxed_local()),
            (Method::DELETE, $container, |i| async move { respond(unmap(i).await) }.boxed_local()),
            (Method::GET, concat!($container, "/available"), |i| {
                async move { respond(list_available(i).await) }.boxed_local()
            }),
            (Method::GET, concat!($container, "/composite"), |i| {
                async move { respond(list_effective(i).await) }.boxed_local()
            }),
        ]
    };
}

/// Who answers what.
#[must_use]
pub fn table() -> Table {
    const OF_CLIENT: &str = "/admin/realms/{realm}/clients/{client}/scope-mappings";
    const OF_SCOPE: &str = "/admin/realms/{realm}/client-scopes/{scope}/scope-mappings";
    let parts: [Table; 5] = [
        vec![
            (Method::GET, OF_CLIENT, |i| async move { respond(list_all(i).await) }.boxed_local()),
            (Method::GET, OF_SCOPE, |i| async move { respond(list_all(i).await) }.boxed_local()),
        ],
        container_paths!("/admin/realms/{realm}/clients/{client}/scope-mappings/realm"),
        container_paths!("/admin/realms/{realm}/clients/{client}/scope-mappings/clients/{target}"),
        container_paths!("/admin/realms/{realm}/client-scopes/{scope}/scope-mappings/realm"),
        container_paths!(
            "/admin/realms/{realm}/client-scopes/{scope}/scope-mappings/clients/{target}"
        ),
    ];
    parts.into_iter().flatten().collect()
}

/// The client or the scope that the path is about.
async fn find_holder(inquiry: &Inquiry<'_>, callers: &[AdminRole]) -> Result<Holder, AdminError> {
    inquiry.require(callers)?;
    let (directory, realm) = (inquiry.directory(), inquiry.realm_id());
    if inquiry.params.get("client").is_empty() {
        let id: ClientScopeId = inquiry.param("scope", UNKNOWN_SCOPE)?;
        let found = store::client_scope::find(directory, realm, &id).await?;
        return Ok(Holder::Scope(found.ok_or(AdminError::Unknown(UNKNOWN_SCOPE))?.id));
    }
    let uuid = inquiry.param("client", UNKNOWN_CLIENT)?;
    let client = find_client(inquiry, &uuid).await?;
    Ok(Holder::Client { uuid, is_full: client.client.settings.full_scope_allowed })
}

async fn find_client(
    inquiry: &Inquiry<'_>,
    uuid: &ClientUuid,
) -> Result<store::client::StoredClient, AdminError> {
    let found = store::client::find_stored(inquiry.directory(), inquiry.realm_id(), uuid).await?;
    found.ok_or(AdminError::Unknown(UNKNOWN_CLIENT))
}

/// The holder, and the roles that the path is about.
async fn find(
    inquiry: &Inquiry<'_>,
    callers: &[AdminRole],
) -> Result<(Holder, Container), AdminError> {
    let holder = find_holder(inquiry, callers).await?;
    if inquiry.params.get("target").is_empty() {
        return Ok((holder, Container::Realm));
    }
    let target = inquiry.param("target", UNKNOWN_CLIENT)?;
    find_client(inquiry, &target).await?;
    Ok((holder, Container::Client(target)))
}

async fn list_all(inquiry: &Inquiry<'_>) -> Result<Response, AdminError> {
    let holder = find_holder(inquiry, READERS).await?;
    let (directory, realm) = (inquiry.directory(), inquiry.realm_id());
    let roles = scope_mapping::list_mapped(directory, realm, &holder, None).await?;
    show_mappings(inquiry, &Page::check(roles)?).await
}

async fn list_mapped(inquiry: &Inquiry<'_>) -> Result<Response, AdminError> {
    let (holder, container) = find(inquiry, READERS).await?;
    let (directory, realm) = (inquiry.directory(), inquiry.realm_id());
    let roles = scope_mapping::list_mapped(directory, realm, &holder, Some(&container)).await?;
    Ok(list_answer(inquiry, &Page::check(roles)?, RoleJson::brief))
}

/// What the caller could put into the scope: nothing, when they may only look.
async fn list_available(inquiry: &Inquiry<'_>) -> Result<Response, AdminError> {
    let (holder, container) = find(inquiry, READERS).await?;
    if !inquiry.actor.holds_any(WRITERS) {
        return Ok(list_answer(inquiry, &[], RoleJson::brief));
    }
    let (directory, realm) = (inquiry.directory(), inquiry.realm_id());
    let roles = scope_mapping::list_available(directory, realm, &holder, &container).await?;
    Ok(list_answer(inquiry, &Page::check(roles)?, RoleJson::brief))
}

async fn list_effective(inquiry: &Inquiry<'_>) -> Result<Response, AdminError> {
    let (holder, container) = find(inquiry, READERS).await?;
    let (directory, realm) = (inquiry.directory(), inquiry.realm_id());
    let roles = scope_mapping::list_effective(directory, realm, &holder, &container).await?;
    let is_full = inquiry.query().truth("briefRepresentation") == Some(false);
    let show = if is_full { RoleJson::full } else { RoleJson::brief };
    Ok(list_answer(inquiry, &Page::check(roles)?, show))
}

async fn map(inquiry: &Inquiry<'_>) -> Result<Response, AdminError> {
    let (holder, container) = find(inquiry, WRITERS).await?;
    let roles = roles_of_body(inquiry, &container).await?;
    let statement = scope_mapping::insertion(&holder, &ids(&roles))?;
    commit(inquiry, &container, Operation::Create, statement, &roles).await
}

/// Takes roles out; all of the container's when there is no body, as in Keycloak.
async fn unmap(inquiry: &Inquiry<'_>) -> Result<Response, AdminError> {
    let (holder, container) = find(inquiry, WRITERS).await?;
    let roles = if inquiry.request.body().is_empty() {
        let (directory, realm) = (inquiry.directory(), inquiry.realm_id());
        let all = scope_mapping::list_mapped(directory, realm, &holder, Some(&container));
        Page::check(all.await?)?
    } else {
        roles_of_body(inquiry, &container).await?
    };
    let statement = scope_mapping::removal(&holder, &ids(&roles))?;
    commit(inquiry, &container, Operation::Delete, statement, &roles).await
}

/// The roles that the body names, of this container. Whoever may change clients
/// may: a role in a scope is given to nobody, it only passes.
async fn roles_of_body(
    inquiry: &Inquiry<'_>,
    container: &Container,
) -> Result<Vec<Role>, AdminError> {
    let roles = named_roles(inquiry, inquiry.body()?, UNKNOWN_ROLE).await?;
    if roles.iter().any(|role| role.container() != *container) {
        return Err(AdminError::Unknown(UNKNOWN_ROLE));
    }
    Ok(roles)
}

fn ids(roles: &[Role]) -> Vec<RoleId> {
    roles.iter().map(|role| role.id.clone()).collect()
}

async fn commit(
    inquiry: &Inquiry<'_>,
    container: &Container,
    operation: Operation,
    statement: Statement,
    roles: &[Role],
) -> Result<Response, AdminError> {
    let resource_type = match container {
        Container::Realm => "REALM_SCOPE_MAPPING",
        Container::Client(_) => "CLIENT_SCOPE_MAPPING",
    };
    let path = event_path::of_request(inquiry);
    let representation = Some(briefly(inquiry, roles));
    inquiry
        .commit(vec![statement], Change { resource_type, operation, path, representation })
        .await?;
    Ok(answer::empty(StatusCode::NO_CONTENT))
}

fn list_answer<'a>(
    inquiry: &'a Inquiry<'_>,
    roles: &'a [Role],
    show: fn(&'a Role, &'a RealmId) -> RoleJson<'a>,
) -> Response {
    let realm = inquiry.realm_id();
    let body: Vec<_> = roles.iter().map(|role| show(role, realm)).collect();
    answer::json(StatusCode::OK, &body)
}
