//! The mappers that tell of organizations: Keycloak's (reference keycloak.md
//! §4.5), Phase Two's (reference phasetwo.md §4), and one for those who come from
//! Auth0.
use super::claims::Facts;
use super::mapper::{Config, Paper, Said};
use super::mapper_roles::Roles;
use crate::org::claims::OrgClaims;
use crate::org::domain;
use serde_json::{Map, Value, json};
use std::collections::BTreeSet;

/// The mapper of the scope `organization`.
pub const MEMBERSHIP: &str = "oidc-organization-membership-mapper";

/// The mapper that adds the person's groups in each organization.
pub const GROUPS: &str = "oidc-organization-group-membership-mapper";

/// Its option: to add the roles of the realm and of its clients that come with these.
pub const ADD_GROUP_ROLES: &str = "addGroupRoleMappings";

/// `org_id` and `org_name`, as Auth0's tokens have them.
pub const AUTH0: &str = "oidc-auth0-organization-mapper";

/// A client scope with one of these is asked for as `organization` is: with an
/// alias, with `*`, or bare.
pub const SPEAKING: &[&str] = &[MEMBERSHIP, AUTH0];

/// Phase Two's mappers that tell of every organization of the person.
pub const OF_ALL: &[&str] = &[
    "oidc-organization-role-mapper",
    "oidc-organization-attribute-mapper",
    "oidc-organization-specific-attribute-mapper",
];

/// Phase Two's mapper that tells of the active one.
pub const OF_THE_ACTIVE: &[&str] = &["oidc-active-organization-mapper"];

const CLAIM: &str = "organization";

/// The option of [`MEMBERSHIP`] to tell of which of its domains the person's address is.
const ADD_DOMAIN: &str = "addOrganizationDomain";

/// What mappers tell of an organization beside its attributes. One of such a name is
/// not told, whether the mapper is there or not: who may note attributes shall not say
/// who holds what. (In Keycloak, attributes take the place of these.)
const OURS: &[&str] = &["id", "groups", "roles", "realm_access", "resource_access"];

/// The organizations the token speaks for: their aliases, or objects by alias.
pub fn membership(facts: &Facts<'_>, config: Config<'_>, _: Paper, said: &mut Said) {
    let orgs = &facts.standing.orgs;
    let Some(first) = orgs.first() else { return };
    let path = config.path(CLAIM);
    if !config.is_on("multivalued", true) {
        return said.put(&path, json!(first.alias));
    }
    let (with_id, with_attributes) = (
        config.is_on("addOrganizationId", false),
        config.is_on("addOrganizationAttributes", false),
    );
    if !with_id && !with_attributes && config.get("jsonType.label") != Some("JSON") {
        let aliases: Vec<&str> = orgs.iter().map(|org| org.alias.as_str()).collect();
        return said.put(&path, json!(aliases));
    }
    // Alone it does not make objects of aliases (observed on Keycloak 26.7.5).
    let with_domain = config.is_on(ADD_DOMAIN, false);
    let object = |org: &OrgClaims| {
        let mut object = Map::new();
        if with_attributes {
            let is_ours = |name: &str| OURS.contains(&name) || (with_domain && name == "domain");
            let told = org.attributes.iter().filter(|(name, _)| !is_ours(name));
            object.extend(told.map(|(name, all)| (name.clone(), json!(all))));
        }
        let domain = domain_of(facts, org).filter(|_| with_domain);
        object.extend(domain.map(|domain| ("domain".to_owned(), json!(domain))));
        object.extend(with_id.then(|| ("id".to_owned(), json!(org.id))));
        (org.alias.to_string(), Value::Object(object))
    };
    said.put(&path, Value::Object(orgs.iter().map(object).collect()));
}

/// The domain of the organization that the person's address is of: only one that the
/// organization has shown to own, and an address that was confirmed.
fn domain_of<'a>(facts: &Facts<'_>, org: &'a OrgClaims) -> Option<&'a String> {
    let user = &facts.standing.person.user;
    let email = user.email.as_ref().filter(|_| user.email_verified)?;
    domain::holding(&org.domains, email.domain())
}

