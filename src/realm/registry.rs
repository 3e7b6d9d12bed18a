//! The registry: which organizations a realm has, and who belongs to them. What
//! an organization is, its object knows; this is how it is found.
use crate::kernel::alias::Alias;
use crate::kernel::id::OrgId;
use crate::kernel::time::Timestamp;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Names with lists of values: Keycloak's attributes.
pub type Attributes = BTreeMap<String, Vec<String>>;

/// An organization, as the registry lists it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Registration {
    /// The key inside the realm, for ever.
    pub id: OrgId,
    /// Unique in the realm; may change.
    pub name: String,
    /// Unique in the realm; never changes.
    pub alias: Alias,
    /// The name for people, when it differs.
    pub display_name: Option<String>,
    /// The organization's own site.
    pub url: Option<String>,
    /// What the product's team notes about it.
    pub attributes: Attributes,
    /// The e-mail domains it names, verified or not.
    pub domains: Vec<String>,
    /// Whether tokens name it and people may come in by it.
    #[serde(default = "enabled_by_default")]
    pub enabled: bool,
    /// For administrators; Keycloak's.
    #[serde(default)]
    pub description: Option<String>,
    /// Where people go who accepted an invitation; Keycloak's.
    #[serde(default)]
    pub redirect_url: Option<String>,
    /// When it was made.
    pub created_at: Timestamp,
}

/// What of an organization an administrator can change and the registry lists.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Profile {
    /// Unique in the realm.
    pub name: String,
    /// The name for people, when it differs.
    pub display_name: Option<String>,
    /// The organization's own site.
    pub url: Option<String>,
    /// What the product's team notes about it.
    pub attributes: Attributes,
    /// Whether tokens name it and people may come in by it.
    #[serde(default = "enabled_by_default")]
    pub enabled: bool,
    /// For administrators; Keycloak's.
    #[serde(default)]
    pub description: Option<String>,
    /// Where people go who accepted an invitation; Keycloak's.
    #[serde(default)]
    pub redirect_url: Option<String>,
}

/// What was written before organizations could be disabled is of enabled ones.
const fn enabled_by_default() -> bool {
    true
}

/// Most organizations' objects that one request asks: half of the 1,000
/// subrequests that Workers allow.
pub const MAX_ASKED: i64 = 500;

/// Rows of a page when the caller names none, and the most a caller may name
/// for organizations (reference phasetwo.md §1.2).
pub const PAGE_ROWS: i64 = 100;

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    /// Changes and creations that an older version left on their way.
    #[test]
    fn what_was_written_before_organizations_could_be_disabled_is_of_enabled_ones() {
        let old = json!({ "name": "a", "display_name": null, "url": "u", "attributes": {} });
        let profile: Profile = serde_json::from_value(old.clone()).unwrap();
        assert!(profile.enabled && profile.description.is_none());
        let mut old = old;
        old["id"] = json!("a");
        old["alias"] = json!("a");
        old["domains"] = json!([]);
        old["created_at"] = json!(0);
        let registration: Registration = serde_json::from_value(old).unwrap();
        assert!(registration.enabled && registration.redirect_url.is_none());
    }
}
