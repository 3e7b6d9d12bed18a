//! Phase Two's JSON (reference phasetwo.md §1.1).
use super::organization::Organization;
use super::role::OrganizationRole;
use crate::kernel::email::EmailAddress;
use crate::kernel::id::OrgId;
use crate::realm::registry::{Attributes, Registration};
use crate::realm::user::User;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// `Organization`, as it is sent: absent members are left out.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct OrganizationJson<'a> {
    id: &'a str,
    name: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    display_name: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    url: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    realm: Option<&'a str>,
    domains: &'a [String],
    attributes: &'a Attributes,
}

impl<'a> OrganizationJson<'a> {
    /// As the registry lists it.
    #[must_use]
    pub fn listed(registration: &'a Registration, realm: &'a str) -> Self {
        Self {
            id: registration.id.as_str(),
            name: &registration.name,
            display_name: registration.display_name.as_deref(),
            url: registration.url.as_deref(),
            realm: Some(realm),
            domains: &registration.domains,
            attributes: &registration.attributes,
        }
    }

    /// As the audit trail has it when it is made: the event says which realm.
    #[must_use]
    pub fn recorded(organization: &'a Organization) -> Self {
        Self { realm: None, ..Self::full(organization, "") }
    }

    /// As its object knows it.
    #[must_use]
    pub fn full(organization: &'a Organization, realm: &'a str) -> Self {
        Self {
            id: organization.id.as_str(),
            name: &organization.name,
            display_name: organization.display_name.as_deref(),
            url: organization.url.as_deref(),
            realm: Some(realm),
            domains: &organization.domains,
            attributes: &organization.attributes,
        }
    }
}

/// `MyOrganization`: an organization of the caller's, and their roles in it.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct MyOrganizationJson<'a> {
    name: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    display_name: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    url: Option<&'a str>,
    attributes: &'a Attributes,
    roles: &'a [String],
}

impl<'a> MyOrganizationJson<'a> {
    /// The organization and the roles that its object told.
    #[must_use]
    pub fn new(registration: &'a Registration, roles: &'a [String]) -> Self {
        Self {
            name: &registration.name,
            display_name: registration.display_name.as_deref(),
            url: registration.url.as_deref(),
            attributes: &registration.attributes,
            roles,
        }
    }
}

/// `Organization`, as it is received: strict, as Phase Two is, so that a typing
/// error is told and not lost.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct NewOrganizationJson {
    /// Honoured when given.
    pub id: Option<String>,
    /// Required.
    pub name: Option<String>,
    /// The name for people.
    pub display_name: Option<String>,
    /// The organization's own site.
    pub url: Option<String>,
    /// Ignored: the URL says which realm.
    pub realm: Option<String>,
    /// E-mail domains; null and empty entries are dropped.
    pub domains: Option<Vec<Option<String>>>,
    /// Names with lists of values.
    pub attributes: Option<Attributes>,
}

/// `Domain`, with a member of ours: why it is not verified.
#[derive(Debug, Serialize)]
pub struct DomainJson<'a> {
    /// In lower case.
    pub domain_name: &'a str,
    /// Whether the organization has shown to own it.
    pub verified: bool,
    /// The label below which the record belongs: `{record_key}.{domain_name}`.
    pub record_key: &'a str,
    /// What the TXT record must hold.
    pub record_value: String,
    /// Why the last check did not verify it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<&'a str>,
}

/// A role, as it is received: strict. Its id is ours to choose.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RoleJson {
    /// Ignored.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub id: Option<String>,
    /// The name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// What it is for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
}

/// `BulkResponseItem`: what came of one item of many.
#[derive(Debug, Serialize)]
pub struct BulkItemJson<T> {
    /// As if it had been asked alone, but for failures: those are 400.
    pub status: u16,
    /// Why it failed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub error: Option<String>,
    /// The item.
    pub item: T,
}

/// `OrganizationMemberAttribute`: strict.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MemberAttributesJson {
    /// All of them; absent changes nothing.
    pub attributes: Option<Attributes>,
}

/// Keycloak's brief user.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct BriefUserJson<'a> {
    id: &'a str,
    created_timestamp: i64,
    username: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    first_name: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    last_name: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    email: Option<&'a str>,
    enabled: bool,
    email_verified: bool,
}

impl<'a> From<&'a User> for BriefUserJson<'a> {
    fn from(user: &'a User) -> Self {
        Self {
            id: user.id.as_str(),
            created_timestamp: user.created_at.as_unix_millis(),
            username: user.username.as_str(),
            first_name: user.first_name.as_deref(),
            last_name: user.last_name.as_deref(),
            email: user.email.as_ref().map(EmailAddress::as_str),
            enabled: user.enabled,
            email_verified: user.email_verified,
        }
    }
}

/// `UserWithOrgs`: a member.
#[derive(Debug, Serialize)]
pub struct MemberJson<'a> {
    #[serde(flatten)]
    user: BriefUserJson<'a>,
    /// Always there, filled only on request, and for this organization only.
    organizations: BTreeMap<&'a str, &'a [OrganizationRole]>,
}

impl<'a> MemberJson<'a> {
    /// Without organizations.
    #[must_use]
    pub fn plain(user: &'a User) -> Self {
        Self { user: user.into(), organizations: BTreeMap::new() }
    }

    /// With the roles that the member holds in `org`.
    #[must_use]
    pub fn with_roles(user: &'a User, org: &'a OrgId, roles: &'a [OrganizationRole]) -> Self {
        Self { user: user.into(), organizations: BTreeMap::from([(org.as_str(), roles)]) }
    }
}
