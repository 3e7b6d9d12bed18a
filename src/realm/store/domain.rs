//! Who owns which e-mail domain.
use crate::kernel::id::{OrgId, RealmId};
use crate::kernel::time::Timestamp;
use crate::platform::directory::Directory;
use crate::platform::row::StoreError;
use crate::platform::sql::Statement;
use serde::Serialize;

/// Only for a domain that the registry says the organization names, so that a
/// claim on its way cannot outlive the removal of its domain. The conflict is
/// one with the organization's own claim.
const CLAIM: &str = "
    INSERT INTO domain_claim (realm_id, domain, org_id, claim_id, claimed_at)
    SELECT organization.realm_id, named.value, organization.id, ?, ?
      FROM organization, json_each(organization.domains) AS named
     WHERE organization.realm_id = ? AND organization.id = ? AND named.value = ?
       AND (? OR NOT EXISTS (SELECT 1
                               FROM domain_claim
                              WHERE domain_claim.realm_id = organization.realm_id
                                AND domain_claim.domain = named.value
                                AND domain_claim.org_id <> organization.id))
    ON CONFLICT (realm_id, domain, org_id) DO UPDATE SET claim_id = excluded.claim_id
 RETURNING org_id";

/// Without a claim id, which `NOT NULL` refuses, where another organization owns
/// the domain: the batch then changes nothing.
const CARRY: &str = "
    INSERT INTO domain_claim (realm_id, domain, org_id, claim_id, claimed_at)
    SELECT ?, carried.value ->> '$.domain', carried.value ->> '$.org',
           CASE WHEN ? OR NOT EXISTS (SELECT 1
                                        FROM domain_claim
                                       WHERE domain_claim.realm_id = ?
                                         AND domain_claim.domain = carried.value ->> '$.domain')
                THEN carried.value ->> '$.id' END, ?
      FROM json_each(?) AS carried";

const LIST_OWNED: &str = "
    SELECT DISTINCT domain FROM domain_claim
     WHERE realm_id = ? AND domain IN (SELECT value FROM json_each(?))";

const LIST_OF: &str = "
    SELECT org_id, domain FROM domain_claim
     WHERE realm_id = ? AND org_id IN (SELECT value FROM json_each(?))";

const RELEASE: &str = "
    DELETE FROM domain_claim
     WHERE realm_id = ? AND domain = ? AND org_id = ? AND claim_id = ?";

/// One organization's claim of one domain.
#[derive(Clone, Copy, Debug, Serialize)]
pub struct Claim<'a> {
    /// The realm.
    pub realm: &'a RealmId,
    /// Who claims.
    pub org: &'a OrgId,
    /// What, in lower case.
    pub domain: &'a str,
    /// The claim's own id.
    pub id: &'a str,
}

/// Whether one domain may have several owners.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sharing {
    /// One owner at most.
    Exclusive,
    /// Any number.
    Shared,
}

/// Makes the organization an owner of the domain. `false` when another one is,
/// and the domain is not shared. Twice is once.
///
/// # Errors
/// `Refused` when the directory fails.
pub async fn claim(
    directory: &dyn Directory,
    claim: &Claim<'_>,
    sharing: Sharing,
    now: Timestamp,
) -> Result<bool, StoreError> {
    let statement = Statement::new(CLAIM)
        .bind(claim.id)
        .bind(now)
        .bind(claim.realm.as_str())
        .bind(claim.org.as_str())
        .bind(claim.domain)
        .bind(sharing == Sharing::Shared);
    Ok(!directory.run(statement).await?.is_empty())
}

/// The statement with which new organizations claim what they owned elsewhere: all
/// of it, or the batch fails.
///
/// # Errors
/// `Refused` when the claims cannot be written as JSON.
pub fn carrying(
    realm: &RealmId,
    claims: &[Claim<'_>],
    sharing: Sharing,
    now: Timestamp,
) -> Result<Statement, StoreError> {
    Ok(Statement::new(CARRY)
        .bind(realm.as_str())
        .bind(sharing == Sharing::Shared)
        .bind(realm.as_str())
        .bind(now)
        .bind(super::to_json(&claims)?))
}

/// Those of `domains` that somebody in `realm` owns.
///
/// # Errors
/// `Refused` when the directory fails.
pub async fn list_owned(
    directory: &dyn Directory,
    realm: &RealmId,
    domains: &[&str],
) -> Result<Vec<String>, StoreError> {
    let statement = Statement::new(LIST_OWNED).bind(realm.as_str()).bind(super::to_json(&domains)?);
    let rows = directory.run(statement).await?;
    rows.iter().map(|row| row.text("domain").map(str::to_owned)).collect()
}

/// The domains that each of `orgs` owns.
///
/// # Errors
/// `Refused` when the directory fails.
pub async fn list_of(
    directory: &dyn Directory,
    realm: &RealmId,
    orgs: &[&OrgId],
) -> Result<Vec<(OrgId, String)>, StoreError> {
    if orgs.is_empty() {
        return Ok(Vec::new());
    }
    let statement = Statement::new(LIST_OF).bind(realm.as_str()).bind(super::to_json(&orgs)?);
    let rows = directory.run(statement).await?;
    rows.iter().map(|row| Ok((row.parse("org_id")?, row.text("domain")?.to_owned()))).collect()
}

/// The statement that gives a domain free.
#[must_use]
pub fn release(claim: &Claim<'_>) -> Statement {
    Statement::new(RELEASE)
        .bind(claim.realm.as_str())
        .bind(claim.domain)
        .bind(claim.org.as_str())
        .bind(claim.id)
}
