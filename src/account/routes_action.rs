//! `/login-actions/action-token`: where the link of a mail leads (see
//! `routes_admin_actions`). Opening it changes nothing; posting its form does.
use super::action_ticket::ActionTicket;
use super::browser::Browser;
use super::credential::{IsTicketUsed, OneUse, PasswordSet, SetPassword};
use super::csrf;
use super::oversee::EndEverySession;
use super::pages::{ConfirmEmailPage, NoticePage, UpdatePasswordPage};
use super::password_form;
use crate::event::user_event::Kind;
use crate::kernel::route::ObjectName;
use crate::kernel::secret::Secret;
use crate::platform::object::{Call, ask};
use crate::platform::row::StoreError;
use crate::realm::context::RealmContext;
use crate::realm::happening::Happening;
use crate::realm::store::user;
use crate::realm::user::{RequiredAction, User};
use crate::web::form::Form;
use crate::web::page::{ErrorPage, Link, render};
use crate::web::{Request, Response, answer, request_id};
use http::StatusCode;

/// What the form is for, in its token.
const PURPOSE: &str = "account.action";

/// Why the person sees an error page.
#[derive(Debug, thiserror::Error)]
enum Stop {
    /// The link is damaged, over, used, or of somebody who is not there.
    #[error("the link does not work")]
    Void,
    /// The form is not ours, or too old.
    #[error("the form is not taken")]
    Form,
    /// A store failed, or a form could not be sealed.
    #[error("{0}")]
    Ours(String),
}

impl From<StoreError> for Stop {
    fn from(error: StoreError) -> Self {
        Self::Ours(error.to_string())
    }
}

/// A link that works, and whose it is.
struct Errand {
    ticket: ActionTicket,
    key: String,
    user: User,
}

/// `GET /login-actions/action-token?key=...`.
pub async fn open(context: &RealmContext<'_>, request: &Request) -> Response {
    let query = Form::query(request);
    let shown = match find(context, query.first("key").unwrap_or_default()).await {
        Ok(errand) => show(context, request, &errand, None),
        Err(stop) => Err(stop),
    };
    shown.unwrap_or_else(|stop| end(context, request, &stop))
}

/// `POST /login-actions/action-token`.
pub async fn act(context: &RealmContext<'_>, request: &Request) -> Response {
    run(context, request).await.unwrap_or_else(|stop| end(context, request, &stop))
}

async fn find(context: &RealmContext<'_>, unverified_key: &str) -> Result<Errand, Stop> {
    let opened =
        ActionTicket::open(context.keyring, &context.realm.id, unverified_key, context.now);
    let ticket = opened.map_err(|_| Stop::Void)?;
    let found = user::find(&*context.ports.directory, &context.realm.id, &ticket.user).await?;
    let is_theirs = |user: &User| {
        user.may_sign_in(&context.realm.settings) && user.email.as_ref() == Some(&ticket.email)
    };
    let user = found.filter(is_theirs).ok_or(Stop::Void)?;
    if ask_account(context, &user, &IsTicketUsed { id: ticket.id.clone() }).await? {
        return Err(Stop::Void);
    }
    Ok(Errand { ticket, key: unverified_key.to_owned(), user })
}

async fn ask_account<C: Call>(
    context: &RealmContext<'_>,
    user: &User,
    question: &C,
) -> Result<C::Answer, StoreError> {
    let object = ObjectName::Account(context.realm.id.clone(), user.id.clone());
    ask(&*context.ports.objects, &object, question).await
}

fn show(
    context: &RealmContext<'_>,
    request: &Request,
    errand: &Errand,
    problem: Option<String>,
) -> Result<Response, Stop> {
    let browser = Browser::of(request, &*context.ports.random);
    let csrf = csrf::issue(context, &browser, PURPOSE);
    let csrf = csrf.map_err(|error| Stop::Ours(error.to_string()))?;
    let realm_name = context.realm.display_name.clone();
    let action_url = context.url("/login-actions/action-token");
    let fields = vec![("key", errand.key.clone()), ("csrf", csrf)];
    let page = if errand.ticket.asks(RequiredAction::UpdatePassword) {
        render(&UpdatePasswordPage {
            realm_name,
            action_url,
            fields,
            username: errand.user.display_name(),
            min_password_chars: context.realm.settings.min_password_chars,
            problem,
        })
    } else {
        let email = errand.ticket.email.to_string();
        render(&ConfirmEmailPage { realm_name, action_url, fields, email })
    };
    let mut response = answer::html(StatusCode::OK, page);
    browser.remember(&mut response);
    Ok(response)
}

