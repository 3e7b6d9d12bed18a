//! Logins on devices that have no browser (RFC 8628).
use crate::crypto::token::TokenHash;
use crate::kernel::id::{ClientUuid, UserId};
use crate::kernel::time::{Seconds, Timestamp};
use crate::platform::directory::Directory;
use crate::platform::row::{Row, StoreError};
use crate::platform::sql::Statement;

/// The statement decides: there is a place, and both codes are new. It looks at as many
/// of the client's requests as may wait, and no more.
const INSERT: &str = "
       INSERT INTO device_request
              (hash, user_code_hash, client_uuid, request, expires_at, poll_interval)
       SELECT ?, ?, ?, ?, ?, ?
        WHERE (SELECT expires_at FROM device_request
                WHERE client_uuid = ? AND expires_at > ?
                  AND denied_at IS NULL AND code_hash IS NULL
                LIMIT 1 OFFSET ?) IS NULL
           ON CONFLICT DO NOTHING
    RETURNING hash";

const FIND_LAST_PLACE: &str = "
    SELECT expires_at FROM device_request
     WHERE client_uuid = ? AND expires_at > ?
       AND denied_at IS NULL AND code_hash IS NULL
     LIMIT 1 OFFSET ?";

const FIND_WAITING: &str = "
    SELECT hash, client_uuid, request, expires_at
      FROM device_request
     WHERE user_code_hash = ? AND expires_at > ?
       AND denied_at IS NULL AND code_hash IS NULL";

/// Whether it came too early is judged by the row as the poll before left it.
const POLL: &str = "
       UPDATE device_request
          SET is_hurried = polled_at IS NOT NULL AND polled_at + poll_interval > ?,
              poll_interval = poll_interval
                + CASE WHEN polled_at IS NOT NULL AND polled_at + poll_interval > ?
                       THEN ? ELSE 0 END,
              polled_at = ?
        WHERE hash = ? AND client_uuid = ?
    RETURNING expires_at, is_hurried, denied_at, user_id, code_hash";

/// The statement decides: of many answers the first counts.
const APPROVE: &str = "
       UPDATE device_request
          SET user_id = ?, code_hash = ?
        WHERE hash = ? AND expires_at > ? AND denied_at IS NULL AND code_hash IS NULL
    RETURNING hash";

const DENY: &str = "
       UPDATE device_request
          SET denied_at = ?
        WHERE hash = ? AND expires_at > ? AND denied_at IS NULL AND code_hash IS NULL
    RETURNING hash";

const DELETE_OVER: &str = "
    DELETE FROM device_request
     WHERE hash IN (SELECT hash FROM device_request WHERE expires_at <= ? LIMIT ?)
    RETURNING hash";

/// A request to be kept.
pub struct NewDeviceRequest<'a> {
    /// The hash of the device's code.
    pub hash: &'a TokenHash,
    /// The hash of what the person types.
    pub user_code: &'a TokenHash,
    /// Whose it is.
    pub client: &'a ClientUuid,
    /// What is asked for, as JSON.
    pub request: &'a str,
    /// Too late from then on.
    pub expires_at: Timestamp,
    /// How long the device waits between two polls.
    pub interval: Seconds,
}

/// How many requests of a client may wait.
#[derive(Clone, Copy, Debug)]
pub struct Places {
    /// At most; at least one.
    pub most: i64,
    /// When: what is over waits no more.
    pub now: Timestamp,
}

/// What came of keeping a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kept {
    /// It is kept.
    Kept,
    /// A code like one of its codes is taken.
    Taken,
    /// As many of the client's wait as may.
    Full,
}

/// A request that nobody answered yet.
#[derive(Debug)]
pub struct WaitingRequest {
    /// The hash of the device's code.
    pub hash: TokenHash,
    /// Whose it is.
    pub client: ClientUuid,
    /// What is asked for, as JSON.
    pub request: String,
    /// Too late from then on.
    pub expires_at: Timestamp,
}

/// A poll of a device.
pub struct Poll<'a> {
    /// The hash of its code.
    pub hash: &'a TokenHash,
    /// Whose device it is.
    pub client: &'a ClientUuid,
    /// When it comes.
    pub now: Timestamp,
    /// How much earlier than agreed it may come.
    pub tolerance: Seconds,
    /// How much longer it waits from now on, if it comes earlier than that.
    pub slower: Seconds,
}

/// What a device finds.
#[derive(Debug)]
pub struct Polled {
    /// Too late from then on.
    pub expires_at: Timestamp,
    /// Whether it came too early.
    pub is_hurried: bool,
    /// What the person answered.
    pub answer: DeviceAnswer,
}

