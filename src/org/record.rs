//! Writing down what changed.
use super::visit::Visit;
use crate::event::audit::{self, AuditEvent, Operation};
use crate::event::outbox;
use crate::kernel::id::{EventId, OrgId, RealmId};
use crate::kernel::time::Timestamp;
use crate::platform::random::Random;
use crate::platform::row::StoreError;
use crate::platform::sql::Sql;
use serde_json::Value;

/// What changed, in the words of Phase Two's admin events.
pub struct Change {
    /// Such as `ORGANIZATION_MEMBERSHIP`.
    pub resource_type: &'static str,
    /// What was done.
    pub operation: Operation,
    /// Such as `orgs/{id}/members/{id}`.
    pub path: String,
    /// The thing as JSON, without secrets.
    pub representation: Option<Value>,
}

/// Where and when a change happens, and who makes it.
pub struct Scene<'a> {
    /// The object's database.
    pub sql: &'a dyn Sql,
    /// For the event's id.
    pub random: &'a dyn Random,
    /// When.
    pub now: Timestamp,
    /// In which realm.
    pub realm: &'a RealmId,
    /// In which organization.
    pub org: &'a OrgId,
    /// By whom.
    pub actor: audit::Actor,
}

impl<'a> Scene<'a> {
    /// The scene of a visit.
    #[must_use]
    pub fn of(visit: &'a Visit<'a>) -> Self {
        Self {
            sql: visit.sql(),
            random: &*visit.object.ports.random,
            now: visit.now,
            realm: &visit.visitor.realm.id,
            org: &visit.organization.id,
            actor: visit.audit_actor(),
        }
    }
}

/// Writes the audit event of a change: call it in the change's transaction.
///
/// # Errors
/// `Refused` when SQLite fails.
pub fn record(scene: &Scene<'_>, change: Change) -> Result<(), StoreError> {
    let event = AuditEvent {
        id: EventId::from(scene.random.uuid()),
        time: scene.now,
        realm_id: scene.realm.clone(),
        org_id: Some(scene.org.clone()),
        auth_details: scene.actor.clone(),
        resource_type: change.resource_type.to_owned(),
        operation_type: change.operation,
        resource_path: change.path,
        representation: change.representation,
    };
    outbox::record(scene.sql, &event)
}
