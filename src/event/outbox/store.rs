//! Every SQL statement of the outbox and the audit trail.
use super::Lane;
use crate::kernel::time::Timestamp;
use crate::platform::row::{Row, StoreError};
use crate::platform::sql::{Sql, Statement};

const INSERT_EVENT: &str = "INSERT INTO event (id, at, document) VALUES (?, ?, ?)";

const INSERT: &str = "INSERT INTO outbox (lane, body) VALUES (?, ?)";

const LIST_AFTER: &str =
    "SELECT number, lane, body FROM outbox WHERE number > ? ORDER BY number LIMIT ?";

const DELETE_TOLD: &str = "DELETE FROM outbox WHERE number BETWEEN ? AND ?";

/// A row that was not told yet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// Grows with every row and is never used again, so it can order states.
    pub number: i64,
    /// To whom.
    pub lane: Lane,
    /// What, as JSON.
    pub body: String,
}

pub(super) fn insert_event(
    sql: &dyn Sql,
    id: &str,
    at: Timestamp,
    document: &str,
) -> Result<(), StoreError> {
    sql.run(Statement::new(INSERT_EVENT).bind(id).bind(at).bind(document)).map(|_| ())
}

pub(super) fn insert(sql: &dyn Sql, lane: Lane, body: &str) -> Result<(), StoreError> {
    let lane = match lane {
        Lane::Directory => "directory",
        Lane::Queue => "queue",
    };
    sql.run(Statement::new(INSERT).bind(lane).bind(body)).map(|_| ())
}

/// The oldest rows with a higher number than `after`, at most `limit`.
///
/// # Errors
/// `Refused` when SQLite fails.
pub fn list_after(sql: &dyn Sql, after: i64, limit: i64) -> Result<Vec<Entry>, StoreError> {
    let statement = Statement::new(LIST_AFTER).bind(after).bind(limit);
    sql.run(statement)?.iter().map(entry_from_row).collect()
}

/// Forgets the rows from `first` to `last`: they were told.
///
/// # Errors
/// `Refused` when SQLite fails.
pub fn delete_told(sql: &dyn Sql, (first, last): (i64, i64)) -> Result<(), StoreError> {
    sql.run(Statement::new(DELETE_TOLD).bind(first).bind(last)).map(|_| ())
}

fn entry_from_row(row: &Row) -> Result<Entry, StoreError> {
    Ok(Entry {
        number: row.int("number")?,
        lane: match row.text("lane")? {
            "directory" => Lane::Directory,
            "queue" => Lane::Queue,
            _ => return Err(StoreError::Corrupt { column: "lane" }),
        },
        body: row.text("body")?.to_owned(),
    })
}
