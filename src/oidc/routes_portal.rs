//! `GET /realms/{realm}/login-actions/action-token`: where a portal link leads.
//! It signs the person in and sends them on.
use super::choose;
use crate::account::browser;
use crate::account::register::{NewUser, RegisterError, register};
use crate::account::session::NewSession;
use crate::account::session_rule::SessionRule;
use crate::account::session_start::StartSession;
use crate::crypto::seal::OpenError;
use crate::event::user_event::Kind;
use crate::kernel::route::ObjectName;
use crate::org::portal_link::{PortalKey, WIZARD_CLIENT};
use crate::org::role::BuiltIn;
use crate::platform::object::ask;
use crate::platform::row::StoreError;
use crate::realm::context::RealmContext;
use crate::realm::happening::Happening;
use crate::realm::store::user;
use crate::realm::user::User;
use crate::web::form::Form;
use crate::web::page::{ErrorPage, render};
use crate::web::{self, Request, Response, answer};
use http::StatusCode;

/// Why nobody was signed in.
#[derive(Debug, thiserror::Error)]
enum Refusal {
    #[error("the link is not one of ours, or has expired: {0}")]
    Key(#[from] OpenError),
    #[error("the person does not administer the organization any more")]
    NotAdministrator,
    #[error(transparent)]
    Register(#[from] RegisterError),
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Opens a portal link. Works until it expires, as often as it is opened: mail
/// programs open links before people do.
pub async fn open(context: &RealmContext<'_>, request: &Request) -> Response {
    match enter(context, request).await {
        Ok(response) => response,
        Err(refusal) => refuse(context, request, &refusal),
    }
}

async fn enter(context: &RealmContext<'_>, request: &Request) -> Result<Response, Refusal> {
    let query = Form::query(request);
    let unverified_key = query.first("key").unwrap_or_default();
    let key = PortalKey::open(context.keyring, &context.realm.id, unverified_key, context.now)?;
    let person = find_administrator(context, &key).await?;
    let session = start_session(context, &person).await?;
    let mut response = answer::see_other(&key.redirect);
    browser::set_session_cookie(context, &mut response, &person.id, &session);
    tracing::info!(org.id = %key.org, user.id = %person.id, "A portal link was used");
    let happening = Happening::of(Kind::ExecuteActionToken).client(WIZARD_CLIENT);
    let happening = happening.user(&person.id).session(&session.id);
    happening.detail("org_id", key.org.as_str()).tell(context).await;
    Ok(response)
}

/// The person, if they still are what they were when the link was made.
async fn find_administrator(context: &RealmContext<'_>, key: &PortalKey) -> Result<User, Refusal> {
    let directory = &*context.ports.directory;
    let found = user::find(directory, &context.realm.id, &key.sub).await?;
    let person = found
        .filter(|user| user.may_sign_in(&context.realm.settings))
        .ok_or(Refusal::NotAdministrator)?;
    let standing =
        choose::claims_of(context, &person.id, std::slice::from_ref(&key.org)).await?.pop();
    let administers = standing
        .is_some_and(|standing| BuiltIn::names().all(|role| standing.roles.contains(&role)));
    if administers { Ok(person) } else { Err(Refusal::NotAdministrator) }
}

/// A session of the person. The administrator that came with an organization has
/// no account until now.
async fn start_session(context: &RealmContext<'_>, person: &User) -> Result<NewSession, Refusal> {
    let object = ObjectName::Account(context.realm.id.clone(), person.id.clone());
    let question = StartSession {
        life: context.realm.settings.sso_session_max_lifespan,
        rule: SessionRule::of(&context.realm),
        ip: context.ip.map(str::to_owned),
    };
    let objects = &*context.ports.objects;
    if let Some(session) = ask(objects, &object, &question).await? {
        return Ok(session);
    }
    let known = NewUser {
        id: Some(person.id.clone()),
        username: person.username.clone(),
        email: person.email.clone(),
        email_verified: person.email_verified,
        first_name: person.first_name.clone(),
        last_name: person.last_name.clone(),
        password: None,
        home_org: person.home_org.clone(),
    };
    register(context, known).await?;
    context.ports.faults.reach("oidc.portal.after_account").await;
    let session = ask(objects, &object, &question).await?;
    Ok(session.ok_or(StoreError::Refused("a new account has no session".to_owned()))?)
}

/// The one place where a refusal is logged.
fn refuse(context: &RealmContext<'_>, request: &Request, refusal: &Refusal) -> Response {
    let (status, heading, message) = match refusal {
        Refusal::Key(_) => (
            StatusCode::BAD_REQUEST,
            "This link does not work",
            "It may have expired. Ask whoever sent it for a new one.",
        ),
        Refusal::NotAdministrator => (
            StatusCode::FORBIDDEN,
            "This link does not work any more",
            "The person it is for does not administer the organization now.",
        ),
        Refusal::Register(_) | Refusal::Store(_) => (
            StatusCode::INTERNAL_SERVER_ERROR,
            "Something of ours failed",
            "Please try again in a moment.",
        ),
    };
    if status.is_server_error() {
        tracing::error!(realm.id = %context.realm.id, "A portal link failed: {refusal}");
    } else {
        tracing::info!(realm.id = %context.realm.id, "A portal link was refused: {refusal}");
    }
    let page = ErrorPage {
        realm_name: context.realm.display_name.clone(),
        status: status.as_u16(),
        heading: heading.to_owned(),
        message: message.to_owned(),
        request_id: web::request_id(request).to_owned(),
        action: None,
    };
    answer::html(status, render(&page))
}
