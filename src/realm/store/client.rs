//! Clients.
use super::to_json;
use crate::kernel::id::{ClientUuid, RealmId, UserId};
use crate::kernel::time::Timestamp;
use crate::platform::directory::Directory;
use crate::platform::row::{Row, StoreError};
use crate::platform::sql::Statement;
use crate::realm::client::Client;
use crate::realm::client_secret::ProtectedSecret;
use crate::realm::kept::Kept;
use crate::realm::page::Page;
use std::collections::{BTreeMap, BTreeSet, HashMap};

const FIND: &str = "
    SELECT id, client_id, settings, secret_hash, service_account_user_id
      FROM client
     WHERE realm_id = ? AND client_id = ?";

const FIND_STORED: &str = "
    SELECT id, client_id, settings, secret_hash, service_account_user_id, secret_sealed, kept
      FROM client
     WHERE id = ? AND realm_id = ?";

const LIST: &str = "
    SELECT id, client_id, settings, secret_hash, service_account_user_id, secret_sealed, kept
      FROM client
     WHERE realm_id = ?";

const LIST_CALLED: &str = "
    SELECT client.id, client.client_id, client.settings, client.secret_hash,
           client.service_account_user_id, client.secret_sealed, client.kept
      FROM json_each(?) AS asked
      JOIN client ON client.realm_id = ? AND client.client_id = asked.value";

const CALLED: &str = " AND client_id = ?";

const CALLED_LIKE: &str = " AND instr(lower(client_id), lower(?)) > 0";

const WITH_ATTRIBUTE: &str = "
       AND EXISTS (SELECT 1 FROM json_each(client.settings, '$.attributes') AS attribute
                    WHERE attribute.key = ? AND attribute.value = ?)";

const PAGE: &str = " ORDER BY client_id LIMIT ? OFFSET ?";

const LIST_NAMES: &str = "
    SELECT client.id, client.client_id
      FROM json_each(?) AS asked
      JOIN client ON client.id = asked.value
     WHERE client.realm_id = ?";

const LIST_KEYS: &str = "
    SELECT client.realm_id, client.client_id, client.id
      FROM json_each(?) AS asked
      JOIN client ON client.realm_id = json_extract(asked.value, '$[0]')
                 AND client.client_id = json_extract(asked.value, '$[1]')";

const LIST_RESOURCES: &str = "
    SELECT asked.value AS resource
      FROM json_each(?) AS asked
CROSS JOIN client
        ON client.realm_id = ?
       AND json_extract(client.settings, '$.attributes.resource') = asked.value
     WHERE json_extract(client.settings, '$.enabled')";

const FIND_NAME: &str = "SELECT client_id FROM client WHERE id = ?";

const INSERT: &str = "
    INSERT INTO client (id, realm_id, client_id, settings, secret_hash,
                        service_account_user_id, created_at)
    VALUES (?, ?, ?, ?, ?, ?, ?)";

const UNLESS_THERE: &str = " ON CONFLICT (realm_id, client_id) DO NOTHING";

const UPDATE: &str = "
    UPDATE client SET client_id = ?, settings = ?, service_account_user_id = ?
     WHERE id = ? AND realm_id = ?";

const SET_SECRET: &str = "
    UPDATE client SET secret_hash = ?, secret_sealed = ?
     WHERE id = ? AND realm_id = ?";

const SET_KEPT: &str = "UPDATE client SET kept = ? WHERE id = ? AND realm_id = ?";

const DELETE: &str = "DELETE FROM client WHERE id = ? AND realm_id = ?";

const DELETE_GRANTS: &str = "
    DELETE FROM user_role WHERE role_id IN (SELECT id FROM role WHERE client_uuid = ?)";

const DELETE_CHILDREN: &str = "
    DELETE FROM role_composite WHERE parent_id IN (SELECT id FROM role WHERE client_uuid = ?)";

const DELETE_PARENTS: &str = "
    DELETE FROM role_composite WHERE child_id IN (SELECT id FROM role WHERE client_uuid = ?)";

const DELETE_ROLES: &str = "DELETE FROM role WHERE client_uuid = ?";

const DELETE_SCOPES: &str = "DELETE FROM scope_of_client WHERE client_uuid = ?";

const DELETE_MAPPERS: &str = "DELETE FROM protocol_mapper WHERE parent_id = ?";

const RENAME: &str = "UPDATE client SET client_id = ? WHERE realm_id = ? AND client_id = ?";

