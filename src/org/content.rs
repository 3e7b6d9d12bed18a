//! All that an organization's object holds of it, but for its audit trail: taken
//! out for an export, put into a blank object by an import.
use super::create;
use super::define::{self, Tree};
use super::dialect::Dialect;
use super::domain::Stage as DomainStage;
use super::join;
use super::organization::Organization;
use super::record::{Scene, record};
use super::role::{BuiltIn, OrganizationRole, RoleName};
use super::store;
use crate::kernel::id::{ClientUuid, GroupId, ImportId, RoleId, UserId};
use crate::kernel::time::Timestamp;
use crate::platform::row::StoreError;
use crate::platform::sql::Sql;
use crate::realm::group::Group;
use crate::realm::registry::{Attributes, Registration};
use crate::realm::stored_role::Container;
use serde::{Deserialize, Serialize};
use std::collections::HashMap;

/// An organization with what belongs to it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct OrgContent {
    /// What the registry lists.
    pub registration: Registration,
    /// Its logo.
    pub logo_url: Option<String>,
    /// Those of its domains that it has shown to own.
    pub owned: Vec<OwnedDomain>,
    /// Its roles, the built-in ones first.
    pub roles: Vec<OrganizationRole>,
    /// Which of them includes which, by name.
    #[serde(default)]
    pub composites: Vec<(RoleName, RoleName)>,
    /// Those that every member holds, by name.
    #[serde(default)]
    pub defaults: Vec<RoleName>,
    /// Its members.
    pub members: Vec<MemberContent>,
    /// Its groups; to be put in, each after the one it is in.
    pub groups: Vec<GroupContent>,
}

/// A domain that an organization has shown to own.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct OwnedDomain {
    /// In lower case.
    pub name: String,
    /// The id of its claim in the directory.
    pub claim: String,
}

/// A member.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct MemberContent {
    /// The person, or a client's service account.
    pub user: UserId,
    /// How they became a member.
    pub source: super::member::Source,
    /// Whether the membership gives access.
    pub active: bool,
    /// Whether the organization manages the person's account.
    #[serde(default)]
    pub managed: bool,
    /// Since when.
    pub joined_at: Timestamp,
    /// What is noted about them.
    pub attributes: Attributes,
    /// The roles they hold, by name.
    pub roles: Vec<RoleName>,
}

/// A group.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct GroupContent {
    /// The key.
    pub id: GroupId,
    /// The group it is in, if it is in one.
    pub parent: Option<GroupId>,
    /// Unique in there.
    pub name: String,
    /// For administrators.
    #[serde(default)]
    pub description: String,
    /// What is noted about it.
    #[serde(default)]
    pub attributes: Attributes,
    /// The roles that its members hold through it, by name.
    #[serde(default)]
    pub roles: Vec<RoleName>,
    /// The roles of the realm and of its clients that are mapped to it.
    #[serde(default)]
    pub mapped: Vec<MappedRole>,
    /// Who is in it.
    pub members: Vec<UserId>,
}

/// A role that the directory knows.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct MappedRole {
    /// Which.
    pub id: RoleId,
    /// Whose it is; `None` for a role of the realm.
    pub client: Option<ClientUuid>,
}

/// How much to take out: more of something is told, not cut.
#[derive(Clone, Copy, Debug)]
pub struct Most {
    /// Of people.
    pub people: usize,
    /// Of anything else.
    pub rows: usize,
}

/// More of something than is taken out at once.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TooMany {
    /// Of what.
    pub what: String,
    /// How much is taken.
    pub most: usize,
}

impl TooMany {
    /// Passes `rows`, of which at most one more than `most` was asked for.
    ///
    /// # Errors
    /// `TooMany`.
    pub fn check<T>(rows: Vec<T>, what: &str, most: usize) -> Result<Vec<T>, Self> {
        if rows.len() <= most { Ok(rows) } else { Err(Self { what: what.to_owned(), most }) }
    }

    /// One more than `most`, as the `LIMIT` of a statement.
    #[must_use]
    pub fn limit(most: usize) -> i64 {
        i64::try_from(most).map_or(i64::MAX, |most| most.saturating_add(1))
    }
}

/// What the organization is, without its people and groups.
///
/// # Errors
/// `Refused` when SQLite fails.
pub fn read(sql: &dyn Sql, organization: &Organization) -> Result<OrgContent, StoreError> {
    let owned = store::domain::list(sql)?.into_iter().filter_map(|domain| {
        let owned = domain.stage == DomainStage::Verified;
        let claim = domain.claim.filter(|_| owned)?;
        Some(OwnedDomain { name: domain.name, claim })
    });
    Ok(OrgContent {
        registration: create::registration_of(organization),
        logo_url: organization.logo_url.clone(),
        owned: owned.collect(),
        roles: super::role::list(sql)?,
        composites: store::role_composite::list_all(sql)?,
        defaults: store::role_composite::list_defaults(sql)?
            .into_iter()
            .map(|role| role.name)
            .collect(),
        members: Vec::new(),
        groups: Vec::new(),
    })
}

