//! All that an import will do, judged: nothing of it is written yet.
//!
//! A kind of thing is planned by the file named after it. Roles are put together
//! and granted by name, when all of them are there: a document may name what it
//! brings itself.
use super::document::Document;
use super::outcome::{Action, Outcome, ResourceType};
use super::policy::{IfExists, Verdict};
use super::survey::{Survey, brought_roles};
use crate::account::register_many::NewPerson;
use crate::event::audit::{Change, Operation};
use crate::federation::provider::Provider;
use crate::kernel::id::{ClientUuid, GroupId, RoleId, UserId};
use crate::platform::row::StoreError;
use crate::platform::sql::Statement;
use crate::realm::error::AdminError;
use crate::realm::hand_out::{require_reach, require_reach_of_groups, require_reach_of_trees};
use crate::realm::inquiry::Inquiry;
use crate::realm::privilege::require_over_all;
use crate::realm::role::AdminRole;
use crate::realm::stored_role::RoleName;
use crate::realm::user::User;
use std::collections::{BTreeMap, BTreeSet};

/// A client that a document brings.
pub(super) struct BroughtClient {
    pub(super) uuid: ClientUuid,
    /// Its own account, when that is new.
    pub(super) account: Option<User>,
    pub(super) action: Action,
}

/// An identity provider that a document brings.
pub(super) struct BroughtProvider {
    pub(super) provider: Provider,
    pub(super) action: Action,
}

/// The plan.
pub struct Plan<'a> {
    pub(super) inquiry: &'a Inquiry<'a>,
    pub(super) policy: IfExists,
    pub(super) survey: Survey,
    /// What the document brings, by name.
    pub(super) clients: BTreeMap<String, BroughtClient>,
    pub(super) roles: BTreeSet<RoleName>,
    pub(super) providers: BTreeMap<String, BroughtProvider>,
    /// What comes of the groups that it brings at the top, by name.
    pub(super) top_groups: BTreeMap<String, Action>,
    /// All groups that it makes or changes, by the names from the top.
    pub(super) groups: BTreeMap<Vec<String>, GroupId>,
    /// Groups that stay, and which people come to be in.
    pub(super) joined: BTreeSet<GroupId>,
    /// Groups that are changed with all below them.
    pub(super) changed_trees: BTreeSet<GroupId>,
    /// Users who make room, and what forgets them: first of all.
    pub(super) gone: Vec<UserId>,
    pub(super) deletions: Vec<Statement>,
    /// Users who are changed.
    pub(super) changed: Vec<UserId>,
    /// What makes things, in order.
    pub(super) makings: Vec<Statement>,
    /// What puts them together, when all are made.
    pub(super) bonds: Vec<Statement>,
    /// New people, whose accounts come before all of that.
    pub(super) people: Vec<NewPerson>,
    /// Roles of which the caller must hold what administers.
    pub(super) handed_out: BTreeSet<RoleId>,
    changes: Vec<Change>,
    outcomes: Vec<Outcome>,
}

/// A plan that may be carried out.
pub struct Judged {
    /// New people.
    pub people: Vec<NewPerson>,
    /// Everything else, to go into one batch.
    pub statements: Vec<Statement>,
    /// Users who are gone by then.
    pub gone: Vec<UserId>,
    /// What to tell the caller.
    pub outcomes: Vec<Outcome>,
}

/// Passes a caller who may change each kind of thing that `document` brings.
///
/// # Errors
/// `Forbidden`.
pub fn require_roles(inquiry: &Inquiry<'_>, document: &Document) -> Result<(), AdminError> {
    let needs = [
        (!document.clients.is_empty(), AdminRole::ManageClients),
        (!document.realm_roles.is_empty(), AdminRole::ManageRealm),
        (!document.client_roles.is_empty(), AdminRole::ManageClients),
        (!document.providers.is_empty(), AdminRole::ManageIdentityProviders),
        (!document.mappers.is_empty(), AdminRole::ManageIdentityProviders),
        (!document.groups.is_empty(), AdminRole::ManageUsers),
        (!document.users.is_empty(), AdminRole::ManageUsers),
    ];
    let mut needed = needs.into_iter().filter(|(is_needed, _)| *is_needed);
    needed.try_for_each(|(_, role)| inquiry.require(&[role]))
}

