//! `KeyStore` over WebCrypto: private keys are made, wrapped, unwrapped and used
//! by the runtime, and never enter our memory.
use super::subtle::{self, algorithm, usages};
use crate::kernel::secret::Secret;
use crate::platform::keys::{KeyError, KeyStore, NewKey, SigningAlgorithm, SigningKeyRef};
use async_trait::async_trait;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use js_sys::{Reflect, Uint8Array};
use std::cell::RefCell;
use std::collections::HashMap;
use std::rc::Rc;
use wasm_bindgen::JsValue;

/// Bytes of an AES-GCM nonce (NIST SP 800-38D §5.2.1.1 recommends 96 bits).
const NONCE_BYTES: usize = 12;

/// Most signing keys an isolate keeps ready; it forgets all when it is full.
const MAX_READY_KEYS: usize = 1024;

/// What separates the wrapping key from everything else that is derived from the
/// master key. Changing it loses every wrapped key: it never changes.
const WRAPPING_PURPOSE: &str = "guildhall/v1/wrap-signing-keys";

/// The keys an isolate has ready, none of them extractable.
pub struct CryptoKeys {
    master_key: Secret,
    wrapping: RefCell<Option<JsValue>>,
    signing: RefCell<HashMap<String, JsValue>>,
}

impl CryptoKeys {
    /// None yet; all of them come from `master_key`.
    pub fn new(master_key: &Secret) -> Self {
        let (wrapping, signing) = (RefCell::default(), RefCell::default());
        Self { master_key: master_key.clone(), wrapping, signing }
    }

    /// The key that wraps the others: AES-256, derived from the master key by
    /// HKDF-SHA-256 (RFC 5869).
    async fn wrapping(&self) -> Result<JsValue, JsValue> {
        if let Some(key) = self.wrapping.borrow().clone() {
            return Ok(key);
        }
        let master =
            URL_SAFE_NO_PAD.decode(self.master_key.expose()).map_err(|_| "bad MASTER_KEY")?;
        let master = Uint8Array::from(master.as_slice());
        let hkdf = algorithm("HKDF", &[]);
        let base =
            subtle::import_key("raw", &master, &hkdf, false, &usages(&["deriveKey"])).await?;
        let derive = algorithm(
            "HKDF",
            &[
                ("hash", "SHA-256".into()),
                ("salt", Uint8Array::new_with_length(0).into()),
                ("info", Uint8Array::from(WRAPPING_PURPOSE.as_bytes()).into()),
            ],
        );
        let aes = algorithm("AES-GCM", &[("length", 256.into())]);
        let uses = usages(&["wrapKey", "unwrapKey"]);
        let key = subtle::derive_key(&derive, &base, &aes, false, &uses).await?;
        self.wrapping.replace(Some(key.clone()));
        Ok(key)
    }

    async fn signing(&self, key: &SigningKeyRef<'_>) -> Result<JsValue, JsValue> {
        if let Some(ready) = self.signing.borrow().get(key.kid).cloned() {
            return Ok(ready);
        }
        let wrapped = URL_SAFE_NO_PAD.decode(key.wrapped).map_err(|_| "bad base64url")?;
        let (nonce, sealed) = wrapped.split_at_checked(NONCE_BYTES).ok_or("too short")?;
        let ready = subtle::unwrap_key(
            "pkcs8",
            &Uint8Array::from(sealed),
            &self.wrapping().await?,
            &aes_gcm(nonce),
            &key_algorithm(key.algorithm),
            false,
            &usages(&["sign"]),
        )
        .await?;
        let mut signing = self.signing.borrow_mut();
        if signing.len() >= MAX_READY_KEYS {
            signing.clear();
        }
        signing.insert(key.kid.to_owned(), ready.clone());
        Ok(ready)
    }
}

/// The runtime's WebCrypto.
pub struct WebCryptoKeyStore(Rc<CryptoKeys>);

impl WebCryptoKeyStore {
    /// Works with the keys of this isolate.
    pub const fn new(keys: Rc<CryptoKeys>) -> Self {
        Self(keys)
    }

