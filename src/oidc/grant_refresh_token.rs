//! `grant_type=refresh_token` (RFC 6749 §6, RFC 9700 §4.14.2): every refresh
//! rotates the token, and what the person is in their organizations is asked
//! again. With Auth0's `organization` or `organization_name`, the access token speaks
//! for another organization of the person.
use super::choose;
use super::consent;
use super::demand::Demand;
use super::error::TokenError;
use super::refresh;
use super::refresh::{NextRefresh, RefreshClaims};
use super::resource;
use super::scope::{BadScope, OrgWish, Scope};
use super::selection::Selection;
use super::shape::Shape;
use super::standing::{self, Question, Standing};
use super::tokens;
use super::tokens::{Login, Minting, TokenResponse};
use crate::account::family_end::EndFamily;
use crate::account::family_judge::JudgeFamily;
use crate::account::family_rotate::{RotateFamily, Rotated};
use crate::account::grant::Granted;
use crate::account::session_rule::SessionRule;
use crate::kernel::alias::Alias;
use crate::kernel::id::SessionId;
use crate::kernel::route::ObjectName;
use crate::kernel::time::Timestamp;
use crate::platform::object::ask;
use crate::realm::client::{Client, Grant};
use crate::realm::context::RealmContext;
use crate::web::form::Form;
use futures::join;

/// Exchanges a refresh token for fresh tokens. One directory query and one call
/// to each organization, at the same time, then one call to the account; where another
/// organization is asked for, first one more to the account and a query for its name.
///
/// # Errors
/// As [`TokenError`] says.
pub async fn grant(
    context: &RealmContext<'_>,
    client: &Client,
    form: &Form,
    jkt: Option<&str>,
) -> Result<TokenResponse, TokenError> {
    if !client.may(Grant::RefreshToken) {
        return Err(TokenError::GrantNotAllowed);
    }
    let presented = refresh::open(context, form.one("refresh_token")?)?;
    let (asked_scope, demand) = (form.at_most_one("scope")?, Demand::read(form, None)?);
    let recipe = context.recipe(client).await?;
    let granted = Selection::of(client, &recipe, &presented.scope)?;
    let next = NextRefresh::of(presented.fid.clone(), &*context.ports.random);
    let shape = Shape::of(context, client, &presented.scope, jkt);
    let rotation = rotation(context, &presented, &next, (client, &shape));
    let (selection, standing) = if demand.is_nothing() {
        let standing = standing_or_end(context, &granted, &presented).await?;
        narrow(granted, asked_scope, standing)?
    } else {
        judge(context, &presented, &rotation).await?;
        switch(context, granted, (&presented, asked_scope), &demand).await?
    };
    let standing = standing::with_mapped(context, &selection, standing).await?;
    let audience = resource::of_token(context, client, &presented.resources, form).await??;
    let rotated = rotate(context, &presented, &rotation).await?;
    let minting = Minting {
        session: Some(Login {
            id: &rotated.session,
            authenticated_at: rotated.granted.authenticated_at,
            refresh: Some((&next, &rotated.granted)),
            ends_at: rotated.expires_at,
        }),
        audience: &audience,
        ..Minting::of(&selection, &standing, &shape).on(&rotated.granted.terms)
    };
    Ok(tokens::mint(context, &minting).await?)
}

/// What the access token is granted and speaks for when another organization than those
/// of the grant is asked for: that one alone. The refresh token keeps what it had.
///
/// Every reason against the organization has one answer, and the chain stays as it is.
async fn switch<'a>(
    context: &RealmContext<'_>,
    granted: Selection<'a>,
    (presented, asked_scope): (&RefreshClaims, Option<&str>),
    demand: &Demand,
) -> Result<(Selection<'a>, Standing), TokenError> {
    let (client, user) = (granted.client, &presented.sub);
    let wanted = demand.find(context).await?;
    let mut about = granted.clone();
    let mut ids = Vec::new();
    if let Some((id, alias)) = wanted {
        // So that what its mappers tell is asked, too.
        about.scope = about.scope.speaking_for(alias);
        ids.push(id);
    }
    let (standing, orgs) =
        join!(standing_or_end(context, &about, presented), choose::claims_of(context, user, &ids),);
    let (mut selection, standing) = narrow(granted, asked_scope, standing?)?;
    let org = choose::permitted(client, orgs?).pop().ok_or(TokenError::Organization)?;
    selection.scope = selection.scope.speaking_for(org.alias.clone());
    let words = selection.scope.granted(&[&org.alias]);
    let orgs = vec![org];
    if !consent::covers(context, client, user, (&words, &orgs)).await? {
        return Err(TokenError::Organization);
    }
    Ok((selection, standing.speaking_for(orgs)))
}

