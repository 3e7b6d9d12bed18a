//! SCIM users.
use super::condition::{Listing, Place, Table};
use super::page;
use crate::kernel::id::{ScimId, UserId};
use crate::platform::row::{Row, StoreError};
use crate::platform::sql::{Sql, Statement};
use crate::scim::cursor::Cursor;
use crate::scim::document::Document;
use crate::scim::filter::Key;
use crate::scim::normal;
use crate::scim::query::Query;
use crate::scim::shape::Shape;
use crate::scim::user::{ScimUser, Stage};
use serde_json::Value;

const FIND: &str = "
    SELECT id, user_id, stage, active, document, version, created_at, updated_at
      FROM scim_user
     WHERE id = ?";

const FIND_INTENT: &str = "
    SELECT id, user_id, stage, active, document, version, created_at, updated_at
      FROM scim_user
     WHERE user_name_folded = ? AND stage = 'provisioning'";

const LIST_INTENTS: &str = "
    SELECT id, user_id, stage, active, document, version, created_at, updated_at
      FROM scim_user
     WHERE stage = 'provisioning'
     ORDER BY updated_at
     LIMIT ?";

const INSERT: &str = "
    INSERT INTO scim_user (id, user_id, stage, user_name_folded, external_id, active, document,
                           search, version, created_at, updated_at)
    VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)";

const UPDATE: &str = "
    UPDATE scim_user
       SET user_id = ?, stage = ?, user_name_folded = ?, external_id = ?, active = ?, document = ?,
           search = ?, version = ?, updated_at = ?
     WHERE id = ?";

const LIST_UNREAD: &str = "
    SELECT id, user_id, stage, active, document, version, created_at, updated_at
      FROM scim_user
     WHERE search IS NULL
     LIMIT ?";

const SET_NORMAL: &str = "UPDATE scim_user SET search = ? WHERE id = ?";

const FORGET_NORMALS: &str = "UPDATE scim_user SET search = NULL";

const FIND_OF: &str = "
    SELECT id, user_id, stage, active, document, version, created_at, updated_at
      FROM scim_user
     WHERE user_id = ?";

const DELETE_EMAILS: &str = "DELETE FROM scim_user_email WHERE scim_id = ?";

const INSERT_EMAIL: &str =
    "INSERT INTO scim_user_email (scim_id, email, kind) VALUES (?, ?, ?) ON CONFLICT DO NOTHING";

const DELETE: &str = "DELETE FROM scim_user WHERE id = ?";

const DELETE_OF: &str = "DELETE FROM scim_user WHERE user_id = ?";

const DELETE_INTENT: &str = "DELETE FROM scim_user WHERE id = ? AND stage = 'provisioning'";

/// The user whose resource is `id`, in whatever stage.
///
/// # Errors
/// `Refused` when SQLite fails.
pub fn find(sql: &dyn Sql, id: &ScimId) -> Result<Option<ScimUser>, StoreError> {
    first(&sql.run(Statement::new(FIND).bind(id.as_str()))?)
}

/// The unfinished push of `folded_name`.
///
/// # Errors
/// `Refused` when SQLite fails.
pub fn find_intent(sql: &dyn Sql, folded_name: &str) -> Result<Option<ScimUser>, StoreError> {
    first(&sql.run(Statement::new(FIND_INTENT).bind(folded_name))?)
}

/// Unfinished pushes, the oldest first.
///
/// # Errors
/// `Refused` when SQLite fails.
pub fn list_intents(sql: &dyn Sql, limit: i64) -> Result<Vec<ScimUser>, StoreError> {
    sql.run(Statement::new(LIST_INTENTS).bind(limit))?.iter().map(user_from_row).collect()
}

/// A page of users, and where it ended if more follows.
///
/// # Errors
/// `Refused` when SQLite fails.
pub fn list(sql: &dyn Sql, query: &Query) -> Result<(Vec<ScimUser>, Option<Cursor>), StoreError> {
    let page = page::list(sql, &Users, query)?;
    Ok((page.rows.iter().map(user_from_row).collect::<Result<_, _>>()?, page.next))
}

/// How many users the filter lets through.
///
/// # Errors
/// `Refused` when SQLite fails.
pub fn count(sql: &dyn Sql, query: &Query) -> Result<i64, StoreError> {
    page::count(sql, &Users, query)
}

/// Users whose normal form must be made again.
///
/// # Errors
/// `Refused` when SQLite fails.
pub fn list_unread(sql: &dyn Sql, limit: i64) -> Result<Vec<ScimUser>, StoreError> {
    sql.run(Statement::new(LIST_UNREAD).bind(limit))?.iter().map(user_from_row).collect()
}

