//! `/admin/realms/{realm}/roles`, `.../roles-by-id` and `.../clients/{client}/roles`
//! (reference keycloak.md §3.6): the roles of a realm and of its clients.
use super::error::AdminError;
use super::event_path;
use super::hand_out::{is_administrative, require_reach};
use super::inquiry::Inquiry;
use super::page::{MAX_PAGE_ROWS, Page};
use super::role::AdminRole;
use super::role_draft::{
    self, change_of, checked_attributes, checked_name, is_ours, resource_type,
};
use super::routes::{Table, respond};
use super::show_groups::{GROUP_READERS, Telling, show};
use super::store::{self, role_list};
use super::stored_role::{Container, Role};
use super::wire_keycloak_role::{CompositesJson, NamedRoleJson, RoleChangeJson, RoleJson};
use super::wire_keycloak_user::UserJson;
use crate::event::audit::{Change, Operation};
use crate::kernel::id::{ClientUuid, RoleId};
use crate::platform::row::StoreError;
use crate::web::Response;
use crate::web::answer;
use futures::FutureExt;
use http::{Method, StatusCode};
use serde_json::{Value, json};

/// What lists of roles hold when the query names no `max`: everything.
const EVERYTHING: i64 = MAX_PAGE_ROWS + 1;

/// Groups of a page when the caller names no number, as in Keycloak.
const PAGE_GROUPS: i64 = 100;

const UNKNOWN_ROLE: &str = "Could not find role";

const UNKNOWN_ROLE_ID: &str = "Could not find role with id";

const UNKNOWN_CHILD: &str = "Could not find composite role";

const UNKNOWN_CLIENT: &str = "Could not find client";

/// The paths of one way to name a role, below which its composites lie.
macro_rules! role_paths {
    ($role:literal) => {
        vec![
            (Method::GET, $role, |i| async move { respond(read(i).await) }.boxed_local()),
            (Method::PUT, $role, |i| async move { respond(change(i).await) }.boxed_local()),
            (Method::DELETE, $role, |i| async move { respond(delete(i).await) }.boxed_local()),
            (Method::GET, concat!($role, "/composites"), |i| {
                async move { respond(list_children(i).await) }.boxed_local()
            }),
            (Method::POST, concat!($role, "/composites"), |i| {
                async move { respond(add_children(i).await) }.boxed_local()
            }),
            (Method::DELETE, concat!($role, "/composites"), |i| {
                async move { respond(remove_children(i).await) }.boxed_local()
            }),
            (Method::GET, concat!($role, "/composites/realm"), |i| {
                async move { respond(list_children_of_realm(i).await) }.boxed_local()
            }),
            (Method::GET, concat!($role, "/composites/clients/{target}"), |i| {
                async move { respond(list_children_of_client(i).await) }.boxed_local()
            }),
        ]
    };
}

/// The paths of one container of roles.
macro_rules! container_paths {
    ($roles:literal) => {
        vec![
            (Method::GET, $roles, |i| async move { respond(list(i).await) }.boxed_local()),
            (Method::POST, $roles, |i| async move { respond(create(i).await) }.boxed_local()),
            (Method::GET, concat!($roles, "/{role}/users"), |i| {
                async move { respond(list_holders(i).await) }.boxed_local()
            }),
            (Method::GET, concat!($roles, "/{role}/groups"), |i| {
                async move { respond(list_groups(i).await) }.boxed_local()
            }),
        ]
    };
}

/// Who answers what.
#[must_use]
pub fn table() -> Table {
    let parts: [Table; 5] = [
        container_paths!("/admin/realms/{realm}/roles"),
        role_paths!("/admin/realms/{realm}/roles/{role}"),
        container_paths!("/admin/realms/{realm}/clients/{client}/roles"),
        role_paths!("/admin/realms/{realm}/clients/{client}/roles/{role}"),
        role_paths!("/admin/realms/{realm}/roles-by-id/{role_id}"),
    ];
    parts.into_iter().flatten().collect()
}

