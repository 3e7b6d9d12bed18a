//! Paths that exist in development only. In production they answer like any
//! path that does not exist.
use super::demo;
use super::pages::{DemoAccount, DemoRealm, HomePage, LandingPage};
use super::{App, pages};
use crate::app::config::Environment;
use crate::realm::context::find_realm;
use crate::realm::key;
use crate::web::page::render;
use crate::web::router::Params;
use crate::web::{Request, Response, answer};
use http::StatusCode;

/// Whether those paths exist.
#[must_use]
pub fn is_on(app: &App) -> bool {
    app.config.environment == Environment::Development
}

/// `GET /`: in production just a name; in development the way to everything.
#[must_use]
pub fn home(app: &App) -> Response {
    if !is_on(app) {
        return answer::html(StatusCode::OK, render(&LandingPage));
    }
    let url = &app.config.public_url;
    let realm = |name: &str, id: &str, accounts| DemoRealm {
        name: name.to_owned(),
        issuer: format!("{url}/realms/{id}"),
        discovery_url: format!("{url}/realms/{id}/.well-known/openid-configuration"),
        accounts,
    };
    let people = demo::PEOPLE.iter().map(|person| DemoAccount {
        username: person.username.to_owned(),
        password: demo::PASSWORD.to_owned(),
        about: person.about.to_owned(),
    });
    let admin = DemoAccount {
        username: "admin".to_owned(),
        password: "admin, unless ADMIN_PASSWORD is set".to_owned(),
        about: "Administers every realm".to_owned(),
    };
    let page = HomePage {
        realms: vec![
            realm("Travel0", demo::REALM, people.collect()),
            realm("Guildhall (administration)", "master", vec![admin]),
        ],
        outbox_url: "/dev/outbox".to_owned(),
    };
    answer::html(StatusCode::OK, render(&page))
}

/// `POST /dev/demo`: makes the demonstration data, or what of it is missing.
pub async fn make_demo(app: &App) -> Response {
    match demo::ensure(app).await {
        Ok(summary) => answer::json(StatusCode::OK, &summary),
        Err(error) => {
            tracing::error!("The demonstration data could not be made: {error}");
            answer::keycloak_problem(StatusCode::INTERNAL_SERVER_ERROR, &error.to_string())
        }
    }
}

/// `POST /dev/realms/{realm}/rotate-key`: a new signing key, now.
pub async fn rotate_key(app: &App, request: &Request, params: &Params) -> Response {
    let now = app.ports.clock.now();
    let Ok(name) = params.get("realm").parse() else { return pages::not_found(request) };
    match find_realm(&app.ports, &name, now).await {
        Ok(Some(realm)) => match key::rotate(&app.context(realm, now)).await {
            Ok(()) => answer::empty(StatusCode::NO_CONTENT),
            Err(error) => {
                answer::keycloak_problem(StatusCode::INTERNAL_SERVER_ERROR, &error.to_string())
            }
        },
        Ok(None) => pages::not_found(request),
        Err(error) => {
            answer::keycloak_problem(StatusCode::INTERNAL_SERVER_ERROR, &error.to_string())
        }
    }
}
