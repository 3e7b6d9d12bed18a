//! The SCIM configuration: one row at most.
use crate::kernel::time::Timestamp;
use crate::platform::row::{Row, StoreError};
use crate::platform::sql::{Sql, Statement};
use crate::scim::config::Config;

const FIND: &str =
    "SELECT enabled, email_as_username, link_idp, auth FROM scim_config WHERE id = 1";

const INSERT: &str = "
    INSERT INTO scim_config (id, enabled, email_as_username, link_idp, auth, created_at, updated_at)
    VALUES (1, ?, ?, ?, ?, ?, ?)
    ON CONFLICT (id) DO NOTHING
    RETURNING id";

const UPDATE: &str = "
    UPDATE scim_config
       SET enabled = ?, email_as_username = ?, link_idp = ?, auth = ?, updated_at = ?
     WHERE id = 1
    RETURNING id";

const DELETE: &str = "DELETE FROM scim_config WHERE id = 1 RETURNING id";

/// The configuration, if there is one.
///
/// # Errors
/// `Refused` when SQLite fails.
pub fn find(sql: &dyn Sql) -> Result<Option<Config>, StoreError> {
    sql.run(Statement::new(FIND))?.first().map(config_from_row).transpose()
}

/// Adds the configuration; `false` when there is one.
///
/// # Errors
/// `Refused` when SQLite fails.
pub fn insert(sql: &dyn Sql, config: &Config, now: Timestamp) -> Result<bool, StoreError> {
    let statement = bound(Statement::new(INSERT), config)?.bind(now).bind(now);
    Ok(!sql.run(statement)?.is_empty())
}

/// Replaces the configuration; `false` when there is none.
///
/// # Errors
/// `Refused` when SQLite fails.
pub fn update(sql: &dyn Sql, config: &Config, now: Timestamp) -> Result<bool, StoreError> {
    let statement = bound(Statement::new(UPDATE), config)?.bind(now);
    Ok(!sql.run(statement)?.is_empty())
}

/// Forgets the configuration; `false` when there is none.
///
/// # Errors
/// `Refused` when SQLite fails.
pub fn delete(sql: &dyn Sql) -> Result<bool, StoreError> {
    Ok(!sql.run(Statement::new(DELETE))?.is_empty())
}

fn bound(statement: Statement, config: &Config) -> Result<Statement, StoreError> {
    let auth = serde_json::to_string(&config.auth)
        .map_err(|error| StoreError::Refused(error.to_string()))?;
    Ok(statement
        .bind(config.enabled)
        .bind(config.email_as_username)
        .bind(config.link_idp)
        .bind(auth))
}

fn config_from_row(row: &Row) -> Result<Config, StoreError> {
    Ok(Config {
        enabled: row.truth("enabled")?,
        email_as_username: row.truth("email_as_username")?,
        link_idp: row.truth("link_idp")?,
        auth: row.json("auth")?,
    })
}
