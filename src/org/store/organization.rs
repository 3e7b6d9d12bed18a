//! The organization itself.
use crate::org::organization::{Organization, Stage};
use crate::platform::row::{Row, StoreError};
use crate::platform::sql::{Sql, Statement};

const FIND: &str = "
    SELECT id, realm_id, name, alias, display_name, url, logo_url, attributes, domains,
           stage, created_at
      FROM organization";

const INSERT: &str = "
    INSERT INTO organization (id, realm_id, name, alias, display_name, url, logo_url, attributes,
                              domains, stage, created_at)
    VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)";

const SET_STAGE: &str = "UPDATE organization SET stage = ?";

pub fn find(sql: &dyn Sql) -> Result<Option<Organization>, StoreError> {
    sql.run(Statement::new(FIND))?.first().map(organization_from_row).transpose()
}

pub fn insert(sql: &dyn Sql, organization: &Organization) -> Result<(), StoreError> {
    let refused = |error: serde_json::Error| StoreError::Refused(error.to_string());
    let attributes = serde_json::to_string(&organization.attributes).map_err(refused)?;
    let domains = serde_json::to_string(&organization.domains).map_err(refused)?;
    let statement = Statement::new(INSERT)
        .bind(organization.id.as_str())
        .bind(organization.realm.as_str())
        .bind(organization.name.as_str())
        .bind(organization.alias.as_str())
        .bind(organization.display_name.as_deref())
        .bind(organization.url.as_deref())
        .bind(organization.logo_url.as_deref())
        .bind(attributes)
        .bind(domains)
        .bind(organization.stage.as_str())
        .bind(organization.created_at);
    sql.run(statement).map(|_| ())
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
        stage: row.parse("stage")?,
        created_at: row.time("created_at")?,
    })
}
