//! The roles that a token carries, and the mappers that tell them.
use super::claims::Facts;
use super::mapper::{Config, Paper, Said};
use crate::realm::person::HeldRole;
use serde_json::json;
use std::collections::{BTreeMap, BTreeSet};

/// Adds a role that the person need not hold.
pub const HARDCODED: &str = "oidc-hardcoded-role-mapper";

/// Tells a role by another name.
pub const RENAME: &str = "oidc-role-name-mapper";

/// Roles by name.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Roles {
    /// Those of the realm.
    pub realm: BTreeSet<String>,
    /// Those of clients, by `client_id`.
    pub clients: BTreeMap<String, BTreeSet<String>>,
}

impl<'a> FromIterator<&'a HeldRole> for Roles {
    fn from_iter<I: IntoIterator<Item = &'a HeldRole>>(held: I) -> Self {
        let mut roles = Self::default();
        for role in held {
            roles.of(role.client_id.as_deref()).insert(role.name.clone());
        }
        roles
    }
}

impl Roles {
    fn of(&mut self, client_id: Option<&str>) -> &mut BTreeSet<String> {
        match client_id {
            Some(client_id) => self.clients.entry(client_id.to_owned()).or_default(),
            None => &mut self.realm,
        }
    }

    /// What a mapper of the kind `kind` makes of them.
    pub fn change(&mut self, kind: &str, config: Config<'_>) {
        let Some(role) = config.get("role") else { return };
        let (client_id, name) = parse(role);
        if kind == HARDCODED {
            self.of(client_id).insert(name.to_owned());
        } else if let Some(new) = config.get("new.role.name")
            && self.of(client_id).remove(name)
        {
            let (client_id, name) = parse(new);
            self.of(client_id).insert(name.to_owned());
        }
    }
}

/// `client.role`, or the name of a role of the realm. A `client_id` may have dots,
/// so the last one counts, as in Keycloak.
fn parse(role: &str) -> (Option<&str>, &str) {
    match role.rsplit_once('.') {
        Some((client_id, name)) if !client_id.is_empty() && !name.is_empty() => {
            (Some(client_id), name)
        }
        _ => (None, role),
    }
}

/// Clients other than this one become the audience when the token carries roles
/// of theirs.
pub fn audience_resolve(facts: &Facts<'_>, _: Config<'_>, paper: Paper, said: &mut Said) {
    let clients = facts.roles(paper).clients.iter().filter(|(_, roles)| !roles.is_empty());
    let own = &facts.selection.client.client_id;
    said.audience.extend(clients.map(|(id, _)| id).filter(|id| *id != own).cloned());
}

/// The realm's roles.
pub fn realm_roles(facts: &Facts<'_>, config: Config<'_>, paper: Paper, said: &mut Said) {
    let prefix = config.get("usermodel.realmRoleMapping.rolePrefix");
    put(&facts.roles(paper).realm, prefix, config, None, said);
}

/// The roles of one client, or of each.
pub fn client_roles(facts: &Facts<'_>, config: Config<'_>, paper: Paper, said: &mut Said) {
    let prefix = config.get("usermodel.clientRoleMapping.rolePrefix");
    let only = config.get("usermodel.clientRoleMapping.clientId");
    for (client_id, roles) in &facts.roles(paper).clients {
        if only.is_none_or(|only| only == client_id) {
            put(roles, prefix, config, Some(client_id), said);
        }
    }
}

fn put(
    roles: &BTreeSet<String>,
    prefix: Option<&str>,
    config: Config<'_>,
    client_id: Option<&str>,
    said: &mut Said,
) {
    let prefix = prefix.unwrap_or_default();
    let names: Vec<String> = roles.iter().map(|name| format!("{prefix}{name}")).collect();
    let mut path = config.path("");
    if let Some(client_id) = client_id {
        for name in &mut path {
            *name = name.replace("${client_id}", client_id);
        }
    }
    // Where Keycloak's own adapters look, roles are a list whatever is said.
    let parts: Vec<&str> = path.iter().map(String::as_str).collect();
    let is_own = matches!(parts[..], ["realm_access", "roles"] | ["resource_access", _, "roles"]);
    let value = if is_own && !names.is_empty() { Some(json!(names)) } else { config.shape(&names) };
    if let Some(value) = value {
        said.put(&path, value);
    }
}

#[cfg(test)]
mod tests {
    use crate::oidc::mapper_bench::check;
    use serde_json::json;

    #[test]
    fn the_mappers_of_roles_and_audience_say_what_they_are_told_to() {
        check(&[
            (
                "oidc-usermodel-realm-role-mapper",
                &[
                    ("claim.name", "x"),
                    ("multivalued", "true"),
                    ("usermodel.realmRoleMapping.rolePrefix", "R_"),
                ],
                "x",
                json!(["R_staff"]),
            ),
            (
                "oidc-usermodel-client-role-mapper",
                &[
                    ("claim.name", "x.${client_id}"),
                    ("multivalued", "true"),
                    ("usermodel.clientRoleMapping.rolePrefix", "C_"),
                ],
                "x",
                json!({ "app": ["C_own"], "my.api": ["C_read"] }),
            ),
            (
                "oidc-usermodel-client-role-mapper",
                &[("claim.name", "x"), ("usermodel.clientRoleMapping.clientId", "my.api")],
                "x",
                json!("read"),
            ),
            (
                "oidc-audience-mapper",
                &[("included.client.audience", "api"), ("included.custom.audience", "no")],
                "aud",
                json!(["api", "my.api"]),
            ),
            (
                "oidc-audience-mapper",
                &[("included.client.audience", ""), ("included.custom.audience", "urn:x")],
                "aud",
                json!(["my.api", "urn:x"]),
            ),
            (
                "oidc-hardcoded-claim-mapper",
                &[("claim.name", "x"), ("claim.value", "7"), ("jsonType.label", "long")],
                "x",
                json!(7),
            ),
            (
                "oidc-hardcoded-role-mapper",
                &[("role", "guest")],
                "realm_access",
                json!({ "roles": ["guest", "staff"] }),
            ),
            (
                "oidc-hardcoded-role-mapper",
                &[("role", "my.api.write")],
                "resource_access",
                json!({ "app": { "roles": ["own"] }, "my.api": { "roles": ["read", "write"] } }),
            ),
            (
                "oidc-role-name-mapper",
                &[("role", "staff"), ("new.role.name", "app.crew")],
                "resource_access",
                json!({ "app": { "roles": ["crew", "own"] }, "my.api": { "roles": ["read"] } }),
            ),
            (
                "oidc-role-name-mapper",
                &[("role", "nobody"), ("new.role.name", "admin")],
                "realm_access",
                json!({ "roles": ["staff"] }),
            ),
        ]);
    }
}
