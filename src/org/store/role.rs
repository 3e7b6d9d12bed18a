//! Roles and who holds them.
use super::role_composite::held_by;
use crate::kernel::id::{RoleId, UserId};
use crate::org::role::OrganizationRole;
use crate::platform::row::{Row, StoreError};
use crate::platform::sql::{Sql, Statement};
use crate::realm::page::Page;

const FIND: &str = "SELECT id, name, description FROM role WHERE name = ?";

const LIST: &str = "SELECT id, name, description FROM role ORDER BY name";

const LIST_OF: &str = "
    SELECT role.id, role.name, role.description
      FROM member_role
      JOIN role ON role.id = member_role.role_id
     WHERE member_role.user_id = ?
     ORDER BY role.name";

const LIST_OF_MANY: &str = "
    SELECT member_role.user_id, role.id, role.name, role.description
      FROM member_role
      JOIN role ON role.id = member_role.role_id
     WHERE member_role.user_id IN (SELECT value FROM json_each(?))
     ORDER BY role.name";

const LIST_GRANTS: &str = "
    SELECT member_role.user_id, role.name
      FROM member_role
      JOIN role ON role.id = member_role.role_id
     WHERE member_role.user_id > ''
     ORDER BY member_role.user_id, role.name
     LIMIT ?";

const INSERT: &str = "INSERT INTO role (id, name, description, built_in) VALUES (?, ?, ?, 0)";

const INSERT_BUILT_IN: &str =
    "INSERT INTO role (id, name, description, built_in) VALUES (?, ?, ?, 1)";

const INSERT_IF_ABSENT: &str = "
    INSERT INTO role (id, name, description, built_in) VALUES (?, ?, NULL, 0)
    ON CONFLICT (name) DO NOTHING";

const SET_DESCRIPTION: &str = "UPDATE role SET description = ? WHERE name = ? RETURNING name";

const DELETE: &str = "DELETE FROM role WHERE name = ? AND built_in = 0 RETURNING name";

const LIST_NAMES_HELD: &str = "
    SELECT role.name
      FROM held
      JOIN role ON role.id = held.role_id
     ORDER BY role.name";

const FIND_BY_ID: &str = "SELECT id, name, description FROM role WHERE id = ?";

const PAGE: &str = "
    SELECT id, name, description FROM role
     WHERE name > '' AND instr(lower(name), lower(?)) > 0
     ORDER BY name LIMIT ? OFFSET ?";

const COUNT: &str = "
    SELECT count(*) AS total FROM role
     WHERE name > '' AND instr(lower(name), lower(?)) > 0";

const IS_HELD: &str = "SELECT user_id FROM member_role WHERE user_id = ? AND role_id = ?";

const GRANT: &str = "
    INSERT INTO member_role (user_id, role_id)
    SELECT ?, id FROM role WHERE name = ?
    ON CONFLICT DO NOTHING
    RETURNING user_id";

const REVOKE: &str = "
    DELETE FROM member_role WHERE user_id = ? AND role_id = ? RETURNING user_id";

pub fn find(sql: &dyn Sql, name: &str) -> Result<Option<OrganizationRole>, StoreError> {
    sql.run(Statement::new(FIND).bind(name))?.first().map(role_from_row).transpose()
}

pub fn list(sql: &dyn Sql) -> Result<Vec<OrganizationRole>, StoreError> {
    sql.run(Statement::new(LIST))?.iter().map(role_from_row).collect()
}

/// The role whose key is `id`.
pub fn find_by_id(sql: &dyn Sql, id: &RoleId) -> Result<Option<OrganizationRole>, StoreError> {
    sql.run(Statement::new(FIND_BY_ID).bind(id.as_str()))?.first().map(role_from_row).transpose()
}

/// A page of the roles whose name has `part` in it, by name.
pub fn page(sql: &dyn Sql, part: &str, page: Page) -> Result<Vec<OrganizationRole>, StoreError> {
    let statement = Statement::new(PAGE).bind(part).bind(page.max).bind(page.first);
    sql.run(statement)?.iter().map(role_from_row).collect()
}

/// How many these are.
pub fn count(sql: &dyn Sql, part: &str) -> Result<i64, StoreError> {
    sql.run(Statement::new(COUNT).bind(part))?.first().map_or(Ok(0), |row| row.int("total"))
}

