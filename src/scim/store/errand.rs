//! What the SCIM service still owes to other stores.
use crate::kernel::id::UserId;
use crate::kernel::time::Timestamp;
use crate::platform::row::{Row, StoreError};
use crate::platform::sql::{Sql, Statement};
use crate::scim::errand::{Errand, Kind};

const UPSERT: &str = "
    INSERT INTO scim_errand (kind, user_id, asked_at, ip, version)
    VALUES (?, ?, ?, ?, 1)
    ON CONFLICT (kind, user_id) DO UPDATE
       SET asked_at = excluded.asked_at, ip = excluded.ip, version = scim_errand.version + 1";

const LIST: &str = "
    SELECT user_id, asked_at, ip, version
      FROM scim_errand
     WHERE kind = ?
     ORDER BY asked_at, user_id
     LIMIT ?";

const FIND: &str = "
    SELECT user_id, asked_at, ip, version FROM scim_errand WHERE kind = ? AND user_id = ?";

const FIND_ANY: &str = "SELECT kind FROM scim_errand WHERE kind > '' LIMIT 1";

const DELETE: &str = "
    DELETE FROM scim_errand WHERE kind = ? AND user_id = ? AND version = ?";

const DELETE_OF: &str = "
    DELETE FROM scim_errand
     WHERE kind IN ('account', 'sign_out', 'link', 'forget') AND user_id = ?";

/// Notes an errand; one that is there is asked for again.
///
/// # Errors
/// `Refused` when SQLite fails.
pub fn upsert(
    sql: &dyn Sql,
    kind: Kind,
    user: &UserId,
    (now, ip): (Timestamp, Option<&str>),
) -> Result<(), StoreError> {
    let statement = Statement::new(UPSERT).bind(kind.as_str()).bind(user.as_str()).bind(now);
    sql.run(statement.bind(ip)).map(|_| ())
}

/// Errands of one kind, the oldest first.
///
/// # Errors
/// `Refused` when SQLite fails.
pub fn list(sql: &dyn Sql, kind: Kind, limit: i64) -> Result<Vec<Errand>, StoreError> {
    let statement = Statement::new(LIST).bind(kind.as_str()).bind(limit);
    sql.run(statement)?.iter().map(errand_from_row).collect()
}

/// The errand of that kind about `user`.
///
/// # Errors
/// `Refused` when SQLite fails.
pub fn find(sql: &dyn Sql, kind: Kind, user: &UserId) -> Result<Option<Errand>, StoreError> {
    let statement = Statement::new(FIND).bind(kind.as_str()).bind(user.as_str());
    sql.run(statement)?.first().map(errand_from_row).transpose()
}

/// Whether there is any errand.
///
/// # Errors
/// `Refused` when SQLite fails.
pub fn exists(sql: &dyn Sql) -> Result<bool, StoreError> {
    Ok(!sql.run(Statement::new(FIND_ANY))?.is_empty())
}

/// Forgets errands that are done, unless they were asked for again meanwhile.
///
/// # Errors
/// `Refused` when SQLite fails.
pub fn delete(sql: &dyn Sql, kind: Kind, done: &[Errand]) -> Result<(), StoreError> {
    for errand in done {
        let statement = Statement::new(DELETE).bind(kind.as_str()).bind(errand.user.as_str());
        sql.run(statement.bind(errand.version))?;
    }
    Ok(())
}

/// Forgets every errand about `user`.
///
/// # Errors
/// `Refused` when SQLite fails.
pub fn delete_of(sql: &dyn Sql, user: &UserId) -> Result<(), StoreError> {
    sql.run(Statement::new(DELETE_OF).bind(user.as_str())).map(|_| ())
}

fn errand_from_row(row: &Row) -> Result<Errand, StoreError> {
    Ok(Errand {
        user: row.parse("user_id")?,
        asked_at: row.time("asked_at")?,
        ip: row.text_or_null("ip")?.map(str::to_owned),
        version: row.int("version")?,
    })
}
