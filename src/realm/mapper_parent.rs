//! What protocol mappers belong to, and what one may be.
use super::built_in_scope::{OPENID_CONNECT, SAML};
use super::error::AdminError;
use super::inquiry::Inquiry;
use super::protocol_mapper::ProtocolMapper;
use super::role::AdminRole;
use super::store;
use super::wire_keycloak_scope::{MapperChangeJson, texts_of};
use crate::kernel::id::{ClientScopeId, ClientUuid, ProtocolMapperId};

/// Longest name of a mapper, a scope or a client, in bytes: Keycloak's columns.
pub const MAX_NAME_BYTES: usize = 255;

/// Longest configuration of a mapper or attributes of a scope, in bytes of JSON.
pub const MAX_CONFIG_BYTES: usize = 16 * 1024;

/// Who may read clients and client scopes.
pub const READERS: &[AdminRole] = &[AdminRole::ViewClients, AdminRole::ManageClients];

/// Who may change them.
pub const WRITERS: &[AdminRole] = &[AdminRole::ManageClients];

/// The client or the scope that the path names, by its key.
///
/// # Errors
/// `Forbidden` for others than `callers`, `Unknown` when there is no such thing.
pub async fn find_parent(
    inquiry: &Inquiry<'_>,
    callers: &[AdminRole],
) -> Result<String, AdminError> {
    inquiry.require(callers)?;
    let (directory, realm) = (inquiry.directory(), inquiry.realm_id());
    if inquiry.params.get("client").is_empty() {
        let unknown = "Could not find client scope";
        let id: ClientScopeId = inquiry.param("scope", unknown)?;
        let found = store::client_scope::find(directory, realm, &id).await?;
        return Ok(found.ok_or(AdminError::Unknown(unknown))?.id.into());
    }
    let unknown = "Could not find client";
    let id: ClientUuid = inquiry.param("client", unknown)?;
    let found = store::client::find_stored(directory, realm, &id).await?;
    Ok(found.ok_or(AdminError::Unknown(unknown))?.client.uuid.into())
}

/// The mapper that a body describes; what it leaves out is as in `old`.
///
/// # Errors
/// `Invalid` when it cannot be one.
pub fn read_mapper(
    inquiry: &Inquiry<'_>,
    asked: MapperChangeJson,
    old: Option<&ProtocolMapper>,
) -> Result<ProtocolMapper, AdminError> {
    let invalid = |why: &str| AdminError::Invalid(why.to_owned());
    let id = match (old, asked.id.filter(|id| !id.is_empty())) {
        (Some(old), _) => old.id.clone(),
        (None, Some(id)) => id.parse().map_err(|_| invalid("id is not usable"))?,
        (None, None) => ProtocolMapperId::from(inquiry.context.ports.random.uuid()),
    };
    let or_old = |given: Option<String>, of: fn(&ProtocolMapper) -> &String| {
        given.or_else(|| old.map(|old| of(old).clone())).unwrap_or_default()
    };
    let mapper = ProtocolMapper {
        id,
        name: or_old(asked.name, |old| &old.name),
        protocol: or_old(asked.protocol, |old| &old.protocol),
        mapper: or_old(asked.protocol_mapper, |old| &old.mapper),
        config: match (asked.config, old) {
            (Some(config), _) => texts_of(config),
            (None, Some(old)) => old.config.clone(),
            (None, None) => std::collections::BTreeMap::new(),
        },
    };
    check_name(&mapper.name)?;
    check_name(&mapper.mapper)?;
    check_protocol(&mapper.protocol)?;
    check_size(&mapper.config)?;
    Ok(mapper)
}

/// Passes a name that can be one.
///
/// # Errors
/// `Invalid`.
pub fn check_name(name: &str) -> Result<(), AdminError> {
    let usable = !name.trim().is_empty() && name.len() <= MAX_NAME_BYTES;
    if usable && !name.chars().any(char::is_control) {
        return Ok(());
    }
    Err(AdminError::Invalid(format!("a name is missing, or has more than {MAX_NAME_BYTES} bytes")))
}

/// Passes a protocol that clients speak.
///
/// # Errors
/// `Invalid`.
pub fn check_protocol(protocol: &str) -> Result<(), AdminError> {
    if [OPENID_CONNECT, SAML].contains(&protocol) {
        return Ok(());
    }
    Err(AdminError::Invalid("protocol is neither openid-connect nor saml".to_owned()))
}

/// Passes texts that are not too long together.
///
/// # Errors
/// `Invalid`.
pub fn check_size(config: &std::collections::BTreeMap<String, String>) -> Result<(), AdminError> {
    let bytes: usize = config.iter().map(|(name, value)| name.len() + value.len()).sum();
    if bytes <= MAX_CONFIG_BYTES {
        return Ok(());
    }
    Err(AdminError::Invalid(format!("more than {MAX_CONFIG_BYTES} bytes of configuration")))
}
