//! How often a person may type a device's code (RFC 8628 §5.1): a code is short, so
//! that it can be typed, and could be guessed by who may try as often as they like.
use super::store;
use crate::kernel::time::{Seconds, Timestamp};
use crate::platform::object::Call;
use crate::platform::row::StoreError;
use crate::platform::sql::Sql;
use serde::{Deserialize, Serialize};

/// Most codes that a person types within [`GUESS_WINDOW`], right ones too: somebody
/// who guesses can have as many right ones as they want. With the 20^8 codes there
/// are, ten tries hit one of a thousand that wait with a chance of 1 in 2.5 million.
pub const MAX_GUESSES: u32 = 10;

/// How long they count, from the first on.
pub const GUESS_WINDOW: Seconds = Seconds::minutes(10);

/// "This person types a device's code." Answers whether it may be looked at.
#[derive(Debug, Serialize, Deserialize)]
pub struct TypeUserCode {}

impl Call for TypeUserCode {
    const NAME: &'static str = "account.device.type";
    type Answer = bool;

    fn of_blank() -> Option<bool> {
        Some(false)
    }
}

/// The codes that a person typed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Guesses {
    /// How many.
    pub count: u32,
    /// From when on they count.
    pub since: Timestamp,
}

impl Guesses {
    /// The state after one more at `now`; `None` when that is one too many.
    #[must_use]
    pub fn after_one_more(self, now: Timestamp) -> Option<Self> {
        if now >= self.since + GUESS_WINDOW {
            return Some(Self { count: 1, since: now });
        }
        let count = self.count.saturating_add(1);
        (count <= MAX_GUESSES).then_some(Self { count, ..self })
    }
}

/// Counts the code, before anybody looks whether it is right.
///
/// # Errors
/// `Refused` when SQLite fails.
pub fn count(sql: &dyn Sql, now: Timestamp) -> Result<bool, StoreError> {
    let first = Guesses { count: 1, since: now };
    let next = match store::device_guess::find(sql)? {
        Some(guesses) => guesses.after_one_more(now),
        None => Some(first),
    };
    match next {
        Some(guesses) => store::device_guess::put(sql, guesses).map(|()| true),
        None => Ok(false),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Timestamp = Timestamp::from_unix(1_800_000_000);

    #[test]
    fn the_last_one_allowed_is_allowed_and_the_next_when_the_window_is_over() {
        let last = Guesses { count: MAX_GUESSES - 1, since: NOW };
        let full = last.after_one_more(NOW).unwrap();
        assert_eq!(full, Guesses { count: MAX_GUESSES, since: NOW });
        let end = NOW + GUESS_WINDOW;
        assert_eq!(full.after_one_more(end - Seconds(1)), None);
        assert_eq!(full.after_one_more(end), Some(Guesses { count: 1, since: end }));
    }
}
