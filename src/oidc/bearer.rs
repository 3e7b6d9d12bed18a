//! Who presents an access token (RFC 6750, RFC 9449 §7): of which realm, which
//! person, through which client.
use super::dpop;
use super::dpop::BadProof;
use super::resource;
use crate::account::session::owner_of;
use crate::account::session_rule::SessionRule;
use crate::crypto::jwt;
use crate::crypto::jwt::{Expected, JwtError, PublicKey};
use crate::crypto::token::TokenHash;
use crate::kernel::alias::Alias;
use crate::kernel::id::{OrgId, RealmName, SessionId, UserId};
use crate::kernel::time::Timestamp;
use crate::platform::row::StoreError;
use crate::realm::context::{RealmContext, find_realm};
use crate::realm::settings::Realm;
use crate::realm::store::spent;
use crate::web::form::{BadParameter, Form};
use crate::web::{Request, credentials, header};
use serde::Deserialize;
use serde_json::Value;
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
    /// `name`, for a person who has one.
    pub name: Option<String>,
    /// `scope`.
    pub scope: String,
    /// The organizations it speaks for, as far as it tells their ids.
    pub orgs: Vec<OrgId>,
    /// Those of which it tells the alias alone.
    pub aliases: Vec<Alias>,
    /// `aud`.
    pub audience: Vec<String>,
    /// `jti`.
    pub jti: String,
    /// `iat`.
    pub issued_at: Timestamp,
    /// `exp`.
    pub expires_at: Timestamp,
    /// The thumbprint of the key that the token is bound to.
    pub jkt: Option<String>,
    /// The claims that userinfo was asked to tell of besides its scope.
    pub userinfo_claims: Vec<String>,
}

