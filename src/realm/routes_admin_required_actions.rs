//! `/admin/realms/{realm}/authentication`, its required actions (reference
//! keycloak.md §3.9): whether they are asked for, of whom, in which order.
use super::error::AdminError;
use super::event_path;
use super::inquiry::Inquiry;
use super::required_action::{ActionSettings, MAX_NAME_BYTES, title_of};
use super::role::AdminRole;
use super::routes::{Table, respond};
use super::settings::Settings;
use super::store;
use super::user::RequiredAction;
use super::wire_keycloak_required_action::{
    self as wire, ActionChangeJson, ActionConfigJson, RegistrationJson,
};
use crate::event::audit::{Change, Operation};
use crate::web::{Response, answer};
use futures::FutureExt;
use http::{Method, StatusCode};
use serde_json::{Map, Value, json};

const ACTIONS: &str = "/admin/realms/{realm}/authentication/required-actions";
const ACTION: &str = "/admin/realms/{realm}/authentication/required-actions/{action}";
const CONFIG: &str = "/admin/realms/{realm}/authentication/required-actions/{action}/config";
const DESCRIPTION: &str =
    "/admin/realms/{realm}/authentication/required-actions/{action}/config-description";
const RAISE: &str = "/admin/realms/{realm}/authentication/required-actions/{action}/raise-priority";
const LOWER: &str = "/admin/realms/{realm}/authentication/required-actions/{action}/lower-priority";
const UNREGISTERED: &str = "/admin/realms/{realm}/authentication/unregistered-required-actions";
const REGISTER: &str = "/admin/realms/{realm}/authentication/register-required-action";

const READERS: &[AdminRole] = &[AdminRole::ViewRealm, AdminRole::ManageRealm];
const WRITERS: &[AdminRole] = &[AdminRole::ManageRealm];

/// The list serves who administers users, too (measured on Keycloak 26.7.1).
const LISTERS: &[AdminRole] = &[
    AdminRole::ViewRealm,
    AdminRole::ManageRealm,
    AdminRole::ViewUsers,
    AdminRole::ManageUsers,
    AdminRole::QueryUsers,
];

const UNKNOWN: AdminError = AdminError::Unknown("Failed to find required action");

/// Who answers what.
#[must_use]
pub fn table() -> Table {
    vec![
        (Method::GET, ACTIONS, |i| async move { respond(list(i).await) }.boxed_local()),
        (Method::GET, ACTION, |i| async move { respond(read(i).await) }.boxed_local()),
        (Method::PUT, ACTION, |i| async move { respond(change(i).await) }.boxed_local()),
        (Method::DELETE, ACTION, |i| async move { respond(unregister(i).await) }.boxed_local()),
        (Method::GET, CONFIG, |i| async move { respond(read_config(i).await) }.boxed_local()),
        (Method::PUT, CONFIG, |i| async move { respond(write_config(i).await) }.boxed_local()),
        (Method::DELETE, CONFIG, |i| async move { respond(clear_config(i).await) }.boxed_local()),
        (Method::GET, DESCRIPTION, |i| async move { respond(describe(i).await) }.boxed_local()),
        (Method::POST, RAISE, |i| async move { respond(shift(i, Shift::Up).await) }.boxed_local()),
        (Method::POST, LOWER, |i| {
            async move { respond(shift(i, Shift::Down).await) }.boxed_local()
        }),
        (Method::GET, UNREGISTERED, |i| {
            async move { respond(list_unregistered(i).await) }.boxed_local()
        }),
        (Method::POST, REGISTER, |i| async move { respond(register(i).await) }.boxed_local()),
    ]
}

/// `GET /required-actions`, in their order.
async fn list(inquiry: &Inquiry<'_>) -> Result<Response, AdminError> {
    inquiry.require(LISTERS)?;
    let known = find_settings(inquiry).await?.actions_in_order();
    let body: Vec<Value> =
        known.iter().map(|(action, decided)| wire::action(*action, decided)).collect();
    Ok(answer::json(StatusCode::OK, &body))
}

