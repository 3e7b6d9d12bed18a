//! The index of sessions.
use super::to_json;
use crate::kernel::id::{ClientUuid, RealmId};
use crate::kernel::time::Timestamp;
use crate::platform::directory::Directory;
use crate::platform::row::{Row, StoreError};
use crate::platform::sql::Statement;
use crate::realm::page::{MAX_PAGE_ROWS, Page};
use crate::realm::session_index::{ClientSessions, IndexedSession, SessionState};

/// Nothing for a user who is gone by now, and nothing for a state that is older
/// than what is there.
const PUT: &str = "
    INSERT INTO user_session (id, realm_id, user_id, started_at, last_seen_at, shown_until,
                              ip_address, ended, version)
    SELECT ?, realm_id, id, ?, ?, ?, ?, ?, ? FROM user WHERE id = ? AND realm_id = ?
    ON CONFLICT (id) DO UPDATE
       SET last_seen_at = excluded.last_seen_at, shown_until = excluded.shown_until,
           ended = excluded.ended, version = excluded.version
     WHERE excluded.version > user_session.version";

/// Clients are only ever added to a session, so an older state does no harm.
const PUT_CLIENTS: &str = "
    INSERT INTO client_session (client_uuid, started_at, session_id)
    SELECT client.id, user_session.started_at, user_session.id
      FROM user_session
      JOIN json_each(?) AS named
      JOIN client
        ON client.realm_id = user_session.realm_id AND client.client_id = named.value
     WHERE user_session.id = ? AND NOT user_session.ended
    ON CONFLICT DO NOTHING";

const LIST: &str = "
    SELECT user_session.id, user_session.user_id, user.username, user_session.ip_address,
           user_session.started_at, user_session.last_seen_at,
           (SELECT json_group_object(client.id, client.client_id)
              FROM client_session AS other
              JOIN client ON client.id = other.client_uuid
             WHERE other.session_id = user_session.id) AS clients
      FROM client_session
      JOIN user_session ON user_session.id = client_session.session_id
      JOIN user ON user.id = user_session.user_id
     WHERE client_session.client_uuid = ? AND client_session.started_at > ?
       AND user_session.shown_until > ?
     ORDER BY client_session.started_at, client_session.session_id
     LIMIT ? OFFSET ?";

/// Reads what it counts: how many of a client's sessions live changes with time
/// alone, so no number can be kept.
const COUNT: &str = "
    SELECT count(*) AS sessions
      FROM client_session
      JOIN user_session ON user_session.id = client_session.session_id
     WHERE client_session.client_uuid = ? AND client_session.started_at > ?
       AND user_session.shown_until > ?";

const COUNT_BY_CLIENT: &str = "
    SELECT client.id, client.client_id, count(*) AS sessions
      FROM client
      JOIN client_session
        ON client_session.client_uuid = client.id AND client_session.started_at > ?
      JOIN user_session ON user_session.id = client_session.session_id
     WHERE client.realm_id = ? AND user_session.shown_until > ?
     GROUP BY client.client_id
     ORDER BY client.client_id
     LIMIT ?";

const DELETE_OVER: &str = "
    DELETE FROM user_session
     WHERE id IN (SELECT id FROM user_session WHERE shown_until <= ? LIMIT ?)
    RETURNING id";

/// Which of the sessions in the index count.
#[derive(Clone, Copy, Debug)]
pub struct Living {
    /// Those that began after this: the realm's not-before.
    pub since: Timestamp,
    /// Those that are not over then.
    pub now: Timestamp,
}

/// The statements that put a state into the index, in this order. Twice is once.
///
/// # Errors
/// `Refused` when the list of clients cannot be written as JSON.
pub fn put(state: &SessionState) -> Result<[Statement; 2], StoreError> {
    let session = Statement::new(PUT)
        .bind(state.session.as_str())
        .bind(state.started_at)
        .bind(state.last_seen_at)
        .bind(state.shown_until)
        .bind(state.ip.as_deref())
        .bind(state.ended)
        .bind(state.version)
        .bind(state.user.as_str())
        .bind(state.realm.as_str());
    let clients =
        Statement::new(PUT_CLIENTS).bind(to_json(&state.clients)?).bind(state.session.as_str());
    Ok([session, clients])
}

/// A page of the sessions in which something was granted to `client`, the oldest
/// first.
///
/// # Errors
/// `Refused` when the directory fails.
pub async fn list(
    directory: &dyn Directory,
    client: &ClientUuid,
    living: Living,
    page: Page,
) -> Result<Vec<IndexedSession>, StoreError> {
    let statement = Statement::new(LIST)
        .bind(client.as_str())
        .bind(living.since)
        .bind(living.now)
        .bind(page.max)
        .bind(page.first);
    directory.run(statement).await?.iter().map(session_from_row).collect()
}

/// How many of them there are.
///
/// # Errors
/// `Refused` when the directory fails.
pub async fn count(
    directory: &dyn Directory,
    client: &ClientUuid,
    living: Living,
) -> Result<i64, StoreError> {
    let statement = Statement::new(COUNT).bind(client.as_str()).bind(living.since).bind(living.now);
    let rows = directory.run(statement).await?;
    rows.first().map_or(Ok(0), |row| row.int("sessions"))
}

/// How many sessions each client of the realm has that has any, by name. One more
/// than an answer holds tells that there are more.
///
/// # Errors
/// `Refused` when the directory fails.
pub async fn count_by_client(
    directory: &dyn Directory,
    realm: &RealmId,
    living: Living,
) -> Result<Vec<ClientSessions>, StoreError> {
    let statement = Statement::new(COUNT_BY_CLIENT)
        .bind(living.since)
        .bind(realm.as_str())
        .bind(living.now)
        .bind(MAX_PAGE_ROWS + 1);
    let rows = directory.run(statement).await?;
    let counted = |row: &Row| {
        Ok(ClientSessions {
            client: row.text("id")?.to_owned(),
            client_id: row.text("client_id")?.to_owned(),
            sessions: row.int("sessions")?,
        })
    };
    rows.iter().map(counted).collect()
}

/// Forgets sessions that are over at `now`, at most `limit`; how many.
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

fn session_from_row(row: &Row) -> Result<IndexedSession, StoreError> {
    Ok(IndexedSession {
        id: row.parse("id")?,
        user: row.parse("user_id")?,
        username: row.text("username")?.to_owned(),
        ip: row.text_or_null("ip_address")?.map(str::to_owned),
        started_at: row.time("started_at")?,
        last_seen_at: row.time("last_seen_at")?,
        clients: row.json("clients")?,
    })
}
