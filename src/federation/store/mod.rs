//! Every SQL statement about identity providers, a file per noun. All of them
//! are the directory's.
pub mod lead;
pub mod link;
pub mod mapper;
pub mod provider;

use crate::platform::row::StoreError;
use serde::Serialize;

/// Writes `value` as the JSON of a column.
fn to_json(value: &impl Serialize) -> Result<String, StoreError> {
    serde_json::to_string(value).map_err(|error| StoreError::Refused(error.to_string()))
}
