//! `/admin/realms/{realm}/clients-initial-access`, and a client's registration
//! access token (reference keycloak.md §3.4).
use super::error::AdminError;
use super::event_path;
use super::initial_access::InitialAccess;
use super::inquiry::Inquiry;
use super::mapper_parent::{READERS, WRITERS};
use super::routes::{Table, respond};
use super::store::{client, registration};
use crate::crypto::token::SecretToken;
use crate::event::audit::{Change, Operation};
use crate::kernel::id::ClientUuid;
use crate::kernel::time::Seconds;
use crate::web::{Response, answer};
use futures::FutureExt;
use http::header::LOCATION;
use http::{Method, StatusCode};
use serde::Deserialize;
use serde::de::IgnoredAny;
use serde_json::{Value, json};

/// Most tokens that a realm has at a time, and that are listed.
pub const MAX_INITIAL_ACCESS: i64 = 1000;

/// Most clients that one token is good for.
pub const MAX_COUNT: i64 = 10_000;

/// The longest life of a token: a year.
const MAX_LIFE: u32 = 365 * 24 * 60 * 60;

const ALL: &str = "/admin/realms/{realm}/clients-initial-access";

/// Who answers what.
#[must_use]
pub fn table() -> Table {
    vec![
        (Method::GET, ALL, |i| async move { respond(list(i).await) }.boxed_local()),
        (Method::POST, ALL, |i| async move { respond(create(i).await) }.boxed_local()),
        (Method::DELETE, "/admin/realms/{realm}/clients-initial-access/{id}", |i| {
            async move { respond(delete(i).await) }.boxed_local()
        }),
        (Method::POST, "/admin/realms/{realm}/clients/{client}/registration-access-token", |i| {
            async move { respond(renew(i).await) }.boxed_local()
        }),
    ]
}

/// `ClientInitialAccessCreatePresentation`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
struct Asked {
    /// In seconds; 0 for ever, as in Keycloak.
    expiration: Option<i64>,
    count: Option<i64>,
    /// A client says itself from where it calls.
    #[serde(default, rename = "webOrigins")]
    _web_origins: IgnoredAny,
}

async fn list(inquiry: &Inquiry<'_>) -> Result<Response, AdminError> {
    inquiry.require(READERS)?;
    let (directory, realm) = (inquiry.directory(), inquiry.realm_id());
    let found = registration::list(directory, realm, MAX_INITIAL_ACCESS).await?;
    let body: Vec<Value> = found.iter().map(|access| access.to_json(None)).collect();
    Ok(answer::json(StatusCode::OK, &body))
}

/// The token is told once: the directory keeps its hash.
async fn create(inquiry: &Inquiry<'_>) -> Result<Response, AdminError> {
    inquiry.require(WRITERS)?;
    let (directory, realm) = (inquiry.directory(), inquiry.realm_id());
    let asked: Asked = inquiry.body()?;
    let total = asked.count.unwrap_or(1);
    if !(1..=MAX_COUNT).contains(&total) {
        return Err(AdminError::Invalid(format!("count must be 1 to {MAX_COUNT}")));
    }
    let life = u32::try_from(asked.expiration.unwrap_or(0)).ok().filter(|life| *life <= MAX_LIFE);
    let Some(life) = life else {
        return Err(AdminError::Invalid(format!("expiration must be 0 to {MAX_LIFE} seconds")));
    };
    let known = registration::list(directory, realm, MAX_INITIAL_ACCESS).await?;
    if i64::try_from(known.len()).is_ok_and(|known| known >= MAX_INITIAL_ACCESS) {
        let why = format!("a realm has at most {MAX_INITIAL_ACCESS} initial access tokens");
        return Err(AdminError::Invalid(why));
    }
    let context = inquiry.context;
    let secret = SecretToken::from_bytes(context.ports.random.bytes32());
    let access = InitialAccess {
        id: context.ports.random.uuid().to_string(),
        token: secret.hash(),
        created_at: context.now,
        expires_at: (life > 0).then(|| context.now + Seconds(life)),
        total,
        remaining: total,
    };
    let change = Change {
        resource_type: "CLIENT_INITIAL_ACCESS_MODEL",
        operation: Operation::Create,
        path: format!("clients-initial-access/{}", access.id),
        representation: Some(access.to_json(None)),
    };
    inquiry.commit(registration::insertion(realm, &access).into(), change).await?;
    let token = format!("{}.{}", access.id, secret.to_text());
    let place = format!("{}{}", context.public_url, inquiry.request.uri().path());
    // Keycloak's document says 201, python-keycloak takes 200 alone.
    let response = answer::json(StatusCode::OK, &access.to_json(Some(&token)));
    Ok(answer::with_header(response, LOCATION, &format!("{place}/{}", access.id)))
}

async fn delete(inquiry: &Inquiry<'_>) -> Result<Response, AdminError> {
    const UNKNOWN: &str = "Initial access token not found";
    inquiry.require(WRITERS)?;
    let (directory, realm) = (inquiry.directory(), inquiry.realm_id());
    let id = inquiry.params.get("id");
    let found = registration::find(directory, realm, id).await?;
    let access = found.ok_or(AdminError::Unknown(UNKNOWN))?;
    let change = Change {
        resource_type: "CLIENT_INITIAL_ACCESS_MODEL",
        operation: Operation::Delete,
        path: event_path::of_request(inquiry),
        representation: None,
    };
    inquiry.commit(vec![registration::deletion(realm, &access.id)], change).await?;
    Ok(answer::empty(StatusCode::NO_CONTENT))
}

/// `POST /clients/{client}/registration-access-token`: a new one, told once.
async fn renew(inquiry: &Inquiry<'_>) -> Result<Response, AdminError> {
    const UNKNOWN: &str = "Could not find client";
    inquiry.require(WRITERS)?;
    let uuid: ClientUuid = inquiry.param("client", UNKNOWN)?;
    let found = client::find_stored(inquiry.directory(), inquiry.realm_id(), &uuid).await?;
    let found = found.ok_or(AdminError::Unknown(UNKNOWN))?;
    // Whoever changes the client's secret with it could act as the client.
    super::client_draft::check_free(inquiry, &found.client.client_id)?;
    super::client_draft::require_power(inquiry, &found.client).await?;
    let secret = SecretToken::from_bytes(inquiry.context.ports.random.bytes32());
    let change = Change {
        resource_type: "CLIENT",
        operation: Operation::Action,
        path: event_path::of_request(inquiry),
        representation: None,
    };
    inquiry.commit(vec![registration::token_update(&uuid, &secret.hash())], change).await?;
    let body = json!({
        "id": found.client.uuid,
        "clientId": found.client.client_id,
        "registrationAccessToken": secret.to_text(),
    });
    Ok(answer::json(StatusCode::OK, &body))
}
