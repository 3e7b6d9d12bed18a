//! The SCIM configuration: one row at most.
use crate::kernel::time::Timestamp;
use crate::platform::row::{Row, StoreError};
use crate::platform::sql::{Sql, Statement};
use crate::scim::config::{Auth, Config, Kept, Previous, Which};

const FIND: &str = "
    SELECT enabled, email_as_username, link_idp, auth, log_days, rotated_at, last_used_at,
           previous, previous_until, previous_used_at
      FROM scim_config
     WHERE id = 1";

const INSERT: &str = "
    INSERT INTO scim_config (
        id, enabled, email_as_username, link_idp, auth, log_days, created_at, updated_at
    )
    VALUES (1, ?, ?, ?, ?, ?, ?, ?)
    ON CONFLICT (id) DO NOTHING
    RETURNING id";

const UPDATE: &str = "
    UPDATE scim_config
       SET enabled = ?, email_as_username = ?, link_idp = ?, auth = ?, log_days = ?,
           rotated_at = ?, last_used_at = ?,
           previous = ?, previous_until = ?, previous_used_at = ?, updated_at = ?
     WHERE id = 1
    RETURNING id";

const NOTE_USE: &str = "UPDATE scim_config SET last_used_at = ? WHERE id = 1";

const NOTE_PREVIOUS_USE: &str = "UPDATE scim_config SET previous_used_at = ? WHERE id = 1";

const END_PREVIOUS: &str = "
    UPDATE scim_config
       SET previous = NULL, previous_until = NULL, previous_used_at = NULL
     WHERE id = 1 AND previous_until <= ?";

const DELETE: &str = "DELETE FROM scim_config WHERE id = 1 RETURNING id";

/// The configuration, if there is one.
///
/// # Errors
/// `Refused` when SQLite fails.
pub fn find(sql: &dyn Sql) -> Result<Option<Config>, StoreError> {
    Ok(find_kept(sql)?.map(|kept| kept.config))
}

/// The configuration with what became of its credential, if there is one.
///
/// # Errors
/// `Refused` when SQLite fails.
pub fn find_kept(sql: &dyn Sql) -> Result<Option<Kept>, StoreError> {
    sql.run(Statement::new(FIND))?.first().map(kept_from_row).transpose()
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
pub fn update(sql: &dyn Sql, kept: &Kept, now: Timestamp) -> Result<bool, StoreError> {
    let previous = kept.previous.as_ref();
    let statement = bound(Statement::new(UPDATE), &kept.config)?
        .bind(kept.rotated_at)
        .bind(kept.last_used_at)
        .bind(previous.map(|previous| json(&previous.auth)).transpose()?)
        .bind(previous.map(|previous| previous.until))
        .bind(previous.and_then(|previous| previous.last_used_at))
        .bind(now);
    Ok(!sql.run(statement)?.is_empty())
}

/// Writes down that a credential was used.
///
/// # Errors
/// `Refused` when SQLite fails.
pub fn note_use(sql: &dyn Sql, which: Which, now: Timestamp) -> Result<(), StoreError> {
    let statement = match which {
        Which::Current => NOTE_USE,
        Which::Previous => NOTE_PREVIOUS_USE,
    };
    sql.run(Statement::new(statement).bind(now)).map(|_| ())
}

/// Forgets the credential before this one, when its time is over.
///
/// # Errors
/// `Refused` when SQLite fails.
pub fn end_previous(sql: &dyn Sql, now: Timestamp) -> Result<(), StoreError> {
    sql.run(Statement::new(END_PREVIOUS).bind(now)).map(|_| ())
}

/// Forgets the configuration; `false` when there is none.
///
/// # Errors
/// `Refused` when SQLite fails.
pub fn delete(sql: &dyn Sql) -> Result<bool, StoreError> {
    Ok(!sql.run(Statement::new(DELETE))?.is_empty())
}

fn bound(statement: Statement, config: &Config) -> Result<Statement, StoreError> {
    Ok(statement
        .bind(config.enabled)
        .bind(config.email_as_username)
        .bind(config.link_idp)
        .bind(json(&config.auth)?)
        .bind(i64::from(config.log_days)))
}

fn json(auth: &Auth) -> Result<String, StoreError> {
    serde_json::to_string(auth).map_err(|error| StoreError::Refused(error.to_string()))
}

fn kept_from_row(row: &Row) -> Result<Kept, StoreError> {
    Ok(Kept {
        config: Config {
            enabled: row.truth("enabled")?,
            email_as_username: row.truth("email_as_username")?,
            link_idp: row.truth("link_idp")?,
            auth: row.json("auth")?,
            log_days: u32::try_from(row.int("log_days")?)
                .map_err(|_| StoreError::Corrupt { column: "log_days" })?,
        },
        rotated_at: row.time_or_null("rotated_at")?,
        last_used_at: row.time_or_null("last_used_at")?,
        previous: previous_from_row(row)?,
    })
}

fn previous_from_row(row: &Row) -> Result<Option<Previous>, StoreError> {
    let Some(until) = row.time_or_null("previous_until")? else { return Ok(None) };
    Ok(Some(Previous {
        auth: row.json("previous")?,
        until,
        last_used_at: row.time_or_null("previous_used_at")?,
    }))
}
