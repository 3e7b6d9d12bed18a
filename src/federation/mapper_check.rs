//! Whether a mapper can be configured so. Keycloak takes anything and warns at a login
//! (observed on 26.7.5); who configures one here is told at once.
//!
//! What a mapper names need not be there yet: groups and roles come and go, and a login
//! passes the mapper over until they are.
use super::error::ProviderError;
use super::mapper::Mapper;
use super::mapper_rule::{BadMapper, Rule};

/// What the types that give groups and roles have in their names.
const OF_GROUPS_AND_ROLES: [&str; 2] = ["-group-idp-mapper", "-role-idp-mapper"];

/// Passes a mapper that can do what it says, and those of other types: an attribute
/// without a name is as good as none.
///
/// `by_organization` when an organization's path was called: who administers one
/// organization hands out nothing of the realm.
///
/// # Errors
/// `Mapper`, `BeyondOrganization`.
pub fn check(by_organization: bool, mapper: &Mapper) -> Result<(), ProviderError> {
    let checked = OF_GROUPS_AND_ROLES.iter().any(|end| mapper.kind.ends_with(end));
    match Rule::read(mapper) {
        Ok(rule) if by_organization && rule.reaches_into_realm() => {
            Err(ProviderError::BeyondOrganization)
        }
        Err(BadMapper::Kind) | Ok(_) => Ok(()),
        Err(bad) if checked => Err(bad.into()),
        Err(_) => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mapper(kind: &str, config: &[(&str, &str)]) -> Mapper {
        Mapper {
            id: "m".parse().unwrap(),
            name: "m".to_owned(),
            kind: kind.to_owned(),
            config: config.iter().map(|(k, v)| ((*k).to_owned(), (*v).to_owned())).collect(),
        }
    }

    /// A kind of mapper, its configuration, and what is wrong with it.
    type Case<'a> = (&'a str, &'a [(&'a str, &'a str)], Option<&'a str>);

    #[test]
    fn what_cannot_work_is_refused() {
        let advanced = "oidc-advanced-group-idp-mapper";
        let claims = r#"[{"key":"a","value":"("}]"#;
        let cases: [Case<'_>; 9] = [
            (advanced, &[("group", "/a"), ("claims", claims)], None),
            (
                advanced,
                &[("group", "/a"), ("claims", "nonsense")],
                Some("config.claims: it must be a JSON array of objects with key and value"),
            ),
            (advanced, &[("group", "/a")], Some("config.claims is missing")),
            (advanced, &[("claims", claims)], Some("config.group is missing")),
            (
                "oidc-hardcoded-group-idp-mapper",
                &[("group", "/a"), ("groupType", "OTHER")],
                Some("config.groupType cannot be so"),
            ),
            ("oidc-hardcoded-role-idp-mapper", &[], Some("config.role is missing")),
            (
                "oidc-hardcoded-org-role-idp-mapper",
                &[("org", "acme")],
                Some("config.org_role is missing"),
            ),
            ("hardcoded-attribute-idp-mapper", &[], None),
            ("anything", &[], None),
        ];
        for (kind, config, refusal) in cases {
            let told = check(false, &mapper(kind, config)).err().map(|bad| bad.to_string());
            assert_eq!(told.as_deref(), refusal, "{kind} {config:?}");
        }
        let regex = [("group", "/a"), ("claims", claims), ("are.claim.values.regex", "true")];
        assert!(check(false, &mapper(advanced, &regex)).is_err());
    }

    #[test]
    fn an_organization_gives_nothing_of_the_realm() {
        let role = mapper("oidc-hardcoded-role-idp-mapper", &[("role", "admin")]);
        let group = "oidc-hardcoded-group-idp-mapper";
        let of_realm = mapper(group, &[("group", "/a")]);
        let own = mapper(group, &[("group", "/a"), ("groupType", "ORGANIZATION")]);
        for refused in [&role, &of_realm] {
            assert!(matches!(check(true, refused), Err(ProviderError::BeyondOrganization)));
            assert!(check(false, refused).is_ok());
        }
        assert!(check(true, &own).is_ok());
    }
}
