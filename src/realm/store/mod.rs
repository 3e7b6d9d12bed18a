//! Every SQL statement of the directory, a file per noun.
pub mod administrative;
pub mod candidate;
pub mod client;
pub mod client_scope;
pub mod device_request;
pub mod domain;
pub mod domain_route;
pub mod erasure;
pub mod events;
pub mod federated_identity;
pub mod furnish;
pub mod group;
pub mod group_member;
pub mod group_role;
pub mod invited;
pub mod key;
pub mod member_list;
pub mod membership;
pub mod organization;
pub mod organization_change;
pub mod organization_import;
pub mod person;
pub mod privilege;
pub mod protocol_mapper;
pub mod provisioned;
pub mod provisioned_link;
pub mod pushed_request;
pub mod realm;
pub mod realm_removal;
pub mod recipe;
pub mod registration;
pub mod role;
pub mod role_list;
pub mod role_within;
pub mod scope_mapping;
pub mod session_ending;
pub mod session_index;
pub mod spent;
pub mod user;
pub mod user_profile;
pub mod user_search;

use crate::platform::row::StoreError;
use serde::Serialize;

/// Writes `value` as the JSON of a column.
pub(super) fn to_json(value: &impl Serialize) -> Result<String, StoreError> {
    serde_json::to_string(value).map_err(|error| StoreError::Refused(error.to_string()))
}
