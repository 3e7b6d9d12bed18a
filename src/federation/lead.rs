//! Where an e-mail address leads: to the providers of the organization that has its domain
//! (reference keycloak.md §5.3).
use super::provider::{Provider, VALIDATION_PENDING};
use super::store;
use crate::kernel::id::{OrgId, RealmId};
use crate::org::domain::{WILDCARD, base_of};
use crate::platform::directory::Directory;
use crate::platform::row::StoreError;

/// A domain that an enabled organization names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NamedDomain {
    /// The organization.
    pub org: OrgId,
    /// The domain, or `*.` and one that all below it are meant by.
    pub name: String,
    /// Whether the organization has shown to own it.
    pub verified: bool,
}

/// Where an address leads.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Lead {
    /// The organization.
    pub org: OrgId,
    /// Its provider.
    pub provider: Provider,
    /// The domain that led there, as the organization names it.
    pub domain: String,
    /// Whether people are sent there at once, and not asked.
    pub redirects: bool,
}

/// Whose addresses are looked at.
#[derive(Clone, Copy, Debug)]
pub struct Search<'a> {
    /// The realm.
    pub realm: &'a RealmId,
    /// Only in this organization.
    pub org: Option<&'a OrgId>,
    /// Whether a domain that was not shown to be owned leads somewhere too.
    pub unverified: bool,
}

/// The names that an organization can have for `domain`: itself, and what all below one
/// of the domains above it are called.
#[must_use]
pub fn names_of(domain: &str) -> Vec<String> {
    let domain = domain.to_lowercase();
    let above = domain.match_indices('.').filter_map(|(dot, _)| domain.get(dot + 1..));
    let wild: Vec<String> = above.map(|above| format!("{WILDCARD}{above}")).collect();
    [vec![domain], wild].concat()
}

/// The most specific of `domains`: of more labels, and one that is named itself before one
/// that is below another. Several only when organizations share it.
#[must_use]
pub fn most_specific(domains: Vec<NamedDomain>, unverified: bool) -> Vec<NamedDomain> {
    let rank = |one: &NamedDomain| {
        let base = base_of(&one.name);
        (base.split('.').count(), base == one.name)
    };
    let counts: Vec<NamedDomain> =
        domains.into_iter().filter(|one| one.verified || unverified).collect();
    let best = counts.iter().map(rank).max();
    counts.into_iter().filter(|one| Some(rank(one)) == best).collect()
}

/// The providers to which `domain` leads, by organization and alias. One that is disabled,
/// that only links accounts, or that waits to be proven, leads nowhere.
#[must_use]
pub fn leads(domain: &NamedDomain, providers: &[Provider]) -> Vec<Lead> {
    let open = |provider: &&Provider| {
        let settings = &provider.settings;
        let pending = settings.config.get(VALIDATION_PENDING).is_some_and(|text| text == "true");
        settings.enabled && !settings.link_only && !pending
    };
    let lead = |provider: &Provider| {
        let link = provider.link_of(&domain.org)?;
        let leads = link.every_domain || link.domains.contains(&domain.name);
        leads.then(|| Lead {
            org: domain.org.clone(),
            provider: provider.clone(),
            domain: domain.name.clone(),
            redirects: !link.offered.contains(&domain.name),
        })
    };
    providers.iter().filter(open).filter_map(lead).collect()
}

/// Where addresses at `domain` lead. None when no organization has it, or the one that has
/// it signs people in itself: a less specific domain of another is not asked then.
///
/// # Errors
/// `Refused` when the directory fails.
pub async fn find(
    directory: &dyn Directory,
    search: Search<'_>,
    domain: &str,
) -> Result<Vec<Lead>, StoreError> {
    let named = store::lead::list_named(directory, search, &names_of(domain)).await?;
    let best = most_specific(named, search.unverified);
    if best.is_empty() {
        return Ok(Vec::new());
    }
    let orgs: Vec<OrgId> = best.iter().map(|one| one.org.clone()).collect();
    let providers = store::provider::list_of_orgs(directory, search.realm, &orgs).await?;
    Ok(best.iter().flat_map(|one| leads(one, &providers)).collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::federation::provider::{Link, Settings};
    use crate::kernel::time::Timestamp;

    fn named(org: &str, name: &str, verified: bool) -> NamedDomain {
        NamedDomain { org: org.parse().unwrap(), name: name.to_owned(), verified }
    }

    fn provider(alias: &str, link: Link) -> Provider {
        Provider {
            id: alias.parse().unwrap(),
            alias: alias.parse().unwrap(),
            kind: "oidc".to_owned(),
            settings: Settings { enabled: true, ..Settings::default() },
            secret: None,
            links: vec![link],
            created_at: Timestamp::from_unix(0),
        }
    }

    #[test]
    fn a_domain_has_names_up_to_the_top() {
        assert_eq!(names_of("A.b.Example"), ["a.b.example", "*.b.example", "*.example"]);
        assert_eq!(names_of("word"), ["word"]);
    }

    #[test]
    fn the_most_specific_verified_domain_counts() {
        let all = || {
            vec![
                named("o1", "*.example", true),
                named("o2", "*.b.example", true),
                named("o3", "a.b.example", false),
            ]
        };
        let of = |found: Vec<NamedDomain>| -> Vec<String> {
            found.into_iter().map(|one| one.org.as_str().to_owned()).collect()
        };
        assert_eq!(of(most_specific(all(), false)), ["o2"]);
        assert_eq!(of(most_specific(all(), true)), ["o3"]);
        let shared = vec![named("o1", "b.example", true), named("o2", "b.example", true)];
        assert_eq!(of(most_specific(shared, false)), ["o1", "o2"]);
        assert!(most_specific(vec![named("o1", "b.example", false)], false).is_empty());
        let tie = vec![named("o1", "*.b.example", true), named("o2", "b.example", true)];
        assert_eq!(of(most_specific(tie, false)), ["o2"], "named itself before below another");
    }

    #[test]
    fn only_what_people_may_use_leads_anywhere() {
        let domain = named("o1", "b.example", true);
        let link = |domains: &[&str]| {
            let domains = domains.iter().map(|one| (*one).to_owned()).collect();
            Link::new("o1".parse().unwrap()).led_to_by(domains)
        };
        let aliases = |providers: &[Provider]| -> Vec<(String, bool)> {
            leads(&domain, providers)
                .into_iter()
                .map(|lead| (lead.provider.alias.as_str().to_owned(), lead.redirects))
                .collect()
        };
        let mut offered = link(&["b.example"]);
        offered.offered = vec!["b.example".to_owned()];
        let mut disabled = provider("off", link(&[]));
        disabled.settings.enabled = false;
        let mut pending = provider("pending", link(&[]));
        pending.settings.config.insert(VALIDATION_PENDING.to_owned(), "true".to_owned());
        let mut linking = provider("linking", link(&[]));
        linking.settings.link_only = true;
        let of_other = Link::new("o2".parse().unwrap()).led_to_by(Vec::new());
        let all = [
            provider("any", link(&[])),
            provider("named", link(&["b.example"])),
            provider("other", link(&["c.example"])),
            provider("offered", offered),
            disabled,
            pending,
            linking,
            provider("elsewhere", of_other),
            provider("unnamed", Link::new("o1".parse().unwrap())),
        ];
        let expected = [("any", true), ("named", true), ("offered", false)];
        assert_eq!(aliases(&all), expected.map(|(alias, at_once)| (alias.to_owned(), at_once)));
    }
}
