//! Groups in our form of documents.
use super::draft::GroupDraft;
use super::people::PeopleOf;
use super::wire_guildhall::Moment;
use crate::kernel::id::{GroupId, RoleId, ScimId, UserId};
use crate::org::content::GroupContent;
use crate::realm::group::GroupRoles;
use crate::realm::registry::Attributes;
use crate::realm::stored_role::RoleName;
use crate::scim::group_content::ScimGroupContent;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, HashMap};

/// A group. Roles of the realm and of its clients go by their names, as in a realm's
/// own documents.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct GroupJson {
    id: GroupId,
    #[serde(skip_serializing_if = "Option::is_none")]
    parent_id: Option<GroupId>,
    name: String,
    #[serde(default, skip_serializing_if = "String::is_empty")]
    description: String,
    #[serde(default, skip_serializing_if = "Attributes::is_empty")]
    attributes: Attributes,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    roles: Vec<String>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    realm_roles: Vec<String>,
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    client_roles: BTreeMap<String, Vec<String>>,
    #[serde(default)]
    members: Vec<UserId>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    scim: Option<ScimGroupJson>,
}

/// What the organization's directory said of a group.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct ScimGroupJson {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    external_id: Option<String>,
    version: u32,
    created_at: Moment,
    updated_at: Moment,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pending: Vec<ScimId>,
}

impl ScimGroupJson {
    fn new(content: ScimGroupContent) -> Self {
        Self {
            external_id: content.external_id,
            version: u32::try_from(content.version).unwrap_or(u32::MAX),
            created_at: Moment(content.created_at),
            updated_at: Moment(content.updated_at),
            pending: content.pending,
        }
    }

    fn draft(self, group: GroupId) -> ScimGroupContent {
        ScimGroupContent {
            group,
            external_id: self.external_id,
            version: i64::from(self.version),
            created_at: self.created_at.0,
            updated_at: self.updated_at.0,
            pending: self.pending,
        }
    }
}

impl GroupJson {
    /// A group. Whoever is not among `people` is left out, as is a role that is not
    /// among `roles`.
    #[must_use]
    pub fn new(
        group: GroupContent,
        scim: Option<ScimGroupContent>,
        people: &PeopleOf<'_>,
        roles: &HashMap<RoleId, RoleName>,
    ) -> Self {
        let mut mapped = GroupRoles::default();
        let mut names: Vec<_> =
            group.mapped.iter().filter_map(|role| roles.get(&role.id)).collect();
        names.sort_unstable();
        for role in names {
            mapped.add(role.client_id.as_deref(), &role.name);
        }
        Self {
            id: group.id,
            parent_id: group.parent,
            name: group.name,
            description: group.description,
            attributes: group.attributes,
            roles: group.roles,
            realm_roles: mapped.of_realm,
            client_roles: mapped.of_clients,
            members: group
                .members
                .into_iter()
                .filter(|user| people.username(user).is_some())
                .collect(),
            scim: scim.map(ScimGroupJson::new),
        }
    }

    /// The roles of the realm and of its clients that are to be mapped to it.
    fn mapped(&self) -> impl Iterator<Item = RoleName> {
        let of_realm =
            self.realm_roles.iter().map(|name| RoleName { client_id: None, name: name.clone() });
        let of_clients = self.client_roles.iter().flat_map(|(client_id, names)| {
            names
                .iter()
                .map(|name| RoleName { client_id: Some(client_id.clone()), name: name.clone() })
        });
        of_realm.chain(of_clients)
    }

    /// What is wanted.
    #[must_use]
    pub fn draft(self) -> GroupDraft {
        GroupDraft {
            mapped: self.mapped().collect(),
            scim: self.scim.map(|scim| scim.draft(self.id.clone())),
            content: GroupContent {
                id: self.id,
                parent: self.parent_id,
                name: self.name,
                description: self.description,
                attributes: self.attributes,
                roles: self.roles,
                mapped: Vec::new(),
                members: self.members,
            },
        }
    }
}
