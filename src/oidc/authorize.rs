//! From an authorization request and a session to a code: the steps in between
//! depend on nothing but these two.
use super::authorization::AuthorizationRequest;
use super::choose::ChooseError;
use super::claims_request::ClaimsRequest;
use super::consent;
use super::consent::Question;
use super::device_decide;
use super::happenings;
use super::prompt::Prompt;
use super::redirect::{Destination, Reply};
use super::scope::Scope;
use super::settle;
use super::settle::Outcome;
use crate::account::code::CodeGrant;
use crate::account::code_issue::{IssueCode, Issued};
use crate::account::grant::{Granted, Terms};
use crate::account::session::LiveSession;
use crate::account::session_rule::SessionRule;
use crate::crypto::token::SecretToken;
use crate::kernel::alias::Alias;
use crate::kernel::id::UserId;
use crate::kernel::route::ObjectName;
use crate::kernel::time::Seconds;
use crate::org::claims::OrgClaims;
use crate::platform::object::ask;
use crate::platform::row::StoreError;
use crate::realm::client::Client;
use crate::realm::context::RealmContext;
use crate::realm::settings::Settings;
use crate::realm::store::membership::MemberOrg;
use crate::realm::store::user;
use crate::realm::user::{RequiredAction, User};

/// What happens next in the browser.
#[derive(Debug)]
pub enum Step {
    /// It goes back to the client.
    Return(Reply),
    /// It shows the login page.
    LogIn,
    /// It shows the page on which somebody new registers.
    Register,
    /// It shows the choice of organizations to this person.
    Pick(Box<User>, Vec<MemberOrg>),
    /// It asks this person whether the client may, and the request goes on as this.
    Agree(Box<(User, Question, AuthorizationRequest)>),
    /// It lets this person do what they owe, before anything else.
    Act(Box<User>, RequiredAction),
}

/// How long ago somebody may have proved who they are, to choose a new password
/// without the old one; Keycloak's default.
const FRESH: Seconds = Seconds::minutes(5);

/// What the person must do before a login leads anywhere: of what the realm asks
/// for at all, the first by its order. An address that is verified, or not there,
/// is not owed.
#[must_use]
pub fn owed(settings: &Settings, user: &User) -> Option<RequiredAction> {
    let is_due = |action: &RequiredAction| match action {
        RequiredAction::UpdatePassword => true,
        RequiredAction::VerifyEmail => user.email.is_some() && !user.email_verified,
    };
    let asked = settings.actions_in_order().into_iter().filter(|(_, decided)| decided.enabled);
    let mut asked = asked.map(|(action, _)| action);
    asked.find(|action| user.required_actions.contains(action) && is_due(action))
}

/// The step in which the person does what they owe; for a password only right
/// after they proved who they are.
fn act(
    context: &RealmContext<'_>,
    request: &AuthorizationRequest,
    session: &LiveSession,
    (user, action): (User, RequiredAction),
) -> Step {
    let is_fresh = context.now < session.authenticated_at + FRESH;
    if action == RequiredAction::UpdatePassword && !is_fresh {
        return or_error(context, request, Step::LogIn, "login_required");
    }
    or_error(context, request, Step::Act(Box::new(user), action), "interaction_required")
}

/// The next step of `request` in a browser with, or without, a live session.
///
/// # Errors
/// As [`ChooseError`] says, but for the client's mistakes, which it is told.
pub async fn enter(
    context: &RealmContext<'_>,
    request: &AuthorizationRequest,
    session: Option<&LiveSession>,
) -> Result<Step, StoreError> {
    // Whoever is signed in: the client wants an account made, not used.
    if request.prompts.has(Prompt::Create) {
        return Ok(Step::Register);
    }
    match session.filter(|live| request.accepts_session(live.authenticated_at, context.now)) {
        Some(session) => proceed(context, request, session).await,
        None => Ok(or_error(context, request, Step::LogIn, "login_required")),
    }
}

/// The next step of `request` in a session that is good enough.
///
/// # Errors
/// As [`enter`].
pub async fn proceed(
    context: &RealmContext<'_>,
    request: &AuthorizationRequest,
    session: &LiveSession,
) -> Result<Step, StoreError> {
    let Some(user) = find_enabled(context, &session.user).await? else {
        return Ok(or_error(context, request, Step::LogIn, "login_required"));
    };
    if !request.admits(&session.user) {
        return Ok(not_meant(context, request));
    }
    if let Some(action) = owed(&context.realm.settings, &user) {
        return Ok(act(context, request, session, (user, action)));
    }
    let Some(client) = context.find_client(&request.client_id).await? else {
        return Ok(gone(context, request));
    };
    let asked = (&*client, request);
    let outcome = match &request.picked {
        Some(alias) => {
            settle::settle_with(context, asked, &session.user, Some(alias.clone())).await
        }
        None => settle::settle(context, asked, &session.user).await,
    };
    go_on(context, asked, session, (user, outcome)).await
}

/// The next step after the person picked the organization called `alias`. What
/// they picked is what the client gets, or nothing is: a choice that is not
/// theirs to make brings the page again, however little there is left to choose.
///
/// # Errors
/// As [`enter`].
pub async fn proceed_with(
    context: &RealmContext<'_>,
    request: &AuthorizationRequest,
    session: &LiveSession,
    alias: Option<Alias>,
) -> Result<Step, StoreError> {
    let Some(user) = find_enabled(context, &session.user).await? else { return Ok(Step::LogIn) };
    if !request.admits(&session.user) {
        return Ok(not_meant(context, request));
    }
    if let Some(action) = owed(&context.realm.settings, &user) {
        return Ok(act(context, request, session, (user, action)));
    }
    let Some(client) = context.find_client(&request.client_id).await? else {
        return Ok(gone(context, request));
    };
    let request = &AuthorizationRequest { picked: alias.clone(), ..request.clone() };
    let asked = (&*client, request);
    let outcome = settle::settle_with(context, asked, &session.user, alias).await;
    go_on(context, asked, session, (user, outcome)).await
}

