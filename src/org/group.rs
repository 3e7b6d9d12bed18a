//! Groups of an organization: a tree of its own, made, changed, moved and deleted,
//! each in a transaction with its audit event. What a group can be called and how
//! deep it stands is as in a realm (`realm::group`).
use super::error::OrgError;
use super::record::{Scene, record};
use super::store;
use crate::event::audit::{Change, Operation};
use crate::kernel::id::{GroupId, UserId};
use crate::platform::random::Random;
use crate::platform::row::StoreError;
use crate::platform::sql::{Sql, in_transaction};
use crate::realm::group::{
    BadGroup, Group, GroupRoles, MAX_GROUP_DEPTH, checked_attributes, checked_description,
    checked_name, path_of_line,
};
use crate::realm::page::Page;
use crate::realm::registry::Attributes;
use crate::realm::store::group::Called;
use crate::realm::wire_keycloak_group::GroupJson;

/// Most groups of an organization. A search by a part of the name looks at each.
pub const MAX_ORG_GROUPS: i64 = 20_000;

/// Keycloak's words where a group is named that is not there.
pub const NO_GROUP: &str = "Group does not exist";

impl From<BadGroup> for OrgError {
    fn from(bad: BadGroup) -> Self {
        Self::Field(bad.to_string())
    }
}

/// What a group is to be.
#[derive(Clone, Debug, Default)]
pub struct GroupDraft {
    /// Its name.
    pub name: Option<String>,
    /// For administrators.
    pub description: Option<String>,
    /// What is noted about it; absent, what there is stays.
    pub attributes: Option<Attributes>,
}

/// Which groups to list, besides those of a name.
pub use super::store::group::Among;

/// The group whose key is `group`.
///
/// # Errors
/// `Refused` when SQLite fails.
pub fn find(sql: &dyn Sql, group: &GroupId) -> Result<Option<Group>, StoreError> {
    store::group::find(sql, group)
}

/// A page of groups, by name, that have all of these attributes.
///
/// # Errors
/// `Refused` when SQLite fails.
pub fn list(
    sql: &dyn Sql,
    among: Among<'_>,
    called: Called<'_>,
    attributes: &[(String, String)],
    page: Page,
) -> Result<Vec<Group>, StoreError> {
    store::group::list(sql, among, called, attributes, page)
}

/// These groups, and all that are above them, in no particular order.
///
/// # Errors
/// `Refused` when SQLite fails.
pub fn list_above(sql: &dyn Sql, groups: &[&GroupId]) -> Result<Vec<Group>, StoreError> {
    store::group::list_above(sql, groups)
}

/// A page of those who are in the group itself, by user id.
///
/// # Errors
/// `Refused` when SQLite fails.
pub fn list_members(sql: &dyn Sql, group: &GroupId, page: Page) -> Result<Vec<UserId>, StoreError> {
    store::group_member::list(sql, group, page)
}

/// How many groups there are.
///
/// # Errors
/// `Refused` when SQLite fails.
pub fn count(sql: &dyn Sql) -> Result<i64, StoreError> {
    store::group::count(sql)
}

/// Makes a group below `parent`, or at the top.
///
/// # Errors
/// `Field` for what no group can be, or where it would be too deep or one too many;
/// `Conflict` when a sibling is called so.
pub fn create(
    scene: &Scene<'_>,
    draft: GroupDraft,
    parent: Option<&Group>,
) -> Result<Group, OrgError> {
    in_transaction(scene.sql, || create_within(scene, draft, parent))
}

/// The same, in the transaction of the caller.
///
/// # Errors
/// As [`create`].
pub fn create_within(
    scene: &Scene<'_>,
    draft: GroupDraft,
    parent: Option<&Group>,
) -> Result<Group, OrgError> {
    let name = checked_name(draft.name)?;
    let made = Group {
        id: GroupId::from(scene.random.uuid()),
        parent: parent.map(|parent| parent.id.clone()),
        line: line_below(parent, &name),
        name,
        description: checked_description(draft.description)?,
        attributes: checked_attributes(draft.attributes.unwrap_or_default())?,
        children: 0,
    };
    check_depth(made.line.len())?;
    let path = match parent {
        None => format!("organizations/{}/groups/{}", scene.org, made.id),
        Some(parent) => format!("organizations/{}/groups/{}/children", scene.org, parent.id),
    };
    if store::group::count(scene.sql)? >= MAX_ORG_GROUPS {
        return Err(OrgError::Field(format!(
            "an organization has at most {MAX_ORG_GROUPS} groups (MAX_ORG_GROUPS)"
        )));
    }
    store::group::insert(scene.sql, &made).map_err(|error| taken(error, parent))?;
    changed(scene, Operation::Create, path, &made)?;
    Ok(made)
}

