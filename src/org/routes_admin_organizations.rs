//! `/admin/realms/{realm}/organizations`: what concerns no single organization's
//! object (reference keycloak.md §1.3).
use super::admin_draft::Draft;
use super::admin_visit::{READERS, WRITERS};
use super::assert::ConfirmDomains;
use super::create::{self, CreateError, PrepareOrg};
use super::dialect::Dialect;
use super::wire_keycloak::{OrganizationDraftJson, OrganizationJson};
use crate::kernel::id::{OrgId, UserId};
use crate::kernel::route::ObjectName;
use crate::platform::object::ask;
use crate::platform::row::StoreError;
use crate::realm::context::RealmContext;
use crate::realm::error::AdminError;
use crate::realm::inquiry::Inquiry;
use crate::realm::page::{MAX_PAGE_ROWS, Page};
use crate::realm::registry::Registration;
use crate::realm::role::AdminRole;
use crate::realm::routes::{Table, respond};
use crate::realm::search::{Part, Wanted, Within, read_pairs};
use crate::realm::show_groups::flag;
use crate::realm::store::{domain, organization, user};
use crate::web::{Response, answer};
use futures::FutureExt;
use http::{Method, StatusCode};
use std::collections::{BTreeMap, BTreeSet};

/// Who may ask which organizations there are. Who may do no more is told of none.
pub const FINDERS: &[AdminRole] = &[
    AdminRole::QueryOrganizations,
    AdminRole::ViewOrganizations,
    AdminRole::ManageOrganizations,
    AdminRole::ManageRealm,
];

const PEOPLE: &[AdminRole] = &[AdminRole::ViewUsers, AdminRole::ManageUsers];

/// Organizations of a page when the caller names no number, as in Keycloak.
const PAGE_ORGANIZATIONS: i64 = 10;

/// Why a second organization of one name cannot be. In Keycloak's words and marks.
pub const SAME_NAME: &str = "A organization with the same name already exists.";

const SAME_ALIAS: &str = "A organization with the same alias already exists";

/// The realm has no organizations.
pub const SWITCHED_OFF: AdminError =
    AdminError::Missing("Organizations not enabled for this realm.");

/// Who answers what.
#[must_use]
pub fn table() -> Table {
    const ALL: &str = "/admin/realms/{realm}/organizations";
    const COUNT: &str = "/admin/realms/{realm}/organizations/count";
    const OF_MEMBER: &str = "/admin/realms/{realm}/organizations/members/{user}/organizations";
    vec![
        (Method::GET, ALL, |inquiry| async { respond(list(inquiry).await) }.boxed_local()),
        (Method::POST, ALL, |inquiry| async { respond(create(inquiry).await) }.boxed_local()),
        (Method::GET, COUNT, |inquiry| async { respond(count(inquiry).await) }.boxed_local()),
        (Method::GET, OF_MEMBER, |inquiry| {
            async { respond(list_of_member(inquiry).await) }.boxed_local()
        }),
    ]
}

/// Passes a caller who holds one of `roles`, in a realm that has organizations.
fn enter(inquiry: &Inquiry<'_>, roles: &[AdminRole]) -> Result<(), AdminError> {
    inquiry.require(roles)?;
    if inquiry.context.realm.settings.organizations_enabled { Ok(()) } else { Err(SWITCHED_OFF) }
}

/// `GET .../organizations`.
async fn list(inquiry: &Inquiry<'_>) -> Result<Response, AdminError> {
    enter(inquiry, FINDERS)?;
    let wanted = wanted(inquiry)?;
    if !inquiry.actor.holds_any(READERS) {
        return Ok(answer::json(StatusCode::OK, &[(); 0]));
    }
    let found = organization::list(inquiry.directory(), inquiry.realm_id(), &wanted).await?;
    answer_list(inquiry, found).await
}

