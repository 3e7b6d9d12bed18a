//! Proofs of possession (RFC 9449): a client signs each request with a key of its
//! own, and its tokens are worth nothing to whoever has not got it.
//!
//! A proof works once: the directory remembers its `jti` until it would be too old
//! anyway, which only clients of this kind pay for. A nonce is sealed, not stored.
use crate::crypto::digest::sha256_base64url;
use crate::crypto::foreign;
use crate::crypto::jwk;
use crate::crypto::jwt::{JwtError, Signed};
use crate::crypto::keyring::Purpose;
use crate::crypto::seal;
use crate::crypto::seal::SealError;
use crate::crypto::token::TokenHash;
use crate::kernel::time::Seconds;
use crate::platform::row::StoreError;
use crate::realm::client::Client;
use crate::realm::context::RealmContext;
use crate::realm::store::spent;
use crate::web::Request;
use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use serde_json::{Value, json};

/// How old a proof may be: made for this request, on a client whose clock may be
/// late and on a slow network (RFC 9449 §11.1).
pub const PROOF_LIFE: Seconds = Seconds(60);

/// How far a client's clock may be ahead.
const CLOCK_SKEW: Seconds = Seconds(15);

/// How long a nonce lives.
pub const NONCE_LIFE: Seconds = Seconds::minutes(5);

/// Longest `jti`, in bytes.
const MAX_JTI_BYTES: usize = 255;

/// Keycloak's attribute: the client's tokens are always bound.
const REQUIRED: &str = "dpop.bound.access.tokens";

/// Ours: the client's proofs carry a nonce of ours.
const NONCE_REQUIRED: &str = "dpop.nonce.required";

const HEADER: &str = "dpop";
const TYP: &str = "dpop+jwt";
const NONCE_TYP: &str = "dpop-nonce+jwt";

