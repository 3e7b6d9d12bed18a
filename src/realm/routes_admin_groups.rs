//! `/admin/realms/{realm}/groups`, `.../group-by-path` and `.../default-groups`
//! (reference keycloak.md §3.1, §3.3).
use super::error::AdminError;
use super::group::{Group, checked_name, names_of_path, names_of_segments};
use super::group_change::{self, UNKNOWN_GROUP};
use super::inquiry::Inquiry;
use super::page::{MAX_PAGE_ROWS, Page};
use super::role::AdminRole;
use super::routes::{Table, respond};
use super::search::read_pairs;
use super::show_groups::{GROUP_READERS, Telling, flag, show};
use super::store::group::{self, Among, Called};
use super::wire_keycloak_group::{GroupDraftJson, nest};
use crate::kernel::id::GroupId;
use crate::web::form::Form;
use crate::web::router::decoded_segment;
use crate::web::{Response, answer};
use futures::FutureExt;
use http::header::LOCATION;
use http::{Method, StatusCode};
use serde_json::json;

const GROUPS: &str = "/admin/realms/{realm}/groups";

const GROUP: &str = "/admin/realms/{realm}/groups/{group}";

const CHILDREN: &str = "/admin/realms/{realm}/groups/{group}/children";

const BY_PATH: &str = "/admin/realms/{realm}/group-by-path/{*path}";

const DEFAULT: &str = "/admin/realms/{realm}/default-groups/{group}";

/// Children of a page when the caller names no number, as in Keycloak.
const PAGE_CHILDREN: i64 = 10;

/// What lists of groups hold when the query names no `max`: everything.
const EVERYTHING: i64 = MAX_PAGE_ROWS + 1;

const WRITERS: &[AdminRole] = &[AdminRole::ManageUsers];

const REALM_READERS: &[AdminRole] = &[AdminRole::ViewRealm, AdminRole::ManageRealm];

/// Who answers what.
#[must_use]
pub fn table() -> Table {
    vec![
        (Method::GET, GROUPS, |i| async move { respond(list(i).await) }.boxed_local()),
        (Method::POST, GROUPS, |i| async move { respond(create(i).await) }.boxed_local()),
        (Method::GET, "/admin/realms/{realm}/groups/count", |i| {
            async move { respond(count(i).await) }.boxed_local()
        }),
        (Method::GET, GROUP, |i| async move { respond(read(i).await) }.boxed_local()),
        (Method::PUT, GROUP, |i| async move { respond(change(i).await) }.boxed_local()),
        (Method::DELETE, GROUP, |i| async move { respond(delete(i).await) }.boxed_local()),
        (Method::GET, CHILDREN, |i| async move { respond(list_children(i).await) }.boxed_local()),
        (Method::POST, CHILDREN, |i| async move { respond(add_child(i).await) }.boxed_local()),
        (Method::GET, BY_PATH, |i| async move { respond(read_by_path(i).await) }.boxed_local()),
        (Method::GET, "/admin/realms/{realm}/default-groups", |i| {
            async move { respond(list_defaults(i).await) }.boxed_local()
        }),
        (Method::PUT, DEFAULT, |i| async move { respond(add_default(i).await) }.boxed_local()),
        (Method::DELETE, DEFAULT, |i| {
            async move { respond(remove_default(i).await) }.boxed_local()
        }),
    ]
}

/// The group that the path names; `unknown` when there is none.
///
/// # Errors
/// `Unknown`.
pub async fn find(inquiry: &Inquiry<'_>, unknown: &'static str) -> Result<Group, AdminError> {
    let id: GroupId = inquiry.param("group", unknown)?;
    let found = group::find(inquiry.directory(), inquiry.realm_id(), &id).await?;
    found.ok_or(AdminError::Unknown(unknown))
}

/// How the groups are called that `query` searches.
#[must_use]
pub fn called(query: &Form) -> Called<'_> {
    let searched = query.first("search").map(str::trim).filter(|text| !text.is_empty());
    match searched {
        None => Called::Anything,
        Some(name) if flag(query, "exact", false) => Called::Exactly(name),
        Some(part) => Called::Like(part),
    }
}

