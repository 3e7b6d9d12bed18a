//! The page on which somebody new makes an account for themselves, and what it posts
//! to.
use super::authorization::AuthorizationRequest;
use super::authorize;
use super::flow;
use super::flow::{Flow, Page};
use super::happenings;
use super::pages_registration::RegisterPage;
use super::prompt::Prompt;
use super::routes_login::{Refusal, login_page, page_for, path_of, refuse};
use super::self_registration::{self, Problems, Registrant, Typed};
use crate::account::browser::Browser;
use crate::account::pages::NoticePage;
use crate::account::profile;
use crate::kernel::email::EmailAddress;
use crate::realm::context::RealmContext;
use crate::web::answer::html;
use crate::web::form::Form;
use crate::web::page::render;
use crate::web::{Request, Response};
use http::StatusCode;

/// `POST /realms/{realm}/login-actions/registration`: the registration page comes back.
pub async fn submit(context: &RealmContext<'_>, request: &Request) -> Response {
    register(context, request).await.unwrap_or_else(|error| refuse(context, request, &error))
}

async fn register(context: &RealmContext<'_>, request: &Request) -> Result<Response, Refusal> {
    let form = Form::body(request).ok_or(Refusal::NotAForm)?;
    let Flow { request: mut asked, .. } =
        flow::resume(context, request, &form, Page::Registration)?;
    if form.at_most_one("back")?.is_some() {
        asked.prompts.remove(Prompt::Create);
        return login_page(context, request, asked, None);
    }
    let settings = &context.realm.settings;
    if !settings.lets_register() {
        let error = ("access_denied", "people do not register themselves here");
        return Ok(authorize::refused(context, &asked, error).respond(context));
    }
    let known = profile::of_realm(context).await?;
    match Registrant::read(&form, settings, &known.profile) {
        Ok(registrant) => {
            let email = registrant.email().clone();
            self_registration::register(context, &asked, registrant).await?;
            Ok(look_into_mail(context, &email))
        }
        Err(refused) => {
            let (typed, problems) = *refused;
            let reason = "invalid_registration";
            happenings::registration_refused(context, &asked, &typed.email, reason).await;
            page(context, request, asked, (typed, problems))
        }
    }
}

/// The page, empty but for the address that is known by `email` or by a `login_hint`.
///
/// # Errors
/// When the state cannot be sealed.
pub fn show(
    context: &RealmContext<'_>,
    request: &Request,
    asked: AuthorizationRequest,
    email: Option<&str>,
) -> Result<Response, Refusal> {
    let hint = email.filter(|email| !email.is_empty()).or(asked.login_hint.as_deref());
    let hint = hint.filter(|hint| hint.parse::<EmailAddress>().is_ok()).unwrap_or_default();
    let typed = Typed { email: hint.to_owned(), ..Typed::default() };
    page(context, request, asked, (typed, Problems::default()))
}

fn page(
    context: &RealmContext<'_>,
    request: &Request,
    asked: AuthorizationRequest,
    (typed, problems): (Typed, Problems),
) -> Result<Response, Refusal> {
    let to = asked.redirect_uri.clone();
    let browser = Browser::of(request, &*context.ports.random);
    let fields = flow::fields(context, &browser, Page::Registration, asked, None)?;
    let page = RegisterPage {
        realm_name: context.realm.display_name.clone(),
        action_url: path_of(context, "/login-actions/registration"),
        state: fields.state,
        csrf: fields.csrf,
        typed,
        problems,
        min_password_chars: context.realm.settings.min_password_chars,
    };
    Ok(page_for(&browser, &to, render(&page)))
}

/// Whoever the address belongs to, and whatever came of it.
fn look_into_mail(context: &RealmContext<'_>, email: &EmailAddress) -> Response {
    let page = NoticePage {
        realm_name: context.realm.display_name.clone(),
        heading: "Check your mail".to_owned(),
        message: format!("We sent a mail to {email} that says how to go on. Then sign in."),
        continue_link: None,
    };
    html(StatusCode::OK, render(&page))
}
