//! `/admin/realms/{realm}/identity-provider`: what the two sides tell each other
//! of themselves and their keys (reference keycloak.md §3.7).
use super::change;
use super::desk::Desk;
use super::error::ProviderError;
use super::routes::boxed;
use super::routes_admin::{MANAGE, VIEW};
use super::{certificate, metadata, reload, store};
use crate::realm::inquiry::Inquiry;
use crate::realm::routes::Table;
use crate::web::form::Form;
use crate::web::{Response, answer, multipart};
use http::{Method, StatusCode};
use std::future::ready;

/// Who answers what.
#[must_use]
pub fn table() -> Table {
    vec![
        (
            Method::GET,
            "/admin/realms/{realm}/identity-provider/instances/{alias}/export",
            |inquiry| boxed(export(inquiry)),
        ),
        (
            Method::GET,
            "/admin/realms/{realm}/identity-provider/instances/{alias}/reload-keys",
            |inquiry| boxed(reload_keys(inquiry)),
        ),
        (Method::POST, "/admin/realms/{realm}/identity-provider/upload-certificate", |inquiry| {
            boxed(ready(upload_certificate(inquiry)))
        }),
    ]
}

/// `GET /instances/{alias}/export`: what a SAML provider is to be given; an
/// OpenID Connect one is given nothing. The format is the one there is.
async fn export(inquiry: &Inquiry<'_>) -> Result<Response, ProviderError> {
    inquiry.require(VIEW)?;
    let provider = change::find(&Desk::of_inquiry(inquiry), inquiry.params.get("alias")).await?;
    if provider.kind != "saml" {
        return Ok(answer::empty(StatusCode::NO_CONTENT));
    }
    let mappers = store::mapper::list(inquiry.directory(), &provider).await?;
    let document = metadata::write(inquiry.context, &provider, &mappers);
    Ok(answer::with_body(StatusCode::OK, "application/xml", document.into_bytes()))
}

/// `GET /instances/{alias}/reload-keys`: a truth value. Who may only look, may
/// not: it asks another server.
async fn reload_keys(inquiry: &Inquiry<'_>) -> Result<Response, ProviderError> {
    inquiry.require(MANAGE)?;
    let provider = change::find(&Desk::of_inquiry(inquiry), inquiry.params.get("alias")).await?;
    let ports = inquiry.context.ports;
    let reloaded = reload::reload(&ports.outside, &ports.memo, &provider).await;
    Ok(answer::json(StatusCode::OK, &reloaded))
}

/// `POST /upload-certificate`: nothing is stored; the answer is for a `config`.
fn upload_certificate(inquiry: &Inquiry<'_>) -> Result<Response, ProviderError> {
    inquiry.require(MANAGE)?;
    let request = inquiry.request;
    let uploaded = if let Some(parts) = multipart::read(request)? {
        let part = |name| parts.iter().find(|part| part.name == name).map(|part| part.content);
        let format = part("keystoreFormat").map(String::from_utf8_lossy);
        certificate::read(format.as_deref().map(str::trim), part("file"))?
    } else if let Some(form) = Form::body(request) {
        certificate::read(form.first("keystoreFormat"), form.first("file").map(str::as_bytes))?
    } else {
        return Err(ProviderError::Field("the body is a form with keystoreFormat and file"));
    };
    Ok(answer::json(StatusCode::OK, &uploaded))
}
