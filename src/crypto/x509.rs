//! As much of X.509 (RFC 5280) as it takes to tell a certificate from what is
//! none, and to read the public key in it. Whether it is signed by anybody, and
//! by whom, is not looked at: who uploads a certificate trusts it.
use base64::Engine;
use base64::prelude::BASE64_STANDARD;

const SEQUENCE: u8 = 0x30;
const INTEGER: u8 = 0x02;
const BIT_STRING: u8 = 0x03;
const OBJECT_IDENTIFIER: u8 = 0x06;

/// `[0]`, constructed: where the version stands.
const VERSION: u8 = 0xa0;

/// Text that is no certificate or no public key.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub enum BadPem {
    /// Between the markers, or in the whole text, stands no base64.
    #[error("not PEM: neither markers nor base64")]
    Text,
    /// What the base64 holds is of another shape.
    #[error("not {0} (DER)")]
    Der(&'static str),
}

/// A certificate.
#[derive(Debug, PartialEq, Eq)]
pub struct Certificate {
    /// The whole of it, DER.
    pub der: Vec<u8>,
    /// Its `SubjectPublicKeyInfo`, DER.
    pub public_key: Vec<u8>,
}

impl Certificate {
    /// Reads a certificate: PEM with or without its markers, or DER.
    ///
    /// # Errors
    /// As [`BadPem`] says.
    pub fn read(bytes: &[u8]) -> Result<Self, BadPem> {
        let der = der_of(bytes)?;
        let public_key = key_in(&der).ok_or(BadPem::Der("an X.509 certificate"))?;
        Ok(Self { der, public_key })
    }

    /// The certificate in base64, without markers and on one line, as Keycloak
    /// keeps it.
    #[must_use]
    pub fn to_text(&self) -> String {
        BASE64_STANDARD.encode(&self.der)
    }
}

/// Reads a public key as `SubjectPublicKeyInfo`: PEM with or without its markers,
/// or DER. Answers DER.
///
/// # Errors
/// As [`BadPem`] says.
pub fn read_public_key(bytes: &[u8]) -> Result<Vec<u8>, BadPem> {
    let der = der_of(bytes)?;
    let is_key = matches!(take(&der), Some((SEQUENCE, content, [])) if is_key_info(content));
    if is_key { Ok(der) } else { Err(BadPem::Der("a public key")) }
}

/// The first block of PEM (RFC 7468), or what the bytes are already.
fn der_of(bytes: &[u8]) -> Result<Vec<u8>, BadPem> {
    // Text cannot pass for it: base64 of a sequence begins with an M.
    if matches!(take(bytes), Some((SEQUENCE, _, []))) {
        return Ok(bytes.to_vec());
    }
    let text = std::str::from_utf8(bytes).map_err(|_| BadPem::Text)?;
    let block = match text.split_once("-----BEGIN ") {
        None => text,
        Some((_, block)) => {
            let (_, body) = block.split_once("-----").ok_or(BadPem::Text)?;
            body.split_once("-----END ").ok_or(BadPem::Text)?.0
        }
    };
    let packed: String = block.split_whitespace().collect();
    let der = BASE64_STANDARD.decode(packed).map_err(|_| BadPem::Text)?;
    if der.is_empty() { Err(BadPem::Text) } else { Ok(der) }
}

/// RFC 5280 §4.1: the certificate, in it what is signed, in that the seventh
/// member, or the sixth when there is no version.
fn key_in(der: &[u8]) -> Option<Vec<u8>> {
    let (SEQUENCE, certificate, []) = take(der)? else { return None };
    let (SEQUENCE, signed, rest) = take(certificate)? else { return None };
    let (SEQUENCE, _algorithm, rest) = take(rest)? else { return None };
    let (BIT_STRING, _signature, []) = take(rest)? else { return None };
    let (tag, _, rest) = take(signed)?;
    let serial = if tag == VERSION { rest } else { signed };
    let (INTEGER, _, mut rest) = take(serial)? else { return None };
    // Algorithm, issuer, validity, subject.
    for _ in 0..4 {
        let (SEQUENCE, _, after) = take(rest)? else { return None };
        rest = after;
    }
    let (SEQUENCE, content, after) = take(rest)? else { return None };
    let whole = rest.len().checked_sub(after.len())?;
    is_key_info(content).then(|| rest.get(..whole).map(<[u8]>::to_vec))?
}

/// An algorithm with its name, and the key's bits.
fn is_key_info(content: &[u8]) -> bool {
    let Some((SEQUENCE, algorithm, rest)) = take(content) else { return false };
    let named = matches!(take(algorithm), Some((OBJECT_IDENTIFIER, [_, ..], _)));
    named && matches!(take(rest), Some((BIT_STRING, [_, _, ..], [])))
}

