//! The registry of organizations.
use super::to_json;
use crate::kernel::id::{OrgId, RealmId, UserId};
use crate::platform::directory::Directory;
use crate::platform::row::{Row, StoreError};
use crate::platform::sql::Statement;
use crate::realm::page::Page;
use crate::realm::registry::Registration;

const INSERT: &str = "
    INSERT INTO organization (realm_id, id, name, alias, display_name, url, attributes, domains,
                              created_at)
    VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)";

const EXISTS: &str = "SELECT id FROM organization WHERE realm_id = ? AND id = ?";

const DELETE: &str = "DELETE FROM organization WHERE realm_id = ? AND id = ?";

const DELETE_MEMBERSHIPS: &str = "DELETE FROM membership WHERE realm_id = ? AND org_id = ?";

const LIST: &str = "
    SELECT id, name, alias, display_name, url, attributes, domains, created_at
      FROM organization
     WHERE realm_id = ?";

const LIST_OF_USER: &str = "
    SELECT organization.id, organization.name, organization.alias, organization.display_name,
           organization.url, organization.attributes, organization.domains,
           organization.created_at
      FROM membership
      JOIN organization ON organization.realm_id = membership.realm_id
                       AND organization.id = membership.org_id
     WHERE membership.realm_id = ? AND membership.user_id = ? AND membership.present = 1";

const NAMED_LIKE: &str = "
       AND (instr(lower(organization.name), lower(?)) > 0
            OR instr(lower(coalesce(organization.display_name, '')), lower(?)) > 0)";

const PAGE: &str = " ORDER BY organization.name LIMIT ? OFFSET ?";

const LIST_ALIASES: &str = "
    SELECT alias, id FROM organization
     WHERE realm_id = ? AND alias IN (SELECT value FROM json_each(?))";

/// Which organizations to list.
#[derive(Clone, Debug)]
pub struct Wanted<'a> {
    /// Only those this user belongs to.
    pub member: Option<&'a UserId>,
    /// Only those whose name or display name contains this, case aside.
    pub search: Option<&'a str>,
    /// Which part of the list.
    pub page: Page,
}

/// Adds an organization: the commit point of its creation.
///
/// # Errors
/// `Conflict` when the id, the name or the alias is taken.
pub async fn insert(
    directory: &dyn Directory,
    realm: &RealmId,
    organization: &Registration,
) -> Result<(), StoreError> {
    let statement = Statement::new(INSERT)
        .bind(realm.as_str())
        .bind(organization.id.as_str())
        .bind(organization.name.as_str())
        .bind(organization.alias.as_str())
        .bind(organization.display_name.as_deref())
        .bind(organization.url.as_deref())
        .bind(to_json(&organization.attributes)?)
        .bind(to_json(&organization.domains)?)
        .bind(organization.created_at);
    directory.run(statement).await.map(|_| ())
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

/// Forgets `org` and who belonged to it, both or neither. Twice is once.
///
/// # Errors
/// `Refused` when the directory fails.
pub async fn delete(
    directory: &dyn Directory,
    realm: &RealmId,
    org: &OrgId,
) -> Result<(), StoreError> {
    let of = |sql| Statement::new(sql).bind(realm.as_str()).bind(org.as_str());
    directory.batch(vec![of(DELETE), of(DELETE_MEMBERSHIPS)]).await.map(|_| ())
}

/// A page of the realm's organizations, by name.
///
/// # Errors
/// `Refused` when the directory fails.
pub async fn list(
    directory: &dyn Directory,
    realm: &RealmId,
    wanted: &Wanted<'_>,
) -> Result<Vec<Registration>, StoreError> {
    let mut statement = match wanted.member {
        Some(user) => Statement::new(LIST_OF_USER).bind(realm.as_str()).bind(user.as_str()),
        None => Statement::new(LIST).bind(realm.as_str()),
    };
    if let Some(search) = wanted.search {
        statement = statement.push(NAMED_LIKE).bind(search).bind(search);
    }
    let statement = statement.push(PAGE).bind(wanted.page.max).bind(wanted.page.first);
    directory.run(statement).await?.iter().map(registration_from_row).collect()
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

fn registration_from_row(row: &Row) -> Result<Registration, StoreError> {
    Ok(Registration {
        id: row.parse("id")?,
        name: row.text("name")?.to_owned(),
        alias: row.parse("alias")?,
        display_name: row.text_or_null("display_name")?.map(str::to_owned),
        url: row.text_or_null("url")?.map(str::to_owned),
        attributes: row.json("attributes")?,
        domains: row.json("domains")?,
        created_at: row.time("created_at")?,
    })
}
