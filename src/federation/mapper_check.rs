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

/// What whoever configures a mapper may let it hand out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Bounds {
    /// Groups and roles of the realm.
    pub of_realm: bool,
    /// Groups and roles of the organization: groups come with roles, too.
    pub of_organization: bool,
}

impl Bounds {
    /// Those of who administers the realm's providers.
    pub const EVERYTHING: Self = Self { of_realm: true, of_organization: true };

    /// Those of who administers one organization: nothing of the realm, and roles when
    /// they may grant them.
    #[must_use]
    pub const fn of_organization(grants_roles: bool) -> Self {
        Self { of_realm: false, of_organization: grants_roles }
    }
}

/// Passes a mapper that can do what it says, and those of other types: an attribute
/// without a name is as good as none.
///
/// # Errors
/// `Mapper`; `BeyondOrganization` and `Forbidden` outside of the `bounds`.
pub fn check(bounds: Bounds, mapper: &Mapper) -> Result<(), ProviderError> {
    let checked = OF_GROUPS_AND_ROLES.iter().any(|end| mapper.kind.ends_with(end));
    match Rule::read(mapper) {
        Ok(rule) if !bounds.of_realm && rule.reaches_into_realm() => {
            Err(ProviderError::BeyondOrganization)
        }
        Ok(rule) if !bounds.of_organization && rule.reaches_into_organization() => {
            Err(ProviderError::Forbidden)
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
            let told =
                check(Bounds::EVERYTHING, &mapper(kind, config)).err().map(|bad| bad.to_string());
            assert_eq!(told.as_deref(), refusal, "{kind} {config:?}");
        }
        let regex = [("group", "/a"), ("claims", claims), ("are.claim.values.regex", "true")];
        assert!(check(Bounds::EVERYTHING, &mapper(advanced, &regex)).is_err());
    }

    #[test]
    fn an_organization_gives_nothing_of_the_realm() {
        let role = mapper("oidc-hardcoded-role-idp-mapper", &[("role", "admin")]);
        let group = "oidc-hardcoded-group-idp-mapper";
        let of_realm = mapper(group, &[("group", "/a")]);
        let own = mapper(group, &[("group", "/a"), ("groupType", "ORGANIZATION")]);
        let own_role = "oidc-hardcoded-org-role-idp-mapper";
        let own_role = mapper(own_role, &[("org", "acme"), ("org_role", "manage-members")]);
        let (may, may_not) = (Bounds::of_organization(true), Bounds::of_organization(false));
        for refused in [&role, &of_realm] {
            assert!(matches!(check(may, refused), Err(ProviderError::BeyondOrganization)));
            assert!(check(Bounds::EVERYTHING, refused).is_ok());
        }
        for own in [&own, &own_role] {
            assert!(check(may, own).is_ok());
            assert!(matches!(check(may_not, own), Err(ProviderError::Forbidden)));
        }
        let field = mapper("hardcoded-attribute-idp-mapper", &[]);
        assert!(check(may_not, &field).is_ok());
    }
}
