//! An organization, as its own object knows it.
use super::store;
use crate::kernel::alias::Alias;
use crate::kernel::id::{OrgId, RealmId};
use crate::kernel::time::Timestamp;
use crate::platform::row::StoreError;
use crate::platform::sql::Sql;
use crate::realm::registry::{Attributes, Profile};

/// Where an organization is in its life.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stage {
    /// Stored here, but perhaps not in the registry, which decides.
    Pending,
    /// It exists.
    Active,
    /// It is gone; the registry may not know yet.
    Deleted,
}

impl Stage {
    /// As the database spells it.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::Active => "active",
            Self::Deleted => "deleted",
        }
    }
}

impl std::str::FromStr for Stage {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        [Self::Pending, Self::Active, Self::Deleted]
            .into_iter()
            .find(|stage| stage.as_str() == text)
            .ok_or(())
    }
}

/// A customer of the product.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Organization {
    /// The key inside the realm.
    pub id: OrgId,
    /// The realm.
    pub realm: RealmId,
    /// Unique in the realm.
    pub name: String,
    /// Unique in the realm; never changes.
    pub alias: Alias,
    /// The name for people, when it differs.
    pub display_name: Option<String>,
    /// The organization's own site.
    pub url: Option<String>,
    /// Its logo, an https URL or a path of ours.
    pub logo_url: Option<String>,
    /// What the product's team notes about it.
    pub attributes: Attributes,
    /// The e-mail domains it names, verified or not.
    pub domains: Vec<String>,
    /// Whether tokens name it and people may come in by it.
    pub enabled: bool,
    /// For administrators; Keycloak's.
    pub description: Option<String>,
    /// Where people go who accepted an invitation; Keycloak's.
    pub redirect_url: Option<String>,
    /// Where it is in its life.
    pub stage: Stage,
    /// When it was made.
    pub created_at: Timestamp,
}

impl Organization {
    /// The name for people.
    #[must_use]
    pub fn title(&self) -> &str {
        self.display_name.as_deref().filter(|name| !name.is_empty()).unwrap_or(&self.name)
    }

    /// What of it an administrator can change and the registry lists.
    #[must_use]
    pub fn profile(&self) -> Profile {
        Profile {
            name: self.name.clone(),
            display_name: self.display_name.clone(),
            url: self.url.clone(),
            attributes: self.attributes.clone(),
            enabled: self.enabled,
            description: self.description.clone(),
            redirect_url: self.redirect_url.clone(),
        }
    }
}

/// The organization of this object, whatever its stage.
///
/// # Errors
/// `Refused` when SQLite fails.
pub fn find(sql: &dyn Sql) -> Result<Option<Organization>, StoreError> {
    store::organization::find(sql)
}
