//! The provisioning log.
use crate::kernel::time::Timestamp;
use crate::platform::row::{Row, StoreError};
use crate::platform::sql::{Sql, Statement};
use crate::realm::page::Page;
use crate::scim::log::{Entry, Outcome, Wanted};

const INSERT: &str = "
    INSERT INTO scim_log (
        at, outcome, method, path, status, scim_type, detail, resource_type, resource_id,
        external_id, user_name, operations, failed, credential, caller, address
    )
    VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
    RETURNING id";

const LIST: &str = "
    SELECT id, at, outcome, method, path, status, scim_type, detail, resource_type, resource_id,
           external_id, user_name, operations, failed, credential, caller, address
      FROM scim_log
     WHERE at >= ? AND at < ?";

const OF_OUTCOME: &str = " AND outcome = ?";

const OF_RESOURCE: &str = " AND resource_id = ?";

const PAGE: &str = " ORDER BY at DESC, id DESC LIMIT ? OFFSET ?";

const FIND_REFUSED: &str = "
    SELECT id
      FROM scim_log
     WHERE outcome = 'refused' AND at > ?
     ORDER BY at DESC, id DESC
     LIMIT 1 OFFSET ?";

const FIND_OLDEST: &str = "SELECT at FROM scim_log WHERE at >= ? ORDER BY at LIMIT 1";

const FIND_NEWEST: &str = "SELECT id FROM scim_log WHERE id > ? ORDER BY id DESC LIMIT 1";

const FIND_EARLIER: &str = "SELECT id FROM scim_log WHERE id < ? LIMIT 1";

const PRUNE: &str = "
    DELETE FROM scim_log
     WHERE id IN (SELECT id FROM scim_log WHERE at < ? ORDER BY at, id LIMIT ?)
    RETURNING id";

const PRUNE_SURPLUS: &str = "
    DELETE FROM scim_log
     WHERE id IN (SELECT id FROM scim_log WHERE id <= ? ORDER BY id LIMIT ?)
    RETURNING id";

/// Before every time that there is.
const EVER: i64 = 0;

/// After it, and within what JavaScript counts exactly.
const FOR_EVER: i64 = 1 << 52;

/// Adds an entry; `true` when it is the first one.
///
/// # Errors
/// `Refused` when SQLite fails.
pub fn insert(sql: &dyn Sql, entry: &Entry) -> Result<bool, StoreError> {
    let statement = Statement::new(INSERT)
        .bind(entry.at)
        .bind(entry.outcome.as_str())
        .bind(entry.method.as_str())
        .bind(entry.path.as_str())
        .bind(i64::from(entry.status))
        .bind(entry.scim_type.as_deref())
        .bind(entry.detail.as_deref())
        .bind(entry.resource_type.as_deref())
        .bind(entry.resource_id.as_deref())
        .bind(entry.external_id.as_deref())
        .bind(entry.user_name.as_deref())
        .bind(entry.operations)
        .bind(entry.failed)
        .bind(entry.credential.as_deref())
        .bind(entry.caller.as_deref())
        .bind(entry.address.as_deref());
    let rows = sql.run(statement)?;
    let Some(row) = rows.first() else { return Ok(false) };
    let earlier = Statement::new(FIND_EARLIER).bind(row.int("id")?);
    Ok(sql.run(earlier)?.is_empty())
}

/// A page of the entries that are wanted, the newest first.
///
/// # Errors
/// `Refused` when SQLite fails.
pub fn list(sql: &dyn Sql, wanted: &Wanted, page: Page) -> Result<Vec<Entry>, StoreError> {
    sql.run(list_statement(wanted, page))?.iter().map(entry_from_row).collect()
}

/// The statement of [`list`].
#[must_use]
pub fn list_statement(wanted: &Wanted, page: Page) -> Statement {
    let from = wanted.from.map_or(EVER, Timestamp::as_unix);
    let to = wanted.to.map_or(FOR_EVER, Timestamp::as_unix);
    let mut statement = Statement::new(LIST).bind(from).bind(to);
    if let Some(outcome) = wanted.outcome {
        statement = statement.push(OF_OUTCOME).bind(outcome.as_str());
    }
    if let Some(resource) = &wanted.resource {
        statement = statement.push(OF_RESOURCE).bind(resource.as_str());
    }
    statement.push(PAGE).bind(page.max).bind(page.first)
}

/// Whether more than `most` refused credentials were written down after `since`.
///
/// # Errors
/// `Refused` when SQLite fails.
pub fn has_refused(sql: &dyn Sql, since: Timestamp, most: i64) -> Result<bool, StoreError> {
    Ok(!sql.run(Statement::new(FIND_REFUSED).bind(since).bind(most))?.is_empty())
}

/// When the oldest entry was written; `None` when there is none.
///
/// # Errors
/// `Refused` when SQLite fails.
pub fn find_oldest(sql: &dyn Sql) -> Result<Option<Timestamp>, StoreError> {
    sql.run(Statement::new(FIND_OLDEST).bind(EVER))?.first().map(|row| row.time("at")).transpose()
}

/// Forgets entries from before `before`, the oldest first, `most` at most; how many.
///
/// # Errors
/// `Refused` when SQLite fails.
pub fn prune(sql: &dyn Sql, before: Timestamp, most: i64) -> Result<usize, StoreError> {
    Ok(sql.run(Statement::new(PRUNE).bind(before).bind(most))?.len())
}

/// Forgets entries beyond the `kept` newest, likewise.
///
/// # Errors
/// `Refused` when SQLite fails.
pub fn prune_surplus(sql: &dyn Sql, kept: i64, most: i64) -> Result<usize, StoreError> {
    let newest = sql.run(Statement::new(FIND_NEWEST).bind(kept))?;
    let Some(newest) = newest.first() else { return Ok(0) };
    let surplus = Statement::new(PRUNE_SURPLUS).bind(newest.int("id")? - kept).bind(most);
    Ok(sql.run(surplus)?.len())
}

fn entry_from_row(row: &Row) -> Result<Entry, StoreError> {
    let text = |column| Ok::<_, StoreError>(row.text_or_null(column)?.map(str::to_owned));
    let number = |column| Ok::<_, StoreError>(row.time_or_null(column)?.map(Timestamp::as_unix));
    let outcome: Result<Outcome, _> = row.text("outcome")?.parse();
    Ok(Entry {
        id: row.int("id")?,
        at: row.time("at")?,
        outcome: outcome.map_err(|()| StoreError::Corrupt { column: "outcome" })?,
        method: row.text("method")?.to_owned(),
        path: row.text("path")?.to_owned(),
        status: u16::try_from(row.int("status")?)
            .map_err(|_| StoreError::Corrupt { column: "status" })?,
        scim_type: text("scim_type")?,
        detail: text("detail")?,
        resource_type: text("resource_type")?,
        resource_id: text("resource_id")?,
        external_id: text("external_id")?,
        user_name: text("user_name")?,
        operations: number("operations")?,
        failed: number("failed")?,
        credential: text("credential")?,
        caller: text("caller")?,
        address: text("address")?,
    })
}
