//! Roles of the realm and of its clients that are mapped to an organization's groups
//! (docs/decisions/0007). What they are, the directory knows; who has them, the
//! organization. They count in tokens made in its name, and nowhere else.
use super::error::OrgError;
use super::record::{Scene, record};
use super::store;
use crate::event::audit::Change;
use crate::kernel::id::{GroupId, RoleId};
use crate::platform::row::StoreError;
use crate::platform::sql::{Sql, in_transaction};
use crate::realm::person::MAX_TOKEN_ROLES;
use crate::realm::stored_role::Container;

/// Most roles that are mapped to one group: as many as a token carries.
pub const MAX_GROUP_MAPPINGS: usize = MAX_TOKEN_ROLES;

/// What was mapped to the group itself; of one container when that is given.
///
/// # Errors
/// `Refused` when SQLite fails.
pub fn list(
    sql: &dyn Sql,
    group: &GroupId,
    container: Option<&Container>,
) -> Result<Vec<RoleId>, StoreError> {
    store::group_mapping::list(sql, group, container)
}

/// What members hold through the group and those above it, before composites.
///
/// # Errors
/// `Refused` when SQLite fails.
pub fn list_inherited(sql: &dyn Sql, group: &GroupId) -> Result<Vec<RoleId>, StoreError> {
    store::group_mapping::list_inherited(sql, group)
}

/// What was mapped to each of `groups` itself.
///
/// # Errors
/// `Refused` when SQLite fails.
pub fn list_of_many(
    sql: &dyn Sql,
    groups: &[&GroupId],
) -> Result<Vec<(GroupId, RoleId)>, StoreError> {
    store::group_mapping::list_of_many(sql, groups)
}

/// Maps `roles` of `container` to the group. Twice is once.
///
/// # Errors
/// `Field` when the group has too many then; `Dangling` when it is gone.
pub fn grant(
    scene: &Scene<'_>,
    group: &GroupId,
    (container, roles): (&Container, &[RoleId]),
    change: Change,
) -> Result<(), OrgError> {
    in_transaction(scene.sql, || {
        store::group_mapping::insert(scene.sql, group, container, roles)?;
        let count = store::group_mapping::count(scene.sql, group)?;
        if usize::try_from(count).is_ok_and(|count| count > MAX_GROUP_MAPPINGS) {
            return Err(OrgError::Field(format!(
                "at most {MAX_GROUP_MAPPINGS} roles are mapped to a group (MAX_GROUP_MAPPINGS)"
            )));
        }
        Ok(record(scene, change)?)
    })
}

/// Takes `roles` from the group. What it does not have, it does not have.
///
/// # Errors
/// `Refused` when SQLite fails.
pub fn revoke(
    scene: &Scene<'_>,
    group: &GroupId,
    roles: &[RoleId],
    change: Change,
) -> Result<(), StoreError> {
    in_transaction(scene.sql, || {
        store::group_mapping::delete(scene.sql, group, roles)?;
        record(scene, change)
    })
}
