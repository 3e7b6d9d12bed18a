//! Tokens that others sign: assertions of clients, request objects, proofs of
//! possession. Their keys come from outside, so that here the caller says which
//! algorithms will do; a key only ever verifies what its type is for (RFC 8725
//! §3.1), and no header can bring or name the key (`jwk`, `jku`, `x5u`, `x5c` are
//! not read), but where [`embedded_key`] is asked for it.
use crate::crypto::jwk;
use crate::crypto::jwt::{JwtError, MAX_TOKEN_BYTES, Signed, decode, is_media_type, read_header};
use crate::kernel::time::Timestamp;
use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use jsonwebtoken::{Algorithm, DecodingKey};
use serde_json::Value;

/// The asymmetric algorithms that we verify, all of them with a key of the right
/// type (RFC 7518 §3.1, RFC 8037 §3.1).
pub const ASYMMETRIC: &[&str] = &["ES256", "RS256", "PS256", "EdDSA"];

/// The symmetric one.
pub const SYMMETRIC: &str = "HS256";

/// Shortest secret that HS256 takes, in bytes (RFC 7518 §3.2).
pub const MIN_SECRET_BYTES: usize = 32;

/// The `alg` that a token names, before anything is checked.
///
/// # Errors
/// `Malformed`.
pub fn unverified_algorithm(token: &str) -> Result<&'static str, JwtError> {
    match read_header(token)?.alg {
        Algorithm::ES256 => Ok("ES256"),
        Algorithm::RS256 => Ok("RS256"),
        Algorithm::PS256 => Ok("PS256"),
        Algorithm::EdDSA => Ok("EdDSA"),
        Algorithm::HS256 => Ok(SYMMETRIC),
        _ => Err(JwtError::UnknownKey),
    }
}

/// The claims of a token, before anything is checked: good for finding whose it
/// claims to be, and for nothing else.
#[must_use]
pub fn unverified_claims(token: &str) -> Option<Value> {
    if token.len() > MAX_TOKEN_BYTES {
        return None;
    }
    jsonwebtoken::dangerous::insecure_decode_claims(token).ok()
}

/// Verifies what one of `keys` signed under one of `allowed`, of [`ASYMMETRIC`].
///
/// A key without a `kid`, and a token without one, match by the key's type; of
/// several keys that do, none is meant.
///
/// # Errors
/// `Malformed`, `UnknownKey`, `BadSignature`.
pub fn verify(token: &str, keys: &[Value], allowed: &[&str]) -> Result<Signed, JwtError> {
    let kid = read_header(token)?.kid;
    let algorithm = unverified_algorithm(token)?;
    if !ASYMMETRIC.contains(&algorithm) || !allowed.contains(&algorithm) {
        return Err(JwtError::BadSignature);
    }
    let named = keys.iter().filter(|key| is_named(key, kid.as_deref()));
    let mut usable = named.filter_map(|key| jwk::verifying_key(key, algorithm));
    match (usable.next(), usable.next()) {
        (Some((algorithm, key)), None) => decode(token, algorithm, &key),
        _ => Err(JwtError::UnknownKey),
    }
}

fn is_named(key: &Value, wanted: Option<&str>) -> bool {
    match (key.get("kid").and_then(Value::as_str), wanted) {
        (Some(kid), Some(wanted)) => kid == wanted,
        (None, _) | (_, None) => true,
    }
}

/// Verifies what was signed under `secret` with [`SYMMETRIC`].
///
/// # Errors
/// As [`verify`]; `UnknownKey` for a secret below [`MIN_SECRET_BYTES`].
pub fn verify_shared(token: &str, secret: &[u8]) -> Result<Signed, JwtError> {
    if unverified_algorithm(token)? != SYMMETRIC {
        return Err(JwtError::BadSignature);
    }
    if secret.len() < MIN_SECRET_BYTES {
        return Err(JwtError::UnknownKey);
    }
    decode(token, Algorithm::HS256, &DecodingKey::from_secret(secret))
}

/// The public key in the header of a token (RFC 7515 §4.1.3), not yet trusted.
///
/// # Errors
/// `Malformed` without one, or when it is private.
pub fn embedded_key(token: &str) -> Result<Value, JwtError> {
    if token.len() > MAX_TOKEN_BYTES {
        return Err(JwtError::Malformed);
    }
    let header = token.split('.').next().unwrap_or_default();
    let header = BASE64_URL_SAFE_NO_PAD.decode(header).map_err(|_| JwtError::Malformed)?;
    let header: Value = serde_json::from_slice(&header).map_err(|_| JwtError::Malformed)?;
    let key = header.get("jwk").filter(|key| key.is_object() && jwk::is_public(key));
    key.cloned().ok_or(JwtError::Malformed)
}

impl Signed {
    /// A claim that is text.
    #[must_use]
    pub fn text(&self, name: &str) -> Option<&str> {
        self.claims.get(name)?.as_str()
    }

    /// A claim that is a date; a fraction of a second is cut off (RFC 7519 §2).
    ///
    /// # Errors
    /// `Malformed` for anything else than a number.
    pub fn date(&self, name: &str) -> Result<Option<Timestamp>, JwtError> {
        let Some(value) = self.claims.get(name) else { return Ok(None) };
        let whole = value.as_i64().or_else(|| value.as_f64().and_then(truncated));
        // What JSON's other readers take for a number, and no date of ours.
        let whole = whole.filter(|seconds| (0..1 << 50).contains(seconds));
        Ok(Some(Timestamp::from_unix(whole.ok_or(JwtError::Malformed)?)))
    }

    /// Whether the header's `typ` is the media type `wanted`, in any case and with
    /// or without `application/` (RFC 7515 §4.1.9).
    #[must_use]
    pub fn is_typed(&self, wanted: &str) -> bool {
        self.typ.as_deref().is_some_and(|typ| is_media_type(typ, wanted))
    }
}

fn truncated(number: f64) -> Option<i64> {
    // A number's text is the one conversion that neither wraps nor saturates.
    format!("{:.0}", number.trunc()).parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn signed(claims: Value) -> Signed {
        Signed { typ: Some("application/JWT".to_owned()), claims }
    }

    #[test]
    fn a_date_is_a_number_with_or_without_a_fraction() {
        let at = |value: Value| signed(json!({ "exp": value })).date("exp");
        let good = Timestamp::from_unix(1_800_000_000);
        assert_eq!(at(json!(1_800_000_000)), Ok(Some(good)));
        assert_eq!(at(json!(1_800_000_000.9)), Ok(Some(good)));
        for bad in [json!("1800000000"), json!(-1), json!(1e300), json!(u64::MAX), json!(null)] {
            assert_eq!(at(bad.clone()), Err(JwtError::Malformed), "{bad}");
        }
        assert_eq!(signed(json!({})).date("exp"), Ok(None));
    }

    #[test]
    fn the_type_is_a_media_type() {
        assert!(signed(json!({})).is_typed("jwt"));
        assert!(!signed(json!({})).is_typed("at+jwt"));
    }

    #[test]
    fn a_header_without_a_public_key_brings_none() {
        let header = |jwk: Value| {
            let header = json!({ "alg": "ES256", "jwk": jwk }).to_string();
            embedded_key(&format!("{}.e30.", BASE64_URL_SAFE_NO_PAD.encode(header)))
        };
        assert!(header(json!({ "kty": "EC" })).is_ok());
        for bad in [json!(null), json!("x"), json!({ "kty": "oct", "k": "AA" }), json!({ "d": "" })]
        {
            assert!(header(bad.clone()).is_err(), "{bad}");
        }
        assert!(embedded_key("x").is_err());
    }
}
