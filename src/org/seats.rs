//! Many people put into a group, or taken out of it, at once: one statement, however
//! many they are, and an audit trail that stays readable.
use super::group::{path_of, seated};
use super::record::{Scene, record};
use super::store;
use crate::event::audit::{Change, Operation};
use crate::kernel::id::UserId;
use crate::platform::row::StoreError;
use crate::realm::group::Group;
use serde_json::json;
use std::collections::BTreeSet;

/// Up to so many changes are told one by one, as single ones are.
pub const TOLD_APART: usize = 20;

/// Most people that one event names, of each kind; it counts the others.
pub const MAX_NAMED: usize = 500;

/// Who came into a group and who left it, in one transaction. Who did both did
/// neither.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Seats {
    added: BTreeSet<UserId>,
    removed: BTreeSet<UserId>,
}

impl Seats {
    /// Puts the members `users` into `group`, in the transaction of the caller; whether
    /// anybody was not in it.
    ///
    /// # Errors
    /// `Refused` when SQLite fails; `Dangling` when one is no member.
    pub fn fill(
        &mut self,
        scene: &Scene<'_>,
        group: &Group,
        users: &[UserId],
    ) -> Result<bool, StoreError> {
        let added = store::group_member::insert_many(scene.sql, &group.id, users)?;
        let anybody = !added.is_empty();
        for user in added {
            if !self.removed.remove(&user) {
                self.added.insert(user);
            }
        }
        Ok(anybody)
    }

    /// Takes `users` out of `group`, likewise; whether anybody was in it.
    ///
    /// # Errors
    /// `Refused` when SQLite fails.
    pub fn clear(
        &mut self,
        scene: &Scene<'_>,
        group: &Group,
        users: &[UserId],
    ) -> Result<bool, StoreError> {
        let removed = store::group_member::delete_many(scene.sql, &group.id, users)?;
        let anybody = !removed.is_empty();
        for user in removed {
            if !self.added.remove(&user) {
                self.removed.insert(user);
            }
        }
        Ok(anybody)
    }

    /// Writes the audit events of all that: of a few people, one for each, as when
    /// they come and go alone; of many, one that names [`MAX_NAMED`] of each kind and
    /// counts all.
    ///
    /// # Errors
    /// `Refused` when SQLite fails.
    pub fn tell(&self, scene: &Scene<'_>, group: &Group) -> Result<(), StoreError> {
        if self.added.len() + self.removed.len() > TOLD_APART {
            return self.tell_together(scene, group);
        }
        let told = |operation, users: &BTreeSet<UserId>| {
            users.iter().try_for_each(|user| seated(scene, operation, group, user))
        };
        told(Operation::Delete, &self.removed)?;
        told(Operation::Create, &self.added)
    }

    fn tell_together(&self, scene: &Scene<'_>, group: &Group) -> Result<(), StoreError> {
        fn named(users: &BTreeSet<UserId>) -> Vec<&UserId> {
            users.iter().take(MAX_NAMED).collect()
        }
        let change = Change {
            resource_type: "ORGANIZATION_GROUP_MEMBERSHIP",
            operation: Operation::Update,
            path: format!("{}/members", path_of(scene, group)),
            representation: Some(json!({
                "id": group.id,
                "name": group.name,
                "added": named(&self.added),
                "addedCount": self.added.len(),
                "removed": named(&self.removed),
                "removedCount": self.removed.len(),
            })),
        };
        record(scene, change)
    }
}
