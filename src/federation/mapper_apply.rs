//! Does in the realm what mappers made of a login: its groups, and the roles of it and of
//! its clients. What they make of somebody in an organization is done in that
//! organization's object (`org::mapped`).
use super::desk::Desk;
use super::mapper_engine::Effect;
use crate::event::audit::{Change, Operation};
use crate::kernel::id::{GroupId, UserId};
use crate::platform::row::StoreError;
use crate::platform::sql::Statement;
use crate::realm::group::names_of_path;
use crate::realm::store::{administrative, group, group_member, role_list};
use crate::realm::stored_role::{Container, Role, RoleName};
use serde_json::json;

/// An effect that did not come about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PassedOver {
    /// Which.
    pub effect: Effect,
    /// Why.
    pub why: Why,
}

/// Why an effect did not come about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Why {
    /// The realm has no such group.
    NoGroup,
    /// The realm and its clients have no such role.
    NoRole,
    /// By it somebody administers a realm: only an administrator gives that.
    Administers,
}

/// What one effect comes to.
enum Step {
    Change(Statement, Change),
    Same,
    PassedOver(Why),
}

/// Brings about those of `effects` that are the realm's, in one transaction with their
/// events, and passes over the others. Twice is once.
///
/// # Errors
/// `Refused` when the directory fails; `Dangling` when a group went at that moment.
/// Nothing is changed then.
pub async fn apply(
    desk: &Desk<'_>,
    user: &UserId,
    effects: &[Effect],
) -> Result<Vec<PassedOver>, StoreError> {
    let mut statements = Vec::new();
    let mut passed_over = Vec::new();
    for effect in effects {
        match step(desk, user, effect).await? {
            Step::Change(statement, change) => {
                statements.extend([statement, desk.recording(change)?]);
            }
            Step::PassedOver(why) => {
                passed_over.push(PassedOver { effect: effect.clone(), why });
            }
            Step::Same => {}
        }
    }
    if !statements.is_empty() {
        desk.context.ports.directory.batch(statements).await?;
    }
    Ok(passed_over)
}

async fn step(desk: &Desk<'_>, user: &UserId, effect: &Effect) -> Result<Step, StoreError> {
    match effect {
        Effect::JoinGroup(path) => seat(desk, user, path, true).await,
        Effect::LeaveGroup(path) => seat(desk, user, path, false).await,
        Effect::GrantRole(role) => map(desk, user, role, true).await,
        Effect::TakeRole(role) => map(desk, user, role, false).await,
        _ => Ok(Step::Same),
    }
}

async fn seat(
    desk: &Desk<'_>,
    user: &UserId,
    path: &str,
    wanted: bool,
) -> Result<Step, StoreError> {
    let (directory, realm) = (&*desk.context.ports.directory, &desk.context.realm.id);
    let found = group::find_by_names(directory, realm, &[names_of_path(path)]).await?;
    let Some(group) = found.into_iter().flatten().next() else {
        return Ok(Step::PassedOver(Why::NoGroup));
    };
    // Keycloak neither seats nor unseats anybody there.
    if !administrative::list_within_groups(directory, &[&group]).await?.is_empty() {
        return Ok(Step::PassedOver(Why::Administers));
    }
    if group_member::is_member(directory, user, &group).await? == wanted {
        return Ok(Step::Same);
    }
    let statement = if wanted {
        group_member::insertion(realm, user, &[&group])?
    } else {
        group_member::removal(user, &group)
    };
    Ok(Step::Change(statement, seat_change(user, &group, path, wanted)))
}

fn seat_change(user: &UserId, group: &GroupId, path: &str, wanted: bool) -> Change {
    Change {
        resource_type: "GROUP_MEMBERSHIP",
        operation: operation(wanted),
        path: format!("users/{user}/groups/{group}"),
        representation: Some(json!({ "id": group, "path": path })),
    }
}

async fn map(
    desk: &Desk<'_>,
    user: &UserId,
    written: &str,
    wanted: bool,
) -> Result<Step, StoreError> {
    let (directory, realm) = (&*desk.context.ports.directory, &desk.context.realm.id);
    let Some(role) = find_role(desk, written).await? else {
        return Ok(Step::PassedOver(Why::NoRole));
    };
    let id = std::slice::from_ref(&role.id);
    if !administrative::list_within_roles(directory, id).await?.is_empty() {
        return Ok(Step::PassedOver(Why::Administers));
    }
    let container = role.container();
    let held = role_list::list_granted(directory, realm, user, Some(&container)).await?;
    if held.iter().any(|one| one.id == role.id) == wanted {
        return Ok(Step::Same);
    }
    let statement =
        if wanted { role_list::grant(user, id)? } else { role_list::revocation(user, id)? };
    Ok(Step::Change(statement, map_change(user, &role, &container, wanted)))
}

fn map_change(user: &UserId, role: &Role, container: &Container, wanted: bool) -> Change {
    let (resource_type, below) = match container {
        Container::Realm => ("REALM_ROLE_MAPPING", "realm".to_owned()),
        Container::Client(client) => ("CLIENT_ROLE_MAPPING", format!("clients/{client}")),
    };
    Change {
        resource_type,
        operation: operation(wanted),
        path: format!("users/{user}/role-mappings/{below}"),
        representation: Some(json!([{ "id": role.id, "name": role.name }])),
    }
}

const fn operation(wanted: bool) -> Operation {
    if wanted { Operation::Create } else { Operation::Delete }
}

/// The role that is written so: of a client where there is one before a dot, or else the
/// realm's.
async fn find_role(desk: &Desk<'_>, written: &str) -> Result<Option<Role>, StoreError> {
    let of_clients = written.match_indices('.').filter_map(|(dot, _)| {
        let (client, name) = (written.get(..dot)?, written.get(dot + 1..)?);
        Some(RoleName { client_id: Some(client.to_owned()), name: name.to_owned() })
    });
    let of_realm = RoleName { client_id: None, name: written.to_owned() };
    let names: Vec<RoleName> = of_clients.chain([of_realm]).collect();
    let directory = &*desk.context.ports.directory;
    let realm = &desk.context.realm.id;
    let mut found = role_list::list_named(directory, realm, names.iter()).await?;
    found.sort_by(|(one, _), (other, _)| other.client_id.cmp(&one.client_id));
    Ok(found.into_iter().next().map(|(_, role)| role))
}
