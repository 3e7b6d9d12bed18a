//! Who is in the organization's groups, as its directory sees them.
use super::to_json;
use crate::kernel::id::{GroupId, ScimId, UserId};
use crate::platform::row::{Row, StoreError};
use crate::platform::sql::{Sql, Statement};
use crate::scim::group::{Member, Telling, UserGroup};
use serde::Serialize;
use std::collections::{HashMap, HashSet};

/// What a user and what a group is called: after `SELECT asked.value ...`.
const NAMELESS: &str = ", NULL AS display";
const USER_NAME: &str = ",
           coalesce(json_extract(scim_user.document, '$.displayName'),
                    json_extract(scim_user.document, '$.userName')) AS display";
const GROUP_NAME: &str = ", org_group.name AS display";

/// The CROSS JOINs keep SQLite from walking all users or groups.
const MEMBERS: &str = "
    SELECT asked.value AS group_id, scim_user.id AS member, 'User' AS kind";
const SEATED: &str = "
      FROM json_each(?) AS asked
     CROSS JOIN group_member ON group_member.group_id = asked.value
     CROSS JOIN scim_user ON scim_user.user_id = group_member.user_id
     WHERE scim_user.stage <> 'provisioning'
     UNION ALL
    SELECT asked.value, scim_user.id, 'User'";
const PENDING: &str = "
      FROM json_each(?) AS asked
     CROSS JOIN scim_group_pending ON scim_group_pending.group_id = asked.value
     CROSS JOIN scim_user ON scim_user.id = scim_group_pending.scim_id
     UNION ALL
    SELECT asked.value, org_group.id, 'Group'";
const NESTED: &str = "
      FROM json_each(?) AS asked
     CROSS JOIN org_group ON org_group.parent_id = asked.value
     ORDER BY 1, 3 DESC, 2
     LIMIT ?";

const LIST_KNOWN: &str = "
    SELECT scim_user.id, scim_user.user_id, member.user_id IS NOT NULL AS is_member
      FROM json_each(?) AS asked
     CROSS JOIN scim_user ON scim_user.id = asked.value
      LEFT JOIN member ON member.user_id = scim_user.user_id
     WHERE scim_user.stage <> 'provisioning'";

const LIST_GROUPS: &str = "
    SELECT org_group.id
      FROM json_each(?) AS asked
     CROSS JOIN org_group ON org_group.id = asked.value
     ORDER BY org_group.id";

const LIST_OTHERS_SEATED: &str = "
    SELECT group_member.user_id
      FROM group_member
     CROSS JOIN scim_user ON scim_user.user_id = group_member.user_id
     WHERE group_member.group_id = ?
       AND scim_user.stage <> 'provisioning'
       AND scim_user.id NOT IN (SELECT value FROM json_each(?))";

const LIST_OTHERS_NESTED: &str = "
    SELECT id FROM org_group
     WHERE parent_id = ? AND id NOT IN (SELECT value FROM json_each(?))
     ORDER BY id";

const INSERT_PENDING: &str = "
    INSERT INTO scim_group_pending (group_id, scim_id)
    SELECT ?, value FROM json_each(?) WHERE true
    ON CONFLICT DO NOTHING
    RETURNING scim_id";

const DELETE_PENDING: &str = "
    DELETE FROM scim_group_pending
     WHERE group_id = ? AND scim_id IN (SELECT value FROM json_each(?))
    RETURNING scim_id";

const DELETE_OTHERS_PENDING: &str = "
    DELETE FROM scim_group_pending
     WHERE group_id = ? AND scim_id NOT IN (SELECT value FROM json_each(?))
    RETURNING scim_id";

/// A group comes once for each way to it, the shortest first.
const LIST_OF: &str = "
    SELECT scim_user.id AS scim_id, group_above.above_id AS group_id, org_group.name,
           group_above.distance
      FROM json_each(?) AS asked
     CROSS JOIN scim_user ON scim_user.id = asked.value
     CROSS JOIN group_member ON group_member.user_id = scim_user.user_id
     CROSS JOIN group_above ON group_above.group_id = group_member.group_id
     CROSS JOIN org_group ON org_group.id = group_above.above_id
     WHERE scim_user.stage <> 'provisioning'
     UNION ALL
    SELECT scim_group_pending.scim_id, group_above.above_id, org_group.name, group_above.distance
      FROM json_each(?) AS asked
     CROSS JOIN scim_group_pending ON scim_group_pending.scim_id = asked.value
     CROSS JOIN group_above ON group_above.group_id = scim_group_pending.group_id
     CROSS JOIN org_group ON org_group.id = group_above.above_id
     ORDER BY 1, 4, 3, 2";

const LIST_ALL_PENDING: &str = "
    SELECT group_id, scim_id FROM scim_group_pending
     WHERE group_id > '' ORDER BY group_id, scim_id LIMIT ?";

/// A SCIM user, as far as groups go.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Known {
    /// The resource.
    pub id: ScimId,
    /// The person.
    pub user: UserId,
    /// Whether they are a member of the organization.
    pub is_member: bool,
}

/// The members of each of `groups`, users before groups, by id; at most `limit` in all.
///
/// # Errors
/// `Refused` when SQLite fails.
pub fn list_members(
    sql: &dyn Sql,
    groups: &[&GroupId],
    telling: Telling,
    limit: i64,
) -> Result<Vec<(GroupId, Member)>, StoreError> {
    let rows = sql.run(members_statement(&to_json(&groups)?, telling, limit))?;
    rows.iter()
        .map(|row| {
            let member = Member {
                value: row.text("member")?.to_owned(),
                kind: row.parse("kind")?,
                display: row.text_or_null("display")?.map(str::to_owned),
            };
            Ok((row.parse("group_id")?, member))
        })
        .collect()
}

