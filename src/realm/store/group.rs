//! Groups of realms: found, listed, counted, made, changed, moved, deleted. What
//! hangs on the tree is kept by triggers (`schemas/directory/0009_group.sql`).
use super::to_json;
use crate::kernel::id::{GroupId, RealmId, RoleId, UserId};
use crate::platform::directory::Directory;
use crate::platform::row::{Row, StoreError};
use crate::platform::sql::Statement;
use crate::realm::group::Group;
use crate::realm::page::Page;
use std::collections::BTreeMap;

/// `line` is every name from the group up, by its distance.
const SELECT: &str = "
    SELECT realm_group.id, realm_group.realm_id, realm_group.parent_id, realm_group.name,
           realm_group.description, realm_group.attributes,
           (SELECT json_group_object(group_above.distance, above.name)
              FROM group_above
              JOIN realm_group AS above ON above.id = group_above.above_id
             WHERE group_above.group_id = realm_group.id) AS line,
           (SELECT count(*) FROM realm_group AS below
             WHERE below.parent_id = realm_group.id) AS children
      FROM realm_group";

const BY_ID: &str = "
     WHERE realm_group.id = ? AND realm_group.realm_id = ?";

const BY_IDS: &str = "
     WHERE realm_group.id IN (SELECT value FROM json_each(?)) AND realm_group.realm_id = ?
     ORDER BY realm_group.name, realm_group.id";

const ABOVE: &str = "
     WHERE realm_group.id IN (SELECT group_above.above_id
                                FROM json_each(?) AS asked
                                JOIN group_above ON group_above.group_id = asked.value)
       AND realm_group.realm_id = ?";

const OF_REALM: &str = "
     WHERE realm_group.realm_id = ?";

const AT_TOP: &str = "
     WHERE realm_group.realm_id = ? AND coalesce(realm_group.parent_id, '') = ''";

const BELOW: &str = "
     WHERE realm_group.parent_id = ?";

const TREES: &str = "
     WHERE realm_group.id IN (SELECT group_above.group_id
                                FROM json_each(?) AS asked
                                JOIN realm_group AS top
                                  ON top.realm_id = ? AND coalesce(top.parent_id, '') = ''
                                 AND top.name = asked.value
                                JOIN group_above ON group_above.above_id = top.id)";

const DEFAULTS: &str = "
      JOIN default_group ON default_group.group_id = realm_group.id
     WHERE default_group.realm_id IN (SELECT value FROM json_each(?))
     ORDER BY realm_group.name, realm_group.id";

const WITH_ROLE: &str = "
      JOIN group_role ON group_role.group_id = realm_group.id
     WHERE group_role.role_id = ? AND realm_group.realm_id = ?";

const WITH_MEMBER: &str = "
      JOIN group_member ON group_member.group_id = realm_group.id
     WHERE group_member.user_id = ? AND realm_group.realm_id = ?";

const NAMED_LIKE: &str = " AND instr(lower(realm_group.name), lower(?)) > 0";

const NAMED_FROM: &str = " AND substr(lower(realm_group.name), 1, length(?)) = lower(?)";

const NAMED: &str = " AND realm_group.name = ?";

const HAS_ATTRIBUTE: &str = "
       AND realm_group.id IN (SELECT group_id FROM group_attribute
                               WHERE realm_id = ? AND name = ? AND value = ?)";

const PAGE: &str = " ORDER BY realm_group.name, realm_group.id LIMIT ? OFFSET ?";

/// From the top down, a name of each path with every step.
const WALK: &str = "
    WITH RECURSIVE walk (path, names, depth, id) AS (
        SELECT key, value, 0, '' FROM json_each(?)
         UNION ALL
        SELECT walk.path, walk.names, walk.depth + 1, realm_group.id
          FROM walk
          JOIN realm_group ON realm_group.realm_id = ?
                          AND coalesce(realm_group.parent_id, '') = walk.id
                          AND realm_group.name = walk.names ->> walk.depth
    )
    SELECT path, id FROM walk WHERE depth > 0 AND depth = json_array_length(names)";

const TALLY: &str = "SELECT total, top FROM group_tally WHERE realm_id = ?";

