//! `/admin/realms/{realm}/events` and `/admin-events`: what happened (reference
//! keycloak.md §3.1, phasetwo.md §6).
use super::error::AdminError;
use super::inquiry::Inquiry;
use super::moment;
use super::page::Page;
use super::role::AdminRole;
use super::routes::{Table, respond};
use super::store::realm::find_master;
use super::store::{client, events};
use super::wire_events::{self, EventsConfigJson};
use crate::event::audit::{AuditEvent, Change, Operation, Place};
use crate::event::filter::{AuditFilter, UserEventFilter, Window};
use crate::event::store::{audit, user_event};
use crate::kernel::id::RealmId;
use crate::kernel::time::Timestamp;
use crate::platform::row::StoreError;
use crate::platform::sql::Statement;
use crate::web::form::Form;
use crate::web::{Response, answer};
use futures::FutureExt;
use http::{Method, StatusCode};

/// Events of a page when the caller names no number.
const PAGE_EVENTS: i64 = 100;

/// Most values of one filter: each is looked up by itself.
pub const MAX_FILTER_VALUES: usize = 100;

const VIEWERS: &[AdminRole] = &[AdminRole::ViewEvents, AdminRole::ManageEvents];

/// Who answers what.
#[must_use]
pub fn table() -> Table {
    vec![
        (Method::GET, "/admin/realms/{realm}/admin-events", |inquiry| {
            async move { respond(list_admin_events(inquiry).await) }.boxed_local()
        }),
        (Method::DELETE, "/admin/realms/{realm}/admin-events", |inquiry| {
            async move { respond(clear_admin_events(inquiry).await) }.boxed_local()
        }),
        (Method::GET, "/admin/realms/{realm}/events", |inquiry| {
            async move { respond(list_events(inquiry).await) }.boxed_local()
        }),
        (Method::DELETE, "/admin/realms/{realm}/events", |inquiry| {
            async move { respond(clear_events(inquiry).await) }.boxed_local()
        }),
        (Method::GET, "/admin/realms/{realm}/events/config", |inquiry| {
            async move { respond(read_config(inquiry)) }.boxed_local()
        }),
        (Method::PUT, "/admin/realms/{realm}/events/config", |inquiry| {
            async move { respond(write_config(inquiry).await) }.boxed_local()
        }),
    ]
}

/// `GET /admin-events`.
async fn list_admin_events(inquiry: &Inquiry<'_>) -> Result<Response, AdminError> {
    inquiry.require(VIEWERS)?;
    let query = inquiry.query();
    let window = read_window(inquiry, &query)?;
    let filter = AuditFilter {
        operations: values(&query, "operationTypes")?,
        resource_types: values(&query, "resourceTypes")?,
        path: value(&query, "resourcePath"),
        realm: value(&query, "authRealm"),
        client: client_called(inquiry, value(&query, "authClient")).await?,
        user: value(&query, "authUser"),
        ip: value(&query, "authIpAddress"),
    };
    let found = audit::list(inquiry.directory(), inquiry.realm_id(), &filter, &window).await?;
    let found = Page::check(found)?;
    let clients = found.iter().filter_map(caller_of).collect();
    let keys = client::list_keys(inquiry.directory(), &clients).await?;
    let key_of = |event: &AuditEvent| {
        let (realm, client_id) = caller_of(event)?;
        keys.get(&(realm.clone(), client_id.to_owned()))
    };
    let show = |event: &AuditEvent| wire_events::admin_event(event, key_of(event));
    let body: Vec<_> = found.iter().map(show).collect();
    Ok(answer::json(StatusCode::OK, &body))
}

/// Through which client of which realm the change was made.
fn caller_of(event: &AuditEvent) -> Option<(&RealmId, &str)> {
    let who = &event.auth_details;
    Some((who.realm_id.as_ref()?, who.client_id.as_deref()?))
}

/// The filter's client, which may be named by its key or its `client_id`.
async fn client_called(
    inquiry: &Inquiry<'_>,
    asked: Option<String>,
) -> Result<Option<String>, AdminError> {
    let Some(asked) = asked else { return Ok(None) };
    let name = client::find_name(inquiry.directory(), &asked).await?;
    Ok(Some(name.unwrap_or(asked)))
}

/// `GET /events`.
async fn list_events(inquiry: &Inquiry<'_>) -> Result<Response, AdminError> {
    inquiry.require(VIEWERS)?;
    let query = inquiry.query();
    let window = read_window(inquiry, &query)?;
    let filter = UserEventFilter {
        kinds: values(&query, "type")?,
        client: value(&query, "client"),
        user: value(&query, "user"),
        ip: value(&query, "ipAddress"),
    };
    let found = user_event::list(inquiry.directory(), inquiry.realm_id(), &filter, &window).await?;
    let body: Vec<_> = Page::check(found)?.iter().map(wire_events::user_event).collect();
    Ok(answer::json(StatusCode::OK, &body))
}

