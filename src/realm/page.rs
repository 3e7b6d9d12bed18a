//! A page of a list: Keycloak's `first` and `max`.
use crate::web::form::Form;

/// The most rows one answer holds. Who asks for more, or for all, gets what
/// there is up to here; when there is more, an error that says so, and not a
/// list that looks complete.
pub const MAX_PAGE_ROWS: i64 = 10_000;

/// A part of a list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Page {
    /// How many to pass over.
    pub first: i64,
    /// How many at most, as a statement's `LIMIT`; at most one more than
    /// [`MAX_PAGE_ROWS`], so that [`Page::check`] can tell that there is more.
    pub max: i64,
}

/// A `first` or `max` that is not a number.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0} is not a whole number")]
pub struct BadPage(&'static str);

/// More than one answer holds.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
#[error("there are more than {MAX_PAGE_ROWS} (MAX_PAGE_ROWS): ask for pages with first and max")]
pub struct TooMany;

impl Page {
    /// The page that `query` asks for; `max` is `default` when it names none. A
    /// negative number means no bound, as in Keycloak (reference keycloak.md
    /// §1.3).
    ///
    /// # Errors
    /// [`BadPage`] for anything but whole numbers.
    pub fn read(query: &Form, default: i64) -> Result<Self, BadPage> {
        let number = |name: &'static str| match query.first(name) {
            None | Some("") => Ok(None),
            Some(text) => text.parse::<i64>().map(Some).map_err(|_| BadPage(name)),
        };
        let unbounded = MAX_PAGE_ROWS + 1;
        let max = number("max")?.unwrap_or(default);
        Ok(Self {
            first: number("first")?.unwrap_or(0).clamp(0, i64::from(u32::MAX)),
            max: if max < 0 { unbounded } else { max.min(unbounded) },
        })
    }

    /// Passes `rows`, unless there are more than one answer holds.
    ///
    /// # Errors
    /// [`TooMany`].
    pub fn check<T>(rows: Vec<T>) -> Result<Vec<T>, TooMany> {
        if i64::try_from(rows.len()).is_ok_and(|count| count <= MAX_PAGE_ROWS) {
            Ok(rows)
        } else {
            Err(TooMany)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(query: &str) -> Result<Page, BadPage> {
        Page::read(&Form::parse(query.as_bytes()), 100)
    }

    #[test]
    fn a_page_is_what_was_asked_for() {
        assert_eq!(read(""), Ok(Page { first: 0, max: 100 }));
        assert_eq!(read("first=20&max=10"), Ok(Page { first: 20, max: 10 }));
        assert_eq!(read("first=&max=0"), Ok(Page { first: 0, max: 0 }));
    }

    #[test]
    fn a_negative_or_huge_page_is_all_there_may_be() {
        for query in ["max=-1", "max=2147483647", "max=9223372036854775807"] {
            assert_eq!(read(query), Ok(Page { first: 0, max: MAX_PAGE_ROWS + 1 }), "{query}");
        }
        assert_eq!(read("first=-5"), Ok(Page { first: 0, max: 100 }));
    }

    #[test]
    fn what_is_no_number_is_told() {
        for query in ["max=ten", "first=1.5", "max=99999999999999999999"] {
            assert!(read(query).is_err(), "{query}");
        }
    }

    #[test]
    fn a_list_that_would_be_cut_is_an_error() {
        let rows = usize::try_from(MAX_PAGE_ROWS).unwrap();
        assert!(Page::check(vec![0_u8; rows]).is_ok());
        assert_eq!(Page::check(vec![0_u8; rows + 1]), Err(TooMany));
    }
}
