//! Realms.
use super::to_json;
use crate::kernel::id::{RealmId, RealmName};
use crate::kernel::time::Timestamp;
use crate::platform::directory::Directory;
use crate::platform::row::{Row, StoreError};
use crate::platform::sql::Statement;
use crate::realm::kept::Kept;
use crate::realm::settings::{MASTER, Realm};

const FIND: &str = "
    SELECT id, name, display_name, enabled, settings, edition, not_before, default_role
      FROM realm
     WHERE name = ?";

const FIND_BY_ID: &str = "
    SELECT id, name, display_name, enabled, settings, edition, not_before, default_role
      FROM realm
     WHERE id = ?";

const LIST: &str = "
    SELECT id, name, display_name, enabled, settings, edition, not_before, default_role
      FROM realm
     ORDER BY name";

const INSERT: &str = "
    INSERT INTO realm (id, name, display_name, enabled, settings, created_at)
    VALUES (?, ?, ?, ?, ?, ?)";

const REPLACE: &str = "
    UPDATE realm SET name = ?, display_name = ?, enabled = ?, settings = ? WHERE id = ?";

const FIND_KEPT: &str = "SELECT kept FROM realm WHERE id = ?";

const SET_KEPT: &str = "UPDATE realm SET kept = ? WHERE id = ?";

const LIST_KEPT: &str = "
    SELECT id, name, display_name, enabled, settings, edition, not_before, default_role,
           kept
      FROM realm
     ORDER BY name";

/// Whoever writes the rest of a realm at the same time writes nothing here, and
/// nothing brings it back to an earlier moment.
const RAISE_NOT_BEFORE: &str = "
    UPDATE realm SET not_before = max(not_before, ?) WHERE id = ?";

/// Changes some settings and leaves the others as they are, also when somebody
/// changes those at the same time (RFC 7396: null takes a setting away, and with
/// it the default counts).
const PATCH_SETTINGS: &str = "UPDATE realm SET settings = json_patch(settings, ?) WHERE id = ?";

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

/// The key of the realm that administers the others.
///
/// # Errors
/// `Refused` when the directory fails.
pub async fn find_master(directory: &dyn Directory) -> Result<Option<RealmId>, StoreError> {
    let rows = directory.run(Statement::new(FIND).bind(MASTER)).await?;
    rows.first().map(|row| row.parse("id")).transpose()
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

/// The statement that adds a realm; `Conflict` when its key or name is taken.
///
/// # Errors
/// `Refused` when the settings cannot be written.
pub fn insertion(realm: &Realm, now: Timestamp) -> Result<Statement, StoreError> {
    Ok(Statement::new(INSERT)
        .bind(realm.id.as_str())
        .bind(realm.name.as_str())
        .bind(realm.display_name.as_str())
        .bind(realm.enabled)
        .bind(to_json(&realm.settings)?)
        .bind(now))
}

/// The statement that changes a realm; `Conflict` when its name is taken.
///
/// # Errors
/// `Refused` when the settings cannot be written.
pub fn replacement(realm: &Realm) -> Result<Statement, StoreError> {
    Ok(Statement::new(REPLACE)
        .bind(realm.name.as_str())
        .bind(realm.display_name.as_str())
        .bind(realm.enabled)
        .bind(to_json(&realm.settings)?)
        .bind(realm.id.as_str()))
}

/// The statement after which what began up to `moment` is over.
#[must_use]
pub fn not_before_raise(realm: &RealmId, moment: Timestamp) -> Statement {
    Statement::new(RAISE_NOT_BEFORE).bind(moment).bind(realm.as_str())
}

/// The fields of the realm that are kept without effect.
///
/// # Errors
/// `Refused` when the directory fails.
pub async fn find_kept(directory: &dyn Directory, realm: &RealmId) -> Result<Kept, StoreError> {
    let rows = directory.run(Statement::new(FIND_KEPT).bind(realm.as_str())).await?;
    rows.first().map_or_else(|| Ok(Kept::new()), |row| row.json("kept"))
}

/// The statement that keeps what has no effect.
///
/// # Errors
/// `Refused` when it cannot be written as JSON.
pub fn kept_update(realm: &RealmId, kept: &Kept) -> Result<Statement, StoreError> {
    Ok(Statement::new(SET_KEPT).bind(to_json(kept)?).bind(realm.as_str()))
}

/// Every realm with what is kept of it, by name.
///
/// # Errors
/// `Refused` when the directory fails.
pub async fn list_kept(directory: &dyn Directory) -> Result<Vec<(Realm, Kept)>, StoreError> {
    let rows = directory.run(Statement::new(LIST_KEPT)).await?;
    rows.iter().map(|row| Ok((realm_from_row(row)?, row.json("kept")?))).collect()
}

/// The statement that merges `patch` into the settings of `realm`.
///
/// # Errors
/// `Refused` when it cannot be written as JSON.
pub fn settings_patch(
    realm: &RealmId,
    patch: &impl serde::Serialize,
) -> Result<Statement, StoreError> {
    Ok(Statement::new(PATCH_SETTINGS).bind(to_json(patch)?).bind(realm.as_str()))
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
        not_before: row.time("not_before")?,
        default_role: row.parse_or_null("default_role")?,
    })
}
