//! `/admin/realms/{realm}/client-scopes` (reference keycloak.md §3.5), the scopes
//! that new clients get (§3.1) and those of a client (§3.4).
use super::client_scope::{ClientScope, Place};
use super::error::AdminError;
use super::event_path;
use super::inquiry::Inquiry;
use super::mapper_parent::{READERS, WRITERS, find_parent};
use super::role::AdminRole;
use super::routes::{Table, respond};
use super::scope_draft::{ScopeDraft, change_of, changed, creation, path_of};
use super::store::{client_scope as store, protocol_mapper};
use super::wire_keycloak_scope::ScopeJson;
use crate::event::audit::{Change, Operation};
use crate::kernel::id::{ClientScopeId, ClientUuid};
use crate::platform::row::StoreError;
use crate::platform::sql::Statement;
use crate::web::Response;
use crate::web::answer;
use futures::FutureExt;
use http::{Method, StatusCode};
use serde_json::json;

const SCOPES: &str = "/admin/realms/{realm}/client-scopes";

const SCOPE: &str = "/admin/realms/{realm}/client-scopes/{scope}";

const UNKNOWN: &str = "Could not find client scope";

/// The same where a scope is given a place, in Keycloak's words.
const UNKNOWN_TO_PLACE: &str = "Client scope not found";

/// The paths of one place where scopes stand: of a realm or a client.
macro_rules! place_paths {
    ($place:literal, $list:ident, $put:ident, $remove:ident, $as:expr) => {
        vec![
            (Method::GET, $place, |i| async move { respond($list(i, $as).await) }.boxed_local()),
            (Method::PUT, concat!($place, "/{scope}"), |i| {
                async move { respond($put(i, $as).await) }.boxed_local()
            }),
            (Method::DELETE, concat!($place, "/{scope}"), |i| {
                async move { respond($remove(i, $as).await) }.boxed_local()
            }),
        ]
    };
}

/// Who answers what.
#[must_use]
pub fn table() -> Table {
    let parts: [Table; 5] = [
        vec![
            (Method::GET, SCOPES, |i| async move { respond(list(i).await) }.boxed_local()),
            (Method::POST, SCOPES, |i| async move { respond(create(i).await) }.boxed_local()),
            (Method::GET, SCOPE, |i| async move { respond(read(i).await) }.boxed_local()),
            (Method::PUT, SCOPE, |i| async move { respond(change(i).await) }.boxed_local()),
            (Method::DELETE, SCOPE, |i| async move { respond(delete(i).await) }.boxed_local()),
        ],
        place_paths!(
            "/admin/realms/{realm}/default-default-client-scopes",
            list_of_realm,
            place,
            displace,
            Place::Default
        ),
        place_paths!(
            "/admin/realms/{realm}/default-optional-client-scopes",
            list_of_realm,
            place,
            displace,
            Place::Optional
        ),
        place_paths!(
            "/admin/realms/{realm}/clients/{client}/default-client-scopes",
            list_of_client,
            attach,
            detach,
            Place::Default
        ),
        place_paths!(
            "/admin/realms/{realm}/clients/{client}/optional-client-scopes",
            list_of_client,
            attach,
            detach,
            Place::Optional
        ),
    ];
    parts.into_iter().flatten().collect()
}

async fn list(inquiry: &Inquiry<'_>) -> Result<Response, AdminError> {
    inquiry.require(&[READERS, &[AdminRole::QueryClients]].concat())?;
    let directory = inquiry.directory();
    let scopes = store::list(directory, inquiry.realm_id()).await?;
    let parents: Vec<&str> = scopes.iter().map(|scope| scope.id.as_str()).collect();
    let mappers = protocol_mapper::list_of(directory, &parents).await?;
    let mappers_of = |scope: &ClientScope| {
        let id = scope.id.clone();
        mappers.iter().filter(move |(parent, _)| *parent == id.as_str()).map(|(_, mapper)| mapper)
    };
    let body: Vec<_> = scopes.iter().map(|scope| ScopeJson::of(scope, mappers_of(scope))).collect();
    Ok(answer::json(StatusCode::OK, &body))
}

async fn read(inquiry: &Inquiry<'_>) -> Result<Response, AdminError> {
    inquiry.require(READERS)?;
    let scope = find(inquiry).await?;
    let mappers = protocol_mapper::list(inquiry.directory(), scope.id.as_str()).await?;
    Ok(answer::json(StatusCode::OK, &ScopeJson::of(&scope, mappers.iter())))
}

async fn create(inquiry: &Inquiry<'_>) -> Result<Response, AdminError> {
    inquiry.require(WRITERS)?;
    let ScopeDraft { scope, mappers, statements } = creation(inquiry, inquiry.body()?)?;
    let path = path_of(&scope);
    let told = json!(ScopeJson::of(&scope, mappers.iter()));
    commit(inquiry, statements, change_of(Operation::Create, path, Some(told)), &scope).await?;
    let public = &inquiry.context.public_url;
    let place = format!("{public}{}/{}", inquiry.request.uri().path(), scope.id);
    Ok(answer::created(&place))
}

