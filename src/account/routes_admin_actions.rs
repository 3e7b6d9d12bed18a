//! `/admin/realms/{realm}/users/{user}`: asking a person by mail to do something
//! for their account.
use super::action_ticket::{ActionTicket, LIFESPAN, MAX_LIFESPAN};
use super::administer::{action, find};
use super::draft;
use super::mail;
use crate::kernel::time::Seconds;
use crate::realm::error::AdminError;
use crate::realm::inquiry::Inquiry;
use crate::realm::role::AdminRole;
use crate::realm::routes::{Table, respond};
use crate::realm::user::RequiredAction;
use crate::web::form::Form;
use crate::web::{Response, answer};
use futures::FutureExt;
use http::{Method, StatusCode};

/// Who answers what.
#[must_use]
pub fn table() -> Table {
    vec![
        (Method::PUT, "/admin/realms/{realm}/users/{user}/execute-actions-email", |inquiry| {
            async move { respond(execute_actions(inquiry).await) }.boxed_local()
        }),
        (Method::PUT, "/admin/realms/{realm}/users/{user}/send-verify-email", |inquiry| {
            async move { respond(verify_email(inquiry).await) }.boxed_local()
        }),
    ]
}

/// `PUT /users/{user}/execute-actions-email`: the body is a list of actions.
async fn execute_actions(inquiry: &Inquiry<'_>) -> Result<Response, AdminError> {
    inquiry.require(&[AdminRole::ManageUsers])?;
    let names: Vec<String> = inquiry.body()?;
    let actions = draft::actions(&names)?;
    if actions.is_empty() {
        return Err(invalid("No required action is named"));
    }
    let settings = &inquiry.context.realm.settings;
    if !actions.iter().all(|action| settings.asks_for(*action)) {
        return Err(invalid("Provided invalid required actions"));
    }
    send(inquiry, actions, "execute-actions-email").await
}

/// `PUT /users/{user}/send-verify-email`.
async fn verify_email(inquiry: &Inquiry<'_>) -> Result<Response, AdminError> {
    inquiry.require(&[AdminRole::ManageUsers])?;
    send(inquiry, vec![RequiredAction::VerifyEmail], "send-verify-email").await
}

async fn send(
    inquiry: &Inquiry<'_>,
    actions: Vec<RequiredAction>,
    what: &str,
) -> Result<Response, AdminError> {
    let user = find(inquiry).await?;
    if !user.enabled {
        return Err(invalid("User is disabled"));
    }
    let email = user.email.clone().ok_or_else(|| invalid("User email missing"))?;
    let query = inquiry.query();
    let lifespan = lifespan(&query)?;
    let redirect_uri = redirect_uri(inquiry, &query).await?;
    let ticket = ActionTicket {
        id: inquiry.context.ports.random.uuid().to_string(),
        user: user.id.clone(),
        email,
        actions,
        redirect_uri,
        ends_at: inquiry.context.now + lifespan,
    };
    inquiry.commit(Vec::new(), action(&user.id, what)).await?;
    mail::send(inquiry.context, ticket).await?;
    Ok(answer::empty(StatusCode::NO_CONTENT))
}

/// The parameter `lifespan`, in seconds.
fn lifespan(query: &Form) -> Result<Seconds, AdminError> {
    let Some(text) = query.first("lifespan").filter(|text| !text.is_empty()) else {
        return Ok(LIFESPAN);
    };
    let fits = |seconds: &u32| (1..=MAX_LIFESPAN.0).contains(seconds);
    text.parse().ok().filter(fits).map(Seconds).ok_or_else(|| {
        AdminError::Invalid(format!("lifespan is 1 to {} seconds (MAX_LIFESPAN)", MAX_LIFESPAN.0))
    })
}

/// Where the person goes on: one of the client's redirect URIs, or nowhere.
async fn redirect_uri(inquiry: &Inquiry<'_>, query: &Form) -> Result<Option<String>, AdminError> {
    let value = |name: &str| query.first(name).filter(|text| !text.is_empty());
    let (client_id, uri) = (value("client_id"), value("redirect_uri"));
    let Some(client_id) = client_id else {
        return if uri.is_some() { Err(invalid("Client id missing")) } else { Ok(None) };
    };
    let client = inquiry.context.find_client(client_id).await?;
    let client = client.ok_or_else(|| invalid("Client doesn't exist"))?;
    match uri {
        Some(uri) if !client.has_redirect_uri(uri) => Err(invalid("Invalid redirect uri.")),
        uri => Ok(uri.map(str::to_owned)),
    }
}

fn invalid(words: &str) -> AdminError {
    AdminError::Invalid(words.to_owned())
}
