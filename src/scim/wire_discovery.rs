//! What the service provider can do (RFC 7643 §5, §6, §7), and nothing that it
//! cannot.
use super::query::{DEFAULT_COUNT, MAX_COUNT};
use super::schema::{Attribute, Kind, Mutability, Returned, Schema};
use super::schema_words;
use super::shape::Shape;
use serde_json::{Value, json};
use std::borrow::Cow;

/// `/ServiceProviderConfig`.
#[must_use]
pub fn service_provider_config(base: &str) -> Value {
    json!({
        "schemas": ["urn:ietf:params:scim:schemas:core:2.0:ServiceProviderConfig"],
        "patch": { "supported": true },
        "bulk": { "supported": false, "maxOperations": 0, "maxPayloadSize": 0 },
        "filter": { "supported": true, "maxResults": MAX_COUNT },
        "changePassword": { "supported": false },
        "sort": { "supported": true },
        "etag": { "supported": true },
        // RFC 9865 §4. A cursor of ours holds no state, so it has no time-out.
        "pagination": {
            "cursor": true,
            "index": true,
            "defaultPaginationMethod": "index",
            "defaultPageSize": DEFAULT_COUNT,
            "maxPageSize": MAX_COUNT,
        },
        "authenticationSchemes": [
            {
                "type": "oauthbearertoken",
                "name": "Bearer secret",
                "description": "The organization's shared secret as a bearer token (RFC 6750)",
                "specUri": "https://www.rfc-editor.org/rfc/rfc6750",
                "primary": true,
            },
            {
                "type": "httpbasic",
                "name": "HTTP Basic",
                "description": "The organization's username and password (RFC 7617)",
                "specUri": "https://www.rfc-editor.org/rfc/rfc7617",
            },
        ],
        "meta": {
            "resourceType": "ServiceProviderConfig",
            "location": format!("{base}/ServiceProviderConfig"),
        },
    })
}

/// Every resource type of an organization whose users have this shape.
#[must_use]
pub fn resource_types(base: &str, users: &Shape) -> Vec<Value> {
    vec![
        resource_type(base, users, "A person, as the organization's directory sees them"),
        resource_type(base, &Shape::of_groups(), "A group of the organization"),
    ]
}

fn resource_type(base: &str, shape: &Shape, description: &str) -> Value {
    let id = shape.resource.as_str();
    let extension = |one: &Cow<'_, Schema>| json!({ "schema": one.urn, "required": false });
    let extensions: Vec<Value> = shape.extensions.iter().map(extension).collect();
    json!({
        "schemas": ["urn:ietf:params:scim:schemas:core:2.0:ResourceType"],
        "id": id,
        "name": id,
        "description": description,
        "endpoint": shape.resource.endpoint(),
        "schema": shape.core.urn,
        "schemaExtensions": extensions,
        "meta": { "resourceType": "ResourceType", "location": format!("{base}/ResourceTypes/{id}") },
    })
}

/// Every schema, likewise.
#[must_use]
pub fn schemas(base: &str, users: &Shape) -> Vec<Value> {
    let extensions = users.extensions.iter().map(|extension| &**extension);
    let groups = Shape::of_groups().core;
    let all = std::iter::once(users.core).chain(extensions).chain(std::iter::once(groups));
    all.map(|schema| {
        let mut json = definition(schema);
        let location = format!("{base}/Schemas/{}", schema.urn);
        json["meta"] = json!({ "resourceType": "Schema", "location": location });
        json
    })
    .collect()
}

/// A schema, wherever it is (RFC 7643 §7).
#[must_use]
pub fn definition(schema: &Schema) -> Value {
    json!({
        "schemas": ["urn:ietf:params:scim:schemas:core:2.0:Schema"],
        "id": schema.urn,
        "name": schema.name,
        "description": schema.description,
        "attributes": list(&schema.attributes),
    })
}

fn list(attributes: &[Attribute]) -> Vec<Value> {
    attributes.iter().map(attribute).collect()
}

fn attribute(attribute: &Attribute) -> Value {
    let mut json = json!({
        "name": attribute.name,
        "description": schema_words::describe(attribute),
        "type": type_of(&attribute.kind),
        "multiValued": attribute.multi_valued,
        "required": attribute.required,
        "mutability": match attribute.mutability {
            Mutability::ReadWrite => "readWrite",
            Mutability::Immutable => "immutable",
            Mutability::ReadOnly => "readOnly",
        },
        "returned": match attribute.returned {
            Returned::Always => "always",
            Returned::Default => "default",
            Returned::Request => "request",
        },
        "uniqueness": if attribute.unique { "server" } else { "none" },
    });
    match &attribute.kind {
        Kind::Complex(subs) => json["subAttributes"] = json!(list(subs)),
        Kind::Text | Kind::Binary | Kind::Reference => {
            json["caseExact"] = json!(attribute.case_exact);
        }
        Kind::Boolean | Kind::Decimal | Kind::Integer | Kind::Moment => {}
    }
    if !attribute.canonical.is_empty() {
        json["canonicalValues"] = json!(attribute.canonical);
    }
    if !attribute.references.is_empty() {
        json["referenceTypes"] = json!(attribute.references);
    }
    json
}

const fn type_of(kind: &Kind) -> &'static str {
    match kind {
        Kind::Text => "string",
        Kind::Reference => "reference",
        Kind::Binary => "binary",
        Kind::Boolean => "boolean",
        Kind::Decimal => "decimal",
        Kind::Integer => "integer",
        Kind::Moment => "dateTime",
        Kind::Complex(_) => "complex",
    }
}