/// `GET /required-actions/{action}`.
async fn read(inquiry: &Inquiry<'_>) -> Result<Response, AdminError> {
    inquiry.require(READERS)?;
    let (action, decided) = find(inquiry).await?;
    Ok(answer::json(StatusCode::OK, &wire::action(action, &decided)))
}

/// `PUT /required-actions/{action}`: what is not named stays.
async fn change(inquiry: &Inquiry<'_>) -> Result<Response, AdminError> {
    inquiry.require(WRITERS)?;
    let asked: ActionChangeJson = inquiry.body()?;
    let (action, old) = find(inquiry).await?;
    let named = [&asked.alias, &asked.provider_id].into_iter().flatten();
    if named.into_iter().any(|name| name != action.as_str()) {
        return Err(invalid("an action keeps its alias and its providerId"));
    }
    require_empty(asked.config.as_ref())?;
    let decided = ActionSettings {
        name: asked.name.map_or(Ok(old.name), checked_name)?,
        registered: true,
        enabled: asked.enabled.unwrap_or(old.enabled),
        default_action: asked.default_action.unwrap_or(old.default_action),
        priority: asked.priority.map_or(old.priority, i64::from),
    };
    let told = wire::action(action, &decided);
    commit(inquiry, &[(action, decided)], (Operation::Update, Some(told))).await
}

/// `DELETE /required-actions/{action}`: nobody is asked for it until it is
/// registered again.
async fn unregister(inquiry: &Inquiry<'_>) -> Result<Response, AdminError> {
    inquiry.require(WRITERS)?;
    let (action, old) = find(inquiry).await?;
    let decided = ActionSettings { registered: false, default_action: false, ..old };
    commit(inquiry, &[(action, decided)], (Operation::Delete, None)).await
}

/// `GET .../config`: of actions that take none.
async fn read_config(inquiry: &Inquiry<'_>) -> Result<Response, AdminError> {
    inquiry.require(READERS)?;
    find(inquiry).await?;
    Ok(answer::json(StatusCode::OK, &json!({ "config": {} })))
}

/// `PUT .../config`.
async fn write_config(inquiry: &Inquiry<'_>) -> Result<Response, AdminError> {
    inquiry.require(WRITERS)?;
    let asked: ActionConfigJson = inquiry.body()?;
    find(inquiry).await?;
    require_empty(asked.config.as_ref())?;
    Ok(answer::empty(StatusCode::NO_CONTENT))
}

/// `DELETE .../config`.
async fn clear_config(inquiry: &Inquiry<'_>) -> Result<Response, AdminError> {
    inquiry.require(WRITERS)?;
    find(inquiry).await?;
    Ok(answer::empty(StatusCode::NO_CONTENT))
}

/// `GET .../config-description`.
async fn describe(inquiry: &Inquiry<'_>) -> Result<Response, AdminError> {
    inquiry.require(READERS)?;
    find(inquiry).await?;
    Ok(answer::json(StatusCode::OK, &json!({ "properties": [] })))
}

#[derive(Clone, Copy)]
enum Shift {
    Up,
    Down,
}

/// `POST .../raise-priority` and `.../lower-priority`: it changes numbers with the
/// one before or behind it; the first and the last stay where they are.
async fn shift(inquiry: &Inquiry<'_>, shift: Shift) -> Result<Response, AdminError> {
    inquiry.require(WRITERS)?;
    let settings = find_settings(inquiry).await?;
    let (action, decided) = find_in(inquiry, &settings)?;
    let mut known = settings.actions_in_order();
    if matches!(shift, Shift::Up) {
        known.reverse();
    }
    let mut behind = known.into_iter().skip_while(|(other, _)| *other != action).skip(1);
    let mut changed = Vec::new();
    if let Some((other, neighbour)) = behind.next() {
        let (mine, theirs) = (decided.priority, neighbour.priority);
        changed.push((action, ActionSettings { priority: theirs, ..decided }));
        changed.push((other, ActionSettings { priority: mine, ..neighbour }));
    }
    commit(inquiry, &changed, (Operation::Update, None)).await
}

