//! Keycloak's JSON of events.
use super::events::{EventSettings, LISTENERS};
use crate::event::audit::AuditEvent;
use crate::event::user_event::{UserEvent, default_types, is_type};
use crate::kernel::id::ClientUuid;
use crate::kernel::time::Seconds;
use crate::web::answer::BadBody;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

/// `AdminEventRepresentation`. Keycloak names the client of the caller by its key;
/// so do we while there is one, and by its `client_id` afterwards.
#[must_use]
pub fn admin_event(event: &AuditEvent, client: Option<&ClientUuid>) -> Value {
    let mut who = json!(event.auth_details);
    if let Some(client) = client {
        who["clientId"] = json!(client);
    }
    let mut body = json!({
        "id": event.id,
        "time": event.time.as_unix_millis(),
        "realmId": event.realm_id,
        "authDetails": who,
        "operationType": event.operation_type,
        "resourceType": event.resource_type,
        "resourcePath": event.resource_path,
    });
    let Some(members) = body.as_object_mut() else { return body };
    if let Some(representation) = &event.representation {
        // Also a text is JSON, with its quotes: Phase Two's ids stand there so.
        let text = representation.to_string();
        members.insert("representation".to_owned(), text.into());
    }
    if let Some(org) = &event.org_id {
        members.insert("details".to_owned(), json!({ "org_id": org }));
    }
    body
}

/// `EventRepresentation`.
#[must_use]
pub fn user_event(event: &UserEvent) -> Value {
    let known = json!({
        "id": event.id,
        "time": event.at.as_unix_millis(),
        "type": event.kind,
        "realmId": event.realm,
        "clientId": event.client,
        "userId": event.user,
        "sessionId": event.session,
        "ipAddress": event.ip,
        "error": event.error,
        "details": event.details,
    });
    match known {
        Value::Object(members) => {
            Value::Object(members.into_iter().filter(|(_, value)| !value.is_null()).collect())
        }
        other => other,
    }
}

/// `RealmEventsConfigRepresentation`.
#[derive(Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default, deny_unknown_fields)]
pub struct EventsConfigJson {
    events_enabled: Option<bool>,
    /// In seconds; 0 keeps events for ever.
    events_expiration: Option<u32>,
    events_listeners: Option<Vec<String>>,
    enabled_event_types: Option<Vec<String>>,
    admin_events_enabled: Option<bool>,
    admin_events_details_enabled: Option<bool>,
}

impl EventsConfigJson {
    /// Its members, which a realm's representation has among its own.
    pub const MEMBERS: [&str; 6] = [
        "eventsEnabled",
        "eventsExpiration",
        "eventsListeners",
        "enabledEventTypes",
        "adminEventsEnabled",
        "adminEventsDetailsEnabled",
    ];

    /// Reads a configuration. What it promises must happen: a listener that is
    /// not there and a type that nobody knows are refused.
    ///
    /// # Errors
    /// `Unrecognized` or `Shape` for anything else.
    pub fn read(body: Map<String, Value>) -> Result<Self, BadBody> {
        let asked: Self = serde_json::from_value(Value::Object(body)).map_err(BadBody::from)?;
        let strange = |names: &Option<Vec<String>>, is_known: fn(&str) -> bool| {
            names.iter().flatten().find(|name| !is_known(name)).cloned()
        };
        if let Some(name) = strange(&asked.events_listeners, |name| LISTENERS.contains(&name)) {
            return Err(BadBody::Shape(format!("eventsListeners: there is no listener {name}")));
        }
        if let Some(name) = strange(&asked.enabled_event_types, is_type) {
            return Err(BadBody::Shape(format!("enabledEventTypes: there is no type {name}")));
        }
        Ok(asked)
    }

    /// The settings as they are sent: where no type is named, those that are
    /// written down then.
    #[must_use]
    pub fn of(settings: &EventSettings) -> Self {
        let mut types = settings.enabled_event_types.clone();
        if types.is_empty() {
            types = default_types().into_iter().map(str::to_owned).collect();
        }
        Self {
            events_enabled: Some(settings.events_enabled),
            events_expiration: Some(settings.events_expiration.0),
            events_listeners: Some(settings.events_listeners.clone()),
            enabled_event_types: Some(types),
            admin_events_enabled: Some(settings.admin_events_enabled),
            admin_events_details_enabled: Some(settings.admin_events_details_enabled),
        }
    }

    /// The settings after this was received: what it does not name stays.
    #[must_use]
    pub fn applied_to(self, old: &EventSettings) -> EventSettings {
        let old = old.clone();
        EventSettings {
            events_enabled: self.events_enabled.unwrap_or(old.events_enabled),
            events_expiration: self.events_expiration.map_or(old.events_expiration, Seconds),
            events_listeners: self.events_listeners.unwrap_or(old.events_listeners),
            enabled_event_types: self.enabled_event_types.unwrap_or(old.enabled_event_types),
            admin_events_enabled: self.admin_events_enabled.unwrap_or(old.admin_events_enabled),
            admin_events_details_enabled: self
                .admin_events_details_enabled
                .unwrap_or(old.admin_events_details_enabled),
        }
    }
}
