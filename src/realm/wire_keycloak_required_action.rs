//! Required actions as Keycloak's administration API writes them
//! (`RequiredActionProviderRepresentation`).
use super::required_action::ActionSettings;
use super::user::RequiredAction;
use serde::Deserialize;
use serde::de::IgnoredAny;
use serde_json::{Map, Value, json};

/// An action of the realm. None of ours takes a configuration.
#[must_use]
pub fn action(action: RequiredAction, decided: &ActionSettings) -> Value {
    json!({
        "alias": action.as_str(),
        "name": decided.name,
        "providerId": action.as_str(),
        "enabled": decided.enabled,
        "defaultAction": decided.default_action,
        "priority": decided.priority,
        "config": {},
    })
}

/// An action, as sent to change one. What is not named stays.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ActionChangeJson {
    /// In URLs.
    pub alias: Option<String>,
    /// What does it.
    pub provider_id: Option<String>,
    /// For people.
    pub name: Option<String>,
    /// Whether a login asks for it.
    pub enabled: Option<bool>,
    /// Whether everybody who is new owes it.
    pub default_action: Option<bool>,
    /// The lower comes first.
    pub priority: Option<i32>,
    /// What it is told.
    #[serde(default)]
    pub config: Option<Map<String, Value>>,
}

/// The configuration of an action, as sent.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ActionConfigJson {
    /// What it is told.
    pub config: Option<Map<String, Value>>,
}

/// An action that the realm shall have again.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct RegistrationJson {
    /// Which.
    pub provider_id: Option<String>,
    /// For people.
    pub name: Option<String>,
    #[serde(default, rename = "alias")]
    _alias: IgnoredAny,
}