/// Who may read the roles of a container.
fn readers(container: &Container) -> &'static [AdminRole] {
    match container {
        Container::Realm => &[AdminRole::ViewRealm, AdminRole::ManageRealm],
        Container::Client(_) => &[AdminRole::ViewClients, AdminRole::ManageClients],
    }
}

/// Who may list them: also whoever finds users, to grant what they find.
fn listers(container: &Container) -> Vec<AdminRole> {
    let finders = [AdminRole::ViewUsers, AdminRole::ManageUsers, AdminRole::QueryUsers];
    let others = match container {
        Container::Realm => AdminRole::QueryRealms,
        Container::Client(_) => AdminRole::QueryClients,
    };
    [readers(container), &finders, &[others]].concat()
}

/// Who may change them.
fn writers(container: &Container) -> &'static [AdminRole] {
    match container {
        Container::Realm => &[AdminRole::ManageRealm],
        Container::Client(_) => &[AdminRole::ManageClients],
    }
}

/// A caller who may do nothing here is told so before anything about what there
/// is.
fn require_any(inquiry: &Inquiry<'_>) -> Result<(), AdminError> {
    inquiry.require(&[
        AdminRole::ViewRealm,
        AdminRole::ManageRealm,
        AdminRole::ViewClients,
        AdminRole::ManageClients,
        AdminRole::ViewUsers,
        AdminRole::ManageUsers,
        AdminRole::QueryUsers,
        AdminRole::QueryClients,
        AdminRole::QueryRealms,
    ])
}

/// The roles that the path is about, and the name of their client.
async fn container_of(inquiry: &Inquiry<'_>) -> Result<(Container, Option<String>), AdminError> {
    if inquiry.params.get("client").is_empty() {
        return Ok((Container::Realm, None));
    }
    let uuid: ClientUuid = inquiry.param("client", UNKNOWN_CLIENT)?;
    named(inquiry, &Container::Client(uuid)).await
}

/// The container, and the name of its client.
async fn named(
    inquiry: &Inquiry<'_>,
    container: &Container,
) -> Result<(Container, Option<String>), AdminError> {
    let Container::Client(uuid) = container else { return Ok((Container::Realm, None)) };
    let found = store::client::find_stored(inquiry.directory(), inquiry.realm_id(), uuid).await?;
    let found = found.ok_or(AdminError::Unknown(UNKNOWN_CLIENT))?;
    Ok((container.clone(), Some(found.client.client_id)))
}

/// A role, and where it belongs.
struct Found {
    role: Role,
    container: Container,
    client_id: Option<String>,
}

impl Found {
    /// Whether its name and its being are ours.
    fn is_ours(&self, inquiry: &Inquiry<'_>) -> bool {
        is_ours(&inquiry.context.realm, self.client_id.as_deref(), &self.role.name)
    }

    /// Passes a role that is not ours to keep.
    fn require_free(&self, inquiry: &Inquiry<'_>) -> Result<(), AdminError> {
        if self.is_ours(inquiry) {
            let why = format!("{} administers realms and stays as it is", self.role.name);
            return Err(AdminError::Invalid(why));
        }
        Ok(())
    }
}

/// The role that the path names.
async fn find(inquiry: &Inquiry<'_>) -> Result<Found, AdminError> {
    require_any(inquiry)?;
    let (directory, realm) = (inquiry.directory(), inquiry.realm_id());
    if inquiry.params.get("role_id").is_empty() {
        let (container, client_id) = container_of(inquiry).await?;
        let name = inquiry.params.get("role");
        let role = role_list::find_by_name(directory, realm, &container, name).await?;
        let role = role.ok_or(AdminError::Unknown(UNKNOWN_ROLE))?;
        return Ok(Found { role, container, client_id });
    }
    let id: RoleId = inquiry.param("role_id", UNKNOWN_ROLE_ID)?;
    let role = role_list::find_by_id(directory, realm, &id).await?;
    let role = role.ok_or(AdminError::Unknown(UNKNOWN_ROLE_ID))?;
    let (container, client_id) = named(inquiry, &role.container()).await?;
    Ok(Found { role, container, client_id })
}

