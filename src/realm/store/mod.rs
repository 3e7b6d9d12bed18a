//! Every SQL statement of the directory, a file per noun.
pub mod client;
pub mod erasure;
pub mod events;
pub mod federated_identity;
pub mod key;
pub mod membership;
pub mod organization;
pub mod privilege;
pub mod realm;
pub mod role;
pub mod user;
pub mod user_search;

use crate::platform::row::StoreError;
use serde::Serialize;

/// Writes `value` as the JSON of a column.
fn to_json(value: &impl Serialize) -> Result<String, StoreError> {
    serde_json::to_string(value).map_err(|error| StoreError::Refused(error.to_string()))
}
