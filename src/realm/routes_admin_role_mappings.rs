//! `/admin/realms/{realm}/users/{user}/role-mappings` and the same of groups
//! (reference keycloak.md §3.2, §3.3): which roles a user or a group holds.
use super::error::AdminError;
use super::event_path;
use super::group_change::UNKNOWN_GROUP;
use super::hand_out::require_reach;
use super::holder::Holder;
use super::inquiry::Inquiry;
use super::role::AdminRole;
use super::routes::{Table, respond};
use super::routes_admin_groups;
use super::routes_admin_roles::{briefly, named_roles};
use super::show_groups::flag;
use super::store;
use super::stored_role::{Container, Role};
use super::wire_keycloak_role::{ClientMappingsJson, MappingsJson, RoleJson};
use crate::event::audit::{Change, Operation};
use crate::kernel::id::{ClientUuid, RoleId, UserId};
use crate::platform::row::StoreError;
use crate::web::Response;
use crate::web::answer;
use futures::FutureExt;
use http::{Method, StatusCode};

const UNKNOWN_USER: &str = "User not found";

/// Keycloak's words for a client that is not there.
pub const UNKNOWN_CLIENT: &str = "Client not found";

const UNKNOWN_ROLE: &str = "Role not found";

/// The paths of one container of roles.
macro_rules! container_paths {
    ($container:expr) => {
        vec![
            (Method::GET, $container, |i| {
                async move { respond(list_granted(i).await) }.boxed_local()
            }),
            (Method::POST, $container, |i| async move { respond(grant(i).await) }.boxed_local()),
            (Method::DELETE, $container, |i| async move { respond(revoke(i).await) }.boxed_local()),
            (Method::GET, concat!($container, "/available"), |i| {
                async move { respond(list_available(i).await) }.boxed_local()
            }),
            (Method::GET, concat!($container, "/composite"), |i| {
                async move { respond(list_effective(i).await) }.boxed_local()
            }),
        ]
    };
}

/// The paths of one kind of holder.
macro_rules! holder_paths {
    ($holder:literal) => {{
        let mut paths: Table = vec![(Method::GET, $holder, |i| {
            async move { respond(list_all(i).await) }.boxed_local()
        })];
        paths.extend::<Table>(container_paths!(concat!($holder, "/realm")));
        paths.extend::<Table>(container_paths!(concat!($holder, "/clients/{client}")));
        paths
    }};
}

/// Who answers what.
#[must_use]
pub fn table() -> Table {
    let parts: [Table; 2] = [
        holder_paths!("/admin/realms/{realm}/users/{user}/role-mappings"),
        holder_paths!("/admin/realms/{realm}/groups/{group}/role-mappings"),
    ];
    parts.into_iter().flatten().collect()
}

const READERS: &[AdminRole] = &[AdminRole::ViewUsers, AdminRole::ManageUsers];

/// The holder and the roles that the path is about.
async fn find(
    inquiry: &Inquiry<'_>,
    callers: &[AdminRole],
) -> Result<(Holder, Container), AdminError> {
    inquiry.require(callers)?;
    let holder = find_holder(inquiry).await?;
    Ok((holder, find_container(inquiry).await?))
}

/// Whose roles the path is about.
///
/// # Errors
/// `Unknown` for a client that is not there.
pub async fn find_container(inquiry: &Inquiry<'_>) -> Result<Container, AdminError> {
    if inquiry.params.get("client").is_empty() {
        return Ok(Container::Realm);
    }
    let uuid: ClientUuid = inquiry.param("client", UNKNOWN_CLIENT)?;
    let (directory, realm) = (inquiry.directory(), inquiry.realm_id());
    let client = store::client::find_stored(directory, realm, &uuid).await?;
    client.ok_or(AdminError::Unknown(UNKNOWN_CLIENT))?;
    Ok(Container::Client(uuid))
}

async fn find_holder(inquiry: &Inquiry<'_>) -> Result<Holder, AdminError> {
    if !inquiry.params.get("group").is_empty() {
        return Ok(Holder::Group(routes_admin_groups::find(inquiry, UNKNOWN_GROUP).await?.id));
    }
    let user: UserId = inquiry.param("user", UNKNOWN_USER)?;
    let found = store::user::find(inquiry.directory(), inquiry.realm_id(), &user).await?;
    found.map(|_| Holder::User(user)).ok_or(AdminError::Unknown(UNKNOWN_USER))
}

async fn list_all(inquiry: &Inquiry<'_>) -> Result<Response, AdminError> {
    let (holder, _) = find(inquiry, READERS).await?;
    let (directory, realm) = (inquiry.directory(), inquiry.realm_id());
    let roles = holder.list_granted(directory, realm, None).await?;
    show_mappings(inquiry, &roles).await
}

