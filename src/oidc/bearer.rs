//! Who presents an access token (RFC 6750): of which realm, which person, through
//! which client.
use crate::crypto::jwt;
use crate::crypto::jwt::{Expected, JwtError, PublicKey};
use crate::crypto::keyring::Keyring;
use crate::kernel::id::{OrgId, RealmName, SessionId, UserId};
use crate::kernel::time::Timestamp;
use crate::platform::Ports;
use crate::platform::row::StoreError;
use crate::realm::context::{RealmContext, find_realm};
use crate::realm::settings::Realm;
use serde::Deserialize;
use std::collections::BTreeMap;
use std::rc::Rc;

/// What verifying a token takes.
#[derive(Clone, Copy)]
pub struct Verifier<'a> {
    /// The machine.
    pub ports: &'a Ports,
    /// The keys derived from the master key.
    pub keyring: &'a Keyring,
    /// The URL that issuers grow from, without a trailing slash.
    pub public_url: &'a str,
    /// When the request came.
    pub now: Timestamp,
}

/// Whoever presents a valid access token.
#[derive(Clone, Debug)]
pub struct Caller {
    /// The realm that issued it.
    pub realm: Rc<Realm>,
    /// `sub`.
    pub user_id: UserId,
    /// `azp`.
    pub client_id: String,
    /// `sid`; none for a client that speaks for itself.
    pub session_id: Option<SessionId>,
    /// `preferred_username`.
    pub username: String,
    /// `email`.
    pub email: Option<String>,
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
    azp: String,
    sid: Option<SessionId>,
    preferred_username: String,
    email: Option<String>,
    #[serde(default)]
    email_verified: bool,
    #[serde(default)]
    scope: String,
    #[serde(default)]
    organization: BTreeMap<String, OrgClaim>,
}

#[derive(Deserialize)]
struct OrgClaim {
    id: OrgId,
}

impl Verifier<'_> {
    /// Verifies an access token of whichever realm it is. No I/O while the
    /// isolate knows the realm and its keys.
    ///
    /// # Errors
    /// As [`BearerError`] says.
    pub async fn authenticate(
        &self,
        unverified_token: Option<&str>,
    ) -> Result<Caller, BearerError> {
        let unverified_token = unverified_token.ok_or(BearerError::Missing)?;
        let realm = self.find_issuer(unverified_token).await?;
        if !realm.enabled {
            return Err(BearerError::RealmDisabled);
        }
        let context = self.context_of(realm);
        let issuer = context.issuer();
        let expected =
            Expected { issuer: &issuer, typ: Some("Bearer"), now: self.now, audience: None };
        let claims = jwt::verify(unverified_token, &public_keys(&context).await?, &expected)?;
        let claims: AccessClaims = serde_json::from_value(claims).map_err(BearerError::Claims)?;
        Ok(caller(context.realm, claims))
    }

    /// The realm a token says it is of. Only the verification that follows makes
    /// that true.
    async fn find_issuer(&self, unverified_token: &str) -> Result<Rc<Realm>, BearerError> {
        let unverified_issuer =
            jwt::unverified_issuer(unverified_token).ok_or(JwtError::Malformed)?;
        let name: RealmName = unverified_issuer
            .strip_prefix(self.public_url)
            .and_then(|path| path.strip_prefix("/realms/"))
            .and_then(|name| name.parse().ok())
            .ok_or(BearerError::UnknownRealm)?;
        find_realm(self.ports, &name, self.now).await?.ok_or(BearerError::UnknownRealm)
    }

    fn context_of(&self, realm: Rc<Realm>) -> RealmContext<'_> {
        RealmContext {
            ports: self.ports,
            keyring: self.keyring,
            public_url: self.public_url,
            now: self.now,
            realm,
        }
    }
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
        user_id: claims.sub,
        client_id: claims.azp,
        session_id: claims.sid,
        username: claims.preferred_username,
        email: claims.email,
        email_verified: claims.email_verified,
        scope: claims.scope,
        orgs: claims.organization.into_values().map(|org| org.id).collect(),
    }
}