async fn list(inquiry: &Inquiry<'_>) -> Result<Response, AdminError> {
    require_any(inquiry)?;
    let (container, _) = container_of(inquiry).await?;
    inquiry.require(&listers(&container))?;
    let query = inquiry.query();
    let page = inquiry.page(EVERYTHING)?;
    let realm = inquiry.realm_id();
    let search = query.first("search").filter(|text| !text.is_empty());
    let roles = role_list::list(inquiry.directory(), realm, &container, search, page).await?;
    let roles = Page::check(roles)?;
    let is_full = query.truth("briefRepresentation") == Some(false);
    let show = if is_full { RoleJson::full } else { RoleJson::brief };
    let body: Vec<_> = roles.iter().map(|role| show(role, realm)).collect();
    Ok(answer::json(StatusCode::OK, &body))
}

async fn read(inquiry: &Inquiry<'_>) -> Result<Response, AdminError> {
    let found = find(inquiry).await?;
    inquiry.require(readers(&found.container))?;
    Ok(answer::json(StatusCode::OK, &RoleJson::full(&found.role, inquiry.realm_id())))
}

async fn create(inquiry: &Inquiry<'_>) -> Result<Response, AdminError> {
    require_any(inquiry)?;
    let (container, client_id) = container_of(inquiry).await?;
    inquiry.require(writers(&container))?;
    let mut asked: RoleChangeJson = inquiry.body()?;
    let client = client_id.as_deref();
    if client.is_some_and(|client| is_administrative(&inquiry.context.realm, client)) {
        let why = "this client administers realms: its roles stay as they are";
        return Err(AdminError::Invalid(why.to_owned()));
    }
    let id = RoleId::from(inquiry.context.ports.random.uuid());
    let role = role_draft::role(id, &container, &mut asked)?;
    let children = named_children(inquiry, asked.composites.unwrap_or_default()).await?;
    require_reach(inquiry, &children).await?;
    let realm = inquiry.realm_id();
    let mut statements = vec![role_list::insertion(realm, &role)?];
    if !children.is_empty() {
        statements.push(role_list::children_insertion(&role.id, &children)?);
    }
    let path = format!("{}/{}", event_path::of_request(inquiry), role.name);
    let change = change_of(Operation::Create, path, &role, realm);
    commit(inquiry, statements, change, &role.name).await?;
    let name = url::form_urlencoded::byte_serialize(role.name.as_bytes()).collect::<String>();
    let segment = name.replace('+', "%20");
    let public = &inquiry.context.public_url;
    Ok(answer::created(&format!("{public}{}/{segment}", inquiry.request.uri().path())))
}

/// `PUT`: attributes that are not named stay, a description that is not goes, as
/// in Keycloak 26.7.3 (tests/fixtures/keycloak-observed/roles.json). A name that
/// is not named stays, where Keycloak refuses.
async fn change(inquiry: &Inquiry<'_>) -> Result<Response, AdminError> {
    let found = find(inquiry).await?;
    inquiry.require(writers(&found.container))?;
    let asked: RoleChangeJson = inquiry.body()?;
    let old = &found.role;
    let name = asked.name.map_or(Ok(old.name.clone()), checked_name)?;
    if name != old.name {
        found.require_free(inquiry)?;
    }
    let attributes = asked.attributes.map_or(Ok(old.attributes.clone()), checked_attributes)?;
    let description = asked.description.unwrap_or_default();
    let role = Role { name, description, attributes, ..old.clone() };
    let statements = vec![role_list::update(inquiry.realm_id(), &role)?];
    let path = event_path::of_request(inquiry);
    let change = change_of(Operation::Update, path, &role, inquiry.realm_id());
    commit(inquiry, statements, change, &role.name).await?;
    Ok(answer::empty(StatusCode::NO_CONTENT))
}

async fn delete(inquiry: &Inquiry<'_>) -> Result<Response, AdminError> {
    let found = find(inquiry).await?;
    inquiry.require(writers(&found.container))?;
    found.require_free(inquiry)?;
    if inquiry.context.realm.default_role.as_ref() == Some(&found.role.id) {
        let name = &found.role.name;
        let why = format!("{name} is default role of the realm and cannot be removed.");
        return Err(AdminError::Invalid(why));
    }
    let statements = role_list::deletion(inquiry.realm_id(), &found.role.id);
    let path = event_path::of_request(inquiry);
    let change = change_of(Operation::Delete, path, &found.role, inquiry.realm_id());
    inquiry.commit(statements, change).await?;
    Ok(answer::empty(StatusCode::NO_CONTENT))
}

