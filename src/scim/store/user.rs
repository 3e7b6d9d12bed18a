//! SCIM users.
use crate::kernel::id::{ScimId, UserId};
use crate::platform::row::{Row, StoreError};
use crate::platform::sql::{Sql, Statement};
use crate::scim::document::Document;
use crate::scim::filter::{Condition, Filter};
use crate::scim::user::{ScimUser, Stage};

const FIND: &str = "
    SELECT id, user_id, stage, document, version, created_at, updated_at
      FROM scim_user
     WHERE id = ?";

const FIND_OF: &str = "
    SELECT id, user_id, stage, document, version, created_at, updated_at
      FROM scim_user
     WHERE user_id = ?";

const FIND_INTENT: &str = "
    SELECT id, user_id, stage, document, version, created_at, updated_at
      FROM scim_user
     WHERE user_name_folded = ? AND stage = 'provisioning'";

const LIST_INTENTS: &str = "
    SELECT id, user_id, stage, document, version, created_at, updated_at
      FROM scim_user
     WHERE stage = 'provisioning'
     ORDER BY updated_at
     LIMIT ?";

const LIST: &str = "
    SELECT id, user_id, stage, document, version, created_at, updated_at
      FROM scim_user
     WHERE stage <> 'provisioning'";

const COUNT_ALL: &str = "SELECT total FROM tally WHERE kind = 'scim_user'";

const COUNT: &str = "SELECT count(*) AS total FROM scim_user WHERE stage <> 'provisioning'";

const BY_ID: &str = " AND id = ?";
const BY_USER_NAME: &str = " AND user_name_folded = ?";
const BY_EXTERNAL_ID: &str = " AND external_id = ?";
const BY_ACTIVE: &str = " AND active = ?";
const BY_EMAIL: &str = " AND id IN (SELECT scim_id FROM scim_user_email WHERE email = ?)";
const BY_EMAIL_AND_KIND: &str =
    " AND id IN (SELECT scim_id FROM scim_user_email WHERE email = ? AND kind = ?)";

const PAGE: &str = " ORDER BY created_at, id LIMIT ? OFFSET ?";

const INSERT: &str = "
    INSERT INTO scim_user (id, user_id, stage, user_name_folded, external_id, active, document,
                           version, created_at, updated_at)
    VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)";

const UPDATE: &str = "
    UPDATE scim_user
       SET user_id = ?, stage = ?, user_name_folded = ?, external_id = ?, active = ?, document = ?,
           version = ?, updated_at = ?
     WHERE id = ?";

const DELETE_EMAILS: &str = "DELETE FROM scim_user_email WHERE scim_id = ?";

const INSERT_EMAIL: &str =
    "INSERT INTO scim_user_email (scim_id, email, kind) VALUES (?, ?, ?) ON CONFLICT DO NOTHING";

const DELETE: &str = "DELETE FROM scim_user WHERE id = ?";

const DELETE_OF: &str = "DELETE FROM scim_user WHERE user_id = ?";

const DELETE_INTENT: &str = "DELETE FROM scim_user WHERE id = ? AND stage = 'provisioning'";

/// A part of a list, in rows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Part {
    /// How many to pass over.
    pub offset: i64,
    /// How many at most.
    pub limit: i64,
}

/// The user whose resource is `id`, in whatever stage.
///
/// # Errors
/// `Refused` when SQLite fails.
pub fn find(sql: &dyn Sql, id: &ScimId) -> Result<Option<ScimUser>, StoreError> {
    first(&sql.run(Statement::new(FIND).bind(id.as_str()))?)
}

/// The view of `user`, in whatever stage.
///
/// # Errors
/// `Refused` when SQLite fails.
pub fn find_of(sql: &dyn Sql, user: &UserId) -> Result<Option<ScimUser>, StoreError> {
    first(&sql.run(Statement::new(FIND_OF).bind(user.as_str()))?)
}

/// The unfinished push of `folded_name`.
///
/// # Errors
/// `Refused` when SQLite fails.
pub fn find_intent(sql: &dyn Sql, folded_name: &str) -> Result<Option<ScimUser>, StoreError> {
    first(&sql.run(Statement::new(FIND_INTENT).bind(folded_name))?)
}

/// Unfinished pushes, the oldest first.
///
/// # Errors
/// `Refused` when SQLite fails.
pub fn list_intents(sql: &dyn Sql, limit: i64) -> Result<Vec<ScimUser>, StoreError> {
    sql.run(Statement::new(LIST_INTENTS).bind(limit))?.iter().map(user_from_row).collect()
}

/// The users that `filter` lets through, the oldest first.
///
/// # Errors
/// `Refused` when SQLite fails.
pub fn list(sql: &dyn Sql, filter: &Filter, part: Part) -> Result<Vec<ScimUser>, StoreError> {
    sql.run(list_statement(filter, part))?.iter().map(user_from_row).collect()
}

