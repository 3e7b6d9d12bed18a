//! Groups: a tree inside one organization. (Their API comes with Keycloak's
//! Organizations API; tokens carry them already.)
use super::store;
use crate::kernel::id::{GroupId, UserId};
use crate::platform::random::Random;
use crate::platform::row::StoreError;
use crate::platform::sql::Sql;

/// Finds the group at `path` (`/Guides/Rafting`), making what is missing of it.
///
/// # Errors
/// `Refused` when SQLite fails.
pub fn ensure_path(
    sql: &dyn Sql,
    random: &dyn Random,
    path: &str,
) -> Result<Option<GroupId>, StoreError> {
    let mut parent: Option<GroupId> = None;
    for name in path.split('/').filter(|name| !name.is_empty()) {
        let found = store::group::find_child(sql, parent.as_ref(), name)?;
        let group = if let Some(group) = found {
            group
        } else {
            let group = GroupId::from(random.uuid());
            store::group::insert(sql, &group, parent.as_ref(), name)?;
            group
        };
        parent = Some(group);
    }
    Ok(parent)
}

/// Puts a member into a group; once is as good as twice.
///
/// # Errors
/// `Refused` when SQLite fails, or when the user is not a member.
pub fn add_member(sql: &dyn Sql, group: &GroupId, user: &UserId) -> Result<(), StoreError> {
    store::group::insert_member(sql, group, user)
}

/// The paths of the groups a member is in directly, sorted.
///
/// # Errors
/// `Refused` when SQLite fails.
pub fn list_paths(sql: &dyn Sql, user: &UserId) -> Result<Vec<String>, StoreError> {
    store::group::list_paths(sql, user)
}
