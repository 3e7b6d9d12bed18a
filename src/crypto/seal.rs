//! Sealed tokens: short claims that we make, hand out and read again ourselves.
//!
//! A sealed token is a JWT under HS256, signed with a key of its purpose
//! (`crypto::keyring`) and marked with a `typ` of its own, so that none passes
//! for another. It is signed, not encrypted: its claims are readable by whoever
//! holds it.
use crate::crypto::provider;
use crate::kernel::time::Timestamp;
use jsonwebtoken::errors::ErrorKind;
use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey, Header};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

/// Longest sealed token, in bytes: twice what a browser stores in one cookie
/// (RFC 6265 §6.1), and little enough to verify without a thought.
pub const MAX_SEALED_BYTES: usize = 8192;

/// Why claims cannot be sealed. Our own mistake, each of them.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub enum SealError {
    /// The claims do not serialize to a JSON object.
    #[error("only a JSON object can be sealed")]
    NotAnObject,
    /// The token would exceed [`MAX_SEALED_BYTES`], and never open.
    #[error("a sealed token has at most {MAX_SEALED_BYTES} bytes")]
    TooLong,
    /// The signature failed.
    #[error("the token could not be sealed")]
    Signing,
}

/// Why a token does not open. The holder learns no more than "no".
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub enum OpenError {
    /// Not a token, too long, or without the claims asked for.
    #[error("not a sealed token")]
    Malformed,
    /// Not sealed by us, or for another purpose.
    #[error("the seal is not ours")]
    Forged,
    /// Ours, and over.
    #[error("the sealed token has expired")]
    Expired,
}

/// Seals `claims` until `expires_at`.
///
/// `typ` stands in the header and [`open`] demands it. The claims are flattened
/// beside `exp`; an `exp` among them is replaced.
///
/// # Errors
/// `NotAnObject` and `TooLong` as they say; `Signing` never, as far as we know.
pub fn seal<T: Serialize>(
    key: &[u8; 32],
    typ: &'static str,
    expires_at: Timestamp,
    claims: &T,
) -> Result<String, SealError> {
    let Ok(Value::Object(mut claims)) = serde_json::to_value(claims) else {
        return Err(SealError::NotAnObject);
    };
    claims.insert("exp".to_owned(), expires_at.as_unix().into());
    let mut header = Header::new(Algorithm::HS256);
    header.typ = Some(typ.to_owned());
    provider::install();
    let token = jsonwebtoken::encode(&header, &claims, &EncodingKey::from_secret(key))
        .map_err(|_| SealError::Signing)?;
    if token.len() <= MAX_SEALED_BYTES { Ok(token) } else { Err(SealError::TooLong) }
}

/// Reads the claims of a token that [`seal`] made with `key` and `typ`, and that
/// has not expired: the moment of `exp` is already too late (RFC 7519 §4.1.4).
///
/// # Errors
/// `Malformed`, `Forged` and `Expired` as they say, in this order of discovery.
pub fn open<T: DeserializeOwned>(
    key: &[u8; 32],
    typ: &'static str,
    token: &str,
    now: Timestamp,
) -> Result<T, OpenError> {
    let claims = open_claims(key, typ, token)?;
    let expires_at = claims.get("exp").and_then(Value::as_i64).ok_or(OpenError::Malformed)?;
    if now >= Timestamp::from_unix(expires_at) {
        return Err(OpenError::Expired);
    }
    serde_json::from_value(Value::Object(claims)).map_err(|_| OpenError::Malformed)
}

