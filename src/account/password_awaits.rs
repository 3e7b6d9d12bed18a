//! Whether an account still waits for its first password.
use super::store;
use crate::platform::object::Call;
use crate::platform::row::StoreError;
use crate::platform::sql::Sql;
use serde::{Deserialize, Serialize};

/// "Was the account made without a password, and has none been set since?" To
/// be told only to who has proved to be the person: the answer says that there
/// is an account. Another way to sign in (a passkey, an identity provider) will
/// have to count as a password does here, or a mailbox would be a way around it.
#[derive(Debug, Serialize, Deserialize)]
pub struct AwaitsPassword {}

impl Call for AwaitsPassword {
    const NAME: &'static str = "account.awaits_password";
    type Answer = bool;

    fn of_blank() -> Option<bool> {
        Some(false)
    }
}

/// Answers [`AwaitsPassword`].
///
/// # Errors
/// `Refused` when SQLite fails.
pub fn awaits(sql: &dyn Sql) -> Result<bool, StoreError> {
    Ok(store::account::is_active(sql)? && store::password::find(sql)?.is_none())
}
