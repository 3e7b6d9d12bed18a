//! Handler of the end-session endpoint.
use super::frontchannel;
use super::frontchannel::Frames;
use super::happenings;
use super::logout;
use super::logout::{LogoutError, LogoutRequest};
use super::pages::{SignOutPage, SignedOutPage};
use super::routes_refresh_logout;
use crate::account::browser;
use crate::account::browser::Browser;
use crate::account::csrf;
use crate::account::session::{LiveSession, owner_of};
use crate::crypto::seal::SealError;
use crate::platform::row::StoreError;
use crate::realm::context::RealmContext;
use crate::web::answer::{html, see_other, with_header};
use crate::web::form::{BadParameter, Form};
use crate::web::page::{ErrorPage, render};
use crate::web::security::{policy_framing, policy_leading_to};
use crate::web::{Request, Response, request_id};
use http::header::{CONTENT_SECURITY_POLICY, REFRESH};
use http::{Method, StatusCode};

/// The purpose of the confirmation's form token.
const PURPOSE: &str = "logout";

/// The parameters that the confirmation carries along.
const CARRIED: &[&str] = &[
    "id_token_hint",
    "client_id",
    "post_logout_redirect_uri",
    "state",
    "logout_hint",
    "ui_locales",
];

/// How long a page shows before it goes on by itself, in seconds: what is in its
/// frames needs a moment.
const GO_ON_AFTER: u32 = 2;

