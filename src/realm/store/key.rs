//! Signing keys.
use super::to_json;
use crate::kernel::id::RealmId;
use crate::platform::directory::Directory;
use crate::platform::row::{Row, StoreError};
use crate::platform::sql::Statement;
use crate::realm::key::RealmKey;

const LIST: &str = "
    SELECT kid, algorithm, wrapped, public_jwk, created_at, retired_at
      FROM signing_key
     WHERE realm_id = ?
     ORDER BY created_at DESC, kid";

const INSERT: &str = "
    INSERT INTO signing_key (kid, realm_id, algorithm, wrapped, public_jwk, created_at)
    VALUES (?, ?, ?, ?, ?, ?)";

const RETIRE: &str = "
    UPDATE signing_key
       SET retired_at = ?
     WHERE realm_id = ? AND algorithm = ? AND retired_at IS NULL";

/// The realm's keys, newest first.
///
/// # Errors
/// `Refused` when the directory fails.
pub async fn list(directory: &dyn Directory, realm: &RealmId) -> Result<Vec<RealmKey>, StoreError> {
    let rows = directory.run(Statement::new(LIST).bind(realm.as_str())).await?;
    rows.iter().map(key_from_row).collect()
}

/// Adds a key.
///
/// # Errors
/// `Conflict` when a key of this algorithm is in use.
pub async fn insert(
    directory: &dyn Directory,
    realm: &RealmId,
    key: &RealmKey,
) -> Result<(), StoreError> {
    directory.run(insertion(realm, key)?).await.map(|_| ())
}

/// Retires the key in use and adds `key`, both or neither.
///
/// # Errors
/// `Refused` when the directory fails.
pub async fn replace(
    directory: &dyn Directory,
    realm: &RealmId,
    key: &RealmKey,
) -> Result<(), StoreError> {
    let retirement = Statement::new(RETIRE)
        .bind(key.created_at)
        .bind(realm.as_str())
        .bind(key.algorithm.as_str());
    directory.batch(vec![retirement, insertion(realm, key)?]).await.map(|_| ())
}

/// The statement that adds a key.
///
/// # Errors
/// `Refused` when the public key cannot be written as JSON.
pub fn insertion(realm: &RealmId, key: &RealmKey) -> Result<Statement, StoreError> {
    Ok(Statement::new(INSERT)
        .bind(key.kid.as_str())
        .bind(realm.as_str())
        .bind(key.algorithm.as_str())
        .bind(key.wrapped.as_str())
        .bind(to_json(&key.public_jwk)?)
        .bind(key.created_at))
}

fn key_from_row(row: &Row) -> Result<RealmKey, StoreError> {
    Ok(RealmKey {
        kid: row.text("kid")?.to_owned(),
        algorithm: row.parse("algorithm")?,
        wrapped: row.text("wrapped")?.to_owned(),
        public_jwk: row.json("public_jwk")?,
        created_at: row.time("created_at")?,
        retired_at: row.time_or_null("retired_at")?,
    })
}
