//! `GET /admin/serverinfo` (reference keycloak.md §3.1), for who administers
//! anything.
use super::server_info::server_info;
use crate::realm::error::AdminError;
use crate::realm::inquiry::Inquiry;
use crate::realm::routes::{Table, respond};
use crate::realm::store::administrative;
use crate::web::{Response, answer};
use futures::FutureExt;
use http::{Method, StatusCode};

/// Who answers what, in the realm of whose token asks.
#[must_use]
pub fn table() -> Table {
    vec![(Method::GET, "/admin/serverinfo", |inquiry| {
        async move { respond(read(inquiry).await) }.boxed_local()
    })]
}

/// `GET /admin/serverinfo`.
async fn read(inquiry: &Inquiry<'_>) -> Result<Response, AdminError> {
    let actor = inquiry.actor;
    // Who administers another realm from `master` holds nothing over `master`.
    let administers = !actor.admin_roles.is_empty()
        || !administrative::list_within_users(inquiry.directory(), &[&actor.user])
            .await?
            .is_empty();
    if !administers {
        return Err(AdminError::Forbidden);
    }
    Ok(answer::json(StatusCode::OK, &server_info(inquiry.context.now)))
}
