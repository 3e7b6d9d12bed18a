//! Switching to another organization: tokens that speak for that one alone.
use super::bearer::Caller;
use super::choose::{self, ChooseError};
use super::consent;
use super::happenings;
use super::refresh::NextRefresh;
use super::scope::{BadScope, Scope};
use super::selection::Selection;
use super::shape::{self, Shape};
use super::standing::{self, Question, Standing, session_org};
use super::tokens::{self, Login, MintError, Minting, TokenResponse};
use crate::account::family_start::StartFamily;
use crate::account::grant::{Granted, Terms};
use crate::account::session_organization::{SwitchOrganization, Switched};
use crate::account::session_rule::SessionRule;
use crate::kernel::id::{OrgId, SessionId};
use crate::kernel::route::ObjectName;
use crate::org::claims::OrgClaims;
use crate::platform::object::ask;
use crate::platform::row::StoreError;
use crate::realm::client::{Client, Grant};
use crate::realm::context::RealmContext;
use crate::realm::recipe::Recipe;
use crate::realm::registry::Registration;
use crate::realm::store::{membership, organization};

/// Why nobody switched.
#[derive(Debug, thiserror::Error)]
pub enum SwitchError {
    /// The token is of another realm, its session or its user is gone, or the
    /// person does not belong to the organization.
    #[error("the caller does not belong to the organization, or is not signed in any more")]
    Denied,
    /// There is no such organization.
    #[error("there is no such organization")]
    Unknown,
    /// Our own scope did not parse.
    #[error(transparent)]
    Scope(#[from] BadScope),
    /// The tokens were not made.
    #[error(transparent)]
    Mint(#[from] MintError),
    /// A store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Makes `org` the active organization of the caller's session, and fresh tokens
/// for the caller's client that speak for it. A client that speaks for itself
/// has no session; it gets an access token only.
///
/// # Errors
/// As [`SwitchError`] says.
pub async fn switch(
    context: &RealmContext<'_>,
    caller: &Caller,
    org: &OrgId,
) -> Result<TokenResponse, SwitchError> {
    let directory = &*context.ports.directory;
    if !organization::exists(directory, &context.realm.id, org).await? {
        return Err(SwitchError::Unknown);
    }
    if !is_local(context, caller) {
        return Err(SwitchError::Denied);
    }
    let client = context.find_client(&caller.client_id).await?.ok_or(SwitchError::Denied)?;
    let recipe = context.recipe(&client).await?;
    let standing = standing(context, (&client, &recipe), caller, org).await?;
    let active = standing.orgs.first().ok_or(SwitchError::Denied)?;
    let words = scope_for(caller, &recipe, active)?;
    let selection = Selection::of(&client, &recipe, &words)?;
    if !consent::covers(context, &client, &caller.user, (&words, &standing.orgs)).await? {
        return Err(SwitchError::Denied);
    }
    let login = match &caller.session {
        Some(session) => Some(start(context, &client, (caller, session), org, &words).await?),
        None => None,
    };
    if let Some(started) = &login {
        happenings::switched(context, caller, org, started.switched.previous.as_ref()).await;
    }
    let shape = Shape::of(context, &client, &words, caller.jkt.as_deref());
    let minting = Minting {
        session: login.as_ref().map(|started| Login {
            id: &started.session,
            authenticated_at: started.switched.authenticated_at,
            refresh: started.next.as_ref().map(|next| (next, &started.granted)),
            ends_at: shape.span.end(started.switched.expires_at, context.now),
        }),
        ..Minting::of(&selection, &standing, &shape)
    };
    Ok(tokens::mint(context, &minting).await?)
}

/// What the caller is, and is in `org`, now.
async fn standing(
    context: &RealmContext<'_>,
    (client, recipe): (&Client, &Recipe),
    caller: &Caller,
    org: &OrgId,
) -> Result<Standing, SwitchError> {
    let selection = Selection::of(client, recipe, &caller.scope)?;
    let orgs = std::slice::from_ref(org);
    let question = Question { user: &caller.user, orgs, session: caller.session.as_ref() };
    match standing::find(context, &selection, question).await {
        Ok(found) => found.ok_or(SwitchError::Denied),
        Err(ChooseError::Scope(bad)) => Err(bad.into()),
        Err(ChooseError::Store(error)) => Err(error.into()),
    }
}

fn is_local(context: &RealmContext<'_>, caller: &Caller) -> bool {
    caller.realm.id == context.realm.id
}

/// What the caller's token was for, but of one organization.
fn scope_for(caller: &Caller, recipe: &Recipe, active: &OrgClaims) -> Result<String, BadScope> {
    let held = Scope::parse(Some(&caller.scope))?.within(recipe)?;
    Ok(held.speaking_for(active.alias.clone()).granted(&[&active.alias]))
}

/// A session that was switched, and the refresh family for it.
struct Started {
    session: SessionId,
    switched: Switched,
    granted: Granted,
    next: Option<NextRefresh>,
}

async fn start(
    context: &RealmContext<'_>,
    client: &Client,
    (caller, session): (&Caller, &SessionId),
    org: &OrgId,
    scope: &str,
) -> Result<Started, SwitchError> {
    let rule = SessionRule::of(&context.realm);
    let object = ObjectName::Account(context.realm.id.clone(), caller.user.clone());
    let objects = &*context.ports.objects;
    let asked = SwitchOrganization { session: session.clone(), rule, org: org.clone() };
    let switched = ask(objects, &object, &asked).await?.ok_or(SwitchError::Denied)?;
    context.ports.faults.reach("oidc.switch.after_session").await;
    let granted = Granted {
        client_id: caller.client_id.clone(),
        scope: scope.to_owned(),
        orgs: vec![org.clone()],
        authenticated_at: switched.authenticated_at,
        terms: Terms::default(),
    };
    let mut next = None;
    if client.may(Grant::RefreshToken) {
        let span = shape::span(context, client, granted.is_offline());
        let first = NextRefresh::first(&*context.ports.random);
        let family = StartFamily {
            session: session.clone(),
            rule,
            family: first.as_family(span, client, caller.jkt.as_deref()),
            granted: granted.clone(),
        };
        if !ask(objects, &object, &family).await? {
            return Err(SwitchError::Denied);
        }
        next = Some(first);
    }
    Ok(Started { session: session.clone(), switched, granted, next })
}

/// The active organization of the caller: the one their session switched to,
/// else the first they belong to. `None` when they belong to none, or no longer
/// to the one they switched to.
///
/// # Errors
/// `Refused` and `Unreachable` when a store fails.
pub async fn find_active(
    context: &RealmContext<'_>,
    caller: &Caller,
) -> Result<Option<Registration>, StoreError> {
    if !is_local(context, caller) {
        return Ok(None);
    }
    let switched = match &caller.session {
        Some(session) => session_org(context, &caller.user, session).await?,
        None => None,
    };
    let directory = &*context.ports.directory;
    let realm = &context.realm.id;
    let chosen = if switched.is_some() {
        switched
    } else {
        let first = membership::list_orgs(directory, realm, &caller.user, 1).await?;
        first.into_iter().next().map(|org| org.id)
    };
    let Some(org) = chosen else { return Ok(None) };
    if choose::claims_of(context, &caller.user, std::slice::from_ref(&org)).await?.is_empty() {
        return Ok(None);
    }
    organization::find(directory, realm, &org).await
}
