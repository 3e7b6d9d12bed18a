//! Handler of the end-session endpoint.
use super::happenings;
use super::logout;
use super::logout::{LogoutError, LogoutRequest};
use super::pages::{SignOutPage, SignedOutPage};
use crate::account::browser;
use crate::account::browser::Browser;
use crate::account::csrf;
use crate::crypto::seal::SealError;
use crate::platform::row::StoreError;
use crate::realm::context::RealmContext;
use crate::web::answer::{html, see_other};
use crate::web::form::{BadParameter, Form};
use crate::web::page::{ErrorPage, render};
use crate::web::{Request, Response, request_id};
use http::{Method, StatusCode};

/// The purpose of the confirmation's form token.
const PURPOSE: &str = "logout";

/// The parameters that the confirmation carries along.
const CARRIED: &[&str] = &["id_token_hint", "client_id", "post_logout_redirect_uri", "state"];

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
/// RP-Initiated Logout 1.0 §2).
pub async fn logout(context: &RealmContext<'_>, request: &Request) -> Response {
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
        return Ok(done(context, asked));
    };
    if !asked.means(&session) && !is_confirmed(context, request, &form)? {
        return confirm(context, request, &form);
    }
    browser::end_session(context, &session.user, session.id.clone()).await?;
    happenings::logged_out(context, &asked, &session).await;
    let mut response = done(context, asked);
    browser::clear_session_cookie(context, &mut response);
    Ok(response)
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
    Ok(response)
}

fn done(context: &RealmContext<'_>, asked: LogoutRequest) -> Response {
    if let Some(url) = asked.return_to {
        return see_other(&url);
    }
    let page = SignedOutPage { realm_name: context.realm.display_name.clone() };
    html(StatusCode::OK, render(&page))
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
