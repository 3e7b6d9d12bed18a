//! Tokens that somebody else signs for the organization's directory:
//! `EXTERNAL_JWT` (RFC 7519, RFC 8725).
//!
//! Phase Two takes any algorithm of RSA, tries every key, fetches the keys for
//! each request, takes `*` for any issuer and audience, and looks at no date
//! (reference phasetwo.md §8.1). Here the algorithms are
//! [`foreign::ASYMMETRIC`], the key is the one that the token names, and every
//! claim is compared.
use super::config::Trust;
use crate::crypto::foreign;
use crate::crypto::jwt::{JwtError, Signed};
use crate::kernel::time::{Seconds, Timestamp};
use crate::platform::Ports;
use crate::realm::published_keys::{self, NotPublished};
use serde_json::Value;

/// How far the clock of who signs may be from ours.
pub const CLOCK_SKEW: Seconds = Seconds(15);

/// What a token is compared with.
struct Expected<'a> {
    trust: &'a Trust,
    now: Timestamp,
}

type Rule = fn(&Signed, &Expected<'_>) -> Result<(), JwtError>;

/// RFC 7519 §4.1, in the order they run.
const RULES: &[Rule] =
    &[same_issuer, same_audience, not_expired, already_valid, not_issued_in_the_future];

/// Passes a token of the issuer that `trust` names, meant for us, and good now.
/// The keys are fetched at most as often as [`published_keys`] says, and only for
/// a token that would do if its signature were right.
///
/// # Errors
/// The first reason found.
pub async fn verify(
    ports: &Ports,
    now: Timestamp,
    trust: &Trust,
    unverified_token: &str,
) -> Result<(), NotPublished> {
    let expected = Expected { trust, now };
    let unverified_claims =
        foreign::unverified_claims(unverified_token).ok_or(JwtError::Malformed)?;
    check(&Signed { typ: None, claims: unverified_claims }, &expected)?;
    let asked = (unverified_token, foreign::ASYMMETRIC);
    let signed = published_keys::verify(ports, now, &trust.jwks_uri, asked).await?;
    check(&signed, &expected)?;
    Ok(())
}

fn check(signed: &Signed, expected: &Expected<'_>) -> Result<(), JwtError> {
    RULES.iter().try_for_each(|rule| rule(signed, expected))
}

fn same_issuer(signed: &Signed, expected: &Expected<'_>) -> Result<(), JwtError> {
    let same = signed.text("iss") == Some(expected.trust.issuer.as_str());
    if same { Ok(()) } else { Err(JwtError::WrongIssuer) }
}

/// RFC 7519 §4.1.3: one of several is enough.
fn same_audience(signed: &Signed, expected: &Expected<'_>) -> Result<(), JwtError> {
    let wanted = expected.trust.audience.as_str();
    let named = match signed.claims.get("aud") {
        Some(Value::Array(several)) => several.iter().any(|one| one == wanted),
        Some(one) => one == wanted,
        None => false,
    };
    if named { Ok(()) } else { Err(JwtError::WrongAudience) }
}

/// A token that never ends is none.
fn not_expired(signed: &Signed, expected: &Expected<'_>) -> Result<(), JwtError> {
    let expires_at = signed.date("exp")?.ok_or(JwtError::Malformed)?;
    if expected.now < expires_at + CLOCK_SKEW { Ok(()) } else { Err(JwtError::Expired) }
}

fn already_valid(signed: &Signed, expected: &Expected<'_>) -> Result<(), JwtError> {
    not_after(signed.date("nbf")?, expected)
}

fn not_issued_in_the_future(signed: &Signed, expected: &Expected<'_>) -> Result<(), JwtError> {
    not_after(signed.date("iat")?, expected)
}

fn not_after(date: Option<Timestamp>, expected: &Expected<'_>) -> Result<(), JwtError> {
    let has_come = date.is_none_or(|date| date <= expected.now + CLOCK_SKEW);
    if has_come { Ok(()) } else { Err(JwtError::NotYetValid) }
}
