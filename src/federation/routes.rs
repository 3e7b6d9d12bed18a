//! `/realms/{realm}/orgs/{org}/idps`, inside the organization's object (reference
//! phasetwo.md §1.8), and how a refusal is told.
use super::desk::Desk;
use super::error::ProviderError;
use super::provider::Provider;
use super::wire::{LinkRequest, ProviderJson, ProviderRequest};
use super::{change, link, routes_import, routes_mapper, store};
use crate::org::error::OrgError;
use crate::org::permission::{Permission, Standing, require};
use crate::org::visit::Handler::{self, Leaving};
use crate::org::visit::Visit;
use crate::realm::page::{MAX_PAGE_ROWS, Page};
use crate::realm::role::AdminRole;
use crate::web::router::{Params, Route};
use crate::web::{Request, Response, answer};
use futures::FutureExt;
use futures::future::LocalBoxFuture;
use http::{Method, StatusCode};
use serde_json::json;

const IDPS: &str = "/realms/{realm}/orgs/{org}/idps";
const LINK: &str = "/realms/{realm}/orgs/{org}/idps/link";
const IDP: &str = "/realms/{realm}/orgs/{org}/idps/{alias}";
const UNLINK: &str = "/realms/{realm}/orgs/{org}/idps/{alias}/unlink";

/// Who answers what.
#[must_use]
pub fn table() -> Vec<Route<Handler>> {
    let route = |method, path, handler| Route { method, path, handler };
    let mut routes = vec![
        route(Method::GET, IDPS, Leaving(|visit, _, _| boxed(list(visit)))),
        route(Method::POST, IDPS, Leaving(|visit, request, _| boxed(create(visit, request)))),
        route(Method::POST, LINK, Leaving(|visit, request, _| boxed(link_one(visit, request)))),
        route(Method::GET, IDP, Leaving(|visit, _, params| boxed(read(visit, params)))),
        route(
            Method::PUT,
            IDP,
            Leaving(|visit, request, params| boxed(replace(visit, request, params))),
        ),
        route(Method::DELETE, IDP, Leaving(|visit, _, params| boxed(delete(visit, params)))),
        route(Method::POST, UNLINK, Leaving(|visit, _, params| boxed(unlink(visit, params)))),
    ];
    routes.extend(routes_mapper::table());
    routes.extend(routes_import::table());
    routes
}

/// A handler's future, with its refusals told.
pub fn boxed<'a>(
    work: impl Future<Output = Result<Response, ProviderError>> + 'a,
) -> LocalBoxFuture<'a, Response> {
    async { respond(work.await) }.boxed_local()
}

/// Passes a caller who may look at the organization's providers.
///
/// # Errors
/// `Org(Denied)`.
pub fn enter(visit: &Visit<'_>) -> Result<Standing, ProviderError> {
    Ok(require(visit, &[Permission::VIEW_IDENTITY_PROVIDERS])?)
}

/// Passes a caller who may read one provider: Keycloak's own permission, or the
/// organization's role. Who administers organizations only, does not (reference
/// phasetwo.md §1.8).
///
/// # Errors
/// `Org(Denied)`; `Forbidden`.
pub fn may_view(visit: &Visit<'_>) -> Result<(), ProviderError> {
    let roles = [AdminRole::ViewIdentityProviders, AdminRole::ManageIdentityProviders];
    may(visit, &roles, Permission::VIEW_IDENTITY_PROVIDERS)
}

/// Passes a caller who may change one provider, likewise.
///
/// # Errors
/// As [`may_view`].
pub fn may_manage(visit: &Visit<'_>) -> Result<(), ProviderError> {
    let roles = [AdminRole::ManageIdentityProviders];
    may(visit, &roles, Permission::MANAGE_IDENTITY_PROVIDERS)
}

fn may(
    visit: &Visit<'_>,
    roles: &[AdminRole],
    permission: Permission,
) -> Result<(), ProviderError> {
    let standing = enter(visit)?;
    if standing.administers(roles) || standing.has_as_member(permission) {
        Ok(())
    } else {
        Err(ProviderError::Forbidden)
    }
}

/// Passes a caller who may change `provider`: several organizations may use it,
/// and none of them changes how the others sign in.
///
/// # Errors
/// `Shared`; as [`may_manage`].
pub fn may_change(visit: &Visit<'_>, provider: &Provider) -> Result<(), ProviderError> {
    may_manage(visit)?;
    if provider.is_shared() && !enter(visit)?.administers(&[AdminRole::ManageIdentityProviders]) {
        return Err(ProviderError::Shared);
    }
    Ok(())
}

/// The provider that the path names, if this organization uses it.
///
/// # Errors
/// `Unknown`.
pub async fn find_own(desk: &Desk<'_>, params: &Params) -> Result<Provider, ProviderError> {
    let provider = change::find(desk, params.get("alias")).await?;
    if desk.org.is_some_and(|org| provider.serves(org)) {
        Ok(provider)
    } else {
        Err(ProviderError::Unknown("identity provider"))
    }
}

/// `GET /idps`.
async fn list(visit: &Visit<'_>) -> Result<Response, ProviderError> {
    enter(visit)?;
    let org = &visit.organization.id;
    let wanted = store::provider::Wanted { org: Some(org), ..Default::default() };
    let directory = &*visit.object.ports.directory;
    let all = Page { first: 0, max: MAX_PAGE_ROWS + 1 };
    let listed = store::provider::list(directory, &visit.visitor.realm.id, &wanted, all).await?;
    let providers = Page::check(listed)?;
    let body: Vec<_> =
        providers.iter().map(|provider| ProviderJson::seen_by(provider, org)).collect();
    Ok(answer::json(StatusCode::OK, &body))
}

