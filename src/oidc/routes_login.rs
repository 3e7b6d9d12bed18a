//! Handlers of the authorization endpoint and of the pages behind it.
use super::asker::Unanswerable;
use super::authorization::{AuthorizationRequest, Problem};
use super::authorize;
use super::authorize::Step;
use super::consent::Question;
use super::device;
use super::device_decide;
use super::flow;
use super::flow::{Flow, FlowError, Page};
use super::happenings;
use super::incoming;
use super::incoming::{Entrance, Heard, Unheard};
use super::invited::invited;
use super::login;
use super::pages::{ConsentPage, LoginPage, OrganizationChoice, OrganizationsPage};
use super::pages_device::DeviceConfirmPage;
use super::redirect::{Destination, Reply};
use super::required;
use super::routes_device;
use super::routes_self_registration;
use crate::account::browser;
use crate::account::browser::Browser;
use crate::account::pages::{NoticePage, UpdatePasswordPage};
use crate::account::password_form;
use crate::account::session::LiveSession;
use crate::crypto::seal::SealError;
use crate::kernel::secret::Secret;
use crate::platform::row::StoreError;
use crate::realm::context::RealmContext;
use crate::realm::store::membership::MemberOrg;
use crate::realm::store::user;
use crate::realm::user::{RequiredAction, User};
use crate::web::answer::{html, with_header};
use crate::web::form::{BadParameter, Form};
use crate::web::page::{ErrorPage, OrgBrand, render};
use crate::web::security::policy_leading_to;
use crate::web::{Request, Response, request_id};
use http::StatusCode;
use http::header::CONTENT_SECURITY_POLICY;

/// What the login page says to every failure: it must not tell who exists.
const WRONG: &str = "Invalid username or password.";

