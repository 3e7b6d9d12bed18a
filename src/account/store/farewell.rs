//! Clients that are to be told that a session ended.
use crate::account::farewell::Farewell;
use crate::account::stage::Account;
use crate::kernel::id::SessionId;
use crate::kernel::time::Timestamp;
use crate::platform::row::StoreError;
use crate::platform::sql::{Sql, Statement};

const INSERT: &str = "
    INSERT INTO farewell (session_id, client_id, ended_at)
    SELECT session_id, client_id, ? FROM session_client WHERE session_id = ?
    ON CONFLICT DO NOTHING";

const INSERT_ONE: &str = "
    INSERT INTO farewell (session_id, client_id, ended_at)
    VALUES (?, ?, ?)
    ON CONFLICT DO NOTHING";

const EXISTS: &str = "SELECT session_id FROM farewell WHERE session_id > '' LIMIT 1";

const LIST: &str =
    "SELECT session_id, client_id, ended_at FROM farewell WHERE session_id > '' LIMIT ?";

const DELETE: &str = "DELETE FROM farewell WHERE session_id = ? AND client_id = ?";

/// Notes that every client of the session is to be told.
pub fn insert(sql: &dyn Sql, session: &SessionId, now: Timestamp) -> Result<(), StoreError> {
    sql.run(Statement::new(INSERT).bind(now).bind(session.as_str())).map(|_| ())
}

/// Notes that one client is to be told.
pub fn insert_one(
    sql: &dyn Sql,
    session: &SessionId,
    client: &str,
    now: Timestamp,
) -> Result<(), StoreError> {
    let statement = Statement::new(INSERT_ONE).bind(session.as_str()).bind(client).bind(now);
    sql.run(statement).map(|_| ())
}

/// Whether anybody is to be told.
pub fn exists(sql: &dyn Sql) -> Result<bool, StoreError> {
    Ok(!sql.run(Statement::new(EXISTS))?.is_empty())
}

/// Who is to be told of sessions of `account`, at most `limit`.
pub fn list(sql: &dyn Sql, account: &Account, limit: i64) -> Result<Vec<Farewell>, StoreError> {
    let rows = sql.run(Statement::new(LIST).bind(limit))?;
    rows.iter()
        .map(|row| {
            Ok(Farewell {
                realm: account.realm.clone(),
                user: account.user.clone(),
                session: row.parse("session_id")?,
                client_id: row.text("client_id")?.to_owned(),
                ended_at: row.time("ended_at")?,
            })
        })
        .collect()
}

/// Notes that a client is being told: the queue has it.
pub fn delete(sql: &dyn Sql, farewell: &Farewell) -> Result<(), StoreError> {
    let statement =
        Statement::new(DELETE).bind(farewell.session.as_str()).bind(farewell.client_id.as_str());
    sql.run(statement).map(|_| ())
}
