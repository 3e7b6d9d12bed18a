//! Roles as Keycloak's administration API writes them (reference keycloak.md §2,
//! `RoleRepresentation` and `MappingsRepresentation`).
use super::registry::Attributes;
use super::stored_role::Role;
use crate::kernel::id::RealmId;
use serde::de::IgnoredAny;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// A role, as answered.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub struct RoleJson<'a> {
    id: &'a str,
    name: &'a str,
    #[serde(skip_serializing_if = "str::is_empty")]
    description: &'a str,
    composite: bool,
    client_role: bool,
    container_id: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    attributes: Option<&'a Attributes>,
}

impl<'a> RoleJson<'a> {
    /// `role`, a role of `realm`, with its attributes.
    #[must_use]
    pub fn full(role: &'a Role, realm: &'a RealmId) -> Self {
        Self { attributes: Some(&role.attributes), ..Self::brief(role, realm) }
    }

    /// The same without its attributes, as lists have it.
    #[must_use]
    pub fn brief(role: &'a Role, realm: &'a RealmId) -> Self {
        let client = role.client.as_ref();
        Self {
            id: role.id.as_str(),
            name: &role.name,
            description: &role.description,
            composite: role.is_composite,
            client_role: client.is_some(),
            container_id: client.map_or(realm.as_str(), |client| client.as_str()),
            attributes: None,
        }
    }
}

/// A role, as sent to make or change one.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct RoleChangeJson {
    /// Whatever the sender read before.
    #[serde(default, rename = "id")]
    _id: IgnoredAny,
    /// Its name.
    pub name: Option<String>,
    /// For administrators.
    pub description: Option<String>,
    /// Replaces those there are.
    pub attributes: Option<Attributes>,
    /// What a new role includes.
    pub composites: Option<CompositesJson>,
    #[serde(default, rename = "composite")]
    _composite: IgnoredAny,
    #[serde(default, rename = "clientRole")]
    _client_role: IgnoredAny,
    #[serde(default, rename = "containerId")]
    _container_id: IgnoredAny,
    #[serde(default, rename = "scopeParamRequired")]
    _scope_param_required: IgnoredAny,
}

/// What a new role includes, by name.
#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CompositesJson {
    /// Roles of the realm.
    #[serde(default)]
    pub realm: Vec<String>,
    /// Roles of clients, by `client_id`.
    #[serde(default)]
    pub client: BTreeMap<String, Vec<String>>,
}

/// A role that exists, as sent to name it.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct NamedRoleJson {
    /// Which.
    pub id: Option<String>,
    /// Its name, which must be the right one.
    pub name: Option<String>,
    #[serde(default, rename = "description")]
    _description: IgnoredAny,
    #[serde(default, rename = "attributes")]
    _attributes: IgnoredAny,
    #[serde(default, rename = "composites")]
    _composites: IgnoredAny,
    #[serde(default, rename = "composite")]
    _composite: IgnoredAny,
    #[serde(default, rename = "clientRole")]
    _client_role: IgnoredAny,
    #[serde(default, rename = "containerId")]
    _container_id: IgnoredAny,
    #[serde(default, rename = "scopeParamRequired")]
    _scope_param_required: IgnoredAny,
}

/// Everything granted to a user.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub struct MappingsJson<'a> {
    /// Roles of the realm.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub realm_mappings: Vec<RoleJson<'a>>,
    /// Roles of clients, by `client_id`.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub client_mappings: BTreeMap<&'a str, ClientMappingsJson<'a>>,
}

/// The roles of one client granted to a user.
#[derive(Serialize)]
pub struct ClientMappingsJson<'a> {
    /// The client's key.
    pub id: &'a str,
    /// The client's name.
    pub client: &'a str,
    /// Its roles.
    pub mappings: Vec<RoleJson<'a>>,
}
