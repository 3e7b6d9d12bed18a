//! The password's hash.
use crate::crypto::password::PasswordHash;
use crate::kernel::time::Timestamp;
use crate::platform::row::StoreError;
use crate::platform::sql::{Sql, Statement};

const FIND: &str = "SELECT phc FROM password WHERE id = 1";

const PUT: &str = "
    INSERT INTO password (id, phc, changed_at)
    VALUES (1, ?, ?)
    ON CONFLICT (id) DO UPDATE SET phc = excluded.phc, changed_at = excluded.changed_at";

// No account, one that is not active yet, or a password: nothing is written.
const INSERT_FIRST: &str = "
    INSERT INTO password (id, phc, changed_at)
    SELECT 1, ?, ?
      FROM account
     WHERE stage = 'active'
    ON CONFLICT (id) DO NOTHING
    RETURNING id";

const DELETE: &str = "DELETE FROM password";

/// The hash, if the account has a password.
pub fn find(sql: &dyn Sql) -> Result<Option<PasswordHash>, StoreError> {
    sql.run(Statement::new(FIND))?.first().map(|row| row.parse("phc")).transpose()
}

/// Sets the password.
pub fn put(sql: &dyn Sql, hash: &PasswordHash, now: Timestamp) -> Result<(), StoreError> {
    sql.run(Statement::new(PUT).bind(hash.as_str()).bind(now)).map(|_| ())
}

/// Sets the password of an active account that has none; `false` when it has, or
/// there is no such account.
pub fn insert_first(
    sql: &dyn Sql,
    hash: &PasswordHash,
    now: Timestamp,
) -> Result<bool, StoreError> {
    Ok(!sql.run(Statement::new(INSERT_FIRST).bind(hash.as_str()).bind(now))?.is_empty())
}

/// Takes the password away.
pub fn delete(sql: &dyn Sql) -> Result<(), StoreError> {
    sql.run(Statement::new(DELETE)).map(|_| ())
}
