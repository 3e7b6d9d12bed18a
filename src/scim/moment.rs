//! Moments as SCIM writes them: `xsd:dateTime` (RFC 7643 §2.3.5).
use crate::kernel::time::Timestamp;

/// `2011-05-13T04:42:34.5+02:00` in milliseconds since 1970; UTC when no zone is
/// given. `None` for what is no such moment, and for years beyond four digits.
#[must_use]
pub fn parse(text: &str) -> Option<i64> {
    let (date, time) = text.split_once(['T', 't'])?;
    let [year, month, day] = numbers(date, '-', [4, 2, 2])?;
    let zone = time.find(['Z', 'z', '+', '-']).unwrap_or(time.len());
    let (clock, zone) = time.split_at(zone);
    let (clock, fraction) = clock.split_once('.').unwrap_or((clock, "0"));
    let [hour, minute, second] = numbers(clock, ':', [2, 2, 2])?;
    let is_clock =
        (hour < 24 || (hour == 24 && minute == 0 && second == 0)) && minute < 60 && second < 60;
    let start = Timestamp::from_date(year, month, day).filter(|_| is_clock)?;
    let minutes = hour * 60 + minute - offset(zone)?;
    Some((start.as_unix() + minutes * 60 + second) * 1000 + millis(fraction)?)
}

/// `text` as three numbers of these many digits.
fn numbers(text: &str, between: char, digits: [usize; 3]) -> Option<[i64; 3]> {
    let mut numbers = [0; 3];
    let mut parts = text.split(between);
    for (number, digits) in numbers.iter_mut().zip(digits) {
        let part = parts.next()?;
        if part.len() != digits || !part.bytes().all(|byte| byte.is_ascii_digit()) {
            return None;
        }
        *number = part.parse().ok()?;
    }
    parts.next().is_none().then_some(numbers)
}

/// What is beyond a millisecond does not count.
fn millis(fraction: &str) -> Option<i64> {
    let is_number = !fraction.is_empty() && fraction.bytes().all(|byte| byte.is_ascii_digit());
    let digits: String = fraction.chars().chain("000".chars()).take(3).collect();
    digits.parse().ok().filter(|_| is_number)
}

/// Minutes ahead of UTC.
fn offset(zone: &str) -> Option<i64> {
    let sign = match zone.chars().next() {
        None => return Some(0),
        Some('Z' | 'z') => return (zone.len() == 1).then_some(0),
        Some('-') => -1,
        Some(_) => 1,
    };
    let (hours, minutes) = zone.get(1..)?.split_once(':')?;
    let [hours, minutes, _] = numbers(&format!("{hours}:{minutes}:00"), ':', [2, 2, 2])?;
    (hours <= 14 && minutes < 60).then_some(sign * (hours * 60 + minutes))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn moments_are_told_apart_to_the_millisecond() {
        let known = [
            ("1970-01-01T00:00:00Z", 0),
            ("2011-05-13T04:42:34Z", 1_305_261_754_000),
            ("2011-05-13T06:42:34+02:00", 1_305_261_754_000),
            ("2011-05-12T22:42:34.5-06:00", 1_305_261_754_500),
            ("2011-05-13T04:42:34.123456z", 1_305_261_754_123),
            ("2011-05-13T04:42:34", 1_305_261_754_000),
            ("2024-02-29T24:00:00Z", 1_709_251_200_000),
            ("1969-12-31T23:59:59Z", -1000),
        ];
        for (text, millis) in known {
            assert_eq!(parse(text), Some(millis), "{text}");
        }
    }

    #[test]
    fn what_is_no_moment_is_none() {
        let refused = [
            "",
            "2011-05-13",
            "2011-13-01T00:00:00Z",
            "2011-02-29T00:00:00Z",
            "2011-05-13T25:00:00Z",
            "2011-05-13T24:00:01Z",
            "2011-05-13T00:60:00Z",
            "2011-05-13T00:00:00ZZ",
            "2011-05-13T00:00:00.Z",
            "2011-05-13T00:00:00+2:00",
            "2011-05-13T00:00:00+15:00",
            "11-05-13T00:00:00Z",
            "2011-05-13T00:00Z",
            "+2011-05-13T00:00:00Z",
            "2011-05-13T00:00:00é",
        ];
        for text in refused {
            assert_eq!(parse(text), None, "{text}");
        }
    }

    #[test]
    fn what_we_write_is_read_back() {
        for day in (-200_000..200_000).step_by(97) {
            let time = Timestamp::from_unix(day * 86_400 + 12_345);
            assert_eq!(parse(&time.to_rfc3339()), Some(time.as_unix_millis()), "{time:?}");
        }
    }
}
