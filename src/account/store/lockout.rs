//! Failed logins.
use crate::account::lockout::Lockout;
use crate::platform::row::{Row, StoreError};
use crate::platform::sql::{Sql, Statement};

const FIND: &str = "SELECT failures, locked_until FROM lockout WHERE id = 1";

const PUT: &str = "
    INSERT INTO lockout (id, failures, locked_until)
    VALUES (1, ?, ?)
    ON CONFLICT (id) DO UPDATE
       SET failures = excluded.failures, locked_until = excluded.locked_until";

const DELETE: &str = "DELETE FROM lockout";

/// What is remembered of failed logins.
pub fn find(sql: &dyn Sql) -> Result<Lockout, StoreError> {
    sql.run(Statement::new(FIND))?.first().map_or(Ok(Lockout::NONE), lockout_from_row)
}

/// Remembers failed logins.
pub fn put(sql: &dyn Sql, lockout: Lockout) -> Result<(), StoreError> {
    let statement =
        Statement::new(PUT).bind(i64::from(lockout.failures)).bind(lockout.locked_until);
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
    })
}
