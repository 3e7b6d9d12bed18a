//! `/admin/realms/{realm}/clients` (reference keycloak.md §3.4).
use super::client::Client;
use super::client_draft::{self, change_of, check_free, path_of, require_power};
use super::client_secret::{self, MASK};
use super::client_show;
use super::error::AdminError;
use super::event_path;
use super::hand_out::list_mightier;
use super::inquiry::Inquiry;
use super::mapper_parent::{READERS, WRITERS};
use super::page::{MAX_PAGE_ROWS, Page};
use super::role::AdminRole;
use super::routes::{Table, respond};
use super::store;
use super::store::client::{StoredClient, Wanted as WantedClients};
use super::wire_keycloak_user::UserJson;
use crate::event::audit::{Change, Operation};
use crate::kernel::id::{ClientUuid, UserId};
use crate::platform::row::StoreError;
use crate::platform::sql::Statement;
use crate::web::Response;
use crate::web::answer;
use futures::FutureExt;
use http::{Method, StatusCode};
use serde_json::{Value, json};
use std::collections::HashSet;

const CLIENTS: &str = "/admin/realms/{realm}/clients";

const CLIENT: &str = "/admin/realms/{realm}/clients/{client}";

const SECRET: &str = "/admin/realms/{realm}/clients/{client}/client-secret";

const ACCOUNT: &str = "/admin/realms/{realm}/clients/{client}/service-account-user";

const UNKNOWN: &str = "Could not find client";

/// Who answers what.
#[must_use]
pub fn table() -> Table {
    vec![
        (Method::GET, CLIENTS, |i| async move { respond(list(i).await) }.boxed_local()),
        (Method::POST, CLIENTS, |i| async move { respond(create(i).await) }.boxed_local()),
        (Method::GET, CLIENT, |i| async move { respond(read(i).await) }.boxed_local()),
        (Method::PUT, CLIENT, |i| async move { respond(change(i).await) }.boxed_local()),
        (Method::DELETE, CLIENT, |i| async move { respond(delete(i).await) }.boxed_local()),
        (Method::GET, SECRET, |i| async move { respond(read_secret(i).await) }.boxed_local()),
        (Method::POST, SECRET, |i| async move { respond(renew_secret(i).await) }.boxed_local()),
        (Method::GET, ACCOUNT, |i| async move { respond(read_account(i).await) }.boxed_local()),
    ]
}

/// `GET /clients`. Who may only find clients gets no more than their names.
async fn list(inquiry: &Inquiry<'_>) -> Result<Response, AdminError> {
    inquiry.require(&[READERS, &[AdminRole::QueryClients]].concat())?;
    let query = inquiry.query();
    let text = |name: &str| query.first(name).filter(|text| !text.is_empty());
    let called = text("clientId");
    let is_search = query.truth("search") == Some(true);
    let wanted = WantedClients {
        called: called.filter(|_| !is_search),
        called_like: called.filter(|_| is_search),
        attributes: text("q").map(read_attribute_query).unwrap_or_default(),
        page: inquiry.page(MAX_PAGE_ROWS + 1)?,
    };
    let clients = store::client::list(inquiry.directory(), inquiry.realm_id(), &wanted).await?;
    let clients = Page::check(clients)?;
    if inquiry.actor.holds_any(READERS) {
        return Ok(answer::json(StatusCode::OK, &show_all(inquiry, &clients).await?));
    }
    let brief =
        |one: &StoredClient| json!({ "id": one.client.uuid, "clientId": one.client.client_id });
    let body: Vec<Value> = clients.iter().map(brief).collect();
    Ok(answer::json(StatusCode::OK, &body))
}

/// `key:value` pairs between spaces, as Keycloak's `q` has them.
fn read_attribute_query(q: &str) -> Vec<(String, String)> {
    let pairs = q.split_whitespace().filter_map(|pair| pair.split_once(':'));
    let bare = |text: &str| text.trim_matches('"').to_owned();
    pairs.map(|(name, value)| (bare(name), bare(value))).collect()
}

async fn read(inquiry: &Inquiry<'_>) -> Result<Response, AdminError> {
    inquiry.require(READERS)?;
    let found = find(inquiry).await?;
    let shown = show_all(inquiry, std::slice::from_ref(&found)).await?;
    Ok(answer::json(StatusCode::OK, &shown.first()))
}

async fn create(inquiry: &Inquiry<'_>) -> Result<Response, AdminError> {
    inquiry.require(WRITERS)?;
    let draft = client_draft::creation(inquiry, inquiry.body()?)?;
    let client = draft.client;
    let change = change_of(Operation::Create, path_of(&client), &client);
    commit(inquiry, draft.statements, change, &client).await?;
    let place = format!("{}{}", inquiry.context.public_url, inquiry.request.uri().path());
    Ok(answer::created(&format!("{place}/{}", client.uuid)))
}

async fn change(inquiry: &Inquiry<'_>) -> Result<Response, AdminError> {
    inquiry.require(WRITERS)?;
    let old = find(inquiry).await?;
    let draft = client_draft::change(inquiry, &old, inquiry.body()?).await?;
    let path = event_path::of_request(inquiry);
    let change = change_of(Operation::Update, path, &draft.client);
    commit(inquiry, draft.statements, change, &draft.client).await?;
    Ok(answer::empty(StatusCode::NO_CONTENT))
}

