//! Refresh families.
use super::to_json;
use crate::account::family::Family;
use crate::crypto::token::TokenHash;
use crate::kernel::id::{FamilyId, OrgId, SessionId};
use crate::kernel::time::Timestamp;
use crate::platform::row::{Row, StoreError};
use crate::platform::sql::{Sql, Statement};

const FIND: &str = "
    SELECT id, session_id, grant_json, current_hash, rotated_at, expires_at, ended_at,
           is_offline, previous_hash, jkt
      FROM family
     WHERE id = ?";

const LIST_OFFLINE_OF: &str = "
    SELECT id, session_id, grant_json, current_hash, rotated_at, expires_at, ended_at,
           is_offline, previous_hash, jkt
      FROM family
     WHERE session_id = ? AND client_id = ? AND is_offline = 1 AND ended_at IS NULL
     LIMIT 100";

const HAS_OFFLINE: &str = "
    SELECT id FROM family
     WHERE session_id = ? AND expires_at > ? AND is_offline = 1 AND ended_at IS NULL
     LIMIT 1";

const LIST_OFFLINE: &str = "
    SELECT id, session_id, grant_json, current_hash, rotated_at, expires_at, ended_at,
           is_offline, previous_hash, jkt
      FROM family
     WHERE client_id = ? AND expires_at > ? AND is_offline = 1 AND ended_at IS NULL
     ORDER BY expires_at
     LIMIT ?";

const INSERT: &str = "
    INSERT INTO family (id, session_id, client_id, grant_json, current_hash, rotated_at,
                        granted_at, expires_at, is_offline, jkt)
    VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)";

const MARK_ROTATED: &str = "
       UPDATE family
          SET current_hash = ?, previous_hash = current_hash, rotated_at = ?
        WHERE id = ? AND current_hash = ? AND ended_at IS NULL
    RETURNING id";

/// Once: the token before the newest has none before it.
const MARK_FORGIVEN: &str = "
       UPDATE family
          SET current_hash = ?, previous_hash = NULL, rotated_at = ?
        WHERE id = ? AND previous_hash = ? AND ended_at IS NULL
    RETURNING id";

const MARK_ENDED: &str = "UPDATE family SET ended_at = ? WHERE id = ? AND ended_at IS NULL";

const MARK_ALL_ENDED: &str = "UPDATE family SET ended_at = ?
      WHERE session_id = ? AND is_offline = 0 AND ended_at IS NULL";

const MARK_OFFLINE_ENDED: &str = "UPDATE family SET ended_at = ?
      WHERE session_id = ? AND is_offline = 1 AND ended_at IS NULL";

const MARK_EVERY_ENDED: &str = "
    UPDATE family SET ended_at = ?
     WHERE expires_at > ? AND ended_at IS NULL AND granted_at <= ?";

const MARK_ENDED_OF_CLIENT: &str =
    "UPDATE family SET ended_at = ? WHERE client_id = ? AND ended_at IS NULL";

/// Those of the client's chains in the session that were got by exchange.
const LIST_THROUGH: &str = "
    SELECT client.value AS client_id
      FROM family, json_each(family.grant_json, '$.terms.exchanged.through') AS client
     WHERE family.session_id = ? AND family.client_id = ?";

const MARK_ENDED_THROUGH: &str = "
    UPDATE family SET ended_at = ?
     WHERE session_id = ? AND ended_at IS NULL
       AND EXISTS (SELECT 1
                     FROM json_each(family.grant_json, '$.terms.exchanged.through') AS client
                    WHERE client.value = ?)
 RETURNING session_id, client_id";

const MARK_ALL_ENDED_THROUGH: &str = "
    UPDATE family SET ended_at = ?
     WHERE expires_at > ? AND ended_at IS NULL
       AND EXISTS (SELECT 1
                     FROM json_each(family.grant_json, '$.terms.exchanged.through') AS client
                    WHERE client.value = ?)
 RETURNING session_id, client_id";

const MARK_EXCHANGED_ENDED: &str = "
    UPDATE family SET ended_at = ?
     WHERE session_id = ? AND ended_at IS NULL
       AND json_extract(grant_json, '$.terms.exchanged.token') = ?
 RETURNING session_id, client_id";

/// What began before the person left, and may still be used, for an organization.
const LEAVE: &str = "
    UPDATE family
       SET grant_json = json_set(
           grant_json, '$.orgs',
           (SELECT json_group_array(org.value)
              FROM json_each(family.grant_json, '$.orgs') AS org
             WHERE org.value <> ?))
     WHERE expires_at > ? AND ended_at IS NULL AND granted_at <= ?
       AND EXISTS (SELECT 1 FROM json_each(family.grant_json, '$.orgs') AS org
                    WHERE org.value = ?)
 RETURNING id, json_array_length(grant_json, '$.orgs') AS orgs_left";

const DELETE_EXPIRED: &str = "
    DELETE FROM family
     WHERE id IN (SELECT id FROM family WHERE expires_at <= ? LIMIT ?)";

/// The chain called `id`.
pub fn find(sql: &dyn Sql, id: &FamilyId) -> Result<Option<Family>, StoreError> {
    let rows = sql.run(Statement::new(FIND).bind(id.as_str()))?;
    rows.first().map(family_from_row).transpose()
}

/// The client's offline chains of a session.
pub fn list_offline_of(
    sql: &dyn Sql,
    session: &SessionId,
    client_id: &str,
) -> Result<Vec<Family>, StoreError> {
    let statement = Statement::new(LIST_OFFLINE_OF).bind(session.as_str()).bind(client_id);
    sql.run(statement)?.iter().map(family_from_row).collect()
}