/// Why the person sees an error page.
#[derive(Debug, thiserror::Error)]
enum Refusal {
    #[error("the body is not a form")]
    NotAForm,
    #[error(transparent)]
    Logout(#[from] LogoutError),
    #[error(transparent)]
    Parameter(#[from] BadParameter),
    #[error(transparent)]
    Seal(#[from] SealError),
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// `GET` and `POST /realms/{realm}/protocol/openid-connect/logout` (OIDC
/// RP-Initiated Logout 1.0 §2). With `refresh_token` it is Keycloak's older logout,
/// of a client that has no browser at hand.
pub async fn logout(context: &RealmContext<'_>, request: &Request) -> Response {
    if let Some(form) = routes_refresh_logout::asked(request) {
        return routes_refresh_logout::logout(context, request, &form).await;
    }
    match end(context, request).await {
        Ok(response) => response,
        Err(refusal) => {
            if let Refusal::Logout(error) = &refusal {
                happenings::logout_refused(context, error).await;
            }
            refuse(context, request, &refusal)
        }
    }
}

async fn end(context: &RealmContext<'_>, request: &Request) -> Result<Response, Refusal> {
    let form = parameters(request).ok_or(Refusal::NotAForm)?;
    let asked = logout::read(context, &form).await?;
    let Some(session) = browser::find_session(context, request).await? else {
        return end_elsewhere(context, asked).await;
    };
    if !asked.means(&session) && !is_confirmed(context, request, &form)? {
        return confirm(context, request, &form, asked.return_to.as_deref());
    }
    let LiveSession { user, id, .. } = session;
    let ended = browser::end_session(context, &user, id.clone()).await?;
    happenings::logged_out(context, &asked, (&user, &id)).await;
    let clients = ended.map(|ended| ended.clients).unwrap_or_default();
    let frames = frontchannel::frames(context, &id, &clients).await?;
    let mut response = done(context, asked, &frames);
    browser::clear_session_cookie(context, &mut response);
    Ok(response)
}

/// A browser without a session brings an ID token of one: its cookie is gone, or
/// the client's server calls. The token is enough to end it, as in Keycloak; it
/// was made for the client, by us.
async fn end_elsewhere(
    context: &RealmContext<'_>,
    asked: LogoutRequest,
) -> Result<Response, Refusal> {
    let session = asked.hint.as_ref().and_then(|hint| hint.session.clone());
    let owned = session.and_then(|session| Some((owner_of(&session)?, session)));
    let Some((user, session)) = owned else {
        return Ok(done(context, asked, &Frames::default()));
    };
    let Some(ended) = browser::end_session(context, &user, session.clone()).await? else {
        return Ok(done(context, asked, &Frames::default()));
    };
    happenings::logged_out(context, &asked, (&user, &session)).await;
    let frames = frontchannel::frames(context, &session, &ended.clients).await?;
    Ok(done(context, asked, &frames))
}

fn parameters(request: &Request) -> Option<Form> {
    if request.method() == Method::POST { Form::body(request) } else { Some(Form::query(request)) }
}

/// Whether the person pressed the button of our own page: any site can make a
/// browser come here.
fn is_confirmed(
    context: &RealmContext<'_>,
    request: &Request,
    form: &Form,
) -> Result<bool, Refusal> {
    let Some(token) = form.at_most_one("csrf")? else { return Ok(false) };
    let is_post = request.method() == Method::POST;
    Ok(is_post && csrf::verify(context, request, token, PURPOSE).is_ok())
}

fn confirm(
    context: &RealmContext<'_>,
    request: &Request,
    form: &Form,
    return_to: Option<&str>,
) -> Result<Response, Refusal> {
    let browser = Browser::of(request, &*context.ports.random);
    let mut parameters = Vec::new();
    for name in CARRIED {
        let value = form.at_most_one(name)?;
        parameters.extend(value.map(|value| ((*name).to_owned(), value.to_owned())));
    }
    let url = context.url("/protocol/openid-connect/logout");
    let page = SignOutPage {
        realm_name: context.realm.display_name.clone(),
        action_url: url::Url::parse(&url).map_or(url, |parsed| parsed.path().to_owned()),
        csrf: csrf::issue(context, &browser, PURPOSE)?,
        parameters,
    };
    let mut response = html(StatusCode::OK, render(&page));
    browser.remember(&mut response);
    Ok(match return_to.and_then(policy_leading_to) {
        Some(policy) => with_header(response, CONTENT_SECURITY_POLICY, &policy),
        None => response,
    })
}

/// Straight back to the client, or a page: where an app wants something loaded, one
/// that goes on to the client by itself, and by a button.
fn done(context: &RealmContext<'_>, asked: LogoutRequest, frames: &Frames) -> Response {
    if let (Some(url), true) = (&asked.return_to, frames.urls.is_empty()) {
        return see_other(url);
    }
    let page = SignedOutPage {
        realm_name: context.realm.display_name.clone(),
        frames: frames.urls.clone(),
        continue_url: asked.return_to,
    };
    let mut response = html(StatusCode::OK, render(&page));
    if !frames.urls.is_empty() {
        let policy = policy_framing(&frames.origins);
        response = with_header(response, CONTENT_SECURITY_POLICY, &policy);
    }
    match &page.continue_url {
        Some(url) => with_header(response, REFRESH, &format!("{GO_ON_AFTER};url={url}")),
        None => response,
    }
}

/// The one place a refused logout is logged.
fn refuse(context: &RealmContext<'_>, request: &Request, refusal: &Refusal) -> Response {
    let is_ours = matches!(
        refusal,
        Refusal::Seal(_) | Refusal::Store(_) | Refusal::Logout(LogoutError::Store(_))
    );
    let (status, heading, message) = if is_ours {
        tracing::error!("A sign-out failed: {refusal}");
        let message = "This is our fault. Please try again in a moment.";
        (StatusCode::INTERNAL_SERVER_ERROR, "Something went wrong", message)
    } else {
        tracing::info!("A sign-out was refused: {refusal}");
        let message = "The app asked for something that is not registered for it. You are still \
            signed in.";
        (StatusCode::BAD_REQUEST, "This sign-out cannot be answered", message)
    };
    let page = ErrorPage {
        realm_name: context.realm.display_name.clone(),
        status: status.as_u16(),
        heading: heading.to_owned(),
        message: message.to_owned(),
        request_id: request_id(request).to_owned(),
        action: None,
    };
    html(status, render(&page))
}