/// The statement behind [`list`], for the test that reads its plan.
#[must_use]
pub fn list_statement(filter: &Filter, part: Part) -> Statement {
    filtered(Statement::new(LIST), filter).push(PAGE).bind(part.limit).bind(part.offset)
}

/// How many users `filter` lets through.
///
/// # Errors
/// `Refused` when SQLite fails.
pub fn count(sql: &dyn Sql, filter: &Filter) -> Result<i64, StoreError> {
    let rows = sql.run(count_statement(filter))?;
    rows.first().map_or(Ok(0), |row| row.int("total"))
}

/// The statement behind [`count`], for the test that reads its plan.
#[must_use]
pub fn count_statement(filter: &Filter) -> Statement {
    if filter.0.is_empty() {
        return Statement::new(COUNT_ALL);
    }
    filtered(Statement::new(COUNT), filter)
}

fn filtered(statement: Statement, filter: &Filter) -> Statement {
    filter.0.iter().fold(statement, |statement, condition| match condition {
        Condition::Id(id) => statement.push(BY_ID).bind(id.as_str()),
        Condition::UserName(name) => statement.push(BY_USER_NAME).bind(name.as_str()),
        Condition::ExternalId(id) => statement.push(BY_EXTERNAL_ID).bind(id.as_str()),
        Condition::Active(active) => statement.push(BY_ACTIVE).bind(*active),
        Condition::Email { value, kind: None } => statement.push(BY_EMAIL).bind(value.as_str()),
        Condition::Email { value, kind: Some(kind) } => {
            statement.push(BY_EMAIL_AND_KIND).bind(value.as_str()).bind(kind.as_str())
        }
    })
}

/// Adds a user: call it in a transaction.
///
/// # Errors
/// `Conflict` on `scim_user.user_name_folded` or `scim_user.user_id`.
pub fn insert(sql: &dyn Sql, user: &ScimUser) -> Result<(), StoreError> {
    let statement = Statement::new(INSERT)
        .bind(user.id.as_str())
        .bind(user.user.as_str())
        .bind(user.stage.as_str())
        .bind(user.folded_name())
        .bind(user.document.external_id())
        .bind(user.is_active())
        .bind(to_json(&user.document)?)
        .bind(user.version)
        .bind(user.created_at)
        .bind(user.updated_at);
    sql.run(statement)?;
    insert_emails(sql, user)
}

/// Writes everything about a user but its id and age: call it in a transaction.
///
/// # Errors
/// As [`insert`].
pub fn update(sql: &dyn Sql, user: &ScimUser) -> Result<(), StoreError> {
    let statement = Statement::new(UPDATE)
        .bind(user.user.as_str())
        .bind(user.stage.as_str())
        .bind(user.folded_name())
        .bind(user.document.external_id())
        .bind(user.is_active())
        .bind(to_json(&user.document)?)
        .bind(user.version)
        .bind(user.updated_at)
        .bind(user.id.as_str());
    sql.run(statement)?;
    sql.run(Statement::new(DELETE_EMAILS).bind(user.id.as_str()))?;
    insert_emails(sql, user)
}

fn insert_emails(sql: &dyn Sql, user: &ScimUser) -> Result<(), StoreError> {
    for email in user.document.emails() {
        let statement = Statement::new(INSERT_EMAIL)
            .bind(user.id.as_str())
            .bind(email.value.to_lowercase())
            .bind(email.kind.to_lowercase());
        sql.run(statement)?;
    }
    Ok(())
}

/// Forgets a user.
///
/// # Errors
/// `Refused` when SQLite fails.
pub fn delete(sql: &dyn Sql, id: &ScimId) -> Result<(), StoreError> {
    sql.run(Statement::new(DELETE).bind(id.as_str())).map(|_| ())
}

/// Forgets the view of `user`.
///
/// # Errors
/// `Refused` when SQLite fails.
pub fn delete_of(sql: &dyn Sql, user: &UserId) -> Result<(), StoreError> {
    sql.run(Statement::new(DELETE_OF).bind(user.as_str())).map(|_| ())
}

/// Forgets a push, if it still is unfinished.
///
/// # Errors
/// `Refused` when SQLite fails.
pub fn delete_intent(sql: &dyn Sql, id: &ScimId) -> Result<(), StoreError> {
    sql.run(Statement::new(DELETE_INTENT).bind(id.as_str())).map(|_| ())
}

fn first(rows: &[Row]) -> Result<Option<ScimUser>, StoreError> {
    rows.first().map(user_from_row).transpose()
}

fn user_from_row(row: &Row) -> Result<ScimUser, StoreError> {
    Ok(ScimUser {
        id: row.parse("id")?,
        user: row.parse("user_id")?,
        stage: row.parse::<Stage>("stage")?,
        document: Document(row.json("document")?),
        version: row.int("version")?,
        created_at: row.time("created_at")?,
        updated_at: row.time("updated_at")?,
    })
}

fn to_json(document: &Document) -> Result<String, StoreError> {
    serde_json::to_string(&document.0).map_err(|error| StoreError::Refused(error.to_string()))
}
