//! The way of an invited person: `/login-actions/invitation`, from the link in
//! the mail to being a member and signed in.
use super::accept::{Acceptor, BeginAcceptance, FinishAcceptance};
use super::client_home;
use super::happenings::{self, Invited};
use super::pages::{
    AcceptExistingPage, AcceptNewPage, AcceptPasswordPage, AcceptSignedInPage, InvitationProblem,
    InvitationProblemPage, InvitationView, JoinedPage, NewPersonProblems,
};
use super::person::{self, NewPerson, PersonError};
use super::show::{ShowInvitation, Shown};
use super::state::Refusal;
use super::ticket::Ticket;
use crate::account::browser::{self, Browser};
use crate::account::csrf;
use crate::account::profile;
use crate::account::session::NewSession;
use crate::crypto::seal::OpenError;
use crate::kernel::id::UserId;
use crate::kernel::route::ObjectName;
use crate::kernel::secret::Secret;
use crate::platform::object::ask;
use crate::platform::row::StoreError;
use crate::realm::context::RealmContext;
use crate::realm::store;
use crate::realm::user::{User, Username};
use crate::web::form::Form;
use crate::web::page::{ErrorPage, Link, OrgBrand, Page, render};
use crate::web::{self, Request, Response, answer};
use http::StatusCode;

/// What a form of these pages is for, in its token.
const PURPOSE: &str = "invitation";