/// A client with what only its administrators see.
#[derive(Clone, Debug)]
pub struct StoredClient {
    /// The client.
    pub client: Client,
    /// Its secret, encrypted; `None` for a public client, and for one whose
    /// secret an older version only hashed.
    pub secret_sealed: Option<String>,
    /// The fields that are kept without effect.
    pub kept: Kept,
}

/// Which clients to list.
#[derive(Clone, Debug)]
pub struct Wanted<'a> {
    /// Only the one that is called this.
    pub called: Option<&'a str>,
    /// Only those whose `client_id` contains this, case aside.
    pub called_like: Option<&'a str>,
    /// Only those with all of these attributes.
    pub attributes: Vec<(String, String)>,
    /// Which part of the list.
    pub page: Page,
}

/// The realm's client called `client_id`.
///
/// # Errors
/// `Refused` when the directory fails.
pub async fn find(
    directory: &dyn Directory,
    realm: &RealmId,
    client_id: &str,
) -> Result<Option<Client>, StoreError> {
    let statement = Statement::new(FIND).bind(realm.as_str()).bind(client_id);
    directory.run(statement).await?.first().map(client_from_row).transpose()
}

/// The realm's client whose key is `uuid`.
///
/// # Errors
/// `Refused` when the directory fails.
pub async fn find_stored(
    directory: &dyn Directory,
    realm: &RealmId,
    uuid: &ClientUuid,
) -> Result<Option<StoredClient>, StoreError> {
    let statement = Statement::new(FIND_STORED).bind(uuid.as_str()).bind(realm.as_str());
    directory.run(statement).await?.first().map(stored_from_row).transpose()
}

/// A page of the realm's clients, by name.
///
/// # Errors
/// `Refused` when the directory fails.
pub async fn list(
    directory: &dyn Directory,
    realm: &RealmId,
    wanted: &Wanted<'_>,
) -> Result<Vec<StoredClient>, StoreError> {
    let mut statement = Statement::new(LIST).bind(realm.as_str());
    if let Some(name) = wanted.called {
        statement = statement.push(CALLED).bind(name);
    }
    if let Some(part) = wanted.called_like {
        statement = statement.push(CALLED_LIKE).bind(part);
    }
    for (name, value) in &wanted.attributes {
        statement = statement.push(WITH_ATTRIBUTE).bind(name.as_str()).bind(value.as_str());
    }
    let statement = statement.push(PAGE).bind(wanted.page.max).bind(wanted.page.first);
    directory.run(statement).await?.iter().map(stored_from_row).collect()
}

/// Those of `names` that the realm has, in no particular order.
///
/// # Errors
/// `Refused` when the directory fails.
pub async fn list_called(
    directory: &dyn Directory,
    realm: &RealmId,
    names: &[&str],
) -> Result<Vec<StoredClient>, StoreError> {
    let statement = Statement::new(LIST_CALLED).bind(to_json(&names)?).bind(realm.as_str());
    directory.run(statement).await?.iter().map(stored_from_row).collect()
}

/// Those of `resources` by which a client of the realm that is switched on is
/// named, in its attribute `resource`.
///
/// # Errors
/// `Refused` when the directory fails.
pub async fn list_resources(
    directory: &dyn Directory,
    realm: &RealmId,
    resources: &[String],
) -> Result<Vec<String>, StoreError> {
    let statement = Statement::new(LIST_RESOURCES).bind(to_json(&resources)?).bind(realm.as_str());
    let rows = directory.run(statement).await?;
    rows.iter().map(|row| row.text("resource").map(str::to_owned)).collect()
}

/// What those of `clients` that the realm has are called.
///
/// # Errors
/// `Refused` when the directory fails.
pub async fn list_names(
    directory: &dyn Directory,
    realm: &RealmId,
    clients: &[&ClientUuid],
) -> Result<BTreeMap<ClientUuid, String>, StoreError> {
    let statement = Statement::new(LIST_NAMES).bind(to_json(&clients)?).bind(realm.as_str());
    let rows = directory.run(statement).await?;
    rows.iter().map(|row| Ok((row.parse("id")?, row.text("client_id")?.to_owned()))).collect()
}

/// Of clients that are named by their realm and `client_id`, the keys of those
/// that exist.
///
/// # Errors
/// `Refused` when the directory fails.
pub async fn list_keys(
    directory: &dyn Directory,
    named: &BTreeSet<(&RealmId, &str)>,
) -> Result<HashMap<(RealmId, String), ClientUuid>, StoreError> {
    let rows = directory.run(Statement::new(LIST_KEYS).bind(to_json(named)?)).await?;
    let pair = |row: &Row| Ok((row.parse("realm_id")?, row.text("client_id")?.to_owned()));
    rows.iter().map(|row| Ok((pair(row)?, row.parse("id")?))).collect()
}

