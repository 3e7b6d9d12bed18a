//! SCIM JSON, as RFC 7643 and RFC 7644 spell it.
use super::list::Listed;
use super::projection::Projection;
use super::schema::USER_URN;
use super::shape::Shape;
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

/// How resources are shown.
#[derive(Clone, Debug)]
pub struct View {
    /// The service's URL.
    pub base: String,
    /// What they may consist of.
    pub shape: Shape,
    /// What of that the answer shows.
    pub projection: Projection,
}

/// A user, as pushed, with what only we set.
#[must_use]
pub fn user(user: &ScimUser, view: &View) -> Value {
    let mut members = user.document.0.clone();
    let extensions = view.shape.extensions.iter().map(|extension| &*extension.urn);
    let present = extensions.filter(|urn| members.contains_key(*urn));
    let schemas: Vec<&str> = std::iter::once(USER_URN).chain(present).collect();
    let schemas = json!(schemas);
    members.insert("schemas".to_owned(), schemas);
    members.insert("id".to_owned(), json!(user.id));
    members.insert(
        "meta".to_owned(),
        json!({
            "resourceType": "User",
            "created": user.created_at.to_rfc3339(),
            "lastModified": user.updated_at.to_rfc3339(),
            "location": location(user, &view.base),
            "version": etag(user),
        }),
    );
    Value::Object(view.projection.of(&view.shape, members))
}

/// The URL of a user.
#[must_use]
pub fn location(user: &ScimUser, base: &str) -> String {
    format!("{base}/Users/{}", user.id)
}

/// A page, as `show` shows its resources.
#[must_use]
pub fn page<T>(listed: &Listed<T>, show: impl Fn(&T) -> Value) -> Value {
    let resources: Vec<Value> = listed.resources.iter().map(show).collect();
    let mut json = json!({
        "schemas": [LIST_URN],
        "totalResults": listed.total,
        "itemsPerPage": resources.len(),
        "Resources": resources,
    });
    if let Some(first) = listed.start_index {
        json["startIndex"] = json!(first);
    }
    if let Some(next) = &listed.next {
        json["nextCursor"] = json!(next);
    }
    json
}

/// All of a list that has one page.
#[must_use]
pub fn whole(resources: Vec<Value>) -> Value {
    let total = i64::try_from(resources.len()).unwrap_or(i64::MAX);
    page(&Listed { total, start_index: Some(1), next: None, resources }, Value::clone)
}
