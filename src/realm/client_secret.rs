//! A client's secret: compared by its hash, and kept encrypted beside it,
//! because Keycloak's clients read it back (docs/decisions/0003).
use super::context::RealmContext;
use crate::crypto::keyring::Purpose;
use crate::crypto::token::{SecretToken, TokenHash};
use crate::crypto::vault;
use crate::kernel::id::ClientUuid;
use crate::kernel::secret::Secret;
use crate::platform::row::StoreError;

/// What stands in for a secret that the caller may not read, and in a request
/// for one that shall stay (reference keycloak.md §3.4).
pub const MASK: &str = "**********";

/// A secret as the directory keeps it.
#[derive(Clone, Debug)]
pub struct ProtectedSecret {
    /// SHA-256, base64url: what a client's secret is compared with.
    pub hash: String,
    /// Encrypted by [`vault`]: what an administrator reads.
    pub sealed: String,
}

/// `secret`, as the directory keeps it for `client`.
///
/// # Errors
/// `Refused` when it cannot be encrypted.
pub fn protect(
    context: &RealmContext<'_>,
    client: &ClientUuid,
    secret: &Secret,
) -> Result<ProtectedSecret, StoreError> {
    let key = context.keyring.derive(Purpose::ClientSecret, &context.realm.id);
    let random = context.ports.random.bytes32();
    let sealed = vault::encrypt(&key, &place(client), secret, random);
    Ok(ProtectedSecret {
        hash: TokenHash::of(secret.expose()).as_str().to_owned(),
        sealed: sealed.map_err(|error| StoreError::Refused(error.to_string()))?,
    })
}

/// A new secret of 256 random bits.
#[must_use]
pub fn generate(context: &RealmContext<'_>) -> Secret {
    Secret::new(SecretToken::from_bytes(context.ports.random.bytes32()).to_text())
}

/// The secret that `sealed` keeps for `client`; `None` when it does not decrypt,
/// as after a change of the master key.
#[must_use]
pub fn read(context: &RealmContext<'_>, client: &ClientUuid, sealed: &str) -> Option<Secret> {
    let key = context.keyring.derive(Purpose::ClientSecret, &context.realm.id);
    vault::decrypt(&key, &place(client), sealed).ok()
}

fn place(client: &ClientUuid) -> String {
    format!("client/{client}")
}