/// `GET .../organizations/count`: how many the list has, pages aside.
async fn count(inquiry: &Inquiry<'_>) -> Result<Response, AdminError> {
    enter(inquiry, FINDERS)?;
    let wanted = wanted(inquiry)?;
    if !inquiry.actor.holds_any(READERS) {
        return Ok(answer::json(StatusCode::OK, &0));
    }
    let total = organization::count(inquiry.directory(), inquiry.realm_id(), &wanted).await?;
    Ok(answer::json(StatusCode::OK, &total))
}

/// What the query asks for: attributes before names.
fn wanted<'a>(inquiry: &Inquiry<'_>) -> Result<Wanted<'a>, AdminError> {
    let query = inquiry.query();
    let mut wanted = Wanted::all(inquiry.page(PAGE_ORGANIZATIONS)?);
    wanted.provider = query.first("identityProvider").filter(|a| !a.is_empty()).map(str::to_owned);
    let search = query.first("search").filter(|text| !text.is_empty());
    match query.first("q").filter(|q| !q.trim().is_empty()) {
        Some(q) => {
            let read = read_pairs(q);
            wanted.attributes = read.map_err(|bad| AdminError::Invalid(bad.to_string()))?;
        }
        None if flag(&query, "exact", false) => wanted.exact = search.map(str::to_owned),
        None => {
            let realm = inquiry.realm_id();
            wanted.part = search.and_then(|text| Part::of(realm, text, Within::Domains));
        }
    }
    Ok(wanted)
}

/// `GET .../organizations/members/{user}/organizations`: of somebody who belongs to
/// none, too.
async fn list_of_member(inquiry: &Inquiry<'_>) -> Result<Response, AdminError> {
    const NOBODY: AdminError = AdminError::Missing("User does not exist");
    inquiry.require(FINDERS)?;
    enter(inquiry, PEOPLE)?;
    let (directory, realm) = (inquiry.directory(), inquiry.realm_id());
    let id: UserId = inquiry.params.get("user").parse().map_err(|_| NOBODY)?;
    let member = user::find(directory, realm, &id).await?.ok_or(NOBODY)?;
    if !inquiry.actor.holds_any(READERS) {
        return Ok(answer::json(StatusCode::OK, &[(); 0]));
    }
    answer_those_of(inquiry, &member.id).await
}

/// The organizations of a user.
///
/// # Errors
/// `TooMany`; `Store`.
pub async fn answer_those_of(inquiry: &Inquiry<'_>, user: &UserId) -> Result<Response, AdminError> {
    let wanted =
        Wanted { members: vec![user], ..Wanted::all(Page { first: 0, max: MAX_PAGE_ROWS + 1 }) };
    let found = organization::list(inquiry.directory(), inquiry.realm_id(), &wanted).await?;
    answer_list(inquiry, found).await
}

async fn answer_list(
    inquiry: &Inquiry<'_>,
    found: Vec<Registration>,
) -> Result<Response, AdminError> {
    let found = Page::check(found)?;
    let ids: Vec<&OrgId> = found.iter().map(|one| &one.id).collect();
    let claims = domain::list_of(inquiry.directory(), inquiry.realm_id(), &ids).await?;
    let mut verified: BTreeMap<OrgId, BTreeSet<String>> = BTreeMap::new();
    for (org, name) in claims {
        verified.entry(org).or_default().insert(name);
    }
    let is_brief = flag(&inquiry.query(), "briefRepresentation", true);
    let none = BTreeSet::new();
    let owned = |org| verified.get(org).unwrap_or(&none);
    let body: Vec<_> =
        found.iter().map(|one| OrganizationJson::listed(one, owned(&one.id), is_brief)).collect();
    Ok(answer::json(StatusCode::OK, &body))
}

