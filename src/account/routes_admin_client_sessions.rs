//! `/admin/realms/{realm}/clients/{client}/user-sessions` and beside it, and
//! `/client-session-stats` (reference keycloak.md §3.1, §3.4): the sessions in which
//! something was granted to a client, from the directory's index of them.
use super::wire_keycloak;
use crate::kernel::id::ClientUuid;
use crate::realm::error::AdminError;
use crate::realm::inquiry::Inquiry;
use crate::realm::mapper_parent::READERS;
use crate::realm::page::Page;
use crate::realm::role::AdminRole;
use crate::realm::routes::{Table, respond};
use crate::realm::store::client;
use crate::realm::store::session_index::{self, Living};
use crate::web::{Response, answer};
use futures::FutureExt;
use http::{Method, StatusCode};
use serde_json::{Value, json};

/// Sessions of a page when the caller names no number; Keycloak's.
const PAGE_SESSIONS: i64 = 100;

/// Who answers what.
#[must_use]
pub fn table() -> Table {
    vec![
        (Method::GET, "/admin/realms/{realm}/clients/{client}/user-sessions", |inquiry| {
            async move { respond(list(inquiry).await) }.boxed_local()
        }),
        (Method::GET, "/admin/realms/{realm}/clients/{client}/session-count", |inquiry| {
            async move { respond(count(inquiry).await) }.boxed_local()
        }),
        (Method::GET, "/admin/realms/{realm}/clients/{client}/offline-sessions", |inquiry| {
            async move { respond(list_offline(inquiry).await) }.boxed_local()
        }),
        (Method::GET, "/admin/realms/{realm}/clients/{client}/offline-session-count", |inquiry| {
            async move { respond(count_offline(inquiry).await) }.boxed_local()
        }),
        (Method::GET, "/admin/realms/{realm}/client-session-stats", |inquiry| {
            async move { respond(statistics(inquiry).await) }.boxed_local()
        }),
    ]
}

/// The client of the path.
async fn find(inquiry: &Inquiry<'_>) -> Result<ClientUuid, AdminError> {
    const UNKNOWN: &str = "Could not find client";
    inquiry.require(READERS)?;
    let uuid: ClientUuid = inquiry.param("client", UNKNOWN)?;
    let found = client::find_stored(inquiry.directory(), inquiry.realm_id(), &uuid).await?;
    Ok(found.ok_or(AdminError::Unknown(UNKNOWN))?.client.uuid)
}

/// What of the index counts in the realm now.
fn living(inquiry: &Inquiry<'_>) -> Living {
    Living { since: inquiry.context.realm.not_before, now: inquiry.context.now }
}

/// `GET /clients/{client}/user-sessions`.
async fn list(inquiry: &Inquiry<'_>) -> Result<Response, AdminError> {
    let client = find(inquiry).await?;
    let page = inquiry.page(PAGE_SESSIONS)?;
    let found = session_index::list(inquiry.directory(), &client, living(inquiry), page).await?;
    let found = Page::check(found)?;
    let body: Vec<Value> = found.iter().map(wire_keycloak::indexed_session).collect();
    Ok(answer::json(StatusCode::OK, &body))
}

/// `GET /clients/{client}/session-count`.
async fn count(inquiry: &Inquiry<'_>) -> Result<Response, AdminError> {
    let client = find(inquiry).await?;
    let count = session_index::count(inquiry.directory(), &client, living(inquiry)).await?;
    Ok(answer::json(StatusCode::OK, &json!({ "count": count })))
}

/// `GET /clients/{client}/offline-sessions`: there are none.
async fn list_offline(inquiry: &Inquiry<'_>) -> Result<Response, AdminError> {
    find(inquiry).await?;
    inquiry.page(PAGE_SESSIONS)?;
    Ok(answer::json(StatusCode::OK, &Vec::<Value>::new()))
}

/// `GET /clients/{client}/offline-session-count`: there are none.
async fn count_offline(inquiry: &Inquiry<'_>) -> Result<Response, AdminError> {
    find(inquiry).await?;
    Ok(answer::json(StatusCode::OK, &json!({ "count": 0 })))
}

/// `GET /client-session-stats`: clients without sessions are not named.
async fn statistics(inquiry: &Inquiry<'_>) -> Result<Response, AdminError> {
    inquiry.require(&[AdminRole::ViewRealm, AdminRole::ManageRealm])?;
    let (directory, realm) = (inquiry.directory(), inquiry.realm_id());
    let counted = session_index::count_by_client(directory, realm, living(inquiry)).await?;
    let counted = Page::check(counted)?;
    let body: Vec<Value> = counted.iter().map(wire_keycloak::client_sessions).collect();
    Ok(answer::json(StatusCode::OK, &body))
}
