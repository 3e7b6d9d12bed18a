//! `grant_type=refresh_token` (RFC 6749 §6, RFC 9700 §4.14.2): every refresh
//! rotates the token, and what the person is in their organizations is asked
//! again.
use super::choose;
use super::claims::Subject;
use super::error::TokenError;
use super::refresh;
use super::refresh::{NextRefresh, RefreshClaims};
use super::resource;
use super::scope::{BadScope, Scope};
use super::tokens;
use super::tokens::{Login, Minting, TokenResponse};
use crate::account::family_end::EndFamily;
use crate::account::family_rotate::{RotateFamily, Rotated};
use crate::account::grant::Granted;
use crate::account::session_rule::SessionRule;
use crate::kernel::alias::Alias;
use crate::kernel::id::SessionId;
use crate::kernel::route::ObjectName;
use crate::kernel::time::Timestamp;
use crate::org::claims::OrgClaims;
use crate::platform::object::ask;
use crate::realm::client::{Client, Grant};
use crate::realm::context::RealmContext;
use crate::realm::store::user;
use crate::web::form::Form;
use futures::try_join;

/// Exchanges a refresh token for fresh tokens. One directory query and one call
/// to each organization, at the same time, then one call to the account.
///
/// # Errors
/// As [`TokenError`] says.
pub async fn grant(
    context: &RealmContext<'_>,
    client: &Client,
    form: &Form,
) -> Result<TokenResponse, TokenError> {
    if !client.may(Grant::RefreshToken) {
        return Err(TokenError::GrantNotAllowed);
    }
    let presented = refresh::open(context, form.one("refresh_token")?)?;
    let asked_scope = form.at_most_one("scope")?;
    let standing = standing(context, client, &presented).await;
    if let Err(TokenError::NoUser | TokenError::MembershipLost) = &standing {
        end_family(context, client, &presented).await?;
    }
    let (subject, orgs) = standing?;
    let (scope, orgs) = narrow(&presented.scope, asked_scope, orgs)?;
    let audience = resource::of_token(context, client, &presented.resources, form).await??;
    let next = NextRefresh::of(presented.fid.clone(), &*context.ports.random);
    let rotated = rotate(context, client, &presented, &next).await?;
    let minting = Minting {
        client_id: &client.client_id,
        subject: &subject,
        scope: &scope,
        is_openid: tokens::is_openid(&scope),
        orgs: &orgs,
        session: Some(Login {
            id: &rotated.session,
            authenticated_at: rotated.granted.authenticated_at,
            refresh: Some((&next, &rotated.granted)),
            ends_at: rotated.expires_at,
        }),
        nonce: None,
        audience: &audience,
    };
    Ok(tokens::mint(context, &minting).await?)
}

/// Who the person is, and what in the organizations that were granted, now. When
/// none of these is left, neither is what the token was for.
async fn standing(
    context: &RealmContext<'_>,
    client: &Client,
    presented: &RefreshClaims,
) -> Result<(Subject, Vec<OrgClaims>), TokenError> {
    let (user, orgs) = try_join!(
        user::find(&*context.ports.directory, &context.realm.id, &presented.sub),
        choose::claims_of(context, &presented.sub, &presented.orgs),
    )?;
    let user = user.filter(|user| user.enabled).ok_or(TokenError::NoUser)?;
    let orgs = choose::permitted(client, orgs);
    if orgs.is_empty() && !presented.orgs.is_empty() {
        return Err(TokenError::MembershipLost);
    }
    Ok((user.into(), orgs))
}

/// The scope and the organizations of the new access token. The refresh token
/// keeps what it had (RFC 6749 §6).
fn narrow(
    granted: &str,
    asked: Option<&str>,
    orgs: Vec<OrgClaims>,
) -> Result<(String, Vec<OrgClaims>), BadScope> {
    let Some(asked) = asked else { return Ok((granted.to_owned(), orgs)) };
    let (granted, asked) = (Scope::parse(Some(granted))?, Scope::parse(Some(asked))?);
    let held: Vec<&Alias> = orgs.iter().map(|org| &org.alias).collect();
    let kept: Vec<Alias> = granted.narrowed(&asked, &held)?.into_iter().cloned().collect();
    let words = asked.granted(&kept.iter().collect::<Vec<_>>());
    let orgs = orgs.into_iter().filter(|org| kept.contains(&org.alias)).collect();
    Ok((words, orgs))
}

struct Good {
    session: SessionId,
    granted: Granted,
    expires_at: Timestamp,
}

async fn rotate(
    context: &RealmContext<'_>,
    client: &Client,
    presented: &RefreshClaims,
    next: &NextRefresh,
) -> Result<Good, TokenError> {
    let object = ObjectName::Account(context.realm.id.clone(), presented.sub.clone());
    let asked = RotateFamily {
        family: presented.fid.clone(),
        client_id: client.client_id.clone(),
        presented: presented.hash(),
        next: next.secret.hash(),
        rule: SessionRule::of(&context.realm),
    };
    match ask(&*context.ports.objects, &object, &asked).await? {
        Rotated::Rotated { session, granted, expires_at } => {
            Ok(Good { session, granted, expires_at })
        }
        Rotated::Refused(refusal) => Err(TokenError::Refresh(refusal)),
    }
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
    let object = ObjectName::Account(context.realm.id.clone(), presented.sub.clone());
    let asked = EndFamily { family: presented.fid.clone() };
    Ok(ask(&*context.ports.objects, &object, &asked).await?)
}
