//! Signing in through the organization's provider (`link_idp`): a person whom the
//! directory pushed with an `externalId` is known under it at the organization's
//! identity provider, so that their first login there finds them (reference
//! phasetwo.md §8.3).
//!
//! Whoever has an identity at a provider can be signed in by it, everywhere. So the
//! provider must be the organization's alone (or the realm lets them share), and the
//! person must be one whom the organization could sign in as anyhow: it owns the domain
//! of their address, and made them for itself alone; or it is the only owner of that
//! domain, and the person has shown to read that mailbox. Nobody who administers a realm,
//! and no client's account. What an administrator linked, and what is somebody else's,
//! stays.
use super::errand::Errand;
use super::owned;
use super::record;
use super::store;
use super::user::Stage;
use crate::event::audit::{AuditEvent, Change, Operation, Place};
use crate::kernel::email::EmailAddress;
use crate::kernel::id::UserId;
use crate::org::domain::holding;
use crate::org::member;
use crate::org::organization::Organization;
use crate::platform::ObjectPorts;
use crate::platform::row::StoreError;
use crate::platform::sql::{Sql, Statement};
use crate::realm::store::candidate::{self, Candidate, Sought};
use crate::realm::store::federated_identity::FederatedIdentity;
use crate::realm::store::provisioned_link::{self, OwnProvider};
use serde_json::json;
use std::collections::BTreeMap;

/// People whose identities change in one batch of the directory: four statements each
/// at most, of the hundred that go well in one.
const LINKED_AT_ONCE: usize = 25;

/// Who a person is at the directory.
struct Wanted {
    external_id: String,
    user_name: String,
}

/// What is known of the organization while identities are given.
struct Desk<'a> {
    object: &'a ObjectPorts<'a>,
    organization: &'a Organization,
    domains: Vec<String>,
    providers: Vec<OwnProvider>,
    candidates: BTreeMap<UserId, Candidate>,
}

/// Makes the identities that the directory gave to whom `errands` are about what it says
/// now.
///
/// # Errors
/// When the directory fails; running it again does what is missing.
pub async fn connect(
    object: &ObjectPorts<'_>,
    organization: &Organization,
    errands: &[&Errand],
) -> Result<(), StoreError> {
    for some in errands.chunks(LINKED_AT_ONCE) {
        connect_some(object, organization, some).await?;
    }
    Ok(())
}

async fn connect_some(
    object: &ObjectPorts<'_>,
    organization: &Organization,
    errands: &[&Errand],
) -> Result<(), StoreError> {
    let users: Vec<&UserId> = errands.iter().map(|errand| &errand.user).collect();
    let (directory, place) = (&*object.ports.directory, (&organization.realm, &organization.id));
    let mut wanted = BTreeMap::new();
    for user in &users {
        if let Some(found) = find_wanted(object.sql, user)? {
            wanted.insert((*user).clone(), found);
        }
    }
    let given = provisioned_link::list(directory, place, &users).await?;
    let mut desk = Desk {
        object,
        organization,
        domains: owned::list(object.sql)?,
        providers: Vec::new(),
        candidates: BTreeMap::new(),
    };
    if !wanted.is_empty() && !desk.domains.is_empty() {
        desk.providers = provisioned_link::list_providers(directory, place).await?;
        let ids: Vec<&UserId> = wanted.keys().collect();
        let sought = Sought { ids: &ids, ..Sought::default() };
        let found = candidate::list(directory, place, sought).await?;
        desk.candidates = found.into_iter().map(|one| (one.id.clone(), one)).collect();
    }
    let mut statements = Vec::new();
    for errand in errands {
        let had = given.get(&errand.user).map_or(&[][..], Vec::as_slice);
        let wanted = wanted.get(&errand.user);
        statements.extend(statements_of(&desk, errand, had, wanted).await?);
    }
    if !statements.is_empty() {
        directory.batch(statements).await?;
    }
    object.ports.faults.reach("scim.link.after_directory").await;
    Ok(())
}

/// What the view of `user` says, while it is one of a member and links are on.
fn find_wanted(sql: &dyn Sql, user: &UserId) -> Result<Option<Wanted>, StoreError> {
    let links = store::config::find(sql)?.is_some_and(|config| config.link_idp);
    let view = store::user::find_of(sql, user)?.filter(|view| links && view.stage == Stage::Linked);
    let Some(view) = view else { return Ok(None) };
    if member::find(sql, user)?.is_none() {
        return Ok(None);
    }
    let external_id = view.document.external_id().filter(|id| !id.is_empty());
    Ok(external_id.map(|id| Wanted {
        external_id: id.to_owned(),
        user_name: view.document.user_name().to_owned(),
    }))
}

