//! Every SQL statement of the outbox and the audit trail.
use super::Lane;
use crate::kernel::time::Timestamp;
use crate::platform::row::{Row, StoreError};
use crate::platform::sql::{Sql, Statement};

const INSERT_EVENT: &str = "INSERT INTO event (id, at, document) VALUES (?, ?, ?)";

const INSERT: &str = "INSERT INTO outbox (lane, body) VALUES (?, ?)";

const LIST_NEXT: &str = "SELECT number, lane, body FROM outbox ORDER BY number LIMIT ?";

const DELETE_UP_TO: &str = "DELETE FROM outbox WHERE number <= ?";

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

/// The oldest rows, at most `limit`.
///
/// # Errors
/// `Refused` when SQLite fails.
pub fn list_next(sql: &dyn Sql, limit: i64) -> Result<Vec<Entry>, StoreError> {
    sql.run(Statement::new(LIST_NEXT).bind(limit))?.iter().map(entry_from_row).collect()
}

/// Forgets the rows up to `number`: they were told.
///
/// # Errors
/// `Refused` when SQLite fails.
pub fn delete_up_to(sql: &dyn Sql, number: i64) -> Result<(), StoreError> {
    sql.run(Statement::new(DELETE_UP_TO).bind(number)).map(|_| ())
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
