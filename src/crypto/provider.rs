//! The algorithms that jsonwebtoken may use, and no others: HS256 to seal what
//! only we read, ES256, RS256, PS256 and `EdDSA` to verify.
//!
//! The crate's own provider brings every curve, hash and padding of JOSE into
//! the Worker (276 kB), and each is one more way to be confused about a token.
use hmac::{Hmac, KeyInit, Mac};
use jsonwebtoken::crypto::{CryptoProvider, JwtSigner, JwtVerifier, KeyUtils};
use jsonwebtoken::errors::{Error, ErrorKind, Result, new_error};
use jsonwebtoken::signature::{Error as Mismatch, Signer, Verifier};
use jsonwebtoken::{Algorithm, AlgorithmFamily, DecodingKey, DecodingKeyKind, EncodingKey};
use jsonwebtoken::{Validation, crypto};
use rsa::BoxedUint;
use sha2::Sha256;
use std::collections::HashSet;
use std::ops::RangeInclusive;

/// Sizes of an RSA modulus, in bits. RFC 7518 §3.3 demands 2048 at least; above
/// 4096 a key is a way to make us compute.
pub const RSA_BITS: RangeInclusive<usize> = 2048..=4096;

/// Smallest RSA exponent (FIPS 186-5 §A.1.1: above 2^16). Everyone uses this one.
pub const MIN_RSA_EXPONENT: u64 = 65_537;

static PROVIDER: CryptoProvider = CryptoProvider {
    signer_factory: new_signer,
    verifier_factory: new_verifier,
    // Only the crate's JWK functions ask these; `crypto::jwk` has its own.
    key_utils: KeyUtils {
        rsa_pub_components_from_private_key: |_| Err(unsupported()),
        rsa_pub_components_from_public_key: |_| Err(unsupported()),
        ec_pub_components_from_private_key: |_, _| Err(unsupported()),
        ed_pub_components_from_private_key: |_, _| Err(unsupported()),
        compute_digest: |_, _| Err(unsupported()),
    },
};

/// Makes the provider the one that jsonwebtoken uses. Any number of calls does
/// what the first one did; everything in `crypto` that needs it calls it.
pub fn install() {
    // `Err` says that it is installed already, and nobody else installs one.
    let _ = crypto::CryptoProvider::install_default(&PROVIDER);
}

/// A validation of the signature under `algorithm` and nothing else: the crate's
/// checks of claims read the system's clock, ours take `now`.
#[must_use]
pub fn signature_only(algorithm: Algorithm) -> Validation {
    let mut validation = Validation::new(algorithm);
    validation.required_spec_claims = HashSet::new();
    validation.validate_exp = false;
    validation.validate_nbf = false;
    validation.validate_aud = false;
    validation
}

fn unsupported() -> Error {
    new_error(ErrorKind::UnsupportedAlgorithm)
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "jsonwebtoken dictates the signature")]
fn new_signer(algorithm: &Algorithm, key: &EncodingKey) -> Result<Box<dyn JwtSigner>> {
    match algorithm {
        Algorithm::HS256 => Ok(Box::new(Hs256::new(key.family(), key.as_bytes())?)),
        _ => Err(unsupported()),
    }
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "jsonwebtoken dictates the signature")]
fn new_verifier(algorithm: &Algorithm, key: &DecodingKey) -> Result<Box<dyn JwtVerifier>> {
    match algorithm {
        Algorithm::HS256 => Ok(Box::new(Hs256::new(key.family(), key.try_get_as_bytes()?)?)),
        Algorithm::ES256 => Ok(Box::new(Es256::new(key)?)),
        Algorithm::EdDSA => Ok(Box::new(EdDsa::new(key)?)),
        Algorithm::RS256 => Ok(Box::new(Rs256::new(key)?)),
        Algorithm::PS256 => Ok(Box::new(Ps256::new(key)?)),
        _ => Err(unsupported()),
    }
}

/// Refuses a key made for another family: an RSA key is never an HMAC secret.
fn same_family(key: AlgorithmFamily, algorithm: Algorithm) -> Result<()> {
    if key == algorithm.family() { Ok(()) } else { Err(new_error(ErrorKind::InvalidKeyFormat)) }
}

/// HMAC with SHA-256 (RFC 7518 §3.2).
struct Hs256(Hmac<Sha256>);

impl Hs256 {
    fn new(family: AlgorithmFamily, secret: &[u8]) -> Result<Self> {
        same_family(family, Algorithm::HS256)?;
        Hmac::new_from_slice(secret).map(Self).map_err(|_| ErrorKind::InvalidKeyFormat.into())
    }
}

