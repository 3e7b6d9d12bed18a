//! Groups: found, listed, counted, made, changed, moved, deleted. What hangs on the
//! tree is kept by triggers (`schemas/org/0008_group.sql`).
use super::to_json;
use crate::kernel::id::{GroupId, UserId};
use crate::org::content::GroupContent;
use crate::platform::row::{Row, StoreError};
use crate::platform::sql::{Sql, Statement};
use crate::realm::group::Group;
use crate::realm::page::Page;
use crate::realm::store::group::Called;
use std::collections::BTreeMap;

/// `line` is every name from the group up, by its distance.
const SELECT: &str = "
    SELECT org_group.id, org_group.parent_id, org_group.name, org_group.description,
           org_group.attributes,
           (SELECT json_group_object(group_above.distance, above.name)
              FROM group_above
              JOIN org_group AS above ON above.id = group_above.above_id
             WHERE group_above.group_id = org_group.id) AS line,
           (SELECT count(*) FROM org_group AS below
             WHERE below.parent_id = org_group.id) AS children
      FROM org_group";

const BY_ID: &str = "
     WHERE org_group.id = ?";

const ABOVE: &str = "
     WHERE org_group.id IN (SELECT group_above.above_id
                              FROM json_each(?) AS asked
                              JOIN group_above ON group_above.group_id = asked.value)";

const ANYWHERE: &str = "
     WHERE org_group.name > ''";

const AT_TOP: &str = "
     WHERE coalesce(org_group.parent_id, '') = ''";

const BELOW: &str = "
     WHERE org_group.parent_id = ?";

const WITH_MEMBER: &str = "
      JOIN group_member ON group_member.group_id = org_group.id
     WHERE group_member.user_id = ?";

const NAMED_LIKE: &str = " AND instr(lower(org_group.name), lower(?)) > 0";

const NAMED_FROM: &str = " AND substr(lower(org_group.name), 1, length(?)) = lower(?)";

/// Name by name, what is left when the parts of the pattern, one after the other,
/// are cut off: the first from the beginning. A pattern is matched when its last
/// part is found.
const NAMED_AS: &str = "
       AND (WITH RECURSIVE matched (step, rest) AS (
                SELECT 0, lower(org_group.name)
                 UNION ALL
                SELECT matched.step + 1,
                       substr(matched.rest, instr(matched.rest, part.value) + length(part.value))
                  FROM matched
                  JOIN json_each(?) AS part ON part.key = matched.step
                 WHERE instr(matched.rest, part.value) > 0
                   AND (matched.step > 0 OR instr(matched.rest, part.value) = 1)
            )
            SELECT max(step) FROM matched) = json_array_length(?)";

const NAMED: &str = " AND org_group.name = ?";

const HAS_ATTRIBUTE: &str = "
       AND org_group.id IN (SELECT group_id FROM group_attribute WHERE name = ? AND value = ?)";

const PAGE: &str = " ORDER BY org_group.name, org_group.id LIMIT ? OFFSET ?";

const FIND_CHILD: &str = "
    SELECT id FROM org_group WHERE coalesce(parent_id, '') = ? AND name = ?";

const IS_BELOW: &str = "SELECT distance FROM group_above WHERE group_id = ? AND above_id = ?";

/// How far down the lowest group below it is.
const HEIGHT: &str = "
    SELECT distance FROM group_above WHERE above_id = ? ORDER BY distance DESC LIMIT 1";

const COUNT: &str = "SELECT total FROM tally WHERE kind = 'org_group'";

const INSERT: &str = "
    INSERT INTO org_group (id, parent_id, name, description, attributes) VALUES (?, ?, ?, ?, ?)";

const UPDATE: &str = "
    UPDATE org_group SET name = ?, description = ?, attributes = ? WHERE id = ?";

const MOVE: &str = "UPDATE org_group SET parent_id = ? WHERE id = ?";

