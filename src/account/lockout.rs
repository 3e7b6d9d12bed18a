//! Lock-out: how many wrong passwords an account bears.
use crate::kernel::time::{Seconds, Timestamp};
use serde::{Deserialize, Serialize};

/// The realm's rule.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LockoutRule {
    /// Wrong passwords in a row that lock the account; 0 locks never.
    pub max_failures: u32,
    /// How long it stays locked.
    pub lasts: Seconds,
}

/// What an account remembers of failed logins.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Lockout {
    /// Wrong passwords since the last right one, or since the last lock.
    pub failures: u32,
    /// The account is locked before this moment.
    pub locked_until: Timestamp,
}

impl Lockout {
    /// An account that nobody mistyped.
    pub const NONE: Self = Self { failures: 0, locked_until: Timestamp::from_unix(0) };

    /// Whether no password is right at `now`.
    #[must_use]
    pub fn is_locked(self, now: Timestamp) -> bool {
        now < self.locked_until
    }

    /// The state after one more wrong password. A locked account stays locked
    /// as long as it was: trying on does not keep its owner out longer.
    #[must_use]
    pub fn after_failure(self, rule: LockoutRule, now: Timestamp) -> Self {
        let failures = self.failures.saturating_add(1);
        if rule.max_failures == 0 || failures < rule.max_failures {
            return Self { failures, ..self };
        }
        Self { failures: 0, locked_until: now + rule.lasts }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Timestamp = Timestamp::from_unix(1_800_000_000);
    const RULE: LockoutRule = LockoutRule { max_failures: 3, lasts: Seconds::minutes(15) };

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
    fn no_limit_never_locks() {
        let rule = LockoutRule { max_failures: 0, ..RULE };
        assert!(!after(1000, rule).is_locked(NOW));
    }
}
