//! Confirming an account: the directory has its user.
use super::stage::{Account, Stage};
use super::store;
use crate::platform::ObjectPorts;
use crate::platform::object::Call;
use crate::platform::row::StoreError;
use crate::platform::sql::Sql;
use crate::realm::store::user;
use serde::{Deserialize, Serialize};

/// "The directory has your user." Asked twice is asked once.
#[derive(Debug, Serialize, Deserialize)]
pub struct Confirm {}

impl Call for Confirm {
    const NAME: &'static str = "account.confirm";
    type Answer = Confirmed;

    fn of_blank() -> Option<Confirmed> {
        Some(Confirmed::NoAccount)
    }
}

/// What came of [`Confirm`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Confirmed {
    /// The account is active.
    Active,
    /// There is no account: it waited too long and deleted itself.
    NoAccount,
}

/// Makes a pending account active.
///
/// # Errors
/// `Refused` when SQLite fails.
pub fn confirm(sql: &dyn Sql) -> Result<Confirmed, StoreError> {
    Ok(if store::account::mark_active(sql)? { Confirmed::Active } else { Confirmed::NoAccount })
}

/// The account, if it is active. A pending one asks the directory first:
/// whoever made it may have died between the directory's row and the word.
///
/// # Errors
/// `Refused` when SQLite or the directory fails.
pub async fn settle(object: &ObjectPorts<'_>) -> Result<Option<Account>, StoreError> {
    let Some(account) = store::account::find(object.sql)? else { return Ok(None) };
    if account.stage == Stage::Active {
        return Ok(Some(account));
    }
    let known = user::find(&*object.ports.directory, &account.realm, &account.user).await?;
    if known.is_none() || confirm(object.sql)? == Confirmed::NoAccount {
        return Ok(None);
    }
    Ok(Some(Account { stage: Stage::Active, ..account }))
}
