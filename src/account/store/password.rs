//! The password's hash.
use crate::account::credential::PasswordInfo;
use crate::crypto::password::PasswordHash;
use crate::kernel::time::Timestamp;
use crate::platform::row::{Row, StoreError};
use crate::platform::sql::{Sql, Statement};

const DESCRIBE: &str = "SELECT credential_id, label, changed_at FROM password WHERE id = 1";

const FIND: &str = "SELECT phc FROM password WHERE id = 1";

const PUT: &str = "
    INSERT INTO password (id, phc, changed_at, credential_id)
    VALUES (1, ?, ?, lower(hex(randomblob(16))))
    ON CONFLICT (id) DO UPDATE SET phc = excluded.phc, changed_at = excluded.changed_at";

// No account, one that is not active yet, or a password: nothing is written.
const INSERT_FIRST: &str = "
    INSERT INTO password (id, phc, changed_at, credential_id)
    SELECT 1, ?, ?, lower(hex(randomblob(16)))
      FROM account
     WHERE stage = 'active'
    ON CONFLICT (id) DO NOTHING
    RETURNING id";

const MARK_LABELLED: &str =
    "UPDATE password SET label = ? WHERE id = 1 AND credential_id = ? RETURNING id";

const DELETE: &str = "DELETE FROM password";

const DELETE_NAMED: &str = "DELETE FROM password WHERE id = 1 AND credential_id = ? RETURNING id";

/// The hash, if the account has a password.
pub fn find(sql: &dyn Sql) -> Result<Option<PasswordHash>, StoreError> {
    sql.run(Statement::new(FIND))?.first().map(|row| row.parse("phc")).transpose()
}

/// What an administrator may know of the password.
pub fn describe(sql: &dyn Sql) -> Result<Option<PasswordInfo>, StoreError> {
    sql.run(Statement::new(DESCRIBE))?.first().map(info_from_row).transpose()
}

/// Gives the credential a name for people. `false` when it is another one.
pub fn mark_labelled(sql: &dyn Sql, id: &str, label: &str) -> Result<bool, StoreError> {
    Ok(!sql.run(Statement::new(MARK_LABELLED).bind(label).bind(id))?.is_empty())
}

/// Takes the password away. `false` when the credential is another one.
pub fn delete_named(sql: &dyn Sql, id: &str) -> Result<bool, StoreError> {
    Ok(!sql.run(Statement::new(DELETE_NAMED).bind(id))?.is_empty())
}

fn info_from_row(row: &Row) -> Result<PasswordInfo, StoreError> {
    Ok(PasswordInfo {
        id: row.text("credential_id")?.to_owned(),
        label: row.text_or_null("label")?.map(str::to_owned),
        changed_at: row.time("changed_at")?,
    })
}

/// Sets the password; the credential stays the one it is, or becomes one.
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
