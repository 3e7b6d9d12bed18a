//! `POST .../import-config`: by URL or by upload (reference phasetwo.md §1.8,
//! keycloak.md §3.7). Nothing is stored; the answer is a `config` to send back.
use super::error::ProviderError;
use super::import;
use super::provider::{BadProvider, KINDS};
use super::routes::{boxed, may_manage};
use crate::org::visit::Handler::{self, Leaving};
use crate::org::visit::Visit;
use crate::platform::fetch::{Get, Outside};
use crate::realm::inquiry::Inquiry;
use crate::realm::role::AdminRole;
use crate::realm::routes::Table;
use crate::web::router::Route;
use crate::web::{Request, Response, answer, multipart};
use http::{Method, StatusCode};
use serde::Deserialize;

/// Who answers what below an organization.
#[must_use]
pub fn table() -> Vec<Route<Handler>> {
    vec![Route {
        method: Method::POST,
        path: "/realms/{realm}/orgs/{org}/idps/import-config",
        handler: Leaving(|visit, request, _| boxed(import_for_organization(visit, request))),
    }]
}

/// Who answers what of a realm.
#[must_use]
pub fn table_admin() -> Table {
    vec![(Method::POST, "/admin/realms/{realm}/identity-provider/import-config", |inquiry| {
        boxed(import_for_realm(inquiry))
    })]
}

async fn import_for_organization(
    visit: &Visit<'_>,
    request: &Request,
) -> Result<Response, ProviderError> {
    may_manage(visit)?;
    import_config(&visit.object.ports.outside, request).await
}

async fn import_for_realm(inquiry: &Inquiry<'_>) -> Result<Response, ProviderError> {
    inquiry.require(&[AdminRole::ManageIdentityProviders])?;
    import_config(&inquiry.context.ports.outside, inquiry.request).await
}

/// Members that Keycloak knows and we have no use for are passed over.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct ByUrl {
    provider_id: Option<String>,
    from_url: Option<String>,
}

async fn import_config(outside: &Outside, request: &Request) -> Result<Response, ProviderError> {
    let (kind, text) = match uploaded(request)? {
        Some(upload) => upload,
        None => fetched(outside, answer::read_json(request)?).await?,
    };
    Ok(answer::json(StatusCode::OK, &import::read(&kind, &text)?))
}

fn uploaded(request: &Request) -> Result<Option<(String, Vec<u8>)>, ProviderError> {
    let Some(parts) = multipart::read(request)? else { return Ok(None) };
    let part = |name| parts.iter().find(|part| part.name == name).map(|part| part.content);
    let kind = part("providerId").map(|kind| String::from_utf8_lossy(kind).trim().to_owned());
    let kind = known(kind)?;
    let file = part("file").ok_or(ProviderError::Field("file is missing"))?;
    Ok(Some((kind, file.to_vec())))
}

/// A kind that can be configured: nobody could use what is read for another.
fn known(kind: Option<String>) -> Result<String, ProviderError> {
    let kind = kind.ok_or(ProviderError::Field("providerId is missing"))?;
    if KINDS.contains(&kind.as_str()) { Ok(kind) } else { Err(BadProvider::Kind(kind).into()) }
}

async fn fetched(outside: &Outside, asked: ByUrl) -> Result<(String, Vec<u8>), ProviderError> {
    let kind = known(asked.provider_id)?;
    let url = asked.from_url.ok_or(ProviderError::Field("fromUrl is missing"))?;
    let accept =
        if kind == "saml" { "application/samlmetadata+xml, text/xml" } else { "application/json" };
    let fetched = outside.get(&Get { url, accept }).await?;
    if fetched.status == StatusCode::OK.as_u16() {
        Ok((kind, fetched.body.to_vec()))
    } else {
        Err(ProviderError::Upstream(fetched.status))
    }
}
