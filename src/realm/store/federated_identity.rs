//! Who people are at identity providers.
use crate::kernel::id::{RealmId, UserId};
use crate::platform::directory::Directory;
use crate::platform::row::{Row, StoreError};
use crate::platform::sql::Statement;

const LIST: &str = "
    SELECT provider, provider_user_id, provider_username
      FROM federated_identity
     WHERE user_id = ? AND realm_id = ?
     ORDER BY provider";

const INSERT: &str = "
    INSERT INTO federated_identity (realm_id, user_id, provider, provider_user_id,
                                    provider_username)
    SELECT realm_id, id, ?, ?, ? FROM user WHERE id = ? AND realm_id = ?";

const DELETE: &str = "
    DELETE FROM federated_identity WHERE user_id = ? AND realm_id = ? AND provider = ?";

/// A person at an identity provider.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FederatedIdentity {
    /// The provider's alias.
    pub provider: String,
    /// The person's id there.
    pub provider_user: String,
    /// The person's name there.
    pub provider_username: String,
}

/// The identities of `user`, by provider.
///
/// # Errors
/// `Refused` when the directory fails.
pub async fn list(
    directory: &dyn Directory,
    realm: &RealmId,
    user: &UserId,
) -> Result<Vec<FederatedIdentity>, StoreError> {
    let statement = Statement::new(LIST).bind(user.as_str()).bind(realm.as_str());
    directory.run(statement).await?.iter().map(from_row).collect()
}

/// The statement that links `user`, if there still is one. A `Conflict` there
/// says that the user has an identity at that provider, or that the identity is
/// somebody's.
#[must_use]
pub fn insertion(realm: &RealmId, user: &UserId, identity: &FederatedIdentity) -> Statement {
    Statement::new(INSERT)
        .bind(identity.provider.as_str())
        .bind(identity.provider_user.as_str())
        .bind(identity.provider_username.as_str())
        .bind(user.as_str())
        .bind(realm.as_str())
}

/// The statement that ends the link of `user` to `provider`.
#[must_use]
pub fn deletion(realm: &RealmId, user: &UserId, provider: &str) -> Statement {
    Statement::new(DELETE).bind(user.as_str()).bind(realm.as_str()).bind(provider)
}

fn from_row(row: &Row) -> Result<FederatedIdentity, StoreError> {
    Ok(FederatedIdentity {
        provider: row.text("provider")?.to_owned(),
        provider_user: row.text("provider_user_id")?.to_owned(),
        provider_username: row.text("provider_username")?.to_owned(),
    })
}
