//! A person who comes with an invitation (Auth0's `invitation`): first they join,
//! then they sign in to the app that sent them here.
use super::authorization::AuthorizationRequest;
use super::authorize::refused;
use super::incoming::Fault;
use super::prompt::Prompt;
use super::pushed;
use crate::crypto::keyring::{INVITATION_TICKET, Purpose};
use crate::crypto::seal;
use crate::kernel::time::Seconds;
use crate::platform::row::StoreError;
use crate::realm::context::RealmContext;
use crate::web::Response;
use crate::web::answer::see_other;
use crate::web::form::Form;
use serde_json::Value;

/// How long the way back to the app works: as long as a login page may stay open.
const WAY_BACK: Seconds = Seconds::minutes(30);

/// Sends the browser to the invitation's page, from which it comes back with the
/// rest of the request in `form`. Who the invitation is of, that page finds out;
/// whether they then are members of what the request demands, the request does.
///
/// # Errors
/// `Refused` when the directory fails.
pub async fn invited(
    context: &RealmContext<'_>,
    request: &AuthorizationRequest,
    ticket: &str,
    form: &Form,
) -> Result<Response, StoreError> {
    if request.prompts.is_silent() {
        let why = ("interaction_required", "the person would have to be asked");
        return Ok(refused(context, request, why).respond(context));
    }
    if !is_genuine(context, ticket) {
        // Its page says so. Nothing is kept for whoever made it up.
        return Ok(see_other(&page_of(context, &[("ticket", ticket)])));
    }
    let Some(client) = context.find_client(&request.client_id).await? else {
        let why = ("unauthorized_client", "the client is gone");
        return Ok(refused(context, request, why).respond(context));
    };
    // `create` means the page they go to now.
    let is_done = |name: &str| {
        name == "invitation" || (name == "prompt" && request.prompts.has(Prompt::Create))
    };
    let rest: Form = form
        .iter()
        .filter(|(name, _)| !is_done(name))
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .collect();
    let reference = match pushed::keep(context, &client, &rest, WAY_BACK).await {
        Ok(reference) => reference,
        Err(Fault::Store(error)) => return Err(error),
        Err(Fault::Problem(problem)) => {
            let why = (problem.code(), &*problem.to_string());
            return Ok(refused(context, request, why).respond(context));
        }
    };
    let way_back = [("client_id", &*request.client_id), ("request_uri", &*reference)];
    Ok(see_other(&page_of(context, &[&[("ticket", ticket)][..], &way_back].concat())))
}

/// Whether we made the ticket, and it is not over. What it is for, its page knows.
fn is_genuine(context: &RealmContext<'_>, ticket: &str) -> bool {
    let key = context.keyring.derive(Purpose::InvitationTicket, &context.realm.id);
    seal::open::<Value>(&key, INVITATION_TICKET, ticket, context.now).is_ok()
}

fn page_of(context: &RealmContext<'_>, parameters: &[(&str, &str)]) -> String {
    let mut query = url::form_urlencoded::Serializer::new(String::new());
    query.extend_pairs(parameters);
    context.url(&format!("/login-actions/invitation?{}", query.finish()))
}
