//! Groups of a document, and who joins which. Where a group stands, its place in the
//! document says: the list has those at the top.
//!
//! Unlike in Keycloak, a group that is overwritten keeps its key and its members, as
//! roles do; so do those below it that the document names. The others go.
use super::outcome::{Action, ResourceType};
use super::plan::{Plan, about, twice};
use super::policy::Verdict;
use super::survey::grants_of_group;
use crate::event::audit::Operation;
use crate::kernel::id::GroupId;
use crate::realm::error::AdminError;
use crate::realm::group::{
    Group, GroupRoles, MAX_GROUP_DEPTH, checked_attributes, checked_description, checked_name,
    names_of_path, no_group_at,
};
use crate::realm::group_change::{change_of, too_deep};
use crate::realm::store::{group as store, group_role};
use crate::realm::stored_role::RoleName;
use crate::realm::wire_keycloak_group::GroupTreeJson;
use std::collections::BTreeSet;

const LIST: &str = "groups";

/// Where a group stands.
#[derive(Clone, Default)]
struct Place {
    parent: Option<GroupId>,
    line: Vec<String>,
}

impl Plan<'_> {
    /// Plans the groups, each with what is below it.
    pub(super) fn add_groups(&mut self, groups: Vec<GroupTreeJson>) -> Result<(), AdminError> {
        for asked in groups {
            let shown = asked.name.clone().unwrap_or_default();
            self.add_group(asked).map_err(|error| about(LIST, &shown, error))?;
        }
        Ok(())
    }

    /// Lets people join, once all that the document brings is there.
    pub(super) fn add_default_groups(&mut self, paths: &[String]) -> Result<(), AdminError> {
        for path in paths {
            let group = self.group_at(path).map_err(|error| about("defaultGroups", path, error))?;
            self.bonds.push(store::default_insertion(self.inquiry.realm_id(), &group));
        }
        Ok(())
    }

    /// The group at `path`: of the document, where that has a say, or of the realm.
    pub(super) fn group_at(&mut self, path: &str) -> Result<GroupId, AdminError> {
        let line = names_of_path(path);
        let unknown = || AdminError::Invalid(no_group_at(path));
        let action = line.first().and_then(|top| self.top_groups.get(top));
        if action.is_some_and(|action| *action != Action::Skipped) {
            return self.groups.get(&line).cloned().ok_or_else(unknown);
        }
        let group = self.survey.named_groups.get(&line).cloned().ok_or_else(unknown)?;
        self.joined.insert(group.clone());
        Ok(group)
    }

    fn add_group(&mut self, asked: GroupTreeJson) -> Result<(), AdminError> {
        let name = checked_name(asked.name.clone())?;
        check_path(&name, asked.path.as_deref())?;
        if self.top_groups.contains_key(&name) {
            return Err(twice(LIST, &name));
        }
        let there = self.survey.groups.get(&[name.clone()][..]).cloned();
        let told = || format!("Group '/{name}' already exists");
        let verdict = self.policy.decide(there, told)?;
        let (action, _) = verdict.told();
        self.top_groups.insert(name.clone(), action);
        let id = match verdict {
            Verdict::Skip(there) => there.id,
            Verdict::Overwrite(there) => {
                self.changed_trees.insert(there.id);
                self.write_group(&Place::default(), asked)?
            }
            Verdict::Add => self.write_group(&Place::default(), asked)?,
        };
        self.note((action, ResourceType::Group), (&name, id.as_str()), None);
        Ok(())
    }

    /// Plans one group where it stands, and all below it.
    fn write_group(
        &mut self,
        above: &Place,
        mut asked: GroupTreeJson,
    ) -> Result<GroupId, AdminError> {
        let below = asked.sub_groups.take().unwrap_or_default();
        let roles: BTreeSet<RoleName> = grants_of_group(&asked).collect();
        let group = self.group(above, asked)?;
        let place = Place { parent: Some(group.id.clone()), line: group.line.clone() };
        if self.groups.insert(group.line.clone(), group.id.clone()).is_some() {
            return Err(twice(LIST, &group.path()));
        }
        let realm = self.inquiry.realm_id();
        let is_there = self.survey.groups.contains_key(&group.line);
        let operation = if is_there { Operation::Update } else { Operation::Create };
        if is_there {
            self.makings.push(store::update(realm, &group)?);
            self.makings.push(group_role::clearing(&group.id));
        } else {
            self.makings.push(store::insertion(realm, &group)?);
        }
        self.name_roles(&roles)?;
        if !roles.is_empty() {
            self.bonds.push(group_role::named_grant(realm, &group.id, roles.iter())?);
        }
        self.note_change(change_of(operation, path_of(&group), Some((&group, told(&roles)))));
        for one in below {
            self.write_group(&place, one)?;
        }
        self.remove_unnamed(&group);
        Ok(group.id)
    }

    /// The group that is asked for, under the key that it has or will have.
    fn group(&self, above: &Place, asked: GroupTreeJson) -> Result<Group, AdminError> {
        let name = checked_name(asked.name)?;
        let line = [&above.line[..], std::slice::from_ref(&name)].concat();
        if line.len() > MAX_GROUP_DEPTH {
            return Err(AdminError::Invalid(too_deep()));
        }
        let id = match self.survey.groups.get(&line) {
            Some(there) => there.id.clone(),
            None => self.group_id(asked.id)?,
        };
        Ok(Group {
            id,
            parent: above.parent.clone(),
            name,
            description: checked_description(asked.description)?,
            attributes: checked_attributes(asked.attributes.unwrap_or_default())?,
            line,
            children: 0,
        })
    }

    /// A new id; where a whole realm is made, the one that the document names.
    fn group_id(&self, asked: Option<String>) -> Result<GroupId, AdminError> {
        match asked.filter(|id| self.survey.is_new && !id.is_empty()) {
            Some(id) => id.parse().map_err(|_| AdminError::Invalid("id is not usable".to_owned())),
            None => Ok(GroupId::from(self.inquiry.context.ports.random.uuid())),
        }
    }

    /// Plans that what is directly below `group` and not in the document goes, with all
    /// that is below it.
    fn remove_unnamed(&mut self, group: &Group) {
        let is_child = |one: &&Group| one.parent.as_ref() == Some(&group.id);
        let unnamed: Vec<Group> = self
            .survey
            .groups
            .values()
            .filter(is_child)
            .filter(|one| !self.groups.contains_key(&one.line))
            .cloned()
            .collect();
        for gone in unnamed {
            self.deletions.push(store::deletion(self.inquiry.realm_id(), &gone.id));
            self.note_change(change_of(
                Operation::Delete,
                path_of(&gone),
                Some((&gone, GroupRoles::default())),
            ));
        }
    }
}

/// Passes a path that leads to where the list puts the group.
fn check_path(name: &str, path: Option<&str>) -> Result<(), AdminError> {
    let leads_there =
        |path: &str| path.strip_prefix('/') == Some(name) || names_of_path(path) == [name];
    if path.is_none_or(leads_there) {
        return Ok(());
    }
    let why = "its path is another: the list has groups at the top, the others stand in subGroups";
    Err(AdminError::Invalid(why.to_owned()))
}

fn told(roles: &BTreeSet<RoleName>) -> GroupRoles {
    let mut told = GroupRoles::default();
    for role in roles {
        told.add(role.client_id.as_deref(), &role.name);
    }
    told
}

/// Where a group stands on the realm's paths.
fn path_of(group: &Group) -> String {
    format!("groups/{}", group.id)
}
