//! The e-mail domains that an organization names, and which of them it has shown
//! to own.
use super::project;
use super::record::Scene;
use super::store;
use crate::crypto::digest::sha256_hex;
use crate::kernel::id::OrgId;
use crate::platform::row::StoreError;
use crate::platform::sql::Sql;

/// How far the organization is with showing that it owns a domain.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stage {
    /// It names the domain.
    Named,
    /// Its record was seen; the directory is being asked whether it may own the
    /// domain.
    Claiming,
    /// It owns the domain.
    Verified,
}

impl std::str::FromStr for Stage {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        match text {
            "named" => Ok(Self::Named),
            "claiming" => Ok(Self::Claiming),
            "verified" => Ok(Self::Verified),
            _ => Err(()),
        }
    }
}

/// A domain, as the organization knows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Domain {
    /// In lower case.
    pub name: String,
    /// How far its verification is.
    pub stage: Stage,
    /// The id of its claim in the directory; none while only named.
    pub claim: Option<String>,
    /// Scheduled checks in a row that found no record.
    pub failures: i64,
    /// Why the last check did not verify it, for people.
    pub problem: Option<String>,
    /// Whether an administrator of the realm vouches for it ([`super::assert`]).
    pub asserted: bool,
}

/// What stands before the name of a domain that means all below it.
pub const WILDCARD: &str = "*.";

/// The domain whose DNS shows who owns the one called `name`: who owns a domain owns
/// all below it.
#[must_use]
pub fn base_of(name: &str) -> &str {
    name.strip_prefix(WILDCARD).unwrap_or(name)
}

/// Which of `domains`, of which some may be wildcards, `host` belongs to: itself before
/// what is above it, and of these the nearest. Case aside.
#[must_use]
pub fn holding<'a>(domains: &'a [String], host: &str) -> Option<&'a String> {
    let host = host.to_lowercase();
    let is_above = |name: &&String| {
        let rest = host.strip_suffix(base_of(name));
        name.starts_with(WILDCARD) && rest.is_some_and(|rest| rest.ends_with('.'))
    };
    let above = || domains.iter().filter(is_above).max_by_key(|name| name.len());
    domains.iter().find(|name| **name == host).or_else(above)
}

/// What the TXT record of `domain` must hold: lower-case hexadecimal SHA-256 of
/// the domain, a space and the organization's id (reference phasetwo.md §1.7). Of
/// one that means all below, it is the record of the domain above.
#[must_use]
pub fn record_value(domain: &str, org: &OrgId) -> String {
    sha256_hex(&format!("{} {org}", base_of(domain)))
}

/// The domains, by name.
///
/// # Errors
/// `Refused` when SQLite fails.
pub fn list(sql: &dyn Sql) -> Result<Vec<Domain>, StoreError> {
    store::domain::list(sql)
}

/// The domain called `name`, in any case.
///
/// # Errors
/// `Refused` when SQLite fails.
pub fn find(sql: &dyn Sql, name: &str) -> Result<Option<Domain>, StoreError> {
    store::domain::find(sql, &name.to_lowercase())
}

/// Makes `names` the organization's domains: call it in a transaction. Those that
/// stay keep what is known of them; the claims of those that go are released.
///
/// # Errors
/// `Refused` when SQLite fails.
pub fn set_names(scene: &Scene<'_>, names: &[String]) -> Result<(), StoreError> {
    for domain in store::domain::list(scene.sql)? {
        if !names.contains(&domain.name) {
            store::domain::delete(scene.sql, &domain.name)?;
            release(scene.sql, &domain)?;
        }
    }
    store::organization::set_domains(scene.sql, names)?;
    for name in names {
        store::domain::insert(scene.sql, name)?;
    }
    project::domains(scene.sql, names)
}

/// Gives the claim of `domain` free, if there is one: call it in a transaction.
///
/// # Errors
/// `Refused` when SQLite fails.
pub fn release(sql: &dyn Sql, domain: &Domain) -> Result<(), StoreError> {
    match &domain.claim {
        Some(claim) => project::domain_release(sql, &domain.name, claim),
        None => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// `printf 'acme.example 7bd6e2ba-46ec-4d0c-b9d3-a91b1cca9c3a' | sha256sum`
    #[test]
    fn the_record_is_the_digest_of_the_domain_and_the_organization() {
        let org = "7bd6e2ba-46ec-4d0c-b9d3-a91b1cca9c3a".parse().unwrap();
        assert_eq!(
            record_value("acme.example", &org),
            "009c4f9cb4ae877fac1d6765708a870f4c2c295de3444c20a701459413b2dc04"
        );
        assert_eq!(record_value("*.acme.example", &org), record_value("acme.example", &org));
    }

    #[test]
    fn a_host_belongs_to_the_nearest_domain() {
        let domains = ["*.b.example", "*.example", "a.b.example"].map(str::to_owned);
        for (host, domain) in [
            ("a.b.example", Some("a.b.example")),
            ("A.B.Example", Some("a.b.example")),
            ("c.b.example", Some("*.b.example")),
            ("x.a.b.example", Some("*.b.example")),
            ("b.example", Some("*.example")),
            ("ab.example", Some("*.example")),
            ("example", None),
            ("notexample", None),
            ("", None),
        ] {
            assert_eq!(holding(&domains, host).map(String::as_str), domain, "{host}");
        }
    }
}
