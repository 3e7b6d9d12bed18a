//! `/realms/{realm}/clients-registrations/openid-connect`: clients that register
//! themselves (RFC 7591, RFC 7592), at Keycloak's address.
use super::registration::{self, Refusal, Registered};
use super::registration_happenings;
use crate::realm::context::RealmContext;
use crate::web::answer::{empty, json, oauth_error, with_header};
use crate::web::router::decoded_segment;
use crate::web::{Request, Response};
use http::header::{CACHE_CONTROL, LOCATION, WWW_AUTHENTICATE};
use http::{Method, StatusCode};

/// `POST`: registers a client.
pub async fn register(context: &RealmContext<'_>, request: &Request) -> Response {
    let registered = async {
        let who = registration::registrant(context, request).await?;
        let metadata = registration::read(context, request)?;
        registration::register(context, request, who, &metadata).await
    };
    match registered.await {
        Ok(Registered { client_id, members }) => {
            registration_happenings::done(context, request, &client_id).await;
            let path = format!("/clients-registrations/openid-connect/{client_id}");
            let response = uncached(json(StatusCode::CREATED, &members));
            with_header(response, LOCATION, &context.url(&path))
        }
        Err(refusal) => {
            registration_happenings::refused(context, request, None, &refusal).await;
            refuse(context, &refusal)
        }
    }
}

/// `GET`, `PUT` and `DELETE` of a client by its registration access token.
pub async fn configure(context: &RealmContext<'_>, request: &Request) -> Response {
    let last = request.uri().path().rsplit('/').next().unwrap_or_default();
    let client_id = decoded_segment(last);
    let configured = configured(context, request, &client_id).await;
    match &configured {
        Ok(_) => registration_happenings::done(context, request, &client_id).await,
        Err(refusal) => {
            registration_happenings::refused(context, request, Some(&client_id), refusal).await;
        }
    }
    match configured {
        Ok(Some(registered)) => uncached(json(StatusCode::OK, &registered.members)),
        Ok(None) => uncached(empty(StatusCode::NO_CONTENT)),
        Err(refusal) => refuse(context, &refusal),
    }
}

async fn configured(
    context: &RealmContext<'_>,
    request: &Request,
    client_id: &str,
) -> Result<Option<Registered>, Refusal> {
    let found = registration::find(context, request, client_id).await?;
    if request.method() == Method::DELETE {
        registration::delete(context, request, &found).await?;
        return Ok(None);
    }
    if request.method() == Method::PUT {
        let metadata = registration::read(context, request)?;
        return registration::change(context, request, &found, &metadata).await.map(Some);
    }
    registration::show(context, request, &found).await.map(Some)
}

/// It holds secrets.
fn uncached(response: Response) -> Response {
    with_header(response, CACHE_CONTROL, "no-store")
}

/// The one place a refused registration is logged.
fn refuse(context: &RealmContext<'_>, refusal: &Refusal) -> Response {
    let (status, error) = match refusal {
        Refusal::Token | Refusal::NotAnybody => (StatusCode::UNAUTHORIZED, "invalid_token"),
        Refusal::Forbidden | Refusal::Full => (StatusCode::FORBIDDEN, "access_denied"),
        Refusal::Metadata(why) => (StatusCode::BAD_REQUEST, why.code()),
        Refusal::Policy(_) | Refusal::Draft(_) | Refusal::Body(_) => {
            (StatusCode::BAD_REQUEST, "invalid_client_metadata")
        }
        Refusal::Store(error) => {
            tracing::error!(realm.id = %context.realm.id, "A registration failed: {error}");
            let status = StatusCode::INTERNAL_SERVER_ERROR;
            return oauth_error(status, "server_error", "Please try again");
        }
    };
    tracing::info!(realm.id = %context.realm.id, "A registration was refused: {refusal}");
    let response = oauth_error(status, error, &refusal.to_string());
    if status != StatusCode::UNAUTHORIZED {
        return response;
    }
    let challenge = format!("Bearer realm=\"{}\", error=\"{error}\"", context.realm.name);
    with_header(response, WWW_AUTHENTICATE, &challenge)
}
