//! Which client scopes, and with them which mappers, a grant brings to a client.
use super::mapper::Config;
use super::mapper_kinds::{Kind, find_kind};
use super::mapper_organizations::{ADD_GROUP_ROLES, GROUPS, OF_ALL, OF_THE_ACTIVE};
use super::scope::{BadScope, MAX_ORGS_PER_TOKEN, Scope};
use crate::kernel::id::RoleId;
use crate::realm::client::Client;
use crate::realm::person::Person;
use crate::realm::protocol_mapper::ProtocolMapper;
use crate::realm::recipe::{HeldScope, Recipe};
use crate::realm::store::person::{Asked, Roles};

/// What a grant brings to a client.
#[derive(Clone, Debug)]
pub struct Selection<'a> {
    /// The client.
    pub client: &'a Client,
    /// What its tokens are made with.
    pub recipe: &'a Recipe,
    /// The scope that was granted.
    pub scope: Scope,
}

impl<'a> Selection<'a> {
    /// What the grant of `granted` brings now: a scope that the client does not
    /// have any more is dropped.
    ///
    /// # Errors
    /// As [`Scope::parse`].
    pub fn of(client: &'a Client, recipe: &'a Recipe, granted: &str) -> Result<Self, BadScope> {
        let scope = Scope::parse(Some(granted))?.within(recipe)?;
        Ok(Self { client, recipe, scope })
    }

    /// The client scopes that it brings.
    pub fn scopes(&self) -> impl Iterator<Item = &'a HeldScope> {
        self.recipe.scopes.iter().filter(|held| self.scope.brings(&held.scope.name))
    }

    /// The scopes that `person` may use.
    #[must_use]
    pub fn permitted(&self, person: &Person) -> Vec<&'a HeldScope> {
        self.scopes().filter(|held| is_for(held, person)).collect()
    }

    /// Every mapper that `person` and this client could bring to bear, whatever was
    /// asked for; where people are asked what they allow, those of the scopes that
    /// they were asked about.
    pub fn within_reach(&self, person: &Person) -> impl Iterator<Item = &'a ProtocolMapper> {
        let is_asked = self.client.settings.consent_required;
        let is_open = move |held: &&HeldScope| !is_asked || self.scope.brings(&held.scope.name);
        let scopes = self.recipe.scopes.iter().filter(|held| is_for(held, person));
        let scopes = scopes.filter(is_open);
        self.recipe.mappers.iter().chain(scopes.flat_map(|held| &held.mappers))
    }

    /// What tokens say of the scope, once it is known which are `permitted`.
    #[must_use]
    pub fn told(&self, permitted: &[&HeldScope]) -> String {
        self.scope
            .told(|name| permitted.iter().any(|held| held.scope.name == name && held.is_told()))
    }

    /// The mappers of these scopes and of the client itself that we know, in the
    /// order in which they work.
    #[must_use]
    pub fn mappers(&self, permitted: &[&'a HeldScope]) -> Vec<(&'static Kind, &'a ProtocolMapper)> {
        let of_scopes = permitted.iter().flat_map(|held| &held.mappers);
        let all = self.recipe.mappers.iter().chain(of_scopes);
        let mut known: Vec<_> =
            all.filter_map(|mapper| Some((find_kind(&mapper.mapper)?, mapper))).collect();
        known.sort_by_key(|(kind, _)| kind.order);
        known
    }

    fn has_any(&self, kinds: &[&str]) -> bool {
        self.brought().any(|mapper| kinds.contains(&mapper.mapper.as_str()))
    }

    fn brought(&self) -> impl Iterator<Item = &'a ProtocolMapper> {
        self.recipe.mappers.iter().chain(self.scopes().flat_map(|held| &held.mappers))
    }

    /// Whether tokens tell, of each organization, the roles that come with the person's
    /// groups there.
    #[must_use]
    pub fn tells_of_group_roles(&self) -> bool {
        let is_on = |mapper| Config::of(mapper).is_on(ADD_GROUP_ROLES, false);
        self.brought().any(|mapper| mapper.mapper == GROUPS && is_on(mapper))
    }

    /// Whether tokens tell of every organization of the person.
    #[must_use]
    pub fn tells_of_all_orgs(&self) -> bool {
        self.has_any(OF_ALL)
    }

    /// Whether tokens tell of the person's active organization.
    #[must_use]
    pub fn tells_of_the_active_org(&self) -> bool {
        self.has_any(OF_THE_ACTIVE)
    }

    /// What must be known of the person.
    #[must_use]
    pub fn asked(&self) -> Asked<'a> {
        let most = i64::try_from(MAX_ORGS_PER_TOKEN).unwrap_or(i64::MAX);
        Asked {
            roles: if self.client.settings.full_scope_allowed {
                Roles::All
            } else {
                Roles::Among(self.recipe.reach().collect())
            },
            orgs: match (self.tells_of_all_orgs(), self.tells_of_the_active_org()) {
                (true, _) => most.saturating_add(1),
                (false, true) => 1,
                (false, false) => 0,
            },
        }
    }

    /// Whether a token may carry the role.
    #[must_use]
    pub fn passes(&self, role: &RoleId, permitted: &[&HeldScope]) -> bool {
        self.client.settings.full_scope_allowed
            || self.recipe.roles.contains(role)
            || permitted.iter().any(|held| held.roles.contains(role))
    }
}

/// A scope with roles in its scope is for those who hold one of them.
fn is_for(held: &HeldScope, person: &Person) -> bool {
    held.roles.is_empty() || person.roles.iter().any(|role| held.roles.contains(&role.id))
}
