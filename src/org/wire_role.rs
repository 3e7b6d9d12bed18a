//! Roles of an organization as Keycloak's administration API would write them
//! (reference keycloak.md §1.8, which no release has yet), and what a member holds, as
//! we do.
use super::effective::{Place, Source};
use super::role::OrganizationRole;
use crate::kernel::id::{OrgId, RoleId};
use crate::realm::registry::Attributes;
use crate::realm::stored_role::RoleName;
use serde::Serialize;

/// `RoleRepresentation` of a role of an organization, which contains it.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub struct OrgRoleJson<'a> {
    id: &'a RoleId,
    name: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    description: Option<&'a str>,
    composite: bool,
    client_role: bool,
    container_id: &'a OrgId,
    #[serde(skip_serializing_if = "Option::is_none")]
    attributes: Option<Attributes>,
}

impl<'a> OrgRoleJson<'a> {
    /// `role` of `org`, as lists have it.
    #[must_use]
    pub fn brief(role: &'a OrganizationRole, org: &'a OrgId, composite: bool) -> Self {
        Self {
            id: &role.id,
            name: &role.name,
            description: role.description.as_deref(),
            composite,
            client_role: false,
            container_id: org,
            attributes: None,
        }
    }

    /// The same with its attributes, of which it has none.
    #[must_use]
    pub fn full(self) -> Self {
        Self { attributes: Some(Attributes::new()), ..self }
    }
}

/// What a member holds.
#[derive(Serialize)]
pub struct EffectiveJson<'a> {
    /// Whether any of it counts: of a suspended member, nothing does.
    pub active: bool,
    /// Roles of the organization, by name.
    pub roles: Vec<HeldJson<'a>>,
    /// Roles of the realm and of its clients, that come with groups.
    pub mapped: Vec<HeldJson<'a>>,
}

/// A role, and what gives it.
#[derive(Serialize)]
pub struct HeldJson<'a> {
    role: NamedJson<'a>,
    sources: Vec<SourceJson<'a>>,
}

impl<'a> HeldJson<'a> {
    /// Of the organization.
    #[must_use]
    pub fn own(role: &'a OrganizationRole, sources: &'a [Source]) -> Self {
        Self { role: NamedJson::own(role), sources: sources.iter().map(SourceJson::of).collect() }
    }

    /// Of the realm or a client of it.
    #[must_use]
    pub fn mapped(id: &'a RoleId, name: &'a RoleName, sources: &'a [Source]) -> Self {
        let client = name.client_id.as_deref();
        let role = NamedJson { id, name: &name.name, client };
        Self { role, sources: sources.iter().map(SourceJson::of).collect() }
    }
}

/// Which role.
#[derive(Serialize)]
struct NamedJson<'a> {
    id: &'a RoleId,
    name: &'a str,
    /// The `client_id` of the client it belongs to.
    #[serde(skip_serializing_if = "Option::is_none")]
    client: Option<&'a str>,
}

impl<'a> NamedJson<'a> {
    fn own(role: &'a OrganizationRole) -> Self {
        Self { id: &role.id, name: &role.name, client: None }
    }
}

/// What gives a role.
#[derive(Serialize)]
#[serde(tag = "type", rename_all = "lowercase")]
enum SourceJson<'a> {
    Grant,
    Group {
        #[serde(flatten)]
        group: PlaceJson<'a>,
        #[serde(rename = "inheritedFrom", skip_serializing_if = "Option::is_none")]
        inherited_from: Option<PlaceJson<'a>>,
    },
    Composite {
        role: NamedJson<'a>,
    },
    Default,
}

impl<'a> SourceJson<'a> {
    fn of(source: &'a Source) -> Self {
        match source {
            Source::Grant => Self::Grant,
            Source::Group { group, inherited_from } => Self::Group {
                group: PlaceJson::of(group),
                inherited_from: inherited_from.as_ref().map(PlaceJson::of),
            },
            Source::Composite(role) => Self::Composite { role: NamedJson::own(role) },
            Source::Default => Self::Default,
        }
    }
}

#[derive(Serialize)]
struct PlaceJson<'a> {
    id: &'a str,
    path: &'a str,
}

impl<'a> PlaceJson<'a> {
    fn of(place: &'a Place) -> Self {
        Self { id: place.id.as_str(), path: &place.path }
    }
}
