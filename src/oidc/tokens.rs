//! Making tokens: claims, a signature, and the answer that carries them.
use super::claims;
use super::claims::{Facts, Known, TooMuch};
use super::mapper::Paper;
use super::refresh;
use super::refresh::{NextRefresh, OFFLINE, REFRESH, RefreshClaims};
use super::resource;
use super::selection::Selection;
use super::shape::Shape;
use super::standing::Standing;
use crate::account::grant::{Granted, Terms};
use crate::crypto::digest::sha256;
use crate::crypto::jwt::{Header, assemble, signing_input};
use crate::crypto::seal::SealError;
use crate::kernel::id::{SessionId, UserId};
use crate::kernel::time::Timestamp;
use crate::platform::keys::{KeyError, SigningAlgorithm, SigningKeyRef};
use crate::platform::row::StoreError;
use crate::realm::context::RealmContext;
use crate::realm::happening::Happening;
use crate::realm::key::{self, RealmKey, RotateError};
use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use serde::Serialize;
use serde_json::Value;
use sha2::{Digest, Sha512};

/// Tokens to be made for a client.
pub struct Minting<'a> {
    /// The client, and what the grant brings it.
    pub selection: &'a Selection<'a>,
    /// Who they are about.
    pub standing: &'a Standing,
    /// The person's session; none when a client speaks for itself.
    pub session: Option<Login<'a>>,
    /// The nonce of the authorization request.
    pub nonce: Option<&'a str>,
    /// What the client's settings make of them.
    pub shape: &'a Shape,
    /// `acr`: how sure it is that this is the person.
    pub level: u8,
    /// The claims that the ID token was asked to have: the member `id_token` of the
    /// parameter `claims` (OIDC Core §5.5).
    pub requested: Option<&'a Value>,
    /// The claims that userinfo was asked to tell: the member `userinfo`, likewise.
    pub of_userinfo: Option<&'a Value>,
    /// The only places the access token may be used at (RFC 8707); anywhere when empty.
    pub audience: &'a [String],
    /// The only clients whose roles are told; those of every client without.
    pub clients: Option<&'a [String]>,
}

impl<'a> Minting<'a> {
    /// Tokens of a grant without a word more than it takes.
    #[must_use]
    pub const fn of(
        selection: &'a Selection<'a>,
        standing: &'a Standing,
        shape: &'a Shape,
    ) -> Self {
        Self {
            selection,
            standing,
            session: None,
            nonce: None,
            shape,
            level: 1,
            requested: None,
            of_userinfo: None,
            audience: &[],
            clients: None,
        }
    }

    /// The same, on the terms of an authorization request.
    #[must_use]
    pub fn on(self, terms: &'a Terms) -> Self {
        let member = |name: &str| terms.claims.as_ref().and_then(|claims| claims.get(name));
        let (requested, of_userinfo) = (member("id_token"), member("userinfo"));
        let clients = terms.audience.as_deref();
        Self { level: terms.level, requested, of_userinfo, clients, ..self }
    }
}

/// The session behind tokens.
pub struct Login<'a> {
    /// Its id.
    pub id: &'a SessionId,
    /// When the person proved who they are.
    pub authenticated_at: Timestamp,
    /// The refresh token to make, and what its family was granted.
    pub refresh: Option<(&'a NextRefresh, &'a Granted)>,
    /// When the session is over, or the refresh family.
    pub ends_at: Timestamp,
}

/// The `token_type` of what is no access token (RFC 8693 §2.2.1).
const NOT_APPLICABLE: &str = "N_A";

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
    /// What was got in exchange (RFC 8693 §2.2.1).
    #[serde(skip_serializing_if = "Option::is_none")]
    issued_token_type: Option<&'static str>,
    /// Who they are about: for our own records.
    #[serde(skip)]
    subject: UserId,
}

