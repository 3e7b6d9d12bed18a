//! The index of events in the directory: what happened in a whole realm.
use super::audit::AuditEvent;
use crate::kernel::id::OrgId;
use crate::platform::directory::Directory;
use crate::platform::row::StoreError;
use crate::platform::sql::Statement;

const INSERT: &str = "
    INSERT INTO event (id, realm_id, org_id, at, document)
    VALUES (?, ?, ?, ?, ?)
    ON CONFLICT (id) DO NOTHING";

/// Puts events into the index, unless they are there: all of them, or none.
///
/// # Errors
/// `Refused` when the directory fails.
pub async fn insert_all(
    directory: &dyn Directory,
    events: impl Iterator<Item = &AuditEvent>,
) -> Result<(), StoreError> {
    let statements = events.map(insertion).collect::<Result<Vec<_>, _>>()?;
    if statements.is_empty() {
        return Ok(());
    }
    directory.batch(statements).await.map(|_| ())
}

/// The statement that puts an event into the index, unless it is there: for the
/// transaction of a change that the directory itself keeps.
///
/// # Errors
/// `Refused` when the event cannot be written as JSON.
pub fn insertion(event: &AuditEvent) -> Result<Statement, StoreError> {
    let document =
        serde_json::to_string(event).map_err(|error| StoreError::Refused(error.to_string()))?;
    Ok(Statement::new(INSERT)
        .bind(event.id.as_str())
        .bind(event.realm_id.as_str())
        .bind(event.org_id.as_ref().map(OrgId::as_str))
        .bind(event.time)
        .bind(document))
}
