//! Sessions.
use super::to_json;
use crate::account::announce::MAX_TOLD_CLIENTS;
use crate::account::grant::Granted;
use crate::account::session::{NewSession, Session};
use crate::account::stage::Account;
use crate::crypto::token::TokenHash;
use crate::kernel::id::{OrgId, SessionId};
use crate::kernel::time::Timestamp;
use crate::platform::row::{Row, StoreError};
use crate::platform::sql::{Sql, Statement};
use crate::realm::session_index::SessionState;

const FIND: &str = "
    SELECT id, secret_hash, authenticated_at, last_seen_at, expires_at, ended_at, version,
           shown_until
      FROM session
     WHERE id = ?";

const INSERT: &str = "
    INSERT INTO session (id, secret_hash, authenticated_at, last_seen_at, expires_at, ip_address)
    VALUES (?, ?, ?, ?, ?, ?)";

/// To whom something was granted in each session, by name, as JSON.
const LIST_LIVE: &str = "
    SELECT id, authenticated_at, last_seen_at, expires_at, ended_at, ip_address, version,
           shown_until,
           (SELECT json_group_array(client_id)
              FROM session_client
             WHERE session_id = session.id) AS clients
      FROM session
     WHERE expires_at > ? AND ended_at IS NULL
     ORDER BY expires_at, id
     LIMIT ?";

/// The index is told of the end of what it was told of. A version is a time where
/// it can be, so that it also grows when an object is set back to an older state.
const MARK_ALL_ENDED: &str = "
    UPDATE session
       SET ended_at = ?, version = iif(version = 0, 0, max(version + 1, ?))
     WHERE expires_at > ? AND ended_at IS NULL AND authenticated_at <= ?
 RETURNING id";

const MARK_SEEN: &str = "UPDATE session SET last_seen_at = ? WHERE id = ?";

const MARK_ENDED: &str = "
    UPDATE session
       SET ended_at = ?, version = iif(version = 0, 0, max(version + 1, ?))
     WHERE id = ? AND ended_at IS NULL
 RETURNING id";

const HAS_CLIENT: &str =
    "SELECT client_id FROM session_client WHERE session_id = ? AND client_id = ?";

const PUT_CLIENT: &str = "
    INSERT INTO session_client (session_id, client_id, orgs, granted_at)
    VALUES (?, ?, ?, ?)
    ON CONFLICT (session_id, client_id) DO UPDATE
       SET orgs = excluded.orgs, granted_at = excluded.granted_at";

const LIST_CLIENTS: &str =
    "SELECT client_id FROM session_client WHERE session_id = ? ORDER BY client_id LIMIT ?";

/// What was granted before the person left, for an organization, in sessions that
/// nobody ended.
const LEAVE: &str = "
    UPDATE session_client
       SET orgs = (SELECT json_group_array(org.value)
                     FROM json_each(session_client.orgs) AS org
                    WHERE org.value <> ?)
     WHERE session_id IN (SELECT id FROM session WHERE expires_at > ? AND ended_at IS NULL)
       AND granted_at <= ?
       AND EXISTS (SELECT 1 FROM json_each(session_client.orgs) AS org WHERE org.value = ?)
 RETURNING session_id, client_id, json_array_length(orgs) AS orgs_left";

const CLEAR_ORGANIZATION: &str = "
    UPDATE session SET active_org_id = NULL
     WHERE expires_at > ? AND active_org_id = ?";

const MARK_UNTOLD: &str = "
    UPDATE session SET version = max(version + 1, ?), shown_until = ? WHERE id = ?";

const MARK_TOLD: &str = "UPDATE session SET told_version = ? WHERE id = ?";

const HAS_UNTOLD: &str = "SELECT id FROM session WHERE version > told_version LIMIT 1";

const LIST_UNTOLD: &str = "
    SELECT id, authenticated_at, last_seen_at, ended_at, ip_address, version, shown_until,
           (SELECT json_group_array(client_id)
              FROM session_client
             WHERE session_id = session.id) AS clients
      FROM session
     WHERE version > told_version
     LIMIT ?";

const SET_ORGANIZATION: &str = "UPDATE session SET active_org_id = ? WHERE id = ?";

const FIND_ORGANIZATION: &str = "SELECT active_org_id FROM session WHERE id = ?";

const FIND_FOR: &str = "
    SELECT id FROM session
     WHERE expires_at > ? AND ended_at IS NULL AND active_org_id = ?
     LIMIT 1";