impl TokenResponse {
    /// The same, in answer to an exchange.
    #[must_use]
    pub fn issued_as(self, token_type: &'static str) -> Self {
        Self { issued_token_type: Some(token_type), ..self }
    }

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

/// Why no token was made. Our own fault, but for `TooMuch` and `NoAudience`.
#[derive(Debug, thiserror::Error)]
pub enum MintError {
    /// The realm has no key of its algorithm.
    #[error("the realm has no key to sign with")]
    NoKey,
    /// The key store did not sign.
    #[error(transparent)]
    Key(#[from] KeyError),
    /// There is more to say than a token holds.
    #[error(transparent)]
    TooMuch(#[from] TooMuch),
    /// The client's tokens are no longer for anybody that an exchange named.
    #[error("no audience that was named is available any more")]
    NoAudience,
    /// A key that a client wants could not be made.
    #[error(transparent)]
    Rotate(#[from] RotateError),
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
    let facts = facts(context, asked, &issuer)?;
    let signer = Signer::of(context, asked.shape.access_algorithm).await?;
    let mut access = claims::access(&facts, &new_jti(context), asked.of_userinfo);
    let audience = still_named(&facts, asked)?;
    resource::restrict(&mut access, &audience);
    asked.shape.complete(&mut access, &facts);
    asked.shape.confirm(&mut access);
    let access_token = signer.sign(asked.shape.access_typ, &Value::Object(access)).await?;
    let id_token = if asked.selection.scope.is_openid {
        let signer = Signer::of(context, asked.shape.id_algorithm).await?;
        let at_hash = at_hash(signer.key.algorithm, &access_token);
        let claims = claims::id(&facts, &new_jti(context), Some(&at_hash), asked.requested);
        Some(signer.sign("JWT", &Value::Object(claims)).await?)
    } else {
        None
    };
    let refresh = asked.session.as_ref().and_then(|login| login.refresh.map(|next| (login, next)));
    let refresh_ends = refresh
        .map_or(context.now, |(login, _)| (context.now + asked.shape.span.idle).min(login.ends_at));
    let refresh_token = match refresh {
        Some((login, (next, granted))) => {
            let is_offline = asked.shape.span.is_offline;
            let family = (next, granted);
            let claims = refresh_claims(&facts, login, family, (refresh_ends, is_offline));
            Some(refresh::seal(context, &claims, refresh_ends)?)
        }
        None => None,
    };
    Ok(TokenResponse {
        access_token,
        expires_in: facts.known.expires_at.as_unix() - context.now.as_unix(),
        refresh_expires_in: refresh_ends.as_unix() - context.now.as_unix(),
        refresh_token,
        token_type: asked.shape.token_type(),
        id_token,
        not_before_policy: context.realm.not_before.as_unix(),
        session_state: asked.session.as_ref().map(|login| login.id.clone()),
        scope: facts.scope,
        issued_token_type: None,
        subject: asked.standing.person.user.id.clone(),
    })
}

/// Makes an ID token and nothing else, in the place of the access token (RFC 8693
/// §2.2.1).
///
/// # Errors
/// As [`MintError`] says.
pub async fn mint_id_token(
    context: &RealmContext<'_>,
    asked: &Minting<'_>,
) -> Result<TokenResponse, MintError> {
    let issuer = context.issuer();
    let facts = facts(context, asked, &issuer)?;
    let signer = Signer::of(context, asked.shape.id_algorithm).await?;
    let claims = claims::id(&facts, &new_jti(context), None, asked.requested);
    Ok(TokenResponse {
        access_token: signer.sign("JWT", &Value::Object(claims)).await?,
        expires_in: facts.known.expires_at.as_unix() - context.now.as_unix(),
        refresh_expires_in: 0,
        refresh_token: None,
        token_type: NOT_APPLICABLE,
        id_token: None,
        not_before_policy: context.realm.not_before.as_unix(),
        session_state: asked.session.as_ref().map(|login| login.id.clone()),
        scope: facts.scope,
        issued_token_type: None,
        subject: asked.standing.person.user.id.clone(),
    })
}

/// Of the places the access token may be used at those that an exchange may still name:
/// an audience that the client's tokens do not have any more is none of a refreshed one.
fn still_named(facts: &Facts<'_>, asked: &Minting<'_>) -> Result<Vec<String>, MintError> {
    let mut audience = asked.audience.to_vec();
    if asked.clients.is_some() && !audience.is_empty() {
        let available = facts.said(Paper::Access).audience;
        audience.retain(|one| resource::is_resource(one) || available.contains(one));
        if audience.is_empty() {
            return Err(MintError::NoAudience);
        }
    }
    Ok(audience)
}

fn facts<'a>(
    context: &RealmContext<'a>,
    asked: &'a Minting<'_>,
    issuer: &'a str,
) -> Result<Facts<'a>, MintError> {
    let facts = Facts::new(asked.selection, asked.standing, known(context, asked, issuer))?;
    Ok(match asked.clients {
        Some(clients) => facts.for_clients(clients),
        None => facts,
    })
}

fn known<'a>(context: &RealmContext<'a>, asked: &'a Minting<'_>, issuer: &'a str) -> Known<'a> {
    Known {
        issuer,
        now: context.now,
        expires_at: context.now + asked.shape.access_life,
        session: asked.session.as_ref().map(|login| login.id),
        authenticated_at: asked.session.as_ref().map(|login| login.authenticated_at),
        address: context.ip,
        nonce: asked.nonce,
        level: asked.level,
    }
}

fn new_jti(context: &RealmContext<'_>) -> String {
    context.ports.random.uuid().to_string()
}

fn refresh_claims(
    facts: &Facts<'_>,
    login: &Login<'_>,
    (next, granted): (&NextRefresh, &Granted),
    (exp, is_offline): (Timestamp, bool),
) -> RefreshClaims {
    RefreshClaims {
        iat: facts.known.now,
        exp,
        jti: next.secret.to_text(),
        iss: facts.known.issuer.to_owned(),
        aud: facts.known.issuer.to_owned(),
        sub: facts.standing.person.user.id.clone(),
        typ: if is_offline { OFFLINE } else { REFRESH }.to_owned(),
        azp: facts.selection.client.client_id.clone(),
        sid: login.id.clone(),
        fid: next.family.clone(),
        scope: granted.scope.clone(),
        orgs: granted.orgs.clone(),
        auth_time: login.authenticated_at,
        resources: granted.terms.resources.clone(),
    }
}

/// The left half of the hash of the access token (OIDC Core §3.1.3.6), with the
/// hash function of the signature's algorithm: for Ed25519 that is SHA-512
/// (RFC 8032 §5.1).
fn at_hash(algorithm: SigningAlgorithm, access_token: &str) -> String {
    let left_half = match algorithm {
        SigningAlgorithm::Es256 | SigningAlgorithm::Rs256 | SigningAlgorithm::Ps256 => {
            sha256(access_token.as_bytes()).into_iter().take(16).collect::<Vec<u8>>()
        }
        SigningAlgorithm::EdDsa => {
            Sha512::digest(access_token.as_bytes()).into_iter().take(32).collect()
        }
    };
    BASE64_URL_SAFE_NO_PAD.encode(left_half)
}

/// A key of the realm, ready to sign.
pub struct Signer<'a> {
    context: &'a RealmContext<'a>,
    key: RealmKey,
}

impl<'a> Signer<'a> {
    /// The key of `algorithm`, or of the realm's when that does not matter.
    ///
    /// # Errors
    /// As [`MintError`] says.
    pub async fn of(
        context: &'a RealmContext<'_>,
        algorithm: Option<SigningAlgorithm>,
    ) -> Result<Self, MintError> {
        let algorithm = algorithm.unwrap_or(context.realm.settings.signing_algorithm);
        let key = key::signing(context, algorithm).await?.ok_or(MintError::NoKey)?;
        Ok(Self { context, key })
    }

    /// A token with the header's `typ`: `JWT` as Keycloak has it, whose adapters
    /// predate RFC 9068's `at+jwt`, unless the client wants that.
    ///
    /// # Errors
    /// `Key` when the key store does not sign.
    pub async fn sign(&self, typ: &str, claims: &Value) -> Result<String, MintError> {
        let (kid, algorithm) = (self.key.kid.as_str(), self.key.algorithm);
        let header = Header { alg: algorithm.as_str(), kid, typ };
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
