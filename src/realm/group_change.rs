//! Making, changing, moving and deleting groups of a realm. The directory decides
//! about names, depth and circles; each change is one statement with its audit
//! event, so a crash leaves the tree as it was or as it will be.
use super::error::AdminError;
use super::event_path;
use super::group::{
    BadGroup, Group, GroupRoles, MAX_DEFAULT_GROUPS, MAX_GROUP_DEPTH, MAX_GROUPS,
    checked_attributes, checked_description, checked_name, names_of_path, no_group_at,
};
use super::hand_out::{require_reach_of_groups, require_reach_of_trees};
use super::inquiry::Inquiry;
use super::store::group;
use super::wire_keycloak_group::{GroupDraftJson, GroupJson};
use crate::event::audit::{Change, Operation};
use crate::kernel::id::GroupId;
use crate::platform::row::StoreError;
use crate::platform::sql::Statement;
use std::collections::BTreeSet;

/// What there is no group for, in Keycloak's words.
pub const UNKNOWN_GROUP: &str = "Could not find group by id";

impl From<BadGroup> for AdminError {
    fn from(bad: BadGroup) -> Self {
        Self::Invalid(bad.to_string())
    }
}

/// Makes a group below `parent`, or at the top.
///
/// # Errors
/// `Invalid` for what no group can be, or where it would be too deep or one too
/// many; `Conflict` when a sibling is called so.
pub async fn create(
    inquiry: &Inquiry<'_>,
    draft: GroupDraftJson,
    parent: Option<&Group>,
) -> Result<Group, AdminError> {
    let name = checked_name(draft.name)?;
    let above = parent.map(|parent| parent.line.clone()).unwrap_or_default();
    let made = Group {
        id: GroupId::from(inquiry.context.ports.random.uuid()),
        parent: parent.map(|parent| parent.id.clone()),
        line: [above, vec![name.clone()]].concat(),
        name,
        description: checked_description(draft.description)?,
        attributes: checked_attributes(draft.attributes.unwrap_or_default())?,
        children: 0,
    };
    // Keycloak names the new group for one of the two only.
    let path = match parent {
        None => format!("groups/{}", made.id),
        Some(parent) => format!("groups/{}/children", parent.id),
    };
    let statement = group::insertion(inquiry.realm_id(), &made)?;
    let event = event(Operation::Create, path, Some(&made));
    let written = inquiry.commit(vec![statement], event).await;
    written.map_err(|error| refusal(error, &sibling(&made)))?;
    Ok(made)
}

/// Changes `old` where it is: the description as it is sent, attributes when they
/// are.
///
/// # Errors
/// As [`create`]; `Forbidden` for another name when the group, one above or one
/// below hands out what the caller does not have: who names a group by its path
/// would mean another one.
pub async fn change(
    inquiry: &Inquiry<'_>,
    old: &Group,
    draft: GroupDraftJson,
) -> Result<(), AdminError> {
    let name = checked_name(draft.name)?;
    if draft.id.is_some_and(|id| id != old.id) {
        return Err(AdminError::Invalid("Invalid group id".to_owned()));
    }
    if name != old.name {
        require_reach_of_trees(inquiry, &[&old.id]).await?;
    }
    let mut line = old.line.clone();
    line.pop();
    line.push(name.clone());
    let attributes = draft.attributes.map_or(Ok(old.attributes.clone()), checked_attributes)?;
    let description = checked_description(draft.description)?;
    let changed = Group { name, description, attributes, line, ..old.clone() };
    let statement = group::update(inquiry.realm_id(), &changed)?;
    let event = event(Operation::Update, event_path::of_request(inquiry), Some(&changed));
    let taken = format!("Sibling group named '{}' already exists.", changed.name);
    inquiry.commit(vec![statement], event).await.map_err(|error| refusal(error, &taken))?;
    Ok(())
}

/// Moves `moved` below `parent`, or to the top, with all that is below it. Where
/// it is already, nothing happens.
///
/// # Errors
/// `Conflict` when a sibling there is called so; `Invalid` when it would be inside
/// itself or too deep; `Forbidden` when the place it leaves, the one it gets or
/// what is below hands out what the caller does not have.
pub async fn relocate(
    inquiry: &Inquiry<'_>,
    moved: &Group,
    parent: Option<&Group>,
) -> Result<(), AdminError> {
    let target = parent.map(|parent| &parent.id);
    if moved.parent.as_ref() == target || target == Some(&moved.id) {
        return Ok(());
    }
    require_reach_of_trees(inquiry, &[&moved.id]).await?;
    let above = match parent {
        None => Vec::new(),
        Some(parent) => {
            require_reach_of_groups(inquiry, &[&parent.id]).await?;
            parent.line.clone()
        }
    };
    let there = Group {
        parent: target.cloned(),
        line: [above, vec![moved.name.clone()]].concat(),
        ..moved.clone()
    };
    let statement = group::moving(inquiry.realm_id(), &there.id, target);
    let event = event(Operation::Update, event_path::of_request(inquiry), Some(&there));
    let written = inquiry.commit(vec![statement], event).await;
    written.map_err(|error| refusal(error, &sibling(&there)))?;
    Ok(())
}

