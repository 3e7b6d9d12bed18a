//! The way of an invited person: `/login-actions/invitation`, from the link in
//! the mail to being a member and signed in.
use super::accept::{Acceptor, BeginAcceptance, FinishAcceptance};
use super::pages::{
    AcceptExistingPage, AcceptNewPage, AcceptSignedInPage, InvitationProblem,
    InvitationProblemPage, InvitationView, JoinedPage, NewPersonProblems,
};
use super::person::{self, NewPerson, PersonError};
use super::show::{ShowInvitation, Shown};
use super::state::Refusal;
use super::ticket::Ticket;
use crate::account::browser::{self, Browser};
use crate::account::csrf;
use crate::account::session::NewSession;
use crate::crypto::seal::OpenError;
use crate::kernel::id::UserId;
use crate::kernel::route::ObjectName;
use crate::kernel::secret::Secret;
use crate::platform::object::ask;
use crate::platform::row::StoreError;
use crate::realm::context::RealmContext;
use crate::realm::store;
use crate::realm::user::User;
use crate::web::form::Form;
use crate::web::page::{Link, OrgBrand, Page, render};
use crate::web::{self, Request, Response, answer};
use http::StatusCode;

/// What a form of these pages is for, in its token.
const PURPOSE: &str = "invitation";

/// Why the way ends before the organization is joined.
#[derive(Debug, thiserror::Error)]
enum Stop {
    /// A clear page says why.
    #[error("the invitation cannot be accepted: {0:?}")]
    Problem(InvitationProblem, Option<OrgBrand>),
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
    /// The user who is signed in here.
    SignedIn(User),
}

/// `GET /login-actions/invitation?ticket=...`: changes nothing.
pub async fn open(context: &RealmContext<'_>, request: &Request) -> Response {
    let query = Form::query(request);
    match find_way(context, request, query.first("ticket").unwrap_or_default()).await {
        Ok(way) => show(context, request, &way, Again::default()),
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
        let problem = Some("This page was open for too long. Please try again.".to_owned());
        return show(context, request, &way, Again { problem, ..Again::default() });
    }
    match join(context, request, &way, &form).await {
        Ok(joined) => welcome(context, &way, joined),
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
    let opened = Ticket::open(context.keyring, &context.realm.id, unverified_ticket, context.now);
    let ticket = opened.map_err(|error| match error {
        OpenError::Expired => Stop::Problem(InvitationProblem::Expired, None),
        OpenError::Malformed | OpenError::Forged => Stop::Problem(InvitationProblem::Invalid, None),
    })?;
    let question =
        ShowInvitation { invitation: ticket.invitation.clone(), version: ticket.version };
    let shown = ask(&*context.ports.objects, &org_of(context, &ticket), &question)
        .await?
        .ok_or(Stop::Problem(InvitationProblem::Invalid, None))?;
    if let Some(refusal) = shown.refusal {
        return Err(Stop::Problem(problem_of(refusal), Some(brand(&shown))));
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
    let realm = &context.realm.id;
    if let Some(session) = browser::find_session(context, request).await?
        && let Some(user) = store::user::find(directory, realm, &session.user).await?
    {
        if user.email.as_ref() == Some(&shown.email) {
            return Ok(Who::SignedIn(user));
        }
        let problem = InvitationProblem::OtherEmail {
            signed_in_as: user.display_name(),
            invited: shown.email.as_str().to_owned(),
        };
        return Err(Stop::Problem(problem, Some(brand(shown))));
    }
    let known = store::user::find_by_email(directory, realm, &shown.email).await?;
    Ok(known.map_or(Who::New, Who::Known))
}

/// Somebody who has joined, and the session to give them, if they have none.
struct Joined {
    user: UserId,
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
            Joined { user: user.id.clone(), session: None }
        }
        Who::Known(user) => {
            let password = Secret::new(form.first("password").unwrap_or_default());
            let session = person::prove(context, user, password).await.map_err(again)?;
            begin(context, way, Acceptor::Known(user.id.clone())).await?;
            Joined { user: user.id.clone(), session: Some(session) }
        }
        Who::New => {
            let new = NewPerson::read(form, &context.realm.settings).map_err(Stop::from)?;
            let proposed = UserId::from(context.ports.random.uuid());
            let user = begin(context, way, Acceptor::New(proposed)).await?;
            context.ports.faults.reach("invitation.accept.after_begin").await;
            person::make(context, user.clone(), &way.shown.email, new).await.map_err(again)?;
            context.ports.faults.reach("invitation.accept.after_user").await;
            let session = person::start_session(context, &user).await?;
            Joined { user, session }
        }
    };
    let directory = &*context.ports.directory;
    let realm = &context.realm.id;
    // The ticket came to this mailbox, and whoever brings it reads it.
    store::user::mark_email_verified(directory, realm, &joined.user, &way.shown.email).await?;
    finish(context, request, way, &joined.user).await?;
    Ok(joined)
}