/// What the person answered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum DeviceAnswer {
    /// Nothing yet.
    Waiting,
    /// No.
    Denied,
    /// Yes.
    Approved {
        /// Who.
        user: UserId,
        /// By what their account knows the permission.
        code: TokenHash,
    },
}

/// Keeps a request, while its client has a place left. One statement; two when it is
/// not kept.
///
/// # Errors
/// `Refused` when the directory fails.
pub async fn insert(
    directory: &dyn Directory,
    request: &NewDeviceRequest<'_>,
    places: Places,
) -> Result<Kept, StoreError> {
    let statement = Statement::new(INSERT)
        .bind(request.hash.as_str())
        .bind(request.user_code.as_str())
        .bind(request.client.as_str())
        .bind(request.request)
        .bind(request.expires_at)
        .bind(i64::from(request.interval.0));
    if !directory.run(last_place(statement, request.client, places)).await?.is_empty() {
        return Ok(Kept::Kept);
    }
    let last = last_place(Statement::new(FIND_LAST_PLACE), request.client, places);
    let is_full = !directory.run(last).await?.is_empty();
    Ok(if is_full { Kept::Full } else { Kept::Taken })
}

/// Binds which place is the client's last.
fn last_place(statement: Statement, client: &ClientUuid, places: Places) -> Statement {
    statement.bind(client.as_str()).bind(places.now).bind(places.most - 1)
}

/// The request that a person means by what they type, if it waits for an answer.
///
/// # Errors
/// `Refused` when the directory fails.
pub async fn find_waiting(
    directory: &dyn Directory,
    user_code: &TokenHash,
    now: Timestamp,
) -> Result<Option<WaitingRequest>, StoreError> {
    let statement = Statement::new(FIND_WAITING).bind(user_code.as_str()).bind(now);
    directory.run(statement).await?.first().map(waiting_from_row).transpose()
}

/// Notes a poll, and answers what there is; `None` when there is no such request
/// of that client.
///
/// # Errors
/// `Refused` when the directory fails.
pub async fn poll(
    directory: &dyn Directory,
    poll: &Poll<'_>,
) -> Result<Option<Polled>, StoreError> {
    let statement = Statement::new(POLL)
        .bind(poll.now + poll.tolerance)
        .bind(poll.now + poll.tolerance)
        .bind(i64::from(poll.slower.0))
        .bind(poll.now)
        .bind(poll.hash.as_str())
        .bind(poll.client.as_str());
    directory.run(statement).await?.first().map(polled_from_row).transpose()
}

/// Notes that `user` says yes, and by what their account knows what they allow.
/// `false` when the request was answered before, or is over.
///
/// # Errors
/// `Refused` when the directory fails.
pub async fn approve(
    directory: &dyn Directory,
    hash: &TokenHash,
    (user, code): (&UserId, &TokenHash),
    now: Timestamp,
) -> Result<bool, StoreError> {
    let statement = Statement::new(APPROVE)
        .bind(user.as_str())
        .bind(code.as_str())
        .bind(hash.as_str())
        .bind(now);
    Ok(!directory.run(statement).await?.is_empty())
}

/// Notes that the person says no. `false` when the request was answered before, or
/// is over.
///
/// # Errors
/// `Refused` when the directory fails.
pub async fn deny(
    directory: &dyn Directory,
    hash: &TokenHash,
    now: Timestamp,
) -> Result<bool, StoreError> {
    let statement = Statement::new(DENY).bind(now).bind(hash.as_str()).bind(now);
    Ok(!directory.run(statement).await?.is_empty())
}

/// Forgets requests that were over at `then`, at most `limit`; how many.
///
/// # Errors
/// `Refused` when the directory fails.
pub async fn delete_over(
    directory: &dyn Directory,
    then: Timestamp,
    limit: i64,
) -> Result<usize, StoreError> {
    let statement = Statement::new(DELETE_OVER).bind(then).bind(limit);
    directory.run(statement).await.map(|rows| rows.len())
}

fn waiting_from_row(row: &Row) -> Result<WaitingRequest, StoreError> {
    Ok(WaitingRequest {
        hash: row.parse("hash")?,
        client: row.parse("client_uuid")?,
        request: row.text("request")?.to_owned(),
        expires_at: row.time("expires_at")?,
    })
}

fn polled_from_row(row: &Row) -> Result<Polled, StoreError> {
    let approved = (row.parse_or_null("user_id")?, row.parse_or_null("code_hash")?);
    let answer = match (row.time_or_null("denied_at")?, approved) {
        (Some(_), _) => DeviceAnswer::Denied,
        (None, (Some(user), Some(code))) => DeviceAnswer::Approved { user, code },
        (None, _) => DeviceAnswer::Waiting,
    };
    Ok(Polled { expires_at: row.time("expires_at")?, is_hurried: row.truth("is_hurried")?, answer })
}
