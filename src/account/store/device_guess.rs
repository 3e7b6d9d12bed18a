//! The codes of devices that the person typed.
use crate::account::device_guess::Guesses;
use crate::platform::row::{Row, StoreError};
use crate::platform::sql::{Sql, Statement};

const FIND: &str = "SELECT guesses, since FROM device_guess WHERE id = 1";

const PUT: &str = "
    INSERT INTO device_guess (id, guesses, since)
    VALUES (1, ?, ?)
    ON CONFLICT (id) DO UPDATE SET guesses = excluded.guesses, since = excluded.since";

/// Those that count.
pub fn find(sql: &dyn Sql) -> Result<Option<Guesses>, StoreError> {
    sql.run(Statement::new(FIND))?.first().map(guesses_from_row).transpose()
}

/// Remembers them.
pub fn put(sql: &dyn Sql, guesses: Guesses) -> Result<(), StoreError> {
    let statement = Statement::new(PUT).bind(i64::from(guesses.count)).bind(guesses.since);
    sql.run(statement).map(|_| ())
}

fn guesses_from_row(row: &Row) -> Result<Guesses, StoreError> {
    let count = u32::try_from(row.int("guesses")?)
        .map_err(|_| StoreError::Corrupt { column: "guesses" })?;
    Ok(Guesses { count, since: row.time("since")? })
}
