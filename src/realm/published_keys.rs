//! Keys that others publish (RFC 7517 §5): of clients, and of who signs tokens for
//! the directory of an organization.
//!
//! The isolate keeps them for [`KEYS_AGE`], and looks them up again when a
//! signature names a key that is not there, but not more often than every
//! `platform::memo::MEMO_AGE`. While somebody looks them up, the old copy does for
//! others.
use crate::crypto::foreign;
use crate::crypto::jwt::{JwtError, Signed};
use crate::kernel::time::{Seconds, Timestamp};
use crate::platform::Ports;
use crate::platform::fetch::{FetchError, Get};
use serde_json::Value;
use std::cell::Cell;
use std::rc::Rc;

/// How long published keys are kept. A key that is taken back works so much
/// longer.
pub const KEYS_AGE: Seconds = Seconds::minutes(5);

/// Longest key set that is read, in bytes.
pub const MAX_KEY_SET_BYTES: usize = 64 * 1024;

/// Most keys of a set: more are a way to make us compute.
pub const MAX_KEYS: usize = 50;

/// Requests that fetch the same keys at once, before there is any copy.
pub const MAX_AT_ONCE: u32 = 5;

/// Why a signature is not of a published key.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub enum NotPublished {
    /// What should be keys is not.
    #[error("the keys are not readable")]
    BadKeys,
    /// They are not to be had.
    #[error("the keys were not to be had: {0}")]
    Fetch(#[from] FetchError),
    /// The signature is not of one of them.
    #[error(transparent)]
    Jwt(#[from] JwtError),
}

/// Verifies what was signed with one of the keys at `url`, under one of `allowed`
/// ([`foreign::ASYMMETRIC`] at the most). Only the signature: what the token says
/// is for the caller to judge.
///
/// # Errors
/// As [`NotPublished`] says.
pub async fn verify(
    ports: &Ports,
    now: Timestamp,
    url: &str,
    (unverified_token, allowed): (&str, &[&str]),
) -> Result<Signed, NotPublished> {
    // Nothing is fetched for what we would not take anyway.
    if !allowed.contains(&foreign::unverified_algorithm(unverified_token)?) {
        return Err(JwtError::BadSignature.into());
    }
    let kept = kept(ports, now, url, KEYS_AGE);
    let verdict = kept.map(|keys| foreign::verify(unverified_token, &keys, allowed));
    match verdict {
        Some(Err(JwtError::UnknownKey)) | None => {
            let keys = fetch(ports, now, url).await?;
            Ok(foreign::verify(unverified_token, &keys, allowed)?)
        }
        Some(verdict) => Ok(verdict?),
    }
}

/// The keys of a set. A member that is no key of ours is passed over.
///
/// # Errors
/// `BadKeys`.
pub fn read(text: &[u8]) -> Result<Vec<Value>, NotPublished> {
    if text.len() > MAX_KEY_SET_BYTES {
        return Err(NotPublished::BadKeys);
    }
    let set: Value = serde_json::from_slice(text).map_err(|_| NotPublished::BadKeys)?;
    match set.get("keys") {
        Some(Value::Array(keys)) if keys.len() <= MAX_KEYS => Ok(keys.clone()),
        _ => Err(NotPublished::BadKeys),
    }
}

fn kept(ports: &Ports, now: Timestamp, url: &str, age: Seconds) -> Option<Rc<Vec<Value>>> {
    ports.memo.get_within(&format!("published-keys/{url}"), now, age)
}

/// Fetches the key set, unless that was done a moment ago. Who comes while somebody
/// fetches it takes the old copy, and where there is none fetches it, too.
async fn fetch(ports: &Ports, now: Timestamp, url: &str) -> Result<Rc<Vec<Value>>, NotPublished> {
    let tried = format!("published-keys-tried/{url}");
    let Some(under_way) = ports.memo.get::<Cell<u32>>(&tried, now) else {
        let under_way = Rc::new(Cell::new(0));
        ports.memo.put(tried, Rc::clone(&under_way), now);
        return fetch_counted(ports, now, url, &under_way).await;
    };
    let others = under_way.get();
    let age = if others == 0 { KEYS_AGE } else { Seconds(KEYS_AGE.0 * 2) };
    match kept(ports, now, url, age) {
        Some(old) => Ok(old),
        None if (1..MAX_AT_ONCE).contains(&others) => {
            fetch_counted(ports, now, url, &under_way).await
        }
        None => Err(JwtError::UnknownKey.into()),
    }
}

async fn fetch_counted(
    ports: &Ports,
    now: Timestamp,
    url: &str,
    under_way: &Cell<u32>,
) -> Result<Rc<Vec<Value>>, NotPublished> {
    under_way.set(under_way.get() + 1);
    let got = get(ports, url).await;
    under_way.set(under_way.get().saturating_sub(1));
    let keys = Rc::new(got?);
    ports.memo.put(format!("published-keys/{url}"), Rc::clone(&keys), now);
    Ok(keys)
}

async fn get(ports: &Ports, url: &str) -> Result<Vec<Value>, NotPublished> {
    let get = Get { url: url.to_owned(), accept: "application/jwk-set+json, application/json" };
    let fetched = ports.outside.get(&get).await?;
    if fetched.status != 200 {
        return Err(FetchError::Failed(format!("status {}", fetched.status)).into());
    }
    read(&fetched.body)
}
