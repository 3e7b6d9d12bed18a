//! The realm's rule on how long sessions live, as every question about one
//! carries it: the account's object does not know the realm's settings.
use crate::kernel::time::{Seconds, Timestamp};
use crate::realm::settings::Realm;
use serde::{Deserialize, Serialize};

/// How finely moments are told apart.
const TICK: Seconds = Seconds(1);

/// The realm's rule.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SessionRule {
    /// How many unused seconds end a session.
    #[serde(default)]
    pub idle: Seconds,
    /// What began up to then is over, whatever else is said of it.
    #[serde(default)]
    pub not_before: Timestamp,
}

impl SessionRule {
    /// The rule of a realm.
    #[must_use]
    pub const fn of(realm: &Realm) -> Self {
        Self { idle: realm.settings.sso_session_idle_timeout, not_before: realm.not_before }
    }

    /// When a session that is started at `now` begins: after whatever ended all
    /// others in the same second, if that is known already.
    #[must_use]
    pub fn begins(self, now: Timestamp) -> Timestamp {
        now.max(self.not_before + TICK)
    }

    /// Whether what began at `at` was ended with all others.
    #[must_use]
    pub fn has_ended(self, at: Timestamp) -> bool {
        at <= self.not_before
    }

    /// How long the index of sessions shows one that is used at `now`: as long as
    /// it may stay unused, and half of that longer, so that not every use has to
    /// be told.
    #[must_use]
    pub fn shows_until(self, now: Timestamp) -> Timestamp {
        now + self.idle + Seconds(self.idle.0 / 2)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Timestamp = Timestamp::from_unix(1_800_000_000);

    fn rule(not_before: Timestamp) -> SessionRule {
        SessionRule { idle: Seconds::minutes(30), not_before }
    }

    #[test]
    fn what_began_up_to_the_moment_is_over_and_what_begins_after_is_not() {
        let rule = rule(NOW);
        assert!(rule.has_ended(NOW - Seconds(1)));
        assert!(rule.has_ended(NOW));
        assert!(!rule.has_ended(NOW + Seconds(1)));
        assert!(!rule.has_ended(rule.begins(NOW)), "in the same second, but after");
        assert_eq!(rule.begins(NOW + Seconds(5)), NOW + Seconds(5));
    }

    #[test]
    fn a_realm_that_ended_nothing_ends_nothing() {
        let rule = rule(Timestamp::default());
        assert_eq!(rule.begins(NOW), NOW);
        assert!(!rule.has_ended(NOW));
    }
}