/// Changes a scope; its mappers have paths of their own.
async fn change(inquiry: &Inquiry<'_>) -> Result<Response, AdminError> {
    inquiry.require(WRITERS)?;
    let old = find(inquiry).await?;
    let scope = changed(old, inquiry.body()?)?;
    let statement = store::update(inquiry.realm_id(), &scope)?;
    let told = json!(ScopeJson::of(&scope, std::iter::empty()));
    let path = event_path::of_request(inquiry);
    let change = change_of(Operation::Update, path, Some(told));
    commit(inquiry, vec![statement], change, &scope).await?;
    Ok(answer::empty(StatusCode::NO_CONTENT))
}

async fn delete(inquiry: &Inquiry<'_>) -> Result<Response, AdminError> {
    inquiry.require(WRITERS)?;
    let scope = find(inquiry).await?;
    let statements = store::deletion(inquiry.realm_id(), &scope.id);
    let change = change_of(Operation::Delete, event_path::of_request(inquiry), None);
    inquiry.commit(statements, change).await?;
    Ok(answer::empty(StatusCode::NO_CONTENT))
}

async fn list_of_realm(inquiry: &Inquiry<'_>, place: Place) -> Result<Response, AdminError> {
    inquiry.require(&[READERS, &[AdminRole::ViewRealm, AdminRole::ManageRealm]].concat())?;
    let scopes = store::list_of_realm(inquiry.directory(), inquiry.realm_id(), place).await?;
    Ok(named(&scopes))
}

/// New clients get the scope in this place, and in no other.
async fn place(inquiry: &Inquiry<'_>, place: Place) -> Result<Response, AdminError> {
    inquiry.require(WRITERS)?;
    let scope = find_or(inquiry, UNKNOWN_TO_PLACE).await?;
    let statement = store::placing(inquiry.realm_id(), &scope.id, place);
    let change = change_of(Operation::Create, event_path::of_request(inquiry), None);
    inquiry.commit(vec![statement], change).await?;
    Ok(answer::empty(StatusCode::NO_CONTENT))
}

async fn displace(inquiry: &Inquiry<'_>, place: Place) -> Result<Response, AdminError> {
    inquiry.require(WRITERS)?;
    let scope = find_or(inquiry, UNKNOWN_TO_PLACE).await?;
    let statement = store::displacing(inquiry.realm_id(), &scope.id, place);
    let change = change_of(Operation::Delete, event_path::of_request(inquiry), None);
    inquiry.commit(vec![statement], change).await?;
    Ok(answer::empty(StatusCode::NO_CONTENT))
}

async fn list_of_client(inquiry: &Inquiry<'_>, place: Place) -> Result<Response, AdminError> {
    let client = find_client(inquiry, READERS).await?;
    let scopes = store::list_of_client(inquiry.directory(), &client, place).await?;
    Ok(named(&scopes))
}

async fn attach(inquiry: &Inquiry<'_>, place: Place) -> Result<Response, AdminError> {
    let client = find_client(inquiry, WRITERS).await?;
    let scope = find_or(inquiry, UNKNOWN_TO_PLACE).await?;
    let statement = store::attachment(&client, &scope.id, place);
    commit_of_client(inquiry, statement, Operation::Create).await
}

async fn detach(inquiry: &Inquiry<'_>, place: Place) -> Result<Response, AdminError> {
    let client = find_client(inquiry, WRITERS).await?;
    let scope = find_or(inquiry, UNKNOWN_TO_PLACE).await?;
    let statement = store::detachment(&client, &scope.id, place);
    commit_of_client(inquiry, statement, Operation::Delete).await
}

async fn commit_of_client(
    inquiry: &Inquiry<'_>,
    statement: Statement,
    operation: Operation,
) -> Result<Response, AdminError> {
    let path = event_path::of_request(inquiry);
    let resource_type = "CLIENT_SCOPE_CLIENT_MAPPING";
    let change = Change { resource_type, operation, path, representation: None };
    inquiry.commit(vec![statement], change).await?;
    Ok(answer::empty(StatusCode::NO_CONTENT))
}

async fn find_client(
    inquiry: &Inquiry<'_>,
    callers: &[AdminRole],
) -> Result<ClientUuid, AdminError> {
    let uuid = find_parent(inquiry, callers).await?;
    uuid.parse().map_err(|_| AdminError::Unknown("Could not find client"))
}

async fn find(inquiry: &Inquiry<'_>) -> Result<ClientScope, AdminError> {
    find_or(inquiry, UNKNOWN).await
}

async fn find_or(inquiry: &Inquiry<'_>, unknown: &'static str) -> Result<ClientScope, AdminError> {
    let id: ClientScopeId = inquiry.param("scope", unknown)?;
    let found = store::find(inquiry.directory(), inquiry.realm_id(), &id).await?;
    found.ok_or(AdminError::Unknown(unknown))
}

async fn commit(
    inquiry: &Inquiry<'_>,
    statements: Vec<Statement>,
    change: Change,
    scope: &ClientScope,
) -> Result<(), AdminError> {
    match inquiry.commit(statements, change).await {
        Ok(_) => Ok(()),
        Err(StoreError::Conflict { .. }) => {
            Err(AdminError::Conflict(format!("Client Scope {} already exists", scope.name)))
        }
        Err(error) => Err(error.into()),
    }
}

/// Scopes as lists of places have them: id and name (and protocol, as Keycloak
/// does since 26).
fn named(scopes: &[ClientScope]) -> Response {
    let body: Vec<_> = scopes
        .iter()
        .map(|scope| json!({ "id": scope.id, "name": scope.name, "protocol": scope.protocol }))
        .collect();
    answer::json(StatusCode::OK, &body)
}
