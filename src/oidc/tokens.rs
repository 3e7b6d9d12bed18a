//! Making tokens: claims, a signature, and the answer that carries them.
use super::claims;
use super::claims::{Facts, Subject};
use super::refresh;
use super::refresh::{NextRefresh, RefreshClaims};
use super::resource;
use super::scope::Scope;
use crate::account::grant::Granted;
use crate::crypto::digest::sha256;
use crate::crypto::jwt::{Header, assemble, signing_input};
use crate::crypto::seal::SealError;
use crate::kernel::id::{SessionId, UserId};
use crate::kernel::time::Timestamp;
use crate::org::claims::OrgClaims;
use crate::platform::keys::{KeyError, SigningAlgorithm, SigningKeyRef};
use crate::platform::row::StoreError;
use crate::realm::context::RealmContext;
use crate::realm::happening::Happening;
use crate::realm::key::RealmKey;
use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use serde::Serialize;
use serde_json::Value;
use sha2::{Digest, Sha512};

/// Tokens to be made for a client.
pub struct Minting<'a> {
    /// The client.
    pub client_id: &'a str,
    /// Who they are about.
    pub subject: &'a Subject,
    /// The scope of the access token.
    pub scope: &'a str,
    /// Whether an ID token goes with it.
    pub is_openid: bool,
    /// What the person is in the organizations it speaks for.
    pub orgs: &'a [OrgClaims],
    /// The person's session; none when a client speaks for itself.
    pub session: Option<Login<'a>>,
    /// The nonce of the authorization request.
    pub nonce: Option<&'a str>,
    /// The only places the access token may be used at; anywhere when empty.
    pub audience: &'a [String],
}

/// The session behind tokens.
pub struct Login<'a> {
    /// Its id.
    pub id: &'a SessionId,
    /// When the person proved who they are.
    pub authenticated_at: Timestamp,
    /// The refresh token to make, and what its family was granted.
    pub refresh: Option<(&'a NextRefresh, &'a Granted)>,
    /// When the session is over.
    pub ends_at: Timestamp,
}

/// The answer of the token endpoint (RFC 6749 §5.1), with Keycloak's members in
/// Keycloak's order.
#[derive(Serialize)]
pub struct TokenResponse {
    access_token: String,
    /// In seconds.
    expires_in: i64,
    /// In seconds; 0 when there is no refresh token.
    refresh_expires_in: i64,
    #[serde(skip_serializing_if = "Option::is_none")]
    refresh_token: Option<String>,
    token_type: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    id_token: Option<String>,
    /// Keycloak's adapters refuse tokens made before it; 0 refuses none.
    #[serde(rename = "not-before-policy")]
    not_before_policy: i64,
    #[serde(skip_serializing_if = "Option::is_none")]
    session_state: Option<SessionId>,
    scope: String,
    /// Who they are about: for our own records.
    #[serde(skip)]
    subject: UserId,
}

impl TokenResponse {
    /// `happening`, with who got the tokens.
    #[must_use]
    pub fn told_in(&self, happening: Happening) -> Happening {
        let happening = happening.user(&self.subject);
        match &self.session_state {
            Some(session) => happening.session(session),
            None => happening,
        }
    }
}

