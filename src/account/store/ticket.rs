//! Links of mails that were used.
use crate::kernel::time::Timestamp;
use crate::platform::row::StoreError;
use crate::platform::sql::{Sql, Statement};

const MARK_USED: &str = "
    INSERT INTO used_ticket (id, expires_at) VALUES (?, ?)
    ON CONFLICT (id) DO NOTHING
    RETURNING id";

const FIND: &str = "SELECT id FROM used_ticket WHERE id = ?";

const DELETE_EXPIRED: &str = "
    DELETE FROM used_ticket
     WHERE id IN (SELECT id FROM used_ticket WHERE expires_at <= ? LIMIT ?)";

/// Remembers that a ticket was used, until nobody could use it anyway. `false`
/// when it was used before.
pub fn mark_used(sql: &dyn Sql, id: &str, expires_at: Timestamp) -> Result<bool, StoreError> {
    Ok(!sql.run(Statement::new(MARK_USED).bind(id).bind(expires_at))?.is_empty())
}

/// Whether a ticket was used.
pub fn is_used(sql: &dyn Sql, id: &str) -> Result<bool, StoreError> {
    Ok(!sql.run(Statement::new(FIND).bind(id))?.is_empty())
}

/// Forgets tickets that are over at `now`, at most `limit`.
pub fn delete_expired(sql: &dyn Sql, now: Timestamp, limit: i64) -> Result<(), StoreError> {
    sql.run(Statement::new(DELETE_EXPIRED).bind(now).bind(limit)).map(|_| ())
}
