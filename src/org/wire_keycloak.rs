//! Organizations as Keycloak's administration API writes them (reference keycloak.md
//! §2, `OrganizationRepresentation`).
use super::domain::{Domain, Stage};
use super::organization::Organization;
use crate::realm::registry::{Attributes, Registration};
use crate::realm::store::domain_route::DomainRoute;
use serde::de::IgnoredAny;
use serde::{Deserialize, Deserializer, Serialize};
use std::collections::BTreeSet;

/// An organization, as it is sent.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct OrganizationJson<'a> {
    id: &'a str,
    name: &'a str,
    alias: &'a str,
    enabled: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    description: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    redirect_url: Option<&'a str>,
    /// Left out where it is told in brief.
    #[serde(skip_serializing_if = "Option::is_none")]
    attributes: Option<&'a Attributes>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    domains: Vec<DomainJson<'a>>,
}

/// A domain, as it is sent.
#[derive(Debug, Serialize)]
pub struct DomainJson<'a> {
    name: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    verified: Option<bool>,
    #[serde(flatten)]
    route: Option<RouteJson<'a>>,
}

/// Where the people of a domain sign in, as it is sent.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct RouteJson<'a> {
    identity_provider_alias: &'a str,
    auto_redirect: bool,
}

impl<'a> OrganizationJson<'a> {
    /// As the registry lists it, of whose domains those are `verified`.
    #[must_use]
    pub fn listed(
        registration: &'a Registration,
        verified: &BTreeSet<String>,
        is_brief: bool,
    ) -> Self {
        let domain = |name: &'a String| DomainJson {
            name,
            verified: Some(verified.contains(name.as_str())),
            route: None,
        };
        Self {
            id: registration.id.as_str(),
            name: &registration.name,
            alias: registration.alias.as_str(),
            enabled: registration.enabled,
            description: registration.description.as_deref(),
            redirect_url: registration.redirect_url.as_deref(),
            attributes: (!is_brief).then_some(&registration.attributes),
            domains: registration.domains.iter().map(domain).collect(),
        }
    }

    /// As its object knows it, with its `domains` and where their people sign in.
    #[must_use]
    pub fn full(
        organization: &'a Organization,
        domains: &'a [Domain],
        routes: &'a [DomainRoute],
    ) -> Self {
        let route = |name: &str| {
            let found = routes.iter().find(|route| route.domain == name)?;
            Some(RouteJson {
                identity_provider_alias: found.alias.as_str(),
                auto_redirect: found.auto_redirect,
            })
        };
        let domain = |domain: &'a Domain| DomainJson {
            name: &domain.name,
            verified: Some(domain.stage == Stage::Verified),
            route: route(&domain.name),
        };
        Self { domains: domains.iter().map(domain).collect(), ..Self::recorded(organization) }
    }

    /// As the audit trail has it when it is made or changed: whether its domains are
    /// verified is told of each.
    #[must_use]
    pub fn recorded(organization: &'a Organization) -> Self {
        let domain = |name: &'a String| DomainJson { name, verified: None, route: None };
        Self {
            id: organization.id.as_str(),
            name: &organization.name,
            alias: organization.alias.as_str(),
            enabled: organization.enabled,
            description: organization.description.as_deref(),
            redirect_url: organization.redirect_url.as_deref(),
            attributes: Some(&organization.attributes),
            domains: organization.domains.iter().map(domain).collect(),
        }
    }
}

/// An organization, as it is received: strict.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct OrganizationDraftJson {
    /// Passed over.
    #[serde(rename = "id")]
    _id: Option<String>,
    /// Required.
    pub name: Option<String>,
    /// Never changes; the name when it is left out.
    pub alias: Option<String>,
    /// `true` when it is left out.
    pub enabled: Option<bool>,
    /// For administrators.
    pub description: Option<String>,
    /// Where people go who accepted an invitation.
    pub redirect_url: Option<String>,
    /// Names with lists of values.
    pub attributes: Option<Attributes>,
    /// E-mail domains.
    pub domains: Option<Vec<DomainDraftJson>>,
    /// Have paths of their own.
    pub members: Option<Vec<IgnoredAny>>,
    /// Have paths of their own.
    pub identity_providers: Option<Vec<IgnoredAny>>,
    /// Have paths of their own.
    pub groups: Option<Vec<IgnoredAny>>,
}

/// A domain, as it is received: strict.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct DomainDraftJson {
    /// In any case; `*.` before it means all below.
    pub name: Option<String>,
    /// Whether the sender vouches for it; what is known of it stays when it is left
    /// out.
    pub verified: Option<bool>,
    /// The provider where its people sign in: empty or null for none. What is known of
    /// it stays when it is left out.
    #[serde(default, deserialize_with = "said")]
    pub identity_provider_alias: Option<String>,
    /// Whether they are sent there at once; so unless it is said.
    pub auto_redirect: Option<bool>,
}

/// What is said, if only that there is nothing.
fn said<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<String>, D::Error> {
    Option::<String>::deserialize(deserializer).map(|text| Some(text.unwrap_or_default()))
}

/// The account's own organizations (reference keycloak.md §1.10): here domains are
/// names.
#[derive(Debug, Serialize)]
pub struct AccountOrganizationJson<'a> {
    id: &'a str,
    name: &'a str,
    alias: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    description: Option<&'a str>,
    enabled: bool,
    domains: &'a [String],
}

impl<'a> From<&'a Registration> for AccountOrganizationJson<'a> {
    fn from(registration: &'a Registration) -> Self {
        Self {
            id: registration.id.as_str(),
            name: &registration.name,
            alias: registration.alias.as_str(),
            description: registration.description.as_deref(),
            enabled: registration.enabled,
            domains: &registration.domains,
        }
    }
}
