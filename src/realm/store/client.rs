//! Clients.
use super::to_json;
use crate::kernel::id::{RealmId, UserId};
use crate::kernel::time::Timestamp;
use crate::platform::directory::Directory;
use crate::platform::row::{Row, StoreError};
use crate::platform::sql::Statement;
use crate::realm::client::Client;

const FIND: &str = "
    SELECT id, client_id, settings, secret_hash, service_account_user_id
      FROM client
     WHERE realm_id = ? AND client_id = ?";

const INSERT: &str = "
    INSERT INTO client (id, realm_id, client_id, settings, secret_hash,
                        service_account_user_id, created_at)
    VALUES (?, ?, ?, ?, ?, ?, ?)
    ON CONFLICT (realm_id, client_id) DO NOTHING";

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

/// The statement that adds a client, unless one of its name exists.
///
/// # Errors
/// `Refused` when the settings cannot be written.
pub fn insertion(
    realm: &RealmId,
    client: &Client,
    now: Timestamp,
) -> Result<Statement, StoreError> {
    Ok(Statement::new(INSERT)
        .bind(client.uuid.as_str())
        .bind(realm.as_str())
        .bind(client.client_id.as_str())
        .bind(to_json(&client.settings)?)
        .bind(client.secret_hash.as_deref())
        .bind(client.service_account.as_ref().map(UserId::as_str))
        .bind(now))
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