async fn list_children(inquiry: &Inquiry<'_>) -> Result<Response, AdminError> {
    children(inquiry, None).await
}

async fn list_children_of_realm(inquiry: &Inquiry<'_>) -> Result<Response, AdminError> {
    children(inquiry, Some(Container::Realm)).await
}

async fn list_children_of_client(inquiry: &Inquiry<'_>) -> Result<Response, AdminError> {
    require_any(inquiry)?;
    let target: ClientUuid = inquiry.param("target", UNKNOWN_CLIENT)?;
    let (container, _) = named(inquiry, &Container::Client(target)).await?;
    children(inquiry, Some(container)).await
}

async fn children(
    inquiry: &Inquiry<'_>,
    container: Option<Container>,
) -> Result<Response, AdminError> {
    let found = find(inquiry).await?;
    inquiry.require(readers(&found.container))?;
    let query = inquiry.query();
    let search = query.first("search").filter(|text| !text.is_empty());
    let page = inquiry.page(EVERYTHING)?;
    let (directory, parent) = (inquiry.directory(), &found.role.id);
    let roles = role_list::list_children(directory, parent, container.as_ref(), search, page);
    Ok(list_answer(inquiry, &Page::check(roles.await?)?))
}

async fn add_children(inquiry: &Inquiry<'_>) -> Result<Response, AdminError> {
    let found = find(inquiry).await?;
    inquiry.require(writers(&found.container))?;
    if found.client_id.is_some() {
        found.require_free(inquiry)?;
    }
    let children = named_roles(inquiry, inquiry.body()?, UNKNOWN_CHILD).await?;
    let ids: Vec<RoleId> = children.iter().map(|role| role.id.clone()).collect();
    require_reach(inquiry, &ids).await?;
    let statements = vec![role_list::children_insertion(&found.role.id, &ids)?];
    commit_children(inquiry, &found, statements, Operation::Create, &children).await
}

async fn remove_children(inquiry: &Inquiry<'_>) -> Result<Response, AdminError> {
    let found = find(inquiry).await?;
    inquiry.require(writers(&found.container))?;
    found.require_free(inquiry)?;
    let children = named_roles(inquiry, inquiry.body()?, UNKNOWN_CHILD).await?;
    let ids: Vec<RoleId> = children.iter().map(|role| role.id.clone()).collect();
    require_reach(inquiry, &ids).await?;
    let statements = vec![role_list::children_removal(&found.role.id, &ids)?];
    commit_children(inquiry, &found, statements, Operation::Delete, &children).await
}

async fn commit_children(
    inquiry: &Inquiry<'_>,
    found: &Found,
    statements: Vec<crate::platform::sql::Statement>,
    operation: Operation,
    children: &[Role],
) -> Result<Response, AdminError> {
    let change = Change {
        resource_type: resource_type(&found.container),
        operation,
        path: event_path::of_request(inquiry),
        representation: Some(briefly(inquiry, children)),
    };
    inquiry.commit(statements, change).await?;
    Ok(answer::empty(StatusCode::NO_CONTENT))
}

async fn list_holders(inquiry: &Inquiry<'_>) -> Result<Response, AdminError> {
    let found = find(inquiry).await?;
    inquiry.require(readers(&found.container))?;
    inquiry.require(&[AdminRole::ViewUsers, AdminRole::ManageUsers, AdminRole::QueryUsers])?;
    let page = inquiry.page(EVERYTHING)?;
    let (directory, realm) = (inquiry.directory(), inquiry.realm_id());
    let ids = role_list::list_holders(directory, realm, &found.role.id, page).await?;
    let ids = Page::check(ids)?;
    let mut users = store::user::list(directory, realm, &ids).await?;
    users.sort_by(|one, other| one.username.as_str().cmp(other.username.as_str()));
    let body: Vec<_> = users.iter().map(UserJson::of).collect();
    Ok(answer::json(StatusCode::OK, &body))
}

