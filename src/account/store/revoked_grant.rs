//! Grants to clients that were revoked.
use crate::kernel::id::SessionId;
use crate::kernel::time::Timestamp;
use crate::platform::row::StoreError;
use crate::platform::sql::{Sql, Statement};

const MARK: &str = "
    INSERT INTO revoked_grant (session_id, client_id, revoked_at, expires_at)
    VALUES (?, ?, ?, ?)
    ON CONFLICT (session_id, client_id)
    DO UPDATE SET revoked_at = excluded.revoked_at, expires_at = excluded.expires_at";

const FIND: &str = "SELECT revoked_at FROM revoked_grant WHERE session_id = ? AND client_id = ?";

const DELETE_EXPIRED: &str = "
    DELETE FROM revoked_grant
     WHERE (session_id, client_id) IN
           (SELECT session_id, client_id FROM revoked_grant WHERE expires_at <= ? LIMIT ?)";

/// Remembers that what was granted to the client in the session was revoked at
/// `now`, until `expires_at`.
pub fn mark(
    sql: &dyn Sql,
    (session, client_id): (&SessionId, &str),
    now: Timestamp,
    expires_at: Timestamp,
) -> Result<(), StoreError> {
    let statement =
        Statement::new(MARK).bind(session.as_str()).bind(client_id).bind(now).bind(expires_at);
    sql.run(statement).map(|_| ())
}

/// When it was revoked, if it was.
pub fn find(
    sql: &dyn Sql,
    session: &SessionId,
    client_id: &str,
) -> Result<Option<Timestamp>, StoreError> {
    let rows = sql.run(Statement::new(FIND).bind(session.as_str()).bind(client_id))?;
    rows.first().map(|row| row.time("revoked_at")).transpose()
}

/// Forgets what is over at `now`, at most `limit`.
pub fn delete_expired(sql: &dyn Sql, now: Timestamp, limit: i64) -> Result<(), StoreError> {
    sql.run(Statement::new(DELETE_EXPIRED).bind(now).bind(limit)).map(|_| ())
}