/// The first element (X.690 §8.1): its tag, its content, and what follows it.
/// Lengths as DER writes them, up to what a file here may have.
pub(super) fn take(der: &[u8]) -> Option<(u8, &[u8], &[u8])> {
    let (&tag, rest) = der.split_first()?;
    let (&first, rest) = rest.split_first()?;
    let (length, rest) = match first {
        0..=0x7f => (usize::from(first), rest),
        0x81..=0x83 => {
            let (digits, rest) = rest.split_at_checked(usize::from(first - 0x80))?;
            let length = digits.iter().fold(0, |length, digit| length << 8 | usize::from(*digit));
            (length, rest)
        }
        _ => return None,
    };
    let (content, rest) = rest.split_at_checked(length)?;
    Some((tag, content, rest))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::crypto::spki;
    use base64::prelude::BASE64_URL_SAFE_NO_PAD;
    use rsa::pkcs8::{DecodePrivateKey, EncodePublicKey};
    use rsa::traits::PublicKeyParts;
    use serde_json::json;

    /// Self-signed with the key of tests/fixtures/keys/rsa2048-1.pem.
    const PEM: &str = include_str!("../../tests/fixtures/keys/rsa2048-1.crt");

    fn key_pem() -> rsa::PrivateKey {
        let pem = include_str!("../../tests/fixtures/keys/rsa2048-1.pem");
        rsa::PrivateKey::from_pkcs8_pem(pem).unwrap()
    }

    #[test]
    fn a_certificate_holds_the_key_it_was_made_with() {
        let read = Certificate::read(PEM.as_bytes()).unwrap();
        let key = key_pem();
        let expected = key.as_public_key().to_public_key_der().unwrap();
        assert_eq!(read.public_key, expected.as_bytes());
        let [n, e] = [key.n_bytes(), key.e_bytes()].map(|part| BASE64_URL_SAFE_NO_PAD.encode(part));
        let jwk = json!({ "kty": "RSA", "n": n, "e": e });
        assert_eq!(spki::to_text(&jwk), Some(BASE64_STANDARD.encode(&read.public_key)));
    }

    #[test]
    fn markers_and_line_breaks_do_not_matter_nor_does_pem() {
        let read = Certificate::read(PEM.as_bytes()).unwrap();
        let bare = read.to_text();
        assert!(!bare.contains(char::is_whitespace));
        assert_eq!(Certificate::read(bare.as_bytes()).unwrap(), read);
        assert_eq!(Certificate::read(&read.der).unwrap(), read);
        let talkative = format!("subject: somebody\r\n{PEM}\r\n{PEM}");
        assert_eq!(Certificate::read(talkative.as_bytes()).unwrap(), read);
    }

    #[test]
    fn a_public_key_is_none_of_a_certificate_and_the_other_way_round() {
        let read = Certificate::read(PEM.as_bytes()).unwrap();
        assert_eq!(read_public_key(&read.public_key).unwrap(), read.public_key);
        assert!(read_public_key(&read.der).is_err());
        assert!(Certificate::read(&read.public_key).is_err());
    }

    /// RFC 8410 §10.1: a key of 44 bytes, whose length is one byte.
    #[test]
    fn a_short_key_in_pem_is_read() {
        let pem = "-----BEGIN PUBLIC KEY-----\n\
                   MCowBQYDK2VwAyEAGb9ECWmEzf6FQbrBZ9w7lshQhqowtrbLDFw4rXAxZuE=\n\
                   -----END PUBLIC KEY-----\n";
        assert_eq!(read_public_key(pem.as_bytes()).unwrap().len(), 44);
    }

    #[test]
    fn what_is_cut_or_something_else_is_refused() {
        let read = Certificate::read(PEM.as_bytes()).unwrap();
        for end in 0..read.der.len() {
            assert!(Certificate::read(read.der.get(..end).unwrap()).is_err(), "cut at {end}");
        }
        let longer = [read.der.as_slice(), &[0]].concat();
        assert!(Certificate::read(&longer).is_err());
        let texts = ["", "hello", "AAAA", "-----BEGIN CERTIFICATE-----", "\u{fe}", "{}"];
        for text in texts {
            assert!(Certificate::read(text.as_bytes()).is_err(), "{text}");
            assert!(read_public_key(text.as_bytes()).is_err(), "{text}");
        }
    }

    #[test]
    fn hostile_lengths_are_refused() {
        for der in [&[0x30, 0x84, 1, 0, 0, 0][..], &[0x30, 0x80], &[0x30, 0x83, 255, 255, 255]] {
            assert!(Certificate::read(der).is_err(), "{der:?}");
        }
    }
}
