//! A user with the roles and groups that tokens tell of.
use super::registry::Attributes;
use super::user::User;
use crate::kernel::id::{OrgId, RoleId};

/// Most roles that one token carries: with names of usual length they already
/// fill the 32 KB of headers that Workers let through. Who holds more gets tokens
/// through a client whose scope is not every role.
pub const MAX_TOKEN_ROLES: usize = 1000;

/// Most steps from a user's groups up to the top, all together, that a token is
/// made with: each is read when it is made.
pub const MAX_TOKEN_GROUPS: usize = 2000;

/// A user, and what they hold in the realm.
#[derive(Clone, Debug)]
pub struct Person {
    /// The user.
    pub user: User,
    /// The roles they hold, directly, through groups or through composites.
    pub roles: Vec<HeldRole>,
    /// The groups they are in, by path.
    pub groups: Vec<HeldGroup>,
    /// The organizations they belong to, as the directory knows, when that was
    /// asked.
    pub orgs: Vec<OrgId>,
}

/// A role that somebody holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HeldRole {
    /// The key.
    pub id: RoleId,
    /// The `client_id` of the client it belongs to; `None` for a role of the
    /// realm.
    pub client_id: Option<String>,
    /// Its name there.
    pub name: String,
}

/// A group that somebody is in.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct HeldGroup {
    /// Its name, after those above it.
    pub path: Vec<String>,
    /// Its attributes, then those of each above it, the nearest first.
    pub attributes: Vec<Attributes>,
}

impl HeldGroup {
    /// The values of an attribute, of the nearest group that has it.
    #[must_use]
    pub fn attribute(&self, name: &str) -> Option<&Vec<String>> {
        self.attributes.iter().find_map(|of_one| of_one.get(name).filter(|all| !all.is_empty()))
    }
}
