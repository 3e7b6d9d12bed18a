//! Which organizations a token speaks for. The directory says where to look;
//! the organization's own object says whether the person belongs to it.
use super::bearer::Caller;
use super::scope::{BadScope, MAX_ORGS_PER_TOKEN, OrgWish};
use crate::kernel::alias::Alias;
use crate::kernel::id::{OrgId, UserId};
use crate::kernel::route::ObjectName;
use crate::org::claims::{ClaimsOf, OrgClaims};
use crate::platform::object::ask;
use crate::platform::row::StoreError;
use crate::realm::client::Client;
use crate::realm::context::RealmContext;
use crate::realm::store::membership::MemberOrg;
use crate::realm::store::{membership, organization};
use futures::future::try_join_all;

/// Most organizations a person is shown to pick from; of more, the client names
/// one. Four times the most that Keycloak's users report (reference keycloak.md
/// §8: about 500).
pub const MAX_CHOICES: i64 = 2000;

/// What came of resolving a wish.
#[derive(Debug)]
pub enum Choice {
    /// These, none of them being as good as any.
    Settled(Vec<OrgClaims>),
    /// The person must pick one of these.
    Open(Vec<MemberOrg>),
}

/// Why a wish cannot be resolved.
#[derive(Debug, thiserror::Error)]
pub enum ChooseError {
    /// It names too many organizations.
    #[error(transparent)]
    Scope(#[from] BadScope),
    /// The directory or an organization's object failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Resolves what a client wants for `user`. One directory query and one call to
/// each organization's object, at the same time; nothing when nothing is wanted.
///
/// # Errors
/// As [`ChooseError`] says.
pub async fn resolve(
    context: &RealmContext<'_>,
    user: &UserId,
    wish: &OrgWish,
) -> Result<Choice, ChooseError> {
    let orgs = match wish {
        OrgWish::Nothing => Vec::new(),
        OrgWish::Named(aliases) => list_named(context, aliases).await?,
        OrgWish::All => list_all(context, user).await?,
        OrgWish::Pick => match list_choices(context, user).await? {
            choices if choices.len() > 1 => return Ok(Choice::Open(choices)),
            choices => choices.into_iter().map(|org| org.id).collect(),
        },
    };
    Ok(Choice::Settled(claims_of(context, user, &orgs).await?))
}

/// Of `orgs` those that may use `client`: none, for one that has nothing to do with
/// organizations.
#[must_use]
pub fn permitted(client: &Client, mut orgs: Vec<OrgClaims>) -> Vec<OrgClaims> {
    let policy = client.organizations();
    orgs.retain(|org| {
        policy.as_ref().is_some_and(|policy| policy.permits(&org.id, org.alias.as_str()))
    });
    orgs
}

/// The organizations `user` may pick from, as the directory knows them.
///
/// # Errors
/// `Refused` when the directory fails.
pub async fn list_choices(
    context: &RealmContext<'_>,
    user: &UserId,
) -> Result<Vec<MemberOrg>, StoreError> {
    list_memberships(context, user, MAX_CHOICES).await
}

/// The organization called `alias`, if `user` belongs to it.
///
/// # Errors
/// `Refused` and `Unreachable` when a store fails.
pub async fn find_membership(
    context: &RealmContext<'_>,
    user: &UserId,
    alias: &Alias,
) -> Result<Option<OrgClaims>, StoreError> {
    let orgs = list_named(context, std::slice::from_ref(alias)).await?;
    Ok(claims_of(context, user, &orgs).await?.pop())
}

/// The organizations that a token speaks for: those whose ids are in it, or else
/// those that its claim or its scope names. Whether the person belongs to them is
/// still to be asked.
///
/// # Errors
/// As [`ChooseError`] says.
pub async fn orgs_of_token(
    context: &RealmContext<'_>,
    caller: &Caller,
    wish: &OrgWish,
) -> Result<Vec<OrgId>, ChooseError> {
    if caller.orgs.len().max(caller.aliases.len()) > MAX_ORGS_PER_TOKEN {
        // A mapper may write the claim with more than was ever granted.
        return Err(BadScope::TooManyOrganizations.into());
    }
    if !caller.orgs.is_empty() {
        return Ok(caller.orgs.clone());
    }
    if !caller.aliases.is_empty() {
        return Ok(list_named(context, &caller.aliases).await?);
    }
    match wish {
        OrgWish::Nothing => Ok(Vec::new()),
        OrgWish::Named(aliases) => Ok(list_named(context, aliases).await?),
        OrgWish::All => list_all(context, &caller.user).await,
        // Which one was picked, this token does not say.
        OrgWish::Pick => match list_memberships(context, &caller.user, 2).await?.as_slice() {
            [only] => Ok(vec![only.id.clone()]),
            _ => Ok(Vec::new()),
        },
    }
}

/// What `user` is in each of `orgs`, now, by alias; those they do not belong to,
/// and those that are disabled, are left out: all of them in a realm that has none.
///
/// # Errors
/// `Unreachable` when an organization's object does not answer.
pub async fn claims_of(
    context: &RealmContext<'_>,
    user: &UserId,
    orgs: &[OrgId],
) -> Result<Vec<OrgClaims>, StoreError> {
    if !context.realm.settings.organizations_enabled {
        return Ok(Vec::new());
    }
    let question = ClaimsOf { user: user.clone() };
    let answers = orgs.iter().map(async |org| {
        let object = ObjectName::Org(context.realm.id.clone(), org.clone());
        ask(&*context.ports.objects, &object, &question).await
    });
    let mut claims: Vec<_> = try_join_all(answers).await?.into_iter().flatten().collect();
    claims.sort_unstable_by(|one: &OrgClaims, other| one.alias.cmp(&other.alias));
    Ok(claims)
}

/// The organizations that are called `aliases`, as far as they exist.
///
/// # Errors
/// `Refused` when the directory fails.
pub async fn list_named(
    context: &RealmContext<'_>,
    aliases: &[Alias],
) -> Result<Vec<OrgId>, StoreError> {
    if aliases.is_empty() {
        return Ok(Vec::new());
    }
    let names: Vec<&str> = aliases.iter().map(Alias::as_str).collect();
    let directory = &*context.ports.directory;
    let found = organization::list_by_alias(directory, &context.realm.id, &names).await?;
    Ok(found.into_iter().map(|(_, id)| id).collect())
}

async fn list_all(context: &RealmContext<'_>, user: &UserId) -> Result<Vec<OrgId>, ChooseError> {
    let one_more = i64::try_from(MAX_ORGS_PER_TOKEN).unwrap_or(i64::MAX).saturating_add(1);
    let orgs = list_memberships(context, user, one_more).await?;
    if orgs.len() > MAX_ORGS_PER_TOKEN {
        return Err(BadScope::TooManyOrganizations.into());
    }
    Ok(orgs.into_iter().map(|org| org.id).collect())
}

async fn list_memberships(
    context: &RealmContext<'_>,
    user: &UserId,
    limit: i64,
) -> Result<Vec<MemberOrg>, StoreError> {
    if !context.realm.settings.organizations_enabled {
        return Ok(Vec::new());
    }
    membership::list_orgs(&*context.ports.directory, &context.realm.id, user, limit).await
}
