//! What a member holds in the organization, and which grant, group or role gives it.
use super::composite;
use super::error::OrgError;
use super::group;
use super::role::OrganizationRole;
use super::role_holder::{self, Holder};
use super::store;
use super::store::role_holder::Through;
use crate::kernel::id::{GroupId, RoleId, UserId};
use crate::platform::row::StoreError;
use crate::platform::sql::Sql;
use crate::realm::group::path_of_line;
use crate::realm::page::{MAX_PAGE_ROWS, Page};
use std::collections::{BTreeMap, HashMap};

/// What gives a role.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Source {
    /// It was granted to the member.
    Grant,
    /// A group that they are in.
    Group {
        /// Which.
        group: Place,
        /// The group above that has the role, when it is not that one's own.
        inherited_from: Option<Place>,
    },
    /// Another role that they hold includes it.
    Composite(OrganizationRole),
    /// Every member holds it.
    Default,
}

/// A group, and where it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    /// Its key.
    pub id: GroupId,
    /// Its path.
    pub path: String,
}

/// What a member holds.
#[derive(Clone, Debug)]
pub struct Effective {
    /// Roles of the organization, by name, each with all that gives it.
    pub roles: Vec<(OrganizationRole, Vec<Source>)>,
    /// Roles of the realm and of its clients, by key, before what they include.
    pub mapped: BTreeMap<RoleId, Vec<Source>>,
}

/// One more than is told at once.
const LIMIT: i64 = MAX_PAGE_ROWS + 1;

/// What `user`, a member, holds, and why.
///
/// # Errors
/// `TooMany` for more sources than one answer holds; `Store` when SQLite fails.
pub fn of(sql: &dyn Sql, user: &UserId) -> Result<Effective, OrgError> {
    let held = composite::list_held(sql, user)?;
    let through = Page::check(store::role_holder::list_roles_through(sql, user, LIMIT)?)?;
    let mapped = Page::check(store::role_holder::list_mapped_through(sql, user, LIMIT)?)?;
    let links = Page::check(store::role_composite::list_links_held(sql, user, LIMIT)?)?;
    let places = places(sql, through.iter().chain(&mapped))?;
    let mut sources: HashMap<RoleId, Vec<Source>> = HashMap::new();
    let mut add = |role: RoleId, source| sources.entry(role).or_default().push(source);
    for role in role_holder::list(sql, Holder::Member(user))? {
        add(role.id, Source::Grant);
    }
    for one in through {
        let source = places.source(&one);
        add(one.role, source);
    }
    let by_id: HashMap<&RoleId, &OrganizationRole> =
        held.iter().map(|role| (&role.id, role)).collect();
    for (parent, child) in links {
        if let Some(parent) = by_id.get(&parent) {
            add(child, Source::Composite((*parent).clone()));
        }
    }
    for role in store::role_composite::list_defaults(sql)? {
        add(role.id, Source::Default);
    }
    let roles = held.iter().map(|role| {
        let why = sources.remove(&role.id).unwrap_or_default();
        (role.clone(), why)
    });
    let roles = roles.collect();
    let mut of_realm: BTreeMap<RoleId, Vec<Source>> = BTreeMap::new();
    for one in mapped {
        let source = places.source(&one);
        of_realm.entry(one.role).or_default().push(source);
    }
    Ok(Effective { roles, mapped: of_realm })
}

/// Where some groups are.
struct Places(HashMap<GroupId, String>);

fn places<'a>(
    sql: &dyn Sql,
    through: impl Iterator<Item = &'a Through>,
) -> Result<Places, StoreError> {
    let mut groups: Vec<&GroupId> = through.flat_map(|one| [&one.group, &one.of]).collect();
    groups.sort_unstable();
    groups.dedup();
    let found = group::list_above(sql, &groups)?;
    let place = |group: crate::realm::group::Group| (group.id, path_of_line(&group.line));
    Ok(Places(found.into_iter().map(place).collect()))
}

impl Places {
    fn source(&self, through: &Through) -> Source {
        let inherited = (through.of != through.group).then(|| self.place(&through.of));
        Source::Group { group: self.place(&through.group), inherited_from: inherited }
    }

    fn place(&self, group: &GroupId) -> Place {
        Place { id: group.clone(), path: self.0.get(group).cloned().unwrap_or_default() }
    }
}
