//! `/realms/{realm}/orgs/{org}/idps/{alias}/mappers`, inside the organization's
//! object, and what the realm's paths for mappers share with it.
use super::change::path_of;
use super::desk::Desk;
use super::error::ProviderError;
use super::mapper::Mapper;
use super::mapper_check::{self, Bounds};
use super::provider::Provider;
use super::routes::{boxed, enter, find_own, may_change, may_manage, may_view};
use super::store;
use super::wire::{MapperJson, MapperRequest};
use crate::event::audit::{Change, Operation};
use crate::kernel::id::MapperId;
use crate::org::permission::Permission;
use crate::org::visit::Handler::{self, Leaving};
use crate::org::visit::Visit;
use crate::platform::row::StoreError;
use crate::platform::sql::Statement;
use crate::web::router::{Params, Route};
use crate::web::{Request, Response, answer};
use http::{Method, StatusCode};

const MAPPERS: &str = "/realms/{realm}/orgs/{org}/idps/{alias}/mappers";
const MAPPER: &str = "/realms/{realm}/orgs/{org}/idps/{alias}/mappers/{mapper}";

/// Who answers what.
#[must_use]
pub fn table() -> Vec<Route<Handler>> {
    let route = |method, path, handler| Route { method, path, handler };
    vec![
        route(Method::GET, MAPPERS, Leaving(|visit, _, params| boxed(list_own(visit, params)))),
        route(
            Method::POST,
            MAPPERS,
            Leaving(|visit, request, params| boxed(create_own(visit, request, params))),
        ),
        route(Method::GET, MAPPER, Leaving(|visit, _, params| boxed(read_own(visit, params)))),
        route(
            Method::PUT,
            MAPPER,
            Leaving(|visit, request, params| boxed(replace_own(visit, request, params))),
        ),
        route(Method::DELETE, MAPPER, Leaving(|visit, _, params| boxed(delete_own(visit, params)))),
    ]
}

async fn list_own(visit: &Visit<'_>, params: &Params) -> Result<Response, ProviderError> {
    may_view(visit)?;
    let desk = Desk::of_visit(visit);
    list(&desk, &find_own(&desk, params).await?).await
}

/// What the caller may let a mapper hand out in the organization.
fn bounds_of(visit: &Visit<'_>) -> Result<Bounds, ProviderError> {
    Ok(Bounds::of_organization(enter(visit)?.has(Permission::MANAGE_ROLES)))
}

async fn create_own(
    visit: &Visit<'_>,
    request: &Request,
    params: &Params,
) -> Result<Response, ProviderError> {
    may_manage(visit)?;
    let desk = Desk::of_visit(visit);
    let provider = find_own(&desk, params).await?;
    may_change(visit, &provider)?;
    let id = create(&desk, &provider, request, bounds_of(visit)?).await?;
    let alias = provider.alias.as_str();
    Ok(answer::created(&visit.org_url(&format!("/idps/{alias}/mappers/{id}"))))
}

async fn read_own(visit: &Visit<'_>, params: &Params) -> Result<Response, ProviderError> {
    may_view(visit)?;
    let desk = Desk::of_visit(visit);
    read(&desk, &find_own(&desk, params).await?, params).await
}

async fn replace_own(
    visit: &Visit<'_>,
    request: &Request,
    params: &Params,
) -> Result<Response, ProviderError> {
    may_manage(visit)?;
    let desk = Desk::of_visit(visit);
    let provider = find_own(&desk, params).await?;
    may_change(visit, &provider)?;
    replace(&desk, &provider, (request, params), bounds_of(visit)?).await
}

async fn delete_own(visit: &Visit<'_>, params: &Params) -> Result<Response, ProviderError> {
    may_manage(visit)?;
    let desk = Desk::of_visit(visit);
    let provider = find_own(&desk, params).await?;
    may_change(visit, &provider)?;
    delete(&desk, &provider, params).await
}

