//! Setting the first password of an account that was made without one, for
//! somebody who has proved who they are in another way. It never replaces one.
use super::store;
use crate::crypto::password;
use crate::crypto::password::SALT_BYTES;
use crate::kernel::secret::{Secret, exposed};
use crate::kernel::time::Timestamp;
use crate::platform::object::Call;
use crate::platform::row::StoreError;
use crate::platform::sql::Sql;
use serde::{Deserialize, Serialize};

/// "This is the password from now on, if there is none yet."
#[derive(Debug, Serialize, Deserialize)]
pub struct SetFirstPassword {
    /// What the person chose.
    #[serde(serialize_with = "exposed")]
    pub password: Secret,
}

impl Call for SetFirstPassword {
    const NAME: &'static str = "account.set_first_password";
    type Answer = FirstPassword;

    fn of_blank() -> Option<FirstPassword> {
        Some(FirstPassword::NotAwaited)
    }
}

/// What came of [`SetFirstPassword`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum FirstPassword {
    /// The account has it now.
    Set,
    /// The account has a password, which is what it was; or there is no account.
    NotAwaited,
    /// The password is longer than can be hashed; nothing was set.
    TooLong,
}

/// Sets the password of an active account that has none. The statement itself
/// looks: of two at once, one sets.
///
/// # Errors
/// `Refused` when SQLite fails.
pub fn set_first(
    sql: &dyn Sql,
    asked: &SetFirstPassword,
    salt: [u8; SALT_BYTES],
    now: Timestamp,
) -> Result<FirstPassword, StoreError> {
    let Ok(hash) = password::hash(&asked.password, salt) else {
        return Ok(FirstPassword::TooLong);
    };
    let is_set = store::password::insert_first(sql, &hash, now)?;
    Ok(if is_set { FirstPassword::Set } else { FirstPassword::NotAwaited })
}
