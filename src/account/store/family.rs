//! Refresh families.
use super::to_json;
use crate::account::family::Family;
use crate::crypto::token::TokenHash;
use crate::kernel::id::{FamilyId, SessionId};
use crate::kernel::time::Timestamp;
use crate::platform::row::{Row, StoreError};
use crate::platform::sql::{Sql, Statement};

const FIND: &str = "
    SELECT id, session_id, grant_json, current_hash, rotated_at, expires_at, ended_at
      FROM family
     WHERE id = ?";

const INSERT: &str = "
    INSERT INTO family (id, session_id, client_id, grant_json, current_hash, rotated_at,
                        expires_at)
    VALUES (?, ?, ?, ?, ?, ?, ?)";

const MARK_ROTATED: &str = "
       UPDATE family
          SET current_hash = ?, rotated_at = ?
        WHERE id = ? AND current_hash = ? AND ended_at IS NULL
    RETURNING id";

const MARK_ENDED: &str = "UPDATE family SET ended_at = ? WHERE id = ? AND ended_at IS NULL";

const MARK_ALL_ENDED: &str =
    "UPDATE family SET ended_at = ? WHERE session_id = ? AND ended_at IS NULL";

const MARK_ENDED_OF_CLIENT: &str =
    "UPDATE family SET ended_at = ? WHERE client_id = ? AND ended_at IS NULL";

const MARK_EVERY_ENDED: &str =
    "UPDATE family SET ended_at = ? WHERE expires_at > ? AND ended_at IS NULL";

const DELETE_EXPIRED: &str = "
    DELETE FROM family
     WHERE id IN (SELECT id FROM family WHERE expires_at <= ? LIMIT ?)";

/// The chain called `id`.
pub fn find(sql: &dyn Sql, id: &FamilyId) -> Result<Option<Family>, StoreError> {
    let rows = sql.run(Statement::new(FIND).bind(id.as_str()))?;
    rows.first().map(family_from_row).transpose()
}

/// Adds a chain.
pub fn insert(sql: &dyn Sql, family: &Family) -> Result<(), StoreError> {
    let statement = Statement::new(INSERT)
        .bind(family.id.as_str())
        .bind(family.session.as_str())
        .bind(family.granted.client_id.as_str())
        .bind(to_json(&family.granted)?)
        .bind(family.current.as_str())
        .bind(family.rotated_at)
        .bind(family.expires_at);
    sql.run(statement).map(|_| ())
}

/// Puts `next` in the place of `presented`. `false` when `presented` is not the
/// newest: the statement itself is the guard.
pub fn mark_rotated(
    sql: &dyn Sql,
    id: &FamilyId,
    presented: &TokenHash,
    next: &TokenHash,
    now: Timestamp,
) -> Result<bool, StoreError> {
    let statement = Statement::new(MARK_ROTATED)
        .bind(next.as_str())
        .bind(now)
        .bind(id.as_str())
        .bind(presented.as_str());
    Ok(!sql.run(statement)?.is_empty())
}

/// Ends the chain, unless it has ended.
pub fn mark_ended(sql: &dyn Sql, id: &FamilyId, now: Timestamp) -> Result<(), StoreError> {
    sql.run(Statement::new(MARK_ENDED).bind(now).bind(id.as_str())).map(|_| ())
}

/// Ends every chain of the session.
pub fn mark_all_ended(
    sql: &dyn Sql,
    session: &SessionId,
    now: Timestamp,
) -> Result<(), StoreError> {
    sql.run(Statement::new(MARK_ALL_ENDED).bind(now).bind(session.as_str())).map(|_| ())
}

/// Ends every chain of the client.
pub fn mark_ended_of_client(
    sql: &dyn Sql,
    client_id: &str,
    now: Timestamp,
) -> Result<(), StoreError> {
    sql.run(Statement::new(MARK_ENDED_OF_CLIENT).bind(now).bind(client_id)).map(|_| ())
}

/// Ends every chain that is not over.
pub fn mark_every_ended(sql: &dyn Sql, now: Timestamp) -> Result<(), StoreError> {
    sql.run(Statement::new(MARK_EVERY_ENDED).bind(now).bind(now)).map(|_| ())
}

/// Forgets chains that are over at `now`, at most `limit`.
pub fn delete_expired(sql: &dyn Sql, now: Timestamp, limit: i64) -> Result<(), StoreError> {
    sql.run(Statement::new(DELETE_EXPIRED).bind(now).bind(limit)).map(|_| ())
}

fn family_from_row(row: &Row) -> Result<Family, StoreError> {
    Ok(Family {
        id: row.parse("id")?,
        session: row.parse("session_id")?,
        granted: row.json("grant_json")?,
        current: row.parse("current_hash")?,
        rotated_at: row.time("rotated_at")?,
        expires_at: row.time("expires_at")?,
        ended_at: row.time_or_null("ended_at")?,
    })
}