const COUNT_NAMED_LIKE: &str = "
    SELECT count(*) AS total FROM realm_group
     WHERE realm_id = ? AND instr(lower(name), lower(?)) > 0";

const COUNT_WITH_MEMBER: &str = "
    SELECT count(*) AS total
      FROM group_member
      JOIN realm_group ON realm_group.id = group_member.group_id
     WHERE group_member.user_id = ? AND realm_group.realm_id = ?";

const INSERT: &str = "
    INSERT INTO realm_group (id, realm_id, parent_id, name, description, attributes)
    VALUES (?, ?, ?, ?, ?, ?)";

const UPDATE: &str = "
    UPDATE realm_group SET name = ?, description = ?, attributes = ?
     WHERE id = ? AND realm_id = ?";

const MOVE: &str = "UPDATE realm_group SET parent_id = ? WHERE id = ? AND realm_id = ?";

const DELETE: &str = "DELETE FROM realm_group WHERE id = ? AND realm_id = ?";

const ADD_DEFAULT: &str = "
    INSERT INTO default_group (realm_id, group_id) VALUES (?, ?)
    ON CONFLICT DO NOTHING";

const REMOVE_DEFAULT: &str = "DELETE FROM default_group WHERE realm_id = ? AND group_id = ?";

/// Which groups to list.
#[derive(Clone, Copy, Debug)]
pub enum Among<'a> {
    /// All of the realm, wherever they are.
    Realm,
    /// Those that are below none.
    Top,
    /// Those directly below this one.
    Below(&'a GroupId),
}

