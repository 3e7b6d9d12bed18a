//! The organization's groups as SCIM resources. The version and the times are kept by
//! triggers (`schemas/org/0014_scim_group.sql`).
use super::condition::{Listing, Place, Table};
use super::page;
use crate::kernel::id::GroupId;
use crate::platform::row::{Row, StoreError};
use crate::platform::sql::{Sql, Statement};
use crate::scim::cursor::Cursor;
use crate::scim::filter::Key;
use crate::scim::group::ScimGroup;
use crate::scim::group_content::ScimGroupContent;
use crate::scim::query::Query;

const COLUMNS: &str = "
    org_group.id AS id, org_group.name, scim_group.external_id, scim_group.version,
    scim_group.created_at,
    scim_group.updated_at";

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
           scim_group.created_at,
           scim_group.updated_at
      FROM scim_group
     CROSS JOIN org_group ON org_group.id = scim_group.group_id
     WHERE scim_group.group_id = ?";

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
    reads_normal: true,
};

const LIST_UNFOLDED: &str = "
    SELECT scim_group.group_id, org_group.name
      FROM scim_group
     CROSS JOIN org_group ON org_group.id = scim_group.group_id
     WHERE scim_group.name_folded IS NULL
     LIMIT ?";

const SET_FOLDED: &str = "UPDATE scim_group SET name_folded = ? WHERE group_id = ?";

const SET_EXTERNAL_ID: &str = "
    UPDATE scim_group SET external_id = ?, version = version + 1, awaits = max(awaits, 1)
     WHERE group_id = ? AND external_id IS NOT ?
    RETURNING group_id";

const LIST_WHOLE: &str = "
    SELECT group_id, external_id, version, created_at, updated_at
      FROM scim_group WHERE group_id > '' ORDER BY group_id LIMIT ?";

const SET_WHOLE: &str = "
    UPDATE scim_group
       SET external_id = ?, version = ?, created_at = ?, updated_at = ?, awaits = 0
     WHERE group_id = ?";

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
    reads_normal: false,
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
