//! Refresh families: the chain of refresh tokens that grows from one grant. Only
//! the newest of a chain works, and using an older one ends the chain: two
//! parties have it (RFC 9700 §4.14.2).
use super::grant::Granted;
use super::session::Session;
use super::session_rule::SessionRule;
use crate::crypto::token::TokenHash;
use crate::kernel::id::{FamilyId, SessionId};
use crate::kernel::time::Timestamp;
use serde::{Deserialize, Serialize};

/// The first link of a chain to be started. Whoever asks keeps the secret.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct NewFamily {
    /// The chain's id.
    pub id: FamilyId,
    /// The hash of the first token's secret.
    pub token: TokenHash,
}

/// A chain, as its account keeps it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Family {
    /// Its id.
    pub id: FamilyId,
    /// The session in which it was granted; it ends with it.
    pub session: SessionId,
    /// What was granted.
    pub granted: Granted,
    /// The hash of the newest token's secret.
    pub current: TokenHash,
    /// When the newest token was made.
    pub rotated_at: Timestamp,
    /// It is over then, used or not.
    pub expires_at: Timestamp,
    /// When it was ended early.
    pub ended_at: Option<Timestamp>,
}

impl Family {
    /// A chain of one, which lasts as long as its session may.
    #[must_use]
    pub fn sprouting(new: &NewFamily, session: &Session, granted: Granted, now: Timestamp) -> Self {
        Self {
            id: new.id.clone(),
            session: session.id.clone(),
            granted,
            current: new.token.clone(),
            rotated_at: now,
            expires_at: session.expires_at,
            ended_at: None,
        }
    }
}

/// What a client presents, and the session behind the chain.
pub struct Rotation<'a> {
    /// The client, authenticated.
    pub client_id: &'a str,
    /// The hash of the token it brings.
    pub presented: &'a TokenHash,
    /// The chain's session, if it still is there.
    pub session: Option<&'a Session>,
    /// The realm's rule on sessions; what ends one unused ends a chain.
    pub rule: SessionRule,
    /// The current time.
    pub now: Timestamp,
}

/// Why a refresh token is not taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
pub enum RotateRefusal {
    /// There is no such chain, or it was forgotten after its end.
    #[error("no such refresh family")]
    Unknown,
    /// It was given to another client.
    #[error("the refresh token belongs to another client")]
    WrongClient,
    /// The chain was ended early.
    #[error("the refresh family has ended")]
    Ended,
    /// The chain is over, or was not used for too long.
    #[error("the refresh family has expired")]
    Expired,
    /// The person signed out, or the session is over.
    #[error("the session has ended")]
    SessionEnded,
    /// Not the newest token: the chain ends here.
    #[error("the refresh token was used before")]
    Reused,
}

type Rule = fn(&Family, &Rotation<'_>) -> Result<(), RotateRefusal>;

/// RFC 6749 §6 and RFC 9700 §4.14.2, in the order they run. `same_client` is
/// first so that a stranger cannot end the owner's chain; `is_newest` is last so
/// that the end of a chain that is over anyway is not called a theft.
const RULES: &[Rule] = &[same_client, not_ended, not_expired, session_is_live, is_newest];

/// Tells whether the chain may grow.
///
/// # Errors
/// The first rule that `asked` breaks.
pub fn check(family: &Family, asked: &Rotation<'_>) -> Result<(), RotateRefusal> {
    RULES.iter().try_for_each(|rule| rule(family, asked))
}

fn same_client(family: &Family, asked: &Rotation<'_>) -> Result<(), RotateRefusal> {
    let same = family.granted.client_id == asked.client_id;
    if same { Ok(()) } else { Err(RotateRefusal::WrongClient) }
}

fn not_ended(family: &Family, _asked: &Rotation<'_>) -> Result<(), RotateRefusal> {
    if family.ended_at.is_none() { Ok(()) } else { Err(RotateRefusal::Ended) }
}

fn not_expired(family: &Family, asked: &Rotation<'_>) -> Result<(), RotateRefusal> {
    let live = asked.now < family.expires_at && asked.now < family.rotated_at + asked.rule.idle;
    if live { Ok(()) } else { Err(RotateRefusal::Expired) }
}

fn session_is_live(_family: &Family, asked: &Rotation<'_>) -> Result<(), RotateRefusal> {
    let live = asked.session.is_some_and(|session| session.is_live(asked.rule, asked.now));
    if live { Ok(()) } else { Err(RotateRefusal::SessionEnded) }
}

/// Hashes of 256 random bits: comparing them tells nothing about the secrets.
fn is_newest(family: &Family, asked: &Rotation<'_>) -> Result<(), RotateRefusal> {
    if family.current == *asked.presented { Ok(()) } else { Err(RotateRefusal::Reused) }
}
