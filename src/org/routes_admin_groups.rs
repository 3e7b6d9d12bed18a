//! `/admin/realms/{realm}/organizations/{org}/groups`, inside the organization's
//! object (reference keycloak.md §1.7).
use super::admin_visit::{AdminVisit, READERS, WRITERS, leaving, local};
use super::group::{self, Among, GroupDraft};
use super::show_groups::{Telling, brief, counts, show};
use super::visit::Handler;
use crate::kernel::id::GroupId;
use crate::realm::error::AdminError;
use crate::realm::group::{Group, checked_name, names_of_path, names_of_segments};
use crate::realm::inquiry::Inquiry;
use crate::realm::page::{MAX_PAGE_ROWS, Page};
use crate::realm::routes_admin_groups::called;
use crate::realm::search::read_pairs;
use crate::realm::show_groups::flag;
use crate::realm::store::group::Called;
use crate::realm::wire_keycloak_group::{GroupDraftJson, nest};
use crate::web::form::Form;
use crate::web::router::{Route, decoded_segment};
use crate::web::{Response, answer};
use futures::FutureExt;
use http::header::LOCATION;
use http::{Method, StatusCode};

/// Children of a page when the caller names no number, as in Keycloak.
const PAGE_CHILDREN: i64 = 10;

/// What lists of groups hold when the query names no `max`: everything.
pub const EVERYTHING: i64 = MAX_PAGE_ROWS + 1;

/// Who answers what.
#[must_use]
pub fn table() -> Vec<Route<Handler>> {
    const ALL: &str = "/admin/realms/{realm}/organizations/{org}/groups";
    const BY_PATH: &str = "/admin/realms/{realm}/organizations/{org}/groups/group-by-path/{*path}";
    const ONE: &str = "/admin/realms/{realm}/organizations/{org}/groups/{group}";
    const CHILDREN: &str = "/admin/realms/{realm}/organizations/{org}/groups/{group}/children";
    let route = |method, path, handler| Route { method, path, handler };
    vec![
        route(Method::GET, ALL, leaving!(list)),
        route(Method::POST, ALL, local!(create)),
        route(Method::GET, BY_PATH, leaving!(read_by_path)),
        route(Method::GET, ONE, leaving!(read)),
        route(Method::PUT, ONE, local!(change)),
        route(Method::DELETE, ONE, local!(delete)),
        route(Method::GET, CHILDREN, local!(list_children)),
        route(Method::POST, CHILDREN, leaving!(add_child)),
    ]
}

/// How the groups are called that `query` searches: what is searched for is the
/// beginning of a name, in which `*` stands for anything.
#[must_use]
pub fn searched(query: &Form) -> Called<'_> {
    match called(query) {
        Called::Like(pattern) => Called::From(pattern),
        called => called,
    }
}

/// `GET .../groups`: those at the top. A search, by name or attributes, looks
/// everywhere, and tells what it finds without what is above it unless asked to.
async fn list(at: &AdminVisit<'_>) -> Result<Response, AdminError> {
    at.inquiry.require(READERS)?;
    list_groups(at).await
}

/// The groups that the query asks for, whoever asks.
///
/// # Errors
/// `Invalid` for a `q` that is none, `Page`, `TooMany`, `Store`.
pub async fn list_groups(at: &AdminVisit<'_>) -> Result<Response, AdminError> {
    let query = at.inquiry.query();
    let page = at.inquiry.page(EVERYTHING)?;
    let found = match (query.first("q"), searched(&query)) {
        (Some(q), _) if !q.trim().is_empty() => {
            let pairs = read_pairs(q).map_err(|bad| AdminError::Invalid(bad.to_string()))?;
            group::list(at.sql(), Among::Anywhere, Called::Anything, &pairs, page)?
        }
        (_, Called::Anything) => group::list(at.sql(), Among::Top, Called::Anything, &[], page)?,
        (_, called) => group::list(at.sql(), Among::Anywhere, called, &[], page)?,
    };
    let found = Page::check(found)?;
    let telling = Telling::of(&query);
    if !flag(&query, "populateHierarchy", false) || found.iter().all(|one| one.parent.is_none()) {
        return Ok(answer::json(StatusCode::OK, &show(at, &found, telling).await?));
    }
    let ids: Vec<&GroupId> = found.iter().map(|group| &group.id).collect();
    let tree = group::list_above(at.sql(), &ids)?;
    Ok(answer::json(StatusCode::OK, &nest(show(at, &tree, telling).await?)))
}

