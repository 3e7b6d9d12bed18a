//! The profile of users: which fields there are (Keycloak's `UPConfig`). It is
//! built in; whatever else is sent becomes an attribute.
use serde_json::{Value, json};

/// Who may see and change a field of the profile.
const ROLES: [&str; 2] = ["admin", "user"];

const FIELDS: [(&str, &str); 4] = [
    ("username", "${username}"),
    ("email", "${email}"),
    ("firstName", "${firstName}"),
    ("lastName", "${lastName}"),
];

/// The configuration, as `GET /users/profile` answers it.
#[must_use]
pub fn config() -> Value {
    let attributes: Vec<Value> = FIELDS
        .iter()
        .map(|(name, title)| {
            json!({
                "name": name,
                "displayName": title,
                "validations": validations(name),
                "permissions": { "view": ROLES, "edit": ROLES },
                "multivalued": false,
            })
        })
        .collect();
    json!({ "attributes": attributes, "groups": [], "unmanagedAttributePolicy": "ENABLED" })
}

/// The fields of one user, as `userProfileMetadata` describes them.
#[must_use]
pub fn metadata() -> Value {
    let attributes: Vec<Value> = FIELDS
        .iter()
        .map(|(name, title)| {
            json!({
                "name": name,
                "displayName": title,
                "required": *name == "username",
                "readOnly": false,
                "validators": validations(name),
                "multivalued": false,
            })
        })
        .collect();
    json!({ "attributes": attributes, "groups": [] })
}

fn validations(name: &str) -> Value {
    match name {
        "email" => json!({ "email": {}, "length": { "max": 254 } }),
        "username" => json!({ "length": { "min": 1, "max": 255 } }),
        _ => json!({ "length": { "max": 255 } }),
    }
}
