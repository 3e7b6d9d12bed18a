//! Telling the directory and the queue what the organization decided.
use super::organization::Organization;
use crate::event::outbox::{self, DRAIN_ROWS, Entry, Lane};
use crate::kernel::id::UserId;
use crate::platform::ObjectPorts;
use crate::platform::row::StoreError;
use crate::platform::sql::{Sql, Statement};
use crate::realm::store::membership::{self, MembershipState};
use serde::{Deserialize, Serialize};

/// A state to project into the directory.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "kind")]
pub enum Projection {
    /// Whether a person belongs to the organization.
    Membership {
        /// The person.
        user: UserId,
        /// Whether they do.
        present: bool,
    },
}

/// Puts the state of a membership into the outbox: call it in the transaction
/// that changes it.
///
/// # Errors
/// `Refused` when SQLite fails.
pub fn membership(sql: &dyn Sql, user: &UserId, present: bool) -> Result<(), StoreError> {
    outbox::project(sql, &Projection::Membership { user: user.clone(), present })
}

/// Empties the outbox. Safe to run twice at once, or again after a crash at any
/// point: the directory keeps the newest state by number, and the queue's
/// consumer knows each event's id.
///
/// # Errors
/// When the directory or the queue fails; what was not told stays.
pub async fn drain(
    object: &ObjectPorts<'_>,
    organization: &Organization,
) -> Result<(), StoreError> {
    loop {
        let entries = outbox::list_next(object.sql, DRAIN_ROWS)?;
        let Some(last) = entries.last().map(|entry| entry.number) else { return Ok(()) };
        object.ports.faults.reach("org.outbox.before_drain").await;
        let mut statements = Vec::new();
        let mut messages = Vec::new();
        for entry in entries {
            match entry.lane {
                Lane::Directory => statements.push(statement_of(organization, &entry)?),
                Lane::Queue => messages.push(entry.body),
            }
        }
        if !statements.is_empty() {
            object.ports.directory.batch(statements).await?;
        }
        object.ports.faults.reach("org.outbox.after_directory").await;
        if !messages.is_empty() {
            object.ports.queue.send(messages).await?;
        }
        outbox::delete_up_to(object.sql, last)?;
    }
}

fn statement_of(organization: &Organization, entry: &Entry) -> Result<Statement, StoreError> {
    let projection = serde_json::from_value(entry.value()?)
        .map_err(|_| StoreError::Corrupt { column: "body" })?;
    match projection {
        Projection::Membership { user, present } => Ok(membership::projection(&MembershipState {
            realm: &organization.realm,
            user: &user,
            org: &organization.id,
            present,
            version: entry.number,
        })),
    }
}