/// The same as [`standing`], and the chain ends of whoever has none.
async fn standing_or_end(
    context: &RealmContext<'_>,
    granted: &Selection<'_>,
    presented: &RefreshClaims,
) -> Result<Standing, TokenError> {
    let standing = standing(context, granted, presented).await;
    if let Err(TokenError::NoUser | TokenError::MembershipLost) = &standing {
        end_family(context, granted.client, presented).await?;
    }
    standing
}

/// Who the person is, and what in the organizations that were granted, now. When
/// none of these is left, neither is what the token was for; nor when there was none,
/// and the client requires one by now.
async fn standing(
    context: &RealmContext<'_>,
    granted: &Selection<'_>,
    presented: &RefreshClaims,
) -> Result<Standing, TokenError> {
    let RefreshClaims { sub, orgs, sid, .. } = presented;
    let question = Question { user: sub, orgs, session: Some(sid) };
    let standing = standing::find(context, granted, question).await?.ok_or(TokenError::NoUser)?;
    if standing.orgs.is_empty() && (!orgs.is_empty() || requires_one(granted.client)) {
        return Err(TokenError::MembershipLost);
    }
    Ok(standing)
}

fn requires_one(client: &Client) -> bool {
    client.organizations().is_some_and(|policy| policy.is_required)
}

/// What the new access token is granted, and speaks for. The refresh token keeps
/// what it had (RFC 6749 §6). A client that requires an organization keeps those, too,
/// where it asks for less without a word on them.
fn narrow<'a>(
    granted: Selection<'a>,
    asked: Option<&str>,
    standing: Standing,
) -> Result<(Selection<'a>, Standing), BadScope> {
    let Some(asked) = asked else { return Ok((granted, standing)) };
    let mut asked = Scope::parse(Some(asked))?.within(granted.recipe)?;
    if asked.orgs == OrgWish::Nothing && requires_one(granted.client) {
        asked = asked.speaking_as(&granted.scope);
    }
    let held: Vec<&Alias> = standing.orgs.iter().map(|org| &org.alias).collect();
    let kept: Vec<Alias> = granted.scope.narrowed(&asked, &held)?.into_iter().cloned().collect();
    let mut orgs = standing.orgs.clone();
    orgs.retain(|org| kept.contains(&org.alias));
    let words = asked.granted(&kept.iter().collect::<Vec<_>>());
    let selection = Selection::of(granted.client, granted.recipe, &words)?;
    Ok((selection, standing.speaking_for(orgs)))
}

struct Good {
    session: SessionId,
    granted: Box<Granted>,
    expires_at: Timestamp,
}

fn rotation(
    context: &RealmContext<'_>,
    presented: &RefreshClaims,
    next: &NextRefresh,
    (client, shape): (&Client, &Shape),
) -> RotateFamily {
    RotateFamily {
        family: presented.fid.clone(),
        client_id: client.client_id.clone(),
        presented: presented.hash(),
        next: next.secret.hash(),
        rule: SessionRule::of(&context.realm),
        unused: shape.span.idle,
        grace: context.realm.settings.refresh_grace,
        jkt: shape.jkt.clone(),
    }
}

/// Passes a refresh token that would be taken. Asked before an organization is looked
/// at: whoever holds one that is no good learns nothing, and it ends its chain as ever.
async fn judge(
    context: &RealmContext<'_>,
    presented: &RefreshClaims,
    rotation: &RotateFamily,
) -> Result<(), TokenError> {
    let asked = JudgeFamily(rotation.clone());
    let refusal = ask(&*context.ports.objects, &account_of(context, presented), &asked).await?;
    refusal.map_or(Ok(()), |refusal| Err(TokenError::Refresh(refusal)))
}

async fn rotate(
    context: &RealmContext<'_>,
    presented: &RefreshClaims,
    rotation: &RotateFamily,
) -> Result<Good, TokenError> {
    match ask(&*context.ports.objects, &account_of(context, presented), rotation).await? {
        Rotated::Rotated { session, granted, expires_at } => {
            Ok(Good { session, granted, expires_at })
        }
        Rotated::Refused(refusal) => Err(TokenError::Refresh(refusal)),
    }
}

fn account_of(context: &RealmContext<'_>, presented: &RefreshClaims) -> ObjectName {
    ObjectName::Account(context.realm.id.clone(), presented.sub.clone())
}

/// Ends the chain of a token that lost what it was for, if it is this client's
/// to end.
async fn end_family(
    context: &RealmContext<'_>,
    client: &Client,
    presented: &RefreshClaims,
) -> Result<(), TokenError> {
    if presented.azp != client.client_id {
        return Ok(());
    }
    let asked = EndFamily { family: presented.fid.clone() };
    Ok(ask(&*context.ports.objects, &account_of(context, presented), &asked).await?)
}