async fn statements_of(
    desk: &Desk<'_>,
    errand: &Errand,
    had: &[(String, String)],
    wanted: Option<&Wanted>,
) -> Result<Vec<Statement>, StoreError> {
    let user = &errand.user;
    let place = (&desk.organization.realm, &desk.organization.id);
    let fitting = match (desk.candidates.get(user), wanted) {
        (Some(candidate), Some(wanted)) => {
            allowed(desk, candidate).await?.map(|(email, alias)| (email, alias, wanted))
        }
        _ => None,
    };
    let is_kept = |(alias, id): &(String, String)| {
        fitting.as_ref().is_some_and(|(_, to, wanted)| alias == to && *id == wanted.external_id)
    };
    let mut statements = Vec::new();
    for (alias, id) in had.iter().filter(|had| !is_kept(had)) {
        let event = event_of(desk, Operation::Delete, errand, alias);
        statements.extend(provisioned_link::taking_back(place, user, (alias, id), &event)?);
    }
    if let Some((email, alias, wanted)) = fitting
        && !had.iter().any(is_kept_by(&alias, wanted))
    {
        let event = event_of(desk, Operation::Create, errand, &alias);
        let identity = FederatedIdentity {
            provider: alias,
            provider_user: wanted.external_id.clone(),
            provider_username: wanted.user_name.clone(),
        };
        let whom = (user, email.as_str());
        statements.extend(provisioned_link::giving(place, whom, &identity, &event)?);
    }
    Ok(statements)
}

fn is_kept_by<'a>(alias: &'a str, wanted: &'a Wanted) -> impl Fn(&(String, String)) -> bool + 'a {
    move |(had, id)| had == alias && *id == wanted.external_id
}

/// The address by which the organization may have the person signed in, and the
/// provider by which.
async fn allowed(
    desk: &Desk<'_>,
    candidate: &Candidate,
) -> Result<Option<(EmailAddress, String)>, StoreError> {
    let Some(email) = &candidate.email else { return Ok(None) };
    let Some(domain) = holding(&desk.domains, email.domain()) else { return Ok(None) };
    if candidate.is_machine || candidate.is_administrator {
        return Ok(None);
    }
    let is_ours = candidate.is_made_here && !candidate.belongs_elsewhere;
    let is_reader = is_ours || candidate.email_verified && is_only_owner(desk, email).await?;
    if !is_reader {
        return Ok(None);
    }
    Ok(choose(&desk.providers, domain, email.domain()).map(|alias| (email.clone(), alias)))
}

async fn is_only_owner(desk: &Desk<'_>, email: &EmailAddress) -> Result<bool, StoreError> {
    let names = owned::names_holding(email.domain());
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    let place = (&desk.organization.realm, &desk.organization.id);
    let directory = &*desk.object.ports.directory;
    Ok(!provisioned_link::has_other_owner(directory, place, &names).await?)
}

/// The provider to which the domain leads, or else one to which all do, or else the
/// first.
fn choose(providers: &[OwnProvider], domain: &str, host: &str) -> Option<String> {
    let named = |one: &&OwnProvider| {
        one.domains.iter().any(|name| name == domain) || holding(&one.domains, host).is_some()
    };
    let found = providers.iter().find(named);
    let found = found.or_else(|| providers.iter().find(|one| one.every_domain));
    found.or_else(|| providers.first()).map(|one| one.alias.clone())
}

fn event_of(desk: &Desk<'_>, operation: Operation, errand: &Errand, alias: &str) -> AuditEvent {
    let (object, organization) = (desk.object, desk.organization);
    let now = object.ports.clock.now();
    let place = Place { realm: &organization.realm, org: None };
    let change = Change {
        resource_type: "USER",
        operation,
        path: format!("users/{}/federated-identity/{alias}", errand.user),
        representation: Some(
            json!({ "identityProvider": alias, "organizationId": organization.id }),
        ),
    };
    let actor = record::scene(object, organization, now, errand.ip.clone()).actor;
    AuditEvent::new(&*object.ports.random, now, place, actor, change)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_provider_of_the_domain_comes_before_others() {
        let provider = |alias: &str, domains: &[&str], every_domain| OwnProvider {
            alias: alias.to_owned(),
            domains: domains.iter().map(|name| (*name).to_owned()).collect(),
            every_domain,
        };
        let all = [
            provider("first", &["other.example"], false),
            provider("all", &[], true),
            provider("own", &["acme.example"], false),
            provider("wild", &["*.acme.example"], false),
        ];
        let known = [
            (&all[..], "acme.example", "own"),
            (&all[..], "sub.acme.example", "wild"),
            (&all[..2], "acme.example", "all"),
            (&all[..1], "acme.example", "first"),
        ];
        for (providers, host, alias) in known {
            assert_eq!(choose(providers, host, host).as_deref(), Some(alias), "{host}");
        }
        assert_eq!(choose(&[], "acme.example", "acme.example"), None);
    }
}
