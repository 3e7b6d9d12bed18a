//! The refresh token: a sealed JWT, so that it leads to its account and its
//! organizations without a look-up, and so that keycloak-js, which decodes it,
//! finds what it looks for.
use crate::account::family::{NewFamily, Span};
use crate::crypto::keyring::Purpose;
use crate::crypto::seal;
use crate::crypto::seal::{OpenError, SealError};
use crate::crypto::token::{SecretToken, TokenHash};
use crate::kernel::id::{FamilyId, OrgId, SessionId, UserId};
use crate::kernel::time::Timestamp;
use crate::platform::random::Random;
use crate::realm::client::Client;
use crate::realm::context::RealmContext;
use serde::{Deserialize, Serialize};

const TYP: &str = "refresh+jwt";

/// The claim `typ` of a refresh token, as Keycloak writes it.
pub const REFRESH: &str = "Refresh";

/// The same of one that outlives its session.
pub const OFFLINE: &str = "Offline";

/// What a refresh token says. `jti` is its secret, of which the account keeps
/// the hash: it has no `Debug`.
#[derive(Serialize, Deserialize)]
pub struct RefreshClaims {
    /// When it was made.
    pub iat: Timestamp,
    /// When it is over.
    pub exp: Timestamp,
    /// The secret.
    pub jti: String,
    /// The realm.
    pub iss: String,
    /// The realm again: nobody else reads it.
    pub aud: String,
    /// The person.
    pub sub: UserId,
    /// [`REFRESH`] or [`OFFLINE`].
    pub typ: String,
    /// The client.
    pub azp: String,
    /// The session.
    pub sid: SessionId,
    /// The refresh family.
    pub fid: FamilyId,
    /// The scope that was granted.
    pub scope: String,
    /// The organizations that were granted.
    pub orgs: Vec<OrgId>,
    /// When the person proved who they are.
    pub auth_time: Timestamp,
    /// Where access tokens may be used (RFC 8707); anywhere when empty.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub resources: Vec<String>,
}

impl RefreshClaims {
    /// Whether it outlives its session.
    #[must_use]
    pub fn is_offline(&self) -> bool {
        super::scope::is_offline(&self.scope)
    }

    /// What its account knows it by.
    #[must_use]
    pub fn hash(&self) -> TokenHash {
        TokenHash::of(&self.jti)
    }
}

/// The next refresh token of a family: its secret, on the way to the client.
#[derive(Clone, Debug)]
pub struct NextRefresh {
    /// The family.
    pub family: FamilyId,
    /// The secret.
    pub secret: SecretToken,
}

impl NextRefresh {
    /// The first token of a fresh family.
    #[must_use]
    pub fn first(random: &dyn Random) -> Self {
        Self::of(FamilyId::from(random.uuid()), random)
    }

    /// A fresh token of `family`.
    #[must_use]
    pub fn of(family: FamilyId, random: &dyn Random) -> Self {
        Self { family, secret: SecretToken::from_bytes(random.bytes32()) }
    }

    /// What the account is told of it: how long it lives, and the key that a public
    /// client's tokens are bound to (RFC 9449 §5; a confidential client proves itself
    /// anyway).
    #[must_use]
    pub fn as_family(&self, span: Span, client: &Client, jkt: Option<&str>) -> NewFamily {
        NewFamily {
            id: self.family.clone(),
            token: self.secret.hash(),
            span,
            jkt: jkt.filter(|_| client.is_public()).map(str::to_owned),
        }
    }
}

/// Seals a refresh token until `expires_at`.
///
/// # Errors
/// As [`seal::seal`] says.
pub fn seal(
    context: &RealmContext<'_>,
    claims: &RefreshClaims,
    expires_at: Timestamp,
) -> Result<String, SealError> {
    let key = context.keyring.derive(Purpose::RefreshToken, &context.realm.id);
    seal::seal(&key, TYP, expires_at, claims)
}

/// Reads a refresh token of this realm.
///
/// # Errors
/// As [`seal::open`] says.
pub fn open(
    context: &RealmContext<'_>,
    unverified_token: &str,
) -> Result<RefreshClaims, OpenError> {
    let key = context.keyring.derive(Purpose::RefreshToken, &context.realm.id);
    seal::open(&key, TYP, unverified_token, context.now)
}