/// Why a proof is not taken.
#[derive(Debug, thiserror::Error)]
pub enum BadProof {
    /// There is none, where there must be.
    #[error("a DPoP proof is required")]
    Missing,
    /// There are several (RFC 9449 §4.3, point 1).
    #[error("there is more than one DPoP proof")]
    Repeated,
    /// Not signed with the key that it brings.
    #[error("the DPoP proof is not signed with its key: {0}")]
    Signature(#[from] JwtError),
    /// A claim that is missing or says something else.
    #[error("the claim {0} of the DPoP proof is missing or wrong")]
    Claim(&'static str),
    /// It was used before.
    #[error("the DPoP proof was used before")]
    Replayed,
    /// It needs a nonce of ours, and has none or an old one.
    #[error("the DPoP proof needs a fresh nonce")]
    Nonce,
    /// The token is bound to another key.
    #[error("the access token is bound to another key")]
    WrongKey,
    /// The directory failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// What a proof is compared with.
struct Asked<'a> {
    context: &'a RealmContext<'a>,
    request: &'a Request,
    /// The access token that comes with it.
    token: Option<&'a str>,
    needs_nonce: bool,
}

/// Where tokens are asked for: the thumbprint of the key that the client proves to
/// have, if it does or must.
///
/// # Errors
/// As [`BadProof`] says.
pub async fn at_token_endpoint(
    context: &RealmContext<'_>,
    request: &Request,
    client: &Client,
) -> Result<Option<String>, BadProof> {
    match with_pushed_request(context, request, client).await? {
        None if client.has_on(REQUIRED) => Err(BadProof::Missing),
        proved => Ok(proved),
    }
}

/// Where authorization requests are pushed (RFC 9449 §10.1): the thumbprint of the
/// key that the client proves to have, if it does. There is no token to bind yet.
///
/// # Errors
/// As [`BadProof`] says.
pub async fn with_pushed_request(
    context: &RealmContext<'_>,
    request: &Request,
    client: &Client,
) -> Result<Option<String>, BadProof> {
    if !request.headers().contains_key(HEADER) {
        return Ok(None);
    }
    let needs_nonce = client.has_on(NONCE_REQUIRED);
    check(&Asked { context, request, token: None, needs_nonce }).await.map(Some)
}

/// Whether `text` may be a thumbprint of a key (RFC 9449 §10): SHA-256 in base64url.
#[must_use]
pub fn is_thumbprint(text: &str) -> bool {
    let decoded = BASE64_URL_SAFE_NO_PAD.decode(text);
    decoded.is_ok_and(|bytes| bytes.len() == 32)
}

/// Where a token that is bound to the key `jkt` is presented (RFC 9449 §7).
///
/// # Errors
/// As [`BadProof`] says.
pub async fn at_resource(
    context: &RealmContext<'_>,
    request: &Request,
    token: &str,
    jkt: &str,
    client: Option<&Client>,
) -> Result<(), BadProof> {
    let needs_nonce = client.is_some_and(|client| client.has_on(NONCE_REQUIRED));
    let proved = check(&Asked { context, request, token: Some(token), needs_nonce }).await?;
    if proved == jkt { Ok(()) } else { Err(BadProof::WrongKey) }
}

/// Checks the request's proof, and answers the thumbprint of its key.
async fn check(asked: &Asked<'_>) -> Result<String, BadProof> {
    let unverified_proof = header(asked.request)?;
    let key = foreign::embedded_key(unverified_proof)?;
    let jkt = jwk::thumbprint(&key).ok_or(JwtError::UnknownKey)?;
    // The key of this proof, whatever it is called.
    let signed = foreign::verify(unverified_proof, &[bare(key)], foreign::ASYMMETRIC)?;
    RULES.iter().try_for_each(|rule| rule(&signed, asked))?;
    use_up(asked.context, &signed, &jkt).await?;
    Ok(jkt)
}

fn header(request: &Request) -> Result<&str, BadProof> {
    let mut all = request.headers().get_all(HEADER).iter();
    match (all.next(), all.next()) {
        (None, _) => Err(BadProof::Missing),
        (Some(_), Some(_)) => Err(BadProof::Repeated),
        (Some(only), None) => {
            let text = only.to_str().map_err(|_| JwtError::Malformed)?;
            // Two header fields may come as one, with a comma between them.
            if text.contains(',') { Err(BadProof::Repeated) } else { Ok(text) }
        }
    }
}

fn bare(mut key: Value) -> Value {
    if let Some(members) = key.as_object_mut() {
        members.remove("kid");
    }
    key
}

type Rule = fn(&Signed, &Asked<'_>) -> Result<(), BadProof>;

/// RFC 9449 §4.3, in the order they run.
const RULES: &[Rule] =
    &[is_a_proof, same_method, same_address, of_now, same_token, has_name, fresh];

fn is_a_proof(signed: &Signed, _: &Asked<'_>) -> Result<(), BadProof> {
    if signed.is_typed(TYP) { Ok(()) } else { Err(BadProof::Claim("typ")) }
}

fn same_method(signed: &Signed, asked: &Asked<'_>) -> Result<(), BadProof> {
    let same = signed.text("htm") == Some(asked.request.method().as_str());
    if same { Ok(()) } else { Err(BadProof::Claim("htm")) }
}

/// Compared without query and fragment, and as URLs (RFC 3986 §6.2.2). The front
/// door takes Keycloak's old prefix off the path; the client signed it.
fn same_address(signed: &Signed, asked: &Asked<'_>) -> Result<(), BadProof> {
    let path = asked.request.uri().path();
    let base = asked.context.public_url;
    let named = signed.text("htu").and_then(address).ok_or(BadProof::Claim("htu"))?;
    let same = [format!("{base}{path}"), format!("{base}/auth{path}")]
        .iter()
        .any(|here| address(here).as_ref() == Some(&named));
    if same { Ok(()) } else { Err(BadProof::Claim("htu")) }
}

fn address(text: &str) -> Option<url::Url> {
    let mut url = url::Url::parse(text).ok()?;
    url.set_query(None);
    url.set_fragment(None);
    Some(url)
}

fn of_now(signed: &Signed, asked: &Asked<'_>) -> Result<(), BadProof> {
    let now = asked.context.now;
    let made_at = signed.date("iat").ok().flatten().ok_or(BadProof::Claim("iat"))?;
    let fits = made_at <= now + CLOCK_SKEW && now < made_at + PROOF_LIFE;
    if fits { Ok(()) } else { Err(BadProof::Claim("iat")) }
}

fn same_token(signed: &Signed, asked: &Asked<'_>) -> Result<(), BadProof> {
    let Some(token) = asked.token else { return Ok(()) };
    let same = signed.text("ath") == Some(&sha256_base64url(token));
    if same { Ok(()) } else { Err(BadProof::Claim("ath")) }
}

fn has_name(signed: &Signed, _: &Asked<'_>) -> Result<(), BadProof> {
    let fits = signed.text("jti").is_some_and(|jti| (1..=MAX_JTI_BYTES).contains(&jti.len()));
    if fits { Ok(()) } else { Err(BadProof::Claim("jti")) }
}

/// RFC 9449 §8, §9. One that is brought must be ours, whether it is asked for or
/// not.
fn fresh(signed: &Signed, asked: &Asked<'_>) -> Result<(), BadProof> {
    let context = asked.context;
    let Some(nonce) = signed.text("nonce") else {
        return if asked.needs_nonce { Err(BadProof::Nonce) } else { Ok(()) };
    };
    let key = context.keyring.derive(Purpose::DpopNonce, &context.realm.id);
    let opened = seal::open::<Value>(&key, NONCE_TYP, nonce, context.now);
    opened.map(|_| ()).map_err(|_| BadProof::Nonce)
}

async fn use_up(context: &RealmContext<'_>, signed: &Signed, jkt: &str) -> Result<(), BadProof> {
    let jti = signed.text("jti").unwrap_or_default();
    let hash = TokenHash::of(&format!("dpop\n{}\n{jkt}\n{jti}", context.realm.id));
    let until = context.now + CLOCK_SKEW + PROOF_LIFE;
    let is_new = spent::mark_spent(&*context.ports.directory, &hash, until).await?;
    if is_new { Ok(()) } else { Err(BadProof::Replayed) }
}

/// A nonce for the client's next proof (RFC 9449 §8.2).
///
/// # Errors
/// As [`seal::seal`] says.
pub fn nonce(context: &RealmContext<'_>) -> Result<String, SealError> {
    let key = context.keyring.derive(Purpose::DpopNonce, &context.realm.id);
    seal::seal(&key, NONCE_TYP, context.now + NONCE_LIFE, &json!({}))
}

impl BadProof {
    /// The `error` of RFC 9449 §5, §7.1 and §8.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Nonce => "use_dpop_nonce",
            Self::WrongKey => "invalid_token",
            Self::Store(_) => "server_error",
            Self::Missing
            | Self::Repeated
            | Self::Signature(_)
            | Self::Claim(_)
            | Self::Replayed => "invalid_dpop_proof",
        }
    }
}
