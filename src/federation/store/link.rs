//! Which organizations use which identity providers.
use super::to_json;
use crate::federation::provider::{Link, Onboarding, Provider};
use crate::kernel::alias::Alias;
use crate::kernel::id::{OrgId, RealmId};
use crate::kernel::time::Timestamp;
use crate::platform::row::StoreError;
use crate::platform::sql::Statement;
use serde::Serialize;

/// Only for an organization that the registry knows: one that is being deleted
/// at the same time must not leave a link behind.
const INSERT: &str = "
    INSERT INTO identity_provider_org (realm_id, org_id, identity_provider_id, every_domain,
                                       domains, offered, auto_membership, managed, linked_at)
    SELECT organization.realm_id, organization.id, ?, ?, ?, ?, ?, ?, ?
      FROM organization
     WHERE organization.realm_id = ? AND organization.id = ?
    ON CONFLICT DO UPDATE SET every_domain = excluded.every_domain, domains = excluded.domains";

/// Without a provider, which `NOT NULL` refuses, where the realm has none of that
/// alias, or another organization uses it and the realm does not share: the batch
/// then changes nothing.
const CARRY: &str = "
    INSERT INTO identity_provider_org (realm_id, org_id, identity_provider_id, every_domain,
                                       domains, linked_at)
    SELECT ?, carried.value ->> '$.org',
           (SELECT id FROM identity_provider
             WHERE realm_id = ? AND alias = carried.value ->> '$.alias'
               AND (? OR NOT EXISTS (SELECT 1
                                       FROM identity_provider_org AS other
                                      WHERE other.identity_provider_id = identity_provider.id
                                        AND other.org_id <> carried.value ->> '$.org'))),
           carried.value ->> '$.domains' = '[]', carried.value -> '$.domains', ?
      FROM json_each(?) AS carried";

const SET_ONBOARDING: &str = "
    UPDATE identity_provider_org SET auto_membership = ?, managed = ?
     WHERE realm_id = ? AND org_id = ? AND identity_provider_id = ?";

const DELETE: &str = "
    DELETE FROM identity_provider_org
     WHERE realm_id = ? AND org_id = ? AND identity_provider_id = ?";

const DELETE_OTHER_PROVIDERS: &str = "
    DELETE FROM identity_provider_org
     WHERE realm_id = ? AND org_id = ? AND identity_provider_id <> ?";

const DELETE_OTHER_ORGS: &str = "
    DELETE FROM identity_provider_org
     WHERE identity_provider_id = ?
       AND org_id NOT IN (SELECT value FROM json_each(?))";

/// The statement that lets an organization use `provider`. Of one that does already,
/// only the domains become others.
///
/// # Errors
/// `Refused` when the domains cannot be written as JSON.
pub fn insertion(
    realm: &RealmId,
    provider: &Provider,
    link: &Link,
    now: Timestamp,
) -> Result<Statement, StoreError> {
    Ok(Statement::new(INSERT)
        .bind(provider.id.as_str())
        .bind(link.every_domain)
        .bind(to_json(&link.domains)?)
        .bind(to_json(&link.offered)?)
        .bind(link.onboarding.auto_membership)
        .bind(link.onboarding.managed)
        .bind(now)
        .bind(realm.as_str())
        .bind(link.org.as_str()))
}

/// The statement that says what becomes of who signs in through `provider` to `org`.
/// `Conflict` on `identity_provider_org.identity_provider_id` where another
/// organization manages their accounts.
#[must_use]
pub fn onboarding(
    realm: &RealmId,
    org: &OrgId,
    provider: &Provider,
    wanted: Onboarding,
) -> Statement {
    Statement::new(SET_ONBOARDING)
        .bind(wanted.auto_membership)
        .bind(wanted.managed)
        .bind(realm.as_str())
        .bind(org.as_str())
        .bind(provider.id.as_str())
}

/// The use of a provider by a new organization.
#[derive(Clone, Copy, Debug, Serialize)]
pub struct Carried<'a> {
    /// The organization.
    pub org: &'a OrgId,
    /// The provider.
    pub alias: &'a Alias,
    /// The e-mail domains that lead to it.
    pub domains: &'a [String],
}

/// The statement that lets new organizations use their providers: all of it, or
/// the batch fails. `shared` when the realm lets several use one.
///
/// # Errors
/// `Refused` when they cannot be written as JSON.
pub fn carrying(
    realm: &RealmId,
    links: &[Carried<'_>],
    shared: bool,
    now: Timestamp,
) -> Result<Statement, StoreError> {
    Ok(Statement::new(CARRY)
        .bind(realm.as_str())
        .bind(realm.as_str())
        .bind(shared)
        .bind(now)
        .bind(to_json(&links)?))
}

/// The statement that ends the use of `provider` by `org`.
#[must_use]
pub fn deletion(realm: &RealmId, org: &OrgId, provider: &Provider) -> Statement {
    Statement::new(DELETE).bind(realm.as_str()).bind(org.as_str()).bind(provider.id.as_str())
}

/// The statement that leaves `org` no other provider than `provider`.
#[must_use]
pub fn deletion_of_other_providers(realm: &RealmId, org: &OrgId, provider: &Provider) -> Statement {
    Statement::new(DELETE_OTHER_PROVIDERS)
        .bind(realm.as_str())
        .bind(org.as_str())
        .bind(provider.id.as_str())
}

/// The statement that leaves `provider` no other organization than `orgs`.
///
/// # Errors
/// `Refused` when the ids cannot be written as JSON.
pub fn deletion_of_other_orgs(
    provider: &Provider,
    orgs: &[OrgId],
) -> Result<Statement, StoreError> {
    Ok(Statement::new(DELETE_OTHER_ORGS).bind(provider.id.as_str()).bind(to_json(&orgs)?))
}