/// What the client whose key is `key` is called, in whichever realm.
///
/// # Errors
/// `Refused` when the directory fails.
pub async fn find_name(directory: &dyn Directory, key: &str) -> Result<Option<String>, StoreError> {
    let rows = directory.run(Statement::new(FIND_NAME).bind(key)).await?;
    rows.first().map(|row| Ok(row.text("client_id")?.to_owned())).transpose()
}

/// The statement that adds a client, unless one of its name exists.
///
/// # Errors
/// `Refused` when the settings cannot be written.
pub fn insertion(
    realm: &RealmId,
    client: &Client,
    now: Timestamp,
) -> Result<Statement, StoreError> {
    Ok(creation(realm, client, now)?.push(UNLESS_THERE))
}

/// The statement that adds a client; `Conflict` when its key or its name is
/// taken.
///
/// # Errors
/// `Refused` when the settings cannot be written.
pub fn creation(realm: &RealmId, client: &Client, now: Timestamp) -> Result<Statement, StoreError> {
    Ok(Statement::new(INSERT)
        .bind(client.uuid.as_str())
        .bind(realm.as_str())
        .bind(client.client_id.as_str())
        .bind(to_json(&client.settings)?)
        .bind(client.secret_hash.as_deref())
        .bind(client.service_account.as_ref().map(UserId::as_str))
        .bind(now))
}

/// The statement that changes name, settings and service account of a client.
///
/// # Errors
/// `Refused` when the settings cannot be written.
pub fn update(realm: &RealmId, client: &Client) -> Result<Statement, StoreError> {
    Ok(Statement::new(UPDATE)
        .bind(client.client_id.as_str())
        .bind(to_json(&client.settings)?)
        .bind(client.service_account.as_ref().map(UserId::as_str))
        .bind(client.uuid.as_str())
        .bind(realm.as_str()))
}

/// The statement that gives a client a secret.
#[must_use]
pub fn secret_update(realm: &RealmId, client: &ClientUuid, secret: &ProtectedSecret) -> Statement {
    Statement::new(SET_SECRET)
        .bind(secret.hash.as_str())
        .bind(secret.sealed.as_str())
        .bind(client.as_str())
        .bind(realm.as_str())
}

/// The statement that makes a client public.
#[must_use]
pub fn secret_removal(realm: &RealmId, client: &ClientUuid) -> Statement {
    Statement::new(SET_SECRET)
        .bind(None::<&str>)
        .bind(None::<&str>)
        .bind(client.as_str())
        .bind(realm.as_str())
}

/// The statement that keeps what has no effect.
///
/// # Errors
/// `Refused` when it cannot be written as JSON.
pub fn kept_update(
    realm: &RealmId,
    client: &ClientUuid,
    kept: &Kept,
) -> Result<Statement, StoreError> {
    Ok(Statement::new(SET_KEPT).bind(to_json(kept)?).bind(client.as_str()).bind(realm.as_str()))
}

/// The statement that gives the client called `old` another name.
#[must_use]
pub fn renaming(realm: &RealmId, old: &str, new: &str) -> Statement {
    Statement::new(RENAME).bind(new).bind(realm.as_str()).bind(old)
}

/// The statements that delete a client with its roles, mappers and what others
/// hold of it; not its service account.
#[must_use]
pub fn deletion(realm: &RealmId, client: &ClientUuid) -> Vec<Statement> {
    let of = |sql| Statement::new(sql).bind(client.as_str());
    vec![
        of(DELETE_GRANTS),
        of(DELETE_CHILDREN),
        of(DELETE_PARENTS),
        of(DELETE_ROLES),
        of(DELETE_SCOPES),
        of(DELETE_MAPPERS),
        of(DELETE).bind(realm.as_str()),
    ]
}

fn client_from_row(row: &Row) -> Result<Client, StoreError> {
    Ok(Client {
        uuid: row.parse("id")?,
        client_id: row.text("client_id")?.to_owned(),
        secret_hash: row.text_or_null("secret_hash")?.map(str::to_owned),
        service_account: row.parse_or_null("service_account_user_id")?,
        settings: row.json("settings")?,
    })
}

fn stored_from_row(row: &Row) -> Result<StoredClient, StoreError> {
    Ok(StoredClient {
        client: client_from_row(row)?,
        secret_sealed: row.text_or_null("secret_sealed")?.map(str::to_owned),
        kept: row.json("kept")?,
    })
}
