//! Audit events, in the words of Keycloak's admin events
//! (reference phasetwo.md §6.1).
use super::redact::redacted;
use crate::kernel::id::{EventId, OrgId, RealmId, UserId};
use crate::kernel::time::Timestamp;
use crate::platform::random::Random;
use serde::{Deserialize, Serialize};

/// What was done to a resource.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
pub enum Operation {
    /// It was made.
    Create,
    /// It was changed.
    Update,
    /// It was removed.
    Delete,
    /// Something else was done with it, such as accepting an invitation.
    Action,
}

/// Who did it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Actor {
    /// The realm whose token was presented.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub realm_id: Option<RealmId>,
    /// The client that presented it; `scim` for the organization's directory.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub client_id: Option<String>,
    /// The person or service account.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub user_id: Option<UserId>,
    /// The address the request came from.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ip_address: Option<String>,
}

/// What changed, in the words of Keycloak's and Phase Two's admin events.
pub struct Change {
    /// Such as `ORGANIZATION_MEMBERSHIP`.
    pub resource_type: &'static str,
    /// What was done.
    pub operation: Operation,
    /// Such as `orgs/{id}/members/{id}`.
    pub path: String,
    /// The thing as JSON, without secrets.
    pub representation: Option<serde_json::Value>,
}

/// Where a change happens.
#[derive(Clone, Copy, Debug)]
pub struct Place<'a> {
    /// The realm.
    pub realm: &'a RealmId,
    /// The organization; `None` for what belongs to the realm.
    pub org: Option<&'a OrgId>,
}

/// One change, as it is kept in the organization and in the directory's index.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct AuditEvent {
    /// Unique; the index ignores an event it has seen.
    pub id: EventId,
    /// When, in Unix seconds.
    pub time: Timestamp,
    /// The realm of the resource.
    pub realm_id: RealmId,
    /// The organization of the resource.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub org_id: Option<OrgId>,
    /// Who.
    pub auth_details: Actor,
    /// What kind of thing, such as `ORGANIZATION_MEMBERSHIP`.
    pub resource_type: String,
    /// What was done to it.
    pub operation_type: Operation,
    /// Which thing, such as `orgs/{id}/members/{id}`.
    pub resource_path: String,
    /// The thing as JSON, without secrets.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub representation: Option<serde_json::Value>,
}

impl AuditEvent {
    /// The event that tells of `change`, which `actor` makes `now`. No secret gets
    /// in ([`redacted`]).
    #[must_use]
    pub fn new(
        random: &dyn Random,
        now: Timestamp,
        place: Place<'_>,
        actor: Actor,
        change: Change,
    ) -> Self {
        Self {
            id: EventId::from(random.uuid()),
            time: now,
            realm_id: place.realm.clone(),
            org_id: place.org.cloned(),
            auth_details: actor,
            resource_type: change.resource_type.to_owned(),
            operation_type: change.operation,
            resource_path: change.path,
            representation: change.representation.map(redacted),
        }
    }
}
