//! Authorization codes.
use super::to_json;
use crate::account::code::{Code, CodeGrant, Stage};
use crate::crypto::token::TokenHash;
use crate::kernel::id::{FamilyId, SessionId};
use crate::kernel::time::Timestamp;
use crate::platform::row::{Row, StoreError};
use crate::platform::sql::{Sql, Statement};

const FIND: &str = "
    SELECT session_id, grant_json, expires_at, redeemed_at, family_id
      FROM code
     WHERE hash = ?";

const INSERT: &str = "
    INSERT INTO code (hash, session_id, grant_json, expires_at)
    VALUES (?, ?, ?, ?)";

const MARK_REDEEMED: &str = "
       UPDATE code
          SET redeemed_at = ?, family_id = ?
        WHERE hash = ? AND redeemed_at IS NULL
    RETURNING hash";

const DELETE_OF_CLIENT: &str = "
    DELETE FROM code
     WHERE expires_at > ? AND redeemed_at IS NULL
       AND json_extract(grant_json, '$.granted.client_id') = ?";

const DELETE_EXPIRED: &str = "
    DELETE FROM code
     WHERE hash IN (SELECT hash FROM code WHERE expires_at <= ? LIMIT ?)";

/// A code to be kept.
pub struct NewCode<'a> {
    /// The hash of its secret.
    pub hash: &'a TokenHash,
    /// The session in which it was granted.
    pub session: &'a SessionId,
    /// What it stands for.
    pub grant: &'a CodeGrant,
    /// Too late from then on.
    pub expires_at: Timestamp,
}

/// The code with this hash.
pub fn find(sql: &dyn Sql, hash: &TokenHash) -> Result<Option<Code>, StoreError> {
    let rows = sql.run(Statement::new(FIND).bind(hash.as_str()))?;
    rows.first().map(code_from_row).transpose()
}

/// Adds a code.
pub fn insert(sql: &dyn Sql, code: &NewCode<'_>) -> Result<(), StoreError> {
    let statement = Statement::new(INSERT)
        .bind(code.hash.as_str())
        .bind(code.session.as_str())
        .bind(to_json(code.grant)?)
        .bind(code.expires_at);
    sql.run(statement).map(|_| ())
}

/// Marks a code redeemed. `false` when it already was: the statement itself is
/// the guard, so this stays true if a caller ever awaits between find and mark.
pub fn mark_redeemed(
    sql: &dyn Sql,
    hash: &TokenHash,
    family: Option<&FamilyId>,
    now: Timestamp,
) -> Result<bool, StoreError> {
    let statement = Statement::new(MARK_REDEEMED)
        .bind(now)
        .bind(family.map(FamilyId::as_str))
        .bind(hash.as_str());
    Ok(!sql.run(statement)?.is_empty())
}

/// Forgets codes of a client that could still be redeemed.
pub fn delete_of_client(sql: &dyn Sql, client_id: &str, now: Timestamp) -> Result<(), StoreError> {
    sql.run(Statement::new(DELETE_OF_CLIENT).bind(now).bind(client_id)).map(|_| ())
}

/// Forgets codes that were over at `then`, at most `limit`.
pub fn delete_expired(sql: &dyn Sql, then: Timestamp, limit: i64) -> Result<(), StoreError> {
    sql.run(Statement::new(DELETE_EXPIRED).bind(then).bind(limit)).map(|_| ())
}

fn code_from_row(row: &Row) -> Result<Code, StoreError> {
    let stage = match row.time_or_null("redeemed_at")? {
        None => Stage::Issued { expires_at: row.time("expires_at")? },
        Some(_) => Stage::Redeemed { family: row.parse_or_null("family_id")? },
    };
    Ok(Code { session: row.parse("session_id")?, grant: row.json("grant_json")?, stage })
}