/// Why the way ends before the organization is joined.
#[derive(Debug, thiserror::Error)]
enum Stop {
    /// A clear page says why.
    #[error("the invitation cannot be accepted: {0:?}")]
    Problem(InvitationProblem, Option<Box<Shown>>),
    /// The form is to be filled in again.
    #[error("the form is shown again")]
    Again(Again),
    /// Something of ours failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// What a form that is shown again says.
#[derive(Debug, Default)]
struct Again {
    problem: Option<String>,
    problems: NewPersonProblems,
    first_name: String,
    last_name: String,
}

impl Again {
    /// The form as it is shown first: with what the inviter knows.
    fn first(shown: &Shown) -> Self {
        let name = |name: &Option<String>| name.clone().unwrap_or_default();
        let (first_name, last_name) = (name(&shown.first_name), name(&shown.last_name));
        Self { first_name, last_name, ..Self::default() }
    }
}

/// An invitation and the person in front of it.
struct Way {
    ticket: Ticket,
    ticket_text: String,
    shown: Shown,
    who: Who,
}

/// Who the invited address belongs to.
enum Who {
    /// Nobody yet.
    New,
    /// A user, who is to show that they are the one.
    Known(User),
    /// A user whose account has no password yet, such as one that a directory
    /// made. The ticket came to their address: they may choose one.
    Passwordless(User),
    /// The user who is signed in here.
    SignedIn(User),
}

/// `GET /login-actions/invitation?ticket=...`: changes nothing.
pub async fn open(context: &RealmContext<'_>, request: &Request) -> Response {
    let query = Form::query(request);
    match find_way(context, request, query.first("ticket").unwrap_or_default()).await {
        Ok(way) => show(context, request, &way, Again::first(&way.shown)),
        Err(stop) => end(context, request, stop),
    }
}

/// `POST /login-actions/invitation`: joins.
pub async fn accept(context: &RealmContext<'_>, request: &Request) -> Response {
    let Some(form) = Form::body(request) else {
        return answer::keycloak_error(StatusCode::UNSUPPORTED_MEDIA_TYPE);
    };
    let way = match find_way(context, request, form.first("ticket").unwrap_or_default()).await {
        Ok(way) => way,
        Err(stop) => return end(context, request, stop),
    };
    let token = form.first("csrf").unwrap_or_default();
    if let Err(error) = csrf::verify(context, request, token, PURPOSE) {
        tracing::info!("An invitation's form was refused: {error}");
        let problem = Some(
            "This page was open for too long, or your browser blocks cookies. Please try again."
                .to_owned(),
        );
        return show(context, request, &way, Again { problem, ..Again::first(&way.shown) });
    }
    match join(context, request, &way, &form).await {
        Ok(joined) => welcome(context, request, &way, joined),
        Err(Stop::Again(again)) => show(context, request, &way, again),
        Err(stop) => end(context, request, stop),
    }
}

/// Reads the ticket, asks the organization, and finds out who is there.
async fn find_way(
    context: &RealmContext<'_>,
    request: &Request,
    unverified_ticket: &str,
) -> Result<Way, Stop> {
    if !context.realm.settings.organizations_enabled {
        return Err(Stop::Problem(InvitationProblem::Unavailable, None));
    }
    let opened = Ticket::open(context.keyring, &context.realm.id, unverified_ticket, context.now);
    let ticket = opened.map_err(|error| match error {
        OpenError::Expired => Stop::Problem(InvitationProblem::Expired, None),
        OpenError::Malformed | OpenError::Forged => Stop::Problem(InvitationProblem::Invalid, None),
    })?;
    let question =
        ShowInvitation { invitation: ticket.invitation.clone(), version: ticket.version };
    let mut shown = ask(&*context.ports.objects, &org_of(context, &ticket), &question)
        .await?
        .ok_or(Stop::Problem(InvitationProblem::Invalid, None))?;
    if let (None, Some(client)) = (&shown.redirect_uri, &shown.client_id) {
        shown.redirect_uri = client_home::find(context, client).await?;
    }
    shown.redirect_uri = shown.redirect_uri.or_else(|| shown.org_uri.take());
    if let Some(refusal) = shown.refusal {
        return Err(stop(problem_of(refusal), &shown));
    }
    let who = find_who(context, request, &shown).await?;
    Ok(Way { ticket, ticket_text: unverified_ticket.to_owned(), shown, who })
}

async fn find_who(
    context: &RealmContext<'_>,
    request: &Request,
    shown: &Shown,
) -> Result<Who, Stop> {
    let directory = &*context.ports.directory;
    let (realm, settings) = (&context.realm.id, &context.realm.settings);
    if let Some(session) = browser::find_session(context, request).await?
        && let Some(user) = store::user::find(directory, realm, &session.user).await?
    {
        if user.email.as_ref() == Some(&shown.email) {
            return if user.may_sign_in(settings) {
                Ok(Who::SignedIn(user))
            } else {
                Err(disabled(shown))
            };
        }
        let problem = InvitationProblem::OtherEmail {
            signed_in_as: user.display_name(),
            invited: shown.email.as_str().to_owned(),
        };
        return Err(stop(problem, shown));
    }
    let Some(user) = store::user::find_by_email(directory, realm, &shown.email).await? else {
        return Ok(Who::New);
    };
    if !user.may_sign_in(settings) {
        return Err(disabled(shown));
    }
    let awaits_password = person::awaits_password(context, &user).await?;
    Ok(if awaits_password { Who::Passwordless(user) } else { Who::Known(user) })
}

/// Somebody who has joined, and the session to give them, if they have none.
struct Joined {
    user: UserId,
    username: Username,
    session: Option<NewSession>,
}

/// Proves or makes the person, then makes the membership. Every step may run
/// again: the invitation stays open until the last one.
async fn join(
    context: &RealmContext<'_>,
    request: &Request,
    way: &Way,
    form: &Form,
) -> Result<Joined, Stop> {
    let joined = match &way.who {
        Who::SignedIn(user) => {
            begin(context, way, Acceptor::Known(user.id.clone())).await?;
            Joined { user: user.id.clone(), username: user.username.clone(), session: None }
        }
        Who::Known(user) => {
            let password = Secret::new(form.first("password").unwrap_or_default());
            let session = prove(context, user, password).await?;
            begin(context, way, Acceptor::Known(user.id.clone())).await?;
            let username = user.username.clone();
            Joined { user: user.id.clone(), username, session: Some(session) }
        }
        Who::Passwordless(user) => {
            let password = person::read_first_password(form, &context.realm.settings)?;
            let user_id = begin(context, way, Acceptor::Known(user.id.clone())).await?;
            context.ports.faults.reach("invitation.accept.after_begin").await;
            let session = person::claim(context, user, password).await?;
            context.ports.faults.reach("invitation.accept.after_user").await;
            Joined { user: user_id, username: user.username.clone(), session }
        }
        Who::New => {
            let known = profile::of_realm(context).await?;
            let new = NewPerson::read(form, &context.realm.settings, &known.profile)?;
            let proposed = UserId::from(context.ports.random.uuid());
            let user = begin(context, way, Acceptor::New(proposed)).await?;
            context.ports.faults.reach("invitation.accept.after_begin").await;
            let made = person::make(context, user.clone(), &way.shown.email, new).await?;
            happenings::registered(context, &made).await;
            context.ports.faults.reach("invitation.accept.after_user").await;
            let session = person::start_session(context, &user).await?;
            Joined { user, username: made.username, session }
        }
    };
    let directory = &*context.ports.directory;
    let realm = &context.realm.id;
    // The ticket came to this mailbox, and whoever brings it reads it.
    store::user::mark_email_verified(directory, realm, &joined.user, &way.shown.email).await?;
    finish(context, request, way, &joined.user).await?;
    tell(context, way, &joined).await;
    Ok(joined)
}

async fn prove(
    context: &RealmContext<'_>,
    user: &User,
    password: Secret,
) -> Result<NewSession, PersonError> {
    let proved = person::prove(context, user, password).await;
    if let Err(PersonError::WrongPassword) = &proved {
        happenings::login_failed(context, user).await;
    }
    proved
}

/// What is told of somebody who has joined.
async fn tell(context: &RealmContext<'_>, way: &Way, joined: &Joined) {
    match &way.who {
        Who::Known(user) | Who::Passwordless(user) | Who::SignedIn(user) => {
            if !user.email_verified {
                happenings::confirmed(context, user).await;
            }
        }
        Who::New => {}
    }
    if let Some(session) = &joined.session {
        happenings::logged_in(context, &joined.user, session).await;
    }
    let invited = Invited { org: &way.ticket.org, invitation: &way.ticket.invitation };
    invited.accepted().user(&joined.user).tell(context).await;
    invited.joined(&joined.username).user(&joined.user).tell(context).await;
}

async fn begin(context: &RealmContext<'_>, way: &Way, acceptor: Acceptor) -> Result<UserId, Stop> {
    let question = BeginAcceptance {
        invitation: way.ticket.invitation.clone(),
        version: way.ticket.version,
        acceptor,
    };
    let answer = ask(&*context.ports.objects, &org_of(context, &way.ticket), &question).await?;
    answer.map_err(|refusal| stop(problem_of(refusal), &way.shown))
}

async fn finish(
    context: &RealmContext<'_>,
    request: &Request,
    way: &Way,
    user: &UserId,
) -> Result<(), Stop> {
    let question = FinishAcceptance {
        invitation: way.ticket.invitation.clone(),
        version: way.ticket.version,
        user: user.clone(),
        ip: web::client_ip(request).map(str::to_owned),
    };
    let answer = ask(&*context.ports.objects, &org_of(context, &way.ticket), &question).await?;
    answer.map_err(|refusal| stop(problem_of(refusal), &way.shown))
}

impl From<PersonError> for Stop {
    fn from(error: PersonError) -> Self {
        let problem = match error {
            PersonError::WrongPassword => "That password is not correct.".to_owned(),
            PersonError::Exists => {
                "This address has an account now. Open the link once more.".to_owned()
            }
            PersonError::Password(problem) => problem,
            PersonError::Details(details) => {
                return Self::Again(Again {
                    problem: None,
                    problems: details.problems,
                    first_name: details.first_name,
                    last_name: details.last_name,
                });
            }
            PersonError::Store(error) => return Self::Store(error),
        };
        Self::Again(Again { problem: Some(problem), ..Again::default() })
    }
}

/// The page on which the person can accept.
fn show(context: &RealmContext<'_>, request: &Request, way: &Way, again: Again) -> Response {
    let browser = Browser::of(request, &*context.ports.random);
    let csrf = match csrf::issue(context, &browser, PURPOSE) {
        Ok(token) => token,
        Err(error) => {
            tracing::error!("A form could not be sealed: {error}");
            return failed(context, request);
        }
    };
    let invitation = InvitationView {
        realm_name: context.realm.display_name.clone(),
        org: brand(&way.shown),
        inviter_name: way.shown.inviter_name.clone(),
        email: way.shown.email.as_str().to_owned(),
        action_url: context.url(&format!("/login-actions/invitation{}", way_back(request))),
        ticket: way.ticket_text.clone(),
        csrf,
    };
    let mut response = match &way.who {
        Who::New => page(
            StatusCode::OK,
            &AcceptNewPage {
                invitation,
                first_name: again.first_name,
                last_name: again.last_name,
                min_password_chars: context.realm.settings.min_password_chars as usize,
                problems: NewPersonProblems {
                    general: again.problem.or(again.problems.general),
                    ..again.problems
                },
            },
        ),
        Who::Known(_) => {
            page(StatusCode::OK, &AcceptExistingPage { invitation, problem: again.problem })
        }
        Who::Passwordless(_) => page(
            StatusCode::OK,
            &AcceptPasswordPage {
                invitation,
                min_password_chars: context.realm.settings.min_password_chars as usize,
                problem: again.problem,
            },
        ),
        Who::SignedIn(_) => {
            page(StatusCode::OK, &AcceptSignedInPage { invitation, problem: again.problem })
        }
    };
    browser.remember(&mut response);
    response
}

/// The page that says it is done, with the person signed in.
fn welcome(context: &RealmContext<'_>, request: &Request, way: &Way, joined: Joined) -> Response {
    let mut response = page(
        StatusCode::OK,
        &JoinedPage {
            realm_name: context.realm.display_name.clone(),
            org: brand(&way.shown),
            email: way.shown.email.as_str().to_owned(),
            continue_link: way_on(context, request, &way.shown),
        },
    );
    if let Some(session) = joined.session {
        browser::set_session_cookie(context, &mut response, &joined.user, &session);
    }
    response
}

/// The query with which an app's request to sign in goes on, when one led here: a
/// reference to it (RFC 9126), and whose it is. Our own endpoint judges both.
fn way_back(request: &Request) -> String {
    let query = Form::query(request);
    let both = (query.first("client_id"), query.first("request_uri"));
    let (Some(client_id), Some(reference)) = both else { return String::new() };
    let mut text = url::form_urlencoded::Serializer::new(String::new());
    text.append_pair("client_id", client_id);
    text.append_pair("request_uri", reference);
    format!("?{}", text.finish())
}

/// To the app that led here, or to the one that the invitation or the realm names.
fn way_on(context: &RealmContext<'_>, request: &Request, shown: &Shown) -> Option<Link> {
    let label = format!("Continue to {}", context.realm.display_name);
    let back = way_back(request);
    if !back.is_empty() {
        let href = context.url(&format!("/protocol/openid-connect/auth{back}"));
        return Some(Link { label, href });
    }
    let target = shown.redirect_uri.as_ref();
    let href = target.or(context.realm.settings.default_application_uri.as_ref())?.clone();
    Some(Link { label, href })
}

fn failed(context: &RealmContext<'_>, request: &Request) -> Response {
    let why = ErrorPage::ours(&context.realm.display_name, web::request_id(request));
    page(StatusCode::INTERNAL_SERVER_ERROR, &why)
}

/// The page that says why not.
fn end(context: &RealmContext<'_>, request: &Request, stop: Stop) -> Response {
    let (problem, shown) = match stop {
        Stop::Problem(problem, shown) => (problem, shown),
        Stop::Again(_) => (InvitationProblem::Invalid, None),
        Stop::Store(error) => {
            tracing::error!("An invitation could not be accepted: {error}");
            return failed(context, request);
        }
    };
    let status = match problem {
        InvitationProblem::Invalid => StatusCode::NOT_FOUND,
        InvitationProblem::OtherEmail { .. }
        | InvitationProblem::Disabled
        | InvitationProblem::Unavailable => StatusCode::FORBIDDEN,
        InvitationProblem::AlreadyUsed
        | InvitationProblem::Expired
        | InvitationProblem::Revoked => StatusCode::GONE,
    };
    tracing::info!(http.status = status.as_u16(), "An invitation was refused");
    let action = match problem {
        InvitationProblem::OtherEmail { .. } => Some(Link {
            label: "Sign out".to_owned(),
            href: context.url("/protocol/openid-connect/logout"),
        }),
        // It may have been themselves, a moment ago.
        InvitationProblem::AlreadyUsed => {
            shown.as_deref().and_then(|shown| way_on(context, request, shown))
        }
        InvitationProblem::Expired
        | InvitationProblem::Revoked
        | InvitationProblem::Unavailable
        | InvitationProblem::Disabled
        | InvitationProblem::Invalid => None,
    };
    page(
        status,
        &InvitationProblemPage {
            realm_name: context.realm.display_name.clone(),
            org: shown.as_deref().map(brand),
            problem,
            request_id: web::request_id(request).to_owned(),
            action,
        },
    )
}

fn page(status: StatusCode, page: &impl Page) -> Response {
    answer::html(status, render(page))
}

fn org_of(context: &RealmContext<'_>, ticket: &Ticket) -> ObjectName {
    ObjectName::Org(context.realm.id.clone(), ticket.org.clone())
}

/// Why not, under the sign of the organization.
fn stop(problem: InvitationProblem, shown: &Shown) -> Stop {
    Stop::Problem(problem, Some(Box::new(shown.clone())))
}

fn disabled(shown: &Shown) -> Stop {
    stop(InvitationProblem::Disabled, shown)
}

fn brand(shown: &Shown) -> OrgBrand {
    OrgBrand { name: shown.org_title.clone(), logo_url: shown.logo_url.clone() }
}

const fn problem_of(refusal: Refusal) -> InvitationProblem {
    match refusal {
        Refusal::AlreadyUsed => InvitationProblem::AlreadyUsed,
        Refusal::Expired => InvitationProblem::Expired,
        Refusal::Revoked => InvitationProblem::Revoked,
        Refusal::Unavailable => InvitationProblem::Unavailable,
        Refusal::Unknown => InvitationProblem::Invalid,
    }
}