/// The members with their roles, oldest membership first.
///
/// # Errors
/// `Refused` when SQLite fails; in it `TooMany`.
pub fn read_members(
    sql: &dyn Sql,
    most: Most,
) -> Result<Result<Vec<MemberContent>, TooMany>, StoreError> {
    let members = store::member::list_whole(sql, TooMany::limit(most.people))?;
    let grants = store::role::list_grants(sql, TooMany::limit(most.rows))?;
    Ok(TooMany::check(members, "members", most.people).and_then(|mut members| {
        let mut held: HashMap<UserId, Vec<RoleName>> = HashMap::new();
        for (user, role) in TooMany::check(grants, "granted roles", most.rows)? {
            held.entry(user).or_default().push(role);
        }
        for member in &mut members {
            member.roles = held.remove(&member.user).unwrap_or_default();
        }
        members.sort_by(|one, two| (one.joined_at, &one.user).cmp(&(two.joined_at, &two.user)));
        Ok(members)
    }))
}

/// The groups with who is in them, by id.
///
/// # Errors
/// As [`read_members`].
pub fn read_groups(
    sql: &dyn Sql,
    most: Most,
) -> Result<Result<Vec<GroupContent>, TooMany>, StoreError> {
    let groups = store::group::list_whole(sql, TooMany::limit(most.rows))?;
    let seats = store::group_member::list_all(sql, TooMany::limit(most.rows))?;
    let grants = store::group_role::list_all(sql, TooMany::limit(most.rows))?;
    let mapped = store::group_mapping::list_all(sql, TooMany::limit(most.rows))?;
    Ok(TooMany::check(groups, "groups", most.rows).and_then(|mut groups| {
        let mut mapped = by_group(TooMany::check(mapped, "mapped roles", most.rows)?);
        let mut within = by_group(TooMany::check(seats, "members of groups", most.rows)?);
        let mut granted = by_group(TooMany::check(grants, "roles of groups", most.rows)?);
        for group in &mut groups {
            group.members = within.remove(&group.id).unwrap_or_default();
            group.roles = granted.remove(&group.id).unwrap_or_default();
            group.mapped = mapped.remove(&group.id).unwrap_or_default();
        }
        Ok(groups)
    }))
}

fn by_group<T>(rows: Vec<(GroupId, T)>) -> HashMap<GroupId, Vec<T>> {
    let mut by_group: HashMap<GroupId, Vec<T>> = HashMap::new();
    for (group, one) in rows {
        by_group.entry(group).or_default().push(one);
    }
    by_group
}

/// Puts everything into a blank object, `Pending` until its import has committed:
/// call it in a transaction.
///
/// # Errors
/// `Refused` when SQLite fails, `Conflict` when something is in there twice.
pub fn write(scene: &Scene<'_>, import: &ImportId, content: &OrgContent) -> Result<(), StoreError> {
    let organization =
        create::organization_of(scene.realm, &content.registration, content.logo_url.as_deref());
    store::organization::insert(scene.sql, &organization)?;
    store::organization::set_import(scene.sql, import)?;
    for domain in &content.owned {
        // The directory believes it from the commit on; the daily check begins now.
        store::domain::set_carried(scene.sql, &domain.name, &domain.claim, scene.now)?;
    }
    write_roles(scene, &content.roles)?;
    for (parent, child) in &content.composites {
        store::role_composite::insert_called(scene.sql, parent, child)?;
    }
    for name in &content.defaults {
        store::role_composite::insert_default_called(scene.sql, name)?;
    }
    record(scene, Dialect::PhaseTwo.creation(&organization))?;
    content.members.iter().try_for_each(|member| join::carry(scene, member))?;
    content.groups.iter().try_for_each(|group| write_group(scene, group))
}

fn write_group(scene: &Scene<'_>, content: &GroupContent) -> Result<(), StoreError> {
    store::group::insert(
        scene.sql,
        &Group {
            id: content.id.clone(),
            parent: content.parent.clone(),
            name: content.name.clone(),
            description: content.description.clone(),
            attributes: content.attributes.clone(),
            line: Vec::new(),
            children: 0,
        },
    )?;
    for user in &content.members {
        store::group_member::insert(scene.sql, &content.id, user)?;
    }
    for role in &content.roles {
        store::group_role::insert(scene.sql, &content.id, role)?;
    }
    for role in &content.mapped {
        let container = role.client.clone().map_or(Container::Realm, Container::Client);
        let one = std::slice::from_ref(&role.id);
        store::group_mapping::insert(scene.sql, &content.id, &container, one)?;
    }
    Ok(())
}

/// The built-in roles, as they are given or else as they are everywhere, and the
/// organization's own.
fn write_roles(scene: &Scene<'_>, roles: &[OrganizationRole]) -> Result<(), StoreError> {
    for (_, name, description) in BuiltIn::ALL {
        match roles.iter().find(|role| role.name == name) {
            Some(given) => store::role::insert_built_in(scene.sql, given)?,
            None => store::role::insert_built_in(
                scene.sql,
                &OrganizationRole {
                    id: RoleId::from(scene.random.uuid()),
                    name: name.to_owned(),
                    description: Some(description.to_owned()),
                },
            )?,
        }
    }
    let is_own = |role: &&OrganizationRole| !BuiltIn::names().any(|name| name == role.name);
    roles.iter().filter(is_own).try_for_each(|role| define::add(scene, role, Tree::PhaseTwo))
}