/// The next step once it is known which organizations there are to speak for.
async fn go_on(
    context: &RealmContext<'_>,
    (client, request): (&Client, &AuthorizationRequest),
    session: &LiveSession,
    (user, outcome): (User, Result<Outcome, ChooseError>),
) -> Result<Step, StoreError> {
    match outcome {
        Ok(Outcome::Settled(scope, orgs)) => {
            let granted = granted(request, session, &scope, &orgs);
            let asked = (client, request);
            let about = (granted.scope.as_str(), orgs.as_slice());
            match consent::find_question(context, asked, &session.user, about).await? {
                Some(question) => Ok(agree(context, request, user, question)),
                None => grant(context, request, session, (&user, granted)).await,
            }
        }
        Ok(Outcome::Open(choices)) => {
            let pick = Step::Pick(Box::new(user), choices);
            Ok(or_error(context, request, pick, "interaction_required"))
        }
        Ok(Outcome::Denied) => {
            let why = "the person is no member of an organization that may be used here";
            Ok(refuse(context, request, ("access_denied", why)))
        }
        Err(ChooseError::Scope(bad)) => {
            Ok(refuse(context, request, ("invalid_scope", &bad.to_string())))
        }
        Err(ChooseError::Store(error)) => Err(error),
    }
}

/// The step in which the person says whether the client may.
fn agree(
    context: &RealmContext<'_>,
    request: &AuthorizationRequest,
    user: User,
    question: Question,
) -> Step {
    let agreeing = Some(question.agreement.digest());
    let next = AuthorizationRequest { agreeing, agreed: None, ..request.clone() };
    or_error(context, request, Step::Agree(Box::new((user, question, next))), "consent_required")
}

/// The client was there when the request began.
fn gone(context: &RealmContext<'_>, request: &AuthorizationRequest) -> Step {
    refuse(context, request, ("unauthorized_client", "the client is gone"))
}

/// Somebody is signed in whom the answer must not be about: whoever it is may
/// still sign in, once (OIDC Core §3.1.2.1, `id_token_hint`; §5.5.1).
fn not_meant(context: &RealmContext<'_>, request: &AuthorizationRequest) -> Step {
    let error = ("login_required", "another person is signed in");
    if request.is_proved {
        return refuse(context, request, error);
    }
    or_error(context, request, Step::LogIn, error.0)
}

async fn find_enabled(
    context: &RealmContext<'_>,
    user: &UserId,
) -> Result<Option<User>, StoreError> {
    let found = user::find(&*context.ports.directory, &context.realm.id, user).await?;
    Ok(found.filter(|user| user.may_sign_in(&context.realm.settings)))
}

/// Gives the client a code. That is the login, as Keycloak tells it: also in a
/// session that was there before, and not while anything is owed.
async fn grant(
    context: &RealmContext<'_>,
    request: &AuthorizationRequest,
    session: &LiveSession,
    (user, granted): (&User, Granted),
) -> Result<Step, StoreError> {
    if request.device.is_some() {
        return device_decide::approve(context, request, session, (user, granted)).await;
    }
    let secret = SecretToken::from_bytes(context.ports.random.bytes32());
    let asked = IssueCode {
        session: session.id.clone(),
        rule: SessionRule::of(&context.realm),
        hash: secret.hash(),
        grant: CodeGrant {
            granted,
            redirect_uri: request.redirect_uri.clone(),
            code_challenge: request.code_challenge.clone(),
            nonce: request.nonce.clone(),
            dpop_jkt: request.dpop_jkt.clone(),
        },
        expires_at: None,
    };
    let object = ObjectName::Account(context.realm.id.clone(), session.user.clone());
    match ask(&*context.ports.objects, &object, &asked).await? {
        Issued::SessionEnded => Ok(or_error(context, request, Step::LogIn, "login_required")),
        Issued::Issued => {
            happenings::logged_in(context, request, user, session).await;
            let code = format!("{}.{}", session.user, secret.to_text());
            let to = Destination::of(request);
            Ok(Step::Return(Reply::code(to, code, &session.id, context.issuer())))
        }
    }
}

fn granted(
    request: &AuthorizationRequest,
    session: &LiveSession,
    scope: &Scope,
    orgs: &[OrgClaims],
) -> Granted {
    let aliases: Vec<&Alias> = orgs.iter().map(|org| &org.alias).collect();
    Granted {
        client_id: request.client_id.clone(),
        scope: scope.granted(&aliases),
        orgs: orgs.iter().map(|org| org.id.clone()).collect(),
        authenticated_at: session.authenticated_at,
        terms: Terms {
            level: u8::from(request.is_proved),
            claims: request.claims.clone().map(ClaimsRequest::into_json),
            resources: request.resources.clone(),
            ..Terms::default()
        },
    }
}

/// The page, or, for a client that wants none shown, the error that says so.
fn or_error(
    context: &RealmContext<'_>,
    request: &AuthorizationRequest,
    page: Step,
    error: &str,
) -> Step {
    if request.prompts.is_silent() {
        return refuse(context, request, (error, "the person would have to be asked"));
    }
    page
}

fn refuse(context: &RealmContext<'_>, request: &AuthorizationRequest, error: (&str, &str)) -> Step {
    Step::Return(refused(context, request, error))
}

/// The answer that says why there is no code.
#[must_use]
pub fn refused(
    context: &RealmContext<'_>,
    request: &AuthorizationRequest,
    error: (&str, &str),
) -> Reply {
    Reply::error(Destination::of(request), context.issuer(), error)
}