/// Deletes `gone` with all that is below it.
///
/// # Errors
/// `Forbidden` when it takes away what the caller does not have.
pub async fn delete(inquiry: &Inquiry<'_>, gone: &Group) -> Result<(), AdminError> {
    require_reach_of_trees(inquiry, &[&gone.id]).await?;
    let statement = group::deletion(inquiry.realm_id(), &gone.id);
    let event = event(Operation::Delete, event_path::of_request(inquiry), Some(gone));
    inquiry.commit(vec![statement], event).await?;
    Ok(())
}

/// Lets new people join `joined`: whoever registers gets what it hands out.
///
/// # Errors
/// `Forbidden` when it hands out what the caller does not have; `Invalid` when
/// there would be too many.
pub async fn make_default(inquiry: &Inquiry<'_>, joined: &Group) -> Result<(), AdminError> {
    require_reach_of_groups(inquiry, &[&joined.id]).await?;
    let statement = group::default_insertion(inquiry.realm_id(), &joined.id);
    let event = event(Operation::Create, event_path::of_request(inquiry), None);
    inquiry.commit(vec![statement], event).await.map_err(|error| refusal(error, ""))?;
    Ok(())
}

/// Lets new people join `left` no more; who is in it stays.
///
/// # Errors
/// `Store` when the directory fails.
pub async fn unmake_default(inquiry: &Inquiry<'_>, left: &Group) -> Result<(), AdminError> {
    let statement = group::default_removal(inquiry.realm_id(), &left.id);
    let event = event(Operation::Delete, event_path::of_request(inquiry), None);
    inquiry.commit(vec![statement], event).await?;
    Ok(())
}

/// The statements after which new people join the groups at `paths`, and no others.
///
/// # Errors
/// `Invalid` for a path that leads nowhere, and for too many; `Forbidden` when one
/// that they did not join hands out what the caller does not have.
pub async fn defaults_replacement(
    inquiry: &Inquiry<'_>,
    paths: &[String],
) -> Result<Vec<Statement>, AdminError> {
    let (directory, realm) = (inquiry.directory(), inquiry.realm_id());
    check_defaults(paths)?;
    let names: Vec<_> = paths.iter().map(|path| names_of_path(path)).collect();
    let found = group::find_by_names(directory, realm, &names).await?;
    let known = |(group, path): (Option<GroupId>, &String)| {
        group.ok_or_else(|| AdminError::Invalid(format!("defaultGroups: {}", no_group_at(path))))
    };
    let wanted = found.into_iter().zip(paths).map(known).collect::<Result<BTreeSet<_>, _>>()?;
    let listed = group::list_defaults(directory, &[realm]).await?;
    let stand: BTreeSet<GroupId> = listed.into_iter().map(|(_, group)| group.id).collect();
    let joined: Vec<&GroupId> = wanted.difference(&stand).collect();
    require_reach_of_groups(inquiry, &joined).await?;
    let left = stand.difference(&wanted).map(|left| group::default_removal(realm, left));
    let joined = joined.into_iter().map(|joined| group::default_insertion(realm, joined));
    Ok(left.chain(joined).collect())
}

/// Passes the paths of groups that new people may join.
///
/// # Errors
/// `Invalid` when they are too many.
pub fn check_defaults(paths: &[String]) -> Result<(), AdminError> {
    let fits = i64::try_from(paths.len()).is_ok_and(|count| count <= MAX_DEFAULT_GROUPS);
    if fits { Ok(()) } else { Err(AdminError::Invalid(too_many_defaults())) }
}

fn event(operation: Operation, path: String, group: Option<&Group>) -> Change {
    change_of(operation, path, group.map(|group| (group, GroupRoles::default())))
}

/// A group in the audit trail, with what was granted to it.
#[must_use]
pub fn change_of(operation: Operation, path: String, told: Option<(&Group, GroupRoles)>) -> Change {
    let told =
        told.and_then(|(group, roles)| serde_json::to_value(GroupJson::full(group, roles)).ok());
    Change { resource_type: "GROUP", operation, path, representation: told }
}

/// Keycloak's words when the name of a new or moved group is taken.
fn sibling(group: &Group) -> String {
    let place = if group.parent.is_none() { "Top level" } else { "Sibling" };
    format!("{place} group named '{}' already exists.", group.name)
}

/// What the directory's constraints say.
fn refusal(error: StoreError, taken: &str) -> AdminError {
    match error {
        StoreError::Conflict { .. } => AdminError::Conflict(taken.to_owned()),
        StoreError::Dangling => AdminError::Unknown(UNKNOWN_GROUP),
        error => broken(error),
    }
}

/// What the bounds of the tree say.
#[must_use]
pub fn broken(error: StoreError) -> AdminError {
    let StoreError::Broken { rule } = &error else { return error.into() };
    let why = match rule.as_str() {
        "group_in_itself" => "A group cannot be moved below itself".to_owned(),
        "group_too_deep" => too_deep(),
        "too_many_groups" => format!("a realm has at most {MAX_GROUPS} groups (MAX_GROUPS)"),
        "too_many_default_groups" => too_many_defaults(),
        _ => return error.into(),
    };
    AdminError::Invalid(why)
}

/// What a group is that stands too deep.
#[must_use]
pub fn too_deep() -> String {
    format!("groups are at most {MAX_GROUP_DEPTH} deep (MAX_GROUP_DEPTH)")
}

fn too_many_defaults() -> String {
    format!("a realm has at most {MAX_DEFAULT_GROUPS} default groups (MAX_DEFAULT_GROUPS)")
}