/// Adds the person's groups to each of the organization's objects; when it is told to,
/// also the roles of the realm and of its clients that come with them, in the shape in
/// which tokens have their own.
pub fn groups(facts: &Facts<'_>, config: Config<'_>, _: Paper, said: &mut Said) {
    let with_roles = config.is_on(ADD_GROUP_ROLES, false);
    let value = |org: &OrgClaims, object: &mut Map<String, Value>| {
        object.insert("groups".to_owned(), json!(org.groups));
        if let Some(roles) = facts.of_groups.get(&org.id).filter(|_| with_roles) {
            object.extend(accesses(roles));
        }
    };
    add(facts, value, said);
}

/// `realm_access` and `resource_access`; neither without roles.
fn accesses(roles: &Roles) -> impl Iterator<Item = (String, Value)> {
    let access = |names: &BTreeSet<String>| json!({ "roles": names });
    let of_clients: Map<String, Value> =
        roles.clients.iter().map(|(client_id, names)| (client_id.clone(), access(names))).collect();
    let realm = (!roles.realm.is_empty()).then(|| ("realm_access", access(&roles.realm)));
    let clients = Some(of_clients).filter(|all| !all.is_empty());
    let clients = clients.map(|all| ("resource_access", Value::Object(all)));
    [realm, clients].into_iter().flatten().map(|(name, value)| (name.to_owned(), value))
}

/// Adds the person's roles likewise.
pub fn roles(facts: &Facts<'_>, _: Config<'_>, _: Paper, said: &mut Said) {
    let value = |org: &OrgClaims, object: &mut Map<String, Value>| {
        object.insert("roles".to_owned(), json!(org.roles));
    };
    add(facts, value, said);
}

/// Goes where the membership mapper of the same grant goes; nowhere without one.
fn add(facts: &Facts<'_>, value: impl Fn(&OrgClaims, &mut Map<String, Value>), said: &mut Said) {
    let orgs = &facts.standing.orgs;
    let Some((_, mapper)) = facts.mappers.iter().find(|(kind, _)| kind.id == MEMBERSHIP) else {
        return;
    };
    if orgs.is_empty() {
        return;
    }
    let path = Config::of(mapper).path(CLAIM);
    // Aliases alone become objects, to be added to.
    if !said.at(&path).is_some_and(|claim| claim.is_object()) {
        said.put(&path, json!({}));
    }
    let Some(Value::Object(claim)) = said.at(&path) else { return };
    for org in orgs {
        let object = claim.entry(org.alias.as_str()).or_insert_with(|| json!({}));
        if let Value::Object(object) = object {
            value(org, object);
        }
    }
}

/// Only of a token that speaks for one organization, as all of Auth0's do.
pub fn auth0(facts: &Facts<'_>, _: Config<'_>, _: Paper, said: &mut Said) {
    if let [only] = facts.standing.orgs.as_slice() {
        said.put(&["org_id".to_owned()], json!(only.id));
        said.put(&["org_name".to_owned()], json!(only.alias));
    }
}

/// By id, each organization's name and the person's roles in it.
pub fn all_roles(facts: &Facts<'_>, config: Config<'_>, _: Paper, said: &mut Said) {
    by_id(facts, config, said, |org| Some(json!({ "name": org.name, "roles": org.roles })));
}

/// By id, each organization's name and attributes.
pub fn all_attributes(facts: &Facts<'_>, config: Config<'_>, _: Paper, said: &mut Said) {
    by_id(facts, config, said, |org| {
        Some(json!({ "name": org.name, "attributes": org.attributes }))
    });
}

/// By id, the first value of the attribute that is called as the mapper is.
pub fn all_of_one_attribute(facts: &Facts<'_>, config: Config<'_>, _: Paper, said: &mut Said) {
    by_id(facts, config, said, |org| Some(json!(org.attributes.get(config.name)?.first()?)));
}

fn by_id(
    facts: &Facts<'_>,
    config: Config<'_>,
    said: &mut Said,
    value: impl Fn(&OrgClaims) -> Option<Value>,
) {
    let every = facts.standing.every.iter();
    let object = every.filter_map(|org| Some((org.id.to_string(), value(org)?))).collect();
    said.put(&config.path(""), Value::Object(object));
}

