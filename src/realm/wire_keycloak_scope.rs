//! Client scopes and protocol mappers as Keycloak's administration API writes
//! them (reference keycloak.md §2, `ClientScopeRepresentation` and
//! `ProtocolMapperRepresentation`).
use super::client_scope::ClientScope;
use super::protocol_mapper::ProtocolMapper;
use serde::de::IgnoredAny;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::collections::BTreeMap;

/// A mapper, as answered.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub struct MapperJson<'a> {
    id: &'a str,
    name: &'a str,
    protocol: &'a str,
    protocol_mapper: &'a str,
    consent_required: bool,
    config: &'a BTreeMap<String, String>,
}

impl<'a> From<&'a ProtocolMapper> for MapperJson<'a> {
    fn from(mapper: &'a ProtocolMapper) -> Self {
        Self {
            id: mapper.id.as_str(),
            name: &mapper.name,
            protocol: &mapper.protocol,
            protocol_mapper: &mapper.mapper,
            consent_required: false,
            config: &mapper.config,
        }
    }
}

/// A mapper, as sent.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct MapperChangeJson {
    /// Its key; a new one when it has none.
    pub id: Option<String>,
    /// Its name.
    pub name: Option<String>,
    /// Its protocol.
    pub protocol: Option<String>,
    /// Its kind.
    pub protocol_mapper: Option<String>,
    /// What the kind is told; values that are no text are written as text.
    pub config: Option<BTreeMap<String, Value>>,
    #[serde(default, rename = "consentRequired")]
    _consent_required: IgnoredAny,
    #[serde(default, rename = "consentText")]
    _consent_text: IgnoredAny,
}

/// A scope, as answered.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ScopeJson<'a> {
    id: &'a str,
    name: &'a str,
    #[serde(skip_serializing_if = "str::is_empty")]
    description: &'a str,
    protocol: &'a str,
    attributes: &'a BTreeMap<String, String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    protocol_mappers: Vec<MapperJson<'a>>,
}

impl<'a> ScopeJson<'a> {
    /// `scope` with its mappers.
    pub fn of(scope: &'a ClientScope, mappers: impl Iterator<Item = &'a ProtocolMapper>) -> Self {
        Self {
            id: scope.id.as_str(),
            name: &scope.name,
            description: &scope.description,
            protocol: &scope.protocol,
            attributes: &scope.attributes,
            protocol_mappers: mappers.map(MapperJson::from).collect(),
        }
    }
}

/// A scope, as sent.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ScopeChangeJson {
    /// Its key; a new one when it has none.
    pub id: Option<String>,
    /// Its name.
    pub name: Option<String>,
    /// For administrators.
    pub description: Option<String>,
    /// Its protocol.
    pub protocol: Option<String>,
    /// What it is told; `null` and an empty text forget.
    pub attributes: Option<BTreeMap<String, Value>>,
    /// The mappers of a new scope.
    pub protocol_mappers: Option<Vec<MapperChangeJson>>,
    #[serde(default, rename = "access")]
    _access: IgnoredAny,
}

/// A value that should be text, as Keycloak reads one: numbers and truths are
/// written out. `None` for what is no value at all.
#[must_use]
pub fn text_of(value: Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text),
        Value::Bool(truth) => Some(truth.to_string()),
        Value::Number(number) => Some(number.to_string()),
        Value::Null | Value::Array(_) | Value::Object(_) => None,
    }
}

/// Names with text, of which `null` and empty texts are left out.
#[must_use]
pub fn texts_of(values: BTreeMap<String, Value>) -> BTreeMap<String, String> {
    let texts = values.into_iter().filter_map(|(name, value)| Some((name, text_of(value)?)));
    texts.filter(|(_, text)| !text.is_empty()).collect()
}
