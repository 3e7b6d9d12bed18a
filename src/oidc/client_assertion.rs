//! A client that proves who it is by a signed assertion (RFC 7523 §3, OIDC Core
//! §9: `private_key_jwt` and `client_secret_jwt`).
//!
//! An assertion works once: the directory remembers its `jti` until it would be
//! too late anyway. That is one write, which only clients of this kind pay for.
use super::client_keys;
use super::client_keys::NotSigned;
use crate::crypto::foreign;
use crate::crypto::jwt::Signed;
use crate::crypto::token::TokenHash;
use crate::kernel::time::{Seconds, Timestamp};
use crate::platform::row::StoreError;
use crate::realm::client::{Authenticator, Client};
use crate::realm::client_secret;
use crate::realm::context::RealmContext;
use crate::realm::store;
use crate::realm::store::spent;
use serde_json::Value;

/// The `client_assertion_type` (RFC 7523 §2.2).
pub const TYPE: &str = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";

/// How far ahead `exp` may lie when the client says nothing else: an assertion is
/// made for one request.
pub const MAX_LIFE: Seconds = Seconds::minutes(5);

/// The most that a client may say.
const MAX_LIFE_ALLOWED: u32 = 60 * 60;

/// How much a client's clock may differ from ours; as Keycloak has it.
pub const CLOCK_SKEW: Seconds = Seconds(15);

/// Longest `jti`, in bytes.
const MAX_JTI_BYTES: usize = 255;

/// Which algorithm the client signs with; any when it is not there.
const SIGNING_ALG: &str = "token.endpoint.auth.signing.alg";

/// How many seconds ahead `exp` may lie.
const MAX_EXP: &str = "token.endpoint.auth.signing.max.exp";

/// Paths that an assertion may be made for, besides the issuer: those at which
/// clients authenticate. Each is ours, so none lets another server replay one.
const ENDPOINTS: &[&str] =
    &["token", "token/introspect", "revoke", "ext/par/request", "auth/device"];

