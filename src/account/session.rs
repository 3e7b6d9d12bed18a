//! Sessions: a browser, or a password grant, that has proved who it is.
use super::session_rule::SessionRule;
use crate::crypto::token::SecretToken;
use crate::kernel::id::{SessionId, UserId};
use crate::kernel::secret::{Secret, exposed};
use crate::kernel::time::{Seconds, Timestamp};
use crate::platform::random::Random;
use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// How often the use of a session is noted. A session may thus end this much
/// early when idle, and a page view costs no write.
pub const TOUCH_EVERY: Seconds = Seconds::minutes(1);

/// A session, as its account keeps it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Session {
    /// `sid` in tokens.
    pub id: SessionId,
    /// When the person proved who they are.
    pub authenticated_at: Timestamp,
    /// When it was last used, to within [`TOUCH_EVERY`].
    pub last_seen_at: Timestamp,
    /// It is over then, used or not.
    pub expires_at: Timestamp,
    /// When somebody ended it.
    pub ended_at: Option<Timestamp>,
    /// How long the directory's index shows it; `None` while no client knows it
    /// and the index need not.
    pub shown_until: Option<Timestamp>,
}

impl Session {
    /// Whether the session may be used at `now`, under the realm's `rule`.
    #[must_use]
    pub fn is_live(&self, rule: SessionRule, now: Timestamp) -> bool {
        self.ended_at.is_none()
            && !rule.has_ended(self.authenticated_at)
            && now < self.expires_at
            && now < self.last_seen_at + rule.idle
    }

    /// Whether the session, used at `now`, may live longer than the index shows
    /// it.
    #[must_use]
    pub fn outlives_index(&self, rule: SessionRule, now: Timestamp) -> bool {
        self.shown_until.is_some_and(|shown| shown < (now + rule.idle).min(self.expires_at))
    }

    /// Whether its use is worth noting.
    #[must_use]
    pub fn wants_touch(&self, now: Timestamp) -> bool {
        now >= self.last_seen_at + TOUCH_EVERY
    }
}

/// A session on its way to the browser.
#[derive(Debug, Serialize, Deserialize)]
pub struct NewSession {
    /// Its id.
    pub id: SessionId,
    /// What its holder proves it with; kept as a hash only.
    #[serde(serialize_with = "exposed")]
    pub secret: Secret,
    /// When the person proved who they are: now, or at the latest a second later
    /// ([`SessionRule::begins`]).
    pub authenticated_at: Timestamp,
    /// It is over then.
    pub expires_at: Timestamp,
}

impl NewSession {
    /// A fresh session of `user` that begins at `begin` and lasts `life` at most.
    #[must_use]
    pub fn fresh(user: &UserId, random: &dyn Random, life: Seconds, begin: Timestamp) -> Self {
        Self {
            id: fresh_id(user, random),
            secret: Secret::new(SecretToken::from_bytes(random.bytes32()).to_text()),
            authenticated_at: begin,
            expires_at: begin + life,
        }
    }
}

/// Random bytes of a session's id: with the sixteen of its owner's they fill the
/// 36 characters of an id. The id is no secret; its holder proves the session
/// with another.
const ID_BYTES: usize = 11;

/// An id that leads to its owner's account: 36 characters of base64url, of the
/// owner's UUID and random bytes. An owner whose id is no UUID gets a plain one.
fn fresh_id(user: &UserId, random: &dyn Random) -> SessionId {
    let made = Uuid::parse_str(user.as_str()).ok().and_then(|owner| {
        let fresh = random.bytes32();
        let bytes: Vec<u8> =
            owner.as_bytes().iter().chain(fresh.iter().take(ID_BYTES)).copied().collect();
        BASE64_URL_SAFE_NO_PAD.encode(bytes).parse().ok()
    });
    made.unwrap_or_else(|| SessionId::from(random.uuid()))
}

/// Whose account a session's id leads to; `None` for an id that does not say.
#[must_use]
pub fn owner_of(session: &SessionId) -> Option<UserId> {
    // The text of a UUID is base64url too, and says nothing.
    if Uuid::parse_str(session.as_str()).is_ok() {
        return None;
    }
    let bytes = BASE64_URL_SAFE_NO_PAD.decode(session.as_str()).ok()?;
    let owner: [u8; 16] = bytes.get(..16)?.try_into().ok()?;
    (bytes.len() == 16 + ID_BYTES).then(|| UserId::from(Uuid::from_bytes(owner)))
}

/// A session that was found alive.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LiveSession {
    /// Whose.
    pub user: UserId,
    /// Its id.
    pub id: SessionId,
    /// When the person proved who they are.
    pub authenticated_at: Timestamp,
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Timestamp = Timestamp::from_unix(1_800_000_000);
    const IDLE: Seconds = Seconds::minutes(30);
    const RULE: SessionRule = SessionRule { idle: IDLE, not_before: Timestamp::from_unix(0) };

    fn session() -> Session {
        Session {
            id: "s".parse().unwrap(),
            authenticated_at: NOW,
            last_seen_at: NOW,
            expires_at: NOW + Seconds::hours(10),
            ended_at: None,
            shown_until: None,
        }
    }

    #[test]
    fn a_session_ends_at_the_second_its_idle_time_is_over() {
        assert!(session().is_live(RULE, NOW + IDLE - Seconds(1)));
        assert!(!session().is_live(RULE, NOW + IDLE));
    }

    #[test]
    fn a_session_ends_however_much_it_is_used() {
        let end = NOW + Seconds::hours(10);
        let used = Session { last_seen_at: end - Seconds(1), ..session() };
        assert!(used.is_live(RULE, end - Seconds(1)));
        assert!(!used.is_live(RULE, end));
    }

    struct Zeros;

    impl Random for Zeros {
        fn bytes32(&self) -> [u8; 32] {
            [0; 32]
        }
    }

    #[test]
    fn an_id_leads_to_its_owner() {
        let owner: UserId = "6f1c7d0e-5b1e-4b5e-9d7f-0d1a2b3c4d5e".parse().unwrap();
        assert_eq!(owner_of(&fresh_id(&owner, &Zeros)), Some(owner));
        let odd: UserId = "chosen".parse().unwrap();
        assert_eq!(owner_of(&fresh_id(&odd, &Zeros)), None);
    }

    #[test]
    fn an_ended_session_is_over() {
        assert!(!Session { ended_at: Some(NOW), ..session() }.is_live(RULE, NOW));
    }

    #[test]
    fn a_session_is_over_when_all_up_to_its_beginning_are() {
        let ended = |not_before| SessionRule { not_before, ..RULE };
        assert!(session().is_live(ended(NOW - Seconds(1)), NOW));
        assert!(!session().is_live(ended(NOW), NOW));
    }

    #[test]
    fn the_index_is_told_of_uses_that_let_a_session_outlive_it() {
        let shown = Session { shown_until: Some(RULE.shows_until(NOW)), ..session() };
        let half = Seconds(IDLE.0 / 2);
        assert!(!shown.outlives_index(RULE, NOW + half));
        assert!(shown.outlives_index(RULE, NOW + half + Seconds(1)));
        assert!(!session().outlives_index(RULE, NOW + half + Seconds(1)), "not in the index");
        let to_its_end = Session { shown_until: Some(NOW + Seconds::hours(10)), ..session() };
        assert!(!to_its_end.outlives_index(RULE, NOW + Seconds::hours(9)));
    }
}