/// The address first, which may be confirmed twice; then the password, which the
/// ticket sets once; then what the person owes no more.
async fn run(context: &RealmContext<'_>, request: &Request) -> Result<Response, Stop> {
    let form = Form::body(request).ok_or(Stop::Form)?;
    let token = form.first("csrf").unwrap_or_default();
    csrf::verify(context, request, token, PURPOSE).map_err(|_| Stop::Form)?;
    let errand = find(context, form.first("key").unwrap_or_default()).await?;
    let mut password = None;
    if errand.ticket.asks(RequiredAction::UpdatePassword) {
        match password_form::read(&form, &context.realm.settings) {
            Ok(chosen) => password = Some(chosen),
            Err(problem) => return show(context, request, &errand, Some(problem)),
        }
    }
    if errand.ticket.asks(RequiredAction::VerifyEmail) {
        confirm_email(context, &errand).await?;
    }
    if let Some(password) = password {
        context.ports.faults.reach("account.action.before_password").await;
        set_password(context, &errand, password).await?;
    }
    Happening::of(Kind::ExecuteActionToken).user(&errand.user.id).tell(context).await;
    Ok(done(context, &errand))
}

async fn confirm_email(context: &RealmContext<'_>, errand: &Errand) -> Result<(), Stop> {
    let (realm, person) = (&context.realm.id, &errand.user.id);
    let statements = vec![
        user::email_verification(realm, person, &errand.ticket.email),
        user::action_removal(realm, person, RequiredAction::VerifyEmail),
    ];
    context.ports.directory.batch(statements).await?;
    Happening::of(Kind::VerifyEmail).user(person).tell(context).await;
    Ok(())
}

/// Whoever lost their password to somebody else signs that one out.
async fn set_password(
    context: &RealmContext<'_>,
    errand: &Errand,
    password: Secret,
) -> Result<(), Stop> {
    let ticket = OneUse { id: errand.ticket.id.clone(), expires_at: errand.ticket.ends_at };
    let question = SetPassword { password, ticket: Some(ticket) };
    if ask_account(context, &errand.user, &question).await? != PasswordSet::Set {
        return Err(Stop::Void);
    }
    context.ports.faults.reach("account.action.after_password").await;
    ask_account(context, &errand.user, &EndEverySession::default()).await?;
    let (realm, person) = (&context.realm.id, &errand.user.id);
    let removal = user::action_removal(realm, person, RequiredAction::UpdatePassword);
    context.ports.directory.run(removal).await?;
    Happening::of(Kind::UpdatePassword).user(person).tell(context).await;
    Ok(())
}

fn done(context: &RealmContext<'_>, errand: &Errand) -> Response {
    let title = &context.realm.display_name;
    let target = errand.ticket.redirect_uri.clone();
    let target = target.or_else(|| context.realm.settings.default_application_uri.clone());
    let page = NoticePage {
        realm_name: title.clone(),
        heading: "Your account is up to date".to_owned(),
        message: "Thank you. You can sign in now, and close this page.".to_owned(),
        continue_link: target.map(|href| Link { label: format!("Continue to {title}"), href }),
    };
    answer::html(StatusCode::OK, render(&page))
}

/// The one place a link that does not work is logged.
fn end(context: &RealmContext<'_>, request: &Request, stop: &Stop) -> Response {
    let (status, heading, message) = match stop {
        Stop::Void => (
            StatusCode::GONE,
            "This link does not work any more",
            "It works for a limited time, and sets a password once. Ask whoever sent it for a \
             new one.",
        ),
        Stop::Form => (
            StatusCode::BAD_REQUEST,
            "This page was open for too long",
            "Please open the link in your mail once more.",
        ),
        Stop::Ours(_) => (
            StatusCode::INTERNAL_SERVER_ERROR,
            "Something went wrong",
            "This is our fault. Please try again in a moment.",
        ),
    };
    if status.is_server_error() {
        tracing::error!("A person could not do what they owe: {stop}");
    } else {
        tracing::info!("A link of a mail was refused: {stop}");
    }
    let page = ErrorPage {
        realm_name: context.realm.display_name.clone(),
        status: status.as_u16(),
        heading: heading.to_owned(),
        message: message.to_owned(),
        request_id: request_id(request).to_owned(),
        action: None,
    };
    answer::html(status, render(&page))
}
