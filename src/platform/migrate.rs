//! Forward-only migrations of an object's database, run when it wakes.
use super::row::StoreError;
use super::sql::{Sql, Statement, in_transaction};

/// One file of `schemas/org` or `schemas/account`. Its place in the list is its
/// number; the list only ever grows at the end.
#[derive(Clone, Copy, Debug)]
pub struct Migration {
    /// The file's name, for error messages.
    pub name: &'static str,
    /// The file's text.
    pub script: &'static str,
}

const CREATE_MIGRATION: &str = "
    CREATE TABLE IF NOT EXISTS migration (
        number INTEGER PRIMARY KEY, -- 1 for the first file
        name   TEXT NOT NULL
    ) STRICT";

const COUNT_MIGRATIONS: &str = "SELECT count(*) AS applied FROM migration";

const INSERT_MIGRATION: &str = "INSERT INTO migration (number, name) VALUES (?, ?)";

const FIND_MIGRATION_TABLE: &str =
    "SELECT name FROM sqlite_master WHERE type = 'table' AND name = 'migration'";

/// Whether nothing was ever stored here. Asking a blank object must not make it
/// one that exists: strangers may guess ids.
///
/// # Errors
/// `Refused` when SQLite fails.
pub fn is_blank(sql: &dyn Sql) -> Result<bool, StoreError> {
    Ok(sql.run(Statement::new(FIND_MIGRATION_TABLE))?.is_empty())
}

/// Brings the database to the newest of `migrations`, each in a transaction of
/// its own, so that a death in between leaves a valid older version.
///
/// # Errors
/// `Refused` when a script fails; the database is then at the one before.
pub fn migrate(sql: &dyn Sql, migrations: &[Migration]) -> Result<(), StoreError> {
    sql.run_script(CREATE_MIGRATION)?;
    let rows = sql.run(Statement::new(COUNT_MIGRATIONS))?;
    let applied = rows.first().map_or(Ok(0), |row| row.int("applied"))?;
    for (number, migration) in (1_i64..).zip(migrations) {
        if number > applied {
            apply(sql, number, migration)?;
        }
    }
    Ok(())
}

fn apply(sql: &dyn Sql, number: i64, migration: &Migration) -> Result<(), StoreError> {
    in_transaction(sql, || {
        sql.run_script(migration.script)?;
        sql.run(Statement::new(INSERT_MIGRATION).bind(number).bind(migration.name)).map(|_| ())
    })
}
