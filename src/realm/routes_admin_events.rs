//! `/admin/realms/{realm}/events` and `/admin-events`: what happened (reference
//! keycloak.md §3.1, phasetwo.md §6).
use super::error::AdminError;
use super::inquiry::Inquiry;
use super::moment;
use super::page::Page;
use super::role::AdminRole;
use super::routes::{Table, respond};
use super::store::events;
use super::wire_events::{self, EventsConfigJson};
use crate::event::audit::{Change, Operation};
use crate::event::filter::{AuditFilter, UserEventFilter, Window};
use crate::event::store::{audit, user_event};
use crate::kernel::time::Timestamp;
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
        client: value(&query, "authClient"),
        user: value(&query, "authUser"),
        ip: value(&query, "authIpAddress"),
    };
    let found = audit::list(inquiry.directory(), inquiry.realm_id(), &filter, &window).await?;
    let body: Vec<_> = Page::check(found)?.iter().map(wire_events::admin_event).collect();
    Ok(answer::json(StatusCode::OK, &body))
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

/// `DELETE /admin-events`. As in Keycloak no admin event tells of it: who clears
/// the list wants it empty. The log does.
async fn clear_admin_events(inquiry: &Inquiry<'_>) -> Result<Response, AdminError> {
    inquiry.require(&[AdminRole::ManageEvents])?;
    audit::delete_all(inquiry.directory(), inquiry.realm_id()).await?;
    let (realm, user) = (inquiry.realm_id(), &inquiry.actor.user);
    tracing::warn!(realm.id = %realm, user.id = %user, "The admin events were cleared");
    Ok(answer::empty(StatusCode::NO_CONTENT))
}

/// `DELETE /events`.
async fn clear_events(inquiry: &Inquiry<'_>) -> Result<Response, AdminError> {
    inquiry.require(&[AdminRole::ManageEvents])?;
    let end = Timestamp::from_unix(inquiry.context.now.as_unix().saturating_add(1));
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
