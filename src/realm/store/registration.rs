//! Tokens for registering clients, and for changing a registration.
use crate::crypto::token::TokenHash;
use crate::kernel::id::{ClientUuid, RealmId};
use crate::kernel::time::Timestamp;
use crate::platform::directory::Directory;
use crate::platform::row::{Row, StoreError};
use crate::platform::sql::Statement;
use crate::realm::initial_access::InitialAccess;

const INSERT: &str = "
    INSERT INTO initial_access (id, realm_id, token_hash, created_at, expires_at, total,
                                remaining)
    VALUES (?, ?, ?, ?, ?, ?, ?)";

/// Those that are spent or over are forgotten with the next that is made.
const DELETE_OVER: &str = "
    DELETE FROM initial_access
     WHERE realm_id = ? AND (remaining = 0 OR expires_at <= ?)";

const LIST: &str = "
    SELECT id, token_hash, created_at, expires_at, total, remaining
      FROM initial_access
     WHERE realm_id = ?
     ORDER BY created_at, id
     LIMIT ?";

const FIND: &str = "
    SELECT id, token_hash, created_at, expires_at, total, remaining
      FROM initial_access
     WHERE id = ? AND realm_id = ?";

const SPEND: &str = "
    UPDATE initial_access SET remaining = remaining - 1
     WHERE id = ? AND realm_id = ? AND remaining > 0
       AND (expires_at IS NULL OR expires_at > ?)
 RETURNING id";

const DELETE: &str = "DELETE FROM initial_access WHERE id = ? AND realm_id = ?";

const PUT: &str = "
    INSERT INTO client_registration (client_uuid, token_hash)
    VALUES (?, ?)
    ON CONFLICT (client_uuid) DO UPDATE SET token_hash = excluded.token_hash";

const MARK_ANONYMOUS: &str = "UPDATE client_registration SET anonymous = 1 WHERE client_uuid = ?";

const FIND_TOKEN: &str =
    "SELECT token_hash, anonymous FROM client_registration WHERE client_uuid = ?";

const COUNT_CLIENTS: &str = "SELECT count(*) AS clients FROM client WHERE realm_id = ?";

/// The statements that add a token and forget those that are over.
#[must_use]
pub fn insertion(realm: &RealmId, access: &InitialAccess) -> [Statement; 2] {
    [
        Statement::new(DELETE_OVER).bind(realm.as_str()).bind(access.created_at),
        Statement::new(INSERT)
            .bind(access.id.as_str())
            .bind(realm.as_str())
            .bind(access.token.as_str())
            .bind(access.created_at)
            .bind(access.expires_at)
            .bind(access.total)
            .bind(access.remaining),
    ]
}

/// The realm's tokens, the oldest first, at most `limit`.
///
/// # Errors
/// `Refused` when the directory fails.
pub async fn list(
    directory: &dyn Directory,
    realm: &RealmId,
    limit: i64,
) -> Result<Vec<InitialAccess>, StoreError> {
    let rows = directory.run(Statement::new(LIST).bind(realm.as_str()).bind(limit)).await?;
    rows.iter().map(from_row).collect()
}

/// The realm's token of that id.
///
/// # Errors
/// `Refused` when the directory fails.
pub async fn find(
    directory: &dyn Directory,
    realm: &RealmId,
    id: &str,
) -> Result<Option<InitialAccess>, StoreError> {
    let rows = directory.run(Statement::new(FIND).bind(id).bind(realm.as_str())).await?;
    rows.first().map(from_row).transpose()
}

/// Uses the token for one client; `false` when it is spent or over: the statement
/// itself is the guard.
///
/// # Errors
/// `Refused` when the directory fails.
pub async fn spend(
    directory: &dyn Directory,
    realm: &RealmId,
    id: &str,
    now: Timestamp,
) -> Result<bool, StoreError> {
    let statement = Statement::new(SPEND).bind(id).bind(realm.as_str()).bind(now);
    Ok(!directory.run(statement).await?.is_empty())
}

/// The statement that takes the token away.
#[must_use]
pub fn deletion(realm: &RealmId, id: &str) -> Statement {
    Statement::new(DELETE).bind(id).bind(realm.as_str())
}

/// The statement that gives a client another registration access token; the one
/// before works no longer.
#[must_use]
pub fn token_update(client: &ClientUuid, token: &TokenHash) -> Statement {
    Statement::new(PUT).bind(client.as_str()).bind(token.as_str())
}

/// The statement that notes that nobody vouched for the client: after the one that
/// gives it its first token.
#[must_use]
pub fn anonymity(client: &ClientUuid) -> Statement {
    Statement::new(MARK_ANONYMOUS).bind(client.as_str())
}

/// The client's registration access token, and whether nobody vouched for it.
///
/// # Errors
/// `Refused` when the directory fails.
pub async fn find_token(
    directory: &dyn Directory,
    client: &ClientUuid,
) -> Result<Option<(TokenHash, bool)>, StoreError> {
    let rows = directory.run(Statement::new(FIND_TOKEN).bind(client.as_str())).await?;
    rows.first().map(|row| Ok((row.parse("token_hash")?, row.truth("anonymous")?))).transpose()
}

/// How many clients the realm has.
///
/// # Errors
/// `Refused` when the directory fails.
pub async fn count_clients(directory: &dyn Directory, realm: &RealmId) -> Result<i64, StoreError> {
    let rows = directory.run(Statement::new(COUNT_CLIENTS).bind(realm.as_str())).await?;
    rows.first().map_or(Ok(0), |row| row.int("clients"))
}

fn from_row(row: &Row) -> Result<InitialAccess, StoreError> {
    Ok(InitialAccess {
        id: row.text("id")?.to_owned(),
        token: row.parse("token_hash")?,
        created_at: row.time("created_at")?,
        expires_at: row.time_or_null("expires_at")?,
        total: row.int("total")?,
        remaining: row.int("remaining")?,
    })
}