/// `GET /unregistered-required-actions`.
async fn list_unregistered(inquiry: &Inquiry<'_>) -> Result<Response, AdminError> {
    inquiry.require(READERS)?;
    let settings = find_settings(inquiry).await?;
    let gone = RequiredAction::ALL.into_iter().filter(|one| !settings.action(*one).registered);
    let body: Vec<Value> = gone
        .map(|action| json!({ "providerId": action.as_str(), "name": title_of(action) }))
        .collect();
    Ok(answer::json(StatusCode::OK, &body))
}

/// `POST /register-required-action`: behind all others.
async fn register(inquiry: &Inquiry<'_>) -> Result<Response, AdminError> {
    inquiry.require(WRITERS)?;
    let asked: RegistrationJson = inquiry.body()?;
    let named = asked.provider_id.unwrap_or_default();
    let action: RequiredAction = named
        .parse()
        .map_err(|_| invalid("Required Action Provider with given providerId not found"))?;
    let settings = find_settings(inquiry).await?;
    if settings.action(action).registered {
        let why = "A Required Action Provider with given alias already exists.";
        return Err(AdminError::Conflict(why.to_owned()));
    }
    let known = settings.actions_in_order();
    let decided = ActionSettings {
        name: asked.name.map_or(Ok(title_of(action).to_owned()), checked_name)?,
        priority: known.last().map_or(0, |(_, last)| last.priority.saturating_add(1)),
        ..ActionSettings::of(action)
    };
    let told = wire::action(action, &decided);
    commit(inquiry, &[(action, decided)], (Operation::Create, Some(told))).await
}

/// The realm's settings as they are, not as the isolate remembers them.
async fn find_settings(inquiry: &Inquiry<'_>) -> Result<Settings, AdminError> {
    let realm = store::realm::find_by_id(inquiry.directory(), inquiry.realm_id()).await?;
    Ok(realm.ok_or(AdminError::Unknown("Realm not found."))?.settings)
}

async fn find(inquiry: &Inquiry<'_>) -> Result<(RequiredAction, ActionSettings), AdminError> {
    find_in(inquiry, &find_settings(inquiry).await?)
}

/// The action of the path, if the realm has it.
fn find_in(
    inquiry: &Inquiry<'_>,
    settings: &Settings,
) -> Result<(RequiredAction, ActionSettings), AdminError> {
    let action: RequiredAction = inquiry.params.get("action").parse().map_err(|_| UNKNOWN)?;
    let decided = settings.action(action);
    if decided.registered { Ok((action, decided)) } else { Err(UNKNOWN) }
}

fn checked_name(name: String) -> Result<String, AdminError> {
    if name.len() > MAX_NAME_BYTES {
        let why = format!("name has more than {MAX_NAME_BYTES} bytes (MAX_NAME_BYTES)");
        return Err(AdminError::Invalid(why));
    }
    Ok(name)
}

/// A configuration that would be kept would be a promise that nobody keeps.
fn require_empty(config: Option<&Map<String, Value>>) -> Result<(), AdminError> {
    match config.and_then(|config| config.keys().next()) {
        None => Ok(()),
        Some(name) => {
            Err(AdminError::Invalid(format!("config.{name}: this action takes no configuration")))
        }
    }
}

/// Writes what was decided, and nothing else of the realm's settings.
async fn commit(
    inquiry: &Inquiry<'_>,
    changed: &[(RequiredAction, ActionSettings)],
    (operation, representation): (Operation, Option<Value>),
) -> Result<Response, AdminError> {
    let decided: Map<String, Value> =
        changed.iter().map(|(action, one)| (action.as_str().to_owned(), json!(one))).collect();
    let settings = json!({ "required_actions": decided });
    let statement = store::realm::settings_patch(inquiry.realm_id(), &settings)?;
    let path = event_path::of_request(inquiry);
    let change = Change { resource_type: "REQUIRED_ACTION", operation, path, representation };
    inquiry.commit(vec![statement], change).await?;
    Ok(answer::empty(StatusCode::NO_CONTENT))
}

fn invalid(why: &str) -> AdminError {
    AdminError::Invalid(why.to_owned())
}
