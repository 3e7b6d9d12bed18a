//! The profile of a realm's users: which fields there are.
use super::to_json;
use crate::kernel::id::RealmId;
use crate::platform::directory::Directory;
use crate::platform::row::StoreError;
use crate::platform::sql::Statement;
use serde::Serialize;
use serde::de::DeserializeOwned;

const FIND: &str = "SELECT document FROM user_profile WHERE realm_id = ?";

const REPLACE: &str = "
    INSERT INTO user_profile (realm_id, document) VALUES (?, ?)
    ON CONFLICT (realm_id) DO UPDATE SET document = excluded.document";

/// The realm's profile; `None` while nobody has changed the built-in one.
///
/// # Errors
/// `Refused` when the directory fails, `Corrupt` when it is no `T`.
pub async fn find<T: DeserializeOwned>(
    directory: &dyn Directory,
    realm: &RealmId,
) -> Result<Option<T>, StoreError> {
    let rows = directory.run(Statement::new(FIND).bind(realm.as_str())).await?;
    rows.first().map(|row| row.json("document")).transpose()
}

/// The statement that sets the realm's profile.
///
/// # Errors
/// `Refused` when it cannot be written as JSON.
pub fn replacement(realm: &RealmId, profile: &impl Serialize) -> Result<Statement, StoreError> {
    Ok(Statement::new(REPLACE).bind(realm.as_str()).bind(to_json(profile)?))
}
