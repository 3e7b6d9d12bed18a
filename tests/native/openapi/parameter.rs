//! Parameters that many operations share: the variables of paths, and pages.
use super::schema::{identifier, integer};
use serde_json::{Map, Value, json};

/// What a variable of a path holds.
#[derive(Clone, Copy)]
enum Kind {
    /// An identifier (`src/kernel/id.rs`).
    Id,
    /// What somebody chose.
    Name,
}

/// Variables of paths, and what they are.
const VARIABLES: &[(&str, Kind, &str)] = &[
    ("action", Kind::Name, "The alias of a required action"),
    ("alias", Kind::Name, "The alias of an identity provider"),
    ("authenticator", Kind::Name, "What does a step"),
    ("client", Kind::Id, "The key (`id`) of a client"),
    ("component", Kind::Name, "The id of a component"),
    ("container", Kind::Name, "Whose roles: the realm's name, or the key (`id`) of a client"),
    ("credential", Kind::Name, "The id of a credential"),
    ("domain", Kind::Name, "A domain of the organization"),
    ("execution", Kind::Name, "The id of a step"),
    ("flow", Kind::Name, "The id of a flow, or its alias"),
    ("group", Kind::Name, "The id of a group"),
    ("id", Kind::Name, "The id of a resource"),
    ("invitation", Kind::Id, "The id of an invitation"),
    ("kind", Kind::Name, "A kind of identity provider"),
    ("mapper", Kind::Id, "The id of a mapper"),
    ("org", Kind::Id, "The id of an organization"),
    ("path", Kind::Name, "The names of groups from the top, with slashes between"),
    ("previous", Kind::Name, "The id of a credential"),
    ("protocol", Kind::Name, "`openid-connect` or `saml`"),
    ("provider", Kind::Name, "The alias of an identity provider"),
    ("realm", Kind::Id, "The name of a realm"),
    ("resource", Kind::Name, "The rest of a resource's path"),
    ("role", Kind::Name, "The name of a role"),
    ("role_id", Kind::Id, "The id of a role"),
    ("scope", Kind::Id, "The id of a client scope"),
    ("session", Kind::Id, "The id of a session"),
    ("target", Kind::Id, "The key (`id`) of a client"),
    ("urn", Kind::Name, "The URN of a schema"),
    ("user", Kind::Id, "The id of a user"),
];

/// Whether `name` is described.
pub fn is_variable(name: &str) -> bool {
    VARIABLES.iter().any(|(known, ..)| *known == name)
}

/// All of them, by name.
pub fn all() -> Map<String, Value> {
    let pages = [
        ("first", "How many to pass over"),
        ("max", "How many at most; a negative number means no bound"),
    ];
    let pages = pages.into_iter().map(|(name, told)| {
        let schema = integer();
        (name, json!({ "name": name, "in": "query", "schema": schema, "description": told }))
    });
    let variables = VARIABLES.iter().map(|(name, kind, told)| {
        let schema = match kind {
            Kind::Id => identifier(),
            Kind::Name => json!({ "type": "string", "minLength": 1 }),
        };
        let mut parameter = json!({ "name": name, "in": "path", "required": true });
        parameter["schema"] = schema;
        parameter["description"] = (*told).into();
        (*name, parameter)
    });
    pages.chain(variables).map(|(name, parameter)| (name.to_owned(), parameter)).collect()
}