/// Why the person sees an error page.
#[derive(Debug, thiserror::Error)]
pub enum Refusal {
    /// The body is no form.
    #[error("the body is not a form")]
    NotAForm,
    /// The client cannot be told.
    #[error(transparent)]
    Unanswerable(#[from] Unanswerable),
    /// Nor of this mistake.
    #[error(transparent)]
    Request(#[from] Problem),
    /// The form does not go on here.
    #[error(transparent)]
    Flow(#[from] FlowError),
    /// A field is missing or repeated.
    #[error(transparent)]
    Parameter(#[from] BadParameter),
    /// The next page could not be sealed.
    #[error(transparent)]
    Seal(#[from] SealError),
    /// A store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// `GET /realms/{realm}/protocol/openid-connect/auth` (RFC 6749 §3.1).
pub async fn authorize_query(context: &RealmContext<'_>, request: &Request) -> Response {
    let form = Form::query(request);
    authorize(context, request, &form)
        .await
        .unwrap_or_else(|error| refuse(context, request, &error))
}

/// `POST` to the same (OIDC Core §3.1.2.1).
pub async fn authorize_form(context: &RealmContext<'_>, request: &Request) -> Response {
    let Some(form) = Form::body(request) else {
        return refuse(context, request, &Refusal::NotAForm);
    };
    authorize(context, request, &form)
        .await
        .unwrap_or_else(|error| refuse(context, request, &error))
}

async fn authorize(
    context: &RealmContext<'_>,
    request: &Request,
    form: &Form,
) -> Result<Response, Refusal> {
    let Heard { request: wanted, form } =
        match incoming::hear(context, form, Entrance::Authorization).await {
            Ok(heard) => heard,
            Err(Unheard::Told(to, problem)) => return Ok(tell_client(context, to, &problem)),
            Err(Unheard::Unanswerable(why)) => return Err(why.into()),
            Err(Unheard::Nowhere(problem)) => return Err(problem.into()),
            Err(Unheard::Store(error)) => return Err(error.into()),
        };
    if let Some(ticket) = &wanted.invitation {
        return Ok(invited(context, &wanted, ticket, &form).await?);
    }
    let session = browser::find_session(context, request).await?;
    let step = authorize::enter(context, &wanted, session.as_ref()).await?;
    show(context, request, wanted, session.as_ref(), step).await
}

/// The next page of `asked`, which came by another way.
pub async fn go_on(
    context: &RealmContext<'_>,
    request: &Request,
    asked: AuthorizationRequest,
    session: Option<&LiveSession>,
) -> Response {
    let next = async {
        let step = authorize::enter(context, &asked, session).await?;
        show(context, request, asked, session, step).await
    };
    next.await.unwrap_or_else(|error| refuse(context, request, &error))
}

/// `POST /realms/{realm}/login-actions/authenticate`: the login page comes back.
pub async fn authenticate(context: &RealmContext<'_>, request: &Request) -> Response {
    log_in(context, request).await.unwrap_or_else(|error| refuse(context, request, &error))
}

async fn log_in(context: &RealmContext<'_>, request: &Request) -> Result<Response, Refusal> {
    let form = Form::body(request).ok_or(Refusal::NotAForm)?;
    let Flow { request: mut asked, .. } = flow::resume(context, request, &form, Page::Login)?;
    let username = form.at_most_one("username")?.unwrap_or_default();
    if form.at_most_one("create")?.is_some() && context.realm.settings.lets_register() {
        return routes_self_registration::show(context, request, asked, Some(username));
    }
    let password = Secret::new(form.at_most_one("password")?.unwrap_or_default());
    let Some((user, new)) = login::sign_in(context, (username, password), None).await? else {
        happenings::login_failed(context, &asked.client_id, username).await;
        return login_page(context, request, asked, Some(username));
    };
    let session =
        LiveSession { user: user.id, id: new.id.clone(), authenticated_at: new.authenticated_at };
    asked.is_proved = true;
    let mut response = match routes_device::find(context, request, asked, &session).await? {
        Ok(asked) => {
            let step = authorize::proceed(context, &asked, &session).await?;
            show(context, request, asked, Some(&session), step).await?
        }
        Err(page) => page,
    };
    browser::set_session_cookie(context, &mut response, &session.user, &new);
    Ok(response)
}

/// `POST /realms/{realm}/login-actions/organization`: the choice comes back.
pub async fn pick_organization(context: &RealmContext<'_>, request: &Request) -> Response {
    pick(context, request).await.unwrap_or_else(|error| refuse(context, request, &error))
}

async fn pick(context: &RealmContext<'_>, request: &Request) -> Result<Response, Refusal> {
    let form = Form::body(request).ok_or(Refusal::NotAForm)?;
    let flow = flow::resume(context, request, &form, Page::Organization)?;
    let session = browser::find_session(context, request).await?;
    // The session that was good enough, and no other: signing in as somebody
    // else in another tab does not inherit this login.
    let Some(session) = session.filter(|live| flow.session.as_ref() == Some(&live.id)) else {
        return login_page(context, request, flow.request, None);
    };
    let alias = form.one("kc.org")?.parse().ok();
    let step = authorize::proceed_with(context, &flow.request, &session, alias).await?;
    show(context, request, flow.request, Some(&session), step).await
}

/// `POST /realms/{realm}/login-actions/consent`: the answer comes back.
pub async fn consent(context: &RealmContext<'_>, request: &Request) -> Response {
    answer_consent(context, request).await.unwrap_or_else(|error| refuse(context, request, &error))
}

async fn answer_consent(
    context: &RealmContext<'_>,
    request: &Request,
) -> Result<Response, Refusal> {
    let form = Form::body(request).ok_or(Refusal::NotAForm)?;
    let Flow { request: mut asked, session: known, .. } =
        flow::resume(context, request, &form, Page::Consent)?;
    let session = browser::find_session(context, request).await?;
    let Some(session) = session.filter(|live| known.as_ref() == Some(&live.id)) else {
        return login_page(context, request, asked, None);
    };
    if form.at_most_one("cancel")?.is_some() || form.at_most_one("accept")?.is_none() {
        device_decide::deny(context, &asked, &session).await?;
        let error = ("access_denied", "the person did not allow it");
        return Ok(authorize::refused(context, &asked, error).respond(context));
    }
    asked.agreed = asked.agreeing.take();
    let step = authorize::proceed(context, &asked, &session).await?;
    show(context, request, asked, Some(&session), step).await
}

/// `POST /realms/{realm}/login-actions/required-action`: the new password comes
/// back.
pub async fn required_action(context: &RealmContext<'_>, request: &Request) -> Response {
    choose_password(context, request).await.unwrap_or_else(|error| refuse(context, request, &error))
}

async fn choose_password(
    context: &RealmContext<'_>,
    request: &Request,
) -> Result<Response, Refusal> {
    let form = Form::body(request).ok_or(Refusal::NotAForm)?;
    let flow = flow::resume(context, request, &form, Page::Password)?;
    let session = browser::find_session(context, request).await?;
    let Some(session) = session.filter(|live| flow.session.as_ref() == Some(&live.id)) else {
        return login_page(context, request, flow.request, None);
    };
    let chosen = match password_form::read(&form, &context.realm.settings) {
        Ok(chosen) => chosen,
        Err(problem) => {
            return password_page(context, request, flow.request, &session, Some(problem)).await;
        }
    };
    required::choose_password(context, &session, chosen).await?;
    let step = authorize::proceed(context, &flow.request, &session).await?;
    show(context, request, flow.request, Some(&session), step).await
}

/// Turns a step into an answer.
async fn show(
    context: &RealmContext<'_>,
    request: &Request,
    asked: AuthorizationRequest,
    session: Option<&LiveSession>,
    step: Step,
) -> Result<Response, Refusal> {
    match (step, session) {
        (Step::Return(reply), _) => Ok(reply.respond(context)),
        (Step::Register, _) => routes_self_registration::show(context, request, asked, None),
        (Step::Pick(user, choices), Some(session)) => {
            organizations_page(context, request, asked, session, (&user, choices))
        }
        (Step::Act(_, RequiredAction::UpdatePassword), Some(session)) => {
            password_page(context, request, asked, session, None).await
        }
        (Step::Act(user, RequiredAction::VerifyEmail), Some(_)) => {
            ask_for_mail(context, &user, &asked).await
        }
        (Step::Agree(question), Some(session)) => {
            consent_page(context, request, *question, session)
        }
        (Step::LogIn | Step::Pick(..) | Step::Agree(..) | Step::Act(..), _) => {
            login_page(context, request, asked, None)
        }
    }
}

/// The login page, again with what was typed when that was wrong.
///
/// # Errors
/// When the state cannot be sealed.
pub fn login_page(
    context: &RealmContext<'_>,
    request: &Request,
    asked: AuthorizationRequest,
    typed: Option<&str>,
) -> Result<Response, Refusal> {
    let to = asked.redirect_uri.clone();
    let browser = Browser::of(request, &*context.ports.random);
    let hint = asked.login_hint.clone().unwrap_or_default();
    let fields = flow::fields(context, &browser, Page::Login, asked, None)?;
    let page = LoginPage {
        realm_name: context.realm.display_name.clone(),
        org: None,
        action_url: path_of(context, "/login-actions/authenticate"),
        state: fields.state,
        csrf: fields.csrf,
        username: typed.map_or(hint, str::to_owned),
        problem: typed.map(|_| WRONG.to_owned()),
        lets_register: context.realm.settings.lets_register(),
    };
    Ok(page_for(&browser, &to, render(&page)))
}

fn organizations_page(
    context: &RealmContext<'_>,
    request: &Request,
    asked: AuthorizationRequest,
    session: &LiveSession,
    (user, choices): (&User, Vec<MemberOrg>),
) -> Result<Response, Refusal> {
    let to = asked.redirect_uri.clone();
    let browser = Browser::of(request, &*context.ports.random);
    let session = Some(session.id.clone());
    let fields = flow::fields(context, &browser, Page::Organization, asked, session)?;
    let page = OrganizationsPage {
        realm_name: context.realm.display_name.clone(),
        action_url: path_of(context, "/login-actions/organization"),
        state: fields.state,
        csrf: fields.csrf,
        signed_in_as: user.display_name(),
        organizations: choices.into_iter().map(choice).collect(),
    };
    Ok(page_for(&browser, &to, render(&page)))
}

fn consent_page(
    context: &RealmContext<'_>,
    request: &Request,
    (user, question, asked): (User, Question, AuthorizationRequest),
    session: &LiveSession,
) -> Result<Response, Refusal> {
    let to = asked.redirect_uri.clone();
    let browser = Browser::of(request, &*context.ports.random);
    let device = asked.device.clone();
    let fields = flow::fields(context, &browser, Page::Consent, asked, Some(session.id.clone()))?;
    let action_url = path_of(context, "/login-actions/consent");
    if let Some(device) = device {
        let page = DeviceConfirmPage::of(context, &device, (&user, question), (action_url, fields));
        return Ok(page_for(&browser, &to, render(&page)));
    }
    let page = ConsentPage {
        realm_name: context.realm.display_name.clone(),
        action_url,
        state: fields.state,
        csrf: fields.csrf,
        signed_in_as: user.display_name(),
        client_name: question.client_name,
        scopes: question.scopes,
        organizations: question.orgs,
    };
    Ok(page_for(&browser, &to, render(&page)))
}

/// The page on which the person in `session` chooses a new password.
async fn password_page(
    context: &RealmContext<'_>,
    request: &Request,
    asked: AuthorizationRequest,
    session: &LiveSession,
    problem: Option<String>,
) -> Result<Response, Refusal> {
    let to = asked.redirect_uri.clone();
    let browser = Browser::of(request, &*context.ports.random);
    let found = user::find(&*context.ports.directory, &context.realm.id, &session.user).await?;
    let fields = flow::fields(context, &browser, Page::Password, asked, Some(session.id.clone()))?;
    let page = UpdatePasswordPage {
        realm_name: context.realm.display_name.clone(),
        action_url: path_of(context, "/login-actions/required-action"),
        fields: vec![("state", fields.state), ("csrf", fields.csrf)],
        username: found.map(|user| user.display_name()).unwrap_or_default(),
        min_password_chars: context.realm.settings.min_password_chars,
        problem,
    };
    Ok(page_for(&browser, &to, render(&page)))
}

/// The page that says to look into one's mail, which is on its way.
async fn ask_for_mail(
    context: &RealmContext<'_>,
    user: &User,
    asked: &AuthorizationRequest,
) -> Result<Response, Refusal> {
    let address = user.email.as_ref().map(ToString::to_string).unwrap_or_default();
    let back = match &asked.device {
        Some(_) => device::verification_uri(context),
        None => asked.redirect_uri.clone(),
    };
    required::mail_link(context, user, &back).await?;
    happenings::asked_to_confirm(context, &asked.client_id, user).await;
    let page = NoticePage {
        realm_name: context.realm.display_name.clone(),
        heading: "Check your mail".to_owned(),
        message: format!("We sent a link to {address}. Open it, then sign in again."),
        continue_link: None,
    };
    Ok(html(StatusCode::OK, render(&page)))
}

fn choice(org: MemberOrg) -> OrganizationChoice {
    OrganizationChoice { alias: org.alias, brand: OrgBrand { name: org.title, logo_url: None } }
}

/// A page of a login that leads to `uri` in the end.
#[must_use]
pub fn page_for(browser: &Browser, uri: &str, page: String) -> Response {
    let mut response = html(StatusCode::OK, page);
    browser.remember(&mut response);
    match policy_leading_to(uri) {
        Some(policy) => with_header(response, CONTENT_SECURITY_POLICY, &policy),
        None => response,
    }
}

/// The path of a page of the realm, under whatever host the browser came by.
#[must_use]
pub fn path_of(context: &RealmContext<'_>, path: &str) -> String {
    let url = context.url(path);
    url::Url::parse(&url).map_or(url, |parsed| parsed.path().to_owned())
}

/// A mistake of the client's, told where the client hears it.
fn tell_client(context: &RealmContext<'_>, to: Destination, problem: &Problem) -> Response {
    tracing::info!(realm.id = %context.realm.id, "Authorization request refused: {problem}");
    let words = problem.to_string();
    Reply::error(to, context.issuer(), (problem.code(), &words)).respond(context)
}

impl Refusal {
    /// Status, heading and message of the page. None of them says what exactly
    /// was wrong with a form: that is between us and the log.
    const fn page(&self) -> (StatusCode, &'static str, &'static str) {
        const BAD: StatusCode = StatusCode::BAD_REQUEST;
        match self {
            Self::Unanswerable(Unanswerable::RedirectMismatch) => (
                BAD,
                "Invalid parameter: redirect_uri",
                "The app asked to send you to an address that is not registered for it.",
            ),
            Self::Unanswerable(Unanswerable::UnknownClient) => (
                BAD,
                "Client not found",
                "The app that sent you here is not registered. Please ask the app's team.",
            ),
            Self::Request(Problem::RequestUriOver) => (
                BAD,
                "This sign-in has expired",
                "It was used before, or waited for too long. Please return to the app and sign \
                 in again.",
            ),
            Self::Unanswerable(Unanswerable::Parameter(_)) | Self::Request(_) | Self::NotAForm => (
                BAD,
                "This sign-in cannot be answered",
                "The app that sent you here did not say who it is and where to send you back.",
            ),
            Self::Flow(_) | Self::Parameter(_) => (
                BAD,
                "This sign-in has expired",
                "It was open for too long, or in another browser. Please return to the app and \
                 sign in again.",
            ),
            Self::Seal(_) | Self::Store(_) => (
                StatusCode::INTERNAL_SERVER_ERROR,
                "Something went wrong",
                "This is our fault. Please try again in a moment.",
            ),
        }
    }
}

/// The one place a refused page is logged.
pub fn refuse(context: &RealmContext<'_>, request: &Request, refusal: &Refusal) -> Response {
    let (status, heading, message) = refusal.page();
    if status.is_server_error() {
        tracing::error!("A sign-in failed: {refusal}");
    } else {
        tracing::info!("A sign-in was refused: {refusal}");
    }
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