impl Signer<Vec<u8>> for Hs256 {
    fn try_sign(&self, message: &[u8]) -> std::result::Result<Vec<u8>, Mismatch> {
        Ok(self.0.clone().chain_update(message).finalize().into_bytes().to_vec())
    }
}

impl JwtSigner for Hs256 {
    fn algorithm(&self) -> Algorithm {
        Algorithm::HS256
    }
}

impl Verifier<Vec<u8>> for Hs256 {
    /// Compares in constant time.
    fn verify(&self, message: &[u8], mac: &Vec<u8>) -> std::result::Result<(), Mismatch> {
        self.0.clone().chain_update(message).verify_slice(mac).map_err(|_| Mismatch::new())
    }
}

impl JwtVerifier for Hs256 {
    fn algorithm(&self) -> Algorithm {
        Algorithm::HS256
    }
}

/// ECDSA on P-256 with SHA-256 (RFC 7518 §3.4).
struct Es256(p256::ecdsa::VerifyingKey);

impl Es256 {
    /// The key is an uncompressed SEC 1 point; a point off the curve is refused.
    fn new(key: &DecodingKey) -> Result<Self> {
        same_family(key.family(), Algorithm::ES256)?;
        p256::ecdsa::VerifyingKey::from_sec1_bytes(key.try_get_as_bytes()?)
            .map(Self)
            .map_err(|_| ErrorKind::InvalidEcdsaKey.into())
    }
}

impl Verifier<Vec<u8>> for Es256 {
    fn verify(&self, message: &[u8], signature: &Vec<u8>) -> std::result::Result<(), Mismatch> {
        use p256::ecdsa::signature::Verifier;
        let signature =
            p256::ecdsa::Signature::from_slice(signature).map_err(|_| Mismatch::new())?;
        self.0.verify(message, &signature).map_err(|_| Mismatch::new())
    }
}

impl JwtVerifier for Es256 {
    fn algorithm(&self) -> Algorithm {
        Algorithm::ES256
    }
}

/// Ed25519 (RFC 8037 §3.1).
struct EdDsa(ed25519_dalek::VerifyingKey);

impl EdDsa {
    /// The key is 32 bytes; one of small order, under which a signature can fit
    /// every message, is refused.
    fn new(key: &DecodingKey) -> Result<Self> {
        same_family(key.family(), Algorithm::EdDSA)?;
        let bytes: &[u8; 32] =
            key.try_get_as_bytes()?.try_into().map_err(|_| ErrorKind::InvalidEddsaKey)?;
        ed25519_dalek::VerifyingKey::from_bytes(bytes)
            .ok()
            .filter(|key| !key.is_weak())
            .map(Self)
            .ok_or_else(|| ErrorKind::InvalidEddsaKey.into())
    }
}

impl Verifier<Vec<u8>> for EdDsa {
    fn verify(&self, message: &[u8], signature: &Vec<u8>) -> std::result::Result<(), Mismatch> {
        let signature =
            ed25519_dalek::Signature::from_slice(signature).map_err(|_| Mismatch::new())?;
        self.0.verify_strict(message, &signature).map_err(|_| Mismatch::new())
    }
}

impl JwtVerifier for EdDsa {
    fn algorithm(&self) -> Algorithm {
        Algorithm::EdDSA
    }
}

/// RSASSA-PKCS1-v1_5 with SHA-256 (RFC 7518 §3.3).
struct Rs256(rsa::pkcs1v15::VerifyingKey<Sha256>);

impl Rs256 {
    fn new(key: &DecodingKey) -> Result<Self> {
        rsa_key(key).map(|key| Self(rsa::pkcs1v15::VerifyingKey::new(key)))
    }
}

/// An RSA key, of modulus and exponent; see [`RSA_BITS`], [`MIN_RSA_EXPONENT`].
fn rsa_key(key: &DecodingKey) -> Result<rsa::PublicKey> {
    same_family(key.family(), Algorithm::RS256)?;
    let DecodingKeyKind::RsaModulusExponent { n, e } = key.kind() else {
        return Err(new_error(ErrorKind::InvalidKeyFormat));
    };
    let refused = |why: &str| new_error(ErrorKind::InvalidRsaKey(why.to_owned()));
    let (n, e) = (BoxedUint::from_be_slice_vartime(n), BoxedUint::from_be_slice_vartime(e));
    if e < BoxedUint::from(MIN_RSA_EXPONENT) {
        return Err(refused("the exponent is too small"));
    }
    rsa::PublicKey::new_with_size_limits(n, e, RSA_BITS)
        .map_err(|error| refused(&error.to_string()))
}

