//! `/admin/realms/{realm}/authentication`, its flows (reference keycloak.md §3.9):
//! read by programs that compare a realm with what it should be, and the same in
//! every realm.
use super::error::AdminError;
use super::flow::{self, AUTHENTICATORS, CLIENT_AUTHENTICATORS, FLOWS};
use super::inquiry::Inquiry;
use super::role::AdminRole;
use super::routes::{Table, respond};
use super::wire_keycloak_flow as wire;
use crate::web::{Response, answer};
use futures::FutureExt;
use http::{Method, StatusCode};
use serde_json::{Map, Value, json};

const FLOW: &str = "/admin/realms/{realm}/authentication/flows/{flow}";
const STEPS: &str = "/admin/realms/{realm}/authentication/flows/{flow}/executions";
const STEP: &str = "/admin/realms/{realm}/authentication/executions/{execution}";

const READERS: &[AdminRole] = &[AdminRole::ViewRealm, AdminRole::ManageRealm];

/// The list serves who administers clients, too (measured on Keycloak 26.7.1).
const LISTERS: &[AdminRole] = &[
    AdminRole::ViewRealm,
    AdminRole::ManageRealm,
    AdminRole::ViewClients,
    AdminRole::ManageClients,
    AdminRole::QueryClients,
];

/// Who answers what.
#[must_use]
pub fn table() -> Table {
    vec![
        (Method::GET, "/admin/realms/{realm}/authentication/flows", |i| {
            async move { respond(told(i, LISTERS, list_flows)) }.boxed_local()
        }),
        (Method::GET, FLOW, |i| async move { respond(told(i, READERS, read_flow)) }.boxed_local()),
        (Method::GET, STEPS, |i| {
            async move { respond(told(i, READERS, list_steps)) }.boxed_local()
        }),
        (Method::GET, STEP, |i| async move { respond(told(i, READERS, read_step)) }.boxed_local()),
        (Method::GET, "/admin/realms/{realm}/authentication/authenticator-providers", |i| {
            async move { respond(told(i, READERS, list_authenticators)) }.boxed_local()
        }),
        (Method::GET, "/admin/realms/{realm}/authentication/client-authenticator-providers", |i| {
            async move { respond(told(i, READERS, list_client_authenticators)) }.boxed_local()
        }),
        (Method::GET, "/admin/realms/{realm}/authentication/form-providers", |i| {
            async move { respond(told(i, READERS, none)) }.boxed_local()
        }),
        (Method::GET, "/admin/realms/{realm}/authentication/form-action-providers", |i| {
            async move { respond(told(i, READERS, none)) }.boxed_local()
        }),
        (Method::GET, "/admin/realms/{realm}/authentication/per-client-config-description", |i| {
            async move { respond(told(i, READERS, describe_clients)) }.boxed_local()
        }),
        (
            Method::GET,
            "/admin/realms/{realm}/authentication/config-description/{authenticator}",
            |i| async move { respond(told(i, READERS, describe)) }.boxed_local(),
        ),
    ]
}

/// What `tell` says, to who may hear it.
fn told(
    inquiry: &Inquiry<'_>,
    readers: &[AdminRole],
    tell: fn(&Inquiry<'_>) -> Result<Value, AdminError>,
) -> Result<Response, AdminError> {
    inquiry.require(readers)?;
    Ok(answer::json(StatusCode::OK, &tell(inquiry)?))
}

#[expect(clippy::unnecessary_wraps, reason = "others may find nothing")]
fn list_flows(_: &Inquiry<'_>) -> Result<Value, AdminError> {
    Ok(FLOWS.iter().map(wire::flow).collect())
}

fn read_flow(inquiry: &Inquiry<'_>) -> Result<Value, AdminError> {
    let found = flow::find_by_id(inquiry.params.get("flow")).map(wire::flow);
    found.ok_or(AdminError::Unknown("Could not find flow with id"))
}

fn list_steps(inquiry: &Inquiry<'_>) -> Result<Value, AdminError> {
    let found = flow::find_by_alias(inquiry.params.get("flow"));
    let flow = found.ok_or(AdminError::Unknown("Flow not found"))?;
    Ok(flow::flattened(flow).iter().map(wire::placed).collect())
}

fn read_step(inquiry: &Inquiry<'_>) -> Result<Value, AdminError> {
    let found = flow::find_step(inquiry.params.get("execution"));
    let (flow, step) = found.ok_or(AdminError::Unknown("Illegal execution"))?;
    Ok(wire::step(flow, step))
}

#[expect(clippy::unnecessary_wraps, reason = "others may find nothing")]
fn list_authenticators(_: &Inquiry<'_>) -> Result<Value, AdminError> {
    Ok(AUTHENTICATORS.into_iter().map(wire::authenticator).collect())
}

#[expect(clippy::unnecessary_wraps, reason = "others may find nothing")]
fn list_client_authenticators(_: &Inquiry<'_>) -> Result<Value, AdminError> {
    Ok(CLIENT_AUTHENTICATORS.into_iter().map(wire::client_authenticator).collect())
}

/// No page is put together by administrators.
#[expect(clippy::unnecessary_wraps, reason = "others may find nothing")]
fn none(_: &Inquiry<'_>) -> Result<Value, AdminError> {
    Ok(json!([]))
}

#[expect(clippy::unnecessary_wraps, reason = "others may find nothing")]
fn describe_clients(_: &Inquiry<'_>) -> Result<Value, AdminError> {
    let by_id = CLIENT_AUTHENTICATORS.into_iter().map(|one| (one.id.to_owned(), json!([])));
    Ok(Value::Object(by_id.collect::<Map<String, Value>>()))
}

fn describe(inquiry: &Inquiry<'_>) -> Result<Value, AdminError> {
    let found = flow::find_authenticator(inquiry.params.get("authenticator"));
    let unknown = AdminError::Unknown("Could not find authenticator provider");
    Ok(wire::config_description(found.ok_or(unknown)?))
}