/// Why an assertion is not taken.
#[derive(Debug, thiserror::Error)]
pub enum BadAssertion {
    /// The client is to prove itself in another way.
    #[error("the client does not authenticate by an assertion")]
    Method,
    /// Another algorithm than the client's.
    #[error("the assertion is signed with another algorithm than the client's")]
    Algorithm,
    /// Not its signature.
    #[error("{0}")]
    Signature(#[from] NotSigned),
    /// Its secret cannot be read any more.
    #[error("the client's secret is kept as a hash only: renew it")]
    Secret,
    /// A claim that is missing or says something else.
    #[error("the claim {0} of the assertion is missing or wrong")]
    Claim(&'static str),
    /// It was used before.
    #[error("the assertion was used before")]
    Replayed,
    /// The directory failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Whose an assertion claims to be: `sub`.
#[must_use]
pub fn unverified_client_id(assertion: &str) -> Option<String> {
    let unverified_claims = foreign::unverified_claims(assertion)?;
    unverified_claims.get("sub")?.as_str().map(str::to_owned)
}

/// Takes the client's assertion, once.
///
/// # Errors
/// As [`BadAssertion`] says.
pub async fn verify(
    context: &RealmContext<'_>,
    client: &Client,
    unverified_assertion: &str,
) -> Result<(), BadAssertion> {
    let signed = check_signature(context, client, unverified_assertion).await?;
    let asked = Asked { context, client };
    RULES.iter().try_for_each(|rule| rule(&signed, &asked))?;
    use_up(context, client, &signed).await
}

async fn check_signature(
    context: &RealmContext<'_>,
    client: &Client,
    unverified_assertion: &str,
) -> Result<Signed, BadAssertion> {
    let algorithm = foreign::unverified_algorithm(unverified_assertion)
        .map_err(|error| BadAssertion::Signature(error.into()))?;
    if client.attribute(SIGNING_ALG).is_some_and(|wanted| wanted != algorithm) {
        return Err(BadAssertion::Algorithm);
    }
    match client.settings.authenticator {
        Authenticator::SignedJwt => {
            let allowed = foreign::ASYMMETRIC;
            Ok(client_keys::verify(context, client, unverified_assertion, allowed).await?)
        }
        Authenticator::SecretJwt => {
            let secret = secret_of(context, client).await?.ok_or(BadAssertion::Secret)?;
            let secret = secret.expose().as_bytes();
            foreign::verify_shared(unverified_assertion, secret)
                .map_err(|error| BadAssertion::Signature(error.into()))
        }
        Authenticator::Secret | Authenticator::Unknown(_) => Err(BadAssertion::Method),
    }
}

/// The secret itself, which the directory keeps encrypted (decision 0003).
async fn secret_of(
    context: &RealmContext<'_>,
    client: &Client,
) -> Result<Option<crate::kernel::secret::Secret>, StoreError> {
    let directory = &*context.ports.directory;
    let stored = store::client::find_stored(directory, &context.realm.id, &client.uuid).await?;
    let sealed = stored.and_then(|stored| stored.secret_sealed);
    Ok(sealed.and_then(|sealed| client_secret::read(context, &client.uuid, &sealed)))
}

/// What an assertion is compared with.
struct Asked<'a> {
    context: &'a RealmContext<'a>,
    client: &'a Client,
}

type Rule = fn(&Signed, &Asked<'_>) -> Result<(), BadAssertion>;

/// RFC 7523 §3 and OIDC Core §9, in the order they run.
const RULES: &[Rule] =
    &[is_an_assertion, says_who, is_for_us, not_expired, not_from_the_future, has_a_name];

/// A token of another kind is not one, whoever signed it (RFC 8725 §3.11). Most
/// clients say nothing, or `JWT`.
fn is_an_assertion(signed: &Signed, _: &Asked<'_>) -> Result<(), BadAssertion> {
    let fits = signed.typ.is_none()
        || ["jwt", "client-authentication+jwt"].iter().any(|typ| signed.is_typed(typ));
    if fits { Ok(()) } else { Err(BadAssertion::Claim("typ")) }
}

fn says_who(signed: &Signed, asked: &Asked<'_>) -> Result<(), BadAssertion> {
    let is_it = |name| signed.text(name) == Some(&asked.client.client_id);
    match (is_it("iss"), is_it("sub")) {
        (true, true) => Ok(()),
        (false, _) => Err(BadAssertion::Claim("iss")),
        (_, false) => Err(BadAssertion::Claim("sub")),
    }
}

/// Every `aud` is us: an assertion that is for others too, they could replay.
fn is_for_us(signed: &Signed, asked: &Asked<'_>) -> Result<(), BadAssertion> {
    let context = asked.context;
    let is_us = |audience: &Value| {
        audience.as_str().is_some_and(|audience| {
            audience == context.issuer()
                || ENDPOINTS.iter().any(|endpoint| {
                    audience == context.url(&format!("/protocol/openid-connect/{endpoint}"))
                })
        })
    };
    let fits = match signed.claims.get("aud") {
        Some(Value::Array(all)) => !all.is_empty() && all.iter().all(is_us),
        Some(audience) => is_us(audience),
        None => false,
    };
    if fits { Ok(()) } else { Err(BadAssertion::Claim("aud")) }
}

fn not_expired(signed: &Signed, asked: &Asked<'_>) -> Result<(), BadAssertion> {
    let now = asked.context.now;
    let expires_at = expiry(signed)?;
    let longest = asked.client.attribute(MAX_EXP).and_then(|text| text.parse().ok());
    let longest = longest.filter(|seconds| (1..=MAX_LIFE_ALLOWED).contains(seconds));
    let last = now + longest.map_or(MAX_LIFE, Seconds) + CLOCK_SKEW;
    let fits = now < expires_at + CLOCK_SKEW && expires_at <= last;
    if fits { Ok(()) } else { Err(BadAssertion::Claim("exp")) }
}

fn expiry(signed: &Signed) -> Result<Timestamp, BadAssertion> {
    signed.date("exp").ok().flatten().ok_or(BadAssertion::Claim("exp"))
}

fn not_from_the_future(signed: &Signed, asked: &Asked<'_>) -> Result<(), BadAssertion> {
    for name in ["nbf", "iat"] {
        let date = signed.date(name).map_err(|_| BadAssertion::Claim(name))?;
        if date.is_some_and(|date| date > asked.context.now + CLOCK_SKEW) {
            return Err(BadAssertion::Claim(name));
        }
    }
    Ok(())
}

fn has_a_name(signed: &Signed, _: &Asked<'_>) -> Result<(), BadAssertion> {
    let fits = signed.text("jti").is_some_and(|jti| (1..=MAX_JTI_BYTES).contains(&jti.len()));
    if fits { Ok(()) } else { Err(BadAssertion::Claim("jti")) }
}

/// RFC 7523 §3, point 7.
async fn use_up(
    context: &RealmContext<'_>,
    client: &Client,
    signed: &Signed,
) -> Result<(), BadAssertion> {
    let jti = signed.text("jti").unwrap_or_default();
    let name = format!("assertion\n{}\n{}\n{jti}", context.realm.id, client.client_id);
    let until = expiry(signed)? + CLOCK_SKEW;
    let hash = TokenHash::of(&name);
    let is_new = spent::mark_spent(&*context.ports.directory, &hash, until).await?;
    if is_new { Ok(()) } else { Err(BadAssertion::Replayed) }
}
