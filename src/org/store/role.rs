//! Roles and who holds them.
use crate::kernel::id::{RoleId, UserId};
use crate::org::role::OrganizationRole;
use crate::platform::row::{Row, StoreError};
use crate::platform::sql::{Sql, Statement};

const FIND: &str = "SELECT id, name, description FROM role WHERE name = ?";

const LIST: &str = "SELECT id, name, description FROM role ORDER BY name";

const INSERT_BUILT_IN: &str =
    "INSERT INTO role (id, name, description, built_in) VALUES (?, ?, ?, 1)";

const INSERT_IF_ABSENT: &str = "
    INSERT INTO role (id, name, description, built_in) VALUES (?, ?, NULL, 0)
    ON CONFLICT (name) DO NOTHING";

const LIST_HELD: &str = "
    SELECT role.name
      FROM member_role
      JOIN role ON role.id = member_role.role_id
     WHERE member_role.user_id = ?
     ORDER BY role.name";

const GRANT: &str = "
    INSERT INTO member_role (user_id, role_id)
    SELECT ?, id FROM role WHERE name = ?
    ON CONFLICT DO NOTHING";

pub fn find(sql: &dyn Sql, name: &str) -> Result<Option<OrganizationRole>, StoreError> {
    sql.run(Statement::new(FIND).bind(name))?.first().map(role_from_row).transpose()
}

pub fn list(sql: &dyn Sql) -> Result<Vec<OrganizationRole>, StoreError> {
    sql.run(Statement::new(LIST))?.iter().map(role_from_row).collect()
}

/// Adds a role that comes with every organization.
pub fn insert_built_in(sql: &dyn Sql, role: &OrganizationRole) -> Result<(), StoreError> {
    let statement = Statement::new(INSERT_BUILT_IN)
        .bind(role.id.as_str())
        .bind(role.name.as_str())
        .bind(role.description.as_deref());
    sql.run(statement).map(|_| ())
}

/// Adds a role of the organization's own, unless there is one of this name.
pub fn insert_if_absent(sql: &dyn Sql, id: &RoleId, name: &str) -> Result<(), StoreError> {
    sql.run(Statement::new(INSERT_IF_ABSENT).bind(id.as_str()).bind(name)).map(|_| ())
}

/// The names of the roles `user` holds, sorted.
pub fn list_held(sql: &dyn Sql, user: &UserId) -> Result<Vec<String>, StoreError> {
    let rows = sql.run(Statement::new(LIST_HELD).bind(user.as_str()))?;
    rows.iter().map(|row| row.text("name").map(str::to_owned)).collect()
}

/// Grants the role called `name`, if there is one.
pub fn grant(sql: &dyn Sql, user: &UserId, name: &str) -> Result<(), StoreError> {
    sql.run(Statement::new(GRANT).bind(user.as_str()).bind(name)).map(|_| ())
}

fn role_from_row(row: &Row) -> Result<OrganizationRole, StoreError> {
    Ok(OrganizationRole {
        id: row.parse("id")?,
        name: row.text("name")?.to_owned(),
        description: row.text_or_null("description")?.map(str::to_owned),
    })
}
