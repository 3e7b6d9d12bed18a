//! The tokens this server issues (RFC 7519, RFC 7515 compact): made in two
//! halves around the key store's signature, and verified when they come back.
use crate::crypto::{jwk, provider};
use crate::kernel::time::{Seconds, Timestamp};
use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use jsonwebtoken::dangerous::insecure_decode_claims;
use jsonwebtoken::errors::ErrorKind;
use jsonwebtoken::{Algorithm, DecodingKey};
use serde_json::{Value, json};

/// Longest token we look at, in bytes: what Node's and nginx's default header
/// limits let a client send back at all.
pub const MAX_TOKEN_BYTES: usize = 16_384;

/// How far past `exp` or before `nbf` a token is still taken. None: these are
/// our own tokens, dated by the clock that judges them.
pub const LEEWAY: Seconds = Seconds(0);

/// The protected header of a token to be made.
#[derive(Clone, Copy, Debug)]
pub struct Header<'a> {
    /// The algorithm, such as `ES256`.
    pub alg: &'a str,
    /// The id of the key that will sign.
    pub kid: &'a str,
    /// The kind of token: `JWT`, or `at+jwt` (RFC 9068 §2.1).
    pub typ: &'a str,
}

/// A key that verifies, under the only algorithm it verifies for.
#[derive(Clone, Debug)]
pub struct PublicKey {
    /// The key id that tokens name; empty for a key without one, which a token
    /// that names none is verified with.
    pub kid: String,
    /// `ES256`, `RS256`, `PS256` or `EdDSA`. The key decides the algorithm, the token
    /// never does (RFC 8725 §3.1).
    pub algorithm: &'static str,
    /// The public key (RFC 7517).
    pub jwk: Value,
}

/// What a token must say to be accepted here and now.
#[derive(Clone, Copy, Debug)]
pub struct Expected<'a> {
    /// `iss`, exactly.
    pub issuer: &'a str,
    /// The kind of token, when it matters: the header's `typ` as a media type
    /// (`at+jwt`), or the claim `typ` as Keycloak writes it (`Bearer`, `ID`).
    /// Claims of that name must therefore never be a mapper's to write.
    pub typ: Option<&'a str>,
    /// The current time.
    pub now: Timestamp,
    /// One of the values of `aud`, when it matters.
    pub audience: Option<&'a str>,
}

/// Why a token is not accepted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum JwtError {
    /// Not a token, too long, of an unknown algorithm, with a critical extension
    /// (RFC 7515 §4.1.11; we know none), or with dates that are not numbers.
    #[error("not a token")]
    Malformed,
    /// It names no key, or none that we have and can use.
    #[error("signed with an unknown key")]
    UnknownKey,
    /// The signature, or its algorithm, is not that of the key.
    #[error("the signature is wrong")]
    BadSignature,
    /// `exp` has come.
    #[error("the token has expired")]
    Expired,
    /// `nbf` has not come.
    #[error("the token is not valid yet")]
    NotYetValid,
    /// Issued by someone else.
    #[error("the token is from another issuer")]
    WrongIssuer,
    /// Meant for someone else.
    #[error("the token is for another audience")]
    WrongAudience,
    /// Meant for something else, as an ID token presented for access.
    #[error("the token is of another type")]
    WrongType,
}

/// The first two parts of a token: what the key store is to sign.
#[must_use]
pub fn signing_input(header: &Header<'_>, claims: &Value) -> String {
    let header = json!({"alg": header.alg, "kid": header.kid, "typ": header.typ});
    let [header, claims] = [&header, claims].map(|part| encode(part.to_string().as_bytes()));
    format!("{header}.{claims}")
}

/// The whole token: `signing_input` and the raw JWS signature over it.
#[must_use]
pub fn assemble(signing_input: &str, signature: &[u8]) -> String {
    format!("{signing_input}.{}", encode(signature))
}

fn encode(bytes: &[u8]) -> String {
    BASE64_URL_SAFE_NO_PAD.encode(bytes)
}

/// The `iss` that a token claims, before anything is checked: good for finding
/// the realm whose keys may verify it, and for nothing else.
#[must_use]
pub fn unverified_issuer(token: &str) -> Option<String> {
    if token.len() > MAX_TOKEN_BYTES {
        return None;
    }
    let unverified_claims: Value = insecure_decode_claims(token).ok()?;
    unverified_claims.get("iss")?.as_str().map(str::to_owned)
}

/// The `kid` that a token names, before anything is checked.
#[must_use]
pub fn unverified_key_id(token: &str) -> Option<String> {
    read_header(token).ok()?.kid
}