/// `POST .../organizations`. No administrator comes with it: that is Phase Two's.
async fn create(inquiry: &Inquiry<'_>) -> Result<Response, AdminError> {
    inquiry.require(FINDERS)?;
    enter(inquiry, WRITERS)?;
    let context = inquiry.context;
    let draft = read_draft(inquiry, AdminError::Invalid("Name can not be null".to_owned()))?;
    if let Some(alias) = draft.routes.iter().find_map(|route| route.alias.as_deref()) {
        return Err(not_linked(alias));
    }
    let registration = registration_of(context, &draft)?;
    check_domains(context, &registration.domains, None).await?;
    let vouched = draft.domains.iter().filter(|word| word.verified == Some(true));
    let asked = PrepareOrg {
        realm: context.realm.id.clone(),
        registration,
        logo_url: None,
        owner: None,
        admin: None,
        dialect: Dialect::Keycloak,
        asserted: vouched.map(|word| word.name.clone()).collect(),
        actor: inquiry.audit_actor(),
        now: context.now,
    };
    let claims_domains = !asked.asserted.is_empty();
    let org = create::create(context, asked).await.map_err(taken)?;
    if claims_domains {
        confirm(context, &org).await;
    }
    let place = format!("/admin/realms/{}/organizations/{org}", context.realm.name);
    Ok(answer::created(&format!("{}{place}", context.public_url)))
}

/// What the body asks for.
///
/// # Errors
/// `nameless`; `Body`, `Invalid`.
pub fn read_draft(inquiry: &Inquiry<'_>, nameless: AdminError) -> Result<Draft, AdminError> {
    if inquiry.request.body().is_empty() {
        return Err(AdminError::Invalid("Organization cannot be null.".to_owned()));
    }
    let json: OrganizationDraftJson = inquiry.body()?;
    Draft::read(json, nameless)
}

/// The people of a domain cannot be sent to a provider that is not the organization's;
/// a new one has none.
#[must_use]
pub fn not_linked(alias: &str) -> AdminError {
    let words = format!("Identity provider {alias} is not associated with the organization");
    AdminError::Invalid(words)
}

fn registration_of(context: &RealmContext<'_>, draft: &Draft) -> Result<Registration, AdminError> {
    Ok(Registration {
        id: OrgId::from(context.ports.random.uuid()),
        alias: draft.new_alias()?,
        name: draft.name.clone(),
        display_name: None,
        url: None,
        attributes: draft.attributes.clone().unwrap_or_default(),
        domains: draft.domain_names(),
        enabled: draft.enabled,
        description: draft.description.clone(),
        redirect_url: draft.redirect_url.clone(),
        created_at: context.now,
    })
}

/// Passes domains that no organization but `own` names, unless the realm lets them
/// share. Two requests at the same moment may both pass: who owns a domain, its
/// verification decides.
///
/// # Errors
/// `Invalid` says whose it is.
pub async fn check_domains(
    context: &RealmContext<'_>,
    names: &[String],
    own: Option<&OrgId>,
) -> Result<(), AdminError> {
    if names.is_empty() || context.realm.settings.shared_domains {
        return Ok(());
    }
    let directory = &*context.ports.directory;
    let realm = &context.realm;
    match organization::find_namesake(directory, &realm.id, names, own).await? {
        None => Ok(()),
        Some((domain, org)) => Err(AdminError::Invalid(format!(
            "Domain {domain} is already linked to organization {org} in realm {}",
            realm.name
        ))),
    }
}

fn taken(error: CreateError) -> AdminError {
    match error {
        CreateError::Taken("name") => AdminError::Conflict(SAME_NAME.to_owned()),
        CreateError::Taken("alias") => AdminError::Conflict(SAME_ALIAS.to_owned()),
        CreateError::Taken(what) => {
            AdminError::Conflict(format!("an organization with this {what} exists"))
        }
        CreateError::Store(error) => AdminError::Store(error),
    }
}

/// Domains that are not claimed now, the organization's alarm claims.
async fn confirm(context: &RealmContext<'_>, org: &OrgId) {
    let object = ObjectName::Org(context.realm.id.clone(), org.clone());
    let question = ConfirmDomains { realm: (*context.realm).clone() };
    let answered: Result<(), StoreError> = ask(&*context.ports.objects, &object, &question).await;
    if let Err(error) = answered {
        tracing::warn!(org.id = %org, "The domains of an organization are claimed later: {error}");
    }
}
