//! Every SQL statement of SCIM, a file per noun.
pub mod condition;
pub mod config;
pub mod group;
pub mod group_member;
pub mod page;
pub mod schema;
pub mod user;

use crate::platform::row::StoreError;
use serde::Serialize;

/// Writes `value` as the JSON of a parameter.
fn to_json(value: &impl Serialize) -> Result<String, StoreError> {
    serde_json::to_string(value).map_err(|error| StoreError::Refused(error.to_string()))
}
