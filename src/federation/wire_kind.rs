//! What kinds of provider and of mapper there are, in Keycloak's JSON.
use super::kind::Kind;
use super::mapper_type::MapperType;
use crate::realm::config_property::ConfigProperty;
use serde::Serialize;
use serde_json::{Value, json};

/// A factory of providers. What it is told beyond what every provider is stands
/// in `configProperties`.
#[must_use]
pub fn factory(kind: &Kind) -> Value {
    json!({
        "id": kind.id,
        "name": kind.name,
        "configProperties": kind.properties,
        "helpText": "",
        "configMetadata": [],
    })
}

/// `IdentityProviderMapperTypeRepresentation`.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct MapperTypeJson {
    id: &'static str,
    name: &'static str,
    category: &'static str,
    help_text: &'static str,
    properties: &'static [ConfigProperty],
}

impl From<&MapperType> for MapperTypeJson {
    fn from(kind: &MapperType) -> Self {
        Self {
            id: kind.id,
            name: kind.name,
            category: kind.category,
            help_text: kind.help,
            properties: kind.properties,
        }
    }
}
