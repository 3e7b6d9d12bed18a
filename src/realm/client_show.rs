//! Clients as they are answered.
use super::inquiry::Inquiry;
use super::mapper_parent::WRITERS;
use super::protocol_mapper::ProtocolMapper;
use super::store;
use super::store::client::StoredClient;
use super::store::client_scope::Attachment;
use super::wire_keycloak_client::ClientView;
use crate::kernel::id::ClientUuid;
use crate::platform::row::StoreError;
use serde_json::Value;
use std::collections::HashMap;

/// The clients with all that is known of them, in two queries; `secret_of` says
/// what stands where the secret would.
///
/// # Errors
/// `Refused` when the directory fails.
pub async fn show_all(
    inquiry: &Inquiry<'_>,
    clients: &[StoredClient],
    secret_of: impl Fn(&StoredClient) -> Option<String>,
) -> Result<Vec<Value>, StoreError> {
    let directory = inquiry.directory();
    let uuids: Vec<&ClientUuid> = clients.iter().map(|one| &one.client.uuid).collect();
    let scopes = store::client_scope::list_names_of_clients(directory, &uuids).await?;
    let parents: Vec<&str> = uuids.iter().map(|uuid| uuid.as_str()).collect();
    let mappers = store::protocol_mapper::list_of(directory, &parents).await?;
    let mut scopes_of: HashMap<&ClientUuid, Vec<&Attachment>> = HashMap::new();
    for scope in &scopes {
        scopes_of.entry(&scope.client).or_default().push(scope);
    }
    let mut mappers_of: HashMap<&str, Vec<&ProtocolMapper>> = HashMap::new();
    for (parent, mapper) in &mappers {
        mappers_of.entry(parent).or_default().push(mapper);
    }
    let show = |one: &StoredClient| {
        let uuid = &one.client.uuid;
        let secret = secret_of(one);
        let view = ClientView {
            client: &one.client,
            kept: &one.kept,
            secret: secret.as_deref(),
            scopes: scopes_of.get(uuid).map_or(&[], Vec::as_slice),
            mappers: mappers_of.get(uuid.as_str()).map_or(&[], Vec::as_slice),
            may_manage: inquiry.actor.holds_any(WRITERS),
        };
        view.to_json()
    };
    Ok(clients.iter().map(show).collect())
}
