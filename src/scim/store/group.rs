//! The organization's groups as SCIM resources. The version and the times are kept by
//! triggers (`schemas/org/0014_scim_group.sql`).
use crate::kernel::id::GroupId;
use crate::platform::row::{Row, StoreError};
use crate::platform::sql::{Sql, Statement};
use crate::scim::group::ScimGroup;
use crate::scim::group_content::ScimGroupContent;
use crate::scim::group_list::Condition;
use crate::scim::store::user::Part;

/// Times are there, but where a group came in without an event.
const SELECT: &str = "
    SELECT org_group.id, org_group.name, scim_group.external_id, scim_group.version,
           coalesce(scim_group.created_at, (SELECT created_at FROM organization), 0) AS created_at,
           coalesce(scim_group.updated_at, scim_group.created_at,
                    (SELECT created_at FROM organization), 0) AS updated_at
      FROM scim_group
     CROSS JOIN org_group ON org_group.id = scim_group.group_id
     WHERE scim_group.group_id > ''";

const COUNT_ALL: &str = "SELECT total FROM tally WHERE kind = 'org_group'";

const COUNT: &str = "
    SELECT count(*) AS total FROM scim_group WHERE scim_group.group_id > ''";

const BY_ID: &str = " AND scim_group.group_id = ?";
const BY_NAME: &str = " AND scim_group.name_folded = ?";
const BY_EXTERNAL_ID: &str = " AND scim_group.external_id = ?";
const BY_MEMBER: &str = "
       AND scim_group.group_id IN (
           SELECT group_member.group_id
             FROM scim_user
             JOIN group_member ON group_member.user_id = scim_user.user_id
            WHERE scim_user.id = ? AND scim_user.stage <> 'provisioning'
            UNION ALL
           SELECT group_id FROM scim_group_pending WHERE scim_id = ?
            UNION ALL
           SELECT parent_id FROM org_group WHERE id = ?)";

const PAGE: &str = " ORDER BY scim_group.created_at, scim_group.group_id LIMIT ? OFFSET ?";

const LIST_UNFOLDED: &str = "
    SELECT scim_group.group_id, org_group.name
      FROM scim_group
     CROSS JOIN org_group ON org_group.id = scim_group.group_id
     WHERE scim_group.name_folded IS NULL
     LIMIT ?";

const SET_FOLDED: &str = "UPDATE scim_group SET name_folded = ? WHERE group_id = ?";

const SET_EXTERNAL_ID: &str = "
    UPDATE scim_group SET external_id = ?, version = version + 1, updated_at = NULL
     WHERE group_id = ? AND external_id IS NOT ?
    RETURNING group_id";

const LIST_WHOLE: &str = "
    SELECT group_id, external_id, version,
           coalesce(created_at, (SELECT created_at FROM organization), 0) AS created_at,
           coalesce(updated_at, created_at, (SELECT created_at FROM organization), 0) AS updated_at
      FROM scim_group WHERE group_id > '' ORDER BY group_id LIMIT ?";

const SET_WHOLE: &str = "
    UPDATE scim_group SET external_id = ?, version = ?, created_at = ?, updated_at = ?
     WHERE group_id = ?";

/// The group whose key is `group`.
///
/// # Errors
/// `Refused` when SQLite fails.
pub fn find(sql: &dyn Sql, group: &GroupId) -> Result<Option<ScimGroup>, StoreError> {
    let statement = Statement::new(SELECT).push(BY_ID).bind(group.as_str());
    sql.run(statement)?.first().map(group_from_row).transpose()
}

/// The groups that meet all `conditions`, the oldest first.
///
/// # Errors
/// `Refused` when SQLite fails.
pub fn list(
    sql: &dyn Sql,
    conditions: &[Condition],
    part: Part,
) -> Result<Vec<ScimGroup>, StoreError> {
    sql.run(list_statement(conditions, part))?.iter().map(group_from_row).collect()
}

/// The statement behind [`list`], for the test that reads its plan.
#[must_use]
pub fn list_statement(conditions: &[Condition], part: Part) -> Statement {
    filtered(Statement::new(SELECT), conditions).push(PAGE).bind(part.limit).bind(part.offset)
}