const DELETE_EXPIRED: &str = "
    DELETE FROM session
     WHERE id IN (SELECT id FROM session WHERE expires_at <= ? LIMIT ?)";

/// The session, and the hash of its secret.
pub fn find_with_secret(
    sql: &dyn Sql,
    id: &SessionId,
) -> Result<Option<(Session, TokenHash)>, StoreError> {
    let rows = sql.run(Statement::new(FIND).bind(id.as_str()))?;
    rows.first().map(|row| Ok((session_from_row(row)?, row.parse("secret_hash")?))).transpose()
}

/// The session, for whoever has proved their right to it in another way.
pub fn find(sql: &dyn Sql, id: &SessionId) -> Result<Option<Session>, StoreError> {
    let rows = sql.run(Statement::new(FIND).bind(id.as_str()))?;
    rows.first().map(session_from_row).transpose()
}

/// Adds a session, seen now, started from `ip`.
pub fn insert(sql: &dyn Sql, session: &NewSession, ip: Option<&str>) -> Result<(), StoreError> {
    let statement = Statement::new(INSERT)
        .bind(session.id.as_str())
        .bind(TokenHash::of(session.secret.expose()).as_str())
        .bind(session.authenticated_at)
        .bind(session.authenticated_at)
        .bind(session.expires_at)
        .bind(ip);
    sql.run(statement).map(|_| ())
}

/// Notes that the session is used.
pub fn mark_seen(sql: &dyn Sql, id: &SessionId, now: Timestamp) -> Result<(), StoreError> {
    sql.run(Statement::new(MARK_SEEN).bind(now).bind(id.as_str())).map(|_| ())
}

/// Ends the session; `false` when it has ended, or never was.
pub fn mark_ended(sql: &dyn Sql, id: &SessionId, now: Timestamp) -> Result<bool, StoreError> {
    let ended = sql.run(Statement::new(MARK_ENDED).bind(now).bind(now).bind(id.as_str()))?;
    Ok(!ended.is_empty())
}

/// Whether something was granted to the client in the session.
pub fn has_client(sql: &dyn Sql, id: &SessionId, client_id: &str) -> Result<bool, StoreError> {
    let statement = Statement::new(HAS_CLIENT).bind(id.as_str()).bind(client_id);
    Ok(!sql.run(statement)?.is_empty())
}

/// Notes what was granted to a client in the session; whether the client is new
/// there.
pub fn put_client(
    sql: &dyn Sql,
    id: &SessionId,
    granted: &Granted,
    now: Timestamp,
) -> Result<bool, StoreError> {
    let client = granted.client_id.as_str();
    let is_known = has_client(sql, id, client)?;
    let statement = Statement::new(PUT_CLIENT)
        .bind(id.as_str())
        .bind(client)
        .bind(to_json(&granted.orgs)?)
        .bind(now);
    sql.run(statement)?;
    Ok(!is_known)
}

/// To whom something was granted in the session, by name, at most `limit`.
pub fn list_clients(sql: &dyn Sql, id: &SessionId, limit: i64) -> Result<Vec<String>, StoreError> {
    let rows = sql.run(Statement::new(LIST_CLIENTS).bind(id.as_str()).bind(limit))?;
    rows.iter().map(|row| Ok(row.text("client_id")?.to_owned())).collect()
}

/// Takes an organization out of all that was granted up to `left_at`; answers the
/// sessions and clients for whom nothing else is left.
pub fn leave(
    sql: &dyn Sql,
    org: &OrgId,
    left_at: Timestamp,
    now: Timestamp,
) -> Result<Vec<(SessionId, String)>, StoreError> {
    sql.run(Statement::new(CLEAR_ORGANIZATION).bind(now).bind(org.as_str()))?;
    let statement =
        Statement::new(LEAVE).bind(org.as_str()).bind(now).bind(left_at).bind(org.as_str());
    let mut done = Vec::new();
    for row in sql.run(statement)? {
        if row.int("orgs_left")? == 0 {
            done.push((row.parse("session_id")?, row.text("client_id")?.to_owned()));
        }
    }
    Ok(done)
}

/// Notes that the index is to be told of the session, and how long it then shows
/// it.
pub fn mark_untold(
    sql: &dyn Sql,
    id: &SessionId,
    shown_until: Timestamp,
    now: Timestamp,
) -> Result<(), StoreError> {
    let statement = Statement::new(MARK_UNTOLD).bind(now).bind(shown_until).bind(id.as_str());
    sql.run(statement).map(|_| ())
}

