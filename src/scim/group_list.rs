//! A page of the organization's groups (RFC 7644 §3.4.2), and who is in them.
use super::error::Refusal;
use super::group::{MAX_TOLD_MEMBERS, Member, ScimGroup, Telling};
use super::list::{Listed, listed, reread};
use super::projection::Projection;
use super::query::Query;
use super::shape::Shape;
use super::store;
use super::store::condition;
use super::store::group::Groups;
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
    if condition::needs_normal(&Groups, &query.filter) {
        // Members are found by what they are called.
        reread(sql)?;
    }
    let (groups, next) = store::group::list(sql, query)?;
    Ok(listed(query, store::group::count(sql, query)?, groups, next))
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
pub(super) fn fold_names(sql: &dyn Sql) -> Result<(), StoreError> {
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

/// What an answer tells of members. What they are called is told when it is asked for.
#[must_use]
pub fn telling(projection: &Projection, shape: &Shape) -> Telling {
    if !projection.shows(shape, "members") {
        Telling::Nothing
    } else if projection.shows(shape, "members.display") {
        Telling::Names
    } else {
        Telling::Members
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn members_are_told_unless_they_are_not_wanted() {
        let told = |attributes: &str, excluded: &str| {
            let names = |text: &str| text.split(',').map(str::to_owned).collect();
            telling(&Projection::new(names(attributes), names(excluded)), &Shape::of_groups())
        };
        let known = [
            ("", "", Telling::Members),
            ("", "Members", Telling::Nothing),
            ("", "displayName, members", Telling::Nothing),
            ("", "urn:ietf:params:scim:schemas:core:2.0:Group:members", Telling::Nothing),
            ("", "members.display", Telling::Members),
            ("displayName", "", Telling::Nothing),
            ("displayName,members", "", Telling::Members),
            ("members.value", "", Telling::Members),
            ("members.display", "", Telling::Names),
        ];
        for (attributes, excluded, telling) in known {
            assert_eq!(told(attributes, excluded), telling, "{attributes} without {excluded}");
        }
    }
}