/// `GET .../mappers`.
///
/// # Errors
/// `Store`.
pub async fn list(desk: &Desk<'_>, provider: &Provider) -> Result<Response, ProviderError> {
    let mappers = store::mapper::list(&*desk.context.ports.directory, provider).await?;
    let alias = provider.alias.as_str();
    let body: Vec<_> = mappers.iter().map(|mapper| MapperJson::of(mapper, alias)).collect();
    Ok(answer::json(StatusCode::OK, &body))
}

/// `POST .../mappers`.
///
/// # Errors
/// `MapperTaken`; `Body`, `Field` and `Mapper` when it cannot be, `BeyondOrganization` and
/// `Forbidden` when the caller may not let it be.
pub async fn create(
    desk: &Desk<'_>,
    provider: &Provider,
    request: &Request,
    bounds: Bounds,
) -> Result<MapperId, ProviderError> {
    let asked: MapperRequest = answer::read_json(request)?;
    let mapper = asked.mapper(MapperId::from(desk.context.ports.random.uuid()))?;
    mapper_check::check(bounds, &mapper)?;
    let statement = store::mapper::insertion(provider, &mapper)?;
    commit(desk, provider, statement, &mapper, Operation::Create).await?;
    Ok(mapper.id)
}

/// `GET .../mappers/{mapper}`.
///
/// # Errors
/// `Unknown`.
pub async fn read(
    desk: &Desk<'_>,
    provider: &Provider,
    params: &Params,
) -> Result<Response, ProviderError> {
    let mapper = find(desk, provider, params).await?;
    Ok(answer::json(StatusCode::OK, &MapperJson::of(&mapper, provider.alias.as_str())))
}

/// `PUT .../mappers/{mapper}`.
///
/// # Errors
/// `Unknown`, and as [`create`].
pub async fn replace(
    desk: &Desk<'_>,
    provider: &Provider,
    (request, params): (&Request, &Params),
    bounds: Bounds,
) -> Result<Response, ProviderError> {
    let asked: MapperRequest = answer::read_json(request)?;
    let before = find(desk, provider, params).await?;
    let mapper = asked.mapper(before.id)?;
    mapper_check::check(bounds, &mapper)?;
    let statement = store::mapper::update(provider, &mapper)?;
    commit(desk, provider, statement, &mapper, Operation::Update).await?;
    Ok(answer::empty(StatusCode::NO_CONTENT))
}

/// `DELETE .../mappers/{mapper}`.
///
/// # Errors
/// `Unknown`.
pub async fn delete(
    desk: &Desk<'_>,
    provider: &Provider,
    params: &Params,
) -> Result<Response, ProviderError> {
    let mapper = find(desk, provider, params).await?;
    let statement = store::mapper::deletion(provider, &mapper.id);
    commit(desk, provider, statement, &mapper, Operation::Delete).await?;
    Ok(answer::empty(StatusCode::NO_CONTENT))
}

async fn find(
    desk: &Desk<'_>,
    provider: &Provider,
    params: &Params,
) -> Result<Mapper, ProviderError> {
    let unknown = ProviderError::Unknown("mapper");
    let Ok(id) = params.get("mapper").parse() else { return Err(unknown) };
    store::mapper::find(&*desk.context.ports.directory, provider, &id).await?.ok_or(unknown)
}

async fn commit(
    desk: &Desk<'_>,
    provider: &Provider,
    statement: Statement,
    mapper: &Mapper,
    operation: Operation,
) -> Result<(), ProviderError> {
    let change = change_of(operation, provider, mapper);
    desk.commit(vec![statement], change).await.map(|_| ()).map_err(taken)
}

/// A mapper in the audit trail.
#[must_use]
pub fn change_of(operation: Operation, provider: &Provider, mapper: &Mapper) -> Change {
    Change {
        resource_type: "IDENTITY_PROVIDER_MAPPER",
        operation,
        path: format!("{}/mappers/{}", path_of(&provider.alias), mapper.id),
        representation: serde_json::to_value(MapperJson::of(mapper, provider.alias.as_str())).ok(),
    }
}

fn taken(error: StoreError) -> ProviderError {
    if error.is_conflict_on("identity_provider_mapper.name") {
        ProviderError::MapperTaken
    } else {
        error.into()
    }
}
