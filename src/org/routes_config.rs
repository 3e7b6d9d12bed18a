//! `/realms/{realm}/orgs/config`: what a realm says about all its organizations.
//! The same truth as the realm attributes of [`crate::realm::attribute`].
use super::error::OrgError;
use super::routes::respond;
use super::wire_config::{ConfigJson, NewConfigJson};
use crate::event::audit::{Change, Operation};
use crate::realm::inquiry::Inquiry;
use crate::realm::role::AdminRole;
use crate::realm::routes::Table;
use crate::realm::store::realm;
use crate::web::{Response, answer};
use futures::FutureExt;
use futures::future::ready;
use http::{Method, StatusCode};

/// Who answers what.
#[must_use]
pub fn table() -> Table {
    vec![
        (Method::GET, "/realms/{realm}/orgs/config", |inquiry| {
            ready(respond(read(inquiry))).boxed_local()
        }),
        (Method::PUT, "/realms/{realm}/orgs/config", |inquiry| {
            async { respond(replace(inquiry).await) }.boxed_local()
        }),
    ]
}

/// `GET /orgs/config`.
fn read(inquiry: &Inquiry<'_>) -> Result<Response, OrgError> {
    require(inquiry)?;
    Ok(answer::json(StatusCode::OK, &ConfigJson::from(&inquiry.context.realm.settings)))
}

/// `PUT /orgs/config`: answers what now counts.
async fn replace(inquiry: &Inquiry<'_>) -> Result<Response, OrgError> {
    require(inquiry)?;
    let json: NewConfigJson = answer::read_json(inquiry.request)?;
    let patch = json.patch().map_err(|error| OrgError::Field(error.to_string()))?;
    let changed = patch.applied(&inquiry.context.realm.settings);
    let body = ConfigJson::from(&changed);
    let change = Change {
        resource_type: "REALM",
        operation: Operation::Update,
        path: "orgs/config".to_owned(),
        representation: serde_json::to_value(&body).ok(),
    };
    inquiry.commit(vec![realm::settings_patch(inquiry.realm_id(), &patch)?], change).await?;
    Ok(answer::json(StatusCode::OK, &body))
}

fn require(inquiry: &Inquiry<'_>) -> Result<(), OrgError> {
    inquiry.require(&[AdminRole::ManageRealm]).map_err(|_| OrgError::Denied)
}
