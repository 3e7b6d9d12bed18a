//! The document, put together, and as it is written down: a line for each
//! operation and component, so that a change shows as the lines it changes, and
//! nothing else between them, because the Worker carries every byte.
use super::operation::{Operation, security_schemes};
use super::schema::{self, Named};
use super::{
    authentication, clients, deployment, documents, groups, identity_providers, invitations,
    members, oidc, organization_groups, organization_members, organization_providers,
    organizations, organizations_admin, parameter, realms, refusal, roles, scim, users,
};
use serde_json::{Map, Value, json};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::LazyLock;

/// Everything that is described.
pub struct Document {
    pub operations: Vec<Operation>,
    pub schemas: BTreeMap<&'static str, Value>,
}

/// What a file of this folder describes.
type Described = (fn() -> Vec<Operation>, fn() -> Vec<Named>);

/// A line per domain: whoever adds a file adds it here.
const DOMAINS: &[Described] = &[
    (deployment::operations, deployment::schemas),
    (oidc::operations, oidc::schemas),
    (organizations::operations, organizations::schemas),
    (organizations_admin::operations, organizations_admin::schemas),
    (organization_groups::operations, Vec::new),
    (organization_members::operations, organization_members::schemas),
    (organization_providers::operations, organization_providers::schemas),
    (members::operations, members::schemas),
    (invitations::operations, invitations::schemas),
    (identity_providers::operations, identity_providers::schemas),
    (scim::operations, scim::schemas),
    (realms::operations, realms::schemas),
    (clients::operations, clients::schemas),
    (roles::operations, roles::schemas),
    (users::operations, users::schemas),
    (groups::operations, groups::schemas),
    (authentication::operations, authentication::schemas),
    (documents::operations, documents::schemas),
];

/// The document of this program.
pub static DOCUMENT: LazyLock<Document> = LazyLock::new(|| {
    let of_domains = DOMAINS.iter().flat_map(|(_, schemas)| schemas());
    let mut schemas = BTreeMap::new();
    for (name, schema) in refusal::schemas().into_iter().chain(schema::schemas()).chain(of_domains)
    {
        assert!(schemas.insert(name, schema).is_none(), "schema {name} is described twice");
    }
    let operations = DOMAINS.iter().flat_map(|(operations, _)| operations()).collect();
    Document { operations, schemas }
});

const DESCRIPTION: &str = "Organizations for B2B products: OpenID Connect, Keycloak's Admin REST, \
    Phase Two's organizations and SCIM 2.0. Every path also answers below `/auth`, and HEAD as \
    GET. Any answer may also be 405 for a method that its path does not have, and 500 when \
    something of ours failed; `x-request-id` names the request in the logs.";

impl Document {
    /// The operations, by path and method.
    fn paths(&self) -> BTreeMap<&str, BTreeMap<String, &Operation>> {
        let mut paths: BTreeMap<&str, BTreeMap<String, &Operation>> = BTreeMap::new();
        for operation in &self.operations {
            let method = operation.method.as_str().to_lowercase();
            let twice = paths.entry(operation.path).or_default().insert(method, operation);
            assert!(twice.is_none(), "{} is described twice", operation.id);
        }
        paths
    }

    /// What a reference to a schema stands for.
    pub fn resolve<'a>(&'a self, schema: &'a Value) -> &'a Value {
        match schema["$ref"].as_str().and_then(|reference| reference.rsplit('/').next()) {
            Some(name) => &self.schemas[name],
            None => schema,
        }
    }

    /// The file.
    pub fn write(&self) -> String {
        let info = json!({
            "title": "Guildhall",
            "version": env!("CARGO_PKG_VERSION"),
            "description": DESCRIPTION,
            "license": { "name": "Apache-2.0", "identifier": "Apache-2.0" },
        });
        let tags: BTreeSet<&str> = self.operations.iter().map(Operation::tag).collect();
        let tags: Vec<Value> = tags.into_iter().map(|name| json!({ "name": name })).collect();
        let schemas =
            self.schemas.iter().map(|(name, schema)| ((*name).to_owned(), schema.clone()));
        let paths = self.paths().into_iter().map(|(path, methods)| {
            let mut item: Vec<(String, String)> = methods
                .iter()
                .map(|(name, one)| (name.clone(), one.to_json().to_string()))
                .collect();
            item.extend(
                path_parameters(path).map(|json| ("parameters".to_owned(), json.to_string())),
            );
            // The rest of a path is one variable: OpenAPI has no word for it.
            (path.replace("{*", "{"), lines(item))
        });
        let components = [
            ("parameters", by_line(parameter::all())),
            ("responses", by_line(self.used_refusals())),
            ("schemas", by_line(schemas.collect())),
            ("securitySchemes", security_schemes().to_string()),
        ];
        let members = [
            ("openapi", json!("3.1.0").to_string()),
            ("info", info.to_string()),
            ("servers", json!([{ "url": "/" }]).to_string()),
            ("tags", json!(tags).to_string()),
            ("paths", lines(paths)),
            ("components", lines(components)),
        ];
        lines(members) + "\n"
    }

    /// The refusals that an operation refers to.
    fn used_refusals(&self) -> Map<String, Value> {
        let operations: String =
            self.operations.iter().map(|operation| operation.to_json().to_string()).collect();
        let is_used =
            |name: &String| operations.contains(&format!("\"#/components/responses/{name}\""));
        refusal::all().into_iter().filter(|(name, _)| is_used(name)).collect()
    }
}

/// The variables of a path.
pub fn variables(path: &str) -> impl Iterator<Item = &str> {
    path.split('/').filter_map(|part| {
        let name = part.strip_prefix('{')?.strip_suffix('}')?;
        Some(name.trim_start_matches('*'))
    })
}

fn path_parameters(path: &str) -> Option<Value> {
    let references: Vec<Value> = variables(path)
        .map(|name| json!({ "$ref": format!("#/components/parameters/{name}") }))
        .collect();
    (!references.is_empty()).then(|| references.into())
}

fn by_line(members: Map<String, Value>) -> String {
    lines(members.into_iter().map(|(name, value)| (name, value.to_string())))
}

/// An object whose members stand on lines of their own.
fn lines<N: AsRef<str>>(members: impl IntoIterator<Item = (N, String)>) -> String {
    let lines: Vec<String> = members
        .into_iter()
        .map(|(name, value)| format!("{}:{value}", json!(name.as_ref())))
        .collect();
    format!("{{\n{}}}", lines.join(",\n"))
}