/// Changes `old` where it is: the description as it is sent, attributes when they
/// are.
///
/// # Errors
/// `Field` for what no group can be; `Duplicate` when a sibling is called so.
pub fn change(scene: &Scene<'_>, old: &Group, draft: GroupDraft) -> Result<(), OrgError> {
    in_transaction(scene.sql, || change_within(scene, old, draft).map(|_| ()))
}

/// The same, in the transaction of the caller; the group as it is now.
///
/// # Errors
/// As [`change`].
pub fn change_within(scene: &Scene<'_>, old: &Group, draft: GroupDraft) -> Result<Group, OrgError> {
    let name = checked_name(draft.name)?;
    let mut line = old.line.clone();
    line.pop();
    line.push(name.clone());
    let attributes = draft.attributes.map_or(Ok(old.attributes.clone()), checked_attributes)?;
    let description = checked_description(draft.description)?;
    let new = Group { name, description, attributes, line, ..old.clone() };
    store::group::update(scene.sql, &new).map_err(|error| match error {
        StoreError::Conflict { .. } => OrgError::Duplicate,
        error => error.into(),
    })?;
    changed(scene, Operation::Update, path_of(scene, &new), &new)?;
    Ok(new)
}

/// Moves `moved` below `parent`, or to the top, with all that is below it. Where it
/// is already, and below itself, nothing happens.
///
/// # Errors
/// `Conflict` when a sibling there is called so; `Field` when it would be below one
/// of its own or too deep.
pub fn relocate(scene: &Scene<'_>, moved: &Group, parent: Option<&Group>) -> Result<(), OrgError> {
    in_transaction(scene.sql, || relocate_within(scene, moved, parent))
}

/// The same, in the transaction of the caller.
///
/// # Errors
/// As [`relocate`].
pub fn relocate_within(
    scene: &Scene<'_>,
    moved: &Group,
    parent: Option<&Group>,
) -> Result<(), OrgError> {
    let target = parent.map(|parent| &parent.id);
    if moved.parent.as_ref() == target || target == Some(&moved.id) {
        return Ok(());
    }
    if let Some(target) = target
        && store::group::distance(scene.sql, target, &moved.id)?.is_some()
    {
        return Err(OrgError::Field("A group cannot be moved below itself".to_owned()));
    }
    let line = line_below(parent, &moved.name);
    let there = Group { parent: target.cloned(), line, ..moved.clone() };
    let height = store::group::height(scene.sql, &moved.id)?;
    check_depth(there.line.len() + usize::try_from(height).unwrap_or(usize::MAX))?;
    let written = store::group::relocate(scene.sql, &moved.id, target);
    written.map_err(|error| taken(error, parent))?;
    Ok(changed(scene, Operation::Update, path_of(scene, &there), &there)?)
}

/// Deletes `gone` with all that is below it. Its members stay members.
///
/// # Errors
/// `Store` when SQLite fails.
pub fn delete(scene: &Scene<'_>, gone: &Group) -> Result<(), OrgError> {
    in_transaction(scene.sql, || Ok(delete_within(scene, gone)?))
}

/// The same, in the transaction of the caller.
///
/// # Errors
/// `Refused` when SQLite fails.
pub fn delete_within(scene: &Scene<'_>, gone: &Group) -> Result<(), StoreError> {
    store::group::delete(scene.sql, &gone.id)?;
    changed(scene, Operation::Delete, path_of(scene, gone), gone)
}

/// Puts the member `user` into `group`.
///
/// # Errors
/// `Conflict` when they are in it.
pub fn add_member(scene: &Scene<'_>, group: &Group, user: &UserId) -> Result<(), OrgError> {
    in_transaction(scene.sql, || {
        if !seat(scene, group, user)? {
            return Err(OrgError::Conflict("User is already a member of the group"));
        }
        Ok(())
    })
}

/// Puts the member `user` into `group`, in the transaction of the caller; `false` when
/// they are in it.
///
/// # Errors
/// `Refused` when SQLite fails; `Dangling` when they are no member.
pub fn seat(scene: &Scene<'_>, group: &Group, user: &UserId) -> Result<bool, StoreError> {
    let seated_now = store::group_member::insert(scene.sql, &group.id, user)?;
    if seated_now {
        seated(scene, Operation::Create, group, user)?;
    }
    Ok(seated_now)
}

/// Tells of the groups in which the new member `user` is already: a directory put them
/// there before they joined (`schemas/org/0014_scim_group.sql`).
///
/// # Errors
/// `Refused` when SQLite fails.
pub(super) fn tell_seats(scene: &Scene<'_>, user: &UserId) -> Result<(), StoreError> {
    let all = Page { first: 0, max: MAX_ORG_GROUPS };
    let groups = list(scene.sql, Among::Of(user), Called::Anything, &[], all)?;
    groups.iter().try_for_each(|group| seated(scene, Operation::Create, group, user))
}

