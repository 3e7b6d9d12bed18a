//! The registry of organizations.
use super::to_json;
use crate::kernel::id::{OrgId, RealmId};
use crate::platform::directory::Directory;
use crate::platform::row::{Row, StoreError};
use crate::platform::sql::Statement;
use crate::realm::registry::Registration;
use crate::realm::search::{Part, Wanted};
use crate::realm::user::User;

const INSERT: &str = "
    INSERT INTO organization (realm_id, id, name, alias, display_name, url, attributes, domains,
                              enabled, description, redirect_url, created_at)
    VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)";

const EXISTS: &str = "SELECT id FROM organization WHERE realm_id = ? AND id = ?";

const DELETE: &str = "DELETE FROM organization WHERE realm_id = ? AND id = ?";

const DELETE_MEMBERSHIPS: &str = "DELETE FROM membership WHERE realm_id = ? AND org_id = ?";

const DELETE_INVITED: &str = "DELETE FROM invited WHERE realm_id = ? AND org_id = ?";

const FIND: &str = "
    SELECT id, name, alias, display_name, url, attributes, domains, enabled, description,
           redirect_url, created_at
      FROM organization
     WHERE realm_id = ? AND id = ?";

const LIST: &str = "
    SELECT organization.id, organization.name, organization.alias, organization.display_name,
           organization.url, organization.attributes, organization.domains,
           organization.enabled, organization.description, organization.redirect_url,
           organization.created_at
      FROM organization
     WHERE organization.realm_id = ?";

/// The organizations that something leads to: `hit` says which, and is never
/// more than what its indexes found.
const LIST_HITS: &str = "
    SELECT organization.id, organization.name, organization.alias, organization.display_name,
           organization.url, organization.attributes, organization.domains,
           organization.enabled, organization.description, organization.redirect_url,
           organization.created_at
      FROM organization_hit AS hit
CROSS JOIN organization ON organization.realm_id = ? AND organization.id = hit.org_id";

const PAGE: &str = " ORDER BY organization.name LIMIT ? OFFSET ?";

const TOTAL: &str = "SELECT total FROM organization_tally WHERE realm_id = ?";

const COUNT_HITS: &str = "SELECT count(*) AS total FROM organization_hit";

