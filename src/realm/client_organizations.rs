//! What a client has to do with organizations, as its attributes say (reference
//! auth0-and-peers.md §1.4).
use super::client::Client;
use crate::kernel::id::OrgId;
use std::collections::BTreeMap;

/// Whether a client's tokens may, must or never speak for organizations: `allow`
/// (also when it is absent), `require` or `none`.
pub const USAGE: &str = "organizations.usage";

/// The organizations that may use the client, by id or alias, joined by `##`; any
/// when it is absent.
pub const ALLOWED: &str = "organizations.allowed";

/// The organization, by id or alias, that a person who is its member signs in to
/// when a request leaves the choice open.
pub const DEFAULT: &str = "organizations.default";

/// What separates the entries of a list, as in Keycloak's attributes.
const SEPARATOR: &str = "##";

/// What a client that uses organizations does with them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ClientOrganizations<'a> {
    /// Whether nobody signs in without one.
    pub is_required: bool,
    /// Which one is meant when none is named.
    pub default: Option<&'a str>,
    allowed: Option<&'a str>,
}

impl Client {
    /// What the client does with organizations; `None` when nothing.
    #[must_use]
    pub fn organizations(&self) -> Option<ClientOrganizations<'_>> {
        let attribute = |name| self.settings.attributes.get(name).map(String::as_str);
        let usage = attribute(USAGE).unwrap_or("allow");
        (usage != "none").then(|| ClientOrganizations {
            is_required: usage == "require",
            default: attribute(DEFAULT),
            allowed: attribute(ALLOWED),
        })
    }
}

impl Client {
    /// The same client where there are no organizations.
    #[must_use]
    pub fn without_organizations(mut self) -> Self {
        self.settings.attributes.insert(USAGE.to_owned(), "none".to_owned());
        self
    }
}

impl ClientOrganizations<'_> {
    /// Whether the organization may use the client.
    #[must_use]
    pub fn permits(&self, id: &OrgId, alias: &str) -> bool {
        let named = |entry| is_named(entry, id, alias);
        self.allowed.is_none_or(|list| list.split(SEPARATOR).any(named))
    }
}

/// Whether `entry` names the organization. What looks like an id is one: nobody
/// becomes another organization by taking its id for an alias.
#[must_use]
pub fn is_named(entry: &str, id: &OrgId, alias: &str) -> bool {
    entry == id.as_str() || (entry == alias && uuid::Uuid::parse_str(entry).is_err())
}

/// Passes attributes that say something.
///
/// # Errors
/// What is wrong with them.
pub fn check(attributes: &BTreeMap<String, String>) -> Result<(), String> {
    let usage = attributes.get(USAGE).map(String::as_str);
    if !matches!(usage, None | Some("none" | "allow" | "require")) {
        return Err(format!("{USAGE} must be none, allow or require"));
    }
    let is_empty = |list: &String| list.split(SEPARATOR).any(str::is_empty);
    if attributes.get(ALLOWED).is_some_and(is_empty) {
        return Err(format!("{ALLOWED} must be ids or aliases joined by {SEPARATOR}"));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::realm::client::ClientSettings;

    fn client(attributes: &[(&str, &str)]) -> Client {
        let attributes =
            attributes.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
        Client {
            uuid: "c".parse().unwrap(),
            client_id: "app".to_owned(),
            secret_hash: None,
            service_account: None,
            settings: ClientSettings {
                attributes: attributes.collect(),
                ..ClientSettings::default()
            },
        }
    }

    #[test]
    fn a_client_uses_organizations_unless_it_says_otherwise() {
        assert!(client(&[]).organizations().is_some_and(|found| !found.is_required));
        assert!(client(&[(USAGE, "require")]).organizations().unwrap().is_required);
        assert_eq!(client(&[(USAGE, "none")]).organizations(), None);
    }

    #[test]
    fn an_alias_that_looks_like_an_id_opens_nothing() {
        let id = "6f1c7d0e-5b1e-4b5e-9d7f-0d1a2b3c4d5e";
        let list = format!("acme##{id}");
        let client = client(&[(ALLOWED, &list)]);
        let policy = client.organizations().unwrap();
        let own: OrgId = id.parse().unwrap();
        let other: OrgId = "other".parse().unwrap();
        assert!(policy.permits(&own, "whatever"));
        assert!(policy.permits(&other, "acme"));
        assert!(!policy.permits(&other, id));
        assert!(!policy.permits(&other, "acm"));
    }

    #[test]
    fn what_says_nothing_is_refused() {
        for (name, value) in [(USAGE, "maybe"), (ALLOWED, "a####b"), (ALLOWED, "##")] {
            assert!(check(&client(&[(name, value)]).settings.attributes).is_err(), "{name}");
        }
        assert!(check(&client(&[(USAGE, "allow"), (ALLOWED, "a##b")]).settings.attributes).is_ok());
    }
}
