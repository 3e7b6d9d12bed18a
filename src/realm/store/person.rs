//! Users with what tokens tell of them.
use super::membership;
use super::role_list::HELD_BY_USER;
use super::to_json;
use super::user::{finding, user_from_row};
use crate::kernel::id::{OrgId, RealmId, RoleId, UserId};
use crate::platform::directory::Directory;
use crate::platform::row::{Row, StoreError};
use crate::platform::sql::Statement;
use crate::realm::person::{HeldGroup, HeldRole, MAX_TOKEN_GROUPS, MAX_TOKEN_ROLES, Person};
use std::collections::BTreeMap;

const LIST_ROLES: &str = "
    SELECT role.id, role.name, client.client_id
      FROM held
      JOIN role ON role.id = held.role_id
      LEFT JOIN client ON client.id = role.client_uuid
     WHERE role.realm_id = ?";

const AMONG: &str = " AND role.id IN (SELECT value FROM json_each(?))";

const BY_NAME: &str = " ORDER BY client.client_id, role.name LIMIT ?";

/// Of each organization some roles, down through the composites.
const HELD_WITHIN: &str = "
    WITH RECURSIVE held (org_id, role_id) AS (
        SELECT asked.key, mapped.value
          FROM json_each(?) AS asked, json_each(asked.value) AS mapped
         UNION
        SELECT held.org_id, role_composite.child_id
          FROM held
          JOIN role_composite ON role_composite.parent_id = held.role_id
    )
    SELECT held.org_id, role.id, role.name, client.client_id
      FROM held
      JOIN role ON role.id = held.role_id
      LEFT JOIN client ON client.id = role.client_uuid
     WHERE role.realm_id = ?";

const BY_ORG: &str = " ORDER BY held.org_id, client.client_id, role.name LIMIT ?";

const LIST_GROUPS: &str = "
    SELECT group_member.group_id, realm_group.name, realm_group.attributes
      FROM group_member
      JOIN group_above ON group_above.group_id = group_member.group_id
      JOIN realm_group ON realm_group.id = group_above.above_id
     WHERE group_member.user_id = ? AND realm_group.realm_id = ?
     ORDER BY group_member.group_id, group_above.distance
     LIMIT ?";

/// What is asked of a user besides the user.
#[derive(Clone, Debug)]
pub struct Asked<'a> {
    /// Which roles matter.
    pub roles: Roles<'a>,
    /// How many memberships in organizations to list.
    pub orgs: i64,
}

/// Which of a user's roles matter.
#[derive(Clone, Debug)]
pub enum Roles<'a> {
    /// Every one.
    All,
    /// Those among these.
    Among(Vec<&'a RoleId>),
}

/// The user of `realm` whose id is `user`, with one more role or group than a
/// token tells when there are more. One round trip.
///
/// # Errors
/// `Refused` when the directory fails.
pub async fn find(
    directory: &dyn Directory,
    realm: &RealmId,
    user: &UserId,
    asked: &Asked<'_>,
) -> Result<Option<Person>, StoreError> {
    let groups = Statement::new(LIST_GROUPS)
        .bind(user.as_str())
        .bind(realm.as_str())
        .bind(one_more(MAX_TOKEN_GROUPS));
    let mut statements = vec![finding(realm, user), groups];
    let roles = roles_of(realm, user, &asked.roles)?;
    let asks_roles = roles.is_some();
    statements.extend(roles);
    if asked.orgs > 0 {
        statements.push(membership::listing(realm, user, asked.orgs));
    }
    let mut answers = directory.batch(statements).await?.into_iter();
    let mut next = || answers.next().unwrap_or_default();
    let found = next();
    let Some(row) = found.first() else { return Ok(None) };
    let groups = groups_from_rows(&next())?;
    let roles = if asks_roles { next() } else { Vec::new() };
    let orgs = if asked.orgs > 0 { next() } else { Vec::new() };
    Ok(Some(Person {
        user: user_from_row(row)?,
        roles: roles.iter().map(role_from_row).collect::<Result<_, _>>()?,
        groups,
        orgs: orgs.iter().map(|row| row.parse("id")).collect::<Result<_, _>>()?,
    }))
}

fn roles_of(
    realm: &RealmId,
    user: &UserId,
    roles: &Roles<'_>,
) -> Result<Option<Statement>, StoreError> {
    let held = Statement::new(HELD_BY_USER).bind(user.as_str()).bind(user.as_str());
    let all = held.push(LIST_ROLES).bind(realm.as_str());
    Ok(those_asked(all, roles)?.map(|some| some.push(BY_NAME).bind(one_more(MAX_TOKEN_ROLES))))
}

/// Of the roles that `all` finds, those that matter.
fn those_asked(all: Statement, roles: &Roles<'_>) -> Result<Option<Statement>, StoreError> {
    Ok(match roles {
        Roles::All => Some(all),
        Roles::Among(none) if none.is_empty() => None,
        Roles::Among(some) => Some(all.push(AMONG).bind(to_json(some)?)),
    })
}

/// Of each organization those of its roles of the realm, and of what they include,
/// that matter; of all together one more than a token tells when there are more. One
/// round trip; none for no roles.
///
/// # Errors
/// `Refused` when the directory fails.
pub async fn list_within(
    directory: &dyn Directory,
    realm: &RealmId,
    within: &BTreeMap<&OrgId, &[RoleId]>,
    asked: &Roles<'_>,
) -> Result<BTreeMap<OrgId, Vec<HeldRole>>, StoreError> {
    let mut found: BTreeMap<OrgId, Vec<HeldRole>> = BTreeMap::new();
    if within.values().all(|roles| roles.is_empty()) {
        return Ok(found);
    }
    let all = Statement::new(HELD_WITHIN).bind(to_json(&within)?).bind(realm.as_str());
    let Some(statement) = those_asked(all, asked)? else { return Ok(found) };
    let statement = statement.push(BY_ORG).bind(one_more(MAX_TOKEN_ROLES));
    for row in &directory.run(statement).await? {
        found.entry(row.parse("org_id")?).or_default().push(role_from_row(row)?);
    }
    Ok(found)
}

fn one_more(limit: usize) -> i64 {
    i64::try_from(limit).unwrap_or(i64::MAX).saturating_add(1)
}

fn role_from_row(row: &Row) -> Result<HeldRole, StoreError> {
    Ok(HeldRole {
        id: row.parse("id")?,
        client_id: row.text_or_null("client_id")?.map(str::to_owned),
        name: row.text("name")?.to_owned(),
    })
}

/// Rows come group by group, each with itself first and then what is above it.
fn groups_from_rows(rows: &[Row]) -> Result<Vec<HeldGroup>, StoreError> {
    let mut groups: Vec<(&str, HeldGroup)> = Vec::new();
    for row in rows {
        let key = row.text("group_id")?;
        if groups.last().is_none_or(|(last, _)| *last != key) {
            groups.push((key, HeldGroup::default()));
        }
        if let Some((_, group)) = groups.last_mut() {
            group.path.insert(0, row.text("name")?.to_owned());
            group.attributes.push(row.json("attributes")?);
        }
    }
    let mut groups: Vec<HeldGroup> = groups.into_iter().map(|(_, group)| group).collect();
    groups.sort_by(|one, other| one.path.cmp(&other.path));
    Ok(groups)
}
