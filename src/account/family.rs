//! Refresh families: the chain of refresh tokens that grows from one grant. Only
//! the newest of a chain works, and using an older one ends the chain: two
//! parties have it (RFC 9700 §4.14.2).
use super::grant::Granted;
use super::session::Session;
use super::session_rule::SessionRule;
use crate::crypto::token::TokenHash;
use crate::kernel::id::{FamilyId, SessionId};
use crate::kernel::time::{Seconds, Timestamp};
use serde::{Deserialize, Serialize};

/// The first link of a chain to be started. Whoever asks keeps the secret.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct NewFamily {
    /// The chain's id.
    pub id: FamilyId,
    /// The hash of the first token's secret.
    pub token: TokenHash,
    /// How long it lives.
    #[serde(default, rename = "terms")]
    pub span: Span,
    /// The thumbprint of the key that its tokens are bound to (RFC 9449 §5).
    #[serde(default)]
    pub jkt: Option<String>,
}

/// How long a chain lives: the realm's rule, as the client's settings change it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Span {
    /// Whether it outlives its session (OIDC Core §11).
    #[serde(default)]
    pub is_offline: bool,
    /// How many unused seconds end it.
    pub idle: Seconds,
    /// How long it lives at most, used or not. `None`: as long as its session, or,
    /// when it outlives that, [`OFFLINE_LIFE`].
    #[serde(default)]
    pub life: Option<Seconds>,
}

impl Default for Span {
    /// Keycloak's default of a realm.
    fn default() -> Self {
        Self { is_offline: false, idle: Seconds::minutes(30), life: None }
    }
}

impl Span {
    /// When a chain is over, used or not, that begins at `now` in a session that is
    /// over at `session_ends`.
    #[must_use]
    pub fn end(self, session_ends: Timestamp, now: Timestamp) -> Timestamp {
        match (self.is_offline, self.life) {
            (true, life) => now + life.unwrap_or(OFFLINE_LIFE),
            (false, Some(life)) => session_ends.min(now + life),
            (false, None) => session_ends,
        }
    }
}

/// How long an offline grant lives that nothing else ends: what is not used ends
/// much earlier. A row that nobody needs is not kept for ever.
pub const OFFLINE_LIFE: Seconds = Seconds::days(3650);

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
    /// Whether it outlives its session.
    pub is_offline: bool,
    /// The hash of the token before the newest, while that one may come once more.
    pub previous: Option<TokenHash>,
    /// The thumbprint of the key that its tokens are bound to.
    pub jkt: Option<String>,
}

impl Family {
    /// A chain of one, which lasts as long as its terms and its session say.
    #[must_use]
    pub fn sprouting(new: &NewFamily, session: &Session, granted: Granted, now: Timestamp) -> Self {
        Self {
            id: new.id.clone(),
            session: session.id.clone(),
            granted,
            current: new.token.clone(),
            rotated_at: now,
            expires_at: new.span.end(session.expires_at, now),
            ended_at: None,
            is_offline: new.span.is_offline,
            previous: None,
            jkt: new.jkt.clone(),
        }
    }

    /// Whether nothing has ended the chain: neither its own end nor its session's.
    #[must_use]
    pub fn lives(
        &self,
        session: Option<&Session>,
        rule: SessionRule,
        idle: Seconds,
        now: Timestamp,
    ) -> bool {
        self.ended_at.is_none() && self.is_fresh(idle, now) && self.stands_in(session, rule, now)
    }

    /// The same of an offline grant, which needs no session.
    #[must_use]
    pub fn lives_offline(&self, rule: SessionRule, idle: Seconds, now: Timestamp) -> bool {
        self.is_offline && self.lives(None, rule, idle, now)
    }

    fn is_fresh(&self, idle: Seconds, now: Timestamp) -> bool {
        now < self.expires_at && now < self.rotated_at + idle
    }

    /// Its session lives; or it needs none, and what began when it did was not ended
    /// with everything else of the realm.
    fn stands_in(&self, session: Option<&Session>, rule: SessionRule, now: Timestamp) -> bool {
        if self.is_offline {
            return !rule.has_ended(self.granted.authenticated_at);
        }
        session.is_some_and(|session| session.is_live(rule, now))
    }

    /// Whether `presented` is the token before the newest, whose answer got lost: it
    /// comes `grace` after it was used at the latest, once, and nobody has used the
    /// newest.
    #[must_use]
    pub fn forgives(&self, presented: &TokenHash, grace: Seconds, now: Timestamp) -> bool {
        self.previous.as_ref() == Some(presented) && now < self.rotated_at + grace
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
    /// The realm's rule on sessions.
    pub rule: SessionRule,
    /// How many unused seconds end the chain.
    pub idle: Seconds,
    /// How long the token before the newest may come once more.
    pub grace: Seconds,
    /// The thumbprint of the key that the client proved to have.
    pub jkt: Option<&'a str>,
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
    /// It is bound to a key, and another one or none was proved.
    #[error("the refresh token is bound to another key")]
    WrongKey,
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

/// RFC 6749 §6 and RFC 9700 §4.14.2, in the order they run. `same_client`
/// and `same_key` are first so that a stranger cannot end the owner's chain; `is_newest` is last so
/// that the end of a chain that is over anyway is not called a theft.
const RULES: &[Rule] = &[same_client, same_key, not_ended, not_expired, session_is_live, is_newest];

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

/// RFC 9449 §5: a bound refresh token comes with a proof of the same key.
fn same_key(family: &Family, asked: &Rotation<'_>) -> Result<(), RotateRefusal> {
    let same = family.jkt.is_none() || family.jkt.as_deref() == asked.jkt;
    if same { Ok(()) } else { Err(RotateRefusal::WrongKey) }
}

fn not_ended(family: &Family, _asked: &Rotation<'_>) -> Result<(), RotateRefusal> {
    if family.ended_at.is_none() { Ok(()) } else { Err(RotateRefusal::Ended) }
}

fn not_expired(family: &Family, asked: &Rotation<'_>) -> Result<(), RotateRefusal> {
    if family.is_fresh(asked.idle, asked.now) { Ok(()) } else { Err(RotateRefusal::Expired) }
}

fn session_is_live(family: &Family, asked: &Rotation<'_>) -> Result<(), RotateRefusal> {
    let stands = family.stands_in(asked.session, asked.rule, asked.now);
    if stands { Ok(()) } else { Err(RotateRefusal::SessionEnded) }
}

/// Hashes of 256 random bits: comparing them tells nothing about the secrets.
fn is_newest(family: &Family, asked: &Rotation<'_>) -> Result<(), RotateRefusal> {
    let will_do = family.current == *asked.presented
        || family.forgives(asked.presented, asked.grace, asked.now);
    if will_do { Ok(()) } else { Err(RotateRefusal::Reused) }
}
