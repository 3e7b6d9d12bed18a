//! Every SQL statement about events in the directory: what happened in a whole
//! realm.
pub mod audit;
pub mod user_event;

use crate::platform::row::StoreError;
use serde::Serialize;

/// Writes `value` as the JSON of a column.
fn to_json(value: &impl Serialize) -> Result<String, StoreError> {
    serde_json::to_string(value).map_err(|error| StoreError::Refused(error.to_string()))
}
