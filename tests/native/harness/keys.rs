//! The key store in pure Rust, for tests.
use crate::token_setup::ps256_sign;
use async_trait::async_trait;
use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use guildhall::crypto::digest::sha256;
use guildhall::platform::keys::{KeyError, KeyStore, NewKey, SigningAlgorithm, SigningKeyRef};
use p256::ecdsa::signature::Signer;
use rsa::pkcs8::{DecodePrivateKey, EncodePrivateKey};
use rsa::traits::PublicKeyParts;
use serde_json::{Value, json};
use std::cell::Cell;
use std::sync::atomic::{AtomicU64, Ordering};

/// Made once: a debug build takes seconds for each (tests/fixtures/keys).
const RSA_KEYS: [&str; 2] = [
    include_str!("../../fixtures/keys/rsa2048-1.pem"),
    include_str!("../../fixtures/keys/rsa2048-2.pem"),
];

/// Counts the keys of the whole test binary, so that no two realms of any two
/// tests share one (but for RSA, which has [`RSA_KEYS`] in turn).
static MADE: AtomicU64 = AtomicU64::new(0);

thread_local! {
    /// Counts the RSA keys of one test, whatever others run beside it: two in a row
    /// differ.
    static RSA_MADE: Cell<usize> = const { Cell::new(0) };
}

/// A key store whose "wrapped" key is the private key in base64url: 32 bytes, or
/// PKCS#8 for RSA. Whatever one store wraps, any other can use, as two isolates
/// with one master key can.
#[derive(Clone, Copy, Debug, Default)]
pub struct NativeKeys;

#[async_trait(?Send)]
impl KeyStore for NativeKeys {
    async fn generate(&self, algorithm: SigningAlgorithm) -> Result<NewKey, KeyError> {
        let number = MADE.fetch_add(1, Ordering::Relaxed);
        // Any 32 bytes make a key on either curve, but for odds of 2^-32.
        let secret = sha256(&number.to_be_bytes());
        let (private, public_jwk) = match algorithm {
            SigningAlgorithm::Es256 => (secret.to_vec(), es256_jwk(&es256(&secret)?)),
            SigningAlgorithm::EdDsa => (secret.to_vec(), eddsa_jwk(&eddsa(&secret)?)),
            SigningAlgorithm::Rs256 | SigningAlgorithm::Ps256 => new_rsa()?,
        };
        Ok(NewKey { wrapped: encode(&private), public_jwk })
    }

    async fn sign(&self, key: &SigningKeyRef<'_>, message: &[u8]) -> Result<Vec<u8>, KeyError> {
        let private = BASE64_URL_SAFE_NO_PAD.decode(key.wrapped).map_err(broken)?;
        match key.algorithm {
            SigningAlgorithm::Es256 => {
                let signature: p256::ecdsa::Signature = es256(&private)?.sign(message);
                Ok(signature.to_bytes().to_vec())
            }
            SigningAlgorithm::EdDsa => Ok(ed25519_sign(&eddsa(&private)?, message)),
            SigningAlgorithm::Rs256 => rs256_sign(&private, message),
            SigningAlgorithm::Ps256 => {
                let key = rsa::PrivateKey::from_pkcs8_der(&private).map_err(broken)?;
                Ok(ps256_sign(&key, message))
            }
        }
    }
}

fn es256(private: &[u8]) -> Result<p256::ecdsa::SigningKey, KeyError> {
    p256::ecdsa::SigningKey::from_slice(private).map_err(broken)
}

fn es256_jwk(key: &p256::ecdsa::SigningKey) -> Value {
    let point = key.verifying_key().to_sec1_point(false);
    let [x, y] = [&point.as_bytes()[1..33], &point.as_bytes()[33..]].map(encode);
    json!({"kty": "EC", "crv": "P-256", "x": x, "y": y})
}

fn eddsa(private: &[u8]) -> Result<ed25519_dalek::SigningKey, KeyError> {
    ed25519_dalek::SigningKey::try_from(private).map_err(broken)
}

fn eddsa_jwk(key: &ed25519_dalek::SigningKey) -> Value {
    json!({"kty": "OKP", "crv": "Ed25519", "x": encode(key.verifying_key().as_bytes())})
}

fn ed25519_sign(key: &ed25519_dalek::SigningKey, message: &[u8]) -> Vec<u8> {
    use ed25519_dalek::Signer;
    key.sign(message).to_bytes().to_vec()
}

fn new_rsa() -> Result<(Vec<u8>, Value), KeyError> {
    let number = RSA_MADE.replace(RSA_MADE.get() + 1);
    let pem = RSA_KEYS[number % RSA_KEYS.len()];
    let key = rsa::PrivateKey::from_pkcs8_pem(pem).map_err(broken)?;
    let private = key.to_pkcs8_der().map_err(broken)?;
    let [n, e] = [key.n_bytes(), key.e_bytes()].map(|part| encode(&part));
    Ok((private.as_bytes().to_vec(), json!({"kty": "RSA", "n": n, "e": e})))
}

fn rs256_sign(private: &[u8], message: &[u8]) -> Result<Vec<u8>, KeyError> {
    use rsa::signature::{SignatureEncoding, Signer};
    let key = rsa::PrivateKey::from_pkcs8_der(private).map_err(broken)?;
    let key = rsa::pkcs1v15::SigningKey::<rsa::sha2::Sha256>::new(key);
    Ok(key.try_sign(message).map_err(broken)?.to_vec())
}

fn encode(bytes: &[u8]) -> String {
    BASE64_URL_SAFE_NO_PAD.encode(bytes)
}

fn broken(why: impl std::fmt::Display) -> KeyError {
    KeyError(why.to_string())
}
