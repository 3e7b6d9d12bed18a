//! Handlers of logins on devices (RFC 8628): where a device asks, and the pages on
//! which its person types its code and learns what came of it.
use super::authorization::AuthorizationRequest;
use super::client_auth;
use super::client_auth::{ClientAuthError, Presented};
use super::device::{self, Device};
use super::device_authorization;
use super::device_authorization::{StartError, Started};
use super::device_enter::{self, Entry};
use super::device_happenings as happenings;
use super::pages_device::DeviceCodePage;
use super::routes_cors::for_client;
use super::routes_login::{go_on, path_of};
use super::routes_token;
use super::user_code::UserCode;
use crate::account::browser;
use crate::account::browser::Browser;
use crate::account::csrf;
use crate::account::pages::NoticePage;
use crate::account::session::LiveSession;
use crate::crypto::seal::SealError;
use crate::platform::row::StoreError;
use crate::realm::client::Client;
use crate::realm::context::RealmContext;
use crate::web::answer::{html, json, oauth_error, with_header};
use crate::web::credentials::basic;
use crate::web::form::Form;
use crate::web::page::{ErrorPage, render};
use crate::web::{Request, Response, request_id};
use http::StatusCode;
use http::header::{CACHE_CONTROL, RETRY_AFTER};
use serde_json::json;
use std::rc::Rc;

/// The purpose of the page's form token.
const PURPOSE: &str = "device";

const WRONG: &str = "That code is not valid. It may have expired. Look at your device, and type \
                     the code that it shows now.";
const TOO_MANY: &str = "You typed too many codes. Please wait ten minutes, then try again.";
const EXPIRED: &str = "This page was open for too long, or in another browser. Please try again.";

/// `POST /realms/{realm}/protocol/openid-connect/auth/device` (RFC 8628 §3.1).
pub async fn authorize(context: &RealmContext<'_>, request: &Request) -> Response {
    let (client, form) = match authenticate(context, request).await {
        Ok(known) => known,
        Err(error) => {
            happenings::not_believed(context, &error).await;
            return routes_token::refuse(context, request, &error.into());
        }
    };
    let started = device_authorization::start(context, &client, &form).await;
    happenings::asked(context, &client, &started).await;
    let response = match started {
        Ok(started) => told(context, &started),
        Err(error) => refuse(context, &error),
    };
    for_client(response, request, &client)
}

async fn authenticate(
    context: &RealmContext<'_>,
    request: &Request,
) -> Result<(Rc<Client>, Form), ClientAuthError> {
    // Another content type has no parameters, and no client.
    let form = Form::body(request).unwrap_or_default();
    let presented = Presented { basic: basic(request), form: &form };
    let client = client_auth::authenticate(context, &presented).await?;
    Ok((client, form))
}

/// RFC 8628 §3.2.
fn told(context: &RealmContext<'_>, started: &Started) -> Response {
    let uri = device::verification_uri(context);
    let body = json!({
        "device_code": started.device_code.to_text(),
        "user_code": started.user_code.to_string(),
        "verification_uri": uri,
        "verification_uri_complete": format!("{uri}?user_code={}", started.user_code),
        "expires_in": started.expires_in,
        "interval": started.interval,
    });
    with_header(json(StatusCode::OK, &body), CACHE_CONTROL, "no-store")
}

fn refuse(context: &RealmContext<'_>, error: &StartError) -> Response {
    let code = match error {
        StartError::NotAllowed => "unauthorized_client",
        StartError::Request(problem) => problem.code(),
        StartError::TooManyWaiting => return full(context, error),
        StartError::Store(error) => {
            tracing::error!(realm.id = %context.realm.id, "A device's request was not kept: {error}");
            let status = StatusCode::INTERNAL_SERVER_ERROR;
            return oauth_error(status, "server_error", "Please try again");
        }
    };
    tracing::info!(realm.id = %context.realm.id, "A device's request was refused: {error}");
    oauth_error(StatusCode::BAD_REQUEST, code, &error.to_string())
}

/// The specification has no word for it; RFC 6749 §4.1.2.1 has one.
fn full(context: &RealmContext<'_>, error: &StartError) -> Response {
    tracing::warn!(realm.id = %context.realm.id, "A device's request was refused: {error}");
    let status = StatusCode::SERVICE_UNAVAILABLE;
    let response = oauth_error(status, "temporarily_unavailable", &error.to_string());
    with_header(response, RETRY_AFTER, &device::NEXT_PLACE.0.to_string())
}

/// `GET /realms/{realm}/device`: where a person types what their device shows. A
/// code that a link brings is filled in; nothing is done with it before the person
/// says so.
#[must_use]
pub fn open(context: &RealmContext<'_>, request: &Request) -> Response {
    let query = Form::query(request);
    let brought: Option<UserCode> =
        query.first("user_code").and_then(|unverified| unverified.parse().ok());
    let typed = Typed {
        is_brought: brought.is_some(),
        user_code: brought.map(|code| code.to_string()).unwrap_or_default(),
        problem: None,
    };
    page(context, request, typed)
}

