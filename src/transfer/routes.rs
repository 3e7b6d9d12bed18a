//! `POST /admin/realms`, and below `/admin/realms/{realm}` what moves parts of a
//! realm (reference keycloak.md §3.1).
use super::create_realm::create;
use super::export::{Wanted, export};
use super::import::import;
use super::outcome;
use crate::realm::error::AdminError;
use crate::realm::inquiry::Inquiry;
use crate::realm::realm_draft::require_creator;
use crate::realm::routes::{Table, respond};
use crate::web::{Response, answer};
use futures::FutureExt;
use http::{Method, StatusCode};

const REALMS: &str = "/admin/realms";

const IMPORT: &str = "/admin/realms/{realm}/partialImport";

const EXPORT: &str = "/admin/realms/{realm}/partial-export";

/// Who answers what.
#[must_use]
pub fn table() -> Table {
    vec![
        (Method::POST, REALMS, |i| async move { respond(create_realm(i).await) }.boxed_local()),
        (Method::POST, IMPORT, |i| async move { respond(import_part(i).await) }.boxed_local()),
        (Method::POST, EXPORT, |i| async move { respond(export_part(i).await) }.boxed_local()),
    ]
}

async fn create_realm(inquiry: &Inquiry<'_>) -> Result<Response, AdminError> {
    require_creator(inquiry).await?;
    let realm = create(inquiry, inquiry.body()?).await?;
    let public = &inquiry.context.public_url;
    Ok(answer::created(&format!("{public}/admin/realms/{}", realm.name)))
}

async fn import_part(inquiry: &Inquiry<'_>) -> Result<Response, AdminError> {
    let outcomes = import(inquiry).await?;
    Ok(answer::json(StatusCode::OK, &outcome::answer(&outcomes)))
}

/// `POST /partial-export?exportClients=&exportGroupsAndRoles=`. A body is not
/// looked at.
async fn export_part(inquiry: &Inquiry<'_>) -> Result<Response, AdminError> {
    let query = inquiry.query();
    let asks_for = |name| query.truth(name) == Some(true);
    let wanted = Wanted {
        clients: asks_for("exportClients"),
        groups_and_roles: asks_for("exportGroupsAndRoles"),
    };
    Ok(answer::json(StatusCode::OK, &export(inquiry, wanted).await?))
}
