//! Bulk messages (RFC 7644 §3.7, §8.2).
use super::bulk::MAX_OPERATIONS;
use super::error::Refusal;
use super::wire::ErrorJson;
use crate::web::json;
use serde::Serialize;
use serde_json::{Map, Value};

/// A bulk answer.
pub const BULK_RESPONSE_URN: &str = "urn:ietf:params:scim:api:messages:2.0:BulkResponse";

/// A bulk request, its operations not yet looked at.
#[derive(Clone, Debug, PartialEq)]
pub struct BulkRequest {
    /// After how many refusals the rest is not done; `None`: never.
    pub fail_on_errors: Option<usize>,
    /// What is to be done.
    pub operations: Vec<OperationJson>,
}

/// An operation, as it was sent.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct OperationJson {
    /// The HTTP method, in upper case.
    pub method: String,
    /// What it is called by others.
    pub bulk_id: Option<String>,
    /// The path, below the service's URL.
    pub path: String,
    /// The versions that will do.
    pub version: Option<String>,
    /// The body.
    pub data: Map<String, Value>,
}

/// What came of an operation.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct OutcomeJson {
    /// Where the resource is.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub location: Option<String>,
    /// As it was sent.
    pub method: String,
    /// As it was sent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub bulk_id: Option<String>,
    /// The `ETag`, of what is there.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub version: Option<String>,
    /// The HTTP status, as text.
    pub status: String,
    /// Why it was refused.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub response: Option<ErrorJson>,
}

/// What came of all.
#[derive(Debug, Serialize)]
pub struct BulkResponse {
    schemas: [&'static str; 1],
    #[serde(rename = "Operations")]
    operations: Vec<OutcomeJson>,
}

impl BulkResponse {
    /// The answer that tells of `operations`.
    #[must_use]
    pub const fn new(operations: Vec<OutcomeJson>) -> Self {
        Self { schemas: [BULK_RESPONSE_URN], operations }
    }
}

/// Reads a bulk request; names of members are matched without regard to case.
///
/// # Errors
/// `Syntax` for a body that is none, `TooMany` for one with more than
/// [`MAX_OPERATIONS`].
pub fn read(body: &[u8]) -> Result<BulkRequest, Refusal> {
    let bad = |why: &str| Refusal::Syntax(why.to_owned());
    let mut body: Map<String, Value> =
        json::read(body).map_err(|error| Refusal::Syntax(error.to_string()))?;
    let fail_on_errors = match take(&mut body, "failOnErrors") {
        None | Some(Value::Null) => None,
        Some(value) => {
            let number = value.as_u64().and_then(|number| usize::try_from(number).ok());
            // RFC 7644 §3.7: a number of errors; none at all would do nothing.
            let number = number.filter(|number| *number > 0);
            Some(number.ok_or_else(|| bad("failOnErrors is not a number above zero"))?)
        }
    };
    let Some(Value::Array(operations)) = take(&mut body, "Operations") else {
        return Err(bad("Operations is not a list"));
    };
    if operations.len() > MAX_OPERATIONS {
        return Err(Refusal::TooMany);
    }
    let operations = operations.into_iter().map(operation).collect::<Result<_, _>>()?;
    Ok(BulkRequest { fail_on_errors, operations })
}

fn operation(value: Value) -> Result<OperationJson, Refusal> {
    let Value::Object(mut members) = value else {
        return Err(Refusal::Syntax("an operation is not an object".to_owned()));
    };
    let method = text(&mut members, "method")?.unwrap_or_default().to_ascii_uppercase();
    let bulk_id = text(&mut members, "bulkId")?.filter(|id| !id.is_empty());
    let path = text(&mut members, "path")?.unwrap_or_default();
    let version = text(&mut members, "version")?.filter(|version| !version.is_empty());
    let data = match take(&mut members, "data") {
        None | Some(Value::Null) => Map::new(),
        Some(Value::Object(data)) => data,
        Some(_) => return Err(Refusal::Syntax("data is not an object".to_owned())),
    };
    Ok(OperationJson { method, bulk_id, path, version, data })
}

fn text(members: &mut Map<String, Value>, name: &str) -> Result<Option<String>, Refusal> {
    match take(members, name) {
        None | Some(Value::Null) => Ok(None),
        Some(Value::String(text)) => Ok(Some(text)),
        Some(_) => Err(Refusal::Syntax(format!("{name} is not a string"))),
    }
}

fn take(members: &mut Map<String, Value>, name: &str) -> Option<Value> {
    let key = members.keys().find(|key| key.eq_ignore_ascii_case(name))?.clone();
    members.remove(&key)
}
