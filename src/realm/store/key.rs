//! Signing keys.
use super::to_json;
use crate::kernel::id::RealmId;
use crate::platform::directory::Directory;
use crate::platform::row::{Row, StoreError};
use crate::platform::sql::Statement;
use crate::realm::key::{KeySettings, RealmKey};
use crate::realm::settings::Settings;

const LIST: &str = "
    SELECT kid, algorithm, wrapped, public_jwk, created_at, retired_at, name, priority, active,
           enabled
      FROM signing_key
     WHERE realm_id = ?
     ORDER BY created_at DESC, kid";

const INSERT: &str = "
    INSERT INTO signing_key (kid, realm_id, algorithm, wrapped, public_jwk, created_at, name,
                             priority, active, enabled)
    VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)";

const INSERT_FIRST: &str = "
    INSERT INTO signing_key (kid, realm_id, algorithm, wrapped, public_jwk, created_at)
    SELECT ?, ?, ?, ?, ?, ?
     WHERE NOT EXISTS (SELECT 1 FROM signing_key
                        WHERE realm_id = ? AND algorithm = ? AND active AND enabled
                          AND retired_at IS NULL)";

/// In the place of one that nobody has replaced yet.
const INSERT_SUCCESSOR: &str = "
    INSERT INTO signing_key (kid, realm_id, algorithm, wrapped, public_jwk, created_at, name,
                             priority)
    SELECT ?, realm_id, algorithm, ?, ?, ?, name, priority
      FROM signing_key
     WHERE kid = ? AND realm_id = ? AND retired_at IS NULL";

const RETIRE: &str = "
    UPDATE signing_key SET retired_at = ? WHERE kid = ? AND realm_id = ? AND retired_at IS NULL";

const UPDATE: &str = "
    UPDATE signing_key SET name = ?, priority = ?, active = ?, enabled = ?, retired_at = ?
     WHERE kid = ? AND realm_id = ?";

const DELETE: &str = "DELETE FROM signing_key WHERE kid = ? AND realm_id = ?";

/// A realm that has no key to sign with is inserted once more, which cannot be:
/// the transaction that this stands in comes to nothing.
const REQUIRE_A_KEY: &str = "
    INSERT INTO realm (id, name, display_name, enabled, settings, created_at)
    SELECT id, '', '', 0, '', 0
      FROM realm
     WHERE id = ?
       AND NOT EXISTS (SELECT 1 FROM signing_key
                        WHERE realm_id = realm.id
                          AND algorithm = coalesce(realm.settings ->> '$.signing_algorithm', ?)
                          AND active AND enabled AND retired_at IS NULL)";

/// The realm's keys, newest first.
///
/// # Errors
/// `Refused` when the directory fails.
pub async fn list(directory: &dyn Directory, realm: &RealmId) -> Result<Vec<RealmKey>, StoreError> {
    let rows = directory.run(Statement::new(LIST).bind(realm.as_str())).await?;
    rows.iter().map(key_from_row).collect()
}

/// Adds a key, unless the realm has one of its algorithm in use.
///
/// # Errors
/// `Refused` when the directory fails.
pub async fn insert_first(
    directory: &dyn Directory,
    realm: &RealmId,
    key: &RealmKey,
) -> Result<(), StoreError> {
    let statement = Statement::new(INSERT_FIRST)
        .bind(key.kid.as_str())
        .bind(realm.as_str())
        .bind(key.algorithm.as_str())
        .bind(key.wrapped.as_str())
        .bind(to_json(&key.public_jwk)?)
        .bind(key.created_at)
        .bind(realm.as_str())
        .bind(key.algorithm.as_str());
    directory.run(statement).await.map(|_| ())
}

/// Retires `old` and adds `key` with its name and priority: both, or neither when
/// somebody was faster.
///
/// # Errors
/// `Refused` when the directory fails.
pub async fn replace(
    directory: &dyn Directory,
    realm: &RealmId,
    old: &RealmKey,
    key: &RealmKey,
) -> Result<(), StoreError> {
    let insertion = Statement::new(INSERT_SUCCESSOR)
        .bind(key.kid.as_str())
        .bind(key.wrapped.as_str())
        .bind(to_json(&key.public_jwk)?)
        .bind(key.created_at)
        .bind(old.kid.as_str())
        .bind(realm.as_str());
    let retirement =
        Statement::new(RETIRE).bind(key.created_at).bind(old.kid.as_str()).bind(realm.as_str());
    directory.batch(vec![insertion, retirement]).await.map(|_| ())
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
        .bind(key.created_at)
        .bind(key.settings.name.as_deref())
        .bind(key.settings.priority)
        .bind(key.settings.active)
        .bind(key.settings.enabled))
}

/// The statement that writes what is decided about a key.
#[must_use]
pub fn update(realm: &RealmId, key: &RealmKey) -> Statement {
    Statement::new(UPDATE)
        .bind(key.settings.name.as_deref())
        .bind(key.settings.priority)
        .bind(key.settings.active)
        .bind(key.settings.enabled)
        .bind(key.retired_at)
        .bind(key.kid.as_str())
        .bind(realm.as_str())
}

/// The statement that forgets a key.
#[must_use]
pub fn deletion(realm: &RealmId, kid: &str) -> Statement {
    Statement::new(DELETE).bind(kid).bind(realm.as_str())
}

/// The statement that lets a transaction through only when the realm has a key
/// left to sign with. `Conflict` on `realm.id` when it has none.
#[must_use]
pub fn requirement(realm: &RealmId) -> Statement {
    let default = Settings::default().signing_algorithm;
    Statement::new(REQUIRE_A_KEY).bind(realm.as_str()).bind(default.as_str())
}

fn key_from_row(row: &Row) -> Result<RealmKey, StoreError> {
    Ok(RealmKey {
        kid: row.text("kid")?.to_owned(),
        algorithm: row.parse("algorithm")?,
        wrapped: row.text("wrapped")?.to_owned(),
        public_jwk: row.json("public_jwk")?,
        created_at: row.time("created_at")?,
        retired_at: row.time_or_null("retired_at")?,
        settings: KeySettings {
            name: row.text_or_null("name")?.map(str::to_owned),
            priority: row.int("priority")?,
            active: row.truth("active")?,
            enabled: row.truth("enabled")?,
        },
    })
}
