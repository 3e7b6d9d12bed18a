//! Components as Keycloak's administration API writes them
//! (`ComponentRepresentation` and `ComponentTypeRepresentation`). A value of the
//! configuration is a list of one text.
use super::component::{KEY_PROVIDER, KeyProvider, id_of, provider_of};
use super::error::AdminError;
use super::key::RealmKey;
use super::settings::Realm;
use super::wire_keycloak_scope::text_of;
use serde::Deserialize;
use serde::de::IgnoredAny;
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// The component that a key is; nothing of the key itself. A retired key is not
/// active: another one took its place.
#[must_use]
pub fn component(key: &RealmKey, realm: &Realm) -> Value {
    let (settings, provider) = (&key.settings, provider_of(key.algorithm));
    let is_active = settings.active && key.retired_at.is_none();
    let decided = [
        ("priority", settings.priority.to_string()),
        ("enabled", settings.enabled.to_string()),
        ("active", is_active.to_string()),
    ];
    let fixed = provider.fixed.iter().map(|(name, value)| (*name, (*value).to_owned()));
    let config: BTreeMap<&str, [String; 1]> =
        decided.into_iter().chain(fixed).map(|(name, value)| (name, [value])).collect();
    json!({
        "id": id_of(key),
        "name": name_of(key),
        "providerId": provider.id,
        "providerType": KEY_PROVIDER,
        "parentId": realm.id,
        "config": config,
    })
}

/// The name of the component that `key` is.
#[must_use]
pub fn name_of(key: &RealmKey) -> &str {
    key.settings.name.as_deref().unwrap_or(provider_of(key.algorithm).id)
}

/// What makes keys, as a form asks for what it is told.
#[must_use]
pub fn component_type(provider: &KeyProvider) -> Value {
    json!({
        "id": provider.id,
        "helpText": provider.help,
        "properties": provider.properties,
        "metadata": {},
    })
}

/// A component, as sent.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ComponentChangeJson {
    /// A key names itself.
    #[serde(default, rename = "id")]
    _id: IgnoredAny,
    /// For people.
    pub name: Option<String>,
    /// What makes it.
    pub provider_id: Option<String>,
    /// What it is.
    pub provider_type: Option<String>,
    /// The realm.
    pub parent_id: Option<String>,
    #[serde(default, rename = "subType")]
    _sub_type: IgnoredAny,
    /// What it is told. What its type does not know is passed over, as by
    /// Keycloak.
    #[serde(default)]
    pub config: BTreeMap<String, Value>,
}

impl ComponentChangeJson {
    /// The one value of `name`: a list of it, or it alone.
    ///
    /// # Errors
    /// `Invalid` for several, and for what is no text.
    pub fn value(&self, name: &str) -> Result<Option<String>, AdminError> {
        let one = match self.config.get(name) {
            Some(Value::Array(values)) if values.len() < 2 => values.first(),
            other => other,
        };
        match one {
            None | Some(Value::Null) => Ok(None),
            Some(value) => text_of(value.clone())
                .map(Some)
                .ok_or_else(|| AdminError::Invalid(format!("'{name}' should be one value"))),
        }
    }
}
