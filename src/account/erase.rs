//! Erasing an account whose user the directory has forgotten.
use super::store;
use crate::platform::ObjectPorts;
use crate::platform::object::Call;
use crate::platform::row::StoreError;
use crate::realm::store::user;
use serde::{Deserialize, Serialize};

/// "The directory has forgotten your user." Twice is once. Answers whether the
/// account is gone: it looks for itself, and stays when it finds the user.
#[derive(Debug, Serialize, Deserialize)]
pub struct Erase {}

impl Call for Erase {
    const NAME: &'static str = "account.erase";
    type Answer = bool;

    fn of_blank() -> Option<bool> {
        Some(true)
    }
}

/// Deletes everything the account stores.
///
/// # Errors
/// `Refused` when SQLite, the directory or the alarm clock fails.
pub async fn erase(object: &ObjectPorts<'_>) -> Result<bool, StoreError> {
    if let Some(account) = store::account::find(object.sql)? {
        let directory = &*object.ports.directory;
        if user::find(directory, &account.realm, &account.user).await?.is_some() {
            return Ok(false);
        }
    }
    object.alarm.delete_all().await?;
    Ok(true)
}
