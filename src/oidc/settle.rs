//! Which organizations an authorization request comes to, for a person: what the
//! request demands, what the client allows, and what is left to choose.
use super::authorization::AuthorizationRequest;
use super::choose;
use super::choose::{Choice, ChooseError};
use super::demand;
use super::scope::{OrgWish, Scope};
use crate::kernel::alias::Alias;
use crate::kernel::id::UserId;
use crate::org::claims::OrgClaims;
use crate::platform::row::StoreError;
use crate::realm::client::Client;
use crate::realm::client_organizations::ClientOrganizations;
use crate::realm::context::RealmContext;
use crate::realm::store::membership::MemberOrg;
use std::slice::from_ref;

/// What came of it.
#[derive(Debug)]
pub enum Outcome {
    /// Tokens of this scope, for these.
    Settled(Scope, Vec<OrgClaims>),
    /// The person picks one of these.
    Open(Vec<MemberOrg>),
    /// No tokens: the person is no member of what is demanded, or of anything that
    /// the client takes. An organization that is not there is one they are no
    /// member of.
    Denied,
}

/// Settles `request` of `client` for `user`.
///
/// # Errors
/// As [`ChooseError`] says.
pub async fn settle(
    context: &RealmContext<'_>,
    (client, request): (&Client, &AuthorizationRequest),
    user: &UserId,
) -> Result<Outcome, ChooseError> {
    let scope = scope_of(context, (client, request)).await?;
    let Some(policy) = client.organizations() else {
        return Ok(Outcome::Settled(scope.wishing(OrgWish::Nothing), Vec::new()));
    };
    if !request.organization.is_nothing() {
        return Ok(demanded(context, &policy, (request, scope), user).await?);
    }
    let wish = match &scope.orgs {
        OrgWish::Nothing if policy.is_required => OrgWish::Pick,
        wish => wish.clone(),
    };
    if wish == OrgWish::Pick
        && let Some(org) = default_of(context, &policy, user).await?
    {
        return Ok(Outcome::Settled(scope.speaking_for(org.alias.clone()), vec![org]));
    }
    let orgs = match choose::resolve(context, user, &wish).await? {
        Choice::Settled(orgs) => choose::permitted(client, orgs),
        Choice::Open(choices) => {
            let mut choices = permitted_choices(&policy, choices);
            match choices.pop() {
                Some(only) if choices.is_empty() => {
                    choose::claims_of(context, user, from_ref(&only.id)).await?
                }
                Some(last) => {
                    choices.push(last);
                    return Ok(Outcome::Open(choices));
                }
                None => Vec::new(),
            }
        }
    };
    if orgs.is_empty() && policy.is_required {
        return Ok(Outcome::Denied);
    }
    Ok(Outcome::Settled(scope.wishing(wish), orgs))
}

/// What is asked for, of what the client may have.
async fn scope_of(
    context: &RealmContext<'_>,
    (client, request): (&Client, &AuthorizationRequest),
) -> Result<Scope, ChooseError> {
    Ok(request.scope()?.within(&*context.recipe(client).await?)?)
}

/// Settles it after the person picked `alias`. What they picked is what the client
/// gets, or nothing is: a choice that is not theirs to make leaves it open,
/// however little there is left to choose.
///
/// # Errors
/// As [`ChooseError`] says.
pub async fn settle_with(
    context: &RealmContext<'_>,
    (client, request): (&Client, &AuthorizationRequest),
    user: &UserId,
    alias: Option<Alias>,
) -> Result<Outcome, ChooseError> {
    let Some(policy) = client.organizations().filter(|_| request.organization.is_nothing()) else {
        return settle(context, (client, request), user).await;
    };
    let scope = scope_of(context, (client, request)).await?.wishing(OrgWish::Pick);
    let picked = match alias {
        Some(alias) => choose::find_membership(context, user, &alias).await?,
        None => None,
    };
    if let Some(org) = picked
        && policy.permits(&org.id, org.alias.as_str())
    {
        return Ok(Outcome::Settled(scope, vec![org]));
    }
    let choices = permitted_choices(&policy, choose::list_choices(context, user).await?);
    Ok(match choices.is_empty() {
        false => Outcome::Open(choices),
        true if policy.is_required => Outcome::Denied,
        true => Outcome::Settled(scope, Vec::new()),
    })
}

async fn demanded(
    context: &RealmContext<'_>,
    policy: &ClientOrganizations<'_>,
    (request, scope): (&AuthorizationRequest, Scope),
    user: &UserId,
) -> Result<Outcome, StoreError> {
    let found = request.organization.find(context).await?;
    let orgs = match found.filter(|(id, alias)| policy.permits(id, alias.as_str())) {
        Some((id, _)) => choose::claims_of(context, user, from_ref(&id)).await?,
        None => Vec::new(),
    };
    Ok(match orgs.first() {
        Some(org) => Outcome::Settled(scope.speaking_for(org.alias.clone()), orgs),
        None => Outcome::Denied,
    })
}

/// What the client's default organization is to `user`, if they belong to it.
async fn default_of(
    context: &RealmContext<'_>,
    policy: &ClientOrganizations<'_>,
    user: &UserId,
) -> Result<Option<OrgClaims>, StoreError> {
    let Some(name) = policy.default else { return Ok(None) };
    let found = demand::find_named(context, name).await?;
    match found.filter(|(id, alias)| policy.permits(id, alias.as_str())) {
        Some((id, _)) => Ok(choose::claims_of(context, user, from_ref(&id)).await?.pop()),
        None => Ok(None),
    }
}

fn permitted_choices(policy: &ClientOrganizations<'_>, choices: Vec<MemberOrg>) -> Vec<MemberOrg> {
    choices.into_iter().filter(|org| policy.permits(&org.id, &org.alias)).collect()
}