/// Verifies a token and answers its claims.
///
/// The signature comes first: nothing is said about the content of a token that
/// is not ours.
///
/// # Errors
/// The first reason found, in the order: `Malformed`, `UnknownKey`,
/// `BadSignature`, then the claims in the order of the rules.
pub fn verify(token: &str, keys: &[PublicKey], expected: &Expected<'_>) -> Result<Value, JwtError> {
    let unverified_header = read_header(token)?;
    let signed = check_signature(token, unverified_header.kid.as_deref(), keys)?;
    check_claims(&signed, expected)?;
    Ok(signed.claims)
}

/// Whether what a signature covers is what is expected.
///
/// # Errors
/// The first reason found, in the order of the rules.
pub fn check_claims(signed: &Signed, expected: &Expected<'_>) -> Result<(), JwtError> {
    RULES.iter().try_for_each(|rule| rule(signed, expected))
}

/// The header of a token, before anything is checked.
///
/// # Errors
/// `Malformed`.
pub(super) fn read_header(token: &str) -> Result<jsonwebtoken::Header, JwtError> {
    if token.len() > MAX_TOKEN_BYTES {
        return Err(JwtError::Malformed);
    }
    let header = jsonwebtoken::decode_header(token).map_err(|_| JwtError::Malformed)?;
    if header.crit.is_none() { Ok(header) } else { Err(JwtError::Malformed) }
}

/// What a valid signature covers.
#[derive(Debug)]
pub struct Signed {
    /// The header's `typ`.
    pub typ: Option<String>,
    /// The claims.
    pub claims: Value,
}

fn check_signature(
    token: &str,
    unverified_kid: Option<&str>,
    keys: &[PublicKey],
) -> Result<Signed, JwtError> {
    let (algorithm, key) = keys
        .iter()
        .find(|key| unverified_kid.unwrap_or_default() == key.kid)
        .and_then(|key| jwk::verifying_key(&key.jwk, key.algorithm))
        .ok_or(JwtError::UnknownKey)?;
    decode(token, algorithm, &key)
}

/// What `key` signed under `algorithm`, and no other.
///
/// # Errors
/// `UnknownKey` for a key that is not one, `BadSignature`, `Malformed`.
pub(super) fn decode(
    token: &str,
    algorithm: Algorithm,
    key: &DecodingKey,
) -> Result<Signed, JwtError> {
    provider::install();
    let verified = jsonwebtoken::decode(token, key, &provider::signature_only(algorithm)).map_err(
        |error| match error.kind() {
            ErrorKind::InvalidSignature | ErrorKind::InvalidAlgorithm => JwtError::BadSignature,
            ErrorKind::InvalidRsaKey(_)
            | ErrorKind::InvalidEcdsaKey
            | ErrorKind::InvalidEddsaKey
            | ErrorKind::InvalidKeyFormat => JwtError::UnknownKey,
            _ => JwtError::Malformed,
        },
    )?;
    Ok(Signed { typ: verified.header.typ, claims: verified.claims })
}

