//! `GET /Users`: a page of the organization's users (RFC 7644 §3.4.2).
use super::error::Refusal;
use super::filter::Filter;
use super::store;
use super::store::user::Part;
use super::user::ScimUser;
use crate::platform::sql::Sql;

/// Users of a page when the client names no number.
pub const DEFAULT_COUNT: i64 = 100;

/// Most users of a page, whatever the client names (`filter.maxResults`).
pub const MAX_COUNT: i64 = 200;

/// What a client asks for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Wanted {
    /// Which users.
    pub filter: Filter,
    /// The place of the first one, counted from 1.
    pub start_index: i64,
    /// How many at most.
    pub count: i64,
}

/// A page.
#[derive(Clone, Debug)]
pub struct Listed {
    /// How many the filter lets through, on all pages.
    pub total: i64,
    /// The place of the first one, counted from 1.
    pub start_index: i64,
    /// The users of this page.
    pub users: Vec<ScimUser>,
}

impl Wanted {
    /// Reads the parameters. RFC 7644 §3.4.2.4: a `startIndex` below 1 is 1, a
    /// negative `count` is 0.
    ///
    /// # Errors
    /// `Filter`, or `Value` for a number that is none.
    pub fn read<'a>(get: impl Fn(&str) -> Option<&'a str>) -> Result<Self, Refusal> {
        let number = |name: &str, default: i64| match get(name) {
            None | Some("") => Ok(default),
            Some(text) => {
                text.parse().map_err(|_| Refusal::Value(format!("{name} is not a whole number")))
            }
        };
        Ok(Self {
            filter: match get("filter") {
                None | Some("") => Filter::default(),
                Some(text) => Filter::read(text)?,
            },
            start_index: number("startIndex", 1)?.max(1),
            count: number("count", DEFAULT_COUNT)?.clamp(0, MAX_COUNT),
        })
    }
}

/// A page of the organization's users, the oldest first.
///
/// # Errors
/// `Store` when SQLite fails.
pub fn list(sql: &dyn Sql, wanted: &Wanted) -> Result<Listed, Refusal> {
    let part = Part { offset: wanted.start_index - 1, limit: wanted.count };
    Ok(Listed {
        total: store::user::count(sql, &wanted.filter)?,
        start_index: wanted.start_index,
        users: store::user::list(sql, &wanted.filter, part)?,
    })
}
