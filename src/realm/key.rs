//! A realm's signing keys: one signs, the ones before it stay published until
//! the last token they signed has expired.
use super::context::RealmContext;
use super::store;
use crate::crypto::jwk;
use crate::kernel::id::RealmId;
use crate::kernel::time::{Seconds, Timestamp};
use crate::platform::Ports;
use crate::platform::keys::{KeyError, SigningAlgorithm};
use crate::platform::memo::MEMO_AGE;
use crate::platform::row::StoreError;
use serde_json::Value;

/// How long a new key is published before it signs: isolates and clients must
/// have had the time to see it. Twice the age of an isolate's copies, and then
/// some for a client's.
pub const PREPUBLISH: Seconds = Seconds(MEMO_AGE.0 * 6);

/// A key pair of a realm.
#[derive(Clone, Debug, PartialEq)]
pub struct RealmKey {
    /// RFC 7638 thumbprint of the public key.
    pub kid: String,
    /// What it signs with.
    pub algorithm: SigningAlgorithm,
    /// The private key, encrypted ([`crate::platform::keys::NewKey::wrapped`]).
    pub wrapped: String,
    /// The public key (RFC 7517), without `kid`, `alg` and `use`.
    pub public_jwk: Value,
    /// When it was made.
    pub created_at: Timestamp,
    /// When the next one took over; `None` while it is the newest.
    pub retired_at: Option<Timestamp>,
}

/// All keys of a realm, newest first.
#[derive(Debug)]
pub struct RealmKeys(Vec<RealmKey>);

impl RealmKeys {
    /// Takes the keys as the directory lists them, newest first.
    #[must_use]
    pub const fn new(newest_first: Vec<RealmKey>) -> Self {
        Self(newest_first)
    }

    /// Every key, newest first.
    #[must_use]
    pub fn all(&self) -> &[RealmKey] {
        &self.0
    }

    /// The key to sign with at `now`: the newest of `algorithm` that has been
    /// published long enough, or, when the realm is that young, its first.
    #[must_use]
    pub fn signing(&self, algorithm: SigningAlgorithm, now: Timestamp) -> Option<&RealmKey> {
        let mut candidates = self.0.iter().filter(|key| key.algorithm == algorithm);
        let mut oldest = None;
        candidates
            .find(|key| {
                oldest = Some(*key);
                key.created_at + PREPUBLISH <= now
            })
            .or(oldest)
    }

    /// The keys to publish at `now`: all but those retired for longer than any
    /// token they signed can live.
    pub fn published(
        &self,
        token_life: Seconds,
        now: Timestamp,
    ) -> impl Iterator<Item = &RealmKey> {
        self.0.iter().filter(move |key| {
            key.retired_at.is_none_or(|retired| now < retired + PREPUBLISH + token_life)
        })
    }
}

/// Why a key could not be made.
#[derive(Debug, thiserror::Error)]
pub enum RotateError {
    /// The platform did not make a key.
    #[error(transparent)]
    Key(#[from] KeyError),
    /// The platform made a key that we do not understand.
    #[error("a new public key has no thumbprint")]
    Thumbprint,
    /// The directory failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Makes the realm's first key of `algorithm`, unless it has one: two isolates
/// that race end with one key.
///
/// # Errors
/// As [`RotateError`] says.
pub async fn ensure_key(
    ports: &Ports,
    realm: &RealmId,
    algorithm: SigningAlgorithm,
    now: Timestamp,
) -> Result<(), RotateError> {
    let key = make(ports, algorithm, now).await?;
    match store::key::insert(&*ports.directory, realm, &key).await {
        Err(StoreError::Conflict { .. }) => Ok(()),
        other => Ok(other?),
    }
}

/// Retires the realm's newest key of its algorithm and puts a new one in its
/// place, in one transaction.
///
/// # Errors
/// As [`RotateError`] says.
pub async fn rotate(context: &RealmContext<'_>) -> Result<(), RotateError> {
    let algorithm = context.realm.settings.signing_algorithm;
    let key = make(context.ports, algorithm, context.now).await?;
    store::key::replace(&*context.ports.directory, &context.realm.id, &key).await?;
    context.ports.memo.clear();
    Ok(())
}

/// Rotates when the newest key has signed for the realm's `key_lifespan`, or
/// when the realm signs with an algorithm it has no key of.
///
/// # Errors
/// As [`RotateError`] says.
pub async fn rotate_if_due(context: &RealmContext<'_>) -> Result<(), RotateError> {
    let settings = &context.realm.settings;
    let keys = context.keys().await?;
    let newest = keys.0.iter().find(|key| key.algorithm == settings.signing_algorithm);
    match newest {
        Some(key) if context.now < key.created_at + settings.key_lifespan => Ok(()),
        _ => rotate(context).await,
    }
}

/// Makes a key that nobody has yet.
///
/// # Errors
/// As [`RotateError`] says.
pub async fn make(
    ports: &Ports,
    algorithm: SigningAlgorithm,
    now: Timestamp,
) -> Result<RealmKey, RotateError> {
    let made = ports.keys.generate(algorithm).await?;
    Ok(RealmKey {
        kid: jwk::thumbprint(&made.public_jwk).ok_or(RotateError::Thumbprint)?,
        algorithm,
        wrapped: made.wrapped,
        public_jwk: made.public_jwk,
        created_at: now,
        retired_at: None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const START: Timestamp = Timestamp::from_unix(1_800_000_000);
    const TOKEN_LIFE: Seconds = Seconds::minutes(5);

    fn key(kid: &str, created_at: Timestamp, retired_at: Option<Timestamp>) -> RealmKey {
        RealmKey {
            kid: kid.to_owned(),
            algorithm: SigningAlgorithm::Es256,
            wrapped: String::new(),
            public_jwk: Value::Null,
            created_at,
            retired_at,
        }
    }

    fn signing(keys: &RealmKeys, now: Timestamp) -> Option<&str> {
        keys.signing(SigningAlgorithm::Es256, now).map(|key| key.kid.as_str())
    }

    #[test]
    fn the_first_key_signs_at_once() {
        let keys = RealmKeys::new(vec![key("first", START, None)]);
        assert_eq!(signing(&keys, START), Some("first"));
        assert_eq!(keys.signing(SigningAlgorithm::Rs256, START), None);
    }

    #[test]
    fn a_new_key_is_published_before_it_signs_and_the_old_one_after_it_signed() {
        let rotated = START + Seconds::days(90);
        let keys =
            RealmKeys::new(vec![key("new", rotated, None), key("old", START, Some(rotated))]);
        let kids = |now| -> Vec<&str> {
            keys.published(TOKEN_LIFE, now).map(|key| key.kid.as_str()).collect()
        };

        assert_eq!((signing(&keys, rotated), kids(rotated)), (Some("old"), vec!["new", "old"]));
        let takes_over = rotated + PREPUBLISH;
        assert_eq!((signing(&keys, takes_over), kids(takes_over).len()), (Some("new"), 2));
        assert_eq!(kids(takes_over + TOKEN_LIFE), ["new"]);
    }
}
