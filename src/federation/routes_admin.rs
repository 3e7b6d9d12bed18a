//! `/admin/realms/{realm}/identity-provider` (reference keycloak.md §3.7).
use super::change;
use super::desk::Desk;
use super::error::ProviderError;
use super::kind;
use super::mapper_check::Bounds;
use super::provider::Provider;
use super::routes::boxed;
use super::store::provider::{Wanted, list as list_providers};
use super::wire::{BriefProviderJson, ProviderJson, ProviderRequest};
use super::{routes_import, routes_keys, routes_kind, routes_mapper};
use crate::kernel::id::OrgId;
use crate::org::admin_visit::WRITERS;
use crate::realm::error::AdminError;
use crate::realm::inquiry::Inquiry;
use crate::realm::page::{MAX_PAGE_ROWS, Page};
use crate::realm::role::AdminRole;
use crate::realm::routes::Table;
use crate::realm::store::organization;
use crate::web::{Response, answer};
use http::{Method, StatusCode};

const INSTANCES: &str = "/admin/realms/{realm}/identity-provider/instances";
const INSTANCE: &str = "/admin/realms/{realm}/identity-provider/instances/{alias}";
const MAPPERS: &str = "/admin/realms/{realm}/identity-provider/instances/{alias}/mappers";
const MAPPER: &str = "/admin/realms/{realm}/identity-provider/instances/{alias}/mappers/{mapper}";

/// Who may look at the realm's providers.
pub const VIEW: &[AdminRole] =
    &[AdminRole::ViewIdentityProviders, AdminRole::ManageIdentityProviders];

/// Who may change them.
pub const MANAGE: &[AdminRole] = &[AdminRole::ManageIdentityProviders];

/// Who answers what.
#[must_use]
pub fn table() -> Table {
    let mut table: Table = vec![
        (Method::GET, INSTANCES, |inquiry| boxed(list(inquiry))),
        (Method::POST, INSTANCES, |inquiry| boxed(create(inquiry))),
        (Method::GET, INSTANCE, |inquiry| boxed(read(inquiry))),
        (Method::PUT, INSTANCE, |inquiry| boxed(replace(inquiry))),
        (Method::DELETE, INSTANCE, |inquiry| boxed(delete(inquiry))),
        (Method::GET, MAPPERS, |inquiry| boxed(list_mappers(inquiry))),
        (Method::POST, MAPPERS, |inquiry| boxed(create_mapper(inquiry))),
        (Method::GET, MAPPER, |inquiry| boxed(read_mapper(inquiry))),
        (Method::PUT, MAPPER, |inquiry| boxed(replace_mapper(inquiry))),
        (Method::DELETE, MAPPER, |inquiry| boxed(delete_mapper(inquiry))),
    ];
    table.extend(routes_import::table_admin());
    table.extend(routes_kind::table());
    table.extend(routes_keys::table());
    table
}

/// `GET /instances`.
async fn list(inquiry: &Inquiry<'_>) -> Result<Response, ProviderError> {
    inquiry.require(VIEW)?;
    let query = inquiry.query();
    let page = inquiry.page(MAX_PAGE_ROWS + 1)?;
    if !kind::are_wanted(query.first("type"), query.first("capability"))? {
        return Ok(answer::json(StatusCode::OK, &[(); 0]));
    }
    let wanted = Wanted {
        org: None,
        unused: query.truth("realmOnly") == Some(true),
        search: query.first("search").map(|text| text.trim_matches(['*', ' ', '"'])),
    };
    let listed = list_providers(inquiry.directory(), inquiry.realm_id(), &wanted, page).await?;
    let providers = Page::check(listed)?;
    if query.truth("briefRepresentation") == Some(true) {
        let body: Vec<BriefProviderJson<'_>> = providers.iter().map(Into::into).collect();
        return Ok(answer::json(StatusCode::OK, &body));
    }
    let body: Vec<_> = providers.iter().map(ProviderJson::full).collect();
    Ok(answer::json(StatusCode::OK, &body))
}

/// `POST /instances`.
async fn create(inquiry: &Inquiry<'_>) -> Result<Response, ProviderError> {
    inquiry.require(MANAGE)?;
    let asked: ProviderRequest = inquiry.body()?;
    let joined = joined(inquiry, &asked, None).await?;
    let desk = Desk::of_inquiry(inquiry);
    let provider = change::create(&desk, asked, joined.as_ref()).await?;
    let realm = &inquiry.context.realm.name;
    let alias = provider.alias.as_str();
    let path = format!("/admin/realms/{realm}/identity-provider/instances/{alias}");
    Ok(answer::created(&format!("{}{path}", inquiry.context.public_url)))
}

/// `GET /instances/{alias}`.
async fn read(inquiry: &Inquiry<'_>) -> Result<Response, ProviderError> {
    inquiry.require(VIEW)?;
    let provider = change::find(&Desk::of_inquiry(inquiry), inquiry.params.get("alias")).await?;
    Ok(answer::json(StatusCode::OK, &ProviderJson::full(&provider)))
}

