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

/// Longest life that a client may want for its access tokens, whatever its realm
/// does: keys stay published for as long.
pub const MAX_CLIENT_TOKEN_LIFE: Seconds = Seconds::days(1);

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
    /// When the next one took over; `None` while it is the newest of its place.
    pub retired_at: Option<Timestamp>,
    /// What an administrator decides about it.
    pub settings: KeySettings,
}

/// What an administrator decides about a key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeySettings {
    /// What people call it; `None` for the name of what made it.
    pub name: Option<String>,
    /// Of the keys that may sign, the one with the highest number does.
    pub priority: i64,
    /// Whether it may sign; else it is published for what it signed.
    pub active: bool,
    /// Whether it counts at all.
    pub enabled: bool,
}

/// The priority of a key that comes with the realm, as of Keycloak's.
pub const BUILT_IN_PRIORITY: i64 = 100;

impl Default for KeySettings {
    fn default() -> Self {
        Self { name: None, priority: BUILT_IN_PRIORITY, active: true, enabled: true }
    }
}

impl RealmKey {
    /// Whether it is meant to sign until somebody decides otherwise.
    #[must_use]
    pub const fn is_in_use(&self) -> bool {
        self.settings.active && self.settings.enabled && self.retired_at.is_none()
    }

    /// Whether it may sign at `now`: in use, or retired so lately that not
    /// everybody knows its successor.
    #[must_use]
    pub fn may_sign(&self, now: Timestamp) -> bool {
        let is_relieved = self.retired_at.is_some_and(|retired| retired + PREPUBLISH <= now);
        self.settings.active && self.settings.enabled && !is_relieved
    }
}

/// All keys of a realm: the highest priority first, of one priority the newest.
#[derive(Debug)]
pub struct RealmKeys(Vec<RealmKey>);

impl RealmKeys {
    /// Takes the keys of a realm, in any order.
    #[must_use]
    pub fn new(mut keys: Vec<RealmKey>) -> Self {
        keys.sort_by(|one, other| {
            let of = |key: &RealmKey| (key.settings.priority, key.created_at);
            of(other).cmp(&of(one)).then_with(|| one.kid.cmp(&other.kid))
        });
        Self(keys)
    }

    /// Every key, in the order in which they come to sign.
    #[must_use]
    pub fn all(&self) -> &[RealmKey] {
        &self.0
    }

    /// The key called `kid`.
    #[must_use]
    pub fn find(&self, kid: &str) -> Option<&RealmKey> {
        self.0.iter().find(|key| key.kid == kid)
    }

    /// The key to sign with at `now`: the first of `algorithm` that may and has
    /// been published long enough, or, when none has, the oldest of them.
    #[must_use]
    pub fn signing(&self, algorithm: SigningAlgorithm, now: Timestamp) -> Option<&RealmKey> {
        let is_candidate = |key: &&RealmKey| key.algorithm == algorithm && key.may_sign(now);
        let known = |key: &&RealmKey| key.created_at + PREPUBLISH <= now;
        let oldest = || self.0.iter().filter(is_candidate).min_by_key(|key| key.created_at);
        self.0.iter().filter(is_candidate).find(known).or_else(oldest)
    }

    /// The key that is next to be replaced: the first of `algorithm` in use.
    #[must_use]
    pub fn current(&self, algorithm: SigningAlgorithm) -> Option<&RealmKey> {
        self.0.iter().find(|key| key.algorithm == algorithm && key.is_in_use())
    }