/// `DELETE /admin-events`. Who clears the list finds it empty, as in Keycloak; but
/// nobody clears a trail without a trace: realm `master` has the event that tells
/// of it, also when the list was its own.
async fn clear_admin_events(inquiry: &Inquiry<'_>) -> Result<Response, AdminError> {
    inquiry.require(&[AdminRole::ManageEvents])?;
    let (directory, realm) = (inquiry.directory(), inquiry.realm_id());
    let place = find_master(directory).await?.unwrap_or_else(|| realm.clone());
    let trace = trace_of_clearing(inquiry, &place)?;
    // Twice is once: before, so that no crash leaves an empty list that nobody
    // explains, and after, because master's own list was emptied of it.
    directory.run(trace.clone()).await?;
    audit::delete_all(directory, realm).await?;
    directory.run(trace).await?;
    tracing::warn!(realm.id = %realm, user.id = %inquiry.actor.user, "The admin events were cleared");
    Ok(answer::empty(StatusCode::NO_CONTENT))
}

fn trace_of_clearing(inquiry: &Inquiry<'_>, realm: &RealmId) -> Result<Statement, StoreError> {
    let (context, actor) = (inquiry.context, inquiry.audit_actor());
    let told = cleared(format!("{}/admin-events", context.realm.name));
    let place = Place { realm, org: None };
    let event = AuditEvent::new(&*context.ports.random, context.now, place, actor, told);
    audit::insertion(&event)
}

fn cleared(path: String) -> Change {
    Change { resource_type: "REALM", operation: Operation::Delete, path, representation: None }
}

/// `DELETE /events`.
async fn clear_events(inquiry: &Inquiry<'_>) -> Result<Response, AdminError> {
    inquiry.require(&[AdminRole::ManageEvents])?;
    let end = Timestamp::from_unix(inquiry.context.now.as_unix().saturating_add(1));
    inquiry.commit(Vec::new(), cleared("events".to_owned())).await?;
    user_event::delete_before(inquiry.directory(), inquiry.realm_id(), end).await?;
    Ok(answer::empty(StatusCode::NO_CONTENT))
}

/// `GET /events/config`.
fn read_config(inquiry: &Inquiry<'_>) -> Result<Response, AdminError> {
    inquiry.require(VIEWERS)?;
    let settings = &inquiry.context.realm.settings.events;
    Ok(answer::json(StatusCode::OK, &EventsConfigJson::of(settings)))
}

/// `PUT /events/config`. That it changed is written down whether admin events go
/// on by it or off.
async fn write_config(inquiry: &Inquiry<'_>) -> Result<Response, AdminError> {
    inquiry.require(&[AdminRole::ManageEvents])?;
    let asked = EventsConfigJson::read(inquiry.body()?)?;
    let settings = asked.applied_to(&inquiry.context.realm.settings.events);
    let told = Change {
        resource_type: "REALM",
        operation: Operation::Update,
        path: "events/config".to_owned(),
        representation: serde_json::to_value(EventsConfigJson::of(&settings)).ok(),
    };
    let recording = inquiry.recording(told)?;
    let update = events::update(inquiry.realm_id(), &settings)?;
    inquiry.directory().batch(vec![recording.clone(), update, recording]).await?;
    inquiry.context.ports.memo.clear();
    Ok(answer::empty(StatusCode::NO_CONTENT))
}

fn value(query: &Form, name: &str) -> Option<String> {
    query.first(name).filter(|text| !text.is_empty()).map(str::to_owned)
}

/// Every value of a parameter that may be repeated, each once.
fn values(query: &Form, name: &str) -> Result<Vec<String>, AdminError> {
    let mut found: Vec<String> = Vec::new();
    for (key, text) in query.iter() {
        if key == name && !text.is_empty() && !found.iter().any(|known| known == text) {
            found.push(text.to_owned());
        }
    }
    if found.len() > MAX_FILTER_VALUES {
        let words = format!("{name} takes at most {MAX_FILTER_VALUES} values (MAX_FILTER_VALUES)");
        return Err(AdminError::Invalid(words));
    }
    Ok(found)
}

fn read_window(inquiry: &Inquiry<'_>, query: &Form) -> Result<Window, AdminError> {
    let page = inquiry.page(PAGE_EVENTS)?;
    let bound = |name: &str, read: fn(&str) -> Option<Timestamp>| match value(query, name) {
        None => Ok(None),
        Some(text) => read(&text).map(Some).ok_or_else(|| {
            let words = "expected format is yyyy-MM-dd or an Epoch timestamp";
            AdminError::Told(format!("Invalid value for '{name}', {words}"))
        }),
    };
    Ok(Window {
        from: bound("dateFrom", moment::starting)?,
        to: bound("dateTo", moment::ending)?,
        ascending: query.first("direction").is_some_and(|text| text.eq_ignore_ascii_case("asc")),
        first: page.first,
        max: page.max,
    })
}
