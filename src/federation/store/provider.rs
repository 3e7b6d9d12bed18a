//! Identity providers.
use super::to_json;
use crate::federation::provider::{Link, Provider};
use crate::kernel::alias::Alias;
use crate::kernel::id::{OrgId, ProviderUuid, RealmId};
use crate::platform::directory::Directory;
use crate::platform::row::{Row, StoreError};
use crate::platform::sql::Statement;
use crate::realm::page::Page;

/// A provider with its links, the oldest first.
const SELECT: &str = "
    SELECT id, alias, provider_id, settings, secret, created_at,
           (SELECT json_group_array(
                       json_object('org', org_id, 'domains', json(domains),
                                   'offered', json(offered),
                                   'every_domain', json(iif(every_domain, 'true', 'false')),
                                   'auto_membership', json(iif(auto_membership, 'true', 'false')),
                                   'managed', json(iif(managed, 'true', 'false')))
                       ORDER BY linked_at, org_id)
              FROM identity_provider_org
             WHERE identity_provider_id = identity_provider.id) AS links
      FROM identity_provider
     WHERE realm_id = ?";

const CALLED: &str = " AND alias = ?";

/// An alias may be another provider's key: the alias wins.
const NAMED: &str = " AND (alias = ? OR id = ?) ORDER BY alias = ? DESC LIMIT 1";

const OF_ORG: &str = "
       AND id IN (SELECT identity_provider_id FROM identity_provider_org
                   WHERE realm_id = ? AND org_id = ?)";

const CALLED_ONE_OF: &str = " AND alias IN (SELECT value FROM json_each(?)) ORDER BY alias";

const OF_ONE_OF_ORGS: &str = "
       AND id IN (SELECT identity_provider_id FROM identity_provider_org
                   WHERE realm_id = ? AND org_id IN (SELECT value FROM json_each(?)))
     ORDER BY alias";

const LIST_IDS: &str = "
    SELECT id FROM identity_provider WHERE id IN (SELECT value FROM json_each(?))";

const OF_NO_ORG: &str = "
       AND NOT EXISTS (SELECT 1 FROM identity_provider_org
                        WHERE identity_provider_id = identity_provider.id)";

const NAMED_LIKE: &str = "
       AND (instr(lower(alias), lower(?)) > 0
            OR instr(lower(coalesce(settings ->> '$.display_name', '')), lower(?)) > 0)";

const PAGE: &str = " ORDER BY alias LIMIT ? OFFSET ?";

const INSERT: &str = "
    INSERT INTO identity_provider (id, realm_id, alias, provider_id, settings, secret, created_at)
    VALUES (?, ?, ?, ?, ?, ?, ?)";

const UPDATE: &str = "
    UPDATE identity_provider SET settings = ?, secret = ? WHERE realm_id = ? AND id = ?";

const HIDE: &str = "
    UPDATE identity_provider SET settings = json_set(settings, '$.hide_on_login', json('true'))
     WHERE realm_id = ? AND id = ?";

const DELETE: &str = "DELETE FROM identity_provider WHERE realm_id = ? AND id = ?";

/// Which providers to list.
#[derive(Clone, Copy, Debug, Default)]
pub struct Wanted<'a> {
    /// Only those that this organization uses.
    pub org: Option<&'a OrgId>,
    /// Only those that no organization uses.
    pub unused: bool,
    /// Only those whose alias or display name contains this, case aside.
    pub search: Option<&'a str>,
}

/// The realm's provider called `alias`.
///
/// # Errors
/// `Refused` when the directory fails.
pub async fn find(
    directory: &dyn Directory,
    realm: &RealmId,
    alias: &Alias,
) -> Result<Option<Provider>, StoreError> {
    let statement = Statement::new(SELECT).bind(realm.as_str()).push(CALLED).bind(alias.as_str());
    directory.run(statement).await?.first().map(provider_from_row).transpose()
}

/// The realm's provider called `alias`, or else the one whose key is `id`.
///
/// # Errors
/// `Refused` when the directory fails.
pub async fn find_named(
    directory: &dyn Directory,
    realm: &RealmId,
    alias: &Alias,
    id: &ProviderUuid,
) -> Result<Option<Provider>, StoreError> {
    let statement = Statement::new(SELECT).bind(realm.as_str()).push(NAMED);
    let statement = statement.bind(alias.as_str()).bind(id.as_str()).bind(alias.as_str());
    directory.run(statement).await?.first().map(provider_from_row).transpose()
}

