//! `/admin/realms/{realm}/users/profile` (reference keycloak.md §3.2): which
//! fields the realm's users have.
use super::profile;
use super::wire_profile::ProfileJson;
use crate::event::audit::{Change, Operation};
use crate::realm::error::AdminError;
use crate::realm::inquiry::Inquiry;
use crate::realm::role::AdminRole;
use crate::realm::routes::{Table, respond};
use crate::realm::store::user_profile;
use crate::web::{Response, answer};
use futures::FutureExt;
use http::{Method, StatusCode};

const PROFILE: &str = "/admin/realms/{realm}/users/profile";
const METADATA: &str = "/admin/realms/{realm}/users/profile/metadata";

const READERS: &[AdminRole] =
    &[AdminRole::ViewRealm, AdminRole::ManageRealm, AdminRole::ViewUsers, AdminRole::ManageUsers];

/// Who answers what.
#[must_use]
pub fn table() -> Table {
    vec![
        (Method::GET, PROFILE, |i| async move { respond(read(i).await) }.boxed_local()),
        (Method::PUT, PROFILE, |i| async move { respond(replace(i).await) }.boxed_local()),
        (Method::GET, METADATA, |i| async move { respond(describe(i).await) }.boxed_local()),
    ]
}

/// `GET /users/profile`.
async fn read(inquiry: &Inquiry<'_>) -> Result<Response, AdminError> {
    inquiry.require(READERS)?;
    let known = profile::of_realm(inquiry.context).await?;
    Ok(answer::json(StatusCode::OK, &known.json))
}

/// `PUT /users/profile`: users who are there are held to it when they are changed
/// next.
async fn replace(inquiry: &Inquiry<'_>) -> Result<Response, AdminError> {
    inquiry.require(&[AdminRole::ManageRealm])?;
    let mut asked: ProfileJson = inquiry.body()?;
    asked.groups.get_or_insert_default();
    asked.profile().map_err(|error| AdminError::Invalid(error.to_string()))?;
    let statement = user_profile::replacement(inquiry.realm_id(), &asked)?;
    let change = Change {
        resource_type: "USER_PROFILE",
        operation: Operation::Update,
        path: "users/profile".to_owned(),
        representation: serde_json::to_value(&asked).ok(),
    };
    inquiry.commit(vec![statement], change).await?;
    Ok(answer::json(StatusCode::OK, &asked))
}

/// `GET /users/profile/metadata`.
async fn describe(inquiry: &Inquiry<'_>) -> Result<Response, AdminError> {
    inquiry.require(READERS)?;
    let known = profile::of_realm(inquiry.context).await?;
    Ok(answer::json(StatusCode::OK, &known.json.metadata(&known.profile)))
}