const WITH_HITS: &str = "
    -- Which organizations are wanted: from indexes, never from every row.
    WITH organization_hit (org_id) AS (";

const ALSO: &str = " INTERSECT ";

const HITS_OF_MEMBER: &str = "
    SELECT org_id FROM membership WHERE realm_id = ? AND user_id = ? AND present = 1";

const HITS_OF_ATTRIBUTE: &str = "
    SELECT org_id FROM organization_attribute WHERE realm_id = ? AND name = ? AND value = ?";

const HITS_OF_EXACT: &str = "
    SELECT id FROM organization
     WHERE (realm_id = ? AND name = ?)
        OR (realm_id = ? AND id IN (SELECT org_id FROM organization_domain
                                     WHERE realm_id = ? AND domain = ?))";

const HITS_OF_PROVIDER: &str = "
    SELECT used.org_id
      FROM identity_provider AS provider
CROSS JOIN identity_provider_org AS used ON used.identity_provider_id = provider.id
     WHERE provider.realm_id = ? AND provider.alias = ?";

const HITS_OF_TEXT: &str = "
    SELECT entry.org_id
      FROM organization_text
CROSS JOIN organization_entry AS entry ON entry.number = organization_text.rowid
     WHERE organization_text MATCH ? AND entry.realm_id = ?";

const HITS_OF_GRAM: &str = "
    SELECT entry.org_id
      FROM organization_gram
CROSS JOIN organization_entry AS entry ON entry.number = organization_gram.rowid
     WHERE organization_gram MATCH ? AND entry.realm_id = ?";

const LIST_BY_ID: &str = "
    SELECT id, name, alias, display_name, url, attributes, domains, enabled, description,
           redirect_url, created_at
      FROM organization
     WHERE realm_id = ? AND id IN (SELECT value FROM json_each(?))
     ORDER BY name";

const LIST_TAKEN: &str = "
    SELECT id, name, alias FROM organization
     WHERE realm_id = ? AND id IN (SELECT value FROM json_each(?))
     UNION
    SELECT id, name, alias FROM organization
     WHERE realm_id = ? AND name IN (SELECT value FROM json_each(?))
     UNION
    SELECT id, name, alias FROM organization
     WHERE realm_id = ? AND alias IN (SELECT value FROM json_each(?))";

const LIST_ALIASES: &str = "
    SELECT alias, id FROM organization
     WHERE realm_id = ? AND alias IN (SELECT value FROM json_each(?))";

const FIND_NAMESAKE: &str = "
    SELECT named.domain, organization.name
      FROM organization_domain AS named
      JOIN organization ON organization.realm_id = named.realm_id
                       AND organization.id = named.org_id
     WHERE named.realm_id = ? AND named.domain IN (SELECT value FROM json_each(?))
       AND named.org_id <> ?
     ORDER BY named.domain, organization.name
     LIMIT 1";

/// Adds an organization, and the administrator that comes with it, if one does:
/// the commit point of its creation.
///
/// # Errors
/// `Conflict` when the id, the name or the alias is taken, or the administrator's
/// username or e-mail; nothing is added then.
pub async fn insert(
    directory: &dyn Directory,
    realm: &RealmId,
    organization: &Registration,
    admin: Option<&User>,
) -> Result<(), StoreError> {
    let statement = insertion(realm, organization)?;
    let admin = admin.map(|user| super::user::insertion(realm, user)).transpose()?;
    directory.batch([statement].into_iter().chain(admin).collect()).await.map(|_| ())
}

/// The statement that adds an organization; `Conflict` as [`insert`].
///
/// # Errors
/// `Refused` when a column cannot be written as JSON.
pub fn insertion(realm: &RealmId, organization: &Registration) -> Result<Statement, StoreError> {
    Ok(Statement::new(INSERT)
        .bind(realm.as_str())
        .bind(organization.id.as_str())
        .bind(organization.name.as_str())
        .bind(organization.alias.as_str())
        .bind(organization.display_name.as_deref())
        .bind(organization.url.as_deref())
        .bind(to_json(&organization.attributes)?)
        .bind(to_json(&organization.domains)?)
        .bind(organization.enabled)
        .bind(organization.description.as_deref())
        .bind(organization.redirect_url.as_deref())
        .bind(organization.created_at))
}

/// Whether the registry knows `org`.
///
/// # Errors
/// `Refused` when the directory fails.
pub async fn exists(
    directory: &dyn Directory,
    realm: &RealmId,
    org: &OrgId,
) -> Result<bool, StoreError> {
    let statement = Statement::new(EXISTS).bind(realm.as_str()).bind(org.as_str());
    Ok(!directory.run(statement).await?.is_empty())
}

/// The organization `org`, as the registry lists it.
///
/// # Errors
/// `Refused` when the directory fails.
pub async fn find(
    directory: &dyn Directory,
    realm: &RealmId,
    org: &OrgId,
) -> Result<Option<Registration>, StoreError> {
    let statement = Statement::new(FIND).bind(realm.as_str()).bind(org.as_str());
    directory.run(statement).await?.first().map(registration_from_row).transpose()
}

/// Forgets `org`, who belonged to it, who was invited, and the administrator
/// called `admin` who came with it: all of it or nothing. Twice is once.
///
/// # Errors
/// `Refused` when the directory fails.
pub async fn delete(
    directory: &dyn Directory,
    realm: &RealmId,
    org: &OrgId,
    admin: &str,
) -> Result<(), StoreError> {
    let of = |sql| Statement::new(sql).bind(realm.as_str()).bind(org.as_str());
    let mut statements = vec![of(DELETE), of(DELETE_MEMBERSHIPS), of(DELETE_INVITED)];
    statements.extend(super::user::native_deletions(realm, org, admin));
    directory.batch(statements).await.map(|_| ())
}

/// A page of the realm's organizations, by name. Without a wish, a walk along
/// the names; else the work grows with what is found.
///
/// # Errors
/// `Refused` when the directory fails.
pub async fn list(
    directory: &dyn Directory,
    realm: &RealmId,
    wanted: &Wanted<'_>,
) -> Result<Vec<Registration>, StoreError> {
    let rows = directory.run(listing(realm, wanted)).await?;
    rows.iter().map(registration_from_row).collect()
}

/// The statement behind [`list`].
#[must_use]
pub fn listing(realm: &RealmId, wanted: &Wanted<'_>) -> Statement {
    let statement = match hits(realm, wanted) {
        Some(hits) => hits.push(LIST_HITS),
        None => Statement::new(LIST),
    };
    let statement = statement.bind(realm.as_str());
    statement.push(PAGE).bind(wanted.page.max).bind(wanted.page.first)
}

/// How many organizations [`list`] would list, pages aside.
///
/// # Errors
/// `Refused` when the directory fails.
pub async fn count(
    directory: &dyn Directory,
    realm: &RealmId,
    wanted: &Wanted<'_>,
) -> Result<i64, StoreError> {
    let rows = directory.run(counting(realm, wanted)).await?;
    rows.first().map_or(Ok(0), |row| row.int("total"))
}

/// The statement behind [`count`].
#[must_use]
pub fn counting(realm: &RealmId, wanted: &Wanted<'_>) -> Statement {
    match hits(realm, wanted) {
        Some(hits) => hits.push(COUNT_HITS),
        None => Statement::new(TOTAL).bind(realm.as_str()),
    }
}

/// The beginning of a statement in which `organization_hit` is what is wanted;
/// `None` when that is everything.
fn hits(realm: &RealmId, wanted: &Wanted<'_>) -> Option<Statement> {
    let of_realm = |sql| Statement::new(sql).bind(realm.as_str());
    let members = wanted.members.iter().map(|user| of_realm(HITS_OF_MEMBER).bind(user.as_str()));
    let attributes = wanted
        .attributes
        .iter()
        .map(|(name, value)| of_realm(HITS_OF_ATTRIBUTE).bind(name.as_str()).bind(value.as_str()));
    let part = wanted.part.iter().map(|part| {
        let (sql, query) = match part {
            Part::Text(query) => (HITS_OF_TEXT, query),
            Part::Gram(query) => (HITS_OF_GRAM, query),
        };
        Statement::new(sql).bind(query.as_str()).bind(realm.as_str())
    });
    let exact = wanted.exact.iter().map(|name| {
        let names = of_realm(HITS_OF_EXACT).bind(name.as_str());
        names.bind(realm.as_str()).bind(realm.as_str()).bind(name.to_lowercase())
    });
    let provider = wanted.provider.iter();
    let provider = provider.map(|alias| of_realm(HITS_OF_PROVIDER).bind(alias.as_str()));
    let all = members.chain(attributes).chain(exact).chain(provider).chain(part);
    let hits = all.reduce(|hits, more| hits.push(ALSO).join(more))?;
    Some(Statement::new(WITH_HITS).join(hits).push(")"))
}

/// Those of `orgs` that the registry knows, by name.
///
/// # Errors
/// `Refused` when the directory fails.
pub async fn list_by_id(
    directory: &dyn Directory,
    realm: &RealmId,
    orgs: &[OrgId],
) -> Result<Vec<Registration>, StoreError> {
    let statement = Statement::new(LIST_BY_ID).bind(realm.as_str()).bind(to_json(&orgs)?);
    directory.run(statement).await?.iter().map(registration_from_row).collect()
}

/// What is unique of an organization in its realm.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Names {
    /// Its id.
    pub id: String,
    /// Its name.
    pub name: String,
    /// Its alias.
    pub alias: String,
}

