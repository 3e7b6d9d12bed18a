//! A page of resources (RFC 7644 §3.4.2, RFC 9865).
use super::error::Refusal;
use super::query::{From, Query};
use super::store;
use super::store::condition;
use super::store::user::Users;
use super::user::ScimUser;
use super::{normal, shape::Shape};
use crate::platform::row::StoreError;
use crate::platform::sql::Sql;

/// How many users get their normal form at once.
const REREAD: i64 = 500;

/// A page.
#[derive(Clone, Debug)]
pub struct Listed<T> {
    /// How many the filter lets through, on all pages.
    pub total: i64,
    /// The place of the first one, counted from 1; none in a list by cursor.
    pub start_index: Option<i64>,
    /// The cursor of the next page, in a list by cursor that goes on.
    pub next: Option<String>,
    /// The resources of this page.
    pub resources: Vec<T>,
}

/// A page of the organization's users; the oldest first, unless asked otherwise.
///
/// # Errors
/// `Store` when SQLite fails.
pub fn list_users(sql: &dyn Sql, query: &Query) -> Result<Listed<ScimUser>, Refusal> {
    if query.sort.is_some() || condition::needs_normal(&Users, &query.filter) {
        reread(sql)?;
    }
    let (resources, next) = store::user::list(sql, query)?;
    let by_index = match &query.from {
        From::Index(first) => Some(*first),
        From::Start | From::After(_) => None,
    };
    Ok(Listed {
        total: store::user::count(sql, query)?,
        start_index: by_index,
        next: next.filter(|_| by_index.is_none()).map(|cursor| cursor.to_text()),
        resources,
    })
}

/// Makes the normal forms that are missing: of users from before there were any, and
/// of all when the schemas have changed.
fn reread(sql: &dyn Sql) -> Result<(), StoreError> {
    let mut unread = store::user::list_unread(sql, REREAD)?;
    if unread.is_empty() {
        return Ok(());
    }
    let shape = Shape::of_users(sql)?;
    while !unread.is_empty() {
        for user in &unread {
            store::user::set_normal(sql, &user.id, &normal::of(&user.document, &shape))?;
        }
        unread = store::user::list_unread(sql, REREAD)?;
    }
    Ok(())
}
