//! What a realm writes down of what happens in it.
use crate::event::user_event::default_types;
use crate::kernel::time::Seconds;
use serde::{Deserialize, Serialize};

/// Keycloak's listeners that there are here. The log is always told.
pub const LISTENERS: &[&str] = &["jboss-logging"];

/// An administrator's choice (Keycloak's events configuration).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct EventSettings {
    /// Whether logins and what else people do is written down; off as in
    /// Keycloak, because it costs a message per login.
    pub events_enabled: bool,
    /// How long that is kept; 0 keeps it for ever.
    pub events_expiration: Seconds,
    /// Who else is told: nobody but [`LISTENERS`], which need no telling.
    pub events_listeners: Vec<String>,
    /// The types that are written down; none named means those that
    /// [`default_types`] has.
    pub enabled_event_types: Vec<String>,
    /// Whether what administrators do is written down; on, unlike Keycloak's: an
    /// audit trail that must be switched on is missing when it is needed.
    pub admin_events_enabled: bool,
    /// Whether the thing they changed is written down with it.
    pub admin_events_details_enabled: bool,
}

impl Default for EventSettings {
    fn default() -> Self {
        Self {
            events_enabled: false,
            events_expiration: Seconds(0),
            events_listeners: LISTENERS.iter().map(|name| (*name).to_owned()).collect(),
            enabled_event_types: Vec::new(),
            admin_events_enabled: true,
            admin_events_details_enabled: true,
        }
    }
}

impl EventSettings {
    /// Whether an event called `kind` is written down.
    #[must_use]
    pub fn wants(&self, kind: &str) -> bool {
        let types = &self.enabled_event_types;
        let named = if types.is_empty() {
            default_types().contains(&kind)
        } else {
            types.iter().any(|known| known == kind)
        };
        self.events_enabled && named
    }
}
