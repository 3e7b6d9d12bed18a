//! Realms.
use super::to_json;
use crate::kernel::id::{RealmId, RealmName};
use crate::kernel::time::Timestamp;
use crate::platform::directory::Directory;
use crate::platform::row::{Row, StoreError};
use crate::platform::sql::Statement;
use crate::realm::settings::Realm;

const FIND: &str = "SELECT id, name, display_name, enabled, settings, edition FROM realm WHERE name = ?";

const FIND_BY_ID: &str = "SELECT id, name, display_name, enabled, settings, edition FROM realm WHERE id = ?";

const LIST: &str = "SELECT id, name, display_name, enabled, settings, edition FROM realm ORDER BY name";

const INSERT: &str = "
    INSERT INTO realm (id, name, display_name, enabled, settings, created_at)
    VALUES (?, ?, ?, ?, ?, ?)
    ON CONFLICT (name) DO NOTHING";

/// The realm called `name`.
///
/// # Errors
/// `Refused` when the directory fails.
pub async fn find(
    directory: &dyn Directory,
    name: &RealmName,
) -> Result<Option<Realm>, StoreError> {
    let rows = directory.run(Statement::new(FIND).bind(name.as_str())).await?;
    rows.first().map(realm_from_row).transpose()
}

/// The realm whose key is `id`.
///
/// # Errors
/// `Refused` when the directory fails.
pub async fn find_by_id(
    directory: &dyn Directory,
    id: &RealmId,
) -> Result<Option<Realm>, StoreError> {
    let rows = directory.run(Statement::new(FIND_BY_ID).bind(id.as_str())).await?;
    rows.first().map(realm_from_row).transpose()
}

/// Every realm, by name.
///
/// # Errors
/// `Refused` when the directory fails.
pub async fn list(directory: &dyn Directory) -> Result<Vec<Realm>, StoreError> {
    directory.run(Statement::new(LIST)).await?.iter().map(realm_from_row).collect()
}

/// Adds a realm, unless one of its name exists.
///
/// # Errors
/// `Refused` when the directory fails.
pub async fn insert(
    directory: &dyn Directory,
    realm: &Realm,
    now: Timestamp,
) -> Result<(), StoreError> {
    let statement = Statement::new(INSERT)
        .bind(realm.id.as_str())
        .bind(realm.name.as_str())
        .bind(realm.display_name.as_str())
        .bind(realm.enabled)
        .bind(to_json(&realm.settings)?)
        .bind(now);
    directory.run(statement).await.map(|_| ())
}

fn realm_from_row(row: &Row) -> Result<Realm, StoreError> {
    Ok(Realm {
        id: row.parse("id")?,
        name: row.parse("name")?,
        display_name: row.text("display_name")?.to_owned(),
        enabled: row.truth("enabled")?,
        settings: row.json("settings")?,
        edition: u32::try_from(row.int("edition")?)
            .map_err(|_| StoreError::Corrupt { column: "edition" })?,
    })
}
