//! The organization itself.
use crate::kernel::id::ImportId;
use crate::org::organization::{Organization, Stage};
use crate::platform::row::{Row, StoreError};
use crate::platform::sql::{Sql, Statement};
use crate::realm::registry::Profile;

const FIND: &str = "
    SELECT id, realm_id, name, alias, display_name, url, logo_url, attributes, domains,
           enabled, description, redirect_url, stage, created_at
      FROM organization";

const INSERT: &str = "
    INSERT INTO organization (id, realm_id, name, alias, display_name, url, logo_url, attributes,
                              domains, enabled, description, redirect_url, stage, created_at)
    VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)";

const SET_IMPORT: &str = "UPDATE organization SET import_id = ?";

const FIND_IMPORT: &str = "SELECT import_id FROM organization";

const SET_STAGE: &str = "UPDATE organization SET stage = ?";

const SET_PROFILE: &str = "
    UPDATE organization
       SET name = ?, display_name = ?, url = ?, attributes = ?, enabled = ?, description = ?,
           redirect_url = ?, version = ?
     WHERE version < ?";

const SKIP_VERSION: &str = "UPDATE organization SET version = ? WHERE version < ?";

const MARK_DOMAINS: &str = "
    UPDATE organization SET domains_version = ? WHERE domains_version < ? RETURNING id";

const SET_DOMAINS: &str = "UPDATE organization SET domains = ?";

pub fn find(sql: &dyn Sql) -> Result<Option<Organization>, StoreError> {
    sql.run(Statement::new(FIND))?.first().map(organization_from_row).transpose()
}

pub fn insert(sql: &dyn Sql, organization: &Organization) -> Result<(), StoreError> {
    let statement = Statement::new(INSERT)
        .bind(organization.id.as_str())
        .bind(organization.realm.as_str())
        .bind(organization.name.as_str())
        .bind(organization.alias.as_str())
        .bind(organization.display_name.as_deref())
        .bind(organization.url.as_deref())
        .bind(organization.logo_url.as_deref())
        .bind(super::to_json(&organization.attributes)?)
        .bind(super::to_json(&organization.domains)?)
        .bind(organization.enabled)
        .bind(organization.description.as_deref())
        .bind(organization.redirect_url.as_deref())
        .bind(organization.stage.as_str())
        .bind(organization.created_at);
    sql.run(statement)?;
    organization.domains.iter().try_for_each(|name| super::domain::insert(sql, name))
}

/// Notes which import brings the organization.
pub fn set_import(sql: &dyn Sql, import: &ImportId) -> Result<(), StoreError> {
    sql.run(Statement::new(SET_IMPORT).bind(import.as_str())).map(|_| ())
}

/// The import that brought the organization; `None` when none did.
pub fn find_import(sql: &dyn Sql) -> Result<Option<ImportId>, StoreError> {
    let rows = sql.run(Statement::new(FIND_IMPORT))?;
    rows.first().map_or(Ok(None), |row| row.parse_or_null("import_id"))
}

/// Nothing when a later change was followed already.
pub fn set_profile(sql: &dyn Sql, profile: &Profile, version: i64) -> Result<(), StoreError> {
    let statement = Statement::new(SET_PROFILE)
        .bind(profile.name.as_str())
        .bind(profile.display_name.as_deref())
        .bind(profile.url.as_deref())
        .bind(super::to_json(&profile.attributes)?)
        .bind(profile.enabled)
        .bind(profile.description.as_deref())
        .bind(profile.redirect_url.as_deref())
        .bind(version)
        .bind(version);
    sql.run(statement).map(|_| ())
}

/// No later change gets a number up to `version`.
pub fn skip_version(sql: &dyn Sql, version: i64) -> Result<(), StoreError> {
    sql.run(Statement::new(SKIP_VERSION).bind(version).bind(version)).map(|_| ())
}

/// `false` when a later change has set the domains already.
pub fn mark_domains(sql: &dyn Sql, version: i64) -> Result<bool, StoreError> {
    Ok(!sql.run(Statement::new(MARK_DOMAINS).bind(version).bind(version))?.is_empty())
}

/// The names once more, where every request finds them.
pub fn set_domains(sql: &dyn Sql, names: &[String]) -> Result<(), StoreError> {
    sql.run(Statement::new(SET_DOMAINS).bind(super::to_json(&names)?)).map(|_| ())
}

pub fn set_stage(sql: &dyn Sql, stage: Stage) -> Result<(), StoreError> {
    sql.run(Statement::new(SET_STAGE).bind(stage.as_str())).map(|_| ())
}

fn organization_from_row(row: &Row) -> Result<Organization, StoreError> {
    Ok(Organization {
        id: row.parse("id")?,
        realm: row.parse("realm_id")?,
        name: row.text("name")?.to_owned(),
        alias: row.parse("alias")?,
        display_name: row.text_or_null("display_name")?.map(str::to_owned),
        url: row.text_or_null("url")?.map(str::to_owned),
        logo_url: row.text_or_null("logo_url")?.map(str::to_owned),
        attributes: row.json("attributes")?,
        domains: row.json("domains")?,
        enabled: row.truth("enabled")?,
        description: row.text_or_null("description")?.map(str::to_owned),
        redirect_url: row.text_or_null("redirect_url")?.map(str::to_owned),
        stage: row.parse("stage")?,
        created_at: row.time("created_at")?,
    })
}
