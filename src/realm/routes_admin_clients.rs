//! `/admin/realms/{realm}/clients` (reference keycloak.md §3.4).
use super::bootstrap::service_account;
use super::client::Client;
use super::client_change::{self, Wanted};
use super::client_scope::Place;
use super::client_secret::{self, MASK, ProtectedSecret};
use super::error::AdminError;
use super::event_path;
use super::hand_out::{is_administrative, list_mightier};
use super::inquiry::Inquiry;
use super::mapper_parent::{READERS, WRITERS, read_mapper};
use super::page::{MAX_PAGE_ROWS, Page};
use super::protocol_mapper::ProtocolMapper;
use super::role::AdminRole;
use super::routes::{Table, respond};
use super::store;
use super::store::client::{StoredClient, Wanted as WantedClients};
use super::store::client_scope::Attachment;
use super::user::Username;
use super::wire_keycloak_client::{ClientChangeJson, ClientView};
use super::wire_keycloak_scope::MapperChangeJson;
use super::wire_keycloak_user::UserJson;
use crate::event::audit::{Change, Operation};
use crate::kernel::id::{ClientUuid, UserId};
use crate::kernel::secret::Secret;
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
    let is_search = query.first("search") == Some("true");
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
    let mut asked: ClientChangeJson = inquiry.body()?;
    let wanted = client_change::change(&mut asked, None)?;
    check_free(inquiry, &wanted.client_id)?;
    let context = inquiry.context;
    let uuid = match asked.id.take().filter(|id| !id.is_empty()) {
        Some(id) => id.parse().map_err(|_| AdminError::Invalid("id is not usable".to_owned()))?,
        None => ClientUuid::from(context.ports.random.uuid()),
    };
    let (realm, now) = (inquiry.realm_id(), context.now);
    let secret = new_secret(inquiry, &uuid, &wanted, asked.secret.as_ref())?;
    let account = if wanted.has_account {
        Some(account_of(inquiry, &uuid, &wanted.client_id)?)
    } else {
        None
    };
    let client = Client {
        uuid,
        client_id: wanted.client_id,
        secret_hash: secret.as_ref().map(|secret| secret.hash.clone()),
        service_account: account.as_ref().map(|user| user.id.clone()),
        settings: wanted.settings,
    };
    let mut statements = vec![
        store::client::creation(realm, &client, now)?,
        store::client::kept_update(realm, &client.uuid, &wanted.kept)?,
    ];
    statements
        .extend(secret.map(|secret| store::client::secret_update(realm, &client.uuid, &secret)));
    if let Some(user) = &account {
        statements.push(store::user::insertion(realm, user)?);
    }
    statements.extend(scopes_of_new(inquiry, &client, &asked)?);
    statements.extend(mappers(inquiry, &client.uuid, asked.protocol_mappers.take())?);
    let path = format!("clients/{}", client.uuid);
    commit(inquiry, statements, change_of(Operation::Create, path, &client), &client).await?;
    let place = format!("{}{}", context.public_url, inquiry.request.uri().path());
    Ok(answer::created(&format!("{place}/{}", client.uuid)))
}

/// A new client has the scopes that the body names, or else those that the realm
/// gives to new clients.
fn scopes_of_new(
    inquiry: &Inquiry<'_>,
    client: &Client,
    asked: &ClientChangeJson,
) -> Result<Vec<Statement>, StoreError> {
    let (realm, uuid) = (inquiry.realm_id(), &client.uuid);
    let mut statements = Vec::new();
    let places = [
        (Place::Default, &asked.default_client_scopes),
        (Place::Optional, &asked.optional_client_scopes),
    ];
    if places.iter().all(|(_, names)| names.is_none()) {
        statements.push(store::client_scope::gift(realm, uuid));
    }
    for (place, names) in places {
        let names: Vec<&str> = names.iter().flatten().map(String::as_str).collect();
        statements.push(store::client_scope::gift_of(realm, uuid, &names, place)?);
    }
    if client.service_account.is_some() {
        statements.push(store::client_scope::service_gift(realm, uuid)?);
    }
    Ok(statements)
}