/// Those of `aliases` that the realm has, by alias.
///
/// # Errors
/// `Refused` when the directory fails.
pub async fn list_called(
    directory: &dyn Directory,
    realm: &RealmId,
    aliases: &[&str],
) -> Result<Vec<Provider>, StoreError> {
    let statement =
        Statement::new(SELECT).bind(realm.as_str()).push(CALLED_ONE_OF).bind(to_json(&aliases)?);
    directory.run(statement).await?.iter().map(provider_from_row).collect()
}

/// The realm's providers that are `wanted`, by alias. The work grows with the
/// realm's providers when nothing narrows them.
///
/// # Errors
/// `Refused` when the directory fails.
pub async fn list(
    directory: &dyn Directory,
    realm: &RealmId,
    wanted: &Wanted<'_>,
    page: Page,
) -> Result<Vec<Provider>, StoreError> {
    let mut statement = Statement::new(SELECT).bind(realm.as_str());
    if let Some(org) = wanted.org {
        statement = statement.push(OF_ORG).bind(realm.as_str()).bind(org.as_str());
    }
    if wanted.unused {
        statement = statement.push(OF_NO_ORG);
    }
    if let Some(search) = wanted.search {
        statement = statement.push(NAMED_LIKE).bind(search).bind(search);
    }
    let statement = statement.push(PAGE).bind(page.max).bind(page.first);
    directory.run(statement).await?.iter().map(provider_from_row).collect()
}

/// The providers that any of `orgs` uses, by alias.
///
/// # Errors
/// `Refused` when the directory fails.
pub async fn list_of_orgs(
    directory: &dyn Directory,
    realm: &RealmId,
    orgs: &[OrgId],
) -> Result<Vec<Provider>, StoreError> {
    let statement = Statement::new(SELECT).bind(realm.as_str());
    let statement = statement.push(OF_ONE_OF_ORGS).bind(realm.as_str()).bind(to_json(&orgs)?);
    directory.run(statement).await?.iter().map(provider_from_row).collect()
}

/// Those of `ids` that a provider has, in whatever realm: they are unique among
/// all.
///
/// # Errors
/// `Refused` when the directory fails.
pub async fn list_ids(
    directory: &dyn Directory,
    ids: &[ProviderUuid],
) -> Result<Vec<ProviderUuid>, StoreError> {
    let rows = directory.run(Statement::new(LIST_IDS).bind(to_json(&ids)?)).await?;
    rows.iter().map(|row| row.parse("id")).collect()
}

/// The statement that adds a provider. `Conflict` on `identity_provider.alias`.
///
/// # Errors
/// `Refused` when the settings cannot be written as JSON.
pub fn insertion(realm: &RealmId, provider: &Provider) -> Result<Statement, StoreError> {
    Ok(Statement::new(INSERT)
        .bind(provider.id.as_str())
        .bind(realm.as_str())
        .bind(provider.alias.as_str())
        .bind(provider.kind.as_str())
        .bind(to_json(&provider.settings)?)
        .bind(provider.secret.as_deref())
        .bind(provider.created_at))
}

/// The statement that writes a provider's settings and secret.
///
/// # Errors
/// As [`insertion`].
pub fn update(realm: &RealmId, provider: &Provider) -> Result<Statement, StoreError> {
    Ok(Statement::new(UPDATE)
        .bind(to_json(&provider.settings)?)
        .bind(provider.secret.as_deref())
        .bind(realm.as_str())
        .bind(provider.id.as_str()))
}

/// The statement that takes a provider off the realm's login page, and leaves
/// everything else as it is by then.
#[must_use]
pub fn hiding(realm: &RealmId, provider: &ProviderUuid) -> Statement {
    Statement::new(HIDE).bind(realm.as_str()).bind(provider.as_str())
}

/// The statement that forgets a provider, its links and its mappers.
#[must_use]
pub fn deletion(realm: &RealmId, provider: &Provider) -> Statement {
    Statement::new(DELETE).bind(realm.as_str()).bind(provider.id.as_str())
}

fn provider_from_row(row: &Row) -> Result<Provider, StoreError> {
    Ok(Provider {
        id: row.parse("id")?,
        alias: row.parse("alias")?,
        kind: row.text("provider_id")?.to_owned(),
        settings: row.json("settings")?,
        secret: row.text_or_null("secret")?.map(str::to_owned),
        links: row.json::<Vec<Link>>("links")?,
        created_at: row.time("created_at")?,
    })
}