impl Caller {
    /// What the directory knows the token by when it is revoked (RFC 7009).
    #[must_use]
    pub fn spent_name(&self) -> TokenHash {
        TokenHash::of(&format!("access\n{}\n{}", self.realm.id, self.jti))
    }
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
    /// It was revoked, or what it was made in was ended with everything else of its
    /// realm.
    #[error("the access token was revoked")]
    Revoked,
    /// It is bound to a key, and was presented as if it were not (RFC 9449 §7.2).
    #[error("the access token is bound to a key: present it with a proof")]
    Bound,
    /// It is bound to none, and was presented as if it were (RFC 9449 §7.1).
    #[error("the access token is not bound to a key")]
    Unbound,
    /// It is in the form, and something else in the header (RFC 6750 §2).
    #[error("the access token comes in one way")]
    TwoWays,
    /// The form has it twice.
    #[error(transparent)]
    Parameter(#[from] BadParameter),
    /// The proof that came with it is not taken.
    #[error("{0}")]
    Proof(#[from] BadProof),
    /// Our own signature over claims we do not write.
    #[error("the access token lacks a claim: {0}")]
    Claims(serde_json::Error),
    /// It does not lead to anybody.
    #[error("the access token says of nobody")]
    NoSubject,
    /// The directory failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// The claims we read.
#[derive(Deserialize)]
struct AccessClaims {
    sub: Option<UserId>,
    jti: String,
    iat: Timestamp,
    exp: Timestamp,
    cnf: Option<Confirmation>,
    auth_time: Option<Timestamp>,
    azp: String,
    #[serde(default)]
    aud: Value,
    sid: Option<SessionId>,
    #[serde(default)]
    name: Value,
    #[serde(default)]
    scope: String,
    /// In whatever shape the client's mappers give it.
    #[serde(default)]
    organization: Value,
    #[serde(default)]
    userinfo_claims: Vec<String>,
}

/// RFC 9449 §6.1.
#[derive(Deserialize)]
struct Confirmation {
    jkt: String,
}

/// Who sends `request`: the holder of its access token, of whichever realm that is.
/// `context` is the realm of the URL, and whether the token counts there is for the
/// caller to judge. One directory query, whether the token was revoked.
///
/// # Errors
/// As [`BearerError`] says.
pub async fn authenticate(
    context: &RealmContext<'_>,
    request: &Request,
) -> Result<Caller, BearerError> {
    unspent(context, present(context, request).await?).await
}

/// Who sends `request` with its access token in the `form` that it posts (RFC 6750
/// §2.2), or, where that has none, in the header as ever. A token that is bound to a key is none
/// of a form's: its scheme is of the header (RFC 9449 §7.1).
///
/// # Errors
/// As [`BearerError`] says.
pub async fn authenticate_posted(
    context: &RealmContext<'_>,
    request: &Request,
    form: &Form,
) -> Result<Caller, BearerError> {
    let Some(unverified_token) = form.at_most_one("access_token")? else {
        return authenticate(context, request).await;
    };
    if header(request, "authorization").is_some() {
        return Err(BearerError::TwoWays);
    }
    unspent(context, take(context, request, (unverified_token, false)).await?).await
}

async fn unspent(context: &RealmContext<'_>, caller: Caller) -> Result<Caller, BearerError> {
    if spent::is_spent(&*context.ports.directory, &caller.spent_name()).await? {
        return Err(BearerError::Revoked);
    }
    Ok(caller)
}

/// The same, for whoever asks the directory anyway: the question whether it knows
/// [`Caller::spent_name`] is theirs to add. No I/O while the isolate knows the token's
/// realm and its keys, and the token is bound to no key.
///
/// # Errors
/// As [`BearerError`] says.
pub async fn present(context: &RealmContext<'_>, request: &Request) -> Result<Caller, BearerError> {
    if let Some(unverified_token) = credentials::dpop(request) {
        return take(context, request, (unverified_token, true)).await;
    }
    let unverified_token = credentials::bearer(request).ok_or(BearerError::Missing)?;
    take(context, request, (unverified_token, false)).await
}

/// The holder of the token that `request` brings, `as_bound` to a key or not.
async fn take(
    context: &RealmContext<'_>,
    request: &Request,
    (unverified_token, as_bound): (&str, bool),
) -> Result<Caller, BearerError> {
    let (caller, _) = verify(context, unverified_token).await?;
    let home = RealmContext { realm: Rc::clone(&caller.realm), ..*context };
    if resource::is_for_others(&home.issuer(), &caller.audience) {
        return Err(JwtError::WrongAudience.into());
    }
    match (&caller.jkt, as_bound) {
        (None, false) => {}
        (Some(_), false) => return Err(BearerError::Bound),
        (None, true) => return Err(BearerError::Unbound),
        (Some(jkt), true) => {
            let client = home.find_client(&caller.client_id).await?;
            let client = client.as_deref();
            dpop::at_resource(context, request, unverified_token, jkt, client).await?;
        }
    }
    Ok(caller)
}

/// What an access token says, and its holder: of whichever realm it is, and whoever
/// brings it.
///
/// # Errors
/// As [`BearerError`] says.
pub async fn verify(
    context: &RealmContext<'_>,
    unverified_token: &str,
) -> Result<(Caller, Value), BearerError> {
    let home = RealmContext { realm: find_issuer(context, unverified_token).await?, ..*context };
    let issuer = home.issuer();
    let expected = Expected { issuer: &issuer, typ: Some("Bearer"), now: home.now, audience: None };
    let told = jwt::verify(unverified_token, &public_keys(&home).await?, &expected)?;
    let claims = AccessClaims::deserialize(&told).map_err(BearerError::Claims)?;
    if is_revoked(&home.realm, &claims) {
        return Err(BearerError::Revoked);
    }
    let user = match &claims.sub {
        Some(user) => user.clone(),
        None => find_subject(&home, &claims).await?.ok_or(BearerError::NoSubject)?,
    };
    Ok((caller(home.realm, user, claims), told))
}

/// Whose token it is when no mapper says so: its session's owner, or its client's
/// account.
async fn find_subject(
    home: &RealmContext<'_>,
    claims: &AccessClaims,
) -> Result<Option<UserId>, StoreError> {
    match &claims.sid {
        Some(session) => Ok(owner_of(session)),
        None => Ok(home.find_client(&claims.azp).await?.and_then(|c| c.service_account.clone())),
    }
}

/// A token is as old as its session, or, where no mapper tells that, at least as
/// old as itself. One without a session (a client's own) is good from the second
/// of the realm's not-before on, as in Keycloak.
fn is_revoked(realm: &Realm, claims: &AccessClaims) -> bool {
    match (claims.auth_time, &claims.sid) {
        (Some(at), _) => SessionRule::of(realm).has_ended(at),
        (None, Some(_)) => SessionRule::of(realm).has_ended(claims.iat),
        (None, None) => claims.iat < realm.not_before,
    }
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

fn caller(realm: Rc<Realm>, user: UserId, claims: AccessClaims) -> Caller {
    let (orgs, aliases) = orgs_in(&claims.organization);
    Caller {
        realm,
        user,
        client_id: claims.azp,
        session: claims.sid,
        name: claims.name.as_str().map(str::to_owned),
        scope: claims.scope,
        audience: texts(&claims.aud),
        orgs,
        aliases,
        jti: claims.jti,
        issued_at: claims.iat,
        expires_at: claims.exp,
        jkt: claims.cnf.map(|confirmation| confirmation.jkt),
        userinfo_claims: claims.userinfo_claims,
    }
}

/// One is a text, several are a list (RFC 7519 §4.1.3).
fn texts(claim: &Value) -> Vec<String> {
    let several = match claim {
        Value::Array(several) => several.as_slice(),
        one => std::slice::from_ref(one),
    };
    several.iter().filter_map(Value::as_str).map(str::to_owned).collect()
}

/// The claim is an alias, several, or objects by alias, with or without an id
/// (reference keycloak.md §4.5).
fn orgs_in(claim: &Value) -> (Vec<OrgId>, Vec<Alias>) {
    let alias = |text: &str| text.parse().ok();
    match claim {
        Value::String(one) => (Vec::new(), alias(one).into_iter().collect()),
        Value::Array(several) => {
            (Vec::new(), several.iter().filter_map(Value::as_str).filter_map(alias).collect())
        }
        Value::Object(by_alias) => {
            let id = |object: &Value| object.get("id")?.as_str()?.parse().ok();
            let (mut ids, mut aliases) = (Vec::new(), Vec::new());
            for (name, object) in by_alias {
                match id(object) {
                    Some(id) => ids.push(id),
                    None => aliases.extend(alias(name)),
                }
            }
            (ids, aliases)
        }
        _ => (Vec::new(), Vec::new()),
    }
}
