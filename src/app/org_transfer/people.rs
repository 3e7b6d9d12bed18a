//! Who the people of an export are.
use crate::kernel::id::{OrgId, UserId};
use crate::org::admin_user;
use crate::realm::user::{User, Username};
use std::collections::HashMap;

/// Users by their ids.
#[derive(Debug, Default)]
pub struct People(HashMap<UserId, Username>);

/// The same, as one organization's document names them.
#[derive(Debug)]
pub struct PeopleOf<'a> {
    people: &'a People,
    own_admin: String,
}

impl People {
    /// These users.
    #[must_use]
    pub fn new(users: Vec<User>) -> Self {
        Self(users.into_iter().map(|user| (user.id, user.username)).collect())
    }

    /// The people of `org`: without the administrator that comes with it.
    #[must_use]
    pub fn of(&self, org: &OrgId) -> PeopleOf<'_> {
        PeopleOf { people: self, own_admin: admin_user::username_of(org) }
    }
}

impl PeopleOf<'_> {
    /// The username of `user`, if there is such a user to name.
    #[must_use]
    pub fn username(&self, user: &UserId) -> Option<&Username> {
        self.people.0.get(user).filter(|name| name.as_str() != self.own_admin)
    }
}
