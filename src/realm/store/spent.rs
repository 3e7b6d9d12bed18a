//! Tokens that are over before their time: proofs that work once, and access
//! tokens that were revoked. The insert decides who is first.
use crate::crypto::token::TokenHash;
use crate::kernel::time::Timestamp;
use crate::platform::directory::Directory;
use crate::platform::row::StoreError;
use crate::platform::sql::Statement;

const FIND: &str = "SELECT hash FROM spent_token WHERE hash = ?";

const MARK_SPENT: &str = "
    INSERT INTO spent_token (hash, expires_at) VALUES (?, ?)
    ON CONFLICT (hash) DO NOTHING
    RETURNING hash";

const DELETE_OVER: &str = "
    DELETE FROM spent_token
     WHERE hash IN (SELECT hash FROM spent_token WHERE expires_at <= ? LIMIT ?)
    RETURNING hash";

/// Remembers that a token is spent, until it would be over anyway. `false` when it
/// was spent before.
///
/// # Errors
/// `Refused` when the directory fails.
pub async fn mark_spent(
    directory: &dyn Directory,
    hash: &TokenHash,
    expires_at: Timestamp,
) -> Result<bool, StoreError> {
    let statement = Statement::new(MARK_SPENT).bind(hash.as_str()).bind(expires_at);
    Ok(!directory.run(statement).await?.is_empty())
}

/// The statement that finds a token among the spent ones: a row, or none.
#[must_use]
pub fn finding(hash: &TokenHash) -> Statement {
    Statement::new(FIND).bind(hash.as_str())
}

/// Whether a token is spent.
///
/// # Errors
/// `Refused` when the directory fails.
pub async fn is_spent(directory: &dyn Directory, hash: &TokenHash) -> Result<bool, StoreError> {
    Ok(!directory.run(finding(hash)).await?.is_empty())
}

/// Forgets tokens that are over at `now`, at most `limit`; how many.
///
/// # Errors
/// `Refused` when the directory fails.
pub async fn delete_over(
    directory: &dyn Directory,
    now: Timestamp,
    limit: i64,
) -> Result<usize, StoreError> {
    let statement = Statement::new(DELETE_OVER).bind(now).bind(limit);
    Ok(directory.run(statement).await?.len())
}
