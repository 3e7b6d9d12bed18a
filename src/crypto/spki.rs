//! Public keys as `SubjectPublicKeyInfo` (RFC 5280 §4.1.2.7), as programs read
//! them that do not read JWKs.
use super::x509::take;
use base64::Engine;
use base64::prelude::{BASE64_STANDARD, BASE64_URL_SAFE_NO_PAD};
use serde_json::{Value, json};

/// Up to the point of a key on P-256 (RFC 5480 §2), the marker of an uncompressed
/// one included.
const P256_PREFIX: &[u8] = &[
    0x30, 0x59, 0x30, 0x13, 0x06, 0x07, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02, 0x01, 0x06, 0x08, 0x2a,
    0x86, 0x48, 0xce, 0x3d, 0x03, 0x01, 0x07, 0x03, 0x42, 0x00, 0x04,
];

/// Up to the key of Ed25519 (RFC 8410 §4).
const ED25519_PREFIX: &[u8] =
    &[0x30, 0x2a, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x03, 0x21, 0x00];

/// `rsaEncryption` with its NULL parameters (RFC 3279 §2.3.1).
const RSA_ALGORITHM: &[u8] =
    &[0x30, 0x0d, 0x06, 0x09, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x01, 0x05, 0x00];

const SEQUENCE: u8 = 0x30;
const BIT_STRING: u8 = 0x03;
const INTEGER: u8 = 0x02;

/// The public key of a JWK, in base64. `None` when it is of a type or on a curve
/// that we do not use, or lacks a member.
#[must_use]
pub fn to_text(jwk: &Value) -> Option<String> {
    let text = |name: &str| jwk.get(name)?.as_str();
    let member = |name: &str| BASE64_URL_SAFE_NO_PAD.decode(text(name)?).ok();
    // Both curves have coordinates of 32 bytes.
    let coordinate = |name: &str| member(name).filter(|bytes| bytes.len() == 32);
    let der = match (text("kty")?, text("crv")) {
        ("EC", Some("P-256")) => [P256_PREFIX, &coordinate("x")?, &coordinate("y")?].concat(),
        ("OKP", Some("Ed25519")) => [ED25519_PREFIX, &coordinate("x")?].concat(),
        ("RSA", None) => rsa(&member("n")?, &member("e")?)?,
        _ => return None,
    };
    Some(BASE64_STANDARD.encode(der))
}

/// The JWK of a public key, DER: what [`to_text`] reads, the other way round.
/// `None` for a key of a type or on a curve that we do not use.
#[must_use]
pub fn to_jwk(der: &[u8]) -> Option<Value> {
    let encode = |bytes: &[u8]| BASE64_URL_SAFE_NO_PAD.encode(bytes);
    if let Some(point) = der.strip_prefix(P256_PREFIX).filter(|point| point.len() == 64) {
        let (x, y) = point.split_at(32);
        return Some(json!({ "kty": "EC", "crv": "P-256", "x": encode(x), "y": encode(y) }));
    }
    if let Some(key) = der.strip_prefix(ED25519_PREFIX).filter(|key| key.len() == 32) {
        return Some(json!({ "kty": "OKP", "crv": "Ed25519", "x": encode(key) }));
    }
    let (SEQUENCE, info, []) = take(der)? else { return None };
    let (BIT_STRING, bits, []) = take(info.strip_prefix(RSA_ALGORITHM)?)? else { return None };
    let (SEQUENCE, numbers, []) = take(bits.strip_prefix(&[0])?)? else { return None };
    let (INTEGER, modulus, rest) = take(numbers)? else { return None };
    let (INTEGER, exponent, []) = take(rest)? else { return None };
    let [n, e] =
        [modulus, exponent].map(|number| encode(number.strip_prefix(&[0]).unwrap_or(number)));
    Some(json!({ "kty": "RSA", "n": n, "e": e }))
}

fn rsa(modulus: &[u8], exponent: &[u8]) -> Option<Vec<u8>> {
    let numbers = [integer(modulus)?, integer(exponent)?].concat();
    let key = element(SEQUENCE, &numbers)?;
    // No unused bits at the end.
    let key = element(BIT_STRING, &[&[0], key.as_slice()].concat())?;
    element(SEQUENCE, &[RSA_ALGORITHM, &key].concat())
}

/// A positive number: a leading zero keeps it one.
fn integer(big_endian: &[u8]) -> Option<Vec<u8>> {
    let sign: &[u8] = if big_endian.first()? & 0x80 == 0 { &[] } else { &[0] };
    element(INTEGER, &[sign, big_endian].concat())
}

/// A DER element (X.690 §8.1).
fn element(tag: u8, content: &[u8]) -> Option<Vec<u8>> {
    let length = u16::try_from(content.len()).ok()?;
    let [high, low] = length.to_be_bytes();
    let length: &[u8] = match length {
        0..0x80 => &[low],
        0x80..0x100 => &[0x81, low],
        _ => &[0x82, high, low],
    };
    Some([&[tag], length, content].concat())
}

#[cfg(test)]
mod tests {
    use super::*;
    use rsa::pkcs8::{DecodePrivateKey, EncodePublicKey};
    use rsa::traits::PublicKeyParts;

    #[test]
    fn an_rsa_key_is_written_as_another_implementation_writes_it() {
        let pem = include_str!("../../tests/fixtures/keys/rsa2048-1.pem");
        let key = rsa::PrivateKey::from_pkcs8_pem(pem).unwrap();
        let [n, e] = [key.n_bytes(), key.e_bytes()].map(|part| BASE64_URL_SAFE_NO_PAD.encode(part));
        let der = key.as_public_key().to_public_key_der().unwrap();
        let text = to_text(&json!({ "kty": "RSA", "n": n, "e": e })).unwrap();
        assert_eq!(text, BASE64_STANDARD.encode(der.as_bytes()));
    }

    /// RFC 8410 §10.1.
    #[test]
    fn an_ed25519_key_is_written_as_in_the_rfc() {
        let der = BASE64_STANDARD
            .decode("MCowBQYDK2VwAyEAGb9ECWmEzf6FQbrBZ9w7lshQhqowtrbLDFw4rXAxZuE=")
            .unwrap();
        let x = BASE64_URL_SAFE_NO_PAD.encode(&der[12..]);
        let text = to_text(&json!({ "kty": "OKP", "crv": "Ed25519", "x": x })).unwrap();
        assert_eq!(BASE64_STANDARD.decode(text).unwrap(), der);
    }

    #[test]
    fn what_is_no_public_key_is_nothing() {
        let x = BASE64_URL_SAFE_NO_PAD.encode([1; 48]);
        for jwk in [
            json!({}),
            json!({ "kty": "oct" }),
            json!({ "kty": "EC", "x": "AA" }),
            json!({ "kty": "EC", "crv": "P-256", "x": "AA", "y": "AA" }),
            json!({ "kty": "EC", "crv": "P-384", "x": x, "y": x }),
        ] {
            assert_eq!(to_text(&jwk), None, "{jwk}");
        }
    }
}
