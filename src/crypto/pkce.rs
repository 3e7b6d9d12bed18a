//! Proof Key for Code Exchange (RFC 7636), method S256 only: `plain` would put
//! the proof itself into the address bar, and RFC 9700 §2.1.1 rules it out.
use crate::crypto::digest::{same, sha256_base64url};

/// The only `code_challenge_method` (RFC 7636 §4.2).
pub const METHOD: &str = "S256";

/// Length of a challenge: a SHA-256 digest in unpadded base64url.
pub const CHALLENGE_CHARS: usize = 43;

/// Shortest and longest `code_verifier`, in characters (RFC 7636 §4.1).
pub const VERIFIER_CHARS: std::ops::RangeInclusive<usize> = 43..=128;

/// Tells whether `challenge` can be a challenge at all, so that a client's
/// mistake is refused when the login starts, not after it.
#[must_use]
pub fn is_challenge(challenge: &str) -> bool {
    let is_base64url = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_');
    challenge.len() == CHALLENGE_CHARS && challenge.bytes().all(is_base64url)
}

/// Tells whether `verifier` has the length and the characters of RFC 7636 §4.1.
#[must_use]
pub fn is_verifier(verifier: &str) -> bool {
    let is_unreserved = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'.' | b'_' | b'~');
    VERIFIER_CHARS.contains(&verifier.len()) && verifier.bytes().all(is_unreserved)
}

/// Tells whether `verifier` is the pre-image of `challenge` under S256.
///
/// `challenge` is what the client sent to the authorization endpoint. Text that
/// [`is_verifier`] refuses never matches. Compares in constant time.
///
/// Source: RFC 7636 §4.6.
#[must_use]
pub fn matches_s256(challenge: &str, verifier: &str) -> bool {
    is_verifier(verifier) && same(sha256_base64url(verifier).as_bytes(), challenge.as_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;

    // The pair printed in RFC 7636 appendix B.
    const VERIFIER: &str = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
    const CHALLENGE: &str = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";

    #[test]
    fn the_pair_printed_in_rfc_7636_matches() {
        assert!(is_challenge(CHALLENGE));
        assert!(matches_s256(CHALLENGE, VERIFIER));
    }

    #[test]
    fn anything_else_does_not() {
        let padded = format!("{CHALLENGE}=");
        let refused = [
            ("a changed last character", CHALLENGE, "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXl"),
            ("the challenge replayed as verifier", CHALLENGE, CHALLENGE),
            ("plain", VERIFIER, VERIFIER),
            ("an empty verifier", CHALLENGE, ""),
            ("an empty challenge", "", VERIFIER),
            ("a padded challenge", &padded, VERIFIER),
        ];
        for (why, challenge, verifier) in refused {
            assert!(!matches_s256(challenge, verifier), "{why}");
        }
    }

    #[test]
    fn a_verifier_of_forbidden_length_or_characters_never_matches() {
        let matches = |verifier: &str| matches_s256(&sha256_base64url(verifier), verifier);
        for length in [43, 128] {
            assert!(matches(&"~".repeat(length)), "{length}");
        }
        for length in [42, 129] {
            assert!(!matches(&"~".repeat(length)), "{length}");
        }
        assert!(!matches(&"é".repeat(30)));
        assert!(!matches(&" ".repeat(43)));
    }

    #[test]
    fn what_cannot_be_a_challenge_is_told_early() {
        for text in ["", "abc", &CHALLENGE.replace('-', "+"), &format!("{CHALLENGE}=")] {
            assert!(!is_challenge(text), "{text:?}");
        }
    }
}