/// Why no token was made. Our own fault, each of them.
#[derive(Debug, thiserror::Error)]
pub enum MintError {
    /// The realm has no key of its algorithm.
    #[error("the realm has no key to sign with")]
    NoKey,
    /// The key store did not sign.
    #[error(transparent)]
    Key(#[from] KeyError),
    /// The refresh token could not be sealed.
    #[error(transparent)]
    Seal(#[from] SealError),
    /// The directory failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Makes the tokens. No I/O while the isolate knows the realm's keys.
///
/// # Errors
/// As [`MintError`] says.
pub async fn mint(
    context: &RealmContext<'_>,
    asked: &Minting<'_>,
) -> Result<TokenResponse, MintError> {
    let issuer = context.issuer();
    let facts = facts(context, asked, &issuer);
    let signer = Signer::of(context).await?;
    let mut access = claims::access(&facts, &new_jti(context));
    resource::restrict(&mut access, asked.audience);
    let access_token = signer.sign(&access).await?;
    let id_token = if asked.is_openid {
        let at_hash = at_hash(signer.key.algorithm, &access_token);
        let claims = claims::id(&facts, &new_jti(context), asked.nonce, &at_hash);
        Some(signer.sign(&claims).await?)
    } else {
        None
    };
    let refresh = asked.session.as_ref().and_then(|login| login.refresh.map(|next| (login, next)));
    let refresh_ends = refresh.map_or(context.now, |(login, _)| refresh_end(context, login));
    let refresh_token = match refresh {
        Some((login, (next, granted))) => {
            let claims = refresh_claims(&facts, login, next, granted);
            Some(refresh::seal(context, &claims, refresh_ends)?)
        }
        None => None,
    };
    Ok(TokenResponse {
        access_token,
        expires_in: facts.expires_at.as_unix() - context.now.as_unix(),
        refresh_expires_in: refresh_ends.as_unix() - context.now.as_unix(),
        refresh_token,
        token_type: "Bearer",
        id_token,
        not_before_policy: context.realm.not_before.as_unix(),
        session_state: asked.session.as_ref().map(|login| login.id.clone()),
        scope: asked.scope.to_owned(),
        subject: asked.subject.id.clone(),
    })
}

fn facts<'a>(context: &RealmContext<'_>, asked: &'a Minting<'_>, issuer: &'a str) -> Facts<'a> {
    Facts {
        issuer,
        now: context.now,
        expires_at: context.now + context.realm.settings.access_token_lifespan,
        client_id: asked.client_id,
        subject: asked.subject,
        session: asked.session.as_ref().map(|login| login.id),
        scope: asked.scope,
        orgs: asked.orgs,
        authenticated_at: asked.session.as_ref().map(|login| login.authenticated_at),
    }
}

fn new_jti(context: &RealmContext<'_>) -> String {
    context.ports.random.uuid().to_string()
}

/// A refresh token that is not used for so long is over, and it never outlives
/// its session.
fn refresh_end(context: &RealmContext<'_>, login: &Login<'_>) -> Timestamp {
    (context.now + context.realm.settings.sso_session_idle_timeout).min(login.ends_at)
}

fn refresh_claims(
    facts: &Facts<'_>,
    login: &Login<'_>,
    next: &NextRefresh,
    granted: &Granted,
) -> RefreshClaims {
    RefreshClaims {
        iat: facts.now,
        jti: next.secret.to_text(),
        iss: facts.issuer.to_owned(),
        aud: facts.issuer.to_owned(),
        sub: facts.subject.id.clone(),
        typ: "Refresh".to_owned(),
        azp: facts.client_id.to_owned(),
        sid: login.id.clone(),
        fid: next.family.clone(),
        scope: granted.scope.clone(),
        orgs: granted.orgs.clone(),
        auth_time: login.authenticated_at,
        resources: granted.terms.resources.clone(),
    }
}

/// Whether a granted scope brings an ID token with every access token.
#[must_use]
pub fn is_openid(granted_scope: &str) -> bool {
    Scope::parse(Some(granted_scope)).is_ok_and(|scope| scope.is_openid)
}

/// The left half of the hash of the access token (OIDC Core §3.1.3.6), with the
/// hash function of the signature's algorithm: for Ed25519 that is SHA-512
/// (RFC 8032 §5.1).
fn at_hash(algorithm: SigningAlgorithm, access_token: &str) -> String {
    let left_half = match algorithm {
        SigningAlgorithm::Es256 | SigningAlgorithm::Rs256 => {
            sha256(access_token.as_bytes()).into_iter().take(16).collect::<Vec<u8>>()
        }
        SigningAlgorithm::EdDsa => {
            Sha512::digest(access_token.as_bytes()).into_iter().take(32).collect()
        }
    };
    BASE64_URL_SAFE_NO_PAD.encode(left_half)
}

/// The realm's key, ready to sign.
struct Signer<'a> {
    context: &'a RealmContext<'a>,
    key: RealmKey,
}

impl<'a> Signer<'a> {
    async fn of(context: &'a RealmContext<'_>) -> Result<Self, MintError> {
        let keys = context.keys().await?;
        let algorithm = context.realm.settings.signing_algorithm;
        let key = keys.signing(algorithm, context.now).ok_or(MintError::NoKey)?.clone();
        Ok(Self { context, key })
    }

    async fn sign(&self, claims: &Value) -> Result<String, MintError> {
        let (kid, algorithm) = (self.key.kid.as_str(), self.key.algorithm);
        // `JWT` as Keycloak has it: its adapters predate RFC 9068's `at+jwt`.
        let header = Header { alg: algorithm.as_str(), kid, typ: "JWT" };
        let input = signing_input(&header, claims);
        let key = SigningKeyRef { kid, algorithm, wrapped: &self.key.wrapped };
        let signature = self.context.ports.keys.sign(&key, input.as_bytes()).await?;
        Ok(assemble(&input, &signature))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The pair printed in OIDC Core A.3 (an access token and its `at_hash`).
    #[test]
    fn the_hash_of_an_access_token_is_the_published_one() {
        let token = "jHkWEdUXMU1BwAsC4vtUsZwnNvTIxEl0z9K3vx5KF0Y";
        assert_eq!(at_hash(SigningAlgorithm::Rs256, token), "77QmUPtjPfzWtF2AnpK9RQ");
    }
}
