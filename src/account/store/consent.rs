//! Consents.
use super::to_json;
use crate::account::consent::{Consent, MAX_CONSENTS};
use crate::kernel::id::{ClientUuid, OrgId};
use crate::kernel::time::Timestamp;
use crate::platform::row::{Row, StoreError};
use crate::platform::sql::{Sql, Statement};

const PUT: &str = "
    INSERT INTO consent (client_uuid, org_id, scopes, given_at, updated_at)
    VALUES (?, ?, ?, ?, ?)
    ON CONFLICT (client_uuid, org_id) DO UPDATE
       SET scopes = excluded.scopes, updated_at = excluded.updated_at";

const LIST: &str = "
    SELECT client_uuid, org_id, scopes, given_at, updated_at
      FROM consent
     WHERE client_uuid > ''
     ORDER BY client_uuid, org_id
     LIMIT ?";

const LIST_OF_CLIENT: &str = "
    SELECT client_uuid, org_id, scopes, given_at, updated_at
      FROM consent
     WHERE client_uuid = ?
     ORDER BY org_id
     LIMIT ?";

const DELETE: &str = "DELETE FROM consent WHERE client_uuid = ? RETURNING client_uuid";

/// Writes what is allowed to a client for an organization, or for none.
pub fn put(
    sql: &dyn Sql,
    (client, org): (&ClientUuid, Option<&OrgId>),
    scopes: &[String],
    now: Timestamp,
) -> Result<(), StoreError> {
    let statement = Statement::new(PUT)
        .bind(client.as_str())
        .bind(org.map_or("", OrgId::as_str))
        .bind(to_json(&scopes)?)
        .bind(now)
        .bind(now);
    sql.run(statement).map(|_| ())
}

/// Every consent, at most [`MAX_CONSENTS`].
pub fn list(sql: &dyn Sql) -> Result<Vec<Consent>, StoreError> {
    sql.run(Statement::new(LIST).bind(MAX_CONSENTS))?.iter().map(from_row).collect()
}

/// What is allowed to a client, at most [`MAX_CONSENTS`].
pub fn list_of_client(sql: &dyn Sql, client: &ClientUuid) -> Result<Vec<Consent>, StoreError> {
    let statement = Statement::new(LIST_OF_CLIENT).bind(client.as_str()).bind(MAX_CONSENTS);
    sql.run(statement)?.iter().map(from_row).collect()
}

/// Forgets what was allowed to a client; whether there was anything.
pub fn delete(sql: &dyn Sql, client: &ClientUuid) -> Result<bool, StoreError> {
    Ok(!sql.run(Statement::new(DELETE).bind(client.as_str()))?.is_empty())
}

fn from_row(row: &Row) -> Result<Consent, StoreError> {
    let org = row.text("org_id")?;
    Ok(Consent {
        client: row.parse("client_uuid")?,
        org: if org.is_empty() { None } else { Some(row.parse("org_id")?) },
        scopes: row.json("scopes")?,
        given_at: row.time("given_at")?,
        updated_at: row.time("updated_at")?,
    })
}