/// `GET /roles/{role}/groups`: those to which the role itself was granted. Unlike
/// in Keycloak, it takes to read groups, too.
async fn list_groups(inquiry: &Inquiry<'_>) -> Result<Response, AdminError> {
    let found = find(inquiry).await?;
    inquiry.require(readers(&found.container))?;
    inquiry.require(GROUP_READERS)?;
    let page = inquiry.page(PAGE_GROUPS)?;
    let (directory, realm) = (inquiry.directory(), inquiry.realm_id());
    let groups = store::group::list_with_role(directory, realm, &found.role.id, page).await?;
    let groups = Page::check(groups)?;
    let telling = Telling::brief_by_default(&inquiry.query());
    Ok(answer::json(StatusCode::OK, &show(inquiry, &groups, telling).await?))
}

/// The roles of the realm that a body names.
///
/// # Errors
/// `Unknown`, in these words, when one has no id, does not exist, or is called
/// otherwise.
pub async fn named_roles(
    inquiry: &Inquiry<'_>,
    asked: Vec<NamedRoleJson>,
    unknown: &'static str,
) -> Result<Vec<Role>, AdminError> {
    let id_of = |role: &NamedRoleJson| role.id.as_deref().and_then(|id| id.parse().ok());
    let ids: Option<Vec<RoleId>> = asked.iter().map(id_of).collect();
    let ids = ids.ok_or(AdminError::Unknown(unknown))?;
    let found = role_list::list_by_ids(inquiry.directory(), inquiry.realm_id(), &ids).await?;
    let is_found = |one: &NamedRoleJson| {
        let role = found.iter().find(|role| Some(role.id.as_str()) == one.id.as_deref());
        role.is_some_and(|role| one.name.as_ref().is_none_or(|name| *name == role.name))
    };
    if asked.iter().all(is_found) { Ok(found) } else { Err(AdminError::Unknown(unknown)) }
}

/// The roles that a new role shall include, by their names.
async fn named_children(
    inquiry: &Inquiry<'_>,
    asked: CompositesJson,
) -> Result<Vec<RoleId>, AdminError> {
    let (directory, realm) = (inquiry.directory(), inquiry.realm_id());
    let mut wanted: Vec<_> = asked.realm.into_iter().map(|name| (Container::Realm, name)).collect();
    for (client_id, names) in asked.client {
        let client = store::client::find(directory, realm, &client_id).await?;
        let uuid = client.ok_or(AdminError::Unknown(UNKNOWN_CLIENT))?.uuid;
        wanted.extend(names.into_iter().map(|name| (Container::Client(uuid.clone()), name)));
    }
    let mut children = Vec::new();
    for (container, name) in wanted {
        let role = role_list::find_by_name(directory, realm, &container, &name).await?;
        children.push(role.ok_or(AdminError::Unknown(UNKNOWN_ROLE))?.id);
    }
    Ok(children)
}

async fn commit(
    inquiry: &Inquiry<'_>,
    statements: Vec<crate::platform::sql::Statement>,
    change: Change,
    name: &str,
) -> Result<(), AdminError> {
    match inquiry.commit(statements, change).await {
        Ok(_) => Ok(()),
        Err(StoreError::Conflict { .. }) => {
            Err(AdminError::Conflict(format!("Role with name {name} already exists")))
        }
        Err(error) => Err(error.into()),
    }
}

/// Roles as a list answers them.
fn list_answer(inquiry: &Inquiry<'_>, roles: &[Role]) -> Response {
    let realm = inquiry.realm_id();
    let body: Vec<_> = roles.iter().map(|role| RoleJson::brief(role, realm)).collect();
    answer::json(StatusCode::OK, &body)
}

/// Roles as an audit event names them.
#[must_use]
pub fn briefly(inquiry: &Inquiry<'_>, roles: &[Role]) -> Value {
    let realm = inquiry.realm_id();
    roles.iter().map(|role| json!(RoleJson::brief(role, realm))).collect()
}