/// How many groups meet all `conditions`.
///
/// # Errors
/// `Refused` when SQLite fails.
pub fn count(sql: &dyn Sql, conditions: &[Condition]) -> Result<i64, StoreError> {
    let rows = sql.run(count_statement(conditions))?;
    rows.first().map_or(Ok(0), |row| row.int("total"))
}

/// The statement behind [`count`], for the test that reads its plan.
#[must_use]
pub fn count_statement(conditions: &[Condition]) -> Statement {
    if conditions.is_empty() {
        return Statement::new(COUNT_ALL);
    }
    filtered(Statement::new(COUNT), conditions)
}

fn filtered(statement: Statement, conditions: &[Condition]) -> Statement {
    conditions.iter().fold(statement, |statement, condition| match condition {
        Condition::Id(id) => statement.push(BY_ID).bind(id.as_str()),
        Condition::Name(name) => statement.push(BY_NAME).bind(name.as_str()),
        Condition::ExternalId(id) => statement.push(BY_EXTERNAL_ID).bind(id.as_str()),
        Condition::Member(id) => {
            statement.push(BY_MEMBER).bind(id.as_str()).bind(id.as_str()).bind(id.as_str())
        }
    })
}

/// Groups whose names SQL could not fold, at most `limit`.
///
/// # Errors
/// `Refused` when SQLite fails.
pub fn list_unfolded(sql: &dyn Sql, limit: i64) -> Result<Vec<(GroupId, String)>, StoreError> {
    let rows = sql.run(Statement::new(LIST_UNFOLDED).bind(limit))?;
    rows.iter().map(|row| Ok((row.parse("group_id")?, row.text("name")?.to_owned()))).collect()
}

/// Notes the name of a group as it is compared.
///
/// # Errors
/// `Refused` when SQLite fails.
pub fn set_folded(sql: &dyn Sql, group: &GroupId, folded: &str) -> Result<(), StoreError> {
    sql.run(Statement::new(SET_FOLDED).bind(folded).bind(group.as_str())).map(|_| ())
}

/// Writes the directory's own key; `false` when it was that already.
///
/// # Errors
/// `Refused` when SQLite fails.
pub fn set_external_id(
    sql: &dyn Sql,
    group: &GroupId,
    external_id: Option<&str>,
) -> Result<bool, StoreError> {
    let statement =
        Statement::new(SET_EXTERNAL_ID).bind(external_id).bind(group.as_str()).bind(external_id);
    Ok(!sql.run(statement)?.is_empty())
}

/// What the directory said of every group, without who is pending, by group, at most
/// `limit`.
///
/// # Errors
/// `Refused` when SQLite fails.
pub fn list_whole(sql: &dyn Sql, limit: i64) -> Result<Vec<ScimGroupContent>, StoreError> {
    let content = |row: &Row| {
        Ok(ScimGroupContent {
            group: row.parse("group_id")?,
            external_id: row.text_or_null("external_id")?.map(str::to_owned),
            version: row.int("version")?,
            created_at: row.time("created_at")?,
            updated_at: row.time("updated_at")?,
            pending: Vec::new(),
        })
    };
    sql.run(Statement::new(LIST_WHOLE).bind(limit))?.iter().map(content).collect()
}

/// Writes what the directory said of a group, without who is pending.
///
/// # Errors
/// `Refused` when SQLite fails.
pub fn set_whole(sql: &dyn Sql, content: &ScimGroupContent) -> Result<(), StoreError> {
    let statement = Statement::new(SET_WHOLE)
        .bind(content.external_id.as_deref())
        .bind(content.version)
        .bind(content.created_at)
        .bind(content.updated_at)
        .bind(content.group.as_str());
    sql.run(statement).map(|_| ())
}

fn group_from_row(row: &Row) -> Result<ScimGroup, StoreError> {
    Ok(ScimGroup {
        id: row.parse("id")?,
        name: row.text("name")?.to_owned(),
        external_id: row.text_or_null("external_id")?.map(str::to_owned),
        version: row.int("version")?,
        created_at: row.time("created_at")?,
        updated_at: row.time("updated_at")?,
    })
}
