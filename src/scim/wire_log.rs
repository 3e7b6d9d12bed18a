//! The provisioning log, as it is told: in lower case, like the configuration. Times
//! are Unix seconds.
use super::log::Entry;
use crate::kernel::time::Timestamp;
use serde::Serialize;

/// An entry. What is not known is left out.
#[derive(Debug, Serialize)]
pub struct EntryJson<'a> {
    id: i64,
    at: Timestamp,
    outcome: &'static str,
    method: &'a str,
    path: &'a str,
    status: u16,
    #[serde(skip_serializing_if = "Option::is_none")]
    scim_type: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    detail: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    resource_type: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    resource_id: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    external_id: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    user_name: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    operations: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    failed: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    credential: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    caller: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    address: Option<&'a str>,
}

impl<'a> EntryJson<'a> {
    /// `entry`, told.
    #[must_use]
    pub fn of(entry: &'a Entry) -> Self {
        Self {
            id: entry.id,
            at: entry.at,
            outcome: entry.outcome.as_str(),
            method: &entry.method,
            path: &entry.path,
            status: entry.status,
            scim_type: entry.scim_type.as_deref(),
            detail: entry.detail.as_deref(),
            resource_type: entry.resource_type.as_deref(),
            resource_id: entry.resource_id.as_deref(),
            external_id: entry.external_id.as_deref(),
            user_name: entry.user_name.as_deref(),
            operations: entry.operations,
            failed: entry.failed,
            credential: entry.credential.as_deref(),
            caller: entry.caller.as_deref(),
            address: entry.address.as_deref(),
        }
    }
}