/// What is wanted of the active organization; an empty object when there is none.
pub fn active(facts: &Facts<'_>, config: Config<'_>, _: Paper, said: &mut Said) {
    let wanted = config.get("included.active.organization.properties");
    let wanted = wanted.unwrap_or("id, name, role, attribute");
    let mut object = Map::new();
    if let Some(org) = &facts.standing.active {
        for property in wanted.split(',').map(str::trim) {
            let value = match property {
                "id" => json!(org.id),
                "name" => json!(org.name),
                "role" => json!(org.roles),
                "attribute" => json!(org.attributes),
                _ => continue,
            };
            object.insert(property.to_owned(), value);
        }
    }
    said.put(&config.path(""), Value::Object(object));
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::oidc::mapper_bench::{Bench, Pairs, org};

    /// Reference keycloak.md §4.5.
    #[test]
    fn the_organization_claim_has_the_shape_that_is_asked() {
        let cases: &[(Pairs<'_>, Value)] = &[
            (&[], json!(["acme", "globex"])),
            (&[("multivalued", "false")], json!("acme")),
            (&[("jsonType.label", "JSON")], json!({ "acme": {}, "globex": {} })),
            (
                &[("addOrganizationId", "true")],
                json!({ "acme": { "id": "o1" }, "globex": { "id": "o2" } }),
            ),
            (
                &[("addOrganizationId", "true"), ("addOrganizationAttributes", "true")],
                json!({
                    "acme": { "id": "o1", "own": ["gold"], "tier": ["gold"] },
                    "globex": { "id": "o2", "own": ["gold"], "tier": ["gold"] },
                }),
            ),
        ];
        for (config, expected) in cases {
            let config = [config, &[("access.token.claim", "true"), ("claim.name", "orgs")][..]];
            let mut bench = Bench::with(&[(MEMBERSHIP, &config.concat())]);
            bench.standing.orgs = vec![org("o1", "acme"), org("o2", "globex")];
            assert_eq!(bench.access("")["orgs"], *expected, "{config:?}");
        }
    }

    #[test]
    fn groups_and_roles_join_the_organization_claim() {
        let shown = &[("access.token.claim", "true")][..];
        let mut bench = Bench::with(&[
            ("oidc-organization-role-membership-mapper", shown),
            ("oidc-organization-group-membership-mapper", shown),
        ]);
        bench.standing.orgs = vec![org("o1", "acme")];
        let claims = bench.access("organization:acme");
        assert_eq!(claims["scope"], "profile email organization:acme");
        assert_eq!(
            claims["organization"],
            json!({ "acme": { "groups": ["/Guides/Rafting"], "roles": ["guide"] } })
        );
        // Without the scope there is no claim to join.
        assert!(bench.access("").get("organization").is_none());
    }

    /// Reference phasetwo.md §4.
    #[test]
    fn phase_twos_mappers_tell_of_every_organization() {
        let named = [("access.token.claim", "true"), ("claim.name", "x")];
        let some = [&named[..], &[("included.active.organization.properties", "id,role")]].concat();
        let guide = json!(["guide"]);
        let all = json!({ "id": ["forged"], "own": ["gold"], "tier": ["gold"] });
        let cases: &[(&str, Pairs<'_>, Value)] = &[
            (
                "oidc-organization-role-mapper",
                &named,
                json!({ "o1": { "name": "acme inc.", "roles": guide } }),
            ),
            (
                "oidc-organization-attribute-mapper",
                &named,
                json!({ "o1": { "name": "acme inc.", "attributes": all } }),
            ),
            ("oidc-organization-specific-attribute-mapper", &named, json!({ "o1": "gold" })),
            (
                "oidc-active-organization-mapper",
                &named,
                json!({ "id": "o1", "name": "acme inc.", "role": guide, "attribute": all }),
            ),
            ("oidc-active-organization-mapper", &some, json!({ "id": "o1", "role": guide })),
        ];
        for (kind, config, expected) in cases {
            let mut bench = Bench::with(&[(kind, config)]);
            assert_eq!(bench.access("")["x"], json!({}), "{kind}");
            bench.standing.every = vec![org("o1", "acme")];
            bench.standing.active = Some(org("o1", "acme"));
            assert_eq!(bench.access("")["x"], *expected, "{kind}");
        }
    }

    #[test]
    fn auth0s_claims_name_the_one_organization() {
        let mut bench =
            Bench::with(&[("oidc-auth0-organization-mapper", &[("access.token.claim", "true")])]);
        bench.standing.orgs = vec![org("o1", "acme")];
        let claims = bench.access("organization:acme");
        assert_eq!((&claims["org_id"], &claims["org_name"]), (&json!("o1"), &json!("acme")));
        bench.standing.orgs.push(org("o2", "globex"));
        assert!(bench.access("organization:*").get("org_id").is_none());
    }
}
