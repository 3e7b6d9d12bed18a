//! What people did.
use super::to_json;
use crate::event::filter::{UserEventFilter, Window};
use crate::event::user_event::UserEvent;
use crate::kernel::id::{RealmId, SessionId, UserId};
use crate::kernel::time::Timestamp;
use crate::platform::directory::Directory;
use crate::platform::row::{Row, StoreError};
use crate::platform::sql::Statement;

const INSERT: &str = "
    INSERT INTO user_event (id, realm_id, at, type, client_id, user_id, session_id, ip_address,
                            error, details)
    VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
    ON CONFLICT (id) DO NOTHING";

const LIST: &str = "
    SELECT id, realm_id, at, type, client_id, user_id, session_id, ip_address, error, details
      FROM user_event
     WHERE realm_id = ?";

/// The first of each type, and of these the first (as in `audit`).
const LIST_OF_KINDS: &str = "
    SELECT user_event.id, user_event.realm_id, user_event.at, user_event.type,
           user_event.client_id, user_event.user_id, user_event.session_id,
           user_event.ip_address, user_event.error, user_event.details
      FROM json_each(?) AS kinds
      JOIN user_event ON user_event.number IN (
           SELECT one.number FROM user_event AS one
            WHERE one.realm_id = ? AND one.type = kinds.value";

const NEWEST_OF_EACH: &str = " ORDER BY one.at DESC, one.number DESC LIMIT ?)";

const OLDEST_OF_EACH: &str = " ORDER BY one.at, one.number LIMIT ?)";

const NEWEST_FIRST: &str = " ORDER BY user_event.at DESC, user_event.number DESC LIMIT ? OFFSET ?";

const OLDEST_FIRST: &str = " ORDER BY user_event.at, user_event.number LIMIT ? OFFSET ?";

const DELETE: &str = "
    DELETE FROM user_event
     WHERE number IN (SELECT number FROM user_event WHERE realm_id = ? AND at < ? LIMIT ?)";

const FIND_ANY: &str = "SELECT id FROM user_event WHERE realm_id = ? AND at < ? LIMIT 1";

/// Most rows deleted in one statement: what D1 does in well under its limit of
/// 30 seconds.
const DELETE_ROWS: i64 = 10_000;

/// The statement that writes an event down, unless it is there.
///
/// # Errors
/// `Refused` when the details cannot be written as JSON.
pub fn insertion(event: &UserEvent) -> Result<Statement, StoreError> {
    Ok(Statement::new(INSERT)
        .bind(event.id.as_str())
        .bind(event.realm.as_str())
        .bind(event.at)
        .bind(event.kind.as_str())
        .bind(event.client.as_deref())
        .bind(event.user.as_ref().map(UserId::as_str))
        .bind(event.session.as_ref().map(SessionId::as_str))
        .bind(event.ip.as_deref())
        .bind(event.error.as_deref())
        .bind(to_json(&event.details)?))
}

/// A part of the realm's events that fit the question.
///
/// # Errors
/// `Refused` when the directory fails.
pub async fn list(
    directory: &dyn Directory,
    realm: &RealmId,
    filter: &UserEventFilter,
    window: &Window,
) -> Result<Vec<UserEvent>, StoreError> {
    let start = if filter.kinds.is_empty() {
        Statement::new(LIST)
    } else {
        Statement::new(LIST_OF_KINDS).bind(to_json(&filter.kinds)?)
    };
    let equal = [
        (" AND client_id = ?", &filter.client),
        (" AND user_id = ?", &filter.user),
        (" AND ip_address = ?", &filter.ip),
    ];
    let mut statement = start.bind(realm.as_str());
    for (fragment, value) in equal {
        if let Some(value) = value {
            statement = statement.push(fragment).bind(value.as_str());
        }
    }
    if let Some(from) = window.from {
        statement = statement.push(" AND at >= ?").bind(from);
    }
    if let Some(to) = window.to {
        statement = statement.push(" AND at <= ?").bind(to);
    }
    if !filter.kinds.is_empty() {
        let each = if window.ascending { OLDEST_OF_EACH } else { NEWEST_OF_EACH };
        statement = statement.push(each).bind(window.first.saturating_add(window.max));
    }
    let order = if window.ascending { OLDEST_FIRST } else { NEWEST_FIRST };
    let statement = statement.push(order).bind(window.max).bind(window.first);
    directory.run(statement).await?.iter().map(event_from_row).collect()
}

/// Forgets the realm's events from before `then`.
///
/// # Errors
/// `Refused` when the directory fails; some may be forgotten then.
pub async fn delete_before(
    directory: &dyn Directory,
    realm: &RealmId,
    then: Timestamp,
) -> Result<(), StoreError> {
    loop {
        let deletion = Statement::new(DELETE).bind(realm.as_str()).bind(then).bind(DELETE_ROWS);
        let look = Statement::new(FIND_ANY).bind(realm.as_str()).bind(then);
        let answers = directory.batch(vec![deletion, look]).await?;
        if answers.last().is_none_or(Vec::is_empty) {
            return Ok(());
        }
    }
}

fn event_from_row(row: &Row) -> Result<UserEvent, StoreError> {
    Ok(UserEvent {
        id: row.parse("id")?,
        realm: row.parse("realm_id")?,
        at: row.time("at")?,
        kind: row.text("type")?.to_owned(),
        client: row.text_or_null("client_id")?.map(str::to_owned),
        user: row.parse_or_null("user_id")?,
        session: row.parse_or_null("session_id")?,
        ip: row.text_or_null("ip_address")?.map(str::to_owned),
        error: row.text_or_null("error")?.map(str::to_owned),
        details: row.json("details")?,
    })
}
