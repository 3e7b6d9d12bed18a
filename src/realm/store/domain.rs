//! Who owns which e-mail domain.
use crate::kernel::id::{OrgId, RealmId};
use crate::kernel::time::Timestamp;
use crate::platform::directory::Directory;
use crate::platform::row::StoreError;
use crate::platform::sql::Statement;

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

const RELEASE: &str = "
    DELETE FROM domain_claim
     WHERE realm_id = ? AND domain = ? AND org_id = ? AND claim_id = ?";

/// One organization's claim of one domain.
#[derive(Clone, Copy, Debug)]
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

/// The statement that gives a domain free.
#[must_use]
pub fn release(claim: &Claim<'_>) -> Statement {
    Statement::new(RELEASE)
        .bind(claim.realm.as_str())
        .bind(claim.domain)
        .bind(claim.org.as_str())
        .bind(claim.id)
}
