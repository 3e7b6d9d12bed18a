//! Who presents an access token (RFC 6750): of which realm, which person, through
//! which client.
use crate::account::session_rule::SessionRule;
use crate::crypto::jwt;
use crate::crypto::jwt::{Expected, JwtError, PublicKey};
use crate::kernel::email::EmailAddress;
use crate::kernel::id::{OrgId, RealmName, SessionId, UserId};
use crate::kernel::time::Timestamp;
use crate::platform::row::StoreError;
use crate::realm::context::{RealmContext, find_realm};
use crate::realm::settings::Realm;
use serde::Deserialize;
use std::collections::BTreeMap;
use std::rc::Rc;

/// Whoever presents a valid access token.
#[derive(Clone, Debug)]
pub struct Caller {
    /// The realm that issued it.
    pub realm: Rc<Realm>,
    /// `sub`.
    pub user: UserId,
    /// `azp`.
    pub client_id: String,
    /// `sid`; none for a client that speaks for itself.
    pub session: Option<SessionId>,
    /// `preferred_username`.
    pub username: String,
    /// `name`, for a person who has one.
    pub name: Option<String>,
    /// `email`.
    pub email: Option<EmailAddress>,
    /// `email_verified`.
    pub email_verified: bool,
    /// `scope`.
    pub scope: String,
    /// The organizations it speaks for.
    pub orgs: Vec<OrgId>,
}

/// Why nobody is believed to be calling.
#[derive(Debug, thiserror::Error)]
pub enum BearerError {
    /// No token.
    #[error("no access token was presented")]
    Missing,
    /// Not a token of any realm of ours.
    #[error("the access token names no realm of this server")]
    UnknownRealm,
    /// The realm is switched off.
    #[error("the realm is disabled")]
    RealmDisabled,
    /// Forged, expired, or made for something else.
    #[error("access token refused: {0}")]
    Token(#[from] JwtError),
    /// What it was made in was ended with everything else of its realm.
    #[error("the access token is older than the realm's not-before")]
    Revoked,
    /// Our own signature over claims we do not write.
    #[error("the access token lacks a claim: {0}")]
    Claims(serde_json::Error),
    /// The directory failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// The claims we read.
#[derive(Deserialize)]
struct AccessClaims {
    sub: UserId,
    iat: Timestamp,
    auth_time: Option<Timestamp>,
    azp: String,
    sid: Option<SessionId>,
    preferred_username: String,
    name: Option<String>,
    email: Option<EmailAddress>,
    #[serde(default)]
    email_verified: bool,
    #[serde(default)]
    scope: String,
    #[serde(default)]
    organization: BTreeMap<String, OrgClaim>,
    #[serde(default)]
    aud: Audience,
}

/// `aud`: one text or several (RFC 7519 §4.1.3).
#[derive(Default, Deserialize)]
#[serde(untagged)]
enum Audience {
    #[default]
    Nobody,
    One(String),
    Many(Vec<String>),
}

#[derive(Deserialize)]
struct OrgClaim {
    id: OrgId,
}

/// Verifies an access token, of whichever realm it is: `context` is the realm of
/// the URL, and whether the token counts there is for the caller to judge. No
/// I/O while the isolate knows the token's realm and its keys.
///
/// # Errors
/// As [`BearerError`] says.
pub async fn authenticate(
    context: &RealmContext<'_>,
    unverified_token: Option<&str>,
) -> Result<Caller, BearerError> {
    let unverified_token = unverified_token.ok_or(BearerError::Missing)?;
    let home = RealmContext { realm: find_issuer(context, unverified_token).await?, ..*context };
    let issuer = home.issuer();
    let expected = Expected { issuer: &issuer, typ: Some("Bearer"), now: home.now, audience: None };
    let claims = jwt::verify(unverified_token, &public_keys(&home).await?, &expected)?;
    let claims: AccessClaims = serde_json::from_value(claims).map_err(BearerError::Claims)?;
    if is_for_others(&issuer, &claims.aud) {
        return Err(JwtError::WrongAudience.into());
    }
    if is_revoked(&home.realm, &claims) {
        return Err(BearerError::Revoked);
    }
    Ok(caller(home.realm, claims))
}

/// A token is as old as its session. One without a session (a client's own) is
/// good from the second of the realm's not-before on, as in Keycloak.
fn is_revoked(realm: &Realm, claims: &AccessClaims) -> bool {
    claims
        .auth_time
        .map_or_else(|| claims.iat < realm.not_before, |at| SessionRule::of(realm).has_ended(at))
}

/// Whether a token was made for resources elsewhere and nothing else (RFC 8707 §1):
/// who serves them must not get further with it. Clients in `aud` have no colon.
fn is_for_others(issuer: &str, audience: &Audience) -> bool {
    let audience = match audience {
        Audience::Nobody => &[],
        Audience::One(one) => std::slice::from_ref(one),
        Audience::Many(many) => many.as_slice(),
    };
    let is_elsewhere = |one: &String| one.contains(':') && !one.starts_with(issuer);
    !audience.is_empty() && audience.iter().all(is_elsewhere)
}

/// The realm a token says it is of. Only the verification that follows makes
/// that true.
async fn find_issuer(
    context: &RealmContext<'_>,
    unverified_token: &str,
) -> Result<Rc<Realm>, BearerError> {
    let unverified_issuer = jwt::unverified_issuer(unverified_token).ok_or(JwtError::Malformed)?;
    let name: RealmName = unverified_issuer
        .strip_prefix(context.public_url)
        .and_then(|path| path.strip_prefix("/realms/"))
        .and_then(|name| name.parse().ok())
        .ok_or(BearerError::UnknownRealm)?;
    let found = find_realm(context.ports, &name, context.now).await?;
    let realm = found.ok_or(BearerError::UnknownRealm)?;
    if realm.enabled { Ok(realm) } else { Err(BearerError::RealmDisabled) }
}

/// The keys that tokens of the realm may be signed with.
///
/// # Errors
/// `Refused` when the directory fails.
pub async fn public_keys(context: &RealmContext<'_>) -> Result<Vec<PublicKey>, StoreError> {
    let keys = context.keys().await?;
    let token_life = context.realm.settings.access_token_lifespan;
    let published = keys.published(token_life, context.now).map(|key| PublicKey {
        kid: key.kid.clone(),
        algorithm: key.algorithm.as_str(),
        jwk: key.public_jwk.clone(),
    });
    Ok(published.collect())
}

fn caller(realm: Rc<Realm>, claims: AccessClaims) -> Caller {
    Caller {
        realm,
        user: claims.sub,
        client_id: claims.azp,
        session: claims.sid,
        username: claims.preferred_username,
        name: claims.name,
        email: claims.email,
        email_verified: claims.email_verified,
        scope: claims.scope,
        orgs: claims.organization.into_values().map(|org| org.id).collect(),
    }
}