    /// The keys to publish at `now`: all but those that are switched off, or were
    /// retired for longer than any token they signed can live.
    pub fn published(
        &self,
        token_life: Seconds,
        now: Timestamp,
    ) -> impl Iterator<Item = &RealmKey> {
        let token_life = token_life.max(MAX_CLIENT_TOKEN_LIFE);
        let is_over = move |key: &RealmKey| {
            key.retired_at.is_some_and(|retired| retired + PREPUBLISH + token_life <= now)
        };
        self.0.iter().filter(move |key| key.settings.enabled && !is_over(key))
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

/// Makes the realm's first key of `algorithm`, unless it has one in use: two
/// isolates that race end with one key.
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
    Ok(store::key::insert_first(&*ports.directory, realm, &key).await?)
}

/// Retires the realm's key that signs and puts a new one in its place, in one
/// transaction. Of two that do so at once, one does.
///
/// # Errors
/// As [`RotateError`] says.
pub async fn rotate(context: &RealmContext<'_>) -> Result<(), RotateError> {
    rotate_of(context, context.realm.settings.signing_algorithm).await
}

async fn rotate_of(
    context: &RealmContext<'_>,
    algorithm: SigningAlgorithm,
) -> Result<(), RotateError> {
    let (ports, realm) = (context.ports, &context.realm);
    let key = make(ports, algorithm, context.now).await?;
    let keys = context.keys().await?;
    match keys.current(algorithm) {
        Some(old) => store::key::replace(&*ports.directory, &realm.id, old, &key).await?,
        None => store::key::insert_first(&*ports.directory, &realm.id, &key).await?,
    }
    ports.memo.clear();
    Ok(())
}

/// Rotates the keys that have signed for the realm's `key_lifespan`: that of the
/// realm's algorithm, which is made when there is none, and those that were made
/// for clients that want another. Keys that an administrator made stay.
///
/// # Errors
/// As [`RotateError`] says.
pub async fn rotate_if_due(context: &RealmContext<'_>) -> Result<(), RotateError> {
    let settings = &context.realm.settings;
    let keys = context.keys().await?;
    let is_old = |key: &RealmKey| key.created_at + settings.key_lifespan <= context.now;
    for algorithm in SigningAlgorithm::ALL {
        let is_realms = algorithm == settings.signing_algorithm;
        let is_due = match keys.current(algorithm) {
            Some(key) if is_realms => is_old(key),
            Some(key) => is_old(key) && key.settings == KeySettings::default(),
            None => is_realms,
        };
        if is_due {
            rotate_of(context, algorithm).await?;
        }
    }
    Ok(())
}

/// The key to sign with at the time of `context`, which is made when the realm has
/// none of `algorithm`: a client may want another than its realm.
///
/// # Errors
/// As [`RotateError`] says.
pub async fn signing(
    context: &RealmContext<'_>,
    algorithm: SigningAlgorithm,
) -> Result<Option<RealmKey>, RotateError> {
    let find = |keys: &RealmKeys| keys.signing(algorithm, context.now).cloned();
    if let Some(key) = find(&*context.keys().await?) {
        return Ok(Some(key));
    }
    if algorithm == context.realm.settings.signing_algorithm {
        return Ok(None);
    }
    ensure_key(context.ports, &context.realm.id, algorithm, context.now).await?;
    context.ports.memo.clear();
    Ok(find(&*context.keys().await?))
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
        settings: KeySettings::default(),
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
            settings: KeySettings::default(),
        }
    }

    fn with_priority(kid: &str, priority: i64) -> RealmKey {
        let mut key = key(kid, START, None);
        key.settings.priority = priority;
        key
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
        assert_eq!(kids(takes_over + TOKEN_LIFE).len(), 2, "a client may want more");
        assert_eq!(kids(takes_over + MAX_CLIENT_TOKEN_LIFE), ["new"]);
    }
    #[test]
    fn the_highest_priority_signs_once_it_is_known() {
        let mut late = with_priority("late", 300);
        late.created_at = START + Seconds::minutes(10);
        let keys =
            RealmKeys::new(vec![with_priority("low", 1), late.clone(), with_priority("high", 200)]);
        let kids: Vec<&str> = keys.all().iter().map(|key| key.kid.as_str()).collect();
        assert_eq!(kids, ["late", "high", "low"]);
        assert_eq!(signing(&keys, late.created_at), Some("high"));
        assert_eq!(signing(&keys, late.created_at + PREPUBLISH), Some("late"));
        assert_eq!(keys.current(SigningAlgorithm::Es256).unwrap().kid, "late");
    }

    #[test]
    fn a_key_that_is_passive_is_published_and_one_that_is_off_is_not() {
        let [mut passive, mut off] = [with_priority("passive", 300), with_priority("off", 200)];
        passive.settings.active = false;
        off.settings.enabled = false;
        let keys = RealmKeys::new(vec![passive, off, with_priority("on", 1)]);
        let now = START + Seconds::days(1);
        assert_eq!(signing(&keys, now), Some("on"));
        let kids: Vec<&str> = keys.published(TOKEN_LIFE, now).map(|key| key.kid.as_str()).collect();
        assert_eq!(kids, ["passive", "on"]);
    }

    /// Whatever its number: nobody publishes it for ever.
    #[test]
    fn a_key_that_was_retired_does_not_come_back_to_sign() {
        let mut old = with_priority("old", 900);
        old.retired_at = Some(START + Seconds::days(90));
        let keys = RealmKeys::new(vec![old, with_priority("new", 1)]);
        let relieved = START + Seconds::days(90) + PREPUBLISH;
        assert_eq!(signing(&keys, relieved), Some("new"));
        let just_before = Timestamp::from_unix(relieved.as_unix() - 1);
        assert_eq!(signing(&keys, just_before), Some("old"));
    }
}
