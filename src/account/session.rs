//! Sessions: a browser, or a password grant, that has proved who it is.
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
}

impl Session {
    /// Whether the session may be used at `now`, in a realm where `idle` unused
    /// seconds end it.
    #[must_use]
    pub fn is_live(&self, idle: Seconds, now: Timestamp) -> bool {
        self.ended_at.is_none() && now < self.expires_at && now < self.last_seen_at + idle
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
    /// When the person proved who they are: now.
    pub authenticated_at: Timestamp,
    /// It is over then.
    pub expires_at: Timestamp,
}

impl NewSession {
    /// A fresh session of `user` that lasts `life` at most.
    #[must_use]
    pub fn fresh(user: &UserId, random: &dyn Random, life: Seconds, now: Timestamp) -> Self {
        Self {
            id: fresh_id(user, random),
            secret: Secret::new(SecretToken::from_bytes(random.bytes32()).to_text()),
            authenticated_at: now,
            expires_at: now + life,
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

    fn session() -> Session {
        Session {
            id: "s".parse().unwrap(),
            authenticated_at: NOW,
            last_seen_at: NOW,
            expires_at: NOW + Seconds::hours(10),
            ended_at: None,
        }
    }

    #[test]
    fn a_session_ends_at_the_second_its_idle_time_is_over() {
        assert!(session().is_live(IDLE, NOW + IDLE - Seconds(1)));
        assert!(!session().is_live(IDLE, NOW + IDLE));
    }

    #[test]
    fn a_session_ends_however_much_it_is_used() {
        let end = NOW + Seconds::hours(10);
        let used = Session { last_seen_at: end - Seconds(1), ..session() };
        assert!(used.is_live(IDLE, end - Seconds(1)));
        assert!(!used.is_live(IDLE, end));
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
        assert!(!Session { ended_at: Some(NOW), ..session() }.is_live(IDLE, NOW));
    }
}
