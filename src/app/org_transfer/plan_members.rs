//! Who the members of an imported organization are.
use super::draft::{Form, GroupDraft, MemberDraft, OrgDraft, Person};
use super::plan::Planner;
use crate::kernel::id::UserId;
use crate::org::content::{GroupContent, MappedRole, MemberContent};
use crate::org::group_mapping::MAX_GROUP_MAPPINGS;
use crate::org::member::Source;
use crate::org::role::BuiltIn;
use crate::realm::group::{
    BadGroup, MAX_GROUP_DEPTH, MAX_GROUP_NAME_BYTES, checked_attributes, checked_description,
    checked_name,
};
use crate::realm::user::User;
use crate::scim::content::{ScimUserContent, check};
use crate::scim::group_content;
use std::collections::{HashMap, HashSet};

/// The people of one organization: those of the document, as the realm knows them.
#[derive(Debug, Default)]
pub struct Roster<'a> {
    /// The members, each once.
    pub members: Vec<MemberContent>,
    /// The same, as users.
    pub users: Vec<&'a User>,
    /// Where each member stands in the list.
    places: HashMap<UserId, usize>,
    /// Whom the document means by an id.
    known: HashMap<UserId, UserId>,
}

impl Roster<'_> {
    /// Whom the document means by `id`: somebody whom it names may have another
    /// one here.
    #[must_use]
    pub fn meant(&self, id: UserId) -> UserId {
        self.known.get(&id).cloned().unwrap_or(id)
    }

    /// Whether the user is a member.
    #[must_use]
    pub fn has(&self, user: &UserId) -> bool {
        self.places.contains_key(user)
    }

    fn learn(&mut self, person: &Person, user: &User) {
        if let Some(id) = &person.id {
            self.known.insert(id.clone(), user.id.clone());
        }
    }
}

impl<'a> Planner<'a> {
    /// The members of `org`.
    pub fn roster(&mut self, org: &'a OrgDraft) -> Roster<'a> {
        let mut roster = Roster::default();
        let roles = names_of_roles(org);
        for member in &org.members {
            self.seat(org, member, &roles, &mut roster);
        }
        roster
    }

    /// Every role that `holder` is to have must be one of the organization's.
    fn check_held(
        &mut self,
        org: &str,
        holder: impl std::fmt::Display,
        (held, roles): (&[String], &HashSet<&str>),
    ) {
        for unknown in held.iter().filter(|role| !roles.contains(role.as_str())) {
            let why = format_args!("{holder} has the role {unknown}, which it does not have");
            self.problems.bad(org, why);
        }
    }

    fn seat(
        &mut self,
        org: &OrgDraft,
        member: &MemberDraft,
        roles: &HashSet<&str>,
        roster: &mut Roster<'a>,
    ) {
        let name = &org.registration.name;
        let Some(user) = self.find(name, &member.person) else { return };
        self.check_held(name, &member.person, (&member.roles, roles));
        roster.learn(&member.person, user);
        let place = roster.places.get(&user.id).copied();
        if let Some(seated) = place.and_then(|place| roster.members.get_mut(place)) {
            if self.draft.form == Form::Guildhall {
                let why = format_args!("{} is a member twice", member.person);
                self.problems.bad(name, why);
            }
            // To Phase Two, granted twice is granted once.
            seated.roles.extend(member.roles.iter().cloned());
            return;
        }
        roster.places.insert(user.id.clone(), roster.members.len());
        roster.users.push(user);
        roster.members.push(MemberContent {
            user: user.id.clone(),
            source: source_of(member, user),
            active: member.active,
            managed: member.managed && !user.is_service_account(),
            joined_at: member.joined_at.unwrap_or(self.context().now),
            attributes: member.attributes.clone(),
            roles: member.roles.clone(),
        });
    }

    /// The user whom `person` names; whoever is not there is a problem, or passed
    /// over.
    fn find(&mut self, org: &str, person: &Person) -> Option<&'a User> {
        let found = self.knowledge.find(person);
        if found.is_none() && self.options.skip_missing_member {
            self.skip(org, format_args!("user {person} does not exist"));
        } else if found.is_none() {
            self.problems.bad(org, format_args!("user {person} does not exist"));
        }
        found
    }