/// How they are called.
#[derive(Clone, Copy, Debug)]
pub enum Called<'a> {
    /// Somehow.
    Anything,
    /// With this in the name, case aside.
    Like(&'a str),
    /// With this at the beginning of the name, case aside; in an organization, `*`
    /// stands for anything.
    From(&'a str),
    /// So.
    Exactly(&'a str),
}

/// The group of the realm whose key is `group`.
///
/// # Errors
/// `Refused` when the directory fails.
pub async fn find(
    directory: &dyn Directory,
    realm: &RealmId,
    group: &GroupId,
) -> Result<Option<Group>, StoreError> {
    let statement = Statement::new(SELECT).push(BY_ID).bind(group.as_str()).bind(realm.as_str());
    directory.run(statement).await?.first().map(group_from_row).transpose()
}

/// The keys of the groups to which these paths lead, each a list of names from the
/// top; `None` for one that leads nowhere.
///
/// # Errors
/// `Refused` when the directory fails.
pub async fn find_by_names(
    directory: &dyn Directory,
    realm: &RealmId,
    paths: &[Vec<String>],
) -> Result<Vec<Option<GroupId>>, StoreError> {
    if paths.is_empty() {
        return Ok(Vec::new());
    }
    let walk = Statement::new(WALK).bind(to_json(&paths)?).bind(realm.as_str());
    let mut found = vec![None; paths.len()];
    for row in directory.run(walk).await? {
        let place = usize::try_from(row.int("path")?).ok().and_then(|path| found.get_mut(path));
        *place.ok_or(StoreError::Corrupt { column: "path" })? = Some(row.parse("id")?);
    }
    Ok(found)
}

/// A page of groups, by name.
///
/// # Errors
/// `Refused` when the directory fails.
pub async fn list(
    directory: &dyn Directory,
    realm: &RealmId,
    among: Among<'_>,
    called: Called<'_>,
    page: Page,
) -> Result<Vec<Group>, StoreError> {
    let statement = Statement::new(SELECT);
    let statement = match among {
        Among::Realm => statement.push(OF_REALM).bind(realm.as_str()),
        Among::Top => statement.push(AT_TOP).bind(realm.as_str()),
        Among::Below(parent) => statement.push(BELOW).bind(parent.as_str()),
    };
    groups_of(directory, paged(named(statement, called), page)).await
}

/// A page of the groups that have all of these attributes, by name.
///
/// # Errors
/// `Refused` when the directory fails.
pub async fn list_by_attributes(
    directory: &dyn Directory,
    realm: &RealmId,
    attributes: &[(String, String)],
    page: Page,
) -> Result<Vec<Group>, StoreError> {
    let mut statement = Statement::new(SELECT).push(OF_REALM).bind(realm.as_str());
    for (name, value) in attributes {
        statement = statement
            .push(HAS_ATTRIBUTE)
            .bind(realm.as_str())
            .bind(name.as_str())
            .bind(value.as_str());
    }
    groups_of(directory, paged(statement, page)).await
}

/// These groups, and all that are above them, in no particular order.
///
/// # Errors
/// `Refused` when the directory fails.
pub async fn list_above(
    directory: &dyn Directory,
    realm: &RealmId,
    groups: &[&GroupId],
) -> Result<Vec<Group>, StoreError> {
    let statement = Statement::new(SELECT).push(ABOVE).bind(to_json(&groups)?).bind(realm.as_str());
    groups_of(directory, statement).await
}

/// Those of `groups` that the realm has, by name.
///
/// # Errors
/// `Refused` when the directory fails.
pub async fn list_by_ids(
    directory: &dyn Directory,
    realm: &RealmId,
    groups: &[GroupId],
) -> Result<Vec<Group>, StoreError> {
    let statement =
        Statement::new(SELECT).push(BY_IDS).bind(to_json(&groups)?).bind(realm.as_str());
    groups_of(directory, statement).await
}

/// The groups at the top with one of `names`, and all that are below them, in no
/// particular order.
///
/// # Errors
/// `Refused` when the directory fails.
pub async fn list_trees(
    directory: &dyn Directory,
    realm: &RealmId,
    names: &[&str],
) -> Result<Vec<Group>, StoreError> {
    let statement = Statement::new(SELECT).push(TREES).bind(to_json(&names)?).bind(realm.as_str());
    groups_of(directory, statement).await
}

/// The groups that new people of each of `realms` join, by name.
///
/// # Errors
/// `Refused` when the directory fails.
pub async fn list_defaults(
    directory: &dyn Directory,
    realms: &[&RealmId],
) -> Result<Vec<(RealmId, Group)>, StoreError> {
    let statement = Statement::new(SELECT).push(DEFAULTS).bind(to_json(&realms)?);
    let rows = directory.run(statement).await?;
    rows.iter().map(|row| Ok((row.parse("realm_id")?, group_from_row(row)?))).collect()
}

/// A page of the groups to which `role` was granted, by name.
///
/// # Errors
/// `Refused` when the directory fails.
pub async fn list_with_role(
    directory: &dyn Directory,
    realm: &RealmId,
    role: &RoleId,
    page: Page,
) -> Result<Vec<Group>, StoreError> {
    let statement = Statement::new(SELECT).push(WITH_ROLE).bind(role.as_str()).bind(realm.as_str());
    groups_of(directory, paged(statement, page)).await
}

/// A page of the groups that `user` is in, by name.
///
/// # Errors
/// `Refused` when the directory fails.
pub async fn list_with_member(
    directory: &dyn Directory,
    realm: &RealmId,
    user: &UserId,
    called: Called<'_>,
    page: Page,
) -> Result<Vec<Group>, StoreError> {
    let statement =
        Statement::new(SELECT).push(WITH_MEMBER).bind(user.as_str()).bind(realm.as_str());
    groups_of(directory, paged(named(statement, called), page)).await
}

/// How many groups [`list_with_member`] has in all.
///
/// # Errors
/// `Refused` when the directory fails.
pub async fn count_with_member(
    directory: &dyn Directory,
    realm: &RealmId,
    user: &UserId,
    called: Called<'_>,
) -> Result<i64, StoreError> {
    let statement = Statement::new(COUNT_WITH_MEMBER).bind(user.as_str()).bind(realm.as_str());
    count_of(directory, named(statement, called)).await
}

/// How many groups the realm has: everywhere, and at the top.
///
/// # Errors
/// `Refused` when the directory fails.
pub async fn count(directory: &dyn Directory, realm: &RealmId) -> Result<(i64, i64), StoreError> {
    let rows = directory.run(Statement::new(TALLY).bind(realm.as_str())).await?;
    rows.first().map_or(Ok((0, 0)), |row| Ok((row.int("total")?, row.int("top")?)))
}

/// How many groups of the realm have `part` in their name, case aside.
///
/// # Errors
/// `Refused` when the directory fails.
pub async fn count_named_like(
    directory: &dyn Directory,
    realm: &RealmId,
    part: &str,
) -> Result<i64, StoreError> {
    let statement = Statement::new(COUNT_NAMED_LIKE).bind(realm.as_str()).bind(part);
    count_of(directory, statement).await
}

/// The statement that adds a group; `Conflict` when a sibling is called so,
/// `Broken` when there are too many or it would be too deep, `Dangling` when the
/// group above is gone.
///
/// # Errors
/// `Refused` when the attributes cannot be written.
pub fn insertion(realm: &RealmId, group: &Group) -> Result<Statement, StoreError> {
    Ok(Statement::new(INSERT)
        .bind(group.id.as_str())
        .bind(realm.as_str())
        .bind(group.parent.as_ref().map(GroupId::as_str))
        .bind(group.name.as_str())
        .bind(group.description.as_str())
        .bind(to_json(&group.attributes)?))
}

/// The statement that changes a group where it is; `Conflict` when a sibling is
/// called so.
///
/// # Errors
/// `Refused` when the attributes cannot be written.
pub fn update(realm: &RealmId, group: &Group) -> Result<Statement, StoreError> {
    Ok(Statement::new(UPDATE)
        .bind(group.name.as_str())
        .bind(group.description.as_str())
        .bind(to_json(&group.attributes)?)
        .bind(group.id.as_str())
        .bind(realm.as_str()))
}

/// The statement that moves a group with all below it; `Conflict` when a sibling
/// there is called so, `Broken` when it would be inside itself or too deep,
/// `Dangling` when the group above is gone.
#[must_use]
pub fn moving(realm: &RealmId, group: &GroupId, parent: Option<&GroupId>) -> Statement {
    Statement::new(MOVE).bind(parent.map(GroupId::as_str)).bind(group.as_str()).bind(realm.as_str())
}

/// The statement that deletes a group with all below it, and what hangs on them.
#[must_use]
pub fn deletion(realm: &RealmId, group: &GroupId) -> Statement {
    Statement::new(DELETE).bind(group.as_str()).bind(realm.as_str())
}

/// The statement that lets new people join `group`; `Broken` when they join too
/// many.
#[must_use]
pub fn default_insertion(realm: &RealmId, group: &GroupId) -> Statement {
    Statement::new(ADD_DEFAULT).bind(realm.as_str()).bind(group.as_str())
}

/// The statement that lets new people join `group` no more.
#[must_use]
pub fn default_removal(realm: &RealmId, group: &GroupId) -> Statement {
    Statement::new(REMOVE_DEFAULT).bind(realm.as_str()).bind(group.as_str())
}

fn named(statement: Statement, called: Called<'_>) -> Statement {
    match called {
        Called::Anything => statement,
        Called::Like(part) => statement.push(NAMED_LIKE).bind(part),
        Called::From(start) => statement.push(NAMED_FROM).bind(start).bind(start),
        Called::Exactly(name) => statement.push(NAMED).bind(name),
    }
}

fn paged(statement: Statement, page: Page) -> Statement {
    statement.push(PAGE).bind(page.max).bind(page.first)
}

async fn groups_of(
    directory: &dyn Directory,
    statement: Statement,
) -> Result<Vec<Group>, StoreError> {
    directory.run(statement).await?.iter().map(group_from_row).collect()
}

async fn count_of(directory: &dyn Directory, statement: Statement) -> Result<i64, StoreError> {
    let rows = directory.run(statement).await?;
    rows.first().ok_or(StoreError::Corrupt { column: "total" })?.int("total")
}

fn group_from_row(row: &Row) -> Result<Group, StoreError> {
    let line: BTreeMap<u32, String> = row.json("line")?;
    Ok(Group {
        id: row.parse("id")?,
        parent: row.parse_or_null("parent_id")?,
        name: row.text("name")?.to_owned(),
        description: row.text("description")?.to_owned(),
        attributes: row.json("attributes")?,
        line: line.into_values().rev().collect(),
        children: row.int("children")?,
    })
}