const DELETE: &str = "DELETE FROM org_group WHERE id = ?";

const LIST_WHOLE: &str = "
    SELECT id, parent_id, name, description, attributes
      FROM org_group WHERE id > '' ORDER BY id LIMIT ?";

const LIST_PATHS: &str = "
    SELECT (SELECT json_group_object(group_above.distance, above.name)
              FROM group_above
              JOIN org_group AS above ON above.id = group_above.above_id
             WHERE group_above.group_id = group_member.group_id) AS line
      FROM group_member
     WHERE group_member.user_id = ?";

/// Which groups to list.
#[derive(Clone, Copy, Debug)]
pub enum Among<'a> {
    /// All, wherever they are.
    Anywhere,
    /// Those that are below none.
    Top,
    /// Those directly below this one.
    Below(&'a GroupId),
    /// Those that this member is in directly.
    Of(&'a UserId),
}

pub fn find(sql: &dyn Sql, group: &GroupId) -> Result<Option<Group>, StoreError> {
    let statement = Statement::new(SELECT).push(BY_ID).bind(group.as_str());
    sql.run(statement)?.first().map(group_from_row).transpose()
}

pub fn find_child(
    sql: &dyn Sql,
    parent: Option<&GroupId>,
    name: &str,
) -> Result<Option<GroupId>, StoreError> {
    let statement =
        Statement::new(FIND_CHILD).bind(parent.map_or("", |group| group.as_str())).bind(name);
    sql.run(statement)?.first().map(|row| row.parse("id")).transpose()
}

/// A page of groups, by name, that have all of these attributes.
pub fn list(
    sql: &dyn Sql,
    among: Among<'_>,
    called: Called<'_>,
    attributes: &[(String, String)],
    page: Page,
) -> Result<Vec<Group>, StoreError> {
    let statement = Statement::new(SELECT);
    let statement = match among {
        Among::Anywhere => statement.push(ANYWHERE),
        Among::Top => statement.push(AT_TOP),
        Among::Below(parent) => statement.push(BELOW).bind(parent.as_str()),
        Among::Of(user) => statement.push(WITH_MEMBER).bind(user.as_str()),
    };
    let mut statement = match called {
        Called::Anything => statement,
        Called::Like(part) => statement.push(NAMED_LIKE).bind(part),
        Called::From(pattern) if pattern.contains('*') => {
            let parts = to_json(&parts_of(pattern))?;
            statement.push(NAMED_AS).bind(parts.as_str()).bind(parts.as_str())
        }
        Called::From(start) => statement.push(NAMED_FROM).bind(start).bind(start),
        Called::Exactly(name) => statement.push(NAMED).bind(name),
    };
    for (name, value) in attributes {
        statement = statement.push(HAS_ATTRIBUTE).bind(name.as_str()).bind(value.as_str());
    }
    groups_of(sql, statement.push(PAGE).bind(page.max).bind(page.first))
}

/// What stands between the asterisks of a pattern, in lower case as SQLite folds
/// it; the first part even when it is empty.
fn parts_of(pattern: &str) -> Vec<String> {
    let parts = pattern.split('*').enumerate();
    let parts = parts.filter(|(at, part)| *at == 0 || !part.is_empty());
    parts.map(|(_, part)| part.to_ascii_lowercase()).collect()
}

/// These groups, and all that are above them, in no particular order.
pub fn list_above(sql: &dyn Sql, groups: &[&GroupId]) -> Result<Vec<Group>, StoreError> {
    groups_of(sql, Statement::new(SELECT).push(ABOVE).bind(to_json(&groups)?))
}

/// How many steps `group` is below `above`; 0 for itself, `None` when it is not.
pub fn distance(
    sql: &dyn Sql,
    group: &GroupId,
    above: &GroupId,
) -> Result<Option<i64>, StoreError> {
    let statement = Statement::new(IS_BELOW).bind(group.as_str()).bind(above.as_str());
    sql.run(statement)?.first().map(|row| row.int("distance")).transpose()
}

/// How many groups stand one below the other under `group`; 0 when none does.
pub fn height(sql: &dyn Sql, group: &GroupId) -> Result<i64, StoreError> {
    let rows = sql.run(Statement::new(HEIGHT).bind(group.as_str()))?;
    rows.first().map_or(Ok(0), |row| row.int("distance"))
}

/// How many groups there are.
pub fn count(sql: &dyn Sql) -> Result<i64, StoreError> {
    sql.run(Statement::new(COUNT))?.first().map_or(Ok(0), |row| row.int("total"))
}

/// `Conflict` when a sibling is called so, `Dangling` when the group above is gone.
pub fn insert(sql: &dyn Sql, group: &Group) -> Result<(), StoreError> {
    let statement = Statement::new(INSERT)
        .bind(group.id.as_str())
        .bind(group.parent.as_ref().map(GroupId::as_str))
        .bind(group.name.as_str())
        .bind(group.description.as_str())
        .bind(to_json(&group.attributes)?);
    sql.run(statement).map(|_| ())
}

/// Writes name, description and attributes; `Conflict` when a sibling is called so.
pub fn update(sql: &dyn Sql, group: &Group) -> Result<(), StoreError> {
    let statement = Statement::new(UPDATE)
        .bind(group.name.as_str())
        .bind(group.description.as_str())
        .bind(to_json(&group.attributes)?)
        .bind(group.id.as_str());
    sql.run(statement).map(|_| ())
}

/// Moves a group with all below it; `Conflict` when a sibling there is called so.
pub fn relocate(
    sql: &dyn Sql,
    group: &GroupId,
    parent: Option<&GroupId>,
) -> Result<(), StoreError> {
    let statement = Statement::new(MOVE).bind(parent.map(GroupId::as_str)).bind(group.as_str());
    sql.run(statement).map(|_| ())
}

/// Deletes a group with all below it, and what hangs on them.
pub fn delete(sql: &dyn Sql, group: &GroupId) -> Result<(), StoreError> {
    sql.run(Statement::new(DELETE).bind(group.as_str())).map(|_| ())
}

/// Every group, without its members, by id, at most `limit`.
pub fn list_whole(sql: &dyn Sql, limit: i64) -> Result<Vec<GroupContent>, StoreError> {
    let rows = sql.run(Statement::new(LIST_WHOLE).bind(limit))?;
    rows.iter()
        .map(|row| {
            Ok(GroupContent {
                id: row.parse("id")?,
                parent: row.parse_or_null("parent_id")?,
                name: row.text("name")?.to_owned(),
                description: row.text("description")?.to_owned(),
                attributes: row.json("attributes")?,
                roles: Vec::new(),
                mapped: Vec::new(),
                members: Vec::new(),
            })
        })
        .collect()
}

/// The names from the top down to each group that the member is in directly.
pub fn list_lines(sql: &dyn Sql, user: &UserId) -> Result<Vec<Vec<String>>, StoreError> {
    let rows = sql.run(Statement::new(LIST_PATHS).bind(user.as_str()))?;
    rows.iter().map(line_of).collect()
}

fn groups_of(sql: &dyn Sql, statement: Statement) -> Result<Vec<Group>, StoreError> {
    sql.run(statement)?.iter().map(group_from_row).collect()
}

fn line_of(row: &Row) -> Result<Vec<String>, StoreError> {
    let line: BTreeMap<u32, String> = row.json("line")?;
    Ok(line.into_values().rev().collect())
}

fn group_from_row(row: &Row) -> Result<Group, StoreError> {
    Ok(Group {
        id: row.parse("id")?,
        parent: row.parse_or_null("parent_id")?,
        name: row.text("name")?.to_owned(),
        description: row.text("description")?.to_owned(),
        attributes: row.json("attributes")?,
        line: line_of(row)?,
        children: row.int("children")?,
    })
}
