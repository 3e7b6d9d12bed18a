//! Groups of an organization in the words of Keycloak's administration API.
use super::admin_visit::AdminVisit;
use super::group_mapping;
use crate::kernel::id::{GroupId, RoleId};
use crate::realm::error::AdminError;
use crate::realm::group::{Group, GroupRoles};
use crate::realm::show_groups::flag;
use crate::realm::store::role_within;
use crate::realm::wire_keycloak_group::GroupJson;
use crate::web::form::Form;
use std::collections::{BTreeSet, HashMap};

/// What of each group is told. Unlike of a realm's groups, never what the caller may
/// do with it.
#[derive(Clone, Copy, Debug)]
pub struct Telling {
    /// Attributes and roles.
    pub full: bool,
    /// How many groups are directly below.
    pub count: bool,
}

impl Telling {
    /// Brief and without counts, unless the query says otherwise.
    #[must_use]
    pub fn of(query: &Form) -> Self {
        Self { full: !flag(query, "briefRepresentation", true), count: counts(query) }
    }
}

/// Whether the query asks for how many groups are below each.
#[must_use]
pub fn counts(query: &Form) -> bool {
    flag(query, "subGroupsCount", false)
}

/// One group, without attributes and roles.
#[must_use]
pub fn brief<'a>(at: &'a AdminVisit<'_>, group: &'a Group, count: bool) -> GroupJson<'a> {
    finish(at, GroupJson::brief(group), group, count)
}

/// `groups` as they are answered.
///
/// # Errors
/// `Store` when a store fails.
pub async fn show<'a>(
    at: &'a AdminVisit<'_>,
    groups: &'a [Group],
    telling: Telling,
) -> Result<Vec<GroupJson<'a>>, AdminError> {
    if !telling.full {
        return Ok(groups.iter().map(|group| brief(at, group, telling.count)).collect());
    }
    let mut roles = roles_of(at, groups).await?;
    let one = |group: &'a Group| {
        let json = GroupJson::full(group, roles.remove(&group.id).unwrap_or_default());
        finish(at, json, group, telling.count)
    };
    Ok(groups.iter().map(one).collect())
}

fn finish<'a>(
    at: &'a AdminVisit<'_>,
    json: GroupJson<'a>,
    group: &Group,
    count: bool,
) -> GroupJson<'a> {
    let json = json.within(&at.visit.organization.id);
    if count { json.with_count(group) } else { json }
}

/// The names of what was mapped to each group itself, sorted. What the directory
/// does not know any more is nothing.
async fn roles_of(
    at: &AdminVisit<'_>,
    groups: &[Group],
) -> Result<HashMap<GroupId, GroupRoles>, AdminError> {
    let ids: Vec<&GroupId> = groups.iter().map(|group| &group.id).collect();
    let held = group_mapping::list_of_many(at.sql(), &ids)?;
    let distinct: BTreeSet<&RoleId> = held.iter().map(|(_, role)| role).collect();
    let distinct: Vec<&RoleId> = distinct.into_iter().collect();
    let (directory, realm) = (at.inquiry.directory(), at.inquiry.realm_id());
    let names = role_within::list_names(directory, realm, &distinct).await?;
    let mut pairs: Vec<_> =
        held.iter().filter_map(|(group, role)| Some((names.get(role)?, group))).collect();
    pairs.sort_unstable();
    let mut roles: HashMap<GroupId, GroupRoles> = HashMap::new();
    for (role, group) in pairs {
        roles.entry(group.clone()).or_default().add(role.client_id.as_deref(), &role.name);
    }
    Ok(roles)
}
