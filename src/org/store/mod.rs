//! Every SQL statement of the `org` domain, a file per noun. The database is the
//! organization's own: no statement needs to say which.
pub mod change;
pub mod domain;
pub mod group;
pub mod group_mapping;
pub mod group_member;
pub mod group_role;
pub mod member;
pub mod organization;
pub mod role;
pub mod role_composite;
pub mod role_holder;

use crate::platform::row::StoreError;
use serde::Serialize;

/// Writes `value` as the JSON of a column or a parameter.
fn to_json(value: &impl Serialize) -> Result<String, StoreError> {
    serde_json::to_string(value).map_err(|error| StoreError::Refused(error.to_string()))
}
