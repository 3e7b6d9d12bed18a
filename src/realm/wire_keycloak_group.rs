//! Groups as Keycloak's administration API writes them (reference keycloak.md §2,
//! `GroupRepresentation`). What an answer leaves out differs from path to path.
use super::group::{Group, GroupRoles};
use super::registry::Attributes;
use crate::kernel::id::{GroupId, OrgId};
use serde::de::IgnoredAny;
use serde::{Deserialize, Serialize};
use std::cmp::Reverse;
use std::collections::{BTreeMap, HashMap};

/// A group, as answered.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub struct GroupJson<'a> {
    id: &'a str,
    name: &'a str,
    #[serde(skip_serializing_if = "str::is_empty")]
    description: &'a str,
    path: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    parent_id: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    sub_group_count: Option<i64>,
    /// Filled by [`nest`] only: who wants to walk the tree asks for children.
    sub_groups: Vec<Self>,
    #[serde(flatten)]
    full: Option<FullGroupJson<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    access: Option<BTreeMap<&'static str, bool>>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct FullGroupJson<'a> {
    attributes: &'a Attributes,
    realm_roles: Vec<String>,
    client_roles: BTreeMap<String, Vec<String>>,
}

impl<'a> GroupJson<'a> {
    /// Which group it is, and where.
    #[must_use]
    pub fn brief(group: &'a Group) -> Self {
        Self {
            id: group.id.as_str(),
            name: &group.name,
            description: &group.description,
            path: group.path(),
            parent_id: group.parent.as_ref().map(GroupId::as_str),
            sub_group_count: None,
            sub_groups: Vec::new(),
            full: None,
            access: None,
        }
    }

    /// The whole group, to which `roles` were granted.
    #[must_use]
    pub fn full(group: &'a Group, roles: GroupRoles) -> Self {
        let full = FullGroupJson {
            attributes: &group.attributes,
            realm_roles: roles.of_realm,
            client_roles: roles.of_clients,
        };
        Self { full: Some(full), ..Self::brief(group) }
    }

    /// As a group of the organization `org`. In Keycloak a hidden group, named like the
    /// organization, is above those at the top.
    #[must_use]
    pub fn within(mut self, org: &'a OrgId) -> Self {
        self.parent_id.get_or_insert(org.as_str());
        self
    }

    /// With how many groups are directly below.
    #[must_use]
    pub fn with_count(mut self, group: &Group) -> Self {
        self.sub_group_count = Some(group.children);
        self
    }

    /// With what the caller may do with the group.
    #[must_use]
    pub fn with_access(mut self, may_manage: bool) -> Self {
        let rights = [
            ("view", true),
            ("viewMembers", true),
            ("manageMembers", may_manage),
            ("manage", may_manage),
            ("manageMembership", may_manage),
        ];
        self.access = Some(rights.into());
        self
    }
}

/// `groups` with each below its parent, if that is among them; by name.
#[must_use]
pub fn nest(groups: Vec<GroupJson<'_>>) -> Vec<GroupJson<'_>> {
    let deep = |group: &GroupJson<'_>| group.path.matches('/').count();
    let mut order: Vec<_> =
        groups.iter().map(|group| (Reverse(deep(group)), group.name, group.id)).collect();
    order.sort_unstable();
    let mut left: HashMap<&str, GroupJson<'_>> =
        groups.into_iter().map(|group| (group.id, group)).collect();
    let mut roots = Vec::new();
    for (_, _, id) in order {
        let Some(group) = left.remove(id) else { continue };
        match group.parent_id.and_then(|parent| left.get_mut(parent)) {
            Some(parent) => parent.sub_groups.push(group),
            None => roots.push(group),
        }
    }
    roots.sort_unstable_by_key(|group| (group.name, group.id));
    roots
}

/// A group with all below it, as a document brings it. Where it is, its place in the
/// document says.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct GroupTreeJson {
    /// Its key, which counts where a whole realm is made.
    pub id: Option<String>,
    /// Its name.
    pub name: Option<String>,
    /// By this, Keycloak looks for a group at the top.
    pub path: Option<String>,
    /// For administrators.
    pub description: Option<String>,
    /// What the product's team notes about it.
    pub attributes: Option<Attributes>,
    /// Roles of the realm that are granted to it, by name.
    pub realm_roles: Option<Vec<String>>,
    /// Roles of clients, by `client_id`.
    pub client_roles: Option<BTreeMap<String, Vec<String>>>,
    /// The groups directly below.
    pub sub_groups: Option<Vec<Self>>,
    #[serde(default, rename = "parentId")]
    _parent_id: IgnoredAny,
    #[serde(default, rename = "subGroupCount")]
    _sub_group_count: IgnoredAny,
    #[serde(default, rename = "access")]
    _access: IgnoredAny,
}

impl GroupTreeJson {
    /// It, and all below.
    #[must_use]
    pub fn all(&self) -> Vec<&Self> {
        let mut all = vec![self];
        let mut next = 0;
        while let Some(group) = all.get(next).copied() {
            all.extend(group.sub_groups.iter().flatten());
            next += 1;
        }
        all
    }
}

/// A group, as sent to make, change or move one.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct GroupDraftJson {
    /// Which, if it exists.
    pub id: Option<GroupId>,
    /// Its name.
    pub name: Option<String>,
    /// For administrators.
    pub description: Option<String>,
    /// Replaces those there are.
    pub attributes: Option<Attributes>,
    #[serde(default, rename = "path")]
    _path: IgnoredAny,
    #[serde(default, rename = "parentId")]
    _parent_id: IgnoredAny,
    #[serde(default, rename = "subGroupCount")]
    _sub_group_count: IgnoredAny,
    #[serde(default, rename = "subGroups")]
    _sub_groups: IgnoredAny,
    #[serde(default, rename = "realmRoles")]
    _realm_roles: IgnoredAny,
    #[serde(default, rename = "clientRoles")]
    _client_roles: IgnoredAny,
    #[serde(default, rename = "access")]
    _access: IgnoredAny,
}
