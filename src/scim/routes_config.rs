//! `/realms/{realm}/orgs/{org}/scim` (reference phasetwo.md §1.9), and below it what
//! is ours: `/rotate` and `/log`.
use super::configure::{self, Created};
use super::log::Wanted;
use super::wire_config::{ConfigJson, ConfigRequest};
use super::wire_log::EntryJson;
use super::{rotate, store, upkeep};
use crate::org::error::OrgError;
use crate::org::permission::{Permission, require};
use crate::org::routes::respond;
use crate::org::visit::Handler::{self, Leaving, Local};
use crate::org::visit::Visit;
use crate::realm::page::Page;
use crate::web::answer;
use crate::web::form::Form;
use crate::web::router::{Params, Route};
use crate::web::{Request, Response};
use futures::FutureExt;
use futures::future::LocalBoxFuture;
use http::header::CACHE_CONTROL;
use http::{Method, StatusCode};

/// Who answers what.
#[must_use]
pub fn table() -> Vec<Route<Handler>> {
    const CONFIG: &str = "/realms/{realm}/orgs/{org}/scim";
    const ROTATE: &str = "/realms/{realm}/orgs/{org}/scim/rotate";
    const LOG: &str = "/realms/{realm}/orgs/{org}/scim/log";
    let route = |method, path, handler| Route { method, path, handler };
    vec![
        route(Method::GET, CONFIG, Local(read)),
        route(Method::POST, CONFIG, Local(create)),
        route(Method::PUT, CONFIG, Leaving(replace)),
        route(Method::DELETE, CONFIG, Local(delete)),
        route(Method::POST, ROTATE, Leaving(rotate_secret)),
        route(Method::GET, LOG, Local(read_log)),
    ]
}

pub(super) const VIEW: &[Permission] = &[Permission::VIEW_IDENTITY_PROVIDERS];

pub(super) const WRITE: &[Permission] =
    &[Permission::VIEW_IDENTITY_PROVIDERS, Permission::MANAGE_IDENTITY_PROVIDERS];

/// The realm's switch comes first: 404 whoever asks.
pub(super) fn admit(visit: &Visit<'_>, permissions: &[Permission]) -> Result<(), OrgError> {
    if !visit.visitor.realm.settings.scim_enabled {
        return Err(OrgError::Unknown("SCIM configuration"));
    }
    require(visit, permissions).map(|_| ())
}

/// `GET`.
fn read(visit: &Visit<'_>, _: &Request, _: &Params) -> Response {
    let kept = admit(visit, VIEW).and_then(|()| configure::read(visit));
    respond(
        kept.map(|kept| answer::json(StatusCode::OK, &ConfigJson::of_kept(&kept, None, visit.now))),
    )
}

/// `POST`: 201 with the configuration, in it once the secret that we made.
fn create(visit: &Visit<'_>, request: &Request, _: &Params) -> Response {
    let created = admit(visit, WRITE)
        .and_then(|()| Ok(answer::read_json::<ConfigRequest>(request)?))
        .and_then(|asked| configure::create(visit, &asked));
    respond(created.map(|created| match created {
        Created::New(config, token) => {
            secretly(StatusCode::CREATED, &ConfigJson::of(&config, token.as_ref()))
        }
        Created::Exists => {
            let text = b"The organization has a SCIM configuration already.".to_vec();
            answer::with_body(StatusCode::CONFLICT, "text/plain; charset=utf-8", text)
        }
    }))
}

/// `PUT`: 200 with the configuration.
fn replace<'a>(
    visit: &'a Visit<'a>,
    request: &'a Request,
    _: &'a Params,
) -> LocalBoxFuture<'a, Response> {
    async move {
        let replaced = async {
            admit(visit, WRITE)?;
            let kept = configure::replace(visit, &answer::read_json(request)?)?;
            upkeep::watch(visit.object, visit.now).await?;
            Ok(answer::json(StatusCode::OK, &ConfigJson::of_kept(&kept, None, visit.now)))
        };
        respond(replaced.await)
    }
    .boxed_local()
}

/// `DELETE`: 204.
fn delete(visit: &Visit<'_>, _: &Request, _: &Params) -> Response {
    let deleted = admit(visit, WRITE).and_then(|()| configure::delete(visit));
    respond(deleted.map(|()| answer::empty(StatusCode::NO_CONTENT)))
}

/// `POST /rotate`: 200 with the configuration, in it once the secret that we made.
fn rotate_secret<'a>(
    visit: &'a Visit<'a>,
    request: &'a Request,
    _: &'a Params,
) -> LocalBoxFuture<'a, Response> {
    async move {
        let rotated = async {
            admit(visit, WRITE)?;
            let (kept, token) = rotate::rotate(visit, &answer::read_json(request)?)?;
            upkeep::watch(visit.object, visit.now).await?;
            let json = ConfigJson::of_kept(&kept, token.as_ref(), visit.now);
            Ok(secretly(StatusCode::OK, &json))
        };
        respond(rotated.await)
    }
    .boxed_local()
}

/// `GET /log`: the newest first.
fn read_log(visit: &Visit<'_>, request: &Request, _: &Params) -> Response {
    let entries = admit(visit, VIEW).and_then(|()| {
        let query = Form::query(request);
        let wanted = Wanted::read(&query)?;
        let page = Page::read(&query, PAGE_ROWS)?;
        Ok(Page::check(store::log::list(visit.sql(), &wanted, page)?)?)
    });
    respond(entries.map(|entries| {
        let entries: Vec<EntryJson<'_>> = entries.iter().map(EntryJson::of).collect();
        answer::json(StatusCode::OK, &entries)
    }))
}

/// Entries of the log when the caller names no number.
const PAGE_ROWS: i64 = 100;

/// What may hold a secret that is told this once.
fn secretly(status: StatusCode, json: &ConfigJson<'_>) -> Response {
    answer::with_header(answer::json(status, json), CACHE_CONTROL, "no-store")
}