/// `PUT /instances/{alias}`. The alias is in callback URLs: it never changes
/// (Keycloak 26.7).
async fn replace(inquiry: &Inquiry<'_>) -> Result<Response, ProviderError> {
    inquiry.require(MANAGE)?;
    let asked: ProviderRequest = inquiry.body()?;
    let desk = Desk::of_inquiry(inquiry);
    let provider = change::find(&desk, inquiry.params.get("alias")).await?;
    if asked.alias.as_deref().is_some_and(|alias| alias != provider.alias.as_str()) {
        return Err(ProviderError::Field("the alias cannot be changed"));
    }
    let joined = joined(inquiry, &asked, Some(&provider)).await?;
    change::replace(&desk, provider, asked, joined.as_ref()).await?;
    Ok(answer::empty(StatusCode::NO_CONTENT))
}

/// The organization that shall use the provider from now on, by the caller's
/// `organizationId`. Who may change providers must also be allowed to change
/// organizations, else they could let themselves into one (CVE-2026-18201); and so for
/// organizations that are named in the configuration.
async fn joined(
    inquiry: &Inquiry<'_>,
    asked: &ProviderRequest,
    old: Option<&Provider>,
) -> Result<Option<OrgId>, ProviderError> {
    let uses = |org: &OrgId| old.is_some_and(|provider| provider.serves(org));
    if let (Some(provider), Some(links)) = (old, asked.links()?) {
        let same = links.orgs.len() == provider.links.len() && links.orgs.iter().all(uses);
        if !same {
            inquiry.require(WRITERS)?;
        }
    }
    let Some(text) = asked.organization_id.as_deref().filter(|id| !id.is_empty()) else {
        return Ok(None);
    };
    let org = text.parse::<OrgId>().ok();
    if org.as_ref().is_some_and(uses) {
        return Ok(None);
    }
    inquiry.require(WRITERS)?;
    let unknown = || AdminError::Invalid("Organization not found.".to_owned());
    let org = org.ok_or_else(unknown)?;
    if !organization::exists(inquiry.directory(), inquiry.realm_id(), &org).await? {
        return Err(unknown().into());
    }
    Ok(Some(org))
}

/// `DELETE /instances/{alias}`.
async fn delete(inquiry: &Inquiry<'_>) -> Result<Response, ProviderError> {
    inquiry.require(MANAGE)?;
    let desk = Desk::of_inquiry(inquiry);
    let provider = change::find(&desk, inquiry.params.get("alias")).await?;
    change::delete(&desk, &provider).await?;
    Ok(answer::empty(StatusCode::NO_CONTENT))
}

/// `GET /instances/{alias}/mappers`.
async fn list_mappers(inquiry: &Inquiry<'_>) -> Result<Response, ProviderError> {
    inquiry.require(VIEW)?;
    let desk = Desk::of_inquiry(inquiry);
    let provider = change::find(&desk, inquiry.params.get("alias")).await?;
    routes_mapper::list(&desk, &provider).await
}

/// `POST /instances/{alias}/mappers`.
async fn create_mapper(inquiry: &Inquiry<'_>) -> Result<Response, ProviderError> {
    inquiry.require(MANAGE)?;
    let desk = Desk::of_inquiry(inquiry);
    let provider = change::find(&desk, inquiry.params.get("alias")).await?;
    let id = routes_mapper::create(&desk, &provider, inquiry.request, Bounds::EVERYTHING).await?;
    let realm = &inquiry.context.realm.name;
    let alias = provider.alias.as_str();
    let path = format!("/admin/realms/{realm}/identity-provider/instances/{alias}/mappers/{id}");
    Ok(answer::created(&format!("{}{path}", inquiry.context.public_url)))
}

/// `GET /instances/{alias}/mappers/{mapper}`.
async fn read_mapper(inquiry: &Inquiry<'_>) -> Result<Response, ProviderError> {
    inquiry.require(VIEW)?;
    let desk = Desk::of_inquiry(inquiry);
    let provider = change::find(&desk, inquiry.params.get("alias")).await?;
    routes_mapper::read(&desk, &provider, inquiry.params).await
}

/// `PUT /instances/{alias}/mappers/{mapper}`.
async fn replace_mapper(inquiry: &Inquiry<'_>) -> Result<Response, ProviderError> {
    inquiry.require(MANAGE)?;
    let desk = Desk::of_inquiry(inquiry);
    let provider = change::find(&desk, inquiry.params.get("alias")).await?;
    let asked = (inquiry.request, inquiry.params);
    routes_mapper::replace(&desk, &provider, asked, Bounds::EVERYTHING).await
}

/// `DELETE /instances/{alias}/mappers/{mapper}`.
async fn delete_mapper(inquiry: &Inquiry<'_>) -> Result<Response, ProviderError> {
    inquiry.require(MANAGE)?;
    let desk = Desk::of_inquiry(inquiry);
    let provider = change::find(&desk, inquiry.params.get("alias")).await?;
    routes_mapper::delete(&desk, &provider, inquiry.params).await
}
