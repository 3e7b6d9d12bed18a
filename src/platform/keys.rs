//! Private keys, as a port: they are made, wrapped and used by WebCrypto, and
//! never enter our own memory in production.
use async_trait::async_trait;
use serde::{Deserialize, Serialize};

/// A signature algorithm of ours (RFC 7518 §3.1, RFC 8037 §3.1).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum SigningAlgorithm {
    /// ECDSA on P-256 with SHA-256. The default.
    #[serde(rename = "ES256")]
    Es256,
    /// RSASSA-PKCS1-v1_5 with SHA-256, 2048 bits. For clients that know no other.
    #[serde(rename = "RS256")]
    Rs256,
    /// RSASSA-PSS with SHA-256, 2048 bits; what FAPI asks for beside ES256.
    #[serde(rename = "PS256")]
    Ps256,
    /// Ed25519.
    #[serde(rename = "EdDSA")]
    EdDsa,
}

impl SigningAlgorithm {
    /// Every one.
    pub const ALL: [Self; 4] = [Self::Es256, Self::Rs256, Self::Ps256, Self::EdDsa];

    /// The `alg` of a JWT header and a JWK.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Es256 => "ES256",
            Self::Rs256 => "RS256",
            Self::Ps256 => "PS256",
            Self::EdDsa => "EdDSA",
        }
    }
}

impl std::str::FromStr for SigningAlgorithm {
    type Err = UnknownAlgorithm;

    fn from_str(text: &str) -> Result<Self, UnknownAlgorithm> {
        Self::ALL.into_iter().find(|algorithm| algorithm.as_str() == text).ok_or(UnknownAlgorithm)
    }
}

/// An `alg` that we do not sign with.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
#[error("not a signature algorithm of this server")]
pub struct UnknownAlgorithm;

/// A freshly made key pair.
#[derive(Clone, Debug)]
pub struct NewKey {
    /// PKCS#8, encrypted with the master key (AES-256-GCM): base64url of the
    /// 12-byte nonce followed by the ciphertext.
    pub wrapped: String,
    /// The public key as a JWK (RFC 7517), members `kty`, `crv`, `x`, `y`, `n`,
    /// `e` as the type has them; no `kid`, `alg` or `use`.
    pub public_jwk: serde_json::Value,
}

/// A key to sign with, as the directory keeps it.
#[derive(Clone, Debug)]
pub struct SigningKeyRef<'a> {
    /// The key id; the imported key is cached in the isolate under it.
    pub kid: &'a str,
    /// What it signs with.
    pub algorithm: SigningAlgorithm,
    /// [`NewKey::wrapped`].
    pub wrapped: &'a str,
}

/// Why a key could not be made or used.
#[derive(Debug, thiserror::Error)]
#[error("the key store failed: {0}")]
pub struct KeyError(pub String);

/// Makes keys and signs with them.
#[async_trait(?Send)]
pub trait KeyStore {
    /// Makes a key pair and wraps its private half with the master key.
    ///
    /// # Errors
    /// `KeyError` when the platform refuses.
    async fn generate(&self, algorithm: SigningAlgorithm) -> Result<NewKey, KeyError>;

    /// Signs `message`; the raw JWS signature (RFC 7518 §3.4 for ECDSA).
    ///
    /// # Errors
    /// `KeyError` when the key cannot be unwrapped (another master key) or used.
    async fn sign(&self, key: &SigningKeyRef<'_>, message: &[u8]) -> Result<Vec<u8>, KeyError>;
}
