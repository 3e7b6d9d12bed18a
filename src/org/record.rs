//! Writing down what changed.
use super::organization::Organization;
use super::visit::Visit;
use crate::event::audit::{self, AuditEvent, Change};
use crate::event::outbox;
use crate::kernel::id::{OrgId, RealmId};
use crate::kernel::time::Timestamp;
use crate::platform::ObjectPorts;
use crate::platform::random::Random;
use crate::platform::row::StoreError;
use crate::platform::sql::Sql;

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

    /// The scene of what is done to `organization` in its object without a visit.
    #[must_use]
    pub fn inside(
        object: &'a ObjectPorts<'_>,
        organization: &'a Organization,
        now: Timestamp,
        actor: audit::Actor,
    ) -> Self {
        Self {
            sql: object.sql,
            random: &*object.ports.random,
            now,
            realm: &organization.realm,
            org: &organization.id,
            actor,
        }
    }
}

/// Writes the audit event of a change: call it in the change's transaction.
///
/// # Errors
/// `Refused` when SQLite fails.
pub fn record(scene: &Scene<'_>, change: Change) -> Result<(), StoreError> {
    let place = audit::Place { realm: scene.realm, org: Some(scene.org) };
    let event = AuditEvent::new(scene.random, scene.now, place, scene.actor.clone(), change);
    outbox::record(scene.sql, &event)
}
