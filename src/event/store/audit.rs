//! The index of audit events.
use super::to_json;
use crate::event::audit::AuditEvent;
use crate::event::filter::{AuditFilter, Window};
use crate::kernel::id::{OrgId, RealmId};
use crate::platform::directory::Directory;
use crate::platform::row::StoreError;
use crate::platform::sql::Statement;

/// Where the realm writes admin events down at all, and without the thing that
/// changed where it does not want that (`realm::events::EventSettings`).
const INSERT: &str = "
    INSERT INTO event (id, realm_id, org_id, at, document)
    SELECT ?, ?, ?, ?,
           json_remove(?, CASE (SELECT json_extract(settings,
                                                    '$.events.admin_events_details_enabled')
                                  FROM realm WHERE id = ?)
                               WHEN 0 THEN '$.representation' ELSE '$.nothing' END)
     WHERE NOT EXISTS (SELECT 1 FROM realm
                        WHERE id = ?
                          AND json_extract(settings, '$.events.admin_events_enabled') = 0)";

const ONCE: &str = " ON CONFLICT (id) DO NOTHING";

const LIST: &str = "SELECT document FROM event WHERE realm_id = ?";

/// The first of each operation, in the order of an index, and of these the first:
/// the work grows with the page, not with what the types have in all.
const LIST_OF_OPERATIONS: &str = "
    SELECT event.document
      FROM json_each(?) AS operations
      JOIN event ON event.rowid IN (
           SELECT one.rowid FROM event AS one
            WHERE one.realm_id = ? AND one.operation = operations.value";

const LIST_OF_TYPES: &str = "
    SELECT event.document
      FROM json_each(?) AS kinds
      JOIN event ON event.rowid IN (
           SELECT one.rowid FROM event AS one
            WHERE one.realm_id = ? AND one.resource_type = kinds.value";

const LIST_OF_BOTH: &str = "
    SELECT event.document
      FROM json_each(?) AS operations, json_each(?) AS kinds
      JOIN event ON event.rowid IN (
           SELECT one.rowid FROM event AS one
            WHERE one.realm_id = ? AND one.operation = operations.value
              AND one.resource_type = kinds.value";

const NEWEST_OF_EACH: &str = " ORDER BY one.at DESC, one.rowid DESC LIMIT ?)";

const OLDEST_OF_EACH: &str = " ORDER BY one.at, one.rowid LIMIT ?)";

const NEWEST_FIRST: &str = " ORDER BY event.at DESC, event.rowid DESC LIMIT ? OFFSET ?";

const OLDEST_FIRST: &str = " ORDER BY event.at, event.rowid LIMIT ? OFFSET ?";

const BELOW_PATH: &str = "
       AND rowid IN (SELECT rowid FROM event
                      WHERE realm_id = ? AND resource_path >= ? AND resource_path < ?)";

const DELETE: &str = "
    DELETE FROM event
     WHERE rowid IN (SELECT rowid FROM event WHERE realm_id = ? LIMIT ?)";

const FIND_ANY: &str = "SELECT id FROM event WHERE realm_id = ? LIMIT 1";

/// Most rows deleted in one statement: what D1 does in well under its limit of
/// 30 seconds.
const DELETE_ROWS: i64 = 10_000;

/// The statement that puts an event into the index, unless it is there: for the
/// transaction of a change that the directory itself keeps.
///
/// # Errors
/// `Refused` when the event cannot be written as JSON.
pub fn insertion(event: &AuditEvent) -> Result<Statement, StoreError> {
    Ok(inserting(event)?.push(ONCE))
}

/// The same, if `condition` holds when it runs.
///
/// # Errors
/// As [`insertion`].
pub fn insertion_where(event: &AuditEvent, condition: Statement) -> Result<Statement, StoreError> {
    Ok(inserting(event)?.push(" AND ").join(condition).push(ONCE))
}

fn inserting(event: &AuditEvent) -> Result<Statement, StoreError> {
    Ok(Statement::new(INSERT)
        .bind(event.id.as_str())
        .bind(event.realm_id.as_str())
        .bind(event.org_id.as_ref().map(OrgId::as_str))
        .bind(event.time)
        .bind(to_json(event)?)
        .bind(event.realm_id.as_str())
        .bind(event.realm_id.as_str()))
}

/// A part of the realm's events that fit the question.
///
/// # Errors
/// `Refused` when the directory fails.
pub async fn list(
    directory: &dyn Directory,
    realm: &RealmId,
    filter: &AuditFilter,
    window: &Window,
) -> Result<Vec<AuditEvent>, StoreError> {
    let (operations, kinds) = (&filter.operations, &filter.resource_types);
    let lists = !operations.is_empty() || !kinds.is_empty();
    let start = match (operations.is_empty(), kinds.is_empty()) {
        (true, true) => Statement::new(LIST),
        (false, true) => Statement::new(LIST_OF_OPERATIONS).bind(to_json(operations)?),
        (true, false) => Statement::new(LIST_OF_TYPES).bind(to_json(kinds)?),
        (false, false) => {
            Statement::new(LIST_OF_BOTH).bind(to_json(operations)?).bind(to_json(kinds)?)
        }
    };
    let mut statement = conditions(start.bind(realm.as_str()), realm, filter);
    statement = within(statement, window);
    if lists {
        let each = if window.ascending { OLDEST_OF_EACH } else { NEWEST_OF_EACH };
        statement = statement.push(each).bind(window.first.saturating_add(window.max));
    }
    let order = if window.ascending { OLDEST_FIRST } else { NEWEST_FIRST };
    let statement = statement.push(order).bind(window.max).bind(window.first);
    directory.run(statement).await?.iter().map(|row| row.json("document")).collect()
}

fn conditions(statement: Statement, realm: &RealmId, filter: &AuditFilter) -> Statement {
    let equal = [
        (" AND auth_realm = ?", &filter.realm),
        (" AND auth_client = ?", &filter.client),
        (" AND auth_user = ?", &filter.user),
        (" AND auth_ip = ?", &filter.ip),
    ];
    let statement = equal.into_iter().fold(statement, |statement, (fragment, value)| match value {
        Some(value) => statement.push(fragment).bind(value.as_str()),
        None => statement,
    });
    match &filter.path {
        Some(path) => on_path(statement, realm, path),
        None => statement,
    }
}

/// `*` stands for anything. (What stands between two of them may come in any
/// order; D1 bounds patterns of `LIKE` and `GLOB` to 50 bytes, so it is not
/// asked for them.)
fn on_path(statement: Statement, realm: &RealmId, path: &str) -> Statement {
    let Some((start, rest)) = path.split_once('*') else {
        return statement.push(" AND resource_path = ?").bind(path);
    };
    let mut statement = statement;
    if !start.is_empty() {
        let end = format!("{start}{}", char::MAX);
        statement = statement.push(BELOW_PATH).bind(realm.as_str()).bind(start).bind(end);
    }
    let (middle, end) = rest.rsplit_once('*').unwrap_or(("", rest));
    for part in middle.split('*').filter(|part| !part.is_empty()) {
        statement = statement.push(" AND instr(resource_path, ?) > 0").bind(part);
    }
    if !end.is_empty() {
        let ends = " AND substr(resource_path, -length(?)) = ?";
        statement = statement.push(ends).bind(end).bind(end);
    }
    statement
}

fn within(statement: Statement, window: &Window) -> Statement {
    let mut statement = statement;
    if let Some(from) = window.from {
        statement = statement.push(" AND at >= ?").bind(from);
    }
    if let Some(to) = window.to {
        statement = statement.push(" AND at <= ?").bind(to);
    }
    statement
}

/// Forgets every event of the realm.
///
/// # Errors
/// `Refused` when the directory fails; some may be forgotten then.
pub async fn delete_all(directory: &dyn Directory, realm: &RealmId) -> Result<(), StoreError> {
    loop {
        let deletion = Statement::new(DELETE).bind(realm.as_str()).bind(DELETE_ROWS);
        let look = Statement::new(FIND_ANY).bind(realm.as_str());
        let answers = directory.batch(vec![deletion, look]).await?;
        if answers.last().is_none_or(Vec::is_empty) {
            return Ok(());
        }
    }
}