/// `POST .../groups`: makes a group at the top and answers it, or moves one there.
fn create(at: &AdminVisit<'_>) -> Result<Response, AdminError> {
    at.inquiry.require(READERS)?;
    at.inquiry.require(WRITERS)?;
    let draft: GroupDraftJson = at.inquiry.body()?;
    if draft.id.is_some() {
        return relocate(at, draft, None);
    }
    let made = group::create(&at.scene(), draft.into(), None)?;
    Ok(created(at, &made, answer::json(StatusCode::CREATED, &brief(at, &made, false))))
}

/// `POST .../groups/{group}/children`: the same below a group.
async fn add_child(at: &AdminVisit<'_>) -> Result<Response, AdminError> {
    let parent = at.changed_group()?;
    let draft: GroupDraftJson = at.inquiry.body()?;
    if draft.id.is_some() {
        return relocate(at, draft, Some(&parent));
    }
    let made = group::create(&at.scene(), draft.into(), Some(&parent))?;
    let telling = Telling { full: true, count: false };
    let told = show(at, std::slice::from_ref(&made), telling).await?.pop();
    Ok(created(at, &made, answer::json(StatusCode::CREATED, &told)))
}

/// Moves the group that the body names. It must be named twice, by its key and with
/// some name, as in Keycloak. A group of the realm, or of another organization, is
/// not in this object.
fn relocate(
    at: &AdminVisit<'_>,
    draft: GroupDraftJson,
    parent: Option<&Group>,
) -> Result<Response, AdminError> {
    const UNKNOWN: AdminError = AdminError::Unknown("Could not find group by id");
    checked_name(draft.name)?;
    let moved = group::find(at.sql(), &draft.id.ok_or(UNKNOWN)?)?.ok_or(UNKNOWN)?;
    group::relocate(&at.scene(), &moved, parent)?;
    Ok(answer::empty(StatusCode::NO_CONTENT))
}

async fn read(at: &AdminVisit<'_>) -> Result<Response, AdminError> {
    let group = at.read_group()?;
    let telling = Telling { full: true, count: counts(&at.inquiry.query()) };
    answer_one(at, &group, telling).await
}

fn change(at: &AdminVisit<'_>) -> Result<Response, AdminError> {
    let group = at.changed_group()?;
    let draft: GroupDraftJson = at.inquiry.body()?;
    group::change(&at.scene(), &group, draft.into())?;
    Ok(answer::empty(StatusCode::NO_CONTENT))
}

fn delete(at: &AdminVisit<'_>) -> Result<Response, AdminError> {
    let group = at.changed_group()?;
    group::delete(&at.scene(), &group)?;
    Ok(answer::empty(StatusCode::NO_CONTENT))
}

/// `GET .../groups/{group}/children`: always brief, as in Keycloak.
fn list_children(at: &AdminVisit<'_>) -> Result<Response, AdminError> {
    let parent = at.read_group()?;
    let query = at.inquiry.query();
    let page = at.inquiry.page(PAGE_CHILDREN)?;
    let among = Among::Below(&parent.id);
    let found = Page::check(group::list(at.sql(), among, searched(&query), &[], page)?)?;
    let body: Vec<_> = found.iter().map(|group| brief(at, group, counts(&query))).collect();
    Ok(answer::json(StatusCode::OK, &body))
}

/// `GET .../groups/group-by-path/{path}`, which is read as in a realm
/// ([`crate::realm::routes_admin_groups`]).
async fn read_by_path(at: &AdminVisit<'_>) -> Result<Response, AdminError> {
    const UNKNOWN: AdminError = AdminError::Unknown("Group path does not exist");
    at.inquiry.require(READERS)?;
    let path = at.inquiry.request.uri().path();
    let (_, below) = path.split_once("/group-by-path/").ok_or(UNKNOWN)?;
    let below = below.strip_prefix('/').unwrap_or(below);
    let below = below.strip_suffix('/').unwrap_or(below);
    let ways = [
        names_of_segments(below.split('/').map(decoded_segment)),
        names_of_path(&decoded_segment(below)),
    ];
    let mut found = None;
    for names in ways {
        found = match found {
            None => group::find_by_names(at.sql(), &names)?,
            found => found,
        };
    }
    let telling = Telling::of(&at.inquiry.query());
    answer_one(at, &found.ok_or(UNKNOWN)?, telling).await
}

async fn answer_one(
    at: &AdminVisit<'_>,
    group: &Group,
    telling: Telling,
) -> Result<Response, AdminError> {
    let told = show(at, std::slice::from_ref(group), telling).await?.pop();
    Ok(answer::json(StatusCode::OK, &told))
}

fn created(at: &AdminVisit<'_>, made: &Group, response: Response) -> Response {
    answer::with_header(response, LOCATION, &at.url(&format!("/groups/{}", made.id)))
}

impl From<GroupDraftJson> for GroupDraft {
    fn from(json: GroupDraftJson) -> Self {
        Self { name: json.name, description: json.description, attributes: json.attributes }
    }
}