/// The roles `user` holds, by name.
pub fn list_of(sql: &dyn Sql, user: &UserId) -> Result<Vec<OrganizationRole>, StoreError> {
    sql.run(Statement::new(LIST_OF).bind(user.as_str()))?.iter().map(role_from_row).collect()
}

/// The roles that `users` hold, each with its holder, by name.
pub fn list_of_many(
    sql: &dyn Sql,
    users: &[UserId],
) -> Result<Vec<(UserId, OrganizationRole)>, StoreError> {
    let rows = sql.run(Statement::new(LIST_OF_MANY).bind(super::to_json(&users)?))?;
    rows.iter().map(|row| Ok((row.parse("user_id")?, role_from_row(row)?))).collect()
}

/// Who holds what, by user and name, at most `limit`.
pub fn list_grants(sql: &dyn Sql, limit: i64) -> Result<Vec<(UserId, String)>, StoreError> {
    let rows = sql.run(Statement::new(LIST_GRANTS).bind(limit))?;
    rows.iter().map(|row| Ok((row.parse("user_id")?, row.text("name")?.to_owned()))).collect()
}

/// `Conflict` when there is a role of this name.
pub fn insert(sql: &dyn Sql, role: &OrganizationRole) -> Result<(), StoreError> {
    sql.run(with_role(INSERT, role)).map(|_| ())
}

/// Adds a role that comes with every organization.
pub fn insert_built_in(sql: &dyn Sql, role: &OrganizationRole) -> Result<(), StoreError> {
    sql.run(with_role(INSERT_BUILT_IN, role)).map(|_| ())
}

fn with_role(fragment: &'static str, role: &OrganizationRole) -> Statement {
    Statement::new(fragment)
        .bind(role.id.as_str())
        .bind(role.name.as_str())
        .bind(role.description.as_deref())
}

/// Adds a role of the organization's own, unless there is one of this name.
pub fn insert_if_absent(sql: &dyn Sql, id: &RoleId, name: &str) -> Result<(), StoreError> {
    sql.run(Statement::new(INSERT_IF_ABSENT).bind(id.as_str()).bind(name)).map(|_| ())
}

/// `false` when there is no such role.
pub fn set_description(
    sql: &dyn Sql,
    name: &str,
    description: Option<&str>,
) -> Result<bool, StoreError> {
    Ok(!sql.run(Statement::new(SET_DESCRIPTION).bind(description).bind(name))?.is_empty())
}

/// Deletes a role of the organization's own with its grants; `false` when there
/// is none of this name.
pub fn delete(sql: &dyn Sql, name: &str) -> Result<bool, StoreError> {
    Ok(!sql.run(Statement::new(DELETE).bind(name))?.is_empty())
}

/// The names of the roles `user` holds, however, sorted.
pub fn list_held(sql: &dyn Sql, user: &UserId) -> Result<Vec<String>, StoreError> {
    let rows = sql.run(held_by(user).push(LIST_NAMES_HELD))?;
    rows.iter().map(|row| row.text("name").map(str::to_owned)).collect()
}

pub fn is_held(sql: &dyn Sql, user: &UserId, role: &RoleId) -> Result<bool, StoreError> {
    let statement = Statement::new(IS_HELD).bind(user.as_str()).bind(role.as_str());
    Ok(!sql.run(statement)?.is_empty())
}

/// Grants the role called `name`, if there is one; `false` when there is none or
/// the member holds it already.
pub fn grant(sql: &dyn Sql, user: &UserId, name: &str) -> Result<bool, StoreError> {
    Ok(!sql.run(Statement::new(GRANT).bind(user.as_str()).bind(name))?.is_empty())
}

/// `false` when the member does not hold it.
pub fn revoke(sql: &dyn Sql, user: &UserId, role: &RoleId) -> Result<bool, StoreError> {
    let statement = Statement::new(REVOKE).bind(user.as_str()).bind(role.as_str());
    Ok(!sql.run(statement)?.is_empty())
}

pub(super) fn role_from_row(row: &Row) -> Result<OrganizationRole, StoreError> {
    Ok(OrganizationRole {
        id: row.parse("id")?,
        name: row.text("name")?.to_owned(),
        description: row.text_or_null("description")?.map(str::to_owned),
    })
}