type Rule = fn(&Signed, &Expected<'_>) -> Result<(), JwtError>;

/// RFC 7519 §4.1 and RFC 8725 §3, in the order they run. Issuer and type come
/// first: the dates of a token that was never meant for us are no news.
const RULES: &[Rule] = &[same_issuer, same_type, same_audience, not_expired, already_valid];

fn same_issuer(signed: &Signed, expected: &Expected<'_>) -> Result<(), JwtError> {
    let same = signed.claims.get("iss").is_some_and(|issuer| issuer == expected.issuer);
    if same { Ok(()) } else { Err(JwtError::WrongIssuer) }
}

fn same_type(signed: &Signed, expected: &Expected<'_>) -> Result<(), JwtError> {
    let Some(wanted) = expected.typ else { return Ok(()) };
    let in_header = signed.typ.as_deref().is_some_and(|typ| is_media_type(typ, wanted));
    let in_claims = signed.claims.get("typ").is_some_and(|typ| typ == wanted);
    if in_header || in_claims { Ok(()) } else { Err(JwtError::WrongType) }
}

/// Compares media types as RFC 7515 §4.1.9 does: in any case, and `at+jwt` for
/// `application/at+jwt`.
pub(super) fn is_media_type(typ: &str, wanted: &str) -> bool {
    let typ = typ.to_ascii_lowercase();
    typ.strip_prefix("application/").unwrap_or(&typ) == wanted.to_ascii_lowercase()
}

fn same_audience(signed: &Signed, expected: &Expected<'_>) -> Result<(), JwtError> {
    let Some(wanted) = expected.audience else { return Ok(()) };
    let named = match signed.claims.get("aud") {
        Some(Value::Array(audiences)) => audiences.iter().any(|audience| audience == wanted),
        Some(audience) => audience == wanted,
        None => false,
    };
    if named { Ok(()) } else { Err(JwtError::WrongAudience) }
}

/// `exp` is required, and already too late (RFC 7519 §4.1.4).
fn not_expired(signed: &Signed, expected: &Expected<'_>) -> Result<(), JwtError> {
    let expires_at = date(signed, "exp")?.ok_or(JwtError::Malformed)?;
    if expected.now < expires_at + LEEWAY { Ok(()) } else { Err(JwtError::Expired) }
}

/// `nbf`, when there, is early enough (RFC 7519 §4.1.5).
fn already_valid(signed: &Signed, expected: &Expected<'_>) -> Result<(), JwtError> {
    match date(signed, "nbf")? {
        Some(not_before) if expected.now < not_before - LEEWAY => Err(JwtError::NotYetValid),
        _ => Ok(()),
    }
}

/// RFC 7519 §2 lets a `NumericDate` have a fraction; ours have none, so we take
/// none.
fn date(signed: &Signed, name: &str) -> Result<Option<Timestamp>, JwtError> {
    match signed.claims.get(name) {
        None => Ok(None),
        Some(value) => {
            let seconds = value.as_i64().ok_or(JwtError::Malformed)?;
            Ok(Some(Timestamp::from_unix(seconds)))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use p256::ecdsa::{Signature, SigningKey, signature::Signer};

    const NOW: Timestamp = Timestamp::from_unix(1_800_000_000);
    const ISSUER: &str = "https://id.example/realms/travel0";

    fn signing_key() -> SigningKey {
        SigningKey::from_slice(&[7; 32]).unwrap()
    }

    fn keys() -> Vec<PublicKey> {
        let point = signing_key().verifying_key().to_sec1_point(false);
        let jwk = json!({
            "kty": "EC",
            "crv": "P-256",
            "x": encode(&point.as_bytes()[1..33]),
            "y": encode(&point.as_bytes()[33..]),
        });
        vec![PublicKey { kid: "k1".to_owned(), algorithm: "ES256", jwk }]
    }

    fn claims() -> Value {
        json!({
            "iss": ISSUER,
            "aud": ["account", "shop"],
            "exp": NOW.as_unix() + 60,
            "nbf": NOW.as_unix(),
            "typ": "Bearer",
        })
    }

    fn with(name: &str, value: Value) -> Value {
        let mut claims = claims();
        claims[name] = value;
        claims
    }

    fn without(name: &str) -> Value {
        let mut claims = claims();
        claims.as_object_mut().unwrap().remove(name);
        claims
    }

    fn sign(header: &Value, claims: &Value) -> String {
        let input = format!(
            "{}.{}",
            encode(header.to_string().as_bytes()),
            encode(claims.to_string().as_bytes())
        );
        let signature: Signature = signing_key().sign(input.as_bytes());
        assemble(&input, &signature.to_bytes())
    }

    fn token(claims: &Value) -> String {
        sign(&json!({"alg": "ES256", "kid": "k1", "typ": "JWT"}), claims)
    }

    fn expected() -> Expected<'static> {
        Expected { issuer: ISSUER, typ: Some("Bearer"), now: NOW, audience: Some("shop") }
    }

    fn verdict(claims: &Value) -> Result<(), JwtError> {
        verify(&token(claims), &keys(), &expected()).map(|_| ())
    }

    #[test]
    fn a_token_in_order_answers_its_claims() {
        assert_eq!(verify(&token(&claims()), &keys(), &expected()), Ok(claims()));
    }

    #[test]
    fn the_two_halves_make_a_whole() {
        let header = Header { alg: "ES256", kid: "k1", typ: "at+jwt" };
        let input = signing_input(&header, &claims());
        let signature: Signature = signing_key().sign(input.as_bytes());
        let token = assemble(&input, &signature.to_bytes());

        let at_jwt = Expected { typ: Some("at+jwt"), ..expected() };
        assert_eq!(verify(&token, &keys(), &at_jwt), Ok(claims()));
        assert_eq!(unverified_issuer(&token).as_deref(), Some(ISSUER));
        assert_eq!(unverified_key_id(&token).as_deref(), Some("k1"));
    }

    #[test]
    fn a_token_is_over_at_the_second_it_expires() {
        let at = |seconds: i64| with("exp", json!(NOW.as_unix() + seconds));
        assert_eq!(verdict(&at(1)), Ok(()));
        assert_eq!(verdict(&at(0)), Err(JwtError::Expired));
    }

    #[test]
    fn a_token_begins_at_the_second_of_nbf() {
        let at = |seconds: i64| with("nbf", json!(NOW.as_unix() + seconds));
        assert_eq!(verdict(&at(0)), Ok(()));
        assert_eq!(verdict(&at(1)), Err(JwtError::NotYetValid));
        assert_eq!(verdict(&without("nbf")), Ok(()));
    }

    #[test]
    fn each_claim_has_its_own_refusal() {
        let refused = [
            (without("iss"), JwtError::WrongIssuer),
            (with("iss", json!(format!("{ISSUER}/"))), JwtError::WrongIssuer),
            (with("iss", json!([ISSUER])), JwtError::WrongIssuer),
            (without("aud"), JwtError::WrongAudience),
            (with("aud", json!("shop2")), JwtError::WrongAudience),
            (with("aud", json!([])), JwtError::WrongAudience),
            (without("typ"), JwtError::WrongType),
            (with("typ", json!("ID")), JwtError::WrongType),
            (without("exp"), JwtError::Malformed),
            (with("exp", json!("1900000000")), JwtError::Malformed),
            (with("exp", json!(u64::MAX)), JwtError::Malformed),
            (with("nbf", json!({})), JwtError::Malformed),
        ];
        for (claims, why) in refused {
            assert_eq!(verdict(&claims), Err(why), "{claims}");
        }
        assert_eq!(verdict(&with("aud", json!("shop"))), Ok(()));
    }

    #[test]
    fn the_type_may_stand_in_the_header() {
        let at_jwt = Expected { typ: Some("at+jwt"), ..expected() };
        for typ in ["at+jwt", "application/at+jwt", "AT+JWT"] {
            let token = sign(&json!({"alg": "ES256", "kid": "k1", "typ": typ}), &claims());
            assert!(verify(&token, &keys(), &at_jwt).is_ok(), "{typ}");
        }
        assert_eq!(verify(&token(&claims()), &keys(), &at_jwt), Err(JwtError::WrongType));
    }

    #[test]
    fn what_is_not_asked_is_not_checked() {
        let lenient = Expected { typ: None, audience: None, ..expected() };
        let token = token(&json!({"iss": ISSUER, "exp": NOW.as_unix() + 1}));
        assert!(verify(&token, &keys(), &lenient).is_ok());
    }

    #[test]
    fn a_header_we_do_not_understand_is_refused() {
        let refused = [
            (json!({"alg": "none", "kid": "k1"}), JwtError::Malformed),
            (json!({"kid": "k1"}), JwtError::Malformed),
            (json!({"alg": "ES256", "kid": "k1", "crit": ["b64"]}), JwtError::Malformed),
            (json!({"alg": "ES256", "kid": "k1", "crit": []}), JwtError::Malformed),
            (json!({"alg": "ES256"}), JwtError::UnknownKey),
            (json!({"alg": "ES256", "kid": "k2"}), JwtError::UnknownKey),
            (json!({"alg": "RS256", "kid": "k1"}), JwtError::BadSignature),
            (json!({"alg": "HS256", "kid": "k1"}), JwtError::BadSignature),
        ];
        for (header, why) in refused {
            let verdict = verify(&sign(&header, &claims()), &keys(), &expected());
            assert_eq!(verdict, Err(why), "{header}");
        }
    }

    #[test]
    fn an_unusable_key_is_no_key() {
        let mut off_curve = keys();
        off_curve[0].jwk["x"] = json!(encode(&[1; 32]));
        let mut for_another_algorithm = keys();
        for_another_algorithm[0].algorithm = "HS256";
        for keys in [off_curve, for_another_algorithm, vec![]] {
            let verdict = verify(&token(&claims()), &keys, &expected());
            assert_eq!(verdict, Err(JwtError::UnknownKey), "{keys:?}");
        }
    }

    #[test]
    fn other_text_is_malformed_and_names_nobody() {
        let long = "A".repeat(MAX_TOKEN_BYTES + 1);
        for text in ["", ".", "..", "a.b.c", "a.b.c.d", &long] {
            assert_eq!(verify(text, &keys(), &expected()), Err(JwtError::Malformed), "{text:?}");
            assert_eq!((unverified_issuer(text), unverified_key_id(text)), (None, None));
        }
    }
}
