//! Where the people of an organization's e-mail domains sign in (reference keycloak.md
//! §2, `OrganizationDomainRepresentation`): which of its identity providers each domain
//! leads to. One truth with the domains that a provider is linked with.
use super::to_json;
use crate::kernel::id::{OrgId, RealmId};
use crate::platform::directory::Directory;
use crate::platform::row::{Row, StoreError};
use crate::platform::sql::Statement;
use serde::Serialize;

/// A domain that two providers are linked with leads to the one that was linked first.
const LIST: &str = "
    SELECT domain.value AS domain, identity_provider.alias,
           NOT EXISTS (SELECT 1 FROM json_each(link.offered) AS offered
                        WHERE offered.value = domain.value) AS auto_redirect
      FROM identity_provider_org AS link
      JOIN json_each(link.domains) AS domain
      JOIN identity_provider ON identity_provider.id = link.identity_provider_id
     WHERE link.realm_id = ? AND link.org_id = ?
     ORDER BY link.linked_at, identity_provider.alias";

const LIST_LINKED: &str = "
    SELECT identity_provider.alias
      FROM identity_provider_org AS link
      JOIN identity_provider ON identity_provider.id = link.identity_provider_id
     WHERE link.realm_id = ? AND link.org_id = ?";

/// Of each of the organization's providers: what was not spoken of, and what is said
/// to lead there.
const SET: &str = "
    UPDATE identity_provider_org AS link
       SET every_domain = 0,
           domains = (SELECT json_group_array(domain ORDER BY domain)
                        FROM (SELECT kept.value AS domain
                                FROM json_each(link.domains) AS kept
                               WHERE kept.value NOT IN (SELECT said.value ->> '$.domain'
                                                          FROM json_each(?) AS said)
                               UNION
                              SELECT said.value ->> '$.domain'
                                FROM json_each(?) AS said
                               WHERE said.value ->> '$.alias' =
                                     (SELECT alias FROM identity_provider
                                       WHERE id = link.identity_provider_id)) AS led),
           offered = (SELECT json_group_array(domain ORDER BY domain)
                        FROM (SELECT kept.value AS domain
                                FROM json_each(link.offered) AS kept
                               WHERE kept.value NOT IN (SELECT said.value ->> '$.domain'
                                                          FROM json_each(?) AS said)
                               UNION
                              SELECT said.value ->> '$.domain'
                                FROM json_each(?) AS said
                               WHERE NOT said.value ->> '$.auto_redirect'
                                 AND said.value ->> '$.alias' =
                                     (SELECT alias FROM identity_provider
                                       WHERE id = link.identity_provider_id)) AS led)
     WHERE link.realm_id = ? AND link.org_id = ?";

/// Where the people of a domain sign in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DomainRoute {
    /// The domain.
    pub domain: String,
    /// The provider.
    pub alias: String,
    /// Whether they are sent there at once, or choose it.
    pub auto_redirect: bool,
}

/// What is said of a domain.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct RouteDraft {
    /// The domain.
    pub domain: String,
    /// The provider; `None` when it leads nowhere.
    pub alias: Option<String>,
    /// Whether people are sent there at once.
    pub auto_redirect: bool,
}

/// Where people of an organization sign in, of the domains that lead to one provider.
///
/// # Errors
/// `Refused` when the directory fails.
pub async fn list(
    directory: &dyn Directory,
    (realm, org): (&RealmId, &OrgId),
) -> Result<Vec<DomainRoute>, StoreError> {
    let statement = Statement::new(LIST).bind(realm.as_str()).bind(org.as_str());
    let rows = directory.run(statement).await?;
    let route = |row: &Row| {
        Ok(DomainRoute {
            domain: row.text("domain")?.to_owned(),
            alias: row.text("alias")?.to_owned(),
            auto_redirect: row.truth("auto_redirect")?,
        })
    };
    rows.iter().map(route).collect()
}

/// The aliases of the providers that an organization uses.
///
/// # Errors
/// `Refused` when the directory fails.
pub async fn list_linked(
    directory: &dyn Directory,
    (realm, org): (&RealmId, &OrgId),
) -> Result<Vec<String>, StoreError> {
    let statement = Statement::new(LIST_LINKED).bind(realm.as_str()).bind(org.as_str());
    let rows = directory.run(statement).await?;
    rows.iter().map(|row| Ok(row.text("alias")?.to_owned())).collect()
}

/// The statement that says where the people of some domains sign in. Of the others, what
/// was said before stays; a provider to which every domain led has only named ones from
/// then on.
///
/// # Errors
/// `Refused` when it cannot be written as JSON.
pub fn setting(
    (realm, org): (&RealmId, &OrgId),
    routes: &[RouteDraft],
) -> Result<Statement, StoreError> {
    let said = to_json(&routes)?;
    Ok((0..4)
        .fold(Statement::new(SET), |statement, _| statement.bind(said.as_str()))
        .bind(realm.as_str())
        .bind(org.as_str()))
}