/// Takes the member `user` out of `group`. Who is not in it is not in it.
///
/// # Errors
/// `Store` when SQLite fails.
pub fn remove_member(scene: &Scene<'_>, group: &Group, user: &UserId) -> Result<(), OrgError> {
    in_transaction(scene.sql, || Ok(unseat(scene, group, user)?))
}

/// The same, in the transaction of the caller.
///
/// # Errors
/// `Refused` when SQLite fails.
pub fn unseat(scene: &Scene<'_>, group: &Group, user: &UserId) -> Result<(), StoreError> {
    if store::group_member::delete(scene.sql, &group.id, user)? {
        seated(scene, Operation::Delete, group, user)?;
    }
    Ok(())
}

/// Finds the group at `path` (`/Guides/Rafting`), making what is missing of it.
///
/// # Errors
/// `Refused` when SQLite fails.
pub fn ensure_path(
    sql: &dyn Sql,
    random: &dyn Random,
    path: &str,
) -> Result<Option<GroupId>, StoreError> {
    let mut parent: Option<GroupId> = None;
    for name in path.split('/').filter(|name| !name.is_empty()) {
        let found = store::group::find_child(sql, parent.as_ref(), name)?;
        let group = if let Some(group) = found {
            group
        } else {
            let made = Group {
                id: GroupId::from(random.uuid()),
                parent,
                name: name.to_owned(),
                description: String::new(),
                attributes: Attributes::new(),
                line: Vec::new(),
                children: 0,
            };
            store::group::insert(sql, &made)?;
            made.id
        };
        parent = Some(group);
    }
    Ok(parent)
}

/// The group to which these names lead from the top.
///
/// # Errors
/// `Refused` when SQLite fails.
pub fn find_by_names(sql: &dyn Sql, names: &[String]) -> Result<Option<Group>, StoreError> {
    let mut at: Option<GroupId> = None;
    for name in names {
        let Some(next) = store::group::find_child(sql, at.as_ref(), name)? else {
            return Ok(None);
        };
        at = Some(next);
    }
    at.map_or(Ok(None), |group| store::group::find(sql, &group))
}

/// The paths of the groups a member is in directly, sorted.
///
/// # Errors
/// `Refused` when SQLite fails.
pub fn list_paths(sql: &dyn Sql, user: &UserId) -> Result<Vec<String>, StoreError> {
    let lines = store::group::list_lines(sql, user)?;
    let mut paths: Vec<String> = lines.iter().map(|line| path_of_line(line)).collect();
    paths.sort_unstable();
    Ok(paths)
}

fn line_below(parent: Option<&Group>, name: &str) -> Vec<String> {
    let above = parent.map(|parent| parent.line.clone()).unwrap_or_default();
    [above, vec![name.to_owned()]].concat()
}

fn check_depth(depth: usize) -> Result<(), OrgError> {
    if depth <= MAX_GROUP_DEPTH {
        return Ok(());
    }
    Err(OrgError::Field(format!("groups are at most {MAX_GROUP_DEPTH} deep (MAX_GROUP_DEPTH)")))
}

/// Keycloak's words when the name of a new or moved group is taken.
fn taken(error: StoreError, parent: Option<&Group>) -> OrgError {
    match error {
        StoreError::Conflict { .. } if parent.is_some() => {
            OrgError::Conflict("Sibling group with the given name already exists")
        }
        StoreError::Conflict { .. } => {
            OrgError::Conflict("Group with the given name already exists.")
        }
        error => error.into(),
    }
}

pub(super) fn path_of(scene: &Scene<'_>, group: &Group) -> String {
    format!("organizations/{}/groups/{}", scene.org, group.id)
}

fn changed(
    scene: &Scene<'_>,
    operation: Operation,
    path: String,
    group: &Group,
) -> Result<(), StoreError> {
    let representation =
        serde_json::to_value(GroupJson::full(group, GroupRoles::default()).within(scene.org)).ok();
    record(scene, Change { resource_type: "ORGANIZATION_GROUP", operation, path, representation })
}

pub(super) fn seated(
    scene: &Scene<'_>,
    operation: Operation,
    group: &Group,
    user: &UserId,
) -> Result<(), StoreError> {
    let path = format!("{}/members/{user}", path_of(scene, group));
    let resource_type = "ORGANIZATION_GROUP_MEMBERSHIP";
    let representation = serde_json::to_value(GroupJson::brief(group).within(scene.org)).ok();
    record(scene, Change { resource_type, operation, path, representation })
}
