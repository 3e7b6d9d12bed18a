//! `POST /realms/{realm}/orgs/{org}/portal-link`, inside the organization's
//! object.
use super::admin_user;
use super::error::OrgError;
use super::permission::{Permission, Standing, require};
use super::portal_link::{PortalKey, WIZARD_CLIENT};
use super::record::{Scene, record};
use super::role::BuiltIn;
use super::routes::respond;
use super::store;
use super::visit::{Handler, Visit};
use crate::event::audit::{Change, Operation};
use crate::kernel::id::UserId;
use crate::platform::row::StoreError;
use crate::platform::sql::in_transaction;
use crate::realm::role::AdminRole;
use crate::realm::store::user;
use crate::realm::user::User;
use crate::web::answer;
use crate::web::form::Form;
use crate::web::router::{Params, Route};
use crate::web::{Request, Response};
use futures::FutureExt;
use futures::future::LocalBoxFuture;
use http::{Method, StatusCode};
use serde::Serialize;
use url::Url;

/// Who answers what.
#[must_use]
pub fn table() -> Vec<Route<Handler>> {
    vec![Route {
        method: Method::POST,
        path: "/realms/{realm}/orgs/{org}/portal-link",
        handler: Handler::Leaving(make_link),
    }]
}

/// The answer.
#[derive(Debug, Serialize)]
struct PortalLinkJson<'a> {
    user: &'a UserId,
    link: String,
    redirect: &'a str,
}

fn make_link<'a>(
    visit: &'a Visit<'a>,
    request: &'a Request,
    _: &'a Params,
) -> LocalBoxFuture<'a, Response> {
    async move { respond(make(visit, request).await) }.boxed_local()
}

/// The checks in the reference's order (phasetwo.md §3.4); the client and the
/// theme that theirs needs, ours does not.
async fn make(visit: &Visit<'_>, request: &Request) -> Result<Response, OrgError> {
    require(visit, &[Permission::MANAGE])?;
    if !visit.organization.enabled {
        return Err(OrgError::Field("the organization is disabled: nobody gets in".to_owned()));
    }
    let form = Form::parse(request.body());
    let wanted = form.first("userId").filter(|id| !id.is_empty());
    let named = match wanted {
        Some(id) => find_user(visit, id).await?,
        None => None,
    };
    let default = if named.is_none() { find_admin(visit).await? } else { None };
    let base = base_of(visit, form.first("baseUri")).await?;
    // Nothing is awaited from here on.
    let standing = require(visit, &[Permission::MANAGE])?;
    if named.is_none() && !may_be_admin(visit, &standing) {
        return Err(OrgError::Denied);
    }
    let name =
        wanted.map_or_else(|| admin_user::username_of(&visit.organization.id), str::to_owned);
    let missing = || OrgError::Field(format!("User {name} not found"));
    let person = named.or(default).ok_or_else(missing)?;
    check(visit, &person)?;
    let redirect = format!("{base}/realms/{}/wizard", visit.visitor.realm.name);
    let key = seal(visit, &person, &redirect)?;
    write_down(visit, &person)?;
    let path = format!("/login-actions/action-token?key={key}&client_id={WIZARD_CLIENT}");
    let link = visit.realm_context().url(&path);
    Ok(answer::json(
        StatusCode::OK,
        &PortalLinkJson { user: &person.id, link, redirect: &redirect },
    ))
}

async fn find_user(visit: &Visit<'_>, id: &str) -> Result<Option<User>, OrgError> {
    let Ok(id) = id.parse() else { return Ok(None) };
    let directory = &*visit.object.ports.directory;
    Ok(user::find(directory, &visit.visitor.realm.id, &id).await?)
}

async fn find_admin(visit: &Visit<'_>) -> Result<Option<User>, OrgError> {
    let org = &visit.organization.id;
    let Ok(name) = admin_user::username_of(org).parse() else { return Ok(None) };
    let directory = &*visit.object.ports.directory;
    let found = user::find_by_username(directory, &visit.visitor.realm.id, &name).await?;
    Ok(found.filter(|user| user.home_org.as_ref() == Some(org)))
}

/// To be signed in as somebody with every role takes every role.
fn may_be_admin(visit: &Visit<'_>, standing: &Standing) -> bool {
    let caller = visit.visitor.caller.as_ref();
    let administers = caller.is_some_and(|one| one.holds_any(&[AdminRole::ManageOrganizations]));
    administers || BuiltIn::names().all(|role| standing.holds(&role))
}

/// Where the redirect begins: here, or at an origin that the wizard's client
/// names. Whoever administers an organization must not make us send people,
/// signed in, anywhere else.
async fn base_of(visit: &Visit<'_>, given: Option<&str>) -> Result<String, OrgError> {
    let Some(given) = given.map(|uri| uri.trim_end_matches('/')).filter(|uri| !uri.is_empty())
    else {
        return Ok(visit.public_url.to_owned());
    };
    let refused = || OrgError::Field("baseUri is not an address of this realm".to_owned());
    let asked = Url::parse(given).map_err(|_| refused())?;
    let same = |known: &str| Url::parse(known).is_ok_and(|known| known.origin() == asked.origin());
    let client = visit.realm_context().find_client(WIZARD_CLIENT).await?;
    let known = client.iter().flat_map(|client| &client.settings.redirect_uris);
    let usable = matches!(asked.scheme(), "https" | "http")
        && asked.query().is_none()
        && asked.fragment().is_none()
        && (same(visit.public_url) || known.into_iter().any(|uri| same(uri)));
    if usable { Ok(given.to_owned()) } else { Err(refused()) }
}

/// Whether the person may be sent to administer the organization.
fn check(visit: &Visit<'_>, person: &User) -> Result<(), OrgError> {
    let org = &visit.organization.id;
    if !store::member::is_active(visit.sql(), &person.id)? {
        return Err(OrgError::Field(format!("User {} is not a member of {org}", person.id)));
    }
    let held = store::role::list_held(visit.sql(), &person.id)?;
    match BuiltIn::names().find(|role| !held.contains(role)) {
        None => Ok(()),
        Some(role) => {
            Err(OrgError::Field(format!("User has insufficient permissions. Needs {role}.")))
        }
    }
}

fn seal(visit: &Visit<'_>, person: &User, redirect: &str) -> Result<String, OrgError> {
    let realm = &visit.visitor.realm;
    let key = PortalKey {
        sub: person.id.clone(),
        org: visit.organization.id.clone(),
        redirect: redirect.to_owned(),
    };
    let sealed =
        key.seal(visit.keyring, &realm.id, visit.now + realm.settings.portal_link_expiration);
    sealed.map_err(|error| OrgError::Store(StoreError::Refused(error.to_string())))
}

fn write_down(visit: &Visit<'_>, person: &User) -> Result<(), StoreError> {
    in_transaction(visit.sql(), || {
        record(
            &Scene::of(visit),
            Change {
                resource_type: "ORGANIZATION",
                operation: Operation::Action,
                path: format!("orgs/{}/portal-link", visit.organization.id),
                representation: Some(person.id.as_str().into()),
            },
        )
    })
}