    /// The groups of `org`, each after the one it is in.
    pub fn groups(&mut self, org: &OrgDraft, roster: &Roster<'_>) -> Vec<GroupContent> {
        let name = &org.registration.name;
        let mut seen = HashSet::new();
        let mut siblings = HashSet::new();
        for group in org.groups.iter().map(|group| &group.content) {
            if !seen.insert(&group.id) {
                self.problems.bad(name, format_args!("group {} is there twice", group.id));
            }
            if !siblings.insert((&group.parent, group.name.as_str())) {
                self.problems.bad(name, format_args!("a group {} is there twice", group.name));
            }
            if !(1..=MAX_GROUP_NAME_BYTES).contains(&group.name.len()) {
                let why = format_args!("a group's name has 1 to {MAX_GROUP_NAME_BYTES} bytes");
                self.problems.bad(name, why);
            } else if let Err(bad) = check_group(group) {
                self.problems.bad(name, format_args!("group {}: {bad}", group.name));
            }
        }
        let roles = names_of_roles(org);
        for group in &org.groups {
            if let Some(Err(bad)) = group.scim.as_ref().map(group_content::check) {
                self.problems.bad(name, format_args!("group {}: {bad}", group.content.name));
            }
            let holder = format_args!("group {}", group.content.name);
            self.check_held(name, holder, (&group.content.roles, &roles));
        }
        let mut ordered: Vec<GroupContent> = Vec::new();
        let mut placed: HashSet<_> = HashSet::new();
        let mut depth = 0;
        let mut rest: Vec<&GroupDraft> = org.groups.iter().collect();
        loop {
            let is_next = |group: &&GroupDraft| {
                group.content.parent.as_ref().is_none_or(|parent| placed.contains(parent))
            };
            let (next, later): (Vec<_>, Vec<_>) = rest.into_iter().partition(is_next);
            rest = later;
            if next.is_empty() {
                break;
            }
            depth += 1;
            if depth == MAX_GROUP_DEPTH + 1 {
                let why =
                    format_args!("groups are at most {MAX_GROUP_DEPTH} deep (MAX_GROUP_DEPTH)");
                self.problems.bad(name, why);
            }
            placed.extend(next.iter().map(|group| group.content.id.clone()));
            ordered.extend(next.into_iter().map(|group| GroupContent {
                members: self.seats_in(&group.content, name, roster),
                mapped: self.mapped_to(group, name),
                ..group.content.clone()
            }));
        }
        for group in rest {
            let why =
                format_args!("group {} is in none that is there, or in itself", group.content.name);
            self.problems.bad(name, why);
        }
        ordered
    }

    /// The roles that are to be mapped to a group, as the realm has them.
    fn mapped_to(&mut self, group: &GroupDraft, org: &str) -> Vec<MappedRole> {
        let name = &group.content.name;
        if group.mapped.len() > MAX_GROUP_MAPPINGS {
            let why = format_args!(
                "group {name} has more than {MAX_GROUP_MAPPINGS} roles (MAX_GROUP_MAPPINGS)"
            );
            self.problems.bad(org, why);
        }
        let mut mapped = Vec::new();
        for role in &group.mapped {
            if let Some(found) = self.knowledge.roles.get(role) {
                mapped.push(found.clone());
            } else {
                let why =
                    format_args!("group {name} has the role {role}, which is not in the realm");
                self.problems.bad(org, why);
            }
        }
        mapped
    }

    fn seats_in(&mut self, group: &GroupContent, org: &str, roster: &Roster<'_>) -> Vec<UserId> {
        let mut seats = Vec::new();
        for id in &group.members {
            let user = roster.meant(id.clone());
            if roster.has(&user) {
                seats.push(user);
            } else if !self.options.skip_missing_member {
                let why = format_args!("{id} is in group {} and no member", group.name);
                self.problems.bad(org, why);
            }
        }
        seats
    }

    /// What the directory of `org` pushed.
    pub fn scim_users(&mut self, org: &OrgDraft, roster: &mut Roster<'_>) -> Vec<ScimUserContent> {
        let name = &org.registration.name;
        let mut users = Vec::new();
        let (mut ids, mut people, mut names) = (HashSet::new(), HashSet::new(), HashSet::new());
        for draft in &org.scim_users {
            let Some(user) = self.find(name, &draft.person) else { continue };
            roster.learn(&draft.person, user);
            let content = ScimUserContent { user: user.id.clone(), ..draft.content.clone() };
            match check(&content) {
                Ok(checked) => {
                    let fresh = [
                        ids.insert(content.id.clone()),
                        people.insert(content.user.clone()),
                        names.insert(checked.folded_name()),
                    ];
                    if fresh.contains(&false) {
                        let why = format_args!("SCIM resource {} is there twice", content.id);
                        self.problems.bad(name, why);
                    }
                    users.push(content);
                }
                Err(why) => {
                    self.problems.bad(name, format_args!("SCIM resource {}: {why}", content.id));
                }
            }
        }
        users
    }
}

/// Whether a group can be called and described like this one.
fn check_group(group: &GroupContent) -> Result<(), BadGroup> {
    checked_name(Some(group.name.clone()))?;
    checked_description(Some(group.description.clone()))?;
    checked_attributes(group.attributes.clone()).map(|_| ())
}

/// The roles of an organization: its own, and those that every one has.
fn names_of_roles(org: &OrgDraft) -> HashSet<&str> {
    org.roles
        .iter()
        .map(|role| role.name.as_str())
        .chain(BuiltIn::ALL.iter().map(|(_, name, _)| *name))
        .collect()
}

/// A service account is a member as one, whoever made it so.
fn source_of(member: &MemberDraft, user: &User) -> Source {
    match member.source {
        _ if user.is_service_account() => Source::Machine,
        None | Some(Source::Machine) => Source::Admin,
        Some(source) => source,
    }
}
