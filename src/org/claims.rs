//! What a token may say about somebody in this organization. Asked whenever a
//! token is made, so a removal counts from the next one on.
use super::domain::Stage as DomainStage;
use super::organization::{Organization, Stage};
use super::{domain, group, store};
use crate::kernel::alias::Alias;
use crate::kernel::id::{OrgId, RoleId, UserId};
use crate::platform::object::Call;
use crate::platform::row::StoreError;
use crate::platform::sql::Sql;
use crate::realm::person::MAX_TOKEN_ROLES;
use crate::realm::registry::Attributes;
use serde::{Deserialize, Serialize};

/// "What is `user` in this organization?"
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct ClaimsOf {
    /// The person.
    pub user: UserId,
}

impl Call for ClaimsOf {
    const NAME: &'static str = "org.claims";
    /// `None` when the person is not an active member, or the organization is
    /// disabled, or not (or no longer) there.
    type Answer = Option<OrgClaims>;

    fn of_blank() -> Option<Self::Answer> {
        Some(None)
    }
}

/// Somebody's standing in an organization.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct OrgClaims {
    /// The organization's id.
    pub id: OrgId,
    /// Its alias: the key of the claim.
    pub alias: Alias,
    /// Its name for people.
    pub title: String,
    /// Its name.
    #[serde(default)]
    pub name: String,
    /// What the product's team notes about it.
    #[serde(default)]
    pub attributes: Attributes,
    /// The e-mail domains that it has shown to own, wildcards among them, by name.
    #[serde(default)]
    pub domains: Vec<String>,
    /// The person's roles in it, sorted.
    pub roles: Vec<String>,
    /// The paths of the person's groups in it, sorted.
    pub groups: Vec<String>,
    /// The roles of the realm and of its clients that are mapped to these groups and
    /// to those above, before composites; more than a token carries are cut off after
    /// one more.
    #[serde(default)]
    pub mapped: Vec<RoleId>,
}

/// Answers [`ClaimsOf`].
///
/// # Errors
/// `Refused` when SQLite fails.
pub fn answer(
    sql: &dyn Sql,
    organization: &Organization,
    question: &ClaimsOf,
) -> Result<Option<OrgClaims>, StoreError> {
    let speaks = organization.stage == Stage::Active && organization.enabled;
    if !speaks || !store::member::is_active(sql, &question.user)? {
        return Ok(None);
    }
    let one_more = i64::try_from(MAX_TOKEN_ROLES).map_or(i64::MAX, |most| most.saturating_add(1));
    Ok(Some(OrgClaims {
        id: organization.id.clone(),
        alias: organization.alias.clone(),
        title: organization.title().to_owned(),
        name: organization.name.clone(),
        attributes: organization.attributes.clone(),
        domains: owned_domains(sql, organization)?,
        roles: store::role::list_held(sql, &question.user)?,
        groups: group::list_paths(sql, &question.user)?,
        mapped: store::group_mapping::list_held(sql, &question.user, one_more)?,
    }))
}

fn owned_domains(sql: &dyn Sql, organization: &Organization) -> Result<Vec<String>, StoreError> {
    if organization.domains.is_empty() {
        return Ok(Vec::new());
    }
    let owned = domain::list(sql)?.into_iter().filter(|one| one.stage == DomainStage::Verified);
    Ok(owned.map(|one| one.name).collect())
}