/// `GET /groups`. A search looks everywhere and pages what it finds; each find is
/// then told below the groups above it (measured: Keycloak 26.7). Who may only
/// find groups finds none, as in Keycloak.
async fn list(inquiry: &Inquiry<'_>) -> Result<Response, AdminError> {
    inquiry.require(&[GROUP_READERS, &[AdminRole::QueryGroups]].concat())?;
    let query = inquiry.query();
    let page = inquiry.page(EVERYTHING)?;
    let (directory, realm) = (inquiry.directory(), inquiry.realm_id());
    let found = match (query.first("q"), called(&query)) {
        (Some(q), _) if !q.trim().is_empty() => {
            let pairs = read_pairs(q).map_err(|bad| AdminError::Invalid(bad.to_string()))?;
            group::list_by_attributes(directory, realm, &pairs, page).await?
        }
        (_, Called::Anything) => {
            group::list(directory, realm, Among::Top, Called::Anything, page).await?
        }
        (_, called) => group::list(directory, realm, Among::Realm, called, page).await?,
    };
    let mut found = Page::check(found)?;
    if !inquiry.actor.holds_any(GROUP_READERS) {
        found.clear();
    }
    let telling = Telling {
        count: flag(&query, "subGroupsCount", true),
        access: true,
        ..Telling::brief_by_default(&query)
    };
    let is_flat = !flag(&query, "populateHierarchy", true);
    if is_flat || found.iter().all(|group| group.parent.is_none()) {
        return Ok(answer::json(StatusCode::OK, &show(inquiry, &found, telling).await?));
    }
    let ids: Vec<&GroupId> = found.iter().map(|group| &group.id).collect();
    let tree = group::list_above(directory, realm, &ids).await?;
    Ok(answer::json(StatusCode::OK, &nest(show(inquiry, &tree, telling).await?)))
}

/// `GET /groups/count`: an object, and everything unless `top`, which a search
/// passes over (measured).
async fn count(inquiry: &Inquiry<'_>) -> Result<Response, AdminError> {
    inquiry.require(&[GROUP_READERS, &[AdminRole::QueryGroups]].concat())?;
    let query = inquiry.query();
    let (directory, realm) = (inquiry.directory(), inquiry.realm_id());
    let count = match called(&query) {
        Called::Like(part) | Called::From(part) | Called::Exactly(part) => {
            group::count_named_like(directory, realm, part).await?
        }
        Called::Anything => {
            let (total, top) = group::count(directory, realm).await?;
            if flag(&query, "top", false) { top } else { total }
        }
    };
    Ok(answer::json(StatusCode::OK, &json!({ "count": count })))
}

/// `POST /groups`: makes a group at the top, or moves one there.
async fn create(inquiry: &Inquiry<'_>) -> Result<Response, AdminError> {
    inquiry.require(WRITERS)?;
    let draft: GroupDraftJson = inquiry.body()?;
    if draft.id.is_some() {
        return relocate(inquiry, draft, None).await;
    }
    let made = group_change::create(inquiry, draft, None).await?;
    Ok(answer::created(&address(inquiry, &made)))
}

/// `POST /groups/{group}/children`: the same below a group. Unlike the other, it
/// answers what it made.
async fn add_child(inquiry: &Inquiry<'_>) -> Result<Response, AdminError> {
    inquiry.require(WRITERS)?;
    let parent = find(inquiry, UNKNOWN_GROUP).await?;
    let draft: GroupDraftJson = inquiry.body()?;
    if draft.id.is_some() {
        return relocate(inquiry, draft, Some(&parent)).await;
    }
    let made = group_change::create(inquiry, draft, Some(&parent)).await?;
    let told =
        show(inquiry, std::slice::from_ref(&made), Telling { access: true, ..Telling::FULL });
    let body = told.await?.pop();
    let response = answer::json(StatusCode::CREATED, &body);
    Ok(answer::with_header(response, LOCATION, &address(inquiry, &made)))
}

/// Moves the group that the body names. It must be named twice, by its key and
/// with some name, as in Keycloak.
async fn relocate(
    inquiry: &Inquiry<'_>,
    draft: GroupDraftJson,
    parent: Option<&Group>,
) -> Result<Response, AdminError> {
    const UNKNOWN: AdminError = AdminError::Unknown("Could not find child by id");
    checked_name(draft.name)?;
    let id = draft.id.ok_or(UNKNOWN)?;
    let moved = group::find(inquiry.directory(), inquiry.realm_id(), &id).await?;
    group_change::relocate(inquiry, &moved.ok_or(UNKNOWN)?, parent).await?;
    Ok(answer::empty(StatusCode::NO_CONTENT))
}

async fn read(inquiry: &Inquiry<'_>) -> Result<Response, AdminError> {
    inquiry.require(GROUP_READERS)?;
    let group = find(inquiry, UNKNOWN_GROUP).await?;
    let telling = Telling { full: true, count: true, access: true };
    let told = show(inquiry, std::slice::from_ref(&group), telling).await?.pop();
    Ok(answer::json(StatusCode::OK, &told))
}

