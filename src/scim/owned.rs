//! Which e-mail addresses are the organization's own: those of a domain that it has
//! shown to own. One that it only names is nobody's.
use crate::kernel::email::EmailAddress;
use crate::org::domain::{self, Stage, WILDCARD, holding};
use crate::platform::row::StoreError;
use crate::platform::sql::Sql;

/// The domains that the organization owns.
///
/// # Errors
/// `Refused` when SQLite fails.
pub fn list(sql: &dyn Sql) -> Result<Vec<String>, StoreError> {
    let domains = domain::list(sql)?.into_iter();
    Ok(domains.filter(|one| one.stage == Stage::Verified).map(|one| one.name).collect())
}

/// Whether `email` is of a domain that the organization owns.
///
/// # Errors
/// `Refused` when SQLite fails.
pub fn is_ours(sql: &dyn Sql, email: &EmailAddress) -> Result<bool, StoreError> {
    Ok(holding(&list(sql)?, email.domain()).is_some())
}

/// Every name of a domain that would hold `host`: itself, and all that is above it.
#[must_use]
pub fn names_holding(host: &str) -> Vec<String> {
    let host = host.to_lowercase();
    let above = host.match_indices('.').map(|(dot, _)| format!("{WILDCARD}{}", &host[dot + 1..]));
    let above: Vec<String> = above.collect();
    std::iter::once(host).chain(above).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_host_is_held_by_itself_and_by_what_is_above() {
        assert_eq!(names_holding("A.b.example"), ["a.b.example", "*.b.example", "*.example"]);
        for name in names_holding("a.b.example") {
            assert!(holding(std::slice::from_ref(&name), "a.b.example").is_some(), "{name}");
        }
    }
}