async fn delete(inquiry: &Inquiry<'_>) -> Result<Response, AdminError> {
    inquiry.require(WRITERS)?;
    let found = find(inquiry).await?;
    let client = &found.client;
    check_free(inquiry, &client.client_id)?;
    let realm = inquiry.realm_id();
    let mut statements = store::client::deletion(realm, &client.uuid);
    if let Some(user) = &client.service_account {
        statements.extend(store::user::service_account_deletion(realm, user));
    }
    let path = event_path::of_request(inquiry);
    inquiry.commit(statements, change_of(Operation::Delete, path, client)).await?;
    Ok(answer::empty(StatusCode::NO_CONTENT))
}

async fn read_secret(inquiry: &Inquiry<'_>) -> Result<Response, AdminError> {
    inquiry.require(READERS)?;
    let found = find(inquiry).await?;
    let hidden = list_hidden(inquiry, std::slice::from_ref(&found)).await?;
    let value = shown_secret(inquiry, &found, &hidden);
    Ok(secret_answer(value.as_deref()))
}

async fn renew_secret(inquiry: &Inquiry<'_>) -> Result<Response, AdminError> {
    inquiry.require(WRITERS)?;
    let found = find(inquiry).await?;
    require_power(inquiry, &found.client).await?;
    if found.client.is_public() {
        return Err(AdminError::Invalid("a public client has no secret".to_owned()));
    }
    let uuid = &found.client.uuid;
    let secret = client_secret::generate(inquiry.context);
    let protected = client_secret::protect(inquiry.context, uuid, &secret)?;
    let statement = store::client::secret_update(inquiry.realm_id(), uuid, &protected);
    let change = Change {
        resource_type: "CLIENT",
        operation: Operation::Action,
        path: event_path::of_request(inquiry),
        representation: None,
    };
    inquiry.commit(vec![statement], change).await?;
    Ok(secret_answer(Some(secret.expose())))
}

async fn read_account(inquiry: &Inquiry<'_>) -> Result<Response, AdminError> {
    inquiry.require(READERS)?;
    let found = find(inquiry).await?;
    let client = &found.client;
    let Some(user) = &client.service_account else {
        let why = format!("Service account not enabled for the client '{}'", client.client_id);
        return Err(AdminError::Told(why));
    };
    let user = store::user::find(inquiry.directory(), inquiry.realm_id(), user).await?;
    let user = user.ok_or(AdminError::Unknown("User not found"))?;
    Ok(answer::json(StatusCode::OK, &UserJson::of_client(&user, &client.client_id)))
}

/// A `CredentialRepresentation`.
fn secret_answer(value: Option<&str>) -> Response {
    let mut body = json!({ "type": "secret" });
    if let Some(value) = value {
        body["value"] = value.into();
    }
    answer::json(StatusCode::OK, &body)
}

async fn find(inquiry: &Inquiry<'_>) -> Result<StoredClient, AdminError> {
    let uuid: ClientUuid = inquiry.param("client", UNKNOWN)?;
    let found = store::client::find_stored(inquiry.directory(), inquiry.realm_id(), &uuid).await?;
    found.ok_or(AdminError::Unknown(UNKNOWN))
}

/// The clients whose secrets the caller may not read.
async fn list_hidden(
    inquiry: &Inquiry<'_>,
    clients: &[StoredClient],
) -> Result<HashSet<ClientUuid>, AdminError> {
    if !inquiry.actor.holds_any(WRITERS) {
        return Ok(clients.iter().map(|one| one.client.uuid.clone()).collect());
    }
    let accounts: Vec<&UserId> =
        clients.iter().filter_map(|one| one.client.service_account.as_ref()).collect();
    let mightier = list_mightier(inquiry, &accounts).await?;
    let is_mightier = |one: &&StoredClient| {
        one.client.service_account.as_ref().is_some_and(|user| mightier.contains(user))
    };
    Ok(clients.iter().filter(is_mightier).map(|one| one.client.uuid.clone()).collect())
}

/// The secret, or what stands in for one that the caller may not read or nobody
/// can.
fn shown_secret(
    inquiry: &Inquiry<'_>,
    one: &StoredClient,
    hidden: &HashSet<ClientUuid>,
) -> Option<String> {
    let client = &one.client;
    if client.is_public() {
        return None;
    }
    let sealed = one.secret_sealed.as_ref().filter(|_| !hidden.contains(&client.uuid));
    let secret =
        sealed.and_then(|sealed| client_secret::read(inquiry.context, &client.uuid, sealed));
    Some(secret.map_or_else(|| MASK.to_owned(), |secret| secret.expose().to_owned()))
}

/// The clients with all that is known of them, in three queries.
async fn show_all(
    inquiry: &Inquiry<'_>,
    clients: &[StoredClient],
) -> Result<Vec<Value>, AdminError> {
    let hidden = list_hidden(inquiry, clients).await?;
    let secret_of = |one: &StoredClient| shown_secret(inquiry, one, &hidden);
    Ok(client_show::show_all(inquiry, clients, secret_of).await?)
}

async fn commit(
    inquiry: &Inquiry<'_>,
    statements: Vec<Statement>,
    change: Change,
    client: &Client,
) -> Result<(), AdminError> {
    match inquiry.commit(statements, change).await {
        Ok(_) => Ok(()),
        Err(error) if error.is_conflict_on("protocol_mapper.name") => {
            Err(AdminError::Conflict("Protocol mapper exists with same name".to_owned()))
        }
        Err(StoreError::Conflict { .. }) => {
            Err(AdminError::Conflict(format!("Client {} already exists", client.client_id)))
        }
        Err(error) => Err(error.into()),
    }
}
