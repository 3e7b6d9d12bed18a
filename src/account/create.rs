//! Making an account, before the directory knows its user.
use super::stage::{CONFIRM_AFTER, Stage};
use super::store;
use crate::crypto::password::{self, PasswordHash, SALT_BYTES};
use crate::kernel::id::{RealmId, UserId};
use crate::kernel::secret::{Secret, exposed_option};
use crate::kernel::time::Timestamp;
use crate::platform::ObjectPorts;
use crate::platform::object::Call;
use crate::platform::row::StoreError;
use crate::platform::sql::{Sql, in_transaction};
use serde::{Deserialize, Serialize};

/// What a new account begins with.
#[derive(Clone, Debug)]
pub enum InitialPassword {
    /// The password itself, to be hashed in the account's object.
    Clear(Secret),
    /// A hash that was made elsewhere.
    Hashed(PasswordHash),
}

impl From<Secret> for InitialPassword {
    fn from(password: Secret) -> Self {
        Self::Clear(password)
    }
}

/// "Make this account." Asked twice is asked once, until the account is
/// confirmed; the password of the last asking counts.
#[derive(Debug, Serialize, Deserialize)]
pub struct Create {
    /// The realm.
    pub realm: RealmId,
    /// The person.
    pub user: UserId,
    /// What the person will sign in with; `None` when by other means.
    #[serde(serialize_with = "exposed_option")]
    pub password: Option<Secret>,
    /// The same, as its hash.
    #[serde(default)]
    pub hash: Option<PasswordHash>,
}

impl Create {
    /// The account of `user`.
    #[must_use]
    pub fn new(realm: &RealmId, user: &UserId, password: Option<InitialPassword>) -> Self {
        let (password, hash) = match password {
            Some(InitialPassword::Clear(password)) => (Some(password), None),
            Some(InitialPassword::Hashed(hash)) => (None, Some(hash)),
            None => (None, None),
        };
        Self { realm: realm.clone(), user: user.clone(), password, hash }
    }
}

impl Call for Create {
    const NAME: &'static str = "account.create";
    type Answer = Created;
}

/// What came of [`Create`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Created {
    /// The account waits for its user to appear in the directory.
    Pending,
    /// The account was confirmed before; its password is what it was.
    Exists,
    /// The password is longer than can be hashed; nothing was made.
    PasswordTooLong,
}

/// Sees to it that the object is looked after, whatever dies from here on: an
/// alarm comes before anything is stored.
///
/// # Errors
/// `Refused` when the alarm clock fails.
pub async fn watch(object: &ObjectPorts<'_>, now: Timestamp) -> Result<(), StoreError> {
    object.alarm.wake_at(now + CONFIRM_AFTER).await
}

/// Makes the account; its password is hashed here, and nowhere else, unless it
/// comes as a hash.
///
/// # Errors
/// `Refused` when SQLite fails.
pub fn create(
    sql: &dyn Sql,
    asked: &Create,
    salt: [u8; SALT_BYTES],
    now: Timestamp,
) -> Result<Created, StoreError> {
    if store::account::find(sql)?.is_some_and(|account| account.stage == Stage::Active) {
        return Ok(Created::Exists);
    }
    let hash = asked.password.as_ref().map(|password| password::hash(password, salt)).transpose();
    let Ok(hash) = hash else { return Ok(Created::PasswordTooLong) };
    let hash = hash.as_ref().or(asked.hash.as_ref());
    in_transaction(sql, || {
        store::account::put_pending(sql, &asked.realm, &asked.user, now)?;
        store::password::delete(sql)?;
        hash.iter().try_for_each(|hash| store::password::put(sql, hash, now))?;
        Ok(Created::Pending)
    })
}