fn open_claims(
    key: &[u8; 32],
    typ: &'static str,
    token: &str,
) -> Result<Map<String, Value>, OpenError> {
    if token.len() > MAX_SEALED_BYTES {
        return Err(OpenError::Malformed);
    }
    provider::install();
    let only_hs256 = provider::signature_only(Algorithm::HS256);
    let opened = jsonwebtoken::decode(token, &DecodingKey::from_secret(key), &only_hs256).map_err(
        |error| match error.kind() {
            ErrorKind::InvalidSignature | ErrorKind::InvalidAlgorithm => OpenError::Forged,
            _ => OpenError::Malformed,
        },
    )?;
    if opened.header.typ.as_deref() == Some(typ) {
        Ok(opened.claims)
    } else {
        Err(OpenError::Forged)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
    use serde::Deserialize;
    use serde_json::json;

    const KEY: [u8; 32] = [7; 32];
    const TYP: &str = "ticket+jwt";
    const NOW: Timestamp = Timestamp::from_unix(1_800_000_000);
    const LATER: Timestamp = Timestamp::from_unix(1_800_000_060);

    #[derive(Debug, PartialEq, Serialize, Deserialize)]
    struct Ticket {
        org: String,
    }

    fn ticket() -> Ticket {
        Ticket { org: "adventurez".to_owned() }
    }

    fn sealed() -> String {
        seal(&KEY, TYP, LATER, &ticket()).unwrap()
    }

    fn opened(token: &str) -> Result<Ticket, OpenError> {
        open(&KEY, TYP, token, NOW)
    }

    /// The sealed token, with its first part replaced.
    fn with_header(header: &Value) -> String {
        let token = sealed();
        let rest = token.split_once('.').unwrap().1;
        format!("{}.{rest}", BASE64_URL_SAFE_NO_PAD.encode(header.to_string()))
    }

    #[test]
    fn what_was_sealed_opens() {
        assert_eq!(opened(&sealed()), Ok(ticket()));
    }

    #[test]
    fn the_claims_stand_beside_exp_and_the_typ_in_the_header() {
        let token = sealed();
        let part = |number| {
            let bytes = BASE64_URL_SAFE_NO_PAD.decode(token.split('.').nth(number).unwrap());
            serde_json::from_slice::<Value>(&bytes.unwrap()).unwrap()
        };
        assert_eq!(part(0), json!({"alg": "HS256", "typ": TYP}));
        assert_eq!(part(1), json!({"org": "adventurez", "exp": LATER.as_unix()}));
    }

    #[test]
    fn a_token_is_over_at_the_second_it_expires() {
        let last = Timestamp::from_unix(LATER.as_unix() - 1);
        assert_eq!(open(&KEY, TYP, &sealed(), last), Ok(ticket()));
        assert_eq!(open::<Ticket>(&KEY, TYP, &sealed(), LATER), Err(OpenError::Expired));
    }

    #[test]
    fn claims_cannot_prolong_themselves() {
        let token = seal(&KEY, TYP, NOW, &json!({"org": "adventurez", "exp": i64::MAX})).unwrap();
        assert_eq!(opened(&token), Err(OpenError::Expired));
    }

    #[test]
    fn another_key_or_type_does_not_open_it() {
        assert_eq!(open::<Ticket>(&[8; 32], TYP, &sealed(), NOW), Err(OpenError::Forged));
        assert_eq!(open::<Ticket>(&KEY, "other+jwt", &sealed(), NOW), Err(OpenError::Forged));
    }

    #[test]
    fn another_algorithm_is_never_believed() {
        for alg in ["HS384", "HS512", "RS256", "ES256", "EdDSA", "PS256"] {
            let token = with_header(&json!({"alg": alg, "typ": TYP}));
            assert_eq!(opened(&token), Err(OpenError::Forged), "{alg}");
        }
        for alg in ["none", "None", "", "hs256"] {
            let token = with_header(&json!({"alg": alg, "typ": TYP}));
            assert_eq!(opened(&token), Err(OpenError::Malformed), "{alg}");
            let (unsigned, _) = token.rsplit_once('.').unwrap();
            assert_eq!(opened(&format!("{unsigned}.")), Err(OpenError::Malformed), "{alg}");
        }
    }

    #[test]
    fn a_changed_token_does_not_open() {
        let token = sealed();
        let [header, _, signature]: [&str; 3] =
            token.split('.').collect::<Vec<_>>().try_into().unwrap();
        let richer = BASE64_URL_SAFE_NO_PAD
            .encode(json!({"org": "evil", "exp": LATER.as_unix()}).to_string());
        let changed = format!("{header}.{richer}.{signature}");
        assert_eq!(opened(&changed), Err(OpenError::Forged));
        assert_eq!(opened(&with_header(&json!({"alg": "HS256"}))), Err(OpenError::Forged));
    }

    #[test]
    fn no_truncated_token_opens() {
        let token = sealed();
        for length in 0..token.len() {
            assert!(opened(&token[..length]).is_err(), "{length}");
        }
    }

    #[test]
    fn other_text_is_malformed() {
        let spaced = format!(" {}", sealed());
        let four = format!("{}.x", sealed());
        let long = format!("{}{}", sealed(), "A".repeat(MAX_SEALED_BYTES));
        for text in ["", ".", "..", "...", "a.b.c", &spaced, &four, &long] {
            assert_eq!(opened(text), Err(OpenError::Malformed), "{text:?}");
        }
    }

    #[test]
    fn claims_of_another_shape_are_malformed() {
        let token = seal(&KEY, TYP, LATER, &json!({"user": "ann"})).unwrap();
        assert_eq!(opened(&token), Err(OpenError::Malformed));
    }

    #[test]
    fn what_could_not_be_opened_is_not_sealed() {
        let long = Ticket { org: "x".repeat(MAX_SEALED_BYTES) };
        assert_eq!(seal(&KEY, TYP, LATER, &long), Err(SealError::TooLong));
        assert_eq!(seal(&KEY, TYP, LATER, &"text"), Err(SealError::NotAnObject));
    }
}
