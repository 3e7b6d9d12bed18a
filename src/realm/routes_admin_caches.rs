//! `/admin/realms/{realm}/clear-*-cache` (reference keycloak.md §3.1). Nothing is
//! remembered for longer than [`crate::platform::memo::MEMO_AGE`]; what this
//! isolate remembers is forgotten at once.
use super::error::AdminError;
use super::event_path;
use super::inquiry::Inquiry;
use super::role::AdminRole;
use super::routes::{Table, respond};
use crate::event::audit::{Change, Operation};
use crate::web::{Response, answer};
use futures::FutureExt;
use http::{Method, StatusCode};

const PATHS: [&str; 3] = [
    "/admin/realms/{realm}/clear-realm-cache",
    "/admin/realms/{realm}/clear-user-cache",
    "/admin/realms/{realm}/clear-keys-cache",
];

/// Who answers what.
#[must_use]
pub fn table() -> Table {
    PATHS
        .into_iter()
        .map(|path| -> (Method, &'static str, super::routes::Handler) {
            (Method::POST, path, |i| async move { respond(clear(i).await) }.boxed_local())
        })
        .collect()
}

/// `POST` to each of them. A commit forgets what the isolate remembers.
async fn clear(inquiry: &Inquiry<'_>) -> Result<Response, AdminError> {
    inquiry.require(&[AdminRole::ManageRealm])?;
    let path = event_path::of_request(inquiry);
    let operation = Operation::Action;
    let change = Change { resource_type: "REALM", operation, path, representation: None };
    inquiry.commit(Vec::new(), change).await?;
    Ok(answer::empty(StatusCode::NO_CONTENT))
}
