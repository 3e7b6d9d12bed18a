//! Schemas with which the organization extends its users.
use crate::platform::row::StoreError;
use crate::platform::sql::{Sql, Statement};
use crate::scim::custom_schema;
use crate::scim::schema::Schema;
use crate::scim::wire_discovery;

const LIST: &str = "SELECT document FROM scim_schema ORDER BY urn_folded LIMIT ?";

const PUT: &str = "
    INSERT INTO scim_schema (urn_folded, document) VALUES (?, ?)
    ON CONFLICT (urn_folded) DO UPDATE SET document = excluded.document";

const DELETE: &str = "DELETE FROM scim_schema WHERE urn_folded = ? RETURNING urn_folded";

/// All of them, by name.
///
/// # Errors
/// `Refused` when SQLite fails.
pub fn list(sql: &dyn Sql) -> Result<Vec<Schema>, StoreError> {
    let most = i64::try_from(custom_schema::MAX_SCHEMAS).unwrap_or(i64::MAX);
    let rows = sql.run(Statement::new(LIST).bind(most))?;
    let read = |row: &crate::platform::row::Row| {
        let document: serde_json::Value = row.json("document")?;
        custom_schema::read(&document).map_err(StoreError::Refused)
    };
    rows.iter().map(read).collect()
}

/// Adds a schema, or replaces the one of that name.
///
/// # Errors
/// `Refused` when SQLite fails.
pub fn put(sql: &dyn Sql, schema: &Schema) -> Result<(), StoreError> {
    let statement = Statement::new(PUT)
        .bind(schema.urn.to_lowercase())
        .bind(wire_discovery::definition(schema).to_string());
    sql.run(statement).map(|_| ())
}

/// Forgets a schema; `false` when there is none of that name.
///
/// # Errors
/// `Refused` when SQLite fails.
pub fn delete(sql: &dyn Sql, urn: &str) -> Result<bool, StoreError> {
    Ok(!sql.run(Statement::new(DELETE).bind(urn.to_lowercase()))?.is_empty())
}