/// `roles` of the realm and of its clients, as `MappingsRepresentation` has them.
///
/// # Errors
/// `Store` when the directory fails.
pub async fn show_mappings(inquiry: &Inquiry<'_>, roles: &[Role]) -> Result<Response, AdminError> {
    let (directory, realm) = (inquiry.directory(), inquiry.realm_id());
    let clients: Vec<&ClientUuid> = roles.iter().filter_map(|role| role.client.as_ref()).collect();
    let names = store::client::list_names(directory, realm, &clients).await?;
    let of_client = |uuid: &ClientUuid| -> Vec<RoleJson<'_>> {
        let mine = roles.iter().filter(|role| role.client.as_ref() == Some(uuid));
        mine.map(|role| RoleJson::brief(role, realm)).collect()
    };
    let mappings = MappingsJson {
        realm_mappings: roles
            .iter()
            .filter(|role| role.client.is_none())
            .map(|role| RoleJson::brief(role, realm))
            .collect(),
        client_mappings: names
            .iter()
            .map(|(uuid, name)| {
                let mappings = of_client(uuid);
                (name.as_str(), ClientMappingsJson { id: uuid.as_str(), client: name, mappings })
            })
            .collect(),
    };
    Ok(answer::json(StatusCode::OK, &mappings))
}

async fn list_granted(inquiry: &Inquiry<'_>) -> Result<Response, AdminError> {
    let (holder, container) = find(inquiry, READERS).await?;
    let (directory, realm) = (inquiry.directory(), inquiry.realm_id());
    let roles = holder.list_granted(directory, realm, Some(&container)).await?;
    Ok(list_answer(inquiry, &roles))
}

async fn list_available(inquiry: &Inquiry<'_>) -> Result<Response, AdminError> {
    let (holder, container) = find(inquiry, READERS).await?;
    let (directory, realm) = (inquiry.directory(), inquiry.realm_id());
    let roles = holder.list_available(directory, realm, &container).await?;
    Ok(list_answer(inquiry, &roles))
}

async fn list_effective(inquiry: &Inquiry<'_>) -> Result<Response, AdminError> {
    let (holder, container) = find(inquiry, READERS).await?;
    let (directory, realm) = (inquiry.directory(), inquiry.realm_id());
    let roles = holder.list_effective(directory, realm, &container).await?;
    Ok(list_answer(inquiry, &roles))
}

async fn grant(inquiry: &Inquiry<'_>) -> Result<Response, AdminError> {
    let (holder, container) = find(inquiry, &[AdminRole::ManageUsers]).await?;
    let roles = roles_of_body(inquiry, &container).await?;
    let statement = holder.grant(&ids(&roles))?;
    let change = change_of(inquiry, &container, Operation::Create, &roles);
    inquiry.commit(vec![statement], change).await.map_err(|error| match error {
        StoreError::Dangling => AdminError::Unknown(UNKNOWN_ROLE),
        error => error.into(),
    })?;
    Ok(answer::empty(StatusCode::NO_CONTENT))
}

/// Takes roles away; all of the container's when the body names none, as in
/// Keycloak.
async fn revoke(inquiry: &Inquiry<'_>) -> Result<Response, AdminError> {
    let (holder, container) = find(inquiry, &[AdminRole::ManageUsers]).await?;
    let roles = if inquiry.request.body().is_empty() {
        let (directory, realm) = (inquiry.directory(), inquiry.realm_id());
        let all = holder.list_granted(directory, realm, Some(&container)).await?;
        require_reach(inquiry, &ids(&all)).await?;
        all
    } else {
        roles_of_body(inquiry, &container).await?
    };
    let statement = holder.revocation(&ids(&roles))?;
    let change = change_of(inquiry, &container, Operation::Delete, &roles);
    inquiry.commit(vec![statement], change).await?;
    Ok(answer::empty(StatusCode::NO_CONTENT))
}

/// The roles that the body names: of this container, and the caller's to give.
///
/// # Errors
/// `Unknown` for a role that is not there, `Forbidden`.
pub async fn roles_of_body(
    inquiry: &Inquiry<'_>,
    container: &Container,
) -> Result<Vec<Role>, AdminError> {
    let roles = named_roles(inquiry, inquiry.body()?, UNKNOWN_ROLE).await?;
    if roles.iter().any(|role| role.container() != *container) {
        return Err(AdminError::Unknown(UNKNOWN_ROLE));
    }
    require_reach(inquiry, &ids(&roles)).await?;
    Ok(roles)
}

/// Their keys.
#[must_use]
pub fn ids(roles: &[Role]) -> Vec<RoleId> {
    roles.iter().map(|role| role.id.clone()).collect()
}

/// What the request changes, as the audit trail tells it.
#[must_use]
pub fn change_of(
    inquiry: &Inquiry<'_>,
    container: &Container,
    operation: Operation,
    roles: &[Role],
) -> Change {
    let resource_type = match container {
        Container::Realm => "REALM_ROLE_MAPPING",
        Container::Client(_) => "CLIENT_ROLE_MAPPING",
    };
    let path = event_path::of_request(inquiry);
    Change { resource_type, operation, path, representation: Some(briefly(inquiry, roles)) }
}

/// `roles`, as briefly as the query asks.
#[must_use]
pub fn list_answer(inquiry: &Inquiry<'_>, roles: &[Role]) -> Response {
    let realm = inquiry.realm_id();
    let is_brief = flag(&inquiry.query(), "briefRepresentation", true);
    let show = if is_brief { RoleJson::brief } else { RoleJson::full };
    let body: Vec<_> = roles.iter().map(|role| show(role, realm)).collect();
    answer::json(StatusCode::OK, &body)
}
