//! The organization's groups as SCIM resources, and who is in them. The version and
//! the times are kept by triggers (`schemas/org/0014_scim_group.sql`).
use super::condition::{Listing, Place, Table};
use super::page;
use crate::kernel::id::{GroupId, ScimId, UserId};
use crate::platform::row::{Row, StoreError};
use crate::platform::sql::{Sql, Statement};
use crate::scim::cursor::Cursor;
use crate::scim::filter::Key;
use crate::scim::group::{Member, ScimGroup, Telling, UserGroup};
use crate::scim::query::Query;
use serde::Serialize;
use std::collections::{HashMap, HashSet};

const COLUMNS: &str = "
    org_group.id AS id, org_group.name, scim_group.external_id, scim_group.version,
    coalesce(scim_group.created_at, 0) AS created_at,
    coalesce(scim_group.updated_at, scim_group.created_at, 0) AS updated_at";

/// The CROSS JOIN keeps SQLite from walking all groups in another order.
const ROWS: &str = "
    scim_group
 CROSS JOIN org_group ON org_group.id = scim_group.group_id
     WHERE scim_group.group_id > ''";

const ID: &str = "scim_group.group_id";
const AGE: &str = "scim_group.created_at";
const EXTERNAL_ID: &str = "scim_group.external_id";

const FIND: &str = "
    SELECT org_group.id AS id, org_group.name, scim_group.external_id, scim_group.version,
           coalesce(scim_group.created_at, 0) AS created_at,
           coalesce(scim_group.updated_at, scim_group.created_at, 0) AS updated_at
      FROM scim_group
     CROSS JOIN org_group ON org_group.id = scim_group.group_id
     WHERE scim_group.group_id = ?";

/// Groups that came in without an event, which would have told when.
const SETTLE_TIMES: &str = "
    UPDATE scim_group
       SET created_at = coalesce(created_at, (SELECT created_at FROM organization), 0),
           updated_at = coalesce(created_at, (SELECT created_at FROM organization), 0)
     WHERE updated_at IS NULL";

const BY_MEMBER: &str = "
       scim_group.group_id IN (
           WITH wanted (id) AS (SELECT ?)
           SELECT group_member.group_id
             FROM wanted
            CROSS JOIN scim_user ON scim_user.id = wanted.id
            CROSS JOIN group_member ON group_member.user_id = scim_user.user_id
            WHERE scim_user.stage <> 'provisioning'
            UNION ALL
           SELECT scim_group_pending.group_id
             FROM wanted
            CROSS JOIN scim_group_pending ON scim_group_pending.scim_id = wanted.id
            UNION ALL
           SELECT org_group.parent_id
             FROM wanted
            CROSS JOIN org_group ON org_group.id = wanted.id
            WHERE org_group.parent_id IS NOT NULL)";

/// Who is in a group, as `item`s.
const MEMBERS_OF: Listing = Listing {
    from: "
        SELECT 1
          FROM (SELECT scim_user.id AS value, 'user' AS type,
                       coalesce(json_extract(scim_user.search, '$.displayName'),
                                scim_user.user_name_folded) AS display
                  FROM group_member
                 CROSS JOIN scim_user ON scim_user.user_id = group_member.user_id
                 WHERE group_member.group_id = scim_group.group_id
                   AND scim_user.stage <> 'provisioning'
                 UNION ALL
                SELECT scim_user.id, 'user',
                       coalesce(json_extract(scim_user.search, '$.displayName'),
                                scim_user.user_name_folded)
                  FROM scim_group_pending
                 CROSS JOIN scim_user ON scim_user.id = scim_group_pending.scim_id
                 WHERE scim_group_pending.group_id = scim_group.group_id
                 UNION ALL
                SELECT below.id, 'group', names.name_folded
                  FROM org_group AS below
                 CROSS JOIN scim_group AS names ON names.group_id = below.id
                 WHERE below.parent_id = scim_group.group_id) AS item
         WHERE ",
    part: |name| match name {
        "value" => Some("item.value"),
        "type" => Some("item.type"),
        "display" => Some("item.display"),
        _ => None,
    },
};

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

/// The group whose key is `group`.
///
/// # Errors
/// `Refused` when SQLite fails.
pub fn find(sql: &dyn Sql, group: &GroupId) -> Result<Option<ScimGroup>, StoreError> {
    sql.run(Statement::new(FIND).bind(group.as_str()))?.first().map(group_from_row).transpose()
}

/// A page of groups, and where it ended if more follows.
///
/// # Errors
/// `Refused` when SQLite fails.
pub fn list(sql: &dyn Sql, query: &Query) -> Result<(Vec<ScimGroup>, Option<Cursor>), StoreError> {
    let page = page::list(sql, &Groups, query)?;
    Ok((page.rows.iter().map(group_from_row).collect::<Result<_, _>>()?, page.next))
}

/// How many groups the filter lets through.
///
/// # Errors
/// `Refused` when SQLite fails.
pub fn count(sql: &dyn Sql, query: &Query) -> Result<i64, StoreError> {
    page::count(sql, &Groups, query)
}

/// Gives times to groups that have none.
///
/// # Errors
/// `Refused` when SQLite fails.
pub fn settle_times(sql: &dyn Sql) -> Result<(), StoreError> {
    sql.run(Statement::new(SETTLE_TIMES)).map(|_| ())
}

/// The table of groups, for filters and sorting.
#[derive(Clone, Copy, Debug)]
pub struct Groups;

impl Table for Groups {
    fn place(&self, key: &Key) -> Place {
        match (key.name.as_str(), key.sub.as_deref()) {
            ("id", None) => Place::Text(ID),
            ("displayName", None) => Place::Text("scim_group.name_folded"),
            ("externalId", None) => Place::Text(EXTERNAL_ID),
            ("meta", Some("created")) => Place::Seconds(AGE),
            ("meta", Some("lastModified")) => Place::Seconds("scim_group.updated_at"),
            ("meta", Some("version")) => Place::Text("('W/\"' || scim_group.version || '\"')"),
            ("meta", Some("resourceType")) => Place::Constant("Group"),
            _ => Place::Constant(""),
        }
    }

    fn listing(&self, key: &Key) -> Option<Listing> {
        match key.name.as_str() {
            "members" => Some(MEMBERS_OF),
            "schemas" => Some(SCHEMAS),
            _ => None,
        }
    }

    fn shortlist(&self, key: &Key) -> Option<&'static str> {
        key.is("members").then_some(BY_MEMBER)
    }

    fn normal(&self) -> &'static str {
        "'{}'"
    }

    fn columns(&self) -> &'static str {
        COLUMNS
    }

    fn rows(&self) -> &'static str {
        ROWS
    }

    fn tally(&self) -> &'static str {
        "SELECT total FROM tally WHERE kind = 'org_group'"
    }

    fn id(&self) -> &'static str {
        ID
    }

    fn age(&self) -> &'static str {
        AGE
    }

    fn may_be_null(&self, column: &str) -> bool {
        column == EXTERNAL_ID
    }
}

const SCHEMAS: Listing = Listing {
    from: "
        SELECT 1
          FROM (SELECT 'urn:ietf:params:scim:schemas:core:2.0:Group' AS value) AS item
         WHERE ",
    part: |name| name.is_empty().then_some("item.value"),
};

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

fn to_json(value: &impl Serialize) -> Result<String, StoreError> {
    serde_json::to_string(value).map_err(|error| StoreError::Refused(error.to_string()))
}
