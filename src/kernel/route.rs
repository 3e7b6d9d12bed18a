//! Where a thing lives: the name of the Durable Object that owns it.
use crate::kernel::id::{OrgId, RealmId, UserId};
use serde::{Deserialize, Serialize};

/// The object that owns a piece of state. Everything needed to find it stands
/// in the ids of a URL or a token, so no look-up comes first.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum ObjectName {
    /// One organization of one realm.
    Org(RealmId, OrgId),
    /// One account of one realm.
    Account(RealmId, UserId),
}

impl ObjectName {
    /// The text from which the platform derives the object's identity. Changing
    /// it loses every object: it never changes.
    #[must_use]
    pub fn to_text(&self) -> String {
        match self {
            Self::Org(realm, org) => format!("{realm}/{org}"),
            Self::Account(realm, user) => format!("{realm}/{user}"),
        }
    }
}