impl Verifier<Vec<u8>> for Rs256 {
    fn verify(&self, message: &[u8], signature: &Vec<u8>) -> std::result::Result<(), Mismatch> {
        use rsa::signature::Verifier;
        let signature = rsa::pkcs1v15::Signature::try_from(signature.as_slice())
            .map_err(|_| Mismatch::new())?;
        self.0.verify(message, &signature).map_err(|_| Mismatch::new())
    }
}

impl JwtVerifier for Rs256 {
    fn algorithm(&self) -> Algorithm {
        Algorithm::RS256
    }
}

/// RSASSA-PSS with SHA-256 and a salt as long as the hash (RFC 7518 §3.5).
struct Ps256(rsa::pss::VerifyingKey<Sha256>);

impl Ps256 {
    fn new(key: &DecodingKey) -> Result<Self> {
        rsa_key(key).map(|key| Self(rsa::pss::VerifyingKey::new(key)))
    }
}

impl Verifier<Vec<u8>> for Ps256 {
    fn verify(&self, message: &[u8], signature: &Vec<u8>) -> std::result::Result<(), Mismatch> {
        use rsa::signature::Verifier;
        let signature =
            rsa::pss::Signature::try_from(signature.as_slice()).map_err(|_| Mismatch::new())?;
        self.0.verify(message, &signature).map_err(|_| Mismatch::new())
    }
}