/// Writes the normal form of a user.
///
/// # Errors
/// `Refused` when SQLite fails.
pub fn set_normal(sql: &dyn Sql, id: &ScimId, normal: &Value) -> Result<(), StoreError> {
    let statement = Statement::new(SET_NORMAL).bind(normal.to_string()).bind(id.as_str());
    sql.run(statement).map(|_| ())
}

/// Has the normal form of every user made again, for schemas have changed.
///
/// # Errors
/// `Refused` when SQLite fails.
pub fn forget_normals(sql: &dyn Sql) -> Result<(), StoreError> {
    sql.run(Statement::new(FORGET_NORMALS)).map(|_| ())
}

/// The resource of the person `user`.
///
/// # Errors
/// `Refused` when SQLite fails.
pub fn find_of(sql: &dyn Sql, user: &UserId) -> Result<Option<ScimUser>, StoreError> {
    first(&sql.run(Statement::new(FIND_OF).bind(user.as_str()))?)
}

/// The table of users, for filters and sorting.
#[derive(Clone, Copy, Debug)]
pub struct Users;

impl Table for Users {
    fn place(&self, key: &Key) -> Place {
        if key.extension.is_some() {
            return Place::Normal;
        }
        match (key.name.as_str(), key.sub.as_deref()) {
            ("id", None) => Place::Text(ID),
            ("userName", None) => Place::Text("scim_user.user_name_folded"),
            ("externalId", None) => Place::Text(EXTERNAL_ID),
            ("active", None) => Place::Truth("scim_user.active"),
            ("meta", Some("created")) => Place::Seconds("scim_user.created_at"),
            ("meta", Some("lastModified")) => Place::Seconds("scim_user.updated_at"),
            ("meta", Some("version")) => Place::Text("('W/\"' || scim_user.version || '\"')"),
            ("meta", Some("resourceType")) => Place::Constant("User"),
            // Where a resource is follows from its id.
            ("meta", _) => Place::Constant(""),
            _ => Place::Normal,
        }
    }

    fn listing(&self, key: &Key) -> Option<Listing> {
        match key.name.as_str() {
            _ if key.extension.is_some() => None,
            "schemas" => Some(SCHEMAS),
            "groups" => Some(GROUPS_OF),
            _ => None,
        }
    }

    fn shortlist(&self, key: &Key) -> Option<&'static str> {
        if key.is("groups") {
            return Some(BY_GROUP);
        }
        key.is("emails").then_some(BY_EMAIL)
    }

    fn normal(&self) -> &'static str {
        "scim_user.search"
    }

    fn columns(&self) -> &'static str {
        "id, user_id, stage, active, document, version, created_at, updated_at"
    }

    fn rows(&self) -> &'static str {
        "scim_user WHERE stage <> 'provisioning'"
    }

    fn tally(&self) -> &'static str {
        "SELECT total FROM tally WHERE kind = 'scim_user'"
    }

    fn id(&self) -> &'static str {
        ID
    }

    fn age(&self) -> &'static str {
        "scim_user.created_at"
    }

    fn may_be_null(&self, column: &str) -> bool {
        column == EXTERNAL_ID
    }
}

const ID: &str = "scim_user.id";
const EXTERNAL_ID: &str = "scim_user.external_id";

const BY_EMAIL: &str = "scim_user.id IN (SELECT scim_id FROM scim_user_email WHERE email = ?)";

/// Who is in a group, or in one below it.
const BY_GROUP: &str = "
       scim_user.id IN (
           WITH wanted (id) AS (SELECT ?)
           SELECT seated.id
             FROM wanted
            CROSS JOIN group_above ON group_above.above_id = wanted.id
            CROSS JOIN group_member ON group_member.group_id = group_above.group_id
            CROSS JOIN scim_user AS seated ON seated.user_id = group_member.user_id
            UNION ALL
           SELECT scim_group_pending.scim_id
             FROM wanted
            CROSS JOIN group_above ON group_above.above_id = wanted.id
            CROSS JOIN scim_group_pending ON scim_group_pending.group_id = group_above.group_id)";

/// The groups that a user is in, directly and through others, as `item`s.
const GROUPS_OF: Listing = Listing {
    from: "
        SELECT 1
          FROM (SELECT found.above_id AS value, scim_group.name_folded AS display,
                       CASE min(found.distance) WHEN 0 THEN 'direct' ELSE 'indirect' END AS type
                  FROM (SELECT group_above.above_id, group_above.distance
                          FROM group_member
                         CROSS JOIN group_above ON group_above.group_id = group_member.group_id
                         WHERE group_member.user_id = scim_user.user_id
                         UNION ALL
                        SELECT group_above.above_id, group_above.distance
                          FROM scim_group_pending
                         CROSS JOIN group_above
                            ON group_above.group_id = scim_group_pending.group_id
                         WHERE scim_group_pending.scim_id = scim_user.id) AS found
                 CROSS JOIN scim_group ON scim_group.group_id = found.above_id
                 GROUP BY found.above_id) AS item
         WHERE ",
    part: |name| match name {
        "value" => Some("item.value"),
        "type" => Some("item.type"),
        "display" => Some("item.display"),
        _ => None,
    },
    reads_normal: false,
};

