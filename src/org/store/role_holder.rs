//! Roles of the organization that were granted to one holder, a member or a group, and
//! where they come from.
use super::role::role_from_row;
use super::to_json;
use crate::kernel::id::{GroupId, RoleId, UserId};
use crate::org::role::OrganizationRole;
use crate::org::role_holder::Holder;
use crate::platform::row::{Row, StoreError};
use crate::platform::sql::{Sql, Statement};

const LIST_OF_MEMBER: &str = "
    SELECT role.id, role.name, role.description
      FROM member_role
      JOIN role ON role.id = member_role.role_id
     WHERE member_role.user_id = ?
     ORDER BY role.name";

const LIST_OF_GROUP: &str = "
    SELECT role.id, role.name, role.description
      FROM group_role
      JOIN role ON role.id = group_role.role_id
     WHERE group_role.group_id = ?
     ORDER BY role.name";

const NOT_OF_MEMBER: &str = "
    SELECT role.id, role.name, role.description
      FROM role
     WHERE role.name > ''
       AND NOT EXISTS (SELECT 1 FROM member_role
                        WHERE member_role.user_id = ? AND member_role.role_id = role.id)
     ORDER BY role.name";

const NOT_OF_GROUP: &str = "
    SELECT role.id, role.name, role.description
      FROM role
     WHERE role.name > ''
       AND NOT EXISTS (SELECT 1 FROM group_role
                        WHERE group_role.group_id = ? AND group_role.role_id = role.id)
     ORDER BY role.name";

const GRANT_TO_MEMBER: &str = "
    INSERT INTO member_role (user_id, role_id)
    SELECT ?, value FROM json_each(?) WHERE true
    ON CONFLICT DO NOTHING
    RETURNING role_id";

const GRANT_TO_GROUP: &str = "
    INSERT INTO group_role (group_id, role_id)
    SELECT ?, value FROM json_each(?) WHERE true
    ON CONFLICT DO NOTHING
    RETURNING role_id";

const TAKE_FROM_MEMBER: &str = "
    DELETE FROM member_role
     WHERE user_id = ? AND role_id IN (SELECT value FROM json_each(?))
    RETURNING role_id";

const TAKE_FROM_GROUP: &str = "
    DELETE FROM group_role
     WHERE group_id = ? AND role_id IN (SELECT value FROM json_each(?))
    RETURNING role_id";

/// Through which group of the member, and granted to which, itself or above it.
const LIST_ROLES_THROUGH: &str = "
    SELECT group_role.role_id, group_member.group_id, group_above.above_id
      FROM group_member
      JOIN group_above ON group_above.group_id = group_member.group_id
      JOIN group_role ON group_role.group_id = group_above.above_id
     WHERE group_member.user_id = ?
     LIMIT ?";

/// The same of the roles of the realm and of its clients.
const LIST_MAPPED_THROUGH: &str = "
    SELECT group_mapping.role_id, group_member.group_id, group_above.above_id
      FROM group_member
      JOIN group_above ON group_above.group_id = group_member.group_id
      JOIN group_mapping ON group_mapping.group_id = group_above.above_id
     WHERE group_member.user_id = ?
     LIMIT ?";

/// A role that somebody holds through a group.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Through {
    /// Which.
    pub role: RoleId,
    /// The group that they are in.
    pub group: GroupId,
    /// The group that has the role: the same, or one above it.
    pub of: GroupId,
}

/// What was granted to the holder itself, by name.
pub fn list(sql: &dyn Sql, holder: Holder<'_>) -> Result<Vec<OrganizationRole>, StoreError> {
    roles(sql, statement(holder, LIST_OF_MEMBER, LIST_OF_GROUP))
}

/// What was not, by name.
pub fn list_available(
    sql: &dyn Sql,
    holder: Holder<'_>,
) -> Result<Vec<OrganizationRole>, StoreError> {
    roles(sql, statement(holder, NOT_OF_MEMBER, NOT_OF_GROUP))
}

/// Grants `roles`; those that it did not have. `Dangling` when one of them, or the
/// holder, is gone.
pub fn grant(
    sql: &dyn Sql,
    holder: Holder<'_>,
    roles: &[RoleId],
) -> Result<Vec<RoleId>, StoreError> {
    ids(sql, statement(holder, GRANT_TO_MEMBER, GRANT_TO_GROUP).bind(to_json(&roles)?))
}

/// Takes `roles` back; those that it had.
pub fn revoke(
    sql: &dyn Sql,
    holder: Holder<'_>,
    roles: &[RoleId],
) -> Result<Vec<RoleId>, StoreError> {
    ids(sql, statement(holder, TAKE_FROM_MEMBER, TAKE_FROM_GROUP).bind(to_json(&roles)?))
}

/// The roles of the organization that the member holds through groups, at most `limit`.
pub fn list_roles_through(
    sql: &dyn Sql,
    user: &UserId,
    limit: i64,
) -> Result<Vec<Through>, StoreError> {
    through(sql, Statement::new(LIST_ROLES_THROUGH).bind(user.as_str()).bind(limit))
}

/// Those of the realm and of its clients, at most `limit`.
pub fn list_mapped_through(
    sql: &dyn Sql,
    user: &UserId,
    limit: i64,
) -> Result<Vec<Through>, StoreError> {
    through(sql, Statement::new(LIST_MAPPED_THROUGH).bind(user.as_str()).bind(limit))
}

fn through(sql: &dyn Sql, statement: Statement) -> Result<Vec<Through>, StoreError> {
    let one = |row: &Row| {
        Ok(Through {
            role: row.parse("role_id")?,
            group: row.parse("group_id")?,
            of: row.parse("above_id")?,
        })
    };
    sql.run(statement)?.iter().map(one).collect()
}

fn statement(holder: Holder<'_>, of_member: &'static str, of_group: &'static str) -> Statement {
    match holder {
        Holder::Member(user) => Statement::new(of_member).bind(user.as_str()),
        Holder::Group(group) => Statement::new(of_group).bind(group.as_str()),
    }
}

fn roles(sql: &dyn Sql, statement: Statement) -> Result<Vec<OrganizationRole>, StoreError> {
    sql.run(statement)?.iter().map(role_from_row).collect()
}

fn ids(sql: &dyn Sql, statement: Statement) -> Result<Vec<RoleId>, StoreError> {
    sql.run(statement)?.iter().map(|row| row.parse("role_id")).collect()
}