    async fn wrap(&self, private: &JsValue) -> Result<String, JsValue> {
        let mut wrapped = vec![0; NONCE_BYTES];
        subtle::get_random_values(&mut wrapped);
        let aes_gcm = aes_gcm(&wrapped);
        let wrapping = self.0.wrapping().await?;
        let sealed = subtle::wrap_key("pkcs8", private, &wrapping, &aes_gcm).await?;
        wrapped.extend(Uint8Array::new(&sealed).to_vec());
        Ok(URL_SAFE_NO_PAD.encode(wrapped))
    }

    async fn make(&self, algorithm: SigningAlgorithm) -> Result<NewKey, JsValue> {
        let uses = usages(&["sign", "verify"]);
        let pair = subtle::generate_key(&key_algorithm(algorithm), true, &uses).await?;
        let public = Reflect::get(&pair, &"publicKey".into())?;
        let private = Reflect::get(&pair, &"privateKey".into())?;
        Ok(NewKey {
            wrapped: self.wrap(&private).await?,
            public_jwk: public_jwk(&subtle::export_key("jwk", &public).await?)?,
        })
    }
}

#[async_trait(?Send)]
impl KeyStore for WebCryptoKeyStore {
    async fn generate(&self, algorithm: SigningAlgorithm) -> Result<NewKey, KeyError> {
        self.make(algorithm).await.map_err(key_error)
    }

    async fn sign(&self, key: &SigningKeyRef<'_>, message: &[u8]) -> Result<Vec<u8>, KeyError> {
        let ready = self.0.signing(key).await.map_err(key_error)?;
        let message = Uint8Array::from(message);
        let signature = subtle::sign(&signature_algorithm(key.algorithm), &ready, &message).await;
        signature.map(|bytes| Uint8Array::new(&bytes).to_vec()).map_err(key_error)
    }
}

fn key_error(thrown: JsValue) -> KeyError {
    KeyError(worker::Error::from(thrown).to_string())
}

fn aes_gcm(nonce: &[u8]) -> JsValue {
    algorithm("AES-GCM", &[("iv", Uint8Array::from(nonce).into())])
}

fn key_algorithm(of: SigningAlgorithm) -> JsValue {
    match of {
        SigningAlgorithm::Es256 => algorithm("ECDSA", &[("namedCurve", "P-256".into())]),
        SigningAlgorithm::Rs256 => rsa_algorithm("RSASSA-PKCS1-v1_5"),
        SigningAlgorithm::Ps256 => rsa_algorithm("RSA-PSS"),
        SigningAlgorithm::EdDsa => algorithm("Ed25519", &[]),
    }
}

fn rsa_algorithm(name: &str) -> JsValue {
    algorithm(
        name,
        &[
            ("modulusLength", 2048.into()),
            ("publicExponent", Uint8Array::from([1, 0, 1].as_slice()).into()),
            ("hash", "SHA-256".into()),
        ],
    )
}

fn signature_algorithm(of: SigningAlgorithm) -> JsValue {
    match of {
        SigningAlgorithm::Es256 => algorithm("ECDSA", &[("hash", "SHA-256".into())]),
        SigningAlgorithm::Rs256 => algorithm("RSASSA-PKCS1-v1_5", &[]),
        // RFC 7518 §3.5: a salt as long as the hash.
        SigningAlgorithm::Ps256 => algorithm("RSA-PSS", &[("saltLength", 32.into())]),
        SigningAlgorithm::EdDsa => algorithm("Ed25519", &[]),
    }
}

/// The members that make the key; WebCrypto adds `alg`, `ext` and `key_ops`.
fn public_jwk(exported: &JsValue) -> Result<serde_json::Value, JsValue> {
    let mut jwk = subtle::to_json(exported).ok_or("the public key is not JSON")?;
    if let Some(members) = jwk.as_object_mut() {
        members.retain(|name, _| ["kty", "crv", "x", "y", "n", "e"].contains(&name.as_str()));
    }
    Ok(jwk)
}
