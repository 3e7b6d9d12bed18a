//! What Keycloak's dialect asks an organization to be: checked, and not written yet
//! (reference keycloak.md §1.3).
use super::assert::Word;
use super::domain::{WILDCARD, base_of};
use super::error::OrgError;
use super::profile::{self, MAX_DOMAINS, MAX_FIELD_BYTES};
use super::wire_keycloak::{DomainDraftJson, OrganizationDraftJson};
use crate::kernel::alias::{Alias, find_refused};
use crate::kernel::email::EmailAddress;
use crate::realm::error::AdminError;
use crate::realm::registry::{Attributes, Profile};
use crate::realm::store::domain_route::RouteDraft;
use serde::de::IgnoredAny;
use std::collections::BTreeMap;

/// How many parts the domain above a wildcard has.
const BASE_PARTS: std::ops::RangeInclusive<usize> = 2..=10;

/// An organization, as it is asked for.
#[derive(Debug)]
pub struct Draft {
    /// Its name.
    pub name: String,
    /// Its alias, as it was written.
    pub alias: Option<String>,
    /// Whether it is in use.
    pub enabled: bool,
    /// For administrators.
    pub description: Option<String>,
    /// Where people go who accepted an invitation.
    pub redirect_url: Option<String>,
    /// All of them; `None` when they stay as they are.
    pub attributes: Option<Attributes>,
    /// All of its domains, by name.
    pub domains: Vec<Word>,
    /// Where the people of some of them sign in; of the others nothing is said.
    pub routes: Vec<RouteDraft>,
}

impl Draft {
    /// Reads what `json` asks for; `nameless` tells why one without a name cannot be.
    ///
    /// # Errors
    /// `nameless`; `Invalid`.
    pub fn read(json: OrganizationDraftJson, nameless: AdminError) -> Result<Self, AdminError> {
        let elsewhere = [
            ("members", &json.members),
            ("identityProviders", &json.identity_providers),
            ("groups", &json.groups),
        ];
        for (name, items) in elsewhere {
            made_elsewhere(name, items.as_deref())?;
        }
        Ok(Self {
            name: profile::checked_name(json.name)?.ok_or(nameless)?,
            alias: json.alias.filter(|alias| !alias.is_empty()),
            enabled: json.enabled.unwrap_or(true),
            description: profile::checked_description(json.description)?,
            redirect_url: profile::checked_redirect_url(json.redirect_url)?,
            attributes: json.attributes,
            routes: read_routes(json.domains.as_deref().unwrap_or_default()),
            domains: read_domains(json.domains.unwrap_or_default())?,
        })
    }

    /// The alias of a new organization: the name, to the letter, where none is given.
    ///
    /// # Errors
    /// `Told` for an alias and `Invalid` for a name that cannot be one.
    pub fn new_alias(&self) -> Result<Alias, AdminError> {
        let text = self.alias.as_ref().unwrap_or(&self.name);
        text.parse().map_err(|_| {
            let why = match find_refused(text) {
                Some(' ') => "Empty Space not allowed.".to_owned(),
                Some(c) => format!("Character '{c}' not allowed."),
                None => format!("An alias has at most {MAX_FIELD_BYTES} bytes."),
            };
            match self.alias {
                Some(_) => AdminError::Told(why),
                None => AdminError::Invalid(format!("Name cannot be used as alias: {why}")),
            }
        })
    }

    /// The names of the domains.
    #[must_use]
    pub fn domain_names(&self) -> Vec<String> {
        self.domains.iter().map(|word| word.name.clone()).collect()
    }

    /// `was`, with what this dialect says: the rest is Phase Two's.
    #[must_use]
    pub fn applied_to(&self, was: Profile) -> Profile {
        Profile {
            name: self.name.clone(),
            display_name: was.display_name,
            url: was.url,
            attributes: self.attributes.clone().unwrap_or(was.attributes),
            enabled: self.enabled,
            description: self.description.clone(),
            redirect_url: self.redirect_url.clone(),
        }
    }
}

/// What has paths of its own would be lost here.
fn made_elsewhere(name: &str, items: Option<&[IgnoredAny]>) -> Result<(), AdminError> {
    if items.is_none_or(<[_]>::is_empty) {
        return Ok(());
    }
    let why = format!("{name} are not made with the organization, but by their own paths");
    Err(AdminError::Invalid(why))
}

/// What is said of where the people of `given` sign in; of what is said of one twice, the
/// last counts.
fn read_routes(given: &[DomainDraftJson]) -> Vec<RouteDraft> {
    let route = |one: &DomainDraftJson| {
        let alias = one.identity_provider_alias.as_ref()?;
        let domain = name_of(one);
        let draft = RouteDraft {
            domain: domain.clone(),
            alias: Some(alias.clone()).filter(|alias| !alias.is_empty()),
            auto_redirect: one.auto_redirect.unwrap_or(true),
        };
        Some((domain, draft))
    };
    let last: BTreeMap<String, RouteDraft> = given.iter().filter_map(route).collect();
    last.into_values().collect()
}

fn name_of(one: &DomainDraftJson) -> String {
    one.name.as_deref().unwrap_or_default().trim().to_lowercase()
}

/// In lower case, by name, each once; of what is said of one twice, the last counts.
fn read_domains(given: Vec<DomainDraftJson>) -> Result<Vec<Word>, AdminError> {
    let mut words = BTreeMap::new();
    for one in given {
        let name = name_of(&one);
        if !is_domain(&name) {
            let why = format!("Invalid domain format: {name}");
            return Err(AdminError::Invalid(why));
        }
        words.insert(name, one.verified);
    }
    if words.len() > MAX_DOMAINS {
        let why = format!("an organization has at most {MAX_DOMAINS} domains (MAX_DOMAINS)");
        return Err(OrgError::Field(why).into());
    }
    Ok(words.into_iter().map(|(name, verified)| Word { name, verified }).collect())
}

/// Whether mail goes there; or below, for a wildcard.
fn is_domain(name: &str) -> bool {
    let base = base_of(name);
    let is_wide = name.starts_with(WILDCARD);
    let has_parts = !is_wide || BASE_PARTS.contains(&base.split('.').count());
    let takes_mail = format!("x@{base}").parse::<EmailAddress>().is_ok();
    let is_host = matches!(url::Host::parse(base), Ok(url::Host::Domain(_)));
    has_parts && takes_mail && is_host && name.len() <= MAX_FIELD_BYTES
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_wildcard_stands_in_front_of_two_to_ten_parts() {
        let ten = "a.b.c.d.e.f.g.h.i.example";
        for name in ["one.example", "localhost", "*.one.example", "münchen.example"] {
            assert!(is_domain(name), "{name}");
        }
        assert!(is_domain(&format!("*.{ten}")));
        assert!(!is_domain(&format!("*.z.{ten}")));
        for name in [
            "",
            ".",
            "*",
            "*.",
            "*.example",
            "a.*.example",
            "*a.example",
            "*.*.one.example",
            "one..example",
            "-one.example",
            "one.example-",
            "one example",
            "one@example.com",
            "127.0.0.1",
            "[::1]",
            "https://one.example",
            "one.example/",
            "one.example:80",
        ] {
            assert!(!is_domain(name), "{name}");
        }
    }
}
