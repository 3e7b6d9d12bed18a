//! Lock-out: how many wrong passwords an account bears.
use crate::kernel::time::{Seconds, Timestamp};
use crate::realm::settings::Settings;
use serde::{Deserialize, Serialize};

/// The realm's rule.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LockoutRule {
    /// Wrong passwords in a row that lock the account; 0 locks never.
    pub max_failures: u32,
    /// How long it stays locked.
    pub lasts: Seconds,
    /// Failures up to then are forgotten: an administrator unlocked everybody.
    #[serde(default = "the_beginning")]
    pub forgotten_at: Timestamp,
}

const fn the_beginning() -> Timestamp {
    Timestamp::from_unix(0)
}

impl LockoutRule {
    /// The rule of a realm.
    #[must_use]
    pub const fn of(settings: &Settings) -> Self {
        Self {
            max_failures: settings.failures_before_lockout(),
            lasts: settings.lockout,
            forgotten_at: Timestamp::from_unix(settings.failures_forgotten_at),
        }
    }
}

/// What an account remembers of failed logins.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Lockout {
    /// Wrong passwords since the last right one, or since the last lock.
    pub failures: u32,
    /// The account is locked before this moment.
    pub locked_until: Timestamp,
    /// When the last of them was.
    pub failed_at: Timestamp,
}

impl Lockout {
    /// An account that nobody mistyped.
    pub const NONE: Self =
        Self { failures: 0, locked_until: the_beginning(), failed_at: the_beginning() };

    /// Whether no password is right at `now`.
    #[must_use]
    pub fn is_locked(self, now: Timestamp) -> bool {
        now < self.locked_until
    }

    /// The same, unless the rule says to forget it.
    #[must_use]
    pub fn unless_forgotten(self, rule: LockoutRule) -> Self {
        let once = rule.forgotten_at > the_beginning();
        if once && self.failed_at <= rule.forgotten_at { Self::NONE } else { self }
    }

    /// The state after one more wrong password. A locked account stays locked
    /// as long as it was: trying on does not keep its owner out longer.
    #[must_use]
    pub fn after_failure(self, rule: LockoutRule, now: Timestamp) -> Self {
        let failures = self.failures.saturating_add(1);
        if rule.max_failures == 0 || failures < rule.max_failures {
            return Self { failures, failed_at: now, ..self };
        }
        Self { failures: 0, locked_until: now + rule.lasts, failed_at: now }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Timestamp = Timestamp::from_unix(1_800_000_000);
    const RULE: LockoutRule =
        LockoutRule { max_failures: 3, lasts: Seconds::minutes(15), forgotten_at: the_beginning() };

    fn after(failures: usize, rule: LockoutRule) -> Lockout {
        (0..failures).fold(Lockout::NONE, |lockout, _| lockout.after_failure(rule, NOW))
    }

    #[test]
    fn the_last_allowed_failure_locks() {
        assert!(!after(2, RULE).is_locked(NOW));
        assert!(after(3, RULE).is_locked(NOW));
    }

    #[test]
    fn a_lock_opens_at_its_end() {
        let locked = after(3, RULE);
        let end = NOW + RULE.lasts;
        assert!(locked.is_locked(end - Seconds(1)));
        assert!(!locked.is_locked(end));
    }

    #[test]
    fn what_was_before_an_unlocking_is_forgotten() {
        let locked = after(3, RULE);
        let unlocked = |at| locked.unless_forgotten(LockoutRule { forgotten_at: at, ..RULE });
        assert!(unlocked(NOW - Seconds(1)).is_locked(NOW));
        assert!(!unlocked(NOW).is_locked(NOW));
    }

    #[test]
    fn no_limit_never_locks() {
        let rule = LockoutRule { max_failures: 0, ..RULE };
        assert!(!after(1000, rule).is_locked(NOW));
    }
}
