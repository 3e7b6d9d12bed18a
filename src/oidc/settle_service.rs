//! Which organizations the tokens of a client that speaks for itself speak for: of
//! those that its service account belongs to. There is no page to pick on, and what
//! is named is granted, or nothing is.
use super::choose;
use super::demand::Demand;
use super::error::TokenError;
use super::scope::{BadScope, MAX_ORGS_PER_TOKEN, OrgWish, Scope};
use crate::kernel::alias::Alias;
use crate::kernel::id::{OrgId, UserId};
use crate::org::claims::OrgClaims;
use crate::platform::row::StoreError;
use crate::realm::client::Client;
use crate::realm::client_organizations::ClientOrganizations;
use crate::realm::context::RealmContext;
use crate::realm::person::Person;
use crate::web::form::BadParameter;
use std::rc::Rc;
use std::slice::from_ref;

/// How many organizations of a service account must be known: one more than a token
/// speaks for.
#[must_use]
pub fn orgs_to_know() -> i64 {
    i64::try_from(MAX_ORGS_PER_TOKEN).unwrap_or(i64::MAX).saturating_add(1)
}

/// The scope that is granted, and what `account`, of whose organizations
/// [`orgs_to_know`] are known, is in those that the tokens speak for. No I/O when no
/// organization is wanted; one call to the organization that is, while this isolate
/// remembers its names.
///
/// # Errors
/// `Organization` when one that is named cannot be granted, or one that the client
/// requires; `Parameter` when it requires one and none is named; `Scope` when there
/// are too many; `Store`.
pub async fn settle(
    context: &RealmContext<'_>,
    client: &Client,
    account: &Person,
    (scope, demand): (Scope, &Demand),
) -> Result<(Scope, Vec<OrgClaims>), TokenError> {
    let names_one = !demand.is_nothing() || matches!(scope.orgs, OrgWish::Named(_));
    let Some(policy) = client.organizations() else {
        let scope = scope.wishing(OrgWish::Nothing);
        return if names_one { Err(TokenError::Organization) } else { Ok((scope, Vec::new())) };
    };
    let membership = Membership { context, policy: &policy, user: &account.user.id };
    if !demand.is_nothing() {
        return one_of(scope, membership.find(demand).await?);
    }
    match &scope.orgs {
        OrgWish::Nothing if !policy.is_required => Ok((scope, Vec::new())),
        OrgWish::Nothing => {
            let default = policy.default.ok_or(BadParameter::Missing("organization"))?;
            one_of(scope, membership.find(&Demand::for_named(default)).await?)
        }
        OrgWish::Named(aliases) => {
            let orgs = named(&membership, aliases).await?;
            Ok((scope, orgs))
        }
        OrgWish::Pick => match picked(&membership, &account.orgs).await? {
            None if !policy.is_required => Ok((scope.wishing(OrgWish::Nothing), Vec::new())),
            found => one_of(scope, found),
        },
        OrgWish::All => {
            let orgs = all(&membership, &account.orgs).await?;
            match orgs.is_empty() {
                false => Ok((scope, orgs)),
                true if policy.is_required => Err(TokenError::Organization),
                true => Ok((scope.wishing(OrgWish::Nothing), orgs)),
            }
        }
    }
}

/// Tokens for that one, or none.
fn one_of(scope: Scope, found: Option<OrgClaims>) -> Result<(Scope, Vec<OrgClaims>), TokenError> {
    let org = found.ok_or(TokenError::Organization)?;
    Ok((scope.speaking_for(org.alias.clone()), vec![org]))
}

/// Each of those that are named.
async fn named(
    membership: &Membership<'_>,
    aliases: &[Alias],
) -> Result<Vec<OrgClaims>, TokenError> {
    let orgs = match aliases {
        [only] => membership.find(&Demand::for_alias(only)).await?.into_iter().collect(),
        several => {
            membership.claims(&choose::list_named(membership.context, several).await?).await?
        }
    };
    // Text that is no alias names nothing, which nobody belongs to either.
    let is_whole = !aliases.is_empty() && orgs.len() == aliases.len();
    if is_whole { Ok(orgs) } else { Err(TokenError::Organization) }
}

/// The client's default organization, or else the only one.
async fn picked(
    membership: &Membership<'_>,
    orgs: &[OrgId],
) -> Result<Option<OrgClaims>, StoreError> {
    if let Some(default) = membership.policy.default
        && let Some(org) = membership.find(&Demand::for_named(default)).await?
    {
        return Ok(Some(org));
    }
    match orgs {
        [only] => Ok(membership.claims(from_ref(only)).await?.pop()),
        _ => Ok(None),
    }
}

async fn all(membership: &Membership<'_>, orgs: &[OrgId]) -> Result<Vec<OrgClaims>, TokenError> {
    if orgs.len() > MAX_ORGS_PER_TOKEN {
        return Err(BadScope::TooManyOrganizations.into());
    }
    Ok(membership.claims(orgs).await?)
}

/// Whose membership, and for which client.
struct Membership<'a> {
    context: &'a RealmContext<'a>,
    policy: &'a ClientOrganizations<'a>,
    user: &'a UserId,
}

impl Membership<'_> {
    /// What the account is in those of `orgs` that may use the client, now.
    async fn claims(&self, orgs: &[OrgId]) -> Result<Vec<OrgClaims>, StoreError> {
        let mut claims = choose::claims_of(self.context, self.user, orgs).await?;
        claims.retain(|org| self.policy.permits(&org.id, org.alias.as_str()));
        Ok(claims)
    }

    /// What it is in the organization that `demand` means.
    ///
    /// The isolate remembers where a name led. That is only a place to look first: what
    /// the organization's object says of itself and its members decides, and whoever is
    /// not found there is looked for where the directory says.
    async fn find(&self, demand: &Demand) -> Result<Option<OrgClaims>, StoreError> {
        let RealmContext { ports, realm, now, .. } = self.context;
        let key = format!("named/{}/{demand:?}", realm.id);
        if let Some(known) = ports.memo.get::<OrgId>(&key, *now)
            && let Some(org) = self.claims(from_ref(&*known)).await?.pop()
            && demand.is_met_by(&org.id, &org.alias)
        {
            return Ok(Some(org));
        }
        let Some((id, _)) = demand.find(self.context).await? else { return Ok(None) };
        let found = self.claims(from_ref(&id)).await?.pop();
        if found.is_some() {
            ports.memo.put(key, Rc::new(id), *now);
        }
        Ok(found)
    }
}