/// `POST /realms/{realm}/device`: the code comes back.
pub async fn enter(context: &RealmContext<'_>, request: &Request) -> Response {
    let form = Form::body(request).unwrap_or_default();
    let user_code = form.first("device_user_code").unwrap_or_default();
    let token = form.first("csrf").unwrap_or_default();
    if let Err(error) = csrf::verify(context, request, token, PURPOSE) {
        tracing::info!(realm.id = %context.realm.id, "A device's code was not looked at: {error}");
        let mut response = page(context, request, Typed::wrong("", EXPIRED));
        *response.status_mut() = StatusCode::BAD_REQUEST;
        return response;
    }
    let Ok(user_code) = user_code.parse::<UserCode>() else {
        return page(context, request, Typed::wrong(user_code, WRONG));
    };
    match look_up(context, request, user_code).await {
        Ok(response) => response,
        Err(error) => failed(context, request, &error),
    }
}

/// Lets a person who is signed in go on with what the code means, and everybody
/// else sign in first.
async fn look_up(
    context: &RealmContext<'_>,
    request: &Request,
    user_code: UserCode,
) -> Result<Response, StoreError> {
    let asked = device_enter::before_login(context, user_code);
    let session = browser::find_session(context, request).await?;
    let Some(session) = session else { return Ok(go_on(context, request, asked, None).await) };
    match find(context, request, asked, &session).await? {
        Ok(asked) => Ok(go_on(context, request, asked, Some(&session)).await),
        Err(page) => Ok(page),
    }
}

/// What `asked` turns out to be, now that it is known who asks: itself, unless it is
/// a device's whose code nobody has looked up; then that, or the page once more.
///
/// # Errors
/// `Refused` and `Unreachable` when a store fails.
pub async fn find(
    context: &RealmContext<'_>,
    request: &Request,
    asked: AuthorizationRequest,
    session: &LiveSession,
) -> Result<Result<AuthorizationRequest, Response>, StoreError> {
    let Some(Device { user_code, found: None }) = &asked.device else { return Ok(Ok(asked)) };
    let problem = match device_enter::enter(context, user_code, session).await? {
        Entry::Found(found) => {
            return Ok(Ok(AuthorizationRequest { is_proved: asked.is_proved, ..*found }));
        }
        Entry::Unknown => WRONG,
        Entry::TooMany => TOO_MANY,
    };
    Ok(Err(page(context, request, Typed::wrong(&user_code.to_string(), problem))))
}

/// What the page shows.
struct Typed {
    user_code: String,
    is_brought: bool,
    problem: Option<&'static str>,
}

impl Typed {
    fn wrong(user_code: &str, problem: &'static str) -> Self {
        Self { user_code: user_code.to_owned(), is_brought: false, problem: Some(problem) }
    }
}

fn page(context: &RealmContext<'_>, request: &Request, typed: Typed) -> Response {
    let browser = Browser::of(request, &*context.ports.random);
    match form(context, &browser, typed) {
        Ok(page) => {
            let mut response = html(StatusCode::OK, render(&page));
            browser.remember(&mut response);
            response
        }
        Err(error) => failed(context, request, &StoreError::Refused(error.to_string())),
    }
}

fn form(
    context: &RealmContext<'_>,
    browser: &Browser,
    typed: Typed,
) -> Result<DeviceCodePage, SealError> {
    Ok(DeviceCodePage {
        realm_name: context.realm.display_name.clone(),
        action_url: path_of(context, "/device"),
        csrf: csrf::issue(context, browser, PURPOSE)?,
        user_code: typed.user_code,
        is_brought: typed.is_brought,
        problem: typed.problem.map(str::to_owned),
    })
}

/// `GET /realms/{realm}/device/status`, Keycloak's path: what came of it. Whoever
/// makes up such an address fools nobody but themselves: it says what to do, and does
/// nothing.
#[must_use]
pub fn status(context: &RealmContext<'_>, request: &Request) -> Response {
    let query = Form::query(request);
    let (heading, message) = match query.first("error") {
        None if query.first("status") == Some("approved") => (
            "Your device is connected",
            "You can close this page and go on with your device. It takes a few seconds.",
        ),
        Some("access_denied") => (
            "Your device was not connected",
            "It gets nothing from your account. You can close this page.",
        ),
        Some("expired_token") => (
            "This code is not valid any more",
            "It was used, or it has expired. Start again on your device.",
        ),
        None | Some(_) => (
            "Your device was not connected",
            "What it asks for cannot be given to you. Start again on your device, or ask whoever \
             runs it.",
        ),
    };
    let page = NoticePage {
        realm_name: context.realm.display_name.clone(),
        heading: heading.to_owned(),
        message: message.to_owned(),
        continue_link: None,
    };
    html(StatusCode::OK, render(&page))
}

fn failed(context: &RealmContext<'_>, request: &Request, error: &StoreError) -> Response {
    tracing::error!(realm.id = %context.realm.id, "A device's code was not looked up: {error}");
    let status = StatusCode::INTERNAL_SERVER_ERROR;
    let page = ErrorPage {
        realm_name: context.realm.display_name.clone(),
        status: status.as_u16(),
        heading: "Something went wrong".to_owned(),
        message: "This is our fault. Please try again in a moment.".to_owned(),
        request_id: request_id(request).to_owned(),
        action: None,
    };
    html(status, render(&page))
}