/// The client's offline chains that are not over at `now`, at most `limit`.
pub fn list_offline(
    sql: &dyn Sql,
    client_id: &str,
    now: Timestamp,
    limit: i64,
) -> Result<Vec<Family>, StoreError> {
    let statement = Statement::new(LIST_OFFLINE).bind(client_id).bind(now).bind(limit);
    sql.run(statement)?.iter().map(family_from_row).collect()
}

/// Whether the session left an offline chain that is not over at `now`.
pub fn has_offline(sql: &dyn Sql, session: &SessionId, now: Timestamp) -> Result<bool, StoreError> {
    let statement = Statement::new(HAS_OFFLINE).bind(session.as_str()).bind(now);
    Ok(!sql.run(statement)?.is_empty())
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
        .bind(family.rotated_at)
        .bind(family.expires_at)
        .bind(i64::from(family.is_offline))
        .bind(family.jkt.as_deref());
    sql.run(statement).map(|_| ())
}

/// Ends every chain that was granted up to `began_by`, those that outlive their
/// session too.
pub fn mark_every_ended(
    sql: &dyn Sql,
    began_by: Timestamp,
    now: Timestamp,
) -> Result<(), StoreError> {
    let statement = Statement::new(MARK_EVERY_ENDED).bind(now).bind(now).bind(began_by);
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
    put_next(sql, MARK_ROTATED, id, (presented, next), now)
}

/// Puts `next` in the place of the newest, for whoever brings the one before it.
/// `false` when that was done before, or the newest was used.
pub fn mark_forgiven(
    sql: &dyn Sql,
    id: &FamilyId,
    presented: &TokenHash,
    next: &TokenHash,
    now: Timestamp,
) -> Result<bool, StoreError> {
    put_next(sql, MARK_FORGIVEN, id, (presented, next), now)
}

fn put_next(
    sql: &dyn Sql,
    statement: &'static str,
    id: &FamilyId,
    (presented, next): (&TokenHash, &TokenHash),
    now: Timestamp,
) -> Result<bool, StoreError> {
    let statement = Statement::new(statement)
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

/// Ends every offline chain of the session.
pub fn mark_offline_ended(
    sql: &dyn Sql,
    session: &SessionId,
    now: Timestamp,
) -> Result<(), StoreError> {
    sql.run(Statement::new(MARK_OFFLINE_ENDED).bind(now).bind(session.as_str())).map(|_| ())
}

/// Ends every chain of the session that does not outlive it.
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

/// A chain that was ended.
pub struct Ended {
    /// Its session.
    pub session: SessionId,
    /// Its client.
    pub client_id: String,
}

/// The clients through which the client's chains in the session came to it.
pub fn list_through(
    sql: &dyn Sql,
    session: &SessionId,
    client_id: &str,
) -> Result<Vec<String>, StoreError> {
    let statement = Statement::new(LIST_THROUGH).bind(session.as_str()).bind(client_id);
    sql.run(statement)?.iter().map(|row| Ok(row.text("client_id")?.to_owned())).collect()
}

/// Ends every chain of the session that was got by exchange through the client.
pub fn mark_ended_through(
    sql: &dyn Sql,
    session: &SessionId,
    client_id: &str,
    now: Timestamp,
) -> Result<Vec<Ended>, StoreError> {
    let statement =
        Statement::new(MARK_ENDED_THROUGH).bind(now).bind(session.as_str()).bind(client_id);
    end(sql, statement)
}

/// The same in every session, of chains that are not over at `now`.
pub fn mark_all_ended_through(
    sql: &dyn Sql,
    client_id: &str,
    now: Timestamp,
) -> Result<Vec<Ended>, StoreError> {
    end(sql, Statement::new(MARK_ALL_ENDED_THROUGH).bind(now).bind(now).bind(client_id))
}

/// Ends every chain of the session that was got for that access token.
pub fn mark_exchanged_ended(
    sql: &dyn Sql,
    session: &SessionId,
    token: &TokenHash,
    now: Timestamp,
) -> Result<Vec<Ended>, StoreError> {
    let statement =
        Statement::new(MARK_EXCHANGED_ENDED).bind(now).bind(session.as_str()).bind(token.as_str());
    end(sql, statement)
}

fn end(sql: &dyn Sql, statement: Statement) -> Result<Vec<Ended>, StoreError> {
    let of_row = |row: &Row| {
        let client_id = row.text("client_id")?.to_owned();
        Ok(Ended { session: row.parse("session_id")?, client_id })
    };
    sql.run(statement)?.iter().map(of_row).collect()
}

/// Takes an organization out of every chain that began up to `left_at`, and ends
/// those that were for nothing else.
pub fn leave(
    sql: &dyn Sql,
    org: &OrgId,
    left_at: Timestamp,
    now: Timestamp,
) -> Result<(), StoreError> {
    let statement =
        Statement::new(LEAVE).bind(org.as_str()).bind(now).bind(left_at).bind(org.as_str());
    for row in sql.run(statement)? {
        if row.int("orgs_left")? == 0 {
            mark_ended(sql, &row.parse("id")?, now)?;
        }
    }
    Ok(())
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
        is_offline: row.int("is_offline")? != 0,
        previous: row.parse_or_null("previous_hash")?,
        jkt: row.text_or_null("jkt")?.map(str::to_owned),
    })
}