async fn begin(context: &RealmContext<'_>, way: &Way, acceptor: Acceptor) -> Result<UserId, Stop> {
    let question = BeginAcceptance {
        invitation: way.ticket.invitation.clone(),
        version: way.ticket.version,
        acceptor,
    };
    let answer = ask(&*context.ports.objects, &org_of(context, &way.ticket), &question).await?;
    answer.map_err(|refusal| Stop::Problem(problem_of(refusal), Some(brand(&way.shown))))
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
    answer.map_err(|refusal| Stop::Problem(problem_of(refusal), Some(brand(&way.shown))))
}

fn again(error: PersonError) -> Stop {
    match error {
        PersonError::WrongPassword => Stop::Again(Again {
            problem: Some("That password is not correct.".to_owned()),
            ..Again::default()
        }),
        PersonError::Exists => Stop::Again(Again {
            problem: Some("This address has an account now. Open the link once more.".to_owned()),
            ..Again::default()
        }),
        PersonError::Details(details) => Stop::Again(Again {
            problem: None,
            problems: details.problems,
            first_name: details.first_name,
            last_name: details.last_name,
        }),
        PersonError::Store(error) => Stop::Store(error),
    }
}

impl From<PersonError> for Stop {
    fn from(error: PersonError) -> Self {
        again(error)
    }
}

/// The page on which the person can accept.
fn show(context: &RealmContext<'_>, request: &Request, way: &Way, again: Again) -> Response {
    let browser = Browser::of(request, &*context.ports.random);
    let csrf = match csrf::issue(context, &browser, PURPOSE) {
        Ok(token) => token,
        Err(error) => {
            tracing::error!("A form could not be sealed: {error}");
            return answer::keycloak_error(StatusCode::INTERNAL_SERVER_ERROR);
        }
    };
    let invitation = InvitationView {
        realm_name: context.realm.display_name.clone(),
        org: brand(&way.shown),
        inviter_name: way.shown.inviter_name.clone(),
        email: way.shown.email.as_str().to_owned(),
        action_url: context.url("/login-actions/invitation"),
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
        Who::SignedIn(_) => {
            page(StatusCode::OK, &AcceptSignedInPage { invitation, problem: again.problem })
        }
    };
    browser.remember(&mut response);
    response
}

/// The page that says it is done, with the person signed in.
fn welcome(context: &RealmContext<'_>, way: &Way, joined: Joined) -> Response {
    let target = way.shown.redirect_uri.clone();
    let target = target.or_else(|| context.realm.settings.default_application_uri.clone());
    let title = &context.realm.display_name;
    let mut response = page(
        StatusCode::OK,
        &JoinedPage {
            realm_name: title.clone(),
            org: brand(&way.shown),
            email: way.shown.email.as_str().to_owned(),
            continue_link: target.map(|href| Link { label: format!("Continue to {title}"), href }),
        },
    );
    if let Some(session) = joined.session {
        browser::set_session_cookie(context, &mut response, &joined.user, &session);
    }
    response
}

/// The page that says why not.
fn end(context: &RealmContext<'_>, request: &Request, stop: Stop) -> Response {
    let (problem, org) = match stop {
        Stop::Problem(problem, org) => (problem, org),
        Stop::Again(_) => (InvitationProblem::Invalid, None),
        Stop::Store(error) => {
            tracing::error!("An invitation could not be accepted: {error}");
            return answer::keycloak_error(StatusCode::INTERNAL_SERVER_ERROR);
        }
    };
    let status = match problem {
        InvitationProblem::Invalid => StatusCode::NOT_FOUND,
        InvitationProblem::OtherEmail { .. } => StatusCode::FORBIDDEN,
        InvitationProblem::AlreadyUsed
        | InvitationProblem::Expired
        | InvitationProblem::Revoked => StatusCode::GONE,
    };
    tracing::info!(http.status = status.as_u16(), "An invitation was refused");
    let action = matches!(problem, InvitationProblem::OtherEmail { .. }).then(|| Link {
        label: "Sign out".to_owned(),
        href: context.url("/protocol/openid-connect/logout"),
    });
    page(
        status,
        &InvitationProblemPage {
            realm_name: context.realm.display_name.clone(),
            org,
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

fn brand(shown: &Shown) -> OrgBrand {
    OrgBrand { name: shown.org_title.clone(), logo_url: shown.logo_url.clone() }
}

const fn problem_of(refusal: Refusal) -> InvitationProblem {
    match refusal {
        Refusal::AlreadyUsed => InvitationProblem::AlreadyUsed,
        Refusal::Expired => InvitationProblem::Expired,
        Refusal::Revoked => InvitationProblem::Revoked,
        Refusal::Unknown => InvitationProblem::Invalid,
    }
}
