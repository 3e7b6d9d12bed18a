//! `/admin/realms/{realm}/testSMTPConnection` (reference keycloak.md §3.1): whether
//! mail arrives. It leaves through the deployment, never through a server that
//! the caller names, and goes to nobody but the caller.
use super::mail_test::TestMail;
use crate::event::audit::{Change, Operation};
use crate::kernel::email::EmailAddress;
use crate::realm::error::AdminError;
use crate::realm::inquiry::Inquiry;
use crate::realm::role::AdminRole;
use crate::realm::routes::{Table, respond};
use crate::realm::store::user;
use crate::web::form::Form;
use crate::web::{Response, answer};
use futures::FutureExt;
use http::{Method, StatusCode};
use serde_json::{Map, Value, json};

/// Who answers what.
#[must_use]
pub fn table() -> Table {
    vec![(Method::POST, "/admin/realms/{realm}/testSMTPConnection", |inquiry| {
        async move { respond(test(inquiry).await) }.boxed_local()
    })]
}

/// `POST /testSMTPConnection`: the settings as JSON, or as JSON in the field
/// `config` of a form.
async fn test(inquiry: &Inquiry<'_>) -> Result<Response, AdminError> {
    inquiry.require(&[AdminRole::ManageRealm])?;
    require_settings(&settings(inquiry)?)?;
    let to = own_address(inquiry).await?;
    let (context, path) = (inquiry.context, "testSMTPConnection".to_owned());
    let operation = Operation::Action;
    let change = Change { resource_type: "REALM", operation, path, representation: None };
    inquiry.commit(Vec::new(), change).await?;
    let mail = TestMail { realm_name: context.realm.display_name.clone() };
    match context.ports.mailer.send(&mail.compose(&to)).await {
        Ok(()) => Ok(answer::empty(StatusCode::NO_CONTENT)),
        Err(error) => {
            tracing::error!("A mail that tests mail was not taken: {error}");
            let told = json!({ "errorMessage": "Failed to send email" });
            Ok(answer::json(StatusCode::INTERNAL_SERVER_ERROR, &told))
        }
    }
}

/// The caller's address. Not the one in the token: that is what the mappers of a
/// client make it.
async fn own_address(inquiry: &Inquiry<'_>) -> Result<EmailAddress, AdminError> {
    let actor = &inquiry.actor;
    let caller = user::find(inquiry.directory(), &actor.realm, &actor.user).await?;
    caller
        .and_then(|caller| caller.email)
        .ok_or_else(|| AdminError::Invalid("Logged in user does not have an e-mail.".to_owned()))
}

fn settings(inquiry: &Inquiry<'_>) -> Result<Map<String, Value>, AdminError> {
    let Some(form) = Form::body(inquiry.request) else { return inquiry.body() };
    let config = form.first("config").unwrap_or_default();
    serde_json::from_str(config)
        .map_err(|error| AdminError::Invalid(format!("config is not usable: {error}")))
}

/// They are looked at as far as a form for them can be wrong, and not used.
fn require_settings(settings: &Map<String, Value>) -> Result<(), AdminError> {
    let given = |name: &str| settings.get(name).and_then(Value::as_str).unwrap_or_default();
    if given("host").trim().is_empty() {
        return Err(AdminError::Invalid("host is missing".to_owned()));
    }
    if given("from").trim().is_empty() {
        return Err(AdminError::Invalid("Please provide a valid sender address".to_owned()));
    }
    Ok(())
}
