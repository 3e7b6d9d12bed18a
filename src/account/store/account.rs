//! The account's one row.
use crate::account::stage::{Account, Stage};
use crate::kernel::id::{RealmId, UserId};
use crate::kernel::time::Timestamp;
use crate::platform::row::{Row, StoreError};
use crate::platform::sql::{Sql, Statement};

const FIND: &str = "SELECT user_id, realm_id, stage, created_at FROM account";

const PUT_PENDING: &str = "
    INSERT INTO account (user_id, realm_id, stage, created_at)
    VALUES (?, ?, 'pending', ?)
    ON CONFLICT (user_id) DO UPDATE SET created_at = excluded.created_at
     WHERE account.stage = 'pending'";

const MARK_ACTIVE: &str = "UPDATE account SET stage = 'active' RETURNING user_id";

/// The account, if there is one.
pub fn find(sql: &dyn Sql) -> Result<Option<Account>, StoreError> {
    sql.run(Statement::new(FIND))?.first().map(account_from_row).transpose()
}

/// Whether there is an account that may be used.
pub fn is_active(sql: &dyn Sql) -> Result<bool, StoreError> {
    Ok(find(sql)?.is_some_and(|account| account.stage == Stage::Active))
}

/// Writes a pending account, or dates it anew.
pub fn put_pending(
    sql: &dyn Sql,
    realm: &RealmId,
    user: &UserId,
    now: Timestamp,
) -> Result<(), StoreError> {
    let statement = Statement::new(PUT_PENDING).bind(user.as_str()).bind(realm.as_str()).bind(now);
    sql.run(statement).map(|_| ())
}

/// Makes the account active; `false` when there is none.
pub fn mark_active(sql: &dyn Sql) -> Result<bool, StoreError> {
    Ok(!sql.run(Statement::new(MARK_ACTIVE))?.is_empty())
}

fn account_from_row(row: &Row) -> Result<Account, StoreError> {
    Ok(Account {
        realm: row.parse("realm_id")?,
        user: row.parse("user_id")?,
        stage: row.parse("stage")?,
        created_at: row.time("created_at")?,
    })
}
