//! Time as data: nothing in the domain reads a clock.
use serde::{Deserialize, Serialize};
use std::ops::{Add, Sub};

/// Seconds since 1970-01-01T00:00:00Z, as JWT `NumericDate` (RFC 7519 §2); that
/// moment when nothing else is said.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Timestamp(i64);

impl Timestamp {
    /// The moment `seconds` after the epoch.
    #[must_use]
    pub const fn from_unix(seconds: i64) -> Self {
        Self(seconds)
    }

    /// The start of a day, UTC; `None` when the calendar has no such day.
    #[must_use]
    pub const fn from_date(year: i64, month: i64, day: i64) -> Option<Self> {
        if month < 1 || month > 12 || day < 1 || day > days_in(year, month) {
            return None;
        }
        Some(Self(days_before(year, month, day) * 86_400))
    }

    /// Seconds since the epoch.
    #[must_use]
    pub const fn as_unix(self) -> i64 {
        self.0
    }

    /// Milliseconds since the epoch, as Keycloak's admin API writes times.
    #[must_use]
    pub const fn as_unix_millis(self) -> i64 {
        self.0 * 1000
    }

    /// `yyyy-MM-ddTHH:mm:ssZ` (RFC 3339, UTC), as SCIM writes times
    /// (RFC 7643 §2.3.5).
    #[must_use]
    pub fn to_rfc3339(self) -> String {
        let civil = self.civil();
        let [hour, minute, second] = civil.clock;
        format!(
            "{:04}-{:02}-{:02}T{hour:02}:{minute:02}:{second:02}Z",
            civil.year, civil.month, civil.day
        )
    }

    /// `yyyy-MM-dd'T'HH:mm'Z'`: Phase Two's invitation dates, UTC without
    /// seconds (reference phasetwo.md §1.1).
    #[must_use]
    pub fn to_minutes(self) -> String {
        let civil = self.civil();
        let [hour, minute, _] = civil.clock;
        format!("{:04}-{:02}-{:02}T{hour:02}:{minute:02}Z", civil.year, civil.month, civil.day)
    }

    /// `15 January 2027`: the day, UTC, as people write it.
    #[must_use]
    pub fn to_date(self) -> String {
        const MONTHS: [&str; 12] = [
            "January",
            "February",
            "March",
            "April",
            "May",
            "June",
            "July",
            "August",
            "September",
            "October",
            "November",
            "December",
        ];
        let civil = self.civil();
        let place = usize::try_from(civil.month - 1).unwrap_or_default();
        format!("{} {} {}", civil.day, MONTHS.get(place).copied().unwrap_or_default(), civil.year)
    }

    /// Proleptic Gregorian date and time of day, UTC. The day arithmetic is
    /// Howard Hinnant's `civil_from_days`: eras of 400 years, years from March.
    const fn civil(self) -> Civil {
        let days = self.0.div_euclid(86_400);
        let second_of_day = self.0.rem_euclid(86_400);
        let shifted = days + 719_468;
        let era = shifted.div_euclid(146_097);
        let day_of_era = shifted.rem_euclid(146_097);
        let year_of_era =
            (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
        let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
        let month_from_march = (5 * day_of_year + 2) / 153;
        let month = if month_from_march < 10 { month_from_march + 3 } else { month_from_march - 9 };
        Civil {
            year: year_of_era + era * 400 + if month <= 2 { 1 } else { 0 },
            month,
            day: day_of_year - (153 * month_from_march + 2) / 5 + 1,
            clock: [second_of_day / 3600, second_of_day / 60 % 60, second_of_day % 60],
        }
    }
}

const fn days_in(year: i64, month: i64) -> i64 {
    match month {
        2 if year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

/// Days from 1970-01-01 to the date: Howard Hinnant's `days_from_civil`.
const fn days_before(year: i64, month: i64, day: i64) -> i64 {
    let year = if month <= 2 { year - 1 } else { year };
    let era = year.div_euclid(400);
    let year_of_era = year.rem_euclid(400);
    let month_from_march = (month + 9) % 12;
    let day_of_year = (153 * month_from_march + 2) / 5 + day - 1;
    let day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
    era * 146_097 + day_of_era - 719_468
}

struct Civil {
    year: i64,
    month: i64,
    day: i64,
    clock: [i64; 3],
}

/// A length of time in whole seconds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Seconds(pub u32);

impl Seconds {
    /// `n` minutes.
    #[must_use]
    pub const fn minutes(n: u32) -> Self {
        Self(n * 60)
    }

    /// `n` hours.
    #[must_use]
    pub const fn hours(n: u32) -> Self {
        Self(n * 3600)
    }

    /// `n` days.
    #[must_use]
    pub const fn days(n: u32) -> Self {
        Self(n * 86_400)
    }
}

impl Add<Seconds> for Timestamp {
    type Output = Self;

    fn add(self, length: Seconds) -> Self {
        Self(self.0.saturating_add(i64::from(length.0)))
    }
}

impl Sub<Seconds> for Timestamp {
    type Output = Self;

    fn sub(self, length: Seconds) -> Self {
        Self(self.0.saturating_sub(i64::from(length.0)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_are_written_as_rfc_3339() {
        let known = [
            (0, "1970-01-01T00:00:00Z"),
            (951_782_399, "2000-02-28T23:59:59Z"),
            (951_782_400, "2000-02-29T00:00:00Z"),
            (1_800_000_000, "2027-01-15T08:00:00Z"),
            (-1, "1969-12-31T23:59:59Z"),
            (4_107_542_400, "2100-03-01T00:00:00Z"),
        ];
        for (seconds, text) in known {
            assert_eq!(Timestamp::from_unix(seconds).to_rfc3339(), text);
        }
    }

    #[test]
    fn people_read_days() {
        assert_eq!(Timestamp::from_unix(1_800_000_000).to_date(), "15 January 2027");
        assert_eq!(Timestamp::from_unix(1_798_761_599).to_date(), "31 December 2026");
    }

    #[test]
    fn phase_two_dates_have_no_seconds() {
        assert_eq!(Timestamp::from_unix(1_800_000_059).to_minutes(), "2027-01-15T08:00Z");
    }
}
