//! Groups in the words of the administration API, with what each answer needs.
use super::group::Group;
use super::inquiry::Inquiry;
use super::role::AdminRole;
use super::store::group_role;
use super::wire_keycloak_group::GroupJson;
use crate::platform::row::StoreError;
use crate::web::form::Form;
use std::collections::HashMap;

/// Who may read groups.
pub const GROUP_READERS: &[AdminRole] = &[AdminRole::ViewUsers, AdminRole::ManageUsers];

/// What of each group is told.
#[derive(Clone, Copy, Debug)]
pub struct Telling {
    /// Attributes and roles.
    pub full: bool,
    /// How many groups are directly below.
    pub count: bool,
    /// What the caller may do with it.
    pub access: bool,
}

impl Telling {
    /// Which group it is, and where.
    pub const BRIEF: Self = Self { full: false, count: false, access: false };

    /// The group, and nothing about its surroundings.
    pub const FULL: Self = Self { full: true, count: false, access: false };

    /// Brief, unless the query says `briefRepresentation=false`.
    #[must_use]
    pub fn brief_by_default(query: &Form) -> Self {
        Self { full: !flag(query, "briefRepresentation", true), ..Self::BRIEF }
    }
}

/// The truth that `query` tells of `name`; `default` when it tells none.
#[must_use]
pub fn flag(query: &Form, name: &str, default: bool) -> bool {
    query.truth(name).unwrap_or(default)
}

/// `groups` as they are answered.
///
/// # Errors
/// `Refused` when the directory fails.
pub async fn show<'a>(
    inquiry: &Inquiry<'_>,
    groups: &'a [Group],
    telling: Telling,
) -> Result<Vec<GroupJson<'a>>, StoreError> {
    let mut roles = HashMap::new();
    if telling.full && !groups.is_empty() {
        let ids: Vec<_> = groups.iter().map(|group| &group.id).collect();
        roles = group_role::list_names(inquiry.directory(), &ids).await?;
    }
    let may_manage = inquiry.actor.holds_any(&[AdminRole::ManageUsers]);
    let one = |group: &'a Group| {
        let mut json = if telling.full {
            GroupJson::full(group, roles.remove(&group.id).unwrap_or_default())
        } else {
            GroupJson::brief(group)
        };
        if telling.count {
            json = json.with_count(group);
        }
        if telling.access { json.with_access(may_manage) } else { json }
    };
    Ok(groups.iter().map(one).collect())
}
