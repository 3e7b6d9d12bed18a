//! The table of the self-tests, in an object that belongs to nobody.
use crate::platform::row::StoreError;
use crate::platform::sql::{Sql, Statement};

/// Makes the table, unless it is there.
pub fn create_table(sql: &dyn Sql) -> Result<(), StoreError> {
    sql.run_script("CREATE TABLE IF NOT EXISTS selftest (number INTEGER NOT NULL) STRICT")
}

/// Adds a row.
pub fn insert_row(sql: &dyn Sql) -> Result<(), StoreError> {
    sql.run(Statement::new("INSERT INTO selftest (number) VALUES (1)")).map(|_| ())
}

/// How many rows there are.
pub fn count_rows(sql: &dyn Sql) -> Result<i64, StoreError> {
    create_table(sql)?;
    let rows = sql.run(Statement::new("SELECT count(*) AS rows FROM selftest"))?;
    rows.first().map_or(Ok(0), |row| row.int("rows"))
}
