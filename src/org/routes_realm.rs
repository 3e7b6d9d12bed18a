//! `/realms/{realm}/orgs`: what concerns no single organization's object.
use super::admin_user;
use super::create::{self, CreateError, PrepareOrg};
use super::dialect::Dialect;
use super::error::OrgError;
use super::profile;
use super::routes::respond;
use super::routes_me::local_user;
use super::wire::{NewOrganizationJson, OrganizationJson};
use crate::kernel::alias::Alias;
use crate::kernel::id::{OrgId, UserId};
use crate::realm::actor::Actor;
use crate::realm::context::RealmContext;
use crate::realm::inquiry::Inquiry;
use crate::realm::page::Page;
use crate::realm::registry::{PAGE_ROWS, Registration};
use crate::realm::role::AdminRole;
use crate::realm::routes::Table;
use crate::realm::search::{Part, Wanted, Within, read_pairs};
use crate::realm::store::organization;
use crate::web::Response;
use crate::web::answer;
use futures::FutureExt;
use http::{Method, StatusCode};

/// Who answers what.
#[must_use]
pub fn table() -> Table {
    vec![
        (Method::GET, "/realms/{realm}/orgs", |inquiry| list_organizations(inquiry).boxed_local()),
        (Method::POST, "/realms/{realm}/orgs", |inquiry| {
            create_organization(inquiry).boxed_local()
        }),
        (Method::GET, "/realms/{realm}/orgs/count", |inquiry| {
            count_organizations(inquiry).boxed_local()
        }),
    ]
}

/// `GET /orgs`: all of them for who may view them, else one's own.
async fn list_organizations(inquiry: &Inquiry<'_>) -> Response {
    respond(list(inquiry).await)
}

async fn list(inquiry: &Inquiry<'_>) -> Result<Response, OrgError> {
    let context = inquiry.context;
    let sees_all = inquiry.actor.holds_any(&[AdminRole::ViewOrganizations]);
    if !sees_all && local_user(inquiry).is_none() {
        return Ok(answer::json(StatusCode::OK, &[(); 0]));
    }
    let wanted = wanted(inquiry)?;
    let found = organization::list(&*context.ports.directory, &context.realm.id, &wanted).await?;
    let realm = context.realm.name.as_str();
    let body: Vec<_> = found.iter().map(|one| OrganizationJson::listed(one, realm)).collect();
    Ok(answer::json(StatusCode::OK, &body))
}

/// What `search`, `q`, `first` and `max` ask for, of all organizations or of the
/// caller's own.
fn wanted<'a>(inquiry: &'a Inquiry<'_>) -> Result<Wanted<'a>, OrgError> {
    let caller = inquiry.actor;
    let query = inquiry.query();
    let mut page = Page::read(&query, PAGE_ROWS)?;
    // Values above are cut, not refused (reference phasetwo.md §1.2).
    page.max = page.max.min(PAGE_ROWS);
    let sees_all = caller.holds_any(&[AdminRole::ViewOrganizations]);
    Ok(Wanted {
        members: if sees_all { Vec::new() } else { vec![&caller.user] },
        part: query
            .first("search")
            .and_then(|part| Part::of(inquiry.realm_id(), part, Within::DisplayName)),
        attributes: read_pairs(query.first("q").unwrap_or_default())?,
        ..Wanted::all(page)
    })
}

/// `GET /orgs/count`: how many the list has.
async fn count_organizations(inquiry: &Inquiry<'_>) -> Response {
    respond(count(inquiry).await)
}

async fn count(inquiry: &Inquiry<'_>) -> Result<Response, OrgError> {
    if !inquiry.actor.holds_any(&[AdminRole::ViewOrganizations]) {
        return Err(OrgError::Denied);
    }
    let wanted = wanted(inquiry)?;
    let total = organization::count(inquiry.directory(), inquiry.realm_id(), &wanted).await?;
    Ok(answer::json(StatusCode::OK, &total))
}

/// `POST /orgs`.
async fn create_organization(inquiry: &Inquiry<'_>) -> Response {
    respond(create(inquiry).await)
}

async fn create(inquiry: &Inquiry<'_>) -> Result<Response, OrgError> {
    let (context, caller) = (inquiry.context, inquiry.actor);
    let owner = owner_of_new(caller, context)?;
    let asked = PrepareOrg {
        realm: context.realm.id.clone(),
        registration: registration_of(context, answer::read_json(inquiry.request)?, None)?,
        logo_url: None,
        owner,
        admin: admin_user::new_id(context),
        dialect: Dialect::PhaseTwo,
        asserted: Vec::new(),
        actor: inquiry.audit_actor(),
        now: context.now,
    };
    match create::create(context, asked).await {
        Ok(org) => Ok(answer::created(&context.url(&format!("/orgs/{org}")))),
        Err(CreateError::Taken(what)) => Err(OrgError::Taken(what)),
        Err(CreateError::Store(error)) => Err(OrgError::Store(error)),
    }
}

/// Who may create, and who then owns: a person with `create-organization` owns
/// what they create; an administrator creates for others (reference phasetwo.md
/// §1.2).
fn owner_of_new(caller: &Actor, context: &RealmContext<'_>) -> Result<Option<UserId>, OrgError> {
    let holds = |role| caller.admin_roles.contains(&role);
    if holds(AdminRole::CreateOrganization) {
        let at_home = caller.realm == context.realm.id && !caller.is_service_account;
        return Ok(at_home.then(|| caller.user.clone()));
    }
    if holds(AdminRole::ViewOrganizations) && holds(AdminRole::ManageOrganizations) {
        return Ok(None);
    }
    Err(OrgError::Denied)
}

/// Words that stand where an organization's id does, in paths of Phase Two and
/// Keycloak.
const RESERVED: [&str; 6] = ["me", "count", "config", "export", "import", "members"];

/// What the registry is to list of the organization that `json` describes; without
/// an `alias`, that is made of its name.
///
/// # Errors
/// `Field`.
pub fn registration_of(
    context: &RealmContext<'_>,
    mut json: NewOrganizationJson,
    alias: Option<Alias>,
) -> Result<Registration, OrgError> {
    let field = |text: &str| OrgError::Field(text.to_owned());
    let profile = profile::read(&mut json)?;
    let id = match json.id.filter(|id| !id.is_empty()) {
        Some(id) if RESERVED.contains(&id.as_str()) => return Err(field("id is a path of ours")),
        Some(id) => id.parse().map_err(|_| field("id is not usable"))?,
        None => OrgId::from(context.ports.random.uuid()),
    };
    let alias = alias.map_or_else(|| Alias::from_name(&profile.name), Ok);
    Ok(Registration {
        id,
        alias: alias.map_err(|_| field("name has no usable character"))?,
        name: profile.name,
        display_name: profile.display_name,
        url: profile.url,
        attributes: profile.attributes,
        domains: profile::read_domains(json.domains.unwrap_or_default())?,
        enabled: profile.enabled,
        description: profile.description,
        redirect_url: profile.redirect_url,
        created_at: context.now,
    })
}