/// The core schema, and the extensions that have a value.
const SCHEMAS: Listing = Listing {
    from: "
        SELECT 1
          FROM (SELECT 'urn:ietf:params:scim:schemas:core:2.0:User' AS value
                 UNION ALL
                SELECT key FROM json_each(scim_user.search) WHERE key LIKE 'urn:%') AS item
         WHERE ",
    part: |name| name.is_empty().then_some("item.value"),
    reads_normal: true,
};

/// Adds a user: call it in a transaction.
///
/// # Errors
/// `Conflict` on `scim_user.user_name_folded` or `scim_user.user_id`.
pub fn insert(sql: &dyn Sql, user: &ScimUser) -> Result<(), StoreError> {
    let statement = Statement::new(INSERT)
        .bind(user.id.as_str())
        .bind(user.user.as_str())
        .bind(user.stage.as_str())
        .bind(user.folded_name())
        .bind(user.document.external_id())
        .bind(user.active)
        .bind(to_json(&user.document)?)
        .bind(normal_of(sql, user)?)
        .bind(user.version)
        .bind(user.created_at)
        .bind(user.updated_at);
    sql.run(statement)?;
    insert_emails(sql, user)
}

/// Writes everything about a user but its id and age: call it in a transaction.
///
/// # Errors
/// As [`insert`].
pub fn update(sql: &dyn Sql, user: &ScimUser) -> Result<(), StoreError> {
    let statement = Statement::new(UPDATE)
        .bind(user.user.as_str())
        .bind(user.stage.as_str())
        .bind(user.folded_name())
        .bind(user.document.external_id())
        .bind(user.active)
        .bind(to_json(&user.document)?)
        .bind(normal_of(sql, user)?)
        .bind(user.version)
        .bind(user.updated_at)
        .bind(user.id.as_str());
    sql.run(statement)?;
    sql.run(Statement::new(DELETE_EMAILS).bind(user.id.as_str()))?;
    insert_emails(sql, user)
}

fn insert_emails(sql: &dyn Sql, user: &ScimUser) -> Result<(), StoreError> {
    for email in user.document.emails() {
        let statement = Statement::new(INSERT_EMAIL)
            .bind(user.id.as_str())
            .bind(email.value.to_lowercase())
            .bind(email.kind.to_lowercase());
        sql.run(statement)?;
    }
    Ok(())
}

/// Forgets a user.
///
/// # Errors
/// `Refused` when SQLite fails.
pub fn delete(sql: &dyn Sql, id: &ScimId) -> Result<(), StoreError> {
    sql.run(Statement::new(DELETE).bind(id.as_str())).map(|_| ())
}

/// Forgets the view of `user`.
///
/// # Errors
/// `Refused` when SQLite fails.
pub fn delete_of(sql: &dyn Sql, user: &UserId) -> Result<(), StoreError> {
    sql.run(Statement::new(DELETE_OF).bind(user.as_str())).map(|_| ())
}

/// Forgets a push, if it still is unfinished.
///
/// # Errors
/// `Refused` when SQLite fails.
pub fn delete_intent(sql: &dyn Sql, id: &ScimId) -> Result<(), StoreError> {
    sql.run(Statement::new(DELETE_INTENT).bind(id.as_str())).map(|_| ())
}

fn first(rows: &[Row]) -> Result<Option<ScimUser>, StoreError> {
    rows.first().map(user_from_row).transpose()
}

fn user_from_row(row: &Row) -> Result<ScimUser, StoreError> {
    Ok(ScimUser {
        id: row.parse("id")?,
        user: row.parse("user_id")?,
        stage: row.parse::<Stage>("stage")?,
        active: row.truth("active")?,
        document: Document(row.json("document")?),
        version: row.int("version")?,
        created_at: row.time("created_at")?,
        updated_at: row.time("updated_at")?,
    })
}

/// In the schemas of this organization, as they are now.
fn normal_of(sql: &dyn Sql, user: &ScimUser) -> Result<String, StoreError> {
    Ok(normal::of(&user.document, &Shape::of_users(sql)?).to_string())
}

fn to_json(document: &Document) -> Result<String, StoreError> {
    serde_json::to_string(&document.0).map_err(|error| StoreError::Refused(error.to_string()))
}
