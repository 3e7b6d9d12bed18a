//! A token made with the key store verifies with the public key, and nothing
//! else does: for every algorithm a realm can choose.
use crate::harness::keys::NativeKeys;
use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use futures::executor::block_on;
use guildhall::crypto::jwk::{thumbprint, to_published};
use guildhall::crypto::jwt::{self, Expected, Header, JwtError, PublicKey};
use guildhall::crypto::seal;
use guildhall::kernel::time::Timestamp;
use guildhall::platform::keys::{KeyStore, NewKey, SigningAlgorithm, SigningKeyRef};
use serde_json::{Value, json};

const NOW: Timestamp = Timestamp::from_unix(1_800_000_000);
const ISSUER: &str = "https://id.example/realms/travel0";
const EXPECTED: Expected<'static> =
    Expected { issuer: ISSUER, typ: Some("at+jwt"), now: NOW, audience: Some("shop") };
const ALGORITHMS: [SigningAlgorithm; 3] =
    [SigningAlgorithm::Es256, SigningAlgorithm::Rs256, SigningAlgorithm::EdDsa];

/// A realm's key, as the directory keeps it.
struct Key {
    algorithm: SigningAlgorithm,
    kid: String,
    made: NewKey,
}

impl Key {
    fn new(algorithm: SigningAlgorithm) -> Self {
        let made = block_on(NativeKeys.generate(algorithm)).unwrap();
        Self { algorithm, kid: thumbprint(&made.public_jwk).unwrap(), made }
    }

    fn public(&self) -> PublicKey {
        let algorithm = self.algorithm.as_str();
        let jwk = to_published(&self.made.public_jwk, &self.kid, algorithm);
        PublicKey { kid: self.kid.clone(), algorithm, jwk }
    }

    fn token(&self) -> String {
        let header = Header { alg: self.algorithm.as_str(), kid: &self.kid, typ: "at+jwt" };
        self.sign(&jwt::signing_input(&header, &claims()))
    }

    fn sign(&self, input: &str) -> String {
        let wrapped = &self.made.wrapped;
        let key = SigningKeyRef { kid: &self.kid, algorithm: self.algorithm, wrapped };
        jwt::assemble(input, &block_on(NativeKeys.sign(&key, input.as_bytes())).unwrap())
    }
}

fn claims() -> Value {
    json!({"iss": ISSUER, "aud": "shop", "sub": "ann", "exp": NOW.as_unix() + 60})
}

fn verify(token: &str, key: &Key) -> Result<Value, JwtError> {
    jwt::verify(token, &[key.public()], &EXPECTED)
}

fn encode(part: &Value) -> String {
    BASE64_URL_SAFE_NO_PAD.encode(part.to_string())
}

/// `token` with its part `number` replaced.
fn replace(token: &str, number: usize, with: &str) -> String {
    let mut parts: Vec<&str> = token.split('.').collect();
    parts[number] = with;
    parts.join(".")
}

#[test]
fn every_algorithm_signs_what_the_published_key_verifies() {
    for algorithm in ALGORITHMS {
        let key = Key::new(algorithm);
        assert_eq!(verify(&key.token(), &key), Ok(claims()), "{algorithm:?}");
    }
}

#[test]
fn during_a_rotation_old_and_new_keys_verify_side_by_side() {
    let keys = ALGORITHMS.map(Key::new);
    let published = keys.each_ref().map(Key::public);
    for key in &keys {
        assert!(jwt::verify(&key.token(), &published, &EXPECTED).is_ok(), "{:?}", key.algorithm);
    }
}

#[test]
fn another_key_does_not_verify_it() {
    for algorithm in [SigningAlgorithm::Es256, SigningAlgorithm::EdDsa] {
        let (key, other) = (Key::new(algorithm), Key::new(algorithm));
        assert_eq!(verify(&key.token(), &other), Err(JwtError::UnknownKey), "{algorithm:?}");

        let posing = Key { kid: key.kid.clone(), ..other };
        assert_eq!(verify(&key.token(), &posing), Err(JwtError::BadSignature), "{algorithm:?}");
    }
}

#[test]
fn a_changed_payload_is_refused() {
    let richer = encode(&json!({"iss": ISSUER, "aud": "shop", "sub": "bob", "exp": i64::MAX}));
    for algorithm in ALGORITHMS {
        let key = Key::new(algorithm);
        let changed = replace(&key.token(), 1, &richer);
        assert_eq!(verify(&changed, &key), Err(JwtError::BadSignature), "{algorithm:?}");
    }
}

/// RFC 8725 §2.1.
#[test]
fn a_token_that_says_it_needs_no_signature_is_refused() {
    for algorithm in ALGORITHMS {
        let key = Key::new(algorithm);
        for none in ["none", "None", "NONE"] {
            let header = encode(&json!({"alg": none, "kid": key.kid, "typ": "at+jwt"}));
            let token = replace(&key.token(), 0, &header);
            assert_eq!(verify(&token, &key), Err(JwtError::Malformed), "{algorithm:?}");
            let unsigned = replace(&token, 2, "");
            assert_eq!(verify(&unsigned, &key), Err(JwtError::Malformed), "{algorithm:?}");
        }
        let unsigned = replace(&key.token(), 2, "");
        assert_eq!(verify(&unsigned, &key), Err(JwtError::BadSignature), "{algorithm:?}");
    }
}

/// RFC 8725 §2.1: the public key, used as an HMAC secret.
#[test]
fn a_token_signed_with_the_public_key_as_a_secret_is_refused() {
    for algorithm in ALGORITHMS {
        let key = Key::new(algorithm);
        let jwk = &key.public().jwk;
        let number = jwk.get("x").or(jwk.get("n")).and_then(Value::as_str).unwrap();
        let secret: [u8; 32] =
            BASE64_URL_SAFE_NO_PAD.decode(number).unwrap()[..32].try_into().unwrap();
        let sealed = seal::seal(&secret, "at+jwt", NOW, &claims()).unwrap();
        assert_eq!(verify(&sealed, &key), Err(JwtError::UnknownKey), "{algorithm:?}");

        let header = encode(&json!({"alg": "HS256", "kid": key.kid, "typ": "at+jwt"}));
        let posing = replace(&sealed, 0, &header);
        assert_eq!(verify(&posing, &key), Err(JwtError::BadSignature), "{algorithm:?}");
    }
}

#[test]
fn a_token_that_names_another_algorithm_of_ours_is_refused() {
    for algorithm in ALGORITHMS {
        let key = Key::new(algorithm);
        for named in ALGORITHMS.iter().filter(|named| **named != algorithm) {
            let header = Header { alg: named.as_str(), kid: &key.kid, typ: "at+jwt" };
            let token = key.sign(&jwt::signing_input(&header, &claims()));
            assert_eq!(verify(&token, &key), Err(JwtError::BadSignature), "{named:?}");
        }
    }
}

/// A key inside the token's own header is never looked at (RFC 8725 §3.5).
#[test]
fn a_token_that_brings_its_own_key_is_refused() {
    let (key, intruder) = (Key::new(SigningAlgorithm::Es256), Key::new(SigningAlgorithm::Es256));
    let header = json!({
        "alg": "ES256", "kid": key.kid, "typ": "at+jwt", "jwk": intruder.made.public_jwk,
    });
    let token = intruder.sign(&format!("{}.{}", encode(&header), encode(&claims())));
    assert_eq!(verify(&token, &key), Err(JwtError::BadSignature));
}
