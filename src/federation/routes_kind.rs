//! `/admin/realms/{realm}/identity-provider/providers/{kind}` and
//! `.../instances/{alias}/mapper-types`: what can be configured, and how
//! (reference keycloak.md §3.7).
use super::change;
use super::desk::Desk;
use super::error::ProviderError;
use super::routes::boxed;
use super::routes_admin::VIEW;
use super::wire_kind::{self, MapperTypeJson};
use super::{kind, mapper_type};
use crate::realm::inquiry::Inquiry;
use crate::realm::routes::Table;
use crate::web::{Response, answer};
use http::{Method, StatusCode};
use std::collections::BTreeMap;
use std::future::ready;

/// Who answers what.
#[must_use]
pub fn table() -> Table {
    vec![
        (Method::GET, "/admin/realms/{realm}/identity-provider/providers/{kind}", |inquiry| {
            boxed(ready(read_kind(inquiry)))
        }),
        (
            Method::GET,
            "/admin/realms/{realm}/identity-provider/instances/{alias}/mapper-types",
            |inquiry| boxed(list_mapper_types(inquiry)),
        ),
    ]
}

/// `GET /providers/{kind}`.
fn read_kind(inquiry: &Inquiry<'_>) -> Result<Response, ProviderError> {
    inquiry.require(VIEW)?;
    let kind = kind::find(inquiry.params.get("kind")).ok_or(ProviderError::UnknownKind)?;
    Ok(answer::json(StatusCode::OK, &wire_kind::factory(&kind)))
}

/// `GET /instances/{alias}/mapper-types`: by id.
async fn list_mapper_types(inquiry: &Inquiry<'_>) -> Result<Response, ProviderError> {
    inquiry.require(VIEW)?;
    let provider = change::find(&Desk::of_inquiry(inquiry), inquiry.params.get("alias")).await?;
    let types = mapper_type::of_provider(&provider.kind);
    let body: BTreeMap<&str, MapperTypeJson> =
        types.map(|one| (one.id, MapperTypeJson::from(one))).collect();
    Ok(answer::json(StatusCode::OK, &body))
}