/// `POST /idps`.
async fn create(visit: &Visit<'_>, request: &Request) -> Result<Response, ProviderError> {
    may_manage(visit)?;
    let asked: ProviderRequest = answer::read_json(request)?;
    let provider = change::create(&Desk::of_visit(visit), asked, None).await?;
    Ok(answer::created(&visit.org_url(&format!("/idps/{}", provider.alias.as_str()))))
}

/// `POST /idps/link`.
async fn link_one(visit: &Visit<'_>, request: &Request) -> Result<Response, ProviderError> {
    administers_organizations(visit)?;
    let asked: LinkRequest = answer::read_json(request)?;
    let desk = Desk::of_visit(visit);
    let provider = link::link(&desk, &visit.organization.id, asked).await?;
    Ok(answer::created(&visit.org_url(&format!("/idps/link/{}", provider.alias.as_str()))))
}

fn administers_organizations(visit: &Visit<'_>) -> Result<(), ProviderError> {
    if enter(visit)?.administers(&[AdminRole::ManageOrganizations]) {
        Ok(())
    } else {
        Err(OrgError::Denied.into())
    }
}

/// `GET /idps/{alias}`.
async fn read(visit: &Visit<'_>, params: &Params) -> Result<Response, ProviderError> {
    may_view(visit)?;
    let provider = find_own(&Desk::of_visit(visit), params).await?;
    let org = &visit.organization.id;
    Ok(answer::json(StatusCode::OK, &ProviderJson::seen_by(&provider, org)))
}

/// `PUT /idps/{alias}`.
async fn replace(
    visit: &Visit<'_>,
    request: &Request,
    params: &Params,
) -> Result<Response, ProviderError> {
    may_manage(visit)?;
    let asked: ProviderRequest = answer::read_json(request)?;
    let desk = Desk::of_visit(visit);
    let provider = find_own(&desk, params).await?;
    may_change(visit, &provider)?;
    change::replace(&desk, provider, asked, None).await?;
    Ok(answer::empty(StatusCode::NO_CONTENT))
}

/// `DELETE /idps/{alias}`: of one that others use too, an organization gives up
/// its own use only.
async fn delete(visit: &Visit<'_>, params: &Params) -> Result<Response, ProviderError> {
    may_manage(visit)?;
    let desk = Desk::of_visit(visit);
    let provider = find_own(&desk, params).await?;
    if provider.is_shared() {
        link::unlink(&desk, &visit.organization.id, &provider).await?;
    } else {
        change::delete(&desk, &provider).await?;
    }
    Ok(answer::empty(StatusCode::NO_CONTENT))
}

/// `POST /idps/{alias}/unlink`.
async fn unlink(visit: &Visit<'_>, params: &Params) -> Result<Response, ProviderError> {
    administers_organizations(visit)?;
    let desk = Desk::of_visit(visit);
    let provider = find_own(&desk, params).await?;
    link::unlink(&desk, &visit.organization.id, &provider).await?;
    Ok(answer::empty(StatusCode::NO_CONTENT))
}

/// What the caller is told. The organization's own refusals are Phase Two's, the
/// rest Keycloak's.
pub fn respond(result: Result<Response, ProviderError>) -> Response {
    let error = match result {
        Ok(response) => return response,
        Err(error) => error,
    };
    let message = |status| answer::json(status, &json!({ "errorMessage": error.to_string() }));
    match error {
        ProviderError::Org(error) => crate::org::routes::respond(Err(error)),
        ProviderError::Admin(error) => crate::realm::routes::respond(Err(error)),
        ProviderError::Forbidden => answer::keycloak_error(StatusCode::FORBIDDEN),
        ProviderError::Shared => message(StatusCode::FORBIDDEN),
        ProviderError::Unknown(_) => answer::keycloak_error(StatusCode::NOT_FOUND),
        ProviderError::UnknownKind => answer::keycloak_error(StatusCode::BAD_REQUEST),
        ProviderError::UnknownAlias(_) => {
            answer::keycloak_problem(StatusCode::NOT_FOUND, &error.to_string())
        }
        ProviderError::Disabled(_) => {
            answer::keycloak_problem(StatusCode::BAD_REQUEST, &error.to_string())
        }
        ProviderError::Taken(_) | ProviderError::MapperTaken => message(StatusCode::CONFLICT),
        ProviderError::Bad(_)
        | ProviderError::Mapper(_)
        | ProviderError::BeyondOrganization
        | ProviderError::Use(_)
        | ProviderError::Upload(_)
        | ProviderError::Field(_)
        | ProviderError::Form(_)
        | ProviderError::Metadata(_)
        | ProviderError::Fetch(_)
        | ProviderError::Upstream(_)
        | ProviderError::TooMany(_) => message(StatusCode::BAD_REQUEST),
        ProviderError::Body(body) => body.respond(),
        ProviderError::Vault | ProviderError::Store(_) => {
            tracing::error!("A request about identity providers failed: {error}");
            let told = json!({ "error": "unknown_error" });
            answer::json(StatusCode::INTERNAL_SERVER_ERROR, &told)
        }
    }
}
