//! Changes of the organization between its two stores.
use crate::kernel::time::Timestamp;
use crate::org::replace::Replacement;
use crate::platform::row::StoreError;
use crate::platform::sql::{Sql, Statement};
use crate::realm::registry::Profile;

const FIND_LAST: &str = "
    SELECT max(version, coalesce((SELECT max(version) FROM organization_change), 0)) AS version
      FROM organization";

const INSERT: &str =
    "INSERT INTO organization_change (version, document, staged_at) VALUES (?, ?, ?)";

const LIST: &str = "SELECT version, staged_at FROM organization_change ORDER BY version";

const LIST_DOCUMENTS: &str = "SELECT document FROM organization_change ORDER BY version";

const TAKE: &str = "DELETE FROM organization_change WHERE version = ? RETURNING document";

/// The highest number that any change had, or was refused under.
pub fn find_last(sql: &dyn Sql) -> Result<i64, StoreError> {
    sql.run(Statement::new(FIND_LAST))?.first().map_or(Ok(0), |row| row.int("version"))
}

pub fn insert(
    sql: &dyn Sql,
    version: i64,
    replacement: &Replacement,
    now: Timestamp,
) -> Result<(), StoreError> {
    let document = super::to_json(replacement)?;
    sql.run(Statement::new(INSERT).bind(version).bind(document).bind(now)).map(|_| ())
}

/// The numbers of the changes on their way and since when, oldest first.
pub fn list(sql: &dyn Sql) -> Result<Vec<(i64, Timestamp)>, StoreError> {
    let rows = sql.run(Statement::new(LIST))?;
    rows.iter().map(|row| Ok((row.int("version")?, row.time("staged_at")?))).collect()
}

/// What the changes on their way make of the organization, oldest first.
pub fn list_profiles(sql: &dyn Sql) -> Result<Vec<Profile>, StoreError> {
    let rows = sql.run(Statement::new(LIST_DOCUMENTS))?;
    rows.iter().map(|row| Ok(row.json::<Replacement>("document")?.profile)).collect()
}

/// Removes a change and answers it; `None` when somebody else did.
pub fn take(sql: &dyn Sql, version: i64) -> Result<Option<Replacement>, StoreError> {
    let rows = sql.run(Statement::new(TAKE).bind(version))?;
    rows.first().map(|row| row.json("document")).transpose()
}
