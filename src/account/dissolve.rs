//! Dissolving an account whose realm was deleted.
use super::store;
use crate::platform::ObjectPorts;
use crate::platform::object::Call;
use crate::platform::row::StoreError;
use crate::realm::store::realm;
use serde::{Deserialize, Serialize};

/// "Your realm is gone." Twice is once. Answers whether the account is gone too:
/// it looks for itself, and stays when it finds the realm.
#[derive(Debug, Serialize, Deserialize)]
pub struct DissolveAccount {}

impl Call for DissolveAccount {
    const NAME: &'static str = "account.dissolve";
    type Answer = bool;

    fn of_blank() -> Option<bool> {
        Some(true)
    }
}

/// Deletes everything the account stores.
///
/// # Errors
/// `Refused` when SQLite, the directory or the alarm clock fails.
pub async fn dissolve(object: &ObjectPorts<'_>) -> Result<bool, StoreError> {
    if let Some(account) = store::account::find(object.sql)? {
        let directory = &*object.ports.directory;
        if realm::find_by_id(directory, &account.realm).await?.is_some() {
            return Ok(false);
        }
    }
    object.alarm.delete_all().await?;
    Ok(true)
}
