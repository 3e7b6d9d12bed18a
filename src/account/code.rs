//! The authorization code (RFC 6749 §4.1.2): what it holds and when it may be
//! redeemed.
use super::grant::Granted;
use super::session::Session;
use super::session_rule::SessionRule;
use crate::crypto::pkce;
use crate::kernel::id::{FamilyId, SessionId};
use crate::kernel::time::{Seconds, Timestamp};
use serde::{Deserialize, Serialize};

/// How long a code lives. RFC 6749 §4.1.2 recommends at most ten minutes; we
/// take one, because a browser redirect needs seconds.
pub const CODE_LIFETIME: Seconds = Seconds::minutes(1);

/// What a code stands for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CodeGrant {
    /// The permission.
    pub granted: Granted,
    /// Where the code was sent; redeeming it must name the same.
    pub redirect_uri: String,
    /// PKCE, S256 (RFC 7636 §4.3); none for a confidential client that need not
    /// use it and did not.
    pub code_challenge: Option<String>,
    /// For the ID token (OIDC Core §3.1.2.1).
    pub nonce: Option<String>,
    /// The thumbprint of the key with which it must be redeemed (RFC 9449 §10).
    #[serde(default)]
    pub dpop_jkt: Option<String>,
}

/// A code, as its account keeps it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Code {
    /// The session in which it was granted.
    pub session: SessionId,
    /// What it stands for.
    pub grant: CodeGrant,
    /// Where it is in its life.
    pub stage: Stage,
}

/// Where a code is in its life.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Stage {
    /// It may be redeemed before `expires_at`.
    Issued {
        /// Too late from then on.
        expires_at: Timestamp,
    },
    /// It was redeemed, and maybe started a refresh family.
    Redeemed {
        /// The family.
        family: Option<FamilyId>,
    },
}

/// What a client presents, and the session behind the code.
pub struct Redemption<'a> {
    /// The client, authenticated.
    pub client_id: &'a str,
    /// Its `redirect_uri`.
    pub redirect_uri: &'a str,
    /// Its `code_verifier`, if it brings one.
    pub code_verifier: Option<&'a str>,
    /// The thumbprint of the key that the client proved to have.
    pub jkt: Option<&'a str>,
    /// The code's session, if it still is there.
    pub session: Option<&'a Session>,
    /// The realm's rule on sessions.
    pub rule: SessionRule,
    /// The current time.
    pub now: Timestamp,
}

/// Why a code is not redeemed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
pub enum CodeRefusal {
    /// No code has this hash.
    #[error("no such code")]
    Unknown,
    /// It was given to another client.
    #[error("the code belongs to another client")]
    WrongClient,
    /// It was redeemed before: two parties have it.
    #[error("the code was redeemed before")]
    AlreadyRedeemed,
    /// Its minute is over.
    #[error("the code has expired")]
    Expired,
    /// Another `redirect_uri` than the one it was sent to.
    #[error("redirect_uri differs from the authorization request")]
    RedirectMismatch,
    /// Whoever redeems it is not who asked for it.
    #[error("code_verifier does not match code_challenge")]
    PkceMismatch,
    /// It is bound to a key, and another one or none was proved.
    #[error("the code is bound to another key")]
    WrongKey,
    /// The person signed out meanwhile.
    #[error("the session has ended")]
    SessionEnded,
}

type Rule = fn(&Code, &Redemption<'_>) -> Result<(), CodeRefusal>;

/// RFC 6749 §4.1.3 and RFC 7636 §4.6, in the order they run. `same_client` is
/// first so that a stranger's replay is never mistaken for the owner's.
const RULES: &[Rule] =
    &[same_client, is_live, same_redirect_uri, verifier_matches, same_key, session_is_live];

/// Tells whether `code` may be redeemed.
///
/// # Errors
/// The first rule that `asked` breaks.
pub fn check(code: &Code, asked: &Redemption<'_>) -> Result<(), CodeRefusal> {
    RULES.iter().try_for_each(|rule| rule(code, asked))
}

fn same_client(code: &Code, asked: &Redemption<'_>) -> Result<(), CodeRefusal> {
    let same = code.grant.granted.client_id == asked.client_id;
    if same { Ok(()) } else { Err(CodeRefusal::WrongClient) }
}

fn is_live(code: &Code, asked: &Redemption<'_>) -> Result<(), CodeRefusal> {
    match code.stage {
        Stage::Issued { expires_at } if asked.now < expires_at => Ok(()),
        Stage::Issued { .. } => Err(CodeRefusal::Expired),
        Stage::Redeemed { .. } => Err(CodeRefusal::AlreadyRedeemed),
    }
}

fn same_redirect_uri(code: &Code, asked: &Redemption<'_>) -> Result<(), CodeRefusal> {
    let same = code.grant.redirect_uri == asked.redirect_uri;
    if same { Ok(()) } else { Err(CodeRefusal::RedirectMismatch) }
}

fn verifier_matches(code: &Code, asked: &Redemption<'_>) -> Result<(), CodeRefusal> {
    let matches = match (&code.grant.code_challenge, asked.code_verifier) {
        (Some(challenge), Some(verifier)) => pkce::matches_s256(challenge, verifier),
        // RFC 9700 §2.1.1: a verifier without a challenge says that somebody took
        // the challenge away.
        (Some(_), None) | (None, Some(_)) => false,
        (None, None) => true,
    };
    if matches { Ok(()) } else { Err(CodeRefusal::PkceMismatch) }
}

/// RFC 9449 §10.
fn same_key(code: &Code, asked: &Redemption<'_>) -> Result<(), CodeRefusal> {
    let same = code.grant.dpop_jkt.is_none() || code.grant.dpop_jkt.as_deref() == asked.jkt;
    if same { Ok(()) } else { Err(CodeRefusal::WrongKey) }
}

fn session_is_live(_code: &Code, asked: &Redemption<'_>) -> Result<(), CodeRefusal> {
    let live = asked.session.is_some_and(|session| session.is_live(asked.rule, asked.now));
    if live { Ok(()) } else { Err(CodeRefusal::SessionEnded) }
}
