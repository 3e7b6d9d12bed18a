//! What the service provider can do (RFC 7643 §5, §6, §7), and nothing that it
//! cannot.
use super::config::Auth;
use super::list::MAX_COUNT;
use super::schema::{Attribute, ENTERPRISE, ENTERPRISE_URN, Kind, USER, USER_URN};
use serde_json::{Value, json};

/// `/ServiceProviderConfig`.
#[must_use]
pub fn service_provider_config(base: &str, auth: &Auth) -> Value {
    json!({
        "schemas": ["urn:ietf:params:scim:schemas:core:2.0:ServiceProviderConfig"],
        "patch": { "supported": true },
        "bulk": { "supported": false, "maxOperations": 0, "maxPayloadSize": 0 },
        "filter": { "supported": true, "maxResults": MAX_COUNT },
        "changePassword": { "supported": false },
        "sort": { "supported": false },
        "etag": { "supported": true },
        "authenticationSchemes": [scheme_of(auth)],
        "meta": {
            "resourceType": "ServiceProviderConfig",
            "location": format!("{base}/ServiceProviderConfig"),
        },
    })
}

/// The one that this organization takes (RFC 7643 §5).
fn scheme_of(auth: &Auth) -> Value {
    let (kind, name, description) = match auth {
        Auth::Secret { .. } => (
            "oauthbearertoken",
            "Bearer secret",
            "The organization's shared secret as a bearer token (RFC 6750)",
        ),
        Auth::Jwt(_) => (
            "oauthbearertoken",
            "Bearer token",
            "A token of the issuer that the organization trusts (RFC 6750, RFC 7519)",
        ),
        Auth::Keycloak => (
            "oauthbearertoken",
            "Access token",
            "An access token of the realm, of who may manage the organization (RFC 6750)",
        ),
        Auth::Basic { .. } => {
            ("httpbasic", "HTTP Basic", "The organization's username and password (RFC 7617)")
        }
    };
    let rfc = if kind == "httpbasic" { "rfc7617" } else { "rfc6750" };
    json!({
        "type": kind,
        "name": name,
        "description": description,
        "specUri": format!("https://www.rfc-editor.org/rfc/{rfc}"),
        "primary": true,
    })
}

/// Every resource type.
#[must_use]
pub fn resource_types(base: &str) -> Vec<Value> {
    vec![json!({
        "schemas": ["urn:ietf:params:scim:schemas:core:2.0:ResourceType"],
        "id": "User",
        "name": "User",
        "description": "A person, as the organization's directory sees them",
        "endpoint": "/Users",
        "schema": USER_URN,
        "schemaExtensions": [{ "schema": ENTERPRISE_URN, "required": false }],
        "meta": { "resourceType": "ResourceType", "location": format!("{base}/ResourceTypes/User") },
    })]
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