/// Judges all of `document`.
///
/// # Errors
/// `Invalid` and `Rejected` name what cannot be, `Conflict` what is there already,
/// `Forbidden` when something is beyond the caller's power.
pub async fn plan(
    inquiry: &Inquiry<'_>,
    policy: IfExists,
    survey: Survey,
    document: Document,
) -> Result<Judged, AdminError> {
    let mut plan = Plan {
        inquiry,
        policy,
        survey,
        clients: BTreeMap::new(),
        roles: BTreeSet::new(),
        providers: BTreeMap::new(),
        top_groups: BTreeMap::new(),
        groups: BTreeMap::new(),
        joined: BTreeSet::new(),
        changed_trees: BTreeSet::new(),
        gone: Vec::new(),
        deletions: Vec::new(),
        changed: Vec::new(),
        makings: Vec::new(),
        bonds: Vec::new(),
        people: Vec::new(),
        handed_out: BTreeSet::new(),
        changes: Vec::new(),
        outcomes: Vec::new(),
    };
    for (role, _) in brought_roles(&document) {
        let told = role.to_string();
        if !plan.roles.insert(role) {
            return Err(twice("roles", &told));
        }
    }
    plan.add_clients(document.clients).await?;
    plan.add_roles(document.realm_roles, document.client_roles)?;
    plan.add_providers(document.providers)?;
    plan.add_mappers(document.mappers)?;
    plan.add_groups(document.groups)?;
    plan.add_users(document.users)?;
    plan.add_default_groups(&document.default_groups)?;
    plan.judge().await
}

impl Plan<'_> {
    /// Asks the caller's power over what the plan touches, and closes it.
    async fn judge(self) -> Result<Judged, AdminError> {
        let touched: Vec<&UserId> = self.gone.iter().chain(&self.changed).collect();
        if !touched.is_empty() {
            require_over_all(self.inquiry, &touched).await?;
        }
        if !self.handed_out.is_empty() {
            let roles: Vec<RoleId> = self.handed_out.into_iter().collect();
            require_reach(self.inquiry, &roles).await?;
        }
        require_reach_of_groups(self.inquiry, &self.joined.iter().collect::<Vec<_>>()).await?;
        let trees: Vec<&GroupId> = self.changed_trees.iter().collect();
        require_reach_of_trees(self.inquiry, &trees).await?;
        let mut statements = self.deletions;
        statements.extend(self.makings);
        statements.extend(self.bonds);
        let recordings = self.changes.into_iter().map(|change| self.inquiry.recording(change));
        statements.extend(recordings.collect::<Result<Vec<_>, StoreError>>()?);
        Ok(Judged { people: self.people, statements, gone: self.gone, outcomes: self.outcomes })
    }

    /// Notes what comes of one thing, and what the audit trail will say of it.
    pub(super) fn note(
        &mut self,
        (action, resource_type): (Action, ResourceType),
        (resource_name, id): (&str, &str),
        change: Option<Change>,
    ) {
        let (resource_name, id) = (resource_name.to_owned(), id.to_owned());
        self.outcomes.push(Outcome { action, resource_type, resource_name, id });
        self.changes.extend(change);
    }

    /// What the audit trail will say besides.
    pub(super) fn note_change(&mut self, change: Change) {
        self.changes.push(change);
    }

    /// Passes roles that are there or brought along; the caller must be able to
    /// hand them out, which is asked when the plan is closed.
    pub(super) fn name_roles(&mut self, names: &BTreeSet<RoleName>) -> Result<(), AdminError> {
        for name in names {
            if !self.survey.has_role(name) && !self.roles.contains(name) {
                return Err(AdminError::Invalid(format!("there is no role {name}")));
            }
            self.handed_out.extend(self.survey.roles.get(name).map(|role| role.id.clone()));
        }
        Ok(())
    }
}

impl<T> Verdict<T> {
    /// The verdict as an action, and as an operation of the audit trail.
    pub(super) const fn told(&self) -> (Action, Operation) {
        match self {
            Self::Add => (Action::Added, Operation::Create),
            Self::Skip(_) => (Action::Skipped, Operation::Action),
            Self::Overwrite(_) => (Action::Overwritten, Operation::Update),
        }
    }
}

/// A refusal that says what it is about: an item of a list.
pub(super) fn about(list: &str, name: &str, error: AdminError) -> AdminError {
    match error {
        AdminError::Invalid(why) | AdminError::Told(why) => {
            AdminError::Invalid(format!("{list}: {name}: {why}"))
        }
        error @ AdminError::Field { .. } => AdminError::Invalid(format!("{list}: {name}: {error}")),
        AdminError::Rejected { error, description } => {
            AdminError::Rejected { error, description: format!("{list}: {name}: {description}") }
        }
        error => error,
    }
}

/// A document that contradicts itself.
pub(super) fn twice(list: &str, name: &str) -> AdminError {
    AdminError::Invalid(format!("{list}: {name} stands there twice"))
}
