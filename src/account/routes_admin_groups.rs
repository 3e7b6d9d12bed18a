//! `/admin/realms/{realm}/users/{user}/groups` and `.../groups/{group}/members`
//! (reference keycloak.md §3.2, §3.3): who is in which group of the realm.
use super::administer::find;
use super::routes_admin_users::VIEWERS;
use super::wire_keycloak::UserJson;
use crate::event::audit::{Change, Operation};
use crate::platform::row::StoreError;
use crate::realm::error::AdminError;
use crate::realm::event_path;
use crate::realm::group::{Group, GroupRoles};
use crate::realm::group_change::UNKNOWN_GROUP;
use crate::realm::hand_out::require_reach_of_groups;
use crate::realm::inquiry::Inquiry;
use crate::realm::page::{MAX_PAGE_ROWS, Page};
use crate::realm::role::AdminRole;
use crate::realm::routes::{Table, respond};
use crate::realm::routes_admin_groups::{called, find as find_group};
use crate::realm::show_groups::{GROUP_READERS, Telling, flag, show};
use crate::realm::store::{group, group_member};
use crate::realm::wire_keycloak_group::GroupJson;
use crate::web::{Response, answer};
use futures::FutureExt;
use http::{Method, StatusCode};
use serde_json::json;

const GROUPS_OF_USER: &str = "/admin/realms/{realm}/users/{user}/groups";

const GROUP_OF_USER: &str = "/admin/realms/{realm}/users/{user}/groups/{group}";

/// Members of a page when the caller names no number, as in Keycloak.
const PAGE_MEMBERS: i64 = 100;

/// What a user's groups are when the query names no `max`: all.
const EVERYTHING: i64 = MAX_PAGE_ROWS + 1;

/// What there is no group for, in Keycloak's words on these paths.
const UNKNOWN: &str = "Group not found";

/// Who answers what.
#[must_use]
pub fn table() -> Table {
    vec![
        (Method::GET, GROUPS_OF_USER, |i| async move { respond(list(i).await) }.boxed_local()),
        (Method::GET, "/admin/realms/{realm}/users/{user}/groups/count", |i| {
            async move { respond(count(i).await) }.boxed_local()
        }),
        (Method::PUT, GROUP_OF_USER, |i| async move { respond(join(i).await) }.boxed_local()),
        (Method::DELETE, GROUP_OF_USER, |i| async move { respond(leave(i).await) }.boxed_local()),
        (Method::GET, "/admin/realms/{realm}/groups/{group}/members", |i| {
            async move { respond(list_members(i).await) }.boxed_local()
        }),
    ]
}

/// `GET /users/{user}/groups`: those the user is in, not those above them.
async fn list(inquiry: &Inquiry<'_>) -> Result<Response, AdminError> {
    inquiry.require(VIEWERS)?;
    let user = find(inquiry).await?;
    let query = inquiry.query();
    let page = inquiry.page(EVERYTHING)?;
    let (directory, realm) = (inquiry.directory(), inquiry.realm_id());
    let found = group::list_with_member(directory, realm, &user.id, called(&query), page).await?;
    let found = Page::check(found)?;
    let telling = Telling::brief_by_default(&query);
    Ok(answer::json(StatusCode::OK, &show(inquiry, &found, telling).await?))
}

/// `GET /users/{user}/groups/count`: an object.
async fn count(inquiry: &Inquiry<'_>) -> Result<Response, AdminError> {
    inquiry.require(VIEWERS)?;
    let user = find(inquiry).await?;
    let (directory, realm, query) = (inquiry.directory(), inquiry.realm_id(), inquiry.query());
    let count = group::count_with_member(directory, realm, &user.id, called(&query)).await?;
    Ok(answer::json(StatusCode::OK, &json!({ "count": count })))
}

/// `PUT /users/{user}/groups/{group}`. Twice is once, and told of once.
async fn join(inquiry: &Inquiry<'_>) -> Result<Response, AdminError> {
    inquiry.require(&[AdminRole::ManageUsers])?;
    let user = find(inquiry).await?;
    let group = find_group(inquiry, UNKNOWN).await?;
    require_reach_of_groups(inquiry, &[&group.id]).await?;
    if !group_member::is_member(inquiry.directory(), &user.id, &group.id).await? {
        let statement = group_member::insertion(inquiry.realm_id(), &user.id, &[&group.id])?;
        let written = inquiry.commit(vec![statement], change(inquiry, Operation::Create, &group));
        written.await.map_err(|error| match error {
            StoreError::Dangling => AdminError::Unknown(UNKNOWN),
            error => error.into(),
        })?;
    }
    Ok(answer::empty(StatusCode::NO_CONTENT))
}

/// `DELETE /users/{user}/groups/{group}`: also when the user is not in it.
async fn leave(inquiry: &Inquiry<'_>) -> Result<Response, AdminError> {
    inquiry.require(&[AdminRole::ManageUsers])?;
    let user = find(inquiry).await?;
    let group = find_group(inquiry, UNKNOWN).await?;
    require_reach_of_groups(inquiry, &[&group.id]).await?;
    if group_member::is_member(inquiry.directory(), &user.id, &group.id).await? {
        let statement = group_member::removal(&user.id, &group.id);
        let change = change(inquiry, Operation::Delete, &group);
        inquiry.commit(vec![statement], change).await?;
    }
    Ok(answer::empty(StatusCode::NO_CONTENT))
}

/// `GET /groups/{group}/members`: of the group itself, not of those below.
async fn list_members(inquiry: &Inquiry<'_>) -> Result<Response, AdminError> {
    inquiry.require(GROUP_READERS)?;
    let group = find_group(inquiry, UNKNOWN_GROUP).await?;
    let page = inquiry.page(PAGE_MEMBERS)?;
    let (directory, realm) = (inquiry.directory(), inquiry.realm_id());
    let users = Page::check(group_member::list(directory, realm, &group.id, page).await?)?;
    let is_brief = flag(&inquiry.query(), "briefRepresentation", false);
    let one = if is_brief { UserJson::brief } else { UserJson::full };
    let body: Vec<_> = users.iter().map(one).collect();
    Ok(answer::json(StatusCode::OK, &body))
}

fn change(inquiry: &Inquiry<'_>, operation: Operation, group: &Group) -> Change {
    let told = serde_json::to_value(GroupJson::full(group, GroupRoles::default())).ok();
    let path = event_path::of_request(inquiry);
    Change { resource_type: "GROUP_MEMBERSHIP", operation, path, representation: told }
}
