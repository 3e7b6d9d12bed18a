//! `.../protocol-mappers` of clients and client scopes (reference keycloak.md
//! §3.4, §3.5).
use super::error::AdminError;
use super::event_path;
use super::inquiry::Inquiry;
use super::mapper_parent::{READERS, WRITERS, find_parent, read_mapper};
use super::protocol_mapper::ProtocolMapper;
use super::routes::{Table, respond};
use super::store::protocol_mapper as store;
use super::wire_keycloak_scope::{MapperChangeJson, MapperJson};
use crate::event::audit::{Change, Operation};
use crate::kernel::id::ProtocolMapperId;
use crate::platform::row::StoreError;
use crate::platform::sql::Statement;
use crate::web::Response;
use crate::web::answer;
use futures::FutureExt;
use http::{Method, StatusCode};
use serde_json::json;

const UNKNOWN: &str = "Model not found";

/// The paths of one kind of parent.
macro_rules! mapper_paths {
    ($mappers:literal) => {
        vec![
            (Method::GET, concat!($mappers, "/models"), |i| {
                async move { respond(list(i).await) }.boxed_local()
            }),
            (Method::POST, concat!($mappers, "/models"), |i| {
                async move { respond(create(i).await) }.boxed_local()
            }),
            (Method::POST, concat!($mappers, "/add-models"), |i| {
                async move { respond(create_many(i).await) }.boxed_local()
            }),
            (Method::GET, concat!($mappers, "/protocol/{protocol}"), |i| {
                async move { respond(list_of_protocol(i).await) }.boxed_local()
            }),
            (Method::GET, concat!($mappers, "/models/{mapper}"), |i| {
                async move { respond(read(i).await) }.boxed_local()
            }),
            (Method::PUT, concat!($mappers, "/models/{mapper}"), |i| {
                async move { respond(change(i).await) }.boxed_local()
            }),
            (Method::DELETE, concat!($mappers, "/models/{mapper}"), |i| {
                async move { respond(delete(i).await) }.boxed_local()
            }),
        ]
    };
}

/// Who answers what.
#[must_use]
pub fn table() -> Table {
    let parts: [Table; 2] = [
        mapper_paths!("/admin/realms/{realm}/clients/{client}/protocol-mappers"),
        mapper_paths!("/admin/realms/{realm}/client-scopes/{scope}/protocol-mappers"),
    ];
    parts.into_iter().flatten().collect()
}

async fn list(inquiry: &Inquiry<'_>) -> Result<Response, AdminError> {
    let parent = find_parent(inquiry, READERS).await?;
    let mappers = store::list(inquiry.directory(), &parent).await?;
    let body: Vec<_> = mappers.iter().map(MapperJson::from).collect();
    Ok(answer::json(StatusCode::OK, &body))
}

async fn list_of_protocol(inquiry: &Inquiry<'_>) -> Result<Response, AdminError> {
    let parent = find_parent(inquiry, READERS).await?;
    let protocol = inquiry.params.get("protocol");
    let mappers = store::list(inquiry.directory(), &parent).await?;
    let of_protocol = mappers.iter().filter(|mapper| mapper.protocol == protocol);
    let body: Vec<_> = of_protocol.map(MapperJson::from).collect();
    Ok(answer::json(StatusCode::OK, &body))
}

async fn read(inquiry: &Inquiry<'_>) -> Result<Response, AdminError> {
    let parent = find_parent(inquiry, READERS).await?;
    let mapper = find(inquiry, &parent).await?;
    Ok(answer::json(StatusCode::OK, &MapperJson::from(&mapper)))
}

async fn create(inquiry: &Inquiry<'_>) -> Result<Response, AdminError> {
    let parent = find_parent(inquiry, WRITERS).await?;
    let mapper = read_mapper(inquiry, inquiry.body()?, None)?;
    let path = format!("{}/{}", event_path::of_request(inquiry), mapper.id);
    let statement = store::insertion(inquiry.realm_id(), &parent, &mapper)?;
    commit(inquiry, vec![statement], change_of(Operation::Create, path, &mapper)).await?;
    let place = format!("{}{}", inquiry.context.public_url, inquiry.request.uri().path());
    Ok(answer::created(&format!("{place}/{}", mapper.id)))
}

async fn create_many(inquiry: &Inquiry<'_>) -> Result<Response, AdminError> {
    let parent = find_parent(inquiry, WRITERS).await?;
    let asked: Vec<MapperChangeJson> = inquiry.body()?;
    let mappers: Vec<ProtocolMapper> =
        asked.into_iter().map(|one| read_mapper(inquiry, one, None)).collect::<Result<_, _>>()?;
    let statements = mappers.iter().map(|one| store::insertion(inquiry.realm_id(), &parent, one));
    let statements = statements.collect::<Result<_, _>>()?;
    let change = Change {
        resource_type: "PROTOCOL_MAPPER",
        operation: Operation::Create,
        path: event_path::of_request(inquiry),
        representation: Some(mappers.iter().map(|one| json!(MapperJson::from(one))).collect()),
    };
    commit(inquiry, statements, change).await?;
    Ok(answer::empty(StatusCode::NO_CONTENT))
}

async fn change(inquiry: &Inquiry<'_>) -> Result<Response, AdminError> {
    let parent = find_parent(inquiry, WRITERS).await?;
    let old = find(inquiry, &parent).await?;
    let mapper = read_mapper(inquiry, inquiry.body()?, Some(&old))?;
    let path = event_path::of_request(inquiry);
    let change = change_of(Operation::Update, path, &mapper);
    commit(inquiry, vec![store::update(&parent, &mapper)?], change).await?;
    Ok(answer::empty(StatusCode::NO_CONTENT))
}

async fn delete(inquiry: &Inquiry<'_>) -> Result<Response, AdminError> {
    let parent = find_parent(inquiry, WRITERS).await?;
    let mapper = find(inquiry, &parent).await?;
    let path = event_path::of_request(inquiry);
    let change = change_of(Operation::Delete, path, &mapper);
    inquiry.commit(vec![store::deletion(&parent, &mapper.id)], change).await?;
    Ok(answer::empty(StatusCode::NO_CONTENT))
}

async fn find(inquiry: &Inquiry<'_>, parent: &str) -> Result<ProtocolMapper, AdminError> {
    let id: ProtocolMapperId = inquiry.param("mapper", UNKNOWN)?;
    let found = store::find(inquiry.directory(), parent, &id).await?;
    found.ok_or(AdminError::Unknown(UNKNOWN))
}

async fn commit(
    inquiry: &Inquiry<'_>,
    statements: Vec<Statement>,
    change: Change,
) -> Result<(), AdminError> {
    match inquiry.commit(statements, change).await {
        Ok(_) => Ok(()),
        Err(StoreError::Conflict { .. }) => {
            Err(AdminError::Conflict("Protocol mapper exists with same name".to_owned()))
        }
        Err(error) => Err(error.into()),
    }
}

fn change_of(operation: Operation, path: String, mapper: &ProtocolMapper) -> Change {
    let representation = Some(json!(MapperJson::from(mapper)));
    Change { resource_type: "PROTOCOL_MAPPER", operation, path, representation }
}
