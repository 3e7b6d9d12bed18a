//! Roles of a document: of the realm and of its clients.
use super::outcome::ResourceType;
use super::plan::{Plan, about};
use super::policy::Verdict;
use super::survey::children_of;
use crate::kernel::id::RoleId;
use crate::realm::error::AdminError;
use crate::realm::role_draft::{self, change_of, is_ours};
use crate::realm::store::role_list;
use crate::realm::stored_role::{Container, Role, RoleName};
use crate::realm::wire_keycloak_role::RoleChangeJson;
use std::collections::{BTreeMap, BTreeSet};

const LIST: &str = "roles";

impl Plan<'_> {
    /// Plans the roles. Those that administer realms stay as they are.
    pub(super) fn add_roles(
        &mut self,
        of_realm: Vec<RoleChangeJson>,
        of_clients: BTreeMap<String, Vec<RoleChangeJson>>,
    ) -> Result<(), AdminError> {
        for role in of_realm {
            self.add_role(&Container::Realm, None, role)?;
        }
        for (client_id, roles) in of_clients {
            let container = self.client_container(&client_id)?;
            for role in roles {
                self.add_role(&container, Some(&client_id), role)?;
            }
        }
        Ok(())
    }

    fn client_container(&self, client_id: &str) -> Result<Container, AdminError> {
        let brought = self.clients.get(client_id).map(|client| &client.uuid);
        let there = || self.survey.clients.get(client_id).map(|one| &one.client.uuid);
        match brought.or_else(there) {
            Some(uuid) => Ok(Container::Client(uuid.clone())),
            // Its roles are not looked at further.
            None if self.survey.is_furnished(client_id) => Ok(Container::Realm),
            None => Err(AdminError::Invalid(format!(
                "Can not import client roles for nonexistent client named {client_id}"
            ))),
        }
    }

    fn add_role(
        &mut self,
        container: &Container,
        client_id: Option<&String>,
        asked: RoleChangeJson,
    ) -> Result<(), AdminError> {
        let name = asked.name.clone().unwrap_or_default();
        let known = RoleName { client_id: client_id.cloned(), name: name.clone() };
        let is_ours = is_ours(&self.inquiry.context.realm, client_id.map(String::as_str), &name);
        if client_id.is_some_and(|client_id| self.survey.is_furnished(client_id)) {
            return self.pass_furnished(&known);
        }
        let there = self.survey.roles.get(&known).cloned();
        let told = || match client_id {
            Some(client_id) => {
                format!("Client role '{name}' for client '{client_id}' already exists.")
            }
            None => format!("Realm role '{name}' already exists."),
        };
        let verdict = self.policy.decide(there, told)?.sparing(is_ours);
        if is_ours && verdict == Verdict::Add {
            return Err(not_ours(&known));
        }
        self.write_role(container, &known, verdict, asked)
    }

    /// What a new realm is furnished with is made without being asked for.
    fn pass_furnished(&self, role: &RoleName) -> Result<(), AdminError> {
        if self.survey.has_role(role) { Ok(()) } else { Err(not_ours(role)) }
    }

    fn write_role(
        &mut self,
        container: &Container,
        known: &RoleName,
        verdict: Verdict<Role>,
        mut asked: RoleChangeJson,
    ) -> Result<(), AdminError> {
        let (action, operation) = verdict.told();
        let shown = match &known.client_id {
            Some(client_id) => format!("{client_id}-->{}", known.name),
            None => known.name.clone(),
        };
        let kind = match container {
            Container::Realm => ResourceType::RealmRole,
            Container::Client(_) => ResourceType::ClientRole,
        };
        let id = match &verdict {
            Verdict::Skip(there) => {
                self.note((action, kind), (&shown, there.id.as_str()), None);
                return Ok(());
            }
            Verdict::Overwrite(there) => there.id.clone(),
            Verdict::Add => RoleId::from(self.inquiry.context.ports.random.uuid()),
        };
        let told = |error| about(LIST, &known.to_string(), error);
        let role = role_draft::role(id, container, &mut asked).map_err(told)?;
        let children: BTreeSet<_> = asked.composites.iter().flat_map(children_of).collect();
        self.name_roles(&children).map_err(told)?;
        let realm = self.inquiry.realm_id();
        if let Verdict::Overwrite(there) = verdict {
            // What it includes is taken away, too.
            self.handed_out.insert(there.id);
            self.makings.push(role_list::update(realm, &role)?);
            self.makings.push(role_list::children_clearing(&role.id));
        } else {
            self.makings.push(role_list::insertion(realm, &role)?);
        }
        if !children.is_empty() {
            let names = children.iter();
            self.bonds.push(role_list::named_children_insertion(realm, &role.id, names)?);
        }
        let change = change_of(operation, path_of(&role), &role, realm);
        self.note((action, kind), (&shown, role.id.as_str()), Some(change));
        Ok(())
    }
}

fn not_ours(role: &RoleName) -> AdminError {
    let why = "the client administers realms: its roles stay as they are";
    about(LIST, &role.to_string(), AdminError::Invalid(why.to_owned()))
}

/// Where a role stands on the realm's paths.
fn path_of(role: &Role) -> String {
    match &role.client {
        Some(client) => format!("clients/{client}/roles/{}", role.name),
        None => format!("roles/{}", role.name),
    }
}
