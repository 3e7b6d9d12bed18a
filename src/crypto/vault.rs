//! Secrets that must be read again, such as what a client is configured with at
//! an upstream provider: encrypted where they are stored.
//!
//! AES-256-GCM (NIST SP 800-38D) under a key of their purpose and realm
//! (`crypto::keyring`), bound to the place they are stored at, so that a row
//! copied over another does not decrypt. Secrets that are only ever compared are
//! hashed instead (`crypto::token`, `crypto::password`).
use crate::kernel::secret::Secret;
use aes_gcm::aead::{Aead, Payload};
use aes_gcm::{Aes256Gcm, KeyInit, Nonce};
use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};

/// Length of the nonce, in bytes. Random: SP 800-38D §8.3 allows 2^32 of them
/// under one key, far beyond the secrets of one realm.
pub const NONCE_BYTES: usize = 12;

/// A stored secret that does not decrypt: another master key, another place, or
/// not a secret of ours.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
#[error("a stored secret does not decrypt")]
pub struct Undecipherable;

/// Encrypts `secret` for `place`, such as `client/{uuid}`: base64url of the nonce
/// followed by the ciphertext. `random` gives the nonce its first bytes.
///
/// # Errors
/// [`Undecipherable`] above 64 GiB.
pub fn encrypt(
    key: &[u8; 32],
    place: &str,
    secret: &Secret,
    random: [u8; 32],
) -> Result<String, Undecipherable> {
    let nonce: [u8; NONCE_BYTES] = random.first_chunk().copied().ok_or(Undecipherable)?;
    let payload = Payload { msg: secret.expose().as_bytes(), aad: place.as_bytes() };
    let ciphertext = Aes256Gcm::new(key.into())
        .encrypt(&Nonce::from(nonce), payload)
        .map_err(|_| Undecipherable)?;
    Ok(BASE64_URL_SAFE_NO_PAD.encode([&nonce[..], &ciphertext].concat()))
}

/// What [`encrypt`] made for the same `place`.
///
/// # Errors
/// [`Undecipherable`] for anything else.
pub fn decrypt(key: &[u8; 32], place: &str, stored: &str) -> Result<Secret, Undecipherable> {
    let bytes = BASE64_URL_SAFE_NO_PAD.decode(stored).map_err(|_| Undecipherable)?;
    let (nonce, ciphertext) = bytes.split_first_chunk::<NONCE_BYTES>().ok_or(Undecipherable)?;
    let payload = Payload { msg: ciphertext, aad: place.as_bytes() };
    let plain = Aes256Gcm::new(key.into())
        .decrypt(&Nonce::from(*nonce), payload)
        .map_err(|_| Undecipherable)?;
    String::from_utf8(plain).map(Secret::new).map_err(|_| Undecipherable)
}

#[cfg(test)]
mod tests {
    use super::*;

    const KEY: [u8; 32] = [7; 32];

    fn stored(text: &str) -> String {
        encrypt(&KEY, "client/1", &Secret::new(text), [9; 32]).unwrap()
    }

    #[test]
    fn a_secret_is_read_again_where_it_was_stored() {
        let text = "s3cret – with more than ASCII";
        assert!(!stored(text).contains("s3cret"));
        assert_eq!(decrypt(&KEY, "client/1", &stored(text)).unwrap().expose(), text);
        assert_eq!(decrypt(&KEY, "client/1", &stored("")).unwrap().expose(), "");
    }

    #[test]
    fn a_secret_moved_elsewhere_is_none() {
        assert_eq!(decrypt(&KEY, "client/2", &stored("a")).err(), Some(Undecipherable));
        assert_eq!(decrypt(&[8; 32], "client/1", &stored("a")).err(), Some(Undecipherable));
    }

    #[test]
    fn a_secret_that_was_touched_is_none() {
        let good = stored("a secret");
        for bad in ["", "a", "not base64url!", &good[1..], &good[..good.len() - 2]] {
            assert_eq!(decrypt(&KEY, "client/1", bad).err(), Some(Undecipherable), "{bad}");
        }
    }
}
