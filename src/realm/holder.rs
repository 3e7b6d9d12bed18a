//! To whom roles are granted: users, and groups of the realm.
use super::store::{group_role, role_list};
use super::stored_role::{Container, Role};
use crate::kernel::id::{GroupId, RealmId, RoleId, UserId};
use crate::platform::directory::Directory;
use crate::platform::row::StoreError;
use crate::platform::sql::Statement;

/// A user or a group, of the realm that is asked about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Holder {
    /// A person or a service account.
    User(UserId),
    /// A group, and through it its members and those of the groups below.
    Group(GroupId),
}

impl Holder {
    /// The roles that were granted to the holder itself, by name; of one container
    /// when that is given.
    ///
    /// # Errors
    /// `Refused` when the directory fails.
    pub async fn list_granted(
        &self,
        directory: &dyn Directory,
        realm: &RealmId,
        container: Option<&Container>,
    ) -> Result<Vec<Role>, StoreError> {
        match self {
            Self::User(user) => role_list::list_granted(directory, realm, user, container).await,
            Self::Group(group) => {
                group_role::list_granted(directory, realm, group, container).await
            }
        }
    }

    /// The roles of `container` that were not granted to the holder itself, by name.
    ///
    /// # Errors
    /// `Refused` when the directory fails.
    pub async fn list_available(
        &self,
        directory: &dyn Directory,
        realm: &RealmId,
        container: &Container,
    ) -> Result<Vec<Role>, StoreError> {
        match self {
            Self::User(user) => role_list::list_available(directory, realm, user, container).await,
            Self::Group(group) => {
                group_role::list_available(directory, realm, group, container).await
            }
        }
    }

    /// The roles of `container` that the holder has in the end, by name.
    ///
    /// # Errors
    /// `Refused` when the directory fails.
    pub async fn list_effective(
        &self,
        directory: &dyn Directory,
        realm: &RealmId,
        container: &Container,
    ) -> Result<Vec<Role>, StoreError> {
        match self {
            Self::User(user) => role_list::list_effective(directory, realm, user, container).await,
            Self::Group(group) => {
                group_role::list_effective(directory, realm, group, container).await
            }
        }
    }

    /// The statement that grants `roles` to the holder.
    ///
    /// # Errors
    /// `Refused` when the list cannot be written as JSON.
    pub fn grant(&self, roles: &[RoleId]) -> Result<Statement, StoreError> {
        match self {
            Self::User(user) => role_list::grant(user, roles),
            Self::Group(group) => group_role::grant(group, roles),
        }
    }

    /// The statement that takes `roles` from the holder.
    ///
    /// # Errors
    /// `Refused` when the list cannot be written as JSON.
    pub fn revocation(&self, roles: &[RoleId]) -> Result<Statement, StoreError> {
        match self {
            Self::User(user) => role_list::revocation(user, roles),
            Self::Group(group) => group_role::revocation(group, roles),
        }
    }
}
