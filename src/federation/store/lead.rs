//! Which organizations name a domain.
use super::to_json;
use crate::federation::lead::{NamedDomain, Search};
use crate::platform::directory::Directory;
use crate::platform::row::StoreError;
use crate::platform::sql::Statement;

const LIST_NAMED: &str = "
    SELECT named.org_id, named.domain,
           EXISTS (SELECT 1 FROM domain_claim
                    WHERE domain_claim.realm_id = named.realm_id
                      AND domain_claim.domain = named.domain
                      AND domain_claim.org_id = named.org_id) AS verified
      FROM organization_domain AS named
      JOIN organization ON organization.realm_id = named.realm_id
                       AND organization.id = named.org_id
     WHERE named.realm_id = ? AND named.domain IN (SELECT value FROM json_each(?))
       AND organization.enabled = 1";

const IN_ORG: &str = " AND named.org_id = ?";

const ORDER: &str = " ORDER BY named.domain, named.org_id";

/// The enabled organizations that call a domain by one of `names`.
///
/// # Errors
/// `Refused` when the directory fails.
pub async fn list_named(
    directory: &dyn Directory,
    search: Search<'_>,
    names: &[String],
) -> Result<Vec<NamedDomain>, StoreError> {
    let mut statement =
        Statement::new(LIST_NAMED).bind(search.realm.as_str()).bind(to_json(&names)?);
    if let Some(org) = search.org {
        statement = statement.push(IN_ORG).bind(org.as_str());
    }
    let rows = directory.run(statement.push(ORDER)).await?;
    rows.iter()
        .map(|row| {
            Ok(NamedDomain {
                org: row.parse("org_id")?,
                name: row.text("domain")?.to_owned(),
                verified: row.truth("verified")?,
            })
        })
        .collect()
}
