//! Secrets that this server makes: 256 bits of entropy, kept only as a hash.
//!
//! Such a secret cannot be guessed, so one SHA-256 hides it as well as a slow
//! password hash would, at no cost.
use crate::crypto::digest::{same, sha256_base64url};
use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use serde::{Deserialize, Serialize};
use std::str::FromStr;

/// Length of a secret and of its hash as text: 32 bytes in unpadded base64url.
pub const TOKEN_CHARS: usize = 43;

/// A secret on its way to the one who may keep it. It is never stored.
#[derive(Clone)]
pub struct SecretToken([u8; 32]);

impl SecretToken {
    /// The secret made of 32 fresh random bytes.
    #[must_use]
    pub const fn from_bytes(fresh: [u8; 32]) -> Self {
        Self(fresh)
    }

    /// The secret as the client presents it: [`TOKEN_CHARS`] of base64url.
    #[must_use]
    pub fn to_text(&self) -> String {
        BASE64_URL_SAFE_NO_PAD.encode(self.0)
    }

    /// What to store.
    #[must_use]
    pub fn hash(&self) -> TokenHash {
        TokenHash::of(&self.to_text())
    }
}

impl std::fmt::Debug for SecretToken {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("SecretToken(…)")
    }
}

/// The stored form of a secret: the SHA-256 of its text, in base64url.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct TokenHash(String);

/// Text that is not the hash of a token.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
#[error("not a token hash: {TOKEN_CHARS} characters of base64url are")]
pub struct BadTokenHash;

impl TokenHash {
    /// The hash of a secret's text, whoever presents it.
    #[must_use]
    pub fn of(text: &str) -> Self {
        Self(sha256_base64url(text))
    }

    /// The hash as the database keeps it.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Tells whether `presented` is the secret. Compares in constant time.
    #[must_use]
    pub fn matches(&self, presented: &str) -> bool {
        same(self.0.as_bytes(), sha256_base64url(presented).as_bytes())
    }
}

impl FromStr for TokenHash {
    type Err = BadTokenHash;

    fn from_str(text: &str) -> Result<Self, BadTokenHash> {
        let decoded = BASE64_URL_SAFE_NO_PAD.decode(text).map_err(|_| BadTokenHash)?;
        if decoded.len() == 32 { Ok(Self(text.to_owned())) } else { Err(BadTokenHash) }
    }
}

impl TryFrom<String> for TokenHash {
    type Error = BadTokenHash;

    fn try_from(text: String) -> Result<Self, BadTokenHash> {
        text.parse()
    }
}

impl From<TokenHash> for String {
    fn from(hash: TokenHash) -> Self {
        hash.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_matches_its_own_hash_and_no_other() {
        let secret = SecretToken::from_bytes([7; 32]);
        let text = secret.to_text();

        assert_eq!(text.len(), TOKEN_CHARS);
        assert!(secret.hash().matches(&text));
        let truncated = &text[..TOKEN_CHARS - 1];
        for other in ["", truncated, secret.hash().as_str(), &format!("{text}=")] {
            assert!(!secret.hash().matches(other), "{other:?}");
        }
    }

    #[test]
    fn a_stored_hash_reads_back() {
        let hash = TokenHash::of("abc");
        assert_eq!(hash.as_str().parse(), Ok(hash.clone()));
        let padded = format!("{}=", hash.as_str());
        for text in ["", "abc", &padded, &"x".repeat(44)] {
            assert_eq!(text.parse::<TokenHash>(), Err(BadTokenHash), "{text:?}");
        }
    }

    #[test]
    fn a_secret_does_not_print() {
        assert_eq!(format!("{:?}", SecretToken::from_bytes([7; 32])), "SecretToken(…)");
    }
}
