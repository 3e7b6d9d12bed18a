//! Erasing an account whose user the directory has forgotten.
use super::farewell;
use super::oversee::{self, EndEverySession};
use super::store;
use crate::kernel::time::Timestamp;
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

/// Deletes everything the account stores, after the clients of its sessions were
/// told.
///
/// # Errors
/// `Refused` when SQLite, the directory, the queue or the alarm clock fails.
pub async fn erase(object: &ObjectPorts<'_>, now: Timestamp) -> Result<bool, StoreError> {
    if let Some(account) = store::account::find(object.sql)? {
        let directory = &*object.ports.directory;
        if user::find(directory, &account.realm, &account.user).await?.is_some() {
            return Ok(false);
        }
        oversee::end_every(object.sql, &EndEverySession::default(), now)?;
        object.ports.faults.reach("account.erase.before_farewell").await;
        while store::farewell::exists(object.sql)? {
            farewell::tell(object, &account, now).await?;
        }
    }
    object.alarm.delete_all().await?;
    Ok(true)
}