async fn change(inquiry: &Inquiry<'_>) -> Result<Response, AdminError> {
    inquiry.require(WRITERS)?;
    let old = find(inquiry).await?;
    let mut asked: ClientChangeJson = inquiry.body()?;
    let wanted = client_change::change(&mut asked, Some(&old))?;
    let was = &old.client;
    if wanted.client_id != was.client_id {
        check_free(inquiry, &was.client_id)?;
        check_free(inquiry, &wanted.client_id)?;
    }
    let (realm, uuid) = (inquiry.realm_id(), &was.uuid);
    let mut statements = Vec::new();
    let account = match (&was.service_account, wanted.has_account) {
        (Some(user), true) => {
            if wanted.client_id != was.client_id {
                statements.push(store::user::renaming(
                    realm,
                    user,
                    &account_name(&wanted.client_id)?,
                ));
            }
            Some(user.clone())
        }
        (None, true) => {
            let user = account_of(inquiry, uuid, &wanted.client_id)?;
            statements.push(store::user::insertion(realm, &user)?);
            statements.push(store::client_scope::service_gift(realm, uuid)?);
            Some(user.id)
        }
        (Some(user), false) => {
            statements.extend(store::user::service_account_deletion(realm, user));
            None
        }
        (None, false) => None,
    };
    let given = asked.secret.as_ref().filter(|secret| secret.expose() != MASK);
    if wanted.is_public {
        statements.push(store::client::secret_removal(realm, uuid));
    } else if given.is_some() || was.is_public() {
        require_power(inquiry, was).await?;
        let secret = new_secret(inquiry, uuid, &wanted, given)?;
        statements.extend(secret.map(|secret| store::client::secret_update(realm, uuid, &secret)));
    }
    if asked.protocol_mappers.is_some() {
        statements.push(store::protocol_mapper::clearing(uuid.as_str()));
        statements.extend(mappers(inquiry, uuid, asked.protocol_mappers.take())?);
    }
    let client = Client {
        uuid: uuid.clone(),
        client_id: wanted.client_id,
        secret_hash: None,
        service_account: account,
        settings: wanted.settings,
    };
    statements.push(store::client::update(realm, &client)?);
    statements.push(store::client::kept_update(realm, uuid, &wanted.kept)?);
    let path = event_path::of_request(inquiry);
    commit(inquiry, statements, change_of(Operation::Update, path, &client), &client).await?;
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

/// Passes a name that does not administer a realm, now or one day.
fn check_free(inquiry: &Inquiry<'_>, client_id: &str) -> Result<(), AdminError> {
    if is_administrative(&inquiry.context.realm, client_id) {
        let why = format!("{client_id} is the name of a client that administers a realm");
        return Err(AdminError::Invalid(why));
    }
    Ok(())
}

/// Passes a caller who may do all that the client's service account may: its
/// secret is the key to that.
async fn require_power(inquiry: &Inquiry<'_>, client: &Client) -> Result<(), AdminError> {
    let accounts: Vec<&UserId> = client.service_account.iter().collect();
    let mightier = list_mightier(inquiry, &accounts).await?;
    if mightier.is_empty() { Ok(()) } else { Err(AdminError::Forbidden) }
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
    let directory = inquiry.directory();
    let uuids: Vec<&ClientUuid> = clients.iter().map(|one| &one.client.uuid).collect();
    let scopes = store::client_scope::list_names_of_clients(directory, &uuids).await?;
    let parents: Vec<&str> = uuids.iter().map(|uuid| uuid.as_str()).collect();
    let mappers = store::protocol_mapper::list_of(directory, &parents).await?;
    let hidden = list_hidden(inquiry, clients).await?;
    let show = |one: &StoredClient| {
        let uuid = &one.client.uuid;
        let scopes: Vec<&Attachment> =
            scopes.iter().filter(|scope| scope.client == *uuid).collect();
        let mappers: Vec<&ProtocolMapper> = mappers
            .iter()
            .filter(|(parent, _)| parent == uuid.as_str())
            .map(|(_, mapper)| mapper)
            .collect();
        let secret = shown_secret(inquiry, one, &hidden);
        let view = ClientView {
            client: &one.client,
            kept: &one.kept,
            secret: secret.as_deref(),
            scopes: &scopes,
            mappers: &mappers,
            may_manage: inquiry.actor.holds_any(WRITERS),
        };
        view.to_json()
    };
    Ok(clients.iter().map(show).collect())
}

fn new_secret(
    inquiry: &Inquiry<'_>,
    client: &ClientUuid,
    wanted: &Wanted,
    given: Option<&Secret>,
) -> Result<Option<ProtectedSecret>, StoreError> {
    if wanted.is_public {
        return Ok(None);
    }
    let given = given.filter(|secret| !secret.expose().is_empty() && secret.expose() != MASK);
    let secret = given.cloned().unwrap_or_else(|| client_secret::generate(inquiry.context));
    client_secret::protect(inquiry.context, client, &secret).map(Some)
}

fn account_of(
    inquiry: &Inquiry<'_>,
    client: &ClientUuid,
    client_id: &str,
) -> Result<super::user::User, AdminError> {
    account_name(client_id)?;
    Ok(service_account(inquiry.context.ports, client, client_id, inquiry.context.now)?)
}

fn account_name(client_id: &str) -> Result<Username, AdminError> {
    let name = format!("service-account-{client_id}");
    name.parse()
        .map_err(|_| AdminError::Invalid("clientId is too long for a service account".to_owned()))
}

fn mappers(
    inquiry: &Inquiry<'_>,
    client: &ClientUuid,
    asked: Option<Vec<MapperChangeJson>>,
) -> Result<Vec<Statement>, AdminError> {
    let realm = inquiry.realm_id();
    let insertion = |one: MapperChangeJson| {
        let mapper = read_mapper(inquiry, one, None)?;
        Ok(store::protocol_mapper::insertion(realm, client.as_str(), &mapper)?)
    };
    asked.into_iter().flatten().map(insertion).collect()
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

/// A client in the audit trail: without its secret.
fn change_of(operation: Operation, path: String, client: &Client) -> Change {
    let told = json!({
        "id": client.uuid,
        "clientId": client.client_id,
        "enabled": client.settings.enabled,
        "redirectUris": client.settings.redirect_uris,
        "webOrigins": client.settings.web_origins,
        "serviceAccountsEnabled": client.service_account.is_some(),
    });
    Change { resource_type: "CLIENT", operation, path, representation: Some(told) }
}