impl JwtVerifier for Ps256 {
    fn algorithm(&self) -> Algorithm {
        Algorithm::PS256
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::crypto::jwk::verifying_key;
    use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
    use serde_json::{Value, json};

    const PAYLOAD: &str = "eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ";

    fn is_signed(message: &str, signature: &str, key: &DecodingKey, algorithm: Algorithm) -> bool {
        install();
        jsonwebtoken::crypto::verify(signature, message.as_bytes(), key, algorithm).unwrap()
    }

    fn assert_only_the_message_is_signed(
        message: &str,
        signature: &str,
        key: &DecodingKey,
        algorithm: Algorithm,
    ) {
        let changed = message.replacen('e', "f", 1);
        assert!(is_signed(message, signature, key, algorithm));
        assert!(!is_signed(&changed, signature, key, algorithm), "another message");
        assert!(!is_signed(message, "AAAA", key, algorithm), "another signature");
        assert!(!is_signed(message, "", key, algorithm), "no signature");
    }

    #[test]
    fn hs256_verifies_and_makes_the_example_of_rfc_7515_a1() {
        let secret = BASE64_URL_SAFE_NO_PAD
            .decode("AyM1SysPpbyDfgZld3umj1qzKObwVMkoqQ-EstJQLr_T-1qS0gZH75aKtMN3Yj0iPS4hcgUuTwjAzZr1Z9CAow")
            .unwrap();
        let message = format!("eyJ0eXAiOiJKV1QiLA0KICJhbGciOiJIUzI1NiJ9.{PAYLOAD}");
        let signature = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";

        let key = DecodingKey::from_secret(&secret);
        assert_only_the_message_is_signed(&message, signature, &key, Algorithm::HS256);
        let key = EncodingKey::from_secret(&secret);
        let made = jsonwebtoken::crypto::sign(message.as_bytes(), &key, Algorithm::HS256).unwrap();
        assert_eq!(made, signature);
    }

    #[test]
    fn rs256_verifies_the_example_of_rfc_7515_a2() {
        let jwk = json!({
            "kty": "RSA",
            "e": "AQAB",
            "n": "ofgWCuLjybRlzo0tZWJjNiuSfb4p4fAkd_wWJcyQoTbji9k0l8W26mPddxHmfHQp-Vaw-4qPCJrcS2mJPMEzP1Pt0Bm4d4QlL-yRT-SFd2lZS-pCgNMsD1W_YpRPEwOWvG6b32690r2jZ47soMZo9wGzjb_7OMg0LOL-bSf63kpaSHSXndS5z5rexMdbBYUsLA9e-KXBdQOS-UTo7WTBEMa2R2CapHg665xsmtdVMTBQY4uDZlxvb3qCo5ZwKh9kG4LT6_I5IhlJH7aGhyxXFvUK-DWNmoudF8NAco9_h9iaGNj8q2ethFkMLs91kzk2PAcDTW9gb54h4FRWyuXpoQ",
        });
        let signature = "cC4hiUPoj9Eetdgtv3hF80EGrhuB__dzERat0XF9g2VtQgr9PJbu3XOiZj5RZmh7AAuHIm4Bh-0Qc_lF5YKt_O8W2Fp5jujGbds9uJdbF9CUAr7t1dnZcAcQjbKBYNX4BAynRFdiuB--f_nZLgrnbyTyWzO75vRK5h6xBArLIARNPvkSjtQBMHlb1L07Qe7K0GarZRmB_eSN9383LcOLn6_dO--xi12jzDwusC-eOkHWEsqtFZESc6BfI7noOPqvhJ1phCnvWh6IeYI2w9QOYEUipUTI8np6LbgGY9Fs98rqVt5AXLIhWkWywlVmtVrBp0igcN_IoypGlUPQGe77Rw";
        let key = verifying_key(&jwk, "RS256").unwrap().1;
        let message = format!("eyJhbGciOiJSUzI1NiJ9.{PAYLOAD}");
        assert_only_the_message_is_signed(&message, signature, &key, Algorithm::RS256);
    }

    #[test]
    fn es256_verifies_the_example_of_rfc_7515_a3() {
        let jwk = json!({
            "kty": "EC",
            "crv": "P-256",
            "x": "f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU",
            "y": "x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0",
        });
        let signature = "DtEhU3ljbEg8L38VWAfUAqOyKAM6-Xx-F4GawxaepmXFCgfTjDxw5djxLa8ISlSApmWQxfKTUJqPP3-Kg6NU1Q";
        let key = verifying_key(&jwk, "ES256").unwrap().1;
        let message = format!("eyJhbGciOiJFUzI1NiJ9.{PAYLOAD}");
        assert_only_the_message_is_signed(&message, signature, &key, Algorithm::ES256);
    }

    #[test]
    fn eddsa_verifies_the_example_of_rfc_8037_a4() {
        let jwk = json!({
            "kty": "OKP",
            "crv": "Ed25519",
            "x": "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo",
        });
        let signature = "hgyY0il_MGCjP0JzlnLWG1PPOt7-09PGcvMg3AIbQR6dWbhijcNR4ki4iylGjg5BhVsPt9g7sVvpAr_MuM0KAg";
        let key = verifying_key(&jwk, "EdDSA").unwrap().1;
        let message = "eyJhbGciOiJFZERTQSJ9.RXhhbXBsZSBvZiBFZDI1NTE5IHNpZ25pbmc";
        assert_only_the_message_is_signed(message, signature, &key, Algorithm::EdDSA);
    }

    #[test]
    fn a_weak_key_verifies_nothing() {
        install();
        let encode = |bytes: &[u8]| Value::from(BASE64_URL_SAFE_NO_PAD.encode(bytes));
        let small_modulus = json!({"kty": "RSA", "e": "AQAB", "n": encode(&[0xff; 255])});
        let huge_modulus = json!({"kty": "RSA", "e": "AQAB", "n": encode(&[0xff; 513])});
        let small_exponent = json!({"kty": "RSA", "e": "Aw", "n": encode(&[0xff; 256])});
        let even_modulus = json!({"kty": "RSA", "e": "AQAB", "n": encode(&[0xfe; 256])});
        let off_curve = json!({
            "kty": "EC", "crv": "P-256", "x": encode(&[1; 32]), "y": encode(&[1; 32]),
        });
        let small_order = json!({"kty": "OKP", "crv": "Ed25519", "x": encode(&[0; 32])});
        let refused = [
            ("a modulus of 2040 bits", &small_modulus, "RS256"),
            ("a modulus of 4104 bits", &huge_modulus, "RS256"),
            ("the exponent 3", &small_exponent, "RS256"),
            ("an even modulus", &even_modulus, "RS256"),
            ("a point off the curve", &off_curve, "ES256"),
            ("a point of small order", &small_order, "EdDSA"),
        ];
        for (why, jwk, name) in refused {
            let (algorithm, key) = verifying_key(jwk, name).unwrap();
            assert!(new_verifier(&algorithm, &key).is_err(), "{why}");
        }
    }

    #[test]
    fn an_algorithm_that_is_not_ours_is_unsupported() {
        let key = DecodingKey::from_secret(&[7; 64]);
        for algorithm in [Algorithm::HS384, Algorithm::HS512, Algorithm::PS384, Algorithm::ES384] {
            assert!(new_verifier(&algorithm, &key).is_err(), "{algorithm:?}");
        }
        let key = EncodingKey::from_secret(&[7; 64]);
        assert!(new_signer(&Algorithm::HS512, &key).is_err());
    }

    #[test]
    fn a_key_of_another_family_is_never_an_hmac_secret() {
        let key = DecodingKey::from_ed_der(&[7; 32]);
        assert!(new_verifier(&Algorithm::HS256, &key).is_err());
    }
}