/// Notes that the index was told of the session's state `version`.
pub fn mark_told(sql: &dyn Sql, id: &SessionId, version: i64) -> Result<(), StoreError> {
    sql.run(Statement::new(MARK_TOLD).bind(version).bind(id.as_str())).map(|_| ())
}

/// Whether there is a session of which the index is to be told.
pub fn has_untold(sql: &dyn Sql) -> Result<bool, StoreError> {
    Ok(!sql.run(Statement::new(HAS_UNTOLD))?.is_empty())
}

/// Sessions of `account` of which the index is to be told, at most `limit`.
pub fn list_untold(
    sql: &dyn Sql,
    account: &Account,
    limit: i64,
) -> Result<Vec<SessionState>, StoreError> {
    let rows = sql.run(Statement::new(LIST_UNTOLD).bind(limit))?;
    rows.iter()
        .map(|row| {
            let mut clients: Vec<String> = row.json("clients")?;
            clients.truncate(MAX_TOLD_CLIENTS);
            Ok(SessionState {
                realm: account.realm.clone(),
                user: account.user.clone(),
                session: row.parse("id")?,
                version: row.int("version")?,
                clients,
                ip: row.text_or_null("ip_address")?.map(str::to_owned),
                started_at: row.time("authenticated_at")?,
                last_seen_at: row.time("last_seen_at")?,
                shown_until: row.time("shown_until")?,
                ended: row.time_or_null("ended_at")?.is_some(),
            })
        })
        .collect()
}

/// Makes `org` the session's active organization.
pub fn set_organization(sql: &dyn Sql, id: &SessionId, org: &OrgId) -> Result<(), StoreError> {
    let statement = Statement::new(SET_ORGANIZATION).bind(org.as_str()).bind(id.as_str());
    sql.run(statement).map(|_| ())
}

/// The session's active organization, if it was ever switched.
pub fn find_organization(sql: &dyn Sql, id: &SessionId) -> Result<Option<OrgId>, StoreError> {
    let rows = sql.run(Statement::new(FIND_ORGANIZATION).bind(id.as_str()))?;
    rows.first().map_or(Ok(None), |row| row.parse_or_null("active_org_id"))
}

/// Whether a session that nobody ended has `org` for its active organization.
pub fn is_for(sql: &dyn Sql, org: &OrgId, now: Timestamp) -> Result<bool, StoreError> {
    let found = sql.run(Statement::new(FIND_FOR).bind(now).bind(org.as_str()))?;
    Ok(!found.is_empty())
}

/// Sessions that nobody ended and that are not over, with where they were
/// started from and the clients to whom something was granted in them, at most
/// `limit`.
pub fn list_live(sql: &dyn Sql, now: Timestamp, limit: i64) -> Result<Vec<Listed>, StoreError> {
    let rows = sql.run(Statement::new(LIST_LIVE).bind(now).bind(limit))?;
    rows.iter()
        .map(|row| {
            Ok(Listed {
                session: session_from_row(row)?,
                ip: row.text_or_null("ip_address")?.map(str::to_owned),
                clients: row.json("clients")?,
            })
        })
        .collect()
}

/// A session as a list has it.
pub struct Listed {
    /// The session.
    pub session: Session,
    /// Where it was started from, if that is known.
    pub ip: Option<String>,
    /// The `client_id`s of those to whom something was granted in it.
    pub clients: Vec<String>,
}

/// Ends every session that is not over and began up to `began_by`; answers which.
pub fn mark_every_ended(
    sql: &dyn Sql,
    began_by: Timestamp,
    now: Timestamp,
) -> Result<Vec<SessionId>, StoreError> {
    let statement = Statement::new(MARK_ALL_ENDED).bind(now).bind(now).bind(now).bind(began_by);
    sql.run(statement)?.iter().map(|row| row.parse("id")).collect()
}

/// Forgets sessions that are over at `now`, at most `limit`.
pub fn delete_expired(sql: &dyn Sql, now: Timestamp, limit: i64) -> Result<(), StoreError> {
    sql.run(Statement::new(DELETE_EXPIRED).bind(now).bind(limit)).map(|_| ())
}

fn session_from_row(row: &Row) -> Result<Session, StoreError> {
    Ok(Session {
        id: row.parse("id")?,
        authenticated_at: row.time("authenticated_at")?,
        last_seen_at: row.time("last_seen_at")?,
        expires_at: row.time("expires_at")?,
        ended_at: row.time_or_null("ended_at")?,
        shown_until: match row.int("version")? {
            0 => None,
            _ => Some(row.time("shown_until")?),
        },
    })
}
