//! What new people of a realm begin with, as the realm's representation tells it.
use super::store::{group, role_list};
use super::stored_role::Role;
use crate::kernel::id::RealmId;
use crate::platform::directory::Directory;
use crate::platform::row::StoreError;
use std::collections::HashMap;

/// What they begin with.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Defaults {
    /// The paths of the groups that they join.
    pub groups: Vec<String>,
    /// The role that they get.
    pub role: Option<Role>,
}

impl Defaults {
    /// Of one realm.
    ///
    /// # Errors
    /// `Refused` when the directory fails.
    pub async fn of(directory: &dyn Directory, realm: &RealmId) -> Result<Self, StoreError> {
        Ok(Self::list(directory, &[realm]).await?.remove(realm).unwrap_or_default())
    }

    /// Of each of `realms`; one of which nobody begins with anything is not in there.
    ///
    /// # Errors
    /// `Refused` when the directory fails.
    pub async fn list(
        directory: &dyn Directory,
        realms: &[&RealmId],
    ) -> Result<HashMap<RealmId, Self>, StoreError> {
        let mut defaults: HashMap<RealmId, Self> = HashMap::new();
        for (realm, group) in group::list_defaults(directory, realms).await? {
            defaults.entry(realm).or_default().groups.push(group.path());
        }
        for (realm, role) in role_list::list_defaults(directory, realms).await? {
            defaults.entry(realm).or_default().role = Some(role);
        }
        for one in defaults.values_mut() {
            one.groups.sort_unstable();
        }
        Ok(defaults)
    }
}