/// The statement behind [`list_members`], for the test that reads its plan.
#[must_use]
pub fn members_statement(groups: &str, telling: Telling, limit: i64) -> Statement {
    let (user, group) = match telling {
        Telling::Names => (USER_NAME, GROUP_NAME),
        Telling::Nothing | Telling::Members => (NAMELESS, NAMELESS),
    };
    Statement::new(MEMBERS)
        .push(user)
        .push(SEATED)
        .bind(groups)
        .push(user)
        .push(PENDING)
        .bind(groups)
        .push(group)
        .push(NESTED)
        .bind(groups)
        .bind(limit)
}

/// Those of `ids` that are users of this directory.
///
/// # Errors
/// `Refused` when SQLite fails.
pub fn list_known(sql: &dyn Sql, ids: &[&str]) -> Result<Vec<Known>, StoreError> {
    let rows = sql.run(Statement::new(LIST_KNOWN).bind(to_json(&ids)?))?;
    let known = |row: &Row| {
        let is_member = row.truth("is_member")?;
        Ok(Known { id: row.parse("id")?, user: row.parse("user_id")?, is_member })
    };
    rows.iter().map(known).collect()
}

/// Those of `ids` that are groups.
///
/// # Errors
/// `Refused` when SQLite fails.
pub fn list_groups(sql: &dyn Sql, ids: &[&str]) -> Result<Vec<GroupId>, StoreError> {
    let rows = sql.run(Statement::new(LIST_GROUPS).bind(to_json(&ids)?))?;
    rows.iter().map(|row| row.parse("id")).collect()
}

/// The people in `group` whom the directory knows, without those of `ids`.
///
/// # Errors
/// `Refused` when SQLite fails.
pub fn list_others_seated(
    sql: &dyn Sql,
    group: &GroupId,
    ids: &[&str],
) -> Result<Vec<UserId>, StoreError> {
    let rows = sql.run(of_group(LIST_OTHERS_SEATED, group, &ids)?)?;
    rows.iter().map(|row| row.parse("user_id")).collect()
}

/// The groups directly below `group`, without those of `ids`.
///
/// # Errors
/// `Refused` when SQLite fails.
pub fn list_others_nested(
    sql: &dyn Sql,
    group: &GroupId,
    ids: &[&str],
) -> Result<Vec<GroupId>, StoreError> {
    let rows = sql.run(of_group(LIST_OTHERS_NESTED, group, &ids)?)?;
    rows.iter().map(|row| row.parse("id")).collect()
}

/// Puts who is no member into `group` for when they become one; whether anybody was
/// not there yet.
///
/// # Errors
/// `Refused` when SQLite fails.
pub fn insert_pending(
    sql: &dyn Sql,
    group: &GroupId,
    users: &[&ScimId],
) -> Result<bool, StoreError> {
    Ok(!sql.run(of_group(INSERT_PENDING, group, &users)?)?.is_empty())
}

/// Takes them out again; whether anybody was there.
///
/// # Errors
/// `Refused` when SQLite fails.
pub fn delete_pending(sql: &dyn Sql, group: &GroupId, ids: &[&str]) -> Result<bool, StoreError> {
    Ok(!sql.run(of_group(DELETE_PENDING, group, &ids)?)?.is_empty())
}

/// Takes all others out; whether anybody was there.
///
/// # Errors
/// `Refused` when SQLite fails.
pub fn delete_others_pending(
    sql: &dyn Sql,
    group: &GroupId,
    ids: &[&str],
) -> Result<bool, StoreError> {
    Ok(!sql.run(of_group(DELETE_OTHERS_PENDING, group, &ids)?)?.is_empty())
}

/// The groups of each of `users`: those they are in, and all above these; of one user
/// together, the nearest first.
///
/// # Errors
/// `Refused` when SQLite fails.
pub fn list_of(sql: &dyn Sql, users: &[&ScimId]) -> Result<Vec<UserGroup>, StoreError> {
    let asked = to_json(&users)?;
    let rows = sql.run(Statement::new(LIST_OF).bind(asked.as_str()).bind(asked.as_str()))?;
    let group = |row: &Row| {
        Ok(UserGroup {
            user: row.parse("scim_id")?,
            group: row.parse("group_id")?,
            display: row.text("name")?.to_owned(),
            direct: row.int("distance")? == 0,
        })
    };
    let mut groups = rows.iter().map(group).collect::<Result<Vec<_>, StoreError>>()?;
    let mut seen = HashSet::new();
    groups.retain(|one| seen.insert((one.user.clone(), one.group.clone())));
    Ok(groups)
}

/// Who is pending in which group, at most `limit`.
///
/// # Errors
/// `Refused` when SQLite fails.
pub fn list_all_pending(sql: &dyn Sql, limit: i64) -> Result<Vec<(GroupId, ScimId)>, StoreError> {
    let rows = sql.run(Statement::new(LIST_ALL_PENDING).bind(limit))?;
    rows.iter().map(|row| Ok((row.parse("group_id")?, row.parse("scim_id")?))).collect()
}

/// `rows`, by group.
#[must_use]
pub fn by_group(rows: Vec<(GroupId, Member)>) -> HashMap<GroupId, Vec<Member>> {
    let mut by_group: HashMap<GroupId, Vec<Member>> = HashMap::new();
    for (group, member) in rows {
        by_group.entry(group).or_default().push(member);
    }
    by_group
}

fn of_group(
    text: &'static str,
    group: &GroupId,
    ids: &impl Serialize,
) -> Result<Statement, StoreError> {
    Ok(Statement::new(text).bind(group.as_str()).bind(to_json(ids)?))
}
