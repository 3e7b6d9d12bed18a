//! A person who was deleted from the realm: the organization's view of them goes
//! too, so that its directory may push them again as somebody new.
use super::store;
use crate::kernel::id::UserId;
use crate::platform::row::StoreError;
use crate::platform::sql::Sql;

/// Deletes the view of `user`, if there is one, and what is owed about them: call it in
/// a transaction.
///
/// # Errors
/// `Refused` when SQLite fails.
pub fn forget(sql: &dyn Sql, user: &UserId) -> Result<(), StoreError> {
    store::errand::delete_of(sql, user)?;
    store::user::delete_of(sql, user)
}
