//! Identities at an organization's providers that its directory gives to people, so
//! that their first login there finds them.
use super::federated_identity::FederatedIdentity;
use super::to_json;
use crate::event::audit::AuditEvent;
use crate::event::store::audit;
use crate::kernel::id::{OrgId, RealmId, UserId};
use crate::platform::directory::Directory;
use crate::platform::row::{Row, StoreError};
use crate::platform::sql::Statement;
use std::collections::BTreeMap;

/// The providers that an organization uses, the longest used first. One that others
/// use too is none, unless the realm lets them share: whoever they call by an id there,
/// they would call for each other. Nor is one that waits to be proven by a login.
const LIST_PROVIDERS: &str = "
    SELECT identity_provider.alias, link.domains, link.every_domain
      FROM identity_provider_org AS link
      JOIN identity_provider ON identity_provider.id = link.identity_provider_id
     WHERE link.realm_id = ? AND link.org_id = ?
       AND identity_provider.settings ->> '$.enabled'
       AND coalesce(identity_provider.settings
                    ->> '$.config.\"home.idp.discovery.validationPending\"', 'false') <> 'true'
       AND (coalesce((SELECT realm.settings ->> '$.shared_idps' FROM realm
                       WHERE realm.id = link.realm_id), 0)
            OR NOT EXISTS (SELECT 1 FROM identity_provider_org AS other
                            WHERE other.identity_provider_id = link.identity_provider_id
                              AND other.org_id <> link.org_id))
     ORDER BY link.linked_at, identity_provider.alias";

const HAS_OTHER_OWNER: &str = "
    SELECT 1 AS owned FROM domain_claim
     WHERE realm_id = ? AND domain IN (SELECT value FROM json_each(?)) AND org_id <> ?
     LIMIT 1";

const LIST: &str = "
    SELECT user_id, provider, provider_user_id
      FROM federated_identity
     WHERE user_id IN (SELECT value FROM json_each(?)) AND realm_id = ? AND org_id = ?";

/// Only while the person still has the address by which the organization may.
const INSERT: &str = "
    INSERT INTO federated_identity (realm_id, user_id, provider, provider_user_id,
                                    provider_username, org_id)
    SELECT realm_id, id, ?, ?, ?, ?
      FROM user
     WHERE id = ? AND realm_id = ? AND email = ? AND service_account_for IS NULL
    ON CONFLICT DO NOTHING";

const DELETE: &str = "
    DELETE FROM federated_identity
     WHERE user_id = ? AND realm_id = ? AND org_id = ? AND provider = ?";

const IS_THERE: &str = "
    EXISTS (SELECT 1 FROM federated_identity
             WHERE user_id = ? AND realm_id = ? AND org_id = ? AND provider = ?
               AND provider_user_id = ?)";

/// Where a person's identity comes from: the realm, and the organization that says it.
pub type Place<'a> = (&'a RealmId, &'a OrgId);

/// A provider of an organization.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OwnProvider {
    /// Its alias.
    pub alias: String,
    /// The e-mail domains that lead there.
    pub domains: Vec<String>,
    /// Whether every domain of the organization does.
    pub every_domain: bool,
}

/// The providers of the organization through which its people may be signed in.
///
/// # Errors
/// `Refused` when the directory fails.
pub async fn list_providers(
    directory: &dyn Directory,
    (realm, org): Place<'_>,
) -> Result<Vec<OwnProvider>, StoreError> {
    let statement = Statement::new(LIST_PROVIDERS).bind(realm.as_str()).bind(org.as_str());
    let provider = |row: &Row| {
        Ok(OwnProvider {
            alias: row.text("alias")?.to_owned(),
            domains: row.json("domains")?,
            every_domain: row.truth("every_domain")?,
        })
    };
    directory.run(statement).await?.iter().map(provider).collect()
}

/// Whether another organization owns one of `domains` too.
///
/// # Errors
/// `Refused` when the directory fails.
pub async fn has_other_owner(
    directory: &dyn Directory,
    (realm, org): Place<'_>,
    domains: &[&str],
) -> Result<bool, StoreError> {
    let statement = Statement::new(HAS_OTHER_OWNER).bind(realm.as_str());
    let statement = statement.bind(to_json(&domains)?).bind(org.as_str());
    Ok(!directory.run(statement).await?.is_empty())
}

/// What the organization's directory gave to `users`: alias and id there, by user.
///
/// # Errors
/// `Refused` when the directory fails.
pub async fn list(
    directory: &dyn Directory,
    (realm, org): Place<'_>,
    users: &[&UserId],
) -> Result<BTreeMap<UserId, Vec<(String, String)>>, StoreError> {
    let statement = Statement::new(LIST).bind(to_json(&users)?);
    let mut found: BTreeMap<UserId, Vec<(String, String)>> = BTreeMap::new();
    for row in directory.run(statement.bind(realm.as_str()).bind(org.as_str())).await? {
        let identity = (row.text("provider")?.to_owned(), row.text("provider_user_id")?.to_owned());
        found.entry(row.parse("user_id")?).or_default().push(identity);
    }
    Ok(found)
}

/// The statements that give `identity` to `user`, who has the address `email`, and tell
/// of it by `event`. Nothing happens when they have another identity there, or when it
/// is somebody else's: who had it first keeps it.
///
/// # Errors
/// `Refused` when the event cannot be written as JSON.
pub fn giving(
    (realm, org): Place<'_>,
    (user, email): (&UserId, &str),
    identity: &FederatedIdentity,
    event: &AuditEvent,
) -> Result<[Statement; 2], StoreError> {
    let insertion = Statement::new(INSERT)
        .bind(identity.provider.as_str())
        .bind(identity.provider_user.as_str())
        .bind(identity.provider_username.as_str())
        .bind(org.as_str())
        .bind(user.as_str())
        .bind(realm.as_str())
        .bind(email);
    let is_there = condition((realm, org), user, (&identity.provider, &identity.provider_user));
    Ok([insertion, audit::insertion_where(event, is_there)?])
}

/// The statements that take back what the organization's directory gave to `user` at a
/// provider, and tell of it by `event`.
///
/// # Errors
/// `Refused` when the event cannot be written as JSON.
pub fn taking_back(
    (realm, org): Place<'_>,
    user: &UserId,
    (alias, id): (&str, &str),
    event: &AuditEvent,
) -> Result<[Statement; 2], StoreError> {
    let is_there = condition((realm, org), user, (alias, id));
    let deletion = Statement::new(DELETE)
        .bind(user.as_str())
        .bind(realm.as_str())
        .bind(org.as_str())
        .bind(alias);
    Ok([audit::insertion_where(event, is_there)?, deletion])
}

fn condition((realm, org): Place<'_>, user: &UserId, (alias, id): (&str, &str)) -> Statement {
    Statement::new(IS_THERE)
        .bind(user.as_str())
        .bind(realm.as_str())
        .bind(org.as_str())
        .bind(alias)
        .bind(id)
}
