//! The outbox of an organization's object: told later, in order, at least once.
mod store;

use super::audit::AuditEvent;
use super::message::{Envelope, IndexEvent, Message};
use crate::platform::row::StoreError;
use crate::platform::sql::Sql;
use serde::Serialize;
use serde_json::Value;

pub use store::{Entry, delete_told, list_after};

/// Most rows told in one go: one D1 batch and one queue call.
pub const DRAIN_ROWS: i64 = 100;

/// To whom a row is addressed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Lane {
    /// A projection into the directory.
    Directory,
    /// A message for the queue.
    Queue,
}

/// Writes the audit event of a change, and the request to index it. Belongs in
/// the transaction of the change.
///
/// # Errors
/// `Refused` when SQLite fails.
pub fn record(sql: &dyn Sql, event: &AuditEvent) -> Result<(), StoreError> {
    store::insert_event(sql, event.id.as_str(), event.time, &to_text(event)?)?;
    tell(sql, &IndexEvent(event.clone()))
}

/// Puts a message for the queue into the outbox.
///
/// # Errors
/// `Refused` when SQLite fails.
pub fn tell<M: Message>(sql: &dyn Sql, message: &M) -> Result<(), StoreError> {
    let envelope = Envelope::seal(message).map_err(unwritable)?;
    store::insert(sql, Lane::Queue, &to_text(&envelope)?)
}

/// Puts a projection into the outbox; its kind and meaning are the owner's.
///
/// # Errors
/// `Refused` when SQLite fails.
pub fn project(sql: &dyn Sql, projection: &impl Serialize) -> Result<(), StoreError> {
    store::insert(sql, Lane::Directory, &to_text(projection)?)
}

fn to_text(value: &impl Serialize) -> Result<String, StoreError> {
    serde_json::to_string(value).map_err(unwritable)
}

#[expect(clippy::needless_pass_by_value, reason = "used as a function in map_err")]
fn unwritable(error: serde_json::Error) -> StoreError {
    StoreError::Refused(error.to_string())
}

impl Entry {
    /// The row's JSON.
    ///
    /// # Errors
    /// `Corrupt` when it is not JSON.
    pub fn value(&self) -> Result<Value, StoreError> {
        serde_json::from_slice(self.body.as_bytes())
            .map_err(|_| StoreError::Corrupt { column: "body" })
    }
}
