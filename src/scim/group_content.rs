//! What SCIM says of an organization's groups, as an export takes it along and an
//! import brings it.
use super::group_document::MAX_EXTERNAL_ID_BYTES;
use super::store;
use crate::kernel::id::{GroupId, ScimId};
use crate::kernel::time::Timestamp;
use crate::org::content::{Most, TooMany};
use crate::platform::row::StoreError;
use crate::platform::sql::Sql;
use serde::{Deserialize, Serialize};
use std::collections::HashMap;

/// What the directory said of a group. Of one about which it said nothing, there is
/// none: it begins anew.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ScimGroupContent {
    /// The group.
    pub group: GroupId,
    /// The directory's own key.
    pub external_id: Option<String>,
    /// Grows with every change.
    pub version: i64,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it last changed.
    pub updated_at: Timestamp,
    /// Who is put into it with their membership.
    pub pending: Vec<ScimId>,
}

/// A key that is longer than a group has.
#[derive(Debug, thiserror::Error)]
#[error("an externalId has at most {MAX_EXTERNAL_ID_BYTES} bytes")]
pub struct LongKey;

/// What the directory said of groups, by group.
///
/// # Errors
/// `Refused` when SQLite fails; in it `TooMany`.
pub fn read(
    sql: &dyn Sql,
    most: Most,
) -> Result<Result<Vec<ScimGroupContent>, TooMany>, StoreError> {
    let pending = store::group_member::list_all_pending(sql, TooMany::limit(most.rows))?;
    let groups = store::group::list_whole(sql, TooMany::limit(most.rows))?;
    Ok(TooMany::check(pending, "pending members of groups", most.rows).and_then(|pending| {
        let mut by_group: HashMap<GroupId, Vec<ScimId>> = HashMap::new();
        for (group, user) in pending {
            by_group.entry(group).or_default().push(user);
        }
        let mut groups = TooMany::check(groups, "groups", most.rows)?;
        for group in &mut groups {
            group.pending = by_group.remove(&group.group).unwrap_or_default();
        }
        groups.retain(|group| group.external_id.is_some() || !group.pending.is_empty());
        Ok(groups)
    }))
}

/// Passes what can be.
///
/// # Errors
/// `LongKey`.
pub fn check(content: &ScimGroupContent) -> Result<(), LongKey> {
    let length = content.external_id.as_ref().map_or(0, String::len);
    if length <= MAX_EXTERNAL_ID_BYTES { Ok(()) } else { Err(LongKey) }
}

/// Brings it in, after groups and users: call it in a transaction. Pending is who has
/// a resource and is no member.
///
/// # Errors
/// `Refused` when SQLite fails.
pub fn write(sql: &dyn Sql, content: &ScimGroupContent) -> Result<(), StoreError> {
    let ids: Vec<&str> = content.pending.iter().map(ScimId::as_str).collect();
    let known = store::group_member::list_known(sql, &ids)?;
    let pending: Vec<&ScimId> =
        known.iter().filter(|one| !one.is_member).map(|one| &one.id).collect();
    store::group_member::insert_pending(sql, &content.group, &pending)?;
    store::group::set_whole(sql, content)
}
