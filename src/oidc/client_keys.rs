//! The public keys by which a client proves that something is its own: written
//! down with the client, or published by it.
//!
//! Where they are, Keycloak's attributes say. What is published is kept by the
//! isolate for [`KEYS_AGE`], and looked up again when a signature names a key that
//! is not there, but not more often than every `platform::memo::MEMO_AGE`.
use crate::crypto::jwt::{JwtError, Signed};
use crate::crypto::x509::Certificate;
use crate::crypto::{foreign, spki};
use crate::kernel::time::Seconds;
use crate::platform::fetch::{FetchError, Get};
use crate::realm::client::Client;
use crate::realm::context::RealmContext;
use serde_json::Value;
use std::rc::Rc;

/// How long the published keys of a client are kept. A key that it takes back
/// works so much longer.
pub const KEYS_AGE: Seconds = Seconds::minutes(5);

/// Longest key set that is read, in bytes.
pub const MAX_KEY_SET_BYTES: usize = 64 * 1024;

/// Most keys of a client: more are a way to make us compute.
pub const MAX_KEYS: usize = 50;

const USE_URL: &str = "use.jwks.url";
const URL: &str = "jwks.url";
const USE_TEXT: &str = "use.jwks.string";
const TEXT: &str = "jwks.string";
const CERTIFICATE: &str = "jwt.credential.certificate";

/// Why a signature is not a client's.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub enum NotSigned {
    /// Nothing says what its keys are.
    #[error("the client has no keys (jwks.url, jwks.string or jwt.credential.certificate)")]
    NoKeys,
    /// What should be its keys is not.
    #[error("the keys of the client are not readable")]
    BadKeys,
    /// They are not to be had.
    #[error("the keys of the client were not to be had: {0}")]
    Fetch(#[from] FetchError),
    /// The signature is not of one of them.
    #[error(transparent)]
    Jwt(#[from] JwtError),
}

/// Verifies what the client signed with one of its keys, under one of `allowed`
/// ([`foreign::ASYMMETRIC`] at the most). Only the signature: what the token says
/// is for the caller to judge.
///
/// # Errors
/// As [`NotSigned`] says.
pub async fn verify(
    context: &RealmContext<'_>,
    client: &Client,
    unverified_token: &str,
    allowed: &[&str],
) -> Result<Signed, NotSigned> {
    // Nothing is fetched for what we would not take anyway.
    if !allowed.contains(&foreign::unverified_algorithm(unverified_token)?) {
        return Err(JwtError::BadSignature.into());
    }
    let Some(url) = published_at(client) else {
        let keys = written_down(client)?;
        return Ok(foreign::verify(unverified_token, &keys, allowed)?);
    };
    let kept = kept(context, url);
    let verdict = kept.map(|keys| foreign::verify(unverified_token, &keys, allowed));
    match verdict {
        Some(Err(JwtError::UnknownKey)) | None => {
            let keys = fetch(context, url).await?;
            Ok(foreign::verify(unverified_token, &keys, allowed)?)
        }
        Some(verdict) => Ok(verdict?),
    }
}

fn published_at(client: &Client) -> Option<&str> {
    client.attribute(URL).filter(|_| client.has_on(USE_URL))
}

fn written_down(client: &Client) -> Result<Vec<Value>, NotSigned> {
    if client.has_on(USE_TEXT) {
        return read(client.attribute(TEXT).ok_or(NotSigned::NoKeys)?.as_bytes());
    }
    let certificate = client.attribute(CERTIFICATE).ok_or(NotSigned::NoKeys)?;
    let certificate = Certificate::read(certificate.as_bytes()).map_err(|_| NotSigned::BadKeys)?;
    Ok(vec![spki::to_jwk(&certificate.public_key).ok_or(NotSigned::BadKeys)?])
}

/// RFC 7517 §5. A member of the set that is no key of ours is passed over.
fn read(text: &[u8]) -> Result<Vec<Value>, NotSigned> {
    if text.len() > MAX_KEY_SET_BYTES {
        return Err(NotSigned::BadKeys);
    }
    let set: Value = serde_json::from_slice(text).map_err(|_| NotSigned::BadKeys)?;
    match set.get("keys") {
        Some(Value::Array(keys)) if keys.len() <= MAX_KEYS => Ok(keys.clone()),
        _ => Err(NotSigned::BadKeys),
    }
}

fn kept(context: &RealmContext<'_>, url: &str) -> Option<Rc<Vec<Value>>> {
    context.ports.memo.get_within(&format!("client-keys/{url}"), context.now, KEYS_AGE)
}

/// Fetches the key set, unless that was tried a moment ago.
async fn fetch(context: &RealmContext<'_>, url: &str) -> Result<Rc<Vec<Value>>, NotSigned> {
    let memo = &context.ports.memo;
    let tried = format!("client-keys-tried/{url}");
    if memo.get::<()>(&tried, context.now).is_some() {
        return kept(context, url).ok_or_else(|| JwtError::UnknownKey.into());
    }
    memo.put(tried, Rc::new(()), context.now);
    let get = Get { url: url.to_owned(), accept: "application/jwk-set+json, application/json" };
    let fetched = context.ports.outside.get(&get).await?;
    if fetched.status != 200 {
        return Err(FetchError::Failed(format!("status {}", fetched.status)).into());
    }
    let keys = Rc::new(read(&fetched.body)?);
    memo.put(format!("client-keys/{url}"), Rc::clone(&keys), context.now);
    Ok(keys)
}