/// The organizations of `realm` with which one of `wanted` would collide.
///
/// # Errors
/// `Refused` when the directory fails.
pub async fn list_taken(
    directory: &dyn Directory,
    realm: &RealmId,
    wanted: &[Names],
) -> Result<Vec<Names>, StoreError> {
    let list = |part: fn(&Names) -> &str| to_json(&wanted.iter().map(part).collect::<Vec<_>>());
    let statement = Statement::new(LIST_TAKEN)
        .bind(realm.as_str())
        .bind(list(|names| &names.id)?)
        .bind(realm.as_str())
        .bind(list(|names| &names.name)?)
        .bind(realm.as_str())
        .bind(list(|names| &names.alias)?);
    let text = |row: &Row, column| row.text(column).map(str::to_owned);
    let rows = directory.run(statement).await?;
    rows.iter()
        .map(|row| {
            Ok(Names { id: text(row, "id")?, name: text(row, "name")?, alias: text(row, "alias")? })
        })
        .collect()
}

/// The ids of the organizations of `realm` that go by these aliases, with the
/// alias each goes by.
///
/// # Errors
/// `Refused` when the directory fails.
pub async fn list_by_alias(
    directory: &dyn Directory,
    realm: &RealmId,
    aliases: &[&str],
) -> Result<Vec<(String, OrgId)>, StoreError> {
    let statement = Statement::new(LIST_ALIASES).bind(realm.as_str()).bind(to_json(&aliases)?);
    let rows = directory.run(statement).await?;
    rows.iter().map(|row| Ok((row.text("alias")?.to_owned(), row.parse("id")?))).collect()
}

/// The first of `domains` that an organization other than `own` names, and what that
/// one is called.
///
/// # Errors
/// `Refused` when the directory fails.
pub async fn find_namesake(
    directory: &dyn Directory,
    realm: &RealmId,
    domains: &[String],
    own: Option<&OrgId>,
) -> Result<Option<(String, String)>, StoreError> {
    let statement = Statement::new(FIND_NAMESAKE)
        .bind(realm.as_str())
        .bind(to_json(&domains)?)
        // No organization has an empty id.
        .bind(own.map_or("", OrgId::as_str));
    let rows = directory.run(statement).await?;
    let text = |row: &Row, column| row.text(column).map(str::to_owned);
    rows.first().map(|row| Ok((text(row, "domain")?, text(row, "name")?))).transpose()
}

fn registration_from_row(row: &Row) -> Result<Registration, StoreError> {
    Ok(Registration {
        id: row.parse("id")?,
        name: row.text("name")?.to_owned(),
        alias: row.parse("alias")?,
        display_name: row.text_or_null("display_name")?.map(str::to_owned),
        url: row.text_or_null("url")?.map(str::to_owned),
        attributes: row.json("attributes")?,
        domains: row.json("domains")?,
        enabled: row.truth("enabled")?,
        description: row.text_or_null("description")?.map(str::to_owned),
        redirect_url: row.text_or_null("redirect_url")?.map(str::to_owned),
        created_at: row.time("created_at")?,
    })
}
