//! Pushed authorization requests.
use crate::crypto::token::TokenHash;
use crate::kernel::id::ClientUuid;
use crate::kernel::time::Timestamp;
use crate::platform::directory::Directory;
use crate::platform::row::StoreError;
use crate::platform::sql::Statement;

const INSERT: &str = "
    INSERT INTO pushed_request (hash, client_uuid, parameters, expires_at)
    VALUES (?, ?, ?, ?)";

/// The statement decides who comes first.
const TAKE: &str = "
       DELETE FROM pushed_request
        WHERE hash = ? AND client_uuid = ? AND expires_at > ?
    RETURNING parameters";

const DELETE_OVER: &str = "
    DELETE FROM pushed_request
     WHERE hash IN (SELECT hash FROM pushed_request WHERE expires_at <= ? LIMIT ?)
    RETURNING hash";

/// A request to be kept.
pub struct NewPushedRequest<'a> {
    /// The hash of what leads to it.
    pub hash: &'a TokenHash,
    /// Whose it is.
    pub client: &'a ClientUuid,
    /// What it says, urlencoded.
    pub parameters: &'a str,
    /// Too late from then on.
    pub expires_at: Timestamp,
}

/// Keeps a request.
///
/// # Errors
/// `Refused` when the directory fails.
pub async fn insert(
    directory: &dyn Directory,
    request: &NewPushedRequest<'_>,
) -> Result<(), StoreError> {
    let statement = Statement::new(INSERT)
        .bind(request.hash.as_str())
        .bind(request.client.as_str())
        .bind(request.parameters)
        .bind(request.expires_at);
    directory.run(statement).await.map(|_| ())
}

/// Takes the request of `client` that `hash` leads to away, and answers what it
/// says; `None` when there is none, or no longer.
///
/// # Errors
/// `Refused` when the directory fails.
pub async fn take(
    directory: &dyn Directory,
    hash: &TokenHash,
    client: &ClientUuid,
    now: Timestamp,
) -> Result<Option<String>, StoreError> {
    let statement = Statement::new(TAKE).bind(hash.as_str()).bind(client.as_str()).bind(now);
    let rows = directory.run(statement).await?;
    rows.first().map(|row| row.text("parameters").map(str::to_owned)).transpose()
}

/// Forgets requests that are over at `now`, at most `limit`; how many.
///
/// # Errors
/// `Refused` when the directory fails.
pub async fn delete_over(
    directory: &dyn Directory,
    now: Timestamp,
    limit: i64,
) -> Result<usize, StoreError> {
    let statement = Statement::new(DELETE_OVER).bind(now).bind(limit);
    directory.run(statement).await.map(|rows| rows.len())
}
