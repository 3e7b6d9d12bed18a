//! `grant_type=password` (RFC 6749 §4.3), which RFC 9700 §2.4 rules out and
//! Keycloak's admin tools need: only for clients that were given it.
use super::authorize;
use super::choose;
use super::choose::Choice;
use super::error::TokenError;
use super::login;
use super::refresh::NextRefresh;
use super::resource;
use super::scope::Scope;
use super::selection::Selection;
use super::shape::Shape;
use super::standing::{self, Question, Standing};
use super::tokens;
use super::tokens::{Login, Minting, TokenResponse};
use crate::account::browser::end_session;
use crate::account::family_start::StartFamily;
use crate::account::grant::{Granted, Terms};
use crate::account::session::NewSession;
use crate::account::session_rule::SessionRule;
use crate::kernel::alias::Alias;
use crate::kernel::id::UserId;
use crate::kernel::route::ObjectName;
use crate::kernel::secret::Secret;
use crate::org::claims::OrgClaims;
use crate::platform::object::ask;
use crate::realm::client::{Client, Grant};
use crate::realm::context::RealmContext;
use crate::web::form::Form;

/// Signs the person in and gives the client tokens.
///
/// # Errors
/// As [`TokenError`] says.
pub async fn grant(
    context: &RealmContext<'_>,
    client: &Client,
    form: &Form,
    jkt: Option<&str>,
) -> Result<TokenResponse, TokenError> {
    // There is no page to ask on.
    if !client.may(Grant::Password) || client.settings.consent_required {
        return Err(TokenError::GrantNotAllowed);
    }
    let recipe = context.recipe(client).await?;
    let scope = Scope::parse(form.at_most_one("scope")?)?.within(&recipe)?;
    let audience = resource::of_token(context, client, &[], form).await??;
    let (username, password) = (form.one("username")?, Secret::new(form.one("password")?));
    let signed_in = login::sign_in(context, (username, password), Some(client)).await?;
    let (user, session) = signed_in.ok_or(TokenError::WrongPassword)?;
    if authorize::owed(&context.realm.settings, &user).is_some() {
        end_session(context, &user.id, session.id).await?;
        return Err(TokenError::NotSetUp);
    }
    let orgs = settled_orgs(context, client, &user.id, &scope).await?;
    let granted = granted(client, &scope, &session, (&orgs, &audience));
    let shape = Shape::of(context, client, &granted.scope, jkt);
    let next = start_family(context, client, &user.id, &session, (&granted, &shape)).await?;
    let selection = Selection::of(client, &recipe, &granted.scope)?;
    let question = Question { user: &user.id, orgs: &[], session: Some(&session.id) };
    let standing = standing::find(context, &selection, question).await?;
    let standing = Standing { orgs, ..standing.ok_or(TokenError::NoUser)? };
    let standing = standing::with_mapped(context, &selection, standing).await?;
    let minting = Minting {
        session: Some(Login {
            id: &session.id,
            authenticated_at: session.authenticated_at,
            refresh: next.as_ref().map(|next| (next, &granted)),
            ends_at: shape.span.end(session.expires_at, context.now),
        }),
        audience: &audience,
        ..Minting::of(&selection, &standing, &shape)
    };
    Ok(tokens::mint(context, &minting).await?)
}

/// There is no page to pick on: several organizations are none (reference
/// keycloak.md §4.4).
async fn settled_orgs(
    context: &RealmContext<'_>,
    client: &Client,
    user: &UserId,
    scope: &Scope,
) -> Result<Vec<OrgClaims>, TokenError> {
    let orgs = match choose::resolve(context, user, &scope.orgs).await? {
        Choice::Settled(orgs) => choose::permitted(client, orgs),
        Choice::Open(_) => Vec::new(),
    };
    let is_required = client.organizations().is_some_and(|policy| policy.is_required);
    if orgs.is_empty() && is_required { Err(TokenError::GrantNotAllowed) } else { Ok(orgs) }
}

fn granted(
    client: &Client,
    scope: &Scope,
    session: &NewSession,
    (orgs, audience): (&[OrgClaims], &[String]),
) -> Granted {
    let aliases: Vec<&Alias> = orgs.iter().map(|org| &org.alias).collect();
    Granted {
        client_id: client.client_id.clone(),
        scope: scope.granted(&aliases),
        orgs: orgs.iter().map(|org| org.id.clone()).collect(),
        authenticated_at: session.authenticated_at,
        terms: Terms { level: 1, resources: audience.to_vec(), ..Terms::default() },
    }
}

async fn start_family(
    context: &RealmContext<'_>,
    client: &Client,
    user: &UserId,
    session: &NewSession,
    (granted, shape): (&Granted, &Shape),
) -> Result<Option<NextRefresh>, TokenError> {
    if !client.may(Grant::RefreshToken) {
        return Ok(None);
    }
    let next = NextRefresh::first(&*context.ports.random);
    let asked = StartFamily {
        session: session.id.clone(),
        rule: SessionRule::of(&context.realm),
        family: next.as_family(shape.span, client, shape.jkt.as_deref()),
        granted: granted.clone(),
    };
    let object = ObjectName::Account(context.realm.id.clone(), user.clone());
    let started = ask(&*context.ports.objects, &object, &asked).await?;
    if started { Ok(Some(next)) } else { Err(TokenError::SessionEnded) }
}
