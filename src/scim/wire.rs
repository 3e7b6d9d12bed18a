//! SCIM JSON, as RFC 7643 and RFC 7644 spell it.
use super::list::Listed;
use super::schema::{ENTERPRISE_URN, USER_URN};
use super::user::ScimUser;
use serde::Serialize;
use serde_json::{Value, json};

/// The media type of every body (RFC 7644 §8.1).
pub const MEDIA_TYPE: &str = "application/scim+json";

/// A list (RFC 7644 §3.4.2).
pub const LIST_URN: &str = "urn:ietf:params:scim:api:messages:2.0:ListResponse";

/// An error (RFC 7644 §3.12).
pub const ERROR_URN: &str = "urn:ietf:params:scim:api:messages:2.0:Error";

/// An error. The status is text, as the RFC has it.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ErrorJson {
    schemas: [&'static str; 1],
    status: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    scim_type: Option<&'static str>,
    detail: String,
}

impl ErrorJson {
    /// An error of HTTP status `status`.
    #[must_use]
    pub fn new(status: u16, scim_type: Option<&'static str>, detail: String) -> Self {
        Self { schemas: [ERROR_URN], status: status.to_string(), scim_type, detail }
    }
}

/// The `ETag` of a user, weak: equal versions mean equal, not identical, text.
#[must_use]
pub fn etag(user: &ScimUser) -> String {
    format!("W/\"{}\"", user.version)
}

/// The versions that an `If-Match` or `If-None-Match` lists; `None` for `*`.
/// What is not an `ETag` of ours matches nothing.
#[must_use]
pub fn versions(header: &str) -> Option<Vec<i64>> {
    if header.trim() == "*" {
        return None;
    }
    let number = |tag: &str| {
        let quoted = tag.trim();
        let quoted = quoted.strip_prefix("W/").unwrap_or(quoted);
        quoted.strip_prefix('"')?.strip_suffix('"')?.parse().ok()
    };
    Some(header.split(',').filter_map(number).collect())
}

/// A user, as pushed, with what only we set. `base` is the service's URL.
#[must_use]
pub fn user(user: &ScimUser, base: &str) -> Value {
    let mut schemas = vec![USER_URN];
    if user.document.is_enterprise() {
        schemas.push(ENTERPRISE_URN);
    }
    let mut members = user.document.0.clone();
    members.insert("schemas".to_owned(), json!(schemas));
    members.insert("id".to_owned(), json!(user.id));
    members.insert(
        "meta".to_owned(),
        json!({
            "resourceType": "User",
            "created": user.created_at.to_rfc3339(),
            "lastModified": user.updated_at.to_rfc3339(),
            "location": location(user, base),
            "version": etag(user),
        }),
    );
    Value::Object(members)
}

/// The URL of a user.
#[must_use]
pub fn location(user: &ScimUser, base: &str) -> String {
    format!("{base}/Users/{}", user.id)
}

/// A page of users.
#[must_use]
pub fn users(listed: &Listed, base: &str) -> Value {
    let resources: Vec<Value> = listed.users.iter().map(|one| user(one, base)).collect();
    list(listed.total, listed.start_index, &resources)
}

/// A list of resources.
#[must_use]
pub fn list(total: i64, start_index: i64, resources: &[Value]) -> Value {
    json!({
        "schemas": [LIST_URN],
        "totalResults": total,
        "startIndex": start_index,
        "itemsPerPage": resources.len(),
        "Resources": resources,
    })
}