async fn change(inquiry: &Inquiry<'_>) -> Result<Response, AdminError> {
    inquiry.require(WRITERS)?;
    let group = find(inquiry, UNKNOWN_GROUP).await?;
    group_change::change(inquiry, &group, inquiry.body()?).await?;
    Ok(answer::empty(StatusCode::NO_CONTENT))
}

async fn delete(inquiry: &Inquiry<'_>) -> Result<Response, AdminError> {
    inquiry.require(WRITERS)?;
    let group = find(inquiry, UNKNOWN_GROUP).await?;
    group_change::delete(inquiry, &group).await?;
    Ok(answer::empty(StatusCode::NO_CONTENT))
}

/// `GET /groups/{group}/children`: a search finds the beginnings of names here (measured:
/// Keycloak 26.7).
async fn list_children(inquiry: &Inquiry<'_>) -> Result<Response, AdminError> {
    inquiry.require(GROUP_READERS)?;
    let parent = find(inquiry, UNKNOWN_GROUP).await?;
    let query = inquiry.query();
    let page = inquiry.page(PAGE_CHILDREN)?;
    let (directory, realm) = (inquiry.directory(), inquiry.realm_id());
    let among = Among::Below(&parent.id);
    let called = match called(&query) {
        Called::Like(part) => Called::From(part),
        called => called,
    };
    let found = Page::check(group::list(directory, realm, among, called, page).await?)?;
    let telling = Telling {
        full: !flag(&query, "briefRepresentation", false),
        count: flag(&query, "subGroupsCount", true),
        access: true,
    };
    Ok(answer::json(StatusCode::OK, &show(inquiry, &found, telling).await?))
}

/// `GET /group-by-path/{path}`. A name with a slash stands there as in `path`, or
/// percent-encoded. Keycloak's JavaScript client encodes every slash, so what leads
/// nowhere as it is cut is decoded first.
async fn read_by_path(inquiry: &Inquiry<'_>) -> Result<Response, AdminError> {
    const UNKNOWN: AdminError = AdminError::Unknown("Group path does not exist");
    inquiry.require(GROUP_READERS)?;
    let path = inquiry.request.uri().path();
    let (_, below) = path.split_once("/group-by-path/").ok_or(UNKNOWN)?;
    let below = below.strip_prefix('/').unwrap_or(below);
    let below = below.strip_suffix('/').unwrap_or(below);
    let ways = [
        names_of_segments(below.split('/').map(decoded_segment)),
        names_of_path(&decoded_segment(below)),
    ];
    let (directory, realm) = (inquiry.directory(), inquiry.realm_id());
    let ids = group::find_by_names(directory, realm, &ways).await?;
    let id = ids.into_iter().flatten().next().ok_or(UNKNOWN)?;
    let group = group::find(directory, realm, &id).await?.ok_or(UNKNOWN)?;
    let telling = Telling { count: true, ..Telling::FULL };
    let told = show(inquiry, std::slice::from_ref(&group), telling).await?.pop();
    Ok(answer::json(StatusCode::OK, &told))
}

async fn list_defaults(inquiry: &Inquiry<'_>) -> Result<Response, AdminError> {
    inquiry.require(REALM_READERS)?;
    let listed = group::list_defaults(inquiry.directory(), &[inquiry.realm_id()]).await?;
    let groups: Vec<Group> = listed.into_iter().map(|(_, group)| group).collect();
    Ok(answer::json(StatusCode::OK, &show(inquiry, &groups, Telling::BRIEF).await?))
}

async fn add_default(inquiry: &Inquiry<'_>) -> Result<Response, AdminError> {
    inquiry.require(&[AdminRole::ManageRealm])?;
    let group = find(inquiry, "Group not found").await?;
    group_change::make_default(inquiry, &group).await?;
    Ok(answer::empty(StatusCode::NO_CONTENT))
}

async fn remove_default(inquiry: &Inquiry<'_>) -> Result<Response, AdminError> {
    inquiry.require(&[AdminRole::ManageRealm])?;
    let group = find(inquiry, "Group not found").await?;
    group_change::unmake_default(inquiry, &group).await?;
    Ok(answer::empty(StatusCode::NO_CONTENT))
}

fn address(inquiry: &Inquiry<'_>, group: &Group) -> String {
    let (context, realm) = (inquiry.context, &inquiry.context.realm.name);
    format!("{}/admin/realms/{realm}/groups/{}", context.public_url, group.id)
}
