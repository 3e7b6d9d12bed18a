//! The code that a device shows and a person types (RFC 8628 §6.1).
use crate::crypto::keyring::{Keyring, Purpose};
use crate::crypto::token::TokenHash;
use crate::kernel::id::RealmId;
use crate::platform::random::Random;
use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use serde::{Deserialize, Serialize};
use std::fmt::{Display, Formatter};
use std::str::FromStr;

/// RFC 8628 §6.1: letters that are hard to mistake, and no vowels, so that no words
/// come about.
const LETTERS: &[u8; 20] = b"BCDFGHJKLMNPQRSTVWXZ";

/// How many letters a code has: the section's own example, 34.5 bits. What keeps a
/// code from being guessed is that few tries are allowed
/// ([`crate::account::device_guess`]).
pub const USER_CODE_LETTERS: usize = 8;

/// Bytes from here on would make the first letters likelier than the last.
const FAIR: u8 = 240;

/// Longest text that is looked at.
const MAX_TYPED_BYTES: usize = 64;

/// A code.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct UserCode(String);

/// Text that is no code.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
#[error("not a user code: {USER_CODE_LETTERS} letters are")]
pub struct BadUserCode;

impl UserCode {
    /// A fresh code.
    #[must_use]
    pub fn generate(random: &dyn Random) -> Self {
        let bytes = std::iter::repeat_with(|| random.bytes32()).flatten();
        let letters = bytes
            .filter(|byte| *byte < FAIR)
            .filter_map(|byte| LETTERS.get(usize::from(byte) % LETTERS.len()));
        Self(letters.take(USER_CODE_LETTERS).map(|letter| char::from(*letter)).collect())
    }

    /// By what the directory knows it: under a key, because so short a code is found
    /// out from a plain hash of it in no time.
    #[must_use]
    pub fn hash(&self, keyring: &Keyring, realm: &RealmId) -> TokenHash {
        let key = BASE64_URL_SAFE_NO_PAD.encode(keyring.derive(Purpose::UserCode, realm));
        TokenHash::of(&format!("{key}.{}", self.0))
    }
}

/// As a device shows it.
impl Display for UserCode {
    fn fmt(&self, f: &mut Formatter<'_>) -> std::fmt::Result {
        let (first, second) = self.0.split_at(USER_CODE_LETTERS / 2);
        write!(f, "{first}-{second}")
    }
}

/// As people type it: in capitals or not, with the dash, a space, or nothing.
impl FromStr for UserCode {
    type Err = BadUserCode;

    fn from_str(typed: &str) -> Result<Self, BadUserCode> {
        if typed.len() > MAX_TYPED_BYTES {
            return Err(BadUserCode);
        }
        let letters = typed.chars().filter(|c| *c != '-' && !c.is_whitespace());
        let code: String = letters.map(|c| c.to_ascii_uppercase()).collect();
        let is_code =
            code.len() == USER_CODE_LETTERS && code.bytes().all(|byte| LETTERS.contains(&byte));
        if is_code { Ok(Self(code)) } else { Err(BadUserCode) }
    }
}

impl TryFrom<String> for UserCode {
    type Error = BadUserCode;

    fn try_from(text: String) -> Result<Self, BadUserCode> {
        text.parse()
    }
}

impl From<UserCode> for String {
    fn from(code: UserCode) -> Self {
        code.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::crypto::digest::sha256;
    use crate::kernel::secret::Secret;
    use std::cell::Cell;

    struct Counting(Cell<u8>);

    impl Random for Counting {
        fn bytes32(&self) -> [u8; 32] {
            self.0.set(self.0.get() + 1);
            sha256(&[self.0.get()])
        }
    }

    #[test]
    fn a_code_is_read_however_it_is_typed() {
        let code: UserCode = "WDJB-MJHT".parse().unwrap();
        for typed in ["wdjb-mjht", "wdjbmjht", " WDJB MJHT ", "w-d-j-b-m-j-h-t"] {
            assert_eq!(typed.parse(), Ok(code.clone()), "{typed}");
        }
        assert_eq!(code.to_string(), "WDJB-MJHT");
        let long = "-".repeat(MAX_TYPED_BYTES) + "WDJBMJHT";
        for other in ["", "WDJB-MJH", "WDJB-MJHTT", "WDJB-MJHA", "WDJB_MJHT", "WDJB-MJH1", &*long] {
            assert_eq!(other.parse::<UserCode>(), Err(BadUserCode), "{other}");
        }
    }

    #[test]
    fn every_letter_comes_up_and_no_two_codes_are_alike() {
        let random = Counting(Cell::new(0));
        let codes: Vec<_> = (0..200).map(|_| UserCode::generate(&random)).collect();
        let text: String = codes.iter().map(|code| code.0.as_str()).collect();
        assert!(LETTERS.iter().all(|letter| text.contains(char::from(*letter))), "{text}");
        assert!(codes.iter().all(|code| code.to_string().parse() == Ok(code.clone())));
        let unique: std::collections::BTreeSet<_> = codes.into_iter().map(|code| code.0).collect();
        assert_eq!(unique.len(), 200);
    }

    #[test]
    fn a_code_of_another_realm_is_another() {
        let master = Secret::new(BASE64_URL_SAFE_NO_PAD.encode([1; 32]));
        let keyring = Keyring::new(&master).unwrap();
        let code: UserCode = "WDJB-MJHT".parse().unwrap();
        let hash = |realm: &str| code.hash(&keyring, &realm.parse().unwrap());
        assert_eq!(hash("one"), hash("one"));
        assert_ne!(hash("one"), hash("other"));
    }
}
