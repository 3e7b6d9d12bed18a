//! `GET /Groups`: a page of the organization's groups (RFC 7644 §3.4.2), and what is
//! told of their members.
use super::error::Refusal;
use super::group::{MAX_TOLD_MEMBERS, Member, ScimGroup, Telling};
use super::list::Listed;
use super::projection::Projection;
use super::query::{From, Query};
use super::shape::Shape;
use super::store;
use crate::kernel::id::GroupId;
use crate::platform::row::StoreError;
use crate::platform::sql::Sql;
use std::collections::HashMap;

/// How many names are folded at once.
const FOLDED_AT_ONCE: i64 = 500;

/// A page of the organization's groups; the oldest first, unless asked otherwise.
///
/// # Errors
/// `Store` when SQLite fails.
pub fn list_groups(sql: &dyn Sql, query: &Query) -> Result<Listed<ScimGroup>, Refusal> {
    fold_names(sql)?;
    let (resources, next) = store::group::list(sql, query)?;
    let by_index = match &query.from {
        From::Index(first) => Some(*first),
        From::Start | From::After(_) => None,
    };
    Ok(Listed {
        total: store::group::count(sql, query)?,
        start_index: by_index,
        next: next.filter(|_| by_index.is_none()).map(|cursor| cursor.to_text()),
        resources,
    })
}

/// The members of each of `groups`, if the answer tells them.
///
/// # Errors
/// `TooManyTold`; `Store` when SQLite fails.
pub fn members_of(
    sql: &dyn Sql,
    groups: &[ScimGroup],
    telling: Telling,
) -> Result<Option<HashMap<GroupId, Vec<Member>>>, Refusal> {
    if telling == Telling::Nothing {
        return Ok(None);
    }
    let ids: Vec<&GroupId> = groups.iter().map(|group| &group.id).collect();
    let members = store::group_member::list_members(sql, &ids, telling, MAX_TOLD_MEMBERS + 1)?;
    if i64::try_from(members.len()).is_ok_and(|count| count <= MAX_TOLD_MEMBERS) {
        return Ok(Some(store::group_member::by_group(members)));
    }
    Err(Refusal::TooManyTold)
}

/// Folds the names that SQL could not: it knows the case of ASCII only.
fn fold_names(sql: &dyn Sql) -> Result<(), StoreError> {
    loop {
        let unfolded = store::group::list_unfolded(sql, FOLDED_AT_ONCE)?;
        if unfolded.is_empty() {
            return Ok(());
        }
        for (group, name) in unfolded {
            store::group::set_folded(sql, &group, &name.to_lowercase())?;
        }
    }
}

/// What an answer tells of members, so that none are read in vain.
#[must_use]
pub fn telling(shape: &Shape, projection: &Projection) -> Telling {
    if !projection.shows(shape, "members") {
        Telling::Nothing
    } else if projection.shows_part(shape, "members", "display") {
        Telling::Names
    } else {
        Telling::Members
    }
}
