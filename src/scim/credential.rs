//! The secret with which an organization's directory proves itself, stored.
use crate::crypto::digest::same;
use crate::crypto::keyring::{Keyring, Purpose};
use crate::crypto::password::{self, PasswordError, PasswordHash, SALT_BYTES, Verdict};
use crate::crypto::token::{SecretToken, TokenHash};
use crate::kernel::id::{OrgId, RealmId};
use crate::kernel::secret::Secret;
use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use hmac::{Hmac, KeyInit, Mac};
use serde::{Deserialize, Serialize};
use sha2::Sha256;

/// A stored secret: never the secret itself.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "made_by")]
pub enum StoredSecret {
    /// We made it: 256 bits, so one SHA-256 hides it.
    Us {
        /// The hash.
        hash: TokenHash,
    },
    /// A person chose it: Argon2id hides it, and a keyed digest turns away wrong
    /// guesses before they cost us 50 ms of CPU each.
    Person {
        /// The Argon2id hash.
        hash: PasswordHash,
        /// HMAC-SHA256 under a key that the database does not hold, so that it is
        /// of no use to who steals the database.
        digest: String,
    },
}

/// What one check of a presented secret found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[must_use]
pub enum Check {
    /// Not the secret.
    Wrong,
    /// The secret.
    Right,
    /// The keyed digest says it is the secret; Argon2id has not been asked.
    Probable,
}

/// Makes keyed digests for one organization.
pub struct Digester<'a> {
    key: [u8; 32],
    org: &'a OrgId,
}

impl<'a> Digester<'a> {
    /// The digester of the organization `org` of `realm`.
    #[must_use]
    pub fn new(keyring: &Keyring, realm: &RealmId, org: &'a OrgId) -> Self {
        Self { key: keyring.derive(Purpose::ScimCredential, realm), org }
    }

    /// Bound to the organization, so that equal secrets of two do not show.
    fn digest(&self, secret: &Secret) -> String {
        // RFC 2104 §2: a key shorter than the hash's block is filled up with zeros.
        let mut block = [0; 64];
        block[..self.key.len()].copy_from_slice(&self.key);
        let mut mac = Hmac::<Sha256>::new(&block.into());
        mac.update(self.org.as_str().as_bytes());
        // No id holds a zero byte, so the two parts cannot run into each other.
        mac.update(&[0]);
        mac.update(secret.expose().as_bytes());
        BASE64_URL_SAFE_NO_PAD.encode(mac.finalize().into_bytes())
    }
}

impl StoredSecret {
    /// Hides a secret that we made.
    #[must_use]
    pub fn of_token(token: &SecretToken) -> Self {
        Self::Us { hash: token.hash() }
    }

    /// Hides a secret that a person chose; about 50 ms of CPU.
    ///
    /// # Errors
    /// As [`password::hash`].
    pub fn of_choice(
        secret: &Secret,
        digester: &Digester<'_>,
        salt: [u8; SALT_BYTES],
    ) -> Result<Self, PasswordError> {
        let hash = password::hash(secret, salt)?;
        Ok(Self::Person { hash, digest: digester.digest(secret) })
    }

    /// Compares `presented` in constant time, and cheaply.
    pub fn check(&self, presented: &Secret, digester: &Digester<'_>) -> Check {
        match self {
            Self::Us { hash } if hash.matches(presented.expose()) => Check::Right,
            Self::Person { digest, .. }
                if same(digest.as_bytes(), digester.digest(presented).as_bytes()) =>
            {
                Check::Probable
            }
            Self::Us { .. } | Self::Person { .. } => Check::Wrong,
        }
    }

    /// Compares `presented` with the slow hash, if there is one.
    #[must_use]
    pub fn check_slowly(&self, presented: &Secret) -> bool {
        match self {
            Self::Us { hash } => hash.matches(presented.expose()),
            Self::Person { hash, .. } => {
                matches!(password::verify(presented, hash), Verdict::Match | Verdict::MatchButWeak)
            }
        }
    }

    /// A name for this stored value, to remember that it was checked. It changes
    /// with the secret.
    #[must_use]
    pub fn label(&self) -> &str {
        match self {
            Self::Us { hash } => hash.as_str(),
            Self::Person { hash, .. } => hash.as_str(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SALT: [u8; SALT_BYTES] = [7; SALT_BYTES];

    fn keyring() -> Keyring {
        Keyring::new(&Secret::new(BASE64_URL_SAFE_NO_PAD.encode([7; 32]))).unwrap()
    }

    /// `Wrong`, not `Probable`: the slow hash is never asked.
    #[test]
    fn a_wrong_secret_costs_no_slow_hash() {
        let (realm, org) = ("travel0".parse().unwrap(), "granite".parse().unwrap());
        let digester = Digester::new(&keyring(), &realm, &org);
        let right = Secret::new("chosen by a person");
        let stored = StoredSecret::of_choice(&right, &digester, SALT).unwrap();

        assert_eq!(stored.check(&right, &digester), Check::Probable);
        assert!(stored.check_slowly(&right));
        for wrong in ["", "chosen by a perso", "Chosen by a person", stored.label()] {
            let wrong = Secret::new(wrong);
            assert_eq!(stored.check(&wrong, &digester), Check::Wrong, "{wrong:?}");
            assert!(!stored.check_slowly(&wrong), "{wrong:?}");
        }
    }

    #[test]
    fn equal_secrets_of_two_organizations_do_not_show() {
        let realm = "travel0".parse().unwrap();
        let digest = |org: &str| {
            Digester::new(&keyring(), &realm, &org.parse().unwrap()).digest(&Secret::new("same"))
        };
        assert_ne!(digest("granite"), digest("rocky"));
        // Computed with Python's hmac and an HKDF by hand: a change here would shut
        // out every directory.
        assert_eq!(digest("granite"), "qziZIyR9O-pGgHBeENeCxQWPOEhnk3Nb1GnxPjtgQWc");
    }

    #[test]
    fn a_secret_of_ours_is_right_or_wrong_at_once() {
        let (realm, org) = ("travel0".parse().unwrap(), "granite".parse().unwrap());
        let digester = Digester::new(&keyring(), &realm, &org);
        let token = SecretToken::from_bytes([7; 32]);
        let stored = StoredSecret::of_token(&token);

        assert_eq!(stored.check(&Secret::new(token.to_text()), &digester), Check::Right);
        assert_eq!(stored.check(&Secret::new(stored.label()), &digester), Check::Wrong);
    }
}
