//! Moments as Keycloak's administrators write them in a query.
use crate::kernel::time::{Seconds, Timestamp};

/// The length of a day.
const DAY: Seconds = Seconds::days(1);

/// The start of what `text` names: a day `yyyy-MM-dd` (UTC), or milliseconds
/// since 1970. `None` when it is neither.
#[must_use]
pub fn starting(text: &str) -> Option<Timestamp> {
    // Times are kept in seconds: a fraction of one begins with the next.
    day(text)
        .or_else(|| Some(Timestamp::from_unix(millis(text)?.div_euclid(1000) + fraction(text)?)))
}

/// The last second of what `text` names: of that day, or the second in which
/// those milliseconds fall.
#[must_use]
pub fn ending(text: &str) -> Option<Timestamp> {
    day(text)
        .map(|day| day + DAY - Seconds(1))
        .or_else(|| Some(Timestamp::from_unix(millis(text)?.div_euclid(1000))))
}

fn millis(text: &str) -> Option<i64> {
    text.parse().ok()
}

fn fraction(text: &str) -> Option<i64> {
    Some(i64::from(millis(text)?.rem_euclid(1000) > 0))
}

fn day(text: &str) -> Option<Timestamp> {
    let mut parts = text.splitn(3, '-');
    let mut number = |digits: usize| -> Option<i64> {
        let part = parts.next()?;
        let fits = part.len() == digits && part.bytes().all(|b| b.is_ascii_digit());
        if fits { part.parse().ok() } else { None }
    };
    Timestamp::from_date(number(4)?, number(2)?, number(2)?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_day_starts_and_ends_in_utc() {
        let known = [
            ("1970-01-01", 0),
            ("2000-02-29", 951_782_400),
            ("2027-01-15", 1_799_971_200),
            ("2100-03-01", 4_107_542_400),
        ];
        for (text, seconds) in known {
            assert_eq!(starting(text), Some(Timestamp::from_unix(seconds)), "{text}");
            assert_eq!(ending(text), Some(Timestamp::from_unix(seconds + 86_399)), "{text}");
        }
    }

    #[test]
    fn milliseconds_are_rounded_towards_what_they_bound() {
        assert_eq!(starting("1800000000001"), Some(Timestamp::from_unix(1_800_000_001)));
        assert_eq!(starting("1800000000000"), Some(Timestamp::from_unix(1_800_000_000)));
        assert_eq!(ending("1800000000999"), Some(Timestamp::from_unix(1_800_000_000)));
    }

    #[test]
    fn what_is_no_moment_is_none() {
        for text in ["", "today", "2027-1-5", "2027-13-01", "2027-02-29", "2027-01-15T08:00", "--"]
        {
            assert_eq!(starting(text), None, "{text}");
            assert_eq!(ending(text), None, "{text}");
        }
    }
}
