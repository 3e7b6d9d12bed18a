//! What the service provider can do (RFC 7643 §5, §6, §7), and nothing that it
//! cannot.
use super::list::MAX_COUNT;
use super::schema::{
    Attribute, ENTERPRISE, ENTERPRISE_URN, GROUP, GROUP_URN, Kind, USER, USER_URN,
};
use serde_json::{Value, json};

/// `/ServiceProviderConfig`.
#[must_use]
pub fn service_provider_config(base: &str) -> Value {
    json!({
        "schemas": ["urn:ietf:params:scim:schemas:core:2.0:ServiceProviderConfig"],
        "patch": { "supported": true },
        "bulk": { "supported": false, "maxOperations": 0, "maxPayloadSize": 0 },
        "filter": { "supported": true, "maxResults": MAX_COUNT },
        "changePassword": { "supported": false },
        "sort": { "supported": false },
        "etag": { "supported": true },
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

/// Every resource type.
#[must_use]
pub fn resource_types(base: &str) -> Vec<Value> {
    let resource_type = |name, description, schema, extensions: Value| {
        json!({
            "schemas": ["urn:ietf:params:scim:schemas:core:2.0:ResourceType"],
            "id": name,
            "name": name,
            "description": description,
            "endpoint": format!("/{name}s"),
            "schema": schema,
            "schemaExtensions": extensions,
            "meta": {
                "resourceType": "ResourceType",
                "location": format!("{base}/ResourceTypes/{name}"),
            },
        })
    };
    let person = "A person, as the organization's directory sees them";
    let extensions = json!([{ "schema": ENTERPRISE_URN, "required": false }]);
    vec![
        resource_type("User", person, USER_URN, extensions),
        resource_type("Group", "A group of the organization", GROUP_URN, json!([])),
    ]
}

/// Every schema.
#[must_use]
pub fn schemas(base: &str) -> Vec<Value> {
    let schema = |id: &str, name, description, attributes| {
        json!({
            "schemas": ["urn:ietf:params:scim:schemas:core:2.0:Schema"],
            "id": id,
            "name": name,
            "description": description,
            "attributes": list(attributes),
            "meta": { "resourceType": "Schema", "location": format!("{base}/Schemas/{id}") },
        })
    };
    vec![
        schema(USER_URN, "User", "User Account", USER),
        schema(ENTERPRISE_URN, "EnterpriseUser", "Enterprise User", ENTERPRISE),
        schema(GROUP_URN, "Group", "Group", GROUP),
    ]
}

fn list(attributes: &[Attribute]) -> Vec<Value> {
    attributes.iter().map(attribute).collect()
}

fn attribute(attribute: &Attribute) -> Value {
    let mut json = json!({
        "name": attribute.name,
        "type": type_of(attribute.kind),
        "multiValued": attribute.multi_valued,
        "required": attribute.required,
        "mutability": "readWrite",
        "returned": "default",
    });
    match attribute.kind {
        Kind::Complex(subs) => json["subAttributes"] = json!(list(subs)),
        Kind::Boolean => {}
        Kind::Text | Kind::Binary | Kind::Reference => {
            json["caseExact"] = json!(attribute.case_exact);
            json["uniqueness"] = json!(if attribute.unique { "server" } else { "none" });
        }
    }
    if attribute.kind == Kind::Reference {
        json["referenceTypes"] = json!(["external"]);
    }
    json
}

const fn type_of(kind: Kind) -> &'static str {
    match kind {
        Kind::Text => "string",
        Kind::Reference => "reference",
        Kind::Binary => "binary",
        Kind::Boolean => "boolean",
        Kind::Complex(_) => "complex",
    }
}
