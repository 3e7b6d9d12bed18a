//! A client scope as an administrator wants it: checked, and not written yet.
use super::built_in_scope::OPENID_CONNECT;
use super::client_scope::ClientScope;
use super::error::AdminError;
use super::inquiry::Inquiry;
use super::mapper_parent::{check_name, check_protocol, check_size, read_mapper};
use super::protocol_mapper::ProtocolMapper;
use super::store::{client_scope as store, protocol_mapper};
use super::wire_keycloak_scope::{ScopeChangeJson, text_of};
use crate::event::audit::{Change, Operation};
use crate::kernel::id::ClientScopeId;
use crate::platform::sql::Statement;
use serde_json::Value;
use std::collections::BTreeMap;

/// A client scope that can be, and how it is written.
pub struct ScopeDraft {
    /// The scope.
    pub scope: ClientScope,
    /// Its mappers.
    pub mappers: Vec<ProtocolMapper>,
    /// What writes it, to go into one batch.
    pub statements: Vec<Statement>,
}

/// A new client scope.
///
/// # Errors
/// `Invalid` says which part cannot be.
pub fn creation(
    inquiry: &Inquiry<'_>,
    mut asked: ScopeChangeJson,
) -> Result<ScopeDraft, AdminError> {
    let id = match asked.id.take().filter(|id| !id.is_empty()) {
        Some(id) => id.parse().map_err(|_| AdminError::Invalid("id is not usable".to_owned()))?,
        None => ClientScopeId::from(inquiry.context.ports.random.uuid()),
    };
    let blank = ClientScope {
        id,
        name: String::new(),
        description: String::new(),
        protocol: OPENID_CONNECT.to_owned(),
        attributes: BTreeMap::new(),
    };
    let asked_mappers = asked.protocol_mappers.take().unwrap_or_default();
    let scope = changed(blank, asked)?;
    let mappers: Vec<ProtocolMapper> = asked_mappers
        .into_iter()
        .map(|one| read_mapper(inquiry, one, None))
        .collect::<Result<_, _>>()?;
    let realm = inquiry.realm_id();
    let mut statements = vec![store::insertion(realm, &scope)?];
    for mapper in &mappers {
        statements.push(protocol_mapper::insertion(realm, scope.id.as_str(), mapper)?);
    }
    Ok(ScopeDraft { scope, mappers, statements })
}

/// `scope` with what is asked for. Attributes that are not named stay.
///
/// # Errors
/// `Invalid` says which part cannot be.
pub fn changed(scope: ClientScope, asked: ScopeChangeJson) -> Result<ClientScope, AdminError> {
    let mut attributes = scope.attributes;
    for (name, value) in asked.attributes.unwrap_or_default() {
        match text_of(value).filter(|text| !text.is_empty()) {
            Some(text) => attributes.insert(name, text),
            None => attributes.remove(&name),
        };
    }
    let scope = ClientScope {
        id: scope.id,
        name: asked.name.unwrap_or(scope.name),
        description: asked.description.unwrap_or(scope.description),
        protocol: asked.protocol.unwrap_or(scope.protocol),
        attributes,
    };
    check_name(&scope.name)?;
    // RFC 6749 §3.3: a scope is words between spaces.
    if scope.name.contains(|c: char| c.is_whitespace() || matches!(c, '"' | '\\')) {
        return Err(AdminError::Invalid(format!(
            "Unexpected name \"{}\" for ClientScope",
            scope.name
        )));
    }
    check_protocol(&scope.protocol)?;
    check_size(&scope.attributes)?;
    Ok(scope)
}

/// A client scope in the audit trail.
#[must_use]
pub fn change_of(operation: Operation, path: String, representation: Option<Value>) -> Change {
    Change { resource_type: "CLIENT_SCOPE", operation, path, representation }
}

/// Where a client scope stands on the realm's paths.
#[must_use]
pub fn path_of(scope: &ClientScope) -> String {
    format!("client-scopes/{}", scope.id)
}
