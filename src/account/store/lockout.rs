//! Failed logins.
use crate::account::lockout::Lockout;
use crate::platform::row::{Row, StoreError};
use crate::platform::sql::{Sql, Statement};

const FIND: &str = "SELECT failures, locked_until, failed_at FROM lockout WHERE id = 1";

const FIND_ADDRESS: &str = "SELECT ip_address FROM lockout WHERE id = 1";

const PUT: &str = "
    INSERT INTO lockout (id, failures, locked_until, failed_at, ip_address)
    VALUES (1, ?, ?, ?, ?)
    ON CONFLICT (id) DO UPDATE
       SET failures = excluded.failures, locked_until = excluded.locked_until,
           failed_at = excluded.failed_at, ip_address = excluded.ip_address";

const DELETE: &str = "DELETE FROM lockout";

/// What is remembered of failed logins.
pub fn find(sql: &dyn Sql) -> Result<Lockout, StoreError> {
    sql.run(Statement::new(FIND))?.first().map_or(Ok(Lockout::NONE), lockout_from_row)
}

/// Where the last failed login came from, if that is known.
pub fn find_address(sql: &dyn Sql) -> Result<Option<String>, StoreError> {
    let rows = sql.run(Statement::new(FIND_ADDRESS))?;
    let address = rows.first().map(|row| row.text_or_null("ip_address")).transpose()?;
    Ok(address.flatten().map(str::to_owned))
}

/// Remembers failed logins, the last of which came from `ip`.
pub fn put(sql: &dyn Sql, lockout: Lockout, ip: Option<&str>) -> Result<(), StoreError> {
    let statement = Statement::new(PUT)
        .bind(i64::from(lockout.failures))
        .bind(lockout.locked_until)
        .bind(lockout.failed_at)
        .bind(ip);
    sql.run(statement).map(|_| ())
}

/// Forgets failed logins.
pub fn delete(sql: &dyn Sql) -> Result<(), StoreError> {
    sql.run(Statement::new(DELETE)).map(|_| ())
}

fn lockout_from_row(row: &Row) -> Result<Lockout, StoreError> {
    let failures = row.int("failures")?;
    Ok(Lockout {
        failures: u32::try_from(failures)
            .map_err(|_| StoreError::Corrupt { column: "failures" })?,
        locked_until: row.time("locked_until")?,
        failed_at: row.time("failed_at")?,
    })
}
