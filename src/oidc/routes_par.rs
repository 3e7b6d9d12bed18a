//! Handler of the endpoint that clients push authorization requests to (RFC 9126).
use super::dpop;
use super::dpop::BadProof;
use super::error::TokenError;
use super::incoming;
use super::incoming::{Entrance, Fault, Unheard};
use super::pushed;
use super::routes_cors::for_client;
use super::routes_token;
use crate::realm::client::Client;
use crate::realm::context::RealmContext;
use crate::web::answer::{json, oauth_error, with_header};
use crate::web::form::Form;
use crate::web::{Request, Response};
use http::StatusCode;
use http::header::CACHE_CONTROL;
use serde_json::json;
use std::rc::Rc;

/// `POST /realms/{realm}/protocol/openid-connect/ext/par/request`, Keycloak's path.
pub async fn push(context: &RealmContext<'_>, request: &Request) -> Response {
    let (client, form) = match authenticate(context, request).await {
        Ok(known) => known,
        Err(error) => return routes_token::refuse(context, request, &error),
    };
    let response = match keep(context, &client, &form).await {
        Ok(response) => response,
        Err(unheard) => refuse(context, &unheard),
    };
    for_client(response, request, &client)
}

/// Who asks, and for what.
async fn authenticate(
    context: &RealmContext<'_>,
    request: &Request,
) -> Result<(Rc<Client>, Form), TokenError> {
    let (client, form) = routes_token::authenticate(context, request).await?;
    // RFC 9126 §2.1: who authenticates is who asks, wherever it said so.
    let mut overruled = vec![("client_id", client.client_id.clone())];
    // RFC 9449 §10.1: a proof says as much as the parameter, and must not say otherwise.
    if let Some(proved) = dpop::with_pushed_request(context, request, &client).await? {
        if form.at_most_one("dpop_jkt")?.is_some_and(|named| named != proved) {
            return Err(BadProof::WrongKey.into());
        }
        overruled.push(("dpop_jkt", proved));
    }
    let is_kept = |name: &str| overruled.iter().all(|(known, _)| *known != name);
    let rest: Vec<_> = form.iter().filter(|(name, _)| is_kept(name)).collect();
    let named = overruled.iter().map(|(name, value)| (*name, value.as_str()));
    let all = named.chain(rest).map(|(name, value)| (name.to_owned(), value.to_owned()));
    Ok((client, all.collect()))
}

async fn keep(
    context: &RealmContext<'_>,
    client: &Client,
    form: &Form,
) -> Result<Response, Unheard> {
    let heard = incoming::hear(context, form, Entrance::Pushed).await?;
    let lifetime = pushed::lifetime(context);
    let reference = pushed::keep(context, client, &heard.form, lifetime).await;
    let reference = reference.map_err(|fault| match fault {
        Fault::Problem(problem) => Unheard::Nowhere(problem),
        Fault::Store(error) => Unheard::Store(error),
    })?;
    let body = json!({ "request_uri": reference, "expires_in": lifetime });
    Ok(with_header(json(StatusCode::CREATED, &body), CACHE_CONTROL, "no-store"))
}

/// RFC 9126 §2.3: the errors of the authorization endpoint, told at once.
fn refuse(context: &RealmContext<'_>, unheard: &Unheard) -> Response {
    let code = match unheard {
        Unheard::Told(_, problem) | Unheard::Nowhere(problem) => problem.code(),
        Unheard::Unanswerable(_) => "invalid_request",
        Unheard::Store(error) => {
            tracing::error!(realm.id = %context.realm.id, "A request was not kept: {error}");
            let status = StatusCode::INTERNAL_SERVER_ERROR;
            return oauth_error(status, "server_error", "Please try again");
        }
    };
    tracing::info!(realm.id = %context.realm.id, "Pushed request refused: {unheard}");
    oauth_error(StatusCode::BAD_REQUEST, code, &unheard.to_string())
}
