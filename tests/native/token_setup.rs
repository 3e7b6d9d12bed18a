//! What the tests of the token endpoint's machinery share: somebody else's keys
//! and the tokens they sign, and clients that are set up in another way.
use crate::admin_setup::{TRAVEL0, client_uuid};
use crate::harness::browser::Answer;
use crate::harness::relying_party::travel0;
use crate::harness::world::World;
use crate::scim_setup::admin;
use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use guildhall::app::demo::CLIENT_SECRET;
use hmac::{Hmac, KeyInit, Mac};
use p256::ecdsa::signature::Signer as _;
use rsa::pkcs8::DecodePrivateKey;
use rsa::traits::PublicKeyParts;
use serde_json::{Value, json};

/// A confidential client with a service account.
pub const MACHINE: &str = "travel0-machine";

pub const TOKEN: &str = "/protocol/openid-connect/token";
pub const INTROSPECT: &str = "/protocol/openid-connect/token/introspect";
pub const REVOKE: &str = "/protocol/openid-connect/revoke";

/// A key of somebody else.
pub enum Signer {
    Es256(p256::ecdsa::SigningKey),
    EdDsa(ed25519_dalek::SigningKey),
    Rsa(&'static str),
    Shared(Vec<u8>),
}

fn encode(bytes: impl AsRef<[u8]>) -> String {
    BASE64_URL_SAFE_NO_PAD.encode(bytes)
}

fn rsa_key() -> rsa::PrivateKey {
    let pem = include_str!("../fixtures/keys/rsa2048-1.pem");
    rsa::PrivateKey::from_pkcs8_pem(pem).unwrap()
}

impl Signer {
    pub fn es256(byte: u8) -> Self {
        Self::Es256(p256::ecdsa::SigningKey::from_slice(&[byte; 32]).unwrap())
    }

    pub fn eddsa(byte: u8) -> Self {
        Self::EdDsa(ed25519_dalek::SigningKey::from_bytes(&[byte; 32]))
    }

    pub const fn alg(&self) -> &'static str {
        match self {
            Self::Es256(_) => "ES256",
            Self::EdDsa(_) => "EdDSA",
            Self::Rsa(alg) => alg,
            Self::Shared(_) => "HS256",
        }
    }

    /// The public key, called `kid`.
    pub fn jwk(&self, kid: &str) -> Value {
        let mut jwk = self.bare_jwk();
        jwk["kid"] = json!(kid);
        jwk
    }

    /// The public key, as a proof of possession brings it.
    pub fn bare_jwk(&self) -> Value {
        match self {
            Self::Es256(key) => {
                let point = key.verifying_key().to_sec1_point(false);
                let [x, y] = [&point.as_bytes()[1..33], &point.as_bytes()[33..]].map(encode);
                json!({ "kty": "EC", "crv": "P-256", "x": x, "y": y })
            }
            Self::EdDsa(key) => {
                json!({ "kty": "OKP", "crv": "Ed25519", "x": encode(key.verifying_key().as_bytes()) })
            }
            Self::Rsa(_) => {
                let key = rsa_key();
                json!({ "kty": "RSA", "n": encode(key.n_bytes()), "e": encode(key.e_bytes()) })
            }
            Self::Shared(secret) => json!({ "kty": "oct", "k": encode(secret) }),
        }
    }

    fn signature(&self, input: &[u8]) -> Vec<u8> {
        match self {
            Self::Es256(key) => {
                let signature: p256::ecdsa::Signature = key.sign(input);
                signature.to_bytes().to_vec()
            }
            Self::EdDsa(key) => ed25519_dalek::Signer::sign(key, input).to_bytes().to_vec(),
            Self::Rsa("PS256") => ps256_sign(&rsa_key(), input),
            Self::Rsa(_) => {
                use rsa::signature::{SignatureEncoding, Signer};
                let key = rsa::pkcs1v15::SigningKey::<rsa::sha2::Sha256>::new(rsa_key());
                key.sign(input).to_vec()
            }
            Self::Shared(secret) => {
                let mac = Hmac::<sha2::Sha256>::new_from_slice(secret).unwrap();
                mac.chain_update(input).finalize().into_bytes().to_vec()
            }
        }
    }

    /// A token under `header`, to which nothing is added.
    pub fn sign_as(&self, header: &Value, claims: &Value) -> String {
        let input = format!("{}.{}", encode(header.to_string()), encode(claims.to_string()));
        format!("{input}.{}", encode(self.signature(input.as_bytes())))
    }

    /// A token that names the key `kid`.
    pub fn sign(&self, kid: &str, claims: &Value) -> String {
        self.sign_as(&json!({ "alg": self.alg(), "kid": kid }), claims)
    }
}

/// A signature with a salt of 32 bytes, always the same one.
pub fn ps256_sign(key: &rsa::PrivateKey, input: &[u8]) -> Vec<u8> {
    use rsa::signature::{RandomizedSigner, SignatureEncoding};
    let key = rsa::pss::SigningKey::<rsa::sha2::Sha256>::new(key.clone());
    key.sign_with_rng(&mut Sevens, input).to_vec()
}

/// Randomness of a test.
struct Sevens;

impl rsa::rand_core::TryRng for Sevens {
    type Error = std::convert::Infallible;

    fn try_next_u32(&mut self) -> Result<u32, Self::Error> {
        Ok(7)
    }

    fn try_next_u64(&mut self) -> Result<u64, Self::Error> {
        Ok(7)
    }

    fn try_fill_bytes(&mut self, bytes: &mut [u8]) -> Result<(), Self::Error> {
        bytes.fill(7);
        Ok(())
    }
}

impl rsa::rand_core::TryCryptoRng for Sevens {}

/// Changes a client of realm travel0.
pub fn configure(world: &World, client_id: &str, change: &Value) {
    let uuid = client_uuid(world, TRAVEL0, client_id);
    let path = format!("{TRAVEL0}/clients/{uuid}");
    let mut client = world.get(&path, &admin(world)).json();
    for (name, value) in change.as_object().unwrap() {
        client[name] = value.clone();
    }
    let answer = world.put(&path, &admin(world), &client);
    assert_eq!(answer.status, 204, "{answer:?}");
}

/// Gives a client attributes, besides those it has.
pub fn set_attributes(world: &World, client_id: &str, attributes: &Value) {
    configure(world, client_id, &json!({ "attributes": attributes }));
}

/// POST of a form to the protocol's `endpoint`, as a client with a secret.
pub fn post_as(world: &World, endpoint: &str, client_id: &str, fields: &[(&str, &str)]) -> Answer {
    let own = [("client_id", client_id), ("client_secret", CLIENT_SECRET)];
    world.post_form(&travel0(endpoint), &[&own, fields].concat())
}

/// Status and `error`.
pub fn refusal(answer: &Answer) -> (u16, String) {
    (answer.status.as_u16(), answer.error())
}
