//! What proves who somebody is, as an administrator sees and settles it. There
//! is one kind, the password, and at most one of it.
use super::store;
use crate::crypto::password;
use crate::crypto::password::SALT_BYTES;
use crate::kernel::secret::{Secret, exposed};
use crate::kernel::time::Timestamp;
use crate::platform::object::Call;
use crate::platform::row::StoreError;
use crate::platform::sql::{Sql, in_transaction};
use serde::{Deserialize, Serialize};

/// A password, without the password.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PasswordInfo {
    /// The credential's id; stays when the password changes.
    pub id: String,
    /// Its name for people.
    pub label: Option<String>,
    /// When it was last set.
    pub changed_at: Timestamp,
}

/// A ticket that allows one change.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct OneUse {
    /// Its id.
    pub id: String,
    /// Nobody can use it from then on.
    pub expires_at: Timestamp,
}

/// "Is there a password?"
#[derive(Debug, Serialize, Deserialize)]
pub struct DescribePassword {}

impl Call for DescribePassword {
    const NAME: &'static str = "account.password.describe";
    type Answer = Option<PasswordInfo>;

    fn of_blank() -> Option<Option<PasswordInfo>> {
        Some(None)
    }
}

/// "This is the password from now on." Wrong passwords are forgotten with the
/// old one.
#[derive(Debug, Serialize, Deserialize)]
pub struct SetPassword {
    /// The password, judged by the realm's rule.
    #[serde(serialize_with = "exposed")]
    pub password: Secret,
    /// The ticket that allows it, when one does.
    pub ticket: Option<OneUse>,
}

impl Call for SetPassword {
    const NAME: &'static str = "account.password.set";
    type Answer = PasswordSet;

    fn of_blank() -> Option<PasswordSet> {
        Some(PasswordSet::NoAccount)
    }
}

/// What came of [`SetPassword`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum PasswordSet {
    /// It is set.
    Set,
    /// There is no account, or none that may be used.
    NoAccount,
    /// The ticket was used before.
    TicketUsed,
    /// It is longer than can be hashed.
    TooLong,
}

/// "Was this ticket used?"
#[derive(Debug, Serialize, Deserialize)]
pub struct IsTicketUsed {
    /// Its id.
    pub id: String,
}

impl Call for IsTicketUsed {
    const NAME: &'static str = "account.ticket.used";
    type Answer = bool;

    fn of_blank() -> Option<bool> {
        Some(false)
    }
}

/// "Name the credential so." Answers whether it was there.
#[derive(Debug, Serialize, Deserialize)]
pub struct LabelPassword {
    /// Its id.
    pub id: String,
    /// Its name for people.
    pub label: String,
}

impl Call for LabelPassword {
    const NAME: &'static str = "account.password.label";
    type Answer = bool;

    fn of_blank() -> Option<bool> {
        Some(false)
    }
}

/// "Take the password away." Answers whether it was there.
#[derive(Debug, Serialize, Deserialize)]
pub struct RemovePassword {
    /// Its id.
    pub id: String,
}

impl Call for RemovePassword {
    const NAME: &'static str = "account.password.remove";
    type Answer = bool;

    fn of_blank() -> Option<bool> {
        Some(false)
    }
}

/// Sets the password; it is hashed here.
///
/// # Errors
/// `Refused` when SQLite fails.
pub fn set(
    sql: &dyn Sql,
    asked: &SetPassword,
    salt: [u8; SALT_BYTES],
    now: Timestamp,
) -> Result<PasswordSet, StoreError> {
    if !store::account::is_active(sql)? {
        return Ok(PasswordSet::NoAccount);
    }
    let Ok(hash) = password::hash(&asked.password, salt) else { return Ok(PasswordSet::TooLong) };
    in_transaction(sql, || {
        if let Some(ticket) = &asked.ticket
            && !store::ticket::mark_used(sql, &ticket.id, ticket.expires_at)?
        {
            return Ok(PasswordSet::TicketUsed);
        }
        store::password::put(sql, &hash, now)?;
        store::lockout::delete(sql)?;
        Ok(PasswordSet::Set)
    })
}

/// What there is to know of the password.
///
/// # Errors
/// `Refused` when SQLite fails.
pub fn describe(sql: &dyn Sql) -> Result<Option<PasswordInfo>, StoreError> {
    store::password::describe(sql)
}

/// Whether a ticket was used.
///
/// # Errors
/// `Refused` when SQLite fails.
pub fn is_used(sql: &dyn Sql, asked: &IsTicketUsed) -> Result<bool, StoreError> {
    store::ticket::is_used(sql, &asked.id)
}

/// Names the credential.
///
/// # Errors
/// `Refused` when SQLite fails.
pub fn label(sql: &dyn Sql, asked: &LabelPassword) -> Result<bool, StoreError> {
    store::password::mark_labelled(sql, &asked.id, &asked.label)
}

/// Takes the password away.
///
/// # Errors
/// `Refused` when SQLite fails.
pub fn remove(sql: &dyn Sql, asked: &RemovePassword) -> Result<bool, StoreError> {
    store::password::delete_named(sql, &asked.id)
}
